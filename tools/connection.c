#include "tools/connection.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { FILE_MAX = 64 * 1024, NAME_MAX_NETBIOS = 15 };

/* The fields of lava's smb connector.  It calls one that does not say `enabled` so, and not incomplete. */
static const char *const required[] = {"conn_id", "type",     "host", "remote_name",
                                       "user",    "password", NULL};
static const char *const optional[] = {"enabled",     "description",   "owner",   "secret_id",
                                       "subtype",     "domain",        "my_name", "port",
                                       "use_ntlm_v2", "is_direct_tcp", "encrypt", NULL};

/* In a file some are not needed, and others stand in their place. */
static const char *const required_in_file[] = {"type", "host", "user", NULL};
static const char *const optional_in_file[] = {
    "conn_id",  "enabled",       "remote_name",  "description", "owner",       "secret_id",
    "subtype",  "domain",        "my_name",      "port",        "use_ntlm_v2", "is_direct_tcp",
    "password", "password_file", "password_env", "encrypt",     NULL};

struct taker {
    json_t *record;
    const char *id;    /* NULL: of a file */
    const char *realm; /* or NULL */
    struct refusal *why;
};

static const json_t *field(const struct taker *t, const char *name)
{
    return json_object_get(t->record, name);
}

/* What is said of a connection of lava's begins with its name; a file's has been named already. */
static bool refuse_connection(const struct taker *t, const char *text)
{
    return t->id ? refuse(t->why, "Connection %.100s: %.390s", t->id, text)
                 : refuse(t->why, "%.500s", text);
}

/* ---------------------------------------------------------------- what it is */

static bool check_keys(const struct taker *t)
{
    struct refusal detail = {""};

    return record_check(t->record, t->id ? required : required_in_file,
                        t->id ? optional : optional_in_file, &detail) ||
           refuse_connection(t, detail.text);
}

static bool check_type(const struct taker *t)
{
    const char *type = record_text(field(t, "type"));
    char lower[32] = "", text[96];

    if (type && strcasecmp(type, "smb") == 0) {
        return true;
    }
    for (size_t i = 0; type && type[i] && i + 1 < sizeof lower; i++) {
        lower[i] = (char)tolower((unsigned char)type[i]);
        lower[i + 1] = '\0';
    }
    (void)snprintf(text, sizeof text, "Must be of type \"smb\" not \"%s\"", lower);
    return refuse_connection(t, text);
}

/* A flag, `*out` where it is not there.  lava takes it as Python does; in a file it is what JSON has for it. */
static bool take_flag(const struct taker *t, const char *name, bool *out)
{
    const json_t *value = field(t, name);

    if (!value) {
        return true;
    }
    *out = record_truth(value);
    return t->id || json_is_boolean(value) || refuse(t->why, "'%s' must be true or false", name);
}

static bool check_enabled(const struct taker *t)
{
    bool enabled = false;

    return take_flag(t, "enabled", &enabled) &&
           (enabled || refuse(t->why, "Connection not enabled"));
}

static bool take_subtype(const struct taker *t, bool *smbprotocol)
{
    const json_t *value = field(t, "subtype");
    const char *name = value ? record_text(value) : "pysmb";

    *smbprotocol = name && strcmp(name, "smbprotocol") == 0;
    return *smbprotocol || (name && strcmp(name, "pysmb") == 0) ||
           refuse(t->why, "Unsupported connection type - smb = %.100s",
                  name ? name : "(not a string)");
}

/* ---------------------------------------------------------------- its port */

/* A whole number in digits, as Python's int() takes it: spaces around it, a sign, and '_' between digits do no
 * harm.  -1 if it is none, or far too large. */
static long number_of(const char *text)
{
    const char *s = text + strspn(text, " \t\n\v\f\r");
    long n = 0;

    s += *s == '+';
    if (!isdigit((unsigned char)*s)) {
        return -1;
    }
    for (; n <= UINT16_MAX && isdigit((unsigned char)*s); s++) {
        n = n * 10 + (*s - '0');
        s += s[1] == '_' && isdigit((unsigned char)s[2]);
    }
    return s[strspn(s, " \t\n\v\f\r")] == '\0' || n > UINT16_MAX ? n : -1;
}

/* A number, or its digits as a string: both are in use. */
static bool take_port(const struct taker *t, uint16_t *out)
{
    const json_t *value = field(t, "port");
    const char *digits = value ? record_text(value) : NULL;
    double n = json_number_value(value);

    *out = 0;
    if (!value) {
        return true;
    }
    if (digits && number_of(digits) < 0) {
        return refuse(t->why, "invalid literal for int() with base 10: '%.100s' (the port)",
                      digits);
    }
    if (digits) {
        n = (double)number_of(digits);
    }
    if (!(n >= 1) || n > UINT16_MAX) {
        return refuse_connection(t, "the port must be a number from 1 to 65535");
    }
    *out = (uint16_t)n;
    return (double)*out >= n || refuse_connection(t, "the port must be a whole number");
}

/* ---------------------------------------------------------------- its texts */

/* An empty text counts as none, and so does, of a connection of lava's, null. */
static bool take_text(const struct taker *t, const char *name, char **out)
{
    const json_t *value = field(t, name);
    const char *text = value ? record_text(value) : NULL;
    char problem[96];

    *out = NULL;
    if (!value || (t->id && json_is_null(value)) || (text && text[0] == '\0')) {
        return true;
    }
    if (!text) {
        (void)snprintf(problem, sizeof problem, "'%.60s' must be a string", name);
        return refuse_connection(t, problem);
    }
    *out = strdup(text);
    return *out || refuse(t->why, "out of memory");
}

/* The first 15 characters of what is given, or of "lava-<REALM>". */
static bool take_my_name(const struct taker *t, char **out)
{
    size_t characters = 0;

    if (!take_text(t, "my_name", out)) {
        return false;
    }
    if (!*out && t->realm && t->realm[0] && asprintf(out, "lava-%s", t->realm) < 0) {
        *out = NULL;
        return refuse(t->why, "out of memory");
    }
    for (char *s = *out; s && *s; s++) {
        characters += ((unsigned char)*s & 0xc0) != 0x80;
        if (characters > NAME_MAX_NETBIOS) {
            *s = '\0';
            break;
        }
    }
    return true;
}

static bool take_password(const struct taker *t, struct connection *out)
{
    if (!take_text(t, "password_file", &out->password_file) ||
        !take_text(t, "password_env", &out->password_env) ||
        !take_text(t, "password", &out->password_in_aws)) {
        return false;
    }
    if ((out->password_file != NULL) + (out->password_env != NULL) +
            (out->password_in_aws != NULL) >
        1) {
        return refuse(t->why,
                      "only one of 'password', 'password_file' and 'password_env' may be given");
    }
    return true;
}

static bool take_texts(const struct taker *t, struct connection *out)
{
    if (!take_text(t, "host", &out->host) || !take_text(t, "user", &out->user) ||
        !take_text(t, "domain", &out->domain) || !take_text(t, "remote_name", &out->remote_name) ||
        !take_my_name(t, &out->my_name) || !take_password(t, out)) {
        return false;
    }
    return out->host || refuse_connection(t, "'host' is empty");
}

/* ---------------------------------------------------------------- all of it */

/* A NetBIOS session unless something says direct TCP.  lava's smbprotocol subtype never frames messages
 * for NetBIOS, so a port of its own means direct TCP there. */
static bool is_netbios(bool direct, bool smbprotocol, uint16_t port)
{
    return !direct && port != 445 && !(smbprotocol && port != 0 && port != 139);
}

bool connection_take(struct connection *out, json_t *record, const char *id, const char *realm,
                     struct refusal *why)
{
    const struct taker t = {.record = record, .id = id, .realm = realm, .why = why};
    bool smbprotocol = false, direct = false, ntlm_v2 = true, encrypt = false;

    *out = (struct connection){.host = NULL};
    if (!check_keys(&t) || !check_type(&t) || !check_enabled(&t) || !take_port(&t, &out->port) ||
        !take_subtype(&t, &smbprotocol) || !take_flag(&t, "is_direct_tcp", &direct) ||
        !take_flag(&t, "use_ntlm_v2", &ntlm_v2) || !take_flag(&t, "encrypt", &encrypt)) {
        return false;
    }
    out->netbios = is_netbios(direct, smbprotocol, out->port);
    out->encrypt = encrypt;
    out->ntlmv1 = !smbprotocol && !ntlm_v2; /* the other subtype has always ignored it */
    return take_texts(&t, out);
}

bool connection_parse(struct connection *out, const char *text, size_t len, const char *realm,
                      struct refusal *why)
{
    json_t *record = record_parse(text, len, why);

    *out = (struct connection){.host = NULL};
    if (record && json_object_get(record, "secret_id")) {
        out->record = record;
        return true;
    }
    bool ok = record && connection_take(out, record, NULL, realm, why);
    json_decref(record);
    return ok;
}

bool connection_read(struct connection *out, const char *file, const char *realm,
                     struct refusal *why)
{
    char *text = malloc(FILE_MAX);
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    size_t len = 0;
    ssize_t n = 1;
    bool ok = text && fd >= 0;

    *out = (struct connection){.host = NULL};
    while (ok && n > 0 && len < FILE_MAX) {
        n = read(fd, text + len, FILE_MAX - len);
        ok = n >= 0 || errno == EINTR;
        len += n > 0 ? (size_t)n : 0;
        n = n < 0 ? 1 : n;
    }
    if (!ok) {
        (void)refuse(why, "%s", text ? strerror(errno) : "out of memory");
    } else if (len == FILE_MAX) {
        ok = refuse(why, "it is too long for a connection");
    }
    if (fd >= 0) {
        (void)close(fd); /* only read from */
    }
    ok = ok && connection_parse(out, text, len, realm, why);
    free(text);
    return ok;
}

void connection_free(struct connection *connection)
{
    free(connection->host);
    free(connection->user);
    free(connection->domain);
    free(connection->password_file);
    free(connection->password_env);
    free(connection->password_in_aws);
    free(connection->remote_name);
    free(connection->my_name);
    json_decref(connection->record);
    *connection = (struct connection){.host = NULL};
}
