/* compression.c: compressed frames (MS-SMB2 2.2.42). */
#include "proto/compression.h"

#include "proto/decompress.h"

enum { CHAIN_HEADER_LEN = 8 }; /* of a chained frame, before its list of payloads */

/* ---------------------------------------------------------------- frames */

void smb2_compression_put(struct wr *w, const struct smb2_compression *c)
{
    wr_u32(w, SMB2_COMPRESSION_PROTOCOL_ID);
    wr_u32(w, c->original_size);
    if (!c->chained) {
        wr_u16(w, c->algorithm);
        wr_u16(w, 0); /* Flags */
        wr_size32(w, c->plain.len);
        wr_span(w, c->plain);
    }
    wr_span(w, c->data);
}

bool smb2_compression_get(struct smb2_compression *out, struct span frame)
{
    struct rd r = rd_from(frame, 0);

    *out = (struct smb2_compression){0};
    rd_require(&r, rd_u32(&r) == SMB2_COMPRESSION_PROTOCOL_ID);
    out->original_size = rd_u32(&r);
    out->algorithm = rd_u16(&r);
    uint16_t flags = rd_u16(&r);
    uint32_t offset = rd_u32(&r); /* chained: Length of the first payload */
    rd_require(&r, flags == 0 || flags == SMB2_COMPRESSION_FLAG_CHAINED);
    if (!rd_ok(&r)) {
        return false;
    }
    if (flags == SMB2_COMPRESSION_FLAG_CHAINED) {
        out->chained = true;
        out->algorithm = SMB2_COMPRESSION_NONE;
        r = rd_from(frame, CHAIN_HEADER_LEN);
    } else {
        out->plain = rd_take(&r, offset);
    }
    out->data = rd_take(&r, rd_left(&r));
    return rd_ok(&r);
}

uint64_t smb2_compression_message_len(const struct smb2_compression *c)
{
    return (uint64_t)c->plain.len + c->original_size;
}

/* ---------------------------------------------------------------- payloads */

/* MS-SMB2 2.2.42.2.1: who says how long his payload was. */
static bool has_original_size(uint16_t algorithm)
{
    return algorithm != SMB2_COMPRESSION_NONE && algorithm != SMB2_COMPRESSION_PATTERN_V1;
}

void smb2_compressed_payload_put(struct wr *w, const struct smb2_compressed_payload *p)
{
    size_t more = has_original_size(p->algorithm) ? 4 : 0;

    wr_u16(w, p->algorithm);
    wr_u16(w, w->pos == 2 ? SMB2_COMPRESSION_FLAG_CHAINED : 0); /* Flags */
    wr_size32(w, more + p->data.len);
    if (more > 0) {
        wr_u32(w, p->original_size);
    }
    wr_span(w, p->data);
}

bool smb2_compressed_payload_next(struct rd *list, struct smb2_compressed_payload *out)
{
    if (rd_left(list) == 0) {
        return false;
    }
    out->algorithm = rd_u16(list);
    rd_skip(list, 2); /* Flags: the first one's were read with the frame, Windows leaves junk in
                         the others */
    uint32_t length = rd_u32(list);
    struct rd payload = rd_from(rd_take(list, length), 0);
    out->original_size = has_original_size(out->algorithm) ? rd_u32(&payload) : 0;
    rd_require(list, rd_ok(&payload));
    out->data = rd_take(&payload, rd_left(&payload));
    return rd_ok(list);
}

void smb2_pattern_v1_put(struct wr *w, const struct smb2_pattern_v1 *p)
{
    wr_u8(w, p->pattern);
    wr_u8(w, 0);  /* Reserved1 */
    wr_u16(w, 0); /* Reserved2 */
    wr_u32(w, p->repetitions);
}

bool smb2_pattern_v1_get(struct smb2_pattern_v1 *out, struct span data)
{
    struct rd r = rd_from(data, 0);

    out->pattern = rd_u8(&r);
    rd_skip(&r, 3); /* Reserved1, Reserved2 */
    out->repetitions = rd_u32(&r);
    return rd_ok(&r) && rd_left(&r) == 0;
}

/* ---------------------------------------------------------------- undoing it */

/* Undo one of the MS-XCA algorithms into the next `size` bytes of `w`. */
static void put_expanded(struct wr *w, uint16_t algorithm, uint32_t size, struct span data)
{
    uint8_t *out = wr_room(w, size);
    bool ok = false;

    if (!out && size > 0) {
        return;
    }
    switch (algorithm) {
    case SMB2_COMPRESSION_LZNT1: ok = lznt1_decompress(out, size, data); break;
    case SMB2_COMPRESSION_LZ77: ok = lz77_decompress(out, size, data); break;
    case SMB2_COMPRESSION_LZ77_HUFFMAN: ok = lz77_huffman_decompress(out, size, data); break;
    }
    if (!ok) {
        w->bad = true;
    }
}

static void put_pattern(struct wr *w, struct span data)
{
    struct smb2_pattern_v1 p;

    if (!smb2_pattern_v1_get(&p, data)) {
        w->bad = true;
        return;
    }
    uint8_t *out = wr_room(w, p.repetitions);
    if (out && p.repetitions > 0) {
        memset(out, p.pattern, p.repetitions);
    }
}

static bool is_agreed(const struct smb2_compression_agreed *agreed, uint16_t algorithm)
{
    for (size_t i = 0; i < agreed->ids.count; i++) {
        if (agreed->ids.id[i] == algorithm) {
            return true;
        }
    }
    return false;
}

/* MS-SMB2 3.1.5.3. */
static void put_chain(struct wr *w, struct span list, const struct smb2_compression_agreed *agreed)
{
    struct rd r = rd_from(list, 0);
    struct smb2_compressed_payload p;

    if (!agreed->chained) {
        w->bad = true;
    }
    while (wr_ok(w) && smb2_compressed_payload_next(&r, &p)) {
        if (p.algorithm == SMB2_COMPRESSION_NONE) {
            wr_span(w, p.data);
        } else if (!is_agreed(agreed, p.algorithm)) {
            w->bad = true;
        } else if (p.algorithm == SMB2_COMPRESSION_PATTERN_V1) {
            put_pattern(w, p.data);
        } else {
            put_expanded(w, p.algorithm, p.original_size, p.data);
        }
    }
    if (!rd_ok(&r)) {
        w->bad = true;
    }
}

/* NONE and Pattern_V1 exist in chains only (MS-SMB2 2.2.42.1, 2.2.42.2.2): put_expanded() knows
 * neither. */
static void put_segment(struct wr *w, const struct smb2_compression *c,
                        const struct smb2_compression_agreed *agreed)
{
    if (!is_agreed(agreed, c->algorithm)) {
        w->bad = true;
        return;
    }
    wr_span(w, c->plain);
    put_expanded(w, c->algorithm, c->original_size, c->data);
}

bool smb2_decompress(struct wr *w, const struct smb2_compression *c,
                     const struct smb2_compression_agreed *agreed)
{
    uint64_t len = smb2_compression_message_len(c);
    uint8_t *out = len > 0 && len <= w->cap - w->pos ? wr_room(w, (size_t)len) : NULL;

    if (!out) {
        w->bad = true;
        return false;
    }
    struct wr message = wr_from(out, (size_t)len);
    if (c->chained) {
        put_chain(&message, c->data, agreed);
    } else {
        put_segment(&message, c, agreed);
    }
    /* MS-SMB2 3.2.5.1.1.2: as long as announced, and an SMB2 message. */
    if (!wr_ok(&message) || message.pos != message.cap ||
        smb2_protocol_id(wr_written(&message)) != SMB2_PROTOCOL_ID) {
        w->bad = true;
    }
    return wr_ok(w);
}
