/* exchange.c: one request and its answer, as libcurl carries them. */
#include "aws/exchange.h"

#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>

#include "base/number.h"
#include "base/secret.h"
#include "base/text.h"

enum {
    HEAD_MAX = 64 << 10,
    HEADS_MAX = 256 << 10, /* with those of interim answers, and trailers: libcurl keeps them all */
    CONNECT_MS = 10000,
    EXPECT_BYTES =
        2 << 20,      /* a longer body is not sent before the service has looked at the head */
    EXPECT_MS = 1000, /* but to one that does not know of that, after this */
    SEND_BYTES = 256 << 10,
    RECEIVE_BYTES = 256 << 10,
    KEEPALIVE_S = 30,
};

/* ---------------------------------------------------------------- what goes out */

static size_t read_body(char *out, size_t size, size_t count, void *arg)
{
    struct http_exchange *x = arg;
    size_t room = size * count;
    size_t done = 0;

    if (!x->request) {
        return CURL_READFUNC_ABORT;
    }
    while (done < room && x->piece < x->request->body_count) {
        struct span piece = x->request->body[x->piece];
        size_t n = least_size(room - done, piece.len - x->at);
        if (n > 0) {
            memcpy(out + done, piece.ptr + x->at, n);
        }
        done += n;
        x->at += n;
        if (x->at == piece.len) {
            x->piece++;
            x->at = 0;
        }
    }
    *x->moved = true;
    return done;
}

/* libcurl sends it once more by itself when a connection that was kept turns out to be closed. */
static int seek_body(void *arg, curl_off_t offset, int origin)
{
    struct http_exchange *x = arg;
    uint64_t left = (uint64_t)offset;

    if (!x->request || origin != SEEK_SET || offset < 0) {
        return CURL_SEEKFUNC_CANTSEEK;
    }
    for (x->piece = 0; x->piece < x->request->body_count; x->piece++) {
        if (left < x->request->body[x->piece].len) {
            break;
        }
        left -= x->request->body[x->piece].len;
    }
    x->at = (size_t)left;
    return CURL_SEEKFUNC_OK;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): libcurl's type */
static int before_sending(void *arg, char *remote, char *local, int remote_port, int local_port)
{
    struct http_exchange *x = arg;

    (void)remote;
    (void)local;
    (void)remote_port;
    (void)local_port;
    x->sendings++;
    if (x->request) {
        x->request->sendings = x->sendings;
    }
    return CURL_PREREQFUNC_OK;
}

/* ---------------------------------------------------------------- what comes in */

/* Stop it by ourselves: what a callback returns then. */
static size_t refuse(struct http_exchange *x, enum lsmb_code code, const char *why)
{
    error_set(&x->err, code, "%s", why);
    return 0;
}

static bool head_add(struct http_exchange *x, struct span part)
{
    if (part.len > x->head_room - x->head_len) {
        size_t room = x->head_room * 2 > x->head_len + part.len ? x->head_room * 2
                                                                : x->head_len + part.len + 1024;
        char *more = realloc(x->head, room);
        if (!more) {
            return false;
        }
        x->head = more;
        x->head_room = room;
    }
    if (part.len > 0) {
        memcpy(x->head + x->head_len, part.ptr, part.len);
    }
    x->head_len += part.len;
    return true;
}

static struct span trim(struct span s)
{
    while (s.len > 0 && strchr(" \t\r\n", s.ptr[s.len - 1])) {
        s.len--;
    }
    while (s.len > 0 && (s.ptr[0] == ' ' || s.ptr[0] == '\t')) {
        s.ptr++;
        s.len--;
    }
    return s;
}

/* RFC 9112 6.3: nobody knows which of two lengths is right, and libcurl might go by the other one. */
static bool is_other_length(const struct http_exchange *x, const char *kept)
{
    static const char name[] = "Content-Length";
    const char *first = http_header(x->request, name);

    return strncasecmp(kept, name, sizeof name - 1) == 0 && kept[sizeof name - 1] == ':' && first &&
           strcmp(first, kept + sizeof name) != 0;
}

/* "Name: value": keep it as "Name:value" and a 0.  What is no header is overlooked. */
static bool keep_header(struct http_exchange *x, struct span line)
{
    static const uint8_t end = 0;
    const uint8_t *colon = memchr(line.ptr, ':', line.len);

    if (!colon || colon == line.ptr) {
        return true;
    }
    size_t name_len = (size_t)(colon - line.ptr) + 1;
    struct span value = trim((struct span){colon + 1, line.len - name_len});
    return head_add(x, (struct span){line.ptr, name_len}) && head_add(x, value) &&
           head_add(x, (struct span){&end, 1});
}

/* "HTTP/1.1 200 OK": 200. */
static unsigned status_in(struct span line)
{
    const uint8_t *space = memchr(line.ptr, ' ', line.len);
    unsigned status = 0;

    if (!space) {
        return 0;
    }
    size_t left = line.len - (size_t)(space - line.ptr) - 1;
    for (size_t i = 1; i <= 3; i++) {
        if (i > left || space[i] < '0' || space[i] > '9') {
            return 0;
        }
        status = status * 10 + (unsigned)(space[i] - '0');
    }
    return status;
}

static void end_head(struct http_exchange *x)
{
    x->continued = x->continued || x->status == 100;
    if (x->status < 200) {
        return; /* an interim answer */
    }
    if (x->status == 417 && x->expects) { /* libcurl asks anew, without expecting anything */
        x->sendings -= x->sendings > 0;   /* what went out was answered: nothing was done */
        x->request->sendings = x->sendings;
        return;
    }
    x->head_whole = true;
    x->request->status = x->status;
    if (x->request->calls && x->request->calls->head) {
        x->request->calls->head(x->request);
    }
}

/* NOLINTNEXTLINE(readability-non-const-parameter): libcurl's type */
static size_t take_header(char *text, size_t size, size_t count, void *arg)
{
    struct http_exchange *x = arg;
    struct span line = {(const uint8_t *)text, size * count};

    if (!x->request) {
        return 0;
    }
    *x->moved = true;
    x->request->answered = true;
    x->heads_len += line.len;
    if (x->heads_len > HEADS_MAX) {
        return refuse(x, LSMB_E_PROTOCOL, "The heads of the answer are longer than 256 KiB");
    }
    if (x->head_whole) {
        return line.len; /* a trailer */
    }
    size_t at = x->head_len;
    if (line.len > HEAD_MAX - x->head_len) {
        return refuse(x, LSMB_E_PROTOCOL, "The head of the answer is longer than 64 KiB");
    }
    if (line.len > 5 && memcmp(line.ptr, "HTTP/", 5) == 0) {
        x->status = status_in(line);
        x->head_len = 0;
    } else if (trim(line).len == 0) {
        end_head(x);
    } else if (!keep_header(x, line)) {
        return refuse(x, LSMB_E_NOMEM, "no memory for the head of the answer");
    } else if (x->head_len > at && is_other_length(x, x->head + at)) {
        return refuse(x, LSMB_E_PROTOCOL, "The answer says two lengths");
    }
    return x->request ? line.len : 0;
}

/* What is not taken is held by libcurl: all of `text` comes again when the transfer goes on.
 * NOLINTNEXTLINE(readability-non-const-parameter): libcurl's type */
static size_t take_body(char *text, size_t size, size_t count, void *arg)
{
    struct http_exchange *x = arg;
    struct span data = {(const uint8_t *)text, size * count};

    if (!x->request) {
        return 0;
    }
    if (x->paused) {
        return CURL_WRITEFUNC_PAUSE;
    }
    *x->moved = true;
    if (!x->head_whole) {
        return data.len; /* of an answer after which libcurl asks anew */
    }
    size_t had = least_size(x->taken, data.len);
    struct span rest = {data.ptr + had, data.len - had};
    size_t now = rest.len;
    if (rest.len > 0 && x->request->calls && x->request->calls->body) {
        now = least_size(x->request->calls->body(x->request, rest), rest.len);
    }
    if (!x->request) {
        return 0;
    }
    x->request->got += now;
    if (now < rest.len) {
        x->taken = had + now;
        x->paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    x->taken -= had;
    return data.len;
}

/* ---------------------------------------------------------------- what libcurl is told */

static bool add_header(struct curl_slist **list, const char *name, const char *value)
{
    size_t room = strlen(name) + strlen(value) + 3;
    char *line = malloc(room);
    struct curl_slist *longer = NULL;

    if (line) {
        /* "Name;" is how libcurl is told of a header without a value: "Name:" would take one away. */
        text_format(line, room, value[0] ? "%s: %s" : "%s;%s", name, value);
        longer = curl_slist_append(*list, line);
        secret_erase(line, room);
    }
    free(line);
    *list = longer ? longer : *list;
    return longer != NULL;
}

static bool has_header(const struct http_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++) {
        if (strcasecmp(request->headers[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* Nothing goes out that the owner has not asked for, but what the connection needs: Host, Content-Length; and "Expect:
 * 100-continue" where it helps, which libcurl leaves out again for a server that does not know it if it is libcurl's. */
static bool make_headers(struct http_exchange *x)
{
    static const char *const not [] = {"Accept:", "Content-Type:", "Expect:"};
    const struct http_request *r = x->request;
    struct curl_slist *longer;

    for (size_t i = 0; i < r->header_count; i++) {
        if (strpbrk(r->headers[i].value, "\r\n")) {
            return false; /* libcurl would send what follows as a header of its own */
        }
        if (!add_header(&x->headers, r->headers[i].name, r->headers[i].value)) {
            return false;
        }
    }
    for (size_t i = 0; i < sizeof not / sizeof not [0]; i++) {
        char name[16];
        text_format(name, sizeof name, "%.*s", (int)strlen(not [i]) - 1, not [i]);
        if (has_header(r, name) || (x->expects && strcmp(name, "Expect") == 0)) {
            continue;
        }
        longer = curl_slist_append(x->headers, not [i]);
        if (!longer) {
            return false;
        }
        x->headers = longer;
    }
    return true;
}

static uint64_t body_bytes(const struct http_request *request)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < request->body_count; i++) {
        bytes += request->body[i].len;
    }
    return bytes;
}

#define SET(option, value) (curl_easy_setopt(x->easy, option, value) == CURLE_OK)

static bool set_request(struct http_exchange *x, uint64_t bytes)
{
    const struct http_request *r = x->request;
    bool puts = bytes > 0 || strcmp(r->method, "PUT") == 0 || strcmp(r->method, "POST") == 0;
    bool ok = SET(CURLOPT_URL, r->url) && SET(CURLOPT_HTTPHEADER, x->headers) &&
              SET(CURLOPT_PATH_AS_IS, 1L) && SET(CURLOPT_PROTOCOLS_STR, "http,https") &&
              SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) &&
              SET(CURLOPT_HTTP_CONTENT_DECODING, 0L) && SET(CURLOPT_FOLLOWLOCATION, 0L) &&
              SET(CURLOPT_USERAGENT, "lava-smb/" LSMB_VERSION);

    if (strcmp(r->method, "HEAD") == 0) {
        return ok && SET(CURLOPT_NOBODY, 1L);
    }
    if (puts) { /* all that has a Content-Length, which some stores want to see even when it is 0 */
        ok = ok && SET(CURLOPT_UPLOAD, 1L) && SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)bytes) &&
             SET(CURLOPT_UPLOAD_BUFFERSIZE, (long)SEND_BYTES) &&
             SET(CURLOPT_EXPECT_100_TIMEOUT_MS, (long)EXPECT_MS);
    }
    return ok && SET(CURLOPT_CUSTOMREQUEST, r->method);
}

static bool set_calls(struct http_exchange *x)
{
    return SET(CURLOPT_READFUNCTION, read_body) && SET(CURLOPT_READDATA, x) &&
           SET(CURLOPT_SEEKFUNCTION, seek_body) && SET(CURLOPT_SEEKDATA, x) &&
           SET(CURLOPT_HEADERFUNCTION, take_header) && SET(CURLOPT_HEADERDATA, x) &&
           SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L) && SET(CURLOPT_WRITEFUNCTION, take_body) &&
           SET(CURLOPT_WRITEDATA, x) && SET(CURLOPT_PREREQFUNCTION, before_sending) &&
           SET(CURLOPT_PREREQDATA, x) && SET(CURLOPT_PRIVATE, x) &&
           SET(CURLOPT_ERRORBUFFER, x->said);
}

uint32_t exchange_connect_ms(const struct http_exchange *x)
{
    return x->request->connect_ms ? x->request->connect_ms : CONNECT_MS;
}

static bool set_connection(struct http_exchange *x, const struct http_ways *ways)
{
    const struct http_request *r = x->request;
    bool ok = SET(CURLOPT_NOSIGNAL, 1L) && SET(CURLOPT_TCP_NODELAY, 1L) &&
              SET(CURLOPT_TCP_KEEPALIVE, 1L) && SET(CURLOPT_TCP_KEEPIDLE, (long)KEEPALIVE_S) &&
              SET(CURLOPT_TCP_KEEPINTVL, (long)KEEPALIVE_S) &&
              SET(CURLOPT_BUFFERSIZE, (long)RECEIVE_BYTES) &&
              SET(CURLOPT_DNS_SHUFFLE_ADDRESSES, 1L) && /* not everybody to the first of them */
              SET(CURLOPT_QUICK_EXIT, 1L) && /* a drop does not wait for the resolver's thread */
              SET(CURLOPT_CONNECTTIMEOUT_MS, (long)exchange_connect_ms(x)) &&
              SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) &&
              SET(CURLOPT_SHARE, ways->shared) &&
              SET(CURLOPT_OPENSOCKETFUNCTION, ways->open_socket) &&
              SET(CURLOPT_OPENSOCKETDATA, ways->open_arg);

    if (r->no_proxy) {
        ok = ok && SET(CURLOPT_PROXY, "");
    }
    if (ways->ca_bundle && ways->ca_is_folder) {
        ok = ok && SET(CURLOPT_CAPATH, ways->ca_bundle) && SET(CURLOPT_CAINFO, NULL);
    } else if (ways->ca_bundle) {
        ok = ok && SET(CURLOPT_CAINFO, ways->ca_bundle) && SET(CURLOPT_CAPATH, NULL);
    }
    return ok;
}

bool exchange_prepare(struct http_exchange *x, const struct http_ways *ways)
{
    uint64_t bytes = body_bytes(x->request);

    x->expects = bytes > EXPECT_BYTES && !ways->unasked;
    return make_headers(x) && set_request(x, bytes) && set_calls(x) && set_connection(x, ways);
}

/* ---------------------------------------------------------------- how it goes */

uint64_t exchange_mark(const struct http_exchange *x)
{
    curl_off_t up = 0;
    curl_off_t down = 0;
    int queued = 0;

    (void)curl_easy_getinfo(x->easy, CURLINFO_SIZE_UPLOAD_T, &up);
    (void)curl_easy_getinfo(x->easy, CURLINFO_SIZE_DOWNLOAD_T, &down);
    if (x->fd >= 0) { /* what the kernel still has may take long on a slow line */
        (void)ioctl(x->fd, SIOCOUTQ, &queued);
    }
    return (uint64_t)up + (uint64_t)down + x->head_len + x->sendings - (uint64_t)queued;
}

void exchange_report(struct http_exchange *x, CURLcode result)
{
    struct http_request *r = x->request;
    curl_off_t sent = 0;
    long connections = 0;

    (void)curl_easy_getinfo(x->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
    (void)curl_easy_getinfo(x->easy, CURLINFO_NUM_CONNECTS, &connections);
    r->sent = sent > 0 ? (uint64_t)sent : 0;
    r->fresh = connections > 0 || x->sendings == 0;
    if (x->err.code != LSMB_OK) {
        r->err = x->err;
    } else if (result != CURLE_OK) {
        http_error_set(&r->err, x, result);
    } else if (!x->head_whole && x->status != 417) { /* it ended within the head */
        http_error_set(&r->err, x, CURLE_GOT_NOTHING);
    } else if (!x->head_whole) { /* again, though nothing was expected of it */
        r->status = x->status;
    } else if (r->status < 300 && r->sent < body_bytes(r)) { /* it cannot have done what it says */
        http_error_set(&r->err, x, CURLE_SEND_ERROR);
    }
}

const char *http_header(const struct http_request *request, const char *name)
{
    const struct http_exchange *x = request->exchange;
    size_t len = strlen(name);

    for (size_t at = 0; x && at < x->head_len;) {
        const char *line = x->head + at;
        if (strncasecmp(line, name, len) == 0 && line[len] == ':') {
            return line + len + 1;
        }
        at += strlen(line) + 1;
    }
    return NULL;
}
