/* copychunk.h: copying within a server (FSCTL_SRV_REQUEST_RESUME_KEY, FSCTL_SRV_COPYCHUNK).
 *
 * Everything here is the input or output of an IOCTL, not a message. */
#ifndef LSMB_PROTO_COPYCHUNK_H
#define LSMB_PROTO_COPYCHUNK_H

#include "proto/bytes.h"

enum {
    SRV_RESUME_KEY_LEN = 24,
    SRV_RESUME_KEY_REPLY_MAX = 32, /* bytes to ask for: the key, ContextLength and what pads it */
    SRV_COPYCHUNK_REPLY_LEN = 12,
    SRV_CHUNK_LEN = 24,     /* of a chunk in a request */
    SRV_COPYCHUNK_LEN = 32, /* of a request before its chunks */
    SRV_CHUNKS_MAX = 256,   /* in one request, as we send them (MS-SMB2 3.3.3) */
};

/* Names an open file to the server it is on.  MS-SMB2 2.2.32.3. */
struct srv_resume_key {
    uint8_t key[SRV_RESUME_KEY_LEN];
};
void srv_resume_key_put(struct wr *w, const struct srv_resume_key *a);
bool srv_resume_key_get(struct srv_resume_key *out, struct span output);

/* One range of bytes.  MS-SMB2 2.2.31.1.1. */
struct srv_chunk {
    uint64_t source_offset, target_offset;
    uint32_t length; /* bytes */
};

/* MS-SMB2 2.2.31.1. */
struct srv_copychunk {
    struct srv_resume_key source;
    uint32_t count;
    struct srv_chunk chunks[SRV_CHUNKS_MAX];
};
void srv_copychunk_put(struct wr *w, const struct srv_copychunk *q);

/* False also for more chunks than SRV_CHUNKS_MAX. */
bool srv_copychunk_get(struct srv_copychunk *out, struct span input);

/* What was written; with STATUS_INVALID_PARAMETER: the most chunks, bytes of a chunk and bytes of all
 * chunks that the server takes in one request.  MS-SMB2 2.2.32.1. */
struct srv_copychunk_reply {
    uint32_t chunks_written;
    uint32_t chunk_bytes_written; /* of the chunk that was not written whole */
    uint32_t total_bytes_written;
};
void srv_copychunk_reply_put(struct wr *w, const struct srv_copychunk_reply *a);
bool srv_copychunk_reply_get(struct srv_copychunk_reply *out, struct span output);

#endif
