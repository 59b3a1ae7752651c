/* test_credentials.c: who we say we are. */
#include "auth/credentials.h"
#include "test/hex.h"
#include "test/run.h"

START_TEST(credentials_are_copied)
{
    struct credentials c = {0};
    char password[] = "s\xC3\xA9same";

    ck_assert(credentials_set(&c, "user@example.com", "", password));
    memset(password, 'x', sizeof password - 1);
    ck_assert_str_eq(c.user, "user@example.com");
    ck_assert_str_eq(c.domain, "");
    ck_assert_str_eq(c.workstation, "");
    ck_assert_uint_eq(c.password.len, 7);
    ck_assert_mem_eq(c.password.ptr, "s\xC3\xA9same", 7);
    ck_assert(!c.anonymous);
    credentials_wipe(&c);
    ck_assert_ptr_null(c.user);
    ck_assert_ptr_null(c.password.ptr);
}
END_TEST

START_TEST(without_a_user_the_logon_is_anonymous)
{
    struct credentials c = {0};

    ck_assert(credentials_set(&c, NULL, NULL, NULL));
    ck_assert(c.anonymous);
    ck_assert_str_eq(c.user, "");
    ck_assert(credentials_set(&c, "guest", NULL, "")); /* an empty password is a password */
    ck_assert(!c.anonymous);
    ck_assert_str_eq(c.user, "guest");
    credentials_wipe(&c);
}
END_TEST

START_TEST(what_is_not_utf8_is_refused_and_leaves_nothing)
{
    struct credentials c = {0};

    ck_assert(credentials_set(&c, "user", "domain", "password"));
    ck_assert(!credentials_set(&c, "us\xFF\x65r", "domain", "password"));
    ck_assert_ptr_null(c.user);
    ck_assert_ptr_null(c.password.ptr);
    ck_assert(!credentials_set(&c, "user", "\xC3", "password"));
    ck_assert(!credentials_set(&c, "user", "domain", "pass\x80word"));
    ck_assert_ptr_null(c.domain);
    ck_assert_uint_eq(c.password.len, 0);
}
END_TEST

int main(void)
{
    return RUN_TESTS("auth/credentials", credentials_are_copied,
                     without_a_user_the_logon_is_anonymous,
                     what_is_not_utf8_is_refused_and_leaves_nothing);
}
