/* copychunk.c: copying within a server (MS-SMB2 2.2.31.1, 2.2.32.1, 2.2.32.3). */
#include "proto/copychunk.h"

void srv_resume_key_put(struct wr *w, const struct srv_resume_key *a)
{
    wr_bytes(w, a->key, sizeof a->key);
    wr_u32(w, 0); /* ContextLength */
    wr_u32(w, 0); /* Context: servers send four bytes of it */
}

bool srv_resume_key_get(struct srv_resume_key *out, struct span output)
{
    struct rd r = rd_from(output, 0);

    rd_bytes(&r, out->key, sizeof out->key);
    rd_skip(&r, 4); /* ContextLength: without meaning */
    return rd_ok(&r);
}

void srv_copychunk_put(struct wr *w, const struct srv_copychunk *q)
{
    wr_bytes(w, q->source.key, sizeof q->source.key);
    wr_u32(w, q->count);
    wr_u32(w, 0); /* Reserved */
    for (uint32_t i = 0; i < q->count; i++) {
        wr_u64(w, q->chunks[i].source_offset);
        wr_u64(w, q->chunks[i].target_offset);
        wr_u32(w, q->chunks[i].length);
        wr_u32(w, 0); /* Reserved */
    }
}

bool srv_copychunk_get(struct srv_copychunk *out, struct span input)
{
    struct rd r = rd_from(input, 0);

    rd_bytes(&r, out->source.key, sizeof out->source.key);
    out->count = rd_u32(&r);
    rd_skip(&r, 4); /* Reserved */
    rd_require(&r, out->count <= SRV_CHUNKS_MAX);
    for (uint32_t i = 0; rd_ok(&r) && i < out->count; i++) {
        out->chunks[i].source_offset = rd_u64(&r);
        out->chunks[i].target_offset = rd_u64(&r);
        out->chunks[i].length = rd_u32(&r);
        rd_skip(&r, 4); /* Reserved */
    }
    return rd_ok(&r);
}

void srv_copychunk_reply_put(struct wr *w, const struct srv_copychunk_reply *a)
{
    wr_u32(w, a->chunks_written);
    wr_u32(w, a->chunk_bytes_written);
    wr_u32(w, a->total_bytes_written);
}

bool srv_copychunk_reply_get(struct srv_copychunk_reply *out, struct span output)
{
    struct rd r = rd_from(output, 0);

    out->chunks_written = rd_u32(&r);
    out->chunk_bytes_written = rd_u32(&r);
    out->total_bytes_written = rd_u32(&r);
    return rd_ok(&r);
}
