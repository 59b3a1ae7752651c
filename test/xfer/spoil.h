/* spoil.h: puts of "a" in which one thing goes wrong, and what is left afterwards: what was there, or all that is new,
 * and nothing else. */
#ifndef LSMB_TEST_XFER_SPOIL_H
#define LSMB_TEST_XFER_SPOIL_H

#include "test/failmalloc.h"
#include "test/xfer/put_world.h"

/* A put, and where to. */
struct spoil {
    struct peer_config config;
    const void *bytes;
    size_t len;
    bool old;     /* there is an "a" */
    bool general; /* put_general() */
};

static inline struct spoil spoil_of(const void *bytes, size_t len)
{
    return (struct spoil){.config = peer_defaults(), .bytes = bytes, .len = len};
}

static inline void spoil_init(struct put *p, const struct spoil *s)
{
    put_init_with(p, &s->config);
    if (s->old) {
        peer_add_file(&p->w.peer, "a", "old", 3);
    }
    if (s->general) {
        put_general(p);
    }
}

/* On the server. */
static inline unsigned files(const struct put *p)
{
    unsigned count = 0;

    LIST_EACH(node, &p->w.peer.store.nodes)
    {
        count += !CONTAINER_OF(node, struct peer_node, node)->directory;
    }
    return count;
}

/* Answer request number p->at from the put on as p->rule says.  A CLOSE that goes by itself is the last resort: what
 * it does not close stays open. */
static inline const struct peer_rule *spoil_one(void *arg, const struct peer_seen *seen,
                                                struct span message)
{
    bool related = seen->header.flags & SMB2_FLAGS_RELATED_OPERATIONS;
    struct put *p = arg;

    (void)message;
    if (seen->header.command == SMB2_CANCEL || seen->header.command < SMB2_CREATE ||
        (seen->header.command == SMB2_CLOSE && !related)) {
        return NULL;
    }
    return p->seen++ == p->at ? &p->rule : NULL;
}

/* Which request a stranger answers, or the server in a way that nobody understands: not CREATE, for a file that
 * nobody knows to be open stays so as long as the connection lasts. */
static inline const struct peer_rule *spoil_opened(void *arg, const struct peer_seen *seen,
                                                   struct span message)
{
    return seen->header.command == SMB2_CREATE ? NULL : spoil_one(arg, seen, message);
}

/* Afterwards there is what was there before or all of what is new, by the code; and nothing else. */
static inline void check_whole(struct put *p, const struct spoil *s, bool unsure)
{
    struct peer *peer = &p->w.peer;
    bool is_new = peer_has(peer, "a", s->bytes, s->len);
    bool as_before = s->old ? peer_has(peer, "a", "old", 3) : !peer_find(peer, "a");

    ck_assert(p->w.err.code == LSMB_OK ? is_new : as_before || (unsure && is_new));
}

/* Nothing else is there when the client has gone, except for what the host has been told of. */
static inline void end_left(struct put *p)
{
    lsmb_share_close(p->share);
    fs_turn(&p->w, 200);
    nothing_open(&p->w.peer);
    if (!strstr(p->log, " left")) {
        no_temporary(&p->w.peer);
        ck_assert_uint_le(files(p), 1);
    }
    fs_world_free(&p->w);
}

/* Nor is before. */
static inline void end_spoilt(struct put *p)
{
    fs_turn(&p->w, 200);
    nothing_open(&p->w.peer);
    if (!strstr(p->log, " left")) {
        no_temporary(&p->w.peer);
    }
    end_left(p);
}

/* Spoil request number `at` of those that `which` counts.  False: there were not so many. */
static inline bool spoil_at(const struct spoil *s, const struct peer_rule *rule, unsigned at,
                            const struct peer_rule *(*which)(void *, const struct peer_seen *,
                                                             struct span))
{
    struct put p;

    spoil_init(&p, s);
    put_watch(&p, which);
    p.at = at;
    p.rule = *rule;
    (void)put(&p, "a", s->bytes, s->len);
    bool reached = p.seen > at;
    p.w.peer.on_request = NULL;
    check_whole(&p, s, which == spoil_opened);
    end_spoilt(&p);
    return reached;
}

/* Refuse each request in turn with this status. */
static inline void spoil_refused(struct spoil s, enum nt_status status)
{
    const struct peer_rule rule = {.status = (uint32_t)status};

    for (unsigned i = 0; i < 4; i++) {
        s.config.compounds_go_on = i & 1;
        s.old = i & 2;
        for (unsigned at = 0; spoil_at(&s, &rule, at, spoil_one); at++) {
        }
    }
}

static inline void spoil_refused_anyhow(struct spoil s)
{
    spoil_refused(s, STATUS_ACCESS_DENIED);
    spoil_refused(s, STATUS_NOT_SUPPORTED);
    spoil_refused(s, STATUS_OBJECT_NAME_COLLISION);
    spoil_refused(s, STATUS_NETWORK_SESSION_EXPIRED);
}

static inline void misspell(struct peer_reply *reply)
{
    reply->bytes[SMB2_HEADER_LEN] = 77; /* StructureSize */
}

/* Answer each request in turn, but for CREATE, as no server does. */
static inline void spoil_answered(struct spoil s)
{
    const struct peer_rule rules[] = {
        {.edit = say_closed, .protection = PEER_ZERO_MAC},
        {.protection = PEER_UNSIGNED},
        {.edit = misspell},
    };

    s.config.signing_required = true;
    for (size_t i = 0; i < 4 * sizeof rules / sizeof *rules; i++) {
        s.old = i & 1;
        s.config.compounds_go_on = i & 2;
        for (unsigned at = 0; spoil_at(&s, &rules[i / 4], at, spoil_opened); at++) {
        }
    }
}

/* The link ends, or falls silent, at request number `at`.  Of a CREATE that was done, and nothing more, nobody can
 * tell: number `made` is what follows that.  False: there were not so many. */
static inline bool spoil_link_at(const struct spoil *s, unsigned at, unsigned made,
                                 enum peer_fate fate)
{
    struct put p;

    spoil_init(&p, s);
    put_watch(&p, spoil_one);
    p.at = at;
    p.rule = (struct peer_rule){.fate = fate};
    enum lsmb_code code = put(&p, "a", s->bytes, s->len);
    bool reached = p.seen > at;
    bool is_new = peer_has(&p.w.peer, "a", s->bytes, s->len);
    fs_hang_up(&p.w, 0);
    ck_assert(code == LSMB_OK || code == LSMB_E_NETWORK || code == LSMB_E_TIMEOUT);
    ck_assert(code == LSMB_OK
                  ? is_new
                  : files(&p) == 0 || is_new || strstr(p.log, "may be left") || at == made);
    ck_assert_uint_le(files(&p), 1);
    nothing_open(&p.w.peer);
    lsmb_share_close(p.share);
    fs_world_free(&p.w);
    return reached;
}

static inline void spoil_link(const struct spoil *s, unsigned made)
{
    static const enum peer_fate fates[] = {PEER_CLOSE, PEER_MUTE, PEER_DROP};

    for (size_t i = 0; i < sizeof fates / sizeof *fates; i++) {
        for (unsigned at = 0; spoil_link_at(s, at, made, fates[i]); at++) {
        }
    }
}

/* Cancel it after so many turns. */
static inline void spoil_cancelled(const struct spoil *s, unsigned turns)
{
    struct put p;

    spoil_init(&p, s);
    struct lsmb_job *job = put_start(&p, "a", s->bytes, s->len, LSMB_PUBLISH_AUTO);
    for (unsigned i = 0; i < turns && !p.done.finished; i++) {
        fs_turn(&p.w, 1);
    }
    if (!p.done.finished) {
        lsmb_job_cancel(job, NULL);
    }
    share_run(&p.w, &p.done.finished);
    p.w.err = p.done.err;
    ck_assert(p.w.err.code == LSMB_OK || p.w.err.code == LSMB_E_CANCELLED);
    check_whole(&p, s, false);
    put_end(&p);
}

/* End the client after so many turns; the server sees him go.  False: the put had ended. */
static inline bool spoil_freed(const struct spoil *s, unsigned turns)
{
    struct put p;

    spoil_init(&p, s);
    ck_assert_ptr_nonnull(put_start(&p, "a", s->bytes, s->len, LSMB_PUBLISH_AUTO));
    for (unsigned i = 0; i < turns && !p.done.finished; i++) {
        fs_turn(&p.w, 1);
    }
    if (p.done.finished) {
        lsmb_share_close(p.share);
    }
    peer_door_close(&p.w.door);
    lsmb_free(p.w.smb); /* asserts that every buffer has come back */
    ck_assert(files(&p) == 0 || peer_has(&p.w.peer, "a", s->bytes, s->len));
    ck_assert_uint_le(files(&p), 1);
    ck_assert_str_eq(p.w.peer.complaint, "");
    peer_free(&p.w.peer);
    return !p.done.finished;
}

/* The peer has memory when there is none. */
struct spoil_memory {
    void (*receive)(struct hook *), (*flush)(struct hook *);
};

static inline struct spoil_memory *spoil_memory(void)
{
    static struct spoil_memory memory;

    return &memory;
}

static inline void receive_with_memory(struct hook *hook)
{
    fail_malloc_pause(true);
    spoil_memory()->receive(hook);
    fail_malloc_pause(false);
}

static inline void flush_with_memory(struct hook *hook)
{
    fail_malloc_pause(true);
    spoil_memory()->flush(hook);
    fail_malloc_pause(false);
}

static inline void give_memory(struct peer_stream *peer)
{
    *spoil_memory() = (struct spoil_memory){peer->receive.run, peer->flush.run};
    peer->receive.run = receive_with_memory;
    peer->flush.run = flush_with_memory;
}

/* Allocation number `n` fails, and if it is that of a CLOSE that nobody waits for, a file stays open.  False: there were
 * not so many. */
static inline bool spoil_without(const struct spoil *s, unsigned n)
{
    struct put p;

    spoil_init(&p, s);
    give_memory(p.w.links[0]);
    fail_malloc(n, false);
    if (!put_start(&p, "a", s->bytes, s->len, LSMB_PUBLISH_AUTO)) {
        fs_done(&p.done, &(struct lsmb_error){.code = LSMB_E_NOMEM});
    }
    for (unsigned i = 0; i < 1000 && !p.done.finished; i++) {
        if (lsmb_turn(p.w.smb, -1) != LSMB_OK) {
            break;
        }
    }
    bool failed = fail_malloc_off();
    ck_assert(p.done.finished);
    p.w.err = p.done.err;
    ck_assert(p.w.err.code == LSMB_OK || p.w.err.code == LSMB_E_NOMEM);
    check_whole(&p, s, false);
    end_left(&p);
    return failed;
}

#endif
