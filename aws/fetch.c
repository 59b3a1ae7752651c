#include "aws/fetch.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

enum { ST_SEND, ST_ANSWER, ST_PAUSE };

static struct fetch *fetch_of(struct op *op)
{
    return CONTAINER_OF(op, struct fetch, op);
}

static size_t collect(struct http_request *request, struct span data)
{
    struct fetch *f = CONTAINER_OF(request, struct fetch, http);

    if (data.len > FETCH_MAX - f->len) {
        f->too_long = true;
        op_wake(&f->op);
        return 0;
    }
    memcpy(f->text + f->len, data.ptr, data.len);
    f->len += data.len;
    return data.len;
}

static void begin_answer(struct http_request *request)
{
    (void)request; /* what matters is there when it has ended */
}

static enum op_next send_request(struct op *op)
{
    static const struct http_calls calls = {begin_answer, collect};
    struct fetch *f = fetch_of(op);

    f->tries++;
    f->len = 0;
    f->http = (struct http_request){.method = f->want.method,
                                    .url = f->want.url,
                                    .headers = f->want.headers,
                                    .header_count = f->want.header_count,
                                    .calls = &calls,
                                    .connect_ms = f->want.limit_ms,
                                    .silence_ms = f->want.limit_ms,
                                    .no_proxy = true,
                                    .done = &op->ready};
    if (!f->text) {
        f->text = malloc(FETCH_MAX + 1);
    }
    f->begun = f->text && http_begin(f->s3->http, &f->http);
    if (!f->begun) {
        return op_fail(op, LSMB_E_NOMEM, "no memory for a request");
    }
    return op_go(op, ST_ANSWER);
}

/* Once more, where that may help and is allowed. */
static bool again(struct fetch *f, bool answered)
{
    bool may_help = !answered || f->status >= 500 || f->status == 429;

    return may_help && f->tries < f->want.attempts;
}

static enum op_next take_answer(struct op *op)
{
    struct fetch *f = fetch_of(op);

    if (f->too_long) {
        return op_fail(op, LSMB_E_PROTOCOL, "the answer is longer than %d bytes", FETCH_MAX);
    }
    if (!f->http.ended) {
        return OP_WAIT;
    }
    bool answered = f->http.err.code == LSMB_OK;
    struct lsmb_error err = f->http.err;
    f->status = f->http.status;
    f->text[f->len] = '\0';
    http_drop(&f->http);
    f->begun = false;
    if (again(f, answered)) {
        env_arm(op->env, &f->pause, f->want.pause_ms, &op->ready);
        return op_go(op, ST_PAUSE);
    }
    if (!answered) {
        return op_fail_as(op, &err);
    }
    return OP_DONE;
}

static enum op_next pause_over(struct op *op)
{
    if (timer_armed(&fetch_of(op)->pause)) {
        return OP_WAIT;
    }
    return op_go(op, ST_SEND);
}

static void release(struct op *op)
{
    struct fetch *f = fetch_of(op);

    timer_stop(&f->pause);
    if (f->begun) {
        http_drop(&f->http);
        f->begun = false;
    }
}

static const struct op_step steps[] = {
    [ST_SEND] = {"send the request", send_request, 0},
    [ST_ANSWER] = {"wait for the answer", take_answer, 0},
    [ST_PAUSE] = {"wait before the next try", pause_over, 0},
};

static const struct op_kind kind = {"fetch", steps, release};

void fetch_start(struct fetch *fetch, struct op *parent, struct lsmb_s3 *s3,
                 const struct fetch_want *want)
{
    fetch_free(fetch);
    *fetch = (struct fetch){.s3 = s3, .want = *want};
    op_start_child(parent, &fetch->op, &kind);
}

void fetch_free(struct fetch *fetch)
{
    if (fetch->text) {
        secret_erase(fetch->text, FETCH_MAX + 1);
        free(fetch->text);
        fetch->text = NULL;
    }
}
