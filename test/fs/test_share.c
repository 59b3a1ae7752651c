/* test_share.c: opening and closing a share, what is known of it, and ECHO. */
#include "fs/holding.h"
#include "test/fs/fs_world.h"

/* ---------------------------------------------------------------- opening */

static void ck_not_a_share(const char *name)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    w.target.share = name;
    fs_no_share(&w, LSMB_E_USAGE, 0);
    ck_assert_uint_eq(w.dialled, 0);
    fs_world_free(&w);
}

START_TEST(a_share_needs_a_name)
{
    char long_name[300];

    memset(long_name, 'a', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    ck_not_a_share(NULL);
    ck_not_a_share("");
    ck_not_a_share("a/b");
    ck_not_a_share("a\\b");
    ck_not_a_share(long_name);
}
END_TEST

START_TEST(a_share_needs_a_server)
{
    char long_name[300];
    const char *const hosts[] = {NULL, "", long_name};
    struct fs_world w;

    memset(long_name, 'a', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    fs_world_init(&w, NULL);
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        w.target.host = hosts[i];
        fs_no_share(&w, LSMB_E_USAGE, 0);
    }
    fs_world_free(&w);
}
END_TEST

START_TEST(names_that_are_not_utf8_are_refused)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    w.target.share = "\xFF";
    fs_no_share(&w, LSMB_E_USAGE, 0);
    w.target.share = "share";
    w.target.user = "\xFF";
    fs_no_share(&w, LSMB_E_USAGE, 0);
    fs_world_free(&w);
}
END_TEST

START_TEST(a_share_that_is_not_there_is_named)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    w.target.share = "nothing";
    fs_no_share(&w, LSMB_E_NOT_FOUND, (uint32_t)STATUS_BAD_NETWORK_NAME);
    ck_assert_str_eq(w.err.step, "connect to the share");
    ck_assert_str_eq(w.err.path, "\\\\server\\nothing");
    ck_assert_ptr_nonnull(strstr(w.err.reason, "STATUS_BAD_NETWORK_NAME"));
    ck_assert_str_ne(w.err.advice, "");
    fs_world_free(&w);
}
END_TEST

START_TEST(a_share_may_not_be_for_this_user)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_TREE_CONNECT,
                                             .status = (uint32_t)STATUS_ACCESS_DENIED});
    fs_no_share(&w, LSMB_E_DENIED, (uint32_t)STATUS_ACCESS_DENIED);
    fs_world_free(&w);
}
END_TEST

START_TEST(a_share_that_demands_sealing_is_sealed)
{
    struct peer_config config = peer_defaults();
    struct lsmb_share_info info = {.size = sizeof info};
    struct lsmb_stat stat;
    struct fs_world w;

    config.encrypt_share = true;
    fs_world_init(&w, &config);
    struct lsmb_share *share = fs_share(&w);
    fs_ok(&w, lsmb_stat(share, "", &stat, &w.err));
    ck_assert(peer_last(&w.peer, SMB2_CREATE)->sealed);
    lsmb_share_info(share, &info);
    ck_assert(info.sealing);
    ck_assert_uint_eq(info.cipher, LSMB_AES_128_GCM);
    lsmb_share_close(share);
    fs_turn(&w, 8);
    ck_assert(peer_last(&w.peer, SMB2_TREE_DISCONNECT)->sealed);
    fs_world_free(&w);
}
END_TEST

/* ---------------------------------------------------------------- closing */

/* MS-SMB2 3.2.4.22, 3.2.4.23 */
START_TEST(closing_says_goodbye_and_waits_for_nothing)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    lsmb_share_close(share); /* no turn of the loop from here to the end of the connection */
    ck_assert(list_empty(&w.smb->servers));
    fs_turn(&w, 4);
    ck_assert_uint_eq(peer_last(&w.peer, SMB2_TREE_DISCONNECT)->answered, STATUS_SUCCESS);
    ck_assert_uint_eq(peer_last(&w.peer, SMB2_LOGOFF)->answered, STATUS_SUCCESS);
    fs_world_free(&w);
}
END_TEST

START_TEST(goodbyes_that_nobody_takes_are_not_waited_for)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    w.queue_bytes = 64;
    struct lsmb_share *share = fs_share(&w);
    lsmb_share_close(share);
    fs_turn(&w, 4);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_LOGOFF), 0);
    fs_world_free(&w);
}
END_TEST

START_TEST(closing_nothing_is_fine)
{
    lsmb_share_close(NULL);
}
END_TEST

/* ---------------------------------------------------------------- what is known */

/* A host that was built before a field was added has no room for it. */
START_TEST(a_host_with_an_older_header_gets_no_more_than_it_has_room_for)
{
    struct lsmb_share_info info;
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    memset(&info, 0xAA, sizeof info);
    info.size = offsetof(struct lsmb_share_info, mechanism);
    lsmb_share_info(share, &info);
    ck_assert_uint_eq(info.size, offsetof(struct lsmb_share_info, mechanism));
    ck_assert_uint_eq(info.dialect, LSMB_SMB_3_1_1);
    ck_assert_int_eq(info.mechanism[0], (char)0xAA);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

START_TEST(a_share_tells_what_was_negotiated)
{
    struct peer_config config = peer_defaults();
    struct lsmb_share_info info;
    struct fs_world w;

    config.signing_required = true;
    config.max_read = 1 << 20;
    fs_world_init(&w, &config);
    struct lsmb_share *share = fs_share(&w);
    memset(&info, 0xAA, sizeof info);
    info.size = sizeof info;
    lsmb_share_info(share, &info);
    ck_assert_uint_eq(info.size, sizeof info);
    ck_assert_uint_eq(info.dialect, LSMB_SMB_3_1_1);
    ck_assert(info.signing && !info.sealing && !info.guest && !info.anonymous);
    ck_assert_uint_eq(info.signing_alg, LSMB_AES_GMAC);
    ck_assert_uint_eq(info.cipher, LSMB_AES_128_GCM);
    ck_assert_uint_eq(info.max_read, 1 << 20);
    ck_assert_uint_eq(info.max_write, 8 << 20);
    ck_assert_uint_gt(info.credits, 0);
    ck_assert_int_eq(info.server_time / 1000000000, 1700000000);
    ck_assert_mem_eq(info.server_guid, w.peer.guid, 16);
    ck_assert_str_eq(info.mechanism, "NTLMv2");
    ck_assert_str_eq(info.address, "pair:1");
    ck_assert_str_eq(info.server_name, "PEER");
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

START_TEST(a_lost_share_can_be_asked_still)
{
    struct lsmb_share_info info = {.size = sizeof info};
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    fs_hang_up(&w, 0);
    lsmb_share_info(share, &info);
    ck_assert_uint_eq(info.dialect, LSMB_SMB_3_1_1);
    ck_assert_str_eq(info.address, "");
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

/* ---------------------------------------------------------------- ECHO */

/* MS-SMB2 3.2.4.18 */
START_TEST(an_echo_comes_back)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    fs_ok(&w, lsmb_share_echo(share, &w.err));
    ck_assert_uint_eq(peer_last(&w.peer, SMB2_ECHO)->header.tree_id, 0);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_ECHO,
                                             .status = (uint32_t)STATUS_INVALID_PARAMETER});
    fs_failed(&w, lsmb_share_echo(share, &w.err), LSMB_E_STATUS,
              (uint32_t)STATUS_INVALID_PARAMETER);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_ECHO, .fate = PEER_DROP});
    fs_failed(&w, lsmb_share_echo(share, &w.err), LSMB_E_TIMEOUT, 0);
    fs_failed(&w, lsmb_share_echo(share, &w.err), LSMB_E_TIMEOUT, 0); /* that is why it is lost */
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

int main(void)
{
    return RUN_TESTS("fs/share", a_share_needs_a_name, a_share_needs_a_server,
                     names_that_are_not_utf8_are_refused, a_share_that_is_not_there_is_named,
                     a_share_may_not_be_for_this_user, a_share_that_demands_sealing_is_sealed,
                     closing_says_goodbye_and_waits_for_nothing,
                     goodbyes_that_nobody_takes_are_not_waited_for, closing_nothing_is_fine,
                     a_share_tells_what_was_negotiated,
                     a_host_with_an_older_header_gets_no_more_than_it_has_room_for,
                     a_lost_share_can_be_asked_still, an_echo_comes_back);
}
