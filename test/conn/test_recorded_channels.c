/* test_recorded_channels.c: what real clients and servers said on several connections, late or unasked
 * (MS-SMB2 3.2.5.3.3, 3.2.5.1.5, 3.2.5.19), gone through with the password, and by conn/ in the client's
 * place. */
#include "test/conn/recorded_channels.h"
#include "test/conn/recorded_drive.h"
#include "test/run.h"

enum { CONNECTIONS = sizeof recorded_channels / sizeof *recorded_channels };

/* How many connections, from this one on, belong to the same capture. */
static size_t capture_len(size_t first)
{
    size_t n = 1;

    while (first + n < CONNECTIONS &&
           strcmp(recorded_channels[first].name, recorded_channels[first + n].name) == 0) {
        n++;
    }
    return n;
}

/* MS-SMB2 3.2.5.3.3: a further channel signs with a key of its own, and seals with those of the session. */
START_TEST(every_signature_and_seal_follows_on_every_channel)
{
    unsigned signatures = 0, seals = 0, echoes = 0;

    for (size_t i = 0; i < CONNECTIONS; i += capture_len(i)) {
        struct recorded_visit v = {0};
        for (size_t j = 0; j < capture_len(i); j++) {
            recorded_collect(&v, &recorded_channels[i + j]);
        }
        for (size_t j = 0; j < capture_len(i); j++) {
            recorded_verify(&v, &recorded_channels[i + j]);
        }
        signatures += v.signatures;
        seals += v.seals;
        echoes += v.echoes;
        recorded_leave(&v);
    }
    ck_assert_uint_eq(signatures, 469);
    ck_assert_uint_eq(seals, 52);
    ck_assert_uint_eq(echoes, 6);
}
END_TEST

/* What has happened to one who was driven to the end. */
struct seen {
    unsigned connections, answered, interims, breaks, logons;
};

static void drive(const struct recorded_connection *connection, struct seen *seen)
{
    struct recorded_drive d;

    recorded_drive_init(&d, connection, NULL);
    recorded_drive_on(&d);
    ck_assert_msg(!d.failed && !conn_dead(&d.conn), "%s: %s %s", connection->name, d.err.reason,
                  d.conn.err.reason);
    ck_assert(!*d.at);
    ck_assert_uint_eq(d.conn.strays, 0);
    seen->connections++;
    seen->answered += d.answered;
    seen->interims += d.interims;
    seen->breaks += d.breaks;
    seen->logons += d.session.logons;
    recorded_drive_free(&d);
}

static struct seen drive_all(const char *name)
{
    struct seen seen = {0};

    for (size_t i = 0; i < CONNECTIONS; i++) {
        if (strcmp(recorded_channels[i].name, name) == 0) {
            drive(&recorded_channels[i], &seen);
        }
    }
    return seen;
}

START_TEST(compounds_are_made_again_to_the_byte)
{
    struct seen seen = drive_all("compound_sign");

    ck_assert_uint_eq(seen.connections, 5);
    ck_assert_uint_eq(seen.answered, 37);
}
END_TEST

START_TEST(answers_may_come_late_and_be_cancelled)
{
    struct seen seen = drive_all("notify_gmac2");

    ck_assert_uint_eq(seen.interims, 4);
    ck_assert_uint_eq(seen.answered, 28);
}
END_TEST

START_TEST(breaks_come_unsigned_and_are_acknowledged)
{
    struct seen seen = drive_all("oplock_sign");

    ck_assert_uint_eq(seen.connections, 4);
    ck_assert_uint_eq(seen.breaks, 3);
}
END_TEST

/* MS-SMB2 3.2.5.3.2: neither keys nor transcript change. */
START_TEST(a_user_logs_on_again_with_the_keys_he_has)
{
    ck_assert_uint_eq(drive_all("reauth_311s").logons, 3);
}
END_TEST

START_TEST(what_is_asked_with_contexts_is_answered_with_contexts)
{
    ck_assert_uint_eq(drive_all("lease_sign").answered, 7);
    ck_assert_uint_eq(drive_all("dh_sign").answered, 12);
    ck_assert_uint_eq(drive_all("mc_generic").answered, 1);
}
END_TEST

int main(void)
{
    return RUN_TESTS("conn/recorded_channels", every_signature_and_seal_follows_on_every_channel,
                     compounds_are_made_again_to_the_byte, answers_may_come_late_and_be_cancelled,
                     breaks_come_unsigned_and_are_acknowledged,
                     a_user_logs_on_again_with_the_keys_he_has,
                     what_is_asked_with_contexts_is_answered_with_contexts);
}
