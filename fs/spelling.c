/* spelling.c: how an existing name is really written: by listing its folder (MS-SMB2 3.2.4.17). */
#include "fs/spelling.h"

#include <stdlib.h>
#include <string.h>

#include "base/ntstatus.h"
#include "conn/exchange.h"
#include "proto/dir.h"

enum { PAGE_BYTES = 16384, QUERY_ROOM = 64, UNIT = 2 };

static enum op_next open_folder(struct op *op);
static enum op_next send_query(struct op *op);
static enum op_next take_page(struct op *op);
static enum op_next end_close(struct op *op);

enum { ST_OPEN, ST_QUERY, ST_PAGE, ST_CLOSED };

static const struct op_step spelling_steps[] = {
    [ST_OPEN] = {"look for the name", open_folder, 0},
    [ST_QUERY] = {"look for the name", send_query, 0},
    [ST_PAGE] = {"look for the name", take_page, 0},
    [ST_CLOSED] = {"look for the name", end_close, 0},
};

static struct spelling_op *spelling_of(struct op *op)
{
    return CONTAINER_OF(op, struct spelling_op, op);
}

static void release(struct op *op)
{
    struct spelling_op *s = spelling_of(op);

    request_drop(&s->request);
    open_drop(&s->open);
    free(s->folder);
    s->folder = NULL;
}

static const struct op_kind spelling_kind = {"spelling", spelling_steps, release};

void spelling_start(struct spelling_op *op, struct op *parent, struct lsmb_share *share,
                    struct path *path)
{
    *op = (struct spelling_op){.share = share, .path = path};
    op_start_child(parent, &op->op, &spelling_kind);
}

/* ---------------------------------------------------------------- UTF-16LE */

/* Bytes up to and with the last '\'. */
static size_t leaf_at(struct span path)
{
    size_t at = path.len;

    while (at > 0 && path_unit_at(path, at - UNIT) != '\\') {
        at -= UNIT;
    }
    return at;
}

/* MS-FSCC 2.1.4.4: what a server takes for a wildcard. */
static bool has_wildcard(struct span name)
{
    for (size_t at = 0; at < name.len; at += UNIT) {
        uint16_t unit = path_unit_at(name, at);
        if (unit < 0x80 && unit != 0 && strchr("*?<>\"", unit)) {
            return true;
        }
    }
    return false;
}

static struct span leaf_of(const struct path *path)
{
    size_t at = leaf_at(path_span(path));

    return (struct span){path->utf16 + at, path->len - at};
}

/* ---------------------------------------------------------------- steps */

static char *folder_text(const struct path *path)
{
    size_t at = leaf_at(path_span(path));

    return utf8_new((struct span){path->utf16, at > 0 ? at - UNIT : 0});
}

static enum op_next open_folder(struct op *op)
{
    static const struct open_want want = {
        .access = FILE_READ_DATA | FILE_READ_ATTRIBUTES,
        .share_access = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
        .disposition = FILE_OPEN,
        .options = FILE_DIRECTORY_FILE,
    };
    struct spelling_op *s = spelling_of(op);

    if (has_wildcard(leaf_of(s->path))) {
        return OP_DONE;
    }
    s->folder = folder_text(s->path);
    if (!s->folder) {
        return op_fail(op, LSMB_E_NOMEM, "no memory for the name");
    }
    open_start(&s->opening, op, s->share, s->folder, &want, &s->open);
    return op_go(op, ST_QUERY);
}

static enum op_next send_query(struct op *op)
{
    struct spelling_op *s = spelling_of(op);
    struct request_spec spec = share_spec(s->share, SMB2_QUERY_DIRECTORY, PAGE_BYTES, false);
    struct span leaf = leaf_of(s->path);
    struct wr w;

    if (!op_finished(&s->opening.op)) {
        return OP_WAIT;
    }
    if (op_failed(&s->opening.op)) {
        return OP_DONE; /* a folder that may not be listed keeps its secret */
    }
    if (!request_body(&s->request, op->env, QUERY_ROOM + leaf.len, &w)) {
        return fail_no_buffer(op);
    }
    smb2_query_directory_request_put(&w, &(struct smb2_query_directory_request){
                                             .info_class = FILE_ID_BOTH_DIRECTORY_INFORMATION,
                                             .file = s->open.id,
                                             .pattern = leaf,
                                             .output_length = PAGE_BYTES,
                                         });
    request_send(&s->request, &w, &spec, &op->ready);
    return op_go(op, ST_PAGE);
}

/* The entry that `leaf` stands for: itself, or in another case, or by its short name. */
static struct span find_entry(struct span entries, struct span leaf)
{
    struct walk list = walk_from(entries);
    struct file_directory_entry entry;
    struct span found = leaf;

    while (file_directory_entry_next(&list, FILE_ID_BOTH_DIRECTORY_INFORMATION, &entry)) {
        if (span_equal(entry.name, leaf)) {
            return leaf;
        }
        if (leaf_at(entry.name) == 0 &&
            (path_same(entry.name, leaf) || path_same(entry.short_name, leaf))) {
            found = entry.name;
        }
    }
    return walk_ok(&list) ? found : leaf;
}

/* False when there is no memory. */
static bool set_leaf(struct path *path, struct span leaf)
{
    size_t at = leaf_at(path_span(path));
    uint8_t *utf16 = malloc(at + leaf.len + 1);
    struct wr w = wr_from(utf16, utf16 ? at + leaf.len : 0);

    wr_span(&w, (struct span){path->utf16, at});
    wr_span(&w, leaf);
    if (!wr_ok(&w)) {
        free(utf16);
        return false;
    }
    path_free(path);
    *path = (struct path){utf16, w.pos};
    return true;
}

static enum op_next take_page(struct op *op)
{
    struct spelling_op *s = spelling_of(op);
    struct smb2_query_directory_reply reply;
    enum op_next next = await_answer(op, &s->request);

    if (next != OP_AGAIN) {
        return next;
    }
    if (s->request.status == STATUS_SUCCESS &&
        smb2_query_directory_reply_get(&reply, s->request.message, PAGE_BYTES)) {
        struct span leaf = find_entry(reply.entries, leaf_of(s->path));
        if (leaf.len > 0 && !set_leaf(s->path, leaf)) {
            return op_fail(op, LSMB_E_NOMEM, "no memory for the name");
        }
    }
    close_start(&s->closing, op, &s->open, NULL);
    return op_go(op, ST_CLOSED);
}

static enum op_next end_close(struct op *op)
{
    return op_finished(&spelling_of(op)->closing.op) ? OP_DONE : OP_WAIT;
}
