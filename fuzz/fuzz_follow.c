/* fuzz_follow.c: where a server says that a symbolic link leads.
 *
 * Target functions: follow_link, path_set_at.
 *
 * The input: a byte of flags, a byte that says how many bytes of the rest are the path (in UTF-16), two of
 * UnparsedPathLength, the path, the link's target.  The seeds in corpus/follow are written by hand. */
#include "fs/follow.h"

#include <stdlib.h>

#include "proto/utf16.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Wherever it leads: into the share, component by component. */
static void check_inside(const struct path *path)
{
    char *text = utf8_new(path_span(path));

    if (!text || text[0] == '\\' || strchr(text, '/') || strstr(text, "\\\\")) {
        abort();
    }
    for (const char *at = text; at; at = strchr(at, '\\')) {
        at += *at == '\\';
        size_t len = strcspn(at, "\\");
        if ((len == 2 && memcmp(at, "..", 2) == 0) || (len == 1 && at[0] == '.')) {
            abort();
        }
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rd r = rd_from((struct span){data, size}, 0);
    struct smb2_symlink_error link = {.flags = rd_u8(&r)};
    size_t path_len = rd_u8(&r);
    struct path to, path;
    uint64_t when;

    link.unparsed_bytes = rd_u16(&r);
    struct span wire = rd_take(&r, path_len & ~(size_t)1);
    link.substitute_name = rd_take(&r, rd_left(&r));
    char *text = utf8_new(wire);
    if (!rd_ok(&r) || !text || !path_set_at(&path, &when, text, NULL)) {
        free(text);
        return 0;
    }
    check_inside(&path);
    if (follow_link(&to, path_span(&path), &link, "\\\\server\\share", NULL)) {
        check_inside(&to);
        path_free(&to);
    }
    path_free(&path);
    free(text);
    return 0;
}
