/* test_lock.c: locking ranges of open files (MS-SMB2 3.2.4.21). */
#include "proto/lock.h"

#include <limits.h>

#include "fs/file.h"
#include "test/fs/fs_world.h"

#define LOCK_NOT_GRANTED ((uint32_t)STATUS_LOCK_NOT_GRANTED)

static struct fs_world w;
static struct lsmb_share *share;
static struct lsmb_file *mine, *yours; /* the same file, opened twice */

static struct lsmb_file *open_file(void)
{
    struct lsmb_file *file;

    fs_ok(&w, lsmb_file_open(share, "a.txt", LSMB_OPEN_READ | LSMB_OPEN_WRITE, &file, &w.err));
    return file;
}

static void begin(void)
{
    fs_world_init(&w, NULL);
    (void)peer_add_file(&w.peer, "a.txt", "0123456789", 10);
    share = fs_share(&w);
    mine = open_file();
    yours = open_file();
}

static void end(void)
{
    (void)lsmb_file_close(mine, NULL);
    (void)lsmb_file_close(yours, NULL);
    lsmb_share_close(share);
    fs_world_free(&w);
}

static enum lsmb_code lock(struct lsmb_file *file, enum lsmb_lock_kind kind, uint64_t offset,
                           uint64_t bytes)
{
    return lsmb_file_lock(file, &(struct lsmb_lock){offset, bytes, kind}, 1, false, &w.err);
}

/* Start to wait for the bytes 2 to 4; somebody holds them. */
static struct lsmb_job *wait_for_lock(struct lsmb_file *file, struct fs_done *done)
{
    static const struct lsmb_lock range = {2, 3, LSMB_LOCK_EXCLUSIVE};
    struct lsmb_job *job;

    *done = (struct fs_done){0};
    job = lsmb_file_lock_start(file, &range, 1, true, fs_done, done);
    ck_assert_ptr_nonnull(job);
    fs_turn(&w, 6);
    ck_assert(!done->finished);
    return job;
}

static void await(struct fs_done *done, enum lsmb_code code)
{
    ck_assert_int_eq(lsmb_turn_until(w.smb, &done->finished), LSMB_OK);
    ck_assert_msg(done->err.code == code, "%d: %s", (int)done->err.code, done->err.reason);
    ck_assert_uint_eq(done->calls, 1);
}

/* ---------------------------------------------------------------- at once */

START_TEST(a_lock_keeps_others_out)
{
    begin();
    fs_ok(&w, lock(mine, LSMB_LOCK_EXCLUSIVE, 2, 3));
    fs_failed(&w, lock(yours, LSMB_LOCK_SHARED, 4, 1), LSMB_E_DENIED, LOCK_NOT_GRANTED);
    ck_assert_str_eq(w.err.step, "lock");
    ck_assert_str_eq(w.err.path, "\\\\server\\share\\a.txt");
    ck_assert_str_ne(w.err.advice, "");
    fs_ok(&w, lock(yours, LSMB_LOCK_EXCLUSIVE, 5, 100));
    fs_ok(&w, lock(mine, LSMB_UNLOCK, 2, 3));
    fs_ok(&w, lock(yours, LSMB_LOCK_SHARED, 4, 1));
    end();
}
END_TEST

START_TEST(shared_locks_go_together)
{
    begin();
    fs_ok(&w, lock(mine, LSMB_LOCK_SHARED, 0, 10));
    fs_ok(&w, lock(yours, LSMB_LOCK_SHARED, 5, 10));
    fs_failed(&w, lock(yours, LSMB_LOCK_EXCLUSIVE, 0, 1), LSMB_E_DENIED, LOCK_NOT_GRANTED);
    end();
}
END_TEST

START_TEST(several_ranges_are_locked_or_none)
{
    static const struct lsmb_lock both[] = {{0, 2, LSMB_LOCK_EXCLUSIVE}, {5, 2, LSMB_LOCK_SHARED}};
    static const struct lsmb_lock neither[] = {{0, 2, LSMB_UNLOCK}, {5, 2, LSMB_UNLOCK}};

    begin();
    fs_ok(&w, lock(yours, LSMB_LOCK_EXCLUSIVE, 6, 1));
    fs_failed(&w, lsmb_file_lock(mine, both, 2, false, &w.err), LSMB_E_DENIED, LOCK_NOT_GRANTED);
    fs_ok(&w, lock(yours, LSMB_LOCK_EXCLUSIVE, 0, 2));
    fs_ok(&w, lock(yours, LSMB_UNLOCK, 0, 2));
    fs_ok(&w, lock(yours, LSMB_UNLOCK, 6, 1));
    fs_ok(&w, lsmb_file_lock(mine, both, 2, false, &w.err));
    fs_failed(&w, lock(yours, LSMB_LOCK_SHARED, 0, 1), LSMB_E_DENIED, LOCK_NOT_GRANTED);
    fs_ok(&w, lsmb_file_lock(mine, neither, 2, true, &w.err));
    fs_ok(&w, lock(yours, LSMB_LOCK_EXCLUSIVE, 0, 10));
    end();
}
END_TEST

START_TEST(only_what_is_locked_can_be_unlocked)
{
    begin();
    fs_ok(&w, lock(mine, LSMB_LOCK_EXCLUSIVE, 2, 3));
    fs_failed(&w, lock(mine, LSMB_UNLOCK, 2, 2), LSMB_E_STATUS, (uint32_t)STATUS_RANGE_NOT_LOCKED);
    ck_assert_str_eq(w.err.step, "unlock");
    ck_assert_str_ne(w.err.advice, "");
    fs_failed(&w, lock(yours, LSMB_UNLOCK, 2, 3), LSMB_E_STATUS, (uint32_t)STATUS_RANGE_NOT_LOCKED);
    end();
}
END_TEST

START_TEST(what_makes_no_sense_is_refused)
{
    static const struct lsmb_lock mixed[] = {{0, 2, LSMB_LOCK_SHARED}, {5, 2, LSMB_UNLOCK}};
    static const struct lsmb_lock many[2000];

    begin();
    fs_failed(&w, lsmb_file_lock(mine, mixed, 0, false, &w.err), LSMB_E_USAGE, 0);
    fs_failed(&w, lsmb_file_lock(mine, mixed, 2, false, &w.err), LSMB_E_USAGE, 0);
    fs_failed(&w, lsmb_file_lock(mine, many, 2, true, &w.err), LSMB_E_USAGE, 0);
    fs_failed(&w, lsmb_file_lock(mine, many, 2000, false, &w.err), LSMB_E_USAGE, 0);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_LOCK), 0);
    end();
}
END_TEST

START_TEST(others_can_neither_read_nor_write_what_is_locked)
{
    char byte;
    size_t got;

    begin();
    fs_ok(&w, lock(mine, LSMB_LOCK_EXCLUSIVE, 2, 3));
    fs_failed(&w, lsmb_file_read(yours, &byte, 1, 3, &got, &w.err), LSMB_E_DENIED,
              (uint32_t)STATUS_FILE_LOCK_CONFLICT);
    ck_assert_str_ne(w.err.advice, "");
    fs_failed(&w, lsmb_file_write(yours, "x", 1, 3, &w.err), LSMB_E_DENIED,
              (uint32_t)STATUS_FILE_LOCK_CONFLICT);
    fs_ok(&w, lsmb_file_write(mine, "x", 1, 3, &w.err));
    end();
}
END_TEST

/* ---------------------------------------------------------------- what goes over the wire */

static struct smb2_lock_request sent;
static struct smb2_lock_element first_sent;

static const struct peer_rule *look(void *arg, const struct peer_seen *seen, struct span message)
{
    (void)arg;
    if (seen->header.command == SMB2_LOCK) {
        ck_assert(smb2_lock_request_get(&sent, message));
        ck_assert(smb2_lock_element_at(&sent, 0, &first_sent));
        sent.elements.ptr = NULL;
    }
    return NULL;
}

START_TEST(only_who_waits_may_be_put_off) /* MS-SMB2 2.2.26.1 */
{
    static const struct lsmb_lock range = {2, 3, LSMB_LOCK_SHARED};

    begin();
    w.peer.on_request = look;
    fs_ok(&w, lock(mine, LSMB_LOCK_EXCLUSIVE, 2, 3));
    ck_assert_uint_eq(first_sent.flags,
                      SMB2_LOCKFLAG_EXCLUSIVE_LOCK | SMB2_LOCKFLAG_FAIL_IMMEDIATELY);
    ck_assert_uint_eq(first_sent.offset, 2);
    ck_assert_uint_eq(first_sent.length, 3);
    fs_ok(&w, lock(mine, LSMB_UNLOCK, 2, 3));
    ck_assert_uint_eq(first_sent.flags, SMB2_LOCKFLAG_UNLOCK);
    fs_ok(&w, lsmb_file_lock(mine, &range, 1, true, &w.err));
    ck_assert_uint_eq(first_sent.flags, SMB2_LOCKFLAG_SHARED_LOCK);
    ck_assert_uint_eq(sent.sequence_number, 0);
    ck_assert_uint_eq(sent.sequence_index, 0);
    end();
}
END_TEST

/* ---------------------------------------------------------------- waiting */

START_TEST(a_lock_is_waited_for)
{
    struct fs_done done;

    begin();
    fs_ok(&w, lock(mine, LSMB_LOCK_EXCLUSIVE, 0, 10));
    (void)wait_for_lock(yours, &done);
    fs_ok(&w, lock(mine, LSMB_UNLOCK, 0, 10));
    await(&done, LSMB_OK);
    fs_failed(&w, lock(mine, LSMB_LOCK_SHARED, 4, 1), LSMB_E_DENIED, LOCK_NOT_GRANTED);
    end();
}
END_TEST

START_TEST(whoever_closes_makes_room)
{
    struct fs_done done;

    begin();
    fs_ok(&w, lock(mine, LSMB_LOCK_EXCLUSIVE, 0, 10));
    (void)wait_for_lock(yours, &done);
    fs_ok(&w, lsmb_file_close(mine, &w.err));
    mine = NULL;
    await(&done, LSMB_OK);
    end();
}
END_TEST

START_TEST(a_lock_is_waited_for_as_long_as_the_server_lives)
{
    struct fs_done done;

    begin();
    fs_ok(&w, lock(mine, LSMB_LOCK_EXCLUSIVE, 0, 10));
    (void)wait_for_lock(yours, &done);
    uint64_t began = w.script.clock.now_ns;
    while (w.script.clock.now_ns - began < 600 * NS_PER_S) {
        ck_assert_int_eq(lsmb_turn(w.smb, 60000), LSMB_OK);
    }
    ck_assert(!done.finished);
    ck_assert_uint_gt(peer_count(&w.peer, SMB2_ECHO), 5);
    fs_ok(&w, lock(mine, LSMB_UNLOCK, 0, 10));
    await(&done, LSMB_OK);
    end();
}
END_TEST

START_TEST(who_gives_up_waiting_has_no_lock)
{
    struct fs_done done;

    begin();
    fs_ok(&w, lock(mine, LSMB_LOCK_EXCLUSIVE, 0, 10));
    struct lsmb_job *job = wait_for_lock(yours, &done);
    lsmb_job_cancel(job, NULL);
    lsmb_job_cancel(job, NULL);
    await(&done, LSMB_E_CANCELLED);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CANCEL), 1);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_LOCK), 2);
    fs_ok(&w, lock(mine, LSMB_UNLOCK, 0, 10));
    fs_ok(&w, lock(mine, LSMB_LOCK_EXCLUSIVE, 0, 10));
    end();
}
END_TEST

/* The server grants it while the CANCEL is on its way. */
START_TEST(a_lock_that_was_granted_after_all_is_taken_back) /* MS-SMB2 3.3.5.16 */
{
    struct fs_done done;

    begin();
    peer_script(&w.peer,
                &(struct peer_rule){.command = SMB2_LOCK, .fate = PEER_HOLD, .pendings = 1});
    struct lsmb_job *job = wait_for_lock(yours, &done);
    peer_release(w.links[0]->link);
    lsmb_job_cancel(job, NULL);
    await(&done, LSMB_E_CANCELLED);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_LOCK), 2);
    ck_assert_uint_eq(peer_last(&w.peer, SMB2_LOCK)->answered, STATUS_SUCCESS);
    fs_ok(&w, lock(mine, LSMB_LOCK_EXCLUSIVE, 0, 10));
    end();
}
END_TEST

START_TEST(a_lock_that_cannot_be_taken_back_is_told_of)
{
    struct fs_done done;

    begin();
    peer_script(&w.peer,
                &(struct peer_rule){.command = SMB2_LOCK, .fate = PEER_HOLD, .pendings = 1});
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_LOCK,
                                             .status = (uint32_t)STATUS_INSUFFICIENT_RESOURCES});
    struct lsmb_job *job = wait_for_lock(yours, &done);
    peer_release(w.links[0]->link);
    lsmb_job_cancel(job, NULL);
    await(&done, LSMB_E_STATUS);
    ck_assert_uint_eq(done.err.nt_status, (uint32_t)STATUS_INSUFFICIENT_RESOURCES);
    ck_assert_str_eq(done.err.step, "give the lock up");
    end();
}
END_TEST

/* Anybody can have said that, and the server may have granted the lock. */
START_TEST(a_lock_of_which_nothing_is_known_is_told_of)
{
    struct fs_done done;

    fs_world_init(&w, NULL);
    (void)peer_add_file(&w.peer, "a.txt", "0123456789", 10);
    w.policy.sign = LSMB_REQUIRED;
    share = fs_share(&w);
    mine = open_file();
    yours = open_file();
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_LOCK,
                                             .fate = PEER_HOLD,
                                             .pendings = 1,
                                             .status = (uint32_t)STATUS_INVALID_PARAMETER,
                                             .protection = PEER_ZERO_MAC});
    struct lsmb_job *job = wait_for_lock(yours, &done);
    peer_release(w.links[0]->link);
    lsmb_job_cancel(job, NULL);
    await(&done, LSMB_E_SECURITY);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_LOCK), 1);
    end();
}
END_TEST

START_TEST(a_lock_can_be_given_up_at_any_time)
{
    static const struct lsmb_lock range = {2, 3, LSMB_LOCK_EXCLUSIVE};

    for (unsigned turns = 0; turns < 6; turns++) {
        struct fs_done done = {0};
        begin();
        fs_ok(&w, lock(mine, LSMB_LOCK_EXCLUSIVE, 0, 10));
        struct lsmb_job *job = lsmb_file_lock_start(yours, &range, 1, true, fs_done, &done);
        fs_turn(&w, turns);
        lsmb_job_cancel(job, NULL);
        await(&done, LSMB_E_CANCELLED);
        fs_ok(&w, lock(mine, LSMB_UNLOCK, 0, 10));
        fs_turn(&w, 8);
        fs_ok(&w, lock(mine, LSMB_LOCK_EXCLUSIVE, 0, 10));
        end();
    }
}
END_TEST

START_TEST(a_server_that_does_not_cancel_is_not_waited_for)
{
    struct fs_done done;

    begin();
    peer_script(&w.peer,
                &(struct peer_rule){.command = SMB2_LOCK, .pendings = 1, .fate = PEER_MUTE});
    struct lsmb_job *job = wait_for_lock(yours, &done);
    lsmb_job_cancel(job, NULL);
    await(&done, LSMB_E_TIMEOUT);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CANCEL), 1);
    end();
}
END_TEST

START_TEST(a_lost_connection_ends_the_waiting)
{
    struct fs_done done;

    begin();
    fs_ok(&w, lock(mine, LSMB_LOCK_EXCLUSIVE, 0, 10));
    (void)wait_for_lock(yours, &done);
    fs_hang_up(&w, 0);
    await(&done, LSMB_E_NETWORK);
    fs_failed(&w, lock(mine, LSMB_UNLOCK, 0, 10), LSMB_E_NETWORK, 0);
    end();
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "fs/lock", a_lock_keeps_others_out, shared_locks_go_together,
        several_ranges_are_locked_or_none, only_what_is_locked_can_be_unlocked,
        what_makes_no_sense_is_refused, others_can_neither_read_nor_write_what_is_locked,
        only_who_waits_may_be_put_off, a_lock_is_waited_for, whoever_closes_makes_room,
        a_lock_is_waited_for_as_long_as_the_server_lives, who_gives_up_waiting_has_no_lock,
        a_lock_that_was_granted_after_all_is_taken_back,
        a_lock_that_cannot_be_taken_back_is_told_of, a_lock_of_which_nothing_is_known_is_told_of,
        a_lock_can_be_given_up_at_any_time, a_server_that_does_not_cancel_is_not_waited_for,
        a_lost_connection_ends_the_waiting);
}
