/* download_piece.c: one piece of an object: GetObject, and where its bytes go. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/download.h"
#include "aws/retry.h"
#include "base/number.h"

enum { PRECONDITION_FAILED = 412, RANGE_NOT_SATISFIABLE = 416, PARTIAL_CONTENT = 206 };
enum { LITTLE = 64 << 10 }; /* bytes: less than that is no progress worth the next request */

static const char advice_again[] = "try again when nobody writes to it";

static struct piece *piece_of(struct call *call)
{
    return CONTAINER_OF(call, struct piece, call);
}

static struct download_part *part_at(struct list *node)
{
    return CONTAINER_OF(node, struct download_part, node);
}

/* The first part of a range that waits for bytes; NULL: none does. */
static struct download_part *next_part(const struct piece *p)
{
    return list_empty(&p->parts) ? NULL : part_at(p->parts.next);
}

/* ---------------------------------------------------------------- what is asked for */

static void add_header(struct call_want *want, const char *name, const char *value)
{
    assert(want->header_count < CALL_HEADERS);
    want->headers[want->header_count++] = (struct pair){name, value};
}

/* From p->at on: also when it is tried once more.  RFC 9110 14.2; S3's GetObject. */
static void fill_want(struct piece *p, struct call_want *want)
{
    struct download *d = p->download;
    const char *found = d->found_denied ? NULL : d->found;
    const char *version = d->version ? d->version : found;

    want->query_count = want->header_count = 0;
    p->by_version = version && !d->version;
    if (version) {
        want->query[want->query_count++] = (struct pair){"versionId", version};
    }
    if (!p->plain || p->at > 0) {
        (void)snprintf(p->range, sizeof p->range, "bytes=%" PRIu64 "-%" PRIu64, p->at, p->end - 1);
        add_header(want, "Range", p->range);
    }
    if (d->etag) {
        add_header(want, "If-Match", d->etag);
    }
    if (!d->known && !d->s3->settings.verify_when_required) {
        add_header(want, "x-amz-checksum-mode", "ENABLED");
    }
}

static void ended(struct op *op);
static void take_head(struct call *call);
static size_t take_body(struct call *call, struct span data);
static bool try_again(struct call *call);

static const struct call_reader reader = {take_head, take_body, try_again};

void piece_ask(struct piece *p)
{
    struct download *d = p->download;
    struct call_want want = {
        .service = SERVICE_S3,
        .operation = "GetObject",
        .method = "GET",
        .bucket = d->bucket,
        .key = d->key,
        .reader = &reader,
    };

    fill_want(p, &want);
    p->asked = true;
    p->paused = false;
    p->asked_at = p->at;
    call_start(&p->call, NULL, d->s3, &want, ended);
}

/* An answer was lost on its way: what has come is not asked for again. */
static bool try_again(struct call *call)
{
    struct piece *p = piece_of(call);

    if (p->download->known && p->at == p->end) {
        return false;
    }
    fill_want(p, &call->want);
    return true;
}

/* ---------------------------------------------------------------- the head */

static bool copy_header(char **out, const struct call *call, const char *name)
{
    const char *value = call_header(call, name);

    free(*out);
    *out = value && value[0] ? strdup(value) : NULL;
    return *out || !value || !value[0];
}

/* What all further pieces are to be of. */
static void take_first(struct piece *p, const struct object_head *head)
{
    struct download *d = p->download;

    if (!copy_header(&d->etag, &p->call, "ETag") ||
        !copy_header(&d->found, &p->call, "x-amz-version-id")) {
        download_no_memory(d);
        return;
    }
    if (!d->etag) { /* a proxy's page, say; nor could it be told from another version */
        download_fail_with(d, LSMB_E_PROTOCOL,
                           "the answer has no ETag: it is not that of an object",
                           "check the endpoint, and the proxy");
        return;
    }
    d->head = *head;
    d->known = true;
    /* A server that does not know ranges sends all of it; so does one that was not asked for any. */
    p->end = call_status(&p->call) == PARTIAL_CONTENT ? least64(p->end, head->bytes) : head->bytes;
    d->frontier = p->end;
    download_found(d);
}

static void fail_changed(struct download *d)
{
    download_fail_with(d, LSMB_E_CHANGED, "it was replaced while it was read", advice_again);
}

/* Not all servers heed If-Match. */
static bool is_other(const struct piece *p, const struct object_head *head)
{
    const struct download *d = p->download;
    const char *etag = call_header(&p->call, "ETag");

    return head->bytes != d->head.bytes || (d->etag && etag && strcmp(d->etag, etag) != 0);
}

static void take_head(struct call *call)
{
    struct piece *p = piece_of(call);
    struct download *d = p->download;
    struct object_head head;

    if (download_failed(d)) {
        return;
    }
    if (!object_head_get(&head, call) || head.begin > p->at) {
        download_fail_with(d, LSMB_E_PROTOCOL, "the answer does not say what it brings", "");
        return;
    }
    p->skip = p->at - head.begin;
    if (!d->known) {
        take_first(p, &head);
    } else if (is_other(p, &head)) {
        fail_changed(d);
    }
}

/* ---------------------------------------------------------------- the body */

/* What nobody has asked for, before what somebody waits for, is passed over. */
static size_t take_some(struct piece *p, struct span data)
{
    struct download_part *part = next_part(p);
    size_t n =
        part ? least_size((part->begin > p->at ? part->begin : part->end) - p->at, data.len) : 0;

    if (n == 0) {
        return 0;
    }
    if (p->span && p->download->sum.kind != CRC_NONE) {
        p->span->crc = crc_add(p->download->sum.kind, p->span->crc, data.ptr, n);
    }
    if (part->begin <= p->at) {
        struct lsmb_range *range = part->owner->range;
        memcpy(range->data + (p->at - range->offset), data.ptr, n);
    }
    p->at += n;
    if (p->at == part->end) {
        download_part_came(p->download, part);
        if (!next_part(p)) {
            pieces_go_on(p->download);
        }
    }
    return n;
}

static void pause_piece(struct piece *p)
{
    p->paused = true;
    env_arm(&p->download->s3->host.env, &p->pause, DOWNLOAD_PAUSE_MS, &p->pause_over);
}

static size_t take_body(struct call *call, struct span data)
{
    struct piece *p = piece_of(call);
    struct download *d = p->download;
    size_t taken = least_size(p->skip, data.len);

    if (download_failed(d) || d->looking) {
        pause_piece(p);
        return 0;
    }
    p->skip -= taken;
    while (taken < data.len && p->at < p->end) {
        size_t n = take_some(p, (struct span){data.ptr + taken, data.len - taken});
        if (n == 0) {
            pause_piece(p);
            return taken;
        }
        taken += n;
    }
    if (taken < data.len) { /* the rest of an object that was not asked for */
        ready_wake(&d->s3->host.env.ready, &p->over);
    }
    return taken;
}

/* ---------------------------------------------------------------- the end */

static void came(struct piece *p)
{
    struct download *d = p->download;

    if (p->span) {
        p->span->end = p->end;
        sum_add(&d->sum, p->span);
        p->span = NULL;
    }
    piece_free(p);
    pieces_go_on(d);
    download_piece_came(d);
}

/* As long as it gets on it is gone on with, however often connections are lost; but who gives a few bytes each time is
 * in trouble, and asked ever more seldom. */
static void resume(struct piece *p)
{
    struct env *env = &p->download->s3->host.env;
    uint32_t dice = UINT32_MAX / 2; /* when the system has no randomness to give */

    if (p->at - p->asked_at >= LITTLE) {
        p->little = 0;
        piece_ask(p);
        return;
    }
    p->little++;
    (void)env->random->fill(env->random, &dice, sizeof dice);
    env_arm(env, &p->again, retry_delay_ms(RETRY_TRANSIENT, p->little, dice, NULL, NULL),
            &p->again_over);
}

/* An answer that was no success. */
static void refused(struct piece *p)
{
    struct download *d = p->download;
    unsigned status = p->call.refused.status;
    struct lsmb_error err;

    if (status == RANGE_NOT_SATISFIABLE && !d->known && !p->plain) {
        p->plain = true; /* it is empty, and has no byte to begin with */
        piece_ask(p);
    } else if (status == 403 && p->by_version) {
        d->found_denied = true; /* s3:GetObjectVersion is a permission of its own */
        piece_ask(p);
    } else if (d->known && (status == PRECONDITION_FAILED || status == RANGE_NOT_SATISFIABLE)) {
        fail_changed(d);
    } else if (status == 0 && p->at > p->asked_at) {
        resume(p);
    } else if (d->known && status == 404) {
        download_fail_with(d, LSMB_E_CHANGED, "it was deleted while it was read", advice_again);
    } else {
        object_refused(&err, &p->call, d->name);
        download_fail(d, &err);
    }
}

static void ended(struct op *op)
{
    struct piece *p = piece_of(CONTAINER_OF(op, struct call, op));
    struct download *d = p->download;

    p->asked = false;
    timer_stop(&p->pause);
    ready_forget(&p->pause_over);
    if (download_failed(d)) {
        return;
    }
    if (d->known && p->at == p->end) {
        came(p);
    } else if (op_failed(op)) {
        refused(p);
    } else if (p->at > p->asked_at) {
        resume(p); /* a part of what was asked for has come */
    } else {
        download_fail_with(d, LSMB_E_PROTOCOL, "the answer has nothing of what was asked for", "");
    }
}

static void stop(struct piece *p)
{
    if (p->asked) {
        op_abort(&p->call.op);
        p->asked = false;
    }
    timer_stop(&p->pause);
    ready_forget(&p->pause_over);
    timer_stop(&p->again);
    ready_forget(&p->again_over);
    ready_forget(&p->over);
}

/* From the ready list: no call of ours is on the stack. */
static void end_early(struct ready *ready)
{
    struct piece *p = CONTAINER_OF(ready, struct piece, over);

    stop(p);
    came(p);
}

static void end_pause(struct ready *ready)
{
    struct piece *p = CONTAINER_OF(ready, struct piece, pause_over);

    if (!next_part(p)) {
        log_line(&p->download->s3->host.env.log, LSMB_LOG_DEBUG,
                 "%s: nobody takes what comes: the connection is given back", p->download->name);
        stop(p);
    }
}

static void end_wait(struct ready *ready)
{
    piece_ask(CONTAINER_OF(ready, struct piece, again_over));
}

/* ---------------------------------------------------------------- all of it */

struct piece *piece_new(struct download *d, uint64_t begin, uint64_t end, bool counts)
{
    struct piece *p = calloc(1, sizeof *p);
    struct sum_span *span = p && counts ? calloc(1, sizeof *span) : NULL;

    if (!p || (counts && !span)) {
        free(p);
        return NULL;
    }
    p->download = d;
    p->begin = p->at = begin;
    p->end = end;
    p->span = span;
    if (span) {
        span->begin = begin;
    }
    list_init(&p->parts);
    p->over.run = end_early;
    p->pause_over.run = end_pause;
    p->again_over.run = end_wait;
    list_push_back(&d->pieces, &p->node);
    return p;
}

/* S3 may have said that it is too much at a time.  What is paused is not in the way. */
static bool may_ask(const struct download *d)
{
    unsigned running = 0;

    LIST_EACH(node, &d->pieces)
    {
        const struct piece *p = CONTAINER_OF(node, struct piece, node);
        running += p->asked && next_part(p);
    }
    return running == 0 || running < d->s3->concurrency;
}

/* Before it is asked for again. */
static bool is_waiting(const struct piece *p)
{
    return timer_armed(&p->again) || list_linked(&p->again_over.node);
}

static void piece_go_on(struct piece *p)
{
    if (!next_part(p) || is_waiting(p)) {
        return;
    }
    if (!p->asked) {
        if (may_ask(p->download)) {
            piece_ask(p);
        }
    } else if (p->paused && !p->download->looking) {
        p->paused = false;
        timer_stop(&p->pause);
        ready_forget(&p->pause_over);
        call_resume(&p->call);
    }
}

void piece_add(struct piece *p, struct download_part *part)
{
    struct list *where = &p->parts;

    while (where->prev != &p->parts && part_at(where->prev)->begin > part->begin) {
        where = where->prev;
    }
    list_insert_before(where, &part->node);
    piece_go_on(p);
}

void pieces_go_on(struct download *d)
{
    LIST_EACH(node, &d->pieces)
    {
        piece_go_on(CONTAINER_OF(node, struct piece, node));
    }
}

void piece_free(struct piece *p)
{
    stop(p);
    call_free(&p->call);
    list_remove(&p->node);
    free(p->span);
    free(p);
}
