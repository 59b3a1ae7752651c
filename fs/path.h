/* path.h: from what a user writes to what a server takes. */
#ifndef LSMB_FS_PATH_H
#define LSMB_FS_PATH_H

#include "base/error.h"
#include "proto/bytes.h"

enum { PATH_BYTES_MAX = 32767 * 2 }; /* UTF-16LE, MS-SMB2 2.2.13 */

/* A path in the wire's form: UTF-16LE, '\' between components, none in front. */
struct path {
    uint8_t *utf16; /* owned */
    size_t len;     /* bytes */
};

/* Normalise and convert: '/' and '\' both separate, empty components and "." vanish, ".." goes back and
 * may not leave the share.  LSMB_E_USAGE when it does, or is not UTF-8, or too long. */
bool path_set(struct path *path, const char *text, struct lsmb_error *err);

/* The same for what is to be opened: a component "@GMT-YYYY.MM.DD-HH.MM.SS" names no directory but a
 * snapshot.  It is taken out, and `*when` becomes its time as a FILETIME (MS-SMB2 2.2.13.2.7); 0: there is
 * none.  LSMB_E_USAGE also when there are two. */
bool path_set_at(struct path *path, uint64_t *when, const char *text, struct lsmb_error *err);

/* The same for a name that is to be made: LSMB_E_USAGE also when it is in a snapshot. */
bool path_set_to_make(struct path *path, const char *text, struct lsmb_error *err);

/* The time that a component of PATH_SNAPSHOT_LEN characters names so; 0: none. */
enum { PATH_SNAPSHOT_LEN = 24 };
uint64_t path_snapshot_time(const char *token);

void path_free(struct path *path);

static inline struct span path_span(const struct path *path)
{
    return (struct span){path->utf16, path->len};
}

/* The UTF-16 unit at byte `at` of a name or path of the wire; 0 where there is none. */
uint16_t path_unit_at(struct span utf16, size_t at);

/* Whether two names are one to a server, which does not look at case (MS-FSCC 2.1.5). */
bool path_same(struct span a, struct span b);

/* A name or path of the wire as a string, the caller's to free(); NULL when there is no memory. */
char *utf8_new(struct span utf16);

#endif
