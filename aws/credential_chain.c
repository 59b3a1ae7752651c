/* credential_chain.c: the credentials of a client, and what becomes of them in time. */
#include <stdlib.h>
#include <string.h>

#include "aws/placement.h"
#include "aws/provider.h"

enum {
    SOON_S = 15 * 60,   /* left: time to fetch new ones meanwhile */
    NOW_S = 10 * 60,    /* left: time to wait for new ones */
    STEADY_S = 20 * 60, /* how long those that cannot be had anew are kept, before the next try */
    REST_S = 60,        /* between tries while the old ones do */
    REST_FAILED_S =
        1, /* and while there are none: whoever asks at once is told of the same failure */
};

/* Looking for them, in the world as it is then. */
struct find_op {
    struct op op; /* first */
    struct credential_chain *chain;
    struct placement placement;
    const struct provider *places[2]; /* for those that were found before: only where that was */
    struct provider_op *search;
};

struct credential_chain {
    struct lsmb_s3 *s3;
    struct credentials have;
    const struct provider *by; /* who gave them; NULL: nobody yet */
    bool steady;               /* as provider_op's */
    bool spoilt;               /* a service says that they are of no use */
    bool finding;
    struct find_op find;
    uint64_t rest_ns; /* not to be tried before */
    struct list waiting;
    struct lsmb_error err;
};

/* ---------------------------------------------------------------- to find them */

enum { ST_REGION, ST_SEARCH, ST_FOUND };

static const struct provider *const all_places[] = {&provider_environment,  &provider_role,
                                                    &provider_web_identity, &provider_shared,
                                                    &provider_process,      &provider_config,
                                                    &provider_sso,          &provider_container,
                                                    &provider_instance,     NULL};

static struct find_op *find_of(struct op *op)
{
    return CONTAINER_OF(op, struct find_op, op);
}

/* Where nobody has said which region it is. */
static enum op_next find_region(struct op *op)
{
    struct find_op *f = find_of(op);
    struct lsmb_s3 *s3 = f->chain->s3;

    if (s3->settings.region) {
        return op_go(op, ST_SEARCH);
    }
    if (!f->placement.op.kind) {
        placement_start(&f->placement, op, s3);
    }
    enum op_next next = op_await(op, &f->placement.op);
    return next == OP_AGAIN ? op_go(op, ST_SEARCH) : next;
}

static enum op_next start_search(struct op *op)
{
    struct find_op *f = find_of(op);
    const struct settings *settings = &f->chain->s3->settings;
    struct provider_want want = {.s3 = f->chain->s3,
                                 .profile = settings->profile,
                                 .no_variables = settings->profile_explicit,
                                 .places = f->places[0] ? f->places : all_places};

    f->search = provider_start(op, &provider_search, &want);
    if (!f->search) {
        return op_fail(op, LSMB_E_NOMEM, "no memory to look for credentials");
    }
    return op_go(op, ST_FOUND);
}

static enum op_next take_found(struct op *op)
{
    struct find_op *f = find_of(op);
    enum op_next next = op_await(op, &f->search->op);

    if (next != OP_AGAIN) {
        return next;
    }
    if (f->search->found.access_key) {
        return OP_DONE;
    }
    (void)op_fail(op, LSMB_E_AUTH, "Unable to locate credentials");
    error_advise(&op->err, "choose a profile (--profile, AWS_PROFILE), set AWS_ACCESS_KEY_ID and "
                           "AWS_SECRET_ACCESS_KEY, or run 'aws configure'");
    return OP_FAIL;
}

static const struct op_step steps[] = {
    [ST_REGION] = {"find the region", find_region, 0},
    [ST_SEARCH] = {"look for credentials", start_search, 0},
    [ST_FOUND] = {"look for credentials", take_found, 0},
};

/* What it found goes when it has been taken. */
static const struct op_kind find_kind = {"find credentials", steps, NULL};

/* ---------------------------------------------------------------- what was found */

static struct log *log_of(struct credential_chain *chain)
{
    return &chain->s3->host.env.log;
}

/* In the time of the services, which say when they end. */
static int64_t now_s(const struct credential_chain *chain)
{
    struct clock *clock = chain->s3->host.env.clock;

    return (int64_t)(clock->unix_ns(clock) / NS_PER_S) + chain->s3->skew_s;
}

static void rest(struct credential_chain *chain, unsigned seconds)
{
    chain->rest_ns = env_now(&chain->s3->host.env) + seconds * NS_PER_S;
}

/* How long they last; INT64_MAX: for ever. */
static int64_t left_s(const struct credential_chain *chain)
{
    if (!chain->have.access_key || chain->spoilt) {
        return 0;
    }
    return chain->have.expires_s ? chain->have.expires_s - now_s(chain) : INT64_MAX;
}

/* An instance's service keeps credentials alive that it cannot renew (AWS SDKs and Tools Reference Guide, "IMDS
 * credential provider", static stability). */
static void keep_alive(struct credential_chain *chain)
{
    if (chain->steady && left_s(chain) <= NOW_S && !chain->spoilt) {
        chain->have.expires_s = now_s(chain) + STEADY_S;
        log_line(log_of(chain), LSMB_LOG_INFO,
                 "credentials: the instance has no new ones: the old ones are used %d minutes more",
                 STEADY_S / 60);
    }
}

static void take(struct credential_chain *chain, struct provider_op *found)
{
    credentials_move(&chain->have, &found->found);
    chain->by = found->by;
    chain->steady = found->steady;
    chain->spoilt = false;
    rest(chain, REST_S);
    keep_alive(chain);
    if (left_s(chain) <= 0) {
        error_set(&chain->err, LSMB_E_AUTH,
                  "Credentials were refreshed, but the refreshed credentials are still expired.");
        error_step(&chain->err, "look for credentials");
        rest(chain, REST_FAILED_S);
    }
}

/* There are no new ones. */
static void miss(struct credential_chain *chain, const struct lsmb_error *why)
{
    chain->err = *why;
    if (chain->have.access_key) {
        keep_alive(chain);
    }
    if (left_s(chain) > 0) {
        log_line(log_of(chain), LSMB_LOG_WARNING,
                 "credentials: no new ones, so the old ones are used on: %s", why->reason);
        rest(chain, REST_S);
    } else {
        rest(chain, REST_FAILED_S);
    }
}

static void wake_all(struct credential_chain *chain)
{
    for (struct list *node; (node = list_pop_front(&chain->waiting));) {
        ready_wake(&chain->s3->host.env.ready, CONTAINER_OF(node, struct ready, node));
    }
}

static void find_done(struct op *op)
{
    struct find_op *f = find_of(op);
    struct credential_chain *chain = f->chain;

    chain->finding = false;
    if (op_failed(op)) {
        miss(chain, &op->err);
    } else {
        take(chain, f->search);
    }
    provider_free(f->search);
    f->search = NULL;
    wake_all(chain);
}

static void find(struct credential_chain *chain)
{
    chain->finding = true;
    chain->find = (struct find_op){.chain = chain, .places = {chain->by}};
    op_start(&chain->find.op, &chain->s3->host.env, &find_kind, find_done);
}

/* ---------------------------------------------------------------- for those who need them */

struct credential_chain *credential_chain_new(struct lsmb_s3 *s3)
{
    struct credential_chain *chain = calloc(1, sizeof *chain);

    if (chain) {
        chain->s3 = s3;
        list_init(&chain->waiting);
    }
    return chain;
}

void credential_chain_free(struct credential_chain *chain)
{
    if (!chain) {
        return;
    }
    if (chain->finding) {
        op_abort(&chain->find.op);
        provider_free(chain->find.search);
    }
    while (list_pop_front(&chain->waiting)) {
    }
    credentials_free(&chain->have);
    free(chain);
}

enum credentials_state credentials_ask(struct credential_chain *chain, struct ready *when)
{
    int64_t left = left_s(chain);

    if (left > SOON_S) {
        return CREDENTIALS_READY;
    }
    if (!chain->finding) {
        if (env_now(&chain->s3->host.env) < chain->rest_ns) {
            return left > 0 ? CREDENTIALS_READY : CREDENTIALS_FAILED;
        }
        find(chain);
    }
    if (left > NOW_S) {
        return CREDENTIALS_READY;
    }
    ready_forget(when);
    list_push_back(&chain->waiting, &when->node);
    return CREDENTIALS_COMING;
}

const struct credentials *credentials_now(const struct credential_chain *chain)
{
    return &chain->have;
}

const struct lsmb_error *credentials_error(const struct credential_chain *chain)
{
    return &chain->err;
}

void credentials_spoil(struct credential_chain *chain, const char *access_key)
{
    if (chain->have.access_key && strcmp(chain->have.access_key, access_key) == 0) {
        chain->spoilt = true;
        chain->rest_ns = 0;
    }
}
