/* stats.h: what a run took, and what bound its speed (--stats). */
#ifndef LSMB_TOOLS_STATS_H
#define LSMB_TOOLS_STATS_H

#include "tools/advice.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Of the run that is told of. */
struct stats_run {
    uint64_t elapsed_ms;
    struct advice_about about;
};

/* Print to stderr what all connections of a context have done: a table, or a JSON object. */
void stats_print(const struct lsmb *smb, const struct stats_run *run, bool as_json);

/* The time, in ns, that at least `percent` of the answers did not exceed, as near as the counts tell; 0
 * without answers. */
uint64_t stats_latency_ns(const struct lsmb_command_stats *command, unsigned percent);

/* The table, and the object. */
void stats_table(FILE *to, const struct lsmb_stats *stats, const struct stats_run *run);
void stats_json(FILE *to, const struct lsmb_stats *stats, const struct stats_run *run);

#endif
