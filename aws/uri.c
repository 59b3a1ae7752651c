/* uri.c: percent-encoding as signatures want it. */
#include "aws/uri.h"

#include <stdlib.h>
#include <string.h>

#include "aws/grow.h"

/* RFC 3986 2.3; isalnum() would ask the locale. */
static bool is_unreserved(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '~';
}

static void encode(struct grow *out, const char *text, bool slashes)
{
    static const char digits[] = "0123456789ABCDEF";

    for (const char *at = text; *at; at++) {
        unsigned char c = (unsigned char)*at;
        if (is_unreserved(c) || (slashes && c == '/')) {
            grow_char(out, *at);
        } else {
            const char escaped[3] = {'%', digits[c >> 4], digits[c & 15]};
            grow_bytes(out, escaped, sizeof escaped);
        }
    }
}

char *uri_encode(const char *text, bool slashes)
{
    struct grow out = {0};

    encode(&out, text, slashes);
    return grow_take(&out);
}

/* ---------------------------------------------------------------- the query */

/* Encoded; both are owned. */
struct item {
    char *name, *value;
};

/* By the name, and where that is the same by the value: "Param" comes before "Param-3", though "Param=" does not. */
static int compare(const void *left, const void *right)
{
    const struct item *a = left, *b = right;
    int order = strcmp(a->name, b->name);

    return order != 0 ? order : strcmp(a->value, b->value);
}

static void items_free(struct item *items, size_t count)
{
    for (size_t i = 0; items && i < count; i++) {
        free(items[i].name);
        free(items[i].value);
    }
    free(items);
}

static struct item *items_new(const struct pair *pairs, size_t count)
{
    struct item *items = calloc(count, sizeof *items);
    bool good = items != NULL;

    for (size_t i = 0; good && i < count; i++) {
        items[i] =
            (struct item){uri_encode(pairs[i].name, false), uri_encode(pairs[i].value, false)};
        good = items[i].name && items[i].value;
    }
    if (!good) {
        items_free(items, count);
        return NULL;
    }
    return items;
}

char *uri_query(const struct pair *pairs, size_t count)
{
    struct grow out = {0};

    if (count == 0) {
        return grow_take(&out);
    }
    struct item *items = items_new(pairs, count);
    if (!items) {
        return NULL;
    }
    qsort(items, count, sizeof *items, compare);
    for (size_t i = 0; i < count; i++) {
        grow_text(&out, i > 0 ? "&" : "");
        grow_text(&out, items[i].name);
        grow_char(&out, '='); /* also where there is no value: "uploads=" */
        grow_text(&out, items[i].value);
    }
    items_free(items, count);
    return grow_take(&out);
}
