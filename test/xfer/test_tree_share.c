/* test_tree_share.c: trees on shares: several connections, and trees at random. */
#include "test/xfer/tree_world.h"

static struct tree_world w;

/* ---------------------------------------------------------------- several connections */

enum { MANY = 300 };

static void begin(unsigned connections)
{
    char name[32];

    tree_init(&w);
    w.share_opt.connections = connections;
    for (unsigned i = 0; i < MANY; i++) {
        (void)snprintf(name, sizeof name, "tree/%u", i);
        peer_add_file(&w.fs.peer, name, name, strlen(name));
    }
}

static void ck_all(void)
{
    ck_assert_uint_eq(w.result.files, MANY);
    tree_only(&w, "here", MANY);
    tree_has(&w, "here/299", "tree/299");
}

START_TEST(many_files_go_over_several_connections)
{
    begin(4);
    tree_ok(&w, tree_get(&w, "tree", "here"));
    ck_all();
    ck_assert_uint_eq(w.fs.dialled, 3); /* one for each 128 */
    tree_free(&w);
}
END_TEST

START_TEST(more_connections_are_made_by_themselves_where_copies_wait)
{
    begin(0);
    w.fs.smb->env.stats.sum.bound_ns[LSMB_BOUND_SERVER] = 1000000000;
    tree_ok(&w, tree_get(&w, "tree", "here"));
    ck_all();
    ck_assert_uint_eq(w.fs.dialled, 3);
    tree_free(&w);
}
END_TEST

START_TEST(no_more_connections_are_made_by_themselves_where_we_are_busy)
{
    begin(0);
    w.fs.smb->env.stats.sum.bound_ns[LSMB_BOUND_SERVER] = 1000000000;
    w.fs.smb->env.stats.sum.bound_ns[LSMB_BOUND_CPU] = 1000000000;
    tree_ok(&w, tree_get(&w, "tree", "here"));
    ck_all();
    ck_assert_uint_eq(w.fs.dialled, 1);
    tree_free(&w);
}
END_TEST

START_TEST(who_wants_one_connection_gets_one)
{
    begin(1);
    tree_ok(&w, tree_get(&w, "tree", "here"));
    ck_all();
    ck_assert_uint_eq(w.fs.dialled, 1);
    tree_free(&w);
}
END_TEST

START_TEST(few_files_need_one_connection)
{
    tree_init(&w);
    w.share_opt.connections = 0;
    peer_add_file(&w.fs.peer, "tree/a", "1", 1);
    tree_ok(&w, tree_get(&w, "tree", "here"));
    ck_assert_uint_eq(w.fs.dialled, 1);
    tree_free(&w);
}
END_TEST

START_TEST(a_connection_that_cannot_be_had_is_no_error)
{
    begin(0);
    w.fs.nobody_answers = true;
    tree_ok(&w, tree_get(&w, "tree", "here"));
    ck_all();
    tree_free(&w);
}
END_TEST

/* Large files stay in one session, so that the server copies them by itself; small ones go over all. */
START_TEST(within_a_server_large_files_do_not_come_here)
{
    enum { LARGE = 1 << 20 };
    uint8_t *bytes = pattern(LARGE);
    uint64_t received = 0;

    begin(4);
    for (unsigned i = 0; i < 8; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "tree/large%u", i);
        peer_add_file(&w.fs.peer, name, bytes, LARGE);
    }
    tree_ok(&w, tree_copy(&w, tree_remote(&w, "tree"), tree_remote(&w, "there")));
    ck_assert_uint_eq(w.result.files, MANY + 8);
    ck_assert(peer_has(&w.fs.peer, "there/large7", bytes, LARGE));
    ck_assert(peer_has(&w.fs.peer, "there/299", "tree/299", 8));
    for (unsigned i = 0; i < w.fs.dialled; i++) {
        received += w.fs.received[i];
    }
    ck_assert_uint_gt(w.fs.dialled, 3);
    ck_assert_uint_lt(received, LARGE);
    free(bytes);
    tree_free(&w);
}
END_TEST

/* ---------------------------------------------------------------- a connection is lost */

enum { FOLDERS = 12, IN_EACH = 12 };

/* A tree with folders, on either side. */
static void begin_folders(bool get)
{
    char name[64];

    tree_init(&w);
    w.copy.keep_times = true;
    w.share_opt.connections = 2;
    tree_mkdir(&w, "tree");
    for (unsigned i = 0; i < FOLDERS * IN_EACH; i++) {
        (void)snprintf(name, sizeof name, "tree/%u", i / IN_EACH);
        if (!get && i % IN_EACH == 0) {
            tree_mkdir(&w, name);
        }
        (void)snprintf(name, sizeof name, "tree/%u/%u", i / IN_EACH, i);
        if (get) {
            peer_add_file(&w.fs.peer, name, name, strlen(name));
        } else {
            tree_write(&w, name, name);
        }
    }
}

static struct fs_done done;

/* Copy until the second connection, which many files have brought about, has come so far. */
static void run_until(bool get, uint16_t command, unsigned turns_after)
{
    struct lsmb_tree *from = get ? tree_remote(&w, "tree") : tree_here(&w, "tree");
    struct lsmb_tree *to = get ? tree_here(&w, "here") : tree_remote(&w, "there");

    done = (struct fs_done){0};
    ck_assert_ptr_nonnull(
        lsmb_tree_copy_start(w.fs.smb, from, to, &w.opt, &w.result, fs_done, &done));
    for (unsigned turns = 0; turns < 500 && peer_count(&w.fs.peer, command) < 2; turns++) {
        fs_turn(&w.fs, 1);
    }
    fs_turn(&w.fs, turns_after);
    ck_assert_uint_eq(w.fs.dialled, 2);
}

static void lose(unsigned link)
{
    if (w.fs.links[link]->stream) {
        fs_hang_up(&w.fs, link);
    }
    share_run(&w.fs, &done.finished);
}

static void ck_lost(bool get)
{
    ck_assert_msg(done.err.code == LSMB_OK, "%s", done.err.reason);
    ck_assert_uint_eq(w.result.files, FOLDERS * IN_EACH);
    ck_assert_uint_eq(w.result.folders, FOLDERS);
    if (get) {
        tree_has(&w, "here/11/143", "tree/11/143");
    } else {
        ck_assert(peer_has(&w.fs.peer, "there/11/143", "tree/11/143", 11));
    }
    tree_free(&w);
}

START_TEST(what_a_lost_connection_was_to_do_goes_over_another)
{
    for (unsigned turns = 0; turns < 60; turns += 5) {
        for (unsigned get = 0; get < 2; get++) {
            begin_folders(get);
            run_until(get, SMB2_NEGOTIATE, turns);
            lose(1);
            ck_lost(get);
        }
    }
}
END_TEST

START_TEST(so_it_is_when_the_first_one_is_lost)
{
    for (unsigned turns = 4; turns < 60; turns += 5) {
        for (unsigned get = 0; get < 2; get++) {
            begin_folders(get);
            run_until(get, SMB2_TREE_CONNECT, turns);
            lose(0);
            ck_lost(get);
        }
    }
}
END_TEST

START_TEST(a_folder_is_listed_over_another_while_nothing_of_it_has_come)
{
    begin_folders(true);
    peer_script(&w.fs.peer, &(struct peer_rule){.command = SMB2_QUERY_DIRECTORY,
                                                .skip = 2 * FOLDERS,
                                                .times = 2,
                                                .fate = PEER_HOLD});
    run_until(true, SMB2_TREE_CONNECT, 100);
    ck_assert(!done.finished);
    ck_assert(!w.result.listed);
    lose(0);
    ck_lost(true);
}
END_TEST

START_TEST(it_ends_when_all_are_lost)
{
    for (unsigned turns = 4; turns < 40; turns += 5) {
        begin_folders(true);
        run_until(true, SMB2_TREE_CONNECT, turns);
        if (!done.finished) {
            fs_hang_up(&w.fs, 0);
            lose(1);
            ck_assert(done.err.code == LSMB_E_NETWORK ||
                      (done.err.code == LSMB_OK && w.result.files == FOLDERS * IN_EACH));
        }
        ck_assert_str_eq(w.failed, "");
        tree_free(&w);
    }
}
END_TEST

START_TEST(nothing_is_stored_twice_over_several_connections)
{
    char name[32];

    tree_init(&w);
    w.share_opt.connections = 3;
    tree_mkdir(&w, "tree");
    for (unsigned i = 0; i < MANY; i++) {
        (void)snprintf(name, sizeof name, "tree/%u", i);
        tree_write(&w, name, name);
    }
    tree_ok(&w, tree_put(&w, "tree", "there"));
    ck_assert_uint_eq(w.result.files, MANY);
    ck_assert(peer_has(&w.fs.peer, "there/299", "tree/299", 8));
    ck_assert_uint_eq(w.fs.dialled, 3);
    tree_free(&w);
}
END_TEST

/* ---------------------------------------------------------------- trees at random */

static uint32_t seed;

static unsigned any(unsigned below)
{
    seed = seed * 1664525 + 1013904223; /* Numerical Recipes, 7.1 */
    return (seed >> 8) % below;
}

/* A name that may have anything in it, and no other has in its folder. */
static void any_name(char *out, unsigned number)
{
    static const char *const parts[] = {"a", "B", ".",    " ", ":",      "\\", "*",
                                        "?", "|", "\x01", "ö", "\u4E2D", "\"", "\U0001F600"};
    size_t len = (size_t)sprintf(out, "%u", number);

    for (unsigned i = any(8); i > 0; i--) {
        const char *part = parts[any(sizeof parts / sizeof *parts)];
        memcpy(out + len, part, strlen(part) + 1);
        len += strlen(part);
    }
}

static void set_time(const char *path)
{
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT},
                                {1000000000 + (time_t)any(1 << 20), (long)any(10000000) * 100}};

    ck_assert_int_eq(utimensat(AT_FDCWD, tree_local(&w, path), times, 0), 0);
}

static void grow(const char *path, unsigned depth)
{
    char below[1024], text[4096];

    tree_mkdir(&w, path);
    for (unsigned i = any(6); i > 0; i--) {
        size_t len = (size_t)snprintf(below, sizeof below, "%s/", path);
        any_name(below + len, i);
        if (any(3) == 0 && depth > 0) {
            grow(below, depth - 1);
        } else {
            unsigned bytes = any(3) == 0 ? 0 : any(sizeof text);
            memset(text, 'a' + (int)any(26), bytes);
            text[bytes] = '\0';
            tree_write(&w, below, text);
            set_time(below);
        }
    }
    set_time(path);
}

/* Both are the same, with the times of all that is in them. */
static void ck_same(void)
{
    char command[512];

    (void)snprintf(command, sizeof command,
                   "cd '%s' && diff -r up back && for d in up back; do (cd $d && find . -printf "
                   "'%%p %%y %%s %%T@\\n' | sed 's/\\(.* d\\) [0-9]*/\\1/' | sort >../$d.list); "
                   "done && diff up.list back.list",
                   w.folder);
    ck_assert_int_eq(system(command), 0);
}

START_TEST(any_tree_comes_back_as_it_went)
{
    for (unsigned i = 0; i < 20; i++) {
        tree_init_with(&w, NULL);
        w.copy.keep_times = true;
        seed = i;
        grow("up", 4);
        tree_ok(&w, tree_put(&w, "up", "there"));
        tree_ok(&w, tree_get(&w, "there", "back"));
        ck_same();
        tree_free(&w);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "xfer/tree_share", many_files_go_over_several_connections,
        more_connections_are_made_by_themselves_where_copies_wait,
        no_more_connections_are_made_by_themselves_where_we_are_busy,
        who_wants_one_connection_gets_one, few_files_need_one_connection,
        within_a_server_large_files_do_not_come_here, a_connection_that_cannot_be_had_is_no_error,
        what_a_lost_connection_was_to_do_goes_over_another, so_it_is_when_the_first_one_is_lost,
        a_folder_is_listed_over_another_while_nothing_of_it_has_come, it_ends_when_all_are_lost,
        nothing_is_stored_twice_over_several_connections, any_tree_comes_back_as_it_went);
}
