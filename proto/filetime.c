/* filetime.c: FILETIME and nanoseconds since 1970 (MS-DTYP 2.3.3). */
#include "proto/filetime.h"

/* 1970-01-01 in units of 100 ns since 1601-01-01. */
#define UNIX_EPOCH UINT64_C(116444736000000000)
#define UNIT_NS    100
#define UNITS_MAX  ((uint64_t)(INT64_MAX / UNIT_NS)) /* that an int64_t of nanoseconds can hold */

int64_t filetime_to_ns(uint64_t filetime)
{
    if (filetime == 0) {
        return 0;
    }
    if (filetime >= UNIX_EPOCH) {
        uint64_t units = filetime - UNIX_EPOCH;
        return units > UNITS_MAX ? INT64_MAX : (int64_t)units * UNIT_NS;
    }
    uint64_t units = UNIX_EPOCH - filetime;
    return units > UNITS_MAX ? INT64_MIN : -((int64_t)units * UNIT_NS);
}

uint64_t filetime_from_ns(int64_t ns)
{
    if (ns == 0) {
        return 0;
    }
    int64_t units = ns / UNIT_NS - (ns % UNIT_NS < 0);
    return (uint64_t)((int64_t)UNIX_EPOCH + units);
}
