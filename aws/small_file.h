/* small_file.h: files that hold one thing, such as a token. */
#ifndef LSMB_AWS_SMALL_FILE_H
#define LSMB_AWS_SMALL_FILE_H

#include "lsmb.h"

enum { SMALL_FILE_MAX = 65536 };

/* The text of a file without the line end after it, the caller's to erase and free.  NULL with `err` filled in: it cannot
 * be read, is longer than SMALL_FILE_MAX, or holds a zero byte. */
char *small_file_read(const char *path, struct lsmb_error *err);

/* Erase and free it; NULL is fine. */
void small_text_free(char *text);

#endif
