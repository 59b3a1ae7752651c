#include "auth/credentials.h"

#include "proto/utf16.h"

#include <stdlib.h>

/* A copy of `text` (NULL counts as ""), or NULL when out of memory or when it is not UTF-8. */
static char *copy_text(const char *text)
{
    size_t len = text ? strlen(text) : 0;
    uint8_t *utf16 = malloc(2 * len + 1); /* a byte of UTF-8 becomes two at most */
    char *copy = NULL;
    size_t need;

    if (utf16 &&
        utf16_from_utf8(utf16, 2 * len, &need, (struct span){(const uint8_t *)text, len})) {
        copy = strdup(text ? text : "");
    }
    if (utf16) {
        secret_erase(utf16, 2 * len + 1); /* it may be a password */
    }
    free(utf16);
    return copy;
}

static bool copy_password(struct secret *out, const char *password)
{
    char *copy = copy_text(password);
    bool ok = copy && secret_set(out, span_of(copy));

    if (copy) {
        secret_erase(copy, strlen(copy));
    }
    free(copy);
    return ok;
}

bool credentials_set(struct credentials *c, const char *user, const char *domain,
                     const char *password)
{
    struct credentials new = {
        .user = copy_text(user),
        .domain = copy_text(domain),
        .workstation = copy_text(""),
        .anonymous = !user || user[0] == '\0',
    };
    bool ok = copy_password(&new.password, password) && new.user &&new.domain &&new.workstation;

    credentials_wipe(c);
    if (!ok) {
        credentials_wipe(&new);
    }
    *c = new;
    return ok;
}

bool credentials_set_nt_hash(struct credentials *c, const uint8_t hash[static NT_HASH_LEN])
{
    secret_wipe(&c->password);
    return secret_set(&c->nt_hash, (struct span){hash, NT_HASH_LEN});
}

bool credentials_set_workstation(struct credentials *c, const char *name)
{
    char *copy = copy_text(name);

    if (copy) {
        free(c->workstation);
        c->workstation = copy;
    }
    return copy != NULL;
}

static bool same_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

static bool same_secret(const struct secret *a, const struct secret *b)
{
    return a->len == b->len && (a->len == 0 || secret_equal(a->ptr, b->ptr, a->len));
}

bool credentials_equal(const struct credentials *a, const struct credentials *b)
{
    return a->anonymous == b->anonymous && same_text(a->user, b->user) &&
           same_text(a->domain, b->domain) && same_text(a->workstation, b->workstation) &&
           same_secret(&a->password, &b->password) && same_secret(&a->nt_hash, &b->nt_hash);
}

void credentials_wipe(struct credentials *c)
{
    free(c->user);
    free(c->domain);
    free(c->workstation);
    secret_wipe(&c->password);
    secret_wipe(&c->nt_hash);
    *c = (struct credentials){0};
}
