#include "tools/stats.h"
#include "tools/json.h"
#include "tools/show.h"

#include <inttypes.h>

#define NS_PER_SECOND UINT64_C(1000000000)

/* What cannot be written to a closed stderr is of no interest. */

/* MS-SMB2 2.2.1.2. */
static const char *const command_names[LSMB_COMMANDS] = {
    "NEGOTIATE",     "SESSION_SETUP", "LOGOFF",   "TREE_CONNECT", "TREE_DISCONNECT",
    "CREATE",        "CLOSE",         "FLUSH",    "READ",         "WRITE",
    "LOCK",          "IOCTL",         "CANCEL",   "ECHO",         "QUERY_DIRECTORY",
    "CHANGE_NOTIFY", "QUERY_INFO",    "SET_INFO", "OPLOCK_BREAK",
};

struct bound_form {
    const char *name; /* in JSON */
    const char *text; /* "What bound the speed: ..." */
};

static const struct bound_form bound_forms[LSMB_BOUNDS] = {
    [LSMB_BOUND_SERVER] = {"server", "waiting for the server's answers"},
    [LSMB_BOUND_CREDITS] = {"credits", "waiting for credits from the server"},
    [LSMB_BOUND_LINK] = {"link", "waiting for the network to take what was sent"},
    [LSMB_BOUND_SOURCE] = {"source", "waiting for what is read on this machine"},
    [LSMB_BOUND_SINK] = {"sink", "waiting for what is written on this machine"},
    [LSMB_BOUND_CPU] = {"cpu", "work of this machine's processor"},
    [LSMB_BOUND_LIMIT] = {"limit", "waiting for --limit-rate"},
};

uint64_t stats_latency_ns(const struct lsmb_command_stats *command, unsigned percent)
{
    uint64_t answers = 0, seen = 0;

    for (unsigned i = 0; i < LSMB_LATENCIES; i++) {
        answers += command->latency[i];
    }
    for (unsigned i = 0; i < LSMB_LATENCIES && answers > 0; i++) {
        seen += command->latency[i];
        if (seen * 100 >= answers * percent) {
            uint64_t below = UINT64_C(1024) << i;
            return command->max_ns > 0 && command->max_ns < below ? command->max_ns : below;
        }
    }
    return 0;
}

/* Hundredths of what moved, so that no floating point meets the locale. */
static uint64_t calls_per_100_mib(const struct lsmb_stats *stats)
{
    uint64_t mib = (stats->bytes_in + stats->bytes_out) >> 20;

    return mib > 0 ? (stats->receive_calls + stats->send_calls) * 100 / mib : 0;
}

/* "1.234 ms" */
static const char *show_ns(char out[32], uint64_t ns)
{
    if (ns < 10000000) {
        (void)snprintf(out, 32, "%" PRIu64 ".%03u ms", ns / 1000000, (unsigned)(ns / 1000 % 1000));
    } else {
        (void)snprintf(out, 32, "%" PRIu64 " ms", ns / 1000000);
    }
    return out;
}

static void print_commands(FILE *to, const struct lsmb_stats *stats)
{
    char median[32], most[32], highest[32];

    (void)fprintf(to, "%-16s %9s %7s %7s %11s %11s %11s\n", "command", "answers", "errors",
                  "pending", "50% below", "95% below", "longest");
    for (size_t i = 0; i < LSMB_COMMANDS; i++) {
        const struct lsmb_command_stats *c = &stats->commands[i];
        if (c->count > 0) {
            (void)fprintf(to, "%-16s %9" PRIu64 " %7" PRIu64 " %7" PRIu64 " %11s %11s %11s\n",
                          command_names[i], c->count, c->errors, c->pending,
                          show_ns(median, stats_latency_ns(c, 50)),
                          show_ns(most, stats_latency_ns(c, 95)), show_ns(highest, c->max_ns));
        }
    }
}

static void print_line(FILE *to, const char *name, uint64_t value)
{
    (void)fprintf(to, "%s: %" PRIu64 "\n", name, value);
}

static void print_bytes(FILE *to, const char *name, uint64_t bytes)
{
    char text[SHOW_BYTES];

    show_bytes(text, bytes);
    (void)fprintf(to, "%s: %s\n", name, text);
}

static void print_bound(FILE *to, const struct lsmb_stats *stats, const struct advice_about *about)
{
    enum lsmb_bound bound = advice_bound(stats);
    const char *advice = advice_of(bound, stats, about);
    uint64_t all = advice_copied_ns(stats);

    if (bound == LSMB_BOUNDS) {
        return;
    }
    (void)fprintf(to, "What bound the speed: %s, in %u%% of the %" PRIu64 ".%03u s of copying.",
                  bound_forms[bound].text,
                  (unsigned)((double)stats->bound_ns[bound] * 100 / (double)all),
                  all / NS_PER_SECOND, (unsigned)(all % NS_PER_SECOND / 1000000));
    if (advice) {
        (void)fprintf(to, "  What would help: %s.", advice);
    }
    (void)fputc('\n', to);
}

void stats_table(FILE *to, const struct lsmb_stats *stats, const struct stats_run *run)
{
    char trip[32];
    uint64_t calls = calls_per_100_mib(stats);

    print_commands(to, stats);
    (void)fprintf(to, "time: %" PRIu64 ".%03u s\n", run->elapsed_ms / 1000,
                  (unsigned)(run->elapsed_ms % 1000));
    (void)fprintf(to, "round trip: %s\n", show_ns(trip, stats->round_trip_ns));
    print_bytes(to, "received", stats->bytes_in);
    print_bytes(to, "sent", stats->bytes_out);
    (void)fprintf(to, "system calls: %" PRIu64 " to receive, %" PRIu64 " to send",
                  stats->receive_calls, stats->send_calls);
    if (calls > 0) {
        (void)fprintf(to, ", %" PRIu64 ".%02u for a MiB", calls / 100, (unsigned)(calls % 100));
    }
    (void)fputc('\n', to);
    print_line(to, "most credits", stats->credits_peak);
    print_line(to, "most requests in flight", stats->in_flight_peak);
    print_bytes(to, "most memory in buffers", stats->memory_peak);
    if (stats->window_peak > 0) {
        print_bytes(to, "largest window", stats->window_peak);
    }
    print_line(to, "connections", stats->connections);
    print_line(to, "lost", stats->lost);
    print_line(to, "logged on again", stats->logons);
    print_line(to, "sent once more", stats->retries);
    print_line(to, "compounds", stats->compounds);
    print_bound(to, stats, &run->about);
}

static void write_commands(struct json *json, const struct lsmb_stats *stats)
{
    for (size_t i = 0; i < LSMB_COMMANDS; i++) {
        const struct lsmb_command_stats *c = &stats->commands[i];
        if (c->count == 0) {
            continue;
        }
        json_begin_member(json, command_names[i]);
        json_number(json, "answers", c->count);
        json_number(json, "errors", c->errors);
        json_number(json, "pending", c->pending);
        json_number(json, "total_ns", c->total_ns);
        json_number(json, "median_ns", stats_latency_ns(c, 50));
        json_number(json, "p95_ns", stats_latency_ns(c, 95));
        json_number(json, "max_ns", c->max_ns);
        json_end_member(json);
    }
}

static void write_bounds(struct json *json, const struct lsmb_stats *stats,
                         const struct advice_about *about)
{
    enum lsmb_bound bound = advice_bound(stats);
    const char *advice = advice_of(bound, stats, about);

    json_begin_member(json, "bound_ns");
    for (size_t i = 0; i < LSMB_BOUNDS; i++) {
        json_number(json, bound_forms[i].name, stats->bound_ns[i]);
    }
    json_end_member(json);
    if (bound != LSMB_BOUNDS) {
        json_text(json, "bound_by", bound_forms[bound].name);
    }
    if (advice) {
        json_text(json, "advice", advice);
    }
}

void stats_json(FILE *to, const struct lsmb_stats *stats, const struct stats_run *run)
{
    struct json json = {.to = to};

    json_begin_object(&json);
    json_text(&json, "event", "stats");
    json_number(&json, "elapsed_ms", run->elapsed_ms);
    json_begin_member(&json, "commands");
    write_commands(&json, stats);
    json_end_member(&json);
    json_number(&json, "round_trip_ns", stats->round_trip_ns);
    json_number(&json, "bytes_received", stats->bytes_in);
    json_number(&json, "bytes_sent", stats->bytes_out);
    json_number(&json, "receive_calls", stats->receive_calls);
    json_number(&json, "send_calls", stats->send_calls);
    json_number(&json, "turns", stats->turns);
    json_number(&json, "credits_peak", stats->credits_peak);
    json_number(&json, "in_flight_peak", stats->in_flight_peak);
    json_number(&json, "memory_peak", stats->memory_peak);
    json_number(&json, "window_peak", stats->window_peak);
    json_number(&json, "connections", stats->connections);
    json_number(&json, "lost", stats->lost);
    json_number(&json, "logons", stats->logons);
    json_number(&json, "retries", stats->retries);
    json_number(&json, "compounds", stats->compounds);
    write_bounds(&json, stats, &run->about);
    json_end_object(&json);
}

void stats_print(const struct lsmb *smb, const struct stats_run *run, bool as_json)
{
    struct lsmb_stats stats = {.size = sizeof stats};

    lsmb_stats_get(smb, &stats);
    if (as_json) {
        stats_json(stderr, &stats, run);
    } else {
        stats_table(stderr, &stats, run);
    }
}
