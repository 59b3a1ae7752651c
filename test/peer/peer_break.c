/* peer_break.c: taking oplocks and leases back, the server's side (MS-SMB2 3.3.4.6, 3.3.4.7, 3.3.5.22). */
#include "test/peer/peer_core.h"

#define STATUS_INVALID_OPLOCK_PROTOCOL 0xC00000E3u /* MS-ERREF 2.3.1 */

void peer_break(struct peer_link *link, uint64_t session_id, const struct smb2_break_notice *notice,
                const struct peer_rule *rule)
{
    struct smb2_header header = {
        .command = SMB2_OPLOCK_BREAK,
        .flags = SMB2_FLAGS_SERVER_TO_REDIR,
        .message_id = SMB2_MESSAGE_ID_UNSOLICITED,
        .session_id = session_id,
    };
    struct peer_rule how = rule ? *rule : (struct peer_rule){0};
    uint8_t body[SMB2_LEASE_BREAK_LEN];
    struct wr w = wr_from(body, sizeof body);

    if (how.protection == PEER_AS_AGREED) {
        how.protection = PEER_UNSIGNED; /* MS-SMB2 3.3.4.1.1; what is sealed stays so */
    }
    smb2_break_notice_put(&w, notice);
    link->broken = *notice;
    link->breaking = true;
    peer_send(link, &header, wr_written(&w), &how);
}

static bool gives_what_was_broken(const struct peer_link *link, const struct smb2_break_ack *ack)
{
    const struct smb2_break_notice *broken = &link->broken;

    if (!link->breaking || ack->lease != broken->lease) {
        return false;
    }
    if (ack->lease) {
        return memcmp(ack->key, broken->key, sizeof ack->key) == 0 &&
               (ack->state & ~broken->new_state) == 0;
    }
    return ack->file.persistent == broken->file.persistent && ack->file.vol == broken->file.vol &&
           ack->level <= broken->level;
}

uint32_t peer_take_break(struct peer_request *q)
{
    struct smb2_break_ack ack;

    if (!smb2_break_ack_get(&ack, q->message)) {
        return (uint32_t)STATUS_INVALID_PARAMETER;
    }
    if (!gives_what_was_broken(q->link, &ack)) {
        peer_complain(q->link->peer, "OPLOCK_BREAK gives back what was not asked for");
        return STATUS_INVALID_OPLOCK_PROTOCOL;
    }
    q->link->breaking = false;
    smb2_break_ack_put(peer_body(q, SMB2_LEASE_ACK_LEN), &ack);
    return STATUS_SUCCESS;
}
