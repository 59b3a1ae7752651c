/* test_name_set.c: xfer/name_set: which names have been given away. */
#include "xfer/name_set.h"

#include "test/run.h"

#include <stdio.h>

/* source: the first of vectors_sip64 in the reference implementation, for the empty input; the other from an
 * implementation of its own that agrees with the paper's appendix A (15 bytes: 0xa129ca6149be45e5) */
START_TEST(siphash_2_4)
{
    static const struct name_key key = {{0x0706050403020100, 0x0f0e0d0c0b0a0908}};

    ck_assert_uint_eq(name_hash(&key, "", false), 0x726fdb47dd0e0e31);
    ck_assert_uint_eq(name_hash(&key, "hello, world: names", false), 0x5b4a110a8f9f7080);
}
END_TEST

START_TEST(names_that_differ_in_case_only_are_one_when_folded)
{
    static const struct name_key key = {{1, 2}};

    ck_assert_uint_eq(name_hash(&key, "Straße Ä", true), name_hash(&key, "sTRAßE ä", true));
    ck_assert_uint_ne(name_hash(&key, "a", true), name_hash(&key, "b", true));
    ck_assert_uint_ne(name_hash(&key, "A", false), name_hash(&key, "a", false));
}
END_TEST

START_TEST(what_is_no_utf_8_is_taken_as_it_is)
{
    static const struct name_key key = {{1, 2}};

    ck_assert_uint_eq(name_hash(&key, "\xFF\xFE", true), name_hash(&key, "\xFF\xFE", false));
}
END_TEST

START_TEST(a_name_is_new_once)
{
    static const struct name_key key = {{3, 4}};
    struct name_set set = {0};
    char name[16];

    for (unsigned pass = 0; pass < 2; pass++) {
        for (unsigned i = 0; i < 5000; i++) {
            (void)snprintf(name, sizeof name, "%u", i);
            ck_assert_int_eq(name_set_add(&set, name_hash(&key, name, true)),
                             pass == 0 ? NAME_NEW : NAME_THERE);
        }
    }
    ck_assert_uint_eq(set.count, 5000);
    name_set_free(&set);
    ck_assert_ptr_null(set.slots);
}
END_TEST

START_TEST(no_hash_is_lost)
{
    struct name_set set = {0};

    ck_assert_int_eq(name_set_add(&set, 0), NAME_NEW);
    ck_assert_int_eq(name_set_add(&set, 0), NAME_THERE);
    ck_assert_int_eq(name_set_add(&set, UINT64_MAX), NAME_NEW);
    ck_assert_int_eq(name_set_add(&set, UINT64_MAX), NAME_THERE);
    name_set_free(&set);
}
END_TEST

int main(void)
{
    return RUN_TESTS("xfer/name_set", siphash_2_4,
                     names_that_differ_in_case_only_are_one_when_folded,
                     what_is_no_utf_8_is_taken_as_it_is, a_name_is_new_once, no_hash_is_lost);
}
