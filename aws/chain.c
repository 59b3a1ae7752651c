/* chain.c: the bytes of one part where they lie. */
#include "aws/chain.h"

#include <stdlib.h>

#include "aws/crc.h"

enum { ROOM_LEAST = 16 }; /* 8 MiB in ranges of 512 KiB */

static bool make_room(struct chain *chain)
{
    size_t room = chain->room > 0 ? chain->room * 2 : ROOM_LEAST;

    if (chain->count < chain->room) {
        return true;
    }
    struct span *spans = realloc(chain->spans, room * sizeof *spans);
    if (!spans) {
        return false;
    }
    chain->spans = spans;
    struct chain_link *links = realloc(chain->links, room * sizeof *links);
    if (!links) {
        return false;
    }
    chain->links = links;
    chain->room = room;
    return true;
}

/* How many pieces lie before `offset`. */
static size_t place_of(const struct chain *chain, uint64_t offset)
{
    size_t low = 0, high = chain->count;

    if (high == 0 || chain->links[high - 1].offset < offset) {
        return high; /* they mostly come in order */
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (chain->links[middle].offset < offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool overlaps(const struct chain *chain, size_t at, uint64_t begin, uint64_t end)
{
    if (at > 0 && chain->links[at - 1].offset + chain->spans[at - 1].len > begin) {
        return true;
    }
    return at < chain->count && chain->links[at].offset < end;
}

enum lsmb_code chain_add(struct chain *chain, struct span data, const struct chain_link *link,
                         bool summed)
{
    size_t at = place_of(chain, link->offset);
    size_t after = chain->count - at;

    if (overlaps(chain, at, link->offset, link->offset + data.len)) {
        return LSMB_E_USAGE;
    }
    if (!make_room(chain)) {
        return LSMB_E_NOMEM;
    }
    memmove(chain->spans + at + 1, chain->spans + at, after * sizeof *chain->spans);
    memmove(chain->links + at + 1, chain->links + at, after * sizeof *chain->links);
    chain->spans[at] = data;
    chain->links[at] = *link;
    chain->links[at].crc = summed ? crc_add(CRC_32, 0, data.ptr, data.len) : 0;
    chain->count++;
    chain->bytes += data.len;
    return LSMB_OK;
}

uint64_t chain_crc(const struct chain *chain)
{
    uint64_t crc = 0;

    for (size_t i = 0; i < chain->count; i++) {
        crc = crc_combine(CRC_32, crc, chain->links[i].crc, chain->spans[i].len);
    }
    return crc;
}

static void answer(const struct chain_link *link, const struct lsmb_error *err)
{
    if (link->shared && --link->shared->holders > 0) {
        return;
    }
    free(link->shared);
    if (link->wait) {
        lsmb_wait_done(link->wait, err);
    }
}

void chain_answer(struct chain *chain, const struct lsmb_error *err)
{
    for (size_t i = 0; i < chain->count; i++) {
        answer(&chain->links[i], err);
    }
    chain->count = 0;
    chain->bytes = 0;
}

void chain_free(struct chain *chain)
{
    for (size_t i = 0; i < chain->count; i++) {
        struct chain_shared *shared = chain->links[i].shared;
        if (shared && --shared->holders == 0) {
            free(shared);
        }
    }
    free(chain->spans);
    free(chain->links);
    *chain = (struct chain){0};
}
