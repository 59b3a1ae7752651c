/* wait.c: calls to the ends of a copy: how they are answered, and given up. */
#include <assert.h>

#include "xfer/xfer.h"

void wait_begin(struct lsmb_wait *wait, struct env *env, void (*run)(struct ready *),
                struct lsmb_error *err)
{
    assert(!wait->open);
    ready_forget(&wait->ready); /* an answer that was seen without waiting for it */
    *wait = (struct lsmb_wait){.env = env, .ready = {.run = run}, .open = true, .err = err};
}

void lsmb_wait_done(struct lsmb_wait *wait, const struct lsmb_error *err)
{
    assert(wait->open); /* each call is answered once */
    wait->open = false;
    wait->failed = err && err->code != LSMB_OK;
    if (wait->failed && wait->err->code == LSMB_OK) {
        *wait->err = *err;
    } else if (wait->failed && err->code == wait->err->code && !wait->err->advice[0]) {
        error_advise(wait->err, "%s", err->advice); /* what became of it when it was given up */
    }
    ready_wake(&wait->env->ready, &wait->ready);
}

void source_cancel(struct lsmb_source *source)
{
    if (END_HAS(source->ops, cancel)) {
        source->ops->cancel(source);
    }
}

void sink_cancel(struct lsmb_sink *sink)
{
    if (END_HAS(sink->ops, cancel)) {
        sink->ops->cancel(sink);
    }
}
