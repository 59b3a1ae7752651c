#include "tools/location.h"
#include "tools/pattern.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/* A part of the text; not terminated. */
struct piece {
    const char *at;
    size_t len;
};

static struct piece piece_until(const char *text, const char *stops)
{
    return (struct piece){text, strcspn(text, stops)};
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

static bool copy_piece(struct piece from, char **out, struct refusal *why)
{
    *out = strndup(from.at, from.len);
    return *out ? true : refuse(why, "out of memory");
}

/* RFC 3986 2.1, strictly: a '%' that begins no escape is a mistake, not a name. */
static bool decode(struct piece from, char **out, struct refusal *why)
{
    char *to = calloc(from.len + 1, 1);

    *out = to;
    if (!to) {
        return refuse(why, "out of memory");
    }
    for (size_t i = 0; i < from.len; i++) {
        int high = 0, low = 0;
        if (from.at[i] != '%') {
            *to++ = from.at[i];
            continue;
        }
        if (from.len - i < 3 || (high = hex_digit(from.at[i + 1])) < 0 ||
            (low = hex_digit(from.at[i + 2])) < 0) {
            return refuse(why, "a '%%' in a URL must begin an escape of two hex digits; write %%25 "
                               "for '%%' itself");
        }
        if (high == 0 && low == 0) {
            return refuse(why, "%%00 cannot be part of a name");
        }
        *to++ = (char)(high * 16 + low);
        i += 2;
    }
    return true;
}

/* Nothing is quoted in these refusals: what stands in the place of a port may be a password. */
static bool parse_port(struct piece text, uint16_t *port, struct refusal *why)
{
    unsigned long n = 0;

    for (size_t i = 0; i < text.len && n <= UINT16_MAX; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') {
            n = 0;
            break;
        }
        n = n * 10 + (unsigned long)(text.at[i] - '0');
    }
    if (n == 0 || n > UINT16_MAX) {
        return refuse(why, "the port must be a number from 1 to 65535 (and a '/' before the host's "
                           "end must be written %%2F)");
    }
    *port = (uint16_t)n;
    return true;
}

static bool host_is_plausible(const char *host, bool bracketed)
{
    const char *allowed = bracketed ? "0123456789abcdefABCDEF:."
                                    : "0123456789abcdefghijklmnopqrstuvwxyz"
                                      "ABCDEFGHIJKLMNOPQRSTUVWXYZ.-_";
    const char *s = host;

    for (; *s && (strchr(allowed, *s) || (!bracketed && (unsigned char)*s >= 0x80)); s++) {
    }
    if (bracketed && *s == '%') { /* a zone: RFC 6874 */
        return strchr(host, ':') && s[1] != '\0' && strpbrk(s, "/\\ ") == NULL;
    }
    return host[0] != '\0' && *s == '\0' && strlen(host) <= 255 &&
           (!bracketed || strchr(host, ':'));
}

/* HOST, HOST:PORT, [IPv6] or [IPv6]:PORT. */
static bool parse_host(struct location *out, struct piece text, struct refusal *why)
{
    bool bracketed = text.len > 0 && text.at[0] == '[';
    struct piece host = text;
    const char *colon = NULL;

    if (bracketed) {
        const char *end = memchr(text.at, ']', text.len);
        if (!end) {
            return refuse(why, "the ']' after the IPv6 address is missing");
        }
        host = (struct piece){text.at + 1, (size_t)(end - text.at) - 1};
        size_t rest = text.len - host.len - 2;
        if (rest > 0 && end[1] != ':') {
            return refuse(why, "only a ':' and a port may follow the ']' of an IPv6 address");
        }
        colon = rest > 0 ? end + 1 : NULL;
    } else {
        colon = memchr(text.at, ':', text.len);
        host.len = colon ? (size_t)(colon - text.at) : text.len;
        if (colon && memchr(colon + 1, ':', text.len - host.len - 1)) {
            return refuse(why, "write an IPv6 address in brackets: smb://[::1]/share");
        }
    }
    if (colon) {
        size_t used = (size_t)(colon + 1 - text.at);
        if (!parse_port((struct piece){colon + 1, text.len - used}, &out->port, why)) {
            return false;
        }
    }
    if (!decode(host, &out->host, why)) {
        return false;
    }
    return host_is_plausible(out->host, bracketed) ? true
                                                   : refuse(why, "the host name makes no sense");
}

static bool parse_user(struct location *out, struct piece text, struct refusal *why)
{
    const char *semicolon = memchr(text.at, ';', text.len);

    if (memchr(text.at, ':', text.len)) {
        return refuse(why, "a URL must not hold a password, because everybody on this machine can "
                           "see it: use --password-file, --credentials or LAVA_SMB_PASSWORD");
    }
    if (semicolon) {
        struct piece domain = {text.at, (size_t)(semicolon - text.at)};
        if (!decode(domain, &out->domain, why)) {
            return false;
        }
        text = (struct piece){semicolon + 1, text.len - domain.len - 1};
    }
    if (text.len == 0) {
        return refuse(why, "the user name before the '@' is missing");
    }
    return decode(text, &out->user, why);
}

static bool parse_query(struct location *out, const char *query, struct refusal *why)
{
    while (*query) {
        struct piece item = piece_until(query, "&");
        struct piece name = piece_until(query, "=&");
        bool nbt = name.len == 3 && strncmp(name.at, "nbt", 3) == 0;
        bool value = item.len == 5 && (item.at[4] == '0' || item.at[4] == '1');
        if (!nbt || !value) {
            return refuse(why, "unknown query option '%.*s'; write %%3F for a '?' in a name",
                          (int)(name.len < 40 ? name.len : 40), name.at);
        }
        out->netbios = item.at[4] == '1';
        query += item.len;
        query += *query == '&';
    }
    return true;
}

static bool take_piece(struct piece from, bool encoded, char **out, struct refusal *why)
{
    return encoded ? decode(from, out, why) : copy_piece(from, out, why);
}

/* The next character of text that decode() has taken. */
static char next_char(const char **at, bool encoded)
{
    char c = *(*at)++;

    if (encoded && c == '%') {
        c = (char)(hex_digit((*at)[0]) * 16 + hex_digit((*at)[1]));
        *at += 2;
    }
    return c;
}

static bool is_separator(char c)
{
    return c == '/' || c == '\\';
}

/* '[' is a character of names, too, and only a URL can say that it is meant as one. */
static bool is_wild_above(const char *pattern, bool encoded)
{
    return encoded ? pattern_is_wild(pattern) : strpbrk(pattern, "*?") != NULL;
}

/* The last name of a path, if it has wildcards; `out->pattern` stays NULL if not.  '?' begins the query of a
 * URL, so its escape must do for it. */
static bool find_pattern(struct piece path, bool encoded, struct location *out, struct refusal *why)
{
    while (path.len > 0 && is_separator(path.at[path.len - 1])) {
        path.len--;
    }
    const char *end = path.at + path.len, *at = path.at;
    char *pattern = malloc(2 * path.len + 1), *to = pattern;
    if (!pattern) {
        return refuse(why, "out of memory");
    }
    while (at < end) {
        bool escape = encoded && *at == '%';
        char c = next_char(&at, encoded);
        if (is_separator(c)) {
            *to = '\0';
            out->wild_above = out->wild_above || is_wild_above(pattern, encoded);
            to = pattern;
            continue;
        }
        if (escape && (c == '*' || c == '[')) {
            *to++ = '\\';
        }
        *to++ = c;
    }
    *to = '\0';
    if (pattern_is_wild(pattern)) {
        out->pattern = pattern;
    } else {
        free(pattern);
    }
    return true;
}

/* SHARE[/PATH], with percent-escapes if it is `encoded`. */
static bool parse_share(struct location *out, struct piece text, bool encoded, struct refusal *why)
{
    size_t len = 0;
    char *raw = NULL;

    while (len < text.len && text.at[len] != '/' && text.at[len] != '\\') {
        len++;
    }
    struct piece share = {text.at, len};
    struct piece path = {text.at + len, text.len - len};
    if (len == 0 && text.len > 0) {
        return refuse(why, "the name of the share is missing");
    }
    if (len > 0) {
        if (!take_piece(share, encoded, &out->share, why)) {
            return false;
        }
        if (strpbrk(out->share, "/\\") || strcmp(out->share, ".") == 0 ||
            strcmp(out->share, "..") == 0) {
            return refuse(why, "'%s' cannot be the name of a share", out->share);
        }
    }
    bool ok = take_piece(path, encoded, &raw, why) &&
              location_clean_path(raw, &out->path, &out->slash, why) &&
              find_pattern(path, encoded, out, why);
    free(raw);
    return ok;
}

static bool parse_url(struct location *out, const char *text, struct refusal *why)
{
    struct piece authority = piece_until(text, "/?");
    const char *at = memrchr(authority.at, '@', authority.len);
    struct piece host = authority;
    const char *rest = authority.at + authority.len;

    if (memchr(authority.at, '\\', authority.len)) {
        return refuse(why, "write '/' after the host, and DOMAIN;USER@ before it");
    }
    if (at) {
        struct piece user = {authority.at, (size_t)(at - authority.at)};
        host = (struct piece){at + 1, authority.len - user.len - 1};
        if (!parse_user(out, user, why)) {
            return false;
        }
    }
    if (!parse_host(out, host, why)) {
        return false;
    }
    rest += *rest == '/';
    struct piece path = piece_until(rest, "?");
    return parse_share(out, path, true, why) &&
           parse_query(out, path.at + path.len + (path.at[path.len] == '?'), why);
}

static bool parse_unc(struct location *out, const char *text, struct refusal *why)
{
    struct piece host = piece_until(text, "\\/");
    const char *rest = text + host.len;

    rest += *rest != '\0';
    return parse_host(out, host, why) &&
           parse_share(out, (struct piece){rest, strlen(rest)}, false, why);
}

/* As lava splits it: '/' at either end of the key, and between it and the bucket, is no part of it. */
static bool parse_s3(struct location *out, const char *text, struct refusal *why)
{
    const size_t key_max = 1024;
    const char *name = text + strlen("s3://");
    struct piece bucket = {.at = name + strspn(name, "/")};

    bucket.len = strcspn(bucket.at, "/");
    struct piece key = {.at = bucket.at + bucket.len};
    key.at += strspn(key.at, "/");
    key.len = strlen(key.at);
    out->kind = LOCATION_S3;
    out->slash = text[strlen(text) - 1] == '/';
    while (key.len > 0 && key.at[key.len - 1] == '/') {
        key.len--;
    }
    if (bucket.len == 0) {
        return refuse(why, "Invalid S3 object name: '%.60s' (write s3://BUCKET/KEY)", text);
    }
    if (key.len > key_max) {
        return refuse(why, "the key of an object in S3 has at most %zu bytes", key_max);
    }
    return copy_piece(bucket, &out->share, why) && copy_piece(key, &out->path, why);
}

/* One '/' is soon forgotten, and a copy to a local file would look as if it had gone well. */
static bool is_almost_s3(const char *text)
{
    char folder[] = {text[0], '3', ':', '\0'}; /* as it is spelt */
    struct stat st;

    return strncasecmp(text, "s3:/", 4) == 0 && stat(folder, &st) != 0;
}

bool location_parse(struct location *out, const char *text, struct refusal *why)
{
    *out = (struct location){.kind = LOCATION_LOCAL};
    if (text[0] == '\0') {
        return refuse(why, "an empty name says nothing");
    }
    if (strcmp(text, "-") == 0) {
        out->kind = LOCATION_STREAM;
        return true;
    }
    if (location_names_s3(text)) {
        return parse_s3(out, text, why);
    }
    if (is_almost_s3(text)) {
        return refuse(why, "'%.100s': write s3://%.100s for an object, ./%.100s for a file here",
                      text, text + 4, text);
    }
    if (strncasecmp(text, "smb://", 6) == 0) {
        out->kind = LOCATION_SMB;
        return parse_url(out, text + 6, why);
    }
    if (strncmp(text, "\\\\", 2) == 0) {
        out->kind = LOCATION_SMB;
        return parse_unc(out, text + 2, why);
    }
    out->slash = text[strlen(text) - 1] == '/';
    out->path = strdup(text);
    return out->path ? true : refuse(why, "out of memory");
}

/* NULL stays NULL.  False without memory. */
static bool copy_text(char **out, const char *text)
{
    *out = text ? strdup(text) : NULL;
    return *out || !text;
}

bool location_names_server(const char *text)
{
    return strncasecmp(text, "smb://", 6) == 0 || strncmp(text, "\\\\", 2) == 0;
}

bool location_names_s3(const char *text)
{
    return strncasecmp(text, "s3://", 5) == 0;
}

bool location_parse_named(struct location *out, const char *text, struct refusal *why)
{
    const char *colon = strchr(text, ':');

    *out = (struct location){.kind = LOCATION_SMB, .by_connection = true};
    if (!colon || colon == text) {
        return refuse(why, "%.200s: Bad path - must be in the form share:path", text);
    }
    struct piece share = {text, (size_t)(colon - text)};
    if (!copy_piece(share, &out->share, why)) {
        return false;
    }
    if (strpbrk(out->share, "/\\")) {
        return refuse(why, "'%.200s' cannot be the name of a share", out->share);
    }
    struct piece path = {colon + 1, strlen(colon + 1)};
    return location_clean_path(path.at, &out->path, &out->slash, why) &&
           find_pattern(path, false, out, why);
}

bool location_complete(struct location *where, const struct connection *connection)
{
    if (!where->by_connection || where->host) {
        return true;
    }
    where->port = connection->port;
    where->netbios = where->netbios || connection->netbios;
    return copy_text(&where->host, connection->host) && copy_text(&where->user, connection->user) &&
           copy_text(&where->domain, connection->domain);
}

uint16_t location_port(const struct location *where)
{
    if (where->port != 0) {
        return where->port;
    }
    return where->netbios ? 139 : 445;
}

void location_free(struct location *where)
{
    free(where->domain);
    free(where->user);
    free(where->host);
    free(where->share);
    free(where->path);
    free(where->pattern);
    *where = (struct location){.kind = LOCATION_LOCAL};
}

static bool same_name(const char *a, const char *b)
{
    return a && b ? strcasecmp(a, b) == 0 : a == b;
}

bool location_same_server(const struct location *a, const struct location *b)
{
    return a->kind == LOCATION_SMB && b->kind == LOCATION_SMB && same_name(a->host, b->host) &&
           a->netbios == b->netbios && location_port(a) == location_port(b) &&
           same_name(a->user, b->user) && same_name(a->domain, b->domain);
}

bool location_same_share(const struct location *a, const struct location *b)
{
    return location_same_server(a, b) && same_name(a->share, b->share);
}

bool location_adopt_user(struct location *to, const struct location *from)
{
    if (to->user || !from->user || to->by_connection) {
        return true;
    }
    return copy_text(&to->user, from->user) && copy_text(&to->domain, from->domain);
}

bool location_copy_share(struct location *to, const struct location *from)
{
    *to = (struct location){.kind = from->kind, .port = from->port, .netbios = from->netbios};
    return copy_text(&to->domain, from->domain) && copy_text(&to->user, from->user) &&
           copy_text(&to->host, from->host) && copy_text(&to->share, from->share);
}

const char *location_show(const struct location *where, char *out, size_t room)
{
    int len = 0;

    if (where->by_connection && !where->host) {
        return location_spell(where, out, room);
    }
    switch (where->kind) {
    case LOCATION_STREAM: len = snprintf(out, room, "-"); break;
    case LOCATION_LOCAL: len = snprintf(out, room, "%s", where->path ? where->path : ""); break;
    case LOCATION_S3: len = snprintf(out, room, "s3://%s/%s", where->share, where->path); break;
    case LOCATION_SMB:
        len = snprintf(out, room, "\\\\%s\\%s%s%s", where->host, where->share ? where->share : "",
                       where->path && where->path[0] ? "\\" : "", where->path ? where->path : "");
        for (char *s = out; len > 0 && *s; s++) {
            if (*s == '/') {
                *s = '\\';
            }
        }
        break;
    }
    if (len < 0) {
        out[0] = '\0';
    }
    return out;
}

const char *location_spell(const struct location *where, char *out, size_t room)
{
    if (!where->by_connection) {
        return location_show(where, out, room);
    }
    if (snprintf(out, room, "%s:%s", where->share, where->path) < 0) {
        out[0] = '\0';
    }
    return out;
}

/* Add one name to the path that ends at out[*len], or take one away for "..". */
static bool step_path(char *out, size_t *len, struct piece name)
{
    if (name.len == 0 || (name.len == 1 && name.at[0] == '.')) {
        return true;
    }
    if (name.len == 2 && name.at[0] == '.' && name.at[1] == '.') {
        if (*len == 0) {
            return false;
        }
        while (*len > 0 && out[*len - 1] != '/') {
            --*len;
        }
        *len -= *len > 0; /* the separator */
        return true;
    }
    if (*len > 0) {
        out[(*len)++] = '/';
    }
    memcpy(out + *len, name.at, name.len);
    *len += name.len;
    return true;
}

bool location_clean_path(const char *raw, char **out, bool *slash, struct refusal *why)
{
    char *path = malloc(strlen(raw) + 1);
    size_t len = 0;

    *out = path;
    *slash = false;
    if (!path) {
        return refuse(why, "out of memory");
    }
    for (const char *s = raw; *s; s += *s != '\0') {
        struct piece name = piece_until(s, "/\\");
        if (!step_path(path, &len, name)) {
            return refuse(why, "the path leads out of the share");
        }
        s += name.len;
        bool dots = name.len <= 2 && strspn(name.at, ".") == name.len; /* "", "." and ".." */
        *slash = dots || *s != '\0';
    }
    path[len] = '\0';
    return true;
}

const char *location_base(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

char *location_join(const char *dir, const char *name)
{
    char *path = NULL;

    if (asprintf(&path, "%s%s%s", dir, dir[0] && dir[strlen(dir) - 1] != '/' ? "/" : "", name) <
        0) {
        return NULL;
    }
    return path;
}

char *location_parent(const char *path)
{
    const char *slash = strrchr(path, '/');

    return strndup(path, slash ? (size_t)(slash - path) : 0);
}
