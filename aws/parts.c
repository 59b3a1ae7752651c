/* parts.c: into which parts an object is cut. */
#include "aws/parts.h"

#include "base/number.h"
#include "lsmb.h"

#define MIB UINT64_C(0x100000)

static uint64_t divide_up(uint64_t a, uint64_t b)
{
    return a / b + (a % b > 0);
}

uint64_t parts_limit(uint64_t length)
{
    if (length != LSMB_SIZE_UNKNOWN) {
        return PARTS_MAX * PART_MOST;
    }
    return PARTS_OF_A_SIZE * PART_LEAST * ((1 << PARTS_SIZES) - 1);
}

bool parts_plan(struct parts *out, uint64_t length)
{
    *out = (struct parts){.length = length, .first = PART_LEAST};
    if (length == LSMB_SIZE_UNKNOWN) {
        return true;
    }
    if (length > parts_limit(length)) {
        return false;
    }
    uint64_t part = least64(divide_up(divide_up(length, PARTS_KNOWN), MIB) * MIB, PART_MOST);
    if (part > PART_LEAST) {
        out->first = part;
    }
    return true;
}

static bool known_at(const struct parts *parts, uint64_t offset, struct part_place *out)
{
    uint64_t index = offset / parts->first;

    if (offset >= parts->length) {
        return false;
    }
    out->number = (unsigned)index + 1;
    out->begin = index * parts->first;
    out->end = out->begin + least64(parts->length - out->begin, parts->first);
    return true;
}

bool parts_at(const struct parts *parts, uint64_t offset, struct part_place *out)
{
    uint64_t begin = 0, size = parts->first;

    if (parts->length != LSMB_SIZE_UNKNOWN) {
        return known_at(parts, offset, out);
    }
    for (unsigned i = 0; i < PARTS_SIZES; i++) {
        uint64_t all = PARTS_OF_A_SIZE * size;
        if (offset - begin < all) {
            uint64_t index = (offset - begin) / size;
            out->number = i * PARTS_OF_A_SIZE + (unsigned)index + 1;
            out->begin = begin + index * size;
            out->end = out->begin + size;
            return true;
        }
        begin += all;
        size *= 2;
    }
    return false;
}
