/* test_snapshot.c: which snapshots of a volume there are (MS-SMB2 2.2.32.2, 2.2.31.1). */
#include "proto/snapshot.h"

#include "proto/utf16.h"
#include "test/proto/message.h"
#include "test/run.h"

static const char *const stamps[] = {"@GMT-2026.01.31-12.00.00", "@GMT-1999.12.31-23.59.59"};

static uint8_t room[256];

/* An array of two, and the names' bytes. */
static struct span two(void)
{
    uint8_t names[128];
    struct wr n = wr_from(names, sizeof names), w = wr_from(room, sizeof room);

    for (size_t i = 0; i < 2; i++) {
        wr_utf16(&n, stamps[i]);
        wr_u16(&n, 0);
    }
    wr_u16(&n, 0);
    srv_snapshot_array_put(
        &w, &(struct srv_snapshot_array){
                .count = 2, .returned = 2, .array_size = (uint32_t)n.pos, .names = wr_written(&n)});
    return wr_written(&w);
}

static bool decode(struct span output)
{
    struct srv_snapshot_array array;

    return srv_snapshot_array_get(&array, output);
}

START_TEST(names_are_taken_one_by_one)
{
    char name[SNAPSHOT_NAME_LEN + 1];
    struct srv_snapshot_array array;
    struct span output = two();

    ck_assert_uint_eq(output.len, 12 + 102);
    ck_assert(srv_snapshot_array_get(&array, output) && array.count == 2 && array.returned == 2);
    for (size_t i = 0; i < 2; i++) {
        ck_assert(srv_snapshot_next(&array.names, name));
        ck_assert_str_eq(name, stamps[i]);
    }
    ck_assert(!srv_snapshot_next(&array.names, name));
    check_prefixes_refused(decode, output);
}
END_TEST

START_TEST(an_array_that_lies_is_refused)
{
    static const struct breach breaches[] = {
        {"no more are here than there are", 4, "03000000"},
        {"the names lie inside", 8, "67000000"},
        {"a length does not wrap", 8, "ffffffff"},
    };

    check_breaches_refused(decode, two(), breaches);
}
END_TEST

/* MS-SMB2 3.3.5.15.1: none are returned when not all fit, but the size is. */
START_TEST(an_array_may_only_say_how_long_it_would_be)
{
    struct message m = message_of("02000000000000006600000000000000");
    struct srv_snapshot_array array;

    ck_assert(srv_snapshot_array_get(&array, message_span(&m)));
    ck_assert(array.count == 2 && array.returned == 0 && array.array_size == 102);
    ck_assert_uint_eq(array.names.len, 0);
}
END_TEST

START_TEST(a_name_has_one_form)
{
    static const char *const wrong[] = {"",
                                        "@GMT-2026.01.31-12.00.0",
                                        "@GMT-2026.01.31-12.00.000",
                                        "@gmt-2026.01.31-12.00.00",
                                        "@GMT-2026.01.31 12.00.00",
                                        "@GMT-2026.01.31-12.00.0x",
                                        "@GMT-2026/01/31-12.00.00"};

    ck_assert(snapshot_is_name(stamps[0]) && snapshot_is_name(stamps[1]));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        ck_assert_msg(!snapshot_is_name(wrong[i]), "%s", wrong[i]);
    }
}
END_TEST

START_TEST(a_name_that_is_none_ends_the_list)
{
    char name[SNAPSHOT_NAME_LEN + 1];
    struct srv_snapshot_array array;

    (void)two();
    ck_assert(srv_snapshot_array_get(&array, (struct span){room, 12 + 102}));
    room[12 + 1] = 1; /* '@' + 256 */
    ck_assert(!srv_snapshot_next(&array.names, name));
    room[12 + 1] = 0;
    room[12 + 2 * SNAPSHOT_NAME_LEN] = 'x';
    ck_assert(!srv_snapshot_next(&array.names, name));
}
END_TEST

int main(void)
{
    return RUN_TESTS("proto/snapshot", names_are_taken_one_by_one, an_array_that_lies_is_refused,
                     an_array_may_only_say_how_long_it_would_be, a_name_has_one_form,
                     a_name_that_is_none_ends_the_list);
}
