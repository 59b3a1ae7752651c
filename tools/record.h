/* record.h: a record of lava's: one JSON object, as a table of DynamoDB, a file or a secret has it. */
#ifndef LSMB_TOOLS_RECORD_H
#define LSMB_TOOLS_RECORD_H

#include "tools/refusal.h"

#include <jansson.h>
#include <stddef.h>

/* What JSON held may have been a password: wipe all memory that goes back.  Before anything else is done with
 * Jansson. */
void record_wipe_memory(void);

/* Take a text apart; the caller's to give back with json_decref().  NULL with a refusal.  A name that stands there
 * twice is a mistake; numbers become reals, which hold every number that matters here. */
json_t *record_parse(const char *text, size_t len, struct refusal *why);

/* Whether all of `required` are there, and nothing besides them and `optional` (NULL: whatever); both end with
 * NULL.  Names that begin with "x-" or "X-" never matter.  The refusal has lava's words: "Missing keys: a, b". */
bool record_check(json_t *record, const char *const required[], const char *const optional[],
                  struct refusal *why);

/* What Python takes a value for: lava asks no more of its flags, so "false" is true.  NULL is false. */
bool record_truth(const json_t *value);

/* A string without a zero byte in it; NULL if it is none. */
const char *record_text(const json_t *value);

#endif
