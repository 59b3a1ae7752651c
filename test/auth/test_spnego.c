/* test_spnego.c: choosing a mechanism, against the peer's server half and against scripted
 * answers. */
#include "auth/ntlm.h"
#include "auth/ntlm_message.h"
#include "auth/spnego.h"
#include "auth/spnego_message.h"
#include "test/auth/ntlm_transcripts.h"
#include "test/auth/octets.h"
#include "test/auth/spnego_tokens.h"
#include "test/peer/ntlm_server.h"
#include "test/peer/spnego_server.h"
#include "test/run.h"
#include "test/script.h"

static const struct span ntlm_oid = OID_NTLMSSP, kerberos_oid = OID_KERBEROS;

static struct script_env script;
static struct credentials user;
static struct ntlm_server_options account = {.user = "user", .password = "password"};

/* What a server says it has: both mechanisms.  Source: spnego_tokens.h. */
static struct octets hint_room;
static struct span hint;

static void setup(void)
{
    script_env_init(&script, 1 << 16, 1 << 16);
    hint = octets(&hint_room, init_tokens[0].token);
    ck_assert(credentials_set(&user, "user", "DOMAIN", "password"));
}

static void teardown(void)
{
    credentials_wipe(&user);
    script_env_free(&script);
}

/* A mechanism that does as it is told: says "first" (or fails), then "more" `rounds` times.  Its
 * signature of anything is "signed". */
struct puppet {
    struct mech mech; /* first */
    bool fails, busy, was_busy, silent_end;
    int rounds, at;
};

static enum mech_next puppet_step(struct mech *mech, struct span in, struct mech_out *out)
{
    struct puppet *p = CONTAINER_OF(mech, struct puppet, mech);

    *out = (struct mech_out){0};
    if (p->fails) {
        (void)mech_refuse(out, LSMB_E_AUTH, "no ticket");
        return MECH_FAIL;
    }
    if (p->busy && !p->was_busy) {
        p->was_busy = true;
        return MECH_BUSY;
    }
    p->was_busy = false;
    ck_assert_int_eq(p->at > 0, in.len > 0);
    if (p->at++ < p->rounds) {
        out->token = span_of(p->at == 1 ? "first" : "more");
        return MECH_SEND;
    }
    out->token = p->silent_end ? (struct span){0} : span_of("last");
    return MECH_DONE;
}

static bool puppet_session_key(struct mech *mech, struct secret *out)
{
    return mech && secret_set(out, span_of("key"));
}

static size_t puppet_get_mic(struct mech *mech, struct span message,
                             uint8_t mic[static MECH_MIC_MAX])
{
    ck_assert(mech && message.len > 0);
    struct wr w = wr_from(mic, MECH_MIC_MAX);
    wr_span(&w, span_of("signed"));
    return w.pos;
}

static bool puppet_check_mic(struct mech *mech, struct span message, struct span mic)
{
    return mech && message.len > 0 && span_equal(mic, span_of("signed"));
}

static void puppet_free(struct mech *mech)
{
    free(CONTAINER_OF(mech, struct puppet, mech));
}

static const struct mech_ops puppet_ops = {
    "puppet",       OID_KERBEROS,     puppet_step, puppet_session_key,
    puppet_get_mic, puppet_check_mic, puppet_free,
};

/* Like Kerberos: one token, one answer, and nothing to say to that. */
static struct puppet *puppet_new(void)
{
    struct puppet *p = calloc(1, sizeof *p);

    ck_assert_ptr_nonnull(p);
    *p = (struct puppet){.mech.ops = &puppet_ops, .rounds = 1, .silent_end = true};
    return p;
}

static struct mech *ntlm_new(void)
{
    struct mech *mech = ntlm_client_new(&script.env, &user, "server");

    ck_assert_ptr_nonnull(mech);
    return mech;
}

static struct mech *client_of(struct mech *first, struct mech *second, struct span hint_given)
{
    struct mech *const mechs[] = {first, second};
    struct mech *client = spnego_client_new(&script.env, mechs, second ? 2 : 1, hint_given);

    ck_assert_ptr_nonnull(client);
    return client;
}

static enum mech_next step(struct mech *mech, struct span in, struct mech_out *out)
{
    return mech->ops->step(mech, in, out);
}

static enum mech_next step_hex(struct mech *mech, const char *in, struct mech_out *out)
{
    struct octets room;

    return step(mech, octets(&room, in), out);
}

/* An answer of a scripted server. */
static enum mech_next answer(struct mech *client, struct spnego_resp resp, struct mech_out *out)
{
    uint8_t room[4096];
    struct der_wr w = der_to(room, sizeof room);

    spnego_resp_put(&w, &resp);
    return step(client, der_written(&w), out);
}

/* Client and server talk until one of them stops; the last word of each.  Returns the legs. */
static int talk(struct mech *client, struct mech *server, struct mech_out *client_out,
                struct mech_out *server_out, enum mech_next says[static 2])
{
    int legs = 0;

    says[1] = MECH_SEND;
    says[0] = step(client, (struct span){0}, client_out);
    while (says[0] == MECH_SEND && says[1] == MECH_SEND) {
        legs++;
        says[1] = step(server, client_out->token, server_out);
        if (says[1] == MECH_SEND || says[1] == MECH_DONE) {
            says[0] = step(client, server_out->token, client_out);
        }
    }
    return legs;
}

static void ck_ntlm_logon(struct mech *first, const struct spnego_server_options *opt,
                          enum mech_next want_client, enum lsmb_code code)
{
    struct mech *client =
        first ? client_of(first, ntlm_new(), hint) : client_of(ntlm_new(), NULL, hint);
    struct mech *server = spnego_server_new(ntlm_server_new(&script.env, &account), opt);
    struct mech_out client_out, server_out;
    enum mech_next says[2];

    int legs = talk(client, server, &client_out, &server_out, says);
    ck_assert_int_eq(says[0], want_client);
    if (want_client == MECH_DONE) {
        struct secret ours = {0}, theirs = {0};
        ck_assert_int_eq(says[1], MECH_DONE);
        ck_assert_int_eq(legs, first ? 3 : 2);
        ck_assert_str_eq(spnego_chosen(client)->ops->name, "NTLMv2");
        ck_assert(client->ops->session_key(client, &ours));
        ck_assert(server->ops->session_key(server, &theirs));
        ck_assert_span(secret_span(&ours), secret_span(&theirs));
        secret_wipe(&ours);
        secret_wipe(&theirs);
    } else if (want_client == MECH_FAIL) {
        ck_assert_int_eq(client_out.err.code, code);
    }
    mech_free(client);
    mech_free(server);
}

START_TEST(ntlm_logs_on_in_two_legs)
{
    setup();
    ck_ntlm_logon(NULL, NULL, MECH_DONE, LSMB_OK);
    ck_ntlm_logon(NULL, &(struct spnego_server_options){.request_mic = true}, MECH_DONE, LSMB_OK);
    ck_ntlm_logon(NULL, &(struct spnego_server_options){.omit_mic = true}, MECH_DONE, LSMB_OK);
    ck_ntlm_logon(NULL, &(struct spnego_server_options){.no_last_token = true}, MECH_DONE, LSMB_OK);
    teardown();
}
END_TEST

/* RFC 4178 5 */
START_TEST(a_required_mic_must_come_and_be_right)
{
    setup();
    ck_ntlm_logon(NULL, &(struct spnego_server_options){.wrong_mic = true}, MECH_FAIL,
                  LSMB_E_SECURITY);
    ck_ntlm_logon(NULL, &(struct spnego_server_options){.request_mic = true, .omit_mic = true},
                  MECH_FAIL, LSMB_E_SECURITY);
    ck_ntlm_logon(NULL, &(struct spnego_server_options){.request_mic = true, .no_last_token = true},
                  MECH_FAIL, LSMB_E_SECURITY);
    teardown();
}
END_TEST

START_TEST(a_server_without_our_first_mechanism_must_sign_the_list)
{
    setup();
    ck_ntlm_logon(&puppet_new()->mech, NULL, MECH_DONE, LSMB_OK);
    ck_ntlm_logon(&puppet_new()->mech, &(struct spnego_server_options){.omit_mic = true}, MECH_FAIL,
                  LSMB_E_SECURITY);
    ck_ntlm_logon(&puppet_new()->mech, &(struct spnego_server_options){.wrong_mic = true},
                  MECH_FAIL, LSMB_E_SECURITY);
    ck_ntlm_logon(&puppet_new()->mech, &(struct spnego_server_options){.no_last_token = true},
                  MECH_FAIL, LSMB_E_SECURITY);
    teardown();
}
END_TEST

START_TEST(a_wrong_password_ends_at_the_server)
{
    setup();
    account.password = "Password";
    ck_ntlm_logon(NULL, NULL, MECH_SEND, LSMB_OK); /* it only sees the status of the SMB reply */
    account.password = "password";
    teardown();
}
END_TEST

START_TEST(a_mechanism_that_cannot_begin_is_left_out)
{
    struct mech_out out;
    struct spnego_init init;
    struct octets want;

    setup();
    struct puppet *ticketless = puppet_new();
    ticketless->fails = true;
    struct mech *client = client_of(&ticketless->mech, ntlm_new(), hint);
    ck_assert_int_eq(step(client, (struct span){0}, &out), MECH_SEND);
    ck_assert(spnego_init_get(&init, out.token));
    ck_assert_span(init.mech_types, octets(&want, "300c060a2b06010401823702020a"));
    ck_assert_ptr_nonnull(strstr(script.log, "no ticket"));
    mech_free(client);

    ticketless = puppet_new();
    ticketless->fails = true;
    client = client_of(&ticketless->mech, NULL, hint);
    ck_assert_int_eq(step(client, (struct span){0}, &out), MECH_FAIL);
    ck_assert_int_eq(out.err.code, LSMB_E_AUTH);
    ck_assert_str_eq(out.err.reason, "no ticket");
    ck_assert_ptr_null(spnego_chosen(client));
    mech_free(client);
    teardown();
}
END_TEST

/* Source of the token: spnego_tokens.h, the client's of samba.session_setup.req.93dc23. */
START_TEST(the_first_token_is_that_of_samba)
{
    struct mech_out out;
    struct octets want;

    setup();
    struct mech *client = client_of(ntlm_new(), NULL, hint);
    ck_assert_int_eq(step(client, (struct span){0}, &out), MECH_SEND);
    ck_assert_span(out.token, octets(&want, ntlm_transcripts[0].init));
    mech_free(client);
    teardown();
}
END_TEST

/* Source of the list: spnego_tokens.h, that of samba.session_setup.req.1018d1. */
START_TEST(kerberos_goes_under_both_its_names)
{
    struct mech_out out;
    struct spnego_init init;
    struct octets want;

    setup();
    struct mech *client = client_of(&puppet_new()->mech, NULL, hint);
    ck_assert_int_eq(step(client, (struct span){0}, &out), MECH_SEND);
    ck_assert(spnego_init_get(&init, out.token));
    ck_assert_span(init.mech_types,
                   octets(&want, "301606092a864882f71201020206092a864886f712010202"));
    ck_assert_span(init.mech_token, span_of("first"));
    /* and is answered under either, without a MIC: it was the first choice */
    struct spnego_resp done = {.has_state = true,
                               .state = SPNEGO_ACCEPT_COMPLETED,
                               .supported_mech = OID_MS_KERBEROS,
                               .response_token = span_of("AP-REP")};
    ck_assert_int_eq(answer(client, done, &out), MECH_DONE);
    ck_assert_uint_eq(out.token.len, 0);
    mech_free(client);
    teardown();
}
END_TEST

START_TEST(a_mic_is_exchanged_after_the_last_token_if_asked_for)
{
    struct mech_out out;
    struct spnego_resp resp, got;

    setup();
    struct mech *client = client_of(&puppet_new()->mech, NULL, hint);
    ck_assert_int_eq(step(client, (struct span){0}, &out), MECH_SEND);
    resp = (struct spnego_resp){.has_state = true,
                                .state = SPNEGO_REQUEST_MIC,
                                .supported_mech = kerberos_oid,
                                .response_token = span_of("AP-REP")};
    ck_assert_int_eq(answer(client, resp, &out), MECH_SEND);
    ck_assert(spnego_resp_get(&got, out.token));
    ck_assert_uint_eq(got.response_token.len, 0);
    ck_assert_span(got.mech_list_mic, span_of("signed"));
    resp = (struct spnego_resp){.has_state = true, .mech_list_mic = span_of("signed")};
    ck_assert_int_eq(answer(client, resp, &out), MECH_DONE);
    mech_free(client);
    teardown();
}
END_TEST

START_TEST(a_busy_mechanism_gets_the_same_token_again)
{
    struct mech_out out;
    struct spnego_resp resp = {
        .has_state = true, .state = SPNEGO_ACCEPT_INCOMPLETE, .supported_mech = kerberos_oid};

    setup();
    struct puppet *slow = puppet_new();
    slow->busy = true;
    struct mech *client = client_of(ntlm_new(), &slow->mech, hint);
    ck_assert_int_eq(step(client, (struct span){0}, &out), MECH_SEND);
    ck_assert_int_eq(answer(client, resp, &out), MECH_BUSY); /* the server takes the second one */
    ck_assert_int_eq(answer(client, resp, &out), MECH_SEND);
    resp.response_token = span_of("AP-REP");
    ck_assert_int_eq(answer(client, resp, &out), MECH_BUSY);
    ck_assert_int_eq(answer(client, resp, &out), MECH_SEND); /* our MIC: it was not our first */
    resp = (struct spnego_resp){.has_state = true, .mech_list_mic = span_of("signed")};
    ck_assert_int_eq(answer(client, resp, &out), MECH_DONE);
    mech_free(client);
    teardown();
}
END_TEST

/* What a server may not answer to the first token. */
static void ck_first_answer(struct spnego_resp resp, enum lsmb_code code)
{
    struct mech *client = client_of(&puppet_new()->mech, ntlm_new(), hint);
    struct mech_out out;

    ck_assert_int_eq(step(client, (struct span){0}, &out), MECH_SEND);
    ck_assert_int_eq(answer(client, resp, &out), MECH_FAIL);
    ck_assert_int_eq(out.err.code, code);
    ck_assert(out.err.reason[0] != '\0');
    mech_free(client);
}

START_TEST(answers_that_make_no_sense_are_refused)
{
    setup();
    ck_first_answer((struct spnego_resp){.has_state = true, .state = SPNEGO_REJECT}, LSMB_E_AUTH);
    ck_first_answer((struct spnego_resp){.has_state = true,
                                         .state = SPNEGO_ACCEPT_INCOMPLETE,
                                         .supported_mech =
                                             OID_SPAN("\x2B\x06\x01\x04\x01\x82\x37\x02\x02\x1E")},
                    LSMB_E_SECURITY); /* NEGOEX was not offered */
    ck_first_answer((struct spnego_resp){.supported_mech = ntlm_oid,
                                         .response_token = span_of("token for whom?")},
                    LSMB_E_PROTOCOL);
    ck_first_answer((struct spnego_resp){.has_state = true,
                                         .state = SPNEGO_ACCEPT_COMPLETED,
                                         .supported_mech = ntlm_oid},
                    LSMB_E_PROTOCOL); /* completed, when NTLM has only begun */
    ck_first_answer((struct spnego_resp){.has_state = true,
                                         .supported_mech = kerberos_oid,
                                         .response_token = span_of("AP-REP"),
                                         .mech_list_mic = span_of("forged")},
                    LSMB_E_SECURITY);
    ck_first_answer((struct spnego_resp){.supported_mech = ntlm_oid, .mech_list_mic = span_of("x")},
                    LSMB_E_SECURITY); /* a MIC before there is a key */
    teardown();
}
END_TEST

START_TEST(the_mechanism_can_be_chosen_once)
{
    struct mech_out out;
    struct spnego_resp resp = {
        .has_state = true, .state = SPNEGO_ACCEPT_INCOMPLETE, .supported_mech = ntlm_oid};

    setup();
    struct mech *client = client_of(&puppet_new()->mech, ntlm_new(), hint);
    ck_assert_int_eq(step(client, (struct span){0}, &out), MECH_SEND);
    ck_assert_int_eq(answer(client, resp, &out), MECH_SEND);
    resp.supported_mech = kerberos_oid;
    ck_assert_int_eq(answer(client, resp, &out), MECH_FAIL);
    ck_assert_int_eq(out.err.code, LSMB_E_PROTOCOL);
    mech_free(client);
    teardown();
}
END_TEST

START_TEST(malformed_answers_are_refused)
{
    static const char *const bad[] = {"a1073005a0030a0109", "a1", "4e544c4d535350"};
    struct mech_out out;

    setup();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct mech *client = client_of(ntlm_new(), NULL, hint);
        ck_assert_int_eq(step(client, (struct span){0}, &out), MECH_SEND);
        ck_assert_int_eq(step_hex(client, bad[i], &out), MECH_FAIL);
        ck_assert_int_eq(out.err.code, LSMB_E_PROTOCOL);
        mech_free(client);
    }
    struct mech *client = client_of(ntlm_new(), NULL, hint);
    ck_assert_int_eq(step(client, (struct span){0}, &out), MECH_SEND);
    ck_assert_int_eq(step(client, (struct span){0}, &out), MECH_FAIL); /* no answer at all */
    ck_assert_int_eq(out.err.code, LSMB_E_PROTOCOL);
    mech_free(client);
    teardown();
}
END_TEST

START_TEST(a_logon_without_end_is_ended)
{
    struct mech_out out;
    struct spnego_resp more = {
        .has_state = true, .state = SPNEGO_ACCEPT_INCOMPLETE, .response_token = span_of("more")};
    int legs = 1;

    setup();
    struct puppet *endless = puppet_new();
    endless->rounds = 1000;
    struct mech *client = client_of(&endless->mech, NULL, hint);
    ck_assert_int_eq(step(client, (struct span){0}, &out), MECH_SEND);
    while (answer(client, more, &out) == MECH_SEND) {
        legs++;
    }
    ck_assert_int_eq(legs, 16);
    ck_assert_int_eq(out.err.code, LSMB_E_PROTOCOL);
    mech_free(client);
    teardown();
}
END_TEST

START_TEST(nothing_more_is_said_after_the_end)
{
    struct mech_out out;
    struct spnego_resp resp = {
        .has_state = true, .state = SPNEGO_ACCEPT_INCOMPLETE, .response_token = span_of("AP-REP")};

    setup();
    struct mech *client = client_of(&puppet_new()->mech, NULL, hint);
    ck_assert_int_eq(step(client, (struct span){0}, &out), MECH_SEND);
    ck_assert_int_eq(answer(client, resp, &out), MECH_SEND); /* our MIC */
    ck_assert_int_eq(answer(client, resp, &out), MECH_FAIL); /* another token */
    ck_assert_int_eq(out.err.code, LSMB_E_PROTOCOL);
    resp.response_token = (struct span){0};
    ck_assert_int_eq(answer(client, resp, &out), MECH_FAIL); /* "incomplete": what is missing? */
    ck_assert_int_eq(out.err.code, LSMB_E_PROTOCOL);
    mech_free(client);
    teardown();
}
END_TEST

static enum mech_next first_step_with_hint(struct span given, struct mech_out *out)
{
    struct mech *client = client_of(ntlm_new(), NULL, given);
    enum mech_next next = step(client, (struct span){0}, out);

    mech_free(client);
    return next;
}

/* Sources of the hints: spnego_tokens.h.  MS-SPNG 2.2.1. */
START_TEST(a_hint_without_our_mechanisms_is_refused_by_name)
{
    struct mech_out out;
    uint8_t other[128];

    setup();
    ck_assert_int_eq(first_step_with_hint(hint, &out), MECH_SEND);
    size_t len = spnego_server_hint(other, ntlm_oid);
    ck_assert_int_eq(first_step_with_hint((struct span){other, len}, &out), MECH_SEND);

    len = spnego_server_hint(other, kerberos_oid);
    ck_assert_int_eq(first_step_with_hint((struct span){other, len}, &out), MECH_FAIL);
    ck_assert_int_eq(out.err.code, LSMB_E_POLICY);
    ck_assert_ptr_nonnull(strstr(out.err.reason, "only offers Kerberos"));
    ck_assert(out.err.advice[0] != '\0');

    ck_assert_int_eq(first_step_with_hint((struct span){other, len - 1}, &out), MECH_FAIL);
    ck_assert_int_eq(out.err.code, LSMB_E_PROTOCOL);
    teardown();
}
END_TEST

/* A hint that names nothing leaves everything open; one that names Kerberos under both its names
 * says it once. */
START_TEST(hints_may_say_little_or_the_same_twice)
{
    static const char absent[] = "600c06062b0601050502a0023000";
    static const char empty[] = "601006062b0601050502a0063004a0023000";
    static const char with_req_flags[] =
        "602206062b0601050502a0183016a00e300c060a2b06010401823702020aa10403020106";
    static const char twice[] =
        "602606062b0601050502a01c301aa018301606092a864882f71201020206092a864886f712010202";
    struct mech_out out;
    struct octets room;

    setup();
    ck_assert_int_eq(first_step_with_hint(octets(&room, absent), &out), MECH_SEND);
    ck_assert_int_eq(first_step_with_hint(octets(&room, empty), &out), MECH_SEND);
    ck_assert_int_eq(first_step_with_hint(octets(&room, with_req_flags), &out), MECH_SEND);
    ck_assert_int_eq(first_step_with_hint(octets(&room, twice), &out), MECH_FAIL);
    ck_assert_int_eq(out.err.code, LSMB_E_POLICY);
    const char *once = strstr(out.err.reason, "Kerberos");
    ck_assert(once && !strstr(once + 1, "Kerberos"));
    teardown();
}
END_TEST

/* Built by hand: the last is a well-formed message that has no place here.  RFC 4178 4.2.2. */
START_TEST(answers_that_end_a_logon_are_named)
{
    static const struct {
        const char *token;
        enum lsmb_code code;
    } bad[] = {
        {"a1073005a0030a0102", LSMB_E_AUTH}, /* reject, whatever the status of the SMB reply */
        {"a1153013a0030a0101a10c060a2b06010401823702021e", LSMB_E_SECURITY}, /* not offered */
        {"604806062b0601050502a03e303ca00e300c060a2b06010401823702020aa22a04284e544c4d535350"
         "00010000001582086200000000280000000000000028000000060100000000000f",
         LSMB_E_PROTOCOL}};

    setup();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct mech *client = client_of(ntlm_new(), NULL, hint);
        struct mech_out out;
        ck_assert_int_eq(step(client, (struct span){0}, &out), MECH_SEND);
        ck_assert_int_eq(step_hex(client, bad[i].token, &out), MECH_FAIL);
        ck_assert_int_eq(out.err.code, bad[i].code);
        mech_free(client);
    }
    teardown();
}
END_TEST

/* Lengths that take more bytes than they must are BER but not DER; some servers send them (X.690
 * 8.1.3.5). */
START_TEST(a_challenge_with_long_lengths_is_taken)
{
    uint8_t token[1024], inner[512];
    struct wr w = wr_from(token, sizeof token), c = wr_from(inner, sizeof inner);
    struct ntlm_challenge challenge = {.flags = 0x628A8215};
    struct mech_out out;

    setup();
    ntlm_challenge_put(&c, &challenge);
    uint8_t len = (uint8_t)c.pos;
    wr_u32(&w, 0x000082A1 | (uint32_t)(len + 15) << 24);
    wr_u32(&w, 0x00008330);
    wr_u8(&w, (uint8_t)(len + 10));
    wr_u32(&w, 0x000082A2 | (uint32_t)(len + 6) << 24);
    wr_u32(&w, 0x00008404);
    wr_u16(&w, (uint16_t)(len << 8));
    wr_span(&w, wr_written(&c));
    struct mech *client = client_of(ntlm_new(), NULL, hint);
    ck_assert_int_eq(step(client, (struct span){0}, &out), MECH_SEND);
    ck_assert_int_eq(step(client, wr_written(&w), &out), MECH_SEND);
    mech_free(client);
    teardown();
}
END_TEST

/* ---------------------------------------------------------------- NTLM on its own */

static void ck_raw_logon(struct span given, const struct spnego_server_options *opt, bool raw_first)
{
    struct mech *client = client_of(ntlm_new(), NULL, given);
    struct mech *server = spnego_server_new(ntlm_server_new(&script.env, &account), opt);
    struct mech_out ours, theirs;
    struct secret a = {0}, b = {0};

    ck_assert_int_eq(step(client, (struct span){0}, &ours), MECH_SEND);
    ck_assert(ntlm_is_message(ours.token) == raw_first);
    ck_assert_int_eq(step(server, ours.token, &theirs), MECH_SEND);
    ck_assert(ntlm_is_message(theirs.token));
    ck_assert_int_eq(step(client, theirs.token, &ours), MECH_SEND);
    ck_assert(ntlm_is_message(ours.token));
    ck_assert_int_eq(step(server, ours.token, &theirs), MECH_DONE);
    ck_assert_int_eq(step(client, theirs.token, &ours), MECH_DONE);
    ck_assert_uint_eq(ours.token.len, 0);
    ck_assert(client->ops->session_key(client, &a) && server->ops->session_key(server, &b));
    ck_assert_span(secret_span(&a), secret_span(&b));
    ck_assert_int_eq(step(client, span_of("more"), &ours), MECH_FAIL);
    ck_assert_int_eq(ours.err.code, LSMB_E_PROTOCOL);
    secret_wipe(&a);
    secret_wipe(&b);
    mech_free(client);
    mech_free(server);
}

START_TEST(ntlm_goes_alone_where_the_server_has_no_hint_or_answers_so)
{
    setup();
    ck_raw_logon((struct span){0}, NULL, true);
    ck_raw_logon(hint, &(struct spnego_server_options){.answer_raw = true}, false);
    teardown();
}
END_TEST

/* Whoever takes the hint away must not get NTLM where something better was to be had. */
START_TEST(ntlm_does_not_go_alone_where_something_else_is_wanted_more)
{
    struct octets room;
    struct mech_out out;
    struct span raw = octets(&room, "4e544c4d53535000"
                                    "02000000");

    setup();
    struct mech *client = client_of(&puppet_new()->mech, ntlm_new(), (struct span){0});
    ck_assert_int_eq(step(client, (struct span){0}, &out), MECH_SEND);
    ck_assert(!ntlm_is_message(out.token));
    ck_assert_int_eq(step(client, raw, &out), MECH_FAIL);
    ck_assert_int_eq(out.err.code, LSMB_E_PROTOCOL);
    mech_free(client);
    teardown();
}
END_TEST

START_TEST(ntlm_alone_may_not_end_early_nor_turn_to_spnego)
{
    struct mech_out out;
    struct spnego_resp done = {.has_state = true, .state = SPNEGO_ACCEPT_COMPLETED};

    setup();
    struct mech *client = client_of(ntlm_new(), NULL, (struct span){0});
    ck_assert_int_eq(step(client, (struct span){0}, &out), MECH_SEND);
    ck_assert_int_eq(step(client, (struct span){0}, &out), MECH_FAIL);
    ck_assert_int_eq(out.err.code, LSMB_E_PROTOCOL);
    mech_free(client);
    client = client_of(ntlm_new(), NULL, (struct span){0});
    ck_assert_int_eq(step(client, (struct span){0}, &out), MECH_SEND);
    ck_assert_int_eq(answer(client, done, &out), MECH_FAIL);
    ck_assert_int_eq(out.err.code, LSMB_E_PROTOCOL);
    mech_free(client);
    teardown();
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "auth/spnego", ntlm_logs_on_in_two_legs, a_required_mic_must_come_and_be_right,
        a_server_without_our_first_mechanism_must_sign_the_list,
        a_wrong_password_ends_at_the_server, a_mechanism_that_cannot_begin_is_left_out,
        the_first_token_is_that_of_samba, kerberos_goes_under_both_its_names,
        a_mic_is_exchanged_after_the_last_token_if_asked_for,
        a_busy_mechanism_gets_the_same_token_again, answers_that_make_no_sense_are_refused,
        the_mechanism_can_be_chosen_once, malformed_answers_are_refused,
        a_logon_without_end_is_ended, nothing_more_is_said_after_the_end,
        a_hint_without_our_mechanisms_is_refused_by_name, hints_may_say_little_or_the_same_twice,
        answers_that_end_a_logon_are_named, a_challenge_with_long_lengths_is_taken,
        ntlm_goes_alone_where_the_server_has_no_hint_or_answers_so,
        ntlm_does_not_go_alone_where_something_else_is_wanted_more,
        ntlm_alone_may_not_end_early_nor_turn_to_spnego);
}
