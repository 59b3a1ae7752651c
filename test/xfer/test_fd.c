#include <errno.h>
#include <pthread.h>
#include <signal.h>

#include "test/xfer/local_world.h"

struct pipe_reader {
    int fd;
    size_t stop_after, got;
};

static void *drain(void *arg)
{
    struct pipe_reader *r = arg;
    char room[4096];
    ssize_t n;

    while (r->got < r->stop_after && (n = read(r->fd, room, sizeof room)) > 0) {
        r->got += (size_t)n;
    }
    (void)close(r->fd);
    return NULL;
}

static char bytes[1500000];

/* From memory into a pipe whose reader leaves after so many bytes. */
static enum lsmb_code into_pipe(struct local_world *w, struct pipe_reader *r)
{
    pthread_t reader;
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    r->fd = ends[0];
    ck_assert_int_eq(pthread_create(&reader, NULL, drain, r), 0);
    enum lsmb_code code = local_copy(w, lsmb_source_memory(w->smb, bytes, sizeof bytes),
                                     lsmb_sink_fd(w->smb, ends[1]));
    (void)close(ends[1]);
    ck_assert_int_eq(pthread_join(reader, NULL), 0);
    return code;
}

START_TEST(a_pipe_gets_all_in_order)
{
    struct pipe_reader r = {.stop_after = SIZE_MAX};
    struct local_world w;

    local_init_with(&w, true);
    ck_assert_int_eq(into_pipe(&w, &r), LSMB_OK);
    ck_assert_uint_eq(r.got, sizeof bytes);
    local_free(&w);
}
END_TEST

static volatile sig_atomic_t pipes_broken;

static void count_signal(int number)
{
    (void)number;
    pipes_broken++;
}

/* Helpers that are threads, and jobs that run on the test's own thread: the host hears nothing. */
START_TEST(a_reader_that_leaves_is_a_local_failure_and_no_signal)
{
    (void)signal(SIGPIPE, count_signal);
    for (int threads = 0; threads < 2; threads++) {
        struct pipe_reader r = {.stop_after = 1000};
        struct local_world w;
        local_init_with(&w, threads);
        ck_assert_int_eq(into_pipe(&w, &r), LSMB_E_LOCAL);
        ck_assert_int_eq(w.err.os_errno, EPIPE);
        ck_assert_int_eq(pipes_broken, 0);
        local_free(&w);
    }
}
END_TEST

START_TEST(a_descriptor_of_a_file_is_read_from_where_it_stands)
{
    struct local_world w;
    char room[5];

    local_init(&w);
    local_make(&w, "a", "0123456789", 10);
    int fd = open(local_path(&w, "a"), O_RDONLY);
    ck_assert_int_eq(read(fd, room, 4), 4);
    ck_assert_int_eq(local_copy(&w, lsmb_source_fd(w.smb, fd),
                                lsmb_sink_file(w.smb, local_path(&w, "b"), LSMB_PUBLISH_AUTO)),
                     LSMB_OK);
    local_has(&w, "b", "456789", 6);
    ck_assert_int_eq(read(fd, room, 1), 0); /* it is still open, and at its end */
    (void)close(fd);
    local_free(&w);
}
END_TEST

START_TEST(a_descriptor_that_does_not_block_is_waited_for)
{
    struct pipe_reader r = {.stop_after = SIZE_MAX};
    struct local_world w;
    pthread_t reader;
    int ends[2];

    local_init_with(&w, true);
    ck_assert_int_eq(pipe2(ends, O_NONBLOCK), 0);
    ck_assert_int_eq(fcntl(ends[0], F_SETFL, 0), 0);
    r.fd = ends[0];
    ck_assert_int_eq(pthread_create(&reader, NULL, drain, &r), 0);
    ck_assert_int_eq(local_copy(&w, lsmb_source_memory(w.smb, bytes, sizeof bytes),
                                lsmb_sink_fd(w.smb, ends[1])),
                     LSMB_OK);
    (void)close(ends[1]);
    ck_assert_int_eq(pthread_join(reader, NULL), 0);
    ck_assert_uint_eq(r.got, sizeof bytes);
    local_free(&w);
}
END_TEST

START_TEST(what_is_no_descriptor_is_refused)
{
    struct local_world w;
    void *to = NULL;
    size_t len = 0;

    local_init(&w);
    ck_assert_int_eq(
        local_copy(&w, lsmb_source_fd(w.smb, 1000), lsmb_sink_memory(w.smb, &to, &len, 1)),
        LSMB_E_LOCAL);
    ck_assert_int_eq(w.err.os_errno, EBADF);
    free(to);
    local_free(&w);
}
END_TEST

/* Nobody ever writes: the helper is stuck, and is left alone. */
START_TEST(a_read_that_never_ends_can_be_cancelled)
{
    struct local_world w;
    int ends[2];

    local_init_with(&w, true);
    ck_assert_int_eq(pipe(ends), 0);
    struct lsmb_sink *sink = lsmb_sink_file(w.smb, local_path(&w, "b"), LSMB_PUBLISH_AUTO);
    struct lsmb_job *job =
        lsmb_copy_start(w.smb, lsmb_source_fd(w.smb, ends[0]), sink, NULL, NULL, NULL, NULL);
    for (unsigned i = 0; i < 20; i++) {
        ck_assert_int_eq(lsmb_turn(w.smb, 1), LSMB_OK);
    }
    lsmb_job_cancel(job, NULL);
    for (unsigned i = 0; i < 1000 && !list_empty(&w.smb->jobs); i++) {
        ck_assert_int_eq(lsmb_turn(w.smb, 1), LSMB_OK);
    }
    local_only(&w, 0);
    local_free(&w);
    (void)close(ends[1]); /* lets the helper go, and with it what it holds */
    (void)close(ends[0]);
}
END_TEST

/* The job runner has no thread to give: then the calls are made at once. */
START_TEST(without_helpers_it_works_all_the_same)
{
    struct local_world w;

    local_init(&w);
    w.jobs.refuse = true;
    local_make(&w, "a", "0123456789", 10);
    int from = open(local_path(&w, "a"), O_RDONLY);
    int to = open(local_path(&w, "b"), O_WRONLY | O_CREAT, 0600);
    ck_assert_int_eq(local_copy(&w, lsmb_source_fd(w.smb, from), lsmb_sink_fd(w.smb, to)), LSMB_OK);
    local_has(&w, "b", "0123456789", 10);
    ck_assert_int_eq(local_get(&w, "a", "c", LSMB_PUBLISH_AUTO), LSMB_OK);
    local_has(&w, "c", "0123456789", 10);
    (void)close(from);
    (void)close(to);
    local_free(&w);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "xfer/fd", a_pipe_gets_all_in_order, a_reader_that_leaves_is_a_local_failure_and_no_signal,
        a_descriptor_of_a_file_is_read_from_where_it_stands,
        a_descriptor_that_does_not_block_is_waited_for, what_is_no_descriptor_is_refused,
        a_read_that_never_ends_can_be_cancelled, without_helpers_it_works_all_the_same);
}
