/* lsmb.c: the context and its turns. */
#include "fs/lsmb.h"

#include <errno.h>
#include <stdlib.h>

#include "base/options.h"
#include "fs/file.h"
#include "fs/holding.h"
#include "fs/job.h"

enum {
    MEMORY_MIN = 1 << 20,
    RESERVE = 6 << 20, /* for answers and control messages while data has used up its budget */
    SILENCE_DEFAULT_MS = 30000,
    HELPERS = 4,
};

static void set_up_env(struct lsmb *smb, const struct lsmb_world *world,
                       const struct lsmb_options *opt)
{
    size_t memory = opt->memory_bytes ? opt->memory_bytes : LSMB_MEMORY_DEFAULT;

    smb->env.clock = world->clock ? world->clock : &clock_system;
    smb->env.random = world->random ? world->random : &random_system;
    smb->env.silence_ms = opt->silence_ms ? opt->silence_ms : SILENCE_DEFAULT_MS;
    smb->env.log = (struct log){opt->log, opt->log_arg, opt->log_level};
    smb->rate.limit = opt->rate_limit;
    timers_init(&smb->env.timers);
    ready_list_init(&smb->env.ready);
    pool_init(&smb->env.pool, memory < MEMORY_MIN ? MEMORY_MIN : memory, RESERVE);
    list_init(&smb->servers);
    list_init(&smb->shares);
    list_init(&smb->files);
    list_init(&smb->hungry);
    list_init(&smb->movers);
    list_init(&smb->jobs);
    list_init(&smb->bonds);
}

static bool set_up_jobs(struct lsmb *smb, const struct lsmb_world *world)
{
    if (world->jobs) {
        smb->env.jobs = world->jobs;
        return true;
    }
    smb->work = work_new(&smb->loop, HELPERS);
    if (smb->work) {
        smb->env.jobs = work_runner(smb->work);
    }
    return smb->work != NULL;
}

struct lsmb *lsmb_new_in(const struct lsmb_world *world, const struct lsmb_options *opt,
                         struct lsmb_error *err)
{
    struct lsmb_options mine;
    struct lsmb *smb = calloc(1, sizeof *smb);

    if (!smb) {
        error_set(err, LSMB_E_NOMEM, "no memory for a context");
        return NULL;
    }
    options_take(&mine, sizeof mine, opt, opt ? opt->size : 0);
    set_up_env(smb, world, &mine);
    if (!loop_init(&smb->loop, &smb->env)) {
        error_errno(err, errno, "set up the event loop");
        free(smb);
        return NULL;
    }
    if (!set_up_jobs(smb, world)) {
        error_errno(err, errno, "set up helper threads");
        loop_free(&smb->loop);
        free(smb);
        return NULL;
    }
    return smb;
}

struct lsmb *lsmb_new(const struct lsmb_options *opt, struct lsmb_error *err)
{
    static const struct lsmb_world real = {0};

    return lsmb_new_in(&real, opt, err);
}

void lsmb_free(struct lsmb *smb)
{
    if (!smb) {
        return;
    }
    while (!list_empty(&smb->jobs)) { /* one may take others with it */
        job_abandon(CONTAINER_OF(smb->jobs.next, struct lsmb_job, node));
    }
    bonds_break(smb);
    files_free(smb);
    while (!list_empty(&smb->shares)) {
        lsmb_share_close(CONTAINER_OF(smb->shares.next, struct lsmb_share, node));
    }
    work_free(smb->work);
    loop_free(&smb->loop);
    pool_free(&smb->env.pool);
    free(smb);
}

int lsmb_fd(const struct lsmb *smb)
{
    return loop_fd(&smb->loop);
}

enum lsmb_code lsmb_turn(struct lsmb *smb, int timeout_ms)
{
    return loop_turn(&smb->loop, timeout_ms) ? LSMB_OK : LSMB_E_LOCAL;
}

enum lsmb_code lsmb_turn_until(struct lsmb *smb, const bool *finished)
{
    while (!*finished) {
        enum lsmb_code code = lsmb_turn(smb, -1);
        if (code != LSMB_OK) {
            return code;
        }
    }
    return LSMB_OK;
}
