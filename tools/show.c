#include "tools/show.h"

#include "lsmb.h"

#include <string.h>
#include <time.h>

/* The length of the UTF-8 sequence at `s`; 0 if it is none.  RFC 3629 4, but for surrogates. */
static size_t utf8_len(const unsigned char *s)
{
    size_t len = 0;

    if (s[0] < 0x80) {
        return 1;
    }
    if (s[0] >= 0xc2 && s[0] <= 0xdf) {
        len = 2;
    } else if ((s[0] & 0xf0) == 0xe0) {
        len = 3;
    } else if (s[0] >= 0xf0 && s[0] <= 0xf4) {
        len = 4;
    }
    for (size_t i = 1; i < len; i++) {
        if ((s[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    bool overlong = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90);
    bool beyond = s[0] == 0xf4 && s[1] > 0x8f;
    return overlong || beyond ? 0 : len;
}

/* In the generalised UTF-8 in which names that are no Unicode come (WTF-8). */
static bool is_surrogate(const unsigned char *s)
{
    return s[0] == 0xed && s[1] >= 0xa0;
}

static bool is_control(const unsigned char *s)
{
    return s[0] < 0x20 || s[0] == 0x7f || (s[0] == 0xc2 && s[1] < 0xa0);
}

/* One character from *text, made safe, into `out`.  Returns its length there. */
static size_t next_safe(const unsigned char **text, char out[16])
{
    static const char digits[] = "0123456789abcdef";
    size_t len = utf8_len(*text), n = 0;
    bool keep = len > 0 && !is_control(*text);

    len = len ? len : 1;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (*text)[i];
        if (keep) {
            out[n++] = (char)c;
        } else {
            out[n++] = '\\';
            out[n++] = 'x';
            out[n++] = digits[c >> 4];
            out[n++] = digits[c & 15];
        }
    }
    *text += len;
    return n;
}

void show_safe(char *out, size_t room, const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t used = 0;
    char one[16];

    while (*s) {
        size_t len = next_safe(&s, one);
        if (len >= room - used) {
            break;
        }
        memcpy(out + used, one, len);
        used += len;
    }
    out[used] = '\0';
}

static bool is_within_character(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

void show_short(char *out, size_t room, const char *text)
{
    static const char gap[] = "...";
    size_t len = strlen(text), keep = room - sizeof gap;
    size_t head = keep / 2, tail = len - (keep - head);

    if (len < room) {
        memcpy(out, text, len + 1);
        return;
    }
    while (head > 0 && is_within_character(text[head])) {
        head--;
    }
    while (is_within_character(text[tail])) {
        tail++;
    }
    (void)snprintf(out, room, "%.*s%s%s", (int)head, text, gap, text + tail);
}

void show_name(FILE *to, const char *name, bool safe)
{
    const unsigned char *s = (const unsigned char *)name;
    char one[16];

    if (!safe) {
        (void)fputs(name, to); /* a failure shows when the stream is flushed */
        return;
    }
    while (*s) {
        size_t len = next_safe(&s, one);
        (void)fwrite(one, 1, len, to);
    }
}

void show_json(FILE *to, const char *text)
{
    const unsigned char *s = (const unsigned char *)text;

    (void)fputc('"', to);
    while (*s) {
        size_t len = utf8_len(s);
        if (len == 3 && is_surrogate(s)) {
            (void)fprintf(to, "\\u%04x", 0xd000u | (s[1] & 0x3fu) << 6 | (s[2] & 0x3fu));
        } else if (len == 0) {
            (void)fputs("\\ufffd", to);
            len = 1;
        } else if (is_control(s)) { /* all but ASCII's are of two bytes, and end in their number */
            (void)fprintf(to, "\\u%04x", s[len - 1]);
        } else {
            if (*s == '"' || *s == '\\') {
                (void)fputc('\\', to);
            }
            (void)fwrite(s, 1, len, to);
        }
        s += len;
    }
    (void)fputc('"', to);
}

void show_time(char out[SHOW_TIME], int64_t ns, bool fraction)
{
    int64_t seconds = ns / 1000000000, rest = ns % 1000000000;
    char date[24];
    struct tm tm;

    if (rest < 0) {
        rest += 1000000000;
        seconds--;
    }
    time_t t = (time_t)seconds;
    if (ns == 0 || !gmtime_r(&t, &tm) ||
        strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm) == 0) {
        (void)snprintf(out, SHOW_TIME, "-");
    } else if (fraction) {
        (void)snprintf(out, SHOW_TIME, "%s.%09dZ", date, (int)rest);
    } else {
        (void)snprintf(out, SHOW_TIME, "%sZ", date);
    }
}

void show_bytes(char out[SHOW_BYTES], uint64_t bytes)
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    size_t unit = 0;

    if (bytes < 1024) {
        (void)snprintf(out, SHOW_BYTES, "%u B", (unsigned)bytes);
        return;
    }
    for (; bytes >= UINT64_C(1024) * 1024; unit++) {
        bytes /= 1024;
    }
    /* In integers: printf() of a double would take the decimal point from the host's locale. */
    uint64_t tenths = (bytes * 10 + 512) / 1024;
    (void)snprintf(out, SHOW_BYTES, "%u.%u %s", (unsigned)(tenths / 10), (unsigned)(tenths % 10),
                   units[unit]);
}

void show_clock(char out[SHOW_CLOCK], uint64_t seconds)
{
    unsigned long long hours = seconds / 3600;
    unsigned minutes = (unsigned)(seconds / 60 % 60), rest = (unsigned)(seconds % 60);

    if (hours > 0) {
        (void)snprintf(out, SHOW_CLOCK, "%llu:%02u:%02u", hours > 9999 ? 9999 : hours, minutes,
                       rest);
    } else {
        (void)snprintf(out, SHOW_CLOCK, "%u:%02u", minutes, rest);
    }
}

void show_attributes(char out[SHOW_ATTRIBUTES], uint32_t attributes)
{
    static const struct {
        uint32_t bit;
        char letter;
    } columns[] = {
        {LSMB_ATTR_DIRECTORY, 'd'}, {LSMB_ATTR_READONLY, 'r'}, {LSMB_ATTR_HIDDEN, 'h'},
        {LSMB_ATTR_SYSTEM, 's'},    {LSMB_ATTR_ARCHIVE, 'a'},  {LSMB_ATTR_REPARSE, 'l'},
    };
    size_t i = 0;

    for (; i < sizeof columns / sizeof columns[0]; i++) {
        out[i] = '-';
        if (attributes & columns[i].bit) {
            out[i] = columns[i].letter;
        }
    }
    out[i] = '\0';
}

size_t show_width(const char *text)
{
    size_t width = 0;

    for (; *text; text++) {
        width += ((unsigned char)*text & 0xc0) != 0x80;
    }
    return width;
}
