/* test_stats.c: what a context has counted. */
#include "proto/header.h"
#include "test/fs/fs_world.h"

static struct lsmb_stats stats_of(const struct fs_world *w)
{
    struct lsmb_stats stats = {.size = sizeof stats};

    lsmb_stats_get(w->smb, &stats);
    ck_assert_uint_eq(stats.size, sizeof stats);
    return stats;
}

START_TEST(a_fresh_context_has_done_nothing)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_stats stats = stats_of(&w);
    ck_assert_uint_eq(stats.connections, 0);
    ck_assert_uint_eq(stats.bytes_in, 0);
    ck_assert_uint_eq(stats.commands[SMB2_NEGOTIATE].count, 0);
    ck_assert_uint_eq(stats.memory_peak, 0);
    fs_world_free(&w);
}
END_TEST

static uint64_t sum_of(const uint32_t *latencies)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < LSMB_LATENCIES; i++) {
        sum += latencies[i];
    }
    return sum;
}

START_TEST(every_answer_is_counted_once)
{
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    ck_assert_int_eq(lsmb_stat(share, "nothing", &stat, &w.err), LSMB_E_NOT_FOUND);
    fs_ok(&w, lsmb_stat(share, "", &stat, &w.err));
    struct lsmb_stats stats = stats_of(&w);
    ck_assert_uint_eq(stats.commands[SMB2_NEGOTIATE].count, 1);
    ck_assert_uint_eq(stats.commands[SMB2_SESSION_SETUP].count, 2);
    ck_assert_uint_eq(stats.commands[SMB2_SESSION_SETUP].errors, 0);
    ck_assert_uint_eq(stats.commands[SMB2_TREE_CONNECT].count, 1);
    ck_assert_uint_eq(stats.commands[SMB2_CREATE].errors, 1);
    for (uint16_t i = 0; i < LSMB_COMMANDS; i++) {
        ck_assert_uint_eq(stats.commands[i].count, peer_count(&w.peer, i));
        ck_assert_uint_eq(sum_of(stats.commands[i].latency), stats.commands[i].count);
    }
    ck_assert_uint_gt(stats.turns, 0);
    ck_assert_uint_gt(stats.round_trip_ns, 0);
    ck_assert_uint_gt(stats.credits_peak, 1);
    ck_assert_uint_ge(stats.in_flight_peak, 1);
    ck_assert_uint_gt(stats.memory_peak, 0);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

START_TEST(the_numbers_outlive_the_connection)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    for (unsigned i = 0; i < 3; i++) {
        lsmb_share_close(fs_share(&w));
        fs_turn(&w, 8);
    }
    struct lsmb_stats stats = stats_of(&w);
    ck_assert_uint_eq(stats.connections, 3);
    ck_assert_uint_eq(stats.lost, 0); /* they were let go */
    ck_assert_uint_eq(stats.commands[SMB2_NEGOTIATE].count, 3);
    ck_assert_uint_eq(stats.bytes_in, w.received[0] + w.received[1] + w.received[2]);
    ck_assert_uint_gt(stats.bytes_out, 0);
    ck_assert_uint_gt(stats.receive_calls, 0);
    ck_assert_uint_gt(stats.send_calls, 0);
    fs_world_free(&w);
}
END_TEST

START_TEST(a_connection_that_ends_by_itself_is_lost)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    fs_hang_up(&w, 0);
    ck_assert_uint_eq(stats_of(&w).lost, 1);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

START_TEST(what_is_put_off_is_counted)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_ECHO, .pendings = 1});
    fs_ok(&w, lsmb_share_echo(share, &w.err));
    fs_ok(&w, lsmb_share_echo(share, &w.err));
    ck_assert_uint_eq(stats_of(&w).commands[SMB2_ECHO].pending, 1);
    ck_assert_uint_eq(stats_of(&w).commands[SMB2_ECHO].count, 2);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

/* MS-SMB2 3.2.5.1.6 */
START_TEST(a_second_logon_and_what_waited_for_it_are_counted)
{
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    peer_expire_sessions(w.links[0]->link);
    fs_ok(&w, lsmb_stat(share, "", &stat, &w.err));
    ck_assert_uint_eq(stats_of(&w).logons, 1);
    ck_assert_uint_eq(stats_of(&w).retries, 1);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

START_TEST(a_host_with_an_older_header_gets_what_it_has_room_for)
{
    struct lsmb_stats stats;
    struct fs_world w;

    fs_world_init(&w, NULL);
    lsmb_share_close(fs_share(&w));
    memset(&stats, 0xAA, sizeof stats);
    stats.size = offsetof(struct lsmb_stats, bytes_out);
    lsmb_stats_get(w.smb, &stats);
    ck_assert_uint_eq(stats.size, offsetof(struct lsmb_stats, bytes_out));
    ck_assert_uint_ne(stats.bytes_in, 0xAAAAAAAAAAAAAAAAu);
    ck_assert_uint_eq(stats.bytes_out, 0xAAAAAAAAAAAAAAAAu);
    fs_world_free(&w);
}
END_TEST

int main(void)
{
    return RUN_TESTS("fs/stats", a_fresh_context_has_done_nothing, every_answer_is_counted_once,
                     the_numbers_outlive_the_connection, a_connection_that_ends_by_itself_is_lost,
                     what_is_put_off_is_counted, a_second_logon_and_what_waited_for_it_are_counted,
                     a_host_with_an_older_header_gets_what_it_has_room_for);
}
