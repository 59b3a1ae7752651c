/* test_watch.c: watching a directory, also on a server that makes things up (MS-SMB2 3.2.4.19). */
#include "proto/notify.h"

#include <limits.h>
#include <stdio.h>

#include "fs/file.h"
#include "proto/utf16.h"
#include "test/fs/fs_world.h"

static struct fs_world w;
static struct lsmb_share *share;
static struct lsmb_job *job;
static struct fs_done done;

/* What was told, as "1a.txt|2b|": the change and the name; "*|" for more than could be told. */
static struct told {
    char text[4096];
    unsigned count, stop_after; /* 0: never */
    bool cancel;                /* the job, from inside */
} told;

static bool hear(void *arg, uint32_t change, const char *name)
{
    struct told *t = arg;
    size_t len = strlen(t->text);

    if (name) {
        (void)snprintf(t->text + len, sizeof t->text - len, "%u%s|", (unsigned)change, name);
    } else {
        (void)snprintf(t->text + len, sizeof t->text - len, "*|");
    }
    if (t->cancel) {
        lsmb_job_cancel(job, NULL);
    }
    return ++t->count != t->stop_after;
}

static void begin_with(const char *path, const struct lsmb_watch_options *opt)
{
    fs_world_init(&w, NULL);
    (void)peer_add_dir(&w.peer, "dir");
    share = fs_share(&w);
    memset(&told, 0, sizeof told);
    done = (struct fs_done){0};
    job = lsmb_watch_start(share, path, opt, hear, &told, fs_done, &done);
    ck_assert_ptr_nonnull(job);
    fs_turn(&w, 6);
}

static void begin(void)
{
    begin_with("dir", NULL);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CHANGE_NOTIFY), 1);
}

static void end(void)
{
    fs_turn(&w, 8);
    ck_assert(done.finished);
    ck_assert_uint_eq(done.calls, 1);
    struct peer_node *dir = peer_find(&w.peer, "dir");
    ck_assert(!dir || list_empty(&dir->opens));
    lsmb_share_close(share);
    fs_world_free(&w);
}

static void end_cancelled(void)
{
    ck_assert(!done.finished);
    lsmb_job_cancel(job, NULL);
    fs_turn(&w, 4);
    ck_assert_int_eq(done.err.code, LSMB_E_CANCELLED);
    end();
}

static void ck_told(const char *want)
{
    fs_turn(&w, 8);
    ck_assert_str_eq(told.text, want);
    told.text[0] = '\0';
}

/* ---------------------------------------------------------------- an honest server */

START_TEST(changes_are_told_as_they_happen)
{
    begin();
    fs_ok(&w, lsmb_mkdir(share, "dir/new", false, &w.err));
    ck_told("1new|");
    fs_ok(&w, lsmb_rename(share, "dir/new", "dir/newer", false, &w.err));
    ck_told("4new|5newer|");
    fs_ok(&w, lsmb_remove(share, "dir/newer", &w.err));
    ck_told("2newer|");
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CHANGE_NOTIFY), 4);
    end_cancelled();
}
END_TEST

START_TEST(writing_is_a_change)
{
    struct lsmb_file *file;

    begin();
    fs_ok(&w, lsmb_file_open(share, "dir/a", LSMB_OPEN_WRITE | LSMB_OPEN_CREATE, &file, &w.err));
    fs_ok(&w, lsmb_file_write(file, "hello", 5, 0, &w.err));
    ck_told("1a|3a|");
    (void)lsmb_file_close(file, NULL);
    end_cancelled();
}
END_TEST

START_TEST(only_the_directory_itself_is_watched)
{
    begin();
    (void)peer_add_file(&w.peer, "other", NULL, 0);
    (void)peer_add_file(&w.peer, "dir/sub/deep", NULL, 0);
    ck_told("1sub|");
    end_cancelled();
}
END_TEST

START_TEST(all_below_is_watched_if_wanted)
{
    begin_with("", &(struct lsmb_watch_options){.size = sizeof(struct lsmb_watch_options),
                                                .recursive = true});
    (void)peer_add_file(&w.peer, "dir/sub/\xC3\xA4", NULL, 0);
    ck_told("1dir/sub|1dir/sub/\xC3\xA4|");
    end_cancelled();
}
END_TEST

START_TEST(the_filter_is_the_servers)
{
    begin_with("dir", &(struct lsmb_watch_options){.size = sizeof(struct lsmb_watch_options),
                                                   .filter = FILE_NOTIFY_CHANGE_DIR_NAME});
    (void)peer_add_file(&w.peer, "dir/file", NULL, 0);
    (void)peer_add_dir(&w.peer, "dir/sub");
    ck_told("1sub|");
    end_cancelled();
}
END_TEST

/* The next request waits at the server when a change is told, and what comes between two is kept. */
START_TEST(nothing_is_missed_between_two_answers)
{
    char name[32], want[4096] = "";

    begin();
    for (unsigned i = 0; i < 50; i++) {
        (void)snprintf(name, sizeof name, "dir/%u", i);
        (void)peer_add_file(&w.peer, name, NULL, 0);
        (void)snprintf(want + strlen(want), sizeof want - strlen(want), "1%u|", i);
        fs_turn(&w, i % 3);
    }
    ck_told(want);
    end_cancelled();
}
END_TEST

START_TEST(too_many_changes_are_said_to_be_too_many)
{
    char name[300];

    begin();
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_CHANGE_NOTIFY, .fate = PEER_HOLD});
    (void)peer_add_file(&w.peer, "dir/first", NULL, 0);
    ck_told("1first|");
    for (unsigned i = 0; i < 300; i++) {
        (void)snprintf(name, sizeof name, "dir/%0200u", i);
        (void)peer_add_file(&w.peer, name, NULL, 0);
    }
    peer_unscript(&w.peer);
    peer_release(w.links[0]->link);
    ck_told("*|");
    (void)peer_add_file(&w.peer, "dir/last", NULL, 0);
    ck_told("1last|");
    end_cancelled();
}
END_TEST

START_TEST(the_server_may_take_its_time)
{
    begin();
    uint64_t began = w.script.clock.now_ns;
    while (w.script.clock.now_ns - began < 600 * NS_PER_S) {
        ck_assert_int_eq(lsmb_turn(w.smb, 60000), LSMB_OK);
    }
    (void)peer_add_file(&w.peer, "dir/late", NULL, 0);
    ck_told("1late|");
    end_cancelled();
}
END_TEST

/* ---------------------------------------------------------------- the end */

START_TEST(who_has_heard_enough_stops)
{
    begin();
    told.stop_after = 2;
    (void)peer_add_file(&w.peer, "dir/a", NULL, 0);
    ck_told("1a|");
    fs_ok(&w, lsmb_rename(share, "dir/a", "dir/b", false, &w.err));
    ck_told("4a|");
    ck_assert_int_eq(done.err.code, LSMB_OK);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CANCEL), 1); /* the next one was asked already */
    end();
}
END_TEST

START_TEST(a_watch_that_waits_is_cancelled)
{
    begin();
    lsmb_job_cancel(job, NULL);
    fs_turn(&w, 6);
    ck_assert_int_eq(done.err.code, LSMB_E_CANCELLED);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CANCEL), 1);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CLOSE), 1);
    end();
}
END_TEST

START_TEST(who_cancels_while_he_hears_hears_no_more)
{
    begin();
    (void)peer_add_file(&w.peer, "dir/a", NULL, 0);
    ck_told("1a|");
    told.cancel = true;
    fs_ok(&w, lsmb_rename(share, "dir/a", "dir/b", false, &w.err));
    ck_told("4a|");
    ck_assert_int_eq(done.err.code, LSMB_E_CANCELLED);
    end();
}
END_TEST

START_TEST(a_watch_ends_with_its_directory)
{
    begin();
    fs_ok(&w, lsmb_remove(share, "dir", &w.err)); /* which marks it: the watch has it open */
    fs_turn(&w, 8);
    ck_assert_uint_eq(done.err.nt_status, (uint32_t)STATUS_DELETE_PENDING);
    ck_assert_str_ne(done.err.advice, "");
    ck_assert_str_eq(done.err.path, "\\\\server\\share\\dir");
    ck_assert_ptr_null(peer_find(&w.peer, "dir"));
    end();
}
END_TEST

START_TEST(a_watch_that_the_server_ends_says_so)
{
    begin();
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_CHANGE_NOTIFY,
                                             .status = (uint32_t)STATUS_NOTIFY_CLEANUP});
    (void)peer_add_file(&w.peer, "dir/a", NULL, 0);
    ck_told("1a|");
    ck_assert_uint_eq(done.err.nt_status, (uint32_t)STATUS_NOTIFY_CLEANUP);
    ck_assert_int_eq(done.err.code, LSMB_E_STATUS);
    end();
}
END_TEST

START_TEST(a_lost_connection_ends_the_watch)
{
    begin();
    fs_hang_up(&w, 0);
    ck_assert_int_eq(done.err.code, LSMB_E_NETWORK);
    end();
}
END_TEST

START_TEST(only_directories_are_watched)
{
    begin();
    (void)peer_add_file(&w.peer, "file", NULL, 0);
    fs_failed(&w, lsmb_watch(share, "file", NULL, hear, &told, &w.err), LSMB_E_STATUS,
              (uint32_t)STATUS_NOT_A_DIRECTORY);
    ck_assert_str_eq(w.err.step, "watch");
    end_cancelled();
}
END_TEST

/* ---------------------------------------------------------------- a hostile server */

/* Watch "dir" through a server that changes its first answer, and let something happen. */
static void watch_through(void (*edit)(struct peer_reply *))
{
    fs_world_init(&w, NULL);
    (void)peer_add_dir(&w.peer, "dir");
    share = fs_share(&w);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_CHANGE_NOTIFY, .edit = edit});
    memset(&told, 0, sizeof told);
    done = (struct fs_done){0};
    job = lsmb_watch_start(share, "dir", NULL, hear, &told, fs_done, &done);
    ck_assert_ptr_nonnull(job);
    fs_turn(&w, 6);
    ck_assert(!done.finished);
    (void)peer_add_file(&w.peer, "dir/a", NULL, 0);
    ck_told("");
    ck_assert_int_eq(done.err.code, LSMB_E_PROTOCOL);
    ck_assert_str_eq(done.err.path, "\\\\server\\share\\dir");
}

static struct span made_up_name;

static void make_up(struct peer_reply *reply)
{
    uint8_t bytes[256] = {0};
    struct wr list = wr_from(bytes, sizeof bytes);
    struct wr body = wr_from(reply->bytes + SMB2_HEADER_LEN, reply->cap - SMB2_HEADER_LEN);

    if (nt_status_is(reply->header.status, STATUS_PENDING)) {
        return;
    }
    file_notify_information_put(
        &list, &(struct file_notify_information){.action = 1, .name = made_up_name});
    smb2_notify_reply_put(&body, &(struct smb2_notify_reply){wr_written(&list)});
    ck_assert(wr_ok(&body));
    reply->len = SMB2_HEADER_LEN + body.pos;
}

START_TEST(names_that_cannot_be_ones_end_the_watch)
{
    static const char *const bad[] = {"",    "/",     "a/b",  ".",     "..",     "\\a",
                                      "a\\", "a\\..", ".\\a", "..\\a", "a\\\\b", "a\\.\\b"};
    uint8_t room[64];

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct wr name = wr_from(room, sizeof room);
        wr_utf16(&name, bad[i]);
        made_up_name = wr_written(&name);
        watch_through(make_up);
        ck_assert_ptr_nonnull(strstr(done.err.reason, "a name that cannot be one"));
        end();
    }
}
END_TEST

static void break_list(struct peer_reply *reply)
{
    struct wr next = wr_from(reply->bytes + SMB2_HEADER_LEN + SMB2_NOTIFY_REPLY_LEN, 4);

    if (!nt_status_is(reply->header.status, STATUS_PENDING)) {
        wr_u32(&next, 6);
    }
}

static void lengthen(struct peer_reply *reply)
{
    struct wr length = wr_from(reply->bytes + SMB2_HEADER_LEN + 4, 4);

    if (!nt_status_is(reply->header.status, STATUS_PENDING)) {
        wr_u32(&length, 1 << 20);
    }
}

START_TEST(a_malformed_list_ends_the_watch)
{
    static void (*const edits[])(struct peer_reply *) = {break_list, lengthen};

    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        watch_through(edits[i]);
        ck_assert_ptr_nonnull(strstr(done.err.reason, "malformed"));
        end();
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("fs/watch", changes_are_told_as_they_happen, writing_is_a_change,
                     only_the_directory_itself_is_watched, all_below_is_watched_if_wanted,
                     the_filter_is_the_servers, nothing_is_missed_between_two_answers,
                     too_many_changes_are_said_to_be_too_many, the_server_may_take_its_time,
                     who_has_heard_enough_stops, a_watch_that_waits_is_cancelled,
                     who_cancels_while_he_hears_hears_no_more, a_watch_ends_with_its_directory,
                     a_watch_that_the_server_ends_says_so, a_lost_connection_ends_the_watch,
                     only_directories_are_watched, names_that_cannot_be_ones_end_the_watch,
                     a_malformed_list_ends_the_watch);
}
