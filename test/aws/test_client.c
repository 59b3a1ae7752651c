/* Making a client, and what is wrong with one that cannot be made. */
#include "test/aws/call_world.h"

static bool nothing(struct talk *talk)
{
    (void)talk;
    return false;
}

START_TEST(a_client_begins_with_the_usual_numbers)
{
    struct call_world w;

    call_world_init(&w, nothing);
    ck_assert_uint_eq(w.s3->connections, 16);
    ck_assert_uint_eq(w.s3->concurrency, 8);
    ck_assert_uint_eq(w.s3->concurrency_max, 8);
    ck_assert_uint_eq(w.s3->retry_tokens, 500);
    call_world_free(&w);
}
END_TEST

START_TEST(connections_have_a_limit)
{
    struct call_world w;
    struct lsmb_s3_options opt = {.size = sizeof opt, .connections = 1};

    call_world_init(&w, nothing);
    lsmb_s3_free(w.s3);
    w.s3 = s3_new_in(w.smb, &opt, &w.env, NULL);
    ck_assert_uint_eq(w.s3->concurrency, 1);
    lsmb_s3_free(w.s3);
    opt.connections = 1000000;
    w.s3 = s3_new_in(w.smb, &opt, &w.env, NULL);
    ck_assert_uint_eq(w.s3->connections, 256);
    call_world_free(&w);
}
END_TEST

START_TEST(a_profile_that_is_not_there_is_told)
{
    struct call_world w;
    struct lsmb_s3_options opt = {.size = sizeof opt, .profile = "nobody"};
    struct lsmb_error err;

    call_world_init(&w, nothing);
    ck_assert_ptr_null(s3_new_in(w.smb, &opt, &w.env, &err));
    ck_assert_str_eq(err.reason, "The config profile (nobody) could not be found");
    ck_assert_ptr_null(s3_new_in(w.smb, &opt, &w.env, NULL));
    call_world_free(&w);
}
END_TEST

START_TEST(nobody_can_be_freed)
{
    lsmb_s3_free(NULL);
}
END_TEST

START_TEST(concurrency_does_not_fall_below_one)
{
    struct call_world w;

    call_world_init(&w, nothing);
    for (unsigned i = 0; i < 5; i++) {
        w.s3->slowed_ns = 0; /* long ago */
        s3_slow_down(w.s3);
    }
    ck_assert_uint_eq(w.s3->concurrency, 1);
    for (unsigned i = 0; i < 200; i++) {
        s3_went_well(w.s3);
    }
    ck_assert_uint_eq(w.s3->concurrency, 8);
    call_world_free(&w);
}
END_TEST

int main(void)
{
    return RUN_TESTS("aws/client", a_client_begins_with_the_usual_numbers, connections_have_a_limit,
                     a_profile_that_is_not_there_is_told, nobody_can_be_freed,
                     concurrency_does_not_fall_below_one);
}
