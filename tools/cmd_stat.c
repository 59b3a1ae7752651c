/* cmd_stat.c: show what is known about files and directories. */
#include "tools/connect.h"
#include "tools/entry_json.h"
#include "tools/show.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

static void print_attributes(uint32_t attributes)
{
    static const struct {
        uint32_t bit;
        const char *name;
    } names[] = {
        {LSMB_ATTR_DIRECTORY, "directory"}, {LSMB_ATTR_READONLY, "read-only"},
        {LSMB_ATTR_HIDDEN, "hidden"},       {LSMB_ATTR_SYSTEM, "system"},
        {LSMB_ATTR_ARCHIVE, "archive"},     {LSMB_ATTR_REPARSE, "reparse point"},
    };
    const char *before = " (";

    (void)printf("attributes: 0x%08" PRIx32, attributes);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (attributes & names[i].bit) {
            (void)printf("%s%s", before, names[i].name);
            before = ", ";
        }
    }
    (void)puts(before[0] == ',' ? ")" : "");
}

static void print_time(const char *name, int64_t ns)
{
    char text[SHOW_TIME];

    show_time(text, ns, true);
    (void)printf("%s: %s\n", name, text);
}

static void print_stat(const char *name, const struct lsmb_stat *st)
{
    (void)fputs("name: ", stdout);
    show_name(stdout, name, isatty(STDOUT_FILENO) == 1);
    (void)printf("\nsize: %" PRIu64 "\nallocated: %" PRIu64 "\n", st->bytes, st->allocated_bytes);
    print_time("created", st->created);
    print_time("accessed", st->accessed);
    print_time("written", st->written);
    print_time("changed", st->changed);
    print_attributes(st->attributes);
    if (st->file_id != 0) {
        (void)printf("file id: 0x%016" PRIx64 "\n", st->file_id);
    } else {
        (void)puts("file id: -");
    }
}

static void stat_one(struct run *run, size_t i, struct json *json)
{
    struct location where;
    struct lsmb_stat st = {.attributes = 0};
    struct lsmb_share *share = NULL;

    if (connect_parse(run, i, true, &where)) {
        share = connect_share(run, &where);
    }
    if (share) {
        if (!run_wait(run, lsmb_stat_start(share, where.path, &st, run_done, run))) {
            run_fail(run);
        } else if (run->opt->json) {
            entry_json(json, run->opt->args[i], &st);
        } else {
            (void)fputs(i > 0 ? "\n" : "", stdout);
            print_stat(run->opt->args[i], &st);
        }
    }
    location_free(&where);
}

void cmd_stat(struct run *run)
{
    struct json json = {.to = stdout}; /* one object by itself, several in an array */

    if (run->opt->n_args > 1) {
        json_begin(&json, stdout, run->opt->json);
    }
    for (size_t i = 0; i < run->opt->n_args && (i == 0 || run_may_go_on(run)); i++) {
        stat_one(run, i, &json);
    }
    json_end(&json);
}
