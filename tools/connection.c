#include "tools/connection.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { FILE_MAX = 64 * 1024, NAME_MAX_NETBIOS = 15 };

/* What lava keeps of a connection, as it stands in the object. */
struct fields {
    const char *conn_id, *type, *subtype, *description;
    const char *host, *user, *domain, *remote_name, *my_name;
    const char *password, *password_file, *password_env, *secret_id;
    long port;                                        /* 0: not given */
    int enabled, is_direct_tcp, use_ntlm_v2, encrypt; /* -1: not given */
};

enum kind { TEXT, FLAG, PORT };

static const struct field {
    const char *name;
    enum kind kind;
    size_t offset;
} field_table[] = {
    {"conn_id", TEXT, offsetof(struct fields, conn_id)},
    {"type", TEXT, offsetof(struct fields, type)},
    {"subtype", TEXT, offsetof(struct fields, subtype)},
    {"description", TEXT, offsetof(struct fields, description)},
    {"host", TEXT, offsetof(struct fields, host)},
    {"user", TEXT, offsetof(struct fields, user)},
    {"domain", TEXT, offsetof(struct fields, domain)},
    {"remote_name", TEXT, offsetof(struct fields, remote_name)},
    {"my_name", TEXT, offsetof(struct fields, my_name)},
    {"password", TEXT, offsetof(struct fields, password)},
    {"password_file", TEXT, offsetof(struct fields, password_file)},
    {"password_env", TEXT, offsetof(struct fields, password_env)},
    {"secret_id", TEXT, offsetof(struct fields, secret_id)},
    {"port", PORT, offsetof(struct fields, port)},
    {"enabled", FLAG, offsetof(struct fields, enabled)},
    {"is_direct_tcp", FLAG, offsetof(struct fields, is_direct_tcp)},
    {"use_ntlm_v2", FLAG, offsetof(struct fields, use_ntlm_v2)},
    {"encrypt", FLAG, offsetof(struct fields, encrypt)},
};

static const struct field *find_field(const char *name)
{
    for (size_t i = 0; i < sizeof field_table / sizeof field_table[0]; i++) {
        if (strcmp(field_table[i].name, name) == 0) {
            return &field_table[i];
        }
    }
    return NULL;
}

/* A number, or its digits as a string: both are in use. */
static bool take_port(long *out, const json_t *value)
{
    const char *digits = json_string_value(value);

    if (json_is_integer(value)) {
        json_int_t n = json_integer_value(value);
        *out = n > 0 && n <= UINT16_MAX ? (long)n : -1;
    } else if (digits && digits[0] != '\0' && strspn(digits, "0123456789") == strlen(digits)) {
        errno = 0;
        *out = strtol(digits, NULL, 10);
    } else {
        return false;
    }
    return *out > 0 && *out <= UINT16_MAX;
}

static bool take_field(struct fields *out, const char *name, const json_t *value,
                       struct refusal *why)
{
    const struct field *field = find_field(name);

    if (!field) {
        return strncasecmp(name, "x-", 2) == 0 ? true : refuse(why, "unknown field '%.60s'", name);
    }
    void *at = (char *)out + field->offset;
    switch (field->kind) {
    case TEXT:
        *(const char **)at = json_string_value(value);
        return json_is_string(value) || refuse(why, "'%s' must be a string", name);
    case FLAG:
        *(int *)at = json_is_true(value);
        return json_is_boolean(value) || refuse(why, "'%s' must be true or false", name);
    case PORT:
        return take_port(at, value) || refuse(why, "'port' must be a number from 1 to 65535");
    }
    return false;
}

static bool given(const char *text)
{
    return text && text[0] != '\0';
}

/* What makes no sense together, or is missing. */
static bool check_fields(const struct fields *f, struct refusal *why)
{
    int passwords = (f->password != NULL) + (f->password_file != NULL) + (f->password_env != NULL);

    if (!f->type || strcasecmp(f->type, "smb") != 0) {
        return refuse(why, "'type' must be \"smb\"");
    }
    if (f->enabled != 1) {
        return refuse(why, "the connection is not enabled");
    }
    if (f->subtype && strcmp(f->subtype, "pysmb") != 0 && strcmp(f->subtype, "smbprotocol") != 0) {
        return refuse(why, "'subtype' must be \"pysmb\" or \"smbprotocol\"");
    }
    if (f->secret_id) {
        return refuse(why, "'secret_id' (AWS Secrets Manager) is not built yet");
    }
    if (!given(f->host)) {
        return refuse(why, "'host' is missing");
    }
    if (!given(f->user)) {
        return refuse(why, "'user' is missing");
    }
    if (passwords > 1) {
        return refuse(why,
                      "only one of 'password', 'password_file' and 'password_env' may be given");
    }
    return true;
}

/* A NetBIOS session unless something says direct TCP.  lava's smbprotocol subtype never frames messages
 * for NetBIOS, so a port of its own means direct TCP there. */
static bool is_netbios(const struct fields *f)
{
    bool smbprotocol = f->subtype && strcmp(f->subtype, "smbprotocol") == 0;

    return f->is_direct_tcp != 1 && f->port != 445 &&
           !(smbprotocol && f->port != 0 && f->port != 139);
}

/* An empty text counts as none. */
static bool copy_text(char **out, const char *text)
{
    *out = text && text[0] != '\0' ? strdup(text) : NULL;
    return *out || !given(text);
}

/* The name lava gives itself: the first 15 characters of "lava-<REALM>". */
static bool set_my_name(struct connection *out, const struct fields *f, const char *realm)
{
    char name[NAME_MAX_NETBIOS + 1];

    if (given(f->my_name) || !given(realm)) {
        return copy_text(&out->my_name, f->my_name);
    }
    (void)snprintf(name, sizeof name, "lava-%s", realm); /* cut off: that is what is wanted */
    return copy_text(&out->my_name, name);
}

static bool take_fields(struct connection *out, const struct fields *f, const char *realm,
                        struct refusal *why)
{
    bool pysmb = !f->subtype || strcmp(f->subtype, "pysmb") == 0;

    out->port = (uint16_t)f->port;
    out->netbios = is_netbios(f);
    out->encrypt = f->encrypt == 1;
    out->ntlmv1 = pysmb && f->use_ntlm_v2 == 0; /* the other subtype has always ignored it */
    return (copy_text(&out->host, f->host) && copy_text(&out->user, f->user) &&
            copy_text(&out->domain, f->domain) && copy_text(&out->remote_name, f->remote_name) &&
            copy_text(&out->password_file, f->password_file) &&
            copy_text(&out->password_env, f->password_env) &&
            copy_text(&out->password_in_aws, f->password) && set_my_name(out, f, realm)) ||
           refuse(why, "out of memory");
}

bool connection_parse(struct connection *out, const char *text, size_t len, const char *realm,
                      struct refusal *why)
{
    struct fields f = {.enabled = -1, .is_direct_tcp = -1, .use_ntlm_v2 = -1, .encrypt = -1};
    json_error_t where;
    json_t *object = json_loadb(text, len, JSON_REJECT_DUPLICATES, &where);
    const char *name = NULL;
    json_t *value = NULL;
    bool ok = true;

    *out = (struct connection){.host = NULL};
    if (!object) {
        return refuse(why, "line %d: %.200s", where.line, where.text);
    }
    if (!json_is_object(object)) {
        json_decref(object);
        return refuse(why, "it is not one JSON object");
    }
    json_object_foreach(object, name, value)
    {
        ok = ok && take_field(&f, name, value, why);
    }
    ok = ok && check_fields(&f, why) && take_fields(out, &f, realm, why);
    json_decref(object);
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
    *connection = (struct connection){.host = NULL};
}
