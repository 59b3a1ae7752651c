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

/* Source of the hash: MS-NLMP 4.2.2.1.2. */
START_TEST(a_hash_stands_in_for_the_password)
{
    struct credentials c = {0};
    uint8_t hash[NT_HASH_LEN];

    hex(hash, "a4f49c406510bdcab6824ee7c30fd852");
    ck_assert(credentials_set(&c, "User", "Domain", "forgotten"));
    ck_assert(credentials_set_nt_hash(&c, hash));
    ck_assert_uint_eq(c.password.len, 0);
    ck_assert_uint_eq(c.nt_hash.len, sizeof hash);
    ck_assert_mem_eq(c.nt_hash.ptr, hash, sizeof hash);
    ck_assert(!c.anonymous);
    ck_assert(credentials_set(&c, "User", "Domain", "Password")); /* and the other way round */
    ck_assert_uint_eq(c.nt_hash.len, 0);
    credentials_wipe(&c);
    ck_assert_ptr_null(c.nt_hash.ptr);
}
END_TEST

START_TEST(our_own_name_can_be_set)
{
    struct credentials c = {0};

    ck_assert(credentials_set(&c, "user", NULL, "password"));
    ck_assert(credentials_set_workstation(&c, "M\xC3\x9CLLER-PC"));
    ck_assert_str_eq(c.workstation, "M\xC3\x9CLLER-PC");
    ck_assert(!credentials_set_workstation(&c, "\xFF"));
    ck_assert_str_eq(c.workstation, "M\xC3\x9CLLER-PC");
    ck_assert(credentials_set_workstation(&c, NULL));
    ck_assert_str_eq(c.workstation, "");
    credentials_wipe(&c);
}
END_TEST

START_TEST(credentials_are_equal_when_everything_is)
{
    static const char *const others[][3] = {{"User", "domain", "password"},
                                            {"user", "Domain", "password"},
                                            {"user", "domain", "Password"},
                                            {"user", "domain", ""},
                                            {"", "domain", "password"}};
    struct credentials a = {0}, b = {0}, empty = {0};
    uint8_t hash[NT_HASH_LEN] = {1};

    ck_assert(credentials_set(&a, "user", "domain", "password"));
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        ck_assert(credentials_set(&b, others[i][0], others[i][1], others[i][2]));
        ck_assert(!credentials_equal(&a, &b));
    }
    ck_assert(credentials_set(&b, "user", "domain", "password"));
    ck_assert(credentials_equal(&a, &b));
    ck_assert(credentials_set_workstation(&b, "here"));
    ck_assert(!credentials_equal(&a, &b));
    ck_assert(credentials_set_workstation(&b, NULL) && credentials_set_nt_hash(&b, hash));
    ck_assert(!credentials_equal(&a, &b));
    ck_assert(credentials_set_nt_hash(&a, hash) && credentials_equal(&a, &b));
    ck_assert(credentials_equal(&empty, &empty) && !credentials_equal(&a, &empty));
    credentials_wipe(&a);
    credentials_wipe(&b);
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
                     without_a_user_the_logon_is_anonymous, a_hash_stands_in_for_the_password,
                     our_own_name_can_be_set, credentials_are_equal_when_everything_is,
                     what_is_not_utf8_is_refused_and_leaves_nothing);
}
