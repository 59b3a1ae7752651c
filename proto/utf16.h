/* utf16.h: names between UTF-8 and the UTF-16LE of the wire (MS-SMB2 2.2, RFC 3629).
 *
 * File names on a server may hold unpaired surrogates.  They survive both ways as the three bytes
 * that generalised UTF-8 ("WTF-8") gives them; two that form a pair are refused in that form, so
 * each name has one spelling.  Everything else is strict: overlong forms, values above U+10FFFF
 * and cut-off sequences are refused, and so is U+0000, which a C string cannot hold. */
#ifndef LSMB_PROTO_UTF16_H
#define LSMB_PROTO_UTF16_H

#include "proto/bytes.h"

/* Convert UTF-8 to UTF-16LE.  `*need` gets the bytes the whole result takes, whether or not it
 * fits `room`; only whole code units are written.  False when `utf8` is malformed or the result
 * did not fit (then *need > room).  `out` may be NULL when `room` is 0. */
bool utf16_from_utf8(uint8_t *out, size_t room, size_t *need, struct span utf8);

/* Convert UTF-16LE to a NUL-terminated string.  `*need` gets the bytes the whole result takes with
 * its NUL.  False when `utf16` is malformed (odd length, U+0000) or the result did not fit (then
 * *need > room; `out` is an empty string if room > 0). */
bool utf8_from_utf16(char *out, size_t room, size_t *need, struct span utf16);

/* Write a string as UTF-16LE without NUL; a malformed one marks the writer bad. */
void wr_utf16(struct wr *w, const char *utf8);

#endif
