/* http_script.h: plain HTTP without a network: requests are kept until a test answers them.
 *
 * For one file of a test program, which gets it in the place of aws/http.c.
 *
 *     heard_by(&env);
 *     struct http_request *request = heard_one("GET http://169.254.170.2/x");  // fails the test if there is no such one
 *     ck_assert_str_eq(heard_header(request, "accept"), "application/json");
 *     heard_answer(request, 200, "{}");
 */
#ifndef LSMB_TEST_AWS_HTTP_SCRIPT_H
#define LSMB_TEST_AWS_HTTP_SCRIPT_H

#include "aws/http.h"
#include "test/run.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static struct {
    struct env *env;
    struct http_request *open; /* one at a time */
    unsigned begun;
} heard;

static inline void heard_by(struct env *env)
{
    heard.env = env;
    heard.open = NULL;
    heard.begun = 0;
}

bool http_begin(struct http *http, struct http_request *request)
{
    void *memory = malloc(16);

    (void)http;
    if (!memory) {
        return false;
    }
    free(memory);
    assert(!heard.open); /* not check's: it allocates, which a test may forbid */
    heard.open = request;
    heard.begun++;
    request->ended = false;
    return true;
}

void http_drop(struct http_request *request)
{
    if (heard.open == request) {
        heard.open = NULL;
    }
}

/* ---------------------------------------------------------------- for tests */

static inline struct http_request *heard_one(const char *what)
{
    char line[600];

    ck_assert_msg(heard.open != NULL, "nobody has asked for %s", what);
    (void)snprintf(line, sizeof line, "%s %s", heard.open->method, heard.open->url);
    ck_assert_str_eq(line, what);
    ck_assert(heard.open->no_proxy);
    return heard.open;
}

static inline const char *heard_header(const struct http_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++) {
        if (strcasecmp(request->headers[i].name, name) == 0) {
            return request->headers[i].value;
        }
    }
    return NULL;
}

static inline void heard_end(struct http_request *request)
{
    heard.open = NULL;
    request->ended = true;
    ready_wake(&heard.env->ready, request->done);
}

/* The answer comes in two pieces. */
static inline void heard_answer(struct http_request *request, unsigned status, const char *body)
{
    size_t len = strlen(body), half = len / 2;
    const uint8_t *bytes = (const uint8_t *)body;

    request->status = status;
    request->answered = true;
    request->calls->head(request);
    if (request->calls->body(request, (struct span){bytes, half}) == half &&
        request->calls->body(request, (struct span){bytes + half, len - half}) == len - half) {
        heard_end(request);
    }
}

static inline void heard_nobody(struct http_request *request)
{
    error_set(&request->err, LSMB_E_NETWORK, "Could not connect to the endpoint URL: \"%s\"",
              request->url);
    heard_end(request);
}

#endif
