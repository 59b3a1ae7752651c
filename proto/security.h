/* security.h: security descriptors, access control lists and who they name (MS-DTYP 2.4).
 *
 * Descriptors are self-relative, the only form that travels (MS-DTYP 2.4.6).  What a ..._get() hands out
 * points into the bytes that it was given. */
#ifndef LSMB_PROTO_SECURITY_H
#define LSMB_PROTO_SECURITY_H

#include "proto/bytes.h"

/* Which parts of a descriptor are meant.  MS-DTYP 2.4.7. */
enum security_information {
    OWNER_SECURITY_INFORMATION = 0x00000001,
    GROUP_SECURITY_INFORMATION = 0x00000002,
    DACL_SECURITY_INFORMATION = 0x00000004,
    SACL_SECURITY_INFORMATION = 0x00000008,
    LABEL_SECURITY_INFORMATION = 0x00000010,
};

/* MS-DTYP 2.4.6; those that a client acts on. */
enum security_control {
    SE_DACL_PRESENT = 0x0004,
    SE_SACL_PRESENT = 0x0010,
    SE_DACL_AUTO_INHERITED = 0x0400,
    SE_DACL_PROTECTED = 0x1000, /* takes no entries from the folder */
    SE_SELF_RELATIVE = 0x8000,
};

enum {
    SID_SUB_AUTHORITIES_MAX = 15,                  /* MS-DTYP 2.4.2.2 */
    SID_LEN_MAX = 8 + 4 * SID_SUB_AUTHORITIES_MAX, /* bytes */
};

/* S-1-authority-sub-sub...  MS-DTYP 2.4.2. */
struct sid {
    uint64_t authority; /* 48 bits */
    uint8_t count;      /* of `sub` */
    uint32_t sub[SID_SUB_AUTHORITIES_MAX];
};

/* Read the SID that `bytes` begins with; what follows it is tolerated. */
bool sid_get(struct sid *out, struct span bytes);
void sid_put(struct wr *w, const struct sid *sid);

/* A part that is not there is empty.  An empty DACL with SE_DACL_PRESENT set forbids nothing. */
struct security_descriptor {
    uint16_t control;         /* enum security_control */
    struct span owner, group; /* exactly one SID each: sid_get() */
    struct span sacl, dacl;   /* exactly one ACL each: acl_from() */
};

/* Refuses parts that do not lie inside `bytes` behind the header, and lists with an entry that does not
 * lie inside its list. */
bool security_descriptor_get(struct security_descriptor *out, struct span bytes);

/* Write it from position 0 of `w`, which is where its offsets count from. */
void security_descriptor_put(struct wr *w, const struct security_descriptor *sd);

/* MS-DTYP 2.4.4.1; those whose form is known here. */
enum ace_type {
    ACCESS_ALLOWED_ACE_TYPE = 0x00,
    ACCESS_DENIED_ACE_TYPE = 0x01,
    SYSTEM_AUDIT_ACE_TYPE = 0x02,
    ACCESS_ALLOWED_OBJECT_ACE_TYPE = 0x05,
    ACCESS_DENIED_OBJECT_ACE_TYPE = 0x06,
    SYSTEM_AUDIT_OBJECT_ACE_TYPE = 0x07,
    ACCESS_ALLOWED_CALLBACK_ACE_TYPE = 0x09,
    ACCESS_DENIED_CALLBACK_ACE_TYPE = 0x0A,
    ACCESS_ALLOWED_CALLBACK_OBJECT_ACE_TYPE = 0x0B,
    ACCESS_DENIED_CALLBACK_OBJECT_ACE_TYPE = 0x0C,
    SYSTEM_AUDIT_CALLBACK_ACE_TYPE = 0x0D,
    SYSTEM_AUDIT_CALLBACK_OBJECT_ACE_TYPE = 0x0F,
    SYSTEM_MANDATORY_LABEL_ACE_TYPE = 0x11,
    SYSTEM_RESOURCE_ATTRIBUTE_ACE_TYPE = 0x12,
    SYSTEM_SCOPED_POLICY_ID_ACE_TYPE = 0x13,
};

/* MS-DTYP 2.4.4.1. */
enum ace_flags {
    OBJECT_INHERIT_ACE = 0x01,
    CONTAINER_INHERIT_ACE = 0x02,
    NO_PROPAGATE_INHERIT_ACE = 0x04,
    INHERIT_ONLY_ACE = 0x08,
    INHERITED_ACE = 0x10, /* came from the folder: a new file there would get it too */
};

/* One entry of a list. */
struct ace {
    uint8_t type;    /* enum ace_type, or one that is not known here */
    uint8_t flags;   /* enum ace_flags */
    uint32_t mask;   /* MS-DTYP 2.4.3 */
    struct span sid; /* whom it is about; empty for a type that is not known here */
};

static inline bool ace_inherited(const struct ace *ace)
{
    return (ace->flags & INHERITED_ACE) != 0;
}

/* The entries of a list, one after the other:
 *
 *     struct acl_walk list = acl_from(sd.dacl);
 *     while (acl_next(&list, &ace)) { ... }
 *     if (!acl_ok(&list)) { the list was malformed, at the end of what was given out } */
struct acl_walk {
    struct rd left;
    uint16_t count; /* entries that are still to come */
};

/* MS-DTYP 2.4.5.  An empty span is a list without entries. */
struct acl_walk acl_from(struct span acl);
bool acl_next(struct acl_walk *list, struct ace *out);

static inline bool acl_ok(const struct acl_walk *list)
{
    return rd_ok(&list->left);
}

/* Begin a list at the writer's position, which is returned; then append entries to it: AclSize and AceCount
 * follow.  An entry is written as one of the simple types (MS-DTYP 2.4.4.2), whatever its type says. */
size_t acl_put(struct wr *w);
void ace_put(struct wr *w, size_t acl, const struct ace *ace);

#endif
