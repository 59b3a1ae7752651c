/* imds.h: the metadata service of an EC2 instance, version 2: a token first, which whoever is merely made to send a request
 * for another cannot get, then what is asked for.  Version 1, without it, is never spoken.
 * Amazon EC2 User Guide, "Use the Instance Metadata Service to access instance metadata". */
#ifndef LSMB_AWS_IMDS_H
#define LSMB_AWS_IMDS_H

#include "aws/fetch.h"

struct imds {
    struct lsmb_s3 *s3;
    char base[256]; /* "http://169.254.169.254" */
    char path[256];
    char url[512 + 8];
    uint32_t limit_ms;
    unsigned attempts;
    char token[512]; /* erased when it goes */
    struct pair header;
    struct fetch fetch;
};

/* Whether the environment forbids it (AWS_EC2_METADATA_DISABLED). */
bool imds_disabled(const struct lsmb_s3 *s3);

/* Where it is and how long to wait, as environment and profile say.  False with `err` filled in. */
bool imds_init(struct imds *imds, struct lsmb_s3 *s3, const char *profile, struct lsmb_error *err);

/* Ask for the token, then for a path ("/latest/meta-data/...") with `more` behind it, as children of `parent`. */
void imds_ask_token(struct imds *imds, struct op *parent);
void imds_ask(struct imds *imds, struct op *parent, const char *path, const char *more);

enum imds_said {
    IMDS_NOT_YET,
    IMDS_SAID,    /* imds->fetch.text */
    IMDS_NOTHING, /* nobody is there, or he will not say; the log has why */
    IMDS_BROKEN,  /* without memory: imds->fetch.op.err */
};
enum imds_said imds_answer(struct imds *imds);
/* The token's answer has come; false: it is none that can be sent again. */
bool imds_take_token(struct imds *imds);

void imds_free(struct imds *imds); /* children have ended; harmless when it owns nothing */

#endif
