/* walk.h: lists whose entries begin with the offset of the next one.
 *
 * CREATE contexts, directory entries and stream lists share this form (MS-SMB2 2.2.13.2,
 * MS-FSCC 2.4): four bytes NextEntryOffset, counted from the start of the entry, 0 in the last.  A
 * walk is sticky like a cursor:
 *
 *     struct walk list = walk_from(reply.contexts);
 *     while (smb2_create_context_next(&list, &context)) { ... }
 *     if (!walk_ok(&list)) { the list was malformed, at the end of what was given out } */
#ifndef LSMB_PROTO_WALK_H
#define LSMB_PROTO_WALK_H

#include "proto/bytes.h"

struct walk {
    struct span left; /* from the start of the next entry */
    bool bad;
};

static inline struct walk walk_from(struct span list)
{
    return (struct walk){.left = list};
}

static inline bool walk_ok(const struct walk *walk)
{
    return !walk->bad;
}

/* Step to the next entry: the bytes up to the one after it, or all that is left.  False at the
 * end, and when NextEntryOffset is neither 0 nor a multiple of 8 of at least `fixed` bytes (at
 * least 4, the part of an entry that is always there) inside the list: the walk is bad then, and
 * cannot loop. */
bool walk_next(struct walk *walk, size_t fixed, struct span *entry);

/* The same for a list whose entries are aligned to `align` bytes instead of 8. */
bool walk_next_by(struct walk *walk, size_t fixed, size_t align, struct span *entry);

/* Refuse the entry just stepped to: the walk ends here and is bad.  Returns false. */
bool walk_refuse(struct walk *walk);

/* Begin a further entry in a list written from position 0 of `w`: pads to 8, points the entry
 * before here and leaves the new entry's NextEntryOffset 0.  The entry's own offsets count from
 * the position that is returned. */
size_t walk_put(struct wr *w);

/* The same for a list whose entries are aligned to `align` bytes instead of 8. */
size_t walk_put_by(struct wr *w, size_t align);

#endif
