/* iso_time.h: times as the services of AWS write them.  RFC 3339 5.6. */
#ifndef LSMB_AWS_ISO_TIME_H
#define LSMB_AWS_ISO_TIME_H

#include <stdbool.h>
#include <stdint.h>

/* Read "2026-01-31T12:00:00Z", with a fraction of a second (cut off) and an offset ("+01:00") where there is one; without
 * either it is UTC.  False: it is none. */
bool iso_time_read(const char *text, int64_t *unix_s);

#endif
