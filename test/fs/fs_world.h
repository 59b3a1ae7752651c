/* fs_world.h: a whole client, and the peer that it dials, on one loop and one thread.
 *
 *     struct fs_world w;
 *
 *     fs_world_init(&w, NULL);
 *     struct lsmb_share *share = fs_share(&w);
 *     fs_ok(&w, lsmb_stat(share, "a.txt", &stat, &w.err));
 *     lsmb_share_close(share);
 *     fs_world_free(&w);           // checks that nothing was left behind
 */
#ifndef LSMB_TEST_FS_FS_WORLD_H
#define LSMB_TEST_FS_FS_WORLD_H

#include "fs/lsmb.h"
#include "test/peer/peer_stream.h"
#include "test/run.h"
#include "test/script.h"

enum { FS_LINKS_MAX = 16 };

/* The client's end of a connection, through which a test sees how many bytes come, and can make them end.
 * It hands the client's hooks on to the stream behind it. */
struct fs_near {
    struct stream stream; /* first */
    struct stream *behind;
    uint64_t *received;   /* bytes */
    uint64_t close_after; /* then the server has hung up */
};

struct fs_world {
    struct script_env script;    /* the peer's env; its clock is everybody's */
    struct script_random random; /* the client's */
    struct script_jobs jobs;
    struct peer peer;
    struct peer_door door;
    struct lsmb *smb;
    struct peer_stream *links[FS_LINKS_MAX]; /* in the order in which they were dialled */
    struct stream *near[FS_LINKS_MAX];       /* the client's ends, which are his to close */
    uint64_t received[FS_LINKS_MAX];         /* bytes that he has */
    unsigned dialled;
    bool nobody_answers; /* dialling fails */
    /* How the next stream is: its queue, the most that a call moves at the client's end, and after how
     * many bytes the peer hangs up. */
    size_t queue_bytes, receive_max, send_max;
    enum framing framing;
    uint64_t close_after;
    struct lsmb_policy policy;
    struct lsmb_target target;
    struct lsmb_error err;
    bool peer_may_complain;
};

/* ---------------------------------------------------------------- the client's end */

static inline struct fs_near *fs_near_of(struct stream *stream)
{
    struct fs_near *near = CONTAINER_OF(stream, struct fs_near, stream);

    near->behind->loop = stream->loop;
    near->behind->receive = stream->receive;
    near->behind->flush = stream->flush;
    return near;
}

static inline ssize_t fs_near_receive(struct stream *stream, const struct iovec *iov, int count)
{
    struct fs_near *near = fs_near_of(stream);
    uint64_t left = near->close_after - *near->received;
    struct iovec first = {iov->iov_base, iov->iov_len < left ? iov->iov_len : (size_t)left};
    bool all = near->close_after == UINT64_MAX;

    if (left == 0) {
        return 0;
    }
    ssize_t got = near->behind->ops->receive(near->behind, all ? iov : &first, all ? count : 1);
    *near->received += got > 0 ? (uint64_t)got : 0;
    return got;
}

static inline ssize_t fs_near_send(struct stream *stream, const struct iovec *iov, int count)
{
    struct fs_near *near = fs_near_of(stream);

    return near->behind->ops->send(near->behind, iov, count);
}

static inline void fs_near_close(struct stream *stream)
{
    struct fs_near *near = fs_near_of(stream);

    stream_close(near->behind);
    free(near);
}

static inline struct stream *fs_near_new(struct stream *behind, uint64_t *received,
                                         uint64_t close_after)
{
    static const struct stream_ops ops = {fs_near_receive, fs_near_send, fs_near_close};
    struct fs_near *near = calloc(1, sizeof *near);

    ck_assert_ptr_nonnull(near);
    *near = (struct fs_near){.stream = {.ops = &ops, .framing = behind->framing},
                             .behind = behind,
                             .close_after = close_after};
    near->received = received;
    memcpy(near->stream.peer, behind->peer, sizeof near->stream.peer);
    return &near->stream;
}

/* ---------------------------------------------------------------- beginning and end */

static inline struct stream *fs_dial(void *arg, const char *host, uint16_t port)
{
    struct fs_world *w = arg;
    struct stream *ends[2];
    unsigned n = w->dialled;

    ck_assert(host[0] && port > 0);
    if (w->nobody_answers) {
        return NULL;
    }
    ck_assert_uint_lt(n, FS_LINKS_MAX);
    ck_assert(pair_new(ends, w->queue_bytes));
    pair_chop(ends[0], w->receive_max, w->send_max);
    ends[0]->framing = ends[1]->framing = w->framing;
    w->links[n] = peer_answer(&w->door, ends[1]);
    w->near[n] = ends[0];
    w->dialled++;
    return fs_near_new(ends[0], &w->received[n], w->close_after);
}

/* `config` NULL: the peer's defaults.  The target is its share and its account. */
static inline void fs_world_init(struct fs_world *w, const struct peer_config *config)
{
    memset(w, 0, sizeof *w);
    script_env_init(&w->script, 1 << 20, 1 << 20);
    script_random_init(&w->random);
    peer_init(&w->peer, &w->script.env, config);
    w->smb = lsmb_new_in(&(struct lsmb_world){.clock = &w->script.clock.clock,
                                              .random = &w->random.random,
                                              .jobs = &w->jobs.runner},
                         NULL, &w->err);
    ck_assert_msg(w->smb != NULL, "%s", w->err.reason);
    script_jobs_init(&w->jobs, &w->smb->env.ready);
    peer_door_open(&w->door, &w->peer, &w->smb->loop);
    w->smb->dial = fs_dial;
    w->smb->dial_arg = w;
    w->queue_bytes = 1 << 16;
    w->receive_max = w->send_max = SIZE_MAX;
    w->close_after = UINT64_MAX;
    w->policy.size = sizeof w->policy;
    w->target = (struct lsmb_target){.size = sizeof w->target,
                                     .host = "server",
                                     .share = "share",
                                     .user = "user",
                                     .domain = "DOMAIN",
                                     .password = "password",
                                     .policy = &w->policy};
}

/* Turn so often, without letting time pass. */
static inline void fs_turn(struct fs_world *w, unsigned turns)
{
    for (unsigned i = 0; i < turns; i++) {
        ck_assert_int_eq(lsmb_turn(w->smb, 0), LSMB_OK);
    }
}

/* The peer hangs up, and keeps nothing. */
static inline void fs_hang_up(struct fs_world *w, unsigned link)
{
    peer_forget_sessions(w->links[link]->link);
    peer_close(w->links[link]->link);
    fs_turn(w, 4);
}

static inline void fs_world_free(struct fs_world *w)
{
    fs_turn(w, 8); /* goodbyes arrive */
    ck_assert_msg(list_empty(&w->smb->jobs), "a job still runs");
    ck_assert_msg(list_empty(&w->smb->shares), "a share is still open");
    ck_assert_msg(list_empty(&w->smb->servers), "a server is still known");
    ck_assert_msg(timers_next(&w->smb->env.timers) == TIMER_NEVER, "a timer is still armed");
    ck_assert_msg(!ready_any(&w->smb->env.ready), "something is still ready");
    for (unsigned i = 0; i < w->dialled; i++) {
        ck_assert_msg(!w->links[i]->stream, "the client did not hang up");
    }
    peer_door_close(&w->door);
    lsmb_free(w->smb);
    if (!w->peer_may_complain) {
        ck_assert_str_eq(w->peer.complaint, "");
    }
    peer_free(&w->peer);
    script_env_free(&w->script);
}

/* ---------------------------------------------------------------- what came of it */

static inline void fs_ok(const struct fs_world *w, enum lsmb_code code)
{
    char text[1024];

    ck_assert_msg(code == LSMB_OK, "%s", lsmb_error_text(&w->err, text, sizeof text));
}

/* It failed with `code`, which the error says too; `status` 0: the server said nothing. */
static inline void fs_failed(const struct fs_world *w, enum lsmb_code got, enum lsmb_code code,
                             uint32_t status)
{
    char text[1024];

    ck_assert_msg(got == code && w->err.code == code && w->err.nt_status == status, "%d %08x: %s",
                  (int)got, (unsigned)w->err.nt_status,
                  lsmb_error_text(&w->err, text, sizeof text));
    ck_assert_str_ne(w->err.reason, "");
    ck_assert_str_ne(w->err.step, "");
}

/* The share, opened. */
static inline struct lsmb_share *fs_share(struct fs_world *w)
{
    struct lsmb_share *share = NULL;

    fs_ok(w, lsmb_share_open(w->smb, &w->target, &share, &w->err));
    ck_assert_ptr_nonnull(share);
    return share;
}

/* It cannot be opened. */
static inline void fs_no_share(struct fs_world *w, enum lsmb_code code, uint32_t status)
{
    struct lsmb_share *share = NULL;

    fs_failed(w, lsmb_share_open(w->smb, &w->target, &share, &w->err), code, status);
    ck_assert_ptr_null(share);
}

/* How a job that was started ended. */
struct fs_done {
    bool finished;
    unsigned calls;
    struct lsmb_error err; /* LSMB_OK: well */
};

static inline void fs_done(void *arg, const struct lsmb_error *err)
{
    struct fs_done *done = arg;

    done->finished = true;
    done->calls++;
    if (err) {
        done->err = *err;
    }
}

#endif
