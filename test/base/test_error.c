/* test_error.c: filling in errors and reading them. */
#include "base/error.h"
#include "base/ntstatus.h"
#include "test/run.h"

#include <errno.h>
#include <string.h>

static const char *text_of(const struct lsmb_error *err)
{
    static char text[1400];

    return lsmb_error_text(err, text, sizeof text);
}

START_TEST(an_error_reads_as_one_line)
{
    struct lsmb_error err;

    error_status(&err, 0xC0000043);
    error_step(&err, "open the file");
    error_path(&err, "\\\\srv\\share\\a.txt");
    error_advise(&err, "close %s", "Word");
    ck_assert_str_eq(text_of(&err), "open the file \\\\srv\\share\\a.txt: [NtStatus "
                                    "STATUS_SHARING_VIOLATION] the file is in use: another open "
                                    "does not allow this access; close Word");
}
END_TEST

START_TEST(an_error_reads_well_whatever_is_missing)
{
    struct lsmb_error err;

    error_set(&err, LSMB_E_USAGE, "no host");
    ck_assert_str_eq(text_of(&err), "no host");
    error_path(&err, "a.txt");
    ck_assert_str_eq(text_of(&err), "a.txt: no host");
    err.path[0] = '\0';
    error_step(&err, "connect");
    ck_assert_str_eq(text_of(&err), "connect: no host");
    err = (struct lsmb_error){.code = LSMB_E_NOMEM};
    ck_assert_str_eq(text_of(&err), "out of memory");
    error_advise(&err, "buy more");
    ck_assert_str_eq(text_of(&err), "out of memory; buy more");
    ck_assert_str_eq(text_of(NULL), "no error");
    err = (struct lsmb_error){.code = (enum lsmb_code)99};
    ck_assert_str_eq(text_of(&err), "unknown error");
}
END_TEST

START_TEST(every_code_says_something_by_itself)
{
    for (int code = LSMB_OK; code <= LSMB_E_CANCELLED; code++) {
        struct lsmb_error err = {.code = (enum lsmb_code)code};
        ck_assert_uint_gt(strlen(text_of(&err)), 3);
        ck_assert_str_ne(text_of(&err), "unknown error");
    }
}
END_TEST

START_TEST(the_text_is_cut_to_the_room_it_has)
{
    struct lsmb_error err;
    char out[8] = "before";

    error_set(&err, LSMB_E_STATUS, "0123456789");
    ck_assert_ptr_eq(lsmb_error_text(&err, out, 0), out);
    ck_assert_str_eq(out, "before");
    ck_assert_str_eq(lsmb_error_text(&err, out, 1), "");
    ck_assert_str_eq(lsmb_error_text(&err, out, sizeof out), "0123456");
}
END_TEST

START_TEST(advice_after_a_sentence_is_one)
{
    struct lsmb_error err;

    error_set(&err, LSMB_E_STATUS, "You must specify a region.");
    ck_assert_str_eq(text_of(&err), "You must specify a region.");
    error_advise(&err, "set AWS_DEFAULT_REGION");
    ck_assert_str_eq(text_of(&err), "You must specify a region. Set AWS_DEFAULT_REGION");
    error_advise(&err, "-R copies it");
    ck_assert_str_eq(text_of(&err), "You must specify a region. -R copies it");
}
END_TEST

START_TEST(a_peer_cannot_break_the_line)
{
    struct lsmb_error err;

    error_set(&err, LSMB_E_STATUS, "server says %s", "a\nb\x1b[2J");
    error_step(&err, "s\rt");
    error_path(&err, "p\x07q");
    error_advise(&err, "x\ty");
    ck_assert_str_eq(text_of(&err), "s?t p?q: server says a?b?[2J; x?y");
    memcpy(err.reason, "by a\nhost", 10); /* a host's own sink may fill it in */
    ck_assert_str_eq(text_of(&err), "s?t p?q: by a?host; x?y");
}
END_TEST

START_TEST(the_first_step_and_path_stay)
{
    struct lsmb_error err;

    error_set(&err, LSMB_E_NETWORK, "gone");
    error_step(&err, "read");
    error_step(&err, "copy");
    error_path(&err, "inner");
    error_path(&err, "outer");
    ck_assert_str_eq(text_of(&err), "read inner: gone");
    error_set(&err, LSMB_E_NETWORK, "anew, because %s", err.reason); /* may use the old one */
    ck_assert_str_eq(text_of(&err), "anew, because gone");
}
END_TEST

START_TEST(a_long_path_is_cut_off)
{
    static char path[2000];
    struct lsmb_error err;

    memset(path, 'p', sizeof path - 1);
    error_set(&err, LSMB_E_NOT_FOUND, "%s", path);
    error_path(&err, path);
    ck_assert_uint_eq(strlen(err.path), sizeof err.path - 1);
    ck_assert_uint_eq(strlen(err.reason), sizeof err.reason - 1);
}
END_TEST

START_TEST(errno_is_kept_and_sorted_by_kind)
{
    struct lsmb_error err;

    error_errno(&err, ECONNREFUSED, "connect to 192.0.2.1");
    ck_assert_int_eq(err.code, LSMB_E_NETWORK);
    ck_assert_int_eq(err.os_errno, ECONNREFUSED);
    ck_assert_str_eq(err.reason, "connect to 192.0.2.1: Connection refused");
    ck_assert_uint_gt(strlen(err.advice), 0);
    error_errno(&err, EIO, "write");
    ck_assert_int_eq(err.code, LSMB_E_LOCAL);
    ck_assert_str_eq(err.advice, "");
    error_errno(&err, ETIMEDOUT, "read");
    ck_assert_int_eq(err.code, LSMB_E_TIMEOUT);
    error_errno(&err, ENOMEM, "read");
    ck_assert_int_eq(err.code, LSMB_E_NOMEM);
}
END_TEST

START_TEST(a_call_may_be_the_step)
{
    struct lsmb_error err;
    char text[256];

    error_errno_step(&err, ENOENT, "open the source");
    error_step(&err, "copy");
    error_path(&err, "/x");
    ck_assert_int_eq(err.code, LSMB_E_NOT_FOUND);
    ck_assert_int_eq(err.os_errno, ENOENT);
    ck_assert_str_eq(lsmb_error_text(&err, text, sizeof text),
                     "open the source /x: No such file or directory");
    error_errno_step(&err, EACCES, "open the source");
    ck_assert_int_eq(err.code, LSMB_E_LOCAL);
    ck_assert_uint_gt(strlen(err.advice), 0);
    error_errno_step(NULL, EACCES, "open the source");
}
END_TEST

START_TEST(a_status_brings_code_reason_and_advice)
{
    struct lsmb_error err;

    error_status(&err, 0xC0000022);
    ck_assert_int_eq(err.code, LSMB_E_DENIED);
    ck_assert_uint_eq(err.nt_status, 0xC0000022);
    ck_assert_str_eq(err.reason, "[NtStatus STATUS_ACCESS_DENIED] access denied");
    ck_assert_uint_gt(strlen(err.advice), 0);
    error_status(&err, 0xC0FFEE00);
    ck_assert_int_eq(err.code, LSMB_E_STATUS);
    ck_assert_ptr_nonnull(strstr(err.reason, "[NtStatus 0xC0FFEE00] "));
    ck_assert_str_eq(err.advice, "");
    error_status(&err, STATUS_SUCCESS); /* a success out of place is no success */
    ck_assert_int_eq(err.code, LSMB_E_STATUS);
}
END_TEST

START_TEST(nobody_has_to_want_the_error)
{
    error_set(NULL, LSMB_E_USAGE, "x");
    error_status(NULL, 0xC0000022);
    error_errno(NULL, EIO, "x");
    error_step(NULL, "x");
    error_path(NULL, "x");
    error_advise(NULL, "x");
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "base/error", an_error_reads_as_one_line, an_error_reads_well_whatever_is_missing,
        every_code_says_something_by_itself, the_text_is_cut_to_the_room_it_has,
        advice_after_a_sentence_is_one, a_peer_cannot_break_the_line, the_first_step_and_path_stay,
        a_long_path_is_cut_off, errno_is_kept_and_sorted_by_kind, a_call_may_be_the_step,
        a_status_brings_code_reason_and_advice, nobody_has_to_want_the_error);
}
