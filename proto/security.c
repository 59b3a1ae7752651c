/* security.c: security descriptors, access control lists and who they name (MS-DTYP 2.4). */
#include "proto/security.h"

enum {
    SID_FIXED_LEN = 8,
    ACL_HEADER_LEN = 8,
    ACL_REVISION = 2, /* MS-DTYP 2.4.5: 4 when entries are about objects of a directory service */
    ACL_SIZE_AT = 2,  /* of AclSize in an ACL */
    ACL_COUNT_AT = 4, /* of AceCount */
    ACE_HEADER_LEN = 4,
    GUID_LEN = 16,
};

/* Which GUIDs an entry about objects holds (MS-DTYP 2.4.4.3). */
enum { ACE_OBJECT_TYPE_PRESENT = 1, ACE_INHERITED_OBJECT_TYPE_PRESENT = 2 };

/* ---------------------------------------------------------------- SIDs */

/* MS-DTYP 2.4.2.2. */
bool sid_get(struct sid *out, struct span bytes)
{
    struct rd r = rd_from(bytes, 0);

    *out = (struct sid){0};
    rd_require(&r, rd_u8(&r) == 1); /* Revision */
    uint8_t count = rd_u8(&r);
    out->authority = rd_uint_be(&r, 6);
    rd_require(&r, count <= SID_SUB_AUTHORITIES_MAX);
    for (unsigned i = 0; rd_ok(&r) && i < count; i++) {
        out->sub[i] = rd_u32(&r);
    }
    out->count = count;
    return rd_ok(&r);
}

void sid_put(struct wr *w, const struct sid *sid)
{
    if (sid->count > SID_SUB_AUTHORITIES_MAX || sid->authority >> 48 != 0) {
        w->bad = true;
        return;
    }
    wr_u8(w, 1); /* Revision */
    wr_u8(w, sid->count);
    wr_uint_be(w, sid->authority, 6);
    for (unsigned i = 0; i < sid->count; i++) {
        wr_u32(w, sid->sub[i]);
    }
}

/* The SID that the reader stands before, and no more. */
static struct span take_sid(struct rd *r)
{
    struct span left = {r->bad ? NULL : r->msg.ptr + r->pos, rd_left(r)};
    struct sid sid;

    rd_require(r, left.len >= SID_FIXED_LEN && sid_get(&sid, left));
    return rd_take(r, rd_ok(r) ? SID_FIXED_LEN + 4u * sid.count : 0);
}

/* ---------------------------------------------------------------- lists */

struct acl_walk acl_from(struct span acl)
{
    struct acl_walk list = {.left = rd_from(acl, 0)};

    if (acl.len > 0) {
        rd_skip(&list.left, 4); /* AclRevision, Sbz1, AclSize: of what was cut out already */
        list.count = rd_u16(&list.left);
        rd_skip(&list.left, 2); /* Sbz2 */
    }
    return list;
}

static bool has_objects(uint8_t type)
{
    switch (type) {
    case ACCESS_ALLOWED_OBJECT_ACE_TYPE:
    case ACCESS_DENIED_OBJECT_ACE_TYPE:
    case SYSTEM_AUDIT_OBJECT_ACE_TYPE:
    case ACCESS_ALLOWED_CALLBACK_OBJECT_ACE_TYPE:
    case ACCESS_DENIED_CALLBACK_OBJECT_ACE_TYPE:
    case SYSTEM_AUDIT_CALLBACK_OBJECT_ACE_TYPE: return true;
    }
    return false;
}

static bool has_sid(uint8_t type)
{
    switch (type) {
    case ACCESS_ALLOWED_ACE_TYPE:
    case ACCESS_DENIED_ACE_TYPE:
    case SYSTEM_AUDIT_ACE_TYPE:
    case ACCESS_ALLOWED_CALLBACK_ACE_TYPE:
    case ACCESS_DENIED_CALLBACK_ACE_TYPE:
    case SYSTEM_AUDIT_CALLBACK_ACE_TYPE:
    case SYSTEM_MANDATORY_LABEL_ACE_TYPE:
    case SYSTEM_RESOURCE_ATTRIBUTE_ACE_TYPE:
    case SYSTEM_SCOPED_POLICY_ID_ACE_TYPE: return true;
    }
    return has_objects(type);
}

/* MS-DTYP 2.4.4.3: the two GUIDs are there or not. */
static void skip_objects(struct rd *r)
{
    uint32_t flags = rd_u32(r);

    rd_skip(r, flags & ACE_OBJECT_TYPE_PRESENT ? GUID_LEN : 0);
    rd_skip(r, flags & ACE_INHERITED_OBJECT_TYPE_PRESENT ? GUID_LEN : 0);
}

bool acl_next(struct acl_walk *list, struct ace *out)
{
    struct rd *r = &list->left;

    if (!rd_ok(r) || list->count == 0) {
        return false;
    }
    list->count--;
    *out = (struct ace){.type = rd_u8(r), .flags = rd_u8(r)};
    uint16_t size = rd_u16(r);
    rd_require(r, size >= ACE_HEADER_LEN);
    struct rd body = rd_from(rd_take(r, rd_ok(r) ? (size_t)size - ACE_HEADER_LEN : 0), 0);
    if (has_sid(out->type)) {
        out->mask = rd_u32(&body);
        if (has_objects(out->type)) {
            skip_objects(&body);
        }
        out->sid = take_sid(&body);
    }
    rd_require(r, rd_ok(&body));
    return rd_ok(r);
}

size_t acl_put(struct wr *w)
{
    size_t acl = w->pos;

    wr_u8(w, ACL_REVISION);
    wr_u8(w, 0); /* Sbz1 */
    wr_u16(w, ACL_HEADER_LEN);
    wr_u16(w, 0); /* AceCount */
    wr_u16(w, 0); /* Sbz2 */
    return acl;
}

void ace_put(struct wr *w, size_t acl, const struct ace *ace)
{
    struct rd head = rd_from(wr_written(w), acl + ACL_COUNT_AT);
    size_t count = rd_u16(&head);

    wr_u8(w, ace->type);
    wr_u8(w, ace->flags);
    wr_size16(w, ACE_HEADER_LEN + 4 + ace->sid.len);
    wr_u32(w, ace->mask);
    wr_span(w, ace->sid);
    wr_patch(w, acl + ACL_SIZE_AT, w->pos - acl, 2);
    wr_patch(w, acl + ACL_COUNT_AT, count + 1, 2);
}

/* ---------------------------------------------------------------- descriptors */

/* What an offset leads to; 0: nothing (MS-DTYP 2.4.6). */
static struct rd part_at(struct rd *r, uint32_t offset)
{
    if (!rd_ok(r) || offset == 0) {
        return (struct rd){0};
    }
    rd_require(r, offset >= r->pos && offset < r->msg.len);
    return rd_from(r->msg, rd_ok(r) ? offset : 0);
}

static struct span sid_at(struct rd *r, uint32_t offset)
{
    struct rd at = part_at(r, offset);
    struct span sid = at.msg.len > 0 ? take_sid(&at) : (struct span){0};

    rd_require(r, rd_ok(&at));
    return sid;
}

static struct span acl_at(struct rd *r, uint32_t offset)
{
    struct rd at = part_at(r, offset), head = at;
    struct span acl = {0};
    struct ace ace;

    if (at.msg.len == 0) {
        return acl;
    }
    rd_skip(&head, ACL_SIZE_AT);
    uint16_t size = rd_u16(&head);
    rd_require(&at, size >= ACL_HEADER_LEN);
    acl = rd_take(&at, size);
    struct acl_walk list = acl_from(acl);
    while (acl_next(&list, &ace)) {
    }
    rd_require(r, rd_ok(&at) && acl_ok(&list));
    return acl;
}

bool security_descriptor_get(struct security_descriptor *out, struct span bytes)
{
    struct rd r = rd_from(bytes, 0);

    *out = (struct security_descriptor){0};
    rd_require(&r, rd_u8(&r) == 1); /* Revision */
    rd_skip(&r, 1);                 /* Sbz1 */
    out->control = rd_u16(&r);
    rd_require(&r, out->control & SE_SELF_RELATIVE);
    uint32_t owner = rd_u32(&r);
    uint32_t group = rd_u32(&r);
    uint32_t sacl = rd_u32(&r);
    uint32_t dacl = rd_u32(&r);
    out->owner = sid_at(&r, owner);
    out->group = sid_at(&r, group);
    out->sacl = acl_at(&r, out->control & SE_SACL_PRESENT ? sacl : 0);
    out->dacl = acl_at(&r, out->control & SE_DACL_PRESENT ? dacl : 0);
    return rd_ok(&r);
}

/* Append a part and point its offset at it. */
static void put_part(struct wr *w, size_t offset_at, struct span part)
{
    if (part.len > 0) {
        wr_patch(w, offset_at, w->pos, 4);
        wr_span(w, part);
    }
}

void security_descriptor_put(struct wr *w, const struct security_descriptor *sd)
{
    wr_u8(w, 1); /* Revision */
    wr_u8(w, 0); /* Sbz1 */
    wr_u16(w, sd->control | SE_SELF_RELATIVE);
    wr_zero(w, 16); /* OffsetOwner, OffsetGroup, OffsetSacl, OffsetDacl */
    put_part(w, 4, sd->owner);
    put_part(w, 8, sd->group);
    put_part(w, 12, sd->sacl);
    put_part(w, 16, sd->dacl);
}
