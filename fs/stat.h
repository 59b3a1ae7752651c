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

#endif
