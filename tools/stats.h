/* stats.h: what a run took, and what bound its speed (--stats). */
#ifndef LSMB_TOOLS_STATS_H
#define LSMB_TOOLS_STATS_H

#include "lsmb.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Print to stderr what all connections of a context have done in so many ms: a table, or a JSON object. */
void stats_print(const struct lsmb *smb, int64_t elapsed_ms, bool as_json);

/* The time, in ns, that at least `percent` of the answers did not exceed, as near as the counts tell; 0
 * without answers. */
uint64_t stats_latency_ns(const struct lsmb_command_stats *command, unsigned percent);

/* What the data waited for longest; LSMB_BOUNDS: nothing was copied. */
enum lsmb_bound stats_bound(const struct lsmb_stats *stats);

/* The table, and the object. */
void stats_table(FILE *to, const struct lsmb_stats *stats, uint64_t elapsed_ms);
void stats_json(FILE *to, const struct lsmb_stats *stats, uint64_t elapsed_ms);

#endif
