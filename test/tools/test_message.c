/* test_message.c: exit statuses. */
#include "test/run.h"
#include "tools/message.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

static int status_of(enum lsmb_code code, int os_errno, int signal)
{
    struct lsmb_error err = {.code = code, .os_errno = os_errno};

    return message_exit_status(&err, signal);
}

START_TEST(every_error_has_its_exit_status)
{
    ck_assert_int_eq(status_of(LSMB_OK, 0, 0), 0);
    ck_assert_int_eq(status_of(LSMB_E_NOMEM, 0, 0), 1);
    ck_assert_int_eq(status_of(LSMB_E_STATUS, 0, 0), 1);
    ck_assert_int_eq(status_of(LSMB_E_USAGE, 0, 0), 2);
    ck_assert_int_eq(status_of(LSMB_E_AUTH, 0, 0), 3);
    ck_assert_int_eq(status_of(LSMB_E_NOT_FOUND, 0, 0), 4);
    ck_assert_int_eq(status_of(LSMB_E_DENIED, 0, 0), 5);
    ck_assert_int_eq(status_of(LSMB_E_NETWORK, 0, 0), 6);
    ck_assert_int_eq(status_of(LSMB_E_TIMEOUT, 0, 0), 6);
    ck_assert_int_eq(status_of(LSMB_E_PROTOCOL, 0, 0), 6);
    ck_assert_int_eq(status_of(LSMB_E_SECURITY, 0, 0), 7);
    ck_assert_int_eq(status_of(LSMB_E_POLICY, 0, 0), 7);
    ck_assert_int_eq(status_of(LSMB_E_CHANGED, 0, 0), 8);
}
END_TEST

START_TEST(local_failures_are_told_apart_by_errno)
{
    ck_assert_int_eq(status_of(LSMB_E_LOCAL, ENOSPC, 0), 1);
    ck_assert_int_eq(status_of(LSMB_E_LOCAL, ENOENT, 0), 4);
    ck_assert_int_eq(status_of(LSMB_E_LOCAL, EACCES, 0), 5);
}
END_TEST

START_TEST(a_signal_decides_over_what_was_cancelled)
{
    ck_assert_int_eq(status_of(LSMB_E_CANCELLED, 0, SIGINT), 2);
    ck_assert_int_eq(status_of(LSMB_E_CANCELLED, 0, SIGTERM), 143);
    ck_assert_int_eq(status_of(LSMB_E_CANCELLED, 0, SIGHUP), 129);
    ck_assert_int_eq(status_of(LSMB_E_NOT_FOUND, 0, SIGTERM), 4);
}
END_TEST

START_TEST(a_failed_system_call_is_named)
{
    struct lsmb_error err;

    message_set_errno(&err, ENOENT, NULL, "/tmp/x");
    ck_assert_int_eq(err.code, LSMB_E_LOCAL);
    ck_assert_int_eq(err.os_errno, ENOENT);
    ck_assert_str_eq(err.path, "/tmp/x");
    ck_assert_str_eq(err.reason, "No such file or directory");
    ck_assert_str_eq(err.step, "");
    message_set_errno(&err, ENOTDIR, "make the directory", "/tmp/x");
    ck_assert_str_eq(err.step, "make the directory");
    ck_assert_uint_gt(strlen(err.advice), 0);
}
END_TEST

int main(void)
{
    return RUN_TESTS("tools/message", every_error_has_its_exit_status,
                     local_failures_are_told_apart_by_errno,
                     a_signal_decides_over_what_was_cancelled, a_failed_system_call_is_named);
}
