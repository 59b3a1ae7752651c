#include "aws/download.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"

static void give_up(struct ready *ready);

static struct piece *piece_at(struct list *node)
{
    return CONTAINER_OF(node, struct piece, node);
}

static struct download_range *range_at(struct list *node)
{
    return CONTAINER_OF(node, struct download_range, node);
}

bool download_init(struct download *d, struct lsmb_s3 *s3, const char *bucket, const char *key,
                   const char *version, uint64_t listed)
{
    *d = (struct download){.s3 = s3, .listed = listed, .failed = {.run = give_up}};
    list_init(&d->pieces);
    list_init(&d->ranges);
    list_init(&d->spare);
    sum_init(&d->sum, CRC_NONE);
    d->bucket = strdup(bucket);
    d->key = strdup(key);
    d->version = version ? strdup(version) : NULL;
    d->name = object_name(bucket, key);
    if (d->bucket && d->key && d->name && (d->version || !version)) {
        return true;
    }
    download_free(d);
    return false;
}

/* ---------------------------------------------------------------- what goes wrong */

static void free_pieces(struct download *d)
{
    while (!list_empty(&d->pieces)) {
        piece_free(piece_at(d->pieces.next));
    }
    if (d->looking) {
        op_abort(&d->look.op);
        d->looking = false;
    }
    call_free(&d->look);
}

static void answer(struct lsmb_wait **wait, const struct lsmb_error *err)
{
    struct lsmb_wait *open = *wait;

    *wait = NULL;
    if (open) {
        lsmb_wait_done(open, err);
    }
}

/* From the ready list: no call of ours is on the stack. */
static void give_up(struct ready *ready)
{
    struct download *d = CONTAINER_OF(ready, struct download, failed);

    free_pieces(d);
    answer(&d->opening, &d->err);
    answer(&d->finishing, &d->err);
    for (struct list *node; (node = list_pop_front(&d->ranges));) {
        answer(&range_at(node)->wait, &d->err);
        list_push_front(&d->spare, node);
    }
}

void download_fail(struct download *d, const struct lsmb_error *err)
{
    if (!download_failed(d)) {
        d->err = *err;
        error_path(&d->err, d->name);
    }
    ready_wake(&d->s3->host.env.ready, &d->failed);
}

void download_fail_with(struct download *d, enum lsmb_code code, const char *why,
                        const char *advice)
{
    struct lsmb_error err;

    error_set(&err, code, "%s", why);
    error_advise(&err, "%s", advice);
    download_fail(d, &err);
}

void download_no_memory(struct download *d)
{
    download_fail_with(d, LSMB_E_NOMEM, "no memory for the request", "");
}

/* ---------------------------------------------------------------- ranges */

static struct download_range *new_range(struct download *d)
{
    struct list *node = list_pop_front(&d->spare);
    struct download_range *r = node ? range_at(node) : malloc(sizeof *r);

    if (r) {
        *r = (struct download_range){.range = NULL};
    }
    return r;
}

void download_part_came(struct download *d, struct download_part *part)
{
    struct download_range *r = part->owner;

    list_remove(&part->node);
    r->left -= (size_t)(part->end - part->begin);
    if (r->left == 0) {
        d->lent -= r->range->len;
        list_remove(&r->node);
        answer(&r->wait, NULL);
        list_push_front(&d->spare, &r->node);
    }
}

/* As many as a line takes are to share what may be on its way. */
static uint64_t piece_bytes(const struct download *d)
{
    uint64_t share = d->lent_most / DOWNLOAD_PIECES;
    uint64_t whole = (share + DOWNLOAD_PIECE_LEAST - 1) / DOWNLOAD_PIECE_LEAST;

    return least64(whole > 0 ? whole * DOWNLOAD_PIECE_LEAST : DOWNLOAD_PIECE_LEAST,
                   DOWNLOAD_PIECE_MOST);
}

/* The piece that will bring the byte at `at`; one of its own, up to `end`, for what has come before and is wanted once
 * more, as when a sink took only a part of a range. */
static struct piece *piece_for(struct download *d, uint64_t at, uint64_t end)
{
    LIST_EACH(node, &d->pieces)
    {
        struct piece *p = piece_at(node);
        if (p->at <= at && at < p->end) {
            return p;
        }
    }
    if (at < d->frontier) {
        return piece_new(d, at, least64(end, d->frontier), false);
    }
    d->frontier = at + least64(piece_bytes(d), d->head.bytes - at);
    return piece_new(d, at, d->frontier, true);
}

/* False without memory. */
static bool place(struct download *d, struct download_range *r)
{
    uint64_t at = r->range->offset, end = at + r->range->len;

    for (size_t i = 0; at < end; i++) {
        struct piece *p = piece_for(d, at, end);
        if (!p) {
            return false;
        }
        assert(i < 2); /* none is shorter than the longest range, but for the last */
        r->parts[i] =
            (struct download_part){.owner = r, .begin = at, .end = p->end < end ? p->end : end};
        at = r->parts[i].end;
        piece_add(p, &r->parts[i]);
    }
    return true;
}

/* `wait` NULL: nobody waits for it alone. */
static void lend(struct download *d, struct lsmb_range *range, struct lsmb_wait *wait)
{
    struct download_range *r = new_range(d);

    if (!r) {
        download_no_memory(d);
        answer(&wait, &d->err);
        return;
    }
    r->range = range;
    r->wait = wait;
    r->left = range->len;
    list_push_back(&d->ranges, &r->node);
    d->lent += range->len;
    if (d->lent > d->lent_most) {
        d->lent_most = d->lent;
    }
    if (!place(d, r)) {
        download_no_memory(d);
    }
}

void download_read(struct download *d, struct lsmb_range *range, struct lsmb_wait *wait)
{
    if (download_failed(d)) {
        lsmb_wait_done(wait, &d->err);
        return;
    }
    uint64_t left = range->offset < d->head.bytes ? d->head.bytes - range->offset : 0;
    range->len = least_size(least64(left, DOWNLOAD_RANGE_MOST), range->len);
    if (range->len == 0) {
        lsmb_wait_done(wait, NULL);
    } else {
        lend(d, range, wait);
    }
}

size_t download_ahead(const struct download *d)
{
    unsigned pieces = d->s3->concurrency < DOWNLOAD_PIECES ? d->s3->concurrency : DOWNLOAD_PIECES;
    size_t bytes = (size_t)(pieces > 0 ? pieces : 1) * DOWNLOAD_PIECE_MOST;

    return d->known ? least_size(d->head.bytes, bytes) : bytes;
}

/* ---------------------------------------------------------------- open and fetch */

/* The end of what was listed as short is known: all of it is asked for, which is no error where there is nothing. */
static struct piece *first_piece(struct download *d)
{
    bool plain = d->listed <= DOWNLOAD_PIECE_MOST;
    struct piece *p = piece_new(d, 0, plain ? d->listed : DOWNLOAD_PIECE_MOST, true);

    if (p) {
        p->plain = plain;
    }
    return p;
}

void download_open(struct download *d, struct lsmb_stat *out, struct lsmb_range *fetched,
                   bool *whole, struct lsmb_wait *wait)
{
    d->out = out;
    d->fetched = fetched;
    d->whole = whole;
    d->opening = wait;
    if (whole) {
        *whole = false;
    }
    if (d->bucket[0] == '\0' || d->key[0] == '\0') {
        download_fail_with(d, LSMB_E_USAGE, "an object has a bucket and a key", "");
        return;
    }
    struct piece *p = first_piece(d);
    if (p) {
        piece_ask(p);
    } else {
        download_no_memory(d);
    }
}

void download_found(struct download *d)
{
    *d->out = object_stat(&d->head);
    d->sum.kind = d->head.kind;
    if (d->fetched && d->head.bytes > d->fetched->len) {
        d->fetched = NULL;
    }
    download_look(d);
    if (d->fetched) {
        d->fetched->offset = 0;
        d->fetched->len = (size_t)d->head.bytes;
        if (d->fetched->len > 0) {
            lend(d, d->fetched, NULL);
        }
        return; /* download_piece_came() answers */
    }
    answer(&d->opening, NULL);
}

/* ---------------------------------------------------------------- the end */

static void end_fetch(struct download *d)
{
    d->fetched = NULL;
    if (download_check(d)) {
        *d->whole = true;
        answer(&d->opening, NULL);
    }
}

/* Connections are used again when their answers have been read to the end. */
static void end_finish(struct download *d)
{
    if (!list_empty(&d->pieces)) {
        return;
    }
    if (download_check(d)) {
        answer(&d->finishing, NULL);
    }
}

void download_piece_came(struct download *d)
{
    if (download_failed(d)) {
        return;
    }
    if (d->fetched) {
        end_fetch(d);
    } else if (d->finishing) {
        end_finish(d);
    }
}

/* What nobody has asked for does not matter any more. */
static void drop_unwanted(struct download *d)
{
    LIST_EACH(node, &d->pieces)
    {
        struct piece *p = piece_at(node);
        if (p->at < p->end) {
            piece_free(p);
        }
    }
}

void download_finish(struct download *d, struct lsmb_wait *wait)
{
    d->finishing = wait;
    if (download_failed(d)) {
        answer(&d->finishing, &d->err);
        return;
    }
    drop_unwanted(d);
    end_finish(d);
}

static void free_ranges(struct list *ranges)
{
    for (struct list *node; (node = list_pop_front(ranges));) {
        free(range_at(node));
    }
}

void download_free(struct download *d)
{
    ready_forget(&d->failed);
    free_pieces(d);
    free_ranges(&d->ranges);
    free_ranges(&d->spare);
    sum_free(&d->sum);
    free(d->bucket);
    free(d->key);
    free(d->version);
    free(d->name);
    free(d->etag);
    free(d->found);
}
