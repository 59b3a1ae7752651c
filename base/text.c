#include "base/text.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool is_continuation(unsigned char c)
{
    return (c & 0xC0) == 0x80;
}

/* How many bytes the sequence that `lead` begins has (RFC 3629 3). */
static size_t sequence_len(unsigned char lead)
{
    return lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
}

static void drop_cut_sequence(char *text)
{
    size_t len = strlen(text), back = 0;

    while (back < 3 && back < len && is_continuation((unsigned char)text[len - 1 - back])) {
        back++;
    }
    if (back < len && sequence_len((unsigned char)text[len - 1 - back]) > back + 1) {
        text[len - 1 - back] = '\0';
    }
}

void text_clean(char *text)
{
    for (char *at = text; *at; at++) {
        unsigned char c = (unsigned char)at[0], after = (unsigned char)at[1];
        if (c < 0x20 || c == 0x7F) {
            *at = '?';
        } else if (c == 0xC2 && after >= 0x80 && after < 0xA0) { /* U+0080 to U+009F */
            at[0] = at[1] = '?';
        }
    }
    drop_cut_sequence(text);
}

void text_vformat(char *out, size_t room, const char *fmt, va_list ap)
{
    assert(room > 0);
    if (vsnprintf(out, room, fmt, ap) < 0) {
        out[0] = '\0';
    }
    text_clean(out);
}

void text_format(char *out, size_t room, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    text_vformat(out, room, fmt, ap);
    va_end(ap);
}
