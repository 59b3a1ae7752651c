/* test_mkdir.c: making directories, and those above them. */
#include <stdio.h>

#include "test/fs/fs_world.h"

static struct fs_world w;
static struct lsmb_share *share;

static void begin(void)
{
    fs_world_init(&w, NULL);
    share = fs_share(&w);
}

static void end(void)
{
    lsmb_share_close(share);
    fs_world_free(&w);
}

static void ck_made(const char *path, bool parents)
{
    fs_ok(&w, lsmb_mkdir(share, path, parents, &w.err));
}

static void ck_refused(const char *path, bool parents, enum lsmb_code code, uint32_t status)
{
    fs_failed(&w, lsmb_mkdir(share, path, parents, &w.err), code, status);
    ck_assert_str_eq(w.err.step, "make the directory");
}

static bool is_dir(const char *path)
{
    const struct peer_node *node = peer_find(&w.peer, path);

    return node && node->directory && list_empty(&node->opens);
}

START_TEST(a_directory_is_made)
{
    begin();
    ck_made("a", false);
    ck_made("a/b", false);
    ck_assert(is_dir("a") && is_dir("a/b"));
    end();
}
END_TEST

START_TEST(what_is_there_is_not_made)
{
    begin();
    (void)peer_add_dir(&w.peer, "a");
    ck_refused("a", false, LSMB_E_STATUS, (uint32_t)STATUS_OBJECT_NAME_COLLISION);
    ck_assert_str_eq(w.err.path, "\\\\server\\share\\a");
    ck_refused("", false, LSMB_E_STATUS, (uint32_t)STATUS_OBJECT_NAME_COLLISION);
    ck_refused("a/..", false, LSMB_E_STATUS, (uint32_t)STATUS_OBJECT_NAME_COLLISION);
    ck_refused("./", false, LSMB_E_STATUS, (uint32_t)STATUS_OBJECT_NAME_COLLISION);
    end();
}
END_TEST

START_TEST(without_a_parent_nothing_is_made)
{
    begin();
    ck_refused("a/b", false, LSMB_E_NOT_FOUND, (uint32_t)STATUS_OBJECT_PATH_NOT_FOUND);
    ck_assert_ptr_null(peer_find(&w.peer, "a"));
    end();
}
END_TEST

START_TEST(missing_parents_are_made)
{
    begin();
    ck_made("a/b\\c//d/", true);
    ck_assert(is_dir("a") && is_dir("a/b") && is_dir("a/b/c") && is_dir("a/b/c/d"));
    end();
}
END_TEST

START_TEST(what_is_there_is_fine_with_parents)
{
    begin();
    (void)peer_add_dir(&w.peer, "a/b");
    ck_made("a/b", true);
    ck_made("", true);
    ck_made("/./", true);
    ck_made("a/b/c", true);
    ck_assert(is_dir("a/b/c"));
    end();
}
END_TEST

START_TEST(the_usual_case_takes_one_round_trip)
{
    begin();
    (void)peer_add_dir(&w.peer, "a/b/c/d");
    ck_made("a/b/c/d/e", true);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CREATE), 1);
    end();
}
END_TEST

/* A user need not be allowed to look at what is above. */
START_TEST(what_is_above_is_not_looked_at)
{
    begin();
    (void)peer_add_dir(&w.peer, "a/b");
    ck_made("a/b/c/d", true); /* tried: a/b/c/d, a/b/c, a/b/c/d again */
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CREATE), 3);
    end();
}
END_TEST

START_TEST(a_deep_tree_is_made)
{
    char path[301];

    for (size_t i = 0; i < 300; i++) {
        path[i] = "ab/"[i % 3];
    }
    path[300] = '\0';
    begin();
    ck_made(path, true);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CREATE), 199);
    path[299] = '\0';
    ck_assert(is_dir(path));
    end();
}
END_TEST

START_TEST(nobody_goes_down_for_ever)
{
    static char path[4 * 600];

    for (size_t i = 0; i < 600; i++) {
        path[2 * i] = 'a';
        path[2 * i + 1] = '/';
    }
    begin();
    ck_refused(path, true, LSMB_E_USAGE, 0);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CREATE), 0);
    end();
}
END_TEST

START_TEST(a_file_in_the_way_is_named)
{
    begin();
    (void)peer_add_file(&w.peer, "a/file", "hello", 5);
    ck_refused("a/file", true, LSMB_E_STATUS, (uint32_t)STATUS_NOT_A_DIRECTORY);
    ck_assert_str_eq(w.err.path, "\\\\server\\share\\a\\file");
    ck_refused("a/file/b/c", true, LSMB_E_STATUS, (uint32_t)STATUS_NOT_A_DIRECTORY);
    ck_assert_str_eq(w.err.path, "\\\\server\\share\\a\\file");
    ck_assert(peer_has(&w.peer, "a/file", "hello", 5));
    end();
}
END_TEST

START_TEST(a_parent_that_may_not_be_made_is_named)
{
    begin();
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_CREATE,
                                             .skip = 2,
                                             .status = (uint32_t)STATUS_ACCESS_DENIED});
    ck_refused("a/b/c", true, LSMB_E_DENIED, (uint32_t)STATUS_ACCESS_DENIED);
    ck_assert_str_eq(w.err.path, "\\\\server\\share\\a");
    end();
}
END_TEST

/* A parent that vanishes while the way leads down: an error, not another round. */
START_TEST(a_parent_that_vanishes_is_an_error)
{
    begin();
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_CREATE,
                                             .skip = 3,
                                             .status = (uint32_t)STATUS_OBJECT_PATH_NOT_FOUND});
    ck_refused("a/b/c", true, LSMB_E_NOT_FOUND, (uint32_t)STATUS_OBJECT_PATH_NOT_FOUND);
    ck_assert_str_eq(w.err.path, "\\\\server\\share\\a\\b");
    end();
}
END_TEST

START_TEST(names_that_dots_take_back_are_not_made)
{
    begin();
    ck_made("a/b/x/../c/./d/y/..", true);
    ck_assert(is_dir("a/b/c/d"));
    ck_assert_ptr_null(peer_find(&w.peer, "a/b/x"));
    ck_assert_ptr_null(peer_find(&w.peer, "a/b/c/d/y"));
    ck_made("x/../e/f", true);
    ck_assert(is_dir("e/f"));
    ck_assert_ptr_null(peer_find(&w.peer, "x"));
    ck_refused("a/../../b", true, LSMB_E_USAGE, 0);
    ck_refused("..", true, LSMB_E_USAGE, 0);
    end();
}
END_TEST

int main(void)
{
    return RUN_TESTS("fs/mkdir", a_directory_is_made, what_is_there_is_not_made,
                     without_a_parent_nothing_is_made, missing_parents_are_made,
                     what_is_there_is_fine_with_parents, the_usual_case_takes_one_round_trip,
                     what_is_above_is_not_looked_at, a_deep_tree_is_made, nobody_goes_down_for_ever,
                     a_file_in_the_way_is_named, a_parent_that_may_not_be_made_is_named,
                     a_parent_that_vanishes_is_an_error, names_that_dots_take_back_are_not_made);
}
