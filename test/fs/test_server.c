/* test_server.c: which shares have a connection in common, and what becomes of it. */
#include "fs/server.h"

#include "fs/holding.h"
#include "test/fs/fs_world.h"

START_TEST(two_shares_of_one_user_have_one_connection)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *a = fs_share(&w);
    w.target.share = "IPC$";
    struct lsmb_share *b = fs_share(&w);
    ck_assert_uint_eq(w.dialled, 1);
    ck_assert_ptr_eq(a->lane, b->lane);
    ck_assert_uint_ne(a->tree.id, b->tree.id);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_TREE_CONNECT), 2);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_NEGOTIATE), 1);
    lsmb_share_close(a);
    fs_ok(&w, lsmb_share_echo(b, &w.err)); /* its connection stays */
    lsmb_share_close(b);
    fs_world_free(&w);
}
END_TEST

static void ck_apart(struct fs_world *w, struct lsmb_share *share)
{
    struct lsmb_share *other = fs_share(w);

    ck_assert_ptr_ne(other->server, share->server);
    ck_assert_ptr_ne(other->lane, share->lane);
    ck_assert_mem_ne(other->lane->client_guid, share->lane->client_guid, 16);
    lsmb_share_close(other);
    lsmb_share_close(share);
    ck_assert_uint_eq(w->dialled, 2);
    fs_world_free(w);
}

START_TEST(different_users_have_different_connections)
{
    struct peer_config config = peer_defaults();
    struct fs_world w;

    config.map_to_guest = true;
    fs_world_init(&w, &config);
    w.policy.allow_guest = true;
    struct lsmb_share *share = fs_share(&w);
    w.target.user = "another";
    ck_apart(&w, share);
}
END_TEST

START_TEST(different_domains_have_different_connections)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    w.target.domain = NULL;
    ck_apart(&w, share);
}
END_TEST

START_TEST(different_ports_have_different_connections)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    w.target.port = 4450;
    ck_apart(&w, share);
}
END_TEST

START_TEST(different_policies_have_different_connections)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    w.policy.seal = LSMB_REQUIRED;
    ck_apart(&w, share);
}
END_TEST

/* Who does not know the password does not get in by a door that is open already. */
START_TEST(another_password_has_to_be_tried)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    w.target.password = "wrong";
    fs_no_share(&w, LSMB_E_AUTH, (uint32_t)STATUS_LOGON_FAILURE);
    w.target.password = NULL;
    fs_no_share(&w, LSMB_E_AUTH, (uint32_t)STATUS_LOGON_FAILURE);
    ck_assert_uint_eq(w.dialled, 3);
    fs_ok(&w, lsmb_share_echo(share, &w.err));
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

START_TEST(the_port_445_is_the_default)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *a = fs_share(&w);
    w.target.port = 445;
    struct lsmb_share *b = fs_share(&w);
    ck_assert_ptr_eq(a->lane, b->lane);
    lsmb_share_close(a);
    lsmb_share_close(b);
    fs_world_free(&w);
}
END_TEST

START_TEST(shares_that_are_opened_together_have_one_connection)
{
    struct lsmb_share *shares[3] = {NULL};
    struct fs_done done[3] = {{0}};
    struct fs_world w;

    fs_world_init(&w, NULL);
    for (unsigned i = 0; i < 3; i++) {
        ck_assert_ptr_nonnull(
            lsmb_share_open_start(w.smb, &w.target, &shares[i], fs_done, &done[i]));
        fs_turn(&w, i); /* so that they are at different steps */
    }
    for (unsigned i = 0; i < 3; i++) {
        ck_assert_int_eq(lsmb_turn_until(w.smb, &done[i].finished), LSMB_OK);
        ck_assert_msg(shares[i] != NULL, "%s", done[i].err.reason);
    }
    ck_assert_uint_eq(w.dialled, 1);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_TREE_CONNECT), 3);
    for (unsigned i = 0; i < 3; i++) {
        lsmb_share_close(shares[i]);
    }
    fs_world_free(&w);
}
END_TEST

/* One attempt is enough to learn that a password is wrong; more lock the account. */
START_TEST(shares_that_are_opened_together_fail_together)
{
    struct lsmb_share *shares[3] = {NULL};
    struct fs_done done[3] = {{0}};
    struct fs_world w;

    fs_world_init(&w, NULL);
    w.target.password = "wrong";
    for (unsigned i = 0; i < 3; i++) {
        ck_assert_ptr_nonnull(
            lsmb_share_open_start(w.smb, &w.target, &shares[i], fs_done, &done[i]));
    }
    for (unsigned i = 0; i < 3; i++) {
        ck_assert_int_eq(lsmb_turn_until(w.smb, &done[i].finished), LSMB_OK);
        ck_assert_int_eq(done[i].err.code, LSMB_E_AUTH);
        ck_assert_ptr_null(shares[i]);
    }
    ck_assert_uint_eq(w.dialled, 1);
    fs_world_free(&w);
}
END_TEST

START_TEST(cancelling_who_connects_leaves_the_others)
{
    struct lsmb_share *shares[2] = {NULL};
    struct fs_done done[2] = {{0}};
    struct lsmb_job *jobs[2];
    struct fs_world w;

    fs_world_init(&w, NULL);
    for (unsigned i = 0; i < 2; i++) {
        jobs[i] = lsmb_share_open_start(w.smb, &w.target, &shares[i], fs_done, &done[i]);
        ck_assert_ptr_nonnull(jobs[i]);
    }
    fs_turn(&w, 3);
    lsmb_job_cancel(jobs[0], NULL);
    for (unsigned i = 0; i < 2; i++) {
        ck_assert_int_eq(lsmb_turn_until(w.smb, &done[i].finished), LSMB_OK);
    }
    ck_assert_int_eq(done[0].err.code, LSMB_E_CANCELLED);
    ck_assert_int_eq(done[1].err.code, LSMB_OK);
    ck_assert_uint_eq(w.dialled, 2);
    lsmb_share_close(shares[1]);
    fs_world_free(&w);
}
END_TEST

/* ---------------------------------------------------------------- a connection that is lost */

START_TEST(a_lost_connection_is_said_every_time)
{
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    fs_hang_up(&w, 0);
    for (unsigned i = 0; i < 2; i++) {
        fs_failed(&w, lsmb_stat(share, "a.txt", &stat, &w.err), LSMB_E_NETWORK, 0);
        ck_assert_str_eq(w.err.path, "\\\\server\\share\\a.txt");
        ck_assert_str_eq(w.err.reason, "the server closed the connection");
        fs_failed(&w, lsmb_share_echo(share, &w.err), LSMB_E_NETWORK, 0);
    }
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

START_TEST(a_new_share_after_a_loss_connects_anew)
{
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    (void)peer_add_file(&w.peer, "a.txt", "hello", 5);
    struct lsmb_share *old = fs_share(&w);
    fs_hang_up(&w, 0);
    struct lsmb_share *new = fs_share(&w);
    ck_assert_uint_eq(w.dialled, 2);
    fs_ok(&w, lsmb_stat(new, "a.txt", &stat, &w.err));
    lsmb_share_close(old);
    fs_ok(&w, lsmb_stat(new, "a.txt", &stat, &w.err));
    lsmb_share_close(new);
    fs_turn(&w, 8);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_TREE_DISCONNECT), 1); /* the old one is no more */
    fs_world_free(&w);
}
END_TEST

/* TreeIds mean nothing in another session: they may be those of another share there. */
START_TEST(an_old_share_does_not_reach_a_new_session)
{
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    (void)peer_add_file(&w.peer, "a.txt", "hello", 5);
    struct lsmb_share *old = fs_share(&w);
    fs_hang_up(&w, 0);
    w.target.share = "IPC$";
    struct lsmb_share *new = fs_share(&w);
    size_t creates = peer_count(&w.peer, SMB2_CREATE);
    fs_failed(&w, lsmb_stat(old, "a.txt", &stat, &w.err), LSMB_E_NETWORK, 0);
    fs_failed(&w, lsmb_mkdir(old, "dir", false, &w.err), LSMB_E_NETWORK, 0);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CREATE), creates);
    lsmb_share_close(old);
    lsmb_share_close(new);
    fs_world_free(&w);
}
END_TEST

/* STATUS_USER_SESSION_DELETED ends the session, not the connection: what is in flight stays there. */
START_TEST(a_deleted_session_is_left_to_who_was_on_it)
{
    struct fs_done done = {0};
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *old = fs_share(&w);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_CREATE, .fate = PEER_DROP});
    ck_assert_ptr_nonnull(lsmb_stat_start(old, "a.txt", &stat, fs_done, &done));
    fs_turn(&w, 3);
    peer_forget_sessions(w.links[0]->link);
    fs_failed(&w, lsmb_mkdir(old, "dir", false, &w.err), LSMB_E_NETWORK,
              (uint32_t)STATUS_USER_SESSION_DELETED);
    struct lsmb_share *new = fs_share(&w);
    fs_ok(&w, lsmb_mkdir(new, "dir", false, &w.err));
    ck_assert(!done.finished);
    ck_assert_int_eq(lsmb_turn_until(w.smb, &done.finished), LSMB_OK);
    ck_assert_int_eq(done.err.code, LSMB_E_TIMEOUT); /* nobody answers it any more */
    lsmb_share_close(old);
    lsmb_share_close(new);
    fs_world_free(&w);
}
END_TEST

START_TEST(a_loss_ends_all_that_runs_with_the_reason)
{
    struct fs_done done[3] = {{0}};
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    peer_script(&w.peer,
                &(struct peer_rule){.command = SMB2_CREATE, .fate = PEER_HOLD, .times = 2});
    ck_assert_ptr_nonnull(lsmb_stat_start(share, "a", &stat, fs_done, &done[0]));
    ck_assert_ptr_nonnull(lsmb_mkdir_start(share, "b", true, fs_done, &done[1]));
    fs_turn(&w, 4);
    ck_assert_ptr_nonnull(lsmb_remove_start(share, "c", fs_done, &done[2]));
    peer_close(w.links[0]->link);
    fs_turn(&w, 6);
    for (unsigned i = 0; i < 3; i++) {
        ck_assert_uint_eq(done[i].calls, 1);
        ck_assert_int_eq(done[i].err.code, LSMB_E_NETWORK);
        ck_assert_str_eq(done[i].err.reason, "the server closed the connection");
    }
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

/* ---------------------------------------------------------------- a connection that was idle */

/* Let so much time pass that nobody knows whether the connection lives. */
static void idle(struct fs_world *w)
{
    struct script_clock *clock = &w->script.clock;

    clock->clock.advance(&clock->clock, clock->now_ns + 6 * NS_PER_S);
}

START_TEST(an_idle_connection_is_asked_before_it_is_shared) /* MS-SMB2 3.2.4.18 */
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *a = fs_share(&w), *b = fs_share(&w);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_ECHO), 0);
    idle(&w);
    struct lsmb_share *c = fs_share(&w);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_ECHO), 1);
    ck_assert_ptr_eq(c->lane, a->lane);
    struct lsmb_share *d = fs_share(&w); /* it has just answered */
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_ECHO), 1);
    ck_assert_uint_eq(w.dialled, 1);
    lsmb_share_close(a);
    lsmb_share_close(b);
    lsmb_share_close(c);
    lsmb_share_close(d);
    fs_world_free(&w);
}
END_TEST

START_TEST(an_idle_connection_that_says_nothing_is_left_to_who_is_on_it)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *old = fs_share(&w);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_ECHO, .fate = PEER_DROP});
    idle(&w);
    uint64_t began = w.script.clock.now_ns;
    struct lsmb_share *new = fs_share(&w);
    ck_assert_uint_eq(w.script.clock.now_ns - began, 3 * NS_PER_S);
    ck_assert_uint_eq(w.dialled, 2);
    ck_assert_ptr_ne(new->lane, old->lane);
    ck_assert_ptr_eq(new->server, old->server);
    struct lsmb_share *third = fs_share(&w); /* nor is it tried again */
    ck_assert_ptr_eq(third->lane, new->lane);
    fs_ok(&w, lsmb_share_echo(new, &w.err));
    lsmb_share_close(third);
    lsmb_share_close(old);
    lsmb_share_close(new);
    fs_world_free(&w);
}
END_TEST

START_TEST(an_idle_connection_that_is_cut_is_no_failure)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *old = fs_share(&w);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_ECHO, .fate = PEER_CLOSE});
    idle(&w);
    struct lsmb_share *new = fs_share(&w);
    ck_assert_uint_eq(w.dialled, 2);
    fs_ok(&w, lsmb_share_echo(new, &w.err));
    fs_failed(&w, lsmb_share_echo(old, &w.err), LSMB_E_NETWORK, 0);
    lsmb_share_close(old);
    lsmb_share_close(new);
    fs_world_free(&w);
}
END_TEST

/* Who asked is the last who holds it: the others have gone in the meantime. */
START_TEST(an_idle_connection_may_end_with_who_asks_it)
{
    struct lsmb_share *new = NULL;
    struct fs_done done = {0};
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *old = fs_share(&w);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_ECHO, .fate = PEER_DROP});
    idle(&w);
    ck_assert_ptr_nonnull(lsmb_share_open_start(w.smb, &w.target, &new, fs_done, &done));
    fs_turn(&w, 3);
    lsmb_share_close(old);
    ck_assert_int_eq(lsmb_turn_until(w.smb, &done.finished), LSMB_OK);
    ck_assert_int_eq(done.err.code, LSMB_OK);
    ck_assert_uint_eq(w.dialled, 2);
    lsmb_share_close(new);
    fs_world_free(&w);
}
END_TEST

START_TEST(asking_an_idle_connection_may_be_cancelled)
{
    struct lsmb_share *new = NULL;
    struct fs_done done = {0};
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *old = fs_share(&w);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_ECHO, .fate = PEER_HOLD});
    idle(&w);
    struct lsmb_job *job = lsmb_share_open_start(w.smb, &w.target, &new, fs_done, &done);
    fs_turn(&w, 3);
    lsmb_job_cancel(job, NULL);
    ck_assert_int_eq(lsmb_turn_until(w.smb, &done.finished), LSMB_OK);
    ck_assert_int_eq(done.err.code, LSMB_E_CANCELLED);
    peer_release(w.links[0]->link);
    fs_turn(&w, 4);
    fs_ok(&w, lsmb_share_echo(old, &w.err));
    lsmb_share_close(old);
    fs_world_free(&w);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "fs/server", two_shares_of_one_user_have_one_connection,
        different_users_have_different_connections, different_domains_have_different_connections,
        different_ports_have_different_connections, different_policies_have_different_connections,
        another_password_has_to_be_tried, the_port_445_is_the_default,
        shares_that_are_opened_together_have_one_connection,
        shares_that_are_opened_together_fail_together, cancelling_who_connects_leaves_the_others,
        a_lost_connection_is_said_every_time, a_new_share_after_a_loss_connects_anew,
        an_old_share_does_not_reach_a_new_session, a_deleted_session_is_left_to_who_was_on_it,
        a_loss_ends_all_that_runs_with_the_reason, an_idle_connection_is_asked_before_it_is_shared,
        an_idle_connection_that_says_nothing_is_left_to_who_is_on_it,
        an_idle_connection_that_is_cut_is_no_failure, an_idle_connection_may_end_with_who_asks_it,
        asking_an_idle_connection_may_be_cancelled);
}
