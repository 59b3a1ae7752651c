/* test_must_reject.c: answers that must not be believed, in every dialect, signed and sealed (MS-SMB2
 * 3.2.5.1.1 to 3.2.5.1.9).
 *
 * A READ is asked.  What the server answers is taken out of its protection, changed, protected again by
 * somebody who knows the keys, or does not, and let through. */
#include "proto/misc.h"
#include "proto/transform.h"
#include "test/conn/lie.h"
#include "test/peer/client.h"
#include "test/run.h"

enum { FRAME_MAX = 512, SIGNATURE = SMB2_SIGNATURE_OFFSET };

/* Offsets in a header (MS-SMB2 2.2.1.2) and in a transform's (2.2.41). */
enum {
    STRUCTURE_SIZE = 4,
    STATUS = 8,
    COMMAND = 12,
    CREDITS = 14,
    FLAGS = 16,
    NEXT_COMMAND = 20,
    MESSAGE_ID = 24,
    ASYNC_ID = 32,
    SESSION_ID = 40,
    DATA = 80, /* of a READ's answer */
    T_TAG = 4,
    T_NONCE = 20,
    T_NONCE_END = 35,
    T_SIZE = 36,
    T_RESERVED = 40,
    T_FLAGS = 42,
    T_SESSION_ID = 44,
};

/* ---------------------------------------------------------------- the kinds of session */

struct kind {
    const char *name;
    uint16_t dialect;
    bool sealed;
    uint16_t alg; /* signature or cipher of 3.1.1 */
    bool lax;     /* nothing is required */
};

static const struct kind kinds[] = {
    {"2.0.2, signed", SMB2_DIALECT_202, false, 0, false},
    {"2.1, signed", SMB2_DIALECT_210, false, 0, false},
    {"3.0, signed", SMB2_DIALECT_300, false, 0, false},
    {"3.0.2, signed", SMB2_DIALECT_302, false, 0, false},
    {"3.1.1, signed with HMAC", SMB2_DIALECT_311, false, SMB2_SIGNING_HMAC_SHA256, false},
    {"3.1.1, signed with CMAC", SMB2_DIALECT_311, false, SMB2_SIGNING_AES_CMAC, false},
    {"3.1.1, signed with GMAC", SMB2_DIALECT_311, false, SMB2_SIGNING_AES_GMAC, false},
    {"3.0, sealed", SMB2_DIALECT_300, true, 0, false},
    {"3.0.2, sealed", SMB2_DIALECT_302, true, 0, false},
    {"3.1.1, sealed with CCM", SMB2_DIALECT_311, true, SMB2_CIPHER_AES_128_CCM, false},
    {"3.1.1, sealed with GCM", SMB2_DIALECT_311, true, SMB2_CIPHER_AES_256_GCM, false},
};

enum { KINDS = sizeof kinds / sizeof *kinds };

static void set_up(struct client *c, const struct kind *kind)
{
    struct peer_config config = peer_defaults();

    memset(config.dialects, 0, sizeof config.dialects);
    config.dialects[0] = kind->dialect;
    if (kind->dialect == SMB2_DIALECT_311 && kind->sealed) {
        memset(config.ciphers, 0, sizeof config.ciphers);
        config.ciphers[0] = kind->alg;
    } else if (kind->dialect == SMB2_DIALECT_311) {
        config.signing_algs[0] = kind->alg;
        config.signing_count = 1;
    }
    config.signing_required = !kind->sealed && !kind->lax;
    config.encrypt_session = kind->sealed;
    client_init(c, NULL, &config);
    ck_assert_msg(client_connect(c), "%s: %s", kind->name, c->err.reason);
    ck_assert(client_open(c, "a.txt"));
    ck_assert(c->session.seal == kind->sealed);
}

/* ---------------------------------------------------------------- an answer, taken apart */

struct answer {
    uint8_t bytes[FRAME_MAX];
    size_t len;
    uint8_t asked[SMB2_SIGNATURE_LEN]; /* the signature of the request */
};

static void open_answer(struct client *c, struct answer *a)
{
    struct smb2_transform transform;
    struct span aad = {a->bytes + SMB2_TRANSFORM_AAD_OFFSET, SMB2_TRANSFORM_AAD_LEN};

    if (!smb2_transform_get(&transform, (struct span){a->bytes, a->len})) {
        return;
    }
    a->len -= SMB2_TRANSFORM_LEN;
    ck_assert(sealer_open(c->session.from_server, transform.nonce, aad,
                          a->bytes + SMB2_TRANSFORM_LEN, a->len, transform.signature));
    memmove(a->bytes, a->bytes + SMB2_TRANSFORM_LEN, a->len);
}

/* Ask, and keep what the server answers from the client. */
static void ask(struct client *c, struct request *request, struct answer *a)
{
    memset(a, 0, sizeof *a);
    client_read(c, request, 0, 100);
    memcpy(a->asked, request->signature, sizeof a->asked);
    (void)wire_to_server(&c->wire);
    struct peer_frame *frame = peer_next_frame(c->wire.link);
    ck_assert(frame && frame->len <= sizeof a->bytes);
    a->len = frame->len;
    memcpy(a->bytes, frame->bytes, frame->len);
    free(frame);
    open_answer(c, a);
}

/* What stands around a message. */
enum wrap {
    AS_AGREED,  /* signed or sealed by one who knows the key */
    NO_FLAG,    /* rightly signed, then without the SIGNED flag */
    BARE,       /* neither flag nor signature */
    WRONG_MAC,  /* one bit of the signature is wrong */
    ZERO_MAC,   /* the flag, and zeros */
    ECHO_MAC,   /* the flag, and the signature of the request */
    SIGNED,     /* signed, not sealed */
    FAKE_SEAL,  /* a transform around it, made without a key */
    SEAL_TWICE, /* the sealed message is sealed once more */
    OUR_SEAL,   /* sealed with the key of the other direction */
};

static void sign(struct client *c, struct answer *a)
{
    if (a->len < SMB2_HEADER_LEN) {
        return; /* there is nothing to sign */
    }
    a->bytes[FLAGS] |= SMB2_FLAGS_SIGNED;
    ck_assert(
        signer_compute(c->channel.signer, (struct span){a->bytes, a->len}, a->bytes + SIGNATURE));
}

/* `sealer` NULL: the tag is nothing. */
static void seal(struct client *c, struct answer *a, struct sealer *sealer)
{
    struct smb2_transform transform = {
        .nonce = "a nonce", .original_message_size = (uint32_t)a->len, .session_id = c->session.id};
    uint8_t *text = a->bytes + SMB2_TRANSFORM_LEN;
    struct wr w = wr_from(a->bytes, SMB2_TRANSFORM_LEN);
    struct span aad = {a->bytes + SMB2_TRANSFORM_AAD_OFFSET, SMB2_TRANSFORM_AAD_LEN};

    ck_assert_uint_le(a->len + SMB2_TRANSFORM_LEN, sizeof a->bytes);
    memmove(text, a->bytes, a->len);
    smb2_transform_put(&w, &transform);
    ck_assert(!sealer ||
              sealer_seal(sealer, transform.nonce, aad, text, a->len, transform.signature));
    w.pos = 0;
    smb2_transform_put(&w, &transform);
    a->len += SMB2_TRANSFORM_LEN;
}

static void sign_as(struct client *c, struct answer *a, enum wrap wrap)
{
    sign(c, a);
    if (wrap == NO_FLAG || wrap == BARE) {
        a->bytes[FLAGS] &= (uint8_t)~SMB2_FLAGS_SIGNED;
    }
    if (wrap == BARE || wrap == ZERO_MAC) {
        memset(a->bytes + SIGNATURE, 0, SMB2_SIGNATURE_LEN);
    } else if (wrap == ECHO_MAC) {
        memcpy(a->bytes + SIGNATURE, a->asked, SMB2_SIGNATURE_LEN);
    } else if (wrap == WRONG_MAC) {
        a->bytes[SIGNATURE] ^= 1;
    }
}

static void protect(struct client *c, struct answer *a, enum wrap wrap)
{
    switch (wrap) {
    case AS_AGREED:
        if (c->session.seal) {
            seal(c, a, c->session.from_server);
        } else {
            sign(c, a);
        }
        break;
    case NO_FLAG:
    case BARE:
    case WRONG_MAC:
    case ZERO_MAC:
    case ECHO_MAC:
    case SIGNED: sign_as(c, a, wrap); break;
    case FAKE_SEAL: seal(c, a, NULL); break;
    case SEAL_TWICE:
        seal(c, a, c->session.from_server);
        seal(c, a, c->session.from_server);
        break;
    case OUR_SEAL: seal(c, a, c->session.to_server); break;
    }
}

/* ---------------------------------------------------------------- lies */

enum outcome {
    DIES,       /* the connection ends with `code`, and nothing of the answer is to be seen */
    ERROR_ONLY, /* the request ends with `status`, which nobody vouches for; the connection goes on */
    DISCARDED, /* as if it had not come: the true answer is still taken */
    FAILS,     /* the request ends with `status`; the connection goes on */
};

struct lie {
    const char *name;
    struct lie_patch inside[LIE_PATCHES];  /* before it is protected */
    size_t inside_len;                     /* 0: as long as it is */
    struct lie_patch outside[LIE_PATCHES]; /* after that */
    size_t outside_len;
    enum wrap wrap;
    enum outcome outcome;
    enum lsmb_code code;
    uint32_t status;
};

/* One bit of a byte is flipped, whatever it is. */
#define FLIP UINT32_MAX

static void change(struct answer *a, const struct lie_patch *patches, size_t len)
{
    for (unsigned i = 0; i < LIE_PATCHES; i++) {
        if (patches[i].width == 1 && patches[i].value == FLIP) {
            a->bytes[patches[i].at] ^= 1;
        } else {
            lie_patch(a->bytes, sizeof a->bytes, &patches[i]);
        }
    }
    a->len = len > 0 ? len : a->len;
}

static void ck_discarded(struct client *c, struct request *request, struct answer *truth)
{
    ck_assert(!conn_dead(&c->conn) && !request_done(request));
    ck_assert_uint_eq(c->conn.strays, 1);
    protect(c, truth, AS_AGREED);
    peer_send_raw(c->wire.link, (struct span){truth->bytes, truth->len});
    wire_run(&c->wire);
    ck_assert(request_done(request) && request->believed);
    ck_assert_uint_eq(c->conn.strays, 0);
}

static void ck_error_only(struct client *c, const struct request *request, uint32_t status)
{
    struct lsmb_error err;
    bool gone = nt_status_is(status, STATUS_USER_SESSION_DELETED);

    ck_assert(!conn_dead(&c->conn));
    ck_assert(request_done(request) && !request->failure && !request->believed);
    request_error(request, &err);
    ck_assert_int_eq(err.code, LSMB_E_SECURITY);
    ck_assert_uint_eq(err.nt_status, status);
    ck_assert_int_eq(c->session.gate, gone ? SESSION_DEAD : SESSION_OPEN);
}

static void ck_died(struct client *c, const struct request *request, const struct lie *lie,
                    const struct kind *kind)
{
    ck_assert_msg(c->conn.err.code == lie->code, "%s: %s: %s", kind->name, lie->name,
                  c->conn.err.reason);
    ck_assert(request_done(request) && request->failure == &c->conn.err && !request->reply);
}

static void tell(const struct lie *lie, const struct kind *kind)
{
    struct request request = {0};
    struct answer a, truth;
    struct client c;

    set_up(&c, kind);
    ask(&c, &request, &a);
    truth = a;
    change(&a, lie->inside, lie->inside_len);
    protect(&c, &a, lie->wrap);
    change(&a, lie->outside, lie->outside_len);
    peer_send_raw(c.wire.link, (struct span){a.bytes, a.len});
    wire_run(&c.wire);
    ck_assert_msg(conn_dead(&c.conn) == (lie->outcome == DIES), "%s: %s: %s", kind->name, lie->name,
                  c.conn.err.reason);
    switch (lie->outcome) {
    case DIES: ck_died(&c, &request, lie, kind); break;
    case ERROR_ONLY: ck_error_only(&c, &request, lie->status); break;
    case DISCARDED: ck_discarded(&c, &request, &truth); break;
    case FAILS:
        ck_assert(request_done(&request) && !request.failure && request.believed);
        ck_assert_msg(request.status == lie->status, "%s: %s: %08x", kind->name, lie->name,
                      (unsigned)request.status);
        break;
    }
    request_drop(&request);
    client_free(&c);
}

enum which { EVERY, SIGNED_ONES, SEALED_ONES };

static void tell_all(const struct lie *lies, size_t count, enum which which)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < KINDS; k++) {
            if (which == EVERY || kinds[k].sealed == (which == SEALED_ONES)) {
                tell(&lies[i], &kinds[k]);
            }
        }
    }
}

#define TELL_ALL(lies, which) tell_all(lies, sizeof(lies) / sizeof *(lies), which)
#define PROTOCOL              .outcome = DIES, .code = LSMB_E_PROTOCOL
#define SECURITY              .outcome = DIES, .code = LSMB_E_SECURITY
#define MALFORMED             .outcome = FAILS, .status = (uint32_t)STATUS_INVALID_NETWORK_RESPONSE
#define ONLY(name)            .outcome = ERROR_ONLY, .status = (uint32_t)STATUS_##name
#define FAILED(name)          .inside = {{STATUS, 4, (uint32_t)STATUS_##name}}

/* ---------------------------------------------------------------- the form of a message */

START_TEST(a_message_that_is_none_ends_the_connection)
{
    static const struct lie lies[] = {
        {"another protocol", {{0, 4, 0x424D5300}}, PROTOCOL},
        {"SMB1", {{0, 4, SMB1_PROTOCOL_ID}}, .outcome = DIES, .code = LSMB_E_POLICY},
        {"compressed, unasked", {{0, 4, SMB2_COMPRESSION_PROTOCOL_ID}}, PROTOCOL},
        {"a transform that is none", {{0, 4, SMB2_TRANSFORM_PROTOCOL_ID}}, PROTOCOL},
        {"a header of another size", {{STRUCTURE_SIZE, 2, 65}}, PROTOCOL},
        {"not an answer", {{FLAGS, 1, SMB2_FLAGS_SIGNED}}, PROTOCOL},
        {"shorter than a header", .inside_len = 63, PROTOCOL},
        {"a header alone", .inside_len = 64, PROTOCOL},
        {"a header and half a StructureSize", .inside_len = 65, PROTOCOL},
    };

    TELL_ALL(lies, EVERY);
}
END_TEST

START_TEST(a_next_command_that_leads_nowhere_ends_the_connection)
{
    static const struct lie lies[] = {
        {"into itself", {{NEXT_COMMAND, 4, 8}}, PROTOCOL},
        {"to the end of its header", {{NEXT_COMMAND, 4, 64}}, PROTOCOL},
        {"to no multiple of 8", {{NEXT_COMMAND, 4, 68}}, PROTOCOL},
        {"past the end", {{NEXT_COMMAND, 4, 0x10000}}, PROTOCOL},
        {"around", {{NEXT_COMMAND, 4, 0xFFFFFFF8}}, PROTOCOL},
    };

    TELL_ALL(lies, EVERY);
}
END_TEST

/* MS-SMB2 3.2.5.1.2 */
START_TEST(an_answer_to_something_else_is_none_to_this)
{
    static const struct lie lies[] = {
        {"to nothing that was asked", {{MESSAGE_ID, 4, 0x4567}}, .outcome = DISCARDED},
        {"to nothing at all",
         {{MESSAGE_ID, 4, UINT32_MAX}, {MESSAGE_ID + 4, 4, UINT32_MAX}},
         PROTOCOL},
        {"to another command", {{COMMAND, 2, SMB2_WRITE}}, PROTOCOL},
        {"to no command", {{COMMAND, 2, 0x7777}}, PROTOCOL},
    };

    TELL_ALL(lies, EVERY);
}
END_TEST

/* An interim answer, and then the answer itself with this AsyncId.  How the connection is afterwards. */
static enum lsmb_code answer_late(const struct kind *kind, unsigned interims, uint32_t async_id)
{
    const struct lie_patch interim[LIE_PATCHES] = {
        {STATUS, 4, (uint32_t)STATUS_PENDING}, {FLAGS, 1, 3}, {ASYNC_ID, 4, 0x11}};
    const struct lie_patch final[LIE_PATCHES] = {{FLAGS, 1, 3}, {ASYNC_ID, 4, async_id}};
    struct request request = {0};
    struct answer a, truth;
    struct client c;

    set_up(&c, kind);
    ask(&c, &request, &a);
    truth = a;
    change(&a, interim, 0);
    protect(&c, &a, kind->sealed ? AS_AGREED : BARE);
    for (unsigned i = 0; i < interims; i++) {
        peer_send_raw(c.wire.link, (struct span){a.bytes, a.len});
    }
    change(&truth, final, 0);
    protect(&c, &truth, AS_AGREED);
    peer_send_raw(c.wire.link, (struct span){truth.bytes, truth.len});
    wire_run(&c.wire);
    ck_assert(request_done(&request) && request.believed == !conn_dead(&c.conn));
    enum lsmb_code code = c.conn.err.code;
    request_drop(&request);
    client_free(&c);
    return code;
}

/* MS-SMB2 3.2.5.1.5 */
START_TEST(an_interim_answer_comes_once_and_names_the_one_that_follows)
{
    static const struct lie lies[] = {
        {"without an AsyncId", FAILED(PENDING), PROTOCOL},
    };

    TELL_ALL(lies, EVERY);
    for (size_t k = 0; k < KINDS; k++) {
        ck_assert_int_eq(answer_late(&kinds[k], 1, 0x11), LSMB_OK);
        ck_assert_int_eq(answer_late(&kinds[k], 1, 0x12), LSMB_E_PROTOCOL);
        ck_assert_int_eq(answer_late(&kinds[k], 2, 0x11), LSMB_E_PROTOCOL);
    }
}
END_TEST

/* MS-SMB2 3.3.4.4; some servers refuse with the body that a success has. */
START_TEST(an_error_that_lies_about_its_length_fails_the_request)
{
    static const struct lie lies[] = {
        {"a refusal with another body", FAILED(ACCESS_DENIED), .outcome = FAILS,
         .status = (uint32_t)STATUS_ACCESS_DENIED},
        {"more bytes than there are",
         {{STATUS, 4, (uint32_t)STATUS_ACCESS_DENIED}, {64, 4, 9}, {68, 4, 0x7FFFFFFF}},
         .inside_len = 73,
         MALFORMED},
        {"contexts that are not there",
         {{STATUS, 4, (uint32_t)STATUS_ACCESS_DENIED}, {64, 4, 0x00010009}, {68, 4, 1}},
         .inside_len = 73,
         MALFORMED},
    };

    TELL_ALL(lies, EVERY);
}
END_TEST

/* ---------------------------------------------------------------- signatures (MS-SMB2 3.2.5.1.3) */

START_TEST(what_is_not_rightly_signed_ends_the_connection)
{
    static const struct lie lies[] = {
        {"the flag is gone", .wrap = NO_FLAG, SECURITY},
        {"not signed", .wrap = BARE, SECURITY},
        {"wrongly signed", .wrap = WRONG_MAC, SECURITY},
        {"signed with zeros", .wrap = ZERO_MAC, SECURITY},
        {"signed with what we sent", .wrap = ECHO_MAC, SECURITY},
        {"another status", .outside = {{STATUS, 1, FLIP}}, SECURITY},
        {"more credits", .outside = {{CREDITS, 1, FLIP}}, SECURITY},
        {"another session", .outside = {{SESSION_ID, 1, FLIP}}, SECURITY},
        {"cut in two", .outside = {{NEXT_COMMAND, 4, 72}}, SECURITY},
        {"other data", .outside = {{DATA, 1, FLIP}}, SECURITY},
        {"sealed, and nobody knows by whom", .wrap = FAKE_SEAL, SECURITY},
        {"an error that is not signed", FAILED(ACCESS_DENIED), .wrap = BARE, SECURITY},
        {"an end that is not signed", FAILED(END_OF_FILE), .wrap = BARE, SECURITY},
        {"not supported, not signed", FAILED(NOT_SUPPORTED), .wrap = BARE, SECURITY},
        {"a closed file, not signed", FAILED(FILE_CLOSED), .wrap = WRONG_MAC, SECURITY},
        {"a lost session, wrongly signed", FAILED(USER_SESSION_DELETED), .wrap = WRONG_MAC,
         SECURITY},
    };

    TELL_ALL(lies, SIGNED_ONES);
}
END_TEST

/* How an answer that comes in this way is taken by a session that needs no signatures. */
static enum lsmb_code unneeded(const struct kind *kind, enum wrap wrap)
{
    struct kind lax = *kind;
    struct request request = {0};
    struct answer a;
    struct client c;

    lax.lax = true;
    set_up(&c, &lax);
    ask(&c, &request, &a);
    sign_as(&c, &a, wrap);
    peer_send_raw(c.wire.link, (struct span){a.bytes, a.len});
    wire_run(&c.wire);
    ck_assert(request_done(&request) && request.believed == !conn_dead(&c.conn));
    enum lsmb_code code = c.conn.err.code;
    request_drop(&request);
    client_free(&c);
    return code;
}

START_TEST(a_signature_that_nobody_needs_is_checked_when_it_is_there)
{
    for (size_t k = 0; k < KINDS; k++) {
        if (!kinds[k].sealed) {
            ck_assert_int_eq(unneeded(&kinds[k], BARE), LSMB_OK);
            ck_assert_int_eq(unneeded(&kinds[k], SIGNED), LSMB_OK);
            ck_assert_int_eq(unneeded(&kinds[k], WRONG_MAC), LSMB_E_SECURITY);
            ck_assert_int_eq(unneeded(&kinds[k], ZERO_MAC), LSMB_E_SECURITY);
        }
    }
}
END_TEST

START_TEST(what_real_servers_do_not_sign_is_an_error_and_no_more)
{
    static const struct lie lies[] = {
        {"no session", FAILED(USER_SESSION_DELETED), .wrap = BARE, ONLY(USER_SESSION_DELETED)},
        {"no session, echoed", FAILED(USER_SESSION_DELETED), .wrap = ECHO_MAC,
         ONLY(USER_SESSION_DELETED)},
        {"no share, zeros", FAILED(NETWORK_NAME_DELETED), .wrap = ZERO_MAC,
         ONLY(NETWORK_NAME_DELETED)},
        {"no share, echoed", FAILED(NETWORK_NAME_DELETED), .wrap = ECHO_MAC,
         ONLY(NETWORK_NAME_DELETED)},
        {"no file, zeros", FAILED(FILE_CLOSED), .wrap = ZERO_MAC, ONLY(FILE_CLOSED)},
        {"no file, echoed", FAILED(FILE_CLOSED), .wrap = ECHO_MAC, ONLY(FILE_CLOSED)},
        {"no sense, zeros", FAILED(INVALID_PARAMETER), .wrap = ZERO_MAC, ONLY(INVALID_PARAMETER)},
        {"no sense, echoed", FAILED(INVALID_PARAMETER), .wrap = ECHO_MAC, ONLY(INVALID_PARAMETER)},
    };

    TELL_ALL(lies, SIGNED_ONES);
}
END_TEST

/* ---------------------------------------------------------------- seals (MS-SMB2 3.2.5.1.1.1) */

START_TEST(a_transform_that_is_not_right_ends_the_connection)
{
    static const struct lie lies[] = {
        {"another tag", .outside = {{T_TAG, 1, FLIP}}, SECURITY},
        {"another nonce", .outside = {{T_NONCE, 1, FLIP}}, SECURITY},
        {"another nonce where it is not used", .outside = {{T_NONCE_END, 1, FLIP}}, SECURITY},
        {"another text", .outside = {{SMB2_TRANSFORM_LEN + DATA, 1, FLIP}}, SECURITY},
        {"something in Reserved", .outside = {{T_RESERVED, 1, FLIP}}, SECURITY},
        {"another session", .outside = {{T_SESSION_ID, 1, FLIP}}, SECURITY},
        {"no session", .outside = {{T_SESSION_ID, 4, 0}, {T_SESSION_ID + 4, 4, 0}}, SECURITY},
        {"not encrypted", .outside = {{T_FLAGS, 2, 0}}, PROTOCOL},
        {"another algorithm", .outside = {{T_FLAGS, 2, 2}}, PROTOCOL},
        {"larger than it is", .outside = {{T_SIZE, 1, FLIP}}, PROTOCOL},
        {"of no size", .outside = {{T_SIZE, 4, 0}}, PROTOCOL},
        {"of the largest size", .outside = {{T_SIZE, 4, UINT32_MAX}}, PROTOCOL},
        {"nothing in it", .outside = {{T_SIZE, 4, 0}}, .outside_len = SMB2_TRANSFORM_LEN, PROTOCOL},
        {"cut off in its header", .outside_len = SMB2_TRANSFORM_LEN - 1, PROTOCOL},
        {"cut off in its text", .outside_len = SMB2_TRANSFORM_LEN + 70, PROTOCOL},
        {"sealed twice", .wrap = SEAL_TWICE, PROTOCOL},
        {"sealed with our own key", .wrap = OUR_SEAL, SECURITY},
        {"sealed with no key", .wrap = FAKE_SEAL, SECURITY},
        {"another session inside", {{SESSION_ID, 1, FLIP}}, SECURITY},
    };

    TELL_ALL(lies, SEALED_ONES);
}
END_TEST

START_TEST(a_plain_answer_to_a_sealed_request_ends_the_connection)
{
    static const struct lie lies[] = {
        {"plain", .wrap = BARE, SECURITY},
        {"signed", .wrap = SIGNED, SECURITY},
        {"a plain error", FAILED(ACCESS_DENIED), .wrap = BARE, SECURITY},
        {"a signed error", FAILED(ACCESS_DENIED), .wrap = SIGNED, SECURITY},
        {"a closed file", FAILED(FILE_CLOSED), .wrap = BARE, SECURITY},
        {"a lost share", FAILED(NETWORK_NAME_DELETED), .wrap = BARE, SECURITY},
        {"a plain interim answer",
         {{STATUS, 4, (uint32_t)STATUS_PENDING}, {FLAGS, 1, 3}},
         .wrap = BARE,
         SECURITY},
    };

    TELL_ALL(lies, SEALED_ONES);
}
END_TEST

START_TEST(what_real_servers_do_not_seal_is_an_error_and_no_more)
{
    static const struct lie lies[] = {
        {"no session", FAILED(USER_SESSION_DELETED), .wrap = BARE, ONLY(USER_SESSION_DELETED)},
        {"no sense", FAILED(INVALID_PARAMETER), .wrap = BARE, ONLY(INVALID_PARAMETER)},
    };

    TELL_ALL(lies, SEALED_ONES);
}
END_TEST

/* ---------------------------------------------------------------- said before */

/* What we sent comes back: a key is good for one direction alone, or the flag tells. */
START_TEST(our_own_request_is_no_answer)
{
    for (size_t k = 0; k < KINDS; k++) {
        struct request request = {0};
        struct client c;
        set_up(&c, &kinds[k]);
        client_read(&c, &request, 0, 100);
        struct buf *frame = CONTAINER_OF(c.conn.output.next, struct buf, node);
        peer_send_raw(c.wire.link, (struct span){buf_data(frame) + 4, frame->len - 4});
        (void)wire_to_client(&c.wire);
        ck_assert_int_eq(c.conn.err.code, kinds[k].sealed ? LSMB_E_SECURITY : LSMB_E_PROTOCOL);
        request_drop(&request);
        client_free(&c);
    }
}
END_TEST

START_TEST(an_answer_that_is_played_again_is_discarded)
{
    for (size_t k = 0; k < KINDS; k++) {
        struct request first = {0}, second = {0};
        struct answer a, truth;
        struct client c;
        set_up(&c, &kinds[k]);
        ask(&c, &first, &a);
        protect(&c, &a, AS_AGREED);
        peer_send_raw(c.wire.link, (struct span){a.bytes, a.len});
        wire_run(&c.wire);
        ck_assert(request_done(&first) && first.believed);
        ask(&c, &second, &truth);
        peer_send_raw(c.wire.link, (struct span){a.bytes, a.len});
        wire_run(&c.wire);
        ck_discarded(&c, &second, &truth);
        request_drop(&first);
        request_drop(&second);
        client_free(&c);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("conn/must_reject", a_message_that_is_none_ends_the_connection,
                     a_next_command_that_leads_nowhere_ends_the_connection,
                     an_answer_to_something_else_is_none_to_this,
                     an_interim_answer_comes_once_and_names_the_one_that_follows,
                     an_error_that_lies_about_its_length_fails_the_request,
                     what_is_not_rightly_signed_ends_the_connection,
                     a_signature_that_nobody_needs_is_checked_when_it_is_there,
                     what_real_servers_do_not_sign_is_an_error_and_no_more,
                     a_transform_that_is_not_right_ends_the_connection,
                     a_plain_answer_to_a_sealed_request_ends_the_connection,
                     what_real_servers_do_not_seal_is_an_error_and_no_more,
                     our_own_request_is_no_answer, an_answer_that_is_played_again_is_discarded);
}
