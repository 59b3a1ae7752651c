#include "tools/json.h"
#include "tools/show.h"

#include <inttypes.h>

/* What cannot be written shows when main() flushes. */

void json_begin(struct json *json, FILE *to, bool wanted)
{
    *json = (struct json){.to = wanted ? to : NULL, .array = wanted};
    if (wanted) {
        (void)fputc('[', to);
    }
}

void json_end(struct json *json)
{
    if (json->array) {
        (void)fputs(json->objects ? "\n]\n" : "]\n", json->to);
    }
}

void json_begin_object(struct json *json)
{
    if (json->array) {
        (void)fputs(json->objects ? ",\n" : "\n", json->to);
    }
    (void)fputc('{', json->to);
    json->objects = true;
    json->members = false;
}

void json_end_object(struct json *json)
{
    (void)fputs(json->array ? "}" : "}\n", json->to);
}

static void member(struct json *json, const char *name)
{
    (void)fprintf(json->to, "%s\"%s\": ", json->members ? ", " : "", name);
    json->members = true;
}

void json_begin_member(struct json *json, const char *name)
{
    member(json, name);
    (void)fputc('{', json->to);
    json->members = false;
}

void json_end_member(struct json *json)
{
    (void)fputc('}', json->to);
    json->members = true;
}

void json_text(struct json *json, const char *name, const char *value)
{
    member(json, name);
    show_json(json->to, value);
}

void json_number(struct json *json, const char *name, uint64_t value)
{
    member(json, name);
    (void)fprintf(json->to, "%" PRIu64, value);
}

void json_flag(struct json *json, const char *name, bool value)
{
    member(json, name);
    (void)fputs(value ? "true" : "false", json->to);
}

void json_time(struct json *json, const char *name, int64_t ns)
{
    char text[SHOW_TIME];

    member(json, name);
    if (ns == 0) {
        (void)fputs("null", json->to);
        return;
    }
    show_time(text, ns, true);
    (void)fprintf(json->to, "\"%s\"", text);
}
