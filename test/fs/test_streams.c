/* test_streams.c: the alternate data streams of a file (MS-FSCC 2.4.49, 2.1.4). */
#include <stdio.h>

#include "proto/info.h"
#include "proto/utf16.h"
#include "test/fs/fs_world.h"

static struct fs_world w;
static struct lsmb_share *share;

/* "name=bytes|" of each. */
static char seen[512];
static unsigned most;

static bool see(void *arg, const char *name, uint64_t bytes)
{
    size_t len = strlen(seen);

    (void)arg;
    (void)snprintf(seen + len, sizeof seen - len, "%s=%u|", name, (unsigned)bytes);
    return --most > 0;
}

static enum lsmb_code streams(const char *path)
{
    seen[0] = '\0';
    most = 100;
    return lsmb_streams(share, path, see, NULL, &w.err);
}

static void begin(void)
{
    fs_world_init(&w, NULL);
    (void)peer_add_file(&w.peer, "a.txt", "hello", 5);
    share = fs_share(&w);
}

static void end(void)
{
    fs_turn(&w, 4);
    ck_assert(list_empty(&peer_find(&w.peer, "a.txt")->opens));
    lsmb_share_close(share);
    fs_world_free(&w);
}

START_TEST(streams_come_by_their_bare_names)
{
    begin();
    fs_ok(&w, streams("a.txt"));
    ck_assert_str_eq(seen, "");
    (void)peer_add_file(&w.peer, "a.txt:one", "1", 1);
    (void)peer_add_file(&w.peer, "a.txt:Zone.Identifier", "22", 2);
    (void)peer_add_file(&w.peer, "a.txtx", NULL, 0);
    fs_ok(&w, streams("a.txt"));
    ck_assert_str_eq(seen, "one=1|Zone.Identifier=2|");
    end();
}
END_TEST

START_TEST(a_directory_has_streams_but_no_unnamed_one)
{
    begin();
    (void)peer_add_dir(&w.peer, "dir");
    fs_ok(&w, streams("dir"));
    ck_assert_str_eq(seen, "");
    (void)peer_add_file(&w.peer, "dir:s", "123", 3);
    fs_ok(&w, streams("dir"));
    ck_assert_str_eq(seen, "s=3|");
    end();
}
END_TEST

START_TEST(listing_streams_can_be_stopped)
{
    begin();
    (void)peer_add_file(&w.peer, "a.txt:one", "1", 1);
    (void)peer_add_file(&w.peer, "a.txt:two", "22", 2);
    seen[0] = '\0';
    most = 1;
    fs_ok(&w, lsmb_streams(share, "a.txt", see, NULL, &w.err));
    ck_assert_str_eq(seen, "one=1|");
    end();
}
END_TEST

START_TEST(many_streams_take_a_second_question)
{
    static char path[300];
    unsigned count = 0;

    begin();
    for (unsigned i = 0; i < 200; i++) {
        (void)snprintf(path, sizeof path, "a.txt:%0*u", 200, i);
        (void)peer_add_file(&w.peer, path, NULL, 0);
    }
    most = UINT32_MAX;
    fs_ok(&w, lsmb_streams(share, "a.txt", see, NULL, &w.err));
    count = UINT32_MAX - most;
    ck_assert_uint_eq(count, 200);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_QUERY_INFO), 2);
    end();
}
END_TEST

/* What the next answer says instead. */
static const char *claimed;

static void claim(struct peer_reply *reply)
{
    uint8_t list[512], name[256];
    struct wr body = wr_from(reply->bytes + SMB2_HEADER_LEN, reply->cap - SMB2_HEADER_LEN);
    struct wr n = wr_from(name, sizeof name), l = wr_from(list, sizeof list);

    wr_utf16(&n, claimed);
    file_stream_information_put(&l, &(struct file_stream_information){.name = wr_written(&n)});
    smb2_query_info_reply_put(&body, &(struct smb2_query_info_reply){.data = wr_written(&l)});
    ck_assert(wr_ok(&body));
    reply->len = SMB2_HEADER_LEN + body.pos;
}

START_TEST(a_name_that_cannot_be_one_is_refused)
{
    static const char *const names[] = {"",           "x:$DATA",     ":x",
                                        ":a/b:$DATA", ":a\\b:$DATA", ":a:b:$DATA"};

    begin();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        claimed = names[i];
        peer_script(&w.peer, &(struct peer_rule){.command = SMB2_QUERY_INFO, .edit = claim});
        fs_failed(&w, streams("a.txt"), LSMB_E_PROTOCOL, 0);
    }
    end();
}
END_TEST

/* MS-FSCC 2.1.4: a directory's index is a stream, too, but not one of data. */
START_TEST(only_data_streams_count)
{
    begin();
    claimed = ":$I30:$INDEX_ALLOCATION";
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_QUERY_INFO, .edit = claim});
    fs_ok(&w, streams("a.txt"));
    ck_assert_str_eq(seen, "");
    end();
}
END_TEST

int main(void)
{
    return RUN_TESTS("fs/streams", streams_come_by_their_bare_names,
                     a_directory_has_streams_but_no_unnamed_one, listing_streams_can_be_stopped,
                     many_streams_take_a_second_question, a_name_that_cannot_be_one_is_refused,
                     only_data_streams_count);
}
