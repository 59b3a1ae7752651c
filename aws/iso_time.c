#include "aws/iso_time.h"

#include <stddef.h>

/* `count` digits as a number; false and nothing taken where they are not there. */
static bool digits(const char **at, unsigned count, unsigned *out)
{
    unsigned value = 0;

    for (unsigned i = 0; i < count; i++) {
        char c = (*at)[i];
        if (c < '0' || c > '9') {
            return false;
        }
        value = value * 10 + (unsigned)(c - '0');
    }
    *at += count;
    *out = value;
    return true;
}

static bool literal(const char **at, char c, char other)
{
    if (**at != c && **at != other) {
        return false;
    }
    ++*at;
    return true;
}

/* A fraction of a second: at least a digit after the point. */
static bool fraction(const char **at)
{
    unsigned ignored;

    if (**at != '.' && **at != ',') {
        return true;
    }
    ++*at;
    if (!digits(at, 1, &ignored)) {
        return false;
    }
    while (digits(at, 1, &ignored)) {
    }
    return true;
}

/* "Z", "+hh:mm", "+hhmm" or nothing, and the end. */
static bool offset(const char *at, int64_t *seconds)
{
    unsigned hours, minutes;

    *seconds = 0;
    if (*at == '\0') {
        return true;
    }
    if (*at == 'Z' || *at == 'z') {
        return at[1] == '\0';
    }
    if (*at != '+' && *at != '-') {
        return false;
    }
    bool west = *at++ == '-';
    if (!digits(&at, 2, &hours)) {
        return false;
    }
    if (*at == ':') {
        at++;
    }
    if (!digits(&at, 2, &minutes) || *at != '\0' || hours > 23 || minutes > 59) {
        return false;
    }
    *seconds = ((int64_t)hours * 60 + minutes) * (west ? -60 : 60);
    return true;
}

static bool leap(unsigned year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days from 1970-01-01 to a date of the Gregorian calendar; false where there is no such day. */
static bool days_to(unsigned year, unsigned month, unsigned day, int64_t *days)
{
    static const unsigned before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};

    if (year < 1 || month < 1 || month > 12 || day < 1) {
        return false;
    }
    unsigned length = before[month] - before[month - 1] + (month == 2 && leap(year) ? 1 : 0);
    if (day > length) {
        return false;
    }
    int64_t last = (int64_t)year - 1;
    *days = last * 365 + last / 4 - last / 100 + last / 400 - 719162 + before[month - 1] +
            (month > 2 && leap(year) ? 1 : 0) + day - 1;
    return true;
}

bool iso_time_read(const char *text, int64_t *unix_s)
{
    unsigned year, month, day, hour, minute, second;
    int64_t days, east;

    if (!digits(&text, 4, &year) || !literal(&text, '-', '-') || !digits(&text, 2, &month) ||
        !literal(&text, '-', '-') || !digits(&text, 2, &day) || !literal(&text, 'T', ' ')) {
        return false;
    }
    if (!digits(&text, 2, &hour) || !literal(&text, ':', ':') || !digits(&text, 2, &minute) ||
        !literal(&text, ':', ':') || !digits(&text, 2, &second) || !fraction(&text) ||
        !offset(text, &east)) {
        return false;
    }
    /* RFC 3339 5.7: a leap second is :60. */
    if (hour > 23 || minute > 59 || second > 60 || !days_to(year, month, day, &days)) {
        return false;
    }
    *unix_s = ((days * 24 + hour) * 60 + minute) * 60 + second - east;
    return true;
}
