/* download_check.c: the checksum of a whole object: what S3 has of it, and what came.  Amazon S3 User Guide, "Checking
 * object integrity".  An answer that brings a part of an object seldom says it. */
#include <string.h>

#include "aws/download.h"

static void looked(struct op *op);

/* A small object is not worth a second request to who is not known to say more to that. */
static bool is_worth_it(const struct download *d)
{
    return !d->fetched || !d->s3->heads_bare;
}

static bool wanted(const struct download *d)
{
    return !d->s3->settings.verify_when_required && d->head.kind == CRC_NONE && !d->head.of_parts &&
           d->head.part && is_worth_it(d);
}

/* Stores that are not AWS's may know no checksums; of AWS's it is but this object that has none. */
static void learn(struct lsmb_s3 *s3, const struct object_head *head)
{
    bool none = head->kind == CRC_NONE && !head->of_parts;

    s3->heads_bare = none && endpoint_is_foreign(&s3->settings, SERVICE_S3);
}

void download_look(struct download *d)
{
    struct call_want want = {
        .service = SERVICE_S3,
        .operation = "HeadObject",
        .method = "HEAD",
        .bucket = d->bucket,
        .key = d->key,
        .headers = {{"x-amz-checksum-mode", "ENABLED"}},
        .header_count = 1,
    };

    if (d->head.kind != CRC_NONE || d->head.of_parts) {
        d->s3->heads_bare = false;
    }
    if (!wanted(d)) {
        return;
    }
    if (d->version) {
        want.query[want.query_count++] = (struct pair){"versionId", d->version};
    }
    if (d->etag) {
        want.headers[want.header_count++] = (struct pair){"If-Match", d->etag};
    }
    d->looking = true;
    call_start(&d->look, NULL, d->s3, &want, looked);
}

/* Whether another object than the one that is read was looked at, or the store says this and that of it. */
static bool is_other(const struct download *d, const struct object_head *head)
{
    const char *etag = call_header(&d->look, "ETag");

    return head->bytes != d->head.bytes || (d->etag && etag && strcmp(d->etag, etag) != 0);
}

static void looked(struct op *op)
{
    struct call *call = CONTAINER_OF(op, struct call, op);
    struct download *d = CONTAINER_OF(call, struct download, look);
    struct object_head head;

    d->looking = false;
    if (op_failed(op)) { /* what is wrong with the object its pieces will tell */
        log_line(&d->s3->host.env.log, LSMB_LOG_INFO, "%s: its checksum is not known: %s", d->name,
                 op->err.reason);
    } else if (object_head_get(&head, call)) {
        if (is_other(d, &head)) {
            download_fail_with(d, LSMB_E_CHANGED, "it was replaced while it was read",
                               "try again when nobody writes to it");
            return;
        }
        learn(d->s3, &head);
        d->sum.kind = d->head.kind = head.kind;
        d->head.crc = head.crc;
    }
    pieces_go_on(d);
}

static const char *name_of(enum crc_kind kind)
{
    switch (kind) {
    case CRC_32: return "CRC-32";
    case CRC_32C: return "CRC-32C";
    case CRC_64NVME: return "CRC-64/NVME";
    case CRC_NONE: break;
    }
    return "checksum";
}

static void differ(struct download *d, uint64_t crc)
{
    char came[16], stored[16];
    struct lsmb_error err;

    crc_text(d->head.kind, crc, came);
    crc_text(d->head.kind, d->head.crc, stored);
    error_set(&err, LSMB_E_CHANGED, "what came has the %s %s, and what was stored %s",
              name_of(d->head.kind), came, stored);
    error_advise(&err, "it was damaged on its way: try again");
    download_fail(d, &err);
}

bool download_check(struct download *d)
{
    uint64_t crc;

    if (d->head.kind == CRC_NONE) {
        return true;
    }
    if (!sum_get(&d->sum, d->head.bytes, &crc)) { /* not all was read */
        return true;
    }
    if (crc != d->head.crc) {
        differ(d, crc);
        return false;
    }
    return true;
}
