#include "xfer/file_write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "test/run.h"
#include "test/script.h"

enum { RANGES = 20 };

#define LEN ((size_t)1000)

/* A writer on a file in memory, whose every look at the clock takes `step_ns`. */
struct rig {
    struct script_env s;
    struct clock slow_clock;
    uint64_t step_ns;
    struct file_writer writer;
    struct lsmb_wait waits[RANGES];
    struct lsmb_range ranges[RANGES];
    uint8_t bytes[RANGES * LEN];
    unsigned answered, failed;
    struct lsmb_error err;
    int fd;
};

static struct rig *current;

static uint64_t step_on(struct clock *clock)
{
    (void)clock;
    current->s.clock.now_ns += current->step_ns;
    return current->s.clock.now_ns;
}

static void answered(struct file_writer *writer, struct lsmb_wait *wait, struct lsmb_error *err)
{
    struct rig *r = CONTAINER_OF(writer, struct rig, writer);

    ck_assert(wait >= r->waits && wait < r->waits + RANGES);
    r->answered++;
    if (err) {
        r->failed++;
        r->err = *err;
    }
}

static void set_up(struct rig *r, int fd)
{
    memset(r, 0, sizeof *r);
    current = r;
    script_env_init(&r->s, 1 << 20, 1 << 16);
    r->slow_clock = r->s.clock.clock;
    r->slow_clock.monotonic_ns = step_on;
    r->s.env.clock = &r->slow_clock;
    r->fd = fd;
    ck_assert_int_ge(fd, 0);
    file_writer_init(&r->writer, &r->s.env, fd, answered);
    for (unsigned i = 0; i < RANGES; i++) {
        memset(r->bytes + i * LEN, 'a' + (int)i, LEN);
        r->ranges[i] = (struct lsmb_range){
            .offset = (uint64_t)i * LEN, .len = LEN, .data = r->bytes + i * LEN};
    }
}

static int memory(void)
{
    return memfd_create("lsmb-test", MFD_CLOEXEC);
}

static void write_ranges(struct rig *r, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++) {
        file_writer_write(&r->writer, &r->ranges[i], &r->waits[i]);
    }
}

static void ck_written(const struct rig *r, size_t len)
{
    uint8_t got[sizeof r->bytes + 1];

    ck_assert_int_eq(pread(r->fd, got, sizeof got, 0), (ssize_t)len);
    ck_assert_int_eq(memcmp(got, r->bytes, len), 0);
}

static void tear_down(struct rig *r)
{
    file_writer_drop(&r->writer);
    (void)close(r->fd);
    r->s.env.clock = &r->s.clock.clock;
    script_env_free(&r->s);
}

/* The first range takes long; what comes after it is the helper's. */
static void become_slow(struct rig *r)
{
    r->step_ns = (FILE_WRITE_SLOW_MS + 1) * NS_PER_MS;
    write_ranges(r, 0, 1);
    r->step_ns = 0;
    ck_assert_uint_eq(r->answered, 1);
    r->s.jobs.hold = true;
}

START_TEST(ranges_are_written_at_once_as_long_as_that_is_quick)
{
    struct rig r;

    set_up(&r, memory());
    r.step_ns = FILE_WRITE_SLOW_MS * NS_PER_MS;
    write_ranges(&r, 0, RANGES);
    ck_assert_uint_eq(r.answered, RANGES);
    ck_assert_uint_eq(r.s.jobs.submitted, 0);
    ck_written(&r, sizeof r.bytes);
    tear_down(&r);
}
END_TEST

START_TEST(a_slow_disk_is_left_to_one_helper)
{
    struct rig r;

    set_up(&r, memory());
    become_slow(&r);
    write_ranges(&r, 1, 4);
    ck_assert_uint_eq(r.answered, 1);
    for (unsigned i = 1; i < 4; i++) {
        ck_assert_uint_eq(r.s.jobs.submitted, i);
        script_jobs_run(&r.s.jobs);
        script_settle(&r.s);
        ck_assert_uint_eq(r.answered, i + 1);
        ck_written(&r, (i + 1) * LEN);
    }
    tear_down(&r);
}
END_TEST

START_TEST(a_disk_that_keeps_up_again_is_written_to_at_once)
{
    struct rig r;

    set_up(&r, memory());
    become_slow(&r);
    r.s.jobs.hold = false;
    write_ranges(&r, 1, 1 + FILE_WRITE_QUICK_RANGES);
    script_settle(&r.s);
    ck_assert_uint_eq(r.s.jobs.submitted, FILE_WRITE_QUICK_RANGES);
    write_ranges(&r, 1 + FILE_WRITE_QUICK_RANGES, RANGES);
    ck_assert_uint_eq(r.s.jobs.submitted, FILE_WRITE_QUICK_RANGES);
    ck_assert_uint_eq(r.answered, RANGES);
    ck_written(&r, sizeof r.bytes);
    tear_down(&r);
}
END_TEST

START_TEST(without_a_helper_it_is_written_here)
{
    struct rig r;

    set_up(&r, memory());
    become_slow(&r);
    r.s.jobs.refuse = true;
    write_ranges(&r, 1, RANGES);
    ck_assert_uint_eq(r.answered, RANGES);
    ck_written(&r, sizeof r.bytes);
    tear_down(&r);
}
END_TEST

START_TEST(what_cannot_be_written_is_told_by_whoever_writes)
{
    struct rig r;

    set_up(&r, open("/dev/full", O_WRONLY | O_CLOEXEC));
    become_slow(&r);
    write_ranges(&r, 1, 2);
    script_jobs_run(&r.s.jobs);
    script_settle(&r.s);
    ck_assert_uint_eq(r.answered, 2);
    ck_assert_uint_eq(r.failed, 2);
    ck_assert_int_eq(r.err.os_errno, ENOSPC);
    tear_down(&r);
}
END_TEST

START_TEST(what_is_cancelled_is_answered_at_once)
{
    struct rig r;
    struct lsmb_error why = {.code = LSMB_E_CANCELLED};

    set_up(&r, memory());
    become_slow(&r);
    write_ranges(&r, 1, 4);
    file_writer_cancel(&r.writer, &why);
    ck_assert_uint_eq(r.answered, 4);
    ck_assert_uint_eq(r.failed, 3);
    ck_assert_int_eq(r.err.code, LSMB_E_CANCELLED);
    script_jobs_run(&r.s.jobs);
    script_settle(&r.s);
    ck_assert_uint_eq(r.answered, 4);
    tear_down(&r);
}
END_TEST

/* A helper has begun with the range that it has. */
static void begin_job(struct rig *r)
{
    struct job *job = CONTAINER_OF(r->s.jobs.held.next, struct job, node);

    job->work(job);
}

START_TEST(what_was_cancelled_is_not_written_later)
{
    for (unsigned dropped = 0; dropped < 2; dropped++) {
        struct rig r;
        set_up(&r, memory());
        become_slow(&r);
        write_ranges(&r, 1, 2);
        if (dropped) {
            file_writer_drop(&r.writer);
        } else {
            file_writer_cancel(&r.writer, &(struct lsmb_error){.code = LSMB_E_CANCELLED});
        }
        script_jobs_run(&r.s.jobs);
        script_settle(&r.s);
        ck_written(&r, LEN);
        tear_down(&r);
    }
}
END_TEST

START_TEST(what_a_helper_has_begun_to_write_to_the_target_is_awaited)
{
    struct rig r;

    set_up(&r, memory());
    r.writer.straight = true;
    become_slow(&r);
    write_ranges(&r, 1, 3);
    begin_job(&r);
    file_writer_cancel(&r.writer, &(struct lsmb_error){.code = LSMB_E_CANCELLED});
    ck_assert_uint_eq(r.answered, 2); /* the one that waited */
    ck_assert_uint_eq(r.failed, 1);
    script_jobs_run(&r.s.jobs);
    script_settle(&r.s);
    ck_assert_uint_eq(r.answered, 3);
    ck_assert_uint_eq(r.failed, 1);
    ck_written(&r, 2 * LEN);
    tear_down(&r);
}
END_TEST

START_TEST(a_temporary_is_left_to_the_helper)
{
    struct rig r;

    set_up(&r, memory());
    become_slow(&r);
    write_ranges(&r, 1, 2);
    begin_job(&r);
    file_writer_cancel(&r.writer, &(struct lsmb_error){.code = LSMB_E_CANCELLED});
    ck_assert_uint_eq(r.answered, 2);
    script_jobs_run(&r.s.jobs);
    script_settle(&r.s);
    ck_assert_uint_eq(r.answered, 2);
    tear_down(&r);
}
END_TEST

START_TEST(what_is_dropped_is_told_to_nobody)
{
    struct rig r;

    set_up(&r, memory());
    become_slow(&r);
    write_ranges(&r, 1, 4);
    file_writer_drop(&r.writer);
    script_jobs_run(&r.s.jobs);
    script_settle(&r.s);
    ck_assert_uint_eq(r.answered, 1);
    tear_down(&r);
}
END_TEST

START_TEST(a_disk_gets_the_bytes_piece_by_piece)
{
    struct rig r;

    set_up(&r, memory());
    ck_assert(!r.writer.on_disk);
    r.writer.on_disk = true;
    r.s.jobs.hold = true;
    r.writer.held = FILE_WRITE_BEHIND_BYTES - LEN - 1;
    write_ranges(&r, 0, 1);
    ck_assert_uint_eq(r.s.jobs.submitted, 0);
    write_ranges(&r, 1, RANGES);
    ck_assert_uint_eq(r.s.jobs.submitted, 1);
    r.writer.held = FILE_WRITE_BEHIND_BYTES; /* one after the other */
    write_ranges(&r, 0, 1);
    ck_assert_uint_eq(r.s.jobs.submitted, 1);
    script_jobs_run(&r.s.jobs);
    script_settle(&r.s);
    write_ranges(&r, 0, 1);
    ck_assert_uint_eq(r.s.jobs.submitted, 2);
    script_jobs_run(&r.s.jobs);
    tear_down(&r);
}
END_TEST

START_TEST(more_than_there_can_be_is_known_at_the_start)
{
    static const char *const folders[] = {"/dev/shm", "/tmp"}; /* in memory, and maybe not */

    for (unsigned i = 0; i < 2; i++) {
        struct rig r;
        char name[64];
        (void)snprintf(name, sizeof name, "%s/lsmb-test-XXXXXX", folders[i]);
        int fd = mkstemp(name);
        if (fd < 0) {
            continue;
        }
        (void)unlink(name);
        set_up(&r, fd);
        ck_assert_int_ne(file_writer_room(&r.writer, INT64_MAX), 0);
        ck_assert_int_eq(file_writer_room(&r.writer, LEN), 0);
        ck_assert_int_eq(file_writer_room(&r.writer, 0), 0);
        ck_assert_int_eq(file_writer_room(&r.writer, LSMB_SIZE_UNKNOWN), 0);
        tear_down(&r);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "xfer/file_write", ranges_are_written_at_once_as_long_as_that_is_quick,
        a_slow_disk_is_left_to_one_helper, a_disk_that_keeps_up_again_is_written_to_at_once,
        without_a_helper_it_is_written_here, what_cannot_be_written_is_told_by_whoever_writes,
        what_is_cancelled_is_answered_at_once, what_was_cancelled_is_not_written_later,
        what_a_helper_has_begun_to_write_to_the_target_is_awaited,
        a_temporary_is_left_to_the_helper, what_is_dropped_is_told_to_nobody,
        a_disk_gets_the_bytes_piece_by_piece, more_than_there_can_be_is_known_at_the_start);
}
