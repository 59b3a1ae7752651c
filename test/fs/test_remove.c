/* test_remove.c: deleting a name (MS-FSCC 2.4.11). */
#include "proto/create.h"
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

static void ck_refused(const char *path, enum lsmb_code code, uint32_t status)
{
    fs_failed(&w, lsmb_remove(share, path, &w.err), code, status);
    ck_assert_str_eq(w.err.step, "delete");
}

START_TEST(a_file_goes)
{
    begin();
    (void)peer_add_file(&w.peer, "dir/a.txt", "hello", 5);
    fs_ok(&w, lsmb_remove(share, "dir/a.txt", &w.err));
    ck_assert_ptr_null(peer_find(&w.peer, "dir/a.txt"));
    ck_assert_ptr_nonnull(peer_find(&w.peer, "dir"));
    end();
}
END_TEST

START_TEST(an_empty_directory_goes_and_a_full_one_stays)
{
    begin();
    (void)peer_add_file(&w.peer, "dir/a.txt", "hello", 5);
    ck_refused("dir", LSMB_E_STATUS, (uint32_t)STATUS_DIRECTORY_NOT_EMPTY);
    ck_assert_str_eq(w.err.path, "\\\\server\\share\\dir");
    ck_assert_ptr_nonnull(strstr(w.err.reason, "STATUS_DIRECTORY_NOT_EMPTY"));
    fs_ok(&w, lsmb_remove(share, "dir/a.txt", &w.err));
    fs_ok(&w, lsmb_remove(share, "dir", &w.err));
    ck_assert_ptr_null(peer_find(&w.peer, "dir"));
    end();
}
END_TEST

START_TEST(what_is_not_there_cannot_go)
{
    begin();
    ck_refused("a", LSMB_E_NOT_FOUND, (uint32_t)STATUS_OBJECT_NAME_NOT_FOUND);
    end();
}
END_TEST

START_TEST(what_is_read_only_stays)
{
    begin();
    struct peer_node *file = peer_add_file(&w.peer, "a", "hello", 5);
    file->attributes = FILE_ATTRIBUTE_READONLY;
    fs_failed(&w, lsmb_remove(share, "a", &w.err), LSMB_E_DENIED, (uint32_t)STATUS_CANNOT_DELETE);
    ck_assert_str_eq(w.err.step, "delete");
    ck_assert_str_eq(w.err.path, "\\\\server\\share\\a");
    fs_turn(&w, 4);
    ck_assert(list_empty(&file->opens)); /* and is closed again */
    end();
}
END_TEST

/* MS-SMB2 2.2.13: FILE_OPEN_REPARSE_POINT */
static const struct peer_rule *check_create(void *arg, const struct peer_seen *seen,
                                            struct span message)
{
    struct smb2_create_request asked;

    if (seen->header.command == SMB2_CREATE) {
        ck_assert(smb2_create_request_get(&asked, message));
        ck_assert_uint_eq(asked.options, FILE_OPEN_REPARSE_POINT);
        ck_assert(asked.desired_access & ACCESS_DELETE);
        ck_assert_uint_eq(asked.disposition, FILE_OPEN);
        *(bool *)arg = true;
    }
    return NULL;
}

START_TEST(a_link_goes_and_not_what_it_leads_to)
{
    bool checked = false;

    begin();
    (void)peer_add_file(&w.peer, "a", NULL, 0);
    w.peer.on_request = check_create;
    w.peer.on_request_arg = &checked;
    fs_ok(&w, lsmb_remove(share, "a", &w.err));
    ck_assert(checked);
    end();
}
END_TEST

int main(void)
{
    return RUN_TESTS("fs/remove", a_file_goes, an_empty_directory_goes_and_a_full_one_stays,
                     what_is_not_there_cannot_go, what_is_read_only_stays,
                     a_link_goes_and_not_what_it_leads_to);
}
