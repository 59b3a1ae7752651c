/* call_world.h: a client of AWS whose services are all one server of the test's (http_server.h).
 *
 *     struct call_world w;
 *
 *     call_world_init(&w, serve);
 *     ask(&w, &want);                 // until it has ended: w.call
 *     ck_assert(!op_failed(&w.call.op));
 *     call_world_free(&w);
 */
#ifndef LSMB_TEST_AWS_CALL_WORLD_H
#define LSMB_TEST_AWS_CALL_WORLD_H

#include "aws/call.h"
#include "test/aws/http_server.h"

enum { WORLD_PATIENCE_MS = 40000, WORLD_LOG = 16384 };

struct call_world {
    struct lsmb *smb;
    struct lsmb_s3 *s3;
    struct http_server server;
    struct environment env;
    struct random random; /* always the least */
    char endpoint[64];
    const char *region, *token, *later_token; /* the latter once something was asked */
    struct call call;
    bool finished;
    char log[WORLD_LOG];
    size_t log_len;
};

static inline const char *world_variable(void *arg, const char *name)
{
    const struct call_world *w = arg;

    if (strcmp(name, "AWS_ENDPOINT_URL") == 0) {
        return w->endpoint;
    }
    if (strcmp(name, "AWS_ACCESS_KEY_ID") == 0) {
        return "AKID";
    }
    if (strcmp(name, "AWS_SECRET_ACCESS_KEY") == 0) {
        return "SECRET";
    }
    if (strcmp(name, "AWS_SESSION_TOKEN") == 0) {
        return w->server.requests > 0 && w->later_token ? w->later_token : w->token;
    }
    if (strcmp(name, "AWS_DEFAULT_REGION") == 0) {
        return w->region;
    }
    if (strcmp(name, "AWS_CONFIG_FILE") == 0 || strcmp(name, "AWS_SHARED_CREDENTIALS_FILE") == 0) {
        return "/nowhere/file";
    }
    return strcmp(name, "AWS_EC2_METADATA_DISABLED") == 0 ? "true" : NULL;
}

static inline bool world_least(struct random *random, void *out, size_t len)
{
    (void)random;
    memset(out, 0, len);
    return true;
}

static inline void world_log(void *arg, enum lsmb_log_level level, const char *line)
{
    static const char names[] = "EWID";
    struct call_world *w = arg;
    int n = snprintf(w->log + w->log_len, WORLD_LOG - w->log_len, "%c %s\n", names[level], line);

    if (n > 0 && (size_t)n < WORLD_LOG - w->log_len) {
        w->log_len += (size_t)n;
    }
}

static inline void call_world_open(struct call_world *w)
{
    struct lsmb_options opt = {
        .size = sizeof opt, .log = world_log, .log_arg = w, .log_level = LSMB_LOG_DEBUG};
    struct lsmb_error err;

    w->env = (struct environment){world_variable, w};
    w->random.fill = world_least;
    w->smb = lsmb_new(&opt, &err);
    ck_assert_ptr_nonnull(w->smb);
    w->s3 = s3_new_in(w->smb, NULL, &w->env, &err);
    ck_assert_msg(w->s3 != NULL, "%s", err.reason);
    w->s3->host.env.random = &w->random;
}

static inline void call_world_init(struct call_world *w, serve_fn *serve)
{
    memset(w, 0, sizeof *w);
    http_server_start(&w->server, serve, w);
    (void)snprintf(w->endpoint, sizeof w->endpoint, "http://127.0.0.1:%u", w->server.port);
    w->region = "eu-west-1";
    call_world_open(w);
}

static inline void call_world_free(struct call_world *w)
{
    call_free(&w->call);
    lsmb_s3_free(w->s3);
    lsmb_free(w->smb);
    http_server_stop(&w->server);
}

static inline void world_ended(struct op *op)
{
    struct call_world *w = op->arg;

    w->finished = true;
}

static inline void world_begin(struct call_world *w, const struct call_want *want)
{
    w->finished = false;
    w->call.op.arg = w;
    call_start(&w->call, NULL, w->s3, want, world_ended);
}

static inline void world_turn_for(struct call_world *w, uint32_t ms)
{
    uint64_t end = lsmb_now_ns(w->smb) + ms * NS_PER_MS;

    while (lsmb_now_ns(w->smb) < end) {
        ck_assert_int_eq(lsmb_turn(w->smb, 10), LSMB_OK);
    }
}

static inline void world_await(struct call_world *w)
{
    uint64_t end = lsmb_now_ns(w->smb) + WORLD_PATIENCE_MS * NS_PER_MS;

    while (!w->finished) {
        ck_assert_msg(lsmb_now_ns(w->smb) < end, "the call did not end");
        ck_assert_int_eq(lsmb_turn(w->smb, 100), LSMB_OK);
    }
}

/* So many requests have come: what was sent and given up may be heard later. */
static inline void world_await_requests(struct call_world *w, unsigned count)
{
    uint64_t end = lsmb_now_ns(w->smb) + WORLD_PATIENCE_MS * NS_PER_MS;

    while (http_server_asked(&w->server) < count) {
        ck_assert_msg(lsmb_now_ns(w->smb) < end, "fewer than %u requests", count);
        ck_assert_int_eq(lsmb_turn(w->smb, 10), LSMB_OK);
    }
}

static inline void ask(struct call_world *w, const struct call_want *want)
{
    world_begin(w, want);
    world_await(w);
}

/* A request for an object. */
static inline struct call_want want_object(const char *operation, const char *method)
{
    struct call_want want = {.service = SERVICE_S3,
                             .operation = operation,
                             .method = method,
                             .bucket = "bucket",
                             .key = "a key"};

    return want;
}

/* What the services say when they refuse. */
static inline void say_error(struct talk *talk, const char *status, const char *headers,
                             const char *code, const char *message)
{
    char body[512];
    int n = snprintf(body, sizeof body,
                     "<?xml version=\"1.0\"?><Error><Code>%s</Code><Message>%s</Message></Error>",
                     code, message);

    talk_body(talk);
    talk_say(talk, "HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s", status, headers, n, body);
}

static inline void say_ok(struct talk *talk, const char *body)
{
    talk_body(talk);
    talk_say(talk, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nETag: \"e\"\r\n\r\n%s", strlen(body),
             body);
}

#endif
