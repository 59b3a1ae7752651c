#include "tools/refusal.h"

#include <stdarg.h>
#include <stdio.h>

bool refuse(struct refusal *why, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    if (vsnprintf(why->text, sizeof why->text, fmt, ap) < 0) {
        why->text[0] = '\0';
    }
    va_end(ap);
    return false;
}
