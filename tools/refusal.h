/* refusal.h: why something that the user wrote cannot be used. */
#ifndef LSMB_TOOLS_REFUSAL_H
#define LSMB_TOOLS_REFUSAL_H

#include <stdbool.h>

struct refusal {
    char text[512]; /* one sentence without its end, to follow "lava-smb: get: "; never a secret */
};

/* Fill in the reason; too long is cut off.  Always false, so that a parser can return it. */
bool refuse(struct refusal *why, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
