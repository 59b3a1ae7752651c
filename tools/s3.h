/* s3.h: the ends of copies that are in Amazon S3. */
#ifndef LSMB_TOOLS_S3_H
#define LSMB_TOOLS_S3_H

#include "lsmb_s3.h"
#include "tools/run.h"

/* What has ends in S3 may hold at a time, where --window does not say: two windows of parts. */
enum { S3_MEMORY_DEFAULT = 96 << 20, S3_FILES_MAX = 64 };

/* Whether an argument of the command is in S3. */
bool s3_is_used(const struct options *opt);

/* The run's client, made when it is first needed.  NULL if there can be none: reported. */
struct lsmb_s3 *s3_client(struct run *run);

/* Ends of a copy and of trees at a location in S3, with the run's client, which is there; NULL: no memory.
 * A tree is what lies below the key as below a folder. */
struct lsmb_source *s3_source(const struct run *run, const struct location *where);
struct lsmb_sink *s3_sink(const struct run *run, const struct location *where);
struct lsmb_tree *s3_tree(const struct run *run, const struct location *where);

/* Whether both are in one bucket, and `inner` is `outer` or below it. */
bool s3_lies_in(const struct location *inner, const struct location *outer);

/* An error of S3 in lava's words: "Download failed: s3://bucket/key - REASON".  Others stay as they are. */
void s3_phrase(struct lsmb_error *err, const struct location *from, const struct location *to);

#endif
