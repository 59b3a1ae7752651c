#include "tools/summary.h"
#include "tools/json.h"
#include "tools/show.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What is copied goes to standard output, so this never does. */
static void begin_object(struct run *run, struct json *json, const struct location *where)
{
    char name[1024];

    progress_hide(&run->progress);
    *json = (struct json){.to = stderr};
    json_begin_object(json);
    json_text(json, "event", "summary");
    json_text(json, "name", location_show(where, name, sizeof name));
    json_number(json, "elapsed_ms", progress_elapsed_ms(&run->progress));
}

void summary_file(struct run *run, const struct location *where,
                  const struct lsmb_copy_result *result)
{
    char text[1024], name[900], sum[16] = "";
    struct json json;

    if (run->opt->crc32) {
        (void)snprintf(sum, sizeof sum, "%08" PRIx32, result->crc32);
    }
    if (run->opt->json) {
        begin_object(run, &json, where);
        json_number(&json, "files", 1);
        json_number(&json, "bytes", result->bytes);
        json_flag(&json, "on_server", result->on_server);
        if (sum[0]) {
            json_text(&json, "crc32", sum);
        }
        json_end_object(&json);
    } else if (sum[0]) {
        (void)snprintf(text, sizeof text, "crc32 %s %" PRIu64 " %s", sum, result->bytes,
                       location_show(where, name, sizeof name));
        logger_say(&run->log, text);
    }
}

static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

/* Add ", N what" where there is something to tell. */
static void add_count(char *text, size_t room, uint64_t n, const char *what)
{
    size_t used = strlen(text);

    if (n > 0) {
        (void)snprintf(text + used, room - used, ", %" PRIu64 " %s", n, what);
    }
}

/* "1.25 s", from a minute on "1:02:03". */
static void show_elapsed(char out[SHOW_CLOCK], uint64_t ms)
{
    if (ms < 60000) {
        (void)snprintf(out, SHOW_CLOCK, "%u.%02u s", (unsigned)(ms / 1000),
                       (unsigned)(ms % 1000 / 10));
    } else {
        show_clock(out, ms / 1000);
    }
}

static void tell_tree(struct run *run, const struct lsmb_tree_result *result)
{
    char text[512], bytes[SHOW_BYTES], clock[SHOW_CLOCK], rate[SHOW_BYTES];
    uint64_t ms = progress_elapsed_ms(&run->progress);

    show_bytes(bytes, result->bytes);
    show_elapsed(clock, ms);
    show_bytes(rate, ms > 0 ? (uint64_t)((double)result->bytes * 1000 / (double)ms) : 0);
    (void)snprintf(text, sizeof text,
                   "%" PRIu64 " file%s and %" PRIu64 " director%s, %s in %s (%s/s)", result->files,
                   plural(result->files), result->folders, result->folders == 1 ? "y" : "ies",
                   bytes, clock, rate);
    add_count(text, sizeof text, result->links,
              result->links == 1 ? "link or device left alone" : "links or devices left alone");
    add_count(text, sizeof text, result->skipped, "not wanted");
    add_count(text, sizeof text, result->failed, "failed");
    logger_line(&run->log, LEVEL_INFO, text);
}

/* Who has asked for nothing is told nothing, so that cron has nothing to mail. */
static bool is_wanted(const struct run *run, const struct lsmb_tree_result *result)
{
    const struct options *opt = run->opt;

    return result->failed > 0 || run->progress.mode != PROGRESS_NONE || opt->stats ||
           opt->level_given || opt->log_target;
}

void summary_tree(struct run *run, const struct location *where,
                  const struct lsmb_tree_result *result)
{
    struct json json;

    if (!run->opt->json) {
        if (is_wanted(run, result)) {
            tell_tree(run, result);
        }
        return;
    }
    begin_object(run, &json, where);
    json_number(&json, "files", result->files);
    json_number(&json, "directories", result->folders);
    json_number(&json, "bytes", result->bytes);
    json_number(&json, "links", result->links);
    json_number(&json, "skipped", result->skipped);
    json_number(&json, "failed", result->failed);
    json_end_object(&json);
}
