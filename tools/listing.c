#include "tools/listing.h"
#include "tools/show.h"

#include <stdlib.h>
#include <string.h>

/* A listing is sorted, so it is kept whole: a server that never ends must not take all memory. */
enum { ENTRIES_MAX = 4000000 };

static bool make_room(struct listing *list)
{
    if (list->n < list->room) {
        return true;
    }
    size_t room = list->room ? list->room * 2 : 64;
    struct listing_entry *entries = reallocarray(list->entries, room, sizeof *entries);
    if (!entries) {
        return false;
    }
    list->entries = entries;
    list->room = room;
    return true;
}

bool listing_add(void *arg, const char *name, const struct lsmb_stat *stat)
{
    struct listing *list = arg;

    size_t held = list->held ? *list->held : list->n;

    if (held >= (list->most ? list->most : ENTRIES_MAX)) {
        list->too_long = true;
        return false;
    }
    char *copy = make_room(list) ? strdup(name) : NULL;
    if (!copy) {
        list->no_memory = true;
        return false;
    }
    list->entries[list->n++] = (struct listing_entry){copy, *stat};
    if (list->held) {
        ++*list->held;
    }
    return true;
}

static int compare(const void *a, const void *b)
{
    const struct listing_entry *left = a, *right = b;

    return strcmp(left->name, right->name);
}

void listing_sort(struct listing *list)
{
    if (list->n > 1) {
        qsort(list->entries, list->n, sizeof list->entries[0], compare);
    }
}

static int size_columns(const struct listing *list)
{
    uint64_t most = 0;
    int columns = 1;

    for (size_t i = 0; i < list->n; i++) {
        most = list->entries[i].stat.bytes > most ? list->entries[i].stat.bytes : most;
    }
    for (; most >= 10; most /= 10) {
        columns++;
    }
    return columns;
}

void listing_print(const struct listing *list, FILE *to, bool lengthy, bool safe)
{
    int columns = size_columns(list);

    for (size_t i = 0; i < list->n; i++) {
        const struct listing_entry *e = &list->entries[i];
        if (lengthy) {
            char attributes[SHOW_ATTRIBUTES], written[SHOW_TIME];
            show_attributes(attributes, e->stat.attributes);
            show_time(written, e->stat.written, false);
            /* What cannot be written shows when main() flushes. */
            (void)fprintf(to, "%s %*llu %-20s ", attributes, columns,
                          (unsigned long long)e->stat.bytes, written);
        }
        show_name(to, e->name, safe);
        (void)fputc('\n', to);
    }
}

void listing_free(struct listing *list)
{
    for (size_t i = 0; i < list->n; i++) {
        free(list->entries[i].name);
    }
    if (list->held) {
        *list->held -= list->n;
    }
    free(list->entries);
    *list = (struct listing){.entries = NULL};
}
