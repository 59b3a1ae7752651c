/* test_connect.c: bringing a lane up, and who may not (MS-SMB2 3.2.4.2, 3.2.5.2, 3.2.5.3). */
#include "fs/connect.h"

#include <errno.h>

#include "test/fs/fs_world.h"

START_TEST(a_share_is_opened_in_every_dialect)
{
    static const enum lsmb_dialect dialects[] = {LSMB_SMB_2_0_2, LSMB_SMB_2_1, LSMB_SMB_3_0,
                                                 LSMB_SMB_3_0_2, LSMB_SMB_3_1_1};
    struct lsmb_share_info info = {.size = sizeof info};
    struct fs_world w;

    for (size_t i = 0; i < sizeof dialects / sizeof *dialects; i++) {
        fs_world_init(&w, NULL);
        w.policy.max_dialect = dialects[i];
        struct lsmb_share *share = fs_share(&w);
        lsmb_share_info(share, &info);
        ck_assert_uint_eq(info.dialect, dialects[i]);
        lsmb_share_close(share);
        fs_world_free(&w);
    }
}
END_TEST

START_TEST(a_server_that_does_not_answer_is_a_network_error)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    w.nobody_answers = true;
    fs_no_share(&w, LSMB_E_NETWORK, 0);
    ck_assert_str_eq(w.err.step, "connect");
    ck_assert_str_eq(w.err.path, "\\\\server\\share");
    w.nobody_answers = false; /* and nothing of it is remembered */
    lsmb_share_close(fs_share(&w));
    fs_world_free(&w);
}
END_TEST

START_TEST(a_silent_server_is_given_up)
{
    struct fs_world w;
    uint64_t began;

    fs_world_init(&w, NULL);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_NEGOTIATE, .fate = PEER_DROP});
    began = w.script.clock.now_ns;
    fs_no_share(&w, LSMB_E_TIMEOUT, 0);
    ck_assert_uint_ge(w.script.clock.now_ns - began, 30 * NS_PER_S);
    ck_assert_uint_lt(w.script.clock.now_ns - began, 70 * NS_PER_S);
    fs_world_free(&w);
}
END_TEST

/* Something that does not speak SMB 2 hangs up. */
START_TEST(a_server_that_hangs_up_at_once_may_speak_smb1)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_NEGOTIATE, .fate = PEER_CLOSE});
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_NEGOTIATE, .fate = PEER_CLOSE});
    fs_no_share(&w, LSMB_E_NETWORK, 0);
    ck_assert_uint_eq(w.dialled, 2);
    ck_assert_ptr_nonnull(strstr(w.err.advice, "SMB1"));
    ck_assert_ptr_nonnull(strstr(w.err.advice, "445"));
    fs_world_free(&w);
}
END_TEST

/* MS-SMB2 3.2.4.2.2 */
START_TEST(a_server_that_hangs_up_on_smb2_is_asked_once_in_smb1)
{
    struct peer_config config = peer_defaults();
    struct fs_world w;

    config.no_smb2_negotiate = true;
    fs_world_init(&w, &config);
    lsmb_share_close(fs_share(&w));
    ck_assert_uint_eq(w.dialled, 2);
    fs_world_free(&w);
}
END_TEST

START_TEST(a_wrong_password_is_refused_by_name)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    w.target.password = "wrong";
    fs_no_share(&w, LSMB_E_AUTH, (uint32_t)STATUS_LOGON_FAILURE);
    ck_assert_str_eq(w.err.step, "log on");
    ck_assert_ptr_nonnull(strstr(w.err.reason, "STATUS_LOGON_FAILURE"));
    ck_assert_str_ne(w.err.advice, "");
    w.target.password = "password";
    lsmb_share_close(fs_share(&w));
    fs_world_free(&w);
}
END_TEST

START_TEST(guests_are_made_only_on_request)
{
    struct peer_config config = peer_defaults();
    struct lsmb_share_info info = {.size = sizeof info};
    struct fs_world w;

    config.map_to_guest = true;
    fs_world_init(&w, &config);
    w.target.password = "wrong";
    fs_no_share(&w, LSMB_E_AUTH, 0);
    ck_assert_ptr_nonnull(strstr(w.err.advice, "--allow-guest"));
    w.policy.allow_guest = true;
    struct lsmb_share *share = fs_share(&w);
    lsmb_share_info(share, &info);
    ck_assert(info.guest && !info.signing && !info.sealing);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

START_TEST(guests_cannot_sign_or_seal)
{
    struct peer_config config = peer_defaults();
    struct fs_world w;

    config.map_to_guest = true;
    fs_world_init(&w, &config);
    w.target.password = "wrong";
    w.policy.allow_guest = true;
    w.policy.sign = LSMB_REQUIRED;
    fs_no_share(&w, LSMB_E_POLICY, 0);
    w.policy.sign = LSMB_AUTO;
    w.policy.seal = LSMB_REQUIRED;
    fs_no_share(&w, LSMB_E_POLICY, 0);
    fs_world_free(&w);
}
END_TEST

START_TEST(nobody_becomes_nobody_by_accident)
{
    struct peer_config config = peer_defaults();
    struct fs_world w;

    config.allow_anonymous = true;
    fs_world_init(&w, &config);
    w.target.user = NULL;
    fs_no_share(&w, LSMB_E_USAGE, 0);
    w.target.user = "";
    fs_no_share(&w, LSMB_E_USAGE, 0);
    ck_assert_uint_eq(w.dialled, 0);
    fs_world_free(&w);
}
END_TEST

START_TEST(nobody_logs_on_when_asked_to)
{
    struct peer_config config = peer_defaults();
    struct lsmb_share_info info = {.size = sizeof info};
    struct fs_world w;

    config.allow_anonymous = true;
    fs_world_init(&w, &config);
    w.target.user = NULL;
    w.policy.anonymous = true;
    struct lsmb_share *share = fs_share(&w);
    lsmb_share_info(share, &info);
    ck_assert(info.anonymous && !info.guest && !info.signing);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

START_TEST(nobody_is_refused_where_only_users_may_be)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    w.target.user = NULL;
    w.policy.anonymous = true;
    fs_no_share(&w, LSMB_E_AUTH, (uint32_t)STATUS_LOGON_FAILURE);
    fs_world_free(&w);
}
END_TEST

START_TEST(a_policy_that_the_server_cannot_meet_is_said)
{
    struct peer_config config = peer_defaults();
    struct fs_world w;

    config.dialects[2] = 0; /* up to 2.1 */
    fs_world_init(&w, &config);
    w.policy.min_dialect = LSMB_SMB_3_1_1;
    fs_no_share(&w, LSMB_E_POLICY, (uint32_t)STATUS_NOT_SUPPORTED);
    ck_assert_str_eq(w.err.step, "negotiate with the server");
    w.policy.min_dialect = 0;
    w.policy.seal = LSMB_REQUIRED;
    fs_no_share(&w, LSMB_E_POLICY, (uint32_t)STATUS_NOT_SUPPORTED);
    fs_world_free(&w);
}
END_TEST

START_TEST(a_policy_that_contradicts_itself_is_not_tried)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    w.policy.min_dialect = LSMB_SMB_3_1_1;
    w.policy.max_dialect = LSMB_SMB_2_1;
    fs_no_share(&w, LSMB_E_USAGE, 0);
    ck_assert_uint_eq(w.dialled, 0);
    fs_world_free(&w);
}
END_TEST

static void choose_another_dialect(struct smb2_negotiate_reply *reply)
{
    reply->dialect = 0x0222;
}

/* MS-SMB2 3.2.5.2 */
START_TEST(a_dialect_that_was_not_offered_ends_the_connection)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_NEGOTIATE,
                                             .negotiate = choose_another_dialect});
    fs_no_share(&w, LSMB_E_SECURITY, 0);
    fs_world_free(&w);
}
END_TEST

/* MS-SMB2 3.2.5.3.1: the last answer to a logon proves the negotiation. */
START_TEST(a_logon_that_is_not_signed_is_not_believed)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_SESSION_SETUP,
                                             .skip = 1,
                                             .protection = PEER_WRONG_MAC});
    fs_no_share(&w, LSMB_E_SECURITY, 0);
    fs_world_free(&w);
}
END_TEST

START_TEST(a_stream_that_breaks_says_why)
{
    struct fs_world w;
    struct fs_done done = {0};
    struct lsmb_share *share = NULL;

    fs_world_init(&w, NULL);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_SESSION_SETUP, .fate = PEER_HOLD});
    ck_assert_ptr_nonnull(lsmb_share_open_start(w.smb, &w.target, &share, fs_done, &done));
    fs_turn(&w, 8);
    ck_assert(!done.finished);
    pair_cut(w.near[0], ECONNRESET);
    fs_turn(&w, 4);
    ck_assert(done.finished);
    ck_assert_int_eq(done.err.code, LSMB_E_NETWORK);
    ck_assert_int_eq(done.err.os_errno, ECONNRESET);
    fs_world_free(&w);
}
END_TEST

int main(void)
{
    return RUN_TESTS("fs/connect", a_share_is_opened_in_every_dialect,
                     a_server_that_does_not_answer_is_a_network_error, a_silent_server_is_given_up,
                     a_server_that_hangs_up_at_once_may_speak_smb1,
                     a_server_that_hangs_up_on_smb2_is_asked_once_in_smb1,
                     a_wrong_password_is_refused_by_name, guests_are_made_only_on_request,
                     guests_cannot_sign_or_seal, nobody_becomes_nobody_by_accident,
                     nobody_logs_on_when_asked_to, nobody_is_refused_where_only_users_may_be,
                     a_policy_that_the_server_cannot_meet_is_said,
                     a_policy_that_contradicts_itself_is_not_tried,
                     a_dialect_that_was_not_offered_ends_the_connection,
                     a_logon_that_is_not_signed_is_not_believed, a_stream_that_breaks_says_why);
}
