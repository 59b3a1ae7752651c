/* test_recorded.c: sessions that a real client and a real server had, gone through with the password, and
 * gone through once more by conn/ in the client's place. */
#include "test/conn/recorded_drive.h"
#include "test/conn/recorded_sessions.h"
#include "test/run.h"

enum { SESSIONS = sizeof recorded_sessions / sizeof *recorded_sessions };

static const struct recorded_connection *find(const char *name)
{
    for (size_t i = 0; i < SESSIONS; i++) {
        if (strcmp(recorded_sessions[i].name, name) == 0) {
            return &recorded_sessions[i];
        }
    }
    ck_abort_msg("there is no recording %s", name);
    return NULL;
}

START_TEST(every_signature_and_seal_follows_from_the_password)
{
    struct recorded_visit v = {0};
    unsigned with_keys = 0;

    for (size_t i = 0; i < SESSIONS; i++) {
        v.count = 0;
        recorded_collect(&v, &recorded_sessions[i]);
        with_keys += v.count;
        recorded_verify(&v, &recorded_sessions[i]);
        recorded_leave(&v);
        memset(v.sessions, 0, sizeof v.sessions);
    }
    ck_assert_uint_eq(with_keys, 12); /* not those of guests, of nobody, and of a wrong password */
    ck_assert_uint_eq(v.signatures, 196);
    ck_assert_uint_eq(v.seals, 96);
}
END_TEST

/* Those whose logon is to succeed. */
static bool has_keys(const struct recorded_connection *connection)
{
    return strncmp(connection->name, "ntlm.", 5) == 0 ||
           strcmp(connection->name, "special.encshare_210") == 0 ||
           strcmp(connection->name, "special.domuser") == 0 ||
           strcmp(connection->name, "special.dfs311") == 0;
}

START_TEST(in_the_clients_place_we_say_the_same_and_believe_the_server)
{
    for (size_t i = 0; i < SESSIONS; i++) {
        struct recorded_drive d;
        if (!has_keys(&recorded_sessions[i])) {
            continue;
        }
        recorded_drive_init(&d, &recorded_sessions[i], NULL);
        recorded_drive_on(&d);
        ck_assert_msg(!d.failed && !conn_dead(&d.conn), "%s: %s %s", recorded_sessions[i].name,
                      d.err.reason, d.conn.err.reason);
        ck_assert(!*d.at);
        ck_assert_uint_ge(d.answered, 4);
        recorded_drive_free(&d);
    }
}
END_TEST

/* The reply that ends the logon, the one after it, and one that comes later. */
START_TEST(a_changed_bit_in_any_protected_reply_is_noticed)
{
    static const unsigned replies[] = {3, 4, 8};

    for (size_t i = 0; i < SESSIONS; i++) {
        for (size_t j = 0; j < sizeof replies / sizeof *replies; j++) {
            struct recorded_drive d;
            if (strncmp(recorded_sessions[i].name, "ntlm.", 5) != 0) {
                continue;
            }
            recorded_drive_init(&d, &recorded_sessions[i], NULL);
            d.flip_at = replies[j];
            recorded_drive_on(&d);
            ck_assert_int_eq(d.conn.err.code, LSMB_E_SECURITY);
            ck_assert_uint_eq(d.replies, replies[j]);
            recorded_drive_free(&d);
        }
    }
}
END_TEST

/* ---------------------------------------------------------------- who has no keys */

static enum lsmb_code outcome(const char *name, const struct lsmb_policy *policy)
{
    struct recorded_drive d;

    recorded_drive_init(&d, find(name), policy);
    recorded_drive_on(&d);
    ck_assert(!conn_dead(&d.conn)); /* it is the logon that has failed */
    enum lsmb_code code = d.failed ? d.err.code : LSMB_OK;
    ck_assert((d.session.gate == SESSION_OPEN) == (code == LSMB_OK));
    ck_assert(code != LSMB_OK || (!*d.at && !d.channel.signer && d.answered == 11));
    recorded_drive_free(&d);
    return code;
}

START_TEST(a_guest_is_let_in_only_if_he_wants_to_be_one)
{
    const struct lsmb_policy guest = {.size = sizeof guest, .allow_guest = true};

    ck_assert_int_eq(outcome("special.guest", NULL), LSMB_E_AUTH);
    ck_assert_int_eq(outcome("special.guest", &guest), LSMB_OK);
    ck_assert_int_eq(outcome("special.guest_signreq", NULL), LSMB_E_AUTH);
    ck_assert_int_eq(outcome("special.guest_signreq", &guest), LSMB_E_POLICY);
}
END_TEST

/* Samba 4.17 says of nobody that he is somebody: SessionFlags 0, and not signed. */
START_TEST(nobody_is_who_says_so_himself)
{
    const struct lsmb_policy nobody = {.size = sizeof nobody, .anonymous = true};
    const struct lsmb_policy guest = {.size = sizeof guest, .allow_guest = true};
    struct recorded_drive d;

    ck_assert_int_eq(outcome("special.anon", &nobody), LSMB_OK);
    recorded_drive_init(&d, find("special.anon"), &guest);
    recorded_drive_on(&d);
    ck_assert_int_eq(d.conn.err.code, LSMB_E_SECURITY); /* a last reply without a signature */
    recorded_drive_free(&d);
}
END_TEST

START_TEST(a_wrong_password_is_refused_as_such)
{
    struct recorded_drive d;

    recorded_drive_init(&d, find("special.badpass"), NULL);
    recorded_drive_on(&d);
    ck_assert(d.failed && !conn_dead(&d.conn));
    ck_assert_int_eq(d.err.code, LSMB_E_AUTH);
    ck_assert_uint_eq(d.err.nt_status, (uint32_t)STATUS_LOGON_FAILURE);
    recorded_drive_free(&d);
}
END_TEST

int main(void)
{
    return RUN_TESTS("conn/recorded", every_signature_and_seal_follows_from_the_password,
                     in_the_clients_place_we_say_the_same_and_believe_the_server,
                     a_changed_bit_in_any_protected_reply_is_noticed,
                     a_guest_is_let_in_only_if_he_wants_to_be_one, nobody_is_who_says_so_himself,
                     a_wrong_password_is_refused_as_such);
}
