/* download.h: an object that is got in pieces, several at a time, whose bytes go straight into the ranges that were lent.
 *
 *   download.c        ranges and pieces; what goes wrong, and the end
 *   download_piece.c  one piece: a GetObject of a part of the object, and where its bytes go
 *   download_check.c  what the object is, and its checksum
 *
 * A piece is begun when the first range in it is lent, and its bytes wait in the socket while no range is there to take
 * them: nothing is kept here.  All pieces are of the version that the first answer was about. */
#ifndef LSMB_AWS_DOWNLOAD_H
#define LSMB_AWS_DOWNLOAD_H

#include "aws/object.h"
#include "aws/sum.h"

enum {
    DOWNLOAD_PIECES = 6, /* that fill a line: one connection to S3 brings 50 to 90 MB/s */
    DOWNLOAD_PIECE_LEAST = 1 << 20, /* bytes */
    DOWNLOAD_PIECE_MOST = 8 << 20,
    DOWNLOAD_RANGE_MOST = DOWNLOAD_PIECE_LEAST, /* so no range touches more than two pieces */
    DOWNLOAD_PAUSE_MS =
        5000, /* a piece that nobody takes gives its connection back: others may wait for one */
};

struct download_range;

/* A part of a range, all of it in one piece. */
struct download_part {
    struct list node; /* in piece->parts, by offset, until it has come */
    struct download_range *owner;
    uint64_t begin, end;
};

/* A range that was lent. */
struct download_range {
    struct list node;         /* in download->ranges, or ->spare */
    struct lsmb_range *range; /* borrowed */
    struct lsmb_wait *wait;   /* NULL: it is answered with all of a fetch */
    size_t left;              /* bytes that have not come */
    struct download_part parts[2];
};

struct piece {
    struct list node; /* in download->pieces */
    struct download *download;
    struct call call;
    uint64_t begin, at, end; /* where it begins and ends; what comes next */
    uint64_t asked_at;       /* `at` when the call was begun */
    uint64_t skip;           /* bytes of the answer that lie before `at` */
    struct list parts;       /* of ranges, that wait for bytes */
    struct sum_span *span;   /* owned: its share in the checksum; NULL: none */
    bool asked;              /* the call is open */
    bool paused;             /* it brings no more until call_resume() */
    bool plain;              /* all of the object is asked for */
    bool by_version;         /* the version that was found was asked for */
    struct ready over;       /* more comes than was asked for: end the call */
    struct timer pause;
    struct ready pause_over;
    unsigned little;    /* calls in a row that were lost when they had brought next to nothing */
    struct timer again; /* before the next one: it is not asked for meanwhile */
    struct ready again_over;
    char range[56]; /* header */
};

struct download {
    struct lsmb_s3 *s3; /* borrowed */
    char *bucket, *key; /* owned, like all texts */
    char *version;      /* that is wanted; NULL: the latest */
    char *name;         /* for errors */
    uint64_t listed;    /* bytes it is said to have; LSMB_SIZE_UNKNOWN: nobody said */
    bool known;         /* the first answer has come: what follows is set */
    struct object_head head;
    char *etag;         /* NULL: no answer has come */
    char *found;        /* its version; NULL: it has none, or we may not ask for it */
    bool found_denied;  /* the latter */
    struct list pieces; /* that are not complete */
    struct list ranges, spare;
    size_t lent, lent_most; /* bytes of ranges */
    uint64_t frontier;      /* pieces were begun up to here */
    struct sum sum;
    struct call look;      /* HeadObject, for the checksum */
    bool looking;          /* what comes waits for it: nobody knows what checksum is wanted */
    struct lsmb_error err; /* what went wrong first */
    struct ready failed;   /* then all is given up */

    struct lsmb_wait *opening; /* calls that are open */
    struct lsmb_wait *finishing;
    struct lsmb_stat *out;      /* of open and fetch */
    struct lsmb_range *fetched; /* NULL: no fetch */
    bool *whole;
};

/* `version` may be NULL, `listed` LSMB_SIZE_UNKNOWN.  False without memory: nothing is to be freed. */
bool download_init(struct download *d, struct lsmb_s3 *s3, const char *bucket, const char *key,
                   const char *version, uint64_t listed);

/* As the calls of struct lsmb_source_ops.  `fetched` NULL: open(). */
void download_open(struct download *d, struct lsmb_stat *out, struct lsmb_range *fetched,
                   bool *whole, struct lsmb_wait *wait);
void download_read(struct download *d, struct lsmb_range *range, struct lsmb_wait *wait);
void download_finish(struct download *d, struct lsmb_wait *wait);
size_t download_ahead(const struct download *d);

/* It fails: soon all that is open is answered with `err`, or with what went wrong before. */
void download_fail(struct download *d, const struct lsmb_error *err);

/* Whatever is open is not answered any more. */
void download_free(struct download *d);

/* ---------------------------------------------------------------- among its parts */

static inline bool download_failed(const struct download *d)
{
    return d->err.code != LSMB_OK;
}

void download_fail_with(struct download *d, enum lsmb_code code, const char *why,
                        const char *advice);
void download_no_memory(struct download *d);

/* All bytes of a part of a range are there. */
void download_part_came(struct download *d, struct download_part *part);

/* The first answer has come, and d->head, d->etag and d->found are set. */
void download_found(struct download *d);

/* A piece is complete, and gone. */
void download_piece_came(struct download *d);

/* download_piece.c: a piece from `begin` up to `end`, whose bytes count for the checksum of the whole if `counts`.
 * It is asked for with its first part; or at once, the first of all, with which the object is found.  NULL without
 * memory. */
struct piece *piece_new(struct download *d, uint64_t begin, uint64_t end, bool counts);
void piece_ask(struct piece *p);
void piece_add(struct piece *p, struct download_part *part);
void pieces_go_on(struct download *d); /* those for whose bytes somebody waits */
void piece_free(struct piece *p);      /* with its call; nobody is told */

/* download_check.c: ask for the checksum of the whole, if it is wanted and may be had. */
void download_look(struct download *d);
/* All is there: false when it is not what was stored, and d->err says so. */
bool download_check(struct download *d);

#endif
