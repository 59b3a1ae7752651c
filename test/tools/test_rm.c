/* test_rm.c: what rm deletes, and what it does not, on a server that leaves links to its clients. */
#include "test/fs/fs_world.h"
#include "tools/command.h"
#include "tools/run.h"

static struct fs_world w;
static struct run run;
static struct options opt;

static void begin(void)
{
    struct refusal why;

    fs_world_init(&w, NULL);
    (void)peer_add_file(&w.peer, "dir/a", "a", 1);
    (void)peer_add_file(&w.peer, "dir/below/b", "b", 1);
    (void)peer_add_symlink(&w.peer, "link", "dir", true);
    (void)peer_add_symlink(&w.peer, "dir/below/up", "..", true);
    opt = (struct options){.recursive = true};
    run = (struct run){.opt = &opt, .smb = w.smb, .share = fs_share(&w), .signal_fd = -1};
    run.log.level = LEVEL_CRITICAL;
    ck_assert(location_parse(&run.linked, "smb://user@server/share", &why));
}

static void rm(const char *url)
{
    char copy[64];
    char *args[] = {copy};

    (void)snprintf(copy, sizeof copy, "%s", url);
    opt.args = args;
    opt.n_args = 1;
    cmd_rm(&run);
}

static void end(void)
{
    fs_turn(&w, 4);
    lsmb_share_close(run.share);
    location_free(&run.linked);
    fs_world_free(&w);
}

START_TEST(a_tree_goes_with_the_links_in_it)
{
    begin();
    (void)peer_add_symlink(&w.peer, "dir/out", "..\\kept", true);
    (void)peer_add_file(&w.peer, "kept/c", "c", 1);
    rm("smb://user@server/share/dir");
    ck_assert_int_eq(run.status, 0);
    ck_assert_ptr_null(peer_find(&w.peer, "dir"));
    ck_assert(peer_has(&w.peer, "kept/c", "c", 1));
    end();
}
END_TEST

START_TEST(a_link_to_a_directory_goes_alone)
{
    begin();
    rm("smb://user@server/share/link");
    ck_assert_int_eq(run.status, 0);
    ck_assert_ptr_null(peer_find(&w.peer, "link"));
    ck_assert(peer_has(&w.peer, "dir/a", "a", 1));
    ck_assert(peer_has(&w.peer, "dir/below/b", "b", 1));
    end();
}
END_TEST

START_TEST(a_link_goes_alone_however_it_is_spelt)
{
    begin();
    opt.recursive = false;
    rm("smb://user@server/share/LINK");
    ck_assert_int_eq(run.status, 0);
    ck_assert_ptr_null(peer_find(&w.peer, "link"));
    ck_assert(peer_has(&w.peer, "dir/a", "a", 1));
    end();
}
END_TEST

int main(void)
{
    return RUN_TESTS("tools/rm", a_tree_goes_with_the_links_in_it, a_link_to_a_directory_goes_alone,
                     a_link_goes_alone_however_it_is_spelt);
}
