/* name_set.h: which names of a folder have been given away already.
 *
 * A folder may have millions of them, so a set holds eight bytes of each: a keyed hash, which a server cannot
 * make collide on purpose. */
#ifndef LSMB_XFER_NAME_SET_H
#define LSMB_XFER_NAME_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct name_set {
    uint64_t *slots; /* owned: `room` of them, 0 = free */
    size_t room, count;
};

struct name_key {
    uint64_t k[2]; /* random */
};

/* What stands for a name; `fold`: for all that differ from it in case only, too, as a share compares names
 * (base/upcase). */
uint64_t name_hash(const struct name_key *key, const char *name, bool fold);

enum name_added { NAME_NEW, NAME_THERE, NAME_NO_MEMORY };
enum name_added name_set_add(struct name_set *set, uint64_t hash);

bool name_set_has(const struct name_set *set, uint64_t hash);

void name_set_free(struct name_set *set);

#endif
