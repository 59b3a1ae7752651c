/* exchange.h: one request and its answer, as libcurl carries them: what is asked of it, and what it calls back.
 * For http.c, which knows when each has its turn. */
#ifndef LSMB_AWS_EXCHANGE_H
#define LSMB_AWS_EXCHANGE_H

#include <curl/curl.h>

#include "aws/http.h"
#include "base/list.h"

enum http_state { HTTP_WAITING, HTTP_RUNNING, HTTP_ENDED };

/* How a client's requests are made. */
struct http_ways {
    const char *ca_bundle; /* NULL: the system's */
    bool ca_is_folder;
    CURLSH *shared; /* TLS sessions */
    bool
        unasked; /* a service left us waiting for its leave to send: it is not asked for any more */
    curl_opensocket_callback open_socket;
    void *open_arg;
};

struct http_exchange {
    struct list node; /* in http->waiting, ->running or ->ended */
    struct http *http;
    struct http_request *request; /* NULL: nobody wants it any more */
    enum http_state state;
    CURL *easy;     /* NULL when it has ended */
    bool went_well; /* the handle may be used again */
    struct curl_slist *headers;
    struct ready ready; /* something is to be done that cannot be done where it is found */
    bool resume, broken;
    curl_socket_t fd;  /* that libcurl watches for it; -1: none */
    struct timer tick; /* to see whether anything moves */
    struct ready tick_over;
    uint64_t moved_ns; /* when it last did */
    uint64_t mark;     /* what had moved by then */
    bool *moved;       /* http's: set when bytes have come or gone */
    unsigned sendings;
    bool expects, continued; /* 100-continue; it came */
    bool paused;
    size_t taken;     /* of what comes again when it goes on */
    size_t piece, at; /* how far in the body that is sent */
    unsigned status;  /* of the head that is being read */
    bool head_whole;
    char *head; /* owned: lines "name:value", each ended by a 0 */
    size_t head_len, head_room;
    size_t heads_len;      /* of all heads and trailers so far */
    struct lsmb_error err; /* ours, where libcurl's is only that we stopped it */
    char said[CURL_ERROR_SIZE];
};

/* Tell libcurl all about it.  False without memory. */
bool exchange_prepare(struct http_exchange *x, const struct http_ways *ways);

/* Fill in how it went, when libcurl has ended it. */
void exchange_report(struct http_exchange *x, CURLcode result);

uint32_t exchange_connect_ms(const struct http_exchange *x);

/* What has moved so far, in any unit: it differs from before if anything has. */
uint64_t exchange_mark(const struct http_exchange *x);

/* In words, and with what can be done about it (aws/http_error.c). */
void http_error_set(struct lsmb_error *err, const struct http_exchange *x, CURLcode result);
void http_error_silence(struct lsmb_error *err, const char *url);

#endif
