#include <errno.h>
#include <pthread.h>

#include "test/xfer/local_world.h"

START_TEST(a_file_is_copied)
{
    static const size_t sizes[] = {0, 1, 4096, 131071, 131072, 131073, 2500000};
    static char bytes[2500000];

    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (char)(i * 31 + (i >> 9));
    }
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct local_world w;
        local_init(&w);
        local_make(&w, "a", bytes, sizes[i]);
        ck_assert_int_eq(local_get(&w, "a", "b", LSMB_PUBLISH_AUTO), LSMB_OK);
        ck_assert_uint_eq(w.result.bytes, sizes[i]);
        local_has(&w, "b", bytes, sizes[i]);
        local_only(&w, 2);
        local_free(&w);
    }
}
END_TEST

START_TEST(what_is_not_there_is_not_found)
{
    struct local_world w;

    local_init(&w);
    ck_assert_int_eq(local_get(&w, "a", "b", LSMB_PUBLISH_AUTO), LSMB_E_NOT_FOUND);
    ck_assert_str_eq(w.err.path, local_path(&w, "a"));
    local_only(&w, 0);
    local_free(&w);
}
END_TEST

START_TEST(a_directory_is_no_source)
{
    struct local_world w;

    local_init(&w);
    ck_assert_int_eq(local_get(&w, "", "b", LSMB_PUBLISH_AUTO), LSMB_E_LOCAL);
    ck_assert_int_eq(w.err.os_errno, EISDIR);
    local_only(&w, 0);
    local_free(&w);
}
END_TEST

/* Change the source after so many turns; the copy that follows. */
static enum lsmb_code changed_by(void (*change)(const struct local_world *), bool allow_growth)
{
    static char bytes[3000000];
    struct local_world w;
    bool changed = false;
    enum lsmb_code code = LSMB_OK;
    struct lsmb_source *source;

    local_init(&w);
    local_make(&w, "a", bytes, sizeof bytes);
    source = lsmb_source_file(w.smb, local_path(&w, "a"), allow_growth);
    struct lsmb_job *job = lsmb_copy_start(
        w.smb, source, lsmb_sink_file(w.smb, local_path(&w, "b"), LSMB_PUBLISH_AUTO), NULL, NULL,
        NULL, NULL);
    ck_assert_ptr_nonnull(job);
    for (unsigned turn = 0; !list_empty(&w.smb->jobs); turn++) {
        if (turn == 2 && !changed) {
            change(&w);
            changed = true;
        }
        ck_assert_int_eq(lsmb_turn(w.smb, 0), LSMB_OK);
    }
    ck_assert(changed);
    code = access(local_path(&w, "b"), F_OK) == 0 ? LSMB_OK : LSMB_E_CHANGED;
    local_only(&w, code == LSMB_OK ? 2 : 1);
    local_free(&w);
    return code;
}

static void leave(const struct local_world *w)
{
    (void)w;
}

static void grow(const struct local_world *w)
{
    FILE *file = fopen(local_path(w, "a"), "a");

    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fputc('x', file), 'x');
    ck_assert_int_eq(fclose(file), 0);
}

static void shrink(const struct local_world *w)
{
    ck_assert_int_eq(truncate(local_path(w, "a"), 5000), 0);
}

static void touch(const struct local_world *w)
{
    static const struct timespec times[2] = {{1, 0}, {1, 0}};

    ck_assert_int_eq(utimensat(AT_FDCWD, local_path(w, "a"), times, 0), 0);
}

START_TEST(a_file_that_changes_while_it_is_read_is_no_good)
{
    ck_assert_int_eq(changed_by(leave, false), LSMB_OK);
    ck_assert_int_eq(changed_by(grow, false), LSMB_E_CHANGED);
    ck_assert_int_eq(changed_by(shrink, false), LSMB_E_CHANGED);
    ck_assert_int_eq(changed_by(touch, false), LSMB_E_CHANGED);
}
END_TEST

START_TEST(a_file_that_grows_is_copied_so_far_if_that_is_allowed)
{
    ck_assert_int_eq(changed_by(grow, true), LSMB_OK);
    ck_assert_int_eq(changed_by(shrink, true), LSMB_E_CHANGED);
}
END_TEST

static void *feed(void *arg)
{
    FILE *pipe = fopen(arg, "w");

    for (unsigned i = 0; pipe && i < 100000; i++) {
        (void)fprintf(pipe, "%06u\n", i);
    }
    if (pipe) {
        (void)fclose(pipe);
    }
    return NULL;
}

START_TEST(a_fifo_is_read_to_its_end)
{
    struct local_world w;
    struct stat st;
    pthread_t feeder;
    char path[600];

    local_init_with(&w, true);
    (void)snprintf(path, sizeof path, "%s", local_path(&w, "fifo"));
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_assert_int_eq(pthread_create(&feeder, NULL, feed, path), 0);
    ck_assert_int_eq(local_get(&w, "fifo", "b", LSMB_PUBLISH_AUTO), LSMB_OK);
    ck_assert_uint_eq(w.result.bytes, 700000);
    ck_assert_int_eq(stat(local_path(&w, "b"), &st), 0);
    ck_assert_int_eq(st.st_size, 700000);
    ck_assert_int_eq(pthread_join(feeder, NULL), 0);
    local_only(&w, 2);
    local_free(&w);
}
END_TEST

START_TEST(a_file_that_is_made_up_while_it_is_read_is_copied)
{
    struct local_world w;
    struct stat st;

    local_init(&w);
    ck_assert_int_eq(local_copy(&w, lsmb_source_file(w.smb, "/proc/version", false),
                                lsmb_sink_file(w.smb, local_path(&w, "b"), LSMB_PUBLISH_AUTO)),
                     LSMB_OK);
    ck_assert_int_eq(stat(local_path(&w, "b"), &st), 0);
    ck_assert_int_gt(st.st_size, 0);
    local_free(&w);
}
END_TEST

int main(void)
{
    return RUN_TESTS("xfer/source_file", a_file_is_copied, what_is_not_there_is_not_found,
                     a_directory_is_no_source, a_file_that_changes_while_it_is_read_is_no_good,
                     a_file_that_grows_is_copied_so_far_if_that_is_allowed,
                     a_fifo_is_read_to_its_end, a_file_that_is_made_up_while_it_is_read_is_copied);
}
