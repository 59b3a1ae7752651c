/* test_snapshot_find.c: nothing is read in a snapshot that the server does not have (MS-SMB2 3.3.5.9: it leaves a
 * context out of account that it does not know). */
#include <stdio.h>

#include "proto/snapshot.h"
#include "test/fs/fs_world.h"

#define PATH "dir/@GMT-2026.01.30-12.00.00/a"

static struct fs_world w;
static struct lsmb_share *share;
static struct lsmb_stat got;

static const char *const two[] = {"@GMT-2026.01.31-12.00.00", "@GMT-2026.01.30-12.00.00", NULL};
static const char *const other[] = {"@GMT-2026.01.31-12.00.00", NULL};

static void begin(const char *const *snapshots)
{
    fs_world_init(&w, NULL);
    (void)peer_add_file(&w.peer, "dir/a", "today", 5);
    w.peer.snapshots = snapshots;
    share = fs_share(&w);
}

static void end(void)
{
    fs_turn(&w, 4);
    ck_assert(list_empty(&peer_find(&w.peer, "dir/a")->opens));
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CREATE), peer_count(&w.peer, SMB2_CLOSE));
    lsmb_share_close(share);
    fs_world_free(&w);
}

static enum lsmb_code stat_then(void)
{
    return lsmb_stat(share, PATH, &got, &w.err);
}

static void ck_not_there(const char *reason)
{
    fs_failed(&w, stat_then(), LSMB_E_NOT_FOUND, 0);
    ck_assert_str_eq(w.err.reason, reason);
    ck_assert_str_eq(w.err.path, "\\\\server\\share\\dir\\@GMT-2026.01.30-12.00.00\\a");
}

START_TEST(a_snapshot_that_is_listed_costs_one_question)
{
    begin(two);
    fs_ok(&w, stat_then());
    ck_assert_uint_eq(got.bytes, 5);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_IOCTL), 1);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CREATE), 1);
    fs_ok(&w, lsmb_stat(share, "dir/a", &got, &w.err));
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_IOCTL), 1);
    end();
}
END_TEST

START_TEST(what_is_there_today_is_not_given_out_for_a_snapshot)
{
    void *bytes = NULL;
    size_t len = 0;

    begin(other);
    ck_not_there("the server has no snapshot of that time");
    ck_assert_int_eq(lsmb_copy(w.smb, lsmb_source_share(share, PATH, false),
                               lsmb_sink_memory(w.smb, &bytes, &len, 100), NULL, NULL, &w.err),
                     LSMB_E_NOT_FOUND);
    ck_assert_ptr_null(bytes);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_READ), 0);
    end();
}
END_TEST

START_TEST(a_server_without_snapshots_is_not_asked_for_files_in_them)
{
    begin(NULL);
    ck_not_there("the server has no snapshots, only what is there today");
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_IOCTL,
                                             .times = 2,
                                             .status = (uint32_t)STATUS_NOT_SUPPORTED});
    ck_not_there("the server has no snapshots, only what is there today");
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_IOCTL,
                                             .status = (uint32_t)STATUS_ACCESS_DENIED});
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_CREATE,
                                             .skip = 1,
                                             .status = (uint32_t)STATUS_ACCESS_DENIED});
    fs_failed(&w, stat_then(), LSMB_E_NOT_FOUND, 0);
    fs_turn(&w, 4);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CREATE), 6);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CLOSE), 5);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_QUERY_INFO), 0);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

START_TEST(a_list_of_the_root_alone_will_do)
{
    begin(two);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_IOCTL,
                                             .status = (uint32_t)STATUS_INVALID_DEVICE_REQUEST});
    fs_ok(&w, stat_then());
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_IOCTL), 2);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CREATE), 2);
    end();
}
END_TEST

START_TEST(thousands_of_snapshots_are_looked_through)
{
    enum { MANY = 3000 };
    static char names[MANY][SNAPSHOT_NAME_LEN + 1];
    static const char *list[MANY + 1];

    for (unsigned i = 0; i < MANY; i++) {
        (void)snprintf(names[i], sizeof names[i], "@GMT-2025.01.%02u-%02u.%02u.00", i % 28 + 1,
                       i / 28 % 24, i / 672 % 60);
        list[i] = names[i];
    }
    list[MANY - 1] = two[1];
    begin(list);
    fs_ok(&w, stat_then()); /* a first list that does not fit is empty: MS-SMB2 3.3.5.15.1 */
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_IOCTL), 2);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_IOCTL,
                                             .status = (uint32_t)STATUS_BUFFER_TOO_SMALL});
    fs_ok(&w, stat_then()); /* or is refused, by Samba: then their number is asked for */
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_IOCTL), 5);
    end();
}
END_TEST

/* What anybody may say to a request on a file: that it is closed (MS-SMB2 2.2.2). */
static void say_closed(struct peer_reply *reply)
{
    reply->header.status = (uint32_t)STATUS_FILE_CLOSED;
    reply->len = SMB2_HEADER_LEN + 9;
    ck_assert_uint_le(reply->len, reply->cap);
    memset(reply->bytes + SMB2_HEADER_LEN, 0, 9);
    reply->bytes[SMB2_HEADER_LEN] = 9;
}

START_TEST(nothing_is_concluded_from_what_anybody_may_say)
{
    struct peer_config config = peer_defaults();

    config.signing_required = true;
    fs_world_init(&w, &config);
    (void)peer_add_file(&w.peer, "dir/a", "today", 5);
    w.peer.snapshots = two;
    share = fs_share(&w);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_IOCTL,
                                             .edit = say_closed,
                                             .protection = PEER_ZERO_MAC});
    ck_assert_int_eq(stat_then(), LSMB_E_SECURITY);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_IOCTL), 1);
    end();
}
END_TEST

START_TEST(it_can_be_given_up_at_any_time)
{
    for (unsigned turns = 0; turns < 12; turns++) {
        struct fs_done done = {0};
        begin(NULL);
        struct lsmb_job *job = lsmb_stat_start(share, PATH, &got, fs_done, &done);
        ck_assert_ptr_nonnull(job);
        fs_turn(&w, turns);
        if (!done.finished) {
            lsmb_job_cancel(job, NULL);
        }
        fs_turn(&w, 20);
        ck_assert(done.finished);
        end();
    }
}
END_TEST

START_TEST(a_connection_that_is_lost_meanwhile_is_the_reason)
{
    begin(two);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_IOCTL, .fate = PEER_CLOSE});
    fs_failed(&w, stat_then(), LSMB_E_NETWORK, 0);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

int main(void)
{
    return RUN_TESTS("fs/snapshot_find", a_snapshot_that_is_listed_costs_one_question,
                     what_is_there_today_is_not_given_out_for_a_snapshot,
                     a_server_without_snapshots_is_not_asked_for_files_in_them,
                     a_list_of_the_root_alone_will_do, thousands_of_snapshots_are_looked_through,
                     nothing_is_concluded_from_what_anybody_may_say, it_can_be_given_up_at_any_time,
                     a_connection_that_is_lost_meanwhile_is_the_reason);
}
