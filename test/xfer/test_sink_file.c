#include <errno.h>
#include <sys/resource.h>

#include "test/xfer/local_world.h"
#include "xfer/xfer.h"

static mode_t mode_of(const struct local_world *w, const char *name)
{
    struct stat st;

    ck_assert_int_eq(stat(local_path(w, name), &st), 0);
    return st.st_mode & 07777;
}

static ino_t inode_of(const struct local_world *w, const char *name)
{
    struct stat st;

    ck_assert_int_eq(stat(local_path(w, name), &st), 0);
    return st.st_ino;
}

START_TEST(a_new_file_has_the_mode_that_umask_leaves)
{
    struct local_world w;
    mode_t before = umask(027);

    local_init(&w);
    ck_assert_int_eq(local_put(&w, "new", 3, "a", LSMB_PUBLISH_ATOMIC), LSMB_OK);
    (void)umask(before);
    ck_assert_uint_eq(mode_of(&w, "a"), 0640);
    local_has(&w, "a", "new", 3);
    local_only(&w, 1);
    local_free(&w);
}
END_TEST

START_TEST(a_file_that_is_replaced_keeps_its_mode)
{
    struct local_world w;

    local_init(&w);
    local_make(&w, "a", "old", 3);
    ck_assert_int_eq(chmod(local_path(&w, "a"), 0751), 0);
    ino_t before = inode_of(&w, "a");
    ck_assert_int_eq(local_put(&w, "newer", 5, "a", LSMB_PUBLISH_AUTO), LSMB_OK);
    ck_assert_uint_eq(mode_of(&w, "a"), 0751);
    ck_assert_uint_ne(inode_of(&w, "a"), before);
    local_has(&w, "a", "newer", 5);
    local_only(&w, 1);
    ck_assert_str_eq(w.log, "");
    local_free(&w);
}
END_TEST

START_TEST(a_symbolic_link_is_written_through_with_a_warning)
{
    struct local_world w;
    struct stat st;

    local_init(&w);
    local_make(&w, "a", "old and longer", 14);
    ck_assert_int_eq(symlink("a", local_path(&w, "link")), 0);
    ino_t before = inode_of(&w, "a");
    ck_assert_int_eq(local_put(&w, "new", 3, "link", LSMB_PUBLISH_AUTO), LSMB_OK);
    ck_assert_int_eq(lstat(local_path(&w, "link"), &st), 0);
    ck_assert(S_ISLNK(st.st_mode));
    ck_assert_uint_eq(inode_of(&w, "a"), before);
    local_has(&w, "a", "new", 3);
    ck_assert_ptr_nonnull(strstr(w.log, "symbolic link"));
    local_only(&w, 2);
    local_free(&w);
}
END_TEST

START_TEST(a_link_to_nothing_makes_what_it_leads_to)
{
    struct local_world w;

    local_init(&w);
    ck_assert_int_eq(symlink("a", local_path(&w, "link")), 0);
    ck_assert_int_eq(local_put(&w, "new", 3, "link", LSMB_PUBLISH_AUTO), LSMB_OK);
    local_has(&w, "a", "new", 3);
    local_only(&w, 2);
    local_free(&w);
}
END_TEST

START_TEST(all_names_of_a_file_get_what_one_of_them_gets)
{
    struct local_world w;

    local_init(&w);
    local_make(&w, "a", "old and longer", 14);
    ck_assert_int_eq(link(local_path(&w, "a"), local_path(&w, "b")), 0);
    ck_assert_int_eq(local_put(&w, "new", 3, "b", LSMB_PUBLISH_AUTO), LSMB_OK);
    local_has(&w, "a", "new", 3);
    ck_assert_uint_eq(inode_of(&w, "a"), inode_of(&w, "b"));
    ck_assert_ptr_nonnull(strstr(w.log, "hard links"));
    local_only(&w, 2);
    local_free(&w);
}
END_TEST

START_TEST(atomic_refuses_what_would_be_written_in_place)
{
    struct local_world w;

    local_init(&w);
    local_make(&w, "a", "old", 3);
    ck_assert_int_eq(symlink("a", local_path(&w, "link")), 0);
    ck_assert_int_eq(local_put(&w, "new", 3, "link", LSMB_PUBLISH_ATOMIC), LSMB_E_LOCAL);
    ck_assert_ptr_nonnull(strstr(w.err.advice, "--in-place"));
    ck_assert_int_eq(local_put(&w, "new", 3, "/../../dev/null", LSMB_PUBLISH_ATOMIC), LSMB_E_LOCAL);
    local_has(&w, "a", "old", 3);
    local_only(&w, 2);
    local_free(&w);
}
END_TEST

START_TEST(in_place_keeps_the_file_that_is_there)
{
    struct local_world w;

    local_init(&w);
    local_make(&w, "a", "old and longer", 14);
    ino_t before = inode_of(&w, "a");
    ck_assert_int_eq(local_put(&w, "new", 3, "a", LSMB_PUBLISH_IN_PLACE), LSMB_OK);
    ck_assert_uint_eq(inode_of(&w, "a"), before);
    local_has(&w, "a", "new", 3);
    ck_assert_int_eq(local_put(&w, "", 0, "a", LSMB_PUBLISH_IN_PLACE), LSMB_OK);
    local_has(&w, "a", "", 0);
    ck_assert_str_eq(w.log, "");
    local_only(&w, 1);
    local_free(&w);
}
END_TEST

/* Where we are root, nothing is denied, and there is nothing to see. */
START_TEST(a_folder_that_takes_no_new_files_lets_the_old_ones_be_written)
{
    struct local_world w;

    local_init(&w);
    local_make(&w, "a", "old", 3);
    ck_assert_int_eq(chmod(w.folder, 0555), 0);
    bool root = access(w.folder, W_OK) == 0;
    ck_assert_int_eq(local_put(&w, "newer", 5, "a", LSMB_PUBLISH_AUTO), LSMB_OK);
    ck_assert(root || strstr(w.log, "cannot be made beside it"));
    enum lsmb_code atomic = local_put(&w, "newest", 6, "a", LSMB_PUBLISH_ATOMIC);
    ck_assert_int_eq(atomic, root ? LSMB_OK : LSMB_E_LOCAL);
    local_has(&w, "a", root ? "newest" : "newer", root ? 6 : 5);
    local_only(&w, 1);
    local_free(&w);
}
END_TEST

START_TEST(a_device_is_written_without_a_word)
{
    struct local_world w;

    local_init(&w);
    ck_assert_int_eq(local_copy(&w, lsmb_source_memory(w.smb, "abc", 3),
                                lsmb_sink_file(w.smb, "/dev/null", LSMB_PUBLISH_AUTO)),
                     LSMB_OK);
    ck_assert_str_eq(w.log, "");
    local_free(&w);
}
END_TEST

START_TEST(a_directory_and_a_missing_folder_are_no_targets)
{
    struct local_world w;

    local_init(&w);
    ck_assert_int_eq(local_put(&w, "new", 3, "", LSMB_PUBLISH_AUTO), LSMB_E_LOCAL);
    ck_assert_int_eq(w.err.os_errno, EISDIR);
    ck_assert_int_eq(local_put(&w, "new", 3, "no/a", LSMB_PUBLISH_AUTO), LSMB_E_NOT_FOUND);
    ck_assert_int_eq(local_put(&w, "new", 3, "no/", LSMB_PUBLISH_AUTO), LSMB_E_LOCAL);
    local_only(&w, 0);
    local_free(&w);
}
END_TEST

START_TEST(a_failure_leaves_the_old_file_and_no_temporary)
{
    struct local_world w;

    local_init(&w);
    local_make(&w, "a", "old", 3);
    ck_assert_int_eq(local_copy(&w, lsmb_source_file(w.smb, "/proc/self/mem", false),
                                lsmb_sink_file(w.smb, local_path(&w, "a"), LSMB_PUBLISH_AUTO)),
                     LSMB_E_LOCAL);
    local_has(&w, "a", "old", 3);
    local_only(&w, 1);
    local_free(&w);
}
END_TEST

START_TEST(a_full_device_is_a_clear_error)
{
    struct local_world w;

    local_init(&w);
    ck_assert_int_eq(local_copy(&w, lsmb_source_memory(w.smb, "abc", 3),
                                lsmb_sink_file(w.smb, "/dev/full", LSMB_PUBLISH_AUTO)),
                     LSMB_E_LOCAL);
    ck_assert_int_eq(w.err.os_errno, ENOSPC);
    ck_assert_ptr_nonnull(strstr(w.err.advice, "space"));
    local_free(&w);
}
END_TEST

START_TEST(freeing_the_context_removes_the_temporary)
{
    static char bytes[3000000];

    for (unsigned turns = 0; turns < 12; turns++) {
        struct local_world w;
        local_init(&w);
        local_make(&w, "a", "old", 3);
        struct lsmb_sink *sink = lsmb_sink_file(w.smb, local_path(&w, "a"), LSMB_PUBLISH_AUTO);
        struct lsmb_source *source = lsmb_source_memory(w.smb, bytes, sizeof bytes);
        ck_assert_ptr_nonnull(lsmb_copy_start(w.smb, source, sink, NULL, NULL, NULL, NULL));
        for (unsigned i = 0; i < turns; i++) {
            ck_assert_int_eq(lsmb_turn(w.smb, 0), LSMB_OK);
        }
        lsmb_free(w.smb);
        w.smb = lsmb_new(NULL, NULL);
        local_has(&w, "a", "old", 3);
        local_only(&w, 1);
        local_free(&w);
    }
}
END_TEST

START_TEST(a_copy_that_is_cancelled_while_it_syncs_leaves_the_old_file)
{
    struct local_world w;

    local_init(&w);
    local_make(&w, "a", "old", 3);
    w.jobs.hold = true;
    struct lsmb_sink *sink = lsmb_sink_file(w.smb, local_path(&w, "a"), LSMB_PUBLISH_AUTO);
    struct lsmb_job *job =
        lsmb_copy_start(w.smb, lsmb_source_memory(w.smb, "new", 3), sink, NULL, NULL, NULL, NULL);
    while (list_empty(&w.jobs.held)) {
        ck_assert_int_eq(lsmb_turn(w.smb, 0), LSMB_OK);
    }
    lsmb_job_cancel(job, NULL);
    while (!list_empty(&w.smb->jobs)) {
        ck_assert_int_eq(lsmb_turn(w.smb, 0), LSMB_OK);
    }
    script_jobs_run(&w.jobs); /* the helper ends later, and touches nothing of ours */
    local_has(&w, "a", "old", 3);
    local_only(&w, 1);
    local_free(&w);
}
END_TEST

static void keep_error(void *arg, const struct lsmb_error *err)
{
    struct lsmb_error *kept = arg;

    *kept = err ? *err : (struct lsmb_error){0};
}

/* The new file has its name: that its directory cannot be synced is not worth a failure. */
START_TEST(a_file_that_has_its_name_is_done_even_without_descriptors)
{
    static const uint8_t many[COPY_WHOLE_MAX + 1]; /* too many to be stored as a whole */
    struct local_world w;
    struct rlimit all, none;
    struct lsmb_error err = {.code = LSMB_E_NOMEM};

    local_init(&w);
    local_make(&w, "a", "old", 3);
    w.jobs.hold = true;
    struct lsmb_sink *sink = lsmb_sink_file(w.smb, local_path(&w, "a"), LSMB_PUBLISH_AUTO);
    ck_assert_ptr_nonnull(lsmb_copy_start(w.smb, lsmb_source_memory(w.smb, many, sizeof many), sink,
                                          NULL, NULL, keep_error, &err));
    while (list_empty(&w.jobs.held)) {
        ck_assert_int_eq(lsmb_turn(w.smb, 0), LSMB_OK);
    }
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &all), 0);
    none = (struct rlimit){.rlim_cur = 3, .rlim_max = all.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    script_jobs_run(&w.jobs);
    while (!list_empty(&w.smb->jobs)) {
        ck_assert_int_eq(lsmb_turn(w.smb, 0), LSMB_OK);
    }
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &all), 0);
    ck_assert_int_eq(err.code, LSMB_OK);
    local_has(&w, "a", many, sizeof many);
    ck_assert_ptr_nonnull(strstr(w.log, "its directory"));
    local_only(&w, 1);
    local_free(&w);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "xfer/sink_file", a_new_file_has_the_mode_that_umask_leaves,
        a_file_that_is_replaced_keeps_its_mode, a_symbolic_link_is_written_through_with_a_warning,
        a_link_to_nothing_makes_what_it_leads_to, all_names_of_a_file_get_what_one_of_them_gets,
        atomic_refuses_what_would_be_written_in_place, in_place_keeps_the_file_that_is_there,
        a_folder_that_takes_no_new_files_lets_the_old_ones_be_written,
        a_device_is_written_without_a_word, a_directory_and_a_missing_folder_are_no_targets,
        a_failure_leaves_the_old_file_and_no_temporary, a_full_device_is_a_clear_error,
        freeing_the_context_removes_the_temporary,
        a_copy_that_is_cancelled_while_it_syncs_leaves_the_old_file,
        a_file_that_has_its_name_is_done_even_without_descriptors);
}
