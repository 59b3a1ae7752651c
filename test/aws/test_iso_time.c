/* test_iso_time.c: times as services write them. */
#include "aws/iso_time.h"
#include "test/run.h"

#include <stdio.h>
#include <string.h>

START_TEST(times_are_read)
{
    static const struct {
        const char *text;
        int64_t unix_s;
    } cases[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1969-12-31T23:59:59Z", -1},
        {"2023-11-14T22:13:20Z", 1700000000},
        {"2023-11-14T22:13:20", 1700000000},
        {"2023-11-14 22:13:20z", 1700000000},
        {"2023-11-14T22:13:20.999Z", 1700000000},
        {"2023-11-14T23:13:20+01:00", 1700000000},
        {"2023-11-14T16:43:20-0530", 1700000000},
        {"2024-02-29T12:00:00Z", 1709208000},
        {"2000-03-01T00:00:00Z", 951868800},
        {"1985-04-12T23:20:50.52Z", 482196050},        /* source: RFC 3339 5.8 */
        {"1996-12-19T16:39:57-08:00", 851042397},      /* likewise */
        {"1990-12-31T23:59:60Z", 662688000},           /* likewise: a leap second */
        {"1937-01-01T12:00:27.87+00:20", -1041337173}, /* likewise */
        {"9999-12-31T23:59:59Z", 253402300799},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t unix_s = 0;
        ck_assert_msg(iso_time_read(cases[i].text, &unix_s), "%s", cases[i].text);
        ck_assert_int_eq(unix_s, cases[i].unix_s);
    }
}
END_TEST

START_TEST(what_is_no_time_is_refused)
{
    static const char *const cases[] = {
        "now",
        "2023-02-29T00:00:00Z",
        "2023-00-01T00:00:00Z",
        "2023-13-01T00:00:00Z",
        "2023-04-31T00:00:00Z",
        "2023-04-00T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "2023-01-01T24:00:00Z",
        "2023-01-01T00:60:00Z",
        "2023-01-01T00:00:61Z",
        "2023-01-01T00:00:00ZZ",
        "2023-01-01T00:00:00.Z",
        "2023-01-01T00:00:00+1:00",
        "2023-01-01T00:00:00+24:00",
        "2023-01-01T00:00:00+01:0",
        "20230101T000000Z",
        " 2023-01-01T00:00:00Z",
    };
    int64_t unix_s;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_msg(!iso_time_read(cases[i], &unix_s), "%s", cases[i]);
    }
}
END_TEST

START_TEST(each_proper_prefix_of_a_time_is_refused)
{
    static const char whole[] = "2023-11-14T22:13:20.5+01:00";
    char part[sizeof whole];
    int64_t unix_s;

    for (size_t len = 0; len < sizeof whole - 1; len++) {
        (void)snprintf(part, sizeof part, "%.*s", (int)len, whole);
        bool complete = len == strlen("2023-11-14T22:13:20") ||
                        len == strlen("2023-11-14T22:13:20.5"); /* without an offset */
        ck_assert_msg(iso_time_read(part, &unix_s) == complete, "%s", part);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("aws/iso_time", times_are_read, what_is_no_time_is_refused,
                     each_proper_prefix_of_a_time_is_refused);
}
