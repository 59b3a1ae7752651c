/* share.h: what can be done with a share that the user holds. */
#ifndef LSMB_FS_SHARE_H
#define LSMB_FS_SHARE_H

#include "base/op.h"
#include "conn/request.h"
#include "fs/lsmb.h"

/* The context that a share hangs off. */
struct lsmb *share_context(const struct lsmb_share *share);

/* Whether the server can be reached now. */
bool share_up(const struct lsmb_share *share);

/* Why it cannot; and fail a step because of that. */
void share_why_lost(const struct lsmb_share *share, struct lsmb_error *err);
enum op_next share_lost(struct op *op, const struct lsmb_share *share);

/* How a request on this share is addressed; `data` for READ and WRITE.  The share must be up. */
struct request_spec share_spec(const struct lsmb_share *share, uint16_t command, uint32_t payload,
                               bool data);

/* The largest payload for the next READ, WRITE or other answer in bytes (conn_payload_limit). */
uint32_t share_read_limit(const struct lsmb_share *share);
uint32_t share_write_limit(const struct lsmb_share *share);
uint32_t share_transact_limit(const struct lsmb_share *share);

/* The shortest time that an answer took so far (struct conn); 0: none has come. */
uint64_t share_round_trip_ns(const struct lsmb_share *share);

/* Whether a READ or WRITE would go out at once: credits are left and nothing waits for them. */
bool share_wants_data(const struct lsmb_share *share);

/* What puts have seen of a share, so that it need not be found out for every file. */
struct share_seen {
    bool unmarks;      /* it takes a deletion mark back */
    bool unmarks_not;  /* it says so, and does not */
    bool looks_alone;  /* it does not know all questions about a target: they go one by one */
    bool moves;        /* it renames from one folder to another */
    unsigned occupied; /* files in a row whose target was there before */
};
struct share_seen *share_seen(struct lsmb_share *share);

/* Whether requests wait for the link to take them.  The share must be up. */
bool share_stuck(const struct lsmb_share *share);

/* The dialect that is spoken there (enum smb2_dialect); 0: none any more. */
uint16_t share_dialect(const struct lsmb_share *share);

/* "\\server\share\dir\file" for messages: `path` as the user gave it. */
void share_path_text(const struct lsmb_share *share, const char *path, char *out, size_t out_len);

/* Say in an error that it is about this path. */
void share_error_path(const struct lsmb_share *share, const char *path, struct lsmb_error *err);

#endif
