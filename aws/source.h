/* source.h: objects as sources, for those who know more of them than a user does. */
#ifndef LSMB_AWS_SOURCE_H
#define LSMB_AWS_SOURCE_H

#include "aws/client.h"

/* As lsmb_s3_source(), of an object that was listed with so many bytes. */
struct lsmb_source *s3_source_listed(struct lsmb_s3 *s3, const char *bucket, const char *key,
                                     uint64_t bytes);

#endif
