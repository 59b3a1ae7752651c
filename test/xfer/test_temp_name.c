#include "xfer/temp_name.h"

#include <string.h>

#include "test/run.h"
#include "test/script.h"

static struct script_random randomness;

static const char *made_of(const char *name)
{
    static char out[TEMP_NAME_MAX + 1];

    script_random_init(&randomness);
    ck_assert(temp_name(out, name, &randomness.random));
    return out;
}

START_TEST(a_temporary_is_hidden_and_tells_whose_it_is)
{
    ck_assert_str_eq(made_of("report.txt"), ".report.txt.lava-03020100");
}
END_TEST

START_TEST(no_two_are_the_same)
{
    char one[TEMP_NAME_MAX + 1], two[TEMP_NAME_MAX + 1];

    script_random_init(&randomness);
    ck_assert(temp_name(one, "a", &randomness.random));
    ck_assert(temp_name(two, "a", &randomness.random));
    ck_assert_str_ne(one, two);
}
END_TEST

START_TEST(a_long_name_is_cut_to_what_a_component_may_have)
{
    char name[300];

    for (size_t len = 230; len < sizeof name; len++) {
        memset(name, 'x', len);
        name[len] = '\0';
        const char *temp = made_of(name);
        ck_assert_uint_lt(strlen(temp), TEMP_NAME_MAX);
        ck_assert_ptr_nonnull(strstr(temp, ".lava-"));
    }
}
END_TEST

/* RFC 3629 3: a character is not cut in the middle. */
START_TEST(a_name_is_cut_between_characters)
{
    static const char euro[] = "\xe2\x82\xac";
    char name[310];

    for (size_t skip = 0; skip < 3; skip++) {
        memset(name, 'x', skip);
        for (size_t i = 0; i < 100; i++) {
            memcpy(name + skip + i * 3, euro, sizeof euro);
        }
        const char *end = strstr(made_of(name), ".lava-");
        ck_assert_ptr_nonnull(end);
        ck_assert_int_eq(memcmp(end - 3, euro, 3), 0);
    }
}
END_TEST

START_TEST(without_randomness_there_is_no_name)
{
    char out[TEMP_NAME_MAX + 1];

    script_random_init(&randomness);
    randomness.fails = true;
    ck_assert(!temp_name(out, "a", &randomness.random));
}
END_TEST

int main(void)
{
    return RUN_TESTS("xfer/temp_name", a_temporary_is_hidden_and_tells_whose_it_is,
                     no_two_are_the_same, a_long_name_is_cut_to_what_a_component_may_have,
                     a_name_is_cut_between_characters, without_randomness_there_is_no_name);
}
