/* decompress_lznt1.c: LZNT1 (MS-XCA 2.5). */
#include "proto/decompress.h"

enum { CHUNK_MAX = 4096 }; /* bytes that a chunk expands to; only the last may be shorter */

/* The header of a chunk.  MS-XCA 2.5.1.2. */
#define CHUNK_LEN(header)        (((header)&0x0FFFu) + 1u) /* bytes that follow the header */
#define CHUNK_SIGNATURE(header)  (((header) >> 12) & 7u)
#define CHUNK_COMPRESSED(header) (((header) >> 15) != 0)

/* A compressed word: the distance is kept in as many high bits as the chunk so far needs, at least
 * 4, the length in the others.  MS-XCA 2.5.1.4. */
static void put_match(struct wr *chunk, uint16_t word)
{
    unsigned distance_bits = 4;

    while (distance_bits < 12 && chunk->pos > (size_t)1 << distance_bits) {
        distance_bits++;
    }
    unsigned length_bits = 16 - distance_bits;
    size_t length = (word & ((1u << length_bits) - 1)) + 3;
    size_t distance = ((size_t)word >> length_bits) + 1;
    wr_match(chunk, distance, length);
}

/* Flag bytes, each before the eight elements it speaks of, the lowest bit first: 0 is a byte, 1 a
 * compressed word.  MS-XCA 2.5.1.3. */
static void expand_chunk(struct wr *chunk, struct span in)
{
    struct rd r = rd_from(in, 0);

    while (rd_left(&r) > 0 && wr_ok(chunk)) {
        uint8_t flags = rd_u8(&r);
        for (unsigned i = 0; i < 8 && rd_left(&r) > 0; i++) {
            if (flags >> i & 1) {
                put_match(chunk, rd_u16(&r));
            } else {
                wr_u8(chunk, rd_u8(&r));
            }
        }
    }
    if (!rd_ok(&r)) {
        chunk->bad = true;
    }
}

bool lznt1_decompress(uint8_t *out, size_t size, struct span in)
{
    struct rd r = rd_from(in, 0);
    size_t done = 0;

    while (rd_left(&r) > 0) {
        uint16_t header = rd_u16(&r);
        if (header == 0) { /* End_of_buffer, which need not be there: MS-XCA 2.5.1.1 */
            break;
        }
        struct span data = rd_take(&r, CHUNK_LEN(header));
        size_t left = size - done;
        /* Bytes behind a short chunk would have no certain place. */
        if (!rd_ok(&r) || CHUNK_SIGNATURE(header) != 3 || left == 0 || done % CHUNK_MAX != 0) {
            return false;
        }
        struct wr chunk = wr_from(out + done, left < CHUNK_MAX ? left : CHUNK_MAX);
        if (CHUNK_COMPRESSED(header)) {
            expand_chunk(&chunk, data);
        } else {
            wr_span(&chunk, data);
        }
        if (!wr_ok(&chunk)) {
            return false;
        }
        done += chunk.pos;
    }
    return rd_ok(&r) && rd_left(&r) == 0 && done == size;
}
