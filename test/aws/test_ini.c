/* test_ini.c: the shared files' syntax.  What is expected here is what Python's configparser.RawConfigParser, with
 * botocore's configloader on top, makes of it, but where a comment says otherwise. */
#include "aws/ini.h"

#include <stdio.h>
#include <unistd.h>

#include "test/failmalloc.h"
#include "test/run.h"

static bool parse(struct ini *ini, const char *text, struct lsmb_error *err)
{
    ini_init(ini);
    return ini_parse(ini, "config", text, strlen(text), err);
}

/* Free `ini` afterwards. */
static void read_well(struct ini *ini, const char *text)
{
    struct lsmb_error err = {0};

    ck_assert_msg(parse(ini, text, &err), "%s", err.reason);
}

static void check(const char *text, const char *section, const char *key, const char *want)
{
    struct ini ini;

    read_well(&ini, text);
    const char *got = ini_get(&ini, section, key);
    ck_assert_msg(want ? got && strcmp(got, want) == 0 : !got, "%s: [%s] %s is %s", text, section,
                  key, got ? got : "(nothing)");
    ini_free(&ini);
}

START_TEST(keys_have_values_behind_the_first_sign)
{
    check("[default]\nregion = eu-west-1\n", "default", "region", "eu-west-1");
    check("[default]\nregion=eu-west-1", "default", "region", "eu-west-1");
    check("[default]\r\nregion : eu-west-1 \r\n", "default", "region", "eu-west-1");
    check("[a]\nx = a=b:c\n", "a", "x", "a=b:c");
    check("[a]\nx : a=b\n", "a", "x", "a=b");
    check("[a]\nx =\n", "a", "x", "");
    check("[a]\nAWS_Key = V\n", "a", "aws_key", "V");
    check("[a]\nx = 1\n[b]\nx = 2\n", "b", "x", "2");
    check("[a]\nx = 1\n[b]\nx = 2\n", "c", "x", NULL);
    check("[a]\nx = 1\n[b]\nx = 2\n", "a", "y", NULL);
    check("", "a", "x", NULL);
}
END_TEST

START_TEST(only_whole_lines_are_comments)
{
    check("# [a]\n; x\n[a]\n  # more\nx = 1 # 2 ; 3\n", "a", "x", "1 # 2 ; 3");
    check("[a]\nx = 1\n# none\n  ; none\n  2\n", "a", "x", "1\n2");
    check("[a] # c\nx = 1\n", "a", "x", "1");
    check("[a]b]\nx = 1\n", "a]b", "x", "1");
}
END_TEST

START_TEST(indented_lines_belong_to_the_value_above)
{
    check("[a]\nx = 1\n  2\n\n\t3  \ny = 4\n", "a", "x", "1\n2\n3");
    check("[a]\nx = 1\n  2\n\n\t3  \ny = 4\n", "a", "y", "4");
    check("[a]\nx = 1\n y = 2\n", "a", "x", "1\ny = 2");
    /* A section's first line cannot be one, and later ones are measured by it. */
    check("[a]\n  x = 1\n  y = 2\n", "a", "y", "2");
    check("[a]\n  x = 1\n  [b]\n  x = 2\n", "b", "x", "2");
    check("[a]\nx = 1\n  [b]\n", "a", "x", "1\n[b]");
}
END_TEST

START_TEST(keys_below_an_empty_one_are_nested)
{
    static const char text[] = "[a]\n"
                               "s3 =\n"
                               "  addressing_style = path\n"
                               "  payload_signing_enabled=true\n"
                               "\n"
                               "  addressing_style = virtual\n"
                               "region = x\n"
                               "[services t]\n"
                               "s3 = \n"
                               "    endpoint_url = http://h:9000/=\n"
                               "dynamodb =\n"
                               "    endpoint_url = http://h:9001\n";

    check(text, "a", "s3.addressing_style", "virtual"); /* the last one counts */
    check(text, "a", "s3.payload_signing_enabled", "true");
    check(text, "a", "s3.region", NULL);
    check(text, "a", "region", "x");
    check(text, "a", "addressing_style", NULL);
    check(text, "a", "s3", "");
    check(text, "services t", "s3.endpoint_url", "http://h:9000/=");
    check(text, "services t", "dynamodb.endpoint_url", "http://h:9001");
    check(text, "services t", "s", NULL);
    check(text, "services t", "s.endpoint_url", NULL);
}
END_TEST

START_TEST(names_of_two_words_may_be_quoted)
{
    check("[profile b]\nx = 1\n", "profile b", "x", "1");
    check("[profile   b]\nx = 1\n", "profile b", "x", "1");
    check("[profile\t\"b c\"]\nx = 1\n", "profile b c", "x", "1");
    check("[services 'it\"s']\nx = 1\n", "services it\"s", "x", "1");
    check("[profile]\nx = 1\n", "profile", "x", "1");
    check("['profile b']\nx = 1\n", "'profile b'", "x", "1");
    check("[a 'b']\nx = 1\n", "a 'b'", "x", "1");
    /* Trimmed, unlike Python's. */
    check("[ default ]\nx = 1\n", "default", "x", "1");
    check("[profile \"b]\nx = 1\n", "profile b", "x", "1");
}
END_TEST

START_TEST(a_mark_before_utf8_is_overlooked) /* unlike Python's */
{
    check("\xEF\xBB\xBF[a]\nx = \xC3\xBC\n", "a", "x", "\xC3\xBC");
}
END_TEST

START_TEST(what_is_malformed_is_refused_with_its_line)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"x = 1\n", "line 1: no section"},
        {"[a]\nx = 1\n\nnothing\n", "line 4: neither"},
        {"[a\n", "line 1: a section's name"},
        {"[]\n", "line 1: a section has no name"},
        {"[  ]\n", "line 1: a section has no name"},
        {"[a]\n[a]\n", "line 2: the same section"},
        {"[a]\nx = 1\nX : 2\n", "line 3: the same key"},
        {"[a]\n= 1\n", "line 2: a value has no key"},
        {"[a]\ns3 =\n  nothing\n", "line 3: an indented line"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct lsmb_error err = {0};
        struct ini ini;

        ck_assert_msg(!parse(&ini, cases[i].text, &err), "%s", cases[i].text);
        ck_assert_int_eq(err.code, LSMB_E_USAGE);
        ck_assert_msg(strstr(err.reason, cases[i].why) &&
                          strstr(err.reason, "Unable to parse config file: config"),
                      "%s: %s", cases[i].text, err.reason);
        ck_assert(!ini_has(&ini, "a"));
        ini_free(&ini);
    }
}
END_TEST

/* `head`, then `count` lines of the two and a number between them. */
static bool read_many(const char *head, const char *before, const char *after, unsigned count,
                      struct lsmb_error *err)
{
    size_t room = strlen(head) + (strlen(before) + strlen(after) + 8) * (size_t)count + 1;
    char *text = malloc(room), *at = text;
    struct ini ini;

    ck_assert_ptr_nonnull(text);
    at += snprintf(at, room, "%s", head);
    for (unsigned i = 0; i < count; i++) {
        at += snprintf(at, room - (size_t)(at - text), "%s%u%s\n", before, i, after);
    }
    bool good = parse(&ini, text, err);
    ini_free(&ini);
    free(text);
    return good;
}

START_TEST(everything_has_a_limit)
{
    struct lsmb_error err = {0};
    struct ini ini;
    char *big = calloc(1, (1 << 20) + 2);

    ck_assert(read_many("[a]\n", "k", " = 1", 1000, &err));
    ck_assert(!read_many("[a]\n", "k", " = 1", 1001, &err));
    ck_assert_ptr_nonnull(strstr(err.reason, "too many keys"));
    ck_assert(!read_many("[a]\ns3 =\n", " k", " = 1", 1000, &err));
    ck_assert(!read_many("", "[s", "]", 10001, &err));
    ck_assert_ptr_nonnull(strstr(err.reason, "too many sections"));
    ck_assert_ptr_nonnull(big);
    memset(big, '\n', (1 << 20) + 1);
    ini_init(&ini);
    ck_assert(ini_parse(&ini, "big", big + 1, 1 << 20, &err));
    ini_free(&ini);
    ini_init(&ini);
    ck_assert(!ini_parse(&ini, "big", big, (1 << 20) + 1, &err));
    big[5] = '\0'; /* no text */
    ck_assert(!ini_parse(&ini, "big", big + 1, 10, &err));
    ini_free(&ini);
    free(big);
}
END_TEST

START_TEST(a_file_that_is_not_there_is_empty)
{
    struct lsmb_error err = {0};
    struct ini ini;

    ini_init(&ini);
    ck_assert(ini_read(&ini, "/nonexistent/config", &err));
    ck_assert(ini_read(&ini, "/dev/null", &err));
    ck_assert(ini_read(&ini, "/", &err)); /* what container runtimes put in the place of one */
    ck_assert(!ini_has(&ini, "default"));
    ini_free(&ini);
}
END_TEST

START_TEST(a_file_is_read)
{
    char path[] = "/tmp/test_ini.XXXXXX";
    struct lsmb_error err = {0};
    struct ini ini;
    int fd = mkstemp(path);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, "[a]\nx = 1\n", 10), 10);
    ini_init(&ini);
    ck_assert_msg(ini_read(&ini, path, &err), "%s", err.reason);
    ck_assert_str_eq(ini_get(&ini, "a", "x"), "1");
    ini_free(&ini);
    ck_assert_int_eq(write(fd, "x = 2\n", 6), 6);
    ini_init(&ini);
    ck_assert(!ini_read(&ini, path, &err));
    ck_assert_ptr_nonnull(strstr(err.reason, path));
    ini_free(&ini);
    (void)close(fd);
    (void)unlink(path);
}
END_TEST

START_TEST(without_memory_nothing_is_read)
{
    struct lsmb_error err = {0};
    bool failed = true;

    for (unsigned skip = 0; failed; skip++) {
        struct ini ini;

        fail_malloc(skip, false);
        bool good = parse(&ini, "[a]\nx = 1\ns3 =\n  y = 2\n", &err);
        failed = fail_malloc_off();
        ck_assert_int_eq(good, !failed);
        ck_assert(good || err.code == LSMB_E_NOMEM);
        ini_free(&ini);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("aws/ini", keys_have_values_behind_the_first_sign,
                     only_whole_lines_are_comments, indented_lines_belong_to_the_value_above,
                     keys_below_an_empty_one_are_nested, names_of_two_words_may_be_quoted,
                     a_mark_before_utf8_is_overlooked, what_is_malformed_is_refused_with_its_line,
                     everything_has_a_limit, a_file_that_is_not_there_is_empty, a_file_is_read,
                     without_memory_nothing_is_read);
}
