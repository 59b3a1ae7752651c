/* test_nomem.c: each allocation of a whole visit to a server fails in turn: never a crash, a leak or a
 * success that is none. */
#include "test/failmalloc.h"
#include "test/fs/fs_world.h"

enum { ALLOCATIONS_MAX = 20000 };

/* ---------------------------------------------------------------- the peer has memory */

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

static struct stream *dial_with_memory(void *arg, const char *host, uint16_t port)
{
    struct fs_world *w = arg;

    fail_malloc_pause(true);
    struct stream *stream = fs_dial(w, host, port);
    struct peer_stream *far = w->links[w->dialled - 1];
    peer_receives = far->receive.run;
    peer_flushes = far->flush.run;
    far->receive.run = receive_with_memory;
    far->flush.run = flush_with_memory;
    fail_malloc_pause(false);
    return stream;
}

/* ---------------------------------------------------------------- a visit */

struct visit {
    struct fs_world w;
    struct lsmb_share *share, *other, *clone;
    const char *step; /* the last that was begun */
    enum lsmb_code code;
    struct lsmb_stat stat;
    unsigned entries;
    void *got; /* owned: what was copied from the server */
    size_t got_len;
    struct lsmb_file *file;
    char bytes[8];
    size_t bytes_len;
    struct fs_done watched;
    unsigned changes;
};

static bool count_entry(void *arg, const char *name, const struct lsmb_stat *stat)
{
    struct visit *v = arg;

    v->entries += name[0] != '\0' && stat->bytes == 5;
    return true;
}

static bool step(struct visit *v, const char *name, enum lsmb_code code)
{
    v->step = name;
    v->code = code;
    return code == LSMB_OK;
}

/* Until something fails. */
static bool names_work(struct visit *v)
{
    struct lsmb_error *err = &v->w.err;

    return step(v, "open", lsmb_share_open(v->w.smb, &v->w.target, &v->share, err)) &&
           step(v, "stat", lsmb_stat(v->share, "dir/a.txt", &v->stat, err)) &&
           step(v, "list", lsmb_list(v->share, "dir", NULL, count_entry, v, err)) &&
           step(v, "mkdir", lsmb_mkdir(v->share, "x/y", true, err)) &&
           step(v, "rename", lsmb_rename(v->share, "dir/a.txt", "x/b", false, err)) &&
           step(v, "remove", lsmb_remove(v->share, "x/b", err)) &&
           step(v, "echo", lsmb_share_echo(v->share, err));
}

/* What was said to have been done, was. */
static void check_names(struct visit *v)
{
    ck_assert_uint_eq(v->stat.bytes, 5);
    ck_assert_uint_eq(v->entries, 1);
    ck_assert_ptr_nonnull(peer_find(&v->w.peer, "x/y"));
    ck_assert_ptr_null(peer_find(&v->w.peer, "dir/a.txt"));
    ck_assert_ptr_null(peer_find(&v->w.peer, "x/b"));
}

static bool count_stream(void *arg, const char *name, uint64_t bytes)
{
    struct visit *v = arg;

    v->entries += name[0] == 's' && bytes == 3;
    return true;
}

static bool count_ea(void *arg, const char *name, const void *value, size_t len)
{
    struct visit *v = arg;

    v->entries += strcmp(name, "ea") == 0 && len == 5 && memcmp(value, "value", len) == 0;
    return true;
}

static bool count_snapshot(void *arg, const char *name)
{
    struct visit *v = arg;

    v->entries += name[0] == '@';
    return true;
}

static bool metadata_works(struct visit *v)
{
    static const struct lsmb_set set = {.size = sizeof set, .attributes = LSMB_ATTR_HIDDEN};
    static const char *const snapshots[] = {"@GMT-2026.01.31-12.00.00", NULL};
    static const char path[] = "dir/a.txt";
    struct lsmb_error *err = &v->w.err;

    fail_malloc_pause(true);
    (void)peer_add_file(&v->w.peer, "dir/a.txt:s", "abc", 3);
    v->w.peer.snapshots = snapshots;
    fail_malloc_pause(false);
    return step(v, "open", lsmb_share_open(v->w.smb, &v->w.target, &v->share, err)) &&
           step(v, "set", lsmb_set(v->share, path, &set, err)) &&
           step(v, "streams", lsmb_streams(v->share, path, count_stream, v, err)) &&
           step(v, "set ea", lsmb_ea_set(v->share, path, "ea", "value", 5, err)) &&
           step(v, "list eas", lsmb_ea_list(v->share, path, count_ea, v, err)) &&
           step(v, "get security",
                lsmb_security_get(v->share, path, LSMB_SECURITY_DACL, &v->got, &v->got_len, err)) &&
           step(v, "set security",
                lsmb_security_set(v->share, path, LSMB_SECURITY_DACL, v->got, v->got_len, err)) &&
           step(v, "snapshots", lsmb_snapshots(v->share, "dir", count_snapshot, v, err)) &&
           step(v, "a snapshot",
                lsmb_streams(v->share, "dir/@GMT-2026.01.31-12.00.00/a.txt", count_stream, v, err));
}

static void check_metadata(struct visit *v)
{
    ck_assert_uint_eq(v->entries, 4);
    ck_assert_uint_eq(peer_find(&v->w.peer, "dir/a.txt")->attributes, LSMB_ATTR_HIDDEN);
    ck_assert_ptr_nonnull(v->got);
}

/* A file from the server and one to it; sources and sinks are consumed, whatever becomes of it. */
static bool copies_work(struct visit *v)
{
    struct lsmb *smb = v->w.smb;
    struct lsmb_error *err = &v->w.err;

    return step(v, "open", lsmb_share_open(smb, &v->w.target, &v->share, err)) &&
           step(v, "get",
                lsmb_copy(smb, lsmb_source_share(v->share, "dir/a.txt", false),
                          lsmb_sink_memory(smb, &v->got, &v->got_len, 1000), NULL, NULL, err)) &&
           step(v, "put",
                lsmb_copy(smb, lsmb_source_memory(smb, "other", 5),
                          lsmb_sink_share(v->share, "dir/a.txt", LSMB_PUBLISH_ATOMIC), NULL, NULL,
                          err));
}

/* The first of them connects to the share. */
static bool lazy_copies_work(struct visit *v)
{
    v->w.target.lazy = true;
    return copies_work(v);
}

/* A server that hangs up on a frame with TREE_CONNECT in it. */
static const struct peer_rule *hang_up_on_frames(void *arg, const struct peer_seen *seen,
                                                 struct span message)
{
    static const struct peer_rule hang_up = {.fate = PEER_CLOSE};

    (void)arg;
    (void)message;
    return seen->header.command == SMB2_TREE_CONNECT && seen->header.next_command > 0 ? &hang_up
                                                                                      : NULL;
}

static bool second_connection_works(struct visit *v)
{
    v->w.peer.on_request = hang_up_on_frames;
    return lazy_copies_work(v);
}

static bool lazy_names_work(struct visit *v)
{
    v->w.target.lazy = true;
    return names_work(v);
}

static void check_copies(struct visit *v)
{
    ck_assert_uint_eq(v->got_len, 5);
    ck_assert_mem_eq(v->got, "hello", 5);
    ck_assert(peer_has(&v->w.peer, "dir/a.txt", "other", 5));
}

static bool files_work(struct visit *v)
{
    static const struct lsmb_lock lock = {1, 2, LSMB_LOCK_EXCLUSIVE}, unlock = {1, 2, LSMB_UNLOCK};
    struct lsmb_error *err = &v->w.err;
    bool well = step(v, "open", lsmb_share_open(v->w.smb, &v->w.target, &v->share, err)) &&
                step(v, "open a file",
                     lsmb_file_open(v->share, "dir/a.txt", LSMB_OPEN_READ | LSMB_OPEN_WRITE,
                                    &v->file, err)) &&
                step(v, "lock", lsmb_file_lock(v->file, &lock, 1, true, err)) &&
                step(v, "write", lsmb_file_write(v->file, "J", 1, 0, err)) &&
                step(v, "flush", lsmb_file_flush(v->file, err)) &&
                step(v, "read",
                     lsmb_file_read(v->file, v->bytes, sizeof v->bytes, 0, &v->bytes_len, err)) &&
                step(v, "unlock", lsmb_file_lock(v->file, &unlock, 1, false, err));

    if (!well) {
        (void)lsmb_file_close(v->file, NULL);
        return false;
    }
    return step(v, "close", lsmb_file_close(v->file, err));
}

static void check_files(struct visit *v)
{
    ck_assert_uint_eq(v->bytes_len, 5);
    ck_assert_mem_eq(v->bytes, "Jello", 5);
    ck_assert(peer_has(&v->w.peer, "dir/a.txt", "Jello", 5));
    ck_assert(list_empty(&peer_find(&v->w.peer, "dir/a.txt")->opens));
}

static bool hear(void *arg, uint32_t change, const char *name)
{
    struct visit *v = arg;

    v->changes += change == LSMB_ADDED && strcmp(name, "new") == 0;
    return v->changes < 2;
}

/* Two changes, so that it is asked again in between. */
static bool changes_work(struct visit *v)
{
    struct lsmb_error *err = &v->w.err;

    return step(v, "mkdir", lsmb_mkdir(v->share, "dir/new", false, err)) &&
           step(v, "remove", lsmb_remove(v->share, "dir/new", err)) &&
           step(v, "mkdir", lsmb_mkdir(v->share, "dir/new", false, err));
}

/* Without assertions, which would need memory themselves. */
static bool watching_works(struct visit *v)
{
    struct lsmb_error *err = &v->w.err;
    bool well = true;

    if (!step(v, "open", lsmb_share_open(v->w.smb, &v->w.target, &v->share, err))) {
        return false;
    }
    struct lsmb_job *job = lsmb_watch_start(v->share, "dir", NULL, hear, v, fs_done, &v->watched);
    if (!job) {
        error_set(err, LSMB_E_NOMEM, "no memory for the operation");
        return step(v, "watch", LSMB_E_NOMEM);
    }
    for (unsigned i = 0; i < 8; i++) {
        well = lsmb_turn(v->w.smb, 0) == LSMB_OK && well;
    }
    well = well && changes_work(v);
    if (!well && !v->watched.finished) {
        lsmb_job_cancel(job, NULL);
    }
    if (lsmb_turn_until(v->w.smb, &v->watched.finished) != LSMB_OK || !well) {
        return false;
    }
    *err = v->watched.err;
    return step(v, "watch", err->code);
}

static void check_watching(struct visit *v)
{
    ck_assert_uint_eq(v->changes, 2);
    ck_assert(list_empty(&peer_find(&v->w.peer, "dir")->opens));
}

static bool count_share(void *arg, const struct lsmb_share_entry *entry)
{
    struct visit *v = arg;

    v->entries += entry->name[0] != '\0';
    return true;
}

/* Behind a link, within the server, and through a pipe. */
static bool services_work(struct visit *v)
{
    struct lsmb *smb = v->w.smb;
    struct lsmb_error *err = &v->w.err;
    struct lsmb_target ipc = v->w.target;
    const struct lsmb_copy_options not_whole = {.size = sizeof not_whole, .window_bytes = 1};

    ipc.share = "IPC$";
    fail_malloc_pause(true);
    (void)peer_add_symlink(&v->w.peer, "link", "dir", true);
    fail_malloc_pause(false);
    return step(v, "open", lsmb_share_open(smb, &v->w.target, &v->share, err)) &&
           step(v, "stat", lsmb_stat(v->share, "link/a.txt", &v->stat, err)) &&
           step(v, "copy", lsmb_server_copy(v->share, "dir/a.txt", v->share, "b", err)) &&
           step(v, "take over",
                lsmb_copy(smb, lsmb_source_share(v->share, "dir/a.txt", false),
                          lsmb_sink_share(v->share, "c", LSMB_PUBLISH_ATOMIC), &not_whole, NULL,
                          err)) &&
           step(v, "open IPC$", lsmb_share_open(smb, &ipc, &v->other, err)) &&
           step(v, "shares", lsmb_shares(v->other, count_share, v, err)) &&
           step(v, "clone", lsmb_share_clone(v->share, &v->clone, err)) &&
           step(v, "echo", lsmb_share_echo(v->clone, err));
}

static void check_services(struct visit *v)
{
    ck_assert_uint_eq(v->stat.bytes, 5);
    ck_assert(peer_has(&v->w.peer, "b", "hello", 5));
    ck_assert(peer_has(&v->w.peer, "c", "hello", 5));
    ck_assert_uint_eq(v->entries, 2);
}

/* The error is there, and it is not blamed on the network. */
static void check_error(const struct visit *v, unsigned at)
{
    char text[1024];
    bool here =
        v->code != LSMB_E_NETWORK && v->code != LSMB_E_TIMEOUT && v->code != LSMB_E_PROTOCOL;

    ck_assert_msg(here && v->code == v->w.err.code && v->w.err.reason[0], "%u: %s: %d: %s", at,
                  v->step, (int)v->code, lsmb_error_text(&v->w.err, text, sizeof text));
}

/* One visit in which the allocation number `at` fails.  False: there were not so many. */
static bool visit(unsigned at, bool for_good, const struct lsmb_policy *policy,
                  bool (*work)(struct visit *), void (*check)(struct visit *))
{
    static struct visit v;

    memset(&v, 0, sizeof v);
    fs_world_init(&v.w, NULL);
    v.w.policy = *policy;
    v.w.smb->dial = dial_with_memory;
    (void)peer_add_file(&v.w.peer, "dir/a.txt", "hello", 5);
    fail_malloc(at, for_good);
    bool well = work(&v);
    lsmb_share_close(v.share);
    lsmb_share_close(v.other);
    lsmb_share_close(v.clone);
    bool failed = fail_malloc_off();
    if (well) {
        check(&v);
    } else {
        check_error(&v, at);
    }
    ck_assert(well || failed);
    free(v.got);
    fs_world_free(&v.w);
    return failed;
}

static void visit_in_turn(bool for_good, const struct lsmb_policy *policy,
                          bool (*work)(struct visit *), void (*check)(struct visit *))
{
    unsigned at = 0;

    /* OpenSSL sets itself up when it is used first, and if that fails never again. */
    ck_assert(!visit(ALLOCATIONS_MAX, for_good, policy, work, check));
    while (visit(at, for_good, policy, work, check)) {
        ck_assert_uint_lt(++at, ALLOCATIONS_MAX);
    }
    ck_assert_uint_gt(at, 100);
}

static const struct lsmb_policy plain = {.size = sizeof plain};
static const struct lsmb_policy sealed = {.size = sizeof sealed, .seal = LSMB_REQUIRED};

START_TEST(one_allocation_fails)
{
    visit_in_turn(false, &plain, names_work, check_names);
}
END_TEST

START_TEST(one_allocation_of_a_sealed_visit_fails)
{
    visit_in_turn(false, &sealed, names_work, check_names);
}
END_TEST

START_TEST(memory_runs_out)
{
    visit_in_turn(true, &plain, names_work, check_names);
}
END_TEST

START_TEST(one_allocation_of_a_copy_fails)
{
    visit_in_turn(false, &plain, copies_work, check_copies);
}
END_TEST

START_TEST(memory_runs_out_while_copying)
{
    visit_in_turn(true, &plain, copies_work, check_copies);
}
END_TEST

START_TEST(one_allocation_fails_on_a_lazy_share)
{
    visit_in_turn(false, &plain, lazy_copies_work, check_copies);
    visit_in_turn(false, &plain, lazy_names_work, check_names);
}
END_TEST

START_TEST(one_allocation_fails_and_so_does_the_connection)
{
    visit_in_turn(false, &plain, second_connection_works, check_copies);
}
END_TEST

START_TEST(memory_runs_out_on_a_lazy_share)
{
    visit_in_turn(true, &plain, lazy_copies_work, check_copies);
}
END_TEST

START_TEST(one_allocation_fails_while_a_file_is_open)
{
    visit_in_turn(false, &plain, files_work, check_files);
}
END_TEST

START_TEST(memory_runs_out_while_a_file_is_open)
{
    visit_in_turn(true, &plain, files_work, check_files);
}
END_TEST

START_TEST(one_allocation_fails_while_services_are_asked)
{
    visit_in_turn(false, &plain, services_work, check_services);
}
END_TEST

START_TEST(memory_runs_out_while_services_are_asked)
{
    visit_in_turn(true, &plain, services_work, check_services);
}
END_TEST

START_TEST(one_allocation_fails_while_watching)
{
    visit_in_turn(false, &plain, watching_works, check_watching);
}
END_TEST

START_TEST(memory_runs_out_while_watching)
{
    visit_in_turn(true, &plain, watching_works, check_watching);
}
END_TEST

START_TEST(one_allocation_fails_while_metadata_is_asked_for)
{
    visit_in_turn(false, &plain, metadata_works, check_metadata);
}
END_TEST

START_TEST(memory_runs_out_while_metadata_is_asked_for)
{
    visit_in_turn(true, &plain, metadata_works, check_metadata);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "fs, without memory", one_allocation_fails, one_allocation_of_a_sealed_visit_fails,
        memory_runs_out, one_allocation_of_a_copy_fails, memory_runs_out_while_copying,
        one_allocation_fails_on_a_lazy_share, one_allocation_fails_and_so_does_the_connection,
        memory_runs_out_on_a_lazy_share, one_allocation_fails_while_a_file_is_open,
        memory_runs_out_while_a_file_is_open, one_allocation_fails_while_watching,
        memory_runs_out_while_watching, one_allocation_fails_while_metadata_is_asked_for,
        memory_runs_out_while_metadata_is_asked_for, one_allocation_fails_while_services_are_asked,
        memory_runs_out_while_services_are_asked);
}
