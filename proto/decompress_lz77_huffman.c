/* decompress_lz77_huffman.c: LZ77 with Huffman coding (MS-XCA 2.2). */
#include "proto/decompress.h"

#include <assert.h>

enum {
    SYMBOLS = 512,           /* 256 bytes, then 16 distances x 16 lengths */
    SYMBOL_END = 256,        /* also a match: the end only where nothing can follow */
    LENGTH_MAX = 15,         /* bits of the longest code */
    FAST_BITS = 9,           /* codes up to this length are found in one step */
    TABLE_LEN = SYMBOLS / 2, /* four bits for the length of each code */
    BLOCK_LEN = 65536,       /* bytes of output that a table is good for */
};

/* ---------------------------------------------------------------- the code of a block */

struct code {
    uint16_t count[LENGTH_MAX + 1]; /* codes of each length */
    uint16_t symbols[SYMBOLS];      /* in the order of their codes */
    uint16_t fast[1 << FAST_BITS];  /* symbol << 4 | length by the next FAST_BITS; 0 = longer */
};

static unsigned code_length(struct span table, unsigned symbol)
{
    return table.ptr[symbol / 2] >> 4 * (symbol % 2) & 0x0F;
}

/* Where the codes of each length begin in `symbols`.  False unless the code is complete: each
 * sequence of bits is one of its own (MS-XCA 2.2.4). */
static bool count_codes(struct code *code, uint16_t start[LENGTH_MAX + 1], struct span table)
{
    unsigned room = 1;

    memset(code->count, 0, sizeof code->count);
    for (unsigned symbol = 0; symbol < SYMBOLS; symbol++) {
        code->count[code_length(table, symbol)]++;
    }
    start[0] = start[1] = 0;
    code->count[0] = 0; /* symbols that do not occur */
    for (unsigned length = 1; length <= LENGTH_MAX; length++) {
        room *= 2;
        if (code->count[length] > room) {
            return false;
        }
        room -= code->count[length];
        if (length < LENGTH_MAX) {
            start[length + 1] = (uint16_t)(start[length] + code->count[length]);
        }
    }
    return room == 0;
}

/* Short codes into the table that is indexed by what comes next. */
static void fill_fast(struct code *code)
{
    unsigned at = 0;
    unsigned n = 0;

    for (unsigned length = 1; length <= FAST_BITS; length++) {
        for (unsigned i = 0; i < code->count[length]; i++, n++) {
            for (unsigned end = at + (1u << (FAST_BITS - length)); at < end; at++) {
                code->fast[at] = (uint16_t)((unsigned)code->symbols[n] << 4 | length);
            }
        }
    }
    memset(code->fast + at, 0, sizeof code->fast - at * sizeof code->fast[0]);
}

/* Codes are given out by length, and among equals by symbol.  MS-XCA 2.2.4. */
static bool code_from(struct code *code, struct span table)
{
    uint16_t start[LENGTH_MAX + 1];

    if (table.len != TABLE_LEN || !count_codes(code, start, table)) {
        return false;
    }
    for (unsigned symbol = 0; symbol < SYMBOLS; symbol++) {
        unsigned length = code_length(table, symbol);
        if (length > 0) {
            code->symbols[start[length]++] = (uint16_t)symbol;
        }
    }
    fill_fast(code);
    return true;
}

/* ---------------------------------------------------------------- bits */

/* The stream holds bits in little-endian words of 16, the highest first.  Words are fetched ahead
 * of need, and the bytes of long lengths stand wherever the fetching has got to.  MS-XCA 2.2.4. */
struct bits {
    struct rd r;
    uint32_t next;    /* the highest bit comes next */
    unsigned reserve; /* bits in `next` beyond the 16 that are always there */
};

static void bits_begin(struct bits *bits)
{
    bits->next = (uint32_t)rd_u16(&bits->r) << 16;
    bits->next |= rd_u16(&bits->r);
    bits->reserve = 16;
}

/* Take n bits, at most 15, and fetch the next word when fewer than 16 are left. */
static uint32_t bits_take(struct bits *bits, unsigned n)
{
    if (n == 0) {
        return 0;
    }
    uint32_t value = bits->next >> (32 - n);
    bits->next <<= n;
    if (n > bits->reserve) {
        bits->next |= (uint32_t)rd_u16(&bits->r) << (n - bits->reserve);
        bits->reserve += 16;
    }
    bits->reserve -= n;
    return value;
}

/* The next symbol.  There is one for each sequence of bits. */
static unsigned symbol_take(struct bits *bits, const struct code *code)
{
    uint16_t fast = code->fast[bits->next >> (32 - FAST_BITS)];
    unsigned first = 0; /* the first code of a length, and its place among the symbols */
    unsigned at = 0;

    if (fast != 0) {
        (void)bits_take(bits, fast & 0x0F);
        return fast >> 4;
    }
    unsigned length = 1;
    unsigned nth = bits->next >> 31;
    while (nth >= code->count[length]) {
        at += code->count[length];
        first = (first + code->count[length]) * 2;
        length++;
        assert(length <= LENGTH_MAX);
        nth = (bits->next >> (32 - length)) - first;
    }
    (void)bits_take(bits, length);
    return code->symbols[at + nth];
}

/* ---------------------------------------------------------------- matches */

/* The length of a match beyond the 3 it has at least: in the symbol, or in bytes behind it, which
 * count from 15 at first and from 0 in the longer forms.  MS-XCA 2.2.4. */
static uint32_t length_take(unsigned symbol, struct rd *r)
{
    uint32_t length = symbol % 16;

    if (length < 15) {
        return length;
    }
    length = rd_u8(r);
    if (length < 255) {
        return length + 15;
    }
    length = rd_u16(r);
    if (length == 0) {
        length = rd_u32(r);
    }
    rd_require(r, length >= 15);
    return length;
}

static void put_match(struct wr *w, struct bits *bits, unsigned symbol)
{
    uint32_t length = length_take(symbol, &bits->r);
    unsigned distance_bits = (symbol - SYMBOL_END) / 16;
    uint32_t distance = (1u << distance_bits) + bits_take(bits, distance_bits);

    wr_match(w, distance, (uint64_t)length + 3);
}

/* A block ends where 65536 bytes are written, even if the last match brings more, or with all there
 * is to write. */
static void expand_block(struct wr *w, struct bits *bits, const struct code *code)
{
    size_t end = w->cap - w->pos > BLOCK_LEN ? w->pos + BLOCK_LEN : w->cap;

    while (w->pos < end && wr_ok(w) && rd_ok(&bits->r)) {
        unsigned symbol = symbol_take(bits, code);
        if (symbol < SYMBOL_END) {
            wr_u8(w, (uint8_t)symbol);
        } else {
            put_match(w, bits, symbol);
        }
    }
}

/* MS-XCA 2.2.4: all is written, the next symbol says so, and nothing is left. */
static bool is_end(struct bits *bits, const struct code *code)
{
    unsigned symbol = symbol_take(bits, code);

    return rd_ok(&bits->r) && symbol == SYMBOL_END && rd_left(&bits->r) == 0;
}

bool lz77_huffman_decompress(uint8_t *out, size_t size, struct span in)
{
    struct wr w = wr_from(out, size);
    struct bits bits = {.r = rd_from(in, 0)};
    struct code code;

    do {
        if (!code_from(&code, rd_take(&bits.r, TABLE_LEN))) {
            return false;
        }
        bits_begin(&bits);
        expand_block(&w, &bits, &code);
        if (!wr_ok(&w) || !rd_ok(&bits.r)) {
            return false;
        }
    } while (w.pos < size);
    return is_end(&bits, &code);
}
