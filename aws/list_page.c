#include "aws/list_page.h"

#include <stdlib.h>
#include <string.h>

#include "aws/iso_time.h"
#include "aws/xml.h"
#include "base/clock.h"

/* S3 gives 1,000 at most; others may give more. */
enum { ENTRIES_MAX = 10000, ENTRIES_FIRST = 64 };

struct reading {
    struct list_page *page;
    struct list_entry now; /* what is being read */
    bool key, size;        /* which it has so far */
    bool encoded;          /* keys are, as in an URL */
    bool root, bad, no_memory;
};

/* ---------------------------------------------------------------- values */

static bool size_get(const char *text, uint64_t *out)
{
    *out = 0;
    for (; *text >= '0' && *text <= '9'; text++) {
        unsigned digit = (unsigned)(*text - '0');
        if (*out > ((uint64_t)INT64_MAX - digit) / 10) {
            return false;
        }
        *out = *out * 10 + digit;
    }
    return *text == '\0';
}

static int64_t time_get(const char *text)
{
    int64_t seconds;

    if (!iso_time_read(text, &seconds) || seconds <= 0 ||
        seconds > (int64_t)(INT64_MAX / NS_PER_S)) {
        return 0;
    }
    return seconds * (int64_t)NS_PER_S;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* In its place, since it becomes no longer.  What is no escape stays as it is. */
static void decode(struct list_page *page, struct list_entry *entry)
{
    char *text = page->text.text + entry->at;
    size_t to = 0;

    for (size_t i = 0; i < entry->len; i++) {
        int high = text[i] == '%' && entry->len - i > 2 ? hex_digit(text[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
        if (low >= 0) {
            text[to++] = (char)(high << 4 | low);
            i += 2;
        } else if (text[i] == '+') {
            text[to++] = ' ';
        } else {
            text[to++] = text[i];
        }
    }
    text[to] = '\0';
    entry->len = to;
}

/* ---------------------------------------------------------------- elements */

static void take_key(struct reading *r, const char *text)
{
    struct grow *g = &r->page->text;

    r->now.at = g->len;
    r->now.len = strlen(text);
    r->key = true;
    grow_bytes(g, text, r->now.len + 1);
    r->no_memory = r->no_memory || g->bad;
}

static bool make_room(struct list_page *page)
{
    size_t room = page->room > 0 ? page->room * 2 : ENTRIES_FIRST;

    if (page->count < page->room) {
        return true;
    }
    struct list_entry *entries = realloc(page->entries, room * sizeof *entries);
    if (entries) {
        page->entries = entries;
        page->room = room;
    }
    return entries != NULL;
}

/* An element with an entry ends. */
static void add(struct reading *r, bool folder)
{
    struct list_page *page = r->page;

    if (!r->key || (!folder && !r->size) || page->count == ENTRIES_MAX) {
        r->bad = true;
    } else if (!make_room(page)) {
        r->no_memory = true;
    } else {
        r->now.folder = folder;
        page->entries[page->count++] = r->now;
    }
    r->now = (struct list_entry){.at = 0};
    r->key = r->size = false;
}

static void take_token(struct reading *r, const char *text)
{
    free(r->page->token);
    r->page->token = strdup(text);
    r->no_memory = r->no_memory || !r->page->token;
}

/* A xml_text_fn. */
static bool take(void *arg, const char *path, const char *text)
{
    static const char root[] = "ListBucketResult";
    struct reading *r = arg;

    if (strncmp(path, root, sizeof root - 1) != 0) {
        return false;
    }
    const char *name = path + sizeof root - 1;
    if (*name == '\0') {
        r->root = true;
    } else if (strcmp(name, "/Contents/Key") == 0 || strcmp(name, "/CommonPrefixes/Prefix") == 0) {
        take_key(r, text);
    } else if (strcmp(name, "/Contents/Size") == 0) {
        r->size = size_get(text, &r->now.bytes);
    } else if (strcmp(name, "/Contents/LastModified") == 0) {
        r->now.written = time_get(text);
    } else if (strcmp(name, "/Contents") == 0) {
        add(r, false);
    } else if (strcmp(name, "/CommonPrefixes") == 0) {
        add(r, true);
    } else if (strcmp(name, "/EncodingType") == 0) {
        r->encoded = strcmp(text, "url") == 0;
    } else if (strcmp(name, "/IsTruncated") == 0) {
        r->page->more = strcmp(text, "true") == 0;
    } else if (strcmp(name, "/NextContinuationToken") == 0) {
        take_token(r, text);
    }
    return !r->bad && !r->no_memory;
}

/* ---------------------------------------------------------------- the page */

enum lsmb_code list_page_read(struct list_page *page, const char *xml, size_t len)
{
    struct reading r = {.page = page};
    bool whole = xml_read(xml, len, take, &r);

    if (r.no_memory) {
        return LSMB_E_NOMEM;
    }
    if (!whole || r.bad || !r.root) {
        return LSMB_E_PROTOCOL;
    }
    for (size_t i = 0; r.encoded && i < page->count; i++) {
        decode(page, &page->entries[i]);
    }
    return LSMB_OK;
}

const char *list_page_key(const struct list_page *page, const struct list_entry *entry)
{
    return page->text.text + entry->at;
}

void list_page_free(struct list_page *page)
{
    free(page->entries);
    free(page->token);
    grow_free(&page->text);
    *page = (struct list_page){.entries = NULL};
}
