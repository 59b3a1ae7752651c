/* share.h: a share as the user holds it: apart from the tree, which may be replaced underneath. */
#ifndef LSMB_FS_SHARE_H
#define LSMB_FS_SHARE_H

#include "conn/tree.h"
#include "fs/server.h"

struct lsmb_share {
    struct list node; /* in lsmb.shares */
    struct lsmb *smb;
    struct server *server;
    struct lane *lane;
    struct tree tree;
    char name[256]; /* the share's, UTF-8 */
    char unc[600];  /* "\\server\share" */
};

/* How a request on this share is addressed; `data` for READ and WRITE. */
struct request_spec share_spec(const struct lsmb_share *share, uint16_t command, uint32_t payload,
                               bool data);

/* "\\server\share\dir\file" for errors: `path` as the user gave it. */
void share_path_text(const struct lsmb_share *share, const char *path, char *out, size_t out_len);

static inline struct conn *share_conn(const struct lsmb_share *share)
{
    return &share->lane->link->conn;
}

#endif
