/* test_small_file.c: files that hold one thing. */
#include "aws/small_file.h"
#include "test/aws/settings_world.h"
#include "test/run.h"

START_TEST(a_file_is_read_without_its_last_line_end)
{
    struct settings_world w;
    struct lsmb_error err;
    char path[64];

    settings_world_init(&w);
    world_config(&w, "");
    (void)snprintf(path, sizeof path, "%s/other", w.home);
    ck_assert_ptr_null(small_file_read(path, &err));
    ck_assert_str_eq(err.path, path);
    ck_assert_ptr_null(small_file_read(w.home, &err)); /* a directory */
    world_file(&w, "other", "a\nb\r\n\n");
    char *text = small_file_read(path, &err);
    ck_assert_pstr_eq(text, "a\nb");
    small_text_free(text);
    world_file(&w, "other", "\n");
    text = small_file_read(path, &err);
    ck_assert_pstr_eq(text, "");
    small_text_free(text);
    ck_assert_int_eq(truncate(path, SMALL_FILE_MAX), 0); /* zeros */
    ck_assert_ptr_null(small_file_read(path, &err));
    ck_assert_str_eq(err.reason, "it holds a zero byte");
    ck_assert_int_eq(truncate(path, SMALL_FILE_MAX + 1), 0);
    ck_assert_ptr_null(small_file_read(path, &err));
    ck_assert_str_eq(err.reason, "it is longer than 65536 bytes");
    settings_world_free(&w);
}
END_TEST

START_TEST(a_pipe_that_nobody_writes_to_is_empty)
{
    struct settings_world w;
    struct lsmb_error err;
    char path[64];

    settings_world_init(&w);
    world_config(&w, "");
    (void)snprintf(path, sizeof path, "%s/other", w.home);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    char *text = small_file_read(path, &err);
    ck_assert_pstr_eq(text, "");
    small_text_free(text);
    settings_world_free(&w);
}
END_TEST

int main(void)
{
    return RUN_TESTS("aws/small_file", a_file_is_read_without_its_last_line_end,
                     a_pipe_that_nobody_writes_to_is_empty);
}
