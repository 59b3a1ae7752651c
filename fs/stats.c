/* stats.c: what a context has counted, for its host. */
#include "base/options.h"
#include "fs/lsmb.h"

void lsmb_stats_get(const struct lsmb *smb, struct lsmb_stats *stats)
{
    struct lsmb_stats mine = smb->env.stats.sum;

    mine.size = stats->size;
    mine.memory_peak = smb->env.pool.peak;
    options_give(stats, stats->size, &mine, sizeof mine);
}
