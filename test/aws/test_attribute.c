/* test_attribute.c: items of DynamoDB as plain JSON. */
#include "aws/attribute.h"
#include "aws/document.h"
#include "aws/grow.h"
#include "test/run.h"

#include <stdio.h>
#include <string.h>

static void ck_item(const char *typed, const char *plain)
{
    struct lsmb_error err;
    json_t *d = document_read(typed, strlen(typed), &err);
    ck_assert_ptr_nonnull(d);
    char *text = attributes_write(d, &err);

    if (plain) {
        ck_assert_msg(text != NULL, "%s: %s", typed, err.reason);
        ck_assert_str_eq(text, plain);
    } else {
        ck_assert_msg(text == NULL, "%s", typed);
        ck_assert_int_eq(err.code, LSMB_E_PROTOCOL);
    }
    free(text);
    document_free(d);
}

START_TEST(every_type_of_dynamodb_has_its_json)
{
    ck_item("{}", "{}");
    ck_item("{\"user\": {\"S\": \"a\\\"b\\n\\u00e9\\u0000\"}}",
            "{\"user\":\"a\\\"b\\n\xc3\xa9\\u0000\"}");
    ck_item("{\"a\\\"\": {\"BOOL\": true}, \"b\": {\"BOOL\": false}, \"c\": {\"NULL\": true}}",
            "{\"a\\\"\":true,\"b\":false,\"c\":null}");
    ck_item("{\"b\": {\"B\": \"AAE=\"}, \"s\": {\"SS\": [\"x\", \"y\"]}, \"n\": {\"NS\": [\"1\"]}, "
            "\"bs\": {\"BS\": []}}",
            "{\"b\":\"AAE=\",\"s\":[\"x\",\"y\"],\"n\":[1],\"bs\":[]}");
    ck_item("{\"m\": {\"M\": {\"l\": {\"L\": [{\"S\": \"x\"}, {\"N\": \"1\"}, {\"L\": []}]}}}}",
            "{\"m\":{\"l\":[\"x\",1,[]]}}");
}
END_TEST

START_TEST(numbers_stay_as_they_were_written)
{
    static const char *const good[] = {"445", "-0.50",  "1e2",
                                       "0",   "1E+126", "12345678901234567890123456789012345678"};
    static const char *const bad[] = {"", "-", "007", "+1", "1.", ".5", "1e", "0x1", "NaN", "1 "};
    char typed[80], plain[80];

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        (void)snprintf(typed, sizeof typed, "{\"n\": {\"N\": \"%s\"}}", good[i]);
        (void)snprintf(plain, sizeof plain, "{\"n\":%s}", good[i]);
        ck_item(typed, plain);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        (void)snprintf(typed, sizeof typed, "{\"n\": {\"N\": \"%s\"}}", bad[i]);
        ck_item(typed, NULL);
    }
    ck_item("{\"n\": {\"N\": \"1\\u0000\"}}", NULL);
}
END_TEST

START_TEST(what_is_no_value_of_dynamodb_is_refused)
{
    static const char *const cases[] = {
        "{\"a\": \"x\"}",
        "{\"a\": {}}",
        "{\"a\": {\"X\": \"x\"}}",
        "{\"a\": {\"S\": \"x\", \"N\": \"1\"}}",
        "{\"a\": {\"S\": 1}}",
        "{\"a\": {\"N\": 1}}",
        "{\"a\": {\"BOOL\": \"true\"}}",
        "{\"a\": {\"SS\": \"x\"}}",
        "{\"a\": {\"SS\": [1]}}",
        "{\"a\": {\"L\": {\"S\": \"x\"}}}",
        "{\"a\": {\"L\": [\"x\"]}}",
        "{\"a\": {\"M\": []}}",
        "{\"a\": {\"M\": {\"b\": 1}}}",
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_item(cases[i], NULL);
    }
}
END_TEST

START_TEST(lists_within_lists_have_a_limit)
{
    struct grow typed = {0};

    grow_text(&typed, "{\"a\": ");
    for (int i = 0; i < 41; i++) {
        grow_text(&typed, "{\"L\": [");
    }
    for (int i = 0; i < 41; i++) {
        grow_text(&typed, "]}");
    }
    grow_text(&typed, "}");
    ck_item(typed.text, NULL);
    grow_free(&typed);
}
END_TEST

int main(void)
{
    return RUN_TESTS("aws/attribute", every_type_of_dynamodb_has_its_json,
                     numbers_stay_as_they_were_written, what_is_no_value_of_dynamodb_is_refused,
                     lists_within_lists_have_a_limit);
}
