/* world.h: a scripted env with a loop on it, as every test of transport/ needs. */
#ifndef LSMB_TEST_TRANSPORT_WORLD_H
#define LSMB_TEST_TRANSPORT_WORLD_H

#include "test/script.h"
#include "transport/loop.h"

#include <check.h>
#include <poll.h>
#include <stdlib.h>

struct world {
    struct script_env script;
    struct env *env;
    struct loop loop;
};

/* With `clock` NULL time is the script's. */
static inline void world_init(struct world *w, struct clock *clock)
{
    script_env_init(&w->script, 1 << 20, 1 << 16);
    w->env = &w->script.env;
    if (clock) {
        w->env->clock = clock;
    }
    ck_assert(loop_init(&w->loop, w->env));
}

static inline void world_free(struct world *w)
{
    loop_free(&w->loop);
    script_env_free(&w->script);
}

/* Is the loop's descriptor readable now? */
static inline bool world_readable(struct world *w)
{
    struct pollfd p = {.fd = loop_fd(&w->loop), .events = POLLIN};
    int n = poll(&p, 1, 0);

    ck_assert_int_ge(n, 0);
    return n == 1;
}

/* Turn until `*stop`; fails the test when that takes more than `turns`. */
static inline void world_turn_until(struct world *w, const bool *stop, unsigned turns)
{
    for (unsigned i = 0; !*stop; i++) {
        ck_assert_msg(i < turns, "it does not come to an end");
        ck_assert(loop_turn(&w->loop, 5000));
    }
}

static inline int world_main(Suite *suite)
{
    SRunner *r = srunner_create(suite);

    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
