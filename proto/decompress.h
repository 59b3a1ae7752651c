/* decompress.h: the compression algorithms of MS-XCA, the way back.
 *
 * Each function writes exactly `size` bytes to `out`, or returns false when `in` is malformed, is
 * cut off, holds fewer bytes or more; what stands at `out` is worthless then.  Nothing is read
 * outside `in` nor written outside `out`, which must not overlap, nothing is allocated, and the
 * time is in proportion to `in` and `size` together. */
#ifndef LSMB_PROTO_DECOMPRESS_H
#define LSMB_PROTO_DECOMPRESS_H

#include "proto/bytes.h"

/* LZNT1.  MS-XCA 2.5. */
bool lznt1_decompress(uint8_t *out, size_t size, struct span in);

/* Plain LZ77.  MS-XCA 2.4. */
bool lz77_decompress(uint8_t *out, size_t size, struct span in);

/* LZ77 with Huffman coding.  MS-XCA 2.2. */
bool lz77_huffman_decompress(uint8_t *out, size_t size, struct span in);

/* Append `length` bytes that repeat what stands `distance` bytes before the end; the two may
 * overlap.  The writer is bad when `distance` is 0 or reaches before its start. */
static inline void wr_match(struct wr *w, size_t distance, uint64_t length)
{
    if (w->bad || distance == 0 || distance > w->pos || length > w->cap - w->pos) {
        w->bad = true;
        return;
    }
    size_t left = (size_t)length;
    uint8_t *at = w->ptr + w->pos;
    w->pos += left;
    while (left > 0) {
        size_t n = left < distance ? left : distance;
        memcpy(at, at - distance, n);
        at += n;
        left -= n;
        distance += n; /* what was just written continues the same period */
    }
}

#endif
