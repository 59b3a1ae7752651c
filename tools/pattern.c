#include "tools/pattern.h"

#include <stdint.h>
#include <string.h>

/* Where a match stands: in the pattern, and in the text.  `pattern` NULL: nowhere. */
struct place {
    const char *pattern;
    const char *text;
};

/* The character at *at, which moves behind it.  Bytes that are no UTF-8 are above all characters, so that
 * they equal themselves alone. */
static uint32_t take_char(const char **at, const char *end)
{
    const unsigned char *s = (const unsigned char *)*at;
    size_t more = s[0] >= 0xf0 ? 3 : s[0] >= 0xe0 ? 2 : s[0] >= 0xc2 ? 1 : 0;
    uint32_t value = more == 0 ? s[0] : s[0] & (0x3fu >> more);
    size_t taken = 1;

    while (taken <= more && taken < (size_t)(end - *at) && (s[taken] & 0xc0) == 0x80) {
        value = value << 6 | (s[taken++] & 0x3fu);
    }
    if (s[0] >= 0x80 && (more == 0 || taken <= more)) {
        *at += 1;
        return UINT32_C(0x80000000) | s[0];
    }
    *at += taken;
    return value;
}

static uint32_t take_literal(const char **at)
{
    if (**at == '\\' && (*at)[1] != '\0') {
        ++*at;
    }
    return take_char(at, *at + strlen(*at));
}

/* The ']' that ends the set whose '[' is at `set`; NULL if there is none.  One that comes first is a
 * member. */
static const char *set_end(const char *set)
{
    const char *s = set + 1;

    s += *s == '!' || *s == '^';
    s += *s == ']';
    for (; *s && *s != ']'; s++) {
        if (*s == '/') {
            return NULL;
        }
        s += *s == '\\' && s[1] != '\0';
    }
    return *s ? s : NULL;
}

static bool set_has(const char *set, const char *end, uint32_t wanted)
{
    const char *s = set + 1;
    bool negated = *s == '!' || *s == '^', found = false;

    s += negated;
    while (s < end) {
        uint32_t first = take_literal(&s), last = first;
        if (*s == '-' && s + 1 < end) {
            s++;
            last = take_literal(&s);
        }
        found = found || (wanted >= first && wanted <= last);
    }
    return found != negated && wanted != '/';
}

/* One character of the text against one element of the pattern, which is no star; both move on. */
static bool match_one(struct place *at, const char *end)
{
    const char *close = *at->pattern == '[' ? set_end(at->pattern) : NULL;
    uint32_t c = take_char(&at->text, end);

    if (*at->pattern == '?') {
        at->pattern++;
        return c != '/';
    }
    if (close) {
        bool has = set_has(at->pattern, close, c);
        at->pattern = close + 1;
        return has;
    }
    return take_literal(&at->pattern) == c;
}

/* Let the star that was met last take one character more and go on behind it.  One that may not take a '/'
 * gives way to the one before it that may. */
static bool go_back(struct place *at, struct place *star, struct place *stars, const char *end)
{
    if (star->pattern && star->text < end && *star->text == '/') {
        star->pattern = NULL;
    }
    if (!star->pattern) {
        star = stars;
    }
    if (!star->pattern || star->text >= end) {
        return false;
    }
    (void)take_char(&star->text, end);
    *at = *star;
    return true;
}

/* Only the last star of each kind has to be tried anew: what an earlier one could take, the later one can
 * take in its place. */
bool pattern_matches(const char *pattern, const char *text, size_t len)
{
    const char *end = text + len;
    struct place at = {pattern, text}, star = {NULL, NULL}, stars = {NULL, NULL};

    for (;;) {
        if (*at.pattern == '*') {
            bool many = at.pattern[1] == '*';
            at.pattern += strspn(at.pattern, "*");
            star = (struct place){many ? NULL : at.pattern, at.text};
            stars = many ? at : stars;
        } else if (*at.pattern == '\0' && at.text == end) {
            return true;
        } else if (*at.pattern == '\0' || at.text == end || !match_one(&at, end)) {
            if (!go_back(&at, &star, &stars, end)) {
                return false;
            }
        }
    }
}

bool pattern_is_wild(const char *pattern)
{
    for (const char *s = pattern; *s; s++) {
        if (*s == '*' || *s == '?' || (*s == '[' && set_end(s))) {
            return true;
        }
        s += *s == '\\' && s[1] != '\0';
    }
    return false;
}
