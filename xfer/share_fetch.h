/* share_fetch.h: a file on a share in one round trip: CREATE, READ and CLOSE in one frame (MS-SMB2 3.2.4.1.4). */
#ifndef LSMB_XFER_SHARE_FETCH_H
#define LSMB_XFER_SHARE_FETCH_H

#include "fs/open.h"

struct share_fetch {
    struct lsmb_share *share; /* borrowed */
    uint32_t limit, asked;    /* bytes */
    struct open_tail tail;    /* for the CREATE */
    struct request read, close;
};

/* Prepare to bring up to `limit` bytes; fetch->tail goes with the CREATE (struct open_want). */
void share_fetch_init(struct share_fetch *fetch, struct lsmb_share *share, size_t limit);

enum fetched {
    FETCHED,         /* READ and CLOSE went well */
    FETCHED_NOT,     /* they did not; alone they may */
    FETCHED_NEITHER, /* the server broke a rule: never */
};

/* What has come with the tail, which was sent: `data`, borrowed from fetch->read, nothing of an empty file, and
 * in `at_close` what the file was like at its end: with bytes LSMB_SIZE_UNKNOWN where the server does not say.
 * `err` is filled in for FETCHED_NEITHER. */
enum fetched share_fetch_take(const struct share_fetch *fetch, struct span *data,
                              struct lsmb_stat *at_close, struct lsmb_error *err);

/* Let go of the answers, and of what has not been answered.  Harmless when there is nothing. */
void share_fetch_drop(struct share_fetch *fetch);

#endif
