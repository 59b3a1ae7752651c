/* test_password.c: where passwords come from, except for a terminal. */
#include "test/run.h"
#include "tools/password.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const char pattern[] = "/tmp/lsmb-test-XXXXXX";
static char name[sizeof pattern];

static void make_file(const char *content, size_t len)
{
    memcpy(name, pattern, sizeof pattern);
    int fd = mkstemp(name);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, content, len), (ssize_t)len);
    ck_assert_int_eq(close(fd), 0);
}

static void check_first_line(const char *content, const char *want)
{
    struct options opt = {.password_file = name};
    struct password password;
    struct refusal why = {""};

    make_file(content, strlen(content));
    ck_assert_msg(password_open(&password, &opt, &why), "%s", why.text);
    ck_assert_int_eq(unlink(name), 0);
    ck_assert_str_eq(password.text, want);
    password_close(&password);
    ck_assert_ptr_null(password.text);
}

static void check_bad_file(const char *content, size_t len)
{
    struct options opt = {.password_file = name};
    struct password password;
    struct refusal why = {""};

    make_file(content, len);
    ck_assert(!password_open(&password, &opt, &why));
    ck_assert_int_eq(unlink(name), 0);
    ck_assert_ptr_nonnull(strstr(why.text, "--password-file"));
    password_close(&password);
}

START_TEST(a_file_that_cannot_be_a_password_is_refused)
{
    static char lengthy[20000];
    struct options opt = {.password_file = "/nonexistent/file"};
    struct password password;
    struct refusal why = {""};

    memset(lengthy, 'x', sizeof lengthy);
    check_bad_file("pass\0word", 9);
    check_bad_file(lengthy, sizeof lengthy);
    ck_assert(!password_open(&password, &opt, &why));
    ck_assert_ptr_nonnull(strstr(why.text, "No such file"));
    password_close(&password);
}
END_TEST

START_TEST(a_password_longer_than_any_is_refused)
{
    static char content[1026];
    struct options opt = {.password_file = name};
    struct password password;
    struct refusal why = {""};

    memset(content, 'x', sizeof content - 1);
    make_file(content, sizeof content - 1);
    ck_assert(!password_open(&password, &opt, &why));
    ck_assert_int_eq(unlink(name), 0);
    ck_assert_ptr_nonnull(strstr(why.text, "longer"));
    password_close(&password);
}
END_TEST

START_TEST(the_first_line_of_a_file_is_the_password)
{
    check_first_line("secret\nmore\n", "secret");
    check_first_line("secret\r\n", "secret");
    check_first_line(" sec ret ", " sec ret ");
    check_first_line("", "");
    check_first_line("\nsecret\n", "");
}
END_TEST

START_TEST(credentials_bring_user_and_password)
{
    static const char content[] = "username=alice\npassword=pw\n";
    struct options opt = {.credentials_file = name};
    struct password password;
    struct refusal why = {""};

    make_file(content, sizeof content - 1);
    ck_assert(password_open(&password, &opt, &why));
    ck_assert_int_eq(unlink(name), 0);
    ck_assert_str_eq(password.file.user, "alice");
    ck_assert_str_eq(password.text, "pw");
    password_close(&password);
}
END_TEST

START_TEST(the_environment_is_asked_next_and_wiped)
{
    static const char content[] = "username=alice\n";
    struct options opt = {.credentials_file = name};
    struct password password;
    struct refusal why = {""};

    make_file(content, sizeof content - 1);
    ck_assert_int_eq(setenv("LAVA_SMB_PASSWORD", "from the environment", 1), 0);
    const char *there = getenv("LAVA_SMB_PASSWORD");
    ck_assert(password_open(&password, &opt, &why));
    ck_assert_int_eq(unlink(name), 0);
    ck_assert(password_find(&password, "alice@host", -1, &why));
    ck_assert_str_eq(password.text, "from the environment");
    ck_assert_str_eq(there, "");
    ck_assert_ptr_null(getenv("LAVA_SMB_PASSWORD"));
    ck_assert_str_eq(password.file.user, "alice");
    password_close(&password);
}
END_TEST

static bool read_from(struct password *password, const struct connection *connection,
                      struct refusal *why)
{
    struct options opt = {.anonymous = false};

    ck_assert(password_open(password, &opt, why));
    return password_of_connection(password, connection, why);
}

START_TEST(a_connection_names_a_file_or_a_variable)
{
    struct connection file = {.password_file = name};
    char variable[] = "LSMB_TEST_PASSWORD";
    struct connection env = {.password_env = variable};
    struct password password;
    struct refusal why = {""};

    make_file("secret\n", 7);
    ck_assert(read_from(&password, &file, &why));
    ck_assert_int_eq(unlink(name), 0);
    ck_assert_str_eq(password.text, "secret");
    ck_assert(password.connections);
    password_close(&password);
    ck_assert(!read_from(&password, &file, &why));
    ck_assert_ptr_nonnull(strstr(why.text, "password_file"));
    password_close(&password);
    ck_assert_int_eq(setenv(variable, "other", 1), 0);
    ck_assert(read_from(&password, &env, &why));
    ck_assert_str_eq(password.text, "other");
    ck_assert_ptr_null(getenv(variable));
    password_close(&password);
    ck_assert(!read_from(&password, &env, &why));
    ck_assert_ptr_nonnull(strstr(why.text, "LSMB_TEST_PASSWORD is not set"));
    password_close(&password);
}
END_TEST

START_TEST(an_option_goes_before_the_connection)
{
    struct options opt = {.password_file = name};
    char other[] = "/nonexistent/file";
    struct connection file = {.password_file = other};
    struct password password;
    struct refusal why = {""};

    make_file("mine\n", 5);
    ck_assert(password_open(&password, &opt, &why));
    ck_assert_int_eq(unlink(name), 0);
    ck_assert(password_of_connection(&password, &file, &why));
    ck_assert_str_eq(password.text, "mine");
    ck_assert(password.given && !password.connections);
    password_close(&password);
}
END_TEST

START_TEST(a_password_of_aws_is_the_connections)
{
    static char lengthy[1026];
    struct connection none = {.host = NULL};
    struct password password;
    struct refusal why = {""};

    memset(lengthy, 'x', sizeof lengthy - 1);
    ck_assert(read_from(&password, &none, &why));
    ck_assert(!password.connections);
    ck_assert(!password_take(&password, lengthy, &why));
    ck_assert_ptr_nonnull(strstr(why.text, "longer"));
    ck_assert_ptr_null(password.text);
    ck_assert(password_take(&password, "from SSM", &why));
    ck_assert_str_eq(password.text, "from SSM");
    ck_assert(password.connections && !password.given);
    password_close(&password);
}
END_TEST

START_TEST(without_a_terminal_the_user_is_told_what_to_do)
{
    struct options opt = {.anonymous = false};
    struct password password;
    struct refusal why = {""};

    ck_assert_int_eq(unsetenv("LAVA_SMB_PASSWORD"), 0);
    int tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
    if (tty >= 0) { /* the test's own process lets go of its terminal */
        ck_assert_int_eq(ioctl(tty, TIOCNOTTY), 0);
        ck_assert_int_eq(close(tty), 0);
    }
    ck_assert(password_open(&password, &opt, &why));
    ck_assert(!password_find(&password, "alice@host", -1, &why));
    ck_assert_ptr_nonnull(strstr(why.text, "alice@host"));
    ck_assert_ptr_nonnull(strstr(why.text, "--password-file"));
    password_close(&password);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "tools/password", a_file_that_cannot_be_a_password_is_refused,
        a_password_longer_than_any_is_refused, the_first_line_of_a_file_is_the_password,
        credentials_bring_user_and_password, the_environment_is_asked_next_and_wiped,
        a_connection_names_a_file_or_a_variable, an_option_goes_before_the_connection,
        a_password_of_aws_is_the_connections, without_a_terminal_the_user_is_told_what_to_do);
}
