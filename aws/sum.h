/* sum.h: the checksum of a whole object from those of its pieces, which become known in any order. */
#ifndef LSMB_AWS_SUM_H
#define LSMB_AWS_SUM_H

#include "aws/crc.h"
#include "base/list.h"

/* A piece of it: from `begin` up to `end`. */
struct sum_span {
    struct list node;
    uint64_t begin, end;
    uint64_t crc;
};

struct sum {
    enum crc_kind kind;  /* CRC_NONE: nobody wants to know */
    uint64_t end, crc;   /* of all up to here */
    struct list waiting; /* owned: what lies behind a gap, by offset */
};

void sum_init(struct sum *sum, enum crc_kind kind);

/* A piece is complete: `span`, from malloc(), is consumed.  Pieces do not overlap. */
void sum_add(struct sum *sum, struct sum_span *span);

/* Of `bytes` from the beginning on; false while some of them are missing. */
bool sum_get(const struct sum *sum, uint64_t bytes, uint64_t *crc);

void sum_free(struct sum *sum);

#endif
