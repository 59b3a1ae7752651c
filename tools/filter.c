#include "tools/filter.h"
#include "tools/pattern.h"

#include <string.h>

bool filter_add(struct filter *filter, const char *pattern, bool exclude, struct refusal *why)
{
    size_t len = strlen(pattern);

    if (len == 0 || pattern[len - 1] == '/') {
        return refuse(why, "a pattern needs a name at its end: 'dir' is for dir and all below it");
    }
    if (filter->n == FILTER_PATTERNS_MAX) {
        return refuse(why, "there are more than %d patterns", FILTER_PATTERNS_MAX);
    }
    filter->patterns[filter->n++] = (struct filter_pattern){pattern, exclude};
    return true;
}

/* Is the pattern for the path, or for one of the folders on it? */
static bool covers(const char *pattern, const char *path)
{
    bool from_top = strchr(pattern, '/') != NULL;
    const char *begin = path, *end = path;

    pattern += *pattern == '/';
    do {
        end += strcspn(end, "/");
        if (pattern_matches(pattern, begin, (size_t)(end - begin))) {
            return true;
        }
        begin = from_top ? path : end + 1;
    } while (*end++);
    return false;
}

bool filter_wants(const struct filter *filter, const char *path, bool folder)
{
    bool choosy = false, included = false;

    for (size_t i = 0; i < filter->n; i++) {
        const struct filter_pattern *p = &filter->patterns[i];
        if (p->exclude && covers(p->text, path)) {
            return false;
        }
        choosy = choosy || !p->exclude;
        included = included || (!p->exclude && covers(p->text, path));
    }
    return folder || !choosy || included;
}
