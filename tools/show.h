/* show.h: values as text for people.  Nothing here depends on the locale or the time zone. */
#ifndef LSMB_TOOLS_SHOW_H
#define LSMB_TOOLS_SHOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Copy text so that it cannot steer a terminal or break a line: control characters (C0, DEL, C1) and
 * bytes that are no UTF-8 become "\xNN".  Cut off at a whole character if it does not fit. */
void show_safe(char *out, size_t room, const char *text);

/* Copy text; what does not fit loses its middle, for "...", and no character is cut: names differ at their ends, and
 * causes stand there.  `room` is more than 4. */
void show_short(char *out, size_t room, const char *text);

/* Write a name to `to`, as show_safe() would if `safe`, else as it is. */
void show_name(FILE *to, const char *name, bool safe);

/* Write text as a JSON string, with its quotes; unpaired surrogates (WTF-8)
 * become the escapes that stand for them, other bytes that are no UTF-8 U+FFFD. */
void show_json(FILE *to, const char *text);

/* "2026-11-21T12:37:03Z", with `fraction` "2026-11-21T12:37:03.123456789Z"; "-" for 0 (not known). */
#define SHOW_TIME 40
void show_time(char out[SHOW_TIME], int64_t ns, bool fraction);

/* "512 B", "1.5 KiB", "12.3 MiB". */
#define SHOW_BYTES 24
void show_bytes(char out[SHOW_BYTES], uint64_t bytes);

/* "0:03", "12:34", "1:02:03". */
#define SHOW_CLOCK 24
void show_clock(char out[SHOW_CLOCK], uint64_t seconds);

/* Six columns: "drhsal", '-' where an attribute is not set. */
#define SHOW_ATTRIBUTES 8
void show_attributes(char out[SHOW_ATTRIBUTES], uint32_t attributes);

/* How many columns UTF-8 text takes, at one for each character. */
size_t show_width(const char *text);

#endif
