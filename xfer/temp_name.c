#include "xfer/temp_name.h"

#include <stdio.h>
#include <string.h>

/* '.' NAME ".lava-XXXXXXXX", and one more */
enum { SUFFIX_LEN = 14, KEPT_MAX = TEMP_NAME_MAX - 2 - SUFFIX_LEN };

bool temp_name(char out[static TEMP_NAME_MAX + 1], const char *name, struct random *random)
{
    size_t kept = strnlen(name, KEPT_MAX + 1);
    uint32_t unique;

    if (!random->fill(random, &unique, sizeof unique)) {
        return false;
    }
    if (kept > KEPT_MAX) {
        kept = KEPT_MAX;
        while (kept > 0 && ((unsigned char)name[kept] & 0xc0) == 0x80) {
            kept--; /* not within a character (RFC 3629 3) */
        }
    }
    (void)snprintf(out, TEMP_NAME_MAX + 1, ".%.*s.lava-%08x", (int)kept, name, (unsigned)unique);
    return true;
}

bool temp_folder_name(char out[static TEMP_NAME_MAX + 1], struct random *random)
{
    uint32_t unique;

    if (!random->fill(random, &unique, sizeof unique)) {
        return false;
    }
    (void)snprintf(out, TEMP_NAME_MAX + 1, ".lava-%08x", (unsigned)unique);
    return true;
}
