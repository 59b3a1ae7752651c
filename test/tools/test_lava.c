/* test_lava.c: what a secret adds to a record.  (That a connection is fetched from AWS is tried beside the gateway of
 * test/aws.) */
#include "test/run.h"
#include "tools/lava.h"

#include <string.h>

static json_t *parse(const char *text)
{
    struct refusal why = {""};
    json_t *record = record_parse(text, strlen(text), &why);

    ck_assert_ptr_nonnull(record);
    return record;
}

/* `fields`: of the record afterwards, in alphabetical order. */
static void check(const char *record_text, const char *secret_text, const char *fields,
                  const char *password)
{
    json_t *record = parse(record_text), *secret = parse(secret_text);
    const char *got = NULL;
    struct refusal why = {""};

    ck_assert(lava_merge(record, secret, &got, &why));
    char *text = json_dumps(record, JSON_COMPACT | JSON_SORT_KEYS);
    ck_assert_str_eq(text, fields);
    free(text);
    ck_assert_int_eq(got != NULL, password != NULL);
    if (password) {
        ck_assert_str_eq(got, password);
    }
    json_decref(record);
    json_decref(secret);
}

START_TEST(a_secret_adds_what_is_missing)
{
    check(
        "{\"a\":\"b\"}",
        "{\"username\": \"u\", \"host\": \"h\", \"port\": \"445\", \"dbClusterIdentifier\": \"d\","
        " \"engine\": \"x\"}",
        "{\"a\":\"b\",\"description\":\"d\",\"host\":\"h\",\"port\":\"445\",\"user\":\"u\"}", NULL);
    check("{\"host\":\"mine\",\"user\":null}", "{\"username\": \"u\", \"host\": \"h\"}",
          "{\"host\":\"mine\",\"user\":null}", NULL);
}
END_TEST

START_TEST(a_password_does_not_get_into_the_record)
{
    check("{}", "{\"password\": \"geheim\"}", "{\"password\":\"\"}", "geheim");
    check("{\"password\":\"/lava/r/x\"}", "{\"password\": \"geheim\"}",
          "{\"password\":\"/lava/r/x\"}", NULL);
    check("{\"password_env\":\"X\"}", "{\"password\": \"geheim\"}", "{\"password_env\":\"X\"}",
          NULL);
}
END_TEST

START_TEST(what_belongs_to_databases_is_there_to_be_refused)
{
    check("{}", "{\"dbname\": \"n\", \"sid\": \"s\", \"serviceName\": \"v\"}",
          "{\"database\":\"n\",\"service_name\":\"v\",\"sid\":\"s\"}", NULL);
}
END_TEST

START_TEST(a_password_must_be_a_string)
{
    json_t *record = parse("{}"), *secret = parse("{\"password\": 1234}");
    const char *password = NULL;
    struct refusal why = {""};

    ck_assert(!lava_merge(record, secret, &password, &why));
    ck_assert_ptr_nonnull(strstr(why.text, "string"));
    ck_assert_ptr_null(strstr(why.text, "1234"));
    json_decref(record);
    json_decref(secret);
}
END_TEST

int main(void)
{
    return RUN_TESTS("tools/lava", a_secret_adds_what_is_missing,
                     a_password_does_not_get_into_the_record,
                     what_belongs_to_databases_is_there_to_be_refused, a_password_must_be_a_string);
}
