/* test_tree_local.c: trees of this machine never leave their folder, whatever leads out of it. */
#include <errno.h>
#include <sys/resource.h>

#include "test/xfer/toy_tree.h"
#include "test/xfer/tree_world.h"

static struct tree_world w;

#define DIR LSMB_ATTR_DIRECTORY

static const struct toy_entry entries[] = {{"", "dir", DIR, 0, NULL},
                                           {"dir", "a", 0, 0, "new"},
                                           {"dir", "sub", DIR, 0, NULL},
                                           {"dir/sub", "b", 0, 0, "new"},
                                           {"", "c", 0, 0, "new"}};

enum { ENTRIES = sizeof entries / sizeof *entries };

static void make_link(const char *target, const char *name)
{
    ck_assert_int_eq(symlink(target, tree_local(&w, name)), 0);
}

static bool is_link(const char *name)
{
    struct stat st;

    return lstat(tree_local(&w, name), &st) == 0 && S_ISLNK(st.st_mode);
}

/* A target in which a test puts things, and what must stay as it is. */
static void begin(void)
{
    tree_init(&w);
    tree_mkdir(&w, "here");
    tree_mkdir(&w, "outside");
    tree_write(&w, "outside/a", "old");
    tree_write(&w, "outside/c", "old");
}

static void end(void)
{
    tree_has(&w, "outside/a", "old");
    tree_has(&w, "outside/c", "old");
    tree_only(&w, "outside", 2);
    tree_free(&w);
}

static enum lsmb_code get(void)
{
    return tree_copy(&w, &toy_tree(w.fs.smb, entries, ENTRIES)->tree, tree_here(&w, "here"));
}

START_TEST(a_link_in_a_files_place_is_replaced)
{
    begin();
    make_link("../outside/c", "here/c");
    tree_mkdir(&w, "here/dir");
    make_link("nowhere", "here/dir/a");
    tree_ok(&w, get());
    ck_assert(!is_link("here/c") && !is_link("here/dir/a"));
    tree_has(&w, "here/c", "new");
    tree_has(&w, "here/dir/a", "new");
    end();
}
END_TEST

START_TEST(a_link_in_a_files_place_is_not_written_through)
{
    begin();
    make_link("../outside/c", "here/c");
    w.opt.how = LSMB_PUBLISH_IN_PLACE;
    tree_partly(&w, get(), "c\n", LSMB_E_LOCAL);
    ck_assert(is_link("here/c"));
    end();
}
END_TEST

START_TEST(a_link_in_a_folders_place_is_not_entered)
{
    begin();
    make_link("../outside", "here/dir");
    tree_partly(&w, get(), "dir\n", LSMB_E_LOCAL);
    ck_assert_ptr_nonnull(strstr(w.first.reason, "symbolic link"));
    ck_assert(is_link("here/dir"));
    tree_has(&w, "here/c", "new");
    end();
}
END_TEST

/* Somebody puts a link in the place of a folder that was made, before the file in it is. */
static void swap(void *arg, const char *path)
{
    (void)arg;
    if (strcmp(path, "dir/a") == 0) {
        ck_assert_int_eq(rename(tree_local(&w, "here/dir"), tree_local(&w, "moved")), 0);
        make_link("../outside", "here/dir");
    }
}

START_TEST(a_link_that_is_put_in_the_way_meanwhile_leads_nowhere)
{
    begin();
    struct toy_tree *toy = toy_tree(w.fs.smb, entries, ENTRIES);
    toy->before = swap;
    w.opt.files_max = 1;
    enum lsmb_code code = tree_copy(&w, &toy->tree, tree_here(&w, "here"));
    ck_assert(code == LSMB_OK || code == LSMB_E_PARTLY);
    end();
}
END_TEST

/* So many folders that the first is not open any more when its file comes. */
START_TEST(folders_that_are_opened_again_are_not_reached_through_links)
{
    enum { FOLDERS = 100 };
    static struct toy_entry many[2 * FOLDERS];
    static char names[FOLDERS][8];
    begin();
    for (unsigned i = 0; i < FOLDERS; i++) {
        (void)snprintf(names[i], sizeof names[i], i == 0 ? "dir" : "%u", i);
        many[i] = (struct toy_entry){"", names[i], DIR, 0, NULL};
        many[FOLDERS + i] = (struct toy_entry){names[i], "a", 0, 0, "new"};
    }
    struct toy_tree *toy = toy_tree(w.fs.smb, many, sizeof many / sizeof *many);
    toy->before = swap;
    enum lsmb_code code = tree_copy(&w, &toy->tree, tree_here(&w, "here"));
    ck_assert(code == LSMB_OK || code == LSMB_E_PARTLY);
    ck_assert_uint_ge(w.result.files, FOLDERS - 1);
    end();
}
END_TEST

START_TEST(fifos_and_sockets_are_not_written_to)
{
    begin();
    ck_assert_int_eq(mkfifo(tree_local(&w, "here/c"), 0666), 0);
    tree_partly(&w, get(), "c\n", LSMB_E_LOCAL);
    tree_has(&w, "here/dir/sub/b", "new");
    end();
}
END_TEST

START_TEST(a_file_with_two_names_is_written_for_both)
{
    begin();
    tree_write(&w, "here/c", "old");
    ck_assert_int_eq(link(tree_local(&w, "here/c"), tree_local(&w, "here/d")), 0);
    tree_ok(&w, get());
    tree_has(&w, "here/d", "new");
    end();
}
END_TEST

START_TEST(the_root_itself_may_be_a_link)
{
    begin();
    make_link("here", "to-here");
    tree_ok(&w,
            tree_copy(&w, &toy_tree(w.fs.smb, entries, ENTRIES)->tree, tree_here(&w, "to-here")));
    tree_has(&w, "here/dir/sub/b", "new");
    end();
}
END_TEST

START_TEST(what_is_missing_above_the_root_is_made)
{
    begin();
    tree_ok(&w, tree_copy(&w, &toy_tree(w.fs.smb, entries, ENTRIES)->tree,
                          tree_here(&w, "here/x//y/z/")));
    tree_has(&w, "here/x/y/z/c", "new");
    end();
}
END_TEST

START_TEST(a_file_is_no_root)
{
    begin();
    ck_assert_int_eq(
        tree_copy(&w, &toy_tree(w.fs.smb, entries, ENTRIES)->tree, tree_here(&w, "outside/a")),
        LSMB_E_LOCAL);
    ck_assert_int_eq(w.err.os_errno, ENOTDIR);
    end();
}
END_TEST

/* ---------------------------------------------------------------- as a source */

/* Between the listing and the copy. */
static bool swap_source(void *arg, const char *path, const struct lsmb_stat *stat)
{
    (void)arg;
    (void)stat;
    if (strcmp(path, "dir") == 0) {
        ck_assert_int_eq(rename(tree_local(&w, "here/dir"), tree_local(&w, "moved")), 0);
        make_link("../outside", "here/dir");
    } else if (strcmp(path, "c") == 0) {
        ck_assert_int_eq(unlink(tree_local(&w, "here/c")), 0);
        make_link("../outside/c", "here/c");
    }
    return true;
}

START_TEST(nothing_is_read_through_a_link)
{
    begin();
    tree_mkdir(&w, "here/dir");
    tree_write(&w, "here/dir/a", "new");
    tree_write(&w, "here/c", "new");
    w.opt.wanted = swap_source;
    ck_assert_int_eq(tree_put(&w, "here", "there"), LSMB_E_PARTLY);
    ck_assert_uint_eq(w.result.failed, 2);
    ck_assert_ptr_null(peer_find(&w.fs.peer, "there/c"));
    ck_assert_ptr_null(peer_find(&w.fs.peer, "there/dir/a"));
    end();
}
END_TEST

START_TEST(a_folder_that_may_not_be_listed_fails_alone)
{
    begin();
    tree_mkdir(&w, "here/dir");
    tree_write(&w, "here/c", "new");
    ck_assert_int_eq(chmod(tree_local(&w, "here/dir"), 0), 0);
    if (access(tree_local(&w, "here/dir"), R_OK) != 0) { /* who is root may always */
        tree_partly(&w, tree_put(&w, "here", "there"), "dir\n", LSMB_E_LOCAL);
        ck_assert(peer_has(&w.fs.peer, "there/c", "new", 3));
    }
    end();
}
END_TEST

/* ---------------------------------------------------------------- descriptors */

START_TEST(few_descriptors_mean_few_files_at_a_time)
{
    static struct toy_entry many[100];
    static char names[100][8];
    struct rlimit limit;

    begin();
    for (unsigned i = 0; i < 100; i++) {
        (void)snprintf(names[i], sizeof names[i], "%u", i);
        many[i] = (struct toy_entry){"", names[i], 0, 0, "new"};
    }
    w.fs.jobs.hold = true; /* what is stored keeps its descriptors */
    int next = dup(0);
    (void)close(next);
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = (rlim_t)next + 12;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    struct fs_done done = {0};
    ck_assert_ptr_nonnull(lsmb_tree_copy_start(w.fs.smb, &toy_tree(w.fs.smb, many, 100)->tree,
                                               tree_here(&w, "here"), &w.opt, &w.result, fs_done,
                                               &done));
    for (unsigned turns = 0; !done.finished && turns < 10000; turns++) {
        fs_turn(&w.fs, 3);
        script_jobs_run(&w.fs.jobs);
    }
    ck_assert_msg(done.finished && done.err.code == LSMB_OK, "%s", done.err.reason);
    ck_assert_uint_eq(w.result.files, 100);
    end();
}
END_TEST

/* Once the first file is asked for there is something else in the target's place. */
static const struct peer_rule *swap_root(void *arg, const struct peer_seen *seen,
                                         struct span message)
{
    (void)arg;
    (void)message;
    if (seen->header.command == SMB2_READ && !is_link("here")) {
        ck_assert_int_eq(rename(tree_local(&w, "here"), tree_local(&w, "moved")), 0);
        make_link("outside", "here");
    }
    return NULL;
}

static int64_t written(const char *name)
{
    struct stat st;

    ck_assert_int_eq(stat(tree_local(&w, name), &st), 0);
    return st.st_mtim.tv_sec;
}

START_TEST(what_takes_the_roots_place_does_not_get_its_time)
{
    begin();
    (void)peer_add_file(&w.fs.peer, "tree/d", "new", 3);
    w.copy.keep_times = true;
    w.fs.peer.on_request = swap_root;
    int64_t before = written("outside");
    tree_ok(&w, tree_get(&w, "tree", "here"));
    tree_has(&w, "moved/d", "new");
    ck_assert_int_eq(written("outside"), before);
    ck_assert_int_ne(written("moved"), before);
    end();
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "xfer/tree_local", a_link_in_a_files_place_is_replaced,
        a_link_in_a_files_place_is_not_written_through, a_link_in_a_folders_place_is_not_entered,
        a_link_that_is_put_in_the_way_meanwhile_leads_nowhere,
        folders_that_are_opened_again_are_not_reached_through_links,
        fifos_and_sockets_are_not_written_to, a_file_with_two_names_is_written_for_both,
        the_root_itself_may_be_a_link, what_is_missing_above_the_root_is_made, a_file_is_no_root,
        nothing_is_read_through_a_link, a_folder_that_may_not_be_listed_fails_alone,
        few_descriptors_mean_few_files_at_a_time, what_takes_the_roots_place_does_not_get_its_time);
}
