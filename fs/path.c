/* path.c: from what a user writes to what a server takes. */
#include "fs/path.h"

#include <stdlib.h>
#include <string.h>

#include "proto/utf16.h"

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

bool path_set(struct path *path, const char *text, struct lsmb_error *err)
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
    } else {
        ok = convert(path, (struct span){(const uint8_t *)plain, len}, err);
    }
    free(plain);
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
