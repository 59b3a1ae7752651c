/* http.c: requests by libcurl's multi interface, which this runs on the context's loop.
 *
 * libcurl is only called from the loop's "complete" phase (a descriptor, a timer, our ready list) or to begin and to
 * end something; what it calls back is the owner's head() and body().  So nobody is called back from inside a
 * function he called, but head() and body() come from inside libcurl, which is why what they ask for (resume, drop)
 * is put off. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/exchange.h"
#include "base/secret.h"

enum {
    TICKS = 4, /* silence is looked for so often within its limit */
    TICK_MIN_MS = 10,
    ROUNDS = 4, /* how often a descriptor is worked on in one turn, while bytes move */
};

struct http {
    struct host *host; /* borrowed */
    CURLM *multi;
    struct lsmb_timer *timer; /* libcurl's */
    struct list waiting, running, ended;
    struct list sockets;
    unsigned at_work; /* how many run */
    unsigned connections;
    CURL **spare; /* owned: room for `connections` handles to use again */
    unsigned spares;
    unsigned inside; /* libcurl is being called */
    bool moved;      /* bytes have, since this was cleared */
    char *ca_bundle; /* owned */
    struct http_ways ways;
};

/* A descriptor of libcurl's. */
struct http_socket {
    struct list node; /* in http->sockets */
    struct http *http;
    curl_socket_t fd;
    /* A second number of it, which is ours: libcurl (7.88) closes a socket that is still connecting before it says that
     * it need not be watched any more. */
    int watched;
    struct lsmb_poll *poll; /* NULL: it could not be watched */
};

static void begin_waiting(struct http *http);
static void collect(struct http *http);

static struct http_exchange *exchange_of(struct list *node)
{
    return CONTAINER_OF(node, struct http_exchange, node);
}

/* ---------------------------------------------------------------- the end of an exchange */

static void free_exchange(struct http_exchange *x)
{
    list_remove(&x->node);
    timer_stop(&x->tick);
    ready_forget(&x->tick_over);
    ready_forget(&x->ready);
    free(x->head);
    free(x);
}

/* Headers may hold a session's token. */
static void free_headers(struct curl_slist *headers)
{
    for (struct curl_slist *h = headers; h; h = h->next) {
        secret_erase(h->data, strlen(h->data));
    }
    curl_slist_free_all(headers);
}

/* Give back what libcurl has of it. */
static void let_go(struct http_exchange *x)
{
    struct http *http = x->http;

    if (x->state == HTTP_RUNNING) {
        http->inside++;
        (void)curl_multi_remove_handle(http->multi, x->easy);
        http->inside--;
        http->at_work--;
    }
    x->state = HTTP_ENDED;
    timer_stop(&x->tick);
    ready_forget(&x->tick_over);
    ready_forget(&x->ready);
    curl_easy_reset(x->easy);
    free_headers(x->headers);
    x->headers = NULL;
    /* One that failed early (no such host, say) may keep its buffer, and refuse to be told its size (libcurl 7.88). */
    if (x->went_well && http->spares < http->connections) {
        http->spare[http->spares++] = x->easy;
    } else {
        curl_easy_cleanup(x->easy);
    }
    x->easy = NULL;
    list_remove(&x->node);
    list_push_back(&http->ended, &x->node);
}

/* It has ended, and its owner is told so; or it is gone when he does not want to know. */
static void end(struct http_exchange *x, CURLcode result)
{
    struct http_request *request = x->request;

    if (request) {
        exchange_report(x, result);
        bool well = request->status >= 200 && request->status < 300;
        x->http->ways.unasked |= well && x->expects && !x->continued;
    }
    let_go(x);
    if (request) {
        request->ended = true;
        ready_wake(&x->http->host->env.ready, request->done);
    } else {
        free_exchange(x);
    }
}

static void end_with(struct http_exchange *x, const struct lsmb_error *err)
{
    x->err = *err;
    end(x, CURLE_ABORTED_BY_CALLBACK);
}

static void end_without_memory(struct http_exchange *x)
{
    struct lsmb_error err;

    error_set(&err, LSMB_E_NOMEM, "no memory for a request");
    end_with(x, &err);
}

/* ---------------------------------------------------------------- libcurl's turns */

/* After libcurl was called: what has ended, and who can begin for that. */
static void collect(struct http *http)
{
    CURLMsg *message;
    int left;

    if (http->inside > 0) {
        return;
    }
    while ((message = curl_multi_info_read(http->multi, &left))) {
        struct http_exchange *x = NULL;
        if (message->msg == CURLMSG_DONE) {
            CURLcode result = message->data.result;
            (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &x);
            end(x, result);
        }
    }
    begin_waiting(http);
    host_settle(http->host);
}

/* Without memory libcurl does not say whose descriptors are not watched now, nor try again. */
static void act(struct http *http, curl_socket_t fd, int events)
{
    int running;

    http->inside++;
    CURLMcode result = curl_multi_socket_action(http->multi, fd, events, &running);
    http->inside--;
    if (result != CURLM_OK) {
        LIST_EACH(node, &http->running)
        {
            struct http_exchange *x = exchange_of(node);
            x->broken = true;
            ready_wake(&http->host->env.ready, &x->ready);
        }
    }
}

static struct http_socket *socket_find(struct http *http, curl_socket_t fd)
{
    LIST_EACH(node, &http->sockets)
    {
        struct http_socket *s = CONTAINER_OF(node, struct http_socket, node);
        if (s->fd == fd) {
            return s;
        }
    }
    return NULL;
}

/* libcurl takes what one call of the system gives: as long as bytes come it is asked again, within reason. */
static void socket_ready(void *arg, unsigned events)
{
    const struct http_socket *s = arg;
    struct http *http = s->http;
    curl_socket_t fd = s->fd;
    int mask = (events & LSMB_READABLE ? CURL_CSELECT_IN : 0) |
               (events & LSMB_WRITABLE ? CURL_CSELECT_OUT : 0);

    for (unsigned i = 0; i < ROUNDS; i++) {
        http->moved = false;
        act(http, fd, mask);
        if (!http->moved || socket_find(http, fd) != s) {
            break;
        }
    }
    collect(http);
}

static void time_over(void *arg)
{
    struct http *http = arg;

    act(http, CURL_SOCKET_TIMEOUT, 0);
    collect(http);
}

static int set_timer(CURLM *multi, long ms, void *arg)
{
    struct http *http = arg;

    (void)multi;
    if (ms < 0) {
        lsmb_timer_set(http->timer, UINT64_MAX);
    } else {
        lsmb_timer_set(http->timer,
                       ms == 0 ? 0 : env_now(&http->host->env) + (uint64_t)ms * NS_PER_MS);
    }
    return 0;
}

/* ---------------------------------------------------------------- descriptors */

static unsigned wanted(int what)
{
    return (what == CURL_POLL_IN || what == CURL_POLL_INOUT ? LSMB_READABLE : 0u) |
           (what == CURL_POLL_OUT || what == CURL_POLL_INOUT ? LSMB_WRITABLE : 0u);
}

static void socket_free(struct http_socket *s)
{
    list_remove(&s->node);
    lsmb_poll_end(s->poll);
    if (s->watched >= 0) {
        (void)close(s->watched);
    }
    free(s);
}

/* Not to be inherited by what the host starts; and none that has the number of one that libcurl closed without a
 * word: it would take the new one for that, and as watched. */
static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);

    (void)purpose;
    while (fd >= 0 && socket_find(arg, fd)) {
        int other = fcntl(fd, F_DUPFD_CLOEXEC, fd + 1);
        (void)close(fd);
        fd = other;
    }
    return fd;
}

static struct http_socket *socket_new(struct http *http, curl_socket_t fd)
{
    struct http_socket *s = calloc(1, sizeof *s);

    if (s) {
        *s = (struct http_socket){.http = http, .fd = fd, .watched = -1};
        list_push_back(&http->sockets, &s->node);
        (void)curl_multi_assign(http->multi, fd, s);
    }
    return s;
}

static bool socket_watch(struct http *http, struct http_socket *s, curl_socket_t fd, int what)
{
    if (s && s->poll) {
        return lsmb_poll_change(s->poll, wanted(what));
    }
    s = s ? s : socket_new(http, fd);
    if (!s) {
        return false;
    }
    if (s->watched < 0) {
        s->watched = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    }
    if (s->watched >= 0) {
        s->poll = lsmb_poll_begin(http->host->smb, s->watched, wanted(what), socket_ready, s);
    }
    return s->poll != NULL;
}

/* To say that it went wrong would end all transfers, for good: only the one that it is for does. */
static int socket_changed(CURL *easy, curl_socket_t fd, int what, void *arg, void *mine)
{
    struct http *http = arg;
    struct http_exchange *x = NULL;

    (void)curl_easy_getinfo(easy, CURLINFO_PRIVATE,
                            &x); /* none: a connection that is being closed */
    if (x) {
        x->fd = what == CURL_POLL_REMOVE ? CURL_SOCKET_BAD : fd;
    }
    if (what == CURL_POLL_REMOVE) {
        if (mine) {
            socket_free(mine);
        }
    } else if (!socket_watch(http, mine, fd, what) && x) {
        x->broken = true;
        ready_wake(&http->host->env.ready, &x->ready);
    }
    return 0;
}

/* ---------------------------------------------------------------- one exchange */

static void go_on(struct http_exchange *x)
{
    CURLcode result;

    x->resume = false;
    if (!x->paused) {
        return;
    }
    x->paused = false;
    x->moved_ns = env_now(&x->http->host->env);
    x->http->inside++;
    result = curl_easy_pause(x->easy, CURLPAUSE_CONT);
    x->http->inside--;
    if (result != CURLE_OK) {
        end(x, result);
    }
}

static void exchange_due(struct ready *ready)
{
    struct http_exchange *x = CONTAINER_OF(ready, struct http_exchange, ready);
    struct http *http = x->http;

    if (!x->request) {
        let_go(x);
        free_exchange(x);
    } else if (x->broken) {
        end_without_memory(x);
    } else if (x->resume) {
        go_on(x);
    }
    collect(http);
}

static uint32_t silence_ms(const struct http_exchange *x)
{
    return x->request->silence_ms ? x->request->silence_ms : x->http->host->env.silence_ms;
}

static void arm_tick(struct http_exchange *x)
{
    uint32_t ms = silence_ms(x) / TICKS;

    env_arm(&x->http->host->env, &x->tick, ms > TICK_MIN_MS ? ms : TICK_MIN_MS, &x->tick_over);
}

/* While it connects libcurl has a limit for it, and while it is paused the silence is ours. */
static void tick(struct ready *ready)
{
    struct http_exchange *x = CONTAINER_OF(ready, struct http_exchange, tick_over);
    uint64_t now = env_now(&x->http->host->env);
    uint64_t mark = exchange_mark(x);
    struct http *http = x->http;
    struct lsmb_error err;

    if (!x->request) {
        return; /* it goes anyway */
    }
    if (mark != x->mark || x->paused) {
        x->mark = mark;
        x->moved_ns = now;
    }
    uint64_t limit_ms = (uint64_t)silence_ms(x) + (x->sendings == 0 ? exchange_connect_ms(x) : 0);
    if (now - x->moved_ns < limit_ms * NS_PER_MS) {
        arm_tick(x);
        return;
    }
    http_error_silence(&err, x->request->url);
    end_with(x, &err);
    collect(http);
}

/* False without memory. */
static bool run(struct http_exchange *x)
{
    struct http *http = x->http;

    http->inside++;
    CURLMcode result = curl_multi_add_handle(http->multi, x->easy);
    http->inside--;
    if (result != CURLM_OK) {
        return false;
    }
    x->state = HTTP_RUNNING;
    http->at_work++;
    list_remove(&x->node);
    list_push_back(&http->running, &x->node);
    x->moved_ns = env_now(&http->host->env);
    arm_tick(x);
    return true;
}

static unsigned count_paused(const struct http *http)
{
    unsigned count = 0;

    LIST_EACH(node, &http->running)
    {
        count += exchange_of(node)->paused;
    }
    return count;
}

/* What is paused may wait for what waits here: a copy from S3 to S3 would stand still when all connections hold answers
 * that nobody takes.  So whatever is not itself an answer to be held may go beside them. */
static bool may_run(const struct http *http, const struct http_exchange *x)
{
    return http->at_work < http->connections ||
           (strcmp(x->request->method, "GET") != 0 &&
            http->at_work < http->connections + count_paused(http));
}

static void begin_waiting(struct http *http)
{
    LIST_EACH(node, &http->waiting)
    {
        struct http_exchange *x = exchange_of(node);
        if (may_run(http, x)) {
            list_remove(node);
            if (!run(x)) {
                end_without_memory(x);
            }
        }
    }
}

static struct http_exchange *exchange_new(struct http *http, struct http_request *request)
{
    struct http_exchange *x = calloc(1, sizeof *x);

    if (!x) {
        return NULL;
    }
    *x = (struct http_exchange){.http = http,
                                .request = request,
                                .ready = {.run = exchange_due},
                                .fd = CURL_SOCKET_BAD,
                                .tick_over = {.run = tick},
                                .moved = &http->moved};
    x->easy = http->spares > 0 ? http->spare[--http->spares] : curl_easy_init();
    if (!x->easy) {
        free(x);
        return NULL;
    }
    list_push_back(&http->waiting, &x->node);
    if (!exchange_prepare(x, &http->ways)) {
        let_go(x);
        free_exchange(x);
        return NULL;
    }
    return x;
}

bool http_begin(struct http *http, struct http_request *request)
{
    http_drop(request);
    request->ended = request->answered = request->fresh = false;
    request->status = request->sendings = 0;
    request->sent = request->got = 0;
    request->err = (struct lsmb_error){.code = LSMB_OK};
    struct http_exchange *x = exchange_new(http, request);
    if (!x) {
        return false;
    }
    if (may_run(http, x) && !run(x)) {
        let_go(x);
        free_exchange(x);
        return false;
    }
    request->exchange = x;
    host_settle(http->host);
    return true;
}

void http_resume(struct http_request *request)
{
    struct http_exchange *x = request->exchange;

    if (x && x->state == HTTP_RUNNING) {
        x->resume = true;
        ready_wake(&x->http->host->env.ready, &x->ready);
    }
}

uint64_t http_sent(const struct http_request *request)
{
    const struct http_exchange *x = request->exchange;
    curl_off_t sent = 0;

    if (!x || !x->easy) {
        return request->sent;
    }
    (void)curl_easy_getinfo(x->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
    return sent > 0 ? (uint64_t)sent : 0;
}

void http_drop(struct http_request *request)
{
    struct http_exchange *x = request->exchange;

    request->exchange = NULL;
    if (!x) {
        return;
    }
    struct http *http = x->http;
    x->request = NULL;
    ready_forget(request->done);
    if (x->state == HTTP_ENDED) {
        free_exchange(x);
        return;
    }
    if (x->state == HTTP_RUNNING && http->inside > 0) { /* from head() or body() */
        ready_wake(&http->host->env.ready, &x->ready);
        return;
    }
    let_go(x);
    free_exchange(x);
    begin_waiting(http);
    host_settle(http->host);
}

/* ---------------------------------------------------------------- all of it */

static bool set_up_curl(struct http *http)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return false;
    }
    http->multi = curl_multi_init();
    http->ways.shared = curl_share_init();
    http->timer = lsmb_timer_new(http->host->smb, time_over, http);
    http->spare = calloc(http->connections, sizeof(CURL *));
    if (!http->multi || !http->ways.shared || !http->timer || !http->spare) {
        return false;
    }
    long most = (long)http->connections; /* to keep; twice as many may run (may_run()) */
    return curl_share_setopt(http->ways.shared, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION) ==
               CURLSHE_OK &&
           curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, socket_changed) == CURLM_OK &&
           curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http) == CURLM_OK &&
           curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, set_timer) == CURLM_OK &&
           curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http) == CURLM_OK &&
           curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, most) == CURLM_OK &&
           curl_multi_setopt(http->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, 2 * most) == CURLM_OK;
}

struct http *http_new(struct host *host, const struct http_options *opt, struct lsmb_error *err)
{
    struct http *http = calloc(1, sizeof *http);
    struct stat stat_buf;
    bool ok = false;

    if (http) {
        *http = (struct http){.host = host, .connections = opt->connections};
        list_init(&http->waiting);
        list_init(&http->running);
        list_init(&http->ended);
        list_init(&http->sockets);
        http->ca_bundle = opt->ca_bundle ? strdup(opt->ca_bundle) : NULL;
        http->ways.ca_bundle = http->ca_bundle;
        http->ways.open_socket = open_socket;
        http->ways.open_arg = http;
        http->ways.ca_is_folder =
            opt->ca_bundle && stat(opt->ca_bundle, &stat_buf) == 0 && S_ISDIR(stat_buf.st_mode);
        ok = set_up_curl(http) && (http->ca_bundle || !opt->ca_bundle);
    }
    if (!ok) {
        http_free(http);
        error_set(err, LSMB_E_NOMEM, "no memory for HTTP");
        return NULL;
    }
    return http;
}

static void free_all(struct list *exchanges)
{
    for (struct list *node; (node = list_pop_front(exchanges));) {
        struct http_exchange *x = exchange_of(node);
        x->request = NULL;
        if (x->state != HTTP_ENDED) {
            let_go(x);
        }
        free_exchange(x);
    }
}

void http_free(struct http *http)
{
    if (!http) {
        return;
    }
    free_all(&http->waiting);
    free_all(&http->running);
    free_all(&http->ended);
    for (unsigned i = 0; i < http->spares; i++) {
        curl_easy_cleanup(http->spare[i]);
    }
    if (http->multi) {
        (void)curl_multi_cleanup(http->multi); /* which tells of the descriptors it closes */
    }
    for (struct list *node; (node = list_pop_front(&http->sockets));) {
        socket_free(CONTAINER_OF(node, struct http_socket, node));
    }
    if (http->ways.shared) {
        (void)curl_share_cleanup(http->ways.shared);
    }
    lsmb_timer_free(http->timer);
    free(http->spare);
    free(http->ca_bundle);
    free(http);
}
