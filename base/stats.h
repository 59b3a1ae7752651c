/* stats.h: what a context counts, and what its copies wait for.
 *
 * Everybody counts what he does himself, straight into the context's numbers: so nothing goes with a
 * connection.  It costs an addition here and there; the clock is read once for an answer, as it was before,
 * and once more in a turn while copies run. */
#ifndef LSMB_BASE_STATS_H
#define LSMB_BASE_STATS_H

#include "lsmb.h"

struct stats {
    struct lsmb_stats sum;
    unsigned copies[LSMB_BOUNDS]; /* that run, by what they wait for */
    unsigned copies_count;        /* all of them */
};

/* What one copy waits for.  Zeroed before it is used first. */
struct stats_copy {
    enum lsmb_bound waits_for;
    bool runs;
};

/* An answer has come: `status` is its NTSTATUS, `pending` whether it was put off first. */
void stats_answered(struct stats *stats, uint16_t command, uint32_t status, bool pending,
                    uint64_t took_ns);

/* A copy runs, and waits for this from now on. */
void stats_copy_waits(struct stats *stats, struct stats_copy *copy, enum lsmb_bound waits_for);

/* It runs no more; harmless when it does not. */
void stats_copy_ended(struct stats *stats, struct stats_copy *copy);

/* Time has passed in waiting: it is shared among the copies. */
void stats_waited(struct stats *stats, uint64_t ns);

/* Time has passed in working. */
static inline void stats_worked(struct stats *stats, uint64_t ns)
{
    stats->sum.bound_ns[LSMB_BOUND_CPU] += ns;
}

/* Keep the larger of two. */
static inline void stats_peak(uint64_t *peak, uint64_t now)
{
    *peak = now > *peak ? now : *peak;
}
static inline void stats_peak32(uint32_t *peak, uint32_t now)
{
    *peak = now > *peak ? now : *peak;
}

#endif
