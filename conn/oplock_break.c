/* oplock_break.c: what the server takes back unasked, and giving it. */
#include "conn/oplock_break.h"

#include "conn/secure.h"
#include "proto/misc.h"

bool break_take(struct conn *conn, const struct smb2_header *header, struct span message,
                struct session *sealed_by)
{
    struct conn_break b = {.sealed = sealed_by != NULL};

    if (!smb2_break_notice_get(&b.notice, message)) {
        conn_fail_with(conn, LSMB_E_PROTOCOL, "the server sent a malformed OPLOCK_BREAK");
        return true;
    }
    if (!b.notice.lease) {
        const struct channel *channel = channel_find(conn, header->session_id);
        b.session = channel ? channel->session : NULL;
    }
    return secure_break_ok(&b, sealed_by) && conn->on_break && conn->on_break(conn->owner, &b);
}

bool break_needs_ack(const struct smb2_break_notice *notice, uint8_t level)
{
    if (notice->lease) {
        return (notice->flags & SMB2_NOTIFY_BREAK_LEASE_FLAG_ACK_REQUIRED) != 0;
    }
    return level == SMB2_OPLOCK_LEVEL_EXCLUSIVE || level == SMB2_OPLOCK_LEVEL_BATCH;
}

void break_ack(const struct request_spec *spec, const struct smb2_break_notice *notice)
{
    struct smb2_break_ack ack = {.lease = notice->lease,
                                 .file = notice->file,
                                 .level = notice->level,
                                 .state = notice->new_state};
    struct request_spec to = *spec;
    uint8_t body[SMB2_LEASE_ACK_LEN];
    struct wr w = wr_from(body, sizeof body);

    memcpy(ack.key, notice->key, sizeof ack.key);
    smb2_break_ack_put(&w, &ack);
    to.command = SMB2_OPLOCK_BREAK;
    request_post(&to, wr_written(&w));
}
