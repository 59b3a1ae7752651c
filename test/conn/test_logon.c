/* test_logon.c: SESSION_SETUP until the server is content (MS-SMB2 3.2.5.3). */
#include "conn/logon.h"

#include <limits.h>

#include "proto/session.h"
#include "test/peer/client.h"
#include "test/run.h"

static void set_up(struct client *c, const struct lsmb_policy *policy,
                   const struct peer_config *config)
{
    client_init(c, policy, config);
    ck_assert_msg(client_negotiate(c), "%s", c->err.reason);
}

static struct peer_config only(uint16_t dialect)
{
    struct peer_config config = peer_defaults();

    memset(config.dialects, 0, sizeof config.dialects);
    config.dialects[0] = dialect;
    return config;
}

static void check_no_session(const struct client *c)
{
    ck_assert_int_ne(c->session.gate, SESSION_OPEN);
}

/* ---------------------------------------------------------------- the plain course */

START_TEST(a_logon_opens_the_gate)
{
    struct client c;

    set_up(&c, NULL, NULL);
    ck_assert(client_logon(&c));
    ck_assert_int_eq(c.session.gate, SESSION_OPEN);
    ck_assert(!c.session.guest && !c.session.anonymous);
    ck_assert_uint_ne(c.session.id, 0);
    ck_assert_uint_eq(peer_count(&c.peer, SMB2_SESSION_SETUP), 2);
    client_free(&c);
}
END_TEST

START_TEST(a_wrong_password_is_an_auth_error_and_the_connection_lives)
{
    struct client c;

    set_up(&c, NULL, NULL);
    client_log_on_as(&c, "user", "wrong");
    ck_assert(!client_logon(&c));
    ck_assert_int_eq(c.err.code, LSMB_E_AUTH);
    ck_assert_uint_eq(c.err.nt_status, (uint32_t)STATUS_LOGON_FAILURE);
    ck_assert_str_eq(c.err.step, "log on");
    ck_assert(!conn_dead(&c.conn));
    check_no_session(&c);
    client_free(&c);
}
END_TEST

START_TEST(a_refused_mechanism_is_an_auth_error_with_advice)
{
    struct client c;

    set_up(&c, NULL, NULL);
    peer_script(&c.peer, &(struct peer_rule){.command = SMB2_SESSION_SETUP,
                                             .status = (uint32_t)STATUS_NOT_SUPPORTED});
    ck_assert(!client_logon(&c));
    ck_assert_int_eq(c.err.code, LSMB_E_AUTH);
    ck_assert_ptr_nonnull(strstr(c.err.advice, "NTLM"));
    client_free(&c);
}
END_TEST

START_TEST(whatever_a_server_refuses_a_logon_with_is_an_auth_error)
{
    static const enum nt_status statuses[] = {STATUS_ACCESS_DENIED, STATUS_REQUEST_NOT_ACCEPTED,
                                              STATUS_INVALID_PARAMETER};

    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        struct client c;
        set_up(&c, NULL, NULL);
        peer_script(&c.peer, &(struct peer_rule){.command = SMB2_SESSION_SETUP,
                                                 .skip = i % 2,
                                                 .status = (uint32_t)statuses[i]});
        ck_assert(!client_logon(&c));
        ck_assert_msg(c.err.code == LSMB_E_AUTH, "%s", c.err.reason);
        ck_assert_uint_eq(c.err.nt_status, (uint32_t)statuses[i]);
        client_free(&c);
    }
}
END_TEST

/* ---------------------------------------------------------------- the last reply */

static void check_last_reply(uint16_t dialect, bool sign, enum peer_protection protection, bool ok)
{
    struct peer_config config = only(dialect);
    struct client c;

    config.signing_required = sign;
    set_up(&c, NULL, &config);
    peer_script(&c.peer, &(struct peer_rule){
                             .command = SMB2_SESSION_SETUP, .skip = 1, .protection = protection});
    ck_assert_msg(client_logon(&c) == ok, "%x %d", (unsigned)dialect, (int)protection);
    if (!ok) {
        ck_assert_int_eq(c.err.code, LSMB_E_SECURITY);
        ck_assert_int_eq(c.conn.err.code, LSMB_E_SECURITY);
        check_no_session(&c);
    }
    client_free(&c);
}

START_TEST(in_3_x_the_last_reply_is_signed_whatever_the_session_does)
{
    static const enum peer_protection bad[] = {PEER_STRIP_FLAG, PEER_UNSIGNED, PEER_WRONG_MAC,
                                               PEER_ZERO_MAC};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        check_last_reply(SMB2_DIALECT_311, false, bad[i], false);
        check_last_reply(SMB2_DIALECT_311, true, bad[i], false);
        check_last_reply(SMB2_DIALECT_300, false, bad[i], false);
        check_last_reply(SMB2_DIALECT_302, true, bad[i], false);
    }
}
END_TEST

START_TEST(in_2_x_the_last_reply_is_signed_when_the_session_signs)
{
    check_last_reply(SMB2_DIALECT_202, true, PEER_UNSIGNED, false);
    check_last_reply(SMB2_DIALECT_202, false, PEER_UNSIGNED, true);
    check_last_reply(SMB2_DIALECT_210, true, PEER_UNSIGNED, false);
    check_last_reply(SMB2_DIALECT_210, true, PEER_WRONG_MAC, false);
    check_last_reply(SMB2_DIALECT_210, false, PEER_WRONG_MAC, false);
    check_last_reply(SMB2_DIALECT_210, false, PEER_UNSIGNED, true);
}
END_TEST

START_TEST(a_server_with_another_key_does_not_get_past_the_last_reply)
{
    struct client c;

    set_up(&c, NULL, NULL);
    client_logon_start(&c);
    script_settle(&c.script);
    c.channel.preauth.hash[0] ^= 1; /* whatever the reason: the keys differ */
    ck_assert(!client_finish(&c));
    ck_assert_int_eq(c.err.code, LSMB_E_SECURITY);
    client_free(&c);
}
END_TEST

/* ---------------------------------------------------------------- NEGOTIATE changed on the way */

/* Change one byte of the first frame in one direction. */
struct meddler {
    size_t offset;
    uint8_t flip;
    bool done;
};

static bool meddle(void *arg, uint8_t *frame, size_t len)
{
    struct meddler *m = arg;

    if (!m->done) {
        ck_assert_uint_lt(m->offset, len);
        frame[m->offset] ^= m->flip;
        m->done = true;
    }
    return true;
}

/* What is changed neither side minds; only the transcripts differ. */
static void check_meddling(bool to_server, size_t offset, uint8_t flip)
{
    struct meddler m = {offset, flip, false};
    struct client c;

    client_init(&c, NULL, NULL);
    c.wire.to_server = to_server ? meddle : NULL;
    c.wire.to_client = to_server ? NULL : meddle;
    c.wire.arg = &m;
    ck_assert_msg(client_negotiate(&c), "%s", c.err.reason);
    ck_assert(m.done);
    ck_assert(!client_logon(&c));
    ck_assert_msg(c.err.code == LSMB_E_SECURITY, "%s", c.err.reason);
    check_no_session(&c);
    client_free(&c);
}

START_TEST(a_request_changed_on_the_way_is_noticed_in_3_1_1)
{
    check_meddling(true, SMB2_HEADER_LEN + 4, 2);  /* SecurityMode: required */
    check_meddling(true, SMB2_HEADER_LEN + 8, 4);  /* Capabilities */
    check_meddling(true, SMB2_HEADER_LEN + 12, 1); /* ClientGuid */
    check_meddling(true, 14, 1);                   /* CreditRequest in the header */
    check_meddling(true, 48, 1);                   /* Signature, which nobody looks at */
}
END_TEST

START_TEST(an_answer_changed_on_the_way_is_noticed_in_3_1_1)
{
    check_meddling(false, SMB2_HEADER_LEN + 2, 2);     /* SecurityMode: required */
    check_meddling(false, SMB2_HEADER_LEN + 8, 1);     /* ServerGuid */
    check_meddling(false, SMB2_HEADER_LEN + 24, 0x40); /* Capabilities */
    check_meddling(false, SMB2_HEADER_LEN + 34, 0x01); /* MaxReadSize */
    check_meddling(false, SMB2_HEADER_LEN + 40, 1);    /* SystemTime */
}
END_TEST

static bool flip_token(void *arg, uint8_t *frame, size_t len)
{
    struct smb2_header header;

    if (smb2_header_get(&header, (struct span){frame, len}) &&
        header.command == SMB2_SESSION_SETUP) {
        frame[48] ^= 1; /* the Signature field of an unsigned message */
        *(unsigned *)arg += 1;
    }
    return true;
}

START_TEST(a_session_setup_changed_on_the_way_is_noticed_in_3_1_1)
{
    unsigned touched = 0;
    struct client c;

    set_up(&c, NULL, NULL);
    c.wire.to_server = flip_token;
    c.wire.arg = &touched;
    ck_assert(!client_logon(&c));
    ck_assert_int_eq(c.err.code, LSMB_E_SECURITY);
    ck_assert_uint_eq(touched, 2);
    client_free(&c);
}
END_TEST

/* ---------------------------------------------------------------- guests */

static bool log_on_as_nobody_knows(struct client *c, const struct lsmb_policy *policy)
{
    struct peer_config config = peer_defaults();

    config.map_to_guest = true;
    set_up(c, policy, &config);
    client_log_on_as(c, "nobody-knows", "password");
    return client_logon(c);
}

START_TEST(being_mapped_to_guest_is_refused)
{
    struct client c;

    ck_assert(!log_on_as_nobody_knows(&c, NULL));
    ck_assert_int_eq(c.err.code, LSMB_E_AUTH);
    ck_assert_ptr_nonnull(strstr(c.err.advice, "--allow-guest"));
    check_no_session(&c);
    client_free(&c);
}
END_TEST

START_TEST(a_guest_that_is_allowed_neither_signs_nor_seals)
{
    const struct lsmb_policy policy = {.size = sizeof policy, .allow_guest = true};
    struct request request = {0};
    struct client c;

    ck_assert_msg(log_on_as_nobody_knows(&c, &policy), "%s", c.err.reason);
    ck_assert(c.session.guest);
    ck_assert_msg(client_tree(&c), "%s", c.err.reason);
    ck_assert(!peer_last(&c.peer, SMB2_TREE_CONNECT)->well_signed);
    ck_assert(client_open(&c, "a.txt"));
    client_read(&c, &request, 0, 10);
    wire_run(&c.wire);
    ck_assert_uint_eq(client_data(&request, 10).len, 10);
    request_drop(&request);
    client_free(&c);
}
END_TEST

START_TEST(a_guest_cannot_have_the_protection_that_is_required)
{
    const struct lsmb_policy policies[] = {
        {.size = sizeof *policies, .allow_guest = true, .sign = LSMB_REQUIRED},
        {.size = sizeof *policies, .allow_guest = true, .seal = LSMB_REQUIRED}};

    for (size_t i = 0; i < 2; i++) {
        struct client c;
        ck_assert(!log_on_as_nobody_knows(&c, &policies[i]));
        ck_assert_int_eq(c.err.code, LSMB_E_POLICY);
        check_no_session(&c);
        client_free(&c);
    }
}
END_TEST

static void say_guest(struct peer_reply *reply)
{
    reply->bytes[SMB2_HEADER_LEN + 2] |= SMB2_SESSION_FLAG_IS_GUEST;
}

static void say_null(struct peer_reply *reply)
{
    reply->bytes[SMB2_HEADER_LEN + 2] |= SMB2_SESSION_FLAG_IS_NULL;
}

START_TEST(a_right_password_does_not_make_a_guest_welcome)
{
    void (*const edits[])(struct peer_reply *) = {say_guest, say_null};

    for (size_t i = 0; i < 2; i++) {
        struct client c;
        set_up(&c, NULL, NULL);
        peer_script(&c.peer, &(struct peer_rule){
                                 .command = SMB2_SESSION_SETUP, .skip = 1, .edit = edits[i]});
        ck_assert(!client_logon(&c));
        ck_assert_int_eq(c.err.code, LSMB_E_AUTH);
        check_no_session(&c);
        client_free(&c);
    }
}
END_TEST

/* ---------------------------------------------------------------- nobody */

static void say_encrypt(struct peer_reply *reply)
{
    reply->bytes[SMB2_HEADER_LEN + 2] |= SMB2_SESSION_FLAG_ENCRYPT_DATA;
}

START_TEST(nobody_may_log_on_where_that_is_allowed_on_both_sides)
{
    const struct lsmb_policy policy = {.size = sizeof policy, .anonymous = true};
    struct peer_config config = peer_defaults();
    struct client c;

    config.allow_anonymous = true;
    set_up(&c, &policy, &config);
    ck_assert_msg(client_logon(&c), "%s", c.err.reason);
    ck_assert(c.session.anonymous && !c.session.guest);
    ck_assert_ptr_null(c.channel.signer);
    ck_assert_msg(client_tree(&c), "%s", c.err.reason);
    ck_assert(client_open(&c, "a.txt"));
    client_free(&c);
}
END_TEST

START_TEST(nobody_cannot_encrypt_though_the_server_demands_it)
{
    const struct lsmb_policy nobody = {.size = sizeof nobody, .anonymous = true};
    const struct lsmb_policy guest = {.size = sizeof guest, .allow_guest = true};

    for (size_t i = 0; i < 2; i++) {
        struct peer_config config = peer_defaults();
        struct client c;
        config.allow_anonymous = config.map_to_guest = true;
        set_up(&c, i ? &guest : &nobody, &config);
        client_log_on_as(&c, i ? "nobody-knows" : NULL, "");
        peer_script(&c.peer, &(struct peer_rule){
                                 .command = SMB2_SESSION_SETUP, .skip = 1, .edit = say_encrypt});
        ck_assert(!client_logon(&c));
        ck_assert_int_eq(c.err.code, LSMB_E_POLICY);
        ck_assert_ptr_nonnull(strstr(c.err.reason, i ? "guest" : "nobody"));
        check_no_session(&c);
        client_free(&c);
    }
}
END_TEST

START_TEST(nobody_cannot_have_the_protection_that_is_required)
{
    const struct lsmb_policy policies[] = {
        {.size = sizeof *policies, .anonymous = true, .sign = LSMB_REQUIRED},
        {.size = sizeof *policies, .anonymous = true, .seal = LSMB_REQUIRED}};

    for (size_t i = 0; i < 2; i++) {
        struct peer_config config = peer_defaults();
        struct client c;
        config.allow_anonymous = true;
        set_up(&c, &policies[i], &config);
        ck_assert(!client_logon(&c));
        ck_assert_int_eq(c.err.code, LSMB_E_POLICY);
        check_no_session(&c);
        client_free(&c);
    }
}
END_TEST

/* ---------------------------------------------------------------- a server that misbehaves */

START_TEST(sealing_that_was_not_agreed_cannot_be_demanded)
{
    struct peer_config config = only(SMB2_DIALECT_210);
    struct client c;

    set_up(&c, NULL, &config);
    peer_script(&c.peer,
                &(struct peer_rule){.command = SMB2_SESSION_SETUP, .skip = 1, .edit = say_encrypt});
    ck_assert(!client_logon(&c));
    ck_assert_int_eq(c.err.code, LSMB_E_POLICY);
    client_free(&c);
}
END_TEST

static void other_session_id(struct peer_reply *reply)
{
    reply->header.session_id++;
}

static void no_session_id(struct peer_reply *reply)
{
    reply->header.session_id = 0;
}

static void cut_short(struct peer_reply *reply)
{
    reply->len = SMB2_HEADER_LEN + 4;
}

static void ask_for_more(struct peer_reply *reply)
{
    reply->header.status = (uint32_t)STATUS_MORE_PROCESSING_REQUIRED;
}

START_TEST(a_logon_that_does_not_follow_the_rules_ends_the_connection)
{
    static const struct {
        unsigned skip;
        void (*edit)(struct peer_reply *);
    } cases[] = {{1, other_session_id}, {0, no_session_id}, {1, no_session_id},
                 {0, cut_short},        {1, cut_short},     {1, ask_for_more}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct client c;
        set_up(&c, NULL, NULL);
        peer_script(&c.peer, &(struct peer_rule){.command = SMB2_SESSION_SETUP,
                                                 .skip = cases[i].skip,
                                                 .edit = cases[i].edit});
        ck_assert(!client_logon(&c));
        ck_assert_msg(conn_dead(&c.conn), "case %zu: %s", i, c.err.reason);
        check_no_session(&c);
        client_free(&c);
    }
}
END_TEST

static void succeed_at_once(struct peer_reply *reply)
{
    reply->header.status = STATUS_SUCCESS;
}

START_TEST(a_server_that_lets_us_in_unproved_is_refused)
{
    struct client c;

    set_up(&c, NULL, NULL);
    peer_script(&c.peer,
                &(struct peer_rule){.command = SMB2_SESSION_SETUP, .edit = succeed_at_once});
    ck_assert(!client_logon(&c));
    ck_assert_int_eq(c.conn.err.code, LSMB_E_SECURITY);
    check_no_session(&c);
    client_free(&c);
}
END_TEST

/* A mechanism that would go on for ever. */
static enum mech_next endless_step(struct mech *mech, struct span in, struct mech_out *out)
{
    (void)mech;
    (void)in;
    *out = (struct mech_out){.token = span_of("more")};
    return MECH_SEND;
}

static const struct mech_ops endless_ops = {.name = "endless", .step = endless_step};

static uint32_t more(struct peer_reply *reply)
{
    struct wr w = wr_from(reply->bytes + SMB2_HEADER_LEN, 8);

    reply->header.status = (uint32_t)STATUS_MORE_PROCESSING_REQUIRED;
    reply->header.session_id = 77;
    smb2_session_setup_reply_put(&w, &(struct smb2_session_setup_reply){0});
    reply->len = SMB2_HEADER_LEN + 8;
    return 0;
}

static void ask_for_ever(struct peer_reply *reply)
{
    (void)more(reply);
}

START_TEST(a_server_that_keeps_asking_is_refused)
{
    struct mech endless = {&endless_ops};
    struct client c;

    set_up(&c, NULL, NULL);
    c.peer_may_complain = true;
    peer_script(&c.peer, &(struct peer_rule){.command = SMB2_SESSION_SETUP,
                                             .times = UINT_MAX,
                                             .status = (uint32_t)STATUS_ACCESS_DENIED,
                                             .edit = ask_for_ever});
    channel_join(&c.channel, &c.session, &c.conn);
    waiting_op_start(&c.parent, c.env);
    logon_start(&c.logon, &c.parent.op, &c.channel, &endless);
    c.parent.child = &c.logon.op;
    ck_assert(!client_finish(&c));
    ck_assert_int_eq(c.err.code, LSMB_E_PROTOCOL);
    ck_assert_uint_le(peer_count(&c.peer, SMB2_SESSION_SETUP), 16);
    client_free(&c);
}
END_TEST

/* A mechanism that says a byte more than SecurityBufferLength can count. */
static enum mech_next wordy_step(struct mech *mech, struct span in, struct mech_out *out)
{
    static const uint8_t token[UINT16_MAX + 1];

    (void)mech;
    (void)in;
    *out = (struct mech_out){.token = {token, sizeof token}};
    return MECH_SEND;
}

static const struct mech_ops wordy_ops = {.name = "wordy", .step = wordy_step};

/* MS-SMB2 2.2.5 */
START_TEST(a_token_too_long_for_a_request_ends_the_connection)
{
    struct mech wordy = {&wordy_ops};
    struct client c;

    set_up(&c, NULL, NULL);
    channel_join(&c.channel, &c.session, &c.conn);
    waiting_op_start(&c.parent, c.env);
    logon_start(&c.logon, &c.parent.op, &c.channel, &wordy);
    c.parent.child = &c.logon.op;
    ck_assert(!client_finish(&c));
    ck_assert_int_eq(c.err.code, LSMB_E_PROTOCOL);
    ck_assert(conn_dead(&c.conn));
    ck_assert_uint_eq(peer_count(&c.peer, SMB2_SESSION_SETUP), 0);
    client_free(&c);
}
END_TEST

/* A mechanism that has to think before it says anything. */
struct slow_mech {
    struct mech mech; /* first */
    struct job job;
    unsigned works, releases;
};

static void think(struct job *job)
{
    CONTAINER_OF(job, struct slow_mech, job)->works++;
}

static void released(struct job *job)
{
    CONTAINER_OF(job, struct slow_mech, job)->releases++;
}

static enum mech_next slow_step(struct mech *mech, struct span in, struct mech_out *out)
{
    struct slow_mech *slow = CONTAINER_OF(mech, struct slow_mech, mech);

    (void)in;
    *out = (struct mech_out){.job = &slow->job};
    if (!slow->job.finished) {
        return MECH_BUSY;
    }
    error_set(&out->err, LSMB_E_AUTH, "thought about it");
    return MECH_FAIL;
}

static const struct mech_ops slow_ops = {.name = "slow", .step = slow_step};

static void start_slow_logon(struct client *c, struct slow_mech *slow)
{
    *slow = (struct slow_mech){.mech = {&slow_ops}, .job = {.work = think, .release = released}};
    set_up(c, NULL, NULL);
    channel_join(&c->channel, &c->session, &c->conn);
    waiting_op_start(&c->parent, c->env);
    logon_start(&c->logon, &c->parent.op, &c->channel, &slow->mech);
    c->parent.child = &c->logon.op;
}

START_TEST(a_mechanism_that_can_only_block_does_so_elsewhere)
{
    struct slow_mech slow;
    struct client c;

    start_slow_logon(&c, &slow);
    ck_assert(!client_finish(&c));
    ck_assert_str_eq(c.err.reason, "thought about it");
    ck_assert_uint_eq(slow.works, 1);
    client_free(&c);

    start_slow_logon(&c, &slow);
    c.script.jobs.refuse = true;
    ck_assert(!client_finish(&c));
    ck_assert_int_eq(c.err.code, LSMB_E_NOMEM);
    ck_assert_uint_eq(slow.releases, 1);
    client_free(&c);
}
END_TEST

START_TEST(a_logon_aborted_while_its_mechanism_thinks_lets_it_finish_alone)
{
    struct slow_mech slow;
    struct client c;

    start_slow_logon(&c, &slow);
    c.script.jobs.hold = true;
    script_settle(&c.script);
    op_abort(&c.parent.op);
    ck_assert_uint_eq(slow.releases, 0);
    script_jobs_run(&c.script.jobs);
    ck_assert_uint_eq(slow.works, 1);
    ck_assert_uint_eq(slow.releases, 1);
    client_free(&c);
}
END_TEST

START_TEST(a_wrong_mech_list_mic_ends_the_connection)
{
    struct peer_config config = peer_defaults();
    struct client c;

    config.spnego.wrong_mic = true;
    config.spnego.request_mic = true;
    set_up(&c, NULL, &config);
    ck_assert(!client_logon(&c));
    ck_assert_int_eq(c.err.code, LSMB_E_SECURITY);
    ck_assert(conn_dead(&c.conn));
    check_no_session(&c);
    client_free(&c);
}
END_TEST

START_TEST(a_logon_that_the_server_does_not_answer_ends_with_the_connection)
{
    struct client c;

    set_up(&c, NULL, NULL);
    peer_script(&c.peer, &(struct peer_rule){.command = SMB2_SESSION_SETUP, .fate = PEER_DROP});
    client_logon_start(&c);
    ck_assert(!client_finish(&c));
    script_pass_ms(&c.script, 30001);
    ck_assert(op_failed(&c.parent.op));
    ck_assert_int_eq(c.parent.op.err.code, LSMB_E_TIMEOUT);
    client_free(&c);
}
END_TEST

START_TEST(an_aborted_logon_leaves_nothing_behind)
{
    for (unsigned legs = 0; legs < 3; legs++) {
        struct client c;
        set_up(&c, NULL, NULL);
        client_logon_start(&c);
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
        "conn/logon", a_logon_opens_the_gate,
        a_wrong_password_is_an_auth_error_and_the_connection_lives,
        a_refused_mechanism_is_an_auth_error_with_advice,
        whatever_a_server_refuses_a_logon_with_is_an_auth_error,
        in_3_x_the_last_reply_is_signed_whatever_the_session_does,
        in_2_x_the_last_reply_is_signed_when_the_session_signs,
        a_server_with_another_key_does_not_get_past_the_last_reply,
        a_request_changed_on_the_way_is_noticed_in_3_1_1,
        an_answer_changed_on_the_way_is_noticed_in_3_1_1,
        a_session_setup_changed_on_the_way_is_noticed_in_3_1_1, being_mapped_to_guest_is_refused,
        a_guest_that_is_allowed_neither_signs_nor_seals,
        a_guest_cannot_have_the_protection_that_is_required,
        a_right_password_does_not_make_a_guest_welcome,
        nobody_may_log_on_where_that_is_allowed_on_both_sides,
        nobody_cannot_encrypt_though_the_server_demands_it,
        nobody_cannot_have_the_protection_that_is_required,
        sealing_that_was_not_agreed_cannot_be_demanded,
        a_logon_that_does_not_follow_the_rules_ends_the_connection,
        a_server_that_lets_us_in_unproved_is_refused, a_server_that_keeps_asking_is_refused,
        a_token_too_long_for_a_request_ends_the_connection,
        a_mechanism_that_can_only_block_does_so_elsewhere,
        a_logon_aborted_while_its_mechanism_thinks_lets_it_finish_alone,
        a_wrong_mech_list_mic_ends_the_connection,
        a_logon_that_the_server_does_not_answer_ends_with_the_connection,
        an_aborted_logon_leaves_nothing_behind);
}
