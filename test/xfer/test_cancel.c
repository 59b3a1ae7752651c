/* test_cancel.c: what is cancelled ends although a server or a disk takes its time. */
#include "test/xfer/put_world.h"
#include "test/xfer/tree_world.h"

enum { TURNS_MAX = 400 };

/* It ends while others take their time. */
static void ck_ends(struct fs_world *w, const struct fs_done *done)
{
    for (unsigned i = 0; i < TURNS_MAX && !done->finished; i++) {
        ck_assert_int_eq(lsmb_turn(w->smb, 0), LSMB_OK);
    }
    ck_assert(done->finished);
    ck_assert_int_eq(done->err.code, LSMB_E_CANCELLED);
}

static void delay(struct fs_world *w, uint16_t command)
{
    peer_script(&w->peer,
                &(struct peer_rule){.command = command, .fate = PEER_HOLD, .pendings = 1});
}

/* ---------------------------------------------------------------- small puts */

/* `unmarks`: whether the server takes a mark back. */
static void ck_store_cancelled(uint16_t command, bool unmarks)
{
    struct put p;

    put_init(&p);
    share_seen(p.share)->unmarks_not = !unmarks;
    delay(&p.w, command);
    struct lsmb_job *job = put_start(&p, "a", "new", 3, LSMB_PUBLISH_AUTO);
    fs_turn(&p.w, 40);
    ck_assert(!p.done.finished);
    lsmb_job_cancel(job, NULL);
    ck_ends(&p.w, &p.done);
    ck_assert_str_eq(p.log, "");
    peer_release(p.w.links[0]->link);
    put_end(&p);
}

START_TEST(a_small_put_does_not_wait_for_create)
{
    ck_store_cancelled(SMB2_CREATE, true);
}
END_TEST

START_TEST(a_small_put_does_not_wait_for_flush)
{
    ck_store_cancelled(SMB2_FLUSH, true);
}
END_TEST

START_TEST(a_temporary_that_is_not_marked_is_removed)
{
    ck_store_cancelled(SMB2_FLUSH, false);
}
END_TEST

static const struct peer_rule *refuse_mark(void *arg, const struct peer_seen *seen,
                                           struct span message)
{
    struct put *p = arg;

    if (p->seen > 0 || !is_set_info(seen, message, FILE_DISPOSITION_INFORMATION)) {
        return NULL;
    }
    p->seen++;
    p->rule = (struct peer_rule){.status = (uint32_t)STATUS_NOT_SUPPORTED};
    return &p->rule;
}

START_TEST(a_temporary_that_could_not_be_marked_is_removed)
{
    struct peer_config config = peer_defaults();
    struct put p;

    config.compounds_go_on = true;
    put_init_with(&p, &config);
    put_watch(&p, refuse_mark);
    delay(&p.w, SMB2_FLUSH);
    struct lsmb_job *job = put_start(&p, "a", "new", 3, LSMB_PUBLISH_AUTO);
    fs_turn(&p.w, 40);
    ck_assert(!p.done.finished);
    lsmb_job_cancel(job, NULL);
    ck_ends(&p.w, &p.done);
    peer_release(p.w.links[0]->link);
    put_end(&p);
}
END_TEST

/* The server takes its time over that, too: it is told of, once, and not awaited for ever. */
START_TEST(a_removal_that_takes_its_time_is_not_awaited_by_who_asks_twice)
{
    struct put p;

    put_init(&p);
    share_seen(p.share)->unmarks_not = true;
    delay(&p.w, SMB2_FLUSH);
    peer_script(
        &p.w.peer,
        &(struct peer_rule){.command = SMB2_CREATE, .skip = 1, .fate = PEER_HOLD, .pendings = 1});
    struct lsmb_job *job = put_start(&p, "a", "new", 3, LSMB_PUBLISH_AUTO);
    fs_turn(&p.w, 40);
    lsmb_job_cancel(job, NULL);
    fs_turn(&p.w, 40);
    lsmb_job_cancel(job, NULL);
    ck_ends(&p.w, &p.done);
    ck_assert_ptr_nonnull(strstr(p.log, "may be left"));
    peer_release(p.w.links[0]->link);
    fs_turn(&p.w, 40);
    lsmb_share_close(p.share);
    fs_world_free(&p.w);
}
END_TEST

START_TEST(a_rename_that_is_on_its_way_is_awaited)
{
    struct put p;

    put_init(&p);
    peer_script(
        &p.w.peer,
        &(struct peer_rule){.command = SMB2_SET_INFO, .skip = 2, .fate = PEER_HOLD, .pendings = 1});
    struct lsmb_job *job = put_start(&p, "a", "new", 3, LSMB_PUBLISH_AUTO);
    fs_turn(&p.w, 40);
    lsmb_job_cancel(job, NULL);
    fs_turn(&p.w, 40);
    ck_assert(!p.done.finished);
    peer_release(p.w.links[0]->link);
    share_run(&p.w, &p.done.finished);
    ck_assert(p.done.err.code != LSMB_OK || peer_has(&p.w.peer, "a", "new", 3));
    put_end(&p);
}
END_TEST

START_TEST(a_put_in_the_general_way_does_not_wait_for_flush)
{
    struct put p;

    put_init(&p);
    put_general(&p);
    delay(&p.w, SMB2_FLUSH);
    struct lsmb_job *job = put_start(&p, "a", "new", 3, LSMB_PUBLISH_AUTO);
    fs_turn(&p.w, 60);
    ck_assert(!p.done.finished);
    lsmb_job_cancel(job, NULL);
    ck_ends(&p.w, &p.done);
    peer_release(p.w.links[0]->link);
    put_end(&p);
}
END_TEST

/* ---------------------------------------------------------------- trees */

START_TEST(a_tree_does_not_wait_for_a_folder_on_the_share)
{
    static struct tree_world w;
    struct fs_done done = {0};

    tree_init(&w);
    tree_mkdir(&w, "tree");
    tree_mkdir(&w, "tree/b");
    (void)peer_add_dir(&w.fs.peer, "there");
    peer_script(
        &w.fs.peer,
        &(struct peer_rule){.command = SMB2_CREATE, .skip = 1, .fate = PEER_HOLD, .pendings = 1});
    struct lsmb_job *job =
        lsmb_tree_copy_start(w.fs.smb, tree_here(&w, "tree"), tree_remote(&w, "there"), &w.opt,
                             &w.result, fs_done, &done);
    fs_turn(&w.fs, 100);
    ck_assert(!done.finished);
    lsmb_job_cancel(job, NULL);
    ck_ends(&w.fs, &done);
    peer_release(w.fs.links[0]->link);
    fs_turn(&w.fs, 40);
    tree_free(&w);
}
END_TEST

/* A helper is stuck on a dead disk from this turn on.  False: it was over before. */
static bool ck_stuck(unsigned turns)
{
    static struct tree_world w;
    struct fs_done done = {0};

    tree_init(&w);
    peer_add_file(&w.fs.peer, "tree/d/a", "1", 1);
    struct lsmb_job *job =
        lsmb_tree_copy_start(w.fs.smb, tree_remote(&w, "tree"), tree_here(&w, "here"), &w.opt,
                             &w.result, fs_done, &done);
    fs_turn(&w.fs, turns);
    bool running = !done.finished;
    if (running) {
        w.fs.jobs.hold = true;
        fs_turn(&w.fs, 60);
    }
    if (!done.finished) {
        lsmb_job_cancel(job, NULL);
        ck_ends(&w.fs, &done);
    }
    script_jobs_run(&w.fs.jobs);
    tree_free(&w);
    return running;
}

START_TEST(a_tree_does_not_wait_for_a_disk)
{
    unsigned turns = 0;

    while (turns < TURNS_MAX && ck_stuck(turns)) {
        turns++;
    }
    ck_assert_uint_gt(turns, 20);
    ck_assert_uint_lt(turns, TURNS_MAX);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "xfer, cancelled", a_small_put_does_not_wait_for_create,
        a_small_put_does_not_wait_for_flush, a_temporary_that_is_not_marked_is_removed,
        a_temporary_that_could_not_be_marked_is_removed,
        a_removal_that_takes_its_time_is_not_awaited_by_who_asks_twice,
        a_rename_that_is_on_its_way_is_awaited, a_put_in_the_general_way_does_not_wait_for_flush,
        a_tree_does_not_wait_for_a_folder_on_the_share, a_tree_does_not_wait_for_a_disk);
}
