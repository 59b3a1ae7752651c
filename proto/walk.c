/* walk.c: lists whose entries begin with the offset of the next one. */
#include "proto/walk.h"

enum { ALIGN = 8 }; /* of most lists */

bool walk_refuse(struct walk *walk)
{
    *walk = (struct walk){.bad = true};
    return false;
}

bool walk_next(struct walk *walk, size_t fixed, struct span *entry)
{
    return walk_next_by(walk, fixed, ALIGN, entry);
}

bool walk_next_by(struct walk *walk, size_t fixed, size_t align, struct span *entry)
{
    struct span left = walk->left;

    if (left.len == 0) {
        return false;
    }
    struct rd r = rd_from(left, 0);
    uint32_t next = rd_u32(&r);
    if (!rd_ok(&r) || left.len < fixed) {
        return walk_refuse(walk);
    }
    /* MS-FSCC 2.4: an entry that announces another one must leave room for it. */
    if (next != 0 && (next < fixed || next % align != 0 || next >= left.len)) {
        return walk_refuse(walk);
    }
    size_t len = next == 0 ? left.len : next;
    *entry = (struct span){left.ptr, len};
    walk->left = (struct span){left.ptr + len, left.len - len};
    return true;
}

/* Where the last entry of a list that we wrote begins. */
static size_t last_entry(const struct wr *w)
{
    size_t at = 0;

    for (;;) {
        struct rd r = rd_from(wr_written(w), at);
        uint32_t next = rd_u32(&r);
        if (next == 0) {
            return at;
        }
        at += next;
    }
}

size_t walk_put(struct wr *w)
{
    return walk_put_by(w, ALIGN);
}

size_t walk_put_by(struct wr *w, size_t align)
{
    bool first = w->pos == 0;
    size_t last = last_entry(w);

    wr_zero(w, (align - w->pos % align) % align);
    size_t at = w->pos;
    if (!first) {
        wr_patch(w, last, at - last, 4);
    }
    wr_u32(w, 0); /* NextEntryOffset */
    return at;
}
