#include "aws/attribute.h"

#include <stdlib.h>
#include <string.h>

#include "aws/grow.h"
#include "base/error.h"

/* DynamoDB's own limit is 32. */
enum { DEPTH_MAX = 40 };

struct writer {
    struct grow text;
    unsigned depth;
};

static bool write_value(struct writer *w, json_t *value);

/* A string with its quotation marks, escaped as JSON wants it. */
static bool write_string(struct writer *w, json_t *string)
{
    if (!json_is_string(string)) {
        return false;
    }
    char *text = json_dumps(string, JSON_ENCODE_ANY);
    if (!text) {
        w->text.bad = true;
        return true;
    }
    grow_text(&w->text, text);
    free(text);
    return true;
}

static size_t count_digits(const char *text)
{
    return strspn(text, "0123456789");
}

/* RFC 8259 6: -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)? */
static bool is_number(const char *text)
{
    text += *text == '-';
    size_t digits = count_digits(text);
    if (digits == 0 || (digits > 1 && text[0] == '0')) {
        return false;
    }
    text += digits;
    if (*text == '.') {
        text++;
        digits = count_digits(text);
        text += digits;
        if (digits == 0) {
            return false;
        }
    }
    if (*text == 'e' || *text == 'E') {
        text++;
        text += *text == '+' || *text == '-';
        digits = count_digits(text);
        text += digits;
        if (digits == 0) {
            return false;
        }
    }
    return *text == '\0';
}

/* N comes as a string, so that no digit of it is lost on the way. */
static bool write_number(struct writer *w, json_t *string)
{
    const char *text = json_string_value(string);

    if (!text || strlen(text) != json_string_length(string) || !is_number(text)) {
        return false;
    }
    grow_text(&w->text, text);
    return true;
}

static bool write_bool(struct writer *w, json_t *value)
{
    if (!json_is_boolean(value)) {
        return false;
    }
    grow_text(&w->text, json_is_true(value) ? "true" : "false");
    return true;
}

static bool write_null(struct writer *w, json_t *value)
{
    (void)value; /* it says true */
    grow_text(&w->text, "null");
    return true;
}

typedef bool write_fn(struct writer *w, json_t *value);

static bool write_array(struct writer *w, json_t *array, write_fn *each)
{
    size_t i;
    json_t *item;

    if (!json_is_array(array)) {
        return false;
    }
    grow_char(&w->text, '[');
    json_array_foreach(array, i, item)
    {
        if (i > 0) {
            grow_char(&w->text, ',');
        }
        if (!each(w, item)) {
            return false;
        }
    }
    grow_char(&w->text, ']');
    return true;
}

static bool write_list(struct writer *w, json_t *value)
{
    return write_array(w, value, write_value);
}

static bool write_strings(struct writer *w, json_t *value)
{
    return write_array(w, value, write_string);
}

static bool write_numbers(struct writer *w, json_t *value)
{
    return write_array(w, value, write_number);
}

static bool write_name(struct writer *w, const char *name)
{
    json_t *string = json_string(name);

    if (!string) {
        w->text.bad = true;
        return true;
    }
    bool written = write_string(w, string);
    json_decref(string);
    grow_char(&w->text, ':');
    return written;
}

static bool write_map(struct writer *w, json_t *map)
{
    const char *name;
    json_t *value;
    bool first = true;

    if (!json_is_object(map)) {
        return false;
    }
    grow_char(&w->text, '{');
    json_object_foreach(map, name, value)
    {
        if (!first) {
            grow_char(&w->text, ',');
        }
        first = false;
        if (!write_name(w, name) || !write_value(w, value)) {
            return false;
        }
    }
    grow_char(&w->text, '}');
    return true;
}

/* {"S": "text"} and the like: one type and its value. */
static bool write_value(struct writer *w, json_t *value)
{
    static const struct {
        const char *type;
        write_fn *write;
    } types[] = {{"S", write_string},  {"N", write_number},   {"BOOL", write_bool},
                 {"NULL", write_null}, {"M", write_map},      {"L", write_list},
                 {"B", write_string},  {"SS", write_strings}, {"NS", write_numbers},
                 {"BS", write_strings}};
    bool written = false;

    if (json_object_size(value) != 1 || w->depth == DEPTH_MAX) {
        return false;
    }
    const char *type = json_object_iter_key(json_object_iter(value));
    w->depth++;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(type, types[i].type) == 0) {
            written = types[i].write(w, json_object_get(value, type));
        }
    }
    w->depth--;
    return written;
}

char *attributes_write(json_t *item, struct lsmb_error *err)
{
    struct writer w = {.depth = 0};

    if (!write_map(&w, item)) {
        grow_free(&w.text);
        error_set(err, LSMB_E_PROTOCOL, "the item holds a value that is none of DynamoDB's");
        return NULL;
    }
    char *text = grow_take(&w.text);
    if (!text) {
        error_set(err, LSMB_E_NOMEM, "no memory for the item");
    }
    return text;
}
