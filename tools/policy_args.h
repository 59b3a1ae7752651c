/* policy_args.h: the values of options that say what the user insists on. */
#ifndef LSMB_TOOLS_POLICY_ARGS_H
#define LSMB_TOOLS_POLICY_ARGS_H

#include "lsmb.h"
#include "tools/refusal.h"

/* Which of `names`, which a NULL ends, the value is. */
bool policy_choose(const char *value, const char *const names[], unsigned *chosen,
                   struct refusal *why);

/* A list with commas, in order of preference; none may stand there twice. */
bool policy_ciphers(const char *list, struct lsmb_policy *out, struct refusal *why);
bool policy_signing_algs(const char *list, struct lsmb_policy *out, struct refusal *why);

/* The dialects between two of 2.0.2, 2.1, 3.0, 3.0.2, 3.1.1 (NULL: no limit) that are spoken here.
 * Refuses a range in which there is none. */
bool policy_dialects(const char *min, const char *max, struct lsmb_policy *out,
                     struct refusal *why);

#endif
