#include "transport/dial.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/text.h"
#include "transport/address.h"
#include "transport/tcp.h"

enum { HEAD_START_MS = 250 }; /* RFC 8305 5: Connection Attempt Delay */

enum { ST_LOOK_UP, ST_TAKE_ADDRESSES, ST_RACE };

static struct dial_op *dial_of(struct op *op)
{
    return CONTAINER_OF(op, struct dial_op, op);
}

static enum op_next begin_race(struct dial_op *dial)
{
    struct env *env = dial->op.env;

    if (env->silence_ms > 0) {
        env_arm(env, &dial->deadline, env->silence_ms, &dial->op.ready);
    }
    return op_go(&dial->op, ST_RACE);
}

static enum op_next look_up(struct op *op)
{
    struct dial_op *dial = dial_of(op);

    if (dial->address_count > 0) {
        return begin_race(dial);
    }
    if (!dial->host[0] || !dial->port) {
        return op_fail(op, LSMB_E_USAGE, "%s is empty, too long or zero",
                       dial->port ? "the server's name" : "the port");
    }
    if (lookup_numeric(&dial->addresses[0], dial->host, dial->port)) {
        dial->address_count = 1;
        return begin_race(dial);
    }
    dial->lookup = lookup_new(dial->host, dial->port, &op->ready);
    if (!dial->lookup) {
        return op_fail(op, LSMB_E_NOMEM, "out of memory");
    }
    if (!op->env->jobs->submit(op->env->jobs, &dial->lookup->job)) {
        return op_fail(op, LSMB_E_LOCAL, "no helper thread can be started");
    }
    return op_go(op, ST_TAKE_ADDRESSES);
}

static enum op_next take_addresses(struct op *op)
{
    struct dial_op *dial = dial_of(op);
    struct lookup_job *lookup = dial->lookup;
    struct lsmb_error err;

    if (!lookup->job.finished) {
        return OP_WAIT;
    }
    if (!lookup_result(lookup, &err)) {
        dial->unknown = err.code == LSMB_E_NETWORK;
        return op_fail_as(op, &err);
    }
    memcpy(dial->addresses, lookup->addresses, lookup->count * sizeof lookup->addresses[0]);
    dial->address_count = lookup->count;
    job_release(&lookup->job);
    dial->lookup = NULL;
    return begin_race(dial);
}

/* Give up an attempt that is under way, because of `failed_errno` or, if that is 0, without blame. */
static void stop_attempt(struct attempt *attempt, int failed_errno)
{
    loop_unwatch(&attempt->watch);
    if (attempt->fd >= 0) {
        (void)close(attempt->fd);
    }
    attempt->fd = -1;
    attempt->failed_errno = failed_errno;
}

static void attempt_fired(struct watch *watch, uint32_t events)
{
    struct attempt *attempt = CONTAINER_OF(watch, struct attempt, watch);

    (void)events;
    attempt->ended = true;
    op_wake(&attempt->dial->op);
}

/* Try the next address.  It has a head start before the one after it, unless it fails at once. */
static void begin_attempt(struct dial_op *dial)
{
    struct attempt *attempt = &dial->attempts[dial->next];
    int fd = tcp_connect(&dial->addresses[dial->next]);

    dial->next++;
    if (fd < 0) {
        attempt->failed_errno = -fd;
        return;
    }
    attempt->fd = fd;
    if (!loop_watch(dial->loop, &attempt->watch, fd, EPOLLOUT, attempt_fired)) {
        stop_attempt(attempt, errno);
        return;
    }
    env_arm(dial->op.env, &dial->head_start, HEAD_START_MS, &dial->op.ready);
}

/* Look at an attempt that has ended: true when there is a stream. */
static bool end_attempt(struct dial_op *dial, struct attempt *attempt)
{
    int failed_errno = tcp_connect_result(attempt->fd);

    if (!failed_errno) {
        loop_unwatch(&attempt->watch);
        dial->stream = tcp_stream_new(attempt->fd, dial->op.env->silence_ms);
        if (dial->stream) {
            dial->peer = dial->addresses[attempt - dial->attempts];
            attempt->fd = -1;
            return true;
        }
        failed_errno = errno;
    }
    stop_attempt(attempt, failed_errno);
    timer_stop(&dial->head_start); /* whoever is next need not wait any longer */
    return false;
}

static bool any_under_way(const struct dial_op *dial)
{
    for (unsigned i = 0; i < dial->next; i++) {
        if (dial->attempts[i].fd >= 0) {
            return true;
        }
    }
    return false;
}

/* "192.0.2.1:445: Connection refused, [2001:db8::1]:445: no answer" */
static void list_attempts(char *out, size_t room, const struct dial_op *dial)
{
    char address[ADDRESS_TEXT_LEN];
    size_t len = 0;

    out[0] = '\0';
    for (unsigned i = 0; i < dial->next && len < room; i++) {
        int failed_errno = dial->attempts[i].failed_errno;
        text_format(out + len, room - len, "%s%s: %s", i > 0 ? ", " : "",
                    address_text(address, &dial->addresses[i]),
                    failed_errno ? strerror(failed_errno) : "no answer");
        len += strlen(out + len);
    }
}

/* All have failed: code, errno and advice are those of the first, which the resolver thought best. */
static enum op_next fail_all(struct dial_op *dial)
{
    struct lsmb_error err;

    error_errno(&err, dial->attempts[0].failed_errno, "connect");
    list_attempts(err.reason, sizeof err.reason, dial);
    return op_fail_as(&dial->op, &err);
}

static enum op_next fail_late(struct dial_op *dial)
{
    char list[sizeof dial->op.err.reason];
    struct lsmb_error err;

    error_errno(&err, ETIMEDOUT, "connect");
    list_attempts(list, sizeof list, dial);
    text_format(err.reason, sizeof err.reason, "not connected after %u ms: %.400s",
                dial->op.env->silence_ms, list);
    return op_fail_as(&dial->op, &err);
}

static enum op_next race(struct op *op)
{
    struct dial_op *dial = dial_of(op);

    for (unsigned i = 0; i < dial->next; i++) {
        struct attempt *attempt = &dial->attempts[i];
        if (attempt->fd >= 0 && attempt->ended && end_attempt(dial, attempt)) {
            return OP_DONE;
        }
    }
    if (op->env->silence_ms > 0 && !timer_armed(&dial->deadline)) {
        return fail_late(dial);
    }
    while (dial->next < dial->address_count && !timer_armed(&dial->head_start)) {
        begin_attempt(dial);
    }
    return any_under_way(dial) ? OP_WAIT : fail_all(dial);
}

static void dial_release(struct op *op)
{
    struct dial_op *dial = dial_of(op);

    timer_stop(&dial->head_start);
    timer_stop(&dial->deadline);
    for (unsigned i = 0; i < dial->next; i++) {
        stop_attempt(&dial->attempts[i], dial->attempts[i].failed_errno);
    }
    job_release(dial->lookup ? &dial->lookup->job : NULL);
    dial->lookup = NULL;
}

static const struct op_step steps[] = {
    [ST_LOOK_UP] = {"look up the server", look_up, 0},
    [ST_TAKE_ADDRESSES] = {"look up the server", take_addresses, OP_SILENCE},
    /* dial->deadline limits it: a limit here would begin anew with every head start. */
    [ST_RACE] = {"connect to the server", race, 0},
};

static const struct op_kind dial_kind = {"dial", steps, dial_release};

static void prepare(struct dial_op *dial, struct loop *loop)
{
    assert(!dial->stream); /* taken, if it has been used before */
    *dial = (struct dial_op){.loop = loop};
    for (unsigned i = 0; i < DIAL_ADDRESSES_MAX; i++) {
        dial->attempts[i].dial = dial;
        dial->attempts[i].fd = -1;
    }
}

void dial_start(struct dial_op *dial, struct op *parent, struct loop *loop, const char *host,
                uint16_t port)
{
    size_t len = strlen(host);

    prepare(dial, loop);
    dial->port = port;
    if (len < sizeof dial->host) { /* else the first step refuses the empty name */
        memcpy(dial->host, host, len);
    }
    op_start_child(parent, &dial->op, &dial_kind);
}

void dial_start_at(struct dial_op *dial, struct op *parent, struct loop *loop,
                   const struct sockaddr_storage *addresses, unsigned count)
{
    assert(count > 0 && count <= DIAL_ADDRESSES_MAX);
    prepare(dial, loop);
    memcpy(dial->addresses, addresses, count * sizeof addresses[0]);
    dial->address_count = count;
    op_start_child(parent, &dial->op, &dial_kind);
}

struct stream *dial_take(struct dial_op *dial)
{
    struct stream *stream = dial->stream;

    dial->stream = NULL;
    return stream;
}
