/* lazy.h: a visit (visit.h) to a share that is not connected to yet, and others who come at the same time.
 *
 * For one file of a test program, as visit.h: all and stats are its. */
#ifndef LSMB_TEST_FS_LAZY_H
#define LSMB_TEST_FS_LAZY_H

#include "test/fs/visit.h"

/* A world in which the share is lazy; `dialect` 0: the best. */
static inline void begin_lazy(const struct peer_config *config, enum lsmb_dialect dialect)
{
    begin_world(config);
    w.policy.max_dialect = dialect;
    w.target.lazy = true;
    share = fs_share(&w);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_TREE_CONNECT), 0);
}

static inline enum lsmb_code stat_a(void)
{
    struct lsmb_stat stat;

    return lsmb_stat(share, "a", &stat, &w.err);
}

enum { MANY = 5 };

static struct fs_done all[MANY];
static struct lsmb_stat stats[MANY];

/* Turn until all have ended; how many of them well. */
static inline unsigned await_all(void)
{
    unsigned well = 0;

    for (size_t i = 0; i < MANY; i++) {
        ck_assert_int_eq(lsmb_turn_until(w.smb, &all[i].finished), LSMB_OK);
        well += all[i].err.code == LSMB_OK;
    }
    return well;
}

static inline void start_all(struct lsmb_job **jobs)
{
    memset(all, 0, sizeof all);
    for (size_t i = 0; i < MANY; i++) {
        jobs[i] = lsmb_stat_start(share, "a", &stats[i], fs_done, &all[i]);
        ck_assert_ptr_nonnull(jobs[i]);
    }
}

#endif
