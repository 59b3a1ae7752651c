/* test_tree_walk.c: what is listed of a tree, and what is believed of that. */
#include <limits.h>

#include "test/xfer/toy_tree.h"
#include "test/xfer/tree_world.h"
#include "xfer/tree.h"

static struct tree_world w;

/* ---------------------------------------------------------------- folders that lie elsewhere */

static char said[1024];

static void keep_line(void *arg, enum lsmb_log_level level, const char *line)
{
    (void)arg;
    (void)level;
    strncat(said, line, sizeof said - strlen(said) - 1);
}

/* A folder whose ".." is listed behind so many files. */
static enum lsmb_code copy_misplaced(unsigned files)
{
    static const struct toy_entry first[] = {{"", ".", LSMB_ATTR_DIRECTORY, 1, NULL},
                                             {"", "d", LSMB_ATTR_DIRECTORY, 2, NULL}};
    static const struct toy_entry up = {"d", "..", LSMB_ATTR_DIRECTORY, 99, NULL};
    static const struct toy_entry file[] = {
        {"d", "a", 0, 3, "1"}, {"d", "b", 0, 4, "2"}, {"d", "c", 0, 5, "3"}};
    struct toy_entry found[6] = {first[0], first[1]};
    size_t count = 2;

    for (unsigned i = 0; i < 3; i++) {
        if (i == files) {
            found[count++] = up;
        }
        found[count++] = file[i];
    }
    tree_init(&w);
    said[0] = '\0';
    w.fs.smb->env.log = (struct log){keep_line, NULL, LSMB_LOG_INFO};
    return tree_copy(&w, &toy_tree(w.fs.smb, found, count)->tree, tree_here(&w, "here"));
}

START_TEST(a_folder_that_lies_elsewhere_is_left_alone_and_named)
{
    for (unsigned files = 0; files < 2; files++) {
        tree_ok(&w, copy_misplaced(files));
        ck_assert_uint_eq(w.result.links, 1);
        ck_assert_uint_eq(w.result.files, 0);
        ck_assert_ptr_nonnull(strstr(said, "d is left alone: it is a link"));
        tree_only(&w, "here", 0);
        tree_free(&w);
    }
}
END_TEST

START_TEST(a_folder_that_proves_too_late_to_lie_elsewhere_has_failed)
{
    tree_partly(&w, copy_misplaced(2), "d\n", LSMB_E_CHANGED);
    ck_assert_uint_eq(w.result.links, 0);
    tree_free(&w);
}
END_TEST

/* ---------------------------------------------------------------- trees without an end */

/* Every folder in it that lies less deep than `depth` has `width` folders. */
struct endless {
    struct lsmb_tree tree; /* first */
    unsigned width, depth, listed;
};

static struct endless endless;
static struct lsmb_job *endless_job;

static void *endless_list(struct lsmb_tree *tree, const char *path)
{
    static char levels[TREE_DEPTH_MAX];
    size_t level = *path != '\0';

    (void)tree;
    for (const char *at = path; (at = strchr(at, '/')); at++) {
        level++;
    }
    ck_assert_uint_lt(level, sizeof levels);
    levels[level] = level < endless.depth;
    return &levels[level];
}

static void endless_more(struct lsmb_tree *tree, void *lister, lsmb_entry_fn *each, void *each_arg,
                         bool *end, struct lsmb_wait *wait)
{
    char name[16];
    bool go_on = *(const char *)lister;

    (void)tree;
    for (unsigned i = 0; go_on && i < endless.width; i++) {
        (void)snprintf(name, sizeof name, "%08u", i);
        go_on = each(each_arg, name, &(struct lsmb_stat){.attributes = LSMB_ATTR_DIRECTORY});
    }
    endless.listed++;
    *end = true;
    lsmb_wait_done(wait, NULL);
}

static void endless_list_end(struct lsmb_tree *tree, void *lister)
{
    (void)tree;
    (void)lister;
}

static void endless_close(struct lsmb_tree *tree)
{
    (void)tree;
}

static void stop_at_first(void *arg, const char *path, const struct lsmb_error *err)
{
    tree_note_failed(arg, path, err);
    lsmb_job_cancel(endless_job, NULL);
}

/* On its way to a share on which no folder is made. */
static struct lsmb_job *copy_endless(unsigned width, unsigned depth, struct fs_done *done)
{
    static const struct lsmb_tree_ops ops = {
        .size = sizeof ops,
        .list = endless_list,
        .more = endless_more,
        .list_end = endless_list_end,
        .close = endless_close,
    };

    tree_init(&w);
    (void)peer_add_dir(&w.fs.peer, "there");
    peer_script(&w.fs.peer, &(struct peer_rule){.command = SMB2_CREATE,
                                                .skip = 1,
                                                .times = UINT_MAX,
                                                .fate = PEER_HOLD,
                                                .pendings = 1});
    w.opt.failed = stop_at_first;
    endless = (struct endless){.tree = {&ops}, .width = width, .depth = depth};
    *done = (struct fs_done){0};
    endless_job = lsmb_tree_copy_start(w.fs.smb, &endless.tree, tree_remote(&w, "there"), &w.opt,
                                       &w.result, fs_done, done);
    return endless_job;
}

START_TEST(folders_without_an_end_are_refused_before_they_fill_the_memory)
{
    struct fs_done done;

    ck_assert_ptr_nonnull(copy_endless(2000, 1000, &done));
    share_run(&w.fs, &done.finished);
    ck_assert_int_eq(w.first.code, LSMB_E_USAGE);
    ck_assert_ptr_nonnull(strstr(w.first.reason, "too many"));
    ck_assert_uint_lt(endless.listed, 200);
    fs_turn(&w.fs, 40);
    tree_free(&w);
}
END_TEST

START_TEST(nothing_is_listed_while_many_folders_wait_to_be_made)
{
    struct fs_done done;

    ck_assert_ptr_nonnull(copy_endless(20, 3, &done));
    fs_turn(&w.fs, 800);
    ck_assert(!done.finished);
    ck_assert_uint_gt(endless.listed, 4000);
    ck_assert_uint_lt(endless.listed, 4200);
    lsmb_job_cancel(endless_job, NULL);
    share_run(&w.fs, &done.finished);
    fs_turn(&w.fs, 40);
    tree_free(&w);
}
END_TEST

int main(void)
{
    return RUN_TESTS("xfer/tree_walk", a_folder_that_lies_elsewhere_is_left_alone_and_named,
                     a_folder_that_proves_too_late_to_lie_elsewhere_has_failed,
                     folders_without_an_end_are_refused_before_they_fill_the_memory,
                     nothing_is_listed_while_many_folders_wait_to_be_made);
}
