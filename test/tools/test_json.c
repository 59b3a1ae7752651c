/* test_json.c: results as JSON. */
#include "test/run.h"
#include "tools/entry_json.h"

#include <stdlib.h>
#include <string.h>

static char *text;
static size_t text_len;

static FILE *begin(void)
{
    FILE *to = open_memstream(&text, &text_len);

    ck_assert_ptr_nonnull(to);
    return to;
}

static void check(FILE *to, const char *want)
{
    ck_assert_int_eq(fclose(to), 0);
    ck_assert_str_eq(text, want);
    free(text);
}

START_TEST(an_array_has_one_object_a_line)
{
    struct json json;
    FILE *to = begin();

    json_begin(&json, to, true);
    for (unsigned i = 0; i < 2; i++) {
        json_begin_object(&json);
        json_text(&json, "name", i ? "\"\\\n" : "a");
        json_number(&json, "n", UINT64_MAX);
        json_flag(&json, "yes", i == 1);
        json_time(&json, "t", i ? 0 : 1);
        json_end_object(&json);
    }
    json_end(&json);
    check(to, "[\n"
              "{\"name\": \"a\", \"n\": 18446744073709551615, \"yes\": false, \"t\": "
              "\"1970-01-01T00:00:00.000000001Z\"},\n"
              "{\"name\": \"\\\"\\\\\\u000a\", \"n\": 18446744073709551615, \"yes\": true, \"t\": "
              "null}\n"
              "]\n");
}
END_TEST

START_TEST(an_empty_array_and_none_at_all)
{
    struct json json;
    FILE *to = begin();

    json_begin(&json, to, true);
    json_end(&json);
    json_begin(&json, to, false);
    json_end(&json);
    check(to, "[]\n");
}
END_TEST

START_TEST(a_member_may_be_an_object)
{
    struct json json = {.to = begin()};

    json_begin_object(&json);
    json_begin_member(&json, "empty");
    json_end_member(&json);
    json_begin_member(&json, "a");
    json_number(&json, "b", 1);
    json_begin_member(&json, "c");
    json_end_member(&json);
    json_flag(&json, "d", true);
    json_end_member(&json);
    json_number(&json, "e", 2);
    json_end_object(&json);
    check(json.to, "{\"empty\": {}, \"a\": {\"b\": 1, \"c\": {}, \"d\": true}, \"e\": 2}\n");
}
END_TEST

START_TEST(unpaired_surrogates_become_escapes)
{
    struct json json = {.to = begin()};

    json_begin_object(&json);
    json_text(&json, "a", "x\xed\xa0\xbdy"); /* U+D83D alone */
    json_text(&json, "b", "\xf0\x9f\x98\x80");
    json_text(&json, "c", "\xff");
    json_end_object(&json);
    check(json.to, "{\"a\": \"x\\ud83dy\", \"b\": \"\xf0\x9f\x98\x80\", \"c\": \"\\ufffd\"}\n");
}
END_TEST

START_TEST(an_entry_says_what_it_is)
{
    struct json json = {.to = begin()};
    struct lsmb_stat st = {.bytes = 7, .attributes = LSMB_ATTR_DIRECTORY | LSMB_ATTR_REPARSE};

    entry_json(&json, "d/link", &st);
    ck_assert_int_eq(fflush(json.to), 0);
    ck_assert_ptr_nonnull(
        strstr(text, "\"path\": \"d/link\", \"name\": \"link\", \"type\": \"link\""));
    ck_assert_ptr_nonnull(strstr(text, "\"bytes\": 7"));
    ck_assert_int_eq(fclose(json.to), 0);
    free(text);
}
END_TEST

int main(void)
{
    return RUN_TESTS("tools/json", an_array_has_one_object_a_line, an_empty_array_and_none_at_all,
                     a_member_may_be_an_object, unpaired_surrogates_become_escapes,
                     an_entry_says_what_it_is);
}
