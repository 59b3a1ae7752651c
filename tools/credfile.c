#include "tools/credfile.h"

#include <string.h>

/* Which field a key names; NULL for none. */
static const char **field_for(struct credfile *out, const char *key)
{
    static const char *const users[] = {"username", "user", NULL};
    static const char *const passwords[] = {"password", "pass", NULL};
    static const char *const domains[] = {"domain", "dom", "workgroup", NULL};
    const struct {
        const char *const *names;
        const char **field;
    } fields[] = {{users, &out->user}, {passwords, &out->password}, {domains, &out->domain}};

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        for (size_t n = 0; fields[i].names[n]; n++) {
            if (strcmp(fields[i].names[n], key) == 0) {
                return fields[i].field;
            }
        }
    }
    return NULL;
}

static bool parse_line(struct credfile *out, char *line)
{
    line += strspn(line, " \t");
    if (*line == '\0' || *line == '#') {
        return true;
    }
    char *equals = strchr(line, '=');
    if (!equals) {
        return false;
    }
    *equals = '\0';
    line[strcspn(line, " \t")] = '\0';
    const char **field = field_for(out, line);
    if (!field) {
        return false;
    }
    *field = equals + 1;
    return true;
}

/* "DOMAIN\user": the domain that the file names by itself wins. */
static void split_user(struct credfile *out, char *text)
{
    if (!out->user) {
        return;
    }
    char *user = text + (out->user - text);
    size_t len = strcspn(user, "\\/");
    if (user[len] != '\0') {
        user[len] = '\0';
        out->domain = out->domain ? out->domain : user;
        out->user = user + len + 1;
    }
}

bool credfile_parse(struct credfile *out, char *text, struct refusal *why)
{
    char *line = text;
    bool last = false;

    *out = (struct credfile){NULL, NULL, NULL};
    for (unsigned number = 1; !last; number++) {
        size_t len = strcspn(line, "\n");
        char *next = line + len + 1;
        last = line[len] == '\0';
        line[len] = '\0';
        if (len > 0 && line[len - 1] == '\r') {
            line[len - 1] = '\0';
        }
        if (!parse_line(out, line)) {
            return refuse(why, "line %u is not username=, password= or domain=", number);
        }
        line = next;
    }
    split_user(out, text);
    return true;
}
