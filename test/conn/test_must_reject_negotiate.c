/* test_must_reject_negotiate.c: what must not be believed on the way to a share: NEGOTIATE (MS-SMB2
 * 3.2.5.2), SESSION_SETUP (3.2.5.3) and what proves the first afterwards (3.2.5.14.12), in every dialect. */
#include "test/conn/lie.h"
#include "test/peer/client.h"
#include "test/run.h"

static const uint16_t dialects[] = {SMB2_DIALECT_202, SMB2_DIALECT_210, SMB2_DIALECT_300,
                                    SMB2_DIALECT_302, SMB2_DIALECT_311};

enum {
    DIALECTS = sizeof dialects / sizeof *dialects,
    BELOW_311 = DIALECTS - 1,
    FRAME_MAX = 1024,
};

/* Offsets in the header and in an answer to NEGOTIATE (MS-SMB2 2.2.4), SESSION_SETUP (2.2.6) and IOCTL with
 * VALIDATE_NEGOTIATE_INFO (2.2.32.6). */
enum {
    STATUS = 8,
    FLAGS = 16,
    SESSION_ID = 40,
    SIGNATURE = 48,
    STRUCTURE_SIZE = 64,
    N_DIALECT = 68,
    N_CONTEXT_COUNT = 70,
    N_MAX_TRANSACT = 92,
    N_MAX_READ = 96,
    N_MAX_WRITE = 100,
    N_BUFFER_OFFSET = 120,
    N_BUFFER_LENGTH = 122,
    N_CONTEXT_OFFSET = 124,
    S_FLAGS = 66,
    S_BUFFER_OFFSET = 68,
    S_BUFFER_LENGTH = 70,
    V_CAPABILITIES = 112,
    V_GUID = 116,
    V_MODE = 132,
    V_DIALECT = 134,
};

/* Where a patch counts from: the message, or a negotiate context. */
enum from { MESSAGE, HASH = 1, CIPHER = 2, SIGNING = 8 };

/* Offsets in a context (MS-SMB2 2.2.4.1). */
enum { C_TYPE = 0, C_LENGTH = 2, C_COUNT = 8, C_ID = 10, C_HASH_ID = 12, C_SALT_LENGTH = 10 };

struct lie {
    const char *name;
    enum from from;
    struct lie_patch patch[LIE_PATCHES];
    unsigned len;        /* 0: as long as it is */
    enum lsmb_code code; /* how it ends; LSMB_OK: it does no harm */
};

static struct peer_config only(uint16_t dialect)
{
    struct peer_config config = peer_defaults();

    memset(config.dialects, 0, sizeof config.dialects);
    config.dialects[0] = dialect;
    return config;
}

static size_t context_at(struct span message, enum from type)
{
    struct rd r = rd_from(message, N_CONTEXT_COUNT);
    unsigned count = rd_u16(&r);

    r = rd_from(message, N_CONTEXT_OFFSET);
    size_t at = rd_u32(&r);
    for (; count > 0; count--) {
        r = rd_from(message, at);
        if (rd_u16(&r) == type) {
            return at;
        }
        at = (at + 8 + rd_u16(&r) + 7) & ~(size_t)7;
    }
    ck_abort_msg("there is no context %d", (int)type);
    return 0;
}

/* What the server answers now, changed. */
static void answer_with(struct client *c, const struct lie *lie)
{
    uint8_t bytes[FRAME_MAX] = {0};

    script_settle(&c->script);
    (void)wire_to_server(&c->wire);
    struct peer_frame *frame = peer_next_frame(c->wire.link);
    ck_assert(frame && frame->len <= sizeof bytes);
    memcpy(bytes, frame->bytes, frame->len);
    struct span message = {bytes, frame->len};
    size_t base = lie->from == MESSAGE ? 0 : context_at(message, lie->from);
    lie_patch_all(bytes + base, sizeof bytes - base, lie->patch);
    message.len = lie->len > 0 ? lie->len : frame->len;
    peer_send_raw(c->wire.link, message);
    free(frame);
}

static void ck_outcome(struct client *c, bool ok, const struct lie *lie, uint16_t dialect)
{
    ck_assert_msg(ok == (lie->code == LSMB_OK) && (ok || c->err.code == lie->code),
                  "%s, %s: %d, %s", dialect_name(dialect), lie->name, (int)c->err.code,
                  c->err.reason);
}

/* ---------------------------------------------------------------- NEGOTIATE */

static void negotiate(const struct lie *lie, uint16_t dialect)
{
    struct peer_config config = only(dialect);
    struct client c;

    client_init(&c, NULL, &config);
    client_negotiate_start(&c);
    answer_with(&c, lie);
    ck_outcome(&c, client_finish(&c), lie, dialect);
    ck_assert(conn_dead(&c.conn) == (lie->code != LSMB_OK));
    client_free(&c);
}

#define EACH(do_it, lies, first, last)                                                             \
    for (size_t i_ = 0; i_ < sizeof(lies) / sizeof *(lies); i_++) {                                \
        for (size_t d_ = (first); d_ < (last); d_++) {                                             \
            do_it(&(lies)[i_], dialects[d_]);                                                      \
        }                                                                                          \
    }

START_TEST(an_answer_to_negotiate_is_one_in_form)
{
    static const struct lie lies[] = {
        {"shorter than a header", .len = 63, .code = LSMB_E_PROTOCOL},
        {"a header alone", .len = 64, .code = LSMB_E_PROTOCOL},
        {"half a body", .len = 100, .code = LSMB_E_PROTOCOL},
        {"SMB1", .patch = {{0, 4, SMB1_PROTOCOL_ID}}, .code = LSMB_E_POLICY},
        {"sealed", .patch = {{0, 4, SMB2_TRANSFORM_PROTOCOL_ID}}, .code = LSMB_E_PROTOCOL},
        {"compressed", .patch = {{0, 4, SMB2_COMPRESSION_PROTOCOL_ID}}, .code = LSMB_E_PROTOCOL},
        {"not an answer", .patch = {{FLAGS, 1, 0}}, .code = LSMB_E_PROTOCOL},
        {"of another size", .patch = {{STRUCTURE_SIZE, 2, 64}}, .code = LSMB_E_PROTOCOL},
        {"a refusal with a body", .patch = {{STATUS, 4, (uint32_t)STATUS_ACCESS_DENIED}},
         .code = LSMB_E_PROTOCOL},
        {"a token past the end", .patch = {{N_BUFFER_LENGTH, 2, 0x7FFF}}, .code = LSMB_E_PROTOCOL},
        {"a token elsewhere", .patch = {{N_BUFFER_OFFSET, 2, 0xFFFF}}, .code = LSMB_E_PROTOCOL},
        {"a token in the header", .patch = {{N_BUFFER_OFFSET, 2, 8}}, .code = LSMB_E_PROTOCOL},
        {"said to be signed, which nobody can check", .patch = {{FLAGS, 1, 9}}},
    };

    EACH(negotiate, lies, 0, DIALECTS)
}
END_TEST

START_TEST(nothing_is_chosen_that_was_not_offered)
{
    static const struct lie lies[] = {
        {"another dialect", .patch = {{N_DIALECT, 2, 0x0222}}, .code = LSMB_E_SECURITY},
        {"no dialect", .patch = {{N_DIALECT, 2, 0}}, .code = LSMB_E_SECURITY},
        {"the wildcard, unasked", .patch = {{N_DIALECT, 2, SMB2_DIALECT_WILDCARD}},
         .code = LSMB_E_SECURITY},
        {"small transactions", .patch = {{N_MAX_TRANSACT, 4, 65535}}, .code = LSMB_E_PROTOCOL},
        {"small reads", .patch = {{N_MAX_READ, 4, 65535}}, .code = LSMB_E_PROTOCOL},
        {"no writes", .patch = {{N_MAX_WRITE, 4, 0}}, .code = LSMB_E_PROTOCOL},
    };

    EACH(negotiate, lies, 0, DIALECTS)
}
END_TEST

/* What only 3.1.1 knows is reserved in the others. */
START_TEST(contexts_below_3_1_1_are_not_looked_at)
{
    static const struct lie lies[] = {
        {"many", .patch = {{N_CONTEXT_COUNT, 2, 0xFFFF}, {N_CONTEXT_OFFSET, 4, UINT32_MAX}}},
    };

    EACH(negotiate, lies, 0, BELOW_311)
}
END_TEST

START_TEST(contexts_of_3_1_1_are_what_was_asked_for)
{
    static const struct lie lies[] = {
        {"none", .patch = {{N_CONTEXT_COUNT, 2, 0}}, .code = LSMB_E_SECURITY},
        {"no hash", HASH, {{C_TYPE, 2, 0x7FFF}}, .code = LSMB_E_SECURITY},
        {"another hash", HASH, {{C_HASH_ID, 2, 2}}, .code = LSMB_E_SECURITY},
        {"two hashes", HASH, {{C_COUNT, 2, 2}}, .code = LSMB_E_PROTOCOL},
        {"a hash of no kind", HASH, {{C_COUNT, 2, 0}}, .code = LSMB_E_PROTOCOL},
        {"two ciphers", CIPHER, {{C_COUNT, 2, 2}}, .code = LSMB_E_PROTOCOL},
        {"a cipher of no kind", CIPHER, {{C_COUNT, 2, 0}}, .code = LSMB_E_PROTOCOL},
        {"another cipher", CIPHER, {{C_ID, 2, 9}}, .code = LSMB_E_SECURITY},
        {"two signatures", SIGNING, {{C_COUNT, 2, 2}}, .code = LSMB_E_PROTOCOL},
        {"another signature", SIGNING, {{C_ID, 2, 9}}, .code = LSMB_E_SECURITY},
        {"two contexts of ciphers", SIGNING, {{C_TYPE, 2, CIPHER}}, .code = LSMB_E_PROTOCOL},
        {"two contexts of hashes", CIPHER, {{C_TYPE, 2, HASH}}, .code = LSMB_E_PROTOCOL},
        {"one that nobody knows", SIGNING, {{C_TYPE, 2, 0x7777}}, .code = LSMB_OK},
    };

    EACH(negotiate, lies, BELOW_311, DIALECTS)
}
END_TEST

START_TEST(contexts_of_3_1_1_are_inside_the_answer)
{
    static const struct lie lies[] = {
        {"a salt past its context", HASH, {{C_SALT_LENGTH, 2, 0x7FFF}}, .code = LSMB_E_PROTOCOL},
        {"a context past the end", SIGNING, {{C_LENGTH, 2, 0x7FFF}}, .code = LSMB_E_PROTOCOL},
        {"one that is too short", CIPHER, {{C_LENGTH, 2, 2}}, .code = LSMB_E_PROTOCOL},
        {"one more than there are", .patch = {{N_CONTEXT_COUNT, 2, 4}}, .code = LSMB_E_PROTOCOL},
        {"all past the end", .patch = {{N_CONTEXT_OFFSET, 4, 0x7FFFFFFF}}, .code = LSMB_E_PROTOCOL},
        {"all in the header", .patch = {{N_CONTEXT_OFFSET, 4, 8}}, .code = LSMB_E_PROTOCOL},
        {"all where none begins", .patch = {{N_CONTEXT_OFFSET, 4, 0x81}}, .code = LSMB_E_PROTOCOL},
    };

    EACH(negotiate, lies, BELOW_311, DIALECTS)
}
END_TEST

/* ---------------------------------------------------------------- SESSION_SETUP */

static void log_on(const struct lie *lie, uint16_t dialect, unsigned leg)
{
    static const struct lie truth = {.name = "the truth"};
    struct peer_config config = only(dialect);
    struct client c;

    config.signing_required = true;
    client_init(&c, NULL, &config);
    ck_assert(client_negotiate(&c));
    client_logon_start(&c);
    for (unsigned i = 1; i <= leg; i++) {
        answer_with(&c, i == leg ? lie : &truth);
        (void)wire_to_client(&c.wire);
    }
    ck_outcome(&c, client_finish(&c), lie, dialect);
    ck_assert_int_ne(c.session.gate, SESSION_OPEN);
    /* Who is only a guest may try again; all else is no answer of this server. */
    ck_assert(conn_dead(&c.conn) == (lie->code != LSMB_E_AUTH));
    client_free(&c);
}

static void first_leg(const struct lie *lie, uint16_t dialect)
{
    log_on(lie, dialect, 1);
}

static void last_leg(const struct lie *lie, uint16_t dialect)
{
    log_on(lie, dialect, 2);
}

START_TEST(an_answer_to_session_setup_is_one_in_form)
{
    static const struct lie lies[] = {
        {"a token past the end", .patch = {{S_BUFFER_LENGTH, 2, 0x7FFF}}, .code = LSMB_E_PROTOCOL},
        {"a token elsewhere", .patch = {{S_BUFFER_OFFSET, 2, 0xFFFF}}, .code = LSMB_E_PROTOCOL},
        {"a token that is not there", .len = 72, .code = LSMB_E_PROTOCOL},
        {"of another size", .patch = {{STRUCTURE_SIZE, 2, 8}}, .code = LSMB_E_PROTOCOL},
        {"no session", .patch = {{SESSION_ID, 4, 0}, {SESSION_ID + 4, 4, 0}},
         .code = LSMB_E_PROTOCOL},
    };

    EACH(first_leg, lies, 0, DIALECTS)
    EACH(last_leg, lies, 0, DIALECTS)
}
END_TEST

START_TEST(a_logon_ends_as_it_began_and_with_a_signature)
{
    static const struct lie lies[] = {
        {"another session", .patch = {{SESSION_ID, 4, 0x4567}}, .code = LSMB_E_PROTOCOL},
        {"a wrong signature", .patch = {{SIGNATURE, 4, 0x4567}}, .code = LSMB_E_SECURITY},
        {"no signature", .patch = {{FLAGS, 1, 1}}, .code = LSMB_E_SECURITY},
        {"other flags", .patch = {{S_FLAGS, 2, 4}}, .code = LSMB_E_SECURITY},
        {"as a guest", .patch = {{S_FLAGS, 2, 1}}, .code = LSMB_E_AUTH},
        {"as nobody", .patch = {{S_FLAGS, 2, 2}}, .code = LSMB_E_AUTH},
        {"more wanted", .patch = {{STATUS, 4, (uint32_t)STATUS_MORE_PROCESSING_REQUIRED}},
         .code = LSMB_E_PROTOCOL},
    };

    EACH(last_leg, lies, 0, DIALECTS)
}
END_TEST

/* ---------------------------------------------------------------- VALIDATE_NEGOTIATE_INFO */

static const struct lie *told;

/* Said by the server himself, who signs it. */
static void edit(struct peer_reply *reply)
{
    lie_patch_all(reply->bytes, reply->cap, told->patch);
    reply->len = told->len > 0 ? told->len : reply->len;
}

static void validate(const struct lie *lie, uint16_t dialect)
{
    for (unsigned sealed = 0; sealed <= (dialect >= SMB2_DIALECT_300); sealed++) {
        struct peer_config config = only(dialect);
        struct client c;
        config.encrypt_session = sealed;
        client_init(&c, NULL, &config);
        ck_assert(client_negotiate(&c) && client_logon(&c));
        told = lie;
        peer_script(&c.peer, &(struct peer_rule){.command = SMB2_IOCTL, .edit = edit});
        ck_outcome(&c, client_tree(&c), lie, dialect);
        ck_assert(conn_dead(&c.conn) && !c.conn.validated);
        client_free(&c);
    }
}

START_TEST(a_server_that_remembers_something_else_is_not_the_one)
{
    static const struct lie lies[] = {
        {"other capabilities", .patch = {{V_CAPABILITIES, 4, 0x100}}, .code = LSMB_E_SECURITY},
        {"another guid", .patch = {{V_GUID, 4, 0x4567}}, .code = LSMB_E_SECURITY},
        {"another mode", .patch = {{V_MODE, 2, 0}}, .code = LSMB_E_SECURITY},
        {"another dialect", .patch = {{V_DIALECT, 2, SMB2_DIALECT_311}}, .code = LSMB_E_SECURITY},
        {"less", .len = V_DIALECT, .code = LSMB_E_SECURITY},
        {"of another size", .patch = {{STRUCTURE_SIZE, 2, 48}}, .code = LSMB_E_SECURITY},
    };

    EACH(validate, lies, 0, BELOW_311)
}
END_TEST

struct refusal {
    const char *name;
    uint32_t status;
    enum peer_protection protection;
    enum lsmb_code code;
};

static void refuse(const struct refusal *r, uint16_t dialect)
{
    for (unsigned sealed = 0; sealed <= (dialect >= SMB2_DIALECT_300); sealed++) {
        struct peer_config config = only(dialect);
        struct client c;
        config.encrypt_session = sealed;
        client_init(&c, NULL, &config);
        ck_assert(client_negotiate(&c) && client_logon(&c));
        peer_script(&c.peer, &(struct peer_rule){.command = SMB2_IOCTL,
                                                 .status = r->status,
                                                 .protection = r->protection});
        bool ok = client_tree(&c);
        ck_assert_msg(ok == (r->code == LSMB_OK) && (ok || c.err.code == r->code), "%s, %s: %s",
                      dialect_name(dialect), r->name, c.err.reason);
        ck_assert(c.conn.validated == ok && conn_dead(&c.conn) == !ok);
        client_free(&c);
    }
}

START_TEST(a_refusal_to_validate_counts_when_it_is_protected)
{
    static const struct refusal refusals[] = {
        {"too old", (uint32_t)STATUS_NOT_SUPPORTED, PEER_AS_AGREED, LSMB_OK},
        {"too old", (uint32_t)STATUS_INVALID_DEVICE_REQUEST, PEER_AS_AGREED, LSMB_OK},
        {"too old", (uint32_t)STATUS_FILE_CLOSED, PEER_AS_AGREED, LSMB_OK},
        {"denied", (uint32_t)STATUS_ACCESS_DENIED, PEER_AS_AGREED, LSMB_E_SECURITY},
        {"nonsense", (uint32_t)STATUS_INVALID_PARAMETER, PEER_AS_AGREED, LSMB_E_SECURITY},
        {"by anybody", (uint32_t)STATUS_NOT_SUPPORTED, PEER_PLAIN, LSMB_E_SECURITY},
        {"by anybody", (uint32_t)STATUS_INVALID_DEVICE_REQUEST, PEER_PLAIN, LSMB_E_SECURITY},
        {"by anybody", (uint32_t)STATUS_FILE_CLOSED, PEER_PLAIN, LSMB_E_SECURITY},
        {"by anybody", (uint32_t)STATUS_INVALID_PARAMETER, PEER_PLAIN, LSMB_E_SECURITY},
        {"by anybody", (uint32_t)STATUS_USER_SESSION_DELETED, PEER_PLAIN, LSMB_E_SECURITY},
        {"a plain answer", 0, PEER_PLAIN, LSMB_E_SECURITY},
    };

    EACH(refuse, refusals, 0, BELOW_311)
}
END_TEST

/* ---------------------------------------------------------------- downgrades */

/* Somebody on the wire who makes NEGOTIATE offer one dialect alone. */
struct downgrade {
    uint16_t to;
    bool hides; /* and loses the question whether that is what was offered */
};

static bool downgrade(void *arg, uint8_t *frame, size_t len)
{
    enum { COUNT = 66, CAPABILITIES = 72, GUID = 76, CONTEXTS = 92, FIRST = 100 };
    const struct downgrade *d = arg;
    struct smb2_header header;

    if (!smb2_header_get(&header, (struct span){frame, len})) {
        return true;
    }
    if (header.command == SMB2_NEGOTIATE) {
        const struct lie_patch patches[LIE_PATCHES] = {
            {COUNT, 2, 1}, {CONTEXTS, 4, 0}, {FIRST, 2, d->to}};
        lie_patch_all(frame, len, patches);
        if (d->to < SMB2_DIALECT_300) {
            memset(frame + CAPABILITIES, 0, 4); /* as becomes them */
        }
        if (d->to == SMB2_DIALECT_202) {
            memset(frame + GUID, 0, 16);
        }
    }
    return !(d->hides && header.command == SMB2_IOCTL);
}

static void downgraded(struct client *c, struct downgrade *d, bool signing_required)
{
    struct peer_config config = peer_defaults();

    config.signing_required = signing_required;
    client_init(c, NULL, &config);
    c->peer_may_complain = true; /* of what it is asked to validate */
    c->wire.to_server = downgrade;
    c->wire.arg = d;
    ck_assert_msg(client_negotiate(c) && client_logon(c), "%s", c->err.reason);
    ck_assert_uint_eq(c->conn.got.dialect, d->to);
}

START_TEST(a_downgrade_to_any_dialect_is_noticed)
{
    for (size_t i = 0; i < (size_t)2 * BELOW_311; i++) {
        struct downgrade d = {.to = dialects[i / 2]};
        struct client c;
        downgraded(&c, &d, i % 2);
        ck_assert(!client_tree(&c));
        ck_assert_int_eq(c.err.code, LSMB_E_SECURITY);
        ck_assert_int_eq(c.conn.err.code, LSMB_E_NETWORK); /* the server has hung up */
        ck_assert_ptr_nonnull(strstr(c.peer.complaint, "VALIDATE"));
        client_free(&c);
    }
}
END_TEST

START_TEST(a_downgrade_that_is_hidden_leads_to_no_share)
{
    for (size_t i = 0; i < BELOW_311; i++) {
        struct downgrade d = {.to = dialects[i], .hides = true};
        struct client c;
        downgraded(&c, &d, false);
        ck_assert(!client_tree(&c) && !op_finished(&c.parent.op));
        script_pass_ms(&c.script, 61000);
        ck_assert(!client_finish(&c));
        ck_assert_int_eq(c.conn.err.code, LSMB_E_TIMEOUT);
        client_free(&c);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "conn/must_reject_negotiate", an_answer_to_negotiate_is_one_in_form,
        nothing_is_chosen_that_was_not_offered, contexts_below_3_1_1_are_not_looked_at,
        contexts_of_3_1_1_are_what_was_asked_for, contexts_of_3_1_1_are_inside_the_answer,
        an_answer_to_session_setup_is_one_in_form, a_logon_ends_as_it_began_and_with_a_signature,
        a_server_that_remembers_something_else_is_not_the_one,
        a_refusal_to_validate_counts_when_it_is_protected, a_downgrade_to_any_dialect_is_noticed,
        a_downgrade_that_is_hidden_leads_to_no_share);
}
