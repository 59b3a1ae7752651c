/* error.c: the ERROR response (MS-SMB2 2.2.2), and which replies are one. */
#include "proto/error.h"

enum {
    IOCTL_STRUCTURE_SIZE = 49,
    ERROR_STRUCTURE_SIZE = 9,
    REPARSE_LEN = 12,  /* of ReparseDataLength, before PathBuffer */
    REDIRECT_LEN = 24, /* of a SHARE_REDIRECT before its list */
    MOVE_ADDRESS_LEN = 24,
    SHARE_MOVE_NOTIFICATION = 3,
};

#define SYMLINK_ERROR_TAG      0x4C4D5953u /* MS-SMB2 2.2.2.2.1 */
#define IO_REPARSE_TAG_SYMLINK 0xA000000Cu /* MS-FSCC 2.1.2.1 */

/* Statuses other than success whose reply is the command's own (MS-SMB2 3.3.4.4, MS-ERREF 2.3). */
static const struct {
    uint16_t command;
    uint32_t status;
} own_body[] = {
    {SMB2_SESSION_SETUP, 0xC0000016}, /* STATUS_MORE_PROCESSING_REQUIRED */
    {SMB2_READ, 0x80000005},          /* STATUS_BUFFER_OVERFLOW: a pipe's message goes on */
    {SMB2_IOCTL, 0x80000005},         /* STATUS_BUFFER_OVERFLOW */
    {SMB2_QUERY_INFO, 0x80000005},    /* STATUS_BUFFER_OVERFLOW */
    {SMB2_CHANGE_NOTIFY, 0x0000010C}, /* STATUS_NOTIFY_ENUM_DIR */
};

bool smb2_reply_has_body(uint16_t command, uint32_t status, struct span msg)
{
    if (status == 0) {
        return true;
    }
    for (size_t i = 0; i < sizeof own_body / sizeof own_body[0]; i++) {
        if (own_body[i].command == command && own_body[i].status == status) {
            return true;
        }
    }
    struct rd r = rd_from(msg, SMB2_HEADER_LEN);
    return command == SMB2_IOCTL && rd_u16(&r) == IOCTL_STRUCTURE_SIZE;
}

bool smb2_is_error_body(struct span msg)
{
    struct rd r = rd_from(msg, SMB2_HEADER_LEN);

    return rd_u16(&r) == ERROR_STRUCTURE_SIZE;
}

void smb2_error_reply_put(struct wr *w, const struct smb2_error_reply *a)
{
    wr_u16(w, ERROR_STRUCTURE_SIZE);
    wr_u8(w, a->context_count);
    wr_u8(w, 0); /* Reserved */
    wr_size32(w, a->data.len);
    smb2_buffer_put(w, a->data);
}

bool smb2_error_reply_get(struct smb2_error_reply *out, struct span msg)
{
    struct rd r = rd_from(msg, SMB2_HEADER_LEN);
    struct smb2_error_context last;

    rd_structure_size(&r, ERROR_STRUCTURE_SIZE);
    out->context_count = rd_u8(&r);
    rd_skip(&r, 1); /* Reserved */
    uint32_t length = rd_u32(&r);
    out->data = rd_take(&r, length);
    if (!rd_ok(&r) || out->context_count == 0) {
        return rd_ok(&r);
    }
    return smb2_error_context_at(out, out->context_count - 1u, &last);
}

/* ---------------------------------------------------------------- contexts */

bool smb2_error_context_at(const struct smb2_error_reply *reply, unsigned index,
                           struct smb2_error_context *out)
{
    struct rd r = rd_from(reply->data, 0);

    if (index >= reply->context_count) {
        return false;
    }
    for (unsigned i = 0; rd_ok(&r) && i <= index; i++) {
        rd_skip(&r, (8 - r.pos % 8) % 8);
        uint32_t length = rd_u32(&r);
        out->error_id = rd_u32(&r);
        out->data = rd_take(&r, length);
    }
    return rd_ok(&r);
}

void smb2_error_context_put(struct wr *w, const struct smb2_error_context *context)
{
    wr_align(w, 0);
    wr_size32(w, context->data.len);
    wr_u32(w, context->error_id);
    wr_span(w, context->data);
}

/* ---------------------------------------------------------------- symbolic links */

static bool symlink_get(struct smb2_symlink_error *out, struct span data, size_t name_bytes)
{
    struct rd r = rd_from(data, 0);

    uint32_t length = rd_u32(&r);
    r = rd_from(rd_take(&r, length), 0); /* a length past the end leaves nothing to read */
    rd_require(&r, rd_u32(&r) == SYMLINK_ERROR_TAG);
    rd_require(&r, rd_u32(&r) == IO_REPARSE_TAG_SYMLINK);
    uint16_t reparse_len = rd_u16(&r);
    out->unparsed_bytes = rd_u16(&r);
    rd_require(&r, reparse_len >= REPARSE_LEN && reparse_len <= rd_left(&r));
    uint16_t substitute = rd_u16(&r);
    uint16_t substitute_len = rd_u16(&r);
    uint16_t print = rd_u16(&r);
    uint16_t print_len = rd_u16(&r);
    out->flags = rd_u32(&r);
    if (!rd_ok(&r)) {
        return false;
    }
    struct rd path = rd_from(rd_take(&r, reparse_len - (size_t)REPARSE_LEN), 0);
    out->substitute_name = rd_view(&path, substitute, substitute_len);
    out->print_name = rd_view(&path, print, print_len);
    return rd_ok(&path) && substitute_len % 2 == 0 && print_len % 2 == 0 &&
           out->unparsed_bytes % 2 == 0 && out->unparsed_bytes <= name_bytes;
}

bool smb2_symlink_error_get(struct smb2_symlink_error *out, const struct smb2_error_reply *reply,
                            size_t name_bytes)
{
    struct smb2_error_context context;

    if (reply->context_count == 0) {
        return symlink_get(out, reply->data, name_bytes);
    }
    for (unsigned i = 0; smb2_error_context_at(reply, i, &context); i++) {
        if (context.error_id == SMB2_ERROR_ID_DEFAULT) {
            return symlink_get(out, context.data, name_bytes);
        }
    }
    return false;
}

void smb2_symlink_error_put(struct wr *w, const struct smb2_symlink_error *link)
{
    size_t path = link->substitute_name.len + link->print_name.len;

    wr_size32(w, 12 + REPARSE_LEN + path); /* SymLinkLength */
    wr_u32(w, SYMLINK_ERROR_TAG);
    wr_u32(w, IO_REPARSE_TAG_SYMLINK);
    wr_size16(w, REPARSE_LEN + path); /* ReparseDataLength */
    wr_u16(w, link->unparsed_bytes);
    wr_u16(w, 0); /* SubstituteNameOffset */
    wr_size16(w, link->substitute_name.len);
    wr_size16(w, link->substitute_name.len); /* PrintNameOffset */
    wr_size16(w, link->print_name.len);
    wr_u32(w, link->flags);
    wr_span(w, link->substitute_name);
    wr_span(w, link->print_name);
}

/* ---------------------------------------------------------------- shares on other nodes */

static bool redirect_get(struct smb2_share_redirect *out, struct span data)
{
    struct rd r = rd_from(data, 0);
    struct smb2_move_address address;

    rd_require(&r, rd_u32(&r) <= data.len); /* StructureSize */
    rd_require(&r, rd_u32(&r) == SHARE_MOVE_NOTIFICATION);
    uint32_t name = rd_u32(&r);
    uint32_t name_len = rd_u32(&r);
    rd_skip(&r, 4); /* Flags, TargetType */
    uint32_t count = rd_u32(&r);
    rd_require(&r, count <= rd_left(&r) / MOVE_ADDRESS_LEN && name_len % 2 == 0);
    out->addresses = rd_take(&r, rd_ok(&r) ? (size_t)count * MOVE_ADDRESS_LEN : 0);
    out->resource_name = rd_view(&r, name, name_len);
    for (uint32_t i = 0; rd_ok(&r) && i < count; i++) {
        rd_require(&r, smb2_share_redirect_address(out, i, &address));
    }
    return rd_ok(&r);
}

bool smb2_share_redirect_get(struct smb2_share_redirect *out, const struct smb2_error_reply *reply)
{
    struct smb2_error_context context;

    for (unsigned i = 0; smb2_error_context_at(reply, i, &context); i++) {
        if (context.error_id == SMB2_ERROR_ID_SHARE_REDIRECT) {
            return redirect_get(out, context.data);
        }
    }
    return false;
}

bool smb2_share_redirect_address(const struct smb2_share_redirect *redirect, size_t index,
                                 struct smb2_move_address *out)
{
    if (index >= redirect->addresses.len / MOVE_ADDRESS_LEN) {
        return false;
    }
    struct rd r = rd_from(redirect->addresses, index * MOVE_ADDRESS_LEN);
    out->type = rd_u32(&r);
    rd_skip(&r, 4); /* Reserved */
    rd_bytes(&r, out->bytes, sizeof out->bytes);
    return rd_ok(&r) && (out->type == MOVE_DST_IPADDR_V4 || out->type == MOVE_DST_IPADDR_V6);
}

void smb2_move_address_put(struct wr *list, const struct smb2_move_address *address)
{
    wr_u32(list, address->type);
    wr_u32(list, 0); /* Reserved */
    wr_bytes(list, address->bytes, sizeof address->bytes);
}

void smb2_share_redirect_put(struct wr *w, const struct smb2_share_redirect *redirect)
{
    size_t name = REDIRECT_LEN + redirect->addresses.len;

    wr_size32(w, name + redirect->resource_name.len); /* StructureSize */
    wr_u32(w, SHARE_MOVE_NOTIFICATION);
    wr_size32(w, name);
    wr_size32(w, redirect->resource_name.len);
    wr_u16(w, 0); /* Flags */
    wr_u16(w, 0); /* TargetType */
    wr_size32(w, redirect->addresses.len / MOVE_ADDRESS_LEN);
    wr_span(w, redirect->addresses);
    wr_span(w, redirect->resource_name);
}
