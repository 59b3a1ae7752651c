/* ioctl.c: IOCTL (MS-SMB2 2.2.31, 2.2.32) and VALIDATE_NEGOTIATE_INFO. */
#include "proto/ioctl.h"

enum { REQUEST_LEN = 56, REPLY_LEN = 48 }; /* before the buffers */

void smb2_ioctl_request_put(struct wr *w, const struct smb2_ioctl_request *q)
{
    wr_u16(w, 57); /* StructureSize */
    wr_u16(w, 0);  /* Reserved */
    wr_u32(w, q->ctl_code);
    smb2_file_id_put(w, q->file);
    wr_u32(w, q->input.len > 0 ? SMB2_HEADER_LEN + REQUEST_LEN : 0); /* InputOffset */
    wr_size32(w, q->input.len);
    wr_u32(w, q->max_input_response);
    wr_u32(w, 0); /* OutputOffset */
    wr_u32(w, 0); /* OutputCount */
    wr_u32(w, q->max_output_response);
    wr_u32(w, q->flags);
    wr_u32(w, 0); /* Reserved2 */
    smb2_buffer_put(w, q->input);
}

bool smb2_ioctl_request_get(struct smb2_ioctl_request *out, struct span msg)
{
    struct rd r = rd_from(msg, SMB2_HEADER_LEN);

    rd_structure_size(&r, 57);
    rd_skip(&r, 2); /* Reserved */
    out->ctl_code = rd_u32(&r);
    out->file = smb2_file_id_get(&r);
    uint32_t input = rd_u32(&r);
    uint32_t input_len = rd_u32(&r);
    out->max_input_response = rd_u32(&r);
    rd_skip(&r, 8); /* OutputOffset, OutputCount */
    out->max_output_response = rd_u32(&r);
    out->flags = rd_u32(&r);
    rd_skip(&r, 4); /* Reserved2 */
    out->input = rd_view(&r, input, input_len);
    return rd_ok(&r);
}

void smb2_ioctl_reply_put(struct wr *w, const struct smb2_ioctl_reply *a)
{
    wr_u16(w, 49); /* StructureSize */
    wr_u16(w, 0);  /* Reserved */
    wr_u32(w, a->ctl_code);
    smb2_file_id_put(w, a->file);
    wr_u32(w, SMB2_HEADER_LEN + REPLY_LEN); /* InputOffset */
    wr_size32(w, a->input.len);
    size_t output = w->pos;
    wr_u32(w, 0); /* OutputOffset */
    wr_size32(w, a->output.len);
    wr_u32(w, 0); /* Flags */
    wr_u32(w, 0); /* Reserved2 */
    wr_span(w, a->input);
    wr_align(w, 0);
    wr_patch(w, output, SMB2_HEADER_LEN + w->pos, 4);
    wr_span(w, a->output);
}

bool smb2_ioctl_reply_get(struct smb2_ioctl_reply *out, struct span msg, uint32_t max_output)
{
    struct rd r = rd_from(msg, SMB2_HEADER_LEN);

    rd_structure_size(&r, 49);
    rd_skip(&r, 2); /* Reserved */
    out->ctl_code = rd_u32(&r);
    out->file = smb2_file_id_get(&r);
    uint32_t input = rd_u32(&r);
    uint32_t input_len = rd_u32(&r);
    uint32_t output = rd_u32(&r);
    uint32_t output_len = rd_u32(&r);
    rd_skip(&r, 8); /* Flags, Reserved2 */
    out->input = rd_view(&r, input, input_len);
    out->output = rd_view(&r, output, output_len);
    return rd_ok(&r) && output_len <= max_output;
}

/* ---------------------------------------------------------------- VALIDATE_NEGOTIATE_INFO */

void smb2_validate_negotiate_request_put(struct wr *w,
                                         const struct smb2_validate_negotiate_request *q)
{
    wr_u32(w, q->capabilities);
    wr_bytes(w, q->client_guid, sizeof q->client_guid);
    wr_u16(w, q->security_mode);
    wr_u16(w, q->dialect_count);
    for (uint16_t i = 0; i < q->dialect_count; i++) {
        wr_u16(w, q->dialects[i]);
    }
}

bool smb2_validate_negotiate_request_get(struct smb2_validate_negotiate_request *out,
                                         struct span input)
{
    struct rd r = rd_from(input, 0);

    *out = (struct smb2_validate_negotiate_request){0};
    out->capabilities = rd_u32(&r);
    rd_bytes(&r, out->client_guid, sizeof out->client_guid);
    out->security_mode = rd_u16(&r);
    out->dialect_count = rd_u16(&r);
    rd_require(&r, out->dialect_count <= SMB2_DIALECTS_MAX);
    for (uint16_t i = 0; rd_ok(&r) && i < out->dialect_count; i++) {
        out->dialects[i] = rd_u16(&r);
    }
    return rd_ok(&r);
}

void smb2_validate_negotiate_reply_put(struct wr *w, const struct smb2_validate_negotiate_reply *a)
{
    wr_u32(w, a->capabilities);
    wr_bytes(w, a->server_guid, sizeof a->server_guid);
    wr_u16(w, a->security_mode);
    wr_u16(w, a->dialect);
}

bool smb2_validate_negotiate_reply_get(struct smb2_validate_negotiate_reply *out,
                                       struct span output)
{
    struct rd r = rd_from(output, 0);

    out->capabilities = rd_u32(&r);
    rd_bytes(&r, out->server_guid, sizeof out->server_guid);
    out->security_mode = rd_u16(&r);
    out->dialect = rd_u16(&r);
    return rd_ok(&r);
}
