/* test_credfile.c: credentials files in the form of mount.cifs. */
#include "test/run.h"
#include "tools/credfile.h"

#include <string.h>

static char text[256];

static bool parse(struct credfile *out, const char *file, struct refusal *why)
{
    ck_assert_uint_lt(strlen(file), sizeof text);
    memcpy(text, file, strlen(file) + 1);
    return credfile_parse(out, text, why);
}

static void check(const char *file, const char *user, const char *domain, const char *password)
{
    struct credfile got;
    struct refusal why = {""};

    ck_assert_msg(parse(&got, file, &why), "%s", why.text);
    ck_assert_pstr_eq(got.user, user);
    ck_assert_pstr_eq(got.domain, domain);
    ck_assert_pstr_eq(got.password, password);
}

START_TEST(lines_that_say_nothing_known_are_refused_and_not_repeated)
{
    static const char *const bad[] = {"username=a\ngeheim\n", "username=a\ngeheim=b",
                                      "username=a\npasswordgeheim"};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct credfile got;
        struct refusal why = {""};
        ck_assert(!parse(&got, bad[i], &why));
        ck_assert_ptr_nonnull(strstr(why.text, "line 2"));
        ck_assert_ptr_null(strstr(why.text, "geheim"));
    }
}
END_TEST

START_TEST(fields_may_be_missing)
{
    check("", NULL, NULL, NULL);
    check("\n\n# nothing here\n", NULL, NULL, NULL);
    check("username=alice", "alice", NULL, NULL);
    check("password=\n", NULL, NULL, "");
}
END_TEST

START_TEST(fields_are_found_under_all_their_names)
{
    check("username=alice\npassword=pw\ndomain=EX\n", "alice", "EX", "pw");
    check("user=alice\npass=pw\ndom=EX\n", "alice", "EX", "pw");
    check("  user = alice\nworkgroup=EX", " alice", "EX", NULL);
    check("username=alice\r\npassword=pw\r\n", "alice", NULL, "pw");
}
END_TEST

START_TEST(a_password_is_everything_up_to_the_end_of_its_line)
{
    check("password= a=b#c,\\ \n", NULL, NULL, " a=b#c,\\ ");
}
END_TEST

START_TEST(a_user_may_bring_a_domain)
{
    check("username=EX\\alice\n", "alice", "EX", NULL);
    check("username=EX/alice\n", "alice", "EX", NULL);
    check("username=EX/alice\ndomain=OTHER\n", "alice", "OTHER", NULL);
}
END_TEST

int main(void)
{
    return RUN_TESTS("tools/credfile", lines_that_say_nothing_known_are_refused_and_not_repeated,
                     fields_may_be_missing, fields_are_found_under_all_their_names,
                     a_password_is_everything_up_to_the_end_of_its_line, a_user_may_bring_a_domain);
}
