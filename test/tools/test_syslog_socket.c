/* test_syslog_socket.c: lines for the system's log. */
#include "test/run.h"
#include "tools/syslog_socket.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct sockaddr_un address = {.sun_family = AF_UNIX};

/* A socket that takes what is sent to address.sun_path. */
static int listener(int type)
{
    int fd = socket(AF_UNIX, type, 0);

    (void)snprintf(address.sun_path, sizeof address.sun_path, "/tmp/lsmb-test-log.%ld",
                   (long)getpid());
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    ck_assert(type == SOCK_DGRAM || listen(fd, 1) == 0);
    return fd;
}

/* The next line is `before`, our number and `behind`. */
static void check_line(int fd, const char *before, const char *behind)
{
    char text[512], line[512];
    ssize_t len = read(fd, text, sizeof text);

    (void)snprintf(line, sizeof line, "%s[%ld]: %s", before, (long)getpid(), behind);
    ck_assert_int_eq(len, (ssize_t)strlen(line) + 1);
    ck_assert_str_eq(text, line);
}

START_TEST(facilities_have_numbers)
{
    ck_assert_int_eq(syslog_facility("kern"), 0);
    ck_assert_int_eq(syslog_facility("authpriv"), 10);
    ck_assert_int_eq(syslog_facility("local0"), 16);
    ck_assert_int_eq(syslog_facility("local7"), 23);
    ck_assert_int_eq(syslog_facility("local8"), -1);
    ck_assert_int_eq(syslog_facility(""), -1);
}
END_TEST

START_TEST(a_line_has_priority_tag_and_process) /* RFC 3164 4.1.1: facility * 8 + severity */
{
    int fd = listener(SOCK_DGRAM);
    struct syslog_socket log;

    syslog_open_at(&log, 16, address.sun_path);
    syslog_send(&log, SYSLOG_INFO, "job:run", "INFO: MainThread: hello");
    check_line(fd, "<134>job:run", "INFO: MainThread: hello");
    syslog_send(&log, SYSLOG_CRITICAL, "", "x");
    check_line(fd, "<130>", "x");
    syslog_close(&log);
    ck_assert_int_eq(close(fd), 0);
    ck_assert_int_eq(unlink(address.sun_path), 0);
}
END_TEST

START_TEST(a_log_may_take_a_stream)
{
    int fd = listener(SOCK_STREAM);
    struct syslog_socket log;

    syslog_open_at(&log, 1, address.sun_path);
    int peer = accept(fd, NULL, NULL);
    ck_assert_int_ge(peer, 0);
    syslog_send(&log, SYSLOG_DEBUG, "t", "x");
    check_line(peer, "<15>t", "x");
    syslog_close(&log);
    ck_assert_int_eq(close(peer), 0);
    ck_assert_int_eq(close(fd), 0);
    ck_assert_int_eq(unlink(address.sun_path), 0);
}
END_TEST

START_TEST(that_nobody_listens_does_no_harm)
{
    struct syslog_socket log;

    syslog_open_at(&log, 1, "/nonexistent/log");
    ck_assert_int_eq(log.fd, -1);
    syslog_send(&log, SYSLOG_ERROR, "t", "x");
    syslog_close(&log);
    syslog_open(&log, 1);
    syslog_close(&log);
}
END_TEST

int main(void)
{
    return RUN_TESTS("tools/syslog_socket", facilities_have_numbers,
                     a_line_has_priority_tag_and_process, a_log_may_take_a_stream,
                     that_nobody_listens_does_no_harm);
}
