#include "tools/advice.h"

enum {
    ANSWERS_MIN = 100, /* with less, and */
    BYTES_MIN = 1 << 20,
    COMMAND_FLUSH = 7, /* MS-SMB2 2.2.1.2 */
    COMMAND_IOCTL = 11,
};

static uint64_t answers(const struct lsmb_stats *stats)
{
    uint64_t all = 0;

    for (unsigned i = 0; i < LSMB_COMMANDS; i++) {
        all += stats->commands[i].count;
    }
    return all;
}

enum lsmb_bound advice_bound(const struct lsmb_stats *stats)
{
    enum lsmb_bound most = LSMB_BOUNDS;

    if (stats->bytes_in + stats->bytes_out < BYTES_MIN && answers(stats) < ANSWERS_MIN) {
        return LSMB_BOUNDS;
    }
    for (unsigned i = 0; i < LSMB_BOUNDS; i++) {
        uint64_t longest = most == LSMB_BOUNDS ? 0 : stats->bound_ns[most];
        if (stats->bound_ns[i] > longest) {
            most = (enum lsmb_bound)i;
        }
    }
    return most;
}

uint64_t advice_copied_ns(const struct lsmb_stats *stats)
{
    uint64_t all = 0;

    for (unsigned i = 0; i < LSMB_BOUNDS; i++) {
        all += stats->bound_ns[i];
    }
    return all;
}

/* A quarter of it at most was ever left. */
static bool window_was_full(const struct lsmb_stats *stats, const struct advice_about *about)
{
    return stats->window_peak >= about->window_bytes / 4 * 3;
}

/* A tree took all the connections that it was allowed, and may be allowed more. */
static bool connections_were_few(const struct lsmb_stats *stats, const struct advice_about *about)
{
    return about->connections > 0 && about->connections < LSMB_CONNECTIONS_MAX &&
           stats->connections >= about->connections;
}

/* FLUSH waits for the server's disk, and so does what it copies itself.  A few of them can take most of the
 * time and still be little of what all the others took side by side. */
static bool disk_took_most(const struct lsmb_stats *stats)
{
    uint64_t all = 0, disk = stats->commands[COMMAND_FLUSH].total_ns;

    disk += stats->commands[COMMAND_IOCTL].total_ns;
    for (unsigned i = 0; i < LSMB_COMMANDS; i++) {
        all += stats->commands[i].total_ns;
    }
    return disk > all / 2 ||
           (stats->commands[COMMAND_FLUSH].count == 1 && disk > advice_copied_ns(stats) / 2);
}

static const char *of_server(const struct lsmb_stats *stats, const struct advice_about *about)
{
    if (disk_took_most(stats)) {
        return "a faster disk in the server: most went by while it wrote to its own";
    }
    if (connections_were_few(stats, about)) {
        return "more --connections";
    }
    return window_was_full(stats, about) ? "a larger --window" : NULL;
}

static const char *of_credits(const struct lsmb_stats *stats, const struct advice_about *about)
{
    return connections_were_few(stats, about)
               ? "more --connections, or more credits in the server's settings"
               : "more credits in the server's settings";
}

static const char *of_cpu(const struct advice_about *about)
{
    if (about->sealing && about->cipher != LSMB_AES_128_GCM) {
        return "--ciphers aes-128-gcm, which costs least";
    }
    if (about->signing && !about->sealing && about->signing_alg != LSMB_AES_GMAC) {
        return "--signing-algs gmac on a server that has it (SMB 3.1.1), which costs least";
    }
    return "several runs at a time, each with a part, or a faster processor";
}

const char *advice_of(enum lsmb_bound bound, const struct lsmb_stats *stats,
                      const struct advice_about *about)
{
    switch (bound) {
    case LSMB_BOUND_SERVER: return of_server(stats, about);
    case LSMB_BOUND_CREDITS: return of_credits(stats, about);
    case LSMB_BOUND_LINK: return "a faster network";
    case LSMB_BOUND_SOURCE: return "a faster disk, or whatever feeds it";
    case LSMB_BOUND_SINK: return "a faster disk, or whatever takes it";
    case LSMB_BOUND_CPU: return of_cpu(about);
    case LSMB_BOUND_LIMIT: return "a higher --limit-rate";
    case LSMB_BOUNDS: break;
    }
    return NULL;
}
