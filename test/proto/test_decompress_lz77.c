/* test_decompress_lz77.c: plain LZ77 (MS-XCA 2.4). */
#include "test/proto/compressed_samples.h"
#include "test/proto/decompress_case.h"
#include "test/run.h"

START_TEST(the_samples_of_microsoft) /* source: MS-XCA 3.1, WindowsProtocolTestSuites */
{
    check_repeats(lz77_decompress, lz77_a_z_1000, span_of("abcdefghijklmnopqrstuvwxyz"), 1000);
    check_repeats(lz77_decompress, lz77_abc_100000, span_of("abc"), 100000);
}
END_TEST

START_TEST(a_length_has_five_forms) /* MS-XCA 2.4.4 */
{
    static const struct {
        const char *text;
        size_t times;
    } forms[] = {
        {"ffffff7f610000", 4},                     /* 3 bits */
        {"ffffff7f610600", 10},                    /* their last value of their own */
        {"ffffff7f61070000", 11},                  /* 4 bits beyond 7 */
        {"ffffff7f6107000e", 25},                  /* */
        {"ffffff7f6107000f00", 26},                /* 8 bits beyond 15 and 7 */
        {"ffffff7f6107000ffe", 280},               /* */
        {"ffffff7f6107000fff1600", 26},            /* 16 bits */
        {"ffffff7f6107000fffffff", 65539},         /* */
        {"ffffff7f6107000fff000000000100", 65540}, /* 32 bits, when the 16 are zero */
    };

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        check_repeats(lz77_decompress, forms[i].text, span_of("a"), forms[i].times);
    }
}
END_TEST

START_TEST(two_matches_share_a_byte_of_lengths) /* MS-XCA 2.4.4 */
{
    /* 5 + 7 + 3 and 10 + 7 + 3; a third match begins a byte of its own: 0 + 7 + 3. */
    check_repeats(lz77_decompress, "ffffff7f610700a50700070000", span_of("a"), 1 + 15 + 20 + 10);
}
END_TEST

START_TEST(flags_are_good_for_32_elements)
{
    static const char text[] = "00000000"
                               "6162616261626162616261626162616261626162616261626162616261626162"
                               "ffffff7f"
                               "610800";

    uint8_t bytes[64];
    uint8_t want[36];
    for (size_t i = 0; i < sizeof want; i++) {
        want[i] = i % 2 == 0 ? 'a' : 'b';
    }
    hex(bytes, text);
    struct span in = {bytes, strlen(text) / 2};
    ck_assert(expands(lz77_decompress, in, want, sizeof want));
}
END_TEST

START_TEST(flags_beyond_the_end_mean_nothing)
{
    static const char *const texts[] = {"ffffff7f61", "0000000061"};

    for (size_t i = 0; i < 2; i++) {
        check_repeats(lz77_decompress, texts[i], span_of("a"), 1);
    }
}
END_TEST

START_TEST(nothing_comes_of_nothing)
{
    ck_assert(lz77_decompress(NULL, 0, (struct span){0}));
    ck_assert(lz77_decompress(NULL, 0, span_of("\xff\xff\xff\xff")));
    ck_assert(!expands(lz77_decompress, (struct span){0}, NULL, 1));
    ck_assert(!lz77_decompress(NULL, 0, span_of("\x7f\x7f\x7f\x7fx")));
}
END_TEST

START_TEST(what_is_malformed_is_refused)
{
    static const struct malformed cases[] = {
        {"flags that are cut off", "ffffff", 1},
        {"a match before there is anything", "ffffffff0000", 3},
        {"a match that begins before the output", "ffffff7f610800", 4},
        {"a match that is cut off", "ffffff7f6100", 4},
        {"half a byte of length that is not there", "ffffff7f610700", 11},
        {"a byte of length that is not there", "ffffff7f6107000f", 26},
        {"two bytes of length that are not there", "ffffff7f6107000fff16", 26},
        {"four bytes of length that are not there", "ffffff7f6107000fff0000000001", 65540},
        {"a long form with a short length", "ffffff7f6107000fff1500", 25},
        {"a longer form with a short length", "ffffff7f6107000fff000015000000", 25},
        {"a length near the end of 32 bits", "ffffff7f6107000fff0000ffffffff", 4},
        {"a byte when all is there", "000000006161", 1},
        {"a match past the end", "ffffff7f610000", 3},
    };

    check_malformed(lz77_decompress, cases, sizeof cases / sizeof cases[0]);
}
END_TEST

int main(void)
{
    return RUN_TESTS("proto/decompress_lz77", the_samples_of_microsoft, a_length_has_five_forms,
                     two_matches_share_a_byte_of_lengths, flags_are_good_for_32_elements,
                     flags_beyond_the_end_mean_nothing, nothing_comes_of_nothing,
                     what_is_malformed_is_refused);
}
