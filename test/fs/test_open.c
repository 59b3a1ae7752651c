/* test_open.c: the one door for names, and what comes out of it (MS-SMB2 3.2.4.3, 3.2.5.7). */
#include "fs/open.h"

#include "proto/tree.h"
#include "test/fs/fs_world.h"

/* ---------------------------------------------------------------- refusals */

/* What a server may say to a name. */
static const struct refusal {
    uint32_t status;
    enum lsmb_code code;
    const char *name; /* of the status */
} refusals[] = {
    {(uint32_t)STATUS_OBJECT_NAME_NOT_FOUND, LSMB_E_NOT_FOUND, "STATUS_OBJECT_NAME_NOT_FOUND"},
    {(uint32_t)STATUS_OBJECT_PATH_NOT_FOUND, LSMB_E_NOT_FOUND, "STATUS_OBJECT_PATH_NOT_FOUND"},
    {(uint32_t)STATUS_ACCESS_DENIED, LSMB_E_DENIED, "STATUS_ACCESS_DENIED"},
    {(uint32_t)STATUS_SHARING_VIOLATION, LSMB_E_DENIED, "STATUS_SHARING_VIOLATION"},
    {(uint32_t)STATUS_DISK_FULL, LSMB_E_STATUS, "STATUS_DISK_FULL"},
    {(uint32_t)STATUS_OBJECT_NAME_INVALID, LSMB_E_STATUS, "STATUS_OBJECT_NAME_INVALID"},
    {0xC0FFEE00, LSMB_E_STATUS, "0xC0FFEE00"},
};

static void ck_refusal(struct fs_world *w, enum lsmb_code got, const struct refusal *r,
                       const char *step)
{
    ck_assert_msg(got == r->code, "%s is %d", r->name, (int)got);
    ck_assert_uint_eq(w->err.nt_status, r->status);
    ck_assert_str_eq(w->err.step, step);
    ck_assert_str_eq(w->err.path, "\\\\server\\share\\dir\\a.txt");
    ck_assert_ptr_nonnull(strstr(w->err.reason, r->name));
}

static bool no_entry(void *arg, const char *name, const struct lsmb_stat *stat)
{
    ck_abort_msg("%s is listed (%p, %p)", name, arg, (const void *)stat);
    return false;
}

START_TEST(a_refusal_says_to_what_and_what_for)
{
    static const char path[] = "/dir//a.txt";
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const struct refusal *r = &refusals[i];
        peer_script(&w.peer,
                    &(struct peer_rule){.command = SMB2_CREATE, .status = r->status, .times = 5});
        ck_refusal(&w, lsmb_stat(share, "dir/a.txt", &stat, &w.err), r, "look at");
        ck_refusal(&w, lsmb_remove(share, "dir\\a.txt", &w.err), r, "delete");
        ck_refusal(&w, lsmb_rename(share, "dir/a.txt", "b", false, &w.err), r, "rename");
        ck_refusal(&w, lsmb_mkdir(share, "dir/a.txt", false, &w.err), r, "make the directory");
        ck_refusal(&w, lsmb_list(share, "dir/a.txt", NULL, no_entry, NULL, &w.err), r, "list");
    }
    ck_assert_int_eq(lsmb_stat(share, path, &stat, &w.err), LSMB_E_NOT_FOUND);
    ck_assert_str_eq(w.err.path, "\\\\server\\share\\dir\\\\a.txt"); /* as it was given */
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

START_TEST(the_share_itself_is_named_without_a_separator)
{
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_CREATE,
                                             .status = (uint32_t)STATUS_ACCESS_DENIED});
    fs_failed(&w, lsmb_stat(share, "/", &stat, &w.err), LSMB_E_DENIED,
              (uint32_t)STATUS_ACCESS_DENIED);
    ck_assert_str_eq(w.err.path, "\\\\server\\share");
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

START_TEST(a_path_too_long_to_print_is_cut)
{
    char path[1000];
    struct lsmb_stat stat;
    struct fs_world w;

    memset(path, 'a', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    fs_failed(&w, lsmb_stat(share, path, &stat, &w.err), LSMB_E_NOT_FOUND,
              (uint32_t)STATUS_OBJECT_NAME_NOT_FOUND);
    ck_assert_uint_eq(strlen(w.err.path), sizeof w.err.path - 1);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

START_TEST(a_path_that_makes_no_sense_is_not_sent)
{
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    fs_failed(&w, lsmb_stat(share, "a/../..", &stat, &w.err), LSMB_E_USAGE, 0);
    ck_assert_str_eq(w.err.path, "\\\\server\\share\\a\\..\\..");
    fs_failed(&w, lsmb_remove(share, "\xFF", &w.err), LSMB_E_USAGE, 0);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CREATE), 0);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

/* MS-DFSC 3.1.4.1; MS-SMB2 2.2.2.2.1 */
START_TEST(links_are_not_followed_but_explained)
{
    static const uint32_t statuses[] = {(uint32_t)STATUS_PATH_NOT_COVERED,
                                        (uint32_t)STATUS_STOPPED_ON_SYMLINK};
    static const char *const words[] = {"DFS", "symbolic link"};
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    for (size_t i = 0; i < 2; i++) {
        peer_script(&w.peer, &(struct peer_rule){.command = SMB2_CREATE, .status = statuses[i]});
        fs_failed(&w, lsmb_stat(share, "link/a", &stat, &w.err), LSMB_E_STATUS, statuses[i]);
        ck_assert_ptr_nonnull(strstr(w.err.advice, words[i]));
        ck_assert_str_eq(w.err.path, "\\\\server\\share\\link\\a");
    }
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

static void spoil_body(struct peer_reply *reply)
{
    reply->bytes[SMB2_HEADER_LEN] ^= 1; /* StructureSize */
}

START_TEST(a_malformed_answer_is_not_believed)
{
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_CREATE, .edit = spoil_body});
    fs_failed(&w, lsmb_stat(share, "", &stat, &w.err), LSMB_E_PROTOCOL, 0);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_CLOSE, .edit = spoil_body});
    fs_failed(&w, lsmb_stat(share, "", &stat, &w.err), LSMB_E_PROTOCOL, 0);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

/* ---------------------------------------------------------------- DFS */

static void say_dfs(struct peer_reply *reply)
{
    reply->bytes[SMB2_HEADER_LEN + 8] = SMB2_SHARE_CAP_DFS; /* Capabilities, MS-SMB2 2.2.10 */
}

static struct lsmb_share *dfs_share(struct fs_world *w)
{
    peer_script(&w->peer, &(struct peer_rule){.command = SMB2_TREE_CONNECT, .edit = say_dfs});
    return fs_share(w);
}

/* MS-SMB2 2.2.13, 3.2.4.3: the name begins with server and share, and the header says so. */
START_TEST(on_a_dfs_share_the_whole_path_is_told)
{
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    (void)peer_add_file(&w.peer, "server/share/dir/a.txt", "hello", 5);
    struct lsmb_share *share = dfs_share(&w);
    fs_ok(&w, lsmb_stat(share, "dir/a.txt", &stat, &w.err));
    ck_assert_uint_eq(stat.bytes, 5);
    ck_assert(peer_last(&w.peer, SMB2_CREATE)->header.flags & SMB2_FLAGS_DFS_OPERATIONS);
    ck_assert(!(peer_last(&w.peer, SMB2_CLOSE)->header.flags & SMB2_FLAGS_DFS_OPERATIONS));
    fs_ok(&w, lsmb_stat(share, "", &stat, &w.err));
    ck_assert_uint_eq(stat.attributes & LSMB_ATTR_DIRECTORY, LSMB_ATTR_DIRECTORY);
    fs_ok(&w, lsmb_mkdir(share, "a/b", true, &w.err));
    ck_assert_ptr_nonnull(peer_find(&w.peer, "server/share/a/b"));
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

/* MS-FSCC 2.4.37.2: the target of a rename is relative to the share. */
START_TEST(on_a_dfs_share_the_target_of_a_rename_is_not_prefixed)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    (void)peer_add_file(&w.peer, "server/share/a.txt", "hello", 5);
    struct lsmb_share *share = dfs_share(&w);
    fs_ok(&w, lsmb_rename(share, "a.txt", "b.txt", false, &w.err));
    ck_assert(peer_has(&w.peer, "b.txt", "hello", 5));
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

START_TEST(errors_on_a_dfs_share_name_the_path_once)
{
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = dfs_share(&w);
    fs_failed(&w, lsmb_stat(share, "a", &stat, &w.err), LSMB_E_NOT_FOUND,
              (uint32_t)STATUS_OBJECT_PATH_NOT_FOUND);
    ck_assert_str_eq(w.err.path, "\\\\server\\share\\a");
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

START_TEST(elsewhere_names_have_no_prefix)
{
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    fs_ok(&w, lsmb_stat(share, "", &stat, &w.err));
    ck_assert(!(peer_last(&w.peer, SMB2_CREATE)->header.flags & SMB2_FLAGS_DFS_OPERATIONS));
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

/* ---------------------------------------------------------------- the way out */

/* A CLOSE on its way is the only one. */
START_TEST(a_file_is_closed_once)
{
    struct fs_done done = {0};
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_CLOSE, .fate = PEER_HOLD});
    struct lsmb_job *job = lsmb_stat_start(share, "", &stat, fs_done, &done);
    for (unsigned turns = 0; turns < 12 && peer_count(&w.peer, SMB2_CLOSE) == 0; turns++) {
        fs_turn(&w, 1);
    }
    ck_assert(!done.finished);
    lsmb_job_cancel(job, NULL);
    fs_turn(&w, 2);
    peer_release(w.links[0]->link);
    fs_turn(&w, 4);
    ck_assert_int_eq(done.err.code, LSMB_E_CANCELLED);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CLOSE), 1);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

START_TEST(a_failed_close_is_a_failure)
{
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    peer_script(&w.peer,
                &(struct peer_rule){.command = SMB2_CLOSE, .status = (uint32_t)STATUS_DISK_FULL});
    fs_failed(&w, lsmb_stat(share, "", &stat, &w.err), LSMB_E_STATUS, (uint32_t)STATUS_DISK_FULL);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

int main(void)
{
    return RUN_TESTS("fs/open", a_refusal_says_to_what_and_what_for,
                     the_share_itself_is_named_without_a_separator, a_path_too_long_to_print_is_cut,
                     a_path_that_makes_no_sense_is_not_sent, links_are_not_followed_but_explained,
                     a_malformed_answer_is_not_believed, on_a_dfs_share_the_whole_path_is_told,
                     on_a_dfs_share_the_target_of_a_rename_is_not_prefixed,
                     errors_on_a_dfs_share_name_the_path_once, elsewhere_names_have_no_prefix,
                     a_file_is_closed_once, a_failed_close_is_a_failure);
}
