/* op.h: how anything that takes more than one round trip is written.
 *
 * An operation is a table of named steps.  The loop's "complete" phase calls the current step until
 * one of them has to wait; whatever it waited for (a reply, a timer, a job, a child) wakes it, which
 * only queues it.  There is one way to fail (op_fail) and one way out:
 *
 *   release   gives back what the steps acquired; called exactly once, however the operation ends
 *   on_done   then tells whoever started it; not called for an aborted operation
 *
 * An operation may start children.  Aborting it aborts them first. */
#ifndef LSMB_BASE_OP_H
#define LSMB_BASE_OP_H

#include "base/env.h"
#include "base/error.h"

struct op;

enum op_next { OP_AGAIN, OP_WAIT, OP_DONE, OP_FAIL };

/* Instead of a number of milliseconds: the silence limit of the context. */
#define OP_SILENCE UINT32_MAX

struct op_step {
    const char *name; /* what we are doing, for logs and errors: "wait for the NEGOTIATE reply" */
    enum op_next (*run)(struct op *);
    uint32_t limit_ms; /* longest silence allowed while waiting in this step; 0 = none */
};

struct op_kind {
    const char *name;
    const struct op_step *steps;  /* the first one is where it starts */
    void (*release)(struct op *); /* may be NULL */
};

struct op {
    struct ready ready; /* first */
    struct env *env;
    const struct op_kind *kind;
    unsigned step;
    bool running, finished;
    bool timed_out; /* the step's silence limit has passed */
    struct timer silence;
    struct ready silence_over;
    struct op *parent;
    struct list sibling, children;
    struct lsmb_error err;        /* LSMB_OK until op_fail() */
    void (*on_done)(struct op *); /* may free the operation; NULL for none */
    void *arg;                    /* on_done's */
};

/* Begin: the first step runs in the next "complete" phase.  on_done may be NULL. */
void op_start(struct op *op, struct env *env, const struct op_kind *kind,
              void (*on_done)(struct op *));

/* Begin a child: when it has finished the parent is woken, which then looks at op_finished() and
 * takes its error over with op_fail_as(). */
void op_start_child(struct op *parent, struct op *child, const struct op_kind *kind);

/* Queue `op` to go on in the next "complete" phase; waking it twice, or when it has finished, is
 * harmless. */
void op_wake(struct op *op);

/* Stop now: children first, then release.  Nobody is told.  Harmless when finished. */
void op_abort(struct op *op);

/* Fail from outside (a deadline, a user): children are aborted, release and on_done follow in the
 * next "complete" phase.  `err` is copied. */
void op_cancel(struct op *op, const struct lsmb_error *err);

static inline bool op_finished(const struct op *op)
{
    return op->finished;
}

static inline bool op_failed(const struct op *op)
{
    return op->err.code != LSMB_OK;
}

/* For steps: what to do next. */
enum op_next op_go(struct op *op, unsigned step);
enum op_next op_fail(struct op *op, enum lsmb_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Fail with the server's status. */
enum op_next op_fail_status(struct op *op, uint32_t nt_status);
/* Fail with an error that is already filled in (a child's, a connection's). */
enum op_next op_fail_as(struct op *op, const struct lsmb_error *err);
/* Wait for a child: OP_AGAIN when it has ended well; its error is the failure of `op`. */
enum op_next op_await(struct op *op, const struct op *child);

#endif
