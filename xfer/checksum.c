#include "xfer/checksum.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { ROOM = 16 };

struct checksum_piece {
    uint64_t start, end;
    uLong crc;
};

/* The first piece that ends at or behind `offset`; sum->count: none does. */
static size_t find(const struct checksum *sum, uint64_t offset)
{
    size_t low = 0, high = sum->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sum->pieces[middle].end < offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Make an empty piece, before the one that is at `i` now. */
static bool insert(struct checksum *sum, size_t i, uint64_t offset)
{
    if (sum->count == sum->room) {
        size_t room = sum->room > 0 ? sum->room * 2 : ROOM;
        struct checksum_piece *pieces = realloc(sum->pieces, room * sizeof *pieces);
        if (!pieces) {
            return false;
        }
        sum->pieces = pieces;
        sum->room = room;
    }
    memmove(&sum->pieces[i + 1], &sum->pieces[i], (sum->count - i) * sizeof *sum->pieces);
    sum->pieces[i] = (struct checksum_piece){.start = offset, .end = offset};
    sum->count++;
    return true;
}

/* The gap between a piece and the next one has been filled. */
static void join(struct checksum *sum, size_t i)
{
    struct checksum_piece *piece = &sum->pieces[i], *next = piece + 1;

    if (i + 1 < sum->count && piece->end == next->start) {
        piece->crc = crc32_combine(piece->crc, next->crc, (z_off_t)(next->end - next->start));
        piece->end = next->end;
        sum->count--;
        memmove(next, next + 1, (sum->count - i - 1) * sizeof *next);
    }
}

bool checksum_add(struct checksum *sum, uint64_t offset, const void *bytes, size_t len)
{
    size_t i = find(sum, offset);

    if ((i == sum->count || sum->pieces[i].start > offset) && !insert(sum, i, offset)) {
        return false;
    }
    struct checksum_piece *piece = &sum->pieces[i];
    uint64_t known = piece->end - offset;
    if (known < len) {
        piece->crc = crc32_z(piece->crc, (const uint8_t *)bytes + known, len - (size_t)known);
        piece->end = offset + len;
        assert(i + 1 == sum->count || piece->end <= piece[1].start);
        join(sum, i);
    }
    return true;
}

uint32_t checksum_crc32(const struct checksum *sum)
{
    assert(sum->count == 0 || (sum->count == 1 && sum->pieces[0].start == 0));
    return sum->count > 0 ? (uint32_t)sum->pieces[0].crc : 0;
}

void checksum_free(struct checksum *sum)
{
    free(sum->pieces);
    *sum = (struct checksum){0};
}
