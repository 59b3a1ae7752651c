/* filter.h: which files of a tree are wanted: --include and --exclude. */
#ifndef LSMB_TOOLS_FILTER_H
#define LSMB_TOOLS_FILTER_H

#include "tools/refusal.h"

#include <stdbool.h>
#include <stddef.h>

enum { FILTER_PATTERNS_MAX = 64 };

/* Patterns (tools/pattern.h), borrowed.  One without a '/' is for a name, wherever it stands; one with a '/',
 * be it the first character, for the path from the top.  What is said of a folder is said of all below it. */
struct filter {
    struct filter_pattern {
        const char *text;
        bool exclude;
    } patterns[FILTER_PATTERNS_MAX];
    size_t n;
};

/* Add a pattern.  Refused: one too many, one that is empty or ends in '/'. */
bool filter_add(struct filter *filter, const char *pattern, bool exclude, struct refusal *why);

/* Whether a file is to be copied, or a folder to be entered: unless it is excluded, and if there are
 * patterns to include, one of them must be for a file.  `path`: from the top, '/' between names. */
bool filter_wants(const struct filter *filter, const char *path, bool folder);

#endif
