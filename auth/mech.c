#include "auth/mech.h"

#include <stdarg.h>

bool mech_refuse(struct mech_out *out, enum lsmb_code code, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    error_vset(&out->err, code, fmt, ap);
    va_end(ap);
    return false;
}
