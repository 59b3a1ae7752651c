#include "base/stats.h"

#include <assert.h>

#include "base/ntstatus.h"

enum { SHORTEST_SHIFT = 10 }; /* the first class ends at 1024 ns */

/* The class of a latency: class i ends before 1024 << i ns. */
static unsigned latency_class(uint64_t ns)
{
    unsigned k = 0;

    while (k < LSMB_LATENCIES - 1 && ns >> (SHORTEST_SHIFT + k) > 0) {
        k++;
    }
    return k;
}

/* A logon that goes on is none. */
static bool is_error(uint32_t status)
{
    return status >> 30 == 3 && !nt_status_is(status, STATUS_MORE_PROCESSING_REQUIRED);
}

void stats_answered(struct stats *stats, uint16_t command, uint32_t status, bool pending,
                    uint64_t took_ns)
{
    assert(command < LSMB_COMMANDS); /* we have asked for it */
    struct lsmb_command_stats *c = &stats->sum.commands[command];

    c->count++;
    c->errors += is_error(status);
    c->pending += pending;
    c->total_ns += took_ns;
    stats_peak(&c->max_ns, took_ns);
    c->latency[latency_class(took_ns)]++;
}

void stats_copy_waits(struct stats *stats, struct stats_copy *copy, enum lsmb_bound waits_for)
{
    stats_copy_ended(stats, copy);
    copy->runs = true;
    copy->waits_for = waits_for;
    stats->copies[waits_for]++;
    stats->copies_count++;
}

void stats_copy_ended(struct stats *stats, struct stats_copy *copy)
{
    if (copy->runs) {
        assert(stats->copies[copy->waits_for] > 0);
        stats->copies[copy->waits_for]--;
        stats->copies_count--;
        copy->runs = false;
    }
}

void stats_waited(struct stats *stats, uint64_t ns)
{
    for (unsigned i = 0; i < LSMB_BOUNDS && stats->copies_count > 0; i++) {
        stats->sum.bound_ns[i] += ns * stats->copies[i] / stats->copies_count;
    }
}
