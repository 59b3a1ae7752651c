/* A finished temporary on its way to its name, and what nobody concludes from a stranger's word. */
#include <errno.h>

#include "proto/info.h"
#include "test/xfer/put_world.h"

static const struct peer_rule *forge_rename(void *arg, const struct peer_seen *seen,
                                            struct span message)
{
    return is_set_info(seen, message, FILE_RENAME_INFORMATION) ? put_forge(arg) : NULL;
}

/* Then the temporary is the target, and must not be marked for deletion. */
START_TEST(a_rename_that_is_done_and_refused_by_a_stranger_stays_done)
{
    struct put p;

    put_init_signed(&p);
    peer_add_file(&p.w.peer, "a", "old", 3);
    put_general(&p);
    put_watch(&p, forge_rename);
    ck_assert_int_eq(put(&p, "a", "newer", 5), LSMB_E_SECURITY);
    ck_assert_uint_eq(p.seen, 1);
    ck_assert_ptr_nonnull(strstr(p.done.err.advice, "look before you repeat it"));
    ck_assert(peer_has(&p.w.peer, "a", "newer", 5));
    put_end(&p);
    ck_assert_ptr_nonnull(strstr(p.log, "may be left"));
}
END_TEST

/* ---------------------------------------------------------------- copying into the target */

/* A put to "a", which has a stream; the READs that it took. */
static size_t reads_to_copy(struct put *p, size_t len)
{
    uint8_t *bytes = pattern(len);

    peer_add_file(&p->w.peer, "a", "old and longer", 14);
    peer_add_file(&p->w.peer, "a:note", "kept", 4);
    fs_ok(&p->w, put(p, "a", bytes, len));
    ck_assert(peer_has(&p->w.peer, "a", bytes, len));
    free(bytes);
    return peer_count(&p->w.peer, SMB2_READ);
}

START_TEST(the_server_copies_a_temporary_into_the_target)
{
    static const size_t sizes[] = {0, 5, 5000000};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct put p;
        put_init(&p);
        ck_assert_uint_eq(reads_to_copy(&p, sizes[i]), 0);
        put_end(&p);
    }
}
END_TEST

/* At the beginning, or in the middle of it. */
START_TEST(what_the_server_does_not_copy_is_moved)
{
    for (unsigned skip = 0; skip < 2; skip++) {
        struct put p;
        put_init(&p);
        peer_script(&p.w.peer, &(struct peer_rule){.command = SMB2_IOCTL,
                                                   .skip = skip,
                                                   .status = (uint32_t)STATUS_NOT_SUPPORTED});
        ck_assert_uint_gt(reads_to_copy(&p, 5000000), 0);
        put_end(&p);
    }
}
END_TEST

static const struct peer_rule *forge_copy(void *arg, const struct peer_seen *seen,
                                          struct span message)
{
    struct put *p = arg;

    (void)message;
    return seen->header.command == SMB2_IOCTL && p->seen == 0 ? put_forge(p) : NULL;
}

START_TEST(what_a_stranger_says_was_not_copied_is_moved)
{
    struct put p;

    put_init_signed(&p);
    put_watch(&p, forge_copy);
    ck_assert_uint_gt(reads_to_copy(&p, 5000000), 0);
    ck_assert_uint_eq(p.seen, 1);
    put_end(&p);
}
END_TEST

START_TEST(a_link_that_is_lost_while_the_server_copies_is_an_error)
{
    struct put p;

    put_init(&p);
    peer_add_file(&p.w.peer, "a", "old and longer", 14);
    peer_add_file(&p.w.peer, "a:note", "kept", 4);
    peer_script(&p.w.peer, &(struct peer_rule){.command = SMB2_IOCTL, .fate = PEER_DROP});
    ck_assert_ptr_nonnull(put_start(&p, "a", "newer", 5, LSMB_PUBLISH_AUTO));
    while (peer_count(&p.w.peer, SMB2_IOCTL) == 0) {
        fs_turn(&p.w, 1);
    }
    peer_door_cut(&p.w.door, ECONNRESET);
    share_run(&p.w, &p.done.finished);
    ck_assert_int_eq(p.done.err.code, LSMB_E_NETWORK);
    put_end(&p);
}
END_TEST

/* ---------------------------------------------------------------- the deletion mark */

/* Success, though it was not done. */
static void say_done(struct peer_reply *reply)
{
    reply->header.status = STATUS_SUCCESS;
    reply->len = SMB2_HEADER_LEN + 2;
    memset(reply->bytes + SMB2_HEADER_LEN, 0, 2);
    reply->bytes[SMB2_HEADER_LEN] = 2;
}

/* A server for which a file that is to be deleted stays so. */
static const struct peer_rule *keep_marks(void *arg, const struct peer_seen *seen,
                                          struct span message)
{
    struct file_disposition_information info;
    struct smb2_set_info_request asked;
    struct put *p = arg;
    bool back = is_set_info(seen, message, FILE_DISPOSITION_INFORMATION) &&
                smb2_set_info_request_get(&asked, message) &&
                file_disposition_information_get(&info, asked.data) && !info.delete_pending;

    p->rule = (struct peer_rule){.status = (uint32_t)STATUS_ACCESS_DENIED, .edit = say_done};
    return back ? &p->rule : NULL;
}

START_TEST(a_server_that_would_delete_the_new_file_does_not_get_to_replace_the_old)
{
    struct put p;

    put_init(&p);
    peer_add_file(&p.w.peer, "a", "old", 3);
    put_watch(&p, keep_marks);
    ck_assert_int_eq(put(&p, "a", "newer", 5), LSMB_E_PROTOCOL);
    ck_assert_ptr_nonnull(strstr(p.done.err.reason, "does not take back"));
    ck_assert(peer_has(&p.w.peer, "a", "old", 3));
    put_end(&p);
}
END_TEST

START_TEST(a_server_of_the_oldest_dialect_is_asked_for_no_mark)
{
    struct peer_config config = peer_defaults();
    struct put p;

    memset(config.dialects, 0, sizeof config.dialects);
    config.dialects[0] = SMB2_DIALECT_202;
    put_init_with(&p, &config);
    peer_add_file(&p.w.peer, "a", "old", 3);
    put_watch(&p, keep_marks);
    fs_ok(&p.w, put(&p, "a", "newer", 5));
    ck_assert(peer_has(&p.w.peer, "a", "newer", 5));
    put_end(&p);
}
END_TEST

int main(void)
{
    return RUN_TESTS("xfer/share_commit", the_server_copies_a_temporary_into_the_target,
                     what_the_server_does_not_copy_is_moved,
                     what_a_stranger_says_was_not_copied_is_moved,
                     a_link_that_is_lost_while_the_server_copies_is_an_error,
                     a_server_that_would_delete_the_new_file_does_not_get_to_replace_the_old,
                     a_server_of_the_oldest_dialect_is_asked_for_no_mark,
                     a_rename_that_is_done_and_refused_by_a_stranger_stays_done);
}
