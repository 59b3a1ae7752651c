/* sts.h: the Security Token Service: credentials of a role.  AWS STS API Reference, 2011-06-15. */
#ifndef LSMB_AWS_STS_H
#define LSMB_AWS_STS_H

#include "aws/call.h"

enum { STS_SESSION_ROOM = 32, STS_PARAMETERS = 8 };

struct sts_want {       /* all borrowed until it has begun, but for `as` */
    const char *action; /* "AssumeRole" */
    const char *role_arn;
    const char *session; /* NULL: of our own making */
    struct pair more[STS_PARAMETERS];
    size_t more_count;
    const struct credentials *as; /* NULL: it is not signed */
};

struct sts {
    struct call call;
    struct span piece;
    char *body; /* owned: the form, which may hold a token; erased when it goes */
};

/* Ask as a child of `parent`, which waits for sts->call.op.  `sts` is zeroed before.  False without memory. */
bool sts_start(struct sts *sts, struct op *parent, struct lsmb_s3 *s3, const struct sts_want *want);

/* What came.  False with `err` filled in: it is no such answer, or memory lacks. */
bool sts_take(const struct sts *sts, struct credentials *out, struct lsmb_error *err);

/* When the call has ended, or there was none. */
void sts_free(struct sts *sts);

#endif
