/* recorded_drive.h: a client of ours in the place of a recorded one.
 *
 * It says what the recorded client said, through conn/: the same bodies, in the same order, with the same
 * MessageIds, TreeIds and signatures; only the credits that it asks for, the priority that Samba sets and
 * its NEGOTIATE are its own.  What the recorded server answered is what it gets.
 *
 *     struct recorded_drive d;
 *
 *     recorded_drive_init(&d, &connection, &policy);
 *     recorded_drive_on(&d);
 *     ck_assert_int_eq(d.conn.err.code, LSMB_OK);
 *     recorded_drive_free(&d);
 */
#ifndef LSMB_TEST_CONN_RECORDED_DRIVE_H
#define LSMB_TEST_CONN_RECORDED_DRIVE_H

#include "conn/compound.h"
#include "conn/logon.h"
#include "conn/negotiate.h"
#include "conn/oplock_break.h"
#include "conn/tree.h"
#include "proto/negotiate.h"
#include "proto/tree.h"
#include "test/conn/recorded_visit.h"
#include "test/peer/client.h"

enum { RECORDED_IN_FLIGHT = 16 };

/* A mechanism that says what was said (SPNEGO and all). */
struct recorded_mech {
    struct mech mech; /* first */
    const struct recorded_logon *logon;
    size_t steps;
    bool credulous; /* whatever the server's last token says */
};

struct recorded_drive {
    const struct recorded_connection *connection;
    const char *const *at;
    struct script_env script;
    struct policy policy;
    struct conn conn;
    struct session session;
    struct channel channel;
    struct tree tree;
    struct waiting_op parent;
    struct negotiate_op negotiate;
    struct logon_op logon_op;
    struct tree_op tree_op;
    struct recorded_mech mech;
    struct recorded_logon logon;
    struct preauth negotiated; /* the transcript of the recorded NEGOTIATE */
    struct request requests[RECORDED_IN_FLIGHT];
    struct conn_break broken; /* the last */
    unsigned breaks, interims, answered;
    unsigned replies, flip_at; /* change one bit of the reply with this number, from 1; 0: none */
    bool failed;               /* so an operation of conn/ did, as `err` says */
    struct lsmb_error err;
};

/* ---------------------------------------------------------------- the mechanism */

static inline enum mech_next recorded_step(struct mech *mech, struct span in, struct mech_out *out)
{
    struct recorded_mech *m = CONTAINER_OF(mech, struct recorded_mech, mech);

    *out = (struct mech_out){0};
    if (m->steps > 0 && !m->credulous) {
        struct span want = recorded_token(&m->logon->m[2 * m->steps - 1]);
        ck_assert(span_equal(in, want));
    }
    if (m->steps == 2) {
        return MECH_DONE;
    }
    out->token = recorded_token(&m->logon->m[2 * m->steps++]);
    return MECH_SEND;
}

static inline bool recorded_session_key(struct mech *mech, struct secret *out)
{
    const struct recorded_mech *m = CONTAINER_OF(mech, struct recorded_mech, mech);

    return secret_set(out, (struct span){m->logon->key, sizeof m->logon->key});
}

/* ---------------------------------------------------------------- beginning and end */

static inline bool recorded_note_break(void *arg, const struct conn_break *broken)
{
    struct recorded_drive *d = arg;

    d->broken = *broken;
    d->breaks++;
    return true;
}

/* `policy` NULL: what the recorded client insisted on is insisted on here. */
static inline void recorded_drive_init(struct recorded_drive *d,
                                       const struct recorded_connection *connection,
                                       const struct lsmb_policy *policy)
{
    static const uint8_t guid[16] = "a client's guid";
    struct smb2_negotiate_request request;
    const char *const *at = connection->messages;
    struct recorded_message m;

    memset(d, 0, sizeof *d);
    script_env_init(&d->script, 1 << 20, 1 << 20);
    ck_assert(policy_set(&d->policy, policy, &d->err));
    ck_assert(recorded_take(&at, &m));
    ck_assert(smb2_negotiate_request_get(&request, recorded_span(&m)));
    if (request.security_mode & SMB2_NEGOTIATE_SIGNING_REQUIRED) {
        d->policy.require_signing = true;
    }
    while (recorded_take(&at, &m)) {
        d->policy.require_sealing |=
            smb2_protocol_id(recorded_span(&m)) == SMB2_TRANSFORM_PROTOCOL_ID;
    }
    conn_init(&d->conn, &d->script.env, &d->policy, guid);
    d->conn.on_break = recorded_note_break;
    d->conn.owner = d;
    session_init(&d->session, &d->script.env, &d->policy);
    d->connection = connection;
    d->at = connection->messages;
}

static inline void recorded_drive_free(struct recorded_drive *d)
{
    op_abort(&d->parent.op);
    conn_fail_with(&d->conn, LSMB_E_CANCELLED, "the test is over");
    for (unsigned i = 0; i < RECORDED_IN_FLIGHT; i++) {
        request_drop(&d->requests[i]);
    }
    negotiate_drop(&d->negotiate);
    session_free(&d->session);
    conn_free(&d->conn);
    script_settle(&d->script);
    script_env_free(&d->script);
}

/* ---------------------------------------------------------------- between the two */

/* The frame that conn/ wants to send, in plain text. */
static inline void recorded_sent(struct recorded_drive *d, struct recorded_message *out)
{
    struct smb2_transform transform;
    struct span aad = {out->bytes + SMB2_TRANSFORM_AAD_OFFSET, SMB2_TRANSFORM_AAD_LEN};

    ck_assert(!list_empty(&d->conn.output));
    struct buf *frame = CONTAINER_OF(d->conn.output.next, struct buf, node);
    out->from_client = true;
    out->len = frame->len - 4;
    ck_assert_uint_le(out->len, sizeof out->bytes);
    memcpy(out->bytes, buf_data(frame) + 4, out->len);
    conn_sent(&d->conn, frame->len);
    ck_assert(list_empty(&d->conn.output));
    if (smb2_transform_get(&transform, recorded_span(out))) {
        out->len -= SMB2_TRANSFORM_LEN;
        ck_assert(sealer_open(d->session.to_server, transform.nonce, aad,
                              out->bytes + SMB2_TRANSFORM_LEN, out->len, transform.signature));
        memmove(out->bytes, out->bytes + SMB2_TRANSFORM_LEN, out->len);
    }
}

/* The recorded one in plain text. */
static inline bool recorded_open(struct recorded_drive *d, struct recorded_message *m)
{
    struct smb2_transform transform;
    struct span aad = {m->bytes + SMB2_TRANSFORM_AAD_OFFSET, SMB2_TRANSFORM_AAD_LEN};

    if (!smb2_transform_get(&transform, recorded_span(m))) {
        return false;
    }
    m->len -= SMB2_TRANSFORM_LEN;
    ck_assert(sealer_open(m->from_client ? d->session.to_server : d->session.from_server,
                          transform.nonce, aad, m->bytes + SMB2_TRANSFORM_LEN, m->len,
                          transform.signature));
    memmove(m->bytes, m->bytes + SMB2_TRANSFORM_LEN, m->len);
    return true;
}

/* What is ours to choose: the credits asked for, Samba's priority, what SESSION_SETUP says of DFS and of
 * signing, and how a related element names session and tree (MS-SMB2 3.2.4.1.4). */
static inline void recorded_choose(uint8_t *at, const struct smb2_header *header,
                                   const uint8_t *theirs)
{
    enum { CREDITS = 14, FLAGS = 16, PRIORITY = 0x70, TREE_AND_SESSION = 36, MODE = 67 };

    memcpy(at + CREDITS, theirs + CREDITS, 2);
    at[FLAGS] = (uint8_t)((at[FLAGS] & ~PRIORITY) | (theirs[FLAGS] & PRIORITY));
    if (header->flags & SMB2_FLAGS_RELATED_OPERATIONS) {
        memcpy(at + TREE_AND_SESSION, theirs + TREE_AND_SESSION, 12);
    }
    if (header->command == SMB2_SESSION_SETUP) {
        memcpy(at + MODE, theirs + MODE, 5);
    }
}

/* Ours is the recorded one in everything else, and signed alike. */
static inline void recorded_ck_same(struct recorded_drive *d, struct recorded_message *ours,
                                    const struct recorded_message *theirs)
{
    struct span chain = recorded_span(theirs), message;
    struct smb2_header header = {0};

    ck_assert_uint_eq(ours->len, theirs->len);
    while (chain.len > 0) {
        ck_assert(smb2_chain_take(&chain, &header, &message));
        uint8_t *at = ours->bytes + (message.ptr - theirs->bytes);
        struct span signed_part = {at, message.len};
        recorded_choose(at, &header, message.ptr);
        if (recorded_header(signed_part).flags & SMB2_FLAGS_SIGNED) {
            ck_assert(signer_compute(d->channel.signer, signed_part, at + SMB2_SIGNATURE_OFFSET));
        }
    }
    for (size_t i = 0; i < theirs->len; i++) {
        ck_assert_msg(ours->bytes[i] == theirs->bytes[i], "%s: byte %zu is %02x, was %02x",
                      smb2_command_name(header.command), i, ours->bytes[i], theirs->bytes[i]);
    }
}

/* Give conn/ what the server sent. */
static inline void recorded_receive(struct recorded_drive *d, const struct recorded_message *m)
{
    struct buf *frame = pool_take(&d->script.env.pool, m->len);

    ck_assert(!m->from_client && frame);
    memcpy(buf_data(frame), m->bytes, m->len);
    frame->len = m->len;
    if (++d->replies == d->flip_at) {
        buf_data(frame)[m->len - 1] ^= 0x20;
    }
    conn_receive(&d->conn, frame);
    script_settle(&d->script);
}

/* Whether the operation above has ended, and if so, well. */
static inline bool recorded_op_done(struct recorded_drive *d)
{
    if (!op_finished(&d->parent.op)) {
        return false;
    }
    d->failed = op_failed(&d->parent.op);
    d->err = d->parent.op.err;
    return true;
}

/* ---------------------------------------------------------------- NEGOTIATE, logon, TREE_CONNECT */

static inline void recorded_drive_negotiate(struct recorded_drive *d,
                                            const struct recorded_message *m)
{
    const struct recorded_connection *r = d->connection;
    struct recorded_message ours, reply;

    waiting_op_start(&d->parent, &d->script.env);
    negotiate_start(&d->negotiate, &d->parent.op, &d->conn, "127.0.0.1", NEGOTIATE_SMB2);
    d->parent.child = &d->negotiate.op;
    script_settle(&d->script);
    recorded_sent(d, &ours);
    ck_assert(preauth_add(&d->negotiated, recorded_span(m)));
    d->conn.preauth = d->negotiated; /* theirs: what they said counts */
    ck_assert(recorded_take(&d->at, &reply));
    recorded_receive(d, &reply);
    ck_assert(preauth_add(&d->negotiated, recorded_span(&reply)));
    ck_assert(recorded_op_done(d));
    negotiate_drop(&d->negotiate);
    if (!d->failed) {
        ck_assert_mem_eq(d->conn.preauth.hash, d->negotiated.hash, PREAUTH_HASH_LEN);
        ck_assert_uint_eq(d->conn.got.dialect, r->dialect);
        ck_assert_uint_eq(d->conn.got.cipher, r->cipher);
        ck_assert_uint_eq(d->conn.got.signing_alg, r->signing_alg);
        channel_join(&d->channel, &d->session, &d->conn);
        d->conn.credits = d->conn.credits_peak = CONN_CREDITS_WANTED;
    }
}

static inline void recorded_start_logon(struct recorded_drive *d)
{
    static const struct mech_ops ops = {
        .name = "recorded", .step = recorded_step, .session_key = recorded_session_key};

    d->mech =
        (struct recorded_mech){.mech = {&ops}, .logon = &d->logon, .credulous = d->flip_at > 0};
    waiting_op_start(&d->parent, &d->script.env);
    if (d->logon.again) {
        d->session.gate = SESSION_CLOSED; /* as the server's word that it has run out does */
        logon_again_start(&d->logon_op, &d->parent.op, &d->channel, &d->mech.mech);
    } else {
        logon_start(&d->logon_op, &d->parent.op, &d->channel, &d->mech.mech);
    }
    d->parent.child = &d->logon_op.op;
}

static inline void recorded_drive_logon(struct recorded_drive *d, const struct recorded_message *m)
{
    struct preauth theirs = d->negotiated;
    struct recorded_message ours;

    recorded_logon_take(&d->logon, m, &d->at, &d->negotiated);
    recorded_start_logon(d);
    script_settle(&d->script);
    for (unsigned i = 0; i < 4 && !d->failed; i += 2) {
        recorded_sent(d, &ours);
        recorded_ck_same(d, &ours, &d->logon.m[i]);
        ck_assert(preauth_add(&theirs, recorded_span(&d->logon.m[i])));
        if (!d->logon.again) {
            d->channel.preauth = theirs;
        }
        recorded_receive(d, &d->logon.m[i + 1]);
        ck_assert(preauth_add(&theirs, recorded_span(&d->logon.m[i + 1])));
        ck_assert(recorded_op_done(d) == (i == 2 || d->flip_at == d->replies));
    }
    ck_assert(d->failed || d->session.id == d->logon.session_id);
}

/* Below 3.1.1 the recorded client went on to VALIDATE_NEGOTIATE_INFO, as we do. */
static inline void recorded_drive_tree(struct recorded_drive *d, const struct recorded_message *m)
{
    struct smb2_tree_connect_request request;
    struct recorded_message ours, next = *m;
    char unc[128];
    size_t len = 0;

    ck_assert(smb2_tree_connect_request_get(&request, recorded_span(m)));
    ck_assert(utf8_from_utf16(unc, sizeof unc - 1, &len, request.path));
    unc[len] = '\0';
    waiting_op_start(&d->parent, &d->script.env);
    tree_connect_start(&d->tree_op, &d->parent.op, &d->channel, &d->tree, unc);
    d->parent.child = &d->tree_op.op;
    script_settle(&d->script);
    for (;;) {
        recorded_sent(d, &ours);
        struct smb2_header mine = recorded_header(recorded_span(&ours));
        struct smb2_header theirs = recorded_header(recorded_span(&next));
        ck_assert_uint_eq(mine.command, theirs.command);
        ck_assert_uint_eq(mine.message_id, theirs.message_id);
        ck_assert(recorded_take(&d->at, &next));
        recorded_receive(d, &next);
        if (recorded_op_done(d)) {
            return;
        }
        ck_assert(recorded_take(&d->at, &next));
        (void)recorded_open(d, &next);
    }
}

/* ---------------------------------------------------------------- everything else */

static inline struct request *recorded_slot(struct recorded_drive *d)
{
    for (unsigned i = 0; i < RECORDED_IN_FLIGHT; i++) {
        if (d->requests[i].state == REQUEST_IDLE) {
            return &d->requests[i];
        }
    }
    ck_abort_msg("too many requests in flight");
    return NULL;
}

static inline struct request_spec recorded_spec(struct recorded_drive *d,
                                                const struct smb2_header *header)
{
    return (struct request_spec){
        .channel = &d->channel,
        .tree_id = header->tree_id,
        .command = header->command,
        .flags = header->flags & SMB2_FLAGS_DFS_OPERATIONS,
        .must_sign = header->flags & SMB2_FLAGS_SIGNED,
        .payload = header->credit_charge > 1 ? header->credit_charge * SMB2_CREDIT_BYTES : 0,
    };
}

static inline void recorded_lay(struct recorded_drive *d, struct request *request, struct span body,
                                struct wr *w)
{
    ck_assert(request_body(request, &d->script.env, body.len, w));
    wr_span(w, body);
}

static inline struct span recorded_body(struct span message)
{
    return (struct span){message.ptr + SMB2_HEADER_LEN, message.len - SMB2_HEADER_LEN};
}

static inline void recorded_ask(struct recorded_drive *d, const struct recorded_message *m)
{
    struct smb2_header header = recorded_header(recorded_span(m));
    struct request_spec spec = recorded_spec(d, &header);
    struct request *request = recorded_slot(d);
    struct wr w;

    recorded_lay(d, request, recorded_body(recorded_span(m)), &w);
    request_send(request, &w, &spec, NULL);
    ck_assert_int_eq(request->state, REQUEST_IN_FLIGHT);
}

static inline void recorded_ask_all(struct recorded_drive *d, const struct recorded_message *m)
{
    struct compound_part parts[COMPOUND_MAX];
    struct span chain = recorded_span(m), message;
    struct smb2_header header = {0};
    unsigned count = 0;

    while (chain.len > 0) {
        ck_assert(smb2_chain_take(&chain, &header, &message));
        ck_assert_uint_lt(count, COMPOUND_MAX);
        struct compound_part *part = &parts[count++];
        *part =
            (struct compound_part){.request = recorded_slot(d), .spec = recorded_spec(d, &header)};
        recorded_lay(d, part->request, recorded_body(message), &part->w);
        part->request->state = REQUEST_WAITING; /* not free; compound_send() says it again */
    }
    for (unsigned i = 0; i < count; i++) {
        parts[i].request->state = REQUEST_IDLE;
    }
    ck_assert(compound_send(parts, count, header.flags & SMB2_FLAGS_RELATED_OPERATIONS));
}

/* What the client said. */
static inline void recorded_drive_request(struct recorded_drive *d, struct recorded_message *m)
{
    struct recorded_message ours;

    (void)recorded_open(d, m);
    struct smb2_header header = recorded_header(recorded_span(m));
    if (header.command == SMB2_CANCEL) { /* ours has an AsyncId, or is not sent */
        ck_assert(signer_check(d->channel.signer, recorded_span(m)));
        return;
    }
    if (header.command == SMB2_OPLOCK_BREAK) {
        struct request_spec spec = recorded_spec(d, &header);
        break_ack(&spec, &d->broken.notice);
    } else if (header.next_command) {
        recorded_ask_all(d, m);
    } else {
        recorded_ask(d, m);
    }
    recorded_sent(d, &ours);
    recorded_ck_same(d, &ours, m);
}

/* The request that a message answers is what the message makes of it. */
static inline void recorded_ck_answer(struct recorded_drive *d, const struct smb2_header *header,
                                      struct span message)
{
    for (unsigned i = 0; i < RECORDED_IN_FLIGHT; i++) {
        struct request *r = &d->requests[i];
        if (r->state == REQUEST_IDLE || r->message_id != header->message_id) {
            continue;
        }
        if (nt_status_is(header->status, STATUS_PENDING)) {
            ck_assert(r->pending && r->async_id == header->async_id);
            d->interims++;
            return;
        }
        ck_assert(request_done(r) && !r->failure && r->believed);
        ck_assert_uint_eq(r->status, header->status);
        ck_assert(span_equal(r->message, message));
        request_drop(r);
        d->answered++;
    }
}

static inline void recorded_drive_reply(struct recorded_drive *d, struct recorded_message *m)
{
    struct span chain, message;
    struct smb2_header header;

    recorded_receive(d, m);
    if (conn_dead(&d->conn)) {
        return;
    }
    (void)recorded_open(d, m);
    for (chain = recorded_span(m); chain.len > 0;) {
        ck_assert(smb2_chain_take(&chain, &header, &message));
        recorded_ck_answer(d, &header, message);
    }
}

/* Go on to the end, or until something fails. */
static inline void recorded_drive_on(struct recorded_drive *d)
{
    struct recorded_message m;
    bool in_tree = false;

    while (!d->failed && !conn_dead(&d->conn) && recorded_take(&d->at, &m)) {
        struct smb2_header header = {.command = UINT16_MAX};
        struct recorded_message plain = m;
        if (m.from_client) {
            (void)recorded_open(d, &plain);
            header = recorded_header(recorded_span(&plain));
        }
        if (header.command == SMB2_NEGOTIATE) {
            recorded_drive_negotiate(d, &m);
        } else if (header.command == SMB2_SESSION_SETUP) {
            recorded_drive_logon(d, &m);
        } else if (header.command == SMB2_TREE_CONNECT && !in_tree) {
            in_tree = true;
            recorded_drive_tree(d, &plain);
        } else if (m.from_client) {
            recorded_drive_request(d, &m);
        } else {
            recorded_drive_reply(d, &m);
        }
    }
}

#endif
