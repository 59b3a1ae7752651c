#include "tools/record.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NAMES_MAX = 64 };

static void wipe_and_free(void *memory)
{
    if (memory) {
        explicit_bzero(memory, malloc_usable_size(memory));
        free(memory);
    }
}

void record_wipe_memory(void)
{
    json_set_alloc_funcs(malloc, wipe_and_free);
}

json_t *record_parse(const char *text, size_t len, struct refusal *why)
{
    const size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL;
    json_error_t where;
    json_t *record = json_loadb(text, len, flags, &where);

    if (!record) {
        const char *near = strstr(where.text, " near "); /* what follows may be a secret */
        int said = (int)(near ? (size_t)(near - where.text) : strlen(where.text));
        (void)refuse(why, "line %d: %.*s", where.line, said, where.text);
    } else if (!json_is_object(record)) {
        json_decref(record);
        record = NULL;
        (void)refuse(why, "it is not one JSON object");
    }
    return record;
}

static bool is_listed(const char *const names[], const char *name)
{
    for (size_t i = 0; names && names[i]; i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* "WHAT keys: a, b", sorted. */
static bool refuse_names(const char *what, const char **names, size_t n, struct refusal *why)
{
    char list[400] = "";
    size_t used = 0;

    qsort(names, n, sizeof names[0], compare);
    for (size_t i = 0; i < n && used < sizeof list; i++) {
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%.80s", i > 0 ? ", " : "",
                                 names[i]);
    }
    return refuse(why, "%s keys: %s", what, list);
}

bool record_check(json_t *record, const char *const required[], const char *const optional[],
                  struct refusal *why)
{
    const char *names[NAMES_MAX], *name = NULL;
    json_t *value = NULL;
    size_t n = 0;

    for (size_t i = 0; required[i] && n < NAMES_MAX; i++) {
        if (!json_object_get(record, required[i])) {
            names[n++] = required[i];
        }
    }
    if (n > 0) {
        return refuse_names("Missing", names, n, why);
    }
    json_object_foreach(record, name, value)
    {
        if (optional && n < NAMES_MAX && strncasecmp(name, "x-", 2) != 0 &&
            !is_listed(required, name) && !is_listed(optional, name)) {
            names[n++] = name;
        }
    }
    return n == 0 || refuse_names("Unexpected", names, n, why);
}

bool record_truth(const json_t *value)
{
    if (!value) {
        return false;
    }
    switch (json_typeof(value)) {
    case JSON_OBJECT: return json_object_size(value) > 0;
    case JSON_ARRAY: return json_array_size(value) > 0;
    case JSON_STRING: return json_string_length(value) > 0;
    case JSON_INTEGER:
    case JSON_REAL: return json_number_value(value) < 0 || json_number_value(value) > 0;
    case JSON_TRUE: return true;
    case JSON_FALSE:
    case JSON_NULL: break;
    }
    return false;
}

const char *record_text(const json_t *value)
{
    const char *text = json_string_value(value);

    return text && strlen(text) == json_string_length(value) ? text : NULL;
}
