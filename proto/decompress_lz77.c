/* decompress_lz77.c: plain LZ77 (MS-XCA 2.4). */
#include "proto/decompress.h"

/* Where the lengths of long matches are read: two of them share a byte, the lower half first. */
struct nibbles {
    uint8_t byte;
    bool half; /* the upper half of `byte` is still unread */
};

static uint8_t nibble_get(struct nibbles *n, struct rd *r)
{
    if (n->half) {
        n->half = false;
        return n->byte >> 4;
    }
    n->byte = rd_u8(r);
    n->half = true;
    return n->byte & 0x0F;
}

/* The length of a match beyond the 3 it has at least.  Each form says by its highest value that the
 * next one follows, which counts from there; the last two count from 0.  MS-XCA 2.4.4. */
static uint32_t length_get(uint16_t word, struct nibbles *n, struct rd *r)
{
    uint32_t length = word & 7u;

    if (length < 7) {
        return length;
    }
    length = nibble_get(n, r);
    if (length < 15) {
        return length + 7;
    }
    length = rd_u8(r);
    if (length < 255) {
        return length + 15 + 7;
    }
    length = rd_u16(r);
    if (length == 0) {
        length = rd_u32(r);
    }
    rd_require(r, length >= 15 + 7);
    return length;
}

bool lz77_decompress(uint8_t *out, size_t size, struct span in)
{
    struct rd r = rd_from(in, 0);
    struct wr w = wr_from(out, size);
    struct nibbles nibbles = {0};
    uint32_t flags = 0;
    unsigned flags_left = 0;

    while (rd_left(&r) > 0 && wr_ok(&w)) {
        if (flags_left == 0) {
            flags = rd_u32(&r);
            flags_left = 32;
        }
        bool match = flags >> --flags_left & 1;
        if (!match) {
            wr_u8(&w, rd_u8(&r));
        } else if (rd_left(&r) > 0) { /* a match of nothing is the end: MS-XCA 2.4.4 */
            uint16_t word = rd_u16(&r);
            uint32_t length = length_get(word, &nibbles, &r);
            wr_match(&w, (word >> 3) + 1u, (uint64_t)length + 3);
        }
    }
    return rd_ok(&r) && wr_ok(&w) && w.pos == size;
}
