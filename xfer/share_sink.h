/* share_sink.h: what the parts of a sink on a share have in common.
 *
 *   sink_share.c    the calls of the engine; writing
 *   share_store.c   store: a small file whose name is free, in two frames (share_frame)
 *   share_place.c   open, for all others: how the target can come to its name, and a temporary beside it; with
 *                   share_look, share_access and share_probe, which find out what a rename would lose
 *   share_commit.c  commit: flush, and take a name that was free (share_finish); or keep (share_keep) and
 *                   rename; or copy the finished temporary into the target
 *   share_abort.c   abort: the temporary goes
 *   share_reread.c  reread: what was written, read back
 *   share_names.c   what target and temporary are called
 *   share_temps.c   a folder for the temporaries of many sinks
 *   share_take_over.c  take_over: the server copies a source that it has itself
 *
 * The temporary is marked for deletion from the moment it has its name until just before the rename.  So a
 * client that is killed, or whose link is lost, leaves nothing behind: the server closes his files, and
 * with that the temporary is gone.  (FILE_DELETE_ON_CLOSE at CREATE would do the same but cannot be taken
 * back on Windows: MS-FSA 2.1.5.1; the disposition can, there and with Samba.) */
#ifndef LSMB_XFER_SHARE_SINK_H
#define LSMB_XFER_SHARE_SINK_H

#include "fs/info.h"
#include "fs/open.h"
#include "fs/server_copy.h"
#include "fs/spelling.h"
#include "xfer/share_end.h"
#include "xfer/share_finish.h"
#include "xfer/share_keep.h"
#include "xfer/share_look.h"
#include "xfer/share_probe.h"
#include "xfer/share_temps.h"

enum share_way {
    SHARE_RENAME,   /* the temporary takes the target's name */
    SHARE_COPY,     /* the finished temporary is copied into the target */
    SHARE_STRAIGHT, /* the target is written itself */
};

/* What a listing of the target's folder has said about its name. */
enum share_name {
    SHARE_NAME_UNKNOWN,
    SHARE_NAME_FREE,
    SHARE_NAME_TAKEN, /* perhaps in another spelling */
    SHARE_NAME_SPELT, /* taken, exactly as it is */
};

struct share_store;

/* What only the general way needs, and a file that is stored does not pay for. */
struct share_general {
    struct share_look look;
    struct share_probe probe;
    struct share_keep keep;
    struct query_info_op query;
    struct flush_op flushing;
    struct spelling_op spelling;
    struct server_copy_op copying; /* SHARE_COPY, if the server can; and take_over() */
    struct lsmb_error pump_err;
    /* In the frame that makes the temporary: its mark, and room for what it is to hold. */
    struct open_tail tail;
    struct request mark, room;
    struct share_finish finish; /* how it gets its name, if that is free */
};

struct share_sink {
    struct lsmb_sink sink; /* first */
    struct share_end end;

    const char *why;           /* it is not renamed; NULL = it is */
    struct path target;        /* its name, as it is written in its folder */
    char *target_text;         /* owned: in UTF-8 */
    char *temp_text;           /* owned: the temporary's name; NULL = none */
    struct share_temps *temps; /* held: a folder for it; NULL: beside the target */
    bool in_temps;             /* `temp_text` is there */
    struct path led_to;        /* the temporary's, if links have led to it */
    uint64_t bytes;            /* of the source, then of what was written */
    int64_t written_at; /* the source's time of writing, ns since 1970, that is kept; 0: none is */
    enum lsmb_publish how;
    unsigned
        linkless; /* components of the target's name, from its end, that must be no links; 0: a link is followed */
    enum share_name name;
    enum share_way way;
    unsigned names_tried; /* for the temporary */
    unsigned renames_tried;
    bool keep_times;
    bool exists;        /* there is a target */
    bool doomed;        /* the temporary is marked for deletion */
    bool doomed_unsure; /* it may be: the answer to the mark cannot be believed */
    bool useless;       /* it is to be taken away before open(): store() has made it in vain */
    /* What has begun must not be cut off: */
    bool making_temp; /* a temporary is made, or renamed, and not yet marked */
    bool publishing;  /* a rename or a copy into the target is under way */
    /* A rename was sent, and nobody who can be believed has refused it. */
    bool may_be_target;
    bool uncleared; /* the target is written itself, and has its old content still */

    struct share_general *general; /* owned: NULL until open() */
    struct share_store *store;     /* owned, while it runs */
    struct open temp, final;       /* `final`: the target, opened to be written */
    struct open *written;          /* the one that WRITEs go to */

    struct lsmb_error
        open_err;       /* why open() or store() failed, while what it had made is taken away */
    struct timer pause; /* between two renames */
    char *probe_text;   /* owned: the name that `probe` uses */
    struct open_op opening;
    struct set_info_op setting;
    struct close_op closing;

    struct lsmb_stat source; /* what is to be copied */
    struct open *from;       /* borrowed: of take_over(), like what it answers */
    bool *taken;

    struct lsmb_source *reader; /* owned: reads the temporary if it cannot */
    struct pump *pump;          /* owned */
};

static inline struct share_sink *share_sink_of(struct op *op)
{
    return CONTAINER_OF(op, struct share_sink, end.op);
}

extern const struct op_kind share_store_kind;  /* of s->store */
extern const struct op_kind share_place_kind;  /* opens s->written */
extern const struct op_kind share_commit_kind; /* of s->bytes bytes */
extern const struct op_kind share_abort_kind;
extern const struct op_kind share_clear_kind; /* of s->uncleared */

/* How the temporary is opened, and the target when it is written itself. */
struct open_want share_temp_want(struct share_sink *s);
struct open_want share_target_want(const struct share_sink *s);

/* What setting the time of writing takes. */
static inline uint32_t share_times_access(const struct share_sink *s)
{
    return s->written_at != 0 ? (uint32_t)FILE_WRITE_ATTRIBUTES : 0;
}

/* The target's name from the path that the user gave; harmless when it has one. */
bool share_name_target(struct share_sink *s, struct lsmb_error *err);

/* Whether it is that of an alternate stream. */
bool share_names_stream(const struct share_sink *s);

/* What a server says to FLUSH that has nothing to flush. */
bool share_flush_unknown(uint32_t status);

/* A fresh name for the temporary, in s->temps or beside the target's; for that of a stream it is made from its
 * file's. */
bool share_name_temp(struct share_sink *s, struct lsmb_error *err);

/* The server has refused something about the temporary: if it was in s->temps, none goes there any more. */
void share_refuse_temps(struct share_sink *s);

/* Links have led the temporary to another folder.  A server stops at links in a new name, too, so that is made of
 * where the temporary really is. */
bool share_names_follow(struct share_sink *s, struct lsmb_error *err);

/* For struct open_want, when the temporary is opened: as many components as the target has that must be no links,
 * though it may lie deeper. */
unsigned share_temp_linkless(const struct share_sink *s);

/* lsmb_sink_share() in a tree: the last `linkless` components of `path` lie in it.  None of them may be a link but
 * the last: that is replaced, or an error where it would have to be written into. */
struct lsmb_sink *sink_share_in_tree(struct lsmb_share *share, const char *path, unsigned linkless,
                                     enum lsmb_publish how);

/* Let the temporary of a sink on a share, which nothing has begun, be made in `temps`, which is in the folder of its
 * target; held from now on. */
void sink_share_use_temps(struct lsmb_sink *sink, struct share_temps *temps);

/* Tell a sink on a share, which nothing has begun, what is known of its target's name. */
void sink_share_tell_name(struct lsmb_sink *sink, enum share_name name);

/* The share that a sink is on; NULL: on none. */
const struct lsmb_share *sink_share_where(struct lsmb_sink *sink);

/* The engine's calls. */
void share_take_over(struct lsmb_sink *sink, struct lsmb_source *source, bool *taken,
                     struct lsmb_wait *wait);
uint64_t share_taken_over(struct lsmb_sink *sink);

/* Fail a step if `target` is the very file that is to be copied; else OP_AGAIN. */
enum op_next share_refuse_source(struct op *op, const struct open *target);

/* Tell the host that, and why, the target is written in place. */
void share_warn(const struct share_sink *s);

/* Tell it what has become of a temporary name: that it "is left: ...". */
void share_warn_left(const struct share_sink *s, const char *name, const char *how);

#endif
