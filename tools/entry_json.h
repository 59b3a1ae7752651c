/* entry_json.h: a file or directory as a JSON object: what ls and stat print with --json. */
#ifndef LSMB_TOOLS_ENTRY_JSON_H
#define LSMB_TOOLS_ENTRY_JSON_H

#include "lsmb.h"
#include "tools/json.h"

/* `path` as it is shown: what the user wrote, or relative to it. */
void entry_json(struct json *json, const char *path, const struct lsmb_stat *stat);

#endif
