/* test_logger.c: the forms of log lines, which are those of lava's logging. */
#include "test/run.h"
#include "tools/logger.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/lsmb-test-XXXXXX";
static char text[1024];

static void make_file(void)
{
    memcpy(path, "/tmp/lsmb-test-XXXXXX", sizeof path);
    int fd = mkstemp(path);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(close(fd), 0);
}

/* What has been written to the file, which is deleted. */
static void take_file(void)
{
    int fd = open(path, O_RDONLY);
    ssize_t len = read(fd, text, sizeof text - 1);

    ck_assert_int_ge(len, 0);
    text[len] = '\0';
    ck_assert_int_eq(close(fd), 0);
    ck_assert_int_eq(unlink(path), 0);
}

/* Let stderr be the file. */
static void redirect(void)
{
    make_file();
    ck_assert_ptr_nonnull(freopen(path, "w", stderr));
}

START_TEST(a_line_on_stderr_has_tag_and_thread)
{
    struct options opt = {.level = LEVEL_WARNING, .tag = "job:run"};
    struct logger log;
    struct refusal why = {""};

    redirect();
    ck_assert(logger_open(&log, &opt, &why));
    logger_line(&log, LEVEL_INFO, "not wanted");
    logger_line(&log, LEVEL_WARNING, "a\nb");
    logger_failure(&log, "it failed");
    logger_close(&log);
    (void)fflush(stderr);
    take_file();
    ck_assert_str_eq(text, "job:run: MainThread: a\\x0ab\nlava-smb: it failed\n");
}
END_TEST

START_TEST(colours_are_lavas)
{
    struct options opt = {.level = LEVEL_DEBUG};
    struct logger log;
    struct refusal why = {""};

    redirect();
    ck_assert(logger_open(&log, &opt, &why));
    ck_assert(!log.colour); /* a file is no terminal */
    log.colour = true;
    logger_line(&log, LEVEL_DEBUG, "d");
    logger_line(&log, LEVEL_INFO, "i");
    logger_line(&log, LEVEL_ERROR, "e");
    logger_close(&log);
    (void)fflush(stderr);
    take_file();
    ck_assert_str_eq(text, "\033[2m\033[30mlava-smb: MainThread: d\033[39m\033[0m\n"
                           "\033[34mlava-smb: MainThread: i\033[39m\033[0m\n"
                           "\033[1m\033[31mlava-smb: MainThread: e\033[39m\033[0m\n");
}
END_TEST

START_TEST(a_line_in_a_file_has_time_and_level)
{
    struct options opt = {.level = LEVEL_INFO, .log_target = path};
    struct logger log;
    struct refusal why = {""};

    make_file();
    ck_assert(logger_open(&log, &opt, &why));
    logger_line(&log, LEVEL_WARNING, "w");
    logger_close(&log);
    take_file();
    ck_assert_uint_gt(strlen(text), 25);
    ck_assert(text[4] == '-' && text[10] == ' ' && text[13] == ':' && text[19] == ',');
    ck_assert_str_eq(text + 23, ": WARNING: MainThread: w\n");
}
END_TEST

START_TEST(what_a_full_disk_loses_is_told_once)
{
    struct options opt = {.level = LEVEL_INFO, .log_target = "/dev/full"};
    struct logger log;
    struct refusal why = {""};

    redirect();
    ck_assert(logger_open(&log, &opt, &why));
    logger_line(&log, LEVEL_WARNING, "w");
    logger_line(&log, LEVEL_WARNING, "w");
    logger_close(&log);
    (void)fflush(stderr);
    take_file();
    ck_assert_str_eq(text,
                     "lava-smb: --log /dev/full: No space left on device; log lines are lost\n");
}
END_TEST

START_TEST(a_facility_that_is_none_is_refused)
{
    struct options opt = {.level = LEVEL_INFO, .log_target = "@local9"};
    struct logger log;
    struct refusal why = {""};

    ck_assert(!logger_open(&log, &opt, &why));
    ck_assert_ptr_nonnull(strstr(why.text, "Bad syslog facility: local9"));
    logger_close(&log);
    opt.log_target = "/nonexistent/log";
    ck_assert(!logger_open(&log, &opt, &why));
    logger_close(&log);
}
END_TEST

int main(void)
{
    return RUN_TESTS("tools/logger", a_line_on_stderr_has_tag_and_thread, colours_are_lavas,
                     a_line_in_a_file_has_time_and_level, what_a_full_disk_loses_is_told_once,
                     a_facility_that_is_none_is_refused);
}
