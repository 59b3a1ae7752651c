/* placement.h: the region of the instance that we run on. */
#ifndef LSMB_AWS_PLACEMENT_H
#define LSMB_AWS_PLACEMENT_H

#include "aws/imds.h"

struct placement {
    struct op op; /* a child's */
    struct imds imds;
};

/* Fill in settings.region where an instance's metadata service has one.  It ends well, too, where nobody is there. */
void placement_start(struct placement *placement, struct op *parent, struct lsmb_s3 *s3);

#endif
