/* json.h: results as a JSON array of objects, one a line, written as they come: a listing of any length
 * takes no memory.  Names that are no Unicode (unpaired surrogates) come out as the escapes that stand
 * for them. */
#ifndef LSMB_TOOLS_JSON_H
#define LSMB_TOOLS_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json {
    FILE *to;     /* NULL: nothing is written */
    bool array;   /* around the objects */
    bool objects; /* there was one */
    bool members; /* the object has one */
};

/* Begin an array; without `wanted` this and json_end() do nothing. */
void json_begin(struct json *json, FILE *to, bool wanted);
void json_end(struct json *json);

/* Begin and end an object: in an array, or by itself where none was begun (set json.to then). */
void json_begin_object(struct json *json);
void json_end_object(struct json *json);

/* A member that is an object: what is written until its end are its members. */
void json_begin_member(struct json *json, const char *name);
void json_end_member(struct json *json);

void json_text(struct json *json, const char *name, const char *value);
void json_number(struct json *json, const char *name, uint64_t value);
void json_flag(struct json *json, const char *name, bool value);

/* Nanoseconds since 1970 as "2026-11-21T12:37:03.123456789Z"; null for 0 (not known). */
void json_time(struct json *json, const char *name, int64_t ns);

#endif
