/* info.c: QUERY_INFO (MS-SMB2 2.2.37, 2.2.38) and SET_INFO (2.2.39, 2.2.40). */
#include "proto/info.h"

#include "proto/error.h"

enum { QUERY_REQUEST_LEN = 40, QUERY_REPLY_LEN = 8, SET_REQUEST_LEN = 32 }; /* before the buffer */

void smb2_query_info_request_put(struct wr *w, const struct smb2_query_info_request *q)
{
    wr_u16(w, 41); /* StructureSize */
    wr_u8(w, q->info_type);
    wr_u8(w, q->info_class);
    wr_u32(w, q->output_length);
    wr_u16(w, q->input.len > 0 ? SMB2_HEADER_LEN + QUERY_REQUEST_LEN : 0); /* InputBufferOffset */
    wr_u16(w, 0);                                                          /* Reserved */
    wr_size32(w, q->input.len);
    wr_u32(w, q->additional_information);
    wr_u32(w, q->flags);
    smb2_file_id_put(w, q->file);
    smb2_buffer_put(w, q->input);
}

bool smb2_query_info_request_get(struct smb2_query_info_request *out, struct span msg)
{
    struct rd r = rd_from(msg, SMB2_HEADER_LEN);

    rd_structure_size(&r, 41);
    out->info_type = rd_u8(&r);
    out->info_class = rd_u8(&r);
    out->output_length = rd_u32(&r);
    uint16_t input = rd_u16(&r);
    rd_skip(&r, 2); /* Reserved */
    uint32_t input_len = rd_u32(&r);
    out->additional_information = rd_u32(&r);
    out->flags = rd_u32(&r);
    out->file = smb2_file_id_get(&r);
    out->input = rd_view(&r, input, input_len);
    return rd_ok(&r);
}

void smb2_query_info_reply_put(struct wr *w, const struct smb2_query_info_reply *a)
{
    wr_u16(w, 9);                                 /* StructureSize */
    wr_u16(w, SMB2_HEADER_LEN + QUERY_REPLY_LEN); /* OutputBufferOffset */
    wr_size32(w, a->data.len);
    smb2_buffer_put(w, a->data);
}

bool smb2_query_info_reply_get(struct smb2_query_info_reply *out, struct span msg, uint32_t asked)
{
    struct rd r = rd_from(msg, SMB2_HEADER_LEN);

    rd_structure_size(&r, 9);
    uint16_t offset = rd_u16(&r);
    uint32_t length = rd_u32(&r);
    out->data = rd_view(&r, offset, length);
    return rd_ok(&r) && length <= asked;
}

bool smb2_needed_length_get(uint32_t *out, struct span msg)
{
    struct smb2_error_reply error;
    struct smb2_error_context context;

    if (!smb2_error_reply_get(&error, msg)) {
        return false;
    }
    if (error.context_count > 0 && !smb2_error_context_at(&error, 0, &context)) {
        return false;
    }
    struct rd r = rd_from(error.context_count > 0 ? context.data : error.data, 0);
    *out = rd_u32(&r);
    return rd_ok(&r);
}

void smb2_set_info_request_put(struct wr *w, const struct smb2_set_info_request *q)
{
    wr_u16(w, 33); /* StructureSize */
    wr_u8(w, q->info_type);
    wr_u8(w, q->info_class);
    wr_size32(w, q->data.len);
    wr_u16(w, SMB2_HEADER_LEN + SET_REQUEST_LEN); /* BufferOffset */
    wr_u16(w, 0);                                 /* Reserved */
    wr_u32(w, q->additional_information);
    smb2_file_id_put(w, q->file);
    smb2_buffer_put(w, q->data);
}

bool smb2_set_info_request_get(struct smb2_set_info_request *out, struct span msg)
{
    struct rd r = rd_from(msg, SMB2_HEADER_LEN);

    rd_structure_size(&r, 33);
    out->info_type = rd_u8(&r);
    out->info_class = rd_u8(&r);
    uint32_t length = rd_u32(&r);
    uint16_t offset = rd_u16(&r);
    rd_skip(&r, 2); /* Reserved */
    out->additional_information = rd_u32(&r);
    out->file = smb2_file_id_get(&r);
    out->data = rd_view(&r, offset, length);
    return rd_ok(&r);
}

void smb2_set_info_reply_put(struct wr *w)
{
    wr_u16(w, 2); /* StructureSize */
}

bool smb2_set_info_reply_get(struct span msg)
{
    struct rd r = rd_from(msg, SMB2_HEADER_LEN);

    rd_structure_size(&r, 2);
    return rd_ok(&r);
}
