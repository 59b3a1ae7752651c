/* test_keys.c: session keys of every dialect. */
#include "auth/keys.h"
#include "test/auth/key_samples.h"
#include "test/auth/octets.h"
#include "test/run.h"

static void check_key(const struct key_sample *s, const struct secret *got, const char *want)
{
    struct octets room;

    ck_assert_msg(span_equal(secret_span(got), octets(&room, want)), "%s: not %s", s->name, want);
}

static void derive(const struct key_sample *s, struct session_keys *keys)
{
    struct octets key, hash;
    struct preauth preauth = {{0}};
    struct span transcript = octets(&hash, s->preauth);

    if (transcript.len > 0) {
        memcpy(preauth.hash, transcript.ptr, sizeof preauth.hash);
    }
    ck_assert(
        session_keys_derive(keys, s->dialect, s->cipher, octets(&key, s->mech_key), &preauth));
}

/* Sources: key_samples.h. */
START_TEST(keys_are_those_of_windows_and_samba)
{
    for (size_t i = 0; i < sizeof key_samples / sizeof key_samples[0]; i++) {
        const struct key_sample *s = &key_samples[i];
        struct session_keys keys = {0};
        derive(s, &keys);
        check_key(s, &keys.signing, s->signing);
        check_key(s, &keys.application, s->application);
        check_key(s, &keys.client_to_server, s->client_to_server);
        check_key(s, &keys.server_to_client, s->server_to_client);
        session_keys_wipe(&keys);
    }
}
END_TEST

START_TEST(a_short_mech_key_is_padded_with_zeros)
{
    struct session_keys keys = {0};
    uint8_t key[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    struct preauth preauth = {{0}};

    ck_assert(session_keys_derive(&keys, 0x0210, 0, (struct span){key, sizeof key}, &preauth));
    ck_assert_uint_eq(keys.signing.len, 16);
    ck_assert_hex(keys.signing.ptr, "01020304050607080000000000000000");
    session_keys_wipe(&keys);
}
END_TEST

START_TEST(without_a_cipher_there_are_no_cipher_keys)
{
    struct session_keys keys = {0};
    uint8_t key[16] = {1};
    struct preauth preauth = {{0}};

    ck_assert(session_keys_derive(&keys, 0x0311, 0, (struct span){key, sizeof key}, &preauth));
    ck_assert_uint_eq(keys.signing.len, 16);
    ck_assert_ptr_null(keys.client_to_server.ptr);
    ck_assert_ptr_null(keys.server_to_client.ptr);
    session_keys_wipe(&keys);
    ck_assert_ptr_null(keys.signing.ptr);
}
END_TEST

/* Dialect 2.x ignores the cipher: it has none. */
START_TEST(deriving_again_replaces_the_keys)
{
    struct session_keys keys = {0};
    uint8_t key[16] = {1};
    struct preauth preauth = {{0}};

    ck_assert(session_keys_derive(&keys, 0x0302, 2, (struct span){key, sizeof key}, &preauth));
    ck_assert_uint_eq(keys.client_to_server.len, 16);
    ck_assert(session_keys_derive(&keys, 0x0202, 2, (struct span){key, sizeof key}, &preauth));
    ck_assert_uint_eq(keys.client_to_server.len, 0);
    session_keys_wipe(&keys);
}
END_TEST

int main(void)
{
    return RUN_TESTS("auth/keys", keys_are_those_of_windows_and_samba,
                     a_short_mech_key_is_padded_with_zeros,
                     without_a_cipher_there_are_no_cipher_keys, deriving_again_replaces_the_keys);
}
