/* test_relogon.c: a lane whose logon has run out (MS-SMB2 3.2.5.1.6). */
#include "fs/relogon.h"

#include "test/fs/fs_world.h"

static struct fs_world w;
static struct lsmb_share *share;

static void begin(const struct peer_config *config)
{
    fs_world_init(&w, config);
    (void)peer_add_file(&w.peer, "a.txt", "hello", 5);
    share = fs_share(&w);
}

static void end(void)
{
    lsmb_share_close(share);
    fs_world_free(&w);
}

START_TEST(nobody_notices_that_the_logon_has_run_out)
{
    for (int sealed = 0; sealed < 2; sealed++) {
        struct peer_config config = peer_defaults();
        struct lsmb_stat stat;
        config.encrypt_session = sealed;
        begin(&config);
        for (unsigned i = 1; i < 4; i++) {
            peer_expire_sessions(w.links[0]->link);
            fs_ok(&w, lsmb_stat(share, "a.txt", &stat, &w.err));
            ck_assert_uint_eq(stat.bytes, 5);
            ck_assert_uint_eq(peer_count(&w.peer, SMB2_SESSION_SETUP), 2 + 2 * i);
        }
        ck_assert_uint_eq(w.dialled, 1);
        end();
    }
}
END_TEST

START_TEST(a_user_who_is_not_let_in_again_is_told_so)
{
    struct lsmb_stat stat;

    begin(NULL);
    w.peer.config.password = "changed meanwhile";
    peer_expire_sessions(w.links[0]->link);
    fs_failed(&w, lsmb_stat(share, "a.txt", &stat, &w.err), LSMB_E_AUTH,
              (uint32_t)STATUS_LOGON_FAILURE);
    w.peer.config.password = "password";
    lsmb_share_close(share);
    share = fs_share(&w); /* on a lane of its own */
    fs_ok(&w, lsmb_stat(share, "a.txt", &stat, &w.err));
    ck_assert_uint_eq(w.dialled, 2);
    end();
}
END_TEST

START_TEST(a_share_that_is_let_go_during_it_leaves_nothing_behind)
{
    struct lsmb_stat stat;
    struct fs_done done = {0};

    begin(NULL);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_SESSION_SETUP, .fate = PEER_HOLD});
    peer_expire_sessions(w.links[0]->link);
    struct lsmb_job *job = lsmb_stat_start(share, "a.txt", &stat, fs_done, &done);
    ck_assert_ptr_nonnull(job);
    fs_turn(&w, 10);
    ck_assert(!done.finished);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_SESSION_SETUP), 3);
    lsmb_job_cancel(job, NULL);
    fs_turn(&w, 4);
    end();
}
END_TEST

START_TEST(a_second_share_waits_for_the_same_logon)
{
    struct lsmb_stat stat;
    struct fs_done done = {0};

    begin(NULL);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_SESSION_SETUP, .fate = PEER_HOLD});
    peer_expire_sessions(w.links[0]->link);
    ck_assert_ptr_nonnull(lsmb_stat_start(share, "a.txt", &stat, fs_done, &done));
    fs_turn(&w, 10);
    peer_release(w.links[0]->link);
    struct lsmb_share *other = fs_share(&w);
    fs_turn(&w, 10);
    ck_assert(done.finished);
    ck_assert_uint_eq(w.dialled, 1);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_SESSION_SETUP), 4);
    lsmb_share_close(other);
    end();
}
END_TEST

int main(void)
{
    return RUN_TESTS("fs/relogon", nobody_notices_that_the_logon_has_run_out,
                     a_user_who_is_not_let_in_again_is_told_so,
                     a_share_that_is_let_go_during_it_leaves_nothing_behind,
                     a_second_share_waits_for_the_same_logon);
}
