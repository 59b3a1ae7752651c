/* cmd_du.c: sum up what directories hold. */
#include "tools/connect.h"
#include "tools/json.h"
#include "tools/show.h"
#include "tools/tree.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A directory on the way down, with what was found in it so far. */
struct sum {
    struct sum *above;
    uint64_t bytes, files, directories;
};

struct du {
    struct run *run;
    struct json json;
    bool safe;
    const char *argument; /* as the user wrote it */
    size_t root_len;      /* of its path in the share */
    struct sum *sum;      /* owned: of the deepest directory */
};

/* coreutils' units: KiB, a begun one counts. */
static void print_size(const struct du *du, uint64_t bytes)
{
    char text[SHOW_BYTES];

    if (du->run->opt->human) {
        show_bytes(text, bytes);
        (void)fputs(text, stdout);
    } else {
        (void)printf("%" PRIu64,
                     du->run->opt->apparent_bytes ? bytes : bytes / 1024 + (bytes % 1024 != 0));
    }
}

/* `below`: its path under the argument, "" for that itself. */
static void print_sum(struct du *du, const char *below, const struct sum *sum)
{
    const char *between = below[0] != '\0' ? "/" : "";

    if (du->run->opt->json) {
        json_begin_object(&du->json);
        json_text(&du->json, "argument", du->argument);
        json_text(&du->json, "path", below);
        json_number(&du->json, "bytes", sum->bytes);
        json_number(&du->json, "files", sum->files);
        json_number(&du->json, "directories", sum->directories);
        json_end_object(&du->json);
        return;
    }
    print_size(du, sum->bytes);
    (void)putchar('\t');
    show_name(stdout, du->argument, du->safe);
    (void)fputs(between, stdout);
    show_name(stdout, below, du->safe);
    (void)putchar('\n');
}

static void add_file(const struct du *du, struct sum *sum, const struct lsmb_stat *stat)
{
    sum->bytes += du->run->opt->apparent_bytes ? stat->bytes : stat->allocated_bytes;
    sum->files++;
}

static enum tree_next enter(void *arg, const char *path, const struct listing *entries)
{
    struct du *du = arg;
    struct sum *sum = calloc(1, sizeof *sum);

    (void)path;
    (void)entries;
    if (!sum) {
        run_no_memory(du->run);
        return TREE_END;
    }
    sum->above = du->sum;
    du->sum = sum;
    return TREE_GO_ON;
}

static enum tree_next add(void *arg, const char *path, const struct lsmb_stat *stat)
{
    struct du *du = arg;

    (void)path;
    add_file(du, du->sum, stat);
    return TREE_GO_ON;
}

static enum tree_next leave(void *arg, const char *path, bool whole)
{
    struct du *du = arg;
    struct sum *sum = du->sum, *above = sum->above;
    const char *below = path + du->root_len;

    (void)whole;
    if (!above || !du->run->opt->summarize) {
        print_sum(du, below + (*below == '/'), sum);
    }
    if (above) {
        above->bytes += sum->bytes;
        above->files += sum->files;
        above->directories += sum->directories + 1;
    }
    du->sum = above;
    free(sum);
    return TREE_GO_ON;
}

static void sum_up(struct du *du, struct lsmb_share *share, const struct location *where)
{
    static const struct tree_visitor visitor = {.enter = enter, .file = add, .leave = leave};
    struct lsmb_stat st = {.attributes = LSMB_ATTR_DIRECTORY};
    struct sum alone = {.above = NULL};

    du->root_len = strlen(where->path);
    if (where->path[0] != '\0' &&
        !run_wait(du->run, lsmb_stat_start(share, where->path, &st, run_done, du->run))) {
        run_fail(du->run);
    } else if (tree_descends(&st)) {
        (void)tree_walk(du->run, share, where->path, &visitor, du);
    } else {
        add_file(du, &alone, &st);
        print_sum(du, "", &alone);
    }
    while (du->sum) { /* the walk ended early */
        struct sum *above = du->sum->above;
        free(du->sum);
        du->sum = above;
    }
}

void cmd_du(struct run *run)
{
    struct du du = {.run = run, .safe = isatty(STDOUT_FILENO) == 1};

    json_begin(&du.json, stdout, run->opt->json);
    for (size_t i = 0; i < run->opt->n_args && (i == 0 || run_may_go_on(run)); i++) {
        struct location where;
        struct lsmb_share *share = NULL;
        du.argument = run->opt->args[i];
        if (connect_parse(run, i, true, &where)) {
            share = connect_share(run, &where);
        }
        if (share) {
            sum_up(&du, share, &where);
        }
        location_free(&where);
    }
    json_end(&du.json);
}
