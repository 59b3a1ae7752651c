/* header.c: the header of every SMB2 message (MS-SMB2 2.2.1), and compounds. */
#include "proto/header.h"

/* A header and the StructureSize of a body: no message is shorter. */
enum { MESSAGE_MIN = SMB2_HEADER_LEN + 2 };

void smb2_header_put(struct wr *w, const struct smb2_header *h)
{
    wr_u32(w, SMB2_PROTOCOL_ID);
    wr_u16(w, SMB2_HEADER_LEN); /* StructureSize */
    wr_u16(w, h->credit_charge);
    wr_u32(w, h->status);
    wr_u16(w, h->command);
    wr_u16(w, h->credits);
    wr_u32(w, h->flags);
    wr_u32(w, h->next_command);
    wr_u64(w, h->message_id);
    if (h->flags & SMB2_FLAGS_ASYNC_COMMAND) {
        wr_u64(w, h->async_id);
    } else {
        wr_u32(w, 0); /* Reserved */
        wr_u32(w, h->tree_id);
    }
    wr_u64(w, h->session_id);
    wr_bytes(w, h->signature, sizeof h->signature);
}

bool smb2_header_get(struct smb2_header *out, struct span msg)
{
    struct rd r = rd_from(msg, 0);

    *out = (struct smb2_header){0};
    rd_require(&r, rd_u32(&r) == SMB2_PROTOCOL_ID);
    rd_structure_size(&r, SMB2_HEADER_LEN);
    out->credit_charge = rd_u16(&r);
    out->status = rd_u32(&r);
    out->command = rd_u16(&r);
    out->credits = rd_u16(&r);
    out->flags = rd_u32(&r);
    out->next_command = rd_u32(&r);
    out->message_id = rd_u64(&r);
    if (out->flags & SMB2_FLAGS_ASYNC_COMMAND) {
        out->async_id = rd_u64(&r);
    } else {
        rd_skip(&r, 4); /* Reserved; clients put a process id there */
        out->tree_id = rd_u32(&r);
    }
    out->session_id = rd_u64(&r);
    rd_bytes(&r, out->signature, sizeof out->signature);
    return rd_ok(&r);
}

uint32_t smb2_protocol_id(struct span frame)
{
    struct rd r = rd_from(frame, 0);

    return rd_u32(&r);
}

bool smb2_chain_take(struct span *chain, struct smb2_header *header, struct span *msg)
{
    if (chain->len < MESSAGE_MIN || !smb2_header_get(header, *chain)) {
        return false;
    }
    size_t next = header->next_command;
    /* MS-SMB2 2.2.1: NextCommand is counted from this header and 8-byte aligned. */
    if (next != 0 && (next < MESSAGE_MIN || next % 8 != 0 || next >= chain->len)) {
        return false;
    }
    size_t len = next == 0 ? chain->len : next;
    *msg = (struct span){chain->ptr, len};
    *chain = (struct span){chain->ptr + len, chain->len - len};
    return true;
}

void smb2_file_id_put(struct wr *w, struct smb2_file_id id)
{
    wr_u64(w, id.persistent);
    wr_u64(w, id.vol);
}

struct smb2_file_id smb2_file_id_get(struct rd *r)
{
    struct smb2_file_id id;

    id.persistent = rd_u64(r);
    id.vol = rd_u64(r);
    return id;
}

void smb2_buffer_put(struct wr *w, struct span buffer)
{
    if (buffer.len == 0) {
        wr_zero(w, 1);
    } else {
        wr_span(w, buffer);
    }
}

const char *smb2_command_name(uint16_t command)
{
    static const char *const names[] = {
        [SMB2_NEGOTIATE] = "NEGOTIATE",
        [SMB2_SESSION_SETUP] = "SESSION_SETUP",
        [SMB2_LOGOFF] = "LOGOFF",
        [SMB2_TREE_CONNECT] = "TREE_CONNECT",
        [SMB2_TREE_DISCONNECT] = "TREE_DISCONNECT",
        [SMB2_CREATE] = "CREATE",
        [SMB2_CLOSE] = "CLOSE",
        [SMB2_FLUSH] = "FLUSH",
        [SMB2_READ] = "READ",
        [SMB2_WRITE] = "WRITE",
        [SMB2_LOCK] = "LOCK",
        [SMB2_IOCTL] = "IOCTL",
        [SMB2_CANCEL] = "CANCEL",
        [SMB2_ECHO] = "ECHO",
        [SMB2_QUERY_DIRECTORY] = "QUERY_DIRECTORY",
        [SMB2_CHANGE_NOTIFY] = "CHANGE_NOTIFY",
        [SMB2_QUERY_INFO] = "QUERY_INFO",
        [SMB2_SET_INFO] = "SET_INFO",
        [SMB2_OPLOCK_BREAK] = "OPLOCK_BREAK",
        [SMB2_SERVER_TO_CLIENT_NOTIFICATION] = "SERVER_TO_CLIENT_NOTIFICATION",
    };

    return command < sizeof names / sizeof names[0] ? names[command] : "?";
}
