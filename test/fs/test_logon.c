/* test_logon.c: as whom we log on, and how. */
#include "auth/ntlm_message.h"
#include "test/fs/fs_world.h"
#include "test/hex.h"

static void ck_logs_on_by(struct fs_world *w, const char *mechanism)
{
    struct lsmb_share_info info = {.size = sizeof info};
    struct lsmb_share *share = fs_share(w);

    lsmb_share_info(share, &info);
    ck_assert_str_eq(info.mechanism, mechanism);
    fs_ok(w, lsmb_share_echo(share, &w->err));
    lsmb_share_close(share);
}

/* The last reply of a 3.x logon is signed, so both sides have one key (MS-SMB2 3.2.5.3.1). */
static void ck_ntlmv1(uint32_t flags_removed, const char *mechanism)
{
    struct peer_config config = peer_defaults();
    struct fs_world w;

    config.allow_ntlmv1 = true;
    config.ntlm_flags_removed = flags_removed;
    fs_world_init(&w, &config);
    w.policy.allow_ntlmv1 = true;
    ck_logs_on_by(&w, mechanism);
    fs_world_free(&w);
}

/* MS-NLMP 3.1.5.1.2 */
START_TEST(ntlmv1_takes_what_the_server_has)
{
    const uint32_t ess = NTLM_EXTENDED_SESSIONSECURITY;

    ck_ntlmv1(0, "NTLMv1 with ESS");
    ck_ntlmv1(NTLM_128, "NTLMv1 with ESS");
    ck_ntlmv1(NTLM_128 | NTLM_56, "NTLMv1 with ESS");
    ck_ntlmv1(NTLM_KEY_EXCH, "NTLMv1 with ESS");
    ck_ntlmv1(ess, "NTLMv1");
    ck_ntlmv1(ess | NTLM_KEY_EXCH | NTLM_128 | NTLM_56, "NTLMv1");
}
END_TEST

START_TEST(ntlmv1_has_to_be_allowed)
{
    struct peer_config config = peer_defaults();
    struct fs_world w;

    config.allow_ntlmv1 = true;
    fs_world_init(&w, &config);
    ck_logs_on_by(&w, "NTLMv2");
    fs_world_free(&w);

    config.ntlm_flags_removed = NTLM_EXTENDED_SESSIONSECURITY;
    fs_world_init(&w, &config);
    fs_no_share(&w, LSMB_E_SECURITY, 0);
    fs_world_free(&w);

    fs_world_init(&w, NULL); /* and by the server */
    w.policy.allow_ntlmv1 = true;
    fs_no_share(&w, LSMB_E_AUTH, (uint32_t)STATUS_LOGON_FAILURE);
    fs_world_free(&w);
}
END_TEST

/* Source of the hash of "password": MD4 of its UTF-16, as everybody's tables have it. */
START_TEST(a_hash_does_for_a_password)
{
    struct peer_config config = peer_defaults();
    uint8_t hash[16];
    struct fs_world w;

    hex(hash, "8846f7eaee8fb117ad06bdd830b7586c");
    config.allow_ntlmv1 = true;
    fs_world_init(&w, &config);
    w.target.password = NULL;
    w.target.nt_hash = hash;
    ck_logs_on_by(&w, "NTLMv2");
    w.target.password = "is not looked at";
    w.policy.allow_ntlmv1 = true;
    ck_logs_on_by(&w, "NTLMv1 with ESS");
    hash[0] ^= 1;
    fs_no_share(&w, LSMB_E_AUTH, (uint32_t)STATUS_LOGON_FAILURE);
    fs_world_free(&w);
}
END_TEST

/* Each has to be tried: an open door is not for who has another key. */
START_TEST(who_logs_on_otherwise_has_a_connection_of_his_own)
{
    struct peer_config config = peer_defaults();
    uint8_t hash[16], wrong[16] = {1};
    struct fs_world w;

    hex(hash, "8846f7eaee8fb117ad06bdd830b7586c");
    config.allow_ntlmv1 = true;
    fs_world_init(&w, &config);
    struct lsmb_share *first = fs_share(&w);
    w.target.nt_hash = hash;
    struct lsmb_share *by_hash = fs_share(&w);
    ck_assert_uint_eq(w.dialled, 2);
    w.policy.allow_ntlmv1 = true;
    struct lsmb_share *by_ntlmv1 = fs_share(&w);
    w.target.my_name = "HERE";
    struct lsmb_share *by_name = fs_share(&w);
    struct lsmb_share *again = fs_share(&w);
    ck_assert_uint_eq(w.dialled, 4);
    w.target.nt_hash = wrong;
    fs_no_share(&w, LSMB_E_AUTH, (uint32_t)STATUS_LOGON_FAILURE);
    struct lsmb_share *const all[] = {first, by_hash, by_ntlmv1, by_name, again};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        lsmb_share_close(all[i]);
    }
    fs_world_free(&w);
}
END_TEST

START_TEST(a_name_that_is_not_utf8_is_refused)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    w.target.my_name = "\xFF";
    fs_no_share(&w, LSMB_E_USAGE, 0);
    ck_assert_uint_eq(w.dialled, 0);
    fs_world_free(&w);
}
END_TEST

START_TEST(a_server_without_a_list_of_mechanisms_gets_ntlm)
{
    struct peer_config config = peer_defaults();
    struct fs_world w;

    config.no_hint = true;
    fs_world_init(&w, &config);
    ck_logs_on_by(&w, "NTLMv2");
    w.target.password = "wrong";
    fs_no_share(&w, LSMB_E_AUTH, (uint32_t)STATUS_LOGON_FAILURE);
    fs_world_free(&w);
}
END_TEST

int main(void)
{
    return RUN_TESTS("fs/logon", ntlmv1_takes_what_the_server_has, ntlmv1_has_to_be_allowed,
                     a_hash_does_for_a_password, who_logs_on_otherwise_has_a_connection_of_his_own,
                     a_name_that_is_not_utf8_is_refused,
                     a_server_without_a_list_of_mechanisms_gets_ntlm);
}
