/* Trees that are put where files are already: what is known of a folder, and what is asked about a target. */
#include "fs/job.h"
#include "fs/path.h"
#include "proto/create.h"
#include "proto/info.h"
#include "proto/security.h"
#include "test/failmalloc.h"
#include "test/xfer/put_world.h"
#include "test/xfer/tree_world.h"

enum { FILES = 20, TURNS_MAX = 400, TURNS_STEP = 3, SKIP_STEP = 23, SKIP_MAX = 20000 };

static struct {
    struct tree_world t;
    struct fs_done done;
    struct lsmb_job *job;
    char log[4096];
    unsigned temporaries, frames,
        listings; /* CREATEs of them; requests that begin a frame; QUERY_DIRECTORYs */
    uint32_t refuse_listing, refuse_streams;
    struct peer_rule rule;
} w;

static void note(void *arg, enum lsmb_log_level level, const char *line)
{
    (void)arg;
    if (level <= LSMB_LOG_WARNING) {
        strncat(w.log, line, sizeof w.log - strlen(w.log) - 1);
    }
}

static const struct peer_rule *refuse(uint32_t status)
{
    w.rule = (struct peer_rule){.status = status};
    return status ? &w.rule : NULL;
}

static const struct peer_rule *look_at(void *arg, const struct peer_seen *seen, struct span message)
{
    struct smb2_create_request asked;

    (void)arg;
    w.frames += !(seen->header.flags & SMB2_FLAGS_RELATED_OPERATIONS);
    if (seen->header.command == SMB2_CREATE) {
        ck_assert(smb2_create_request_get(&asked, message));
        w.temporaries += asked.disposition == FILE_CREATE;
    }
    if (seen->header.command == SMB2_QUERY_DIRECTORY) {
        w.listings++;
        return refuse(w.refuse_listing);
    }
    return is_query_info(seen, message, FILE_STREAM_INFORMATION) &&
                   message.ptr[66] == SMB2_0_INFO_FILE
               ? refuse(w.refuse_streams)
               : NULL;
}

static void write_tree(const char *text)
{
    char name[32];

    for (unsigned i = 0; i < FILES; i++) {
        (void)snprintf(name, sizeof name, "tree/%s%u", i % 2 ? "sub/" : "", i);
        tree_write(&w.t, name, text);
    }
}

static void begin(void)
{
    memset(&w, 0, sizeof w);
    tree_init(&w.t);
    w.t.fs.smb->env.log = (struct log){note, NULL, LSMB_LOG_WARNING};
    w.t.fs.peer.on_request = look_at;
    tree_mkdir(&w.t, "tree");
    tree_mkdir(&w.t, "tree/sub");
    write_tree("old");
    tree_ok(&w.t, tree_put(&w.t, "tree", "there"));
    write_tree("newer");
    w.temporaries = w.listings = w.frames = 0;
}

static void ck_new(void)
{
    char name[32];

    for (unsigned i = 0; i < FILES; i++) {
        (void)snprintf(name, sizeof name, "there/%s%u", i % 2 ? "sub/" : "", i);
        ck_assert_msg(peer_has(&w.t.fs.peer, name, "newer", 5), "%s", name);
    }
}

static void put_again(void)
{
    tree_ok(&w.t, tree_put(&w.t, "tree", "there"));
    ck_new();
}

static void end(void)
{
    ck_assert_str_eq(w.log, "");
    tree_free(&w.t);
}

/* ---------------------------------------------------------------- what is known */

START_TEST(what_is_there_is_not_stored_in_vain_first)
{
    begin();
    put_again();
    ck_assert_uint_eq(w.temporaries, FILES);
    end();
}
END_TEST

START_TEST(a_name_that_is_spelt_so_is_not_looked_up)
{
    begin();
    put_again();
    ck_assert_uint_le(w.listings, 6); /* of two folders, not of twenty files */
    end();
}
END_TEST

START_TEST(a_name_that_is_spelt_otherwise_stays_so)
{
    begin();
    tree_write(&w.t, "tree/readme", "newer");
    struct peer_node *old = peer_add_file(&w.t.fs.peer, "there/ReadMe", "old", 3);
    uint64_t id = old->id;
    put_again();
    struct peer_node *now = peer_find(&w.t.fs.peer, "there/readme");
    char *name = utf8_new((struct span){now->name, now->name_len});
    ck_assert_str_eq(name, "there\\ReadMe");
    ck_assert_uint_ne(now->id, id);
    free(name);
    end();
}
END_TEST

START_TEST(new_names_are_stored_beside_old_ones)
{
    begin();
    tree_write(&w.t, "tree/sub/new", "1");
    tree_mkdir(&w.t, "tree/more");
    tree_write(&w.t, "tree/more/new", "2");
    put_again();
    ck_assert(peer_has(&w.t.fs.peer, "there/sub/new", "1", 1));
    ck_assert(peer_has(&w.t.fs.peer, "there/more/new", "2", 1));
    end();
}
END_TEST

START_TEST(a_folder_that_cannot_be_listed_is_no_hindrance)
{
    begin();
    w.refuse_listing = (uint32_t)STATUS_ACCESS_DENIED;
    put_again();
    end();
}
END_TEST

/* ---------------------------------------------------------------- what is asked */

START_TEST(a_target_is_looked_at_in_one_frame)
{
    begin();
    tree_write(&w.t, "tree/0", "newer");
    w.frames = 0;
    put_again();
    /* CREATE and all about the target; CREATE of the temporary, mark, WRITE, FLUSH, mark, QUERY_INFO, rename,
     * CLOSE; and what folders and listings take */
    ck_assert_uint_le(w.frames, FILES * 9 + 12);
    end();
}
END_TEST

static void ck_in_place(struct peer_node *old, const char *why)
{
    uint64_t id = old->id;

    put_again();
    ck_assert_uint_eq(peer_find(&w.t.fs.peer, "there/0")->id, id);
    ck_assert_ptr_nonnull(strstr(w.log, why));
    tree_free(&w.t);
}

START_TEST(what_a_rename_would_lose_is_written_in_place)
{
    begin();
    put_secure(peer_find(&w.t.fs.peer, "there/0"), 0, 0, 0x120089);
    ck_in_place(peer_find(&w.t.fs.peer, "there/0"), "access entries");
    begin();
    peer_add_file(&w.t.fs.peer, "there/0:note", "kept", 4);
    ck_in_place(peer_find(&w.t.fs.peer, "there/0"), "alternate streams");
}
END_TEST

/* What is refused takes all behind it in its frame along: that says nothing about access. */
START_TEST(questions_behind_one_that_is_refused_are_asked_again)
{
    begin();
    w.refuse_streams = (uint32_t)STATUS_NOT_SUPPORTED;
    put_secure(peer_find(&w.t.fs.peer, "there/0"), 0, 0, 0x120089);
    ck_in_place(peer_find(&w.t.fs.peer, "there/0"), "access entries");
}
END_TEST

/* ---------------------------------------------------------------- ended */

static void start(void)
{
    w.done = (struct fs_done){0};
    w.job = lsmb_tree_copy_start(w.t.fs.smb, tree_here(&w.t, "tree"), tree_remote(&w.t, "there"),
                                 &w.t.opt, &w.t.result, fs_done, &w.done);
    ck_assert_ptr_nonnull(w.job);
}

/* Either old or new, and nothing else. */
static void ck_whole(void)
{
    char name[32];

    for (unsigned i = 0; i < FILES; i++) {
        (void)snprintf(name, sizeof name, "there/%s%u", i % 2 ? "sub/" : "", i);
        ck_assert(peer_has(&w.t.fs.peer, name, "newer", 5) ||
                  peer_has(&w.t.fs.peer, name, "old", 3));
    }
    fs_turn(&w.t.fs, 8);
    tree_free(&w.t);
}

START_TEST(it_may_be_cancelled_at_any_time)
{
    bool running = true;

    for (unsigned turns = 0; running && turns < TURNS_MAX; turns += TURNS_STEP) {
        begin();
        start();
        for (unsigned i = 0; i < turns && !w.done.finished; i++) {
            fs_turn(&w.t.fs, 1);
        }
        running = !w.done.finished;
        if (running) {
            lsmb_job_cancel(w.job, NULL);
            share_run(&w.t.fs, &w.done.finished);
        }
        ck_whole();
    }
    ck_assert(!running);
}
END_TEST

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
    begin();
    start();
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
    ck_whole();
    return failed;
}

START_TEST(without_memory_files_are_old_or_new)
{
    unsigned skip = 0;

    while (skip < SKIP_MAX && ck_without_memory(skip)) {
        skip += SKIP_STEP;
    }
    ck_assert_uint_ge(skip, 300);
    ck_assert_uint_lt(skip, SKIP_MAX);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "xfer/tree_share_folder", what_is_there_is_not_stored_in_vain_first,
        a_name_that_is_spelt_so_is_not_looked_up, a_name_that_is_spelt_otherwise_stays_so,
        new_names_are_stored_beside_old_ones, a_folder_that_cannot_be_listed_is_no_hindrance,
        a_target_is_looked_at_in_one_frame, what_a_rename_would_lose_is_written_in_place,
        questions_behind_one_that_is_refused_are_asked_again, it_may_be_cancelled_at_any_time,
        without_memory_files_are_old_or_new);
}
