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
#include "transport/pair.h"

enum { FS_LINKS_MAX = 16 };

struct fs_world {
    struct script_env script;    /* the peer's env; its clock is everybody's */
    struct script_random random; /* the client's */
    struct script_jobs jobs;
    struct peer peer;
    struct lsmb *smb;
    struct peer_stream links[FS_LINKS_MAX]; /* in the order in which they were dialled */
    struct stream *near[FS_LINKS_MAX];      /* the client's ends; gone when he has hung up */
    unsigned dialled;
    bool nobody_answers; /* dialling fails */
    /* How the next stream is: its queue, and the most that a call moves at the client's end. */
    size_t queue_bytes, receive_max, send_max;
    enum framing framing;
    uint64_t close_after; /* the peer hangs up after so many bytes */
    void (*working)(bool begins);
    struct lsmb_policy policy;
    struct lsmb_target target;
    struct lsmb_error err;
    bool peer_may_complain;
};

static inline struct stream *fs_dial(void *arg, const char *host, uint16_t port)
{
    struct fs_world *w = arg;
    struct stream *ends[2];

    ck_assert(host[0] && port > 0);
    if (w->working) {
        w->working(true);
    }
    if (!w->nobody_answers) {
        ck_assert_uint_lt(w->dialled, FS_LINKS_MAX);
        ck_assert(pair_new(ends, w->queue_bytes));
        pair_chop(ends[0], w->receive_max, w->send_max);
        ends[0]->framing = ends[1]->framing = w->framing;
        struct peer_stream *far = &w->links[w->dialled];
        peer_stream_open(far, &w->peer, &w->smb->loop, ends[1]);
        far->close_after = w->close_after;
        far->working = w->working;
        w->near[w->dialled++] = ends[0];
    }
    if (w->working) {
        w->working(false);
    }
    return w->nobody_answers ? NULL : ends[0];
}

/* `config` NULL: the peer's defaults.  The target is its share and its account. */
static inline void fs_world_init(struct fs_world *w, const struct peer_config *config)
{
    memset(w, 0, sizeof *w);
    script_env_init(&w->script, 1 << 20, 1 << 20);
    script_random_init(&w->random);
    w->random.next = 0x80;
    peer_init(&w->peer, &w->script.env, config);
    w->smb = lsmb_new_in(&(struct lsmb_world){.clock = &w->script.clock.clock,
                                              .random = &w->random.random,
                                              .jobs = &w->jobs.runner},
                         NULL, &w->err);
    ck_assert_msg(w->smb != NULL, "%s", w->err.reason);
    script_jobs_init(&w->jobs, &w->smb->env.ready);
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

static inline void fs_world_free(struct fs_world *w)
{
    fs_turn(w, 8); /* goodbyes arrive */
    ck_assert_msg(list_empty(&w->smb->jobs), "a job still runs");
    ck_assert_msg(list_empty(&w->smb->shares), "a share is still open");
    ck_assert_msg(list_empty(&w->smb->servers), "a server is still known");
    ck_assert_msg(timers_next(&w->smb->env.timers) == TIMER_NEVER, "a timer is still armed");
    ck_assert_msg(!ready_any(&w->smb->env.ready), "something is still ready");
    for (unsigned i = 0; i < w->dialled; i++) {
        ck_assert_msg(!w->links[i].stream, "the client did not hang up");
    }
    lsmb_free(w->smb);
    if (!w->peer_may_complain) {
        ck_assert_str_eq(w->peer.complaint, "");
    }
    peer_free(&w->peer);
    script_env_free(&w->script);
}

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
