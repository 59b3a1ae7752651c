/* test_record.c: records of lava's. */
#include "test/run.h"
#include "tools/record.h"

#include <string.h>

static json_t *parse(const char *text)
{
    struct refusal why = {""};
    json_t *record = record_parse(text, strlen(text), &why);

    ck_assert_msg(record != NULL, "%s: %s", text, why.text);
    return record;
}

START_TEST(what_is_no_record_is_refused_without_a_word_of_it)
{
    static const char *const texts[] = {
        "", "[]", "\"geheim\"", "{\"a\": geheim}", "{\"a\": 1, \"a\": 2}", "{\"a\": 1} geheim"};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct refusal why = {""};
        ck_assert_ptr_null(record_parse(texts[i], strlen(texts[i]), &why));
        ck_assert(why.text[0] != '\0');
        ck_assert_ptr_null(strstr(why.text, "geheim"));
    }
}
END_TEST

static void check_names(const char *text, const char *const optional[], const char *says)
{
    static const char *const required[] = {"b", "a", NULL};
    struct refusal why = {""};
    json_t *record = parse(text);

    ck_assert_msg(record_check(record, required, optional, &why) == (says[0] == '\0'), "%s", text);
    ck_assert_str_eq(why.text, says);
    json_decref(record);
}

START_TEST(names_are_checked_as_lava_checks_them)
{
    static const char *const optional[] = {"c", NULL};

    check_names("{}", optional, "Missing keys: a, b");
    check_names("{\"a\": null, \"x-b\": 1}", optional, "Missing keys: b");
    check_names("{\"a\": null, \"b\": 0}", optional, "");
    check_names("{\"a\": 1, \"b\": 1, \"c\": 1, \"x-\": 1, \"X-d\": 1}", optional, "");
    check_names("{\"a\": 1, \"b\": 1, \"z\": 1, \"d\": 1}", optional, "Unexpected keys: d, z");
    check_names("{\"a\": 1, \"b\": 1, \"z\": 1}", NULL, "");
}
END_TEST

START_TEST(many_names_are_cut_off)
{
    static const char *const required[] = {NULL}, *const optional[] = {NULL};
    struct refusal why = {""};
    json_t *record = json_object();
    char name[200];

    for (int i = 0; i < 100; i++) {
        (void)snprintf(name, sizeof name, "%0150d", i);
        ck_assert_int_eq(json_object_set_new(record, name, json_true()), 0);
    }
    ck_assert(!record_check(record, required, optional, &why));
    ck_assert_uint_lt(strlen(why.text), sizeof why.text);
    json_decref(record);
}
END_TEST

static void check_truth(const char *value, bool want)
{
    char text[128];

    (void)snprintf(text, sizeof text, "{\"v\": %s}", value);
    json_t *record = parse(text);
    ck_assert_msg(record_truth(json_object_get(record, "v")) == want, "%s", value);
    json_decref(record);
}

START_TEST(truth_is_what_python_takes_for_it)
{
    static const char *const falses[] = {"false", "null", "0", "-0.0", "0e5", "\"\"", "[]", "{}"};
    static const char *const truths[] = {"true",  "1",   "-1",         "1e-9",  "\"false\"",
                                         "\"0\"", "[0]", "{\"a\": 0}", "1e125", "\"\\u0000\""};

    for (size_t i = 0; i < sizeof falses / sizeof falses[0]; i++) {
        check_truth(falses[i], false);
    }
    for (size_t i = 0; i < sizeof truths / sizeof truths[0]; i++) {
        check_truth(truths[i], true);
    }
    ck_assert(!record_truth(NULL));
}
END_TEST

START_TEST(a_text_has_no_zero_byte)
{
    json_t *record = parse("{\"a\": \"x\\u0000y\", \"b\": \"\", \"c\": 1}");

    ck_assert_ptr_null(record_text(json_object_get(record, "a")));
    ck_assert_str_eq(record_text(json_object_get(record, "b")), "");
    ck_assert_ptr_null(record_text(json_object_get(record, "c")));
    json_decref(record);
}
END_TEST

int main(void)
{
    record_wipe_memory();
    return RUN_TESTS("tools/record", what_is_no_record_is_refused_without_a_word_of_it,
                     names_are_checked_as_lava_checks_them, many_names_are_cut_off,
                     truth_is_what_python_takes_for_it, a_text_has_no_zero_byte);
}
