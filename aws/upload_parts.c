/* upload_parts.c: an upload in parts: begun, and each part sent when all of it is there.
 * Amazon S3 API Reference, "CreateMultipartUpload", "UploadPart". */
#include "aws/upload.h"

#include <assert.h>
#include <stdlib.h>

#include "aws/xml.h"
#include "base/text.h"

enum {
    ID_MAX = 4096,   /* bytes of an upload's id, */
    ETAG_MAX = 1024, /* and of an entity tag: longer ones than anybody has seen */
    STORED_ROOM = 64,
};

/* What a request was for says more than what it waited for. */
static void fail(struct upload *u, struct lsmb_error *err)
{
    err->step[0] = '\0';
    error_step(err, "store the parts");
    upload_fail(u, err);
}

/* ---------------------------------------------------------------- the upload */

struct said_id {
    char *id;
    bool no_memory;
};

static bool take_id(void *arg, const char *path, const char *text)
{
    struct said_id *c = arg;
    const char *name = strrchr(path, '/');

    if (!name || strcmp(name, "/UploadId") != 0) {
        return true;
    }
    c->id = strdup(text);
    c->no_memory = !c->id;
    return false;
}

/* The id from the answer; NULL with `err` filled in. */
static char *read_id(const struct call *call, struct lsmb_error *err)
{
    struct said_id c = {0};

    /* It ends early: at the id. */
    (void)xml_read(call->answer ? call->answer : "", call->answer_len, take_id, &c);
    if (c.no_memory) {
        error_set(err, LSMB_E_NOMEM, "no memory for the upload's id");
    } else if (!c.id || !c.id[0] || strlen(c.id) > ID_MAX) {
        free(c.id);
        c.id = NULL;
        error_set(err, LSMB_E_PROTOCOL, "S3 began an upload and said no id of it");
    }
    return c.id;
}

static void created(struct op *op)
{
    struct upload *u = CONTAINER_OF(op, struct upload, create.op);
    struct lsmb_error err = op->err;

    u->create_lost = u->create.lost;
    if (!op_failed(op)) {
        u->id = read_id(&u->create, &err);
        u->create_lost = !u->id;
    }
    if (u->id && u->create.lost) {
        log_line(&op->env->log, LSMB_LOG_INFO,
                 "%s: a first answer was lost: an upload without parts may be left in the bucket",
                 u->name);
    }
    call_free(&u->create);
    if (!u->id) {
        fail(u, &err);
    } else {
        upload_send(u);
    }
    op_wake(&u->end); /* abort() may wait for it */
}

static void create(struct upload *u)
{
    struct call_want want = upload_want(u, "CreateMultipartUpload", "POST");

    upload_query(&want, "uploads", "");
    upload_describe(u, &want);
    if (upload_says_sums(u)) {
        upload_header(&want, "x-amz-checksum-algorithm", "CRC32");
        upload_header(&want, "x-amz-checksum-type", "FULL_OBJECT");
        want.checksums_optional = true;
    }
    u->create_begun = true;
    call_start(&u->create, NULL, u->s3, &want, created);
}

/* ---------------------------------------------------------------- parts */

static bool have_room(struct upload *u, unsigned number)
{
    size_t room = u->stored_room > 0 ? u->stored_room * 2 : STORED_ROOM;

    if (number <= u->stored_room) {
        return true;
    }
    room = room < number ? number : room;
    struct stored_part *stored = realloc(u->stored, room * sizeof *stored);
    if (!stored) {
        return false;
    }
    memset(stored + u->stored_room, 0, (room - u->stored_room) * sizeof *stored);
    u->stored = stored;
    u->stored_room = room;
    return true;
}

/* Keep what is needed to complete the upload.  False: `err` says why not. */
static bool remember(struct upload *u, const struct part *part, struct lsmb_error *err)
{
    const char *etag = call_header(&part->call, "etag");
    unsigned number = part->place.number;
    uint64_t crc = u->wants_sums ? chain_crc(&part->chain) : 0;

    if (!etag || !etag[0] || strlen(etag) > ETAG_MAX) {
        error_set(err, LSMB_E_PROTOCOL, "S3 has stored part %u and said no ETag of it", number);
        return false;
    }
    if (u->wants_sums && !upload_same_crc(&part->call, crc, err)) {
        return false;
    }
    char *copy = have_room(u, number) ? strdup(etag) : NULL;
    if (!copy) {
        error_set(err, LSMB_E_NOMEM, "no memory for part %u", number);
        return false;
    }
    u->stored[number - 1] = (struct stored_part){copy, crc, part->chain.bytes};
    if (number > u->stored_count) {
        u->stored_count = number;
    }
    return true;
}

static void part_sent(struct op *op)
{
    struct part *part = CONTAINER_OF(op, struct part, call.op);
    struct upload *u = part->upload;
    struct lsmb_error err = op->err;

    if (op_failed(op) || !remember(u, part, &err)) {
        fail(u, &err); /* this part is among those that are answered */
        return;
    }
    u->sending_count--;
    upload_retire(u, part, NULL);
    upload_send(u);
    op_wake(&u->end); /* commit() may wait for the last one */
}

static void send_part(struct upload *u, struct part *part)
{
    struct call_want want = upload_want(u, "UploadPart", "PUT");

    text_format(part->number, sizeof part->number, "%u", part->place.number);
    upload_query(&want, "partNumber", part->number);
    upload_query(&want, "uploadId", u->id);
    if (u->wants_sums) {
        upload_sum(u, &want, chain_crc(&part->chain), part->crc);
    }
    want.body = part->chain.spans;
    want.body_count = part->chain.count;
    list_push_back(&u->sending, &part->node);
    u->sending_count++;
    call_start(&part->call, NULL, u->s3, &want, part_sent);
}

void upload_send(struct upload *u)
{
    unsigned most = u->s3->concurrency > 0 ? u->s3->concurrency : 1;

    assert(u->in_parts);
    if (upload_failed(u)) {
        return;
    }
    if (!u->create_begun) {
        create(u);
    }
    while (u->id && u->sending_count < most && !list_empty(&u->whole)) {
        send_part(u, CONTAINER_OF(list_pop_front(&u->whole), struct part, node));
    }
}
