/* test_netbios.c: shares that are reached by a NetBIOS session (RFC 1002 4.3, MS-SMB2 2.1). */
#include "base/text.h"
#include "fs/holding.h"
#include "fs/server.h"
#include "proto/nbss.h"
#include "test/fs/fs_world.h"

enum { PORT = 139, CALLS_MAX = 4 };

/* How a server answers its calls, one after the other. */
struct phone {
    struct fs_world w;
    uint8_t refusals[CALLS_MAX]; /* enum nbss_error; 0: takes the call */
    uint16_t port;               /* that was dialled last */
    char host[64];
    char log[4096];
};

static struct stream *phone_dial(void *arg, const char *host, uint16_t port)
{
    struct phone *phone = arg;
    struct fs_world *w = &phone->w;
    struct stream *ends[2];
    unsigned n = w->dialled;
    uint8_t room[16];
    struct wr answer = wr_from(room, sizeof room);
    struct iovec iov = {room, 0};

    ck_assert_uint_lt(n, CALLS_MAX);
    phone->port = port;
    text_format(phone->host, sizeof phone->host, "%s", host);
    ck_assert(pair_new(ends, w->queue_bytes));
    if (phone->refusals[n]) {
        nbss_negative_put(&answer, phone->refusals[n]);
    } else {
        nbss_positive_put(&answer);
    }
    iov.iov_len = answer.pos;
    ck_assert_int_eq(ends[1]->ops->send(ends[1], &iov, 1), (ssize_t)answer.pos);
    ends[1]->framing = FRAMING_NETBIOS;
    w->links[n] = peer_answer(&w->door, ends[1]); /* passes over the request */
    w->near[n] = ends[0];
    w->dialled++;
    return fs_near_new(ends[0], &w->received[n], w->close_after);
}

static void phone_log(void *arg, enum lsmb_log_level level, const char *line)
{
    struct phone *phone = arg;
    size_t len = strlen(phone->log);

    if (level <= LSMB_LOG_INFO) {
        text_format(phone->log + len, sizeof phone->log - len, "%s;", line);
    }
}

static void phone_init(struct phone *phone)
{
    memset(phone, 0, sizeof *phone);
    fs_world_init(&phone->w, NULL);
    phone->w.smb->dial = phone_dial;
    phone->w.smb->dial_arg = phone;
    phone->w.smb->env.log = (struct log){phone_log, phone, LSMB_LOG_INFO};
    phone->w.target.netbios = true;
}

START_TEST(a_share_is_opened_over_netbios)
{
    struct lsmb_share_info info = {.size = sizeof info};
    struct lsmb_stat stat;
    struct phone phone;

    phone_init(&phone);
    (void)peer_add_file(&phone.w.peer, "a.txt", "hello", 5);
    struct lsmb_share *share = fs_share(&phone.w);
    ck_assert_str_eq(phone.host, "server");
    ck_assert_uint_eq(phone.port, PORT);
    lsmb_share_info(share, &info);
    ck_assert(info.netbios);
    ck_assert_str_eq(info.netbios_name, "*SMBSERVER");
    ck_assert(share->lane->link->conn.netbios && !share->lane->link->conn.got.large_mtu);
    fs_ok(&phone.w, lsmb_stat(share, "a.txt", &stat, &phone.w.err));
    ck_assert_uint_eq(stat.bytes, 5);
    lsmb_share_close(share);
    fs_world_free(&phone.w);
}
END_TEST

START_TEST(direct_tcp_has_no_netbios_name)
{
    struct lsmb_share_info info = {.size = sizeof info};
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    lsmb_share_info(share, &info);
    ck_assert(!info.netbios);
    ck_assert_str_eq(info.netbios_name, "");
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

START_TEST(both_ends_are_called_as_the_target_says)
{
    struct lsmb_share_info info = {.size = sizeof info};
    struct phone phone;

    phone_init(&phone);
    phone.w.target.netbios_name = "file-server-of-many-letters";
    phone.w.target.my_name = "lava-realm";
    phone.w.target.port = 1139;
    struct lsmb_share *share = fs_share(&phone.w);
    ck_assert_uint_eq(phone.port, 1139);
    lsmb_share_info(share, &info);
    ck_assert_str_eq(info.netbios_name, "FILE-SERVER-OF-");
    ck_assert_str_eq(share->server->calling.text, "LAVA-REALM");
    ck_assert_uint_eq(share->server->calling.suffix, NBSS_WORKSTATION);
    ck_assert_ptr_nonnull(strstr(phone.log, "is cut to the NetBIOS name FILE-SERVER-OF-"));
    lsmb_share_close(share);
    fs_world_free(&phone.w);
}
END_TEST

START_TEST(a_name_that_netbios_cannot_spell_is_done_without)
{
    struct lsmb_share_info info = {.size = sizeof info};
    struct phone phone;

    phone_init(&phone);
    phone.w.target.netbios_name = "dépôt";
    phone.w.target.my_name = "";
    struct lsmb_share *share = fs_share(&phone.w);
    lsmb_share_info(share, &info);
    ck_assert_str_eq(info.netbios_name, "*SMBSERVER");
    ck_assert_str_eq(share->server->calling.text, "LAVA-SMB");
    ck_assert_ptr_nonnull(strstr(phone.log, "dépôt is no NetBIOS name"));
    lsmb_share_close(share);
    fs_world_free(&phone.w);
}
END_TEST

START_TEST(a_server_that_is_not_called_so_is_called_again)
{
    struct lsmb_share_info info = {.size = sizeof info};
    struct phone phone;

    phone_init(&phone);
    phone.w.target.netbios_name = "wrong";
    phone.refusals[0] = NBSS_CALLED_NAME_NOT_PRESENT;
    struct lsmb_share *share = fs_share(&phone.w);
    ck_assert_uint_eq(phone.w.dialled, 2);
    lsmb_share_info(share, &info);
    ck_assert_str_eq(info.netbios_name, "*SMBSERVER"); /* nobody can be asked here */
    lsmb_share_close(share);
    fs_world_free(&phone.w);
}
END_TEST

START_TEST(a_refused_call_is_said_and_445_is_not_tried)
{
    struct phone phone;

    phone_init(&phone);
    phone.refusals[0] = NBSS_INSUFFICIENT_RESOURCES;
    fs_no_share(&phone.w, LSMB_E_NETWORK, 0);
    ck_assert_ptr_nonnull(strstr(phone.w.err.reason, "0x83: insufficient resources"));
    ck_assert_str_eq(phone.w.err.path, "\\\\server\\share");
    ck_assert_uint_eq(phone.w.dialled, 1);
    fs_world_free(&phone.w);
}
END_TEST

START_TEST(who_opens_a_share_at_the_same_time_shares_the_call)
{
    struct lsmb_share *shares[2] = {NULL};
    struct fs_done done[2] = {{0}};
    struct phone phone;

    phone_init(&phone);
    for (unsigned i = 0; i < 2; i++) {
        ck_assert_ptr_nonnull(
            lsmb_share_open_start(phone.w.smb, &phone.w.target, &shares[i], fs_done, &done[i]));
    }
    for (unsigned i = 0; i < 2; i++) {
        ck_assert_int_eq(lsmb_turn_until(phone.w.smb, &done[i].finished), LSMB_OK);
        lsmb_share_close(shares[i]);
    }
    ck_assert_uint_eq(phone.w.dialled, 1);
    fs_world_free(&phone.w);
}
END_TEST

/* Answers over NetBIOS are not those over direct TCP: another port, another transport, other names. */
START_TEST(what_is_reached_in_another_way_is_another_server)
{
    struct phone phone;

    phone_init(&phone);
    struct lsmb_share *share = fs_share(&phone.w);
    for (int i = 0; i < 3; i++) {
        phone.w.target.netbios_name = i == 1 ? "server" : NULL;
        phone.w.target.my_name = i == 2 ? "me" : NULL;
        struct lsmb_share *other = fs_share(&phone.w);
        ck_assert_int_eq(other->server != share->server, i > 0);
        lsmb_share_close(other);
    }
    ck_assert_uint_eq(phone.w.dialled, 3);
    phone.w.target.my_name = NULL;
    phone.w.target.netbios = false;
    phone.w.target.port = PORT;
    phone.w.smb->dial = fs_dial;
    phone.w.smb->dial_arg = &phone.w;
    struct lsmb_share *direct = fs_share(&phone.w);
    ck_assert_ptr_ne(direct->server, share->server);
    lsmb_share_close(direct);
    lsmb_share_close(share);
    fs_world_free(&phone.w);
}
END_TEST

START_TEST(a_call_may_be_cancelled_at_any_time)
{
    struct lsmb_share *share = NULL;
    struct phone phone;

    for (unsigned turns = 0; turns < 12; turns++) {
        struct fs_done done = {0};
        phone_init(&phone);
        phone.refusals[0] = NBSS_CALLED_NAME_NOT_PRESENT;
        struct lsmb_job *job =
            lsmb_share_open_start(phone.w.smb, &phone.w.target, &share, fs_done, &done);
        ck_assert_ptr_nonnull(job);
        fs_turn(&phone.w, turns);
        if (!done.finished) {
            lsmb_job_cancel(job, NULL);
            ck_assert_int_eq(lsmb_turn_until(phone.w.smb, &done.finished), LSMB_OK);
            ck_assert_int_eq(done.err.code, LSMB_E_CANCELLED);
        } else {
            lsmb_share_close(share);
        }
        fs_world_free(&phone.w);
    }
}
END_TEST

/* They come from the machine (RFC 1002 4.3.6), also when the server on it hangs. */
START_TEST(keepalives_do_not_excuse_silence)
{
    static uint8_t keepalive[] = {0x85, 0, 0, 0};
    struct iovec iov = {keepalive, sizeof keepalive};
    struct fs_done done = {0};
    struct lsmb_stat stat;
    struct phone phone;
    unsigned seconds = 0;

    phone_init(&phone);
    struct lsmb_share *share = fs_share(&phone.w);
    peer_script(&phone.w.peer, &(struct peer_rule){.command = SMB2_CREATE, .fate = PEER_DROP});
    ck_assert_ptr_nonnull(lsmb_stat_start(share, "a.txt", &stat, fs_done, &done));
    fs_turn(&phone.w, 4);
    struct stream *far = phone.w.links[0]->stream;
    for (; seconds < 120 && far->ops->send(far, &iov, 1) == 4; seconds++) {
        fs_turn(&phone.w, 2);
        ck_assert_int_eq(lsmb_turn(phone.w.smb, 1000), LSMB_OK);
    }
    fs_turn(&phone.w, 4);
    ck_assert(done.finished);
    ck_assert_int_eq(done.err.code, LSMB_E_TIMEOUT);
    ck_assert_uint_ge(seconds, 29);
    ck_assert_uint_le(seconds, 62);
    lsmb_share_close(share);
    fs_world_free(&phone.w);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "fs, over NetBIOS", a_share_is_opened_over_netbios, direct_tcp_has_no_netbios_name,
        both_ends_are_called_as_the_target_says, a_name_that_netbios_cannot_spell_is_done_without,
        a_server_that_is_not_called_so_is_called_again, a_refused_call_is_said_and_445_is_not_tried,
        who_opens_a_share_at_the_same_time_shares_the_call,
        what_is_reached_in_another_way_is_another_server, a_call_may_be_cancelled_at_any_time,
        keepalives_do_not_excuse_silence);
}
