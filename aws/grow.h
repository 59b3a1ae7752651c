/* grow.h: a text that grows while it is written.
 *
 * Sticky as proto/bytes.h: without memory all that follows is dropped, and grow_take() gives NULL. */
#ifndef LSMB_AWS_GROW_H
#define LSMB_AWS_GROW_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroed at the beginning. */
struct grow {
    char *text; /* owned; ended by a 0 once something was added */
    size_t len, room;
    bool bad;
};

void grow_bytes(struct grow *g, const char *bytes, size_t len);
void grow_text(struct grow *g, const char *text);
void grow_char(struct grow *g, char c);

/* Make it no longer than `len`; its memory stays. */
void grow_cut(struct grow *g, size_t len);

/* What was written, the caller's to free; `g` is empty afterwards.  NULL without memory. */
char *grow_take(struct grow *g);

/* Throw it away. */
void grow_free(struct grow *g);

#endif
