#include "xfer/window.h"

#include "test/run.h"

START_TEST(eight_ranges_fit_the_window)
{
    for (size_t window = 1 << 15; window <= 1 << 28; window += window / 3) {
        size_t chunk = window_chunk(SIZE_MAX, SIZE_MAX, window);
        ck_assert_uint_gt(chunk, 0);
        ck_assert_uint_le(chunk, WINDOW_CHUNK_MAX);
        ck_assert_uint_le(chunk * WINDOW_RANGES, window);
    }
}
END_TEST

START_TEST(the_default_memory_gives_ranges_of_a_mebibyte)
{
    ck_assert_uint_eq(window_chunk(8 << 20, 8 << 20, 16 << 20), 1 << 20);
}
END_TEST

START_TEST(neither_end_gets_more_than_it_likes)
{
    ck_assert_uint_eq(window_chunk(1000, 1 << 20, 16 << 20), 1000);
    ck_assert_uint_eq(window_chunk(1 << 20, 77, 16 << 20), 77);
}
END_TEST

START_TEST(an_end_that_wants_nothing_now_gets_nothing)
{
    ck_assert_uint_eq(window_chunk(0, 1 << 20, 16 << 20), 0);
    ck_assert_uint_eq(window_chunk(1 << 20, 0, 16 << 20), 0);
}
END_TEST

START_TEST(a_tiny_window_still_moves_something)
{
    ck_assert_uint_gt(window_chunk(1 << 20, 1 << 20, 1), 0);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "xfer/window", eight_ranges_fit_the_window, the_default_memory_gives_ranges_of_a_mebibyte,
        neither_end_gets_more_than_it_likes, an_end_that_wants_nothing_now_gets_nothing,
        a_tiny_window_still_moves_something);
}
