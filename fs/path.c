/* path.c: from what a user writes to what a server takes. */
#include "fs/path.h"

#include <stdlib.h>
#include <string.h>

#include "base/upcase.h"
#include "proto/utf16.h"

enum { UNIT = 2 }; /* bytes of UTF-16 */

static bool is_separator(char c)
{
    return c == '/' || c == '\\';
}

/* Forget the last component of the `len` bytes at `out`; false when there is none. */
static bool go_back(const char *out, size_t *len)
{
    if (*len == 0) {
        return false;
    }
    while (*len > 0 && out[*len - 1] != '\\') {
        --*len;
    }
    if (*len > 0) {
        --*len; /* the separator */
    }
    return true;
}

/* Copy `text` component by component; `out` has room for all of it.  False when ".." leaves the root. */
static bool normalise(char *out, size_t *out_len, const char *text)
{
    size_t len = 0;

    while (*text) {
        size_t n = 0;
        while (text[n] && !is_separator(text[n])) {
            n++;
        }
        if (n == 2 && memcmp(text, "..", 2) == 0) {
            if (!go_back(out, &len)) {
                return false;
            }
        } else if (n > 0 && !(n == 1 && text[0] == '.')) {
            if (len > 0) {
                out[len++] = '\\';
            }
            memcpy(out + len, text, n);
            len += n;
        }
        text += n + (text[n] ? 1 : 0);
    }
    *out_len = len;
    return true;
}

static bool convert(struct path *path, struct span utf8, struct lsmb_error *err)
{
    size_t need = 0;

    (void)utf16_from_utf8(NULL, 0, &need, utf8);
    if (need > PATH_BYTES_MAX) {
        error_set(err, LSMB_E_USAGE, "the path is too long");
        return false;
    }
    path->utf16 = malloc(need > 0 ? need : 1);
    if (!path->utf16) {
        error_set(err, LSMB_E_NOMEM, "no memory for the path");
        return false;
    }
    if (!utf16_from_utf8(path->utf16, need, &path->len, utf8)) {
        error_set(err, LSMB_E_USAGE, "the path is not valid UTF-8");
        path_free(path);
        return false;
    }
    return true;
}

/* ---------------------------------------------------------------- snapshots */

/* The next number of a name that is made of digits and of the marks between them. */
static bool take_number(const char **at, unsigned digits, char mark, unsigned *number)
{
    *number = 0;
    for (unsigned i = 0; i < digits; i++) {
        char c = *(*at)++;
        if (c < '0' || c > '9') {
            return false;
        }
        *number = *number * 10 + (unsigned)(c - '0');
    }
    return mark == '\0' || *(*at)++ == mark;
}

struct date {
    unsigned year, month, day, hour, minute, second;
};

static bool is_leap(unsigned year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static unsigned days_of_month(unsigned year, unsigned month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return days[month - 1] + (month == 2 && is_leap(year) ? 1u : 0u);
}

static bool exists(const struct date *d)
{
    return d->year >= 1970 && d->month >= 1 && d->month <= 12 && d->day >= 1 &&
           d->day <= days_of_month(d->year, d->month) && d->hour < 24 && d->minute < 60 &&
           d->second < 60;
}

/* MS-DTYP 2.3.3: units of 100 ns since 1601, with which a cycle of 400 years begins. */
static uint64_t filetime_of(const struct date *d)
{
    uint64_t years = d->year - 1601u;
    uint64_t days = years * 365 + years / 4 - years / 100 + years / 400 + d->day - 1;

    for (unsigned month = 1; month < d->month; month++) {
        days += days_of_month(d->year, month);
    }
    return (((days * 24 + d->hour) * 60 + d->minute) * 60 + d->second) * 10000000u;
}

/* MS-SMB 2.2.1.1.1. */
uint64_t path_snapshot_time(const char *token)
{
    const char *at = token + 5;
    struct date d = {0};

    return memcmp(token, "@GMT-", 5) == 0 && take_number(&at, 4, '.', &d.year) &&
                   take_number(&at, 2, '.', &d.month) && take_number(&at, 2, '-', &d.day) &&
                   take_number(&at, 2, '.', &d.hour) && take_number(&at, 2, '.', &d.minute) &&
                   take_number(&at, 2, '\0', &d.second) && exists(&d)
               ? filetime_of(&d)
               : 0;
}

/* Take the component of `n` bytes at `at` out of the path, with a separator beside it. */
static void take_out(char *plain, size_t *len, size_t at, size_t n)
{
    size_t from = at + n < *len ? at + n + 1 : *len;
    size_t to = from == *len && at > 0 ? at - 1 : at;

    memmove(plain + to, plain + from, *len - from);
    *len -= from - to;
}

/* Take the snapshot out of a normalised path; false when there are two. */
static bool take_snapshot(char *plain, size_t *len, uint64_t *when)
{
    size_t at = 0;

    *when = 0;
    while (at < *len) {
        const char *end = memchr(plain + at, '\\', *len - at);
        size_t n = end ? (size_t)(end - plain) - at : *len - at;
        uint64_t time = n == PATH_SNAPSHOT_LEN ? path_snapshot_time(plain + at) : 0;
        if (time != 0) {
            if (*when != 0) {
                return false;
            }
            *when = time;
            take_out(plain, len, at, n);
        } else {
            at += n + 1;
        }
    }
    return true;
}

/* ---------------------------------------------------------------- both */

/* `when` NULL: a snapshot's name is a name like any other. */
static bool set(struct path *path, uint64_t *when, const char *text, struct lsmb_error *err)
{
    size_t len = 0;
    char *plain = malloc(strlen(text) + 1);
    bool ok = false;

    *path = (struct path){0};
    if (!plain) {
        error_set(err, LSMB_E_NOMEM, "no memory for the path");
        return false;
    }
    if (!normalise(plain, &len, text)) {
        error_set(err, LSMB_E_USAGE, "the path leads out of the share");
    } else if (when && !take_snapshot(plain, &len, when)) {
        error_set(err, LSMB_E_USAGE, "the path names more than one snapshot");
    } else {
        ok = convert(path, (struct span){(const uint8_t *)plain, len}, err);
    }
    free(plain);
    return ok;
}

bool path_set(struct path *path, const char *text, struct lsmb_error *err)
{
    return set(path, NULL, text, err);
}

bool path_set_at(struct path *path, uint64_t *when, const char *text, struct lsmb_error *err)
{
    return set(path, when, text, err);
}

bool path_set_to_make(struct path *path, const char *text, struct lsmb_error *err)
{
    uint64_t when = 0;
    bool ok = set(path, &when, text, err);

    if (ok && when != 0) {
        path_free(path);
        error_set(err, LSMB_E_USAGE, "a snapshot can only be read");
        return false;
    }
    return ok;
}

void path_free(struct path *path)
{
    free(path->utf16);
    *path = (struct path){0};
}

char *utf8_new(struct span utf16)
{
    size_t need = 0;

    (void)utf8_from_utf16(NULL, 0, &need, utf16);
    char *text = malloc(need > 0 ? need : 1);
    if (text && !utf8_from_utf16(text, need, &need, utf16)) {
        free(text);
        text = NULL;
    }
    return text;
}

uint16_t path_unit_at(struct span utf16, size_t at)
{
    struct rd r = rd_from(utf16, at);

    return rd_u16(&r);
}

bool path_same(struct span a, struct span b)
{
    bool same = a.len == b.len && a.len % UNIT == 0;

    for (size_t at = 0; same && at < a.len; at += UNIT) {
        same = upcase_utf16(path_unit_at(a, at)) == upcase_utf16(path_unit_at(b, at));
    }
    return same;
}
