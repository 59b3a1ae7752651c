/* test_peer_stream.c: the peer behind a stream, whatever the portions. */
#include "test/peer/peer_stream.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>

#include "auth/ntlm.h"
#include "auth/spnego.h"
#include "fs/link.h"
#include "proto/misc.h"
#include "test/peer/client.h"
#include "test/run.h"

/* A client on a stream: the parts of struct client that know no wire. */
struct world {
    struct script_env script;
    struct loop loop;
    struct policy policy;
    struct peer peer;
    struct peer_door door;
    struct link link;
    struct session session;
    struct channel channel;
    struct waiting_op parent;
    struct negotiate_op negotiate;
    struct logon_op logon;
    struct credentials who;
    struct mech *mech;
};

static struct stream *set_up(struct world *w, size_t queue_bytes)
{
    static const uint8_t guid[16] = "a client's guid";
    struct lsmb_error err;

    memset(w, 0, sizeof *w);
    script_env_init(&w->script, 1 << 20, 1 << 20);
    ck_assert(loop_init(&w->loop, &w->script.env));
    ck_assert(policy_set(&w->policy, NULL, &err));
    ck_assert(credentials_set(&w->who, "user", "DOMAIN", "password"));
    peer_init(&w->peer, &w->script.env, NULL);
    peer_door_open(&w->door, &w->peer, &w->loop);
    struct stream *stream = peer_dial(&w->door, queue_bytes);
    link_open(&w->link, &w->loop, stream, &w->policy, guid);
    session_init(&w->session, &w->script.env, &w->policy);
    return stream;
}

static void tear_down(struct world *w)
{
    op_abort(&w->parent.op);
    link_close(&w->link);
    negotiate_drop(&w->negotiate);
    session_free(&w->session);
    link_free(&w->link);
    mech_free(w->mech);
    credentials_wipe(&w->who);
    peer_door_close(&w->door);
    ck_assert_str_eq(w->peer.complaint, "");
    peer_free(&w->peer);
    script_settle(&w->script);
    loop_free(&w->loop);
    script_env_free(&w->script);
}

static bool finish(struct world *w)
{
    for (unsigned turns = 0; !op_finished(&w->parent.op); turns++) {
        ck_assert_uint_lt(turns, 100000);
        ck_assert(loop_turn(&w->loop, 1000));
    }
    return !op_failed(&w->parent.op);
}

static bool log_on(struct world *w)
{
    struct mech *ntlm = ntlm_client_new(&w->script.env, &w->who, "server");

    waiting_op_start(&w->parent, &w->script.env);
    negotiate_start(&w->negotiate, &w->parent.op, &w->link.conn, "server", NEGOTIATE_SMB2);
    w->parent.child = &w->negotiate.op;
    if (!finish(w)) {
        mech_free(ntlm);
        return false;
    }
    w->mech = spnego_client_new(&w->script.env, &ntlm, 1, w->negotiate.blob);
    channel_join(&w->channel, &w->session, &w->link.conn);
    waiting_op_start(&w->parent, &w->script.env);
    logon_start(&w->logon, &w->parent.op, &w->channel, w->mech);
    w->parent.child = &w->logon.op;
    return finish(w);
}

START_TEST(a_client_logs_on_over_a_stream_in_any_portions)
{
    static const size_t portions[] = {1, 2, 3, 4, 5, 7, 63, 64, 100, 1000, SIZE_MAX};

    for (size_t i = 0; i < sizeof portions / sizeof *portions; i++) {
        struct world w;
        struct stream *stream = set_up(&w, i % 2 ? 65536 : 16);
        pair_chop(stream, portions[i], portions[i]);
        pair_chop(peer_door_latest(&w.door)->stream, portions[i], portions[i]);
        ck_assert_msg(log_on(&w), "%s", w.parent.op.err.reason);
        tear_down(&w);
    }
}
END_TEST

START_TEST(a_peer_that_closes_sends_what_it_has_before)
{
    struct world w;

    (void)set_up(&w, 65536);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_SESSION_SETUP, .fate = PEER_CLOSE});
    ck_assert(!log_on(&w));
    ck_assert_int_eq(w.link.conn.err.code, LSMB_E_NETWORK);
    ck_assert_uint_ne(w.link.conn.got.dialect, 0);
    tear_down(&w);
}
END_TEST

START_TEST(a_cut_connection_ends_the_client_and_the_sessions_at_the_peer)
{
    struct world w;

    (void)set_up(&w, 65536);
    ck_assert(log_on(&w));
    peer_door_cut(&w.door, ECONNRESET);
    for (int i = 0; i < 10; i++) {
        ck_assert(loop_turn(&w.loop, 0));
    }
    ck_assert_int_eq(w.link.conn.err.code, LSMB_E_NETWORK);
    ck_assert_ptr_null(peer_door_latest(&w.door));
    tear_down(&w);
}
END_TEST

START_TEST(a_silent_peer_takes_the_connection_and_nothing_more)
{
    struct world w;

    (void)set_up(&w, 65536);
    w.door.silent = true;
    ck_assert(!log_on(&w));
    ck_assert_int_eq(w.link.conn.err.code, LSMB_E_TIMEOUT);
    ck_assert_uint_eq(w.peer.seen_count, 0);
    tear_down(&w);
}
END_TEST

int main(void)
{
    return RUN_TESTS("peer/stream", a_client_logs_on_over_a_stream_in_any_portions,
                     a_peer_that_closes_sends_what_it_has_before,
                     a_cut_connection_ends_the_client_and_the_sessions_at_the_peer,
                     a_silent_peer_takes_the_connection_and_nothing_more);
}
