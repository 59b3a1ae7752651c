/* A folder for the temporaries of many files that are put into one folder, and what becomes of it. */
#include "fs/job.h"
#include "fs/path.h"
#include "proto/create.h"
#include "proto/filetime.h"
#include "proto/info.h"
#include "proto/security.h"
#include "proto/volume.h"
#include "test/failmalloc.h"
#include "test/xfer/put_world.h"
#include "test/xfer/tree_world.h"

enum { MANY = 150, TURNS_STEP = 11, TURNS_MAX = 600, SKIP_STEP = 149, SKIP_MAX = 40000 };

static struct {
    struct tree_world t;
    struct fs_done done;
    struct lsmb_job *job;
    char log[4096];
    unsigned folders, inside; /* CREATEs of one, and of files in one */
    uint32_t refuse_folder, refuse_file, refuse_rename, refuse_security;
    unsigned renames; /* that are refused */
    bool is_no_samba, leave;
    struct peer_rule rule;
} w;

static void note(void *arg, enum lsmb_log_level level, const char *line)
{
    (void)arg;
    if (level <= LSMB_LOG_WARNING) {
        strncat(w.log, line, sizeof w.log - strlen(w.log) - 1);
    }
}

/* What Samba says in MS-FSCC 2.5.6. */
static void say_samba(struct peer_reply *reply)
{
    struct fs_object_id_information info = {.extended_info = {0x61, 0x42, 0x6d, 0x53}};
    uint8_t room[64];
    struct wr data = wr_from(room, sizeof room);
    struct wr body = wr_from(reply->bytes + SMB2_HEADER_LEN, reply->cap - SMB2_HEADER_LEN);

    fs_object_id_information_put(&data, &info);
    smb2_query_info_reply_put(&body, &(struct smb2_query_info_reply){.data = wr_written(&data)});
    ck_assert(wr_ok(&body));
    reply->len = SMB2_HEADER_LEN + body.pos;
}

static const struct peer_rule *refuse(uint32_t status)
{
    w.rule = (struct peer_rule){.status = status};
    return status ? &w.rule : NULL;
}

static const struct peer_rule *look_at_create(struct span message)
{
    struct smb2_create_request asked;

    ck_assert(smb2_create_request_get(&asked, message));
    char *name = utf8_new(asked.name);
    ck_assert_ptr_nonnull(name);
    const char *temps = strstr(name, "\\.lava-");
    bool folder = temps && (asked.options & FILE_DELETE_ON_CLOSE);
    bool file = temps && strchr(temps + 1, '\\');
    free(name);
    w.folders += folder;
    w.inside += file;
    if (file && w.leave) { /* somebody puts something there */
        w.leave = false;
        peer_store_add(&w.t.fs.peer.store, asked.name, false, 0);
    }
    return folder ? refuse(w.refuse_folder) : refuse(file ? w.refuse_file : 0);
}

static const struct peer_rule *look_at(void *arg, const struct peer_seen *seen, struct span message)
{
    (void)arg;
    if (seen->header.command == SMB2_CREATE) {
        return look_at_create(message);
    }
    if (is_set_info(seen, message, FILE_RENAME_INFORMATION) && w.inside > 0 && w.renames > 0) {
        w.renames--;
        return refuse(w.refuse_rename);
    }
    if (seen->header.command != SMB2_QUERY_INFO) {
        return NULL;
    }
    if (message.ptr[66] == SMB2_0_INFO_FILESYSTEM && !w.is_no_samba) {
        w.rule = (struct peer_rule){.edit = say_samba};
        return &w.rule;
    }
    return message.ptr[66] == SMB2_0_INFO_SECURITY ? refuse(w.refuse_security) : NULL;
}

static void begin(unsigned files)
{
    char name[32];

    memset(&w, 0, sizeof w);
    tree_init(&w.t);
    w.t.fs.smb->env.log = (struct log){note, NULL, LSMB_LOG_WARNING};
    w.t.fs.peer.on_request = look_at;
    w.t.opt.files_max = 16;
    tree_mkdir(&w.t, "tree");
    for (unsigned i = 0; i < files; i++) {
        (void)snprintf(name, sizeof name, "tree/%u", i);
        tree_write(&w.t, name, name);
    }
}

static bool is_there(unsigned number)
{
    char name[32], text[32];
    int len = snprintf(text, sizeof text, "tree/%u", number);

    (void)snprintf(name, sizeof name, "there/%u", number);
    return peer_find(&w.t.fs.peer, name) && peer_has(&w.t.fs.peer, name, text, (size_t)len);
}

static void ck_put(unsigned files)
{
    tree_ok(&w.t, tree_put(&w.t, "tree", "there"));
    ck_assert_uint_eq(w.t.result.files, files);
    for (unsigned i = 0; i < files; i++) {
        ck_assert_msg(is_there(i), "%u is not there", i);
    }
}

/* All came, with so many folders for temporaries, and no word about it. */
static void ck_quiet(unsigned folders)
{
    ck_put(MANY);
    ck_assert_uint_eq(w.folders, folders);
    ck_assert_uint_eq(w.inside > 0, folders > 0);
    ck_assert_str_eq(w.log, "");
    tree_free(&w.t);
}

/* ---------------------------------------------------------------- when there is one */

START_TEST(temporaries_of_many_files_have_a_folder_of_their_own)
{
    begin(MANY);
    ck_quiet(1);
}
END_TEST

START_TEST(those_of_few_files_do_not)
{
    begin(60);
    ck_put(60);
    ck_assert_uint_eq(w.folders, 0);
    tree_free(&w.t);
}
END_TEST

START_TEST(other_servers_look_names_up_in_an_index)
{
    begin(MANY);
    w.is_no_samba = true;
    ck_quiet(0);
}
END_TEST

START_TEST(each_connection_has_one)
{
    begin(300);
    w.t.share_opt.connections = 3;
    ck_put(300);
    ck_assert_uint_ge(w.folders, 2);
    ck_assert_uint_le(w.folders, w.t.fs.dialled);
    ck_assert_str_eq(w.log, "");
    tree_free(&w.t);
}
END_TEST

START_TEST(files_that_are_there_are_replaced_from_it)
{
    begin(MANY);
    peer_add_file(&w.t.fs.peer, "there/149", "old", 3);
    ck_put(MANY);
    ck_assert_uint_eq(w.folders, 1);
    tree_free(&w.t);
}
END_TEST

START_TEST(a_folder_gets_its_time_after_it_has_gone)
{
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {1000000000, 0}};

    begin(MANY);
    w.t.copy.keep_times = true;
    ck_assert_int_eq(utimensat(AT_FDCWD, tree_local(&w.t, "tree"), times, 0), 0);
    ck_put(MANY);
    ck_assert_uint_eq(w.folders, 1);
    ck_assert_uint_eq(peer_find(&w.t.fs.peer, "there")->written,
                      filetime_from_ns(1000000000000000000));
    tree_free(&w.t);
}
END_TEST

/* ---------------------------------------------------------------- what is inherited */

static void begin_inherited(uint8_t flags)
{
    struct peer_node *there;

    begin(MANY);
    there = peer_add_dir(&w.t.fs.peer, "there");
    put_secure(there, 0, flags, 0x120089);
}

START_TEST(what_is_passed_on_is_passed_on_there)
{
    begin_inherited(OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE);
    ck_quiet(1);
}
END_TEST

START_TEST(where_entries_are_passed_on_only_once_there_is_none)
{
    begin_inherited(OBJECT_INHERIT_ACE | NO_PROPAGATE_INHERIT_ACE);
    ck_quiet(0);
}
END_TEST

START_TEST(nor_where_that_cannot_be_seen)
{
    begin(MANY);
    w.refuse_security = (uint32_t)STATUS_ACCESS_DENIED;
    ck_quiet(0);
}
END_TEST

/* ---------------------------------------------------------------- refused */

START_TEST(a_server_that_refuses_it_gets_temporaries_beside_the_targets)
{
    begin(MANY);
    w.refuse_folder = (uint32_t)STATUS_ACCESS_DENIED;
    ck_put(MANY);
    ck_assert_uint_eq(w.folders, 1);
    ck_assert_uint_eq(w.inside, 0);
    ck_assert_str_eq(w.log, "");
    tree_free(&w.t);
}
END_TEST

START_TEST(so_does_one_that_refuses_files_in_it)
{
    begin(MANY);
    w.refuse_file = (uint32_t)STATUS_OBJECT_PATH_NOT_FOUND;
    ck_quiet(1);
}
END_TEST

START_TEST(and_one_that_does_not_rename_from_there)
{
    begin(MANY);
    w.refuse_rename = (uint32_t)STATUS_NOT_SUPPORTED;
    w.renames = 1;
    ck_quiet(1);
}
END_TEST

START_TEST(one_that_is_left_is_told)
{
    begin(MANY);
    w.leave = true;
    w.refuse_file = (uint32_t)STATUS_ACCESS_DENIED;
    ck_put(MANY);
    ck_assert_ptr_nonnull(strstr(w.log, "is left"));
    ck_assert_ptr_nonnull(strstr(w.log, "\\there\\.lava-"));
    struct peer_store *store = &w.t.fs.peer.store;
    for (unsigned i = 0; i < 2; i++) { /* the file in it, and it: the last ones that were made */
        LIST_EACH(node, &store->nodes)
        {
            struct peer_node *file = CONTAINER_OF(node, struct peer_node, node);
            char *name = utf8_new((struct span){file->name, file->name_len});
            if (strstr(name, ".lava-") && !peer_store_has_children(store, file)) {
                peer_store_remove(store, file);
            }
            free(name);
        }
    }
    tree_free(&w.t);
}
END_TEST

/* ---------------------------------------------------------------- ended */

static void start(unsigned connections)
{
    begin(MANY);
    w.t.share_opt.connections = connections;
    w.job = lsmb_tree_copy_start(w.t.fs.smb, tree_here(&w.t, "tree"), tree_remote(&w.t, "there"),
                                 &w.t.opt, &w.t.result, fs_done, &w.done);
    ck_assert_ptr_nonnull(w.job);
}

/* After so many turns.  False: it was over before. */
static bool turned(unsigned turns)
{
    for (unsigned i = 0; i < turns && !w.done.finished; i++) {
        fs_turn(&w.t.fs, 1);
    }
    return !w.done.finished;
}

START_TEST(a_tree_that_is_cancelled_leaves_nothing)
{
    bool running = true;

    for (unsigned turns = 0; running && turns < TURNS_MAX; turns += TURNS_STEP) {
        start(1);
        running = turned(turns);
        if (running) {
            lsmb_job_cancel(w.job, NULL);
            share_run(&w.t.fs, &w.done.finished);
            fs_turn(&w.t.fs, 8);
        }
        ck_assert_str_eq(w.log, "");
        tree_free(&w.t);
    }
    ck_assert(!running);
}
END_TEST

START_TEST(nor_does_one_that_is_dropped)
{
    bool running = true;

    for (unsigned turns = 0; running && turns < TURNS_MAX; turns += TURNS_STEP) {
        start(1);
        running = turned(turns);
        if (running) {
            job_abandon(w.job);
        }
        lsmb_share_close(w.t.share); /* with it goes what was under way */
        w.t.share = NULL;
        fs_turn(&w.t.fs, 8);
        tree_free(&w.t);
    }
    ck_assert(!running);
}
END_TEST

START_TEST(files_of_a_connection_that_is_lost_do_without_its_folder)
{
    for (unsigned turns = 0; turns < 60; turns += TURNS_STEP) {
        start(2);
        while (w.t.fs.dialled < 2 && turned(1)) {
        }
        if (turned(turns)) {
            fs_hang_up(&w.t.fs, 1);
        }
        share_run(&w.t.fs, &w.done.finished);
        ck_assert_msg(w.done.err.code == LSMB_OK, "%s", w.done.err.reason);
        ck_assert_uint_eq(w.t.result.files, MANY);
        tree_free(&w.t);
    }
}
END_TEST

/* ---------------------------------------------------------------- memory */

static void (*peer_receives)(struct hook *);
static void (*peer_flushes)(struct hook *);

static void receive_with_memory(struct hook *hook)
{
    fail_malloc_pause(true);
    peer_receives(hook);
    fail_malloc_pause(false);
}

static void flush_with_memory(struct hook *hook)
{
    fail_malloc_pause(true);
    peer_flushes(hook);
    fail_malloc_pause(false);
}

/* With the allocation after `skip` failing.  False: there were not so many. */
static bool ck_without_memory(unsigned skip)
{
    start(1);
    struct peer_stream *far = w.t.fs.links[0];
    peer_receives = far->receive.run;
    peer_flushes = far->flush.run;
    far->receive.run = receive_with_memory;
    far->flush.run = flush_with_memory;
    fail_malloc(skip, false);
    for (unsigned turns = 0; !w.done.finished && turns < SHARE_TURNS_MAX; turns++) {
        if (lsmb_turn(w.t.fs.smb, -1) != LSMB_OK) {
            break;
        }
    }
    bool failed = fail_malloc_off();
    ck_assert_uint_eq(w.done.calls, 1);
    ck_assert(w.done.err.code != LSMB_OK || w.t.result.files == MANY);
    fs_turn(&w.t.fs, 8);
    tree_free(&w.t);
    return failed;
}

START_TEST(without_memory_nothing_is_left_either)
{
    unsigned skip = 0;

    while (skip < SKIP_MAX && ck_without_memory(skip)) {
        skip += SKIP_STEP;
    }
    ck_assert_uint_ge(skip, 1000);
    ck_assert_uint_lt(skip, SKIP_MAX);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "xfer/share_temps", temporaries_of_many_files_have_a_folder_of_their_own,
        those_of_few_files_do_not, other_servers_look_names_up_in_an_index, each_connection_has_one,
        files_that_are_there_are_replaced_from_it, a_folder_gets_its_time_after_it_has_gone,
        what_is_passed_on_is_passed_on_there, where_entries_are_passed_on_only_once_there_is_none,
        nor_where_that_cannot_be_seen, a_server_that_refuses_it_gets_temporaries_beside_the_targets,
        so_does_one_that_refuses_files_in_it, and_one_that_does_not_rename_from_there,
        one_that_is_left_is_told, a_tree_that_is_cancelled_leaves_nothing,
        nor_does_one_that_is_dropped, files_of_a_connection_that_is_lost_do_without_its_folder,
        without_memory_nothing_is_left_either);
}
