#include "test/script.h"

#include <check.h>
#include <string.h>

enum { TURNS_MAX = 10000 }; /* more means that something wakes itself for ever */

static struct script_clock *clock_of(struct clock *clock)
{
    return CONTAINER_OF(clock, struct script_clock, clock);
}

static uint64_t script_monotonic(struct clock *clock)
{
    return clock_of(clock)->now_ns;
}

static uint64_t script_unix(struct clock *clock)
{
    return clock_of(clock)->unix_ns;
}

static void script_advance(struct clock *clock, uint64_t to_ns)
{
    struct script_clock *c = clock_of(clock);

    if (to_ns > c->now_ns) {
        c->unix_ns += to_ns - c->now_ns;
        c->now_ns = to_ns;
    }
}

void script_clock_init(struct script_clock *clock)
{
    *clock = (struct script_clock){.clock = {script_monotonic, script_unix, script_advance},
                                   .now_ns = 1000 * NS_PER_S,
                                   .unix_ns = 1700000000 * NS_PER_S};
}

static bool script_fill(struct random *random, void *out, size_t len)
{
    struct script_random *r = CONTAINER_OF(random, struct script_random, random);

    if (r->fails) {
        return false;
    }
    for (uint8_t *at = out; len > 0; len--) {
        *at++ = r->next++;
    }
    return true;
}

void script_random_init(struct script_random *random)
{
    *random = (struct script_random){.random = {script_fill}};
}

static void run_job(struct script_jobs *jobs, struct job *job)
{
    job->work(job);
    job_finish(jobs->ready, job);
}

static bool script_submit(struct job_runner *runner, struct job *job)
{
    struct script_jobs *jobs = CONTAINER_OF(runner, struct script_jobs, runner);

    if (jobs->refuse) {
        return false;
    }
    jobs->submitted++;
    job->submitted = true;
    if (jobs->hold) {
        list_push_back(&jobs->held, &job->node);
    } else {
        run_job(jobs, job);
    }
    return true;
}

void script_jobs_init(struct script_jobs *jobs, struct ready_list *ready)
{
    *jobs = (struct script_jobs){.runner = {script_submit}, .ready = ready};
    list_init(&jobs->held);
}

void script_jobs_run(struct script_jobs *jobs)
{
    for (struct list *node; (node = list_pop_front(&jobs->held));) {
        run_job(jobs, CONTAINER_OF(node, struct job, node));
    }
}

static void keep_line(void *arg, enum lsmb_log_level level, const char *line)
{
    struct script_env *s = arg;
    size_t len = strlen(line);

    (void)level;
    if (len + 2 <= sizeof s->log - s->log_len) {
        memcpy(s->log + s->log_len, line, len);
        s->log[s->log_len + len] = '\n';
        s->log_len += len + 1;
        s->log[s->log_len] = '\0';
    }
}

void script_env_init(struct script_env *s, size_t limit, size_t reserve)
{
    memset(s, 0, sizeof *s);
    script_clock_init(&s->clock);
    script_random_init(&s->random);
    script_jobs_init(&s->jobs, &s->env.ready);
    s->env.clock = &s->clock.clock;
    s->env.random = &s->random.random;
    s->env.jobs = &s->jobs.runner;
    timers_init(&s->env.timers);
    ready_list_init(&s->env.ready);
    pool_init(&s->env.pool, limit, reserve);
    s->env.log = (struct log){keep_line, s, LSMB_LOG_DEBUG};
    s->env.silence_ms = 30000;
}

void script_env_free(struct script_env *s)
{
    ck_assert_msg(timers_next(&s->env.timers) == TIMER_NEVER, "a timer is still armed");
    ck_assert_msg(!ready_any(&s->env.ready), "something is still ready");
    ck_assert_msg(list_empty(&s->jobs.held), "a job is still held");
    pool_free(&s->env.pool); /* asserts that every buffer has come back */
}

unsigned script_turn(struct script_env *s)
{
    return ready_run(&s->env.ready);
}

void script_settle(struct script_env *s)
{
    for (unsigned turns = 0; ready_any(&s->env.ready); turns++) {
        ck_assert_msg(turns < TURNS_MAX, "something is ready for ever");
        (void)script_turn(s);
    }
}

void script_pass_ms(struct script_env *s, uint32_t ms)
{
    uint64_t end_ns = s->clock.now_ns + ms * NS_PER_MS;

    script_settle(s);
    for (uint64_t next; (next = timers_next(&s->env.timers)) <= end_ns;) {
        script_advance(&s->clock.clock, next);
        timers_expire(&s->env.timers, s->clock.now_ns, &s->env.ready);
        script_settle(s);
    }
    script_advance(&s->clock.clock, end_ns);
}

bool script_logged(const struct script_env *s, const char *text)
{
    return strstr(s->log, text) != NULL;
}
