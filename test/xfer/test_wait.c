/* test_wait.c: what is kept of the answers to calls. */
#include "test/run.h"
#include "test/script.h"
#include "xfer/xfer.h"

static void ignore(struct ready *ready)
{
    (void)ready;
}

/* A call that fails with `err` when its owner knows `known` already. */
static void answer(struct lsmb_error *known, const struct lsmb_error *err)
{
    struct script_env s;
    struct lsmb_wait wait = {.open = false};

    script_env_init(&s, 0, 0);
    wait_begin(&wait, &s.env, ignore, known);
    lsmb_wait_done(&wait, err);
    ck_assert(wait.failed && !wait.open);
    script_settle(&s);
    script_env_free(&s);
}

START_TEST(what_went_wrong_first_is_kept)
{
    const struct lsmb_error first = {.code = LSMB_E_NETWORK, .reason = "first"};
    const struct lsmb_error second = {.code = LSMB_E_DENIED, .reason = "second", .advice = "ask"};
    struct lsmb_error known = {.code = LSMB_OK};

    answer(&known, &first);
    ck_assert_str_eq(known.reason, "first");
    answer(&known, &second);
    ck_assert_int_eq(known.code, LSMB_E_NETWORK);
    ck_assert_str_eq(known.reason, "first");
    ck_assert_str_eq(known.advice, "");
}
END_TEST

START_TEST(who_was_given_up_may_say_what_became_of_it)
{
    const struct lsmb_error said = {
        .code = LSMB_E_CANCELLED, .reason = "given up", .advice = "look whether it is there"};
    struct lsmb_error known = {.code = LSMB_E_CANCELLED, .reason = "cancelled"};

    answer(&known, &said);
    ck_assert_str_eq(known.reason, "cancelled");
    ck_assert_str_eq(known.advice, "look whether it is there");
}
END_TEST

int main(void)
{
    return RUN_TESTS("xfer/wait", what_went_wrong_first_is_kept,
                     who_was_given_up_may_say_what_became_of_it);
}
