/* peer_lock.c: LOCK (MS-SMB2 3.3.5.14, MS-FSA 2.1.5.8). */
#include "proto/lock.h"

#include <stdlib.h>

#include "proto/misc.h"
#include "test/peer/peer_core.h"

#define STATUS_INVALID_LOCK_RANGE 0xC00001A1u

/* A range that is locked through an open. */
struct peer_range {
    struct list node; /* in open->locks */
    uint64_t offset, length;
    bool exclusive;
    bool unlocked; /* and soon freed */
};

static struct peer_range *range_of(struct list *node)
{
    return CONTAINER_OF(node, struct peer_range, node);
}

/* Neither wraps: such a range cannot be locked, read or written.  An empty one overlaps nothing. */
static bool overlap(const struct peer_range *range, uint64_t offset, uint64_t length)
{
    return offset >= range->offset ? length > 0 && offset - range->offset < range->length
                                   : range->length > 0 && range->offset - offset < length;
}

/* Is a range that is locked through `owner` in the way of reading or writing through `open`? */
static bool keeps_out(const struct peer_open *owner, const struct peer_open *open, uint64_t offset,
                      uint64_t length, bool write)
{
    LIST_EACH(node, &owner->locks)
    {
        const struct peer_range *range = range_of(node);
        bool harmless = owner == open ? range->exclusive || !write : !range->exclusive && !write;
        if (!harmless && overlap(range, offset, length)) {
            return true;
        }
    }
    return false;
}

bool peer_may_access(const struct peer_open *open, uint64_t offset, uint64_t length, bool write)
{
    LIST_EACH(node, &open->file->opens)
    {
        const struct peer_open *owner = CONTAINER_OF(node, struct peer_open, in_node);
        if (keeps_out(owner, open, offset, length, write)) {
            return false;
        }
    }
    return true;
}

/* Free the ranges that are unlocked, or all. */
static void free_ranges(struct peer_open *open, bool all)
{
    LIST_EACH(node, &open->locks)
    {
        struct peer_range *range = range_of(node);
        if (all || range->unlocked) {
            list_remove(&range->node);
            free(range);
        }
    }
}

void peer_unlock_all(struct peer_open *open)
{
    free_ranges(open, true);
}

static bool in_the_way(const struct peer_open *owner, const struct smb2_lock_element *element)
{
    bool exclusive = element->flags & SMB2_LOCKFLAG_EXCLUSIVE_LOCK;

    LIST_EACH(node, &owner->locks)
    {
        const struct peer_range *range = range_of(node);
        if ((exclusive || range->exclusive) && overlap(range, element->offset, element->length)) {
            return true;
        }
    }
    return false;
}

/* Also a lock of one's own is in the way (MS-FSA 2.1.5.8). */
static bool can_lock(const struct peer_open *open, const struct smb2_lock_element *element)
{
    LIST_EACH(node, &open->file->opens)
    {
        if (in_the_way(CONTAINER_OF(node, struct peer_open, in_node), element)) {
            return false;
        }
    }
    return true;
}

static struct peer_range *find_range(struct peer_open *open,
                                     const struct smb2_lock_element *element)
{
    LIST_EACH(node, &open->locks)
    {
        struct peer_range *range = range_of(node);
        if (!range->unlocked && range->offset == element->offset &&
            range->length == element->length) {
            return range;
        }
    }
    return NULL;
}

/* Those before one that cannot be unlocked stay unlocked. */
static uint32_t unlock_each(struct peer_open *open, const struct smb2_lock_request *asked)
{
    struct smb2_lock_element element;
    uint32_t status = STATUS_SUCCESS;

    for (size_t i = 0; !status && smb2_lock_element_at(asked, i, &element); i++) {
        struct peer_range *range = find_range(open, &element);
        if (element.flags != SMB2_LOCKFLAG_UNLOCK) {
            status = (uint32_t)STATUS_INVALID_PARAMETER;
        } else if (!range) {
            status = (uint32_t)STATUS_RANGE_NOT_LOCKED;
        } else {
            range->unlocked = true;
        }
    }
    free_ranges(open, false);
    return status;
}

static uint32_t check_element(const struct smb2_lock_element *element, bool alone)
{
    uint32_t kind = element->flags & ~(uint32_t)SMB2_LOCKFLAG_FAIL_IMMEDIATELY;

    if (kind != SMB2_LOCKFLAG_SHARED_LOCK && kind != SMB2_LOCKFLAG_EXCLUSIVE_LOCK) {
        return (uint32_t)STATUS_INVALID_PARAMETER;
    }
    if (!alone && !(element->flags & SMB2_LOCKFLAG_FAIL_IMMEDIATELY)) {
        return (uint32_t)STATUS_INVALID_PARAMETER;
    }
    if (element->length > 0 && element->offset > UINT64_MAX - (element->length - 1)) {
        return STATUS_INVALID_LOCK_RANGE;
    }
    return STATUS_SUCCESS;
}

static uint32_t lock(struct peer_open *open, const struct smb2_lock_element *element, bool alone)
{
    uint32_t status = check_element(element, alone);

    if (status != STATUS_SUCCESS) {
        return status;
    }
    if (!can_lock(open, element)) {
        return element->flags & SMB2_LOCKFLAG_FAIL_IMMEDIATELY ? (uint32_t)STATUS_LOCK_NOT_GRANTED
                                                               : (uint32_t)STATUS_PENDING;
    }
    struct peer_range *range = peer_alloc(sizeof *range);
    range->offset = element->offset;
    range->length = element->length;
    range->exclusive = element->flags & SMB2_LOCKFLAG_EXCLUSIVE_LOCK;
    list_push_back(&open->locks, &range->node);
    return STATUS_SUCCESS;
}

/* All or none. */
static uint32_t lock_each(struct peer_open *open, const struct smb2_lock_request *asked)
{
    bool alone = asked->elements.len == SMB2_LOCK_ELEMENT_LEN;
    struct smb2_lock_element element;
    uint32_t status = STATUS_SUCCESS;
    size_t locked = 0;

    while (status == STATUS_SUCCESS && smb2_lock_element_at(asked, locked, &element)) {
        status = lock(open, &element, alone);
        locked += status == STATUS_SUCCESS;
    }
    while (status != STATUS_SUCCESS && locked-- > 0) {
        struct list *last = open->locks.prev;
        list_remove(last);
        free(range_of(last));
    }
    return status;
}

uint32_t peer_lock(struct peer_request *q)
{
    struct smb2_lock_request asked;
    struct smb2_lock_element first;

    if (!smb2_lock_request_get(&asked, q->message) || !smb2_lock_element_at(&asked, 0, &first)) {
        return (uint32_t)STATUS_INVALID_PARAMETER;
    }
    struct peer_open *open = peer_open_find(q, asked.file);
    if (!open) {
        /* One that waited loses its open: MS-SMB2 3.3.5.10. */
        return q->async_id ? (uint32_t)STATUS_RANGE_NOT_LOCKED : (uint32_t)STATUS_FILE_CLOSED;
    }
    if (!(open->access & (FILE_READ_DATA | FILE_WRITE_DATA))) {
        return (uint32_t)STATUS_ACCESS_DENIED;
    }
    uint32_t status =
        first.flags & SMB2_LOCKFLAG_UNLOCK ? unlock_each(open, &asked) : lock_each(open, &asked);
    if (status == STATUS_SUCCESS) {
        smb2_empty_put(peer_body(q, SMB2_EMPTY_LEN));
    }
    return status;
}
