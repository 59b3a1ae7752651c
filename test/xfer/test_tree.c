/* test_tree.c: xfer/tree: copies of trees. */
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

int main(void)
{
    return RUN_TESTS("xfer/tree", all_that_is_below_a_folder_of_a_share_is_fetched,
                     all_that_is_below_a_folder_of_this_machine_is_stored);
}
