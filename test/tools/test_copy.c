/* test_copy.c: what get, put and cp make of their arguments. */
#include "test/fs/fs_world.h"
#include "test/xfer/local_world.h"
#include "tools/command.h"
#include "tools/run.h"

static struct fs_world w;
static struct local_world here; /* its folder is the working directory */
static struct run run;
static struct options opt;
static char words[2][128];

#define SHARE "smb://user@server/share/"

static void begin(void)
{
    struct refusal why;

    fs_world_init(&w, NULL);
    local_init(&here);
    ck_assert_int_eq(chdir(here.folder), 0);
    local_make(&here, "file", "here", 4);
    (void)peer_add_file(&w.peer, "dir/a1", "one", 3);
    (void)peer_add_file(&w.peer, "dir/a2", "two", 3);
    (void)peer_add_file(&w.peer, "dir/b", "bee", 3);
    (void)peer_add_file(&w.peer, "dir/sub/c", "sea", 3);
    opt = (struct options){.level = LEVEL_CRITICAL};
    run = (struct run){.opt = &opt, .smb = w.smb, .share = fs_share(&w), .signal_fd = -1};
    run.log.level = LEVEL_CRITICAL;
    ck_assert(location_parse(&run.linked, SHARE, &why));
}

static void end(void)
{
    fs_turn(&w, 8);
    lsmb_share_close(run.share);
    location_free(&run.linked);
    fs_world_free(&w);
    ck_assert_int_eq(chdir("/"), 0);
    local_free(&here);
}

/* Run a command, and see how it ends. */
static void check(int status, const char *command, const char *from, const char *to)
{
    char *args[] = {words[0], words[1]};

    (void)snprintf(words[0], sizeof words[0], "%s", from);
    (void)snprintf(words[1], sizeof words[1], "%s", to);
    opt.command = command_find(command);
    opt.args = args;
    opt.n_args = 2;
    run.status = 0;
    run.err = (struct lsmb_error){.code = LSMB_OK};
    opt.command->work(&run);
    ck_assert_msg(run.status == status, "%s %s %s: %d, %s", command, from, to, run.status,
                  run.err.reason);
}

START_TEST(what_makes_no_sense_is_refused_before_anything_is_done)
{
    begin();
    check(2, "cp", "file", "other");
    check(2, "cp", "-", "-");
    check(2, "put", "-", SHARE);
    check(2, "get", SHARE "dir/*", "-");
    check(2, "get", SHARE "*/a1", "x");
    check(1, "get", SHARE "dir", "x");
    check(1, "put", here.folder, SHARE "dir");
    check(4, "put", "nothing", SHARE "dir");
    check(4, "get", SHARE "dir/b", "no/");
    opt.recursive = true;
    check(2, "get", SHARE "dir", "-");
    check(2, "put", "-", SHARE "dir");
    opt = (struct options){.level = LEVEL_CRITICAL, .verify = true};
    check(2, "get", SHARE "dir/b", "-");
    local_only(&here, 1);
    end();
}
END_TEST

START_TEST(filters_and_sums_are_refused_where_they_mean_nothing)
{
    struct refusal why;

    begin();
    ck_assert(filter_add(&opt.filter, "a*", false, &why));
    check(2, "get", SHARE "dir/b", "x");
    opt = (struct options){.level = LEVEL_CRITICAL, .crc32 = true};
    check(2, "get", SHARE "dir/a*", ".");
    opt = (struct options){.level = LEVEL_CRITICAL, .allow_growth = true};
    check(2, "get", SHARE "dir/a*", ".");
    local_only(&here, 1);
    end();
}
END_TEST

START_TEST(in_a_directory_a_file_keeps_its_name)
{
    begin();
    check(0, "put", "file", SHARE "dir");
    ck_assert(peer_has(&w.peer, "dir/file", "here", 4));
    check(0, "put", "file", SHARE);
    ck_assert(peer_has(&w.peer, "file", "here", 4));
    check(0, "get", SHARE "dir/b", ".");
    local_has(&here, "b", "bee", 3);
    check(0, "cp", SHARE "dir/b", "smb://server/share/dir/sub");
    ck_assert(peer_has(&w.peer, "dir/sub/b", "bee", 3));
    end();
}
END_TEST

START_TEST(missing_directories_are_made_when_that_is_wanted)
{
    begin();
    check(4, "put", "file", SHARE "new/deep/x");
    ck_assert_str_eq(run.err.advice, "-m makes the missing directories above it");
    check(4, "cp", SHARE "dir/b", "new/deep/x");
    ck_assert_str_eq(run.err.advice, "-m makes the missing directories above it");
    check(4, "get", SHARE "dir/b", "new/deep/x");
    ck_assert_ptr_null(strstr(run.err.advice, "-m"));
    check(4, "get", SHARE "no/b", "x");
    ck_assert_ptr_null(strstr(run.err.advice, "above it"));
    opt.make_parents = true;
    check(0, "put", "file", SHARE "new/deep/x");
    ck_assert(peer_has(&w.peer, "new/deep/x", "here", 4));
    check(0, "put", "file", SHARE "more/deep/");
    ck_assert(peer_has(&w.peer, "more/deep/file", "here", 4));
    check(0, "cp", SHARE "dir/b", "new/deep/y");
    local_has(&here, "new/deep/y", "bee", 3);
    check(0, "cp", SHARE "dir/b", "more/deep/");
    local_has(&here, "more/deep/b", "bee", 3);
    end();
}
END_TEST

START_TEST(a_pattern_that_one_file_matches_is_that_file)
{
    begin();
    check(0, "get", SHARE "dir/b*", "x");
    local_has(&here, "x", "bee", 3);
    check(0, "get", SHARE "dir/%3F", "y");
    local_has(&here, "y", "bee", 3);
    check(0, "get", SHARE "dir/[!a]*", "z");
    local_has(&here, "z", "bee", 3);
    end();
}
END_TEST

START_TEST(what_a_pattern_matches_needs_a_place)
{
    begin();
    check(4, "get", SHARE "dir/z*", ".");
    check(4, "get", SHARE "dir/s*", ".");
    check(4, "get", SHARE "nothing/a*", ".");
    check(1, "get", SHARE "dir/a*", "file");
    check(1, "cp", SHARE "dir/a*", SHARE "dir/b");
    local_only(&here, 1);
    end();
}
END_TEST

START_TEST(a_name_as_it_is_spelt_is_no_pattern)
{
    begin();
    (void)peer_add_file(&w.peer, "dir/a[1]", "set", 3);
    check(0, "get", SHARE "dir/a[1]", "x");
    local_has(&here, "x", "set", 3);
    check(4, "get", SHARE "dir/%5Bab]", "y");
    end();
}
END_TEST

START_TEST(with_a_connection_a_colon_before_any_slash_names_a_share)
{
    char host[] = "server", user[] = "user";

    begin();
    run.connection = (struct connection){.host = host, .user = user};
    run.connected = true;
    opt.conn_file = "connection";
    check(0, "cp", "share:dir/b", "./a:b");
    local_has(&here, "a:b", "bee", 3);
    check(0, "cp", "./a:b", "share:back");
    ck_assert(peer_has(&w.peer, "back", "bee", 3));
    check(0, "cp", SHARE "dir/a*", "share:dir/sub");
    ck_assert(peer_has(&w.peer, "dir/sub/a2", "two", 3));
    end();
}
END_TEST

START_TEST(objects_are_for_copies_and_whole)
{
    begin();
    check(2, "cat", "s3://bucket/key", "");
    check(2, "ls", "s3://bucket/key", "");
    check(2, "get", "s3://bucket/key", "x");
    check(2, "put", "file", "s3://bucket/key");
    check(2, "cp", "s3://bucket", "x");
    check(2, "put", "s3://bucket/", SHARE "dir");
    check(2, "cp", "s3://", "x");
    opt.in_place = true;
    check(2, "cp", "file", "s3://bucket/key");
    opt = (struct options){.level = LEVEL_CRITICAL, .conn_file = "connection"};
    check(2, "rm", "s3://bucket/key", "");
    check(2, "get", "s3://bucket/key", "x");
    local_only(&here, 1);
    end();
}
END_TEST

START_TEST(a_tree_becomes_its_target)
{
    begin();
    opt.recursive = true;
    check(0, "get", SHARE "dir", "to");
    local_has(&here, "to/a1", "one", 3);
    local_has(&here, "to/sub/c", "sea", 3);
    check(0, "get", SHARE "dir/sub", "to/");
    local_has(&here, "to/c", "sea", 3);
    check(0, "put", "to", SHARE "new");
    ck_assert(peer_has(&w.peer, "new/sub/c", "sea", 3));
    check(4, "put", "to", SHARE "no/such/new");
    check(4, "get", SHARE "dir", "no/such/to");
    check(4, "get", SHARE "nothing", "other");
    opt.make_parents = true;
    check(0, "put", "to", SHARE "no/such/new");
    ck_assert(peer_has(&w.peer, "no/such/new/a2", "two", 3));
    local_only(&here, 2);
    end();
}
END_TEST

START_TEST(for_a_source_that_is_not_there_nothing_is_made)
{
    begin();
    opt.make_parents = true;
    check(4, "cp", SHARE "nothing", "new/deep/x");
    check(4, "cp", SHARE "nothing", "new/");
    check(4, "cp", SHARE "nothing", SHARE "new/deep/x");
    ck_assert_ptr_null(peer_find(&w.peer, "new"));
    opt.recursive = true;
    check(4, "cp", SHARE "nothing", "new/deep/x");
    local_only(&here, 1);
    end();
}
END_TEST

START_TEST(a_file_of_a_tree_may_be_copied_as_one)
{
    begin();
    opt.recursive = true;
    check(0, "get", SHARE "dir/b", "x");
    local_has(&here, "x", "bee", 3);
    check(0, "put", "x", SHARE "dir");
    ck_assert(peer_has(&w.peer, "dir/x", "bee", 3));
    end();
}
END_TEST

START_TEST(a_tree_does_not_go_into_itself)
{
    begin();
    opt.recursive = true;
    check(1, "cp", SHARE "dir", SHARE "DIR");
    check(0, "cp", SHARE "dir", SHARE "dir/sub/copy");
    ck_assert(peer_has(&w.peer, "dir/sub/copy/sub/c", "sea", 3));
    ck_assert_ptr_null(peer_find(&w.peer, "dir/sub/copy/sub/copy"));
    end();
}
END_TEST

START_TEST(what_is_not_wanted_stays)
{
    struct refusal why;

    begin();
    opt.recursive = true;
    ck_assert(filter_add(&opt.filter, "a*", false, &why));
    ck_assert(filter_add(&opt.filter, "/a2", true, &why));
    check(0, "get", SHARE "dir", "to");
    local_has(&here, "to/a1", "one", 3);
    ck_assert_int_ne(access("to/a2", F_OK), 0);
    ck_assert_int_ne(access("to/b", F_OK), 0);
    ck_assert_int_eq(access("to/sub", F_OK), 0);
    end();
}
END_TEST

START_TEST(what_matches_a_pattern_goes_into_a_directory)
{
    begin();
    check(0, "get", SHARE "dir/[as]*", ".");
    local_has(&here, "a1", "one", 3);
    local_has(&here, "a2", "two", 3);
    local_only(&here, 3);
    opt.recursive = true;
    check(0, "get", SHARE "dir/s*", ".");
    local_has(&here, "sub/c", "sea", 3);
    local_only(&here, 4);
    check(0, "cp", SHARE "dir/*", SHARE "dir/sub");
    ck_assert(peer_has(&w.peer, "dir/sub/b", "bee", 3));
    ck_assert_ptr_null(peer_find(&w.peer, "dir/sub/sub"));
    end();
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "tools/copy", what_makes_no_sense_is_refused_before_anything_is_done,
        filters_and_sums_are_refused_where_they_mean_nothing, in_a_directory_a_file_keeps_its_name,
        missing_directories_are_made_when_that_is_wanted,
        a_pattern_that_one_file_matches_is_that_file, what_a_pattern_matches_needs_a_place,
        a_name_as_it_is_spelt_is_no_pattern,
        with_a_connection_a_colon_before_any_slash_names_a_share, objects_are_for_copies_and_whole,
        a_tree_becomes_its_target, for_a_source_that_is_not_there_nothing_is_made,
        a_file_of_a_tree_may_be_copied_as_one, a_tree_does_not_go_into_itself,
        what_is_not_wanted_stays, what_matches_a_pattern_goes_into_a_directory);
}
