/* options.h: option structures of hosts that were built with another version of lsmb.h.
 *
 * Each begins with its own size.  What an older host does not know is zero, which means the default; what a
 * newer one knows beyond us is not looked at. */
#ifndef LSMB_BASE_OPTIONS_H
#define LSMB_BASE_OPTIONS_H

#include <stddef.h>
#include <string.h>

/* Fill `mine`, of `mine_bytes`, from the host's structure, which says that it has `his_bytes`; NULL: all
 * defaults. */
static inline void options_take(void *mine, size_t mine_bytes, const void *his, size_t his_bytes)
{
    memset(mine, 0, mine_bytes);
    if (his) {
        memcpy(mine, his, his_bytes < mine_bytes ? his_bytes : mine_bytes);
    }
}

/* Give `mine` to a host who has room for `his_bytes`. */
static inline void options_give(void *his, size_t his_bytes, const void *mine, size_t mine_bytes)
{
    memcpy(his, mine, his_bytes < mine_bytes ? his_bytes : mine_bytes);
}

#endif
