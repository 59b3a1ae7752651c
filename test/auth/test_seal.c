/* test_seal.c: sealed messages. */
#include "auth/seal.h"
#include "test/auth/octets.h"
#include "test/auth/seal_samples.h"
#include "test/run.h"

enum { SAMPLES = sizeof seal_samples / sizeof seal_samples[0] };

/* Parts of a transform header; MS-SMB2 2.2.41. */
enum { TAG = 4, NONCE = 20, AAD_LEN = 32, TRANSFORM_LEN = 52 };

struct sealed {
    struct octets key, message, plain;
    struct span plain_span;
    struct sealer *sealer;
    struct span aad;
    uint8_t *data;
    size_t len;
};

static void load(struct sealed *s, const struct seal_sample *sample)
{
    struct span message = octets(&s->message, sample->message);

    s->plain_span = octets(&s->plain, sample->plain);
    s->sealer = sealer_new(sample->cipher, octets(&s->key, sample->key));
    ck_assert_ptr_nonnull(s->sealer);
    s->aad = (struct span){s->message.bytes + NONCE, AAD_LEN};
    s->data = s->message.bytes + TRANSFORM_LEN;
    s->len = message.len - TRANSFORM_LEN;
}

static bool open_it(struct sealed *s)
{
    return sealer_open(s->sealer, s->message.bytes + NONCE, s->aad, s->data, s->len,
                       s->message.bytes + TAG);
}

/* Sources: seal_samples.h.  MS-SMB2 3.1.4.3. */
START_TEST(messages_of_windows_and_samba_open)
{
    for (size_t i = 0; i < SAMPLES; i++) {
        struct sealed s;
        load(&s, &seal_samples[i]);
        ck_assert_msg(open_it(&s), "%s does not open", seal_samples[i].name);
        ck_assert_span((struct span){s.data, s.len}, s.plain_span);
        sealer_free(s.sealer);
    }
}
END_TEST

START_TEST(sealing_gives_the_bytes_on_the_wire)
{
    for (size_t i = 0; i < SAMPLES; i++) {
        struct sealed s;
        uint8_t tag[SEAL_TAG_LEN], data[1024];
        load(&s, &seal_samples[i]);
        for (int again = 0; again < 3; again++) { /* one context, many messages */
            memcpy(data, s.plain_span.ptr, s.len);
            ck_assert(sealer_seal(s.sealer, s.message.bytes + NONCE, s.aad, data, s.len, tag));
            ck_assert_mem_eq(data, s.data, s.len);
            ck_assert_mem_eq(tag, s.message.bytes + TAG, sizeof tag);
        }
        sealer_free(s.sealer);
    }
}
END_TEST

/* The unused bytes of the nonce count too: they are part of what is authenticated. */
START_TEST(every_changed_byte_is_noticed)
{
    for (size_t i = 0; i < SAMPLES; i++) {
        struct sealed s, good;
        load(&s, &seal_samples[i]);
        good = s;
        for (size_t at = TAG; at < TRANSFORM_LEN + good.len; at++) {
            s.message = good.message;
            s.message.bytes[at] ^= 1;
            ck_assert_msg(!open_it(&s), "%s: byte %zu does not count", seal_samples[i].name, at);
            s.message = good.message; /* the context is not spoilt for the next one */
            ck_assert(open_it(&s));
        }
        sealer_free(s.sealer);
    }
}
END_TEST

START_TEST(our_own_message_can_be_opened_again)
{
    for (uint16_t cipher = 1; cipher <= 4; cipher++) {
        uint8_t key[32] = {7}, nonce[16] = {1}, aad[32] = {2}, data[1000], tag[SEAL_TAG_LEN];
        struct sealer *sealer = sealer_new(cipher, (struct span){key, cipher > 2 ? 32 : 16});
        ck_assert_ptr_nonnull(sealer);
        for (size_t len = 1; len <= sizeof data; len += 37) {
            memset(data, 0x5A, len);
            ck_assert(sealer_seal(sealer, nonce, (struct span){aad, 32}, data, len, tag));
            ck_assert(sealer_open(sealer, nonce, (struct span){aad, 32}, data, len, tag));
            for (size_t at = 0; at < len; at++) {
                ck_assert_uint_eq(data[at], 0x5A);
            }
            nonce[0]++;
        }
        sealer_free(sealer);
    }
}
END_TEST

START_TEST(nothing_cannot_be_sealed)
{
    uint8_t key[16] = {7}, nonce[16] = {1}, aad[32] = {2}, data[1] = {0}, tag[SEAL_TAG_LEN] = {0};

    for (uint16_t cipher = 1; cipher <= 2; cipher++) {
        struct sealer *sealer = sealer_new(cipher, (struct span){key, 16});
        ck_assert(!sealer_seal(sealer, nonce, (struct span){aad, 32}, data, 0, tag));
        ck_assert(!sealer_open(sealer, nonce, (struct span){aad, 32}, data, 0, tag));
        sealer_free(sealer);
    }
}
END_TEST

START_TEST(a_wrong_cipher_or_key_length_is_refused)
{
    uint8_t key[32] = {7};

    ck_assert_ptr_null(sealer_new(0, (struct span){key, 16}));
    ck_assert_ptr_null(sealer_new(5, (struct span){key, 16}));
    ck_assert_ptr_null(sealer_new(65535, (struct span){key, 16}));
    ck_assert_ptr_null(sealer_new(1, (struct span){key, 32}));
    ck_assert_ptr_null(sealer_new(2, (struct span){key, 15}));
    ck_assert_ptr_null(sealer_new(3, (struct span){key, 16}));
    ck_assert_ptr_null(sealer_new(4, (struct span){0}));
    sealer_free(NULL);
}
END_TEST

int main(void)
{
    return RUN_TESTS("auth/seal", messages_of_windows_and_samba_open,
                     sealing_gives_the_bytes_on_the_wire, every_changed_byte_is_noticed,
                     our_own_message_can_be_opened_again, nothing_cannot_be_sealed,
                     a_wrong_cipher_or_key_length_is_refused);
}
