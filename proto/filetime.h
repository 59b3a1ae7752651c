/* filetime.h: FILETIME, 100 ns since 1601 (MS-DTYP 2.3.3), and nanoseconds since 1970. */
#ifndef LSMB_PROTO_FILETIME_H
#define LSMB_PROTO_FILETIME_H

#include <stdint.h>

/* 0 means "not known" on both sides.  What lies outside 1677..2262 becomes the nearest value. */
int64_t filetime_to_ns(uint64_t filetime);

/* Rounds down to 100 ns. */
uint64_t filetime_from_ns(int64_t ns);

#endif
