/* text.h: text that is fit to be shown, whoever wrote it.
 *
 * File names, server names and the like come from a peer and end in logs and error texts; they must
 * not be able to break a line or to steer a terminal. */
#ifndef LSMB_BASE_TEXT_H
#define LSMB_BASE_TEXT_H

#include <stdarg.h>
#include <stddef.h>

/* Replace every control character (C0, DEL, C1 as UTF-8) by '?', and drop a UTF-8 sequence that was
 * cut off at the end.  The text never grows. */
void text_clean(char *text);

/* vsnprintf() and text_clean() in one: `out` is always terminated; too long is cut off. */
void text_vformat(char *out, size_t room, const char *fmt, va_list ap)
    __attribute__((format(printf, 3, 0)));
void text_format(char *out, size_t room, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
