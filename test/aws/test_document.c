/* test_document.c: JSON objects that hold secrets. */
#include "aws/document.h"
#include "test/run.h"

#include <stdio.h>
#include <string.h>

static json_t *read_good(const char *text)
{
    struct lsmb_error err;
    json_t *document = document_read(text, strlen(text), &err);

    ck_assert_msg(document != NULL, "%s: %s", text, err.reason);
    return document;
}

START_TEST(texts_are_found_by_name)
{
    json_t *d = read_good("{\"a\": \"x\\u00e9\\ud83d\\ude00\", \"b\": 1, \"c\": \"x\\u0000y\", "
                          "\"d\": null, \"e\": \"\"}");

    ck_assert_str_eq(document_text(d, "a"), "x\xc3\xa9\xf0\x9f\x98\x80");
    ck_assert_ptr_null(document_text(d, "b"));
    ck_assert_ptr_null(document_text(d, "c")); /* it would be cut off */
    ck_assert_ptr_null(document_text(d, "d"));
    ck_assert_str_eq(document_text(d, "e"), "");
    ck_assert_ptr_null(document_text(d, "f"));
    ck_assert_ptr_null(document_text(NULL, "a"));
    document_free(d);
    document_free(NULL);
}
END_TEST

START_TEST(what_is_no_object_is_refused_without_a_word_of_it)
{
    static const char *const cases[] = {"",         "hush",
                                        "\"hush\"", "[\"hush\"]",
                                        "{hush}",   "{\"hush\":}",
                                        "{} hush",  "{\"a\":\"\\ud800\"}",
                                        "\xff{}",   "{\"a\":\"\xff\"}"};
    struct lsmb_error err;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_msg(document_read(cases[i], strlen(cases[i]), &err) == NULL, "%s", cases[i]);
        ck_assert_int_eq(err.code, LSMB_E_PROTOCOL);
        ck_assert_ptr_null(strstr(err.reason, "hush"));
    }
}
END_TEST

START_TEST(a_document_without_end_in_depth_is_refused)
{
    static char text[20000];
    struct lsmb_error err;

    memset(text, '[', sizeof text);
    (void)snprintf(text, sizeof text, "{\"a\":");
    text[5] = '[';
    ck_assert_ptr_null(document_read(text, sizeof text, &err));
}
END_TEST

/* Its text stays in memory that somebody else holds, too, so that it can be looked at. */
START_TEST(texts_are_erased)
{
    json_t *d = read_good("{\"a\": {\"b\": [\"secret\"]}}");
    json_t *text = json_incref(json_array_get(json_object_get(json_object_get(d, "a"), "b"), 0));

    document_free(d);
    ck_assert_uint_eq(json_string_length(text), 6);
    for (size_t i = 0; i < 6; i++) {
        ck_assert_int_eq(json_string_value(text)[i], 0);
    }
    json_decref(text);
}
END_TEST

int main(void)
{
    return RUN_TESTS("aws/document", texts_are_found_by_name,
                     what_is_no_object_is_refused_without_a_word_of_it,
                     a_document_without_end_in_depth_is_refused, texts_are_erased);
}
