/* call.c: one request to a service of AWS: who we are, what is sent, what came of it, and once more. */
#include <assert.h>
#include <curl/curl.h> /* curl_getdate() */
#include <stdlib.h>
#include <string.h>

#include "aws/attempt.h"
#include "aws/retry.h"
#include "base/text.h"

enum {
    ANSWER_MAX = 1 << 20,
    REFUSAL_MAX = 256 << 10,
    SKEW_S = 240, /* AWS takes 15 minutes amiss; less than this is no reason to be refused */
    PROBE_TRIES = 2,
    SHOWN_ROOM = 64,
    FIRST_TRIES = 5, /* where nobody has answered yet the endpoint may just be wrong */
};

enum { ST_IDENTIFY, ST_HASH, ST_SEND, ST_ANSWER, ST_PROBE, ST_PAUSE };

static struct call *call_of(struct op *op)
{
    return CONTAINER_OF(op, struct call, op);
}

static struct call *call_of_http(struct http_request *request)
{
    return CONTAINER_OF(request, struct call, http);
}

static bool is_success(unsigned status)
{
    return status >= 200 && status < 300;
}

static int64_t unix_s(const struct call *call)
{
    struct clock *clock = call->op.env->clock;

    return (int64_t)(clock->unix_ns(clock) / NS_PER_S);
}

/* ---------------------------------------------------------------- who we are */

static const struct credentials *credentials_of(const struct call *call)
{
    if (call->want.unsigned_call) {
        return NULL;
    }
    return call->want.as ? call->want.as : credentials_now(call->s3->credentials);
}

static enum op_next identify(struct op *op)
{
    struct call *call = call_of(op);
    struct call_try *t = call->attempt;
    struct lsmb_error err;

    if (!t) {
        return op_fail(op, LSMB_E_NOMEM, "no memory for a request");
    }
    if (!call->want.unsigned_call && !call->want.as) {
        switch (credentials_ask(call->s3->credentials, &t->identified)) {
        case CREDENTIALS_READY: break;
        case CREDENTIALS_COMING: return OP_WAIT;
        case CREDENTIALS_FAILED: return op_fail_as(op, credentials_error(call->s3->credentials));
        }
    }
    attempt_clear(t);
    if (!attempt_locate(t, &err)) {
        return op_fail_as(op, &err);
    }
    return op_go(op, attempt_wants_hash(t) ? ST_HASH : ST_SEND);
}

/* Piece by piece: a helper would still read a body that is given up. */
static enum op_next hash(struct op *op)
{
    bool whole;

    if (!attempt_hash(call_of(op)->attempt, &whole)) {
        return op_fail(op, LSMB_E_LOCAL, "SHA-256 is not available");
    }
    if (!whole) {
        op_wake(op);
        return OP_WAIT;
    }
    return op_go(op, ST_IDENTIFY); /* the credentials may be others by now */
}

/* ---------------------------------------------------------------- what comes */

static void take_head(struct http_request *request)
{
    struct call *call = call_of_http(request);
    const struct call_reader *reader = call->want.reader;

    if (reader && is_success(request->status)) {
        call->attempt->told = true;
        if (reader->head) {
            reader->head(call);
        }
    }
}

static bool make_room(struct call *call, size_t more)
{
    struct call_try *t = call->attempt;
    size_t need = call->answer_len + more + 1;

    if (need <= t->answer_room) {
        return true;
    }
    size_t room = need * 2;
    char *text = malloc(room); /* not realloc(): what it leaves behind would not be wiped */
    if (!text) {
        return false;
    }
    if (call->answer) {
        memcpy(text, call->answer, call->answer_len);
        secret_erase(call->answer, call->answer_len);
        free(call->answer);
    }
    call->answer = text;
    t->answer_room = room;
    return true;
}

/* What is too long or finds no memory ends the call, but not from in here. */
static void collect(struct call *call, struct span data)
{
    struct call_try *t = call->attempt;
    size_t most = call->want.answer_max ? call->want.answer_max : ANSWER_MAX;

    if (!is_success(call->http.status)) {
        most = REFUSAL_MAX;
    }
    t->too_long = t->too_long || data.len > most - call->answer_len;
    t->no_memory = t->no_memory || (!t->too_long && !make_room(call, data.len));
    if (t->too_long || t->no_memory) {
        op_wake(&call->op);
        return;
    }
    memcpy(call->answer + call->answer_len, data.ptr, data.len);
    call->answer_len += data.len;
    call->answer[call->answer_len] = '\0';
}

static size_t take_body(struct http_request *request, struct span data)
{
    struct call *call = call_of_http(request);
    const struct call_reader *reader = call->want.reader;

    if (reader && is_success(request->status)) {
        return reader->body ? reader->body(call, data) : data.len;
    }
    collect(call, data);
    return data.len;
}

/* ---------------------------------------------------------------- sending */

static const char *value_of(const struct pair *pairs, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(pairs[i].name, name) == 0) {
            return pairs[i].value;
        }
    }
    return NULL;
}

/* For logs, where many alike are on their way: "UploadPart 7", "GetObject bytes=0-99". */
static const char *show_call(const struct call *call, char out[SHOWN_ROOM])
{
    const struct call_want *want = &call->want;
    const char *part = value_of(want->query, want->query_count, "partNumber");
    const char *which = part ? part : value_of(want->headers, want->header_count, "Range");

    text_format(out, SHOWN_ROOM, "%s%s%s", want->operation, which ? " " : "", which ? which : "");
    return out;
}

static enum op_next sign_and_send(struct op *op)
{
    static const struct http_calls calls = {take_head, take_body};
    struct call *call = call_of(op);
    struct call_try *t = call->attempt;
    char shown[SHOWN_ROOM];

    if (!attempt_sign(t, credentials_of(call), unix_s(call) + call->s3->skew_s)) {
        return op_fail(op, LSMB_E_NOMEM, "no memory for a request");
    }
    call->http.method = call->want.method;
    call->http.url = t->url;
    call->http.headers = t->headers;
    call->http.header_count = t->header_count;
    call->http.body = call->want.body;
    call->http.body_count = call->want.body_count;
    call->http.calls = &calls;
    call->http.silence_ms = call->want.silence_ms;
    call->http.done = &t->sent;
    call->answer_len = 0;
    if (call->answer) {
        call->answer[0] = '\0';
    }
    t->told = false;
    t->tries++;
    log_line(&op->env->log, LSMB_LOG_DEBUG, "%s: %s, try %u", op->kind->name,
             show_call(call, shown), t->tries);
    if (!http_begin(call->s3->http, &call->http)) {
        return op_fail(op, LSMB_E_NOMEM, "no memory for a request");
    }
    return op_go(op, ST_ANSWER);
}

/* ---------------------------------------------------------------- putting right what was wrong */

static const char *reason_of(const struct call *call, char *out, size_t room)
{
    if (call->http.err.code != LSMB_OK) {
        return call->http.err.reason;
    }
    text_format(out, room, "%s: %s", call->refused.code, call->refused.message);
    return out;
}

/* Whether the service's clock says something else than ours. */
static bool set_clock(struct call *call)
{
    struct call_try *t = call->attempt;
    const char *date = call_header(call, "date");
    int64_t theirs = date ? (int64_t)curl_getdate(date, NULL) : -1;
    int64_t skew = theirs - unix_s(call);
    int64_t wrong = skew - call->s3->skew_s;

    if (t->clock_set || theirs < 0 || call->want.unsigned_call ||
        !retry_may_be_skew(call->refused.status, call->refused.code) ||
        (wrong < SKEW_S && wrong > -SKEW_S)) {
        return false;
    }
    t->clock_set = true;
    call->s3->skew_s = skew;
    log_line(&call->op.env->log, LSMB_LOG_WARNING,
             "%s: the clock of this machine is %lld s %s that of AWS; requests are dated by theirs",
             call->want.operation, (long long)(skew < 0 ? -skew : skew),
             skew < 0 ? "ahead of" : "behind");
    return true;
}

/* Where the bucket is said to be; false: not elsewhere than we thought, or nobody knows. */
static bool go_there(struct call *call, const struct aws_error *said_by, const char *header)
{
    char region[REGION_ROOM];

    region_said(region, said_by, header);
    if (!region[0] || strcmp(region, call->attempt->region) == 0 ||
        !region_learn(call->s3, call->want.bucket, region)) {
        return false;
    }
    call->attempt->moved = true;
    log_line(&call->op.env->log, LSMB_LOG_DEBUG, "%s: bucket %s is in %s", call->want.operation,
             call->want.bucket, region);
    return true;
}

static bool may_be_elsewhere(const struct call *call)
{
    return call->want.service == SERVICE_S3 && call->want.bucket && !call->want.stay &&
           !call->attempt->moved && region_may_differ(&call->refused);
}

/* Not all refusals say where the bucket is; that of a HEAD for it does. */
static bool probe(struct call *call)
{
    static const struct call_want none = {0};
    struct call_try *t = call->attempt;
    struct call_want want = none;

    t->probed = true;
    t->probe = calloc(1, sizeof *t->probe);
    if (!t->probe) {
        return false;
    }
    want.service = SERVICE_S3;
    want.operation = "HeadBucket";
    want.method = "HEAD";
    want.bucket = call->want.bucket;
    want.attempts = PROBE_TRIES;
    want.stay = true;
    call_start(t->probe, &call->op, call->s3, &want, NULL);
    return true;
}

static bool names_checksums(const struct aws_error *refused)
{
    return refused->status == 501 || strcmp(refused->code, "NotImplemented") == 0 ||
           (refused->status == 400 && strcasestr(refused->message, "checksum") != NULL &&
            (strcmp(refused->code, "InvalidArgument") == 0 ||
             strcmp(refused->code, "InvalidRequest") == 0));
}

/* Stores that are not AWS's may not know checksums: better without than not at all.  Whether it was for them will be
 * known when it goes well so. */
static bool drop_checksums(struct call *call)
{
    struct call_try *t = call->attempt;

    if (t->bare || !call->want.checksums_optional || !attempt_said_checksum(t) ||
        !names_checksums(&call->refused) || strstr(t->endpoint.authority, ".amazonaws.com")) {
        return false;
    }
    t->bare = true;
    log_line(&call->op.env->log, LSMB_LOG_DEBUG, "%s: %s: trying again without checksums",
             call->want.operation, call->refused.code);
    return true;
}

/* It went well: what was left out was what the store had against it. */
static void learn_bare(struct call *call)
{
    const struct call_try *t = call->attempt;

    if (!t->bare || call->s3->no_checksums) {
        return;
    }
    call->s3->no_checksums = true;
    log_line(&call->op.env->log, LSMB_LOG_WARNING,
             "%s: %s does not know the checksums of S3: they are left out", call->want.operation,
             t->endpoint.authority);
}

/* HEAD has no words for a token that has expired. */
static bool may_be_expired(const struct call *call, enum retry_why why)
{
    return why == RETRY_EXPIRED ||
           (call->refused.status == 400 && strcmp(call->want.method, "HEAD") == 0 &&
            call->attempt->token && strcmp(call->refused.code, "400") == 0);
}

static bool renew(struct call *call)
{
    struct call_try *t = call->attempt;

    if (t->renewed || call->want.as || call->want.unsigned_call || !t->access_key) {
        return false;
    }
    t->renewed = true;
    credentials_spoil(call->s3->credentials, t->access_key);
    return true;
}

/* ---------------------------------------------------------------- what came of it */

static enum op_next give_up(struct op *op)
{
    const struct call *call = call_of(op);
    struct lsmb_error err = call->http.err;

    if (err.code == LSMB_OK) {
        aws_error_set(&err, &call->refused, call->want.operation);
    }
    return op_fail_as(op, &err);
}

static unsigned attempts_of(const struct call *call)
{
    if (call->want.attempts > 0) {
        return call->want.attempts;
    }
    unsigned attempts = call->s3->settings.attempts;
    if (attempts == 0) {
        attempts = retry_attempts(call->want.service);
        if (!call->s3->reached && attempts > FIRST_TRIES) {
            attempts = FIRST_TRIES;
        }
    }
    return attempts;
}

/* Whether what a reader has read already can be gone on from. */
static bool reader_agrees(struct call *call)
{
    const struct call_reader *reader = call->want.reader;

    return !call->attempt->told || (reader->again && reader->again(call));
}

static enum op_next try_again(struct op *op, enum retry_why why)
{
    struct call *call = call_of(op);
    struct call_try *t = call->attempt;
    unsigned attempts = attempts_of(call);
    uint32_t dice = UINT32_MAX / 2; /* when the system has no randomness to give */
    char reason[sizeof call->http.err.reason], shown[SHOWN_ROOM];

    if (t->tries >= attempts || !reader_agrees(call) ||
        !retry_take(&call->s3->retry_tokens, why, &t->cost)) {
        return give_up(op);
    }
    if (why == RETRY_THROTTLED && call->want.service == SERVICE_S3) {
        s3_slow_down(call->s3);
    }
    (void)op->env->random->fill(op->env->random, &dice, sizeof dice);
    uint32_t delay = retry_delay_ms(why, t->tries, dice, call_header(call, "retry-after"),
                                    call_header(call, "x-amz-retry-after"));
    /* Once is enough to know why it takes long: the failure itself must not be far down in a log. */
    log_line(&op->env->log, call->s3->said_again ? LSMB_LOG_DEBUG : LSMB_LOG_INFO,
             "%s: %s; trying again in %u ms (%u of %u tries)", show_call(call, shown),
             reason_of(call, reason, sizeof reason), delay, t->tries, attempts);
    call->s3->said_again = true;
    env_arm(op->env, &t->pause, delay, &t->pause_over);
    return op_go(op, ST_PAUSE);
}

static enum op_next judge_refusal(struct op *op)
{
    struct call *call = call_of(op);
    struct retry_look look = {.status = call->refused.status,
                              .code = call->refused.code,
                              .transport = call->http.err.code,
                              .fresh = call->http.fresh,
                              .answered = call->http.answered};
    enum retry_why why = retry_judge(&look);

    if (look.transport == LSMB_OK && may_be_expired(call, why)) {
        return renew(call) ? op_go(op, ST_IDENTIFY) : give_up(op);
    }
    return why == RETRY_NEVER ? give_up(op) : try_again(op, why);
}

/* Whether the service may have done what it was asked for, although we have no answer that says so. */
static bool may_be_done(const struct call *call)
{
    return (call->http.err.code != LSMB_OK && call->http.sendings > 0) || call->http.sendings > 1 ||
           call->refused.status == 500 || call->refused.status == 502 ||
           call->refused.status == 504;
}

static enum op_next judge_failure(struct op *op)
{
    struct call *call = call_of(op);
    bool answered = call->http.err.code == LSMB_OK;

    call->lost = call->lost || may_be_done(call);
    if (answered && (set_clock(call) || drop_checksums(call))) {
        return op_go(op, ST_IDENTIFY);
    }
    if (answered && may_be_elsewhere(call)) {
        const char *header = call_header(call, "x-amz-bucket-region");
        if (go_there(call, &call->refused, header)) {
            return op_go(op, ST_IDENTIFY);
        }
        if (!header && !call->refused.region[0] && !call->attempt->probed && probe(call)) {
            return op_go(op, ST_PROBE);
        }
    }
    return judge_refusal(op);
}

static bool went_well(struct call *call)
{
    const char *type = call_header(call, "x-amzn-errortype");
    const char *text = call->answer_len > 0 ? call->answer : "";
    unsigned status = call->http.status;

    call->refused = (struct aws_error){0};
    if (call->http.err.code != LSMB_OK) {
        return false;
    }
    call->s3->reached = true;
    if (is_success(status) && !(call->want.may_hide && aws_error_hidden(text, call->answer_len))) {
        return true;
    }
    aws_error_read(&call->refused, status, type, text, call->answer_len);
    return false;
}

static enum op_next judge(struct op *op)
{
    struct call *call = call_of(op);
    struct call_try *t = call->attempt;

    if (t->no_memory) {
        return op_fail(op, LSMB_E_NOMEM, "no memory for the answer");
    }
    if (t->too_long) {
        return op_fail(op, LSMB_E_PROTOCOL, "The answer to %s is too long", call->want.operation);
    }
    if (!call->http.ended) {
        return OP_WAIT;
    }
    if (!went_well(call)) {
        return judge_failure(op);
    }
    call->lost = call->lost || call->http.sendings > 1;
    retry_give_back(&call->s3->retry_tokens, t->cost);
    learn_bare(call);
    if (call->want.service == SERVICE_S3) {
        s3_went_well(call->s3);
    }
    return OP_DONE;
}

static enum op_next probed(struct op *op)
{
    struct call *call = call_of(op);
    const struct call *probe = call->attempt->probe;

    if (!op_finished(&probe->op)) {
        return OP_WAIT;
    }
    if (go_there(call, &probe->refused, call_header(probe, "x-amz-bucket-region"))) {
        return op_go(op, ST_IDENTIFY);
    }
    return judge_refusal(op);
}

static enum op_next wait_a_while(struct op *op)
{
    return timer_armed(&call_of(op)->attempt->pause) ? OP_WAIT : op_go(op, ST_IDENTIFY);
}

/* ---------------------------------------------------------------- beginning and end */

static const struct op_step steps[] = {
    [ST_IDENTIFY] = {"find credentials", identify, 0},
    [ST_HASH] = {"sign the request", hash, 0},
    [ST_SEND] = {"sign the request", sign_and_send, 0},
    [ST_ANSWER] = {"wait for the answer", judge, 0},
    [ST_PROBE] = {"ask where the bucket is", probed, 0},
    [ST_PAUSE] = {"wait before the next try", wait_a_while, 0},
};

/* What has ended keeps its answer. */
static void release(struct op *op)
{
    struct call *call = call_of(op);
    struct call_try *t = call->attempt;

    if (!t) {
        return;
    }
    if (!call->http.ended) {
        http_drop(&call->http);
    }
    timer_stop(&t->pause);
    ready_forget(&t->pause_over);
    ready_forget(&t->sent);
    ready_forget(&t->identified);
    EVP_MD_CTX_free(t->digest);
    t->digest = NULL;
}

static const struct op_kind kind = {"AWS request", steps, release};

static void go_on_after_pause(struct ready *ready)
{
    op_wake(&CONTAINER_OF(ready, struct call_try, pause_over)->call->op);
}

static void go_on_after_answer(struct ready *ready)
{
    op_wake(&CONTAINER_OF(ready, struct call_try, sent)->call->op);
}

static void go_on_identified(struct ready *ready)
{
    op_wake(&CONTAINER_OF(ready, struct call_try, identified)->call->op);
}

void call_start(struct call *call, struct op *parent, struct lsmb_s3 *s3,
                const struct call_want *want, void (*on_done)(struct op *))
{
    struct call_try *t;

    assert(want->header_count <= CALL_HEADERS && want->query_count <= CALL_QUERY);
    call_free(call);
    call->s3 = s3;
    call->want = *want;
    call->lost = false;
    call->refused = (struct aws_error){0};
    call->http = (struct http_request){0};
    call->attempt = t = calloc(1, sizeof *t);
    if (t) {
        t->call = call;
        t->pause_over.run = go_on_after_pause;
        t->sent.run = go_on_after_answer;
        t->identified.run = go_on_identified;
    }
    if (parent) {
        op_start_child(parent, &call->op, &kind);
        call->op.on_done = on_done;
    } else {
        op_start(&call->op, &s3->host.env, &kind, on_done);
    }
}

void call_resume(struct call *call)
{
    http_resume(&call->http);
}

unsigned call_status(const struct call *call)
{
    return call->http.status;
}

const char *call_header(const struct call *call, const char *name)
{
    return http_header(&call->http, name);
}

void call_free(struct call *call)
{
    struct call_try *t = call->attempt;

    if (call->op.kind) {
        op_abort(&call->op);
    }
    if (t) {
        http_drop(&call->http);
        attempt_clear(t);
        if (t->probe) {
            call_free(t->probe);
            free(t->probe);
        }
        free(t);
        call->attempt = NULL;
    }
    if (call->answer) {
        secret_erase(call->answer, call->answer_len);
        free(call->answer);
    }
    call->answer = NULL;
    call->answer_len = 0;
}
