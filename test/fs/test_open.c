/* test_open.c: the one door for names, and what comes out of it (MS-SMB2 3.2.4.3, 3.2.5.7). */
#include "fs/open.h"

#include <limits.h>

#include "proto/tree.h"
#include "test/fs/fs_world.h"
#include "test/peer/client.h"

/* ---------------------------------------------------------------- refusals */

/* What a server may say to a name. */
static const struct refusal {
    uint32_t status;
    enum lsmb_code code;
    const char *name; /* of the status */
} refusals[] = {
    {(uint32_t)STATUS_OBJECT_NAME_NOT_FOUND, LSMB_E_NOT_FOUND, "STATUS_OBJECT_NAME_NOT_FOUND"},
    {(uint32_t)STATUS_OBJECT_PATH_NOT_FOUND, LSMB_E_NOT_FOUND, "STATUS_OBJECT_PATH_NOT_FOUND"},
    {(uint32_t)STATUS_ACCESS_DENIED, LSMB_E_DENIED, "STATUS_ACCESS_DENIED"},
    {(uint32_t)STATUS_SHARING_VIOLATION, LSMB_E_DENIED, "STATUS_SHARING_VIOLATION"},
    {(uint32_t)STATUS_DISK_FULL, LSMB_E_STATUS, "STATUS_DISK_FULL"},
    {(uint32_t)STATUS_OBJECT_NAME_INVALID, LSMB_E_STATUS, "STATUS_OBJECT_NAME_INVALID"},
    {0xC0FFEE00, LSMB_E_STATUS, "0xC0FFEE00"},
};

static void ck_refusal(struct fs_world *w, enum lsmb_code got, const struct refusal *r,
                       const char *step)
{
    ck_assert_msg(got == r->code, "%s is %d", r->name, (int)got);
    ck_assert_uint_eq(w->err.nt_status, r->status);
    ck_assert_str_eq(w->err.step, step);
    ck_assert_str_eq(w->err.path, "\\\\server\\share\\dir\\a.txt");
    ck_assert_ptr_nonnull(strstr(w->err.reason, r->name));
}

static bool no_entry(void *arg, const char *name, const struct lsmb_stat *stat)
{
    ck_abort_msg("%s is listed (%p, %p)", name, arg, (const void *)stat);
    return false;
}

START_TEST(a_refusal_says_to_what_and_what_for)
{
    static const char path[] = "/dir//a.txt";
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const struct refusal *r = &refusals[i];
        peer_script(&w.peer,
                    &(struct peer_rule){.command = SMB2_CREATE, .status = r->status, .times = 5});
        ck_refusal(&w, lsmb_stat(share, "dir/a.txt", &stat, &w.err), r, "look at");
        ck_refusal(&w, lsmb_remove(share, "dir\\a.txt", &w.err), r, "delete");
        ck_refusal(&w, lsmb_rename(share, "dir/a.txt", "b", false, &w.err), r, "rename");
        ck_refusal(&w, lsmb_mkdir(share, "dir/a.txt", false, &w.err), r, "make the directory");
        ck_refusal(&w, lsmb_list(share, "dir/a.txt", NULL, no_entry, NULL, &w.err), r, "list");
    }
    ck_assert_int_eq(lsmb_stat(share, path, &stat, &w.err), LSMB_E_NOT_FOUND);
    ck_assert_str_eq(w.err.path, "\\\\server\\share\\dir\\\\a.txt"); /* as it was given */
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

START_TEST(the_share_itself_is_named_without_a_separator)
{
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_CREATE,
                                             .status = (uint32_t)STATUS_ACCESS_DENIED});
    fs_failed(&w, lsmb_stat(share, "/", &stat, &w.err), LSMB_E_DENIED,
              (uint32_t)STATUS_ACCESS_DENIED);
    ck_assert_str_eq(w.err.path, "\\\\server\\share");
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

START_TEST(a_path_too_long_to_print_is_cut)
{
    char path[1000];
    struct lsmb_stat stat;
    struct fs_world w;

    memset(path, 'a', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    fs_failed(&w, lsmb_stat(share, path, &stat, &w.err), LSMB_E_NOT_FOUND,
              (uint32_t)STATUS_OBJECT_NAME_NOT_FOUND);
    ck_assert_uint_eq(strlen(w.err.path), sizeof w.err.path - 1);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

START_TEST(a_path_that_makes_no_sense_is_not_sent)
{
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    fs_failed(&w, lsmb_stat(share, "a/../..", &stat, &w.err), LSMB_E_USAGE, 0);
    ck_assert_str_eq(w.err.path, "\\\\server\\share\\a\\..\\..");
    fs_failed(&w, lsmb_remove(share, "\xFF", &w.err), LSMB_E_USAGE, 0);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CREATE), 0);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

/* MS-DFSC 3.1.4.1; MS-SMB2 2.2.2.2.1: a server that does not say where they lead */
START_TEST(links_to_nowhere_are_explained)
{
    static const uint32_t statuses[] = {(uint32_t)STATUS_PATH_NOT_COVERED,
                                        (uint32_t)STATUS_STOPPED_ON_SYMLINK};
    static const char *const words[] = {"DFS", "symbolic link"};
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    for (size_t i = 0; i < 2; i++) {
        peer_script(&w.peer, &(struct peer_rule){.command = SMB2_CREATE, .status = statuses[i]});
        fs_failed(&w, lsmb_stat(share, "link/a", &stat, &w.err), LSMB_E_STATUS, statuses[i]);
        ck_assert_ptr_nonnull(strstr(w.err.advice, words[i]));
        ck_assert_str_eq(w.err.path, "\\\\server\\share\\link\\a");
    }
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

static void spoil_body(struct peer_reply *reply)
{
    reply->bytes[SMB2_HEADER_LEN] ^= 1; /* StructureSize */
}

START_TEST(a_malformed_answer_is_not_believed)
{
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_CREATE, .edit = spoil_body});
    fs_failed(&w, lsmb_stat(share, "", &stat, &w.err), LSMB_E_PROTOCOL, 0);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_CLOSE, .edit = spoil_body});
    fs_failed(&w, lsmb_stat(share, "", &stat, &w.err), LSMB_E_PROTOCOL, 0);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

/* ---------------------------------------------------------------- symbolic links */

/* MS-SMB2 2.2.2.2.1.1: on every dialect, whose errors differ in form. */
START_TEST(links_in_the_share_are_followed)
{
    static const enum lsmb_dialect dialects[] = {LSMB_SMB_2_1, LSMB_SMB_3_1_1};
    struct lsmb_stat stat;

    for (size_t i = 0; i < 2; i++) {
        struct fs_world w;
        fs_world_init(&w, NULL);
        w.policy.max_dialect = dialects[i];
        (void)peer_add_file(&w.peer, "real/dir/a.txt", "hello", 5);
        (void)peer_add_symlink(&w.peer, "links/dir", "..\\real\\dir", true);
        (void)peer_add_symlink(&w.peer, "links/file", "dir\\a.txt", true);
        (void)peer_add_symlink(&w.peer, "far", "\\??\\UNC\\server\\share\\links", false);
        struct lsmb_share *share = fs_share(&w);
        fs_ok(&w, lsmb_stat(share, "links/dir/a.txt", &stat, &w.err));
        ck_assert_uint_eq(stat.bytes, 5);
        fs_ok(&w, lsmb_stat(share, "far/file", &stat, &w.err)); /* three on the way */
        ck_assert_uint_eq(stat.bytes, 5);
        fs_ok(&w, lsmb_mkdir(share, "far/dir/b", false, &w.err));
        ck_assert_ptr_nonnull(peer_find(&w.peer, "real/dir/b"));
        lsmb_share_close(share);
        fs_world_free(&w);
    }
}
END_TEST

/* MS-SMB2 2.2.13, FILE_OPEN_REPARSE_POINT: the last component's link itself; those before it are followed. */
START_TEST(a_link_is_deleted_and_not_what_it_leads_to)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    (void)peer_add_file(&w.peer, "real/a.txt", "hello", 5);
    (void)peer_add_symlink(&w.peer, "real/link", "a.txt", true);
    (void)peer_add_symlink(&w.peer, "dir", "real", true);
    struct lsmb_share *share = fs_share(&w);
    fs_ok(&w, lsmb_remove(share, "dir/link", &w.err));
    ck_assert_ptr_null(peer_find(&w.peer, "real/link"));
    ck_assert(peer_has(&w.peer, "real/a.txt", "hello", 5));
    ck_assert_ptr_nonnull(peer_find(&w.peer, "dir"));
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

/* A server that stops at the link all the same does not get its target deleted. */
START_TEST(where_the_link_itself_is_wanted_it_is_not_followed)
{
    uint8_t room[64];
    struct wr error = wr_from(room, sizeof room);
    struct fs_world w;

    fs_world_init(&w, NULL);
    w.policy.max_dialect = LSMB_SMB_2_1; /* without contexts around the error */
    (void)peer_add_file(&w.peer, "a", "hello", 5);
    struct lsmb_share *share = fs_share(&w);
    smb2_symlink_error_put(
        &error, &(struct smb2_symlink_error){.flags = SYMLINK_FLAG_RELATIVE,
                                             .substitute_name = {(const uint8_t *)"a\0", 2}});
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_CREATE,
                                             .status = (uint32_t)STATUS_STOPPED_ON_SYMLINK,
                                             .error = {.data = wr_written(&error)}});
    fs_failed(&w, lsmb_remove(share, "link", &w.err), LSMB_E_STATUS,
              (uint32_t)STATUS_STOPPED_ON_SYMLINK);
    ck_assert(peer_has(&w.peer, "a", "hello", 5));
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

START_TEST(a_circle_of_links_ends)
{
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    (void)peer_add_symlink(&w.peer, "a", "b", true);
    (void)peer_add_symlink(&w.peer, "b", "a", true);
    struct lsmb_share *share = fs_share(&w);
    fs_failed(&w, lsmb_stat(share, "a", &stat, &w.err), LSMB_E_STATUS,
              (uint32_t)STATUS_STOPPED_ON_SYMLINK);
    ck_assert_ptr_nonnull(strstr(w.err.advice, "circle"));
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CREATE), 41);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

START_TEST(a_link_out_of_the_share_is_named)
{
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    (void)peer_add_symlink(&w.peer, "dir/link", "\\??\\UNC\\other\\share\\x", false);
    (void)peer_add_symlink(&w.peer, "in", "dir", true);
    struct lsmb_share *share = fs_share(&w);
    fs_failed(&w, lsmb_stat(share, "in/link/y", &stat, &w.err), LSMB_E_STATUS,
              (uint32_t)STATUS_STOPPED_ON_SYMLINK);
    ck_assert_ptr_nonnull(strstr(w.err.reason, " \\\\other\\share\\x"));
    ck_assert_str_eq(w.err.path, "\\\\server\\share\\in\\link\\y");
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CREATE), 2);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

START_TEST(an_error_behind_a_link_names_both_places)
{
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    (void)peer_add_dir(&w.peer, "real");
    (void)peer_add_symlink(&w.peer, "link", "real", true);
    struct lsmb_share *share = fs_share(&w);
    fs_failed(&w, lsmb_stat(share, "link/a", &stat, &w.err), LSMB_E_NOT_FOUND,
              (uint32_t)STATUS_OBJECT_NAME_NOT_FOUND);
    ck_assert_str_eq(w.err.path, "\\\\server\\share\\link\\a");
    ck_assert_ptr_nonnull(strstr(w.err.reason, "(links lead to \\\\server\\share\\real\\a)"));
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

static void unsign(struct fs_world *w)
{
    peer_script(&w->peer, &(struct peer_rule){.command = SMB2_CREATE,
                                              .protection = PEER_UNSIGNED,
                                              .times = UINT_MAX});
}

/* Whoever may put in an error that nobody signed does not choose what is opened. */
START_TEST(a_link_that_anybody_may_have_said_is_not_followed)
{
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    w.policy.sign = LSMB_REQUIRED;
    (void)peer_add_file(&w.peer, "real", "hello", 5);
    (void)peer_add_symlink(&w.peer, "link", "real", true);
    struct lsmb_share *share = fs_share(&w);
    unsign(&w);
    enum lsmb_code code = lsmb_stat(share, "link", &stat, &w.err);
    ck_assert_int_eq(code, LSMB_E_SECURITY);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CREATE), 1);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

/* ---------------------------------------------------------------- contexts */

struct seen_create {
    struct smb2_create_request asked;
    uint8_t message[1024]; /* `asked` points into it */
    uint64_t when;         /* of TWrp */
};

static const struct peer_rule *note_create(void *arg, const struct peer_seen *seen,
                                           struct span message)
{
    struct seen_create *c = arg;
    struct span data;

    if (seen->header.command == SMB2_CREATE && message.len <= sizeof c->message) {
        memcpy(c->message, message.ptr, message.len);
        ck_assert(smb2_create_request_get(&c->asked, (struct span){c->message, message.len}));
        c->when = 0;
        if (smb2_create_context_find(c->asked.contexts, "TWrp", &data)) {
            struct rd r = rd_from(data, 0);
            c->when = rd_u64(&r);
            ck_assert(rd_ok(&r) && rd_left(&r) == 0);
        }
    }
    return NULL;
}

/* MS-SMB2 2.2.13.2.7 */
START_TEST(a_snapshot_is_asked_for_by_its_time)
{
    static const char *const snapshots[] = {"@GMT-1970.01.01-00.00.01", NULL};
    static struct seen_create seen;
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    (void)peer_add_file(&w.peer, "dir/a.txt", "hello", 5);
    w.peer.snapshots = snapshots;
    w.peer.on_request = note_create;
    w.peer.on_request_arg = &seen;
    struct lsmb_share *share = fs_share(&w);
    fs_ok(&w, lsmb_stat(share, "dir/@GMT-1970.01.01-00.00.01/a.txt", &stat, &w.err));
    ck_assert_uint_eq(stat.bytes, 5);
    ck_assert_uint_ne(stat.file_id, 0); /* QFid is there, too */
    ck_assert_uint_eq(seen.when, 116444736010000000);
    fs_ok(&w, lsmb_stat(share, "dir/a.txt", &stat, &w.err));
    ck_assert_uint_eq(seen.when, 0);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

/* A server that knows no snapshots does to the file of today what it is asked for (Samba 4.17). */
START_TEST(what_would_change_a_snapshot_is_not_sent)
{
    static const char *const snapshots[] = {"@GMT-2026.01.31-12.00.00", NULL};
    struct lsmb_set set = {.size = sizeof set, .attributes = LSMB_ATTR_HIDDEN};
    struct lsmb_file *file = NULL;
    struct fs_world w;

    fs_world_init(&w, NULL);
    (void)peer_add_file(&w.peer, "dir/a", "hello", 5);
    w.peer.snapshots = snapshots;
    struct lsmb_share *share = fs_share(&w);
    fs_failed(&w, lsmb_remove(share, "dir/@GMT-2026.01.31-12.00.00/a", &w.err), LSMB_E_USAGE, 0);
    ck_assert_str_eq(w.err.reason, "a snapshot can only be read");
    fs_failed(&w, lsmb_rename(share, "@GMT-2026.01.31-12.00.00/dir", "b", false, &w.err),
              LSMB_E_USAGE, 0);
    fs_failed(&w, lsmb_mkdir(share, "@GMT-2026.01.31-12.00.00/dir/b", false, &w.err), LSMB_E_USAGE,
              0);
    fs_failed(&w, lsmb_set(share, "@GMT-2026.01.31-12.00.00/dir", &set, &w.err), LSMB_E_USAGE, 0);
    fs_failed(
        &w, lsmb_file_open(share, "dir/a/@GMT-2026.01.31-12.00.00", LSMB_OPEN_WRITE, &file, &w.err),
        LSMB_E_USAGE, 0);
    fs_ok(&w,
          lsmb_file_open(share, "dir/a/@GMT-2026.01.31-12.00.00", LSMB_OPEN_READ, &file, &w.err));
    fs_ok(&w, lsmb_file_close(file, &w.err));
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CREATE), 1);
    ck_assert(peer_has(&w.peer, "dir/a", "hello", 5));
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

/* An open of our own, with its answer. */
struct opening {
    struct waiting_op parent;
    struct open_op op;
    struct open open;
    bool refuse;
    uint32_t seen_contexts; /* bytes in the answer */
};

static bool see_reply(void *arg, const struct smb2_create_reply *reply)
{
    struct opening *o = arg;
    struct span data;

    o->seen_contexts = (uint32_t)reply->contexts.len;
    ck_assert(smb2_create_context_find(reply->contexts, "MxAc", &data));
    return !o->refuse;
}

static void open_with(struct fs_world *w, struct lsmb_share *share, struct opening *o,
                      struct open_want *want)
{
    want->access = FILE_READ_DATA;
    want->disposition = FILE_OPEN;
    waiting_op_start(&o->parent, &w->smb->env);
    open_start(&o->op, &o->parent.op, share, "a", want, &o->open);
    o->parent.child = &o->op.op;
    while (!op_finished(&o->parent.op)) {
        ck_assert_int_eq(lsmb_turn(w->smb, -1), LSMB_OK);
    }
    w->err = o->parent.op.err;
}

/* MS-SMB2 2.2.13.2 */
START_TEST(further_contexts_go_there_and_come_back)
{
    struct opening o = {.refuse = false};
    struct open_want want = {.want_id = true, .take_reply = see_reply, .take_arg = &o};
    struct fs_world w;
    uint8_t room[64];
    struct wr list = wr_from(room, sizeof room);

    fs_world_init(&w, NULL);
    (void)peer_add_file(&w.peer, "a", "hello", 5);
    struct lsmb_share *share = fs_share(&w);
    smb2_create_context_put(&list, SMB2_CREATE_QUERY_MAXIMAL_ACCESS_REQUEST, (struct span){0});
    want.contexts = wr_written(&list);
    for (unsigned refuse = 0; refuse < 2; refuse++) {
        o.refuse = refuse == 1;
        open_with(&w, share, &o, &want);
        ck_assert_int_eq(w.err.code, o.refuse ? LSMB_E_PROTOCOL : LSMB_OK);
        ck_assert_uint_gt(o.seen_contexts, 0);
        ck_assert_int_eq(o.open.share == NULL, o.refuse);
        open_drop(&o.open);
    }
    fs_turn(&w, 4);
    ck_assert(list_empty(&peer_find(&w.peer, "a")->opens));
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

/* ---------------------------------------------------------------- what cannot be a file */

static void say_directory(struct peer_reply *reply)
{
    reply->bytes[SMB2_HEADER_LEN + 56] |= FILE_ATTRIBUTE_DIRECTORY; /* FileAttributes, 2.2.14 */
}

static void say_endless(struct peer_reply *reply)
{
    reply->bytes[SMB2_HEADER_LEN + 55] = 0x80; /* EndofFile */
}

/* MS-SMB2 2.2.14; MS-FSCC 2.1.9: an offset is at most 2^63 - 1 */
START_TEST(what_cannot_be_a_file_is_closed_again)
{
    static void (*const edits[])(struct peer_reply *) = {say_directory, say_endless};
    struct fs_world w;

    fs_world_init(&w, NULL);
    (void)peer_add_file(&w.peer, "a", "hello", 5);
    struct lsmb_share *share = fs_share(&w);
    for (size_t i = 0; i < 2; i++) {
        struct opening o = {.refuse = false};
        struct open_want want = {.options = FILE_NON_DIRECTORY_FILE};
        peer_script(&w.peer, &(struct peer_rule){.command = SMB2_CREATE, .edit = edits[i]});
        open_with(&w, share, &o, &want);
        ck_assert_int_eq(w.err.code, LSMB_E_PROTOCOL);
        ck_assert_ptr_null(o.open.share);
        fs_turn(&w, 4);
        ck_assert(list_empty(&peer_find(&w.peer, "a")->opens));
    }
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

START_TEST(a_directory_is_one_when_it_may_be)
{
    struct opening o = {.refuse = false};
    struct open_want want = {.options = 0};
    struct fs_world w;

    fs_world_init(&w, NULL);
    (void)peer_add_file(&w.peer, "a", "hello", 5);
    struct lsmb_share *share = fs_share(&w);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_CREATE, .edit = say_directory});
    open_with(&w, share, &o, &want);
    ck_assert_int_eq(w.err.code, LSMB_OK);
    open_drop(&o.open);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

static void say_printer(struct peer_reply *reply)
{
    reply->bytes[SMB2_HEADER_LEN + 2] = SMB2_SHARE_TYPE_PRINT; /* ShareType, MS-SMB2 2.2.10 */
}

START_TEST(files_are_asked_of_disks_alone)
{
    static const char *const names[] = {"IPC$", "share"};
    static const char *const words[] = {"pipe share", "printer share"};
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    for (size_t i = 0; i < 2; i++) {
        w.target.share = names[i];
        if (i == 1) {
            peer_script(&w.peer,
                        &(struct peer_rule){.command = SMB2_TREE_CONNECT, .edit = say_printer});
        }
        struct lsmb_share *share = fs_share(&w);
        fs_failed(&w, lsmb_stat(share, "a", &stat, &w.err), LSMB_E_USAGE, 0);
        ck_assert_ptr_nonnull(strstr(w.err.reason, words[i]));
        lsmb_share_close(share);
    }
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CREATE), 0);
    fs_world_free(&w);
}
END_TEST

/* ---------------------------------------------------------------- DFS */

static void say_dfs(struct peer_reply *reply)
{
    reply->bytes[SMB2_HEADER_LEN + 8] = SMB2_SHARE_CAP_DFS; /* Capabilities, MS-SMB2 2.2.10 */
}

static struct lsmb_share *dfs_share(struct fs_world *w)
{
    peer_script(&w->peer, &(struct peer_rule){.command = SMB2_TREE_CONNECT, .edit = say_dfs});
    return fs_share(w);
}

/* MS-SMB2 2.2.13, 3.2.4.3: the name begins with server and share, and the header says so. */
START_TEST(on_a_dfs_share_the_whole_path_is_told)
{
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    (void)peer_add_file(&w.peer, "server/share/dir/a.txt", "hello", 5);
    struct lsmb_share *share = dfs_share(&w);
    fs_ok(&w, lsmb_stat(share, "dir/a.txt", &stat, &w.err));
    ck_assert_uint_eq(stat.bytes, 5);
    ck_assert(peer_last(&w.peer, SMB2_CREATE)->header.flags & SMB2_FLAGS_DFS_OPERATIONS);
    ck_assert(!(peer_last(&w.peer, SMB2_CLOSE)->header.flags & SMB2_FLAGS_DFS_OPERATIONS));
    fs_ok(&w, lsmb_stat(share, "", &stat, &w.err));
    ck_assert_uint_eq(stat.attributes & LSMB_ATTR_DIRECTORY, LSMB_ATTR_DIRECTORY);
    fs_ok(&w, lsmb_mkdir(share, "a/b", true, &w.err));
    ck_assert_ptr_nonnull(peer_find(&w.peer, "server/share/a/b"));
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

/* MS-FSCC 2.4.37.2: the target of a rename is relative to the share. */
START_TEST(on_a_dfs_share_the_target_of_a_rename_is_not_prefixed)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    (void)peer_add_file(&w.peer, "server/share/a.txt", "hello", 5);
    struct lsmb_share *share = dfs_share(&w);
    fs_ok(&w, lsmb_rename(share, "a.txt", "b.txt", false, &w.err));
    ck_assert(peer_has(&w.peer, "b.txt", "hello", 5));
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

/* UnparsedPathLength counts from the end, so the prefix does not matter (MS-SMB2 2.2.2.2.1). */
START_TEST(on_a_dfs_share_links_are_followed_too)
{
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    (void)peer_add_file(&w.peer, "server/share/real/a.txt", "hello", 5);
    (void)peer_add_symlink(&w.peer, "server/share/link", "real", true);
    (void)peer_add_symlink(&w.peer, "server/share/out", "..\\share", true);
    struct lsmb_share *share = dfs_share(&w);
    fs_ok(&w, lsmb_stat(share, "link/a.txt", &stat, &w.err));
    ck_assert_uint_eq(stat.bytes, 5);
    fs_failed(&w, lsmb_stat(share, "out/real", &stat, &w.err), LSMB_E_STATUS,
              (uint32_t)STATUS_STOPPED_ON_SYMLINK);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

START_TEST(errors_on_a_dfs_share_name_the_path_once)
{
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = dfs_share(&w);
    fs_failed(&w, lsmb_stat(share, "a", &stat, &w.err), LSMB_E_NOT_FOUND,
              (uint32_t)STATUS_OBJECT_PATH_NOT_FOUND);
    ck_assert_str_eq(w.err.path, "\\\\server\\share\\a");
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

START_TEST(elsewhere_names_have_no_prefix)
{
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    fs_ok(&w, lsmb_stat(share, "", &stat, &w.err));
    ck_assert(!(peer_last(&w.peer, SMB2_CREATE)->header.flags & SMB2_FLAGS_DFS_OPERATIONS));
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

/* ---------------------------------------------------------------- the way out */

/* A CLOSE on its way is the only one. */
START_TEST(a_file_is_closed_once)
{
    struct fs_done done = {0};
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_CLOSE, .fate = PEER_HOLD});
    struct lsmb_job *job = lsmb_stat_start(share, "", &stat, fs_done, &done);
    for (unsigned turns = 0; turns < 12 && peer_count(&w.peer, SMB2_CLOSE) == 0; turns++) {
        fs_turn(&w, 1);
    }
    ck_assert(!done.finished);
    lsmb_job_cancel(job, NULL);
    fs_turn(&w, 2);
    peer_release(w.links[0]->link);
    fs_turn(&w, 4);
    ck_assert_int_eq(done.err.code, LSMB_E_CANCELLED);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CLOSE), 1);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

START_TEST(a_failed_close_is_a_failure)
{
    struct lsmb_stat stat;
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    peer_script(&w.peer,
                &(struct peer_rule){.command = SMB2_CLOSE, .status = (uint32_t)STATUS_DISK_FULL});
    fs_failed(&w, lsmb_stat(share, "", &stat, &w.err), LSMB_E_STATUS, (uint32_t)STATUS_DISK_FULL);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "fs/open", a_refusal_says_to_what_and_what_for,
        the_share_itself_is_named_without_a_separator, a_path_too_long_to_print_is_cut,
        a_path_that_makes_no_sense_is_not_sent, links_to_nowhere_are_explained,
        a_malformed_answer_is_not_believed, on_a_dfs_share_the_whole_path_is_told,
        on_a_dfs_share_the_target_of_a_rename_is_not_prefixed,
        on_a_dfs_share_links_are_followed_too, errors_on_a_dfs_share_name_the_path_once,
        links_in_the_share_are_followed, a_link_is_deleted_and_not_what_it_leads_to,
        where_the_link_itself_is_wanted_it_is_not_followed, a_circle_of_links_ends,
        a_link_out_of_the_share_is_named, an_error_behind_a_link_names_both_places,
        a_link_that_anybody_may_have_said_is_not_followed, a_snapshot_is_asked_for_by_its_time,
        what_would_change_a_snapshot_is_not_sent, further_contexts_go_there_and_come_back,
        what_cannot_be_a_file_is_closed_again, a_directory_is_one_when_it_may_be,
        files_are_asked_of_disks_alone, elsewhere_names_have_no_prefix, a_file_is_closed_once,
        a_failed_close_is_a_failure);
}
