/* checksum.h: the CRC-32 (RFC 1952 8) of bytes that come in pieces, in any order. */
#ifndef LSMB_XFER_CHECKSUM_H
#define LSMB_XFER_CHECKSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct checksum_piece;

/* Zeroed at first. */
struct checksum {
    struct checksum_piece
        *pieces; /* owned: what has come so far, by offset, joined where there are no gaps */
    size_t count, room;
};

/* Bytes at `offset` have come.  What came before, from its beginning on, is not counted twice: so a range may
 * come again, and further.  False when there is no memory. */
bool checksum_add(struct checksum *sum, uint64_t offset, const void *bytes, size_t len);

/* Of all from 0 on, when nothing is missing. */
uint32_t checksum_crc32(const struct checksum *sum);

void checksum_free(struct checksum *sum);

#endif
