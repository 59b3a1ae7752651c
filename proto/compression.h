/* compression.h: compressed frames (MS-SMB2 2.2.42). */
#ifndef LSMB_PROTO_COMPRESSION_H
#define LSMB_PROTO_COMPRESSION_H

#include "proto/negotiate.h"

enum {
    SMB2_COMPRESSION_LEN = 16,              /* least bytes of a frame, of either form */
    SMB2_COMPRESSION_FLAG_CHAINED = 0x0001, /* MS-SMB2 2.2.42.2.1 */
};

/* A frame: one segment compressed behind a plain beginning (MS-SMB2 2.2.42.1), or a chain of
 * payloads, each with its own algorithm (MS-SMB2 2.2.42.2). */
struct smb2_compression {
    bool chained;
    uint32_t original_size; /* OriginalCompressedSegmentSize: bytes; `plain` is not counted */
    uint16_t algorithm;     /* not chained: enum smb2_compression_algorithm */
    struct span plain;      /* not chained: what stands before the segment, as it is */
    struct span data;       /* the segment; chained: a list of payloads */
};

/* Write a whole frame; a chain's list comes from smb2_compressed_payload_put(). */
void smb2_compression_put(struct wr *w, const struct smb2_compression *c);

/* Read a frame.  Says nothing about the list of payloads, nor whether the algorithm was agreed. */
bool smb2_compression_get(struct smb2_compression *out, struct span frame);

/* Bytes of the message that the frame announces. */
uint64_t smb2_compression_message_len(const struct smb2_compression *c);

/* One payload of a chain.  MS-SMB2 2.2.42.2.1. */
struct smb2_compressed_payload {
    uint16_t algorithm;     /* enum smb2_compression_algorithm */
    uint32_t original_size; /* OriginalPayloadSize: bytes; 0 for NONE and Pattern_V1 */
    struct span data;
};

/* Append a payload to a list written from position 0 of `w`. */
void smb2_compressed_payload_put(struct wr *w, const struct smb2_compressed_payload *p);

/* The next payload of a list read from position 0; false at its end or where it is malformed
 * (rd_ok tells). */
bool smb2_compressed_payload_next(struct rd *list, struct smb2_compressed_payload *out);

/* The data of a Pattern_V1 payload: one byte, many times.  MS-SMB2 2.2.42.2.2. */
struct smb2_pattern_v1 {
    uint8_t pattern;
    uint32_t repetitions;
};
void smb2_pattern_v1_put(struct wr *w, const struct smb2_pattern_v1 *p);
bool smb2_pattern_v1_get(struct smb2_pattern_v1 *out, struct span data);

/* What NEGOTIATE agreed on: Connection.CompressionIds and Connection.SupportsChainedCompression
 * (MS-SMB2 3.2.1.2). */
struct smb2_compression_agreed {
    struct smb2_algorithms ids;
    bool chained;
};

/* Write the message that the frame holds, all of it or not at all: the room in `w` is the caller's
 * limit.  False, with the writer bad, when the message is longer than that, when it is not exactly
 * as long as announced or no SMB2 message, when an algorithm was not agreed on (NONE in a chain
 * needs no agreement) or is one that we cannot undo (LZ4), and when the data is malformed.  Takes
 * time in proportion to the frame and the room.  `w` must not overlap the frame.
 * MS-SMB2 3.1.5.3, 3.2.5.1.1.2. */
bool smb2_decompress(struct wr *w, const struct smb2_compression *c,
                     const struct smb2_compression_agreed *agreed);

#endif
