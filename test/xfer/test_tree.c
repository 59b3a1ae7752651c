/* test_tree.c: xfer/tree: copies of trees. */
#include "proto/filetime.h"
#include "test/xfer/tree_world.h"

static struct tree_world w;

/* ---------------------------------------------------------------- what is copied */

START_TEST(all_that_is_below_a_folder_of_a_share_is_fetched)
{
    tree_init(&w);
    peer_add_file(&w.fs.peer, "tree/a", "1", 1);
    peer_add_file(&w.fs.peer, "tree/b/c", "22", 2);
    peer_add_file(&w.fs.peer, "tree/b/d/e", "333", 3);
    (void)peer_add_dir(&w.fs.peer, "tree/empty");
    tree_ok(&w, tree_get(&w, "tree", "here"));
    tree_has(&w, "here/a", "1");
    tree_has(&w, "here/b/c", "22");
    tree_has(&w, "here/b/d/e", "333");
    tree_only(&w, "here", 3);
    tree_only(&w, "here/empty", 0);
    ck_assert_uint_eq(w.result.files, 3);
    ck_assert_uint_eq(w.result.folders, 3);
    ck_assert_uint_eq(w.result.bytes, 6);
    ck_assert_uint_eq(w.result.found, 3);
    ck_assert_uint_eq(w.result.found_bytes, 6);
    ck_assert(w.result.listed);
    tree_free(&w);
}
END_TEST

START_TEST(all_that_is_below_a_folder_of_this_machine_is_stored)
{
    tree_init(&w);
    tree_mkdir(&w, "tree");
    tree_mkdir(&w, "tree/b");
    tree_mkdir(&w, "tree/empty");
    tree_write(&w, "tree/a", "1");
    tree_write(&w, "tree/b/c", "22");
    tree_ok(&w, tree_put(&w, "tree", "there/deep"));
    ck_assert(peer_has(&w.fs.peer, "there/deep/a", "1", 1));
    ck_assert(peer_has(&w.fs.peer, "there/deep/b/c", "22", 2));
    ck_assert_ptr_nonnull(peer_find(&w.fs.peer, "there/deep/empty"));
    ck_assert_uint_eq(w.result.files, 2);
    ck_assert_uint_eq(w.result.folders, 2);
    tree_free(&w);
}
END_TEST

START_TEST(what_is_there_already_is_replaced_or_kept)
{
    tree_init(&w);
    peer_add_file(&w.fs.peer, "tree/a", "new", 3);
    peer_add_file(&w.fs.peer, "tree/b/c", "new", 3);
    tree_mkdir(&w, "here");
    tree_mkdir(&w, "here/b");
    tree_write(&w, "here/a", "old, and longer");
    tree_write(&w, "here/b/d", "kept");
    tree_ok(&w, tree_get(&w, "tree", "here"));
    tree_has(&w, "here/a", "new");
    tree_has(&w, "here/b/c", "new");
    tree_has(&w, "here/b/d", "kept");
    tree_ok(&w, tree_put(&w, "here", "tree"));
    ck_assert(peer_has(&w.fs.peer, "tree/b/d", "kept", 4));
    tree_free(&w);
}
END_TEST

START_TEST(a_tree_goes_from_one_place_of_a_share_to_another)
{
    tree_init(&w);
    peer_add_file(&w.fs.peer, "tree/a", "1", 1);
    peer_add_file(&w.fs.peer, "tree/b/c", "22", 2);
    tree_ok(&w, tree_copy(&w, tree_remote(&w, "tree"), tree_remote(&w, "copy")));
    ck_assert(peer_has(&w.fs.peer, "copy/a", "1", 1));
    ck_assert(peer_has(&w.fs.peer, "copy/b/c", "22", 2));
    tree_free(&w);
}
END_TEST

START_TEST(wide_folders_are_copied_with_few_files_at_a_time)
{
    char name[64];

    tree_init(&w);
    for (unsigned i = 0; i < 500; i++) {
        (void)snprintf(name, sizeof name, "tree/%u/file-%u", i % 7, i);
        peer_add_file(&w.fs.peer, name, name, strlen(name));
    }
    w.opt.files_max = 3;
    tree_ok(&w, tree_get(&w, "tree", "here"));
    ck_assert_uint_eq(w.result.files, 500);
    ck_assert_uint_eq(w.result.folders, 7);
    tree_only(&w, "here", 7);
    tree_only(&w, "here/3", 71);
    tree_has(&w, "here/2/file-499", "tree/2/file-499");
    tree_free(&w);
}
END_TEST

/* "ROOT/d/d/.../file", valid until the next call. */
static const char *deep_path(const char *root)
{
    static char path[1024];
    size_t len = (size_t)snprintf(path, sizeof path, "%s", root);

    for (unsigned i = 0; i < 200; i++) {
        path[len++] = '/';
        path[len++] = 'd';
    }
    (void)snprintf(path + len, sizeof path - len, "/file");
    return path;
}

START_TEST(deep_trees_are_copied)
{
    tree_init(&w);
    peer_add_file(&w.fs.peer, deep_path("tree"), "deep", 4);
    tree_ok(&w, tree_get(&w, "tree", "here"));
    tree_has(&w, deep_path("here"), "deep");
    ck_assert_uint_eq(w.result.folders, 200);
    tree_ok(&w, tree_put(&w, "here", "back"));
    ck_assert(peer_has(&w.fs.peer, deep_path("back"), "deep", 4));
    tree_free(&w);
}
END_TEST

START_TEST(times_are_kept_of_files_and_folders)
{
    static const int64_t then = 1500000000123456700;
    struct stat st;

    tree_init(&w);
    peer_add_file(&w.fs.peer, "tree/b/c", "1", 1)->written = filetime_from_ns(then + 100);
    peer_find(&w.fs.peer, "tree/b")->written = filetime_from_ns(then);
    peer_find(&w.fs.peer, "tree")->written = filetime_from_ns(then + 200);
    w.copy.keep_times = true;
    tree_ok(&w, tree_get(&w, "tree", "here"));
    ck_assert_int_eq(stat(tree_local(&w, "here/b/c"), &st), 0);
    ck_assert_int_eq(st.st_mtim.tv_nsec, 123456800);
    ck_assert_int_eq(stat(tree_local(&w, "here/b"), &st), 0);
    ck_assert_int_eq(st.st_mtim.tv_sec, 1500000000);
    ck_assert_int_eq(st.st_mtim.tv_nsec, 123456700);
    ck_assert_int_eq(stat(tree_local(&w, "here"), &st), 0);
    ck_assert_int_eq(st.st_mtim.tv_nsec, 123456900);
    tree_ok(&w, tree_put(&w, "here", "back"));
    ck_assert_uint_eq(peer_find(&w.fs.peer, "back/b")->written, filetime_from_ns(then));
    ck_assert_uint_eq(peer_find(&w.fs.peer, "back/b/c")->written, filetime_from_ns(then + 100));
    tree_free(&w);
}
END_TEST

START_TEST(every_file_of_a_tree_may_be_verified)
{
    tree_init(&w);
    w.copy.verify = true;
    peer_add_file(&w.fs.peer, "tree/a", "1", 1);
    peer_add_file(&w.fs.peer, "tree/b/c", "22", 2);
    tree_ok(&w, tree_get(&w, "tree", "here"));
    tree_has(&w, "here/b/c", "22");
    tree_ok(&w, tree_put(&w, "here", "back"));
    ck_assert(peer_has(&w.fs.peer, "back/b/c", "22", 2));
    w.share_opt.names = LSMB_NAMES_NONE;
    tree_write(&w, "here/a:b", "1");
    tree_partly(&w, tree_put(&w, "here", "back"), "a:b\n", LSMB_E_USAGE);
    ck_assert_ptr_nonnull(strstr(w.first.reason, "':'"));
    tree_free(&w);
}
END_TEST

/* ---------------------------------------------------------------- what is not */

static bool want(void *arg, const char *path, const struct lsmb_stat *stat)
{
    (void)arg;
    (void)stat;
    return strcmp(path, "a") != 0 && strcmp(path, "b") != 0;
}

START_TEST(what_is_not_wanted_is_neither_copied_nor_entered)
{
    tree_init(&w);
    peer_add_file(&w.fs.peer, "tree/a", "1", 1);
    peer_add_file(&w.fs.peer, "tree/b/c", "1", 1);
    peer_add_file(&w.fs.peer, "tree/d/a", "1", 1);
    w.opt.wanted = want;
    tree_ok(&w, tree_get(&w, "tree", "here"));
    tree_only(&w, "here", 1);
    tree_has(&w, "here/d/a", "1");
    ck_assert_uint_eq(w.result.skipped, 2);
    ck_assert_uint_eq(w.result.files, 1);
    tree_free(&w);
}
END_TEST

START_TEST(links_are_left_alone_and_counted)
{
    tree_init(&w);
    tree_mkdir(&w, "tree");
    tree_mkdir(&w, "tree/b");
    ck_assert_int_eq(symlink("b", tree_local(&w, "tree/to-b")), 0);
    ck_assert_int_eq(symlink("nowhere", tree_local(&w, "tree/b/broken")), 0);
    ck_assert_int_eq(symlink("..", tree_local(&w, "tree/b/circle")), 0);
    tree_ok(&w, tree_put(&w, "tree", "there"));
    ck_assert_uint_eq(w.result.links, 3);
    ck_assert_ptr_null(peer_find(&w.fs.peer, "there/to-b"));
    (void)peer_add_symlink(&w.fs.peer, "there/link", "b", true);
    tree_ok(&w, tree_get(&w, "there", "here"));
    ck_assert_uint_eq(w.result.links, 1);
    tree_only(&w, "here", 1);
    tree_free(&w);
}
END_TEST

/* MS-FSCC 2.1.2.1: only a tag with the bit of name surrogates stands for another name.  Deduplication and
 * tape archives have tags of their own. */
START_TEST(files_that_are_kept_in_another_way_are_no_links)
{
    static const uint32_t tags[] = {0x80000013, 0xA000000C, 0};
    char name[32];

    tree_init(&w);
    for (unsigned i = 0; i < 3; i++) {
        (void)snprintf(name, sizeof name, "tree/%u", i);
        struct peer_node *file = peer_add_file(&w.fs.peer, name, "1", 1);
        file->attributes = FILE_ATTRIBUTE_REPARSE_POINT;
        file->reparse_tag = tags[i];
    }
    tree_ok(&w, tree_get(&w, "tree", "here"));
    tree_has(&w, "here/0", "1");
    tree_only(&w, "here", 1);
    ck_assert_uint_eq(w.result.links, 2);
    tree_free(&w);
}
END_TEST

/* ---------------------------------------------------------------- what fails */

/* Between the listing and the copy. */
static bool take_away(void *arg, const char *path, const struct lsmb_stat *stat)
{
    (void)arg;
    (void)stat;
    if (strcmp(path, "gone") == 0) {
        peer_store_remove(&w.fs.peer.store, peer_find(&w.fs.peer, "tree/gone"));
    }
    return true;
}

START_TEST(a_file_that_has_gone_is_told_and_the_rest_is_copied)
{
    tree_init(&w);
    peer_add_file(&w.fs.peer, "tree/a", "1", 1);
    peer_add_file(&w.fs.peer, "tree/gone", "1", 1);
    peer_add_file(&w.fs.peer, "tree/z", "1", 1);
    w.opt.wanted = take_away;
    tree_partly(&w, tree_get(&w, "tree", "here"), "gone\n", LSMB_E_NOT_FOUND);
    ck_assert_uint_eq(w.result.files, 2);
    ck_assert_uint_eq(w.result.failed, 1);
    ck_assert_uint_eq(w.result.bytes, 2);
    tree_only(&w, "here", 2);
    tree_free(&w);
}
END_TEST

START_TEST(a_source_that_is_not_there_makes_no_target)
{
    tree_init(&w);
    ck_assert_int_eq(tree_get(&w, "missing", "here"), LSMB_E_NOT_FOUND);
    ck_assert_str_eq(w.err.path, "\\\\server\\share\\missing");
    ck_assert_int_ne(access(tree_local(&w, "here"), F_OK), 0);
    ck_assert_int_eq(tree_put(&w, "missing", "there"), LSMB_E_NOT_FOUND);
    ck_assert_ptr_null(peer_find(&w.fs.peer, "there"));
    ck_assert_str_eq(w.failed, "");
    tree_free(&w);
}
END_TEST

START_TEST(a_file_in_a_folders_place_fails_with_all_that_was_to_be_in_it)
{
    tree_init(&w);
    peer_add_file(&w.fs.peer, "tree/a", "1", 1);
    peer_add_file(&w.fs.peer, "tree/b/c/d", "1", 1);
    peer_add_file(&w.fs.peer, "tree/b/e", "1", 1);
    tree_mkdir(&w, "here");
    tree_write(&w, "here/b", "in the way");
    tree_partly(&w, tree_get(&w, "tree", "here"), "b\n", LSMB_E_LOCAL);
    ck_assert_uint_eq(w.result.files, 1);
    ck_assert_uint_eq(w.result.found, 1);
    tree_has(&w, "here/b", "in the way");
    peer_add_file(&w.fs.peer, "there/c", "in the way", 10);
    tree_mkdir(&w, "up");
    tree_mkdir(&w, "up/c");
    tree_write(&w, "up/c/x", "1");
    tree_partly(&w, tree_put(&w, "up", "there"), "c\n", LSMB_E_STATUS);
    ck_assert(peer_has(&w.fs.peer, "there/c", "in the way", 10));
    tree_free(&w);
}
END_TEST

START_TEST(a_folder_in_a_files_place_fails_alone)
{
    tree_init(&w);
    peer_add_file(&w.fs.peer, "tree/a", "1", 1);
    peer_add_file(&w.fs.peer, "tree/b", "1", 1);
    tree_mkdir(&w, "here");
    tree_mkdir(&w, "here/a");
    tree_partly(&w, tree_get(&w, "tree", "here"), "a\n", LSMB_E_LOCAL);
    tree_has(&w, "here/b", "1");
    tree_free(&w);
}
END_TEST

START_TEST(a_folder_that_cannot_be_listed_fails_alone)
{
    tree_init(&w);
    (void)peer_add_dir(&w.fs.peer, "tree/gone");
    peer_add_file(&w.fs.peer, "tree/b/x", "1", 1);
    w.opt.wanted = take_away;
    tree_partly(&w, tree_get(&w, "tree", "here"), "gone\n", LSMB_E_NOT_FOUND);
    ck_assert_uint_eq(w.result.files, 1);
    ck_assert_uint_eq(w.result.folders, 1);
    tree_only(&w, "here", 1);
    tree_free(&w);
}
END_TEST

START_TEST(what_is_no_regular_file_is_left_alone_and_not_opened)
{
    tree_init(&w);
    tree_mkdir(&w, "tree");
    ck_assert_int_eq(mkfifo(tree_local(&w, "tree/fifo"), 0666), 0);
    tree_write(&w, "tree/a", "1");
    ck_assert_int_eq(tree_put(&w, "tree", "there"), LSMB_OK);
    ck_assert_uint_eq(w.result.files, 1);
    ck_assert_uint_eq(w.result.links, 1);
    ck_assert(!peer_has(&w.fs.peer, "there/fifo", "", 0));
    tree_free(&w);
}
END_TEST

START_TEST(a_full_disk_ends_all)
{
    char name[64];

    tree_init(&w);
    tree_mkdir(&w, "tree");
    for (unsigned i = 0; i < 50; i++) {
        (void)snprintf(name, sizeof name, "tree/%u", i);
        tree_write(&w, name, "ten bytes!");
    }
    w.fs.peer.store.capacity = 100;
    ck_assert_int_eq(tree_put(&w, "tree", "there"), LSMB_E_STATUS);
    ck_assert_uint_eq(w.err.nt_status, (uint32_t)STATUS_DISK_FULL);
    ck_assert_uint_le(w.result.files, 10);
    tree_free(&w);
}
END_TEST

START_TEST(without_trees_there_is_no_copy)
{
    tree_init(&w);
    ck_assert_ptr_null(
        lsmb_tree_copy_start(w.fs.smb, tree_here(&w, "a"), NULL, NULL, NULL, NULL, NULL));
    ck_assert_ptr_null(
        lsmb_tree_copy_start(w.fs.smb, NULL, tree_here(&w, "a"), NULL, NULL, NULL, NULL));
    tree_free(&w);
}
END_TEST

/* ---------------------------------------------------------------- how far it is */

static struct seen_progress {
    struct lsmb_tree_result last;
    unsigned calls;
} seen;

static void see(void *arg, const struct lsmb_tree_result *so_far)
{
    (void)arg;
    ck_assert_uint_ge(so_far->files, seen.last.files);
    ck_assert_uint_ge(so_far->bytes, seen.last.bytes);
    ck_assert_uint_le(so_far->bytes, so_far->found_bytes);
    seen.last = *so_far;
    seen.calls++;
}

START_TEST(who_listens_is_told_how_far_it_is)
{
    tree_init(&w);
    seen = (struct seen_progress){0};
    uint8_t *bytes = pattern(3 << 20);
    peer_add_file(&w.fs.peer, "tree/large", bytes, 3 << 20);
    peer_add_file(&w.fs.peer, "tree/b/c", "1", 1);
    w.opt.progress = see;
    tree_ok(&w, tree_get(&w, "tree", "here"));
    ck_assert_uint_ge(seen.calls, 5);
    ck_assert_uint_eq(seen.last.bytes, (3 << 20) + 1);
    ck_assert_uint_eq(seen.last.files, 2);
    ck_assert(seen.last.listed);
    free(bytes);
    tree_free(&w);
}
END_TEST

/* What is made up when it is listed is not there when it is opened. */
static void see_crowd(void *arg, const struct lsmb_tree_result *so_far)
{
    (void)arg;
    ck_assert_uint_le(so_far->found - so_far->failed, 2048 + 8192 + 256); /* and a page */
    seen.calls++;
}

START_TEST(a_long_listing_waits_for_the_files_to_be_copied)
{
    tree_init(&w);
    seen = (struct seen_progress){0};
    (void)peer_add_dir(&w.fs.peer, "tree");
    peer_find(&w.fs.peer, "tree")->crowd = 30000;
    w.opt.progress = see_crowd;
    w.opt.failed = NULL;
    ck_assert_int_eq(tree_get(&w, "tree", "here"), LSMB_E_PARTLY);
    ck_assert_uint_eq(w.result.failed, 30000);
    ck_assert_uint_ge(seen.calls, 100);
    ck_assert_uint_le(w.fs.smb->env.pool.peak, 6 << 20);
    tree_free(&w);
}
END_TEST

static bool want_folders(void *arg, const char *path, const struct lsmb_stat *stat)
{
    (void)arg;
    (void)path;
    return (stat->attributes & LSMB_ATTR_DIRECTORY) != 0;
}

/* A page that finds no room would be the end of its connection. */
START_TEST(many_long_listings_at_once_take_little_memory)
{
    char name[32];

    tree_init(&w);
    for (unsigned i = 0; i < 20; i++) {
        (void)snprintf(name, sizeof name, "tree/%u", i);
        (void)peer_add_dir(&w.fs.peer, name);
        peer_find(&w.fs.peer, name)->crowd = 15000;
    }
    w.opt.wanted = want_folders;
    tree_ok(&w, tree_get(&w, "tree", "here"));
    ck_assert_uint_eq(w.result.skipped, 300000);
    ck_assert_uint_le(w.fs.smb->env.pool.peak, 7 << 20); /* the least that there can be */
    tree_free(&w);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "xfer/tree", all_that_is_below_a_folder_of_a_share_is_fetched,
        all_that_is_below_a_folder_of_this_machine_is_stored,
        what_is_there_already_is_replaced_or_kept, a_tree_goes_from_one_place_of_a_share_to_another,
        wide_folders_are_copied_with_few_files_at_a_time, deep_trees_are_copied,
        times_are_kept_of_files_and_folders, every_file_of_a_tree_may_be_verified,
        what_is_not_wanted_is_neither_copied_nor_entered, links_are_left_alone_and_counted,
        files_that_are_kept_in_another_way_are_no_links,
        a_file_that_has_gone_is_told_and_the_rest_is_copied,
        a_source_that_is_not_there_makes_no_target,
        a_file_in_a_folders_place_fails_with_all_that_was_to_be_in_it,
        a_folder_in_a_files_place_fails_alone, a_folder_that_cannot_be_listed_fails_alone,
        what_is_no_regular_file_is_left_alone_and_not_opened, a_full_disk_ends_all,
        without_trees_there_is_no_copy, who_listens_is_told_how_far_it_is,
        a_long_listing_waits_for_the_files_to_be_copied,
        many_long_listings_at_once_take_little_memory);
}
