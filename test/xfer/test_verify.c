/* What was written is read back before it gets its name; and the checksum that is wanted of it. */
#include "test/failmalloc.h"

#include <sys/stat.h>
#include <zlib.h>

#include "test/xfer/local_world.h"
#include "test/xfer/toys.h"

enum { MANY = COPY_WHOLE_MAX + 77777 };

static const struct lsmb_copy_options verified = {
    .size = sizeof verified, .verify = true, .crc32 = true};

static const uint8_t *pattern(void)
{
    static uint8_t bytes[MANY];

    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(i * 7 + (i >> 9));
    }
    return bytes;
}

/* Put `len` bytes of the pattern to "a", where "old" is. */
static enum lsmb_code put(struct local_world *w, size_t len, enum lsmb_publish how)
{
    local_init(w);
    local_make(w, "a", "old", 3);
    return lsmb_copy(w->smb, lsmb_source_memory(w->smb, pattern(), len),
                     lsmb_sink_file(w->smb, local_path(w, "a"), how), &verified, &w->result,
                     &w->err);
}

START_TEST(what_reads_back_as_it_was_gets_its_name)
{
    static const size_t sizes[] = {0, 1, 5000, MANY};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (int how = LSMB_PUBLISH_ATOMIC; how <= LSMB_PUBLISH_IN_PLACE; how++) {
            struct local_world w;
            ck_assert_int_eq(put(&w, sizes[i], (enum lsmb_publish)how), LSMB_OK);
            ck_assert_uint_eq(w.result.bytes, sizes[i]);
            ck_assert_uint_eq(w.result.crc32, crc32_z(0, pattern(), sizes[i]));
            local_has(&w, "a", pattern(), sizes[i]);
            local_only(&w, 1);
            local_free(&w);
        }
    }
}
END_TEST

START_TEST(memory_can_be_read_back_too)
{
    struct local_world w;
    void *got = NULL;
    size_t len = 0;

    local_init(&w);
    ck_assert_int_eq(lsmb_copy(w.smb, lsmb_source_memory(w.smb, pattern(), MANY),
                               lsmb_sink_memory(w.smb, &got, &len, MANY), &verified, &w.result,
                               &w.err),
                     LSMB_OK);
    ck_assert(len == MANY && memcmp(got, pattern(), MANY) == 0);
    free(got);
    local_free(&w);
}
END_TEST

/* ---------------------------------------------------------------- what does not */

static uint8_t other[MANY + 1];
static size_t other_len;

static struct lsmb_source *reread_other(struct lsmb_sink *sink)
{
    (void)sink;
    return lsmb_source_memory(NULL, other, other_len);
}

static struct lsmb_source *reread_nothing(struct lsmb_sink *sink)
{
    (void)sink;
    return NULL;
}

/* As put(), to a disk on which other bytes lie then. */
static void refuse(struct lsmb_source *(*reread)(struct lsmb_sink *), size_t len,
                   enum lsmb_code code)
{
    struct lsmb_sink_ops ops;
    struct local_world w;

    local_init(&w);
    local_make(&w, "a", "old", 3);
    struct lsmb_sink *sink = lsmb_sink_file(w.smb, local_path(&w, "a"), LSMB_PUBLISH_AUTO);
    ck_assert_ptr_nonnull(sink);
    ops = *sink->ops;
    ops.reread = reread;
    sink->ops = &ops;
    ck_assert_int_eq(lsmb_copy(w.smb, lsmb_source_memory(w.smb, pattern(), len), sink, &verified,
                               &w.result, &w.err),
                     code);
    ck_assert_str_eq(w.err.step, "read the target back");
    local_has(&w, "a", "old", 3);
    local_only(&w, 1);
    local_free(&w);
}

START_TEST(what_reads_back_differently_replaces_nothing)
{
    static const size_t sizes[] = {1, 5000, MANY};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        memcpy(other, pattern(), MANY);
        other_len = sizes[i];
        other[other_len - 1] ^= 1;
        refuse(reread_other, sizes[i], LSMB_E_CHANGED);
        memcpy(other, pattern(), MANY);
        other_len = sizes[i] - 1;
        refuse(reread_other, sizes[i], LSMB_E_CHANGED);
        other_len = sizes[i] + 1;
        refuse(reread_other, sizes[i], LSMB_E_CHANGED);
    }
    refuse(reread_nothing, 5000, LSMB_E_NOMEM);
}
END_TEST

START_TEST(a_sink_that_cannot_be_read_back_is_refused_at_once)
{
    struct local_world w;
    int ends[2];

    local_init(&w);
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(lsmb_copy(w.smb, lsmb_source_memory(w.smb, "new", 3),
                               lsmb_sink_fd(w.smb, ends[1]), &verified, NULL, &w.err),
                     LSMB_E_USAGE);
    ck_assert_str_ne(w.err.advice, "");
    ck_assert_int_eq(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    char byte;
    ck_assert_int_eq(read(ends[0], &byte, 1), -1); /* nothing came */
    (void)close(ends[0]);
    (void)close(ends[1]);
    ck_assert_int_eq(mkfifo(local_path(&w, "fifo"), 0600), 0);
    int reader = open(local_path(&w, "fifo"), O_RDONLY | O_NONBLOCK);
    ck_assert_int_eq(lsmb_copy(w.smb, lsmb_source_memory(w.smb, "new", 3),
                               lsmb_sink_file(w.smb, local_path(&w, "fifo"), LSMB_PUBLISH_AUTO),
                               &verified, NULL, &w.err),
                     LSMB_E_USAGE);
    ck_assert_int_eq(read(reader, &byte, 1), 0);
    (void)close(reader);
    local_free(&w);
}
END_TEST

/* ---------------------------------------------------------------- at any time */

static void ended(void *arg, const struct lsmb_error *err)
{
    struct toys_done *done = arg;

    done->finished = true;
    if (err) {
        done->err = *err;
    }
}

static struct lsmb_job *start(struct local_world *w, struct toys_done *done)
{
    local_init(w);
    local_make(w, "a", "old", 3);
    return lsmb_copy_start(w->smb, lsmb_source_memory(w->smb, pattern(), MANY),
                           lsmb_sink_file(w->smb, local_path(w, "a"), LSMB_PUBLISH_AUTO), &verified,
                           NULL, ended, done);
}

START_TEST(it_can_be_cancelled_at_any_time)
{
    bool over = false;

    for (int turns = 0; !over; turns++) {
        struct toys_done done = {0};
        struct local_world w;
        struct lsmb_job *job = start(&w, &done);
        for (int i = 0; i < turns && !done.finished; i++) {
            ck_assert_int_eq(lsmb_turn(w.smb, 0), LSMB_OK);
        }
        over = done.finished;
        if (!over) {
            lsmb_job_cancel(job, NULL);
        }
        ck_assert_int_eq(lsmb_turn_until(w.smb, &done.finished), LSMB_OK);
        if (done.err.code == LSMB_OK) {
            local_has(&w, "a", pattern(), MANY);
        } else {
            ck_assert_int_eq(done.err.code, LSMB_E_CANCELLED);
            local_has(&w, "a", "old", 3);
        }
        local_only(&w, 1);
        local_free(&w);
    }
}
END_TEST

START_TEST(cancelled_while_a_helper_flushes_it_ends_at_once)
{
    struct toys_done done = {0};
    struct local_world w;
    struct lsmb_job *job = start(&w, &done);

    w.jobs.hold = true;
    while (list_empty(&w.jobs.held)) {
        ck_assert_int_eq(lsmb_turn(w.smb, 0), LSMB_OK);
    }
    lsmb_job_cancel(job, NULL);
    ck_assert_int_eq(lsmb_turn_until(w.smb, &done.finished), LSMB_OK);
    ck_assert_int_eq(done.err.code, LSMB_E_CANCELLED);
    local_has(&w, "a", "old", 3);
    script_jobs_run(&w.jobs);
    local_free(&w);
}
END_TEST

START_TEST(whichever_allocation_fails_the_target_is_whole)
{
    bool failed = true;

    for (unsigned skip = 0; failed; skip++) {
        struct toys_done done = {0};
        struct local_world w;
        local_init(&w);
        local_make(&w, "a", "old", 3);
        const char *path = local_path(&w, "a");
        fail_malloc(skip, false);
        struct lsmb_job *job = lsmb_copy_start(w.smb, lsmb_source_memory(w.smb, pattern(), MANY),
                                               lsmb_sink_file(w.smb, path, LSMB_PUBLISH_AUTO),
                                               &verified, NULL, ended, &done);
        while (job && !done.finished && lsmb_turn(w.smb, -1) == LSMB_OK) {
        }
        failed = fail_malloc_off();
        bool well = job && done.err.code == LSMB_OK;
        ck_assert(failed || well);
        local_has(&w, "a", well ? (const void *)pattern() : "old", well ? MANY : 3);
        local_only(&w, 1);
        local_free(&w);
    }
}
END_TEST

/* ---------------------------------------------------------------- the checksum alone */

START_TEST(a_checksum_can_be_had_of_every_kind_of_copy)
{
    for (unsigned kind = 0; kind < 32; kind++) {
        struct toys t = toys_of(30007);
        t.seed = kind + 1;
        t.source_ops.brings_data = kind & 1;
        t.shorten = kind & 2 ? 2 : 0;
        t.fetches = kind & 4;
        t.stores = kind & 8 ? TOY_TAKES : TOY_CANNOT;
        t.takes = kind & 16 ? TOY_TAKES : TOY_CANNOT; /* not asked: the bytes must come here */
        t.opt.crc32 = true;
        toys_init(&t);
        toys_copy(&t);
        toys_well(&t);
        ck_assert_uint_eq(t.result.crc32, crc32_z(0, t.got, 30007));
        ck_assert(!t.result.on_server);
        toys_free(&t);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("xfer/verify", what_reads_back_as_it_was_gets_its_name,
                     memory_can_be_read_back_too, what_reads_back_differently_replaces_nothing,
                     a_sink_that_cannot_be_read_back_is_refused_at_once,
                     it_can_be_cancelled_at_any_time,
                     cancelled_while_a_helper_flushes_it_ends_at_once,
                     whichever_allocation_fails_the_target_is_whole,
                     a_checksum_can_be_had_of_every_kind_of_copy);
}
