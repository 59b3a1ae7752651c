/* test_tree_links.c: links that stand where a tree is written to on a share: nothing leads out of it. */
#include "test/xfer/tree_world.h"
#include "xfer/share_sink.h"

static struct tree_world w;

static void begin(void)
{
    tree_init(&w);
    tree_mkdir(&w, "tree");
    (void)peer_add_dir(&w.fs.peer, "there");
    peer_add_file(&w.fs.peer, "elsewhere/f", "precious", 8);
}

static void end(void)
{
    ck_assert(peer_has(&w.fs.peer, "elsewhere/f", "precious", 8));
    fs_turn(&w.fs, 50);
    tree_free(&w);
}

static enum lsmb_code put_one(const char *path, unsigned linkless, enum lsmb_publish how)
{
    return lsmb_copy(w.fs.smb, lsmb_source_memory(w.fs.smb, "mine", 4),
                     sink_share_in_tree(w.share, path, linkless, how), NULL, NULL, &w.fs.err);
}

START_TEST(a_link_in_the_place_of_a_folder_is_an_error_of_that_folder)
{
    begin();
    tree_mkdir(&w, "tree/sub");
    tree_write(&w, "tree/sub/f", "mine");
    tree_write(&w, "tree/g", "too");
    (void)peer_add_symlink(&w.fs.peer, "there/sub", "..\\elsewhere", true);
    peer_find(&w.fs.peer, "there/sub")->directory = true; /* as a link to a folder is */
    tree_partly(&w, tree_put(&w, "tree", "there"), "sub\n", LSMB_E_USAGE);
    ck_assert(peer_has(&w.fs.peer, "there/g", "too", 3));
    ck_assert_ptr_nonnull(peer_find(&w.fs.peer, "there/sub")->leads_to);
    peer_find(&w.fs.peer, "there/sub")->directory = false;
    end();
}
END_TEST

START_TEST(a_link_to_a_file_in_the_place_of_a_folder_is_an_error)
{
    begin();
    tree_mkdir(&w, "tree/sub");
    (void)peer_add_symlink(&w.fs.peer, "there/sub", "..\\elsewhere\\f", true);
    ck_assert_int_eq(tree_put(&w, "tree", "there"), LSMB_E_PARTLY);
    ck_assert_str_eq(w.failed, "sub\n");
    end();
}
END_TEST

START_TEST(a_link_in_the_place_of_a_file_is_replaced)
{
    begin();
    tree_write(&w, "tree/f", "mine");
    (void)peer_add_symlink(&w.fs.peer, "there/f", "..\\elsewhere\\f", true);
    tree_ok(&w, tree_put(&w, "tree", "there"));
    ck_assert_ptr_null(peer_find(&w.fs.peer, "there/f")->leads_to);
    ck_assert(peer_has(&w.fs.peer, "there/f", "mine", 4));
    end();
}
END_TEST

START_TEST(a_link_in_the_place_of_a_file_is_not_written_through)
{
    begin();
    w.opt.how = LSMB_PUBLISH_IN_PLACE;
    tree_write(&w, "tree/f", "mine");
    (void)peer_add_symlink(&w.fs.peer, "there/f", "..\\elsewhere\\f", true);
    tree_partly(&w, tree_put(&w, "tree", "there"), "f\n", LSMB_E_USAGE);
    end();
}
END_TEST

/* One that has come after the folder was made. */
START_TEST(no_file_goes_through_a_link_above_it)
{
    static const enum lsmb_publish ways[] = {LSMB_PUBLISH_AUTO, LSMB_PUBLISH_ATOMIC,
                                             LSMB_PUBLISH_IN_PLACE};
    begin();
    (void)peer_add_symlink(&w.fs.peer, "there/sub", "..\\elsewhere", true);
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        ck_assert_int_eq(put_one("there/sub/f", 2, ways[i]), LSMB_E_USAGE);
        ck_assert_int_eq(put_one("there/sub/new", 2, ways[i]), LSMB_E_USAGE);
    }
    ck_assert_ptr_null(peer_find(&w.fs.peer, "elsewhere/new"));
    end();
}
END_TEST

START_TEST(what_is_above_a_tree_may_be_a_link)
{
    begin();
    w.copy.keep_times = true;
    tree_mkdir(&w, "tree/sub");
    tree_write(&w, "tree/sub/f", "mine");
    (void)peer_add_symlink(&w.fs.peer, "link", "there", true);
    (void)peer_add_symlink(&w.fs.peer, "to/again", "\\??\\UNC\\server\\share\\link", false);
    tree_ok(&w, tree_put(&w, "tree", "link"));
    ck_assert(peer_has(&w.fs.peer, "there/sub/f", "mine", 4));
    tree_write(&w, "tree/sub/f", "new");
    tree_ok(&w, tree_put(&w, "tree", "to/again"));
    ck_assert(peer_has(&w.fs.peer, "there/sub/f", "new", 3));
    end();
}
END_TEST

int main(void)
{
    return RUN_TESTS("xfer, links in trees on a share",
                     a_link_in_the_place_of_a_folder_is_an_error_of_that_folder,
                     a_link_to_a_file_in_the_place_of_a_folder_is_an_error,
                     a_link_in_the_place_of_a_file_is_replaced,
                     a_link_in_the_place_of_a_file_is_not_written_through,
                     no_file_goes_through_a_link_above_it, what_is_above_a_tree_may_be_a_link);
}
