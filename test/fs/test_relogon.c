/* test_relogon.c: a lane whose logon has run out (MS-SMB2 3.2.5.1.6). */
#include "fs/relogon.h"

#include "proto/session.h"
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

/* How the tokens of a connection's first and second logon begin. */
static const struct peer_rule *note_token(void *arg, const struct peer_seen *seen,
                                          struct span message)
{
    struct smb2_session_setup_request q;
    char *at = arg;

    if (seen->header.command == SMB2_SESSION_SETUP) {
        ck_assert(smb2_session_setup_request_get(&q, message) && q.token.len > 0);
        at[strlen(at)] = q.token.ptr[0] == 'N' ? 'N' : 's'; /* "NTLMSSP" or DER */
    }
    return NULL;
}

START_TEST(the_second_logon_is_made_like_the_first) /* RFC 4178 4.2.1 */
{
    for (int raw = 0; raw < 2; raw++) {
        struct peer_config config = peer_defaults();
        struct lsmb_stat stat;
        char tokens[8] = "";
        config.no_hint = raw;
        fs_world_init(&w, &config);
        (void)peer_add_file(&w.peer, "a.txt", "hello", 5);
        w.peer.on_request = note_token;
        w.peer.on_request_arg = tokens;
        share = fs_share(&w);
        peer_expire_sessions(w.links[0]->link);
        fs_ok(&w, lsmb_stat(share, "a.txt", &stat, &w.err));
        ck_assert_str_eq(tokens, raw ? "NNNN" : "ssss");
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
                     the_second_logon_is_made_like_the_first,
                     a_user_who_is_not_let_in_again_is_told_so,
                     a_share_that_is_let_go_during_it_leaves_nothing_behind,
                     a_second_share_waits_for_the_same_logon);
}
