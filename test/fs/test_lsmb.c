/* test_lsmb.c: the context: beginning, turns and end. */
#include "fs/lsmb.h"

#include <poll.h>

#include "fs/holding.h"
#include "proto/nbss.h"
#include "test/fs/fs_world.h"

static bool readable(const struct lsmb *smb)
{
    struct pollfd p = {.fd = lsmb_fd(smb), .events = POLLIN};

    return poll(&p, 1, 0) == 1;
}

/* ---------------------------------------------------------------- beginning */

START_TEST(a_context_needs_no_options)
{
    struct lsmb_error err;
    struct lsmb *smb = lsmb_new(NULL, &err);

    ck_assert_msg(smb != NULL, "%s", err.reason);
    ck_assert_int_ge(lsmb_fd(smb), 0);
    ck_assert(!readable(smb));
    ck_assert_int_eq(lsmb_turn(smb, 0), LSMB_OK);
    lsmb_free(smb);
}
END_TEST

START_TEST(freeing_nothing_is_fine)
{
    lsmb_free(NULL);
}
END_TEST

START_TEST(a_start_makes_the_descriptor_readable)
{
    struct lsmb_target target = {
        .size = sizeof target, .host = "server", .share = "share", .user = "user"};
    struct lsmb_share *share = NULL;
    struct fs_done done = {0};
    struct lsmb *smb = lsmb_new(NULL, NULL);

    ck_assert_ptr_nonnull(smb);
    target.share = ""; /* fails without asking anybody */
    ck_assert_ptr_nonnull(lsmb_share_open_start(smb, &target, &share, fs_done, &done));
    ck_assert(readable(smb));
    while (!done.finished) {
        ck_assert_int_eq(lsmb_turn(smb, 0), LSMB_OK);
    }
    ck_assert_int_eq(done.err.code, LSMB_E_USAGE);
    ck_assert(!readable(smb));
    lsmb_free(smb);
}
END_TEST

START_TEST(memory_and_silence_have_limits_and_defaults)
{
    struct lsmb_options opt = {.size = sizeof opt, .memory_bytes = 1, .silence_ms = 5000};
    struct lsmb *smb = lsmb_new(&opt, NULL);

    ck_assert_ptr_nonnull(smb);
    ck_assert_uint_eq(smb->env.pool.limit, 1 << 20);
    ck_assert_uint_eq(smb->env.silence_ms, 5000);
    lsmb_free(smb);
    smb = lsmb_new(NULL, NULL);
    ck_assert_ptr_nonnull(smb);
    ck_assert_uint_eq(smb->env.pool.limit, 40 << 20);
    ck_assert_uint_eq(smb->env.silence_ms, 30000);
    lsmb_free(smb);
}
END_TEST

START_TEST(two_contexts_know_nothing_of_each_other)
{
    struct fs_world a, b;

    fs_world_init(&a, NULL);
    fs_world_init(&b, NULL);
    struct lsmb_share *x = fs_share(&a);
    struct lsmb_share *y = fs_share(&b);
    lsmb_share_close(x);
    fs_world_free(&a);
    fs_ok(&b, lsmb_share_echo(y, &b.err));
    lsmb_share_close(y);
    fs_world_free(&b);
}
END_TEST

/* ---------------------------------------------------------------- turns */

START_TEST(a_turn_without_work_waits_no_longer_than_it_may)
{
    struct fs_world w;
    uint64_t began;

    fs_world_init(&w, NULL);
    began = w.script.clock.now_ns;
    fs_turn(&w, 3);
    ck_assert_uint_eq(w.script.clock.now_ns, began);
    ck_assert_int_eq(lsmb_turn(w.smb, 100), LSMB_OK);
    ck_assert_uint_eq(w.script.clock.now_ns, began + 100 * NS_PER_MS);
    fs_world_free(&w);
}
END_TEST

START_TEST(waiting_for_what_is_done_does_not_turn)
{
    const bool finished = true;
    struct fs_world w;

    fs_world_init(&w, NULL);
    ck_assert_int_eq(lsmb_turn_until(w.smb, &finished), LSMB_OK);
    fs_world_free(&w);
}
END_TEST

/* Nothing is left to wait for, as a script's clock can tell. */
START_TEST(a_system_that_cannot_wait_is_said)
{
    const bool finished = false;
    struct fs_world w;

    fs_world_init(&w, NULL);
    ck_assert_int_eq(lsmb_turn(w.smb, -1), LSMB_E_LOCAL);
    ck_assert_int_eq(lsmb_turn_until(w.smb, &finished), LSMB_E_LOCAL);
    fs_world_free(&w);
}
END_TEST

/* ---------------------------------------------------------------- the end */

/* End the context before the peer, which then can look at what the client left it. */
static void free_client(struct fs_world *w)
{
    static struct loop gone;

    for (unsigned i = 0; i < w->dialled; i++) {
        if (w->links[i]->stream) {
            stream_detach(w->links[i]->stream);
        }
    }
    lsmb_free(w->smb);
    w->door.loop = &gone;
}

static void free_peer(struct fs_world *w)
{
    peer_door_close(&w->door);
    peer_free(&w->peer);
    script_env_free(&w->script);
}

/* Whether the next frame that waits for the peer is a request for `command`. */
static bool next_is(struct fs_world *w, uint16_t command)
{
    uint8_t room[4096];
    struct stream *far = w->links[0]->stream;
    struct iovec prefix = {room, NBSS_PREFIX_LEN};
    struct smb2_header header;
    size_t len;

    if (far->ops->receive(far, &prefix, 1) != NBSS_PREFIX_LEN ||
        !nbss_direct_get(&len, (struct span){room, NBSS_PREFIX_LEN}) || len > sizeof room) {
        return false;
    }
    struct iovec body = {room, len};
    return far->ops->receive(far, &body, 1) == (ssize_t)len &&
           smb2_header_get(&header, (struct span){room, len}) && header.command == command;
}

START_TEST(freeing_says_goodbye_for_open_shares)
{
    uint8_t byte;
    struct iovec iov = {&byte, 1};
    struct fs_world w;

    fs_world_init(&w, NULL);
    (void)fs_share(&w);
    (void)fs_share(&w);
    free_client(&w);
    ck_assert(next_is(&w, SMB2_TREE_DISCONNECT));
    ck_assert(next_is(&w, SMB2_TREE_DISCONNECT));
    ck_assert(next_is(&w, SMB2_LOGOFF));
    ck_assert_int_eq(w.links[0]->stream->ops->receive(w.links[0]->stream, &iov, 1), 0);
    free_peer(&w);
}
END_TEST

/* Whatever runs is dropped, and nobody is told. */
START_TEST(freeing_drops_what_runs_at_any_step)
{
    for (unsigned turns = 0; turns < 20; turns++) {
        struct fs_done done[4] = {{0}};
        struct lsmb_share *late = NULL;
        struct lsmb_stat stat;
        struct fs_world w;
        fs_world_init(&w, NULL);
        struct lsmb_share *share = fs_share(&w);
        peer_script(&w.peer,
                    &(struct peer_rule){.command = SMB2_CREATE, .fate = PEER_HOLD, .pendings = 1});
        w.target.port = 4450;
        ck_assert(lsmb_stat_start(share, "", &stat, fs_done, &done[0]) &&
                  lsmb_mkdir_start(share, "a/b/c/d/e/f", true, fs_done, &done[1]) &&
                  lsmb_share_echo_start(share, fs_done, &done[2]) &&
                  lsmb_share_open_start(w.smb, &w.target, &late, fs_done, &done[3]));
        fs_turn(&w, turns);
        unsigned calls = done[0].calls + done[1].calls + done[2].calls + done[3].calls;
        free_client(&w);
        ck_assert_uint_eq(done[0].calls + done[1].calls + done[2].calls + done[3].calls, calls);
        ck_assert_uint_eq(done[0].calls, 0);
        free_peer(&w);
    }
}
END_TEST

START_TEST(freeing_while_shares_are_opened_together)
{
    for (unsigned turns = 0; turns < 12; turns++) {
        struct fs_done done[3] = {{0}};
        struct lsmb_share *shares[3];
        struct fs_world w;
        fs_world_init(&w, NULL);
        for (unsigned i = 0; i < 3; i++) {
            ck_assert_ptr_nonnull(
                lsmb_share_open_start(w.smb, &w.target, &shares[i], fs_done, &done[i]));
        }
        fs_turn(&w, turns);
        free_client(&w);
        free_peer(&w);
    }
}
END_TEST

START_TEST(freeing_after_a_loss)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    (void)fs_share(&w);
    peer_close(w.links[0]->link); /* not noticed yet */
    free_client(&w);
    free_peer(&w);
    fs_world_init(&w, NULL);
    (void)fs_share(&w);
    fs_hang_up(&w, 0);
    free_client(&w);
    free_peer(&w);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "fs/lsmb", a_context_needs_no_options, freeing_nothing_is_fine,
        a_start_makes_the_descriptor_readable, memory_and_silence_have_limits_and_defaults,
        two_contexts_know_nothing_of_each_other, a_turn_without_work_waits_no_longer_than_it_may,
        waiting_for_what_is_done_does_not_turn, a_system_that_cannot_wait_is_said,
        freeing_says_goodbye_for_open_shares, freeing_drops_what_runs_at_any_step,
        freeing_while_shares_are_opened_together, freeing_after_a_loss);
}
