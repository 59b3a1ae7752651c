/* test_s3.c: what failures of S3 are called. */
#include "test/run.h"
#include "tools/s3.h"

#include <stdio.h>
#include <string.h>

static void check(const char *path, const char *from, const char *to, const char *want)
{
    struct lsmb_error err = {.code = LSMB_E_NOT_FOUND, .step = "GetObject", .reason = "why"};
    struct location source, target;
    struct refusal why = {""};
    char text[1024];

    (void)snprintf(err.path, sizeof err.path, "%s", path);
    ck_assert(location_parse(&source, from, &why) && location_parse(&target, to, &why));
    s3_phrase(&err, &source, &target);
    ck_assert_str_eq(lsmb_error_text(&err, text, sizeof text), want);
    location_free(&source);
    location_free(&target);
}

START_TEST(what_fails_in_s3_is_told_in_lavas_words)
{
    check("s3://b/k", "s3://b/k", "smb://h/s/x", "Download failed: s3://b/k - why");
    check("s3://b/k", "smb://h/s/x", "s3://b/k", "Upload failed: s3://b/k - why");
    check("s3://b/k", "s3://b/k", "s3://c/k", "Download failed: s3://b/k - why");
    check("s3://c/k", "s3://b/k", "s3://c/k", "Upload failed: s3://c/k - why");
    check("s3://b/xy", "s3://b/xy", "s3://b/x", "Download failed: s3://b/xy - why");
    check("s3://c/dir/k", "s3://b/", "s3://c/dir/", "Upload failed: s3://c/dir/k - why");
    check("s3://b/dir/k", "s3://b/", "s3://c/dir/", "Download failed: s3://b/dir/k - why");
}
END_TEST

START_TEST(an_object_that_is_not_there_is_told_of_as_by_the_python_tool)
{
    struct location from = {.kind = LOCATION_S3}, to = {.kind = LOCATION_LOCAL};
    struct lsmb_error err = {.code = LSMB_E_NOT_FOUND,
                             .path = "s3://b/k",
                             .reason = "An error occurred (NoSuchKey) when calling the GetObject "
                                       "operation: The specified key does not exist."};

    s3_phrase(&err, &from, &to);
    ck_assert_str_eq(err.reason, "Download failed: s3://b/k - An error occurred (404) when calling "
                                 "the HeadObject operation: Not Found");
    ck_assert_str_eq(err.advice, "");
}
END_TEST

START_TEST(what_was_meant_as_a_pattern_is_told_how)
{
    char key[] = "dir/*.csv";
    struct location from = {.kind = LOCATION_S3, .path = key}, to = {.kind = LOCATION_LOCAL};
    struct lsmb_error err = {.path = "s3://b/dir/*.csv",
                             .reason = "An error occurred (NoSuchKey)",
                             .advice = "check the key"};

    s3_phrase(&err, &from, &to);
    ck_assert_ptr_nonnull(strstr(err.advice, "-R with --include"));
}
END_TEST

START_TEST(a_long_key_is_cut_where_it_says_least)
{
    struct location from = {.kind = LOCATION_LOCAL}, to = {.kind = LOCATION_S3};
    struct lsmb_error err = {.path = "s3://b/begin"};
    char key[400];

    memset(key, 'x', sizeof key);
    memcpy(err.path + strlen(err.path), key, sizeof key);
    memcpy(err.path + strlen(err.path), "/end", 4);
    (void)snprintf(err.reason, sizeof err.reason, "At \"%.400s\" (refused)", key);
    s3_phrase(&err, &from, &to);
    ck_assert_ptr_eq(strstr(err.reason, "Upload failed: s3://b/beginxxx"), err.reason);
    ck_assert_ptr_nonnull(strstr(err.reason, "xx...xx"));
    ck_assert_ptr_nonnull(strstr(err.reason, "xx/end - At \"xx"));
    ck_assert_str_eq(err.reason + strlen(err.reason) - 12, "x\" (refused)");
    memset(err.path, 'y', sizeof err.path - 1);
    memcpy(err.path, "s3://", 5);
    (void)snprintf(err.reason, sizeof err.reason, "why");
    s3_phrase(&err, &from, &to); /* its end is not known */
    ck_assert_ptr_nonnull(strstr(err.reason, "yy... - why"));
}
END_TEST

START_TEST(an_error_of_the_settings_is_no_wrong_usage)
{
    struct location from = {.kind = LOCATION_S3}, to = {.kind = LOCATION_LOCAL};
    struct lsmb_error err = {.code = LSMB_E_USAGE, .path = "s3://b/k"};

    s3_phrase(&err, &from, &to);
    ck_assert_int_eq(err.code, LSMB_E_STATUS);
}
END_TEST

START_TEST(what_fails_elsewhere_is_left_alone)
{
    check("\\\\h\\s\\x", "s3://b/k", "smb://h/s/x", "GetObject \\\\h\\s\\x: why");
    check("", "s3://b/k", "x", "GetObject: why");
}
END_TEST

static bool lies_in(const char *one, const char *other)
{
    struct location inner, outer;
    struct refusal why = {""};

    ck_assert(location_parse(&inner, one, &why) && location_parse(&outer, other, &why));
    bool lies = s3_lies_in(&inner, &outer);
    location_free(&inner);
    location_free(&outer);
    return lies;
}

START_TEST(what_lies_in_a_prefix_is_told_from_what_only_begins_like_it)
{
    ck_assert(lies_in("s3://b/t", "s3://b/t"));
    ck_assert(lies_in("s3://b/t/", "s3://b/t"));
    ck_assert(lies_in("s3://b/t/inside", "s3://b/t/"));
    ck_assert(lies_in("s3://b/t", "s3://b"));
    ck_assert(lies_in("s3://b", "s3://b/"));
    ck_assert(!lies_in("s3://b/tt", "s3://b/t"));
    ck_assert(!lies_in("s3://b/t", "s3://b/t/inside"));
    ck_assert(!lies_in("s3://b", "s3://b/t"));
    ck_assert(!lies_in("s3://c/t", "s3://b/t"));
    ck_assert(!lies_in("b/t", "s3://b/t"));
    ck_assert(!lies_in("smb://h/b/t", "smb://h/b/t"));
}
END_TEST

START_TEST(s3_is_used_where_an_argument_is_there)
{
    char here[] = "file", smb[] = "smb://h/s/s3://b", object[] = "s3://b/k";
    char *args[] = {here, smb, object};
    struct options opt = {.args = args, .n_args = 2};

    ck_assert(!s3_is_used(&opt));
    opt.n_args = 3;
    ck_assert(s3_is_used(&opt));
}
END_TEST

int main(void)
{
    return RUN_TESTS("tools/s3", what_fails_in_s3_is_told_in_lavas_words,
                     what_was_meant_as_a_pattern_is_told_how,
                     an_object_that_is_not_there_is_told_of_as_by_the_python_tool,
                     a_long_key_is_cut_where_it_says_least,
                     an_error_of_the_settings_is_no_wrong_usage, what_fails_elsewhere_is_left_alone,
                     s3_is_used_where_an_argument_is_there,
                     what_lies_in_a_prefix_is_told_from_what_only_begins_like_it);
}
