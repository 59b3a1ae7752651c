/* A small file that is stored in one go on a local disk; system calls and memory fail as a test wants. */
#include "test/failmalloc.h"

#include <dlfcn.h>

#include "test/xfer/local_world.h"
#include "xfer/xfer.h"

/* What the next call answers; 0: the system's own answer. */
static int fsync_errno, renameat_errno;

INSTEAD int fsync(int fd)
{
    static int (*behind)(int);

    if (fsync_errno) {
        errno = fsync_errno;
        return -1;
    }
    if (!behind) {
        *(void **)(&behind) = dlsym(RTLD_NEXT, "fsync");
    }
    return behind(fd);
}

INSTEAD int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
    static int (*behind)(int, const char *, int, const char *);

    if (renameat_errno) {
        errno = renameat_errno;
        return -1;
    }
    if (!behind) {
        *(void **)(&behind) = dlsym(RTLD_NEXT, "renameat");
    }
    return behind(from_dir, from, to_dir, to);
}

struct done {
    bool finished;
    struct lsmb_error err;
};

static void ended(void *arg, const struct lsmb_error *err)
{
    struct done *done = arg;

    done->finished = true;
    if (err) {
        done->err = *err;
    }
}

/* "new" goes to "a", where "old" is; until the job is with its helper. */
static struct lsmb_job *start(struct local_world *w, struct done *done)
{
    local_init(w);
    local_make(w, "a", "old", 3);
    w->jobs.hold = true;
    struct lsmb_job *job = lsmb_copy_start(
        w->smb, lsmb_source_memory(w->smb, "newer", 5),
        lsmb_sink_file(w->smb, local_path(w, "a"), LSMB_PUBLISH_AUTO), NULL, NULL, ended, done);
    ck_assert_ptr_nonnull(job);
    for (int i = 0; i < 10; i++) {
        ck_assert_int_eq(lsmb_turn(w->smb, 0), LSMB_OK);
    }
    ck_assert(!list_empty(&w->jobs.held) && !done->finished);
    return job;
}

static void run(struct local_world *w, const struct done *done)
{
    for (int i = 0; i < 100 && !done->finished; i++) {
        ck_assert_int_eq(lsmb_turn(w->smb, 0), LSMB_OK);
    }
    ck_assert(done->finished);
}

static void is(struct local_world *w, const char *bytes)
{
    local_has(w, "a", bytes, strlen(bytes));
    local_only(w, 1);
    local_free(w);
}

START_TEST(a_small_file_is_stored_by_a_single_job)
{
    struct local_world w;

    local_init(&w);
    ck_assert_int_eq(local_put(&w, "newer", 5, "a", LSMB_PUBLISH_ATOMIC), LSMB_OK);
    ck_assert_uint_eq(w.jobs.submitted, 1);
    ck_assert_uint_eq(w.result.bytes, 5);
    ck_assert(!w.result.on_server);
    ck_assert_int_eq(local_put(&w, "", 0, "a", LSMB_PUBLISH_AUTO), LSMB_OK);
    ck_assert_uint_eq(w.jobs.submitted, 2);
    is(&w, "");
}
END_TEST

START_TEST(where_there_is_no_helper_it_is_done_at_once)
{
    struct local_world w;

    local_init(&w);
    w.jobs.refuse = true;
    ck_assert_int_eq(local_put(&w, "newer", 5, "a", LSMB_PUBLISH_AUTO), LSMB_OK);
    is(&w, "newer");
}
END_TEST

START_TEST(cancelled_before_the_rename_it_leaves_the_old_file)
{
    struct done done = {0};
    struct local_world w;

    lsmb_job_cancel(start(&w, &done), NULL);
    run(&w, &done);
    ck_assert_int_eq(done.err.code, LSMB_E_CANCELLED);
    script_jobs_run(&w.jobs); /* the helper gets to it after all */
    is(&w, "old");
}
END_TEST

START_TEST(cancelled_after_the_rename_it_is_done)
{
    struct done done = {0};
    struct local_world w;
    struct lsmb_job *job = start(&w, &done);

    script_jobs_run(&w.jobs);
    lsmb_job_cancel(job, NULL);
    run(&w, &done);
    ck_assert_int_eq(done.err.code, LSMB_OK);
    is(&w, "newer");
}
END_TEST

START_TEST(freeing_the_context_leaves_no_temporary)
{
    struct done done = {0};
    struct local_world w;

    (void)start(&w, &done);
    lsmb_free(w.smb);
    script_jobs_run(&w.jobs);
    local_has(&w, "a", "old", 3);
    local_only(&w, 1);
    local_init(&w); /* a folder of its own again, to be freed */
    local_free(&w);
}
END_TEST

/* "newer" goes to "a", where "old" is. */
static enum lsmb_code put(struct local_world *w, enum lsmb_publish how)
{
    local_init(w);
    local_make(w, "a", "old", 3);
    enum lsmb_code code = local_put(w, "newer", 5, "a", how);
    fsync_errno = renameat_errno = 0;
    return code;
}

START_TEST(what_the_disk_does_not_take_replaces_nothing)
{
    struct local_world w;

    fsync_errno = EIO;
    ck_assert_int_eq(put(&w, LSMB_PUBLISH_AUTO), LSMB_E_LOCAL);
    ck_assert_int_eq(w.err.os_errno, EIO);
    ck_assert_ptr_nonnull(strstr(w.err.path, "/a"));
    ck_assert_str_ne(w.err.step, "");
    is(&w, "old");
}
END_TEST

START_TEST(a_target_that_may_not_be_replaced_is_written_into)
{
    struct local_world w;

    renameat_errno = EPERM;
    ck_assert_int_eq(put(&w, LSMB_PUBLISH_AUTO), LSMB_OK);
    ck_assert_ptr_nonnull(strstr(w.log, "in place"));
    is(&w, "newer");
    renameat_errno = EPERM;
    ck_assert_int_eq(put(&w, LSMB_PUBLISH_ATOMIC), LSMB_E_LOCAL);
    is(&w, "old");
}
END_TEST

START_TEST(what_forbids_the_rename_is_said)
{
    struct local_world w;

    renameat_errno = EIO;
    ck_assert_int_eq(put(&w, LSMB_PUBLISH_AUTO), LSMB_E_LOCAL);
    ck_assert_int_eq(w.err.os_errno, EIO);
    is(&w, "old");
}
END_TEST

START_TEST(whichever_allocation_fails_the_target_is_whole)
{
    unsigned failures = 0;

    for (unsigned skip = 0;; skip++) {
        struct local_world w;
        local_init(&w);
        local_make(&w, "a", "old", 3);
        const char *path = local_path(&w, "a");
        fail_malloc(skip, false);
        enum lsmb_code code = local_copy(&w, lsmb_source_memory(w.smb, "newer", 5),
                                         lsmb_sink_file(w.smb, path, LSMB_PUBLISH_AUTO));
        bool failed = fail_malloc_off();
        ck_assert(failed || code == LSMB_OK);
        is(&w, code == LSMB_OK ? "newer" : "old");
        failures += code != LSMB_OK;
        if (!failed) {
            break;
        }
    }
    ck_assert_uint_gt(failures, 4);
}
END_TEST

/* A source that was written in 1999, of so many bytes. */
static void keep(enum lsmb_publish how, size_t bytes)
{
    static const uint8_t many[COPY_WHOLE_MAX + 1];
    struct timespec times[2] = {{.tv_sec = 1000000000},
                                {.tv_sec = 930000000, .tv_nsec = 123456700}};
    struct lsmb_copy_options opt = {.size = sizeof opt, .keep_times = true};
    struct local_world w;
    struct stat st;

    local_init(&w);
    local_make(&w, "from", many, bytes);
    local_make(&w, "to", "old", 3);
    ck_assert_int_eq(utimensat(AT_FDCWD, local_path(&w, "from"), times, 0), 0);
    ck_assert_int_eq(lsmb_copy(w.smb, lsmb_source_file(w.smb, local_path(&w, "from"), false),
                               lsmb_sink_file(w.smb, local_path(&w, "to"), how), &opt, NULL,
                               &w.err),
                     LSMB_OK);
    ck_assert_int_eq(stat(local_path(&w, "to"), &st), 0);
    ck_assert_int_eq(st.st_mtim.tv_sec, 930000000);
    ck_assert_int_eq(st.st_mtim.tv_nsec, 123456700);
    local_has(&w, "to", many, bytes);
    local_free(&w);
}

START_TEST(the_time_of_writing_can_be_kept)
{
    keep(LSMB_PUBLISH_ATOMIC, 100);
    keep(LSMB_PUBLISH_ATOMIC, COPY_WHOLE_MAX + 1);
    keep(LSMB_PUBLISH_IN_PLACE, 100);
    renameat_errno = EPERM;
    keep(LSMB_PUBLISH_AUTO, 100);
    renameat_errno = 0;
}
END_TEST

START_TEST(many_are_stored_side_by_side)
{
    enum { FILES = 200 };
    struct done done[FILES] = {0};
    struct local_world w;
    char name[16];

    local_init_with(&w, true);
    for (int i = 0; i < FILES; i++) {
        (void)snprintf(name, sizeof name, "%d", i);
        ck_assert_ptr_nonnull(
            lsmb_copy_start(w.smb, lsmb_source_memory(w.smb, "newer", 5),
                            lsmb_sink_file(w.smb, local_path(&w, name), LSMB_PUBLISH_AUTO), NULL,
                            NULL, ended, &done[i]));
    }
    for (int i = 0; i < FILES; i++) {
        ck_assert_int_eq(lsmb_turn_until(w.smb, &done[i].finished), LSMB_OK);
        ck_assert_int_eq(done[i].err.code, LSMB_OK);
        (void)snprintf(name, sizeof name, "%d", i);
        local_has(&w, name, "newer", 5);
    }
    local_only(&w, FILES);
    local_free(&w);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "xfer/file_store", a_small_file_is_stored_by_a_single_job,
        where_there_is_no_helper_it_is_done_at_once,
        cancelled_before_the_rename_it_leaves_the_old_file, cancelled_after_the_rename_it_is_done,
        freeing_the_context_leaves_no_temporary, what_the_disk_does_not_take_replaces_nothing,
        a_target_that_may_not_be_replaced_is_written_into, what_forbids_the_rename_is_said,
        whichever_allocation_fails_the_target_is_whole, the_time_of_writing_can_be_kept,
        many_are_stored_side_by_side);
}
