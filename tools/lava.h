/* lava.h: a connection as lava keeps it: a record in DynamoDB, its password in SSM, what it lacks in a secret. */
#ifndef LSMB_TOOLS_LAVA_H
#define LSMB_TOOLS_LAVA_H

#include "tools/run.h"

/* Have the run's connection and its password at hand: ask AWS for what is not known yet.  False if they cannot be
 * had: reported, in lava's words. */
bool lava_connect(struct run *run);

/* Add to a record what it lacks and a secret has.  A password is not put there, but lent: it is the value of the
 * secret, NULL where that has none or the record has one.  Refused is what is no JSON object. */
bool lava_merge(json_t *record, json_t *secret, const char **password, struct refusal *why);

#endif
