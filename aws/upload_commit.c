/* upload_commit.c: the object appears: by one PutObject, or by completing the upload of its parts.
 * Amazon S3 API Reference, "PutObject", "CompleteMultipartUpload". */
#include "aws/upload.h"

#include <inttypes.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "aws/grow.h"
#include "aws/xml.h"
#include "base/text.h"

enum {
    COMPLETE_SILENCE_MS =
        600000, /* S3 may need minutes to put 10,000 parts together, and say nothing */
    MD5_BYTES = 16,
};

enum {
    COMMIT_BEGIN,
    COMMIT_PUT,
    COMMIT_PUT_LAST,
    COMMIT_PARTS,
    COMMIT_COMPLETE,
    COMMIT_COMPLETED,
    COMMIT_COMPLETED_LAST,
    COMMIT_LOOK,
};

static enum op_next begin(struct op *op);
static enum op_next await_put(struct op *op);
static enum op_next await_parts(struct op *op);
static enum op_next complete(struct op *op);
static enum op_next await_completed(struct op *op);
static enum op_next await_look(struct op *op);

/* What may have been done already is waited for a little while even if nobody wants it any more. */
static const struct op_step commit_steps[] = {
    [COMMIT_BEGIN] = {"store the object", begin, 0},
    [COMMIT_PUT] = {"store the object", await_put, 0},
    [COMMIT_PUT_LAST] = {"store the object", await_put, UPLOAD_LAST_WORD_MS},
    [COMMIT_PARTS] = {"store the parts", await_parts, 0},
    [COMMIT_COMPLETE] = {"complete the upload", complete, 0},
    [COMMIT_COMPLETED] = {"complete the upload", await_completed, 0},
    [COMMIT_COMPLETED_LAST] = {"complete the upload", await_completed, UPLOAD_LAST_WORD_MS},
    [COMMIT_LOOK] = {"look whether the upload was completed", await_look, 0},
};

static struct upload *upload_of(struct op *op)
{
    return CONTAINER_OF(op, struct upload, end);
}

static void release(struct op *op)
{
    struct upload *u = upload_of(op);

    call_free(&u->end_call);
    free(u->body);
    u->body = NULL;
}

static const struct op_kind commit_kind = {"store an object of S3", commit_steps, release};

/* Whether it was given up when S3 had all that it takes to store it, and no answer said what came of that. */
static bool may_appear(const struct upload *u)
{
    return u->hurried && (u->end.timed_out || u->end.step == COMMIT_LOOK || u->end_call.lost);
}

/* The range that was kept to the end goes back first. */
static void committed(struct op *op)
{
    struct upload *u = upload_of(op);
    struct lsmb_wait *wait = u->wait;
    struct part *only = u->only;
    bool *taken = u->taken;

    if (op_failed(op) && may_appear(u)) {
        error_set(&op->err, LSMB_E_CANCELLED, "the copy was given up");
        error_advise(&op->err,
                     "the object may still appear: S3 had all of it, and has not answered");
    }
    if (op_failed(op)) {
        error_path(&op->err, u->name);
    }
    u->only = NULL;
    u->wait = NULL;
    u->taken = NULL;
    if (only) {
        upload_retire(u, only, op_failed(op) ? &op->err : NULL);
    }
    if (op_failed(op)) {
        upload_fail(u, &op->err);
    }
    if (taken) {
        *taken = !op_failed(op);
    }
    lsmb_wait_done(wait, op_failed(op) ? &op->err : NULL);
}

void upload_commit(struct upload *u, struct lsmb_wait *wait)
{
    u->wait = wait;
    op_start(&u->end, &u->s3->host.env, &commit_kind, committed);
}

/* Whoever gives up wants to know soon: what can still be stopped is, and what was refused is not asked for again. */
static enum op_next hurry(struct op *op, unsigned last, bool decided)
{
    struct upload *u = upload_of(op);

    if (!u->hurried || (op->step == last && !upload_was_refused(&u->end_call))) {
        return OP_WAIT;
    }
    return decided && !upload_was_refused(&u->end_call) ? op_go(op, last) : op_fail_as(op, &u->err);
}

/* Of a request that has failed; what it was for says more than what it waited for. */
static struct lsmb_error what_failed(const struct upload *u)
{
    struct lsmb_error err = u->end_call.op.err;

    err.step[0] = '\0';
    return err;
}

static void say_unknown(struct lsmb_error *err)
{
    error_advise(err, "no answer came to a request that may have stored it: look at the object");
}

/* ---------------------------------------------------------------- as one request */

static enum op_next begin(struct op *op)
{
    struct upload *u = upload_of(op);

    if (upload_failed(u)) {
        return op_fail_as(op, &u->err);
    }
    if (u->in_parts) {
        return op_go(op, COMMIT_PARTS);
    }
    struct call_want want = upload_want(u, "PutObject", "PUT");
    if (!list_empty(&u->filling)) {
        u->only = CONTAINER_OF(list_pop_front(&u->filling), struct part, node);
        want.body = u->only->chain.spans;
        want.body_count = u->only->chain.count;
    }
    upload_describe(u, &want);
    if (u->wants_sums) {
        upload_sum(u, &want, u->only ? chain_crc(&u->only->chain) : 0, u->crc);
    }
    call_start(&u->end_call, op, u->s3, &want, NULL);
    return op_go(op, COMMIT_PUT);
}

static enum op_next await_put(struct op *op)
{
    struct upload *u = upload_of(op);
    uint64_t crc = u->wants_sums && u->only ? chain_crc(&u->only->chain) : 0;
    struct lsmb_error err;

    if (!op_finished(&u->end_call.op)) {
        return hurry(op, COMMIT_PUT_LAST, http_sent(&u->end_call.http) >= u->length);
    }
    if (op_failed(&u->end_call.op)) {
        err = what_failed(u);
        if (u->end_call.lost) {
            say_unknown(&err);
        }
        return op_fail_as(op, &err);
    }
    if (u->wants_sums && !upload_same_crc(&u->end_call, crc, &err)) {
        return op_fail_as(op, &err);
    }
    if (!call_header(&u->end_call, "etag")) { /* anybody can say 200 */
        error_set(&err, LSMB_E_PROTOCOL, "the answer has no ETag: it is not that of an object");
        error_advise(&err, "check the endpoint, and the proxy");
        return op_fail_as(op, &err);
    }
    return OP_DONE;
}

/* ---------------------------------------------------------------- in parts */

static enum op_next await_parts(struct op *op)
{
    struct upload *u = upload_of(op);

    if (upload_failed(u)) {
        return op_fail_as(op, &u->err);
    }
    bool all = u->id && list_empty(&u->filling) && list_empty(&u->whole) && list_empty(&u->sending);
    return all ? op_go(op, COMMIT_COMPLETE) : OP_WAIT;
}

static void add_escaped(struct grow *g, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&': grow_text(g, "&amp;"); break;
        case '<': grow_text(g, "&lt;"); break;
        case '>': grow_text(g, "&gt;"); break;
        case '"': grow_text(g, "&quot;"); break;
        default: grow_char(g, *text); break;
        }
    }
}

/* The list of parts; NULL without memory. */
static char *write_list(const struct upload *u)
{
    struct grow g = {0};
    char number[UPLOAD_NUMBER_ROOM];

    grow_text(&g, "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
    for (size_t i = 0; i < u->stored_count; i++) {
        text_format(number, sizeof number, "%zu", i + 1);
        grow_text(&g, "<Part><PartNumber>");
        grow_text(&g, number);
        grow_text(&g, "</PartNumber><ETag>");
        add_escaped(&g, u->stored[i].etag);
        grow_text(&g, "</ETag></Part>");
    }
    grow_text(&g, "</CompleteMultipartUpload>");
    return grow_take(&g);
}

static uint64_t crc_of_all(const struct upload *u)
{
    uint64_t crc = 0;

    for (size_t i = 0; i < u->stored_count; i++) {
        crc = crc_combine(CRC_32, crc, u->stored[i].crc, u->stored[i].bytes);
    }
    return crc;
}

static enum op_next complete(struct op *op)
{
    struct upload *u = upload_of(op);
    struct call_want want = upload_want(u, "CompleteMultipartUpload", "POST");

    u->body = write_list(u);
    if (!u->body) {
        return op_fail(op, LSMB_E_NOMEM, "no memory for the list of its parts");
    }
    u->list = span_of(u->body);
    want.body = &u->list;
    want.body_count = 1;
    upload_query(&want, "uploadId", u->id);
    if (upload_says_sums(u)) {
        upload_sum(u, &want, crc_of_all(u), u->crc);
        upload_header(&want, "x-amz-checksum-type", "FULL_OBJECT");
    }
    text_format(u->bytes, sizeof u->bytes, "%" PRIu64, u->length);
    upload_header(&want, "x-amz-mp-object-size", u->bytes);
    want.may_hide = true;
    want.silence_ms = COMPLETE_SILENCE_MS;
    call_start(&u->end_call, op, u->s3, &want, NULL);
    return op_go(op, COMMIT_COMPLETED);
}

/* ---------------------------------------------------------------- what came of it */

/* What the answer says of the object. */
struct completed {
    bool etag; /* there is one: it is the answer that was wanted */
    char crc[CRC_TEXT_ROOM];
};

static bool take_completed(void *arg, const char *path, const char *text)
{
    struct completed *c = arg;
    const char *name = strrchr(path, '/');

    if (name && strcmp(name, "/ETag") == 0) {
        c->etag = true;
    } else if (name && strcmp(name, "/ChecksumCRC32") == 0 && strlen(text) < sizeof c->crc) {
        text_format(c->crc, sizeof c->crc, "%s", text);
    }
    return true;
}

static enum op_next differs(struct op *op, const char *theirs)
{
    char ours[CRC_TEXT_ROOM];

    crc_text(CRC_32, crc_of_all(upload_of(op)), ours);
    return op_fail(op, LSMB_E_CHANGED, "all of it has the checksum %s and was stored with %s", ours,
                   theirs);
}

/* Nobody knows whether it was completed: the object will tell. */
static enum op_next look(struct op *op, const struct lsmb_error *why)
{
    struct upload *u = upload_of(op);
    struct call_want want = upload_want(u, "HeadObject", "HEAD");

    u->lost = *why;
    error_step(&u->lost, commit_steps[COMMIT_COMPLETE].name);
    say_unknown(&u->lost);
    if (u->hurried) {
        return op_fail_as(op, &u->lost);
    }
    if (u->wants_sums) {
        upload_header(&want, "x-amz-checksum-mode", "ENABLED");
    }
    call_free(&u->end_call);
    call_start(&u->end_call, op, u->s3, &want, NULL);
    return op_go(op, COMMIT_LOOK);
}

static enum op_next read_completed(struct op *op)
{
    struct upload *u = upload_of(op);
    struct completed c = {0};
    struct lsmb_error err;
    uint64_t theirs;

    if (!xml_read(u->end_call.answer ? u->end_call.answer : "", u->end_call.answer_len,
                  take_completed, &c) ||
        !c.etag) {
        error_set(&err, LSMB_E_PROTOCOL, "the answer makes no sense");
        return look(op, &err);
    }
    if (u->wants_sums && crc_parse(CRC_32, c.crc, &theirs) && theirs != crc_of_all(u)) {
        return differs(op, c.crc);
    }
    return OP_DONE;
}

/* Whether an answer that says that there is no such upload comes because an earlier try has completed it. */
static bool may_be_done(const struct call *call)
{
    return call->lost &&
           (call->refused.status == 0 || strcmp(call->refused.code, "NoSuchUpload") == 0);
}

static enum op_next await_completed(struct op *op)
{
    struct upload *u = upload_of(op);

    if (!op_finished(&u->end_call.op)) {
        return hurry(op, COMMIT_COMPLETED_LAST, http_sent(&u->end_call.http) >= strlen(u->body));
    }
    if (!op_failed(&u->end_call.op)) {
        return read_completed(op);
    }
    const struct lsmb_error err = what_failed(u);
    return may_be_done(&u->end_call) ? look(op, &err) : op_fail_as(op, &err);
}

/* A tag that is an MD5, with or without quotation marks, as its bytes. */
static bool take_md5(const char *etag, uint8_t out[MD5_BYTES])
{
    char text[2 * MD5_BYTES + 1];
    size_t len = 0;

    etag += etag[0] == '"';
    if (strspn(etag, "0123456789abcdefABCDEF") != (size_t)2 * MD5_BYTES) {
        return false;
    }
    text_format(text, sizeof text, "%.*s", 2 * MD5_BYTES, etag);
    return OPENSSL_hexstr2buf_ex(out, MD5_BYTES, &len, text, '\0') == 1 && len == MD5_BYTES;
}

/* The MD5 of those of the parts, which is what S3 makes the tag of the whole from.  False: one of them is none, as
 * with keys of KMS. */
static bool md5_of_parts(const struct upload *u, uint8_t out[MD5_BYTES])
{
    EVP_MD_CTX *md5 = EVP_MD_CTX_new();
    bool ok = md5 && EVP_DigestInit_ex(md5, EVP_md5(), NULL) == 1;

    for (size_t i = 0; ok && i < u->stored_count; i++) {
        ok = take_md5(u->stored[i].etag, out) && EVP_DigestUpdate(md5, out, MD5_BYTES) == 1;
    }
    ok = ok && EVP_DigestFinal_ex(md5, out, NULL) == 1;
    EVP_MD_CTX_free(md5);
    return ok;
}

/* "...-7": it was put together from these 7 parts.  What was there before may have as many, and as many bytes. */
static bool of_our_parts(const struct upload *u, const char *etag)
{
    uint8_t ours[MD5_BYTES], theirs[MD5_BYTES];
    const char *dash = etag ? strrchr(etag, '-') : NULL;

    return dash && strtoul(dash + 1, NULL, 10) == u->stored_count && take_md5(etag, theirs) &&
           md5_of_parts(u, ours) && memcmp(ours, theirs, MD5_BYTES) == 0;
}

/* Whether the object that is there is ours: by the checksum where S3 says it, or else by its tag. */
static bool is_ours(const struct upload *u)
{
    const char *length = call_header(&u->end_call, "content-length");
    const char *text = call_header(&u->end_call, crc_header(CRC_32));
    uint64_t crc;

    if (!length || strtoull(length, NULL, 10) != u->length) {
        return false;
    }
    if (u->wants_sums && text && crc_parse(CRC_32, text, &crc)) {
        return crc == crc_of_all(u);
    }
    return of_our_parts(u, call_header(&u->end_call, "etag"));
}

static enum op_next await_look(struct op *op)
{
    struct upload *u = upload_of(op);

    if (!op_finished(&u->end_call.op)) {
        return u->hurried ? op_fail_as(op, &u->lost) : OP_WAIT;
    }
    if (op_failed(&u->end_call.op) || !is_ours(u)) {
        return op_fail_as(op, &u->lost);
    }
    return OP_DONE;
}
