/* test_rename.c: giving a file or directory another name (MS-FSCC 2.4.37). */
#include "test/fs/fs_world.h"

static struct fs_world w;
static struct lsmb_share *share;

static void begin(void)
{
    fs_world_init(&w, NULL);
    share = fs_share(&w);
    (void)peer_add_file(&w.peer, "a.txt", "hello", 5);
}

static void end(void)
{
    fs_turn(&w, 4);
    const struct peer_node *file = peer_find(&w.peer, "a.txt");
    ck_assert(!file || list_empty(&file->opens));
    lsmb_share_close(share);
    fs_world_free(&w);
}

/* It fails, says so of `path`, and nothing has moved. */
static void ck_refused(const char *from, const char *to, enum lsmb_code code, uint32_t status,
                       const char *path)
{
    fs_failed(&w, lsmb_rename(share, from, to, false, &w.err), code, status);
    ck_assert_str_eq(w.err.step, "rename");
    ck_assert_str_eq(w.err.path, path);
    ck_assert(peer_has(&w.peer, "a.txt", "hello", 5));
}

START_TEST(a_file_has_another_name)
{
    begin();
    (void)peer_add_dir(&w.peer, "dir");
    fs_ok(&w, lsmb_rename(share, "a.txt", "dir//b.txt", false, &w.err));
    ck_assert(peer_has(&w.peer, "dir/b.txt", "hello", 5));
    ck_assert_ptr_null(peer_find(&w.peer, "a.txt"));
    end();
}
END_TEST

START_TEST(a_directory_takes_along_what_is_in_it)
{
    begin();
    (void)peer_add_file(&w.peer, "dir/deep/b.txt", "hi", 2);
    fs_ok(&w, lsmb_rename(share, "dir", "other", false, &w.err));
    ck_assert(peer_has(&w.peer, "other/deep/b.txt", "hi", 2));
    end();
}
END_TEST

START_TEST(only_the_case_may_change)
{
    begin();
    fs_ok(&w, lsmb_rename(share, "a.txt", "A.TXT", false, &w.err));
    ck_assert_mem_eq(peer_find(&w.peer, "a.txt")->name, "A\0.\0T", 5);
    end();
}
END_TEST

START_TEST(what_is_there_is_replaced_on_request_only)
{
    begin();
    (void)peer_add_file(&w.peer, "b.txt", "old", 3);
    ck_refused("a.txt", "b.txt", LSMB_E_STATUS, (uint32_t)STATUS_OBJECT_NAME_COLLISION,
               "\\\\server\\share\\b.txt");
    ck_assert(peer_has(&w.peer, "b.txt", "old", 3));
    fs_ok(&w, lsmb_rename(share, "a.txt", "b.txt", true, &w.err));
    ck_assert(peer_has(&w.peer, "b.txt", "hello", 5));
    end();
}
END_TEST

START_TEST(errors_name_the_path_that_is_to_blame)
{
    begin();
    ck_refused("nothing", "b", LSMB_E_NOT_FOUND, (uint32_t)STATUS_OBJECT_NAME_NOT_FOUND,
               "\\\\server\\share\\nothing");
    ck_refused("a.txt", "no/where", LSMB_E_NOT_FOUND, (uint32_t)STATUS_OBJECT_PATH_NOT_FOUND,
               "\\\\server\\share\\no\\where");
    ck_refused("..", "b", LSMB_E_USAGE, 0, "\\\\server\\share\\..");
    ck_refused("a.txt", "../b", LSMB_E_USAGE, 0, "\\\\server\\share\\..\\b");
    ck_refused("a.txt", "\xC3", LSMB_E_USAGE, 0, "\\\\server\\share\\");
    end();
}
END_TEST

/* The root of the share is no name. */
START_TEST(a_rename_needs_a_new_name)
{
    begin();
    ck_refused("a.txt", "", LSMB_E_USAGE, 0, "\\\\server\\share");
    ck_refused("a.txt", "b/..", LSMB_E_USAGE, 0, "\\\\server\\share\\b\\..");
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CREATE), 0);
    end();
}
END_TEST

/* What servers make of such a name differs: none must make a file of it. */
START_TEST(nothing_is_moved_into_a_snapshot)
{
    begin();
    (void)peer_add_dir(&w.peer, "@GMT-2026.01.31-12.00.00");
    ck_refused("a.txt", "@GMT-2026.01.31-12.00.00/b", LSMB_E_USAGE, 0,
               "\\\\server\\share\\@GMT-2026.01.31-12.00.00\\b");
    ck_assert_str_eq(w.err.reason, "a snapshot can only be read");
    ck_refused("a.txt", "@GMT-2026.01.31-12.00.01", LSMB_E_USAGE, 0,
               "\\\\server\\share\\@GMT-2026.01.31-12.00.01");
    end();
}
END_TEST

int main(void)
{
    return RUN_TESTS("fs/rename", a_file_has_another_name, a_directory_takes_along_what_is_in_it,
                     only_the_case_may_change, what_is_there_is_replaced_on_request_only,
                     errors_name_the_path_that_is_to_blame, a_rename_needs_a_new_name,
                     nothing_is_moved_into_a_snapshot);
}
