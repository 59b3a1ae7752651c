/* test_peer.c: the peer's files, and what only a test asks of it. */
#include "test/peer/peer.h"

#include <limits.h>
#include <stdio.h>

#include "proto/close.h"
#include "proto/dir.h"
#include "proto/info.h"
#include "proto/ioctl.h"
#include "proto/misc.h"
#include "proto/read.h"
#include "proto/utf16.h"
#include "proto/write.h"
#include "test/peer/client.h"
#include "test/run.h"

static void set_up(struct client *c)
{
    client_init(c, NULL, NULL);
    ck_assert(client_connect(c));
}

/* Send and await; the status.  The reply stays in `request`. */
static uint32_t exchange(struct client *c, struct request *request, uint16_t command,
                         struct span body)
{
    client_send(c, request, command, body, 4096);
    wire_run(&c->wire);
    ck_assert(request_done(request) && !request->failure);
    return request->status;
}

static uint32_t open_with(struct client *c, const char *path, struct smb2_create_request create)
{
    uint8_t body[512], name[256];
    struct wr w = wr_from(body, sizeof body), n = wr_from(name, sizeof name);
    struct request request = {0};
    struct smb2_create_reply reply;

    wr_utf16(&n, path);
    create.name = wr_written(&n);
    create.impersonation = SMB2_IMPERSONATION;
    smb2_create_request_put(&w, &create);
    uint32_t status = exchange(c, &request, SMB2_CREATE, wr_written(&w));
    if (status == STATUS_SUCCESS) {
        ck_assert(smb2_create_reply_get(&reply, request.message));
        c->file = reply.file;
    }
    request_drop(&request);
    return status;
}

enum { ALL = 0x001F01FF, SHARE_ALL = 7 };

static uint32_t open_all(struct client *c, const char *path, uint32_t disposition, uint32_t options)
{
    return open_with(c, path,
                     (struct smb2_create_request){.desired_access = ALL,
                                                  .share_access = SHARE_ALL,
                                                  .disposition = disposition,
                                                  .options = options});
}

static void close_it(struct client *c)
{
    struct request request = {0};

    client_close(c, &request);
    wire_run(&c->wire);
    ck_assert_uint_eq(request.status, STATUS_SUCCESS);
    request_drop(&request);
}

/* ---------------------------------------------------------------- CREATE */

START_TEST(dispositions_do_what_they_say)
{
    struct client c;

    set_up(&c);
    ck_assert_uint_eq(open_all(&c, "no", FILE_OPEN, 0), (uint32_t)STATUS_OBJECT_NAME_NOT_FOUND);
    ck_assert_uint_eq(open_all(&c, "a.txt", FILE_CREATE, 0),
                      (uint32_t)STATUS_OBJECT_NAME_COLLISION);
    ck_assert_uint_eq(open_all(&c, "x\\y", FILE_CREATE, 0), (uint32_t)STATUS_OBJECT_PATH_NOT_FOUND);
    ck_assert_uint_eq(open_all(&c, "\\a.txt", FILE_OPEN, 0), (uint32_t)STATUS_INVALID_PARAMETER);
    ck_assert_uint_eq(open_all(&c, "a*", FILE_OPEN, 0), (uint32_t)STATUS_OBJECT_NAME_INVALID);
    ck_assert_uint_eq(open_all(&c, "x", FILE_CREATE, FILE_DIRECTORY_FILE), STATUS_SUCCESS);
    close_it(&c);
    ck_assert_uint_eq(open_all(&c, "X\\Y", FILE_OPEN_IF, 0), STATUS_SUCCESS);
    close_it(&c);
    ck_assert_uint_eq(open_all(&c, "x", FILE_OPEN, FILE_NON_DIRECTORY_FILE),
                      (uint32_t)STATUS_FILE_IS_A_DIRECTORY);
    ck_assert_uint_eq(open_all(&c, "a.txt", FILE_OPEN, FILE_DIRECTORY_FILE),
                      (uint32_t)STATUS_NOT_A_DIRECTORY);
    ck_assert_uint_eq(open_all(&c, "A.TXT", FILE_OVERWRITE, 0), STATUS_SUCCESS);
    close_it(&c);
    ck_assert(peer_has(&c.peer, "a.txt", "", 0));
    ck_assert_ptr_nonnull(peer_find(&c.peer, "x/y"));
    client_free(&c);
}
END_TEST

START_TEST(sharing_is_kept)
{
    struct smb2_create_request mine = {.desired_access = FILE_READ_DATA,
                                       .share_access = FILE_SHARE_READ,
                                       .disposition = FILE_OPEN};
    struct smb2_create_request theirs = mine;
    struct client c;

    set_up(&c);
    ck_assert_uint_eq(open_with(&c, "a.txt", mine), STATUS_SUCCESS);
    ck_assert_uint_eq(open_with(&c, "a.txt", theirs), STATUS_SUCCESS);
    theirs.desired_access = FILE_WRITE_DATA;
    ck_assert_uint_eq(open_with(&c, "a.txt", theirs), (uint32_t)STATUS_SHARING_VIOLATION);
    theirs = mine;
    theirs.share_access = FILE_SHARE_WRITE;
    ck_assert_uint_eq(open_with(&c, "a.txt", theirs), (uint32_t)STATUS_SHARING_VIOLATION);
    client_free(&c);
}
END_TEST

START_TEST(what_is_deleted_goes_with_its_last_close)
{
    struct client c;

    set_up(&c);
    ck_assert_uint_eq(open_all(&c, "a.txt", FILE_OPEN, FILE_DELETE_ON_CLOSE), STATUS_SUCCESS);
    ck_assert_ptr_nonnull(peer_find(&c.peer, "a.txt"));
    close_it(&c);
    ck_assert_ptr_null(peer_find(&c.peer, "a.txt"));
    client_free(&c);
}
END_TEST

/* ---------------------------------------------------------------- SET_INFO, QUERY_INFO */

static uint32_t set_info(struct client *c, uint8_t info_class, struct span data)
{
    uint8_t body[512];
    struct wr w = wr_from(body, sizeof body);
    struct request request = {0};

    smb2_set_info_request_put(&w, &(struct smb2_set_info_request){.info_type = SMB2_0_INFO_FILE,
                                                                  .info_class = info_class,
                                                                  .file = c->file,
                                                                  .data = data});
    uint32_t status = exchange(c, &request, SMB2_SET_INFO, wr_written(&w));
    request_drop(&request);
    return status;
}

static uint32_t rename_to(struct client *c, const char *path, bool replace)
{
    uint8_t data[256], name[128];
    struct wr w = wr_from(data, sizeof data), n = wr_from(name, sizeof name);

    wr_utf16(&n, path);
    file_rename_information_put(&w, &(struct file_rename_information){.replace_if_exists = replace,
                                                                      .name = wr_written(&n)});
    return set_info(c, FILE_RENAME_INFORMATION, wr_written(&w));
}

START_TEST(renames_replace_only_when_they_may)
{
    struct client c;

    set_up(&c);
    (void)peer_add_file(&c.peer, "b.txt", "b", 1);
    ck_assert_uint_eq(open_all(&c, "a.txt", FILE_OPEN, 0), STATUS_SUCCESS);
    ck_assert_uint_eq(rename_to(&c, "b.txt", false), (uint32_t)STATUS_OBJECT_NAME_COLLISION);
    ck_assert_uint_eq(rename_to(&c, "no\\b.txt", true), (uint32_t)STATUS_OBJECT_PATH_NOT_FOUND);
    ck_assert_uint_eq(rename_to(&c, "b.txt", true), STATUS_SUCCESS);
    ck_assert_ptr_null(peer_find(&c.peer, "a.txt"));
    ck_assert(peer_has(&c.peer, "b.txt", CLIENT_FILE_TEXT, strlen(CLIENT_FILE_TEXT)));
    close_it(&c);
    ck_assert(client_open(&c, "b.txt")); /* without DELETE in its access */
    ck_assert_uint_eq(rename_to(&c, "c.txt", true), (uint32_t)STATUS_ACCESS_DENIED);
    client_free(&c);
}
END_TEST

START_TEST(an_open_target_is_not_replaced)
{
    struct client c;

    set_up(&c);
    ck_assert(client_open(&c, "b.txt"));
    ck_assert_uint_eq(open_all(&c, "a.txt", FILE_OPEN, 0), STATUS_SUCCESS);
    ck_assert_uint_eq(rename_to(&c, "b.txt", true), (uint32_t)STATUS_ACCESS_DENIED);
    client_free(&c);
}
END_TEST

START_TEST(a_renamed_directory_takes_its_contents_along)
{
    struct client c;

    set_up(&c);
    (void)peer_add_file(&c.peer, "dir/sub/f", "f", 1);
    ck_assert_uint_eq(open_all(&c, "dir", FILE_OPEN, 0), STATUS_SUCCESS);
    ck_assert_uint_eq(rename_to(&c, "dir\\sub\\x", true), (uint32_t)STATUS_INVALID_PARAMETER);
    ck_assert_uint_eq(rename_to(&c, "other", false), STATUS_SUCCESS);
    ck_assert(peer_has(&c.peer, "other/sub/f", "f", 1));
    ck_assert_ptr_null(peer_find(&c.peer, "dir/sub/f"));
    client_free(&c);
}
END_TEST

START_TEST(a_full_disk_is_full)
{
    uint8_t data[8];
    struct wr w = wr_from(data, sizeof data);
    struct client c;

    set_up(&c);
    c.peer.store.capacity = 100;
    file_end_of_file_information_put(&w, &(struct file_end_of_file_information){101});
    ck_assert_uint_eq(open_all(&c, "a.txt", FILE_OPEN, 0), STATUS_SUCCESS);
    ck_assert_uint_eq(set_info(&c, FILE_END_OF_FILE_INFORMATION, wr_written(&w)),
                      (uint32_t)STATUS_DISK_FULL);
    ck_assert_uint_eq(set_info(&c, FILE_ALLOCATION_INFORMATION, wr_written(&w)),
                      (uint32_t)STATUS_DISK_FULL);
    w.pos = 0;
    file_end_of_file_information_put(&w, &(struct file_end_of_file_information){3});
    ck_assert_uint_eq(set_info(&c, FILE_END_OF_FILE_INFORMATION, wr_written(&w)), STATUS_SUCCESS);
    ck_assert(peer_has(&c.peer, "a.txt", "The", 3));
    client_free(&c);
}
END_TEST

START_TEST(a_short_buffer_gets_what_fits)
{
    uint8_t body[128];
    struct wr w = wr_from(body, sizeof body);
    struct request request = {0};
    struct smb2_query_info_reply reply;
    struct file_all_information all;
    struct client c;

    set_up(&c);
    ck_assert(client_open(&c, "a.txt"));
    smb2_query_info_request_put(
        &w, &(struct smb2_query_info_request){.info_type = SMB2_0_INFO_FILE,
                                              .info_class = FILE_ALL_INFORMATION,
                                              .output_length = 104,
                                              .file = c.file});
    ck_assert_uint_eq(exchange(&c, &request, SMB2_QUERY_INFO, wr_written(&w)),
                      (uint32_t)STATUS_BUFFER_OVERFLOW);
    ck_assert(smb2_query_info_reply_get(&reply, request.message, 104));
    ck_assert(file_all_information_get(&all, reply.data, true));
    ck_assert_uint_eq(all.standard.end_of_file, strlen(CLIENT_FILE_TEXT));
    request_drop(&request);
    client_free(&c);
}
END_TEST

/* ---------------------------------------------------------------- QUERY_DIRECTORY */

static uint32_t list(struct client *c, struct request *request, const char *pattern, uint32_t room)
{
    uint8_t body[256], text[64];
    struct wr w = wr_from(body, sizeof body), p = wr_from(text, sizeof text);

    wr_utf16(&p, pattern);
    smb2_query_directory_request_put(
        &w, &(struct smb2_query_directory_request){.info_class = FILE_ID_BOTH_DIRECTORY_INFORMATION,
                                                   .file = c->file,
                                                   .pattern = wr_written(&p),
                                                   .output_length = room});
    return exchange(c, request, SMB2_QUERY_DIRECTORY, wr_written(&w));
}

static unsigned count_entries(const struct request *request, uint32_t room)
{
    struct smb2_query_directory_reply reply;
    struct file_directory_entry entry;
    unsigned n = 0;

    ck_assert(smb2_query_directory_reply_get(&reply, request->message, room));
    struct walk walk = walk_from(reply.entries);
    while (file_directory_entry_next(&walk, FILE_ID_BOTH_DIRECTORY_INFORMATION, &entry)) {
        n++;
    }
    ck_assert(walk_ok(&walk));
    return n;
}

START_TEST(a_directory_is_listed_in_portions)
{
    struct request request = {0};
    unsigned total = 0, replies = 0;
    struct client c;
    char name[32];

    set_up(&c);
    for (int i = 0; i < 50; i++) {
        (void)snprintf(name, sizeof name, "dir/file-%02d.txt", i);
        (void)peer_add_file(&c.peer, name, "x", 1);
    }
    (void)peer_add_file(&c.peer, "dir/sub/deeper", "x", 1);
    ck_assert_uint_eq(open_all(&c, "dir", FILE_OPEN, FILE_DIRECTORY_FILE), STATUS_SUCCESS);
    while (list(&c, &request, "*", 1000) == STATUS_SUCCESS) {
        total += count_entries(&request, 1000);
        replies++;
    }
    ck_assert_uint_eq(request.status, (uint32_t)STATUS_NO_MORE_FILES);
    ck_assert_uint_eq(total, 50 + 1 + 2); /* files, sub, "." and ".." */
    ck_assert_uint_gt(replies, 5);
    request_drop(&request);
    client_free(&c);
}
END_TEST

START_TEST(patterns_choose_names)
{
    static const struct {
        const char *pattern;
        unsigned entries; /* 0: NO_SUCH_FILE */
    } cases[] = {{"A.TXT", 1}, {"*.t?t", 2}, {"b*", 1}, {"*", 5}, {"?", 2}, {"no*", 0}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct request request = {0};
        struct client c;
        set_up(&c);
        (void)peer_add_file(&c.peer, "bb.tXt", "", 0);
        (void)peer_add_dir(&c.peer, "c");
        ck_assert_uint_eq(open_all(&c, "", FILE_OPEN, 0), STATUS_SUCCESS);
        uint32_t status = list(&c, &request, cases[i].pattern, 4096);
        if (cases[i].entries == 0) {
            ck_assert_uint_eq(status, (uint32_t)STATUS_NO_SUCH_FILE);
        } else {
            ck_assert_uint_eq(status, STATUS_SUCCESS);
            ck_assert_msg(count_entries(&request, 4096) == cases[i].entries, "%s",
                          cases[i].pattern);
        }
        request_drop(&request);
        client_free(&c);
    }
}
END_TEST

/* ---------------------------------------------------------------- compounds */

static void put_element(struct wr *w, struct client *c, uint16_t command, uint64_t message_id,
                        bool related)
{
    smb2_header_put(
        w, &(struct smb2_header){.command = command,
                                 .credit_charge = 1,
                                 .credits = 1,
                                 .message_id = message_id,
                                 .flags = related ? (uint32_t)SMB2_FLAGS_RELATED_OPERATIONS : 0u,
                                 .tree_id = related ? UINT32_MAX : c->tree.id,
                                 .session_id = related ? UINT64_MAX : c->session.id});
}

/* CREATE + READ + CLOSE of a.txt, related. */
static struct span compound(struct client *c, uint8_t *room, size_t len)
{
    uint8_t name[32], body[256];
    struct wr w = wr_from(room, len), n = wr_from(name, sizeof name), b;
    uint64_t id = c->conn.next_message_id;

    wr_utf16(&n, "a.txt");
    for (uint16_t i = 0; i < 3; i++) {
        static const uint16_t commands[] = {SMB2_CREATE, SMB2_READ, SMB2_CLOSE};
        size_t start = w.pos;
        b = wr_from(body, sizeof body);
        put_element(&w, c, commands[i], id + i, i > 0);
        if (i == 0) {
            smb2_create_request_put(&b, &(struct smb2_create_request){.desired_access = ALL,
                                                                      .disposition = FILE_OPEN,
                                                                      .name = wr_written(&n)});
        } else if (i == 1) {
            smb2_read_request_put(
                &b, &(struct smb2_read_request){.file = SMB2_FILE_ID_NONE, .length = 9});
        } else {
            smb2_close_request_put(&b, &(struct smb2_close_request){.file = SMB2_FILE_ID_NONE});
        }
        wr_span(&w, wr_written(&b));
        if (i < 2) {
            wr_align(&w, start);
            wr_patch(&w, start + 20, w.pos - start, 4);
        }
    }
    return wr_written(&w);
}

static void check_compound(bool split)
{
    struct peer_config config = peer_defaults();
    uint8_t room[1024];
    struct peer_frame *frame;
    struct smb2_header header;
    struct span message;
    struct client c;
    unsigned frames = 0, replies = 0;

    config.split_compounds = split;
    client_init(&c, NULL, &config);
    ck_assert(client_connect(&c));
    peer_receive(c.wire.link, compound(&c, room, sizeof room));
    while ((frame = peer_next_frame(c.wire.link))) {
        struct span chain = {frame->bytes, frame->len};
        while (chain.len > 0) {
            ck_assert(smb2_chain_take(&chain, &header, &message));
            ck_assert_uint_eq(header.status, STATUS_SUCCESS);
            ck_assert_uint_eq(header.message_id, c.conn.next_message_id + replies);
            replies++;
        }
        frames++;
        free(frame);
    }
    ck_assert_uint_eq(replies, 3);
    ck_assert_uint_eq(frames, split ? 3 : 1);
    client_free(&c);
}

START_TEST(compounds_are_answered_together_or_one_by_one)
{
    check_compound(false);
    check_compound(true);
}
END_TEST

START_TEST(what_follows_a_failed_request_of_a_compound_fails_like_it)
{
    uint8_t room[1024];
    struct peer_frame *frame;
    struct smb2_header header;
    struct span message;
    struct client c;

    set_up(&c);
    peer_script(&c.peer, &(struct peer_rule){.command = SMB2_CREATE,
                                             .status = (uint32_t)STATUS_ACCESS_DENIED});
    peer_receive(c.wire.link, compound(&c, room, sizeof room));
    frame = peer_next_frame(c.wire.link);
    struct span chain = {frame->bytes, frame->len};
    for (unsigned i = 0; i < 3; i++) {
        ck_assert(smb2_chain_take(&chain, &header, &message));
        ck_assert_uint_eq(header.status, (uint32_t)STATUS_ACCESS_DENIED);
    }
    free(frame);
    client_free(&c);
}
END_TEST

/* ---------------------------------------------------------------- the script */

START_TEST(rules_are_used_in_order_and_as_often_as_they_say)
{
    struct request request = {0};
    struct client c;

    set_up(&c);
    peer_script(&c.peer, &(struct peer_rule){.command = SMB2_ECHO,
                                             .skip = 1,
                                             .times = 2,
                                             .status = (uint32_t)STATUS_ACCESS_DENIED});
    peer_script(&c.peer, &(struct peer_rule){.command = PEER_ANY_COMMAND,
                                             .times = UINT_MAX,
                                             .status = (uint32_t)STATUS_DISK_FULL});
    static const uint32_t want[] = {(uint32_t)STATUS_DISK_FULL, (uint32_t)STATUS_ACCESS_DENIED,
                                    (uint32_t)STATUS_ACCESS_DENIED, (uint32_t)STATUS_DISK_FULL};
    for (size_t i = 0; i < 4; i++) {
        client_echo(&c, &request);
        wire_run(&c.wire);
        ck_assert_uint_eq(request.status, want[i]);
    }
    peer_unscript(&c.peer);
    client_echo(&c, &request);
    wire_run(&c.wire);
    ck_assert_uint_eq(request.status, STATUS_SUCCESS);
    request_drop(&request);
    client_free(&c);
}
END_TEST

START_TEST(a_client_that_uses_credits_he_has_not_is_shown_the_door)
{
    struct request request = {0};
    struct client c;

    set_up(&c);
    c.peer_may_complain = true;
    c.wire.link->credits = 0;
    client_echo(&c, &request);
    wire_run(&c.wire);
    ck_assert(c.wire.link->closed);
    ck_assert_ptr_nonnull(strstr(c.peer.complaint, "credits"));
    ck_assert_int_eq(c.conn.err.code, LSMB_E_NETWORK);
    request_drop(&request);
    client_free(&c);
}
END_TEST

int main(void)
{
    return RUN_TESTS("peer/peer", dispositions_do_what_they_say, sharing_is_kept,
                     what_is_deleted_goes_with_its_last_close, renames_replace_only_when_they_may,
                     an_open_target_is_not_replaced, a_renamed_directory_takes_its_contents_along,
                     a_full_disk_is_full, a_short_buffer_gets_what_fits,
                     a_directory_is_listed_in_portions, patterns_choose_names,
                     compounds_are_answered_together_or_one_by_one,
                     what_follows_a_failed_request_of_a_compound_fails_like_it,
                     rules_are_used_in_order_and_as_often_as_they_say,
                     a_client_that_uses_credits_he_has_not_is_shown_the_door);
}
