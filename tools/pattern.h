/* pattern.h: names with wildcards, as shells have them, whatever the locale.
 *
 *   *       any number of characters, but no '/'
 *   **      any number of characters
 *   ?       one character, but no '/'
 *   [a-z]   one of these; [!a-z] and [^a-z]: one that is none of these; never '/'
 *   \x      x itself
 *
 * A character is one of UTF-8; a byte that is none counts as one.  Case matters, and a '.' at the beginning is
 * a character like any other.  A '[' without its ']' stands for itself. */
#ifndef LSMB_TOOLS_PATTERN_H
#define LSMB_TOOLS_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

/* Whether all of the `len` bytes at `text` are as the pattern says. */
bool pattern_matches(const char *pattern, const char *text, size_t len);

/* Whether it can match anything but itself. */
bool pattern_is_wild(const char *pattern);

#endif
