/* test_flow.c: from NEGOTIATE to LOGOFF, in every way that can be negotiated. */
#include "auth/sign.h"
#include "conn/policy.h"
#include "proto/write.h"
#include "test/peer/client.h"
#include "test/run.h"

/* One way to talk. */
struct way {
    const char *name;
    uint16_t dialect;
    bool sign;                     /* the server requires it */
    uint16_t signing_alg;          /* the only one the server has */
    uint16_t cipher;               /* likewise; 0 = none */
    bool seal_session, seal_share; /* the server demands it */
};

static const struct way ways[] = {
    {"2.0.2 plain", 0x0202, false, 0, 0, false, false},
    {"2.0.2 signed", 0x0202, true, 0, 0, false, false},
    {"2.1 plain", 0x0210, false, 0, 0, false, false},
    {"2.1 signed", 0x0210, true, 0, 0, false, false},
    {"3.0 plain", 0x0300, false, SIGN_AES_CMAC, 0, false, false},
    {"3.0 signed", 0x0300, true, SIGN_AES_CMAC, 0, false, false},
    {"3.0 sealed", 0x0300, false, SIGN_AES_CMAC, LSMB_AES_128_CCM, true, false},
    {"3.0.2 signed", 0x0302, true, SIGN_AES_CMAC, 0, false, false},
    {"3.0.2 sealed", 0x0302, false, SIGN_AES_CMAC, LSMB_AES_128_CCM, true, false},
    {"3.0.2 share sealed", 0x0302, false, SIGN_AES_CMAC, LSMB_AES_128_CCM, false, true},
    {"3.1.1 plain", 0x0311, false, SIGN_AES_GMAC, 0, false, false},
    {"3.1.1 HMAC", 0x0311, true, SIGN_HMAC_SHA256, 0, false, false},
    {"3.1.1 CMAC", 0x0311, true, SIGN_AES_CMAC, 0, false, false},
    {"3.1.1 GMAC", 0x0311, true, SIGN_AES_GMAC, 0, false, false},
    {"3.1.1 sealed AES-128-CCM", 0x0311, false, SIGN_AES_GMAC, LSMB_AES_128_CCM, true, false},
    {"3.1.1 sealed AES-128-GCM", 0x0311, false, SIGN_AES_GMAC, LSMB_AES_128_GCM, true, false},
    {"3.1.1 sealed AES-256-CCM", 0x0311, true, SIGN_AES_CMAC, LSMB_AES_256_CCM, true, false},
    {"3.1.1 sealed AES-256-GCM", 0x0311, true, SIGN_AES_CMAC, LSMB_AES_256_GCM, true, false},
    {"3.1.1 share sealed", 0x0311, false, SIGN_AES_GMAC, LSMB_AES_128_GCM, false, true},
};

enum { WAYS = sizeof ways / sizeof *ways };

static const struct way *way_called(const char *name)
{
    size_t i = 0;

    while (strcmp(ways[i].name, name) != 0) {
        i++;
    }
    return &ways[i];
}

static void set_up(struct client *c, const struct way *way)
{
    struct peer_config config = peer_defaults();

    memset(config.dialects, 0, sizeof config.dialects);
    config.dialects[0] = way->dialect;
    config.signing_required = way->sign;
    config.signing_algs[0] = way->signing_alg;
    config.signing_count = 1;
    memset(config.ciphers, 0, sizeof config.ciphers);
    config.ciphers[0] = way->cipher;
    config.encrypt_session = way->seal_session;
    config.encrypt_share = way->seal_share;
    client_init(c, NULL, &config);
}

static void read_it_all(struct client *c)
{
    struct request request = {0};

    client_read(c, &request, 0, 1000);
    wire_run(&c->wire);
    ck_assert(span_equal(client_data(&request, 1000), span_of(CLIENT_FILE_TEXT)));
    ck_assert(request.believed);
    request_drop(&request);
}

static void close_it(struct client *c)
{
    struct request request = {0};

    client_close(c, &request);
    wire_run(&c->wire);
    ck_assert(request_done(&request) && !request.failure);
    ck_assert_uint_eq(request.status, STATUS_SUCCESS);
    request_drop(&request);
}

static void say_goodbye(struct client *c)
{
    tree_disconnect(&c->tree, &c->channel);
    session_logoff(&c->session);
    wire_run(&c->wire);
    ck_assert_uint_eq(peer_last(&c->peer, SMB2_TREE_DISCONNECT)->answered, STATUS_SUCCESS);
    ck_assert_uint_eq(peer_last(&c->peer, SMB2_LOGOFF)->answered, STATUS_SUCCESS);
    ck_assert_uint_eq(c->conn.in_flight_count, 0);
    ck_assert_uint_eq(c->conn.credits_used, 0);
}

/* How each request of a whole visit must have been protected. */
static void check_protection(const struct peer *peer, const struct way *way)
{
    for (size_t i = 0; i < peer->seen_count; i++) {
        const struct peer_seen *seen = &peer->seen[i];
        uint16_t command = seen->header.command;
        bool logon = command == SMB2_NEGOTIATE || command == SMB2_SESSION_SETUP;
        bool seal = !logon && (way->seal_session || (way->seal_share && command != SMB2_LOGOFF &&
                                                     command != SMB2_TREE_CONNECT));
        bool must_sign =
            !logon && !seal && (way->sign || command == SMB2_IOCTL || command == SMB2_TREE_CONNECT);
        ck_assert_msg(seen->sealed == seal, "%s: %s", way->name, smb2_command_name(command));
        ck_assert_msg(seen->well_signed == must_sign, "%s: %s", way->name,
                      smb2_command_name(command));
        ck_assert_msg(!(seen->header.flags & SMB2_FLAGS_SIGNED) == !must_sign, "%s", way->name);
    }
}

START_TEST(a_file_is_read_in_every_way_that_can_be_negotiated)
{
    struct client c;

    for (size_t i = 0; i < WAYS; i++) {
        set_up(&c, &ways[i]);
        ck_assert_msg(client_connect(&c), "%s: %s: %s", ways[i].name, c.err.step, c.err.reason);
        ck_assert_uint_eq(c.conn.got.dialect, ways[i].dialect);
        ck_assert_uint_eq(c.conn.got.signing_alg, ways[i].signing_alg);
        ck_assert_uint_eq(c.conn.got.cipher, ways[i].cipher);
        ck_assert(client_open(&c, "a.txt"));
        read_it_all(&c);
        close_it(&c);
        say_goodbye(&c);
        check_protection(&c.peer, &ways[i]);
        client_free(&c);
    }
}
END_TEST

START_TEST(a_written_payload_arrives_in_every_way)
{
    uint8_t bytes[70000];
    struct client c;

    memset(bytes, 0x5A, sizeof bytes);
    for (size_t i = 0; i < WAYS; i++) {
        struct request request = {0};
        struct smb2_write_reply reply;
        bool large = ways[i].dialect > 0x0202; /* more than 64 KiB in a message */
        uint32_t len = large ? sizeof bytes : 65536;
        set_up(&c, &ways[i]);
        ck_assert(client_connect(&c) && client_open(&c, "b.bin"));
        ck_assert_uint_eq(conn_payload_limit(&c.conn, c.conn.got.max_write),
                          large ? 8 << 20 : 65536);
        client_write(&c, &request, 10, (struct span){bytes, len});
        wire_run(&c.wire);
        ck_assert(smb2_write_reply_get(&reply, request.message, len));
        ck_assert_uint_eq(reply.count, len);
        ck_assert_mem_eq(peer_find(&c.peer, "b.bin")->bytes + 10, bytes, len);
        ck_assert_uint_eq(peer_last(&c.peer, SMB2_WRITE)->header.credit_charge, large ? 2 : 0);
        request_drop(&request);
        client_free(&c);
    }
}
END_TEST

START_TEST(a_client_that_requires_signing_signs_all_with_a_server_that_does_not)
{
    const struct lsmb_policy policy = {.size = sizeof policy, .sign = LSMB_REQUIRED};
    struct way like = *way_called("3.1.1 GMAC");
    struct client c;

    client_init(&c, &policy, NULL);
    ck_assert(client_connect(&c) && client_open(&c, "a.txt"));
    read_it_all(&c);
    close_it(&c);
    say_goodbye(&c);
    check_protection(&c.peer, &like);
    client_free(&c);
}
END_TEST

START_TEST(a_client_that_requires_sealing_seals_all_without_being_asked)
{
    const struct lsmb_policy policy = {.size = sizeof policy, .seal = LSMB_REQUIRED};
    struct way like = *way_called("3.1.1 sealed AES-128-GCM");
    struct client c;

    client_init(&c, &policy, NULL);
    ck_assert(client_connect(&c) && client_open(&c, "a.txt"));
    read_it_all(&c);
    close_it(&c);
    say_goodbye(&c);
    check_protection(&c.peer, &like);
    client_free(&c);
}
END_TEST

/* Every byte that went to the server, in one sum. */
struct sum {
    uint64_t value, bytes;
};

/* NOLINTNEXTLINE(readability-non-const-parameter): the signature of a hook */
static bool add_up(void *arg, uint8_t *frame, size_t len)
{
    struct sum *sum = arg;

    for (size_t i = 0; i < len; i++) {
        sum->value = (sum->value ^ frame[i]) * 0x100000001B3u; /* FNV-1a */
    }
    sum->bytes += len;
    return true;
}

static struct sum run_and_add_up(const struct way *way)
{
    struct sum sum = {.value = 0xCBF29CE484222325u};
    struct client c;

    set_up(&c, way);
    c.wire.to_server = add_up;
    c.wire.arg = &sum;
    ck_assert(client_connect(&c) && client_open(&c, "a.txt"));
    read_it_all(&c);
    client_free(&c);
    return sum;
}

START_TEST(the_same_randomness_and_clock_give_the_same_bytes)
{
    for (size_t i = 0; i < WAYS; i++) {
        struct sum first = run_and_add_up(&ways[i]), second = run_and_add_up(&ways[i]);

        ck_assert_uint_eq(first.value, second.value);
        ck_assert_uint_eq(first.bytes, second.bytes);
    }
}
END_TEST

/* MS-SMB2 3.1.4.3: no nonce comes twice under one key. */
struct nonces {
    uint64_t last;
    unsigned count;
};

/* NOLINTNEXTLINE(readability-non-const-parameter): the signature of a hook */
static bool watch_nonces(void *arg, uint8_t *frame, size_t len)
{
    struct nonces *seen = arg;

    if (smb2_protocol_id((struct span){frame, len}) == SMB2_TRANSFORM_PROTOCOL_ID) {
        struct rd r = rd_from((struct span){frame, len}, 20);
        uint64_t nonce = rd_u64(&r);
        ck_assert(seen->count == 0 || nonce > seen->last);
        seen->last = nonce;
        seen->count++;
    }
    return true;
}

START_TEST(no_nonce_is_used_twice)
{
    struct nonces nonces = {0};
    struct client c;

    set_up(&c, way_called("3.1.1 sealed AES-128-GCM"));
    c.wire.to_server = watch_nonces;
    c.wire.arg = &nonces;
    ck_assert(client_connect(&c) && client_open(&c, "a.txt"));
    for (int i = 0; i < 20; i++) {
        read_it_all(&c);
    }
    ck_assert_uint_ge(nonces.count, 22);
    c.session.next_nonce = UINT64_MAX; /* used up: better no message than a second one */
    struct request request = {0};
    client_read(&c, &request, 0, 10);
    ck_assert_int_eq(c.conn.err.code, LSMB_E_SECURITY);
    ck_assert(request_done(&request) && request.failure);
    request_drop(&request);
    client_free(&c);
}
END_TEST

int main(void)
{
    return RUN_TESTS("conn/flow", a_file_is_read_in_every_way_that_can_be_negotiated,
                     a_written_payload_arrives_in_every_way,
                     a_client_that_requires_signing_signs_all_with_a_server_that_does_not,
                     a_client_that_requires_sealing_seals_all_without_being_asked,
                     the_same_randomness_and_clock_give_the_same_bytes, no_nonce_is_used_twice);
}
