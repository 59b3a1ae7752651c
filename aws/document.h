/* document.h: JSON objects that services and credential processes answer with (jansson), some of which hold secrets. */
#ifndef LSMB_AWS_DOCUMENT_H
#define LSMB_AWS_DOCUMENT_H

#include <jansson.h>

#include "lsmb.h"

/* Read an object; NULL with `err` filled in, which tells nothing of what is in it: it is none, or memory lacks. */
json_t *document_read(const char *text, size_t len, struct lsmb_error *err);

/* The string that is the value of `key`; NULL: it has none, or one with a zero byte within. */
const char *document_text(const json_t *object, const char *key);

/* Overwrite all strings and free it; NULL is fine.  What the parser itself moved while it read stays where it was: memory
 * is the whole program's choice in jansson, not ours. */
void document_free(json_t *document);

#endif
