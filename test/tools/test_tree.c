/* test_tree.c: walking through directories, within limits. */
#include "test/fs/fs_world.h"
#include "tools/run.h"
#include "tools/tree.h"

static struct fs_world w;
static struct run run;
static struct options opt;
static char seen[256];

static enum tree_next note(void *arg, const char *path, const struct lsmb_stat *stat)
{
    size_t len = strlen(seen);

    (void)arg;
    (void)stat;
    (void)snprintf(seen + len, sizeof seen - len, "%s|", path);
    return TREE_GO_ON;
}

/* Walk with room for so many entries. */
static bool walk(size_t most)
{
    const struct tree_visitor visitor = {.file = note, .most = most};

    seen[0] = '\0';
    run.status = 0;
    return tree_walk(&run, run.share, "dir", &visitor, NULL);
}

static void begin(void)
{
    fs_world_init(&w, NULL);
    opt = (struct options){.recursive = true};
    run = (struct run){.opt = &opt, .smb = w.smb, .share = fs_share(&w), .signal_fd = -1};
    run.log.level = LEVEL_CRITICAL;
}

static void end(void)
{
    fs_turn(&w, 4);
    lsmb_share_close(run.share);
    fs_world_free(&w);
}

/* However few entries each directory has. */
START_TEST(what_is_kept_of_all_levels_has_one_limit)
{
    begin();
    (void)peer_add_file(&w.peer, "dir/a/b/1", "x", 1);
    (void)peer_add_file(&w.peer, "dir/a/b/2", "x", 1);
    (void)peer_add_file(&w.peer, "dir/a/3", "x", 1);
    (void)peer_add_file(&w.peer, "dir/c/4", "x", 1);
    ck_assert(walk(0));
    ck_assert_str_eq(seen, "dir/a/3|dir/a/b/1|dir/a/b/2|dir/c/4|");
    ck_assert_int_eq(run.status, 0);
    ck_assert(walk(6)); /* a c, 3 b, 1 2 */
    ck_assert_str_eq(seen, "dir/a/3|dir/a/b/1|dir/a/b/2|dir/c/4|");
    ck_assert_int_eq(run.status, 0);
    ck_assert(walk(5));
    ck_assert_str_eq(seen, "dir/a/3|dir/a/b/1|dir/c/4|");
    ck_assert_int_eq(run.status, EXIT_PARTLY);
    end();
}
END_TEST

int main(void)
{
    return RUN_TESTS("tools/tree", what_is_kept_of_all_levels_has_one_limit);
}
