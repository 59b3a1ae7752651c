/* stat.h: what a file looks like, from any of the messages that say it. */
#ifndef LSMB_FS_STAT_H
#define LSMB_FS_STAT_H

#include "lsmb.h"
#include "proto/filetime.h"

/* CREATE, CLOSE, directory entries and FileNetworkOpenInformation call the same things by the same names
 * (MS-SMB2 2.2.14, 2.2.16, MS-FSCC 2.4): any of their structures as a struct lsmb_stat, without a file_id. */
#define STAT_FROM(from)                                                                            \
    ((struct lsmb_stat){.bytes = (from)->end_of_file,                                              \
                        .allocated_bytes = (from)->allocation_size,                                \
                        .created = filetime_to_ns((from)->created),                                \
                        .accessed = filetime_to_ns((from)->accessed),                              \
                        .written = filetime_to_ns((from)->written),                                \
                        .changed = filetime_to_ns((from)->changed),                                \
                        .attributes = (from)->file_attributes})

/* One of them may not be known, or not as exactly as a FILETIME. */
static inline bool stat_same_time(int64_t a, int64_t b)
{
    return a == 0 || b == 0 || a / 100 == b / 100;
}

/* Whether two names that were looked at one after the other stand for one file.  Its number alone does not
 * say so, since every volume counts for itself; nor does anything where the number is not known. */
static inline bool stat_same_file(const struct lsmb_stat *a, const struct lsmb_stat *b)
{
    return a->file_id != 0 && a->file_id == b->file_id && a->bytes == b->bytes &&
           stat_same_time(a->created, b->created) && stat_same_time(a->written, b->written) &&
           stat_same_time(a->changed, b->changed);
}

#endif
