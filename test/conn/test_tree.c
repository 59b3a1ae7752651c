/* test_tree.c: TREE_CONNECT, and the validation of NEGOTIATE (MS-SMB2 3.2.5.5, 3.2.5.14.12). */
#include "conn/tree.h"

#include "proto/ioctl.h"
#include "proto/tree.h"
#include "test/peer/client.h"
#include "test/run.h"

static void set_up(struct client *c, const struct lsmb_policy *policy,
                   const struct peer_config *config)
{
    client_init(c, policy, config);
    ck_assert_msg(client_negotiate(c), "%s", c->err.reason);
    ck_assert_msg(client_logon(c), "%s", c->err.reason);
}

static struct peer_config only(uint16_t dialect)
{
    struct peer_config config = peer_defaults();

    memset(config.dialects, 0, sizeof config.dialects);
    config.dialects[0] = dialect;
    return config;
}

static struct peer_config only_21(void)
{
    return only(SMB2_DIALECT_210);
}

/* ---------------------------------------------------------------- TREE_CONNECT */

START_TEST(a_tree_is_connected_and_let_go)
{
    struct client c;

    set_up(&c, NULL, NULL);
    ck_assert(client_tree(&c));
    ck_assert_ptr_eq(c.tree.session, &c.session);
    ck_assert_uint_ne(c.tree.id, 0);
    ck_assert_uint_eq(c.tree.share_type, SMB2_SHARE_TYPE_DISK);
    tree_disconnect(&c.tree, &c.channel);
    ck_assert_ptr_null(c.tree.session);
    tree_disconnect(&c.tree, &c.channel); /* harmless */
    wire_run(&c.wire);
    ck_assert_uint_eq(peer_count(&c.peer, SMB2_TREE_DISCONNECT), 1);
    client_free(&c);
}
END_TEST

START_TEST(a_share_that_is_not_there_is_an_error_of_the_server)
{
    struct peer_config config = peer_defaults();
    struct client c;

    config.share = "another";
    set_up(&c, NULL, &config);
    ck_assert(!client_tree(&c));
    ck_assert_uint_eq(c.err.nt_status, (uint32_t)STATUS_BAD_NETWORK_NAME);
    ck_assert_ptr_null(c.tree.session);
    ck_assert(!conn_dead(&c.conn));
    client_free(&c);
}
END_TEST

START_TEST(a_share_that_has_moved_to_another_node_is_explained)
{
    static const struct smb2_move_address node = {MOVE_DST_IPADDR_V4, {192, 0, 2, 7}};
    uint8_t list[64], data[128], contexts[160];
    struct wr l = wr_from(list, sizeof list), d = wr_from(data, sizeof data),
              x = wr_from(contexts, sizeof contexts);
    struct client c;

    smb2_move_address_put(&l, &node);
    smb2_share_redirect_put(&d, &(struct smb2_share_redirect){.addresses = wr_written(&l)});
    smb2_error_context_put(
        &x, &(struct smb2_error_context){SMB2_ERROR_ID_SHARE_REDIRECT, wr_written(&d)});
    set_up(&c, NULL, NULL);
    peer_script(&c.peer,
                &(struct peer_rule){.command = SMB2_TREE_CONNECT,
                                    .status = (uint32_t)STATUS_BAD_NETWORK_NAME,
                                    .error = {.context_count = 1, .data = wr_written(&x)}});
    ck_assert(!client_tree(&c));
    ck_assert_ptr_nonnull(strstr(c.err.advice, "192.0.2.7"));
    client_free(&c);
}
END_TEST

START_TEST(a_share_that_demands_sealing_in_2_1_is_explained)
{
    struct peer_config config = only_21();
    struct client c;

    config.encrypt_share = true;
    set_up(&c, NULL, &config);
    ck_assert(!client_tree(&c));
    ck_assert_uint_eq(c.err.nt_status, (uint32_t)STATUS_ACCESS_DENIED);
    ck_assert_ptr_nonnull(strstr(c.err.advice, "encryption"));
    client_free(&c);
}
END_TEST

static void say_encrypt(struct peer_reply *reply)
{
    reply->bytes[SMB2_HEADER_LEN + 5] |= 0x80; /* SMB2_SHAREFLAG_ENCRYPT_DATA */
}

static void no_tree_id(struct peer_reply *reply)
{
    reply->header.tree_id = 0;
}

static void cut_short(struct peer_reply *reply)
{
    reply->len -= 1;
}

static enum lsmb_code connect_with(const struct peer_config *config,
                                   void (*edit)(struct peer_reply *))
{
    struct client c;

    set_up(&c, NULL, config);
    peer_script(&c.peer, &(struct peer_rule){.command = SMB2_TREE_CONNECT, .edit = edit});
    ck_assert(!client_tree(&c));
    enum lsmb_code code = c.err.code;
    wire_run(&c.wire); /* what cannot be used is not kept */
    ck_assert_uint_eq(peer_count(&c.peer, SMB2_TREE_DISCONNECT), code == LSMB_E_POLICY);
    client_free(&c);
    return code;
}

START_TEST(an_answer_that_makes_no_sense_is_refused)
{
    struct peer_config config = only_21();

    ck_assert_int_eq(connect_with(&config, say_encrypt), LSMB_E_POLICY);
    ck_assert_int_eq(connect_with(NULL, no_tree_id), LSMB_E_PROTOCOL);
    ck_assert_int_eq(connect_with(NULL, cut_short), LSMB_E_PROTOCOL);
}
END_TEST

START_TEST(in_3_1_1_the_answer_to_tree_connect_is_signed)
{
    static const enum peer_protection bad[] = {PEER_STRIP_FLAG, PEER_UNSIGNED, PEER_WRONG_MAC};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct client c;
        set_up(&c, NULL, NULL);
        peer_script(&c.peer,
                    &(struct peer_rule){.command = SMB2_TREE_CONNECT, .protection = bad[i]});
        ck_assert(!client_tree(&c));
        ck_assert_int_eq(c.conn.err.code, LSMB_E_SECURITY);
        client_free(&c);
    }
}
END_TEST

/* ---------------------------------------------------------------- VALIDATE_NEGOTIATE_INFO */

START_TEST(every_negotiation_below_3_1_1_is_validated_once)
{
    static const uint16_t dialects[] = {SMB2_DIALECT_202, SMB2_DIALECT_210, SMB2_DIALECT_300,
                                        SMB2_DIALECT_302};

    for (size_t i = 0; i < 2 * sizeof dialects / sizeof *dialects; i++) {
        struct peer_config config = only(dialects[i / 2]);
        struct client c;
        bool sealed = i % 2 && dialects[i / 2] >= SMB2_DIALECT_300;
        config.encrypt_session = i % 2;
        set_up(&c, NULL, &config);
        ck_assert_msg(client_tree(&c), "%s", c.err.reason);
        ck_assert_uint_eq(peer_count(&c.peer, SMB2_IOCTL), 1);
        ck_assert(peer_last(&c.peer, SMB2_IOCTL)->sealed == sealed);
        ck_assert(peer_last(&c.peer, SMB2_IOCTL)->well_signed == !sealed);
        ck_assert(client_tree(&c)); /* a second share on the same connection */
        ck_assert_uint_eq(peer_count(&c.peer, SMB2_IOCTL), 1);
        client_free(&c);
    }
}
END_TEST

START_TEST(what_needs_no_validation_is_not_validated)
{
    const struct lsmb_policy max_21 = {.size = sizeof max_21, .max_dialect = LSMB_SMB_2_1};
    struct client c;

    set_up(&c, NULL, NULL); /* 3.1.1: the logon has proved it */
    ck_assert(client_tree(&c));
    ck_assert_uint_eq(peer_count(&c.peer, SMB2_IOCTL), 0);
    client_free(&c);

    set_up(&c, &max_21, NULL); /* nothing better was offered */
    ck_assert(client_tree(&c));
    ck_assert_uint_eq(peer_count(&c.peer, SMB2_IOCTL), 0);
    client_free(&c);
}
END_TEST

/* Somebody on the wire who makes NEGOTIATE offer 2.1 alone. */
static bool strip_to_21(void *arg, uint8_t *frame, size_t len)
{
    struct smb2_header header;

    (void)arg;
    if (smb2_header_get(&header, (struct span){frame, len}) && header.command == SMB2_NEGOTIATE) {
        /* Dialects begin after 36 bytes of body: 0x0202, 0x0210, 0x0300 ... */
        ck_assert_uint_eq(frame[SMB2_HEADER_LEN + 38], 0x10);
        frame[SMB2_HEADER_LEN + 2] = 2;             /* DialectCount */
        memset(frame + SMB2_HEADER_LEN + 28, 0, 8); /* no contexts */
        memset(frame + SMB2_HEADER_LEN + 8, 0, 4);  /* no capabilities, as becomes 2.1 */
    }
    return true;
}

START_TEST(a_server_that_ends_the_connection_over_the_validation_was_lied_to)
{
    struct client c;

    client_init(&c, NULL, NULL);
    c.peer_may_complain = true; /* it does, and closes */
    c.wire.to_server = strip_to_21;
    ck_assert_msg(client_negotiate(&c) && client_logon(&c), "%s", c.err.reason);
    ck_assert_uint_eq(c.conn.got.dialect, SMB2_DIALECT_210);
    ck_assert(!client_tree(&c));
    ck_assert_int_eq(c.err.code, LSMB_E_SECURITY);
    ck_assert_ptr_nonnull(strstr(c.peer.complaint, "VALIDATE"));
    client_free(&c);
}
END_TEST

/* Somebody on the wire who changes what the server said, in a reply that nothing protects. */
struct liar {
    size_t offset;
    uint8_t flip;
};

static bool lie(void *arg, uint8_t *frame, size_t len)
{
    const struct liar *liar = arg;
    struct smb2_header header;

    if (smb2_header_get(&header, (struct span){frame, len}) && header.command == SMB2_NEGOTIATE) {
        frame[liar->offset] ^= liar->flip;
    }
    return true;
}

START_TEST(an_answer_that_was_changed_on_the_way_does_not_validate)
{
    static struct liar liars[] = {{SMB2_HEADER_LEN + 2, 2},     /* SecurityMode */
                                  {SMB2_HEADER_LEN + 8, 1},     /* ServerGuid */
                                  {SMB2_HEADER_LEN + 24, 0x40}, /* Capabilities */
                                  {SMB2_HEADER_LEN + 27, 0x80}};

    for (size_t i = 0; i < sizeof liars / sizeof *liars; i++) {
        struct peer_config config = only_21();
        struct client c;
        client_init(&c, NULL, &config);
        c.wire.to_client = lie;
        c.wire.arg = &liars[i];
        ck_assert_msg(client_negotiate(&c) && client_logon(&c), "%s", c.err.reason);
        ck_assert(!client_tree(&c));
        ck_assert_msg(c.err.code == LSMB_E_SECURITY, "%s", c.err.reason);
        client_free(&c);
    }
}
END_TEST

START_TEST(who_takes_the_demand_for_signatures_away_is_found_out)
{
    struct liar liar = {SMB2_HEADER_LEN + 2, 2}; /* SecurityMode */
    struct peer_config config = only_21();
    struct client c;

    config.signing_required = true;
    client_init(&c, NULL, &config);
    c.wire.to_client = lie;
    c.wire.arg = &liar;
    ck_assert(client_negotiate(&c) && client_logon(&c));
    ck_assert(!client_tree(&c));
    ck_assert_int_eq(c.err.code, LSMB_E_SECURITY);
    client_free(&c);
}
END_TEST

static enum lsmb_code validate_with(const struct peer_rule *rule)
{
    struct peer_config config = only_21();
    struct peer_rule ioctl = *rule;
    struct client c;

    ioctl.command = SMB2_IOCTL;
    set_up(&c, NULL, &config);
    peer_script(&c.peer, &ioctl);
    enum lsmb_code code = client_tree(&c) ? LSMB_OK : c.err.code;
    ck_assert(c.conn.validated == (code == LSMB_OK));
    ck_assert(conn_dead(&c.conn) == (code != LSMB_OK));
    client_free(&c);
    return code;
}

START_TEST(a_signed_refusal_of_a_server_too_old_to_know_is_an_answer)
{
    static const enum nt_status old[] = {STATUS_NOT_SUPPORTED, STATUS_INVALID_DEVICE_REQUEST,
                                         STATUS_FILE_CLOSED};

    for (size_t i = 0; i < sizeof old / sizeof *old; i++) {
        ck_assert_int_eq(validate_with(&(struct peer_rule){.status = (uint32_t)old[i]}), LSMB_OK);
    }
}
END_TEST

START_TEST(any_other_refusal_is_a_sign_of_tampering)
{
    static const enum nt_status other[] = {STATUS_ACCESS_DENIED, STATUS_INVALID_PARAMETER,
                                           STATUS_INSUFFICIENT_RESOURCES};

    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        ck_assert_int_eq(validate_with(&(struct peer_rule){.status = (uint32_t)other[i]}),
                         LSMB_E_SECURITY);
    }
}
END_TEST

START_TEST(an_answer_without_a_signature_does_not_validate)
{
    static const enum peer_protection bad[] = {PEER_STRIP_FLAG, PEER_UNSIGNED, PEER_WRONG_MAC,
                                               PEER_ZERO_MAC, PEER_ECHO_MAC};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_int_eq(validate_with(&(struct peer_rule){.protection = bad[i]}), LSMB_E_SECURITY);
        ck_assert_int_eq(validate_with(&(struct peer_rule){
                             .protection = bad[i], .status = (uint32_t)STATUS_NOT_SUPPORTED}),
                         LSMB_E_SECURITY);
        /* Taken as an error elsewhere, but never as an answer here. */
        ck_assert_int_eq(validate_with(&(struct peer_rule){.protection = bad[i],
                                                           .status = (uint32_t)STATUS_FILE_CLOSED}),
                         LSMB_E_SECURITY);
    }
}
END_TEST

static void cut_output(struct peer_reply *reply)
{
    reply->len -= 1;
}

static void other_dialect(struct peer_reply *reply)
{
    reply->bytes[reply->len - 1] = 0x03;
}

START_TEST(a_malformed_or_different_validation_is_a_sign_of_tampering)
{
    ck_assert_int_eq(validate_with(&(struct peer_rule){.edit = cut_output}), LSMB_E_SECURITY);
    ck_assert_int_eq(validate_with(&(struct peer_rule){.edit = other_dialect}), LSMB_E_SECURITY);
    ck_assert_int_eq(validate_with(&(struct peer_rule){.fate = PEER_CLOSE}), LSMB_E_SECURITY);
}
END_TEST

START_TEST(guests_have_nothing_to_validate_with)
{
    const struct lsmb_policy policy = {.size = sizeof policy, .allow_guest = true};
    struct peer_config config = only_21();
    struct client c;

    config.map_to_guest = true;
    client_init(&c, &policy, &config);
    client_log_on_as(&c, "nobody-knows", "");
    ck_assert(client_connect(&c));
    ck_assert_uint_eq(peer_count(&c.peer, SMB2_IOCTL), 0);
    client_free(&c);
}
END_TEST

START_TEST(an_aborted_tree_connect_leaves_nothing_behind)
{
    struct peer_config config = only_21();

    for (unsigned legs = 0; legs < 2; legs++) {
        struct client c;
        set_up(&c, NULL, &config);
        client_tree_start(&c);
        script_settle(&c.script);
        for (unsigned i = 0; i < legs; i++) {
            (void)wire_to_server(&c.wire);
            (void)wire_to_client(&c.wire);
            script_settle(&c.script);
        }
        op_abort(&c.parent.op);
        wire_run(&c.wire);
        ck_assert_uint_eq(c.conn.in_flight_count, 0);
        client_free(&c);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "conn/tree", a_tree_is_connected_and_let_go,
        a_share_that_is_not_there_is_an_error_of_the_server,
        a_share_that_has_moved_to_another_node_is_explained,
        a_share_that_demands_sealing_in_2_1_is_explained, an_answer_that_makes_no_sense_is_refused,
        in_3_1_1_the_answer_to_tree_connect_is_signed,
        every_negotiation_below_3_1_1_is_validated_once, what_needs_no_validation_is_not_validated,
        a_server_that_ends_the_connection_over_the_validation_was_lied_to,
        an_answer_that_was_changed_on_the_way_does_not_validate,
        who_takes_the_demand_for_signatures_away_is_found_out,
        a_signed_refusal_of_a_server_too_old_to_know_is_an_answer,
        any_other_refusal_is_a_sign_of_tampering, an_answer_without_a_signature_does_not_validate,
        a_malformed_or_different_validation_is_a_sign_of_tampering,
        guests_have_nothing_to_validate_with, an_aborted_tree_connect_leaves_nothing_behind);
}
