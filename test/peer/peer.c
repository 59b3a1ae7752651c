/* peer.c: requests in, replies out. */
#include "test/peer/peer.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/filetime.h"
#include "proto/misc.h"
#include "proto/read.h"
#include "proto/utf16.h"
#include "proto/write.h"
#include "test/peer/peer_core.h"

enum {
    SPARE_ROOM = 256,     /* behind a reply, for tests that change it */
    SMALL_BODY = 64,      /* of replies without a payload */
    CREDIT_BYTES = 65536, /* MS-SMB2 3.3.5.2.5 */
};

struct peer_config peer_defaults(void)
{
    return (struct peer_config){
        .dialects = {SMB2_DIALECT_202, SMB2_DIALECT_210, SMB2_DIALECT_300, SMB2_DIALECT_302,
                     SMB2_DIALECT_311},
        .ciphers = {SMB2_CIPHER_AES_128_GCM, SMB2_CIPHER_AES_256_GCM, SMB2_CIPHER_AES_128_CCM,
                    SMB2_CIPHER_AES_256_CCM},
        .signing_algs = {SMB2_SIGNING_AES_GMAC, SMB2_SIGNING_AES_CMAC, SMB2_SIGNING_HMAC_SHA256},
        .signing_count = 3,
        .capabilities = SMB2_GLOBAL_CAP_DFS | SMB2_GLOBAL_CAP_LARGE_MTU,
        .max_transact = 8 << 20,
        .max_read = 8 << 20,
        .max_write = 8 << 20,
        .credits = 512,
        .share = "share",
        .user = "user",
        .password = "password",
    };
}

uint64_t peer_now(const struct peer *peer)
{
    return filetime_from_ns((int64_t)peer->env->clock->unix_ns(peer->env->clock));
}

void peer_init(struct peer *peer, struct env *env, const struct peer_config *config)
{
    *peer = (struct peer){.env = env,
                          .config = config ? *config : peer_defaults(),
                          .copy = {.chunks = 256, .chunk_bytes = 1 << 20, .total_bytes = 16 << 20}};
    memcpy(peer->guid, "a peer in memory", sizeof peer->guid);
    peer_store_init(&peer->store, peer_now(peer));
    list_init(&peer->links);
    list_init(&peer->rules);
}

void peer_free(struct peer *peer)
{
    struct list *node;

    while ((node = list_pop_front(&peer->links))) {
        peer_hang_up(CONTAINER_OF(node, struct peer_link, node));
    }
    peer_unscript(peer);
    peer_store_free(&peer->store);
    free(peer->seen);
}

void peer_complain(struct peer *peer, const char *fmt, ...)
{
    va_list ap;

    if (peer->complaint[0] == '\0') {
        va_start(ap, fmt);
        (void)vsnprintf(peer->complaint, sizeof peer->complaint, fmt, ap);
        va_end(ap);
    }
}

/* ---------------------------------------------------------------- links */

struct peer_link *peer_accept(struct peer *peer)
{
    struct peer_link *link = peer_alloc(sizeof *link);

    link->peer = peer;
    link->credits = 1; /* MS-SMB2 3.3.5.1 */
    list_init(&link->sessions);
    list_init(&link->held);
    list_init(&link->waiting);
    list_init(&link->joined);
    list_init(&link->output);
    list_push_back(&peer->links, &link->node);
    return link;
}

static void request_free(struct peer_request *q)
{
    free(q->copy);
    free(q->bytes);
    free(q);
}

void peer_reply_free(struct peer_reply *reply)
{
    free(reply->bytes);
    free(reply);
}

static void drop_requests(struct list *queue)
{
    struct list *node;

    while ((node = list_pop_front(queue))) {
        request_free(CONTAINER_OF(node, struct peer_request, node));
    }
}

static void drop_sessions(struct peer_link *link)
{
    struct list *node;

    drop_requests(&link->held);
    drop_requests(&link->waiting);
    while ((node = list_pop_front(&link->joined))) {
        peer_reply_free(CONTAINER_OF(node, struct peer_reply, node));
    }
    while (!list_empty(&link->sessions)) {
        peer_session_free(CONTAINER_OF(link->sessions.next, struct peer_session, node));
    }
}

void peer_forget_sessions(struct peer_link *link)
{
    drop_sessions(link);
}

void peer_expire_sessions(struct peer_link *link)
{
    LIST_EACH(node, &link->sessions)
    {
        CONTAINER_OF(node, struct peer_session, node)->expired = true;
    }
}

void peer_hang_up(struct peer_link *link)
{
    struct peer_frame *frame;

    drop_sessions(link);
    while ((frame = peer_next_frame(link))) {
        free(frame);
    }
    list_remove(&link->node);
    free(link);
}

void peer_close(struct peer_link *link)
{
    link->closed = true;
    if (link->on_output) {
        link->on_output(link->owner);
    }
}

void peer_refuse(struct peer_link *link, const char *why)
{
    peer_complain(link->peer, "%s", why);
    peer_close(link);
}

struct peer_frame *peer_next_frame(struct peer_link *link)
{
    struct list *node = list_pop_front(&link->output);

    return node ? CONTAINER_OF(node, struct peer_frame, node) : NULL;
}

void peer_send_raw(struct peer_link *link, struct span frame)
{
    struct peer_frame *out = peer_alloc(sizeof *out + frame.len);

    out->len = frame.len;
    if (frame.len > 0) {
        memcpy(out->bytes, frame.ptr, frame.len);
    }
    list_push_back(&link->output, &out->node);
    if (link->on_output) {
        link->on_output(link->owner);
    }
}

/* ---------------------------------------------------------------- replies */

struct wr *peer_body(struct peer_request *q, size_t room)
{
    size_t cap = SMB2_HEADER_LEN + room + SPARE_ROOM;

    free(q->bytes);
    q->bytes = peer_alloc(cap);
    q->body = wr_from(q->bytes + SMB2_HEADER_LEN, cap - SMB2_HEADER_LEN);
    return &q->body;
}

/* Grant what the client asks for, as long as it holds less than it may; never nothing while it has
 * nothing. */
static uint16_t grant(struct peer_link *link, const struct peer_request *q)
{
    uint32_t asked = q->header.credits > 0 ? q->header.credits : 1;
    uint32_t limit = link->peer->config.credits;
    uint32_t room = limit > link->credits ? limit - link->credits : 0;

    return (uint16_t)(asked < room ? asked : room);
}

static uint16_t credits_for(struct peer_request *q, bool interim)
{
    uint16_t credits;

    if (q->granted) { /* an interim answer had them; see credits_of_rule */
        credits = q->rule.set_credits ? q->rule.charge_back : 0;
    } else {
        credits = q->rule.set_credits ? q->rule.credits : grant(q->link, q);
    }
    q->granted = interim;
    q->link->credits += credits;
    return credits;
}

static void put_error(struct peer_request *q)
{
    static const struct smb2_error_reply nothing;
    const struct smb2_error_reply *error = q->rule.status ? &q->rule.error : &nothing;

    smb2_error_reply_put(peer_body(q, SMALL_BODY + error->data.len), error);
}

/* STATUS_BUFFER_TOO_SMALL; what is said with an error has a context around it on 3.1.1 (MS-SMB2 2.2.2). */
static void put_needed(struct peer_request *q)
{
    uint8_t needed[4], data[16];
    struct wr n = wr_from(needed, sizeof needed), w = wr_from(data, sizeof data);
    bool wrapped = q->link->dialect == SMB2_DIALECT_311;

    wr_u32(&n, q->needed);
    if (wrapped) {
        smb2_error_context_put(&w, &(struct smb2_error_context){.data = wr_written(&n)});
    } else {
        wr_span(&w, wr_written(&n));
    }
    smb2_error_reply_put(
        peer_body(q, SMALL_BODY + sizeof data),
        &(struct smb2_error_reply){.context_count = wrapped, .data = wr_written(&w)});
}

/* MS-SMB2 3.3.4.1, 3.3.4.2.  The TreeId that TREE_CONNECT gives has no place in an async header. */
static uint32_t reply_flags(const struct peer_request *q, bool interim)
{
    bool async = q->async_id && (interim || q->header.command != SMB2_TREE_CONNECT);

    return SMB2_FLAGS_SERVER_TO_REDIR | (q->header.flags & SMB2_FLAGS_RELATED_OPERATIONS) |
           (async ? (uint32_t)SMB2_FLAGS_ASYNC_COMMAND : 0u);
}

static struct peer_reply *reply_new(struct peer_request *q, uint32_t status)
{
    struct peer_reply *reply = peer_alloc(sizeof *reply);
    bool interim = nt_status_is(status, STATUS_PENDING);

    *reply = (struct peer_reply){
        .link = q->link,
        .session = q->session,
        .seal = q->sealed,
        .protocol_id = SMB2_PROTOCOL_ID,
        .header = {.credit_charge = q->header.credit_charge,
                   .status = status,
                   .command = q->header.command,
                   .credits = credits_for(q, interim),
                   .flags = reply_flags(q, interim),
                   .message_id = q->header.message_id,
                   .async_id = q->async_id,
                   .tree_id = q->tree ? q->tree->id : q->header.tree_id,
                   .session_id = q->session ? q->session->id : q->header.session_id},
        .bytes = q->bytes,
        .len = SMB2_HEADER_LEN + q->body.pos,
        .cap = SMB2_HEADER_LEN + q->body.cap,
        .transcript = interim ? NULL : q->transcript,
        .rule = q->rule,
    };
    memcpy(reply->request_signature, q->header.signature, sizeof reply->request_signature);
    assert(wr_ok(&q->body));
    q->bytes = NULL;
    return reply;
}

/* MS-SMB2 3.3.4.1.1: what answers a signed request is signed, and all in a session that signs; the last
 * reply of a 3.x logon always is. */
static bool must_sign(const struct peer_request *q, uint32_t status)
{
    const struct peer_session *session = q->session;

    if (!session || !session->signer || nt_status_is(status, STATUS_PENDING)) {
        return false;
    }
    if (q->header.command == SMB2_SESSION_SETUP) {
        return status == STATUS_SUCCESS || q->verified;
    }
    return q->verified || session->signing_required;
}

static void answer(struct peer_request *q, struct list *replies, uint32_t status)
{
    struct peer_seen *seen = &q->link->peer->seen[q->seen];

    if (q->needed && nt_status_is(status, STATUS_BUFFER_TOO_SMALL)) {
        put_needed(q);
    } else if (!smb2_reply_has_body(q->header.command, status, (struct span){0})) {
        if (q->header.command != SMB2_IOCTL || !q->bytes) {
            put_error(q);
        }
    } else if (!q->bytes) {
        smb2_empty_put(peer_body(q, SMALL_BODY));
    }
    struct peer_reply *reply = reply_new(q, status);
    reply->sign = must_sign(q, status);
    seen->answered = status;
    list_push_back(replies, &reply->node);
}

void peer_send(struct peer_link *link, const struct smb2_header *header, struct span body,
               const struct peer_rule *rule)
{
    struct peer_request q = {.link = link,
                             .session = peer_session_find(link, header->session_id),
                             .rule = rule ? *rule : (struct peer_rule){0}};
    struct list replies;

    q.rule.set_credits = true;
    wr_span(peer_body(&q, body.len), body);
    list_init(&replies);
    struct peer_reply *reply = reply_new(&q, header->status);
    reply->header = *header;
    reply->sign = q.session && q.session->signer;
    reply->seal = q.session && q.session->encrypt;
    list_push_back(&replies, &reply->node);
    link->credits += header->credits;
    peer_send_replies(link, &replies, false);
}

/* ---------------------------------------------------------------- doing */

bool peer_paid(struct peer_request *q, uint64_t bytes)
{
    uint64_t charge =
        q->link->large_mtu && q->header.credit_charge > 1 ? q->header.credit_charge : 1;

    if (bytes > charge * CREDIT_BYTES) {
        peer_complain(q->link->peer, "%s: the CreditCharge does not pay for %llu bytes",
                      smb2_command_name(q->header.command), (unsigned long long)bytes);
        return false;
    }
    return true;
}

uint32_t peer_echo(struct peer_request *q)
{
    return smb2_empty_get(q->message) ? STATUS_SUCCESS : (uint32_t)STATUS_INVALID_PARAMETER;
}

static const struct {
    uint32_t (*run)(struct peer_request *);
    bool in_session, in_tree;
} commands[] = {
    [SMB2_NEGOTIATE] = {peer_negotiate, false, false},
    [SMB2_SESSION_SETUP] = {peer_session_setup, false, false},
    [SMB2_LOGOFF] = {peer_logoff, true, false},
    [SMB2_TREE_CONNECT] = {peer_tree_connect, true, false},
    [SMB2_TREE_DISCONNECT] = {peer_tree_disconnect, true, true},
    [SMB2_CREATE] = {peer_create, true, true},
    [SMB2_CLOSE] = {peer_close_file, true, true},
    [SMB2_FLUSH] = {peer_flush, true, true},
    [SMB2_READ] = {peer_read, true, true},
    [SMB2_WRITE] = {peer_write, true, true},
    [SMB2_LOCK] = {peer_lock, true, true},
    [SMB2_IOCTL] = {peer_ioctl, true, true},
    [SMB2_ECHO] = {peer_echo, false, false},
    [SMB2_QUERY_DIRECTORY] = {peer_query_directory, true, true},
    [SMB2_CHANGE_NOTIFY] = {peer_change_notify, true, true},
    [SMB2_QUERY_INFO] = {peer_query_info, true, true},
    [SMB2_SET_INFO] = {peer_set_info, true, true},
    [SMB2_OPLOCK_BREAK] = {peer_take_break, true, true},
};

/* Which session and tree a request is in (MS-SMB2 3.3.5.2.9, 3.3.5.2.11). */
static uint32_t find_place(struct peer_request *q)
{
    uint16_t command = q->header.command;
    bool inherits = q->related && q->chain;

    if (command >= sizeof commands / sizeof *commands || !commands[command].run) {
        return (uint32_t)STATUS_NOT_SUPPORTED;
    }
    q->session = inherits ? q->chain->session : peer_session_find(q->link, q->header.session_id);
    if (commands[command].in_session) {
        if (!q->session || !q->session->established) {
            return (uint32_t)STATUS_USER_SESSION_DELETED;
        }
        if (q->session->expired && command != SMB2_LOGOFF && command != SMB2_CLOSE) {
            return (uint32_t)STATUS_NETWORK_SESSION_EXPIRED;
        }
    }
    if (commands[command].in_tree) {
        q->tree = inherits ? q->chain->tree : peer_tree_find(q->session, q->header.tree_id);
        if (!q->tree) {
            return (uint32_t)STATUS_NETWORK_NAME_DELETED;
        }
    }
    return peer_check_protection(q);
}

static bool failed(uint32_t status)
{
    return status >> 30 == 3;
}

static void send_interims(struct peer_request *q)
{
    struct list replies;

    for (unsigned i = 0; i < q->rule.pendings; i++) {
        if (!q->async_id) {
            q->async_id = ++q->link->peer->last_id;
        }
        list_init(&replies);
        smb2_error_reply_put(peer_body(q, SMALL_BODY), &(struct smb2_error_reply){0});
        struct peer_reply *reply = reply_new(q, STATUS_PENDING);
        list_push_back(&replies, &reply->node);
        peer_send_replies(q->link, &replies, true);
    }
}

/* Put it aside as a whole: nothing of the frame is kept. */
static void put_aside(const struct peer_request *q, struct list *queue)
{
    struct peer_request *held = peer_alloc(sizeof *held);

    *held = *q;
    held->copy = peer_copy(q->message);
    held->message.ptr = held->copy;
    held->chain = NULL;
    held->related = false;
    list_push_back(queue, &held->node);
}

/* Its turn comes again: see peer_retry(). */
static void wait_for_change(struct peer_request *q)
{
    if (!q->async_id) {
        q->rule.pendings = 1;
        send_interims(q);
    }
    put_aside(q, &q->link->waiting);
}

/* Do it now, and append the reply to `replies`. */
static void execute(struct peer_request *q, struct list *replies)
{
    uint32_t status = find_place(q);

    if (status == STATUS_SUCCESS && q->related && q->chain && failed(q->chain->status) &&
        !q->link->peer->config.compounds_go_on) {
        status = q->chain->status; /* MS-SMB2 3.3.5.2.7.2 */
    }
    if (status == STATUS_SUCCESS) {
        status = q->rule.status;
    }
    if (status == STATUS_SUCCESS) {
        status = commands[q->header.command].run(q);
    }
    if (q->chain) {
        q->chain->session = q->session;
        q->chain->tree = q->tree;
        q->chain->status = status;
    }
    if (nt_status_is(status, STATUS_PENDING)) {
        wait_for_change(q);
        return;
    }
    if (!q->link->closed && q->rule.fate != PEER_MUTE) {
        answer(q, replies, status);
    }
    if (q->header.command == SMB2_LOGOFF && status == STATUS_SUCCESS && q->session) {
        q->session->established = false; /* its keys are needed for the answer */
    }
}

static void release_one(struct peer_request *held, struct list *replies)
{
    list_remove(&held->node);
    execute(held, replies);
    request_free(held);
}

void peer_release(struct peer_link *link)
{
    struct list replies, *node;

    list_init(&replies);
    while (!link->closed && (node = list_pop_front(&link->held))) {
        release_one(CONTAINER_OF(node, struct peer_request, node), &replies);
    }
    peer_send_replies(link, &replies, true);
}

void peer_retry(struct peer *peer)
{
    LIST_EACH(at, &peer->links)
    {
        struct peer_link *link = CONTAINER_OF(at, struct peer_link, node);
        struct list *last = link->waiting.prev, *node = NULL;
        struct list replies;
        list_init(&replies);
        while (!link->closed && node != last && (node = list_pop_front(&link->waiting))) {
            release_one(CONTAINER_OF(node, struct peer_request, node), &replies);
        }
        peer_send_replies(link, &replies, true);
    }
}

/* MS-SMB2 3.3.5.16: by AsyncId, or by MessageId as long as no interim answer has gone. */
static void cancel_in(const struct peer_request *q, struct list *queue)
{
    bool async = q->header.flags & SMB2_FLAGS_ASYNC_COMMAND;
    struct list replies;

    list_init(&replies);
    LIST_EACH(node, queue)
    {
        struct peer_request *held = CONTAINER_OF(node, struct peer_request, node);
        if (async ? held->async_id == q->header.async_id
                  : held->header.message_id == q->header.message_id) {
            held->rule.status = (uint32_t)STATUS_CANCELLED;
            release_one(held, &replies);
        }
    }
    peer_send_replies(q->link, &replies, true);
}

static void obey(struct peer_request *q, struct list *replies)
{
    switch (q->rule.fate) {
    case PEER_DROP: return;
    case PEER_CLOSE: peer_close(q->link); return;
    case PEER_HOLD:
        send_interims(q);
        put_aside(q, &q->link->held);
        return;
    case PEER_ANSWER:
    case PEER_TWICE:
    case PEER_MUTE:
    case PEER_JOIN: break;
    }
    send_interims(q);
    execute(q, replies);
}

/* ---------------------------------------------------------------- frames */

/* MS-SMB2 3.3.5.2.3: the sequence window.  A client sends its requests in order here. */
static bool take_credits(struct peer_link *link, const struct smb2_header *header)
{
    uint32_t cost = link->large_mtu && header->credit_charge > 1 ? header->credit_charge : 1;

    if (header->message_id != link->next_message_id) {
        peer_refuse(link, "a MessageId is not the next one");
        return false;
    }
    if (header->credit_charge > 0 && !link->large_mtu) { /* MS-SMB2 2.2.1.2 */
        peer_complain(link->peer, "a CreditCharge without large MTU");
    }
    if (cost > link->credits) {
        peer_refuse(link, "more credits were used than granted");
        return false;
    }
    link->credits -= cost;
    link->next_message_id += cost;
    return true;
}

static size_t note(struct peer_request *q)
{
    struct peer *peer = q->link->peer;
    size_t n = peer->seen_count;

    if ((n & (n - 1)) == 0) { /* full at each power of two */
        struct peer_seen *more = peer_alloc((n > 0 ? 2 * n : 1) * sizeof *more);
        if (n > 0) {
            memcpy(more, peer->seen, n * sizeof *more);
        }
        free(peer->seen);
        peer->seen = more;
    }
    const struct peer_session *session = q->session;
    peer->seen[n] = (struct peer_seen){
        .header = q->header,
        .len = q->message.len,
        .sealed = q->sealed,
        .well_signed = (q->header.flags & SMB2_FLAGS_SIGNED) && session && session->signer &&
                       signer_check(session->signer, q->message),
        .answered = STATUS_PENDING,
    };
    peer->seen_count++;
    return n;
}

/* One request of a frame. */
static void take_request(struct peer_link *link, struct peer_chain *chain, struct span message,
                         const struct smb2_header *header, const struct peer_session *sealed_by)
{
    struct peer_request q = {.link = link,
                             .header = *header,
                             .message = message,
                             .session = header->flags & SMB2_FLAGS_RELATED_OPERATIONS
                                            ? chain->session
                                            : peer_session_find(link, header->session_id),
                             .sealed = sealed_by != NULL,
                             .related = header->flags & SMB2_FLAGS_RELATED_OPERATIONS,
                             .chain = chain};

    if (header->flags & SMB2_FLAGS_SERVER_TO_REDIR) {
        peer_refuse(link, "a client sent a reply");
        return;
    }
    if (!q.related) { /* also if it is put aside */
        chain->session = q.session;
    }
    q.seen = note(&q);
    q.verified = q.sealed || link->peer->seen[q.seen].well_signed;
    if (sealed_by && !q.related && header->session_id != sealed_by->id) {
        peer_refuse(link, "a request was sealed for another session");
        return;
    }
    q.rule = peer_pick_rule(link->peer, &link->peer->seen[q.seen], message);
    if (header->command == SMB2_CANCEL) {
        cancel_in(&q, &link->held);
        cancel_in(&q, &link->waiting);
        return;
    }
    if (take_credits(link, header)) {
        obey(&q, &chain->replies);
    }
    free(q.bytes);
}

static void take_messages(struct peer_link *link, struct span frame,
                          const struct peer_session *sealed_by)
{
    struct peer_chain chain = {.file = SMB2_FILE_ID_NONE};
    struct smb2_header header;
    struct span message;

    list_init(&chain.replies);
    while (!link->closed && frame.len > 0) {
        if (!smb2_chain_take(&frame, &header, &message)) {
            peer_refuse(link, "a message is malformed");
            break;
        }
        take_request(link, &chain, message, &header, sealed_by);
    }
    peer_send_replies(link, &chain.replies, link->peer->config.split_compounds);
}

void peer_receive(struct peer_link *link, struct span frame)
{
    struct peer_session *sealed_by = NULL;
    uint8_t *copy;
    struct span inner;

    if (link->closed) {
        return;
    }
    if (smb2_protocol_id(frame) == SMB1_PROTOCOL_ID) {
        peer_multi_negotiate(link, frame);
        return;
    }
    copy = peer_copy(frame);
    inner = (struct span){copy, frame.len};
    if (smb2_protocol_id(frame) == SMB2_TRANSFORM_PROTOCOL_ID &&
        !peer_unseal(link, copy, frame.len, &sealed_by, &inner)) {
        peer_refuse(link, "a transform is malformed or its tag is wrong");
    } else {
        take_messages(link, inner, sealed_by);
    }
    free(copy);
    peer_retry(link->peer);
}

/* ---------------------------------------------------------------- the journal and the files */

size_t peer_count(const struct peer *peer, uint16_t command)
{
    size_t count = 0;

    for (size_t i = 0; i < peer->seen_count; i++) {
        count += peer->seen[i].header.command == command;
    }
    return count;
}

const struct peer_seen *peer_last(const struct peer *peer, uint16_t command)
{
    for (size_t i = peer->seen_count; i > 0; i--) {
        if (peer->seen[i - 1].header.command == command) {
            return &peer->seen[i - 1];
        }
    }
    return NULL;
}
