/* upload.c: an object on its way to S3: what it is, and into which part each range goes. */
#include "aws/upload.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/number.h"
#include "base/text.h"

enum {
    KEY_MAX = 1024, /* bytes.  Amazon S3 User Guide, "Naming Amazon S3 objects" */
    PARTS_FAST = 8, /* at a time fill a line; more of them while they are small */
    PARTS_FEW = 2,  /* one is read while the other is sent */
};

#define FAST_BYTES (PARTS_FAST * PART_LEAST)

static struct part *part_at(struct list *node)
{
    return CONTAINER_OF(node, struct part, node);
}

/* ---------------------------------------------------------------- what it is */

bool upload_init(struct upload *u, struct lsmb_s3 *s3, const char *bucket, const char *key,
                 const char *kms_key_id)
{
    bool kms = kms_key_id && kms_key_id[0];

    *u = (struct upload){.s3 = s3, .length = LSMB_SIZE_UNKNOWN};
    u->wants_sums = !s3->settings.checksums_when_required;
    u->end.finished = u->create.op.finished = u->end_call.op.finished = true;
    list_init(&u->filling);
    list_init(&u->whole);
    list_init(&u->sending);
    list_init(&u->idle);
    u->bucket = strdup(bucket);
    u->key = strdup(key);
    u->kms_key_id = kms ? strdup(kms_key_id) : NULL;
    if (asprintf(&u->name, "s3://%s/%s", bucket, key) < 0) {
        u->name = NULL;
    }
    return u->bucket && u->key && u->name && (!kms || u->kms_key_id);
}

static void free_parts(struct list *parts)
{
    for (struct list *node; (node = list_pop_front(parts));) {
        struct part *part = part_at(node);
        op_abort(&part->call.op);
        call_free(&part->call);
        chain_free(&part->chain);
        free(part);
    }
}

void upload_free(struct upload *u)
{
    op_abort(&u->end);
    op_abort(&u->create.op);
    call_free(&u->create);
    call_free(&u->end_call);
    if (u->only) {
        list_push_back(&u->idle, &u->only->node);
    }
    free_parts(&u->filling);
    free_parts(&u->whole);
    free_parts(&u->sending);
    free_parts(&u->idle);
    for (size_t i = 0; i < u->stored_count; i++) {
        free(u->stored[i].etag);
    }
    free(u->stored);
    free(u->id);
    free(u->body);
    free(u->bucket);
    free(u->key);
    free(u->kms_key_id);
    free(u->name);
}

/* Seconds since 1970 with as many decimals as it takes: what rclone writes and understands. */
static void say_time(char out[UPLOAD_MTIME_ROOM], int64_t ns)
{
    uint64_t size = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
    unsigned fraction = (unsigned)(size % NS_PER_S);
    int digits = 9;

    for (; digits > 0 && fraction % 10 == 0; digits--) {
        fraction /= 10;
    }
    text_format(out, UPLOAD_MTIME_ROOM, "%s%llu%s", ns < 0 ? "-" : "",
                (unsigned long long)(size / NS_PER_S), digits > 0 ? "." : "");
    if (digits > 0) {
        size_t len = strlen(out);
        text_format(out + len, UPLOAD_MTIME_ROOM - len, "%0*u", digits, fraction);
    }
}

static bool cannot(struct upload *u, const char *why)
{
    error_set(&u->err, LSMB_E_USAGE, "%s", why);
    error_path(&u->err, u->name);
    return false;
}

/* What may stand in a header: a line's end would begin another. */
static bool is_printable(const char *text)
{
    for (; *text; text++) {
        if (*text < ' ' || *text > '~') {
            return false;
        }
    }
    return true;
}

bool upload_open(struct upload *u, const struct lsmb_stat *source)
{
    if (!u->bucket[0]) {
        return cannot(u, "the name of the bucket is missing");
    }
    if (!u->key[0]) {
        return cannot(u, "the key of the object is missing");
    }
    if (strlen(u->key) > KEY_MAX) {
        return cannot(u, "the key is longer than 1024 bytes");
    }
    if (u->kms_key_id && !is_printable(u->kms_key_id)) {
        return cannot(u, "the id of the KMS key holds characters that none has");
    }
    if (u->kms_key_id && strpbrk(u->kms_key_id, "\r\n")) { /* it becomes a header */
        return cannot(u, "the id of the key of KMS has a line end in it");
    }
    if (!parts_plan(&u->plan, source->bytes)) {
        return cannot(u, "it is longer than an object can be (48.8 TiB)");
    }
    if (u->keep_times && source->written != 0) {
        say_time(u->mtime, source->written);
    }
    u->in_parts = source->bytes != LSMB_SIZE_UNKNOWN && source->bytes > u->plan.first;
    return true;
}

/* ---------------------------------------------------------------- requests */

struct call_want upload_want(const struct upload *u, const char *operation, const char *method)
{
    return (struct call_want){.service = SERVICE_S3,
                              .operation = operation,
                              .method = method,
                              .bucket = u->bucket,
                              .key = u->key};
}

void upload_query(struct call_want *want, const char *name, const char *value)
{
    want->query[want->query_count++] = (struct pair){name, value};
}

void upload_header(struct call_want *want, const char *name, const char *value)
{
    want->headers[want->header_count++] = (struct pair){name, value};
}

/* The encryption is always said: there are buckets that refuse whoever does not. */
void upload_describe(const struct upload *u, struct call_want *want)
{
    if (u->kms_key_id) {
        upload_header(want, "x-amz-server-side-encryption", "aws:kms");
        upload_header(want, "x-amz-server-side-encryption-aws-kms-key-id", u->kms_key_id);
    } else {
        upload_header(want, "x-amz-server-side-encryption", "AES256");
    }
    if (u->mtime[0]) {
        upload_header(want, "x-amz-meta-mtime", u->mtime);
    }
}

bool upload_says_sums(const struct upload *u)
{
    return u->wants_sums && !u->s3->no_checksums;
}

void upload_sum(const struct upload *u, struct call_want *want, uint64_t crc,
                char text[CRC_TEXT_ROOM])
{
    if (upload_says_sums(u)) {
        crc_text(CRC_32, crc, text);
        upload_header(want, crc_header(CRC_32), text);
        want->checksums_optional = true;
    }
}

bool upload_same_crc(const struct call *call, uint64_t crc, struct lsmb_error *err)
{
    const char *text = call_header(call, crc_header(CRC_32));
    uint64_t theirs;
    char ours[CRC_TEXT_ROOM];

    if (!text || !crc_parse(CRC_32, text, &theirs) || theirs == crc) {
        return true;
    }
    crc_text(CRC_32, crc, ours);
    error_set(err, LSMB_E_CHANGED, "it has the checksum %s and was stored with %s", ours, text);
    return false;
}

/* ---------------------------------------------------------------- memory */

void upload_hold(const struct upload *u, uint64_t offset, struct lsmb_hold *hold)
{
    struct part_place place;

    if (!parts_at(&u->plan, offset, &place)) { /* nothing is kept of it: it is refused */
        *hold = (struct lsmb_hold){.until = UINT64_MAX};
        return;
    }
    uint64_t part = place.end - place.begin;
    uint64_t size = u->plan.first > part ? u->plan.first : part; /* the last one may be short */
    uint64_t most = u->s3->concurrency > PARTS_FEW ? u->s3->concurrency : PARTS_FEW;
    uint64_t parts = least64(FAST_BYTES / size, most);
    uint64_t wanted = size * (parts > PARTS_FEW ? parts : PARTS_FEW);

    *hold = (struct lsmb_hold){.least = least_size(part, SIZE_MAX),
                               .wanted = least_size(least64(wanted, u->plan.length), SIZE_MAX),
                               .until = place.end};
}

void upload_retire(struct upload *u, struct part *part, const struct lsmb_error *err)
{
    chain_answer(&part->chain, err);
    call_free(&part->call);
    list_remove(&part->node);
    list_push_back(&u->idle, &part->node);
}

static void retire_all(struct upload *u, struct list *parts)
{
    LIST_EACH(node, parts)
    {
        struct part *part = part_at(node);
        op_abort(&part->call.op);
        upload_retire(u, part, &u->err);
    }
}

void upload_fail(struct upload *u, const struct lsmb_error *err)
{
    if (!upload_failed(u)) {
        u->err = *err;
        error_path(&u->err, u->name);
    }
    if (!list_empty(&u->sending)) {
        u->interrupted = true;
    }
    retire_all(u, &u->sending);
    retire_all(u, &u->whole);
    retire_all(u, &u->filling);
    u->sending_count = 0;
    op_wake(&u->end);
}

static struct part *new_part(struct upload *u)
{
    struct list *node = list_pop_front(&u->idle);

    if (node) {
        return part_at(node);
    }
    struct part *part = calloc(1, sizeof *part);
    if (part) {
        part->upload = u;
        part->call.op.finished = true;
    }
    return part;
}

/* ---------------------------------------------------------------- ranges */

/* The part at `place`, which is begun if nothing of it has come before; NULL without memory. */
static struct part *find_part(struct upload *u, const struct part_place *place)
{
    for (struct list *node = u->filling.prev; node != &u->filling; node = node->prev) {
        if (part_at(node)->place.number == place->number) {
            return part_at(node);
        }
    }
    struct part *part = new_part(u);
    if (part) {
        part->place = *place;
        list_push_back(&u->filling, &part->node);
    }
    return part;
}

/* Put a range into the parts that it lies in.  `*held`: how many of them have got their piece of it. */
static enum lsmb_code place_range(struct upload *u, const struct lsmb_range *range,
                                  struct chain_link link, unsigned *held)
{
    size_t done = 0;

    while (done < range->len) {
        struct part_place place;
        link.offset = range->offset + done;
        if (!parts_at(&u->plan, link.offset, &place)) {
            return LSMB_E_USAGE;
        }
        struct part *part = find_part(u, &place);
        size_t len = least_size(place.end - link.offset, range->len - done);
        struct span piece = {range->data + done, len};
        enum lsmb_code code =
            part ? chain_add(&part->chain, piece, &link, u->wants_sums) : LSMB_E_NOMEM;
        if (code != LSMB_OK) {
            return code;
        }
        (*held)++;
        done += len;
    }
    return LSMB_OK;
}

/* Whether several parts have something of it. */
static bool spans_parts(const struct upload *u, const struct lsmb_range *range)
{
    struct part_place place;

    return parts_at(&u->plan, range->offset, &place) && range->len > place.end - range->offset;
}

static void answer(struct lsmb_wait *wait, const struct lsmb_error *err)
{
    if (wait) {
        lsmb_wait_done(wait, err);
    }
}

static void refuse(struct upload *u, enum lsmb_code code)
{
    struct lsmb_error err;

    if (code == LSMB_E_NOMEM) {
        error_set(&err, code, "no memory for another part");
    } else if (u->plan.length == LSMB_SIZE_UNKNOWN) {
        error_set(
            &err, code,
            "it is longer than the %llu GiB that an object can have whose length is not known "
            "when it is begun",
            (unsigned long long)(parts_limit(LSMB_SIZE_UNKNOWN) >> 30));
        error_advise(&err, "copy it from a file, or in pieces");
    } else {
        error_set(&err, code, "there is more of it than its source said, or some of it came twice");
    }
    error_step(&err, "store the parts");
    upload_fail(u, &err);
}

/* The only part is not the only one when there is another, or when it is whole and nobody knows of an end. */
static bool comes_in_parts(const struct upload *u)
{
    bool many = u->in_parts;

    LIST_EACH(node, &u->filling)
    {
        const struct part *part = part_at(node);
        bool full = u->length == LSMB_SIZE_UNKNOWN && part->chain.bytes == u->plan.first;
        many = many || part->place.number > 1 || (full && u->plan.length == LSMB_SIZE_UNKNOWN);
    }
    return many;
}

/* What is whole goes on its way, but an only part waits for commit(). */
static void settle(struct upload *u)
{
    u->in_parts = comes_in_parts(u);
    if (!u->in_parts) {
        return;
    }
    LIST_EACH(node, &u->filling)
    {
        const struct part *part = part_at(node);
        if (part->chain.bytes == part->place.end - part->place.begin) {
            list_remove(node);
            list_push_back(&u->whole, node);
        }
    }
    upload_send(u);
}

void upload_take(struct upload *u, const struct lsmb_range *range, struct lsmb_wait *wait)
{
    struct chain_link link = {.wait = wait};
    bool shared = spans_parts(u, range);
    unsigned held = 0;

    if (upload_failed(u)) {
        answer(wait, &u->err);
        return;
    }
    if (shared) {
        link.shared = calloc(1, sizeof *link.shared);
    }
    enum lsmb_code code =
        shared && !link.shared ? LSMB_E_NOMEM : place_range(u, range, link, &held);
    if (link.shared) {
        link.shared->holders = held;
    }
    if (code != LSMB_OK) {
        refuse(u, code); /* answers it, too, where a part has a piece of it */
    } else {
        u->got += range->len;
        settle(u);
    }
    if (held == 0) {
        free(link.shared);
        answer(wait, upload_failed(u) ? &u->err : NULL);
    }
}

void upload_ended(struct upload *u, uint64_t bytes)
{
    struct lsmb_error err;

    if (upload_failed(u) || u->length == bytes) {
        return;
    }
    if (bytes != u->got) {
        error_set(&err, LSMB_E_USAGE, "%llu bytes of %llu have come", (unsigned long long)u->got,
                  (unsigned long long)bytes);
        upload_fail(u, &err);
        return;
    }
    u->length = bytes;
    LIST_EACH(node, &u->filling)
    {
        struct part *part = part_at(node);
        part->place.end = least64(part->place.end, bytes);
    }
    settle(u);
}
