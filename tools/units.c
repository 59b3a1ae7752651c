#include "tools/units.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

/* Digits at *text, which moves behind them.  False without a digit, or beyond 64 bits. */
static bool take_number(const char **text, uint64_t *out)
{
    const char *s = *text;
    uint64_t n = 0;

    for (; *s >= '0' && *s <= '9'; s++) {
        unsigned digit = (unsigned)(*s - '0');
        if (n > (UINT64_MAX - digit) / 10) {
            return false;
        }
        n = n * 10 + digit;
    }
    bool any = s != *text;
    *text = s;
    *out = n;
    return any;
}

struct unit {
    const char *name;
    uint64_t factor;
};

static const struct unit durations[] = {
    {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000},
};

/* The unit that begins at *text, up to the next digit or the end. */
static const struct unit *take_duration_unit(const char **text)
{
    size_t len = strcspn(*text, "0123456789");

    for (size_t i = 0; i < sizeof durations / sizeof durations[0]; i++) {
        if (strlen(durations[i].name) == len && strncmp(*text, durations[i].name, len) == 0) {
            *text += len;
            return &durations[i];
        }
    }
    return NULL;
}

bool units_duration(const char *text, uint32_t *out_ms, struct refusal *why)
{
    static const struct unit seconds = {"s", 1000};
    const char *s = text;
    uint64_t total = 0;

    do {
        uint64_t n = 0;
        if (!take_number(&s, &n)) {
            return refuse(why, "'%s' is not a duration such as 10s, 5m or 2h", text);
        }
        bool bare = total == 0 && *s == '\0';
        const struct unit *unit = bare ? &seconds : take_duration_unit(&s);
        if (!unit) {
            return refuse(why, "'%s' is not a duration such as 10s, 5m or 2h", text);
        }
        if (n > UINT32_MAX / unit->factor || total + n * unit->factor > UINT32_MAX) {
            return refuse(why, "'%s' is too long a time: at most 49d", text);
        }
        total += n * unit->factor;
    } while (*s);
    if (total == 0) {
        return refuse(why, "'%s' is no time at all", text);
    }
    *out_ms = (uint32_t)total;
    return true;
}

/* The power of 1024 or 1000 that a suffix stands for; 0 if it is none. */
static uint64_t size_factor(const char *suffix)
{
    static const char letters[] = "KMGT";
    uint64_t base = 1024;

    if (*suffix == '\0' || strcasecmp(suffix, "b") == 0) {
        return 1;
    }
    if (strcasecmp(suffix + 1, "b") == 0) {
        base = 1000;
    } else if (suffix[1] != '\0' && strcasecmp(suffix + 1, "ib") != 0) {
        return 0;
    }
    uint64_t factor = 1;
    for (const char *l = letters; *l; l++) {
        factor *= base;
        if (*suffix == *l || *suffix == *l - 'A' + 'a') {
            return factor;
        }
    }
    return 0;
}

bool units_bytes(const char *text, uint64_t *out_bytes, struct refusal *why)
{
    const char *s = text;
    uint64_t n = 0;
    bool number = take_number(&s, &n);
    uint64_t factor = size_factor(s);

    if (!number || factor == 0) {
        return refuse(why, "'%s' is not a size such as 65536, 64k, 16M or 1G", text);
    }
    if (n == 0) {
        return refuse(why, "a size of zero makes no sense");
    }
    if (n > UINT64_MAX / factor) {
        return refuse(why, "'%s' is too large a size", text);
    }
    *out_bytes = n * factor;
    return true;
}

bool units_rate(const char *text, uint64_t *out_bytes, struct refusal *why)
{
    char bytes[64];
    size_t len = strlen(text);

    if (len > 2 && strcmp(text + len - 2, "/s") == 0) {
        len -= 2;
    }
    if (len >= sizeof bytes) {
        return refuse(why, "'%.60s...' is not a rate such as 500k or 10M/s", text);
    }
    memcpy(bytes, text, len);
    bytes[len] = '\0';
    return units_bytes(bytes, out_bytes, why);
}

bool units_count(const char *text, uint32_t most, uint32_t *out, struct refusal *why)
{
    const char *s = text;
    uint64_t n = 0;

    if (!take_number(&s, &n) || *s != '\0' || n == 0 || n > most) {
        return refuse(why, "'%.60s' is not a number from 1 to %u", text, (unsigned)most);
    }
    *out = (uint32_t)n;
    return true;
}
