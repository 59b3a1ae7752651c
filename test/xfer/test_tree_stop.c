/* test_tree_stop.c: trees that end early: cancelled, dropped, cut off or without memory, at every point. */
#include "fs/job.h"
#include "test/failmalloc.h"
#include "test/xfer/tree_world.h"

enum { TURNS_MAX = 400, ALLOCATIONS_MAX = 6000 };

static struct tree_world w;
static struct fs_done done;
static struct lsmb_job *job;

/* ---------------------------------------------------------------- a copy */

static void begin(bool get)
{
    static const char *const names[] = {"a", "b/c", "b/d/e", "f/g"};
    struct peer_config config = peer_defaults();
    char path[64];

    config.any_name = true;
    tree_init_with(&w, &config);
    w.copy.keep_times = true;
    w.share_opt.connections = 1;
    tree_mkdir(&w, "tree");
    tree_mkdir(&w, "tree/b");
    tree_mkdir(&w, "tree/b/d");
    tree_mkdir(&w, "tree/f");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)snprintf(path, sizeof path, "tree/%s", names[i]);
        if (get) {
            peer_add_file(&w.fs.peer, path, "content", 7);
        } else {
            tree_write(&w, path, "content");
        }
    }
    done = (struct fs_done){0};
    struct lsmb_tree *from = get ? tree_remote(&w, "tree") : tree_here(&w, "tree");
    struct lsmb_tree *to = get ? tree_here(&w, "here") : tree_remote(&w, "there");
    job = lsmb_tree_copy_start(w.fs.smb, from, to, &w.opt, &w.result, fs_done, &done);
}

/* Nothing of ours is left on this machine. */
static void no_local_temporary(const char *name)
{
    DIR *dir = opendir(tree_local(&w, name));

    if (!dir) {
        return;
    }
    for (struct dirent *entry; (entry = readdir(dir));) {
        ck_assert_msg(!strstr(entry->d_name, ".lava-"), "%s was left", entry->d_name);
    }
    (void)closedir(dir);
}

static void end(void)
{
    no_local_temporary("here");
    no_local_temporary("here/b");
    no_local_temporary("here/b/d");
    no_local_temporary("here/f");
    tree_free(&w);
}

static void run(void)
{
    share_run(&w.fs, &done.finished);
    ck_assert_uint_eq(done.calls, 1);
}

/* After so many turns.  False: it was over before. */
static bool turned(unsigned turns)
{
    for (unsigned i = 0; i < turns && !done.finished; i++) {
        fs_turn(&w.fs, 1);
    }
    return !done.finished;
}

/* ---------------------------------------------------------------- stopped */

static void ck_cancelled(bool get)
{
    bool running = true;

    for (unsigned turns = 0; running && turns < TURNS_MAX; turns++) {
        begin(get);
        running = turned(turns);
        if (running) {
            lsmb_job_cancel(job, NULL);
            run();
            ck_assert(done.err.code == LSMB_E_CANCELLED ||
                      (done.err.code == LSMB_OK && w.result.files == 4));
        }
        end();
    }
    ck_assert(!running);
}

START_TEST(it_may_be_cancelled_in_every_turn)
{
    ck_cancelled(true);
    ck_cancelled(false);
}
END_TEST

static void ck_dropped(bool get)
{
    bool running = true;

    for (unsigned turns = 0; running && turns < TURNS_MAX; turns++) {
        begin(get);
        running = turned(turns);
        if (running) {
            job_abandon(job); /* as lsmb_free() does */
        }
        ck_assert_uint_eq(done.calls, !running);
        fs_turn(&w.fs, 8); /* goodbyes arrive */
        tree_free(&w);
    }
    ck_assert(!running);
}

START_TEST(it_may_be_dropped_in_every_turn)
{
    ck_dropped(true);
    ck_dropped(false);
}
END_TEST

/* One error is enough, if all was not over by then. */
static void ck_one_error(void)
{
    run();
    ck_assert(done.err.code == LSMB_E_NETWORK || (done.err.code == LSMB_OK && w.result.files == 4));
    ck_assert_str_eq(w.failed, "");
}

static void ck_cut_off(bool get)
{
    bool running = true;

    for (unsigned turns = 0; running && turns < TURNS_MAX; turns++) {
        begin(get);
        running = turned(turns);
        if (running) {
            fs_hang_up(&w.fs, 0);
            ck_one_error();
        }
        end();
    }
    ck_assert(!running);
}

START_TEST(a_connection_that_is_lost_ends_all_with_one_error)
{
    ck_cut_off(true);
    ck_cut_off(false);
}
END_TEST

/* ---------------------------------------------------------------- memory */

static void (*peer_receives)(struct hook *);
static void (*peer_flushes)(struct hook *);

static void receive_with_memory(struct hook *hook)
{
    fail_malloc_pause(true);
    peer_receives(hook);
    fail_malloc_pause(false);
}

static void flush_with_memory(struct hook *hook)
{
    fail_malloc_pause(true);
    peer_flushes(hook);
    fail_malloc_pause(false);
}

/* The peer has memory. */
static void spare_peer(void)
{
    struct peer_stream *far = w.fs.links[0];

    peer_receives = far->receive.run;
    peer_flushes = far->flush.run;
    far->receive.run = receive_with_memory;
    far->flush.run = flush_with_memory;
}

/* With the allocation after `skip` failing.  False: there were not so many. */
static bool ck_without_memory(bool get, unsigned skip)
{
    begin(get);
    spare_peer();
    fail_malloc(skip, false);
    for (unsigned turns = 0; !done.finished && turns < SHARE_TURNS_MAX; turns++) {
        if (lsmb_turn(w.fs.smb, -1) != LSMB_OK) {
            break;
        }
    }
    bool failed = fail_malloc_off();
    ck_assert_uint_eq(done.calls, 1);
    if (done.err.code == LSMB_OK) {
        ck_assert_uint_eq(w.result.files, 4);
    } else {
        ck_assert_msg(done.err.code == LSMB_E_NOMEM || done.err.os_errno == ENOMEM ||
                          done.err.code == LSMB_E_NETWORK || done.err.code == LSMB_E_LOCAL ||
                          done.err.code == LSMB_E_PARTLY,
                      "%d %s", (int)done.err.code, done.err.reason);
    }
    end();
    return failed;
}

static void ck_every_allocation(bool get)
{
    unsigned skip = 0;

    while (skip < ALLOCATIONS_MAX && ck_without_memory(get, skip)) {
        skip++;
    }
    ck_assert_uint_ge(skip, 50);
    ck_assert_uint_lt(skip, ALLOCATIONS_MAX);
}

START_TEST(each_allocation_may_fail_of_a_tree_that_is_fetched)
{
    ck_every_allocation(true);
}
END_TEST

START_TEST(each_allocation_may_fail_of_a_tree_that_is_stored)
{
    ck_every_allocation(false);
}
END_TEST

START_TEST(without_memory_trees_are_closed)
{
    tree_init(&w);
    for (unsigned skip = 0; skip < 6; skip++) {
        fail_malloc(skip, true);
        struct lsmb_tree *from = tree_here(&w, "tree"), *to = tree_remote(&w, "there");
        job = lsmb_tree_copy_start(w.fs.smb, from, to, &w.opt, NULL, fs_done, &done);
        (void)fail_malloc_off();
        if (job) {
            job_abandon(job);
        }
    }
    tree_free(&w);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "xfer/tree_stop", it_may_be_cancelled_in_every_turn, it_may_be_dropped_in_every_turn,
        a_connection_that_is_lost_ends_all_with_one_error,
        each_allocation_may_fail_of_a_tree_that_is_fetched,
        each_allocation_may_fail_of_a_tree_that_is_stored, without_memory_trees_are_closed);
}
