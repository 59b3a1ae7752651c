/* follow.c: where a symbolic link leads (MS-SMB2 2.2.2.2.1.1). */
#include "fs/follow.h"

#include <stdlib.h>

#include "base/ntstatus.h"
#include "proto/utf16.h"

enum { UNC_BYTES_MAX = 2 * 600 };

#define UNIT ((size_t)2) /* bytes */

/* ---------------------------------------------------------------- UTF-16 names */

static struct span drop_first(struct span name, size_t bytes)
{
    return (struct span){name.ptr + bytes, name.len - bytes};
}

static bool begins_with_separator(struct span name)
{
    return name.len >= UNIT && path_unit_at(name, 0) == '\\';
}

static bool ends_with_separator(struct span name)
{
    return name.len >= UNIT && path_unit_at(name, name.len - UNIT) == '\\';
}

static bool has_nul(struct span name)
{
    for (size_t at = 0; at + UNIT <= name.len; at += UNIT) {
        if (path_unit_at(name, at) == 0) {
            return true;
        }
    }
    return false;
}

/* Take `prefix` (UTF-8) from the front of a name, without regard to case; false when it is not there. */
static bool take_prefix(struct span *name, const char *prefix)
{
    uint8_t room[UNC_BYTES_MAX];
    struct wr w = wr_from(room, sizeof room);

    wr_utf16(&w, prefix);
    struct span want = wr_written(&w);
    if (want.len == 0 || want.len > name->len ||
        !path_same((struct span){name->ptr, want.len}, want)) {
        return false;
    }
    *name = drop_first(*name, want.len);
    return true;
}

/* ---------------------------------------------------------------- the pieces of the path */

struct pieces {
    struct span folder; /* that the link is in, with a separator behind; empty: the share itself */
    struct span rest;   /* what lies behind the link */
};

/* Cut `path` at the link: UnparsedPathLength counts from its end, and falls between two components. */
static bool cut_at_link(struct pieces *out, struct span path, size_t unparsed)
{
    if (path.len == 0 || unparsed > path.len || unparsed % UNIT != 0) {
        return false;
    }
    struct span head = {path.ptr, path.len - unparsed};
    out->rest = (struct span){path.ptr + head.len, unparsed};
    if (unparsed > 0 && !begins_with_separator(out->rest) && !ends_with_separator(head)) {
        return false;
    }
    while (ends_with_separator(head)) {
        head.len -= UNIT;
    }
    if (head.len == 0) {
        return false; /* the share itself is no link */
    }
    while (head.len > 0 && !ends_with_separator(head)) {
        head.len -= UNIT; /* the link's own name */
    }
    out->folder = head;
    return true;
}

bool follow_is_last(const struct smb2_symlink_error *link)
{
    return link->unparsed_bytes <= UNIT; /* a separator at most */
}

unsigned follow_count_behind(struct span path, const struct smb2_symlink_error *link)
{
    unsigned count = 0;
    bool inside = false;

    if (link->unparsed_bytes > path.len) {
        return 0;
    }
    for (size_t at = path.len - link->unparsed_bytes; at + UNIT <= path.len; at += UNIT) {
        bool separator = path_unit_at(path, at) == '\\';
        count += !separator && !inside;
        inside = !separator;
    }
    return count;
}

/* ---------------------------------------------------------------- the target */

/* The link is sound, but not to be followed. */
static bool leads_out(struct lsmb_error *err, const char *before, struct span place,
                      const char *why)
{
    char *text = utf8_new(place);

    error_set(err, LSMB_E_STATUS,
              "[NtStatus STATUS_STOPPED_ON_SYMLINK] a symbolic link on the path leads to %s%s, %s",
              before, text ? text : "another place", why);
    if (err) {
        err->nt_status = (uint32_t)STATUS_STOPPED_ON_SYMLINK;
    }
    error_advise(err, "name the place it leads to");
    free(text);
    return false;
}

static bool malformed(struct lsmb_error *err)
{
    error_set(err, LSMB_E_PROTOCOL, "the server sent a malformed symbolic link");
    return false;
}

/* Normalise FOLDER\TARGET\REST, where '/' separates as well and ".." goes back. */
static bool join(struct path *to, const struct pieces *p, struct span target, const char *unc,
                 struct lsmb_error *err)
{
    size_t room = p->folder.len + target.len + p->rest.len + 2 * UNIT;
    uint8_t *bytes = malloc(room);
    struct wr w = wr_from(bytes, bytes ? room : 0);

    wr_u16(&w, '\\');
    wr_span(&w, p->folder);
    wr_span(&w, target);
    if (p->rest.len > 0 && !begins_with_separator(p->rest)) {
        wr_u16(&w, '\\');
    }
    wr_span(&w, p->rest);
    char *text = wr_ok(&w) ? utf8_new(wr_written(&w)) : NULL;
    bool ok = false;
    if (!text) {
        error_set(err, LSMB_E_NOMEM, "no memory for the path");
    } else {
        struct lsmb_error why;
        ok = path_set(to, text, &why);
        if (!ok && why.code == LSMB_E_USAGE) {
            (void)leads_out(err, unc, wr_written(&w), why.reason);
        } else if (!ok && err) {
            *err = why;
        }
    }
    free(text);
    free(bytes);
    return ok;
}

/* "\??\UNC\server\share\dir", and the same without the name of the object manager in front. */
static bool take_share(struct span *target, const char *unc)
{
    struct span name = *target;

    if (!take_prefix(&name, "\\??\\UNC\\") && !take_prefix(&name, "\\\\")) {
        return false;
    }
    if (!take_prefix(&name, unc + 2) || (name.len > 0 && !begins_with_separator(name))) {
        return false;
    }
    *target = name;
    return true;
}

/* How a person writes an absolute target: "\\server\share\dir", "C:\dir". */
static const char *take_human(struct span *target)
{
    if (take_prefix(target, "\\??\\UNC\\")) {
        return "\\\\";
    }
    (void)take_prefix(target, "\\??\\");
    return "";
}

bool follow_link(struct path *to, struct span path, const struct smb2_symlink_error *link,
                 const char *unc, struct lsmb_error *err)
{
    struct span target = link->substitute_name;
    struct pieces pieces;

    *to = (struct path){0};
    if (target.len == 0 || target.len % UNIT != 0 || has_nul(target) ||
        !cut_at_link(&pieces, path, link->unparsed_bytes)) {
        return malformed(err);
    }
    if ((link->flags & SYMLINK_FLAG_RELATIVE) && !begins_with_separator(target)) {
        return join(to, &pieces, target, unc, err);
    }
    if (!(link->flags & SYMLINK_FLAG_RELATIVE) && take_share(&target, unc)) {
        pieces.folder = (struct span){0};
        return join(to, &pieces, target, unc, err);
    }
    /* Another share, or a path on the server's own disks: what a share shows of those is not known. */
    const char *before = take_human(&target);
    return leads_out(err, before, target, "which is not in this share");
}
