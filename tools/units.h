/* units.h: durations and sizes as people write them. */
#ifndef LSMB_TOOLS_UNITS_H
#define LSMB_TOOLS_UNITS_H

#include "tools/refusal.h"

#include <stdint.h>

/* "500ms", "10s", "5m", "2h", "1d", "1h30m"; a bare number is seconds.  At least 1 ms, at most 49 days
 * (what 32 bits of milliseconds hold). */
bool units_duration(const char *text, uint32_t *out_ms, struct refusal *why);

/* "65536", "64k", "16M", "16MiB", "1G" (powers of 1024) or "16MB" (powers of 1000).  Not zero. */
bool units_bytes(const char *text, uint64_t *out_bytes, struct refusal *why);

/* The same per second, with or without "/s": "500k", "1M/s". */
bool units_rate(const char *text, uint64_t *out_bytes, struct refusal *why);

/* A number from 1 to `most`. */
bool units_count(const char *text, uint32_t most, uint32_t *out, struct refusal *why);

#endif
