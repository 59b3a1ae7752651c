/* identity_world.h: somebody who looks for credentials, in an environment, with files and at a time of a test's own; calls
 * and plain HTTP are answered by the test (calls_script.h, http_script.h).
 *
 *     struct identity_world w;
 *
 *     identity_begin(&w);
 *     world_set(&w.files, "AWS_ACCESS_KEY_ID", "AKID");
 *     identity_read(&w, NULL);                     // the settings, with this profile asked for
 *     identity_look(&w, &provider_environment);    // until it waits for an answer, or has ended
 *     ck_failed(&w, "missing: AWS_SECRET_ACCESS_KEY");
 *     identity_end(&w);
 */
#ifndef LSMB_TEST_AWS_IDENTITY_WORLD_H
#define LSMB_TEST_AWS_IDENTITY_WORLD_H

#include "aws/provider.h"
#include "test/aws/calls_script.h"
#include "test/aws/http_script.h"
#include "test/aws/settings_world.h"
#include "test/script.h"

#include <assert.h>

enum { IDENTITY_TURNS = 1000 };

struct identity_world {
    struct settings_world files;
    struct script_clock clock;
    struct script_random random;
    struct script_jobs jobs;
    struct lsmb_s3 s3;
    struct lsmb_error err;
    char log[4096];
    struct op op; /* of whoever looks */
    const struct provider *provider;
    struct provider_op *looking;
};

static inline void identity_log(void *arg, enum lsmb_log_level level, const char *line)
{
    struct identity_world *w = arg;
    size_t len = strlen(w->log);

    (void)level;
    (void)snprintf(w->log + len, sizeof w->log - len, "%s\n", line);
}

static inline void identity_begin(struct identity_world *w)
{
    struct env *env = &w->s3.host.env;

    memset(w, 0, sizeof *w);
    settings_world_init(&w->files);
    script_clock_init(&w->clock);
    script_random_init(&w->random);
    script_jobs_init(&w->jobs, &env->ready);
    env->clock = &w->clock.clock;
    env->random = &w->random.random;
    env->jobs = &w->jobs.runner;
    timers_init(&env->timers);
    ready_list_init(&env->ready);
    env->log = (struct log){identity_log, w, LSMB_LOG_DEBUG};
    heard_by(env);
}

static inline void identity_read(struct identity_world *w, const char *profile)
{
    struct lsmb_s3_options opt = {.size = sizeof opt, .profile = profile, .region = "us-east-1"};

    ck_assert_msg(settings_read(&w->s3.settings, &opt, &w->files.env, &w->err), "%s",
                  w->err.reason);
}

static inline void identity_settle(struct identity_world *w)
{
    struct env *env = &w->s3.host.env;

    for (unsigned turns = 0; ready_any(&env->ready); turns++) {
        assert(turns < IDENTITY_TURNS);
        (void)ready_run(&env->ready);
    }
}

static inline void identity_pass_ms(struct identity_world *w, uint64_t ms)
{
    struct env *env = &w->s3.host.env;
    struct clock *clock = &w->clock.clock;
    uint64_t end_ns = clock->monotonic_ns(clock) + ms * NS_PER_MS;

    for (uint64_t at; (at = timers_next(&env->timers)) <= end_ns;) {
        clock->advance(clock, at);
        timers_expire(&env->timers, at, &env->ready);
        identity_settle(w);
    }
    clock->advance(clock, end_ns);
}

static inline enum op_next identity_step(struct op *op)
{
    struct identity_world *w = CONTAINER_OF(op, struct identity_world, op);
    struct provider_want want = {.s3 = &w->s3,
                                 .profile = w->s3.settings.profile,
                                 .no_variables = w->s3.settings.profile_explicit,
                                 .places = provider_of_profile};

    if (!w->looking) {
        w->looking = provider_start(op, w->provider, &want);
    }
    if (!w->looking) {
        return op_fail(op, LSMB_E_NOMEM, "no memory");
    }
    enum op_next next = op_await(op, &w->looking->op);
    return next == OP_AGAIN ? OP_DONE : next;
}

static inline void identity_look(struct identity_world *w, const struct provider *provider)
{
    static const struct op_step steps[] = {{"look", identity_step, 0}};
    static const struct op_kind kind = {"test", steps, NULL};

    provider_free(w->looking);
    w->looking = NULL;
    w->provider = provider;
    op_start(&w->op, &w->s3.host.env, &kind, NULL);
    identity_settle(w);
}

/* Nothing was left behind. */
static inline void identity_end(struct identity_world *w)
{
    struct env *env = &w->s3.host.env;

    if (w->op.kind) {
        op_abort(&w->op);
    }
    provider_free(w->looking);
    settings_free(&w->s3.settings);
    settings_world_free(&w->files);
    ck_assert(!ready_any(&env->ready));
    ck_assert_uint_eq(timers_next(&env->timers), TIMER_NEVER);
    ck_assert(list_empty(&w->jobs.held));
    ck_assert_ptr_null(heard.open);
    ck_assert_uint_eq(scripted.count, 0);
}

/* ---------------------------------------------------------------- what came of it */

static inline void ck_credentials(const struct credentials *c, const char *access_key,
                                  const char *secret_key, const char *token)
{
    ck_assert_pstr_eq(c->access_key, access_key);
    ck_assert(span_equal(secret_span(&c->secret_key), span_of(secret_key)));
    ck_assert_pstr_eq(c->token, token);
}

static inline void ck_found(const struct identity_world *w, const char *access_key,
                            const char *secret_key, const char *token)
{
    ck_assert_msg(op_finished(&w->op) && !op_failed(&w->op), "%s", w->op.err.reason);
    ck_credentials(&w->looking->found, access_key, secret_key, token);
}

static inline void ck_none(const struct identity_world *w)
{
    ck_assert_msg(op_finished(&w->op) && !op_failed(&w->op), "%s", w->op.err.reason);
    ck_assert_ptr_null(w->looking->found.access_key);
}

static inline void ck_failed(const struct identity_world *w, const char *says)
{
    ck_assert(op_finished(&w->op) && op_failed(&w->op));
    ck_assert_msg(strstr(w->op.err.reason, says) != NULL, "%s", w->op.err.reason);
}

#endif
