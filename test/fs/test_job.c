/* test_job.c: the life of a public operation: blocking, started, cancelled. */
#include "fs/job.h"

#include <stdio.h>

#include "fs/holding.h"
#include "test/fs/fs_world.h"

/* ---------------------------------------------------------------- started */

START_TEST(a_start_calls_nobody_back)
{
    struct fs_done done = {0};
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    ck_assert_ptr_nonnull(lsmb_stat_start(share, "", &stat, fs_done, &done));
    ck_assert_uint_eq(done.calls, 0);
    ck_assert_int_eq(lsmb_turn_until(w.smb, &done.finished), LSMB_OK);
    ck_assert_uint_eq(done.calls, 1);
    ck_assert_int_eq(done.err.code, LSMB_OK);
    fs_turn(&w, 4);
    ck_assert_uint_eq(done.calls, 1);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

/* What fails without a server fails from a turn, too. */
START_TEST(a_start_that_cannot_work_calls_nobody_back)
{
    struct fs_done done[4] = {{0}};
    struct lsmb_share *none = NULL;
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    ck_assert_ptr_nonnull(lsmb_stat_start(share, "..", &stat, fs_done, &done[0]));
    ck_assert_ptr_nonnull(lsmb_mkdir_start(share, "", false, fs_done, &done[1]));
    ck_assert_ptr_nonnull(lsmb_rename_start(share, "a", "..", false, fs_done, &done[2]));
    w.target.share = NULL;
    ck_assert_ptr_nonnull(lsmb_share_open_start(w.smb, &w.target, &none, fs_done, &done[3]));
    for (unsigned i = 0; i < 4; i++) {
        ck_assert_uint_eq(done[i].calls, 0);
    }
    for (unsigned i = 0; i < 4; i++) {
        ck_assert_int_eq(lsmb_turn_until(w.smb, &done[i].finished), LSMB_OK);
        ck_assert_int_ne(done[i].err.code, LSMB_OK);
    }
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

START_TEST(nobody_has_to_be_told)
{
    struct lsmb_stat stat = {0};
    struct fs_world w;

    fs_world_init(&w, NULL);
    (void)peer_add_file(&w.peer, "a.txt", "hello", 5);
    struct lsmb_share *share = fs_share(&w);
    ck_assert_ptr_nonnull(lsmb_stat_start(share, "a.txt", &stat, NULL, NULL));
    ck_assert_ptr_nonnull(lsmb_stat_start(share, "nothing", &stat, NULL, NULL));
    fs_turn(&w, 16);
    ck_assert_uint_eq(stat.bytes, 5);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

START_TEST(strings_are_copied)
{
    char path[] = "a.txt", to[] = "b.txt";
    struct fs_done done = {0};
    struct fs_world w;

    fs_world_init(&w, NULL);
    (void)peer_add_file(&w.peer, "a.txt", "hello", 5);
    struct lsmb_share *share = fs_share(&w);
    ck_assert_ptr_nonnull(lsmb_rename_start(share, path, to, false, fs_done, &done));
    memset(path, 'x', 5);
    memset(to, 'x', 5);
    ck_assert_int_eq(lsmb_turn_until(w.smb, &done.finished), LSMB_OK);
    ck_assert_int_eq(done.err.code, LSMB_OK);
    ck_assert(peer_has(&w.peer, "b.txt", "hello", 5));
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

START_TEST(a_target_is_copied)
{
    char host[] = "server", name[] = "share", user[] = "user", password[] = "password";
    struct lsmb_share *share = NULL;
    struct fs_done done = {0};
    struct fs_world w;

    fs_world_init(&w, NULL);
    w.target.host = host;
    w.target.share = name;
    w.target.user = user;
    w.target.password = password;
    ck_assert_ptr_nonnull(lsmb_share_open_start(w.smb, &w.target, &share, fs_done, &done));
    memset(host, 'x', 6);
    memset(name, 'x', 5);
    memset(user, 'x', 4);
    memset(password, 'x', 8);
    memset(&w.policy, 0xFF, sizeof w.policy);
    ck_assert_int_eq(lsmb_turn_until(w.smb, &done.finished), LSMB_OK);
    ck_assert_int_eq(done.err.code, LSMB_OK);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

/* What a `done` starts runs after it. */
struct chain {
    struct lsmb_share *share;
    struct lsmb_stat stat;
    unsigned calls;
    bool inside, finished;
};

static void start_next(void *arg, const struct lsmb_error *err)
{
    struct chain *c = arg;

    ck_assert(!c->inside && !err);
    c->inside = true;
    c->calls++;
    if (c->calls < 10) {
        ck_assert_ptr_nonnull(lsmb_stat_start(c->share, "", &c->stat, start_next, c));
    } else {
        lsmb_share_close(c->share); /* nothing runs on it any more */
        c->finished = true;
    }
    c->inside = false;
}

START_TEST(one_job_starts_the_next)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct chain c = {.share = fs_share(&w)};
    ck_assert_ptr_nonnull(lsmb_stat_start(c.share, "", &c.stat, start_next, &c));
    ck_assert_int_eq(lsmb_turn_until(w.smb, &c.finished), LSMB_OK);
    ck_assert_uint_eq(c.calls, 10);
    fs_world_free(&w);
}
END_TEST

START_TEST(many_jobs_run_side_by_side)
{
    static struct fs_done done[100];
    static struct lsmb_stat stat[100];
    char path[16];
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    for (unsigned i = 0; i < 100; i++) {
        (void)snprintf(path, sizeof path, "%u", i);
        (void)peer_add_file(&w.peer, path, NULL, i);
        ck_assert_ptr_nonnull(lsmb_stat_start(share, path, &stat[i], fs_done, &done[i]));
    }
    fs_turn(&w, 16);
    for (unsigned i = 0; i < 100; i++) {
        ck_assert_uint_eq(done[i].calls, 1);
        ck_assert_uint_eq(stat[i].bytes, i);
    }
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

/* ---------------------------------------------------------------- cancelled */

START_TEST(a_cancelled_job_ends_in_a_later_turn)
{
    struct fs_done done = {0};
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    struct lsmb_job *job = lsmb_stat_start(share, "", &stat, fs_done, &done);
    lsmb_job_cancel(job, NULL);
    ck_assert_uint_eq(done.calls, 0);
    lsmb_job_cancel(job, NULL); /* twice is once */
    fs_turn(&w, 1);
    ck_assert_uint_eq(done.calls, 1);
    ck_assert_int_eq(done.err.code, LSMB_E_CANCELLED);
    ck_assert_str_eq(done.err.path, "\\\\server\\share");
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CREATE), 0);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

START_TEST(a_job_may_be_cancelled_for_a_reason)
{
    struct lsmb_error why = {.code = LSMB_E_TIMEOUT, .reason = "no time left"};
    struct fs_done done = {0};
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    struct lsmb_job *job = lsmb_stat_start(share, "a", &stat, fs_done, &done);
    lsmb_job_cancel(job, &why);
    memset(&why, 0, sizeof why);
    fs_turn(&w, 1);
    ck_assert_int_eq(done.err.code, LSMB_E_TIMEOUT);
    ck_assert_str_eq(done.err.reason, "no time left");
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

/* Cancel after each number of turns that a job takes: whatever it was at, nothing stays open. */
START_TEST(a_job_cancelled_at_any_step_leaves_nothing_open)
{
    struct fs_done done;
    struct fs_world w;

    for (unsigned turns = 0; turns < 8; turns++) {
        fs_world_init(&w, NULL);
        struct peer_node *file = peer_add_file(&w.peer, "a.txt", "hello", 5);
        struct lsmb_share *share = fs_share(&w);
        done = (struct fs_done){0};
        struct lsmb_job *job = lsmb_rename_start(share, "a.txt", "b.txt", false, fs_done, &done);
        fs_turn(&w, turns);
        if (!done.finished) {
            lsmb_job_cancel(job, NULL);
        }
        fs_turn(&w, 8);
        ck_assert_uint_eq(done.calls, 1);
        ck_assert_msg(list_empty(&file->opens), "%u turns", turns);
        ck_assert_uint_eq(peer_count(&w.peer, SMB2_CLOSE), peer_count(&w.peer, SMB2_CREATE));
        lsmb_share_close(share);
        fs_world_free(&w);
    }
}
END_TEST

START_TEST(opening_a_share_cancelled_at_any_step_leaves_nothing)
{
    for (unsigned turns = 0; turns < 14; turns++) {
        struct lsmb_share *share = NULL;
        struct fs_done done = {0};
        struct fs_world w;
        fs_world_init(&w, NULL);
        struct lsmb_job *job = lsmb_share_open_start(w.smb, &w.target, &share, fs_done, &done);
        fs_turn(&w, turns);
        if (!done.finished) {
            lsmb_job_cancel(job, NULL);
            fs_turn(&w, 1);
            ck_assert_int_eq(done.err.code, LSMB_E_CANCELLED);
            ck_assert_ptr_null(share);
        }
        ck_assert_uint_eq(done.calls, 1);
        lsmb_share_close(share);
        fs_world_free(&w);
    }
}
END_TEST

/* MS-SMB2 3.2.4.24 */
START_TEST(what_the_server_has_put_off_is_cancelled_there)
{
    struct fs_done done = {0};
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    peer_script(&w.peer,
                &(struct peer_rule){.command = SMB2_CREATE, .fate = PEER_HOLD, .pendings = 1});
    struct lsmb_job *job = lsmb_stat_start(share, "a", &stat, fs_done, &done);
    fs_turn(&w, 4);
    lsmb_job_cancel(job, NULL);
    fs_turn(&w, 4);
    ck_assert_int_eq(done.err.code, LSMB_E_CANCELLED);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CANCEL), 1);
    ck_assert_uint_eq(peer_last(&w.peer, SMB2_CREATE)->answered, (uint32_t)STATUS_CANCELLED);
    fs_ok(&w, lsmb_stat(share, "", &stat, &w.err)); /* the connection is fine */
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

/* ---------------------------------------------------------------- blocking */

START_TEST(an_error_may_be_ignored)
{
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    ck_assert_int_eq(lsmb_stat(share, "nothing", &stat, NULL), LSMB_E_NOT_FOUND);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

START_TEST(success_clears_the_error)
{
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    fs_failed(&w, lsmb_stat(share, "nothing", &stat, &w.err), LSMB_E_NOT_FOUND,
              (uint32_t)STATUS_OBJECT_NAME_NOT_FOUND);
    fs_ok(&w, lsmb_stat(share, "", &stat, &w.err));
    ck_assert_int_eq(w.err.code, LSMB_OK);
    ck_assert_str_eq(w.err.reason, "");
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

/* A blocking call on a system that cannot wait: the job does not outlive the call. */
START_TEST(a_wait_that_fails_ends_the_job)
{
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    int real = w.smb->loop.epoll_fd;
    w.smb->loop.epoll_fd = -1;
    fs_failed(&w, lsmb_stat(share, "a", &stat, &w.err), LSMB_E_LOCAL, 0);
    w.smb->loop.epoll_fd = real;
    ck_assert(list_empty(&w.smb->jobs));
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "fs/job", a_start_calls_nobody_back, a_start_that_cannot_work_calls_nobody_back,
        nobody_has_to_be_told, strings_are_copied, a_target_is_copied, one_job_starts_the_next,
        many_jobs_run_side_by_side, a_cancelled_job_ends_in_a_later_turn,
        a_job_may_be_cancelled_for_a_reason, a_job_cancelled_at_any_step_leaves_nothing_open,
        opening_a_share_cancelled_at_any_step_leaves_nothing,
        what_the_server_has_put_off_is_cancelled_there, an_error_may_be_ignored,
        success_clears_the_error, a_wait_that_fails_ends_the_job);
}
