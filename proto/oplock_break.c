/* oplock_break.c: OPLOCK_BREAK (MS-SMB2 2.2.23 to 2.2.25). */
#include "proto/oplock_break.h"

enum {
    LEASE_STATES = SMB2_LEASE_READ_CACHING | SMB2_LEASE_HANDLE_CACHING | SMB2_LEASE_WRITE_CACHING,
};

/* MS-SMB2 2.2.23.1, 2.2.24.1, 2.2.25.1: the three are one. */
static void oplock_put(struct wr *w, uint8_t level, struct smb2_file_id file)
{
    wr_u16(w, SMB2_OPLOCK_BREAK_LEN); /* StructureSize */
    wr_u8(w, level);
    wr_u8(w, 0);  /* Reserved */
    wr_u32(w, 0); /* Reserved2 */
    smb2_file_id_put(w, file);
}

static void oplock_get(struct rd *r, uint8_t *level, struct smb2_file_id *file)
{
    *level = rd_u8(r);
    rd_skip(r, 5); /* Reserved, Reserved2 */
    *file = smb2_file_id_get(r);
}

/* ---------------------------------------------------------------- notifications */

void smb2_break_notice_put(struct wr *w, const struct smb2_break_notice *notice)
{
    if (!notice->lease) {
        oplock_put(w, notice->level, notice->file);
        return;
    }
    wr_u16(w, SMB2_LEASE_BREAK_LEN); /* StructureSize */
    wr_u16(w, notice->epoch);
    wr_u32(w, notice->flags);
    wr_bytes(w, notice->key, sizeof notice->key);
    wr_u32(w, notice->current_state);
    wr_u32(w, notice->new_state);
    wr_zero(w, 12); /* BreakReason, AccessMaskHint, ShareMaskHint */
}

static void lease_notice_get(struct rd *r, struct smb2_break_notice *out)
{
    out->lease = true;
    out->epoch = rd_u16(r);
    out->flags = rd_u32(r);
    rd_bytes(r, out->key, sizeof out->key);
    out->current_state = rd_u32(r);
    out->new_state = rd_u32(r);
    rd_skip(r, 12); /* BreakReason, AccessMaskHint, ShareMaskHint */
    rd_require(r, (out->current_state & ~(uint32_t)LEASE_STATES) == 0);
    rd_require(r, (out->new_state & ~out->current_state) == 0);
}

bool smb2_break_notice_get(struct smb2_break_notice *out, struct span msg)
{
    struct rd r = rd_from(msg, SMB2_HEADER_LEN);

    *out = (struct smb2_break_notice){0};
    switch (rd_u16(&r)) { /* StructureSize */
    case SMB2_OPLOCK_BREAK_LEN:
        oplock_get(&r, &out->level, &out->file);
        rd_require(&r, out->level <= SMB2_OPLOCK_LEVEL_II);
        break;
    case SMB2_LEASE_BREAK_LEN: lease_notice_get(&r, out); break;
    default: return false;
    }
    return rd_ok(&r);
}

/* ---------------------------------------------------------------- acknowledgments */

void smb2_break_ack_put(struct wr *w, const struct smb2_break_ack *ack)
{
    if (!ack->lease) {
        oplock_put(w, ack->level, ack->file);
        return;
    }
    wr_u16(w, SMB2_LEASE_ACK_LEN); /* StructureSize */
    wr_u16(w, 0);                  /* Reserved */
    wr_u32(w, 0);                  /* Flags */
    wr_bytes(w, ack->key, sizeof ack->key);
    wr_u32(w, ack->state);
    wr_u64(w, 0); /* LeaseDuration */
}

bool smb2_break_ack_get(struct smb2_break_ack *out, struct span msg)
{
    struct rd r = rd_from(msg, SMB2_HEADER_LEN);

    *out = (struct smb2_break_ack){0};
    switch (rd_u16(&r)) { /* StructureSize */
    case SMB2_OPLOCK_BREAK_LEN: oplock_get(&r, &out->level, &out->file); break;
    case SMB2_LEASE_ACK_LEN:
        out->lease = true;
        rd_skip(&r, 6); /* Reserved, Flags */
        rd_bytes(&r, out->key, sizeof out->key);
        out->state = rd_u32(&r);
        rd_skip(&r, 8); /* LeaseDuration */
        break;
    default: return false;
    }
    return rd_ok(&r);
}
