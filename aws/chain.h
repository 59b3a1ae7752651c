/* chain.h: the bytes of one part where they lie: ranges that the engine lends, in the order of their offsets, whatever
 * order they come in.  Nothing is copied; each range is given back by answering its call. */
#ifndef LSMB_AWS_CHAIN_H
#define LSMB_AWS_CHAIN_H

#include "lsmb.h"
#include "proto/bytes.h"

/* A range of which several parts have a piece: it is answered when the last of them has let it go. */
struct chain_shared {
    unsigned holders;
};

struct chain_link {
    uint64_t offset;
    uint64_t crc;                /* CRC-32 of the piece; 0 where nobody wants it */
    struct lsmb_wait *wait;      /* NULL: nobody waits */
    struct chain_shared *shared; /* NULL: no other part has any of the range */
};

/* All zero: an empty one. */
struct chain {
    struct span *spans;       /* owned; what is sent */
    struct chain_link *links; /* owned; to each span */
    size_t count, room;
    uint64_t bytes; /* of all pieces */
};

/* Take a piece; `link` says all of it but `crc`, which is computed if `summed`.  Pieces may not overlap.  LSMB_OK,
 * LSMB_E_NOMEM or LSMB_E_USAGE: nothing was taken. */
enum lsmb_code chain_add(struct chain *chain, struct span data, const struct chain_link *link,
                         bool summed);

/* CRC-32 of all pieces one after the other; each was summed. */
uint64_t chain_crc(const struct chain *chain);

/* Answer the calls that the pieces came with; `err` NULL: well.  The chain is empty then, and keeps its room. */
void chain_answer(struct chain *chain, const struct lsmb_error *err);

/* Free it with its room; what is in it is not answered. */
void chain_free(struct chain *chain);

#endif
