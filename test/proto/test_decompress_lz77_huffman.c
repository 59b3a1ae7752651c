/* test_decompress_lz77_huffman.c: LZ77 with Huffman coding (MS-XCA 2.2). */
#include "test/proto/compressed_samples.h"
#include "test/proto/decompress_case.h"
#include "test/run.h"

enum { SYMBOLS = 512, END = 256 };

/* Symbol of a match, and the bits of distance that follow it. */
#define MATCH(length, distance_bits) (END + 16 * (distance_bits) + (length)-3)

/* ---------------------------------------------------------------- a simple encoder */

/* A stream in the making: two words of bits are always laid out in front of what is written next,
 * as the decoder will have fetched them by then.  MS-XCA 2.1.4.3. */
struct stream {
    uint8_t bytes[1 << 17];
    size_t len;
    size_t word[2]; /* where the bits go that come next */
    uint32_t bits;  /* those not yet written, `filled` of them */
    unsigned filled;
    uint8_t lengths[SYMBOLS];
    uint16_t codes[SYMBOLS];
};

static void put_byte(struct stream *s, uint8_t byte)
{
    if (s->len == sizeof s->bytes) { /* an assertion for each would take most of the time */
        ck_abort_msg("the stream is too long");
    }
    s->bytes[s->len++] = byte;
}

static size_t put_word(struct stream *s, uint16_t word)
{
    put_byte(s, (uint8_t)word);
    put_byte(s, (uint8_t)(word >> 8));
    return s->len - 2;
}

static void put_hex(struct stream *s, const char *text)
{
    for (; *text; text += 2) {
        put_byte(s, (uint8_t)(nibble(text[0]) << 4 | nibble(text[1])));
    }
}

static void flush_word(struct stream *s)
{
    uint16_t word = (uint16_t)(s->bits >> (s->filled - 16));

    s->bytes[s->word[0]] = (uint8_t)word;
    s->bytes[s->word[0] + 1] = (uint8_t)(word >> 8);
    s->word[0] = s->word[1];
    s->filled -= 16;
}

static void put_bits(struct stream *s, unsigned value, unsigned count)
{
    s->bits = s->bits << count | value;
    s->filled += count;
    if (s->filled > 16) {
        flush_word(s);
        s->word[1] = put_word(s, 0);
    }
}

static void put_symbol(struct stream *s, unsigned symbol)
{
    put_bits(s, s->codes[symbol], s->lengths[symbol]);
}

/* Begin a block whose symbols have codes of `lengths`. */
static void begin_block(struct stream *s, const uint8_t lengths[SYMBOLS])
{
    unsigned code = 0;

    for (unsigned length = 1; length <= 15; length++, code *= 2) {
        for (unsigned symbol = 0; symbol < SYMBOLS; symbol++) {
            if (lengths[symbol] == length) {
                s->codes[symbol] = (uint16_t)code++;
            }
        }
    }
    memcpy(s->lengths, lengths, SYMBOLS);
    for (unsigned i = 0; i < SYMBOLS; i += 2) {
        put_byte(s, (uint8_t)(lengths[i] | lengths[i + 1] << 4));
    }
    s->word[0] = put_word(s, 0);
    s->word[1] = put_word(s, 0);
}

static void end_block(struct stream *s)
{
    if (s->filled > 0) {
        s->bits <<= 16 - s->filled;
        s->filled = 16;
        flush_word(s);
    }
    s->filled = 0;
}

static struct span stream_end(struct stream *s)
{
    put_symbol(s, END);
    end_block(s);
    return (struct span){s->bytes, s->len};
}

/* A stream with its first block begun; without `lengths` every code has 9 bits. */
static struct stream *stream_new(const uint8_t *lengths)
{
    struct stream *s = calloc(1, sizeof *s);
    uint8_t flat[SYMBOLS];

    ck_assert_ptr_nonnull(s);
    memset(flat, 9, sizeof flat);
    begin_block(s, lengths ? lengths : flat);
    return s;
}

/* ---------------------------------------------------------------- tests */

START_TEST(the_samples_of_the_specification) /* source: MS-XCA 3.2 */
{
    check_repeats(lz77_huffman_decompress, huffman_a_z, span_of("abcdefghijklmnopqrstuvwxyz"), 1);
    check_repeats(lz77_huffman_decompress, huffman_abc_100, span_of("abc"), 100);
}
END_TEST

START_TEST(codes_are_up_to_15_bits_long)
{
    static const char word[] = "abcdefghijklmno";
    uint8_t lengths[SYMBOLS] = {[END] = 15};
    char want[64];

    for (unsigned i = 0; i < 15; i++) {
        lengths['a' + i] = (uint8_t)(i + 1);
    }
    struct stream *s = stream_new(lengths);
    for (unsigned i = 0; i < sizeof want; i++) {
        want[i] = word[i * 7 % 15];
        put_symbol(s, (uint8_t)want[i]);
    }
    check_expands(lz77_huffman_decompress, stream_end(s),
                  (struct span){(const uint8_t *)want, sizeof want});
    free(s);
}
END_TEST

START_TEST(a_length_has_four_forms) /* MS-XCA 2.2.4 */
{
    static const struct {
        const char *more; /* the bytes behind the symbol */
        size_t length;
    } forms[] = {
        {"00", 18},                /* 8 bits beyond 15 and 3 */
        {"fe", 272},               /* */
        {"ff0f00", 18},            /* 16 bits beyond 3 */
        {"ffffff", 65538},         /* */
        {"ff000000000100", 65539}, /* 32 bits, when the 16 are zero */
        {"ff000001000100", 65540}, /* */
    };

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct stream *s = stream_new(NULL);
        uint8_t *want = malloc(1 + forms[i].length);
        ck_assert_ptr_nonnull(want);
        memset(want, 'a', 1 + forms[i].length);
        put_symbol(s, 'a');
        put_symbol(s, MATCH(18, 0));
        put_hex(s, forms[i].more);
        check_expands(lz77_huffman_decompress, stream_end(s),
                      (struct span){want, 1 + forms[i].length});
        free(want);
        free(s);
    }
}
END_TEST

START_TEST(a_length_form_must_not_be_too_short)
{
    static const char *const forms[] = {"ff0e00", "ff00000e000000", "ff0000ffffffff"};

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct stream *s = stream_new(NULL);
        put_symbol(s, 'a');
        put_symbol(s, MATCH(18, 0));
        put_hex(s, forms[i]);
        ck_assert(!expands(lz77_huffman_decompress, stream_end(s), NULL, 18));
        free(s);
    }
}
END_TEST

START_TEST(a_distance_has_up_to_15_bits) /* MS-XCA 2.2.4 */
{
    struct stream *s = stream_new(NULL);
    uint8_t *want = calloc(1, 65536);
    size_t len = 0;

    ck_assert_ptr_nonnull(want);
    for (; len < 32800; len++) {
        want[len] = (uint8_t)(len * len >> 7);
        put_symbol(s, want[len]);
    }
    for (unsigned bits = 0; bits <= 15; bits++) {
        size_t distance = (1u << bits) + ((1u << bits) - 1) / 3;
        distance = distance > len ? len : distance;
        put_symbol(s, MATCH(7, bits));
        put_bits(s, (unsigned)distance - (1u << bits), bits);
        for (unsigned i = 0; i < 7; i++, len++) {
            want[len] = want[len - distance];
        }
    }
    check_expands(lz77_huffman_decompress, stream_end(s), (struct span){want, len});
    free(want);
    free(s);
}
END_TEST

START_TEST(a_match_begins_inside_the_output)
{
    struct stream *s = stream_new(NULL);

    put_symbol(s, 'a');
    put_symbol(s, MATCH(3, 1));
    put_bits(s, 0, 1); /* from 2 back */
    ck_assert(!expands(lz77_huffman_decompress, stream_end(s), NULL, 4));
    free(s);
}
END_TEST

START_TEST(each_65536_bytes_have_their_own_code) /* MS-XCA 2.2.4 */
{
    uint8_t lengths[SYMBOLS] = {['b'] = 2, ['c'] = 2, [END] = 2, [MATCH(18, 0)] = 2};
    struct stream *s = stream_new(NULL);
    static uint8_t want[65536 + 19 + 2];

    memset(want, 'a', sizeof want - 2);
    put_symbol(s, 'a');
    put_symbol(s, MATCH(18, 0));
    put_hex(s, "fff8ff"); /* 65535 - 7 + 3 bytes */
    put_symbol(s, MATCH(18, 0));
    put_hex(s, "05"); /* past the end of the block */
    end_block(s);
    begin_block(s, lengths);
    put_symbol(s, 'b');
    put_symbol(s, 'c');
    want[sizeof want - 2] = 'b';
    want[sizeof want - 1] = 'c';
    check_expands(lz77_huffman_decompress, stream_end(s), (struct span){want, sizeof want});
    free(s);
}
END_TEST

START_TEST(a_block_without_a_table_is_refused)
{
    struct stream *s = stream_new(NULL);

    put_symbol(s, 'a');
    put_symbol(s, MATCH(18, 0));
    put_hex(s, "fffcff"); /* 65535: the block is full */
    put_symbol(s, 'b');
    ck_assert(!expands(lz77_huffman_decompress, stream_end(s), NULL, 65537));
    free(s);
}
END_TEST

START_TEST(a_code_must_be_complete) /* MS-XCA 2.2.4 */
{
    static const struct {
        const char *why;
        uint8_t a, b, end; /* bits of the codes */
        bool valid;
    } codes[] = {
        {"complete", 1, 2, 2, true},      {"no code at all", 0, 0, 0, false},
        {"a single one", 0, 0, 1, false}, {"too few", 1, 3, 3, false},
        {"too many", 1, 1, 1, false},     {"too many of the longest", 1, 1, 15, false},
    };

    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        uint8_t lengths[SYMBOLS] = {['a'] = codes[i].a, ['b'] = codes[i].b, [END] = codes[i].end};
        struct stream *s = stream_new(lengths);
        put_bits(s, 0, codes[i].a);
        struct span in = stream_end(s);
        ck_assert_msg(expands(lz77_huffman_decompress, in, (const uint8_t *)"a", 1) ==
                          codes[i].valid,
                      "%s", codes[i].why);
        free(s);
    }
}
END_TEST

START_TEST(the_end_is_said_once_and_is_the_end)
{
    struct stream *s = stream_new(NULL);

    put_symbol(s, 'a');
    struct span in = stream_end(s);
    ck_assert(expands(lz77_huffman_decompress, in, (const uint8_t *)"a", 1));
    in.len++;
    ck_assert(!expands(lz77_huffman_decompress, in, NULL, 1));
    free(s);

    s = stream_new(NULL);
    put_symbol(s, 'a');
    put_symbol(s, 'b');
    end_block(s);
    ck_assert(!expands(lz77_huffman_decompress, (struct span){s->bytes, s->len}, NULL, 1));
    free(s);

    ck_assert(!expands(lz77_huffman_decompress, (struct span){0}, NULL, 0));
    s = stream_new(NULL);
    ck_assert(lz77_huffman_decompress(NULL, 0, stream_end(s)));
    free(s);
}
END_TEST

int main(void)
{
    return RUN_TESTS("proto/decompress_lz77_huffman", the_samples_of_the_specification,
                     codes_are_up_to_15_bits_long, a_length_has_four_forms,
                     a_length_form_must_not_be_too_short, a_distance_has_up_to_15_bits,
                     a_match_begins_inside_the_output, each_65536_bytes_have_their_own_code,
                     a_block_without_a_table_is_refused, a_code_must_be_complete,
                     the_end_is_said_once_and_is_the_end);
}
