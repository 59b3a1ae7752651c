/* fetch.h: one plain HTTP request to a neighbour that hands out credentials: the container's agent, the instance's metadata
 * service.  Never by way of a proxy. */
#ifndef LSMB_AWS_FETCH_H
#define LSMB_AWS_FETCH_H

#include "aws/client.h"
#include "aws/http.h"
#include "base/op.h"

enum { FETCH_MAX = 65536 }; /* bytes of an answer */

struct fetch_want { /* all borrowed until it has ended */
    const char *method, *url;
    const struct pair *headers;
    size_t header_count;
    uint32_t limit_ms; /* for a connection, and for silence */
    unsigned attempts; /* at least 1 */
    uint32_t pause_ms; /* between them */
};

/* It ends well when there was an answer, whatever it says. */
struct fetch {
    struct op op; /* a child's */
    struct lsmb_s3 *s3;
    struct fetch_want want;
    struct http_request http;
    bool begun; /* there is a request that has not been looked at */
    bool too_long;
    unsigned tries;
    struct timer pause;
    unsigned status; /* HTTP */
    char *text;      /* owned: its body, ended by a 0; erased when it goes */
    size_t len;
};

/* `fetch` is zeroed before, but for what its last use left. */
void fetch_start(struct fetch *fetch, struct op *parent, struct lsmb_s3 *s3,
                 const struct fetch_want *want);
void fetch_free(struct fetch *fetch); /* has ended; harmless when it owns nothing */

#endif
