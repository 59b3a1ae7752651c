/* test_decompress_lznt1.c: LZNT1 (MS-XCA 2.5). */
#include "test/proto/compressed_samples.h"
#include "test/proto/decompress_case.h"
#include "test/run.h"

START_TEST(the_text_of_the_specification) /* source: MS-XCA 3.3 */
{
    static const char text[] = "F# F# G A A G F# E D D E F# F# E E "
                               "F# F# G A A G F# E D D E F# E D D "
                               "E E F# D E F# G F# D E F# G F# E D E A "
                               "F# F# G A A G F# E D D E F# E D D";

    char all[2 * 13833 + 1];
    char *end = all;
    for (size_t i = 0; i < sizeof lznt1_text_1000 / sizeof lznt1_text_1000[0]; i++) {
        end = stpcpy(end, lznt1_text_1000[i]);
    }
    check_repeats(lznt1_decompress, all, SPAN_STRZ(text), 1000);
}
END_TEST

START_TEST(a_chunk_may_be_plain) /* MS-XCA 2.5.1.2 */
{
    check_repeats(lznt1_decompress, "01306162", span_of("ab"), 1);
    check_repeats(lznt1_decompress, "0530616263616263", span_of("abc"), 2);
}
END_TEST

START_TEST(each_chunk_but_the_last_is_4096_bytes)
{
    uint8_t want[4097];
    uint8_t bytes[9];

    memset(want, 'a', sizeof want);
    want[4096] = 'b';
    hex(bytes, "03b00261fc0f003062");
    check_expands(lznt1_decompress, (struct span){bytes, sizeof bytes},
                  (struct span){want, sizeof want});
}
END_TEST

START_TEST(the_end_may_be_said) /* MS-XCA 2.5.1.1 */
{
    static const uint8_t said[] = {0x00, 0x30, 'a', 0, 0};
    static const uint8_t more[] = {0x00, 0x30, 'a', 0, 0, 0};
    static const uint8_t half[] = {0x00, 0x30, 'a', 0};

    ck_assert(expands(lznt1_decompress, (struct span){said, sizeof said}, said + 2, 1));
    ck_assert(!expands(lznt1_decompress, (struct span){more, sizeof more}, NULL, 1));
    ck_assert(!expands(lznt1_decompress, (struct span){half, sizeof half}, NULL, 1));
}
END_TEST

START_TEST(nothing_comes_of_nothing)
{
    ck_assert(lznt1_decompress(NULL, 0, (struct span){0}));
    ck_assert(!expands(lznt1_decompress, (struct span){0}, NULL, 1));
    ck_assert(!lznt1_decompress(NULL, 0, span_of("\x01\x30xx")));
}
END_TEST

/* The distance takes one bit more each time the chunk has doubled, beginning beyond 16 bytes.
 * MS-XCA 2.5.1.4. */
START_TEST(the_split_of_a_word_moves)
{
    /* 16 bytes; then 3 from 16 back with 4 bits of distance; then 3 from 17 back with 5. */
    static const char text[] = "16b0"
                               "006162636465666768"
                               "00696a6b6c6d6e6f70"
                               "0300f00080";

    check_repeats(lznt1_decompress, text, span_of("abcdefghijklmnopabccde"), 1);
}
END_TEST

START_TEST(what_is_malformed_is_refused)
{
    static const struct malformed cases[] = {
        {"a chunk without its signature", "01006162", 2},
        {"a compressed chunk with another signature", "02a0006162", 2},
        {"a chunk that is cut off", "03306162", 2},
        {"a header that is cut off", "01306162ff", 2},
        {"a match before there is anything", "02b0010000", 3},
        {"a match that begins before the chunk", "03b002610010", 4},
        {"a match into the chunk before", "03b00261fc0f02b0010000", 4099},
        {"a word of one byte", "02b0026100", 4},
        {"more than a chunk holds", "03b00261ff0f", 4099},
        {"bytes behind a short chunk", "003061003062", 2},
        {"a chunk when all is there", "03b00261fc0f003061", 4096},
        {"an empty chunk when all is there", "03b00261fc0f00b000", 4096},
        {"a match past the end", "03b002610000", 3},
    };

    check_malformed(lznt1_decompress, cases, sizeof cases / sizeof cases[0]);
}
END_TEST

int main(void)
{
    return RUN_TESTS("proto/decompress_lznt1", the_text_of_the_specification, a_chunk_may_be_plain,
                     each_chunk_but_the_last_is_4096_bytes, the_end_may_be_said,
                     nothing_comes_of_nothing, the_split_of_a_word_moves,
                     what_is_malformed_is_refused);
}
