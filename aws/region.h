/* region.h: in which region a bucket is, once its service has said so.  Amazon S3 User Guide, "Making requests": a
 * request for a bucket that is elsewhere is refused, and the refusal says where it is; it is then signed for there. */
#ifndef LSMB_AWS_REGION_H
#define LSMB_AWS_REGION_H

#include "aws/aws_error.h"
#include "aws/client.h"

enum { REGION_ROOM = 32 };

/* The region to sign for; NULL: nobody says. */
const char *region_of(const struct lsmb_s3 *s3, const char *bucket);

/* `bucket` (copied) is in `region`.  False without memory. */
bool region_learn(struct lsmb_s3 *s3, const char *bucket, const char *region);

/* Whether a refusal may be for a bucket that is elsewhere. */
bool region_may_differ(const struct aws_error *refused);

/* Where a refusal says that the bucket is: by its header x-amz-bucket-region (or NULL) or its <Region>; "" where it
 * does not say, or nothing that can be the name of a region. */
void region_said(char out[REGION_ROOM], const struct aws_error *refused, const char *header);

void regions_forget(struct lsmb_s3 *s3);

#endif
