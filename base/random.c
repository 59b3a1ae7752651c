#include "base/random.h"

#include <errno.h>
#include <sys/random.h>

static bool system_fill(struct random *random, void *out, size_t len)
{
    uint8_t *at = out;

    (void)random;
    while (len > 0) {
        ssize_t n = getrandom(at, len, 0);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        at += n; /* long requests may be answered in pieces */
        len -= (size_t)n;
    }
    return true;
}

struct random random_system = {system_fill};
