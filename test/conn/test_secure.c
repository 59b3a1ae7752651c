/* test_secure.c: what is believed, and what is not (MS-SMB2 3.2.5.1.1 to 3.2.5.1.3). */
#include "conn/secure.h"
#include "proto/misc.h"
#include "proto/transform.h"
#include "test/peer/client.h"
#include "test/run.h"

enum session_kind { UNSIGNED, SIGNED, SEALED };

static void set_up(struct client *c, enum session_kind kind)
{
    struct peer_config config = peer_defaults();

    config.signing_required = kind == SIGNED;
    config.encrypt_session = kind == SEALED;
    client_init(c, NULL, &config);
    ck_assert_msg(client_connect(c), "%s", c->err.reason);
    ck_assert(client_open(c, "a.txt"));
}

/* One READ, answered as `rule` says. */
static void read_with(struct client *c, const struct peer_rule *rule, struct request *request)
{
    struct peer_rule read_rule = *rule;

    read_rule.command = SMB2_READ;
    peer_script(&c->peer, &read_rule);
    client_read(c, request, 0, 100);
    wire_run(&c->wire);
}

static void check_refused(struct client *c, enum session_kind kind, const struct peer_rule *rule)
{
    struct request request = {0};

    set_up(c, kind);
    read_with(c, rule, &request);
    ck_assert_msg(conn_dead(&c->conn), "protection %d, status %08x", (int)rule->protection,
                  rule->status);
    ck_assert_int_eq(c->conn.err.code, LSMB_E_SECURITY);
    ck_assert(request_done(&request));
    ck_assert_ptr_eq(request.failure, &c->conn.err);
    ck_assert_ptr_null(request.reply); /* nothing of it is to be seen */
    request_drop(&request);
    client_free(c);
}

/* The request ends with the status, which is not verified; the connection lives, and goes on. */
static void check_error_only(struct client *c, enum session_kind kind, const struct peer_rule *rule)
{
    struct request request = {0};
    struct lsmb_error err;

    set_up(c, kind);
    read_with(c, rule, &request);
    ck_assert_msg(!conn_dead(&c->conn), "%s", c->conn.err.reason);
    ck_assert(request_done(&request) && !request.failure);
    ck_assert(!request.believed);
    request_error(&request, &err);
    ck_assert_uint_eq(err.nt_status, rule->status);
    request_drop(&request);
    ck_assert_uint_eq(c->conn.in_flight_count, 0);
    ck_assert_uint_eq(c->conn.credits_used, 0);
}

/* ---------------------------------------------------------------- signatures */

START_TEST(a_reply_that_is_not_rightly_signed_ends_the_connection)
{
    static const enum peer_protection bad[] = {PEER_STRIP_FLAG, PEER_UNSIGNED, PEER_WRONG_MAC,
                                               PEER_ZERO_MAC, PEER_ECHO_MAC};
    struct client c;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        check_refused(&c, SIGNED, &(struct peer_rule){.protection = bad[i]});
        check_refused(
            &c, SIGNED,
            &(struct peer_rule){.protection = bad[i], .status = (uint32_t)STATUS_ACCESS_DENIED});
        check_refused(
            &c, SIGNED,
            &(struct peer_rule){.protection = bad[i], .status = (uint32_t)STATUS_END_OF_FILE});
    }
}
END_TEST

START_TEST(each_bit_of_the_signature_counts)
{
    struct client c;

    set_up(&c, SIGNED);
    for (unsigned bit = 0; bit < 128; bit++) {
        /* Ask the judge himself, so that one connection serves all 128. */
        struct request request = {0};
        client_read(&c, &request, 0, 10);
        (void)wire_to_server(&c.wire);
        struct peer_frame *frame = peer_next_frame(c.wire.link);
        struct span message = {frame->bytes, frame->len};
        ck_assert(signer_check(c.channel.signer, message));
        frame->bytes[SMB2_SIGNATURE_OFFSET + bit / 8] ^= (uint8_t)(1u << bit % 8);
        ck_assert(!signer_check(c.channel.signer, message));
        frame->bytes[SMB2_SIGNATURE_OFFSET + bit / 8] ^= (uint8_t)(1u << bit % 8);
        peer_send_raw(c.wire.link, message);
        free(frame);
        wire_run(&c.wire);
        ck_assert(request_done(&request) && !request.failure);
        request_drop(&request);
    }
    client_free(&c);
}
END_TEST

static void flip_data(uint8_t *frame, size_t len)
{
    frame[len - 1] ^= 1;
}

static void flip_credits(uint8_t *frame, size_t len)
{
    (void)len;
    frame[15] ^= 0x40;
}

static void flip_next_command(uint8_t *frame, size_t len)
{
    (void)len;
    frame[20] ^= 0x48; /* 72: inside the message and aligned */
}

START_TEST(a_changed_byte_anywhere_is_a_wrong_signature)
{
    struct client c;

    check_refused(&c, SIGNED, &(struct peer_rule){.tamper = flip_data});
    check_refused(&c, SIGNED, &(struct peer_rule){.tamper = flip_credits});
    check_refused(&c, SIGNED, &(struct peer_rule){.tamper = flip_next_command});
}
END_TEST

START_TEST(in_a_session_that_does_not_sign_a_wrong_signature_is_still_refused)
{
    struct client c;
    struct request request = {0};

    set_up(&c, UNSIGNED);
    peer_script(&c.peer, &(struct peer_rule){.command = SMB2_READ});
    client_read(&c, &request, 0, 100);
    (void)wire_to_server(&c.wire);
    struct peer_frame *frame = peer_next_frame(c.wire.link);
    frame->bytes[16] |= SMB2_FLAGS_SIGNED; /* announces a signature, and has none */
    peer_send_raw(c.wire.link, (struct span){frame->bytes, frame->len});
    free(frame);
    wire_run(&c.wire);
    ck_assert_int_eq(c.conn.err.code, LSMB_E_SECURITY);
    request_drop(&request);
    client_free(&c);
}
END_TEST

START_TEST(a_reply_of_another_message_is_not_a_signature_for_this_one)
{
    struct client c;
    struct request first = {0}, second = {0};

    set_up(&c, SIGNED);
    client_read(&c, &first, 0, 10);
    (void)wire_to_server(&c.wire);
    struct peer_frame *frame = peer_next_frame(c.wire.link); /* recorded ... */
    client_read(&c, &second, 10, 10);
    struct wr id = wr_from(frame->bytes + 24, 8);
    wr_u64(&id, second.message_id); /* ... and replayed under the other's MessageId */
    peer_send_raw(c.wire.link, (struct span){frame->bytes, frame->len});
    free(frame);
    (void)wire_to_client(&c.wire);
    ck_assert_int_eq(c.conn.err.code, LSMB_E_SECURITY);
    request_drop(&first);
    request_drop(&second);
    client_free(&c);
}
END_TEST

/* ---------------------------------------------------------------- errors without a signature */

START_TEST(known_errors_with_a_zero_or_echoed_signature_are_errors_only)
{
    static const enum nt_status known[] = {STATUS_USER_SESSION_DELETED, STATUS_NETWORK_NAME_DELETED,
                                           STATUS_FILE_CLOSED, STATUS_INVALID_PARAMETER};
    struct client c;

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct peer_rule rule = {.status = (uint32_t)known[i], .protection = PEER_ZERO_MAC};
        check_error_only(&c, SIGNED, &rule);
        client_free(&c);
        rule.protection = PEER_ECHO_MAC;
        check_error_only(&c, SIGNED, &rule);
        client_free(&c);
        rule.protection = PEER_WRONG_MAC;
        check_refused(&c, SIGNED, &rule);
    }
}
END_TEST

START_TEST(an_unsigned_user_session_deleted_ends_the_request_and_the_session)
{
    struct peer_rule rule = {.status = (uint32_t)STATUS_USER_SESSION_DELETED,
                             .protection = PEER_UNSIGNED};
    struct request request = {0};
    struct client c;

    check_error_only(&c, SIGNED, &rule);
    ck_assert_int_eq(c.session.gate, SESSION_DEAD);
    client_read(&c, &request, 0, 1); /* ends at once */
    ck_assert(request_done(&request));
    ck_assert_ptr_eq(request.failure, &c.session.err);
    ck_assert_uint_eq(request.failure->nt_status, (uint32_t)STATUS_USER_SESSION_DELETED);
    request_drop(&request);
    client_free(&c);
}
END_TEST

START_TEST(a_server_that_forgot_the_session_says_so_without_a_signature)
{
    struct request request = {0};
    struct client c;

    set_up(&c, SIGNED);
    peer_forget_sessions(c.wire.link);
    client_read(&c, &request, 0, 1);
    wire_run(&c.wire);
    ck_assert(!conn_dead(&c.conn));
    ck_assert_uint_eq(request.status, (uint32_t)STATUS_USER_SESSION_DELETED);
    ck_assert_int_eq(c.session.gate, SESSION_DEAD);
    request_drop(&request);
    client_free(&c);
}
END_TEST

START_TEST(a_wrongly_signed_user_session_deleted_ends_the_connection)
{
    struct client c;

    check_refused(&c, SIGNED,
                  &(struct peer_rule){.status = (uint32_t)STATUS_USER_SESSION_DELETED,
                                      .protection = PEER_WRONG_MAC});
}
END_TEST

/* Listed for SESSION_SETUP only: elsewhere they are as good as any other error. */
START_TEST(session_setup_errors_are_not_believed_of_other_commands)
{
    static const enum nt_status of_setup[] = {STATUS_REQUEST_OUT_OF_SEQUENCE, STATUS_NOT_SUPPORTED,
                                              STATUS_ACCESS_DENIED};
    struct client c;

    for (size_t i = 0; i < sizeof of_setup / sizeof *of_setup; i++) {
        check_refused(
            &c, SIGNED,
            &(struct peer_rule){.status = (uint32_t)of_setup[i], .protection = PEER_UNSIGNED});
    }
}
END_TEST

/* ---------------------------------------------------------------- seals */

START_TEST(a_plain_or_merely_signed_reply_in_a_sealed_session_ends_the_connection)
{
    struct client c;

    check_refused(&c, SEALED, &(struct peer_rule){.protection = PEER_PLAIN});
    check_refused(&c, SEALED, &(struct peer_rule){.protection = PEER_SIGNED_ONLY});
    check_refused(
        &c, SEALED,
        &(struct peer_rule){.protection = PEER_PLAIN, .status = (uint32_t)STATUS_ACCESS_DENIED});
    check_refused(
        &c, SEALED,
        &(struct peer_rule){.protection = PEER_PLAIN, .status = (uint32_t)STATUS_FILE_CLOSED});
}
END_TEST

START_TEST(known_plain_errors_in_a_sealed_session_are_errors_only)
{
    struct client c;

    check_error_only(&c, SEALED,
                     &(struct peer_rule){.protection = PEER_PLAIN,
                                         .status = (uint32_t)STATUS_INVALID_PARAMETER});
    ck_assert_int_eq(c.session.gate, SESSION_OPEN);
    client_free(&c);
    check_error_only(&c, SEALED,
                     &(struct peer_rule){.protection = PEER_PLAIN,
                                         .status = (uint32_t)STATUS_USER_SESSION_DELETED});
    ck_assert_int_eq(c.session.gate, SESSION_DEAD);
    client_free(&c);
}
END_TEST

START_TEST(a_plain_interim_answer_in_a_sealed_session_ends_the_connection)
{
    struct client c;

    check_refused(&c, SEALED, &(struct peer_rule){.protection = PEER_PLAIN, .pendings = 1});
}
END_TEST

START_TEST(a_share_that_seals_is_held_to_it_like_a_session)
{
    struct peer_config config = peer_defaults();
    struct request request = {0};
    struct client c;

    config.encrypt_share = true;
    client_init(&c, NULL, &config);
    ck_assert(client_connect(&c) && client_open(&c, "a.txt"));
    ck_assert(c.tree.seal && !c.session.seal);
    read_with(&c, &(struct peer_rule){.protection = PEER_PLAIN}, &request);
    ck_assert_int_eq(c.conn.err.code, LSMB_E_SECURITY);
    request_drop(&request);
    client_free(&c);
}
END_TEST

static void unknown_session(uint8_t *frame, size_t len)
{
    (void)len;
    frame[44] ^= 0x80;
}

static void wrong_size(uint8_t *frame, size_t len)
{
    (void)len;
    frame[36]++;
}

static void wrong_flags(uint8_t *frame, size_t len)
{
    (void)len;
    frame[42] = 0;
}

static void changed_text(uint8_t *frame, size_t len)
{
    frame[len - 1] ^= 1;
}

static void changed_tag(uint8_t *frame, size_t len)
{
    (void)len;
    frame[4] ^= 1;
}

static void changed_nonce(uint8_t *frame, size_t len)
{
    (void)len;
    frame[20] ^= 1;
}

static void changed_end_of_nonce(uint8_t *frame, size_t len)
{
    (void)len;
    frame[35] ^= 1; /* no cipher uses it, but it is authenticated */
}

static void changed_reserved(uint8_t *frame, size_t len)
{
    (void)len;
    frame[40] ^= 1;
}

START_TEST(a_transform_that_was_touched_ends_the_connection)
{
    static void (*const touches[])(uint8_t *, size_t) = {unknown_session,      changed_text,
                                                         changed_tag,          changed_nonce,
                                                         changed_end_of_nonce, changed_reserved};
    struct client c;

    for (size_t i = 0; i < sizeof touches / sizeof *touches; i++) {
        check_refused(&c, SEALED, &(struct peer_rule){.tamper = touches[i]});
    }
}
END_TEST

static void check_malformed(struct client *c, enum session_kind kind, const struct peer_rule *rule)
{
    struct request request = {0};

    set_up(c, kind);
    read_with(c, rule, &request);
    ck_assert_int_eq(c->conn.err.code, LSMB_E_PROTOCOL);
    ck_assert(request_done(&request) && request.failure);
    request_drop(&request);
    client_free(c);
}

static void make_nested(struct peer_reply *reply)
{
    reply->protocol_id = SMB2_TRANSFORM_PROTOCOL_ID;
}

static void make_compressed(struct peer_reply *reply)
{
    reply->protocol_id = SMB2_COMPRESSION_PROTOCOL_ID;
}

static void make_smb1(struct peer_reply *reply)
{
    reply->protocol_id = SMB1_PROTOCOL_ID;
}

static void make_nonsense(struct peer_reply *reply)
{
    reply->protocol_id = 0x12345678;
}

START_TEST(a_malformed_transform_ends_the_connection)
{
    struct client c;

    check_malformed(&c, SEALED, &(struct peer_rule){.tamper = wrong_size});
    check_malformed(&c, SEALED, &(struct peer_rule){.tamper = wrong_flags});
}
END_TEST

START_TEST(what_comes_out_of_a_transform_is_smb2_and_nothing_else)
{
    struct client c;

    check_malformed(&c, SEALED, &(struct peer_rule){.edit = make_nested});
    check_malformed(&c, SEALED, &(struct peer_rule){.edit = make_compressed});
    check_malformed(&c, SEALED, &(struct peer_rule){.edit = make_nonsense});
    check_malformed(&c, SIGNED, &(struct peer_rule){.edit = make_compressed});
    check_malformed(&c, UNSIGNED, &(struct peer_rule){.edit = make_nonsense});
}
END_TEST

START_TEST(an_answer_in_smb1_is_refused_with_a_word_on_smb1)
{
    struct request request = {0};
    struct client c;

    set_up(&c, UNSIGNED);
    read_with(&c, &(struct peer_rule){.edit = make_smb1}, &request);
    ck_assert_int_eq(c.conn.err.code, LSMB_E_POLICY);
    ck_assert_ptr_nonnull(strstr(c.conn.err.advice, "SMB1"));
    request_drop(&request);
    client_free(&c);
}
END_TEST

static void other_session(struct peer_reply *reply)
{
    reply->header.session_id += 1;
}

START_TEST(the_session_inside_a_transform_is_the_one_outside)
{
    struct client c;

    check_refused(&c, SEALED, &(struct peer_rule){.edit = other_session});
}
END_TEST

START_TEST(every_length_of_a_cut_transform_is_refused)
{
    struct client c;

    for (size_t len = 0; len < 60; len++) {
        struct request request = {0};
        set_up(&c, SEALED);
        client_read(&c, &request, 0, 10);
        (void)wire_to_server(&c.wire);
        struct peer_frame *frame = peer_next_frame(c.wire.link);
        peer_send_raw(c.wire.link, (struct span){frame->bytes, len});
        free(frame);
        wire_run(&c.wire);
        ck_assert_msg(conn_dead(&c.conn), "%zu bytes", len);
        request_drop(&request);
        client_free(&c);
    }
}
END_TEST

/* Servers seal what they send in a sealed session; a tree's seal binds only what is in the tree. */
START_TEST(a_sealed_answer_to_a_signed_request_is_believed)
{
    struct request request = {0};
    struct client c;

    set_up(&c, SEALED);
    c.session.seal = false; /* the client asks signed ... */
    c.session.sign = true;
    c.peer_may_complain = true; /* ... which this server only answers with an error */
    client_read(&c, &request, 0, 100);
    (void)wire_to_server(&c.wire);
    free(peer_next_frame(c.wire.link));
    struct smb2_header header = {.command = SMB2_READ,
                                 .flags = SMB2_FLAGS_SERVER_TO_REDIR,
                                 .status = (uint32_t)STATUS_END_OF_FILE,
                                 .message_id = request.message_id,
                                 .session_id = c.session.id};
    uint8_t body[16];
    struct wr w = wr_from(body, sizeof body);
    smb2_error_reply_put(&w, &(struct smb2_error_reply){0});
    peer_send(c.wire.link, &header, wr_written(&w), NULL);
    (void)wire_to_client(&c.wire);
    ck_assert(request_done(&request) && request.believed);
    ck_assert_uint_eq(request.status, (uint32_t)STATUS_END_OF_FILE);
    request_drop(&request);
    client_free(&c);
}
END_TEST

int main(void)
{
    return RUN_TESTS("conn/secure", a_reply_that_is_not_rightly_signed_ends_the_connection,
                     each_bit_of_the_signature_counts, a_changed_byte_anywhere_is_a_wrong_signature,
                     in_a_session_that_does_not_sign_a_wrong_signature_is_still_refused,
                     a_reply_of_another_message_is_not_a_signature_for_this_one,
                     known_errors_with_a_zero_or_echoed_signature_are_errors_only,
                     an_unsigned_user_session_deleted_ends_the_request_and_the_session,
                     a_server_that_forgot_the_session_says_so_without_a_signature,
                     a_wrongly_signed_user_session_deleted_ends_the_connection,
                     session_setup_errors_are_not_believed_of_other_commands,
                     a_plain_or_merely_signed_reply_in_a_sealed_session_ends_the_connection,
                     known_plain_errors_in_a_sealed_session_are_errors_only,
                     a_plain_interim_answer_in_a_sealed_session_ends_the_connection,
                     a_share_that_seals_is_held_to_it_like_a_session,
                     a_transform_that_was_touched_ends_the_connection,
                     a_malformed_transform_ends_the_connection,
                     what_comes_out_of_a_transform_is_smb2_and_nothing_else,
                     an_answer_in_smb1_is_refused_with_a_word_on_smb1,
                     the_session_inside_a_transform_is_the_one_outside,
                     every_length_of_a_cut_transform_is_refused,
                     a_sealed_answer_to_a_signed_request_is_believed);
}
