/* ini.h: the shared files' syntax: sections, keys with '=' or ':', indented values that belong to the key above, whole-line
 * comments.  As Python's RawConfigParser reads it, which the AWS tools use; but empty lines within values are dropped, names of
 * sections trimmed, and a line that begins with '[' is a section or refused. */
#ifndef LSMB_AWS_INI_H
#define LSMB_AWS_INI_H

#include "base/list.h"
#include "base/secret.h"
#include "lsmb.h"

struct ini {
    struct list sections;
    struct secret text; /* of the file; all names and values are in it, keys among them */
};

void ini_init(struct ini *ini);

/* Read a file; one that is not there is empty.  False with `err` filled in, and nothing read: it cannot be read, is longer
 * than 1 MiB or is malformed (the line's number is said).  Once for each `ini`.  `text` is ended by a 0, which `len` does
 * not count. */
bool ini_read(struct ini *ini, const char *path, struct lsmb_error *err);
bool ini_parse(struct ini *ini, const char *name, const char *text, size_t len,
               struct lsmb_error *err);

/* A section "profile x" may be written with quotes and more space: [profile "x"]. */
bool ini_has(const struct ini *ini, const char *section);

/* The value of a key (in lower case); of "s3" with "s3.addressing_style" a nested one.  NULL: there is none. */
const char *ini_get(const struct ini *ini, const char *section, const char *key);

void ini_free(struct ini *ini); /* wipes it */

#endif
