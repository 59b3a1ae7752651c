/* http.h: HTTP requests by libcurl's multi interface on the context's loop: connections kept and used again, proxies,
 * TLS, time-outs of silence.  HTTP/1.1 only.  Nothing here knows of AWS. */
#ifndef LSMB_AWS_HTTP_H
#define LSMB_AWS_HTTP_H

#include "aws/host.h"
#include "aws/uri.h"
#include "base/error.h"
#include "proto/bytes.h"

struct http; /* connections and requests of one client */

struct http_options {
    /* Most at a time, all hosts together; more requests wait, but not for answers that nobody takes: everything that
     * is not a GET goes beside those. */
    unsigned connections;
    const char *ca_bundle; /* NULL: the system's */
};

/* NULL with `err` filled in. */
struct http *http_new(struct host *host, const struct http_options *opt, struct lsmb_error *err);
void http_free(struct http *http); /* requests have ended or been dropped; NULL is fine */

struct http_request;

struct http_calls {
    /* The head of an answer that is not an interim one has come: http_status(), http_header(). */
    void (*head)(struct http_request *);
    /* Bytes of its body: how many are taken.  Fewer than all: no more come until http_resume(), which begins with the
     * rest. */
    size_t (*body)(struct http_request *, struct span data);
};

/* All that is set by the owner is borrowed until the request has ended. */
struct http_request {
    const char *method;         /* set by the owner, like all up to `done` */
    const char *url;            /* its path and query go out as they are */
    const struct pair *headers; /* beside Host (from the URL) and Content-Length */
    size_t header_count;
    const struct span *body; /* pieces one after the other; sent as they are, with their length */
    size_t body_count;
    const struct http_calls *calls;
    uint32_t connect_ms, silence_ms; /* 0: 10 s; the host's */
    bool no_proxy;                   /* never through a proxy (an instance's own services) */
    struct ready *done;              /* woken when it has ended, and by nothing else */

    bool ended;      /* from here on: how it went */
    unsigned status; /* 0: no answer */
    bool answered;   /* some bytes of the answer have come */
    bool fresh;      /* it was the first on its connection, or got none */
    /* How often it went out: more than once when a connection that had been kept was lost without a word. */
    unsigned sendings;
    uint64_t sent, got;             /* bytes of the bodies */
    struct lsmb_error err;          /* LSMB_OK when the answer came as a whole */
    struct http_exchange *exchange; /* http's */
};

/* Begin; false without memory, or with a line end in a header, and nothing happens. */
bool http_begin(struct http *http, struct http_request *request);
void http_resume(struct http_request *request);
/* Give it up, or when it has ended give back what is kept of the answer's head: `done` is not woken any more. */
void http_drop(struct http_request *request);

/* How many bytes of the body have gone by now. */
uint64_t http_sent(const struct http_request *request);

/* A header of the answer, in any case; NULL: it has none.  Good until the request is used again or dropped. */
const char *http_header(const struct http_request *request, const char *name);

#endif
