/* test_aws_error.c: what services say when they refuse. */
#include "aws/aws_error.h"

#include <string.h>

#include "test/failmalloc.h"
#include "test/run.h"

static struct aws_error read_body(unsigned status, const char *type, const char *body)
{
    struct aws_error e;

    aws_error_read(&e, status, type, body, strlen(body));
    ck_assert_uint_eq(e.status, status);
    return e;
}

static void check(struct aws_error e, const char *code, const char *message)
{
    ck_assert_str_eq(e.code, code);
    ck_assert_str_eq(e.message, message);
}

START_TEST(s3_and_sts_say_it_in_xml)
{
    check(read_body(404, NULL,
                    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                    "<Error><Code>NoSuchKey</Code><Message>The specified key does not "
                    "exist.</Message><Key>k</Key><RequestId>1</RequestId></Error>"),
          "NoSuchKey", "The specified key does not exist.");
    check(read_body(403, NULL,
                    "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error>"
                    "<Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error>"
                    "<RequestId>1</RequestId></ErrorResponse>"),
          "AccessDenied", "no");
    check(read_body(500, NULL, "\n  <Error><Code>InternalError</Code></Error>"), "InternalError",
          "");
}
END_TEST

START_TEST(other_services_say_it_in_json)
{
    check(read_body(400, NULL,
                    "{\"__type\":\"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException\","
                    "\"message\":\"Requested resource not found\"}"),
          "ResourceNotFoundException", "Requested resource not found");
    check(read_body(400, NULL, "{\"__type\":\"ParameterNotFound\",\"Message\":\"gone\"}"),
          "ParameterNotFound", "gone");
    check(read_body(400, "AccessDeniedException:http://internal/", "{\"message\":\"\\u00fcx\"}"),
          "AccessDeniedException", "\xC3\xBCx");
    check(read_body(400, NULL, "{\"code\":\"X\",\"message\":\"a\\u0000b\"}"), "X", "a");
    check(read_body(400, "", "{\"__type\":7,\"message\":[]}"), "400", "Bad Request");
}
END_TEST

START_TEST(where_nothing_is_said_there_is_the_status)
{
    check(read_body(404, NULL, ""), "404", "Not Found");
    check(read_body(503, NULL, "<html><body>busy</body></html>"), "503", "Service Unavailable");
    check(read_body(502, NULL, "{"), "502", "Bad Gateway");
    check(read_body(599, NULL, "gone"), "599", "Unknown");
    check(read_body(0, NULL, ""), "0", "there was no answer");
    check(read_body(400, NULL, "<Error><Message>only this</Message></Error>"), "400", "only this");
}
END_TEST

START_TEST(a_region_is_taken_where_it_can_be_one)
{
    ck_assert_str_eq(read_body(400, NULL,
                               "<Error><Code>AuthorizationHeaderMalformed</Code>"
                               "<Region>eu-west-1</Region></Error>")
                         .region,
                     "eu-west-1");
    ck_assert_str_eq(
        read_body(400, NULL, "<Error><Code>X</Code><Region>a.evil/</Region></Error>").region, "");
    ck_assert_str_eq(/* too long */
                     read_body(400, NULL,
                               "<Error><Region>a123456789-123456789-123456789-1</Region></Error>")
                         .region,
                     "");
}
END_TEST

START_TEST(what_is_said_is_fit_to_be_shown)
{
    static const char head[] = {'<', 'E', 'r', 'r', 'o', 'r', '>', '<', 'C', 'o', 'd', 'e', '>'};
    static char body[600000];
    struct aws_error e =
        read_body(400, NULL, "<Error><Code>A&#10;B</Code><Message>a&#10;&#9;b</Message></Error>");

    check(e, "A?B", "a??b");
    memset(body, 'x', sizeof body - 1);
    memcpy(body, head, sizeof head);
    check(read_body(400, NULL, body), "400", "Bad Request"); /* too long to be looked at */
    memcpy(body + 2000, "</Code></Error>", 16);
    e = read_body(400, NULL, body);
    ck_assert_uint_eq(strlen(e.code), sizeof e.code - 1);
}
END_TEST

START_TEST(what_was_cut_off_counts_as_far_as_it_goes)
{
    check(read_body(503, NULL, "<Error><Code>SlowDown</Code><Message>Ple"), "SlowDown", "");
}
END_TEST

START_TEST(a_refusal_may_hide_behind_a_success)
{
    static const char hidden[] =
        " \n<?xml version='1.0'?>\n<Error><Code>InternalError</Code></Error>";
    static const char *const others[] = {
        "", "<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>",
        "<a><Error>x</Error></a>", "<Errors><a/></Errors>", "<Err"};

    ck_assert(aws_error_hidden(hidden, sizeof hidden - 1));
    ck_assert(aws_error_hidden("<Error/>", 8));
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        ck_assert_msg(!aws_error_hidden(others[i], strlen(others[i])), "%s", others[i]);
    }
}
END_TEST

static void check_meaning(unsigned status, const char *code, enum lsmb_code is)
{
    struct aws_error e = {.status = status, .message = "why"};
    struct lsmb_error err = {0};

    memcpy(e.code, code, strlen(code));
    aws_error_set(&err, &e, "GetObject");
    ck_assert_msg(err.code == is, "%u %s: %d", status, code, (int)err.code);
}

START_TEST(refusals_mean_something_to_the_caller)
{
    check_meaning(404, "NoSuchKey", LSMB_E_NOT_FOUND);
    check_meaning(404, "404", LSMB_E_NOT_FOUND);
    check_meaning(404, "NeverHeardOf", LSMB_E_NOT_FOUND);
    check_meaning(400, "ParameterNotFound", LSMB_E_NOT_FOUND);
    check_meaning(403, "AccessDenied", LSMB_E_DENIED);
    check_meaning(403, "SignatureDoesNotMatch", LSMB_E_AUTH);
    check_meaning(400, "ExpiredToken", LSMB_E_AUTH);
    check_meaning(412, "PreconditionFailed", LSMB_E_CHANGED);
    check_meaning(400, "BadDigest", LSMB_E_CHANGED);
    check_meaning(503, "SlowDown", LSMB_E_STATUS);
    check_meaning(400, "NeverHeardOf", LSMB_E_STATUS);
    check_meaning(0, "0", LSMB_E_NETWORK);
}
END_TEST

START_TEST(errors_are_said_as_the_aws_tools_say_them)
{
    struct aws_error e = {.status = 404, .code = "404", .message = "Not Found"};
    struct lsmb_error err = {0};

    aws_error_set(&err, &e, "HeadObject");
    ck_assert_str_eq(err.reason,
                     "An error occurred (404) when calling the HeadObject operation: Not Found");
    ck_assert_str_eq(err.advice, "");
    e = (struct aws_error){.status = 400, .code = "ExpiredToken", .message = "expired"};
    aws_error_set(&err, &e, "PutObject");
    ck_assert_ptr_nonnull(strstr(err.advice, "new credentials"));
    aws_error_set(NULL, &e, "PutObject");
}
END_TEST

START_TEST(without_memory_there_is_the_status)
{
    bool failed = true;

    for (unsigned skip = 0; failed; skip++) {
        static const char body[] = "{\"__type\":\"X\",\"message\":\"y\"}";
        struct aws_error e;

        fail_malloc(skip, false);
        aws_error_read(&e, 400, NULL, body, sizeof body - 1);
        failed = fail_malloc_off();
        ck_assert_str_eq(e.code, failed ? "400" : "X");
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("aws/aws_error", s3_and_sts_say_it_in_xml, other_services_say_it_in_json,
                     where_nothing_is_said_there_is_the_status,
                     a_region_is_taken_where_it_can_be_one, what_is_said_is_fit_to_be_shown,
                     what_was_cut_off_counts_as_far_as_it_goes, a_refusal_may_hide_behind_a_success,
                     refusals_mean_something_to_the_caller,
                     errors_are_said_as_the_aws_tools_say_them, without_memory_there_is_the_status);
}
