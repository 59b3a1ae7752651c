/* share_access.c: whether replacing a file on a share loses who may do what with it. */
#include "xfer/share_access.h"

#include "proto/security.h"

/* MS-DTYP 2.4.4.1, 2.4.6. */
bool share_access_explicit(struct span descriptor)
{
    struct security_descriptor sd;
    struct ace ace;

    if (!security_descriptor_get(&sd, descriptor) || !(sd.control & SE_DACL_PRESENT) ||
        sd.dacl.len == 0 || (sd.control & SE_DACL_PROTECTED)) {
        return true;
    }
    struct acl_walk list = acl_from(sd.dacl);
    while (acl_next(&list, &ace)) {
        if (!ace_inherited(&ace)) {
            return true;
        }
    }
    return !acl_ok(&list);
}

bool share_access_lost(struct span target, struct span fresh)
{
    const unsigned matters = SE_DACL_PRESENT | SE_DACL_PROTECTED;
    struct security_descriptor a, b;

    if (!share_access_explicit(target)) {
        return false;
    }
    return !security_descriptor_get(&a, target) || !security_descriptor_get(&b, fresh) ||
           (a.control & matters) != (b.control & matters) || !span_equal(a.dacl, b.dacl);
}
