/* test_secret.c: secrets, and the randomness that some of them are made of. */
#include "base/random.h"
#include "base/secret.h"
#include "test/hex.h"
#include "test/run.h"

START_TEST(a_secret_holds_a_copy)
{
    uint8_t word[] = "swordfish";
    struct secret s = {0};

    ck_assert(secret_set(&s, (struct span){word, 9}));
    memset(word, 0, sizeof word);
    ck_assert_uint_eq(secret_span(&s).len, 9);
    ck_assert_mem_eq(secret_span(&s).ptr, "swordfish", 9);
    secret_wipe(&s);
    ck_assert_ptr_null(s.ptr);
    ck_assert_uint_eq(s.len, 0);
    secret_wipe(&s); /* harmless when empty */
}
END_TEST

START_TEST(a_secret_may_be_set_from_a_part_of_itself)
{
    struct secret s = {0};

    ck_assert(secret_set(&s, SPAN_STRZ("user:swordfish")));
    ck_assert(secret_set(&s, (struct span){s.ptr + 5, 9}));
    ck_assert_uint_eq(s.len, 9);
    ck_assert_mem_eq(s.ptr, "swordfish", 9);
    ck_assert(secret_set(&s, (struct span){0})); /* nothing is a secret, too */
    ck_assert_ptr_null(s.ptr);
}
END_TEST

START_TEST(a_secret_too_large_to_map_is_refused_and_empty)
{
    struct secret s = {0};
    uint8_t byte = 1;

    ck_assert(secret_set(&s, (struct span){&byte, 1}));
    ck_assert(!secret_set(&s, (struct span){&byte, SIZE_MAX / 2}));
    ck_assert_ptr_null(s.ptr);
}
END_TEST

START_TEST(comparing_looks_at_every_byte)
{
    uint8_t a[16] = {0}, b[16] = {0};

    ck_assert(secret_equal(a, b, sizeof a));
    for (size_t i = 0; i < sizeof a; i++) {
        b[i] = 0x80;
        ck_assert(!secret_equal(a, b, sizeof a));
        b[i] = 0;
    }
    ck_assert(secret_equal(a, b, 0));
}
END_TEST

START_TEST(erasing_leaves_zeros)
{
    uint8_t key[32];

    memset(key, 0xA5, sizeof key);
    secret_erase(key, sizeof key);
    for (size_t i = 0; i < sizeof key; i++) {
        ck_assert_uint_eq(key[i], 0);
    }
    secret_erase(NULL, 0);
}
END_TEST

START_TEST(the_system_fills_all_that_was_asked_for)
{
    static uint8_t a[70000], b[70000];

    ck_assert(random_system.fill(&random_system, a, sizeof a));
    ck_assert(random_system.fill(&random_system, b, sizeof b));
    ck_assert_mem_ne(a, b, sizeof a);
    ck_assert_mem_ne(a + sizeof a - 32, b + sizeof b - 32, 32); /* to the end */
    ck_assert(random_system.fill(&random_system, a, 0));
}
END_TEST

int main(void)
{
    return RUN_TESTS("base/secret", a_secret_holds_a_copy,
                     a_secret_may_be_set_from_a_part_of_itself,
                     a_secret_too_large_to_map_is_refused_and_empty, comparing_looks_at_every_byte,
                     erasing_leaves_zeros, the_system_fills_all_that_was_asked_for);
}
