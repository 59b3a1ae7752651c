/* test_sign.c: message signatures. */
#include "auth/sign.h"
#include "test/auth/octets.h"
#include "test/auth/sign_samples.h"
#include "test/run.h"

enum { SAMPLES = sizeof sign_samples / sizeof sign_samples[0] };

static struct signer *signer_for(const struct sign_sample *s)
{
    struct octets key;
    struct signer *signer = signer_new(s->alg, octets(&key, s->key));

    ck_assert_ptr_nonnull(signer);
    return signer;
}

/* Sources: sign_samples.h.  MS-SMB2 3.1.4.1. */
START_TEST(signatures_are_those_on_the_wire)
{
    for (size_t i = 0; i < SAMPLES; i++) {
        struct signer *signer = signer_for(&sign_samples[i]);
        struct octets packet, want;
        uint8_t got[SMB2_SIGNATURE_LEN];
        struct span message = octets(&packet, sign_samples[i].packet);
        for (int again = 0; again < 3; again++) { /* the keyed context is used many times */
            ck_assert(signer_compute(signer, message, got));
            ck_assert_msg(span_equal((struct span){got, sizeof got},
                                     octets(&want, sign_samples[i].signature)),
                          "%s: wrong signature", sign_samples[i].name);
            ck_assert(signer_check(signer, message));
        }
        signer_free(signer);
    }
}
END_TEST

START_TEST(every_changed_byte_is_noticed)
{
    for (size_t i = 0; i < SAMPLES; i++) {
        struct signer *signer = signer_for(&sign_samples[i]);
        struct octets packet;
        struct span message = octets(&packet, sign_samples[i].packet);
        for (size_t at = 0; at < message.len; at++) {
            packet.bytes[at] ^= 0x40;
            ck_assert_msg(!signer_check(signer, message), "%s: byte %zu does not count",
                          sign_samples[i].name, at);
            packet.bytes[at] ^= 0x40;
        }
        ck_assert(signer_check(signer, message));
        signer_free(signer);
    }
}
END_TEST

START_TEST(a_message_may_be_a_header_alone)
{
    static const enum sign_alg algs[] = {SIGN_HMAC_SHA256, SIGN_AES_CMAC, SIGN_AES_GMAC};
    uint8_t key[16] = {1}, message[64] = {0xFE, 'S', 'M', 'B'};

    for (size_t i = 0; i < 3; i++) {
        struct signer *signer = signer_new(algs[i], (struct span){key, sizeof key});
        ck_assert_ptr_nonnull(signer);
        memset(message + SMB2_SIGNATURE_OFFSET, 0xEE,
               SMB2_SIGNATURE_LEN); /* junk counts as zeros */
        uint8_t signature[SMB2_SIGNATURE_LEN];
        ck_assert(signer_compute(signer, (struct span){message, sizeof message}, signature));
        memcpy(message + SMB2_SIGNATURE_OFFSET, signature, sizeof signature);
        ck_assert(signer_check(signer, (struct span){message, sizeof message}));
        signer_free(signer);
    }
}
END_TEST

START_TEST(an_unknown_algorithm_is_refused)
{
    uint8_t key[16] = {1};

    ck_assert_ptr_null(signer_new((enum sign_alg)3, (struct span){key, sizeof key}));
    signer_free(NULL);
}
END_TEST

int main(void)
{
    return RUN_TESTS("auth/sign", signatures_are_those_on_the_wire, every_changed_byte_is_noticed,
                     a_message_may_be_a_header_alone, an_unknown_algorithm_is_refused);
}
