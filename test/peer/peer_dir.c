/* peer_dir.c: QUERY_DIRECTORY (MS-SMB2 3.3.5.18). */
#include "proto/dir.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/upcase.h"
#include "proto/utf16.h"
#include "test/peer/peer_core.h"

/* Stages of a scan; further on it is the id of the node given last, plus BEHIND_DOTS. */
enum { BEFORE_DOT, BEFORE_DOTDOT, BEHIND_DOTS };

static uint16_t unit(struct span name, size_t index)
{
    return upcase_utf16((uint16_t)(name.ptr[2 * index] | name.ptr[2 * index + 1] << 8));
}

/* '*' and '?', without regard to case (MS-FSA 2.1.4.4 has more, which no client here sends). */
static bool matches(struct span pattern, struct span name)
{
    size_t p = 0, n = 0, star = SIZE_MAX, star_at = 0;

    while (n < name.len / 2) {
        if (p < pattern.len / 2 && unit(pattern, p) == '*') {
            star = p++;
            star_at = n;
        } else if (p < pattern.len / 2 &&
                   (unit(pattern, p) == '?' || unit(pattern, p) == unit(name, n))) {
            p++;
            n++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            n = ++star_at;
        } else {
            return false;
        }
    }
    while (p < pattern.len / 2 && unit(pattern, p) == '*') {
        p++;
    }
    return p == pattern.len / 2;
}

struct scan {
    struct peer_open *open;
    const struct smb2_query_directory_request *asked;
    struct wr *w;
    size_t given;
    size_t last; /* where the last entry begins */
    bool full;
};

/* Give one entry, if it matches and fits; false when it does not fit. */
static bool give(struct scan *scan, const struct peer_node *file, struct span name)
{
    struct span pattern = {scan->open->pattern, scan->open->pattern_len};

    if (!matches(pattern, name)) {
        return true;
    }
    /* A list of its own, which is then hung on: so it need not be looked for where the list ends. */
    size_t at = (scan->w->pos + 7) / 8 * 8;
    struct wr tried = wr_from(scan->w->ptr + at, at < scan->w->cap ? scan->w->cap - at : 0);
    file_directory_entry_put(
        &tried, scan->asked->info_class,
        &(struct file_directory_entry){
            .created = file->created,
            .accessed = file->accessed,
            .written = file->written,
            .changed = file->changed,
            .end_of_file = file->size,
            .allocation_size = file->size,
            .file_attributes =
                file->attributes | (file->directory ? (uint32_t)FILE_ATTRIBUTE_DIRECTORY : 0u),
            .ea_size = file->reparse_tag,
            .file_id = file->id,
            .name = name,
        });
    if (!wr_ok(&tried)) {
        scan->full = true;
        return false;
    }
    if (scan->given > 0) {
        wr_patch(scan->w, scan->last, at - scan->last, 4); /* NextEntryOffset */
    }
    scan->last = at;
    scan->w->pos = at + tried.pos;
    scan->given++;
    scan->full = scan->asked->flags & SMB2_RETURN_SINGLE_ENTRY;
    return true;
}

static void give_dots(struct scan *scan, struct peer_store *store)
{
    static const uint8_t dots[] = {'.', 0, '.', 0};
    const struct peer_node *dir = scan->open->file;

    while (!scan->full && scan->open->scanned < BEHIND_DOTS) {
        bool up = scan->open->scanned == BEFORE_DOTDOT;
        const struct peer_node *above =
            up ? peer_store_find(store, peer_parent((struct span){dir->name, dir->name_len}))
               : NULL;
        if (!give(scan, above ? above : dir, (struct span){dots, up ? 4 : 2})) {
            return;
        }
        scan->open->scanned++;
    }
}

static void give_children(struct scan *scan, struct peer_store *store)
{
    struct span dir = {scan->open->file->name, scan->open->file->name_len};

    LIST_EACH(at, &store->nodes)
    {
        const struct peer_node *file = CONTAINER_OF(at, struct peer_node, node);
        struct span name = {file->name, file->name_len};
        if (scan->full) {
            return;
        }
        if (file->id + BEHIND_DOTS <= scan->open->scanned || name.len == 0 ||
            !peer_same_name(peer_parent(name), dir) || peer_base(name).len < name.len) {
            continue;
        }
        if (!give(scan, file, peer_leaf(name))) {
            return;
        }
        scan->open->scanned = file->id + BEHIND_DOTS;
    }
}

/* "made-up-0000001" and so on: files that are nowhere but in a listing. */
static void give_crowd(struct scan *scan)
{
    struct peer_open *open = scan->open;
    struct peer_node file = {.written = open->file->written};
    char text[16];
    uint8_t name[32];

    while (!scan->full && open->crowd_given < open->file->crowd) {
        struct wr n = wr_from(name, sizeof name);
        file.id = 1 + open->crowd_given;
        file.size = file.id;
        (void)snprintf(text, sizeof text, "made-up-%07u", (unsigned)(file.id % 10000000));
        wr_utf16(&n, text);
        if (!give(scan, &file, wr_written(&n))) {
            return;
        }
        open->crowd_given++;
    }
}

static void begin_scan(struct peer_open *open, struct span pattern)
{
    free(open->pattern);
    open->pattern = peer_copy(pattern);
    open->pattern_len = pattern.len;
    open->scanned = BEFORE_DOT;
    open->crowd_given = 0;
}

uint32_t peer_query_directory(struct peer_request *q)
{
    struct smb2_query_directory_request asked;
    struct peer_open *open;

    if (!smb2_query_directory_request_get(&asked, q->message) ||
        asked.output_length > q->link->peer->config.max_transact ||
        !peer_paid(q, asked.output_length) || asked.pattern.len == 0) {
        return (uint32_t)STATUS_INVALID_PARAMETER;
    }
    if (!(open = peer_open_find(q, asked.file))) {
        return (uint32_t)STATUS_FILE_CLOSED;
    }
    if (!open->file->directory) {
        return (uint32_t)STATUS_INVALID_PARAMETER;
    }
    if (!(open->access & FILE_READ_DATA)) {
        return (uint32_t)STATUS_ACCESS_DENIED;
    }
    bool first = !open->pattern;
    if (first || (asked.flags & (SMB2_REOPEN | SMB2_RESTART_SCANS))) {
        begin_scan(open, asked.pattern);
    }
    uint8_t *room = peer_alloc(asked.output_length);
    struct wr w = wr_from(room, asked.output_length);
    struct scan scan = {.open = open, .asked = &asked, .w = &w};
    give_dots(&scan, &q->link->peer->store);
    give_children(&scan, &q->link->peer->store);
    give_crowd(&scan);
    uint32_t status = STATUS_SUCCESS;
    if (scan.given > 0) {
        struct smb2_query_directory_reply reply = {.entries = wr_written(&w)};
        smb2_query_directory_reply_put(peer_body(q, 16 + w.pos), &reply);
    } else if (scan.full) {
        status = (uint32_t)STATUS_INFO_LENGTH_MISMATCH;
    } else {
        status = first ? (uint32_t)STATUS_NO_SUCH_FILE : (uint32_t)STATUS_NO_MORE_FILES;
    }
    free(room);
    return status;
}
