/* test_snapshots.c: which snapshots there are (MS-SMB2 3.2.4.20.1, 3.2.5.14.1). */
#include "proto/snapshot.h"

#include <stdio.h>

#include "proto/ioctl.h"
#include "test/fs/fs_world.h"

static struct fs_world w;
static struct lsmb_share *share;

static const char *const three[] = {"@GMT-2026.01.31-12.00.00", "@GMT-2026.01.30-12.00.00",
                                    "@GMT-2025.12.31-23.59.59", NULL};

static char seen[256];
static unsigned most;

static bool see(void *arg, const char *name)
{
    size_t len = strlen(seen);

    (void)arg;
    (void)snprintf(seen + len, sizeof seen - len, "%s|", name);
    return --most > 0;
}

static enum lsmb_code snapshots(void)
{
    seen[0] = '\0';
    most = most ? most : 100;
    return lsmb_snapshots(share, "dir", see, NULL, &w.err);
}

static void begin(void)
{
    fs_world_init(&w, NULL);
    (void)peer_add_dir(&w.peer, "dir");
    w.peer.snapshots = three;
    share = fs_share(&w);
    most = 0;
}

static void end(void)
{
    fs_turn(&w, 4);
    ck_assert(list_empty(&peer_find(&w.peer, "dir")->opens));
    lsmb_share_close(share);
    fs_world_free(&w);
}

START_TEST(snapshots_are_listed_by_one_question)
{
    begin();
    fs_ok(&w, snapshots());
    ck_assert_str_eq(seen, "@GMT-2026.01.31-12.00.00|@GMT-2026.01.30-12.00.00|"
                           "@GMT-2025.12.31-23.59.59|");
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_IOCTL), 1);
    end();
}
END_TEST

START_TEST(without_snapshots_there_is_one_question)
{
    begin();
    w.peer.snapshots = NULL;
    fs_ok(&w, snapshots());
    ck_assert_str_eq(seen, "");
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_IOCTL), 1);
    end();
}
END_TEST

START_TEST(listing_snapshots_can_be_stopped)
{
    begin();
    most = 2;
    fs_ok(&w, snapshots());
    ck_assert_str_eq(seen, "@GMT-2026.01.31-12.00.00|@GMT-2026.01.30-12.00.00|");
    end();
}
END_TEST

/* Claims in the answers from now on. */
static uint32_t claimed_count, claimed_size;

static void claim(struct peer_reply *reply)
{
    struct wr w_ = wr_from(reply->bytes, reply->len);

    w_.pos = reply->len;
    wr_patch(&w_, SMB2_HEADER_LEN + 48, claimed_count, 4);
    wr_patch(&w_, SMB2_HEADER_LEN + 48 + 4, 0, 4);
    wr_patch(&w_, SMB2_HEADER_LEN + 48 + 8, claimed_size, 4);
    ck_assert(wr_ok(&w_));
}

START_TEST(a_size_that_never_suffices_is_not_believed_for_ever)
{
    begin();
    claimed_count = 4;
    claimed_size = 202;
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_IOCTL, .times = 1000, .edit = claim});
    fs_failed(&w, snapshots(), LSMB_E_PROTOCOL, 0);
    ck_assert_uint_le(peer_count(&w.peer, SMB2_IOCTL), 6);
    end();
}
END_TEST

START_TEST(a_list_beyond_a_megabyte_is_not_asked_for)
{
    begin();
    claimed_count = 1 << 30;
    claimed_size = UINT32_MAX;
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_IOCTL, .edit = claim});
    fs_failed(&w, snapshots(), LSMB_E_PROTOCOL, 0);
    ck_assert_str_eq(w.err.reason, "the list of snapshots is too long");
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_IOCTL), 1);
    end();
}
END_TEST

START_TEST(a_name_that_is_no_snapshots_is_refused)
{
    static const char *const wrong[] = {"@GMT-2026.01.31-12.00.0x", NULL};

    begin();
    w.peer.snapshots = wrong;
    fs_failed(&w, snapshots(), LSMB_E_PROTOCOL, 0);
    ck_assert_str_eq(seen, "");
    end();
}
END_TEST

START_TEST(a_server_without_snapshots_says_so)
{
    begin();
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_IOCTL,
                                             .status = (uint32_t)STATUS_NOT_SUPPORTED});
    fs_failed(&w, snapshots(), LSMB_E_STATUS, (uint32_t)STATUS_NOT_SUPPORTED);
    ck_assert_str_eq(w.err.step, "list the snapshots");
    end();
}
END_TEST

int main(void)
{
    return RUN_TESTS("fs/snapshots", snapshots_are_listed_by_one_question,
                     without_snapshots_there_is_one_question, listing_snapshots_can_be_stopped,
                     a_size_that_never_suffices_is_not_believed_for_ever,
                     a_list_beyond_a_megabyte_is_not_asked_for,
                     a_name_that_is_no_snapshots_is_refused, a_server_without_snapshots_says_so);
}
