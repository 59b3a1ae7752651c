/* grow.c: a text that grows while it is written. */
#include "aws/grow.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM_FIRST = 256 };

/* Room for `len` more bytes and a 0. */
static bool make_room(struct grow *g, size_t len)
{
    if (g->bad || len >= SIZE_MAX / 4 - g->len) {
        return false;
    }
    if (g->room > g->len + len) {
        return true;
    }
    size_t room = g->room ? g->room : ROOM_FIRST;
    while (room <= g->len + len) {
        room *= 2;
    }
    char *text = realloc(g->text, room);
    if (text) {
        g->text = text;
        g->room = room;
    }
    return text != NULL;
}

void grow_bytes(struct grow *g, const char *bytes, size_t len)
{
    if (!make_room(g, len)) {
        g->bad = true;
        return;
    }
    if (len > 0) {
        memcpy(g->text + g->len, bytes, len);
    }
    g->len += len;
    g->text[g->len] = '\0';
}

void grow_text(struct grow *g, const char *text)
{
    grow_bytes(g, text, strlen(text));
}

void grow_char(struct grow *g, char c)
{
    grow_bytes(g, &c, 1);
}

void grow_cut(struct grow *g, size_t len)
{
    if (g->len > len) {
        g->len = len;
        g->text[len] = '\0';
    }
}

char *grow_take(struct grow *g)
{
    grow_bytes(g, "", 0); /* an empty text is one, too */
    char *text = g->bad ? NULL : g->text;

    if (!text) {
        free(g->text);
    }
    *g = (struct grow){0};
    return text;
}

void grow_free(struct grow *g)
{
    free(g->text);
    *g = (struct grow){0};
}
