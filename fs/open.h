/* open.h: the one door for names: the only place where a CREATE goes out by name (MS-SMB2 3.2.4.3).
 *
 * What a server answers to a name instead of opening it is handled here, once, under one budget, for every
 * operation that takes a path: symbolic links are followed (fs/follow); a DFS link and a lost connection are
 * errors that say so. */
#ifndef LSMB_FS_OPEN_H
#define LSMB_FS_OPEN_H

#include "base/op.h"
#include "conn/compound.h"
#include "fs/path.h"
#include "fs/share.h"
#include "proto/create.h"

/* What a server gave for a name. */
struct open {
    struct lsmb_share *share; /* NULL while not open */
    struct smb2_file_id id;
    struct lsmb_stat stat; /* as of CREATE */
    uint32_t action;       /* enum smb2_create_action */
};

enum { OPEN_TAIL_MAX = 5 };

/* Requests that leave in one frame with the CREATE, each for the file that it opens: their bodies name it
 * SMB2_FILE_ID_NONE (MS-SMB2 3.2.4.1.4).  They are the owner's, who looks at their answers and drops them. */
struct open_tail {
    /* Lay bodies and specs of `parts` anew, `count` of them, each time before a CREATE goes out: the requests
     * are idle.  False when memory is short: then the CREATE goes alone.  Waiters are set here. */
    bool (*lay)(void *arg, struct open_tail *tail);
    void *arg;
    struct compound_part parts[OPEN_TAIL_MAX];
    unsigned count;
    /* The outcome, when the operation has ended well: the tail went with the CREATE that opened the file, and
     * all of it was answered, whatever the statuses.  Where a CLOSE in it went well, the open is not open any
     * more (open.share is NULL).  False: the file is open, nothing else has happened to it, and the requests
     * are idle: what was to happen is asked for one by one. */
    bool sent;
};

struct open_want {
    uint32_t access, share_access, disposition, options; /* MS-SMB2 2.2.13 */
    uint32_t attributes;                                 /* of a file that is made */
    const char *step; /* what it is opened for, for errors: "delete"; NULL: "open" */
    bool want_id;     /* ask for the file's number (QFid): open.stat.file_id */
    bool pipe;        /* the name is that of a named pipe, on a share that holds those */
    uint8_t oplock;   /* enum smb2_oplock_level */
    /* So many components at the end of the path must be no links: one that a server stops at is LSMB_E_USAGE
     * there, and followed only before them. */
    unsigned linkless;
    /* Further CREATE contexts (smb2_create_context_put), borrowed until the operation has ended; and who
     * reads the answer (NULL: nobody): false is a breach of the protocol, and the file is closed again. */
    struct span contexts;
    bool (*take_reply)(void *arg, const struct smb2_create_reply *reply);
    void *take_arg;
    /* Gets the path that was opened in the end, where links have led to it, the caller's to path_free(); as it
     * is, where none did.  NULL: nobody wants to know. */
    struct path *led_to;
    /* What is to happen to the file in the same round trip; borrowed until the operation has ended.  NULL:
     * nothing.  On a lazy share that is not connected to yet (struct lsmb_target) TREE_CONNECT goes first, in
     * the same frame, if the want is for reading only. */
    struct open_tail *tail;
};

struct attach_op;
struct snapshot_find_op;

struct open_op {
    struct op op; /* first */
    struct lsmb_share *share;
    struct path path;  /* to ask for */
    uint64_t when;     /* of the snapshot to look in, FILETIME; 0: now */
    char *text;        /* owned: the path as given, for errors */
    size_t name_bytes; /* of the name that was sent */
    unsigned hops;     /* links followed */
    struct open_want want;
    struct open *open;
    struct request request;
    /* For fs/open_chain: */
    bool tailed;     /* want.tail is in the frame of the CREATE */
    bool no_tail;    /* it is not to be in the next one */
    bool attaching;  /* TREE_CONNECT is in the frame */
    bool tree_apart; /* it is to go by itself */
    uint8_t repeats; /* of the frame, because a logon had run out */
    struct request tree_request;
    bool taken;               /* the answer has been looked at: what is open is the caller's */
    bool at_share;            /* the error is not the name's */
    struct attach_op *attach; /* owned, while it runs: the share is not connected to yet */
    struct snapshot_find_op *finding; /* owned, while it runs: is there a snapshot of `when`? */
};

/* Whether a want leaves what it opens as it is. */
bool open_only_reads(const struct open_want *want);

/* Start as a child of `parent`.  `path` is copied; a component "@GMT-..." in it means a snapshot
 * (path_set_at), and one that the server does not list is LSMB_E_NOT_FOUND (fs/snapshot_find).  Symbolic links
 * that lead elsewhere in the share are followed (but see want.linkless); the last component's only without
 * FILE_OPEN_REPARSE_POINT, which opens the link itself.  On success `*open` is to be closed with close_start() or open_drop().  Errors
 * carry the UNC path as it was given, and where links led. */
void open_start(struct open_op *op, struct op *parent, struct lsmb_share *share, const char *path,
                const struct open_want *want, struct open *open);

/* CLOSE, and what the file looks like at that moment (MS-SMB2 3.2.4.5): `stat` may be NULL.  (fs/close.c) */
struct close_op {
    struct op op; /* first */
    struct open *open;
    struct lsmb_stat *stat;
    struct request request;
};
void close_start(struct close_op *op, struct op *parent, struct open *open, struct lsmb_stat *stat);

/* CLOSE without waiting for the answer; harmless when not open. */
void open_drop(struct open *open);

#endif
