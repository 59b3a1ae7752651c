/* provide_container.c: the agent beside a container (ECS, EKS, or anybody who speaks as they do).
 * AWS SDKs and Tools Reference Guide, "Container credential provider". */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/fetch.h"
#include "aws/provider.h"
#include "aws/small_file.h"

enum { LIMIT_MS = 2000, ATTEMPTS = 3, PAUSE_MS = 1000 };

struct container_op {
    struct provider_op base; /* first */
    char *url;
    char *token; /* what is asked with; NULL: nothing */
    struct pair headers[2];
    struct fetch fetch;
};

enum { ST_ASK, ST_ANSWER };

static struct container_op *container_of(struct op *op)
{
    return CONTAINER_OF(op, struct container_op, base.op);
}

/* ---------------------------------------------------------------- whom we may ask */

/* In the clear our token may go to this machine and to the agents' own addresses only. */
static bool is_neighbour(char *host)
{
    static const char *const agents[] = {"169.254.170.2", "169.254.170.23", "fd00:ec2::23"};
    struct in_addr v4;
    struct in6_addr v6, agent;
    size_t len = strlen(host);

    if (host[0] == '[' && len > 1 && host[len - 1] == ']') {
        host[len - 1] = '\0';
        host++;
    }
    if (strcasecmp(host, "localhost") == 0) {
        return true;
    }
    if (inet_pton(AF_INET, host, &v4) == 1) {
        return ntohl(v4.s_addr) >> 24 == 127 || strcmp(host, agents[0]) == 0 ||
               strcmp(host, agents[1]) == 0;
    }
    return inet_pton(AF_INET6, host, &v6) == 1 &&
           (IN6_IS_ADDR_LOOPBACK(&v6) ||
            (inet_pton(AF_INET6, agents[2], &agent) == 1 && memcmp(&v6, &agent, sizeof v6) == 0));
}

/* Judged by what curl makes of the URL, since it is curl that will go there. */
static bool may_ask(CURLU *parts, const char *url)
{
    char *scheme = NULL, *host = NULL, *user = NULL;
    bool may = false;

    if (curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_USER, &user, 0) == CURLUE_NO_USER) {
        may = strcmp(scheme, "https") == 0 || (strcmp(scheme, "http") == 0 && is_neighbour(host));
    }
    curl_free(scheme);
    curl_free(host);
    curl_free(user);
    return may;
}

static enum op_next check_url(struct container_op *c)
{
    struct op *op = &c->base.op;
    CURLU *parts = curl_url();

    if (!parts) {
        return op_fail(op, LSMB_E_NOMEM, "no memory for a URL");
    }
    bool may = may_ask(parts, c->url);
    curl_url_cleanup(parts);
    if (!may) {
        return op_fail(op, LSMB_E_USAGE,
                       "AWS_CONTAINER_CREDENTIALS_FULL_URI \"%s\" is neither https, nor on this "
                       "machine, nor one of 169.254.170.2, 169.254.170.23, [fd00:ec2::23]",
                       c->url);
    }
    return OP_AGAIN;
}

/* ---------------------------------------------------------------- what is asked */

/* Who asks for a profile gives up the environment's keys, but not the place where we run. */
static const char *variable(const struct provider_op *p, const char *name)
{
    return settings_env(&p->want.s3->settings, name);
}

/* NULL: it does not apply, or (`no_memory`) there is none. */
static char *find_url(const struct provider_op *p, bool *no_memory)
{
    static const char agent[] = "http://169.254.170.2";
    const char *value = variable(p, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    bool relative = value != NULL;

    if (!value) {
        value = variable(p, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
    }
    if (!value) {
        return NULL;
    }
    size_t room = sizeof agent + 1 + strlen(value);
    char *url = malloc(room);
    if (url) { /* without the '/' its host could become something else */
        (void)snprintf(url, room, "%s%s%s", relative ? agent : "",
                       relative && value[0] != '/' ? "/" : "", value);
    }
    *no_memory = !url;
    return url;
}

/* The token of the file, which is replaced from time to time, else of the variable. */
static enum op_next find_token(struct container_op *c)
{
    struct provider_op *p = &c->base;
    const char *value = variable(p, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    struct lsmb_error err;

    if (value) {
        c->token = small_file_read(value, &err);
        if (!c->token) {
            return provider_fail(p, &err);
        }
    } else {
        value = variable(p, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
        c->token = value ? strdup(value) : NULL;
        if (value && !c->token) {
            return op_fail(&p->op, LSMB_E_NOMEM, "no memory for a token");
        }
    }
    if (c->token && strpbrk(c->token, "\r\n")) {
        return op_fail(&p->op, LSMB_E_USAGE,
                       "the container's authorization token has a line end in it");
    }
    return OP_AGAIN;
}

static enum op_next ask(struct op *op)
{
    struct container_op *c = container_of(op);
    bool no_memory = false;

    c->url = find_url(&c->base, &no_memory);
    if (!c->url) {
        return no_memory ? op_fail(op, LSMB_E_NOMEM, "no memory for a URL") : OP_DONE;
    }
    enum op_next next = check_url(c);
    if (next == OP_AGAIN) {
        next = find_token(c);
    }
    if (next != OP_AGAIN) {
        return next;
    }
    c->headers[0] = (struct pair){"accept", "application/json"};
    c->headers[1] = (struct pair){"authorization", c->token};
    struct fetch_want want = {.method = "GET",
                              .url = c->url,
                              .headers = c->headers,
                              .header_count = c->token ? 2 : 1,
                              .limit_ms = LIMIT_MS,
                              .attempts = ATTEMPTS,
                              .pause_ms = PAUSE_MS};
    fetch_start(&c->fetch, op, c->base.want.s3, &want);
    return op_go(op, ST_ANSWER);
}

static enum op_next take_answer(struct op *op)
{
    struct container_op *c = container_of(op);
    const struct fetch *f = &c->fetch;
    struct lsmb_error err;

    if (!op_finished(&f->op)) {
        return OP_WAIT;
    }
    if (op_failed(&f->op)) {
        return provider_fail(&c->base, &f->op.err);
    }
    if (f->status != 200) { /* its body may say anything */
        error_set(&err, LSMB_E_AUTH, "%s answered with status %u", c->url, f->status);
        return provider_fail(&c->base, &err);
    }
    return provider_found_json(&c->base, f->text, f->len, "Token");
}

static void release(struct op *op)
{
    struct container_op *c = container_of(op);

    fetch_free(&c->fetch);
    small_text_free(c->token);
    free(c->url);
    c->token = c->url = NULL;
}

static const struct op_step steps[] = {
    [ST_ASK] = {"ask the container for credentials", ask, 0},
    [ST_ANSWER] = {"ask the container for credentials", take_answer, 0},
};

const struct provider provider_container = {"container-role",
                                            sizeof(struct container_op),
                                            {"credentials of the container", steps, release}};
