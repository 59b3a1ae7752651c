/* test_pair.c: two ends in memory, and what transport/stream.c does with hooks. */
#include "test/transport/talk.h"
#include "test/transport/world.h"
#include "transport/pair.h"

static struct world world;
static struct stream *ends[2];
static struct talker talk[2];

static void begin(size_t queue_bytes, size_t to_send)
{
    ck_assert(pair_new(ends, queue_bytes));
    for (unsigned i = 0; i < 2; i++) {
        talk_begin(&talk[i], &world.loop, ends[i], to_send);
    }
}

static void setup(void)
{
    world_init(&world, NULL);
}

static void teardown(void)
{
    stream_close(ends[0]);
    stream_close(ends[1]);
    ends[0] = ends[1] = NULL;
    world_free(&world);
}

static void turn(unsigned times)
{
    for (unsigned i = 0; i < times; i++) {
        ck_assert(loop_turn(&world.loop, 0));
    }
}

START_TEST(what_one_end_sends_the_other_receives)
{
    begin(4096, 100000);
    talk_through(&world.loop, talk, 100);
    ck_assert_uint_eq(talk[0].received, 100000);
    ck_assert_uint_eq(talk[1].received, 100000);
    ck_assert_uint_gt(talk[0].refused, 0);
}
END_TEST

START_TEST(a_byte_at_a_time_arrives_as_well)
{
    begin(64, 3000);
    pair_chop(ends[0], 1, SIZE_MAX);
    pair_chop(ends[1], SIZE_MAX, 1);
    talk_through(&world.loop, talk, 1000);
}
END_TEST

START_TEST(a_queue_of_one_byte_is_enough)
{
    begin(1, 500);
    talk_through(&world.loop, talk, 2000);
}
END_TEST

START_TEST(a_call_moves_no_more_than_it_was_allowed)
{
    uint8_t bytes[10] = {0};
    struct iovec iov[2] = {{bytes, 3}, {bytes + 3, 7}};

    ck_assert(pair_new(ends, 100));
    pair_chop(ends[0], 1, 5);
    pair_chop(ends[1], 4, 1);
    ck_assert_int_eq(ends[0]->ops->send(ends[0], iov, 2), 5);
    ck_assert_int_eq(ends[1]->ops->receive(ends[1], iov, 2), 4);
    ck_assert_int_eq(ends[1]->ops->receive(ends[1], iov, 2), 1);
    ck_assert_int_eq(ends[1]->ops->receive(ends[1], iov, 2), -EAGAIN);
}
END_TEST

START_TEST(a_peer_that_does_not_read_fills_its_queue_and_costs_nothing)
{
    begin(1000, 5000);
    talk[1].deaf = true;
    turn(10);
    ck_assert_uint_eq(talk[0].sent, 1000);
    ck_assert(!world_readable(&world)); /* nobody spins */
    talk[1].deaf = false;
    loop_join(&world.loop, LOOP_RECEIVE, &talk[1].receive); /* as his contract is */
    talk_through(&world.loop, talk, 100);
}
END_TEST

START_TEST(what_was_sent_before_the_peer_closed_is_received_first)
{
    begin(8000, 0);
    turn(3);
    talk[0].to_send = 5000;
    loop_join(&world.loop, LOOP_FLUSH, &talk[0].flush);
    turn(1);
    stream_close(ends[0]);
    ends[0] = NULL;
    turn(3);
    ck_assert_uint_eq(talk[1].received, 5000);
    ck_assert_int_eq(talk[1].ended, 0);
}
END_TEST

START_TEST(sending_to_a_closed_peer_fails)
{
    begin(100, 1000);
    talk[1].deaf = true;
    turn(3);
    ck_assert_uint_eq(talk[0].sent, 100);
    stream_close(ends[1]);
    ends[1] = NULL;
    turn(3);
    ck_assert_int_eq(talk[0].ended, -EPIPE);
}
END_TEST

START_TEST(a_cut_reaches_both_ends_and_loses_what_was_on_its_way)
{
    begin(100, 100);
    talk[1].deaf = true;
    turn(3);
    ck_assert_uint_eq(talk[0].sent, 100);
    talk[1].deaf = false;
    loop_join(&world.loop, LOOP_RECEIVE, &talk[1].receive);
    pair_cut(ends[0], ECONNRESET);
    turn(3);
    ck_assert_uint_eq(talk[1].received, 0);
    ck_assert_int_eq(talk[0].ended, -ECONNRESET);
    ck_assert_int_eq(talk[1].ended, -ECONNRESET);
}
END_TEST

START_TEST(a_detached_stream_touches_no_hook)
{
    begin(100, 50);
    stream_detach(ends[1]);
    turn(3);
    ck_assert_uint_eq(talk[0].sent, 50);
    ck_assert_uint_eq(talk[1].received + talk[1].sent, 0);
    ck_assert(!world_readable(&world));
}
END_TEST

START_TEST(a_new_user_finds_what_came_before_him)
{
    static struct talker next; /* outlives the test: the stream is closed behind it */

    begin(100, 50);
    talk[1].to_send = 0;
    talk[1].deaf = true;
    turn(3);
    talk_begin(&next, &world.loop, ends[1], 0);
    ck_assert(!list_linked(&talk[1].receive.node));
    turn(3);
    ck_assert_uint_eq(next.received, 50);
    ck_assert_uint_eq(talk[1].received, 0);
}
END_TEST

START_TEST(closing_nothing_is_harmless)
{
    stream_close(NULL);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("transport/pair");
    TCase *t = tcase_create("pair");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, what_one_end_sends_the_other_receives);
    tcase_add_test(t, a_byte_at_a_time_arrives_as_well);
    tcase_add_test(t, a_queue_of_one_byte_is_enough);
    tcase_add_test(t, a_call_moves_no_more_than_it_was_allowed);
    tcase_add_test(t, a_peer_that_does_not_read_fills_its_queue_and_costs_nothing);
    tcase_add_test(t, what_was_sent_before_the_peer_closed_is_received_first);
    tcase_add_test(t, sending_to_a_closed_peer_fails);
    tcase_add_test(t, a_cut_reaches_both_ends_and_loses_what_was_on_its_way);
    tcase_add_test(t, a_detached_stream_touches_no_hook);
    tcase_add_test(t, a_new_user_finds_what_came_before_him);
    tcase_add_test(t, closing_nothing_is_harmless);
    suite_add_tcase(s, t);
    return world_main(s);
}
