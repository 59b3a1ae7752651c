/* test_beneath.c: xfer/beneath: folders below another one, and nowhere else. */
#include "xfer/beneath.h"

#include "test/xfer/local_world.h"

#include <errno.h>

static struct local_world w;
static struct beneath beneath;

static void make_link(const char *target, const char *name)
{
    ck_assert_int_eq(symlink(target, local_path(&w, name)), 0);
}

static void make_dir(const char *name)
{
    ck_assert_int_eq(mkdir(local_path(&w, name), 0777), 0);
}

static void begin(bool by_hand)
{
    local_init(&w);
    make_dir("root");
    make_dir("root/a");
    make_dir("root/a/b");
    make_dir("outside");
    local_make(&w, "root/file", "1", 1);
    make_link("a", "root/inner");
    make_link("../outside", "root/outer");
    make_link("/", "root/a/top");
    beneath = (struct beneath){.root = open(local_path(&w, "root"), O_PATH | O_DIRECTORY),
                               .by_hand = by_hand};
    ck_assert_int_ge(beneath.root, 0);
}

static void end(void)
{
    (void)close(beneath.root);
    local_free(&w);
}

/* Whether a path leads to the folder that `name` is. */
static void leads_to(const char *path, const char *name)
{
    struct stat got, want;
    int fd = beneath_open(&beneath, path);

    ck_assert_msg(fd >= 0, "%s: %s", path, strerror(errno));
    ck_assert_int_eq(fstat(fd, &got), 0);
    ck_assert_int_eq(stat(local_path(&w, name), &want), 0);
    ck_assert_uint_eq(got.st_ino, want.st_ino);
    (void)close(fd);
}

static void refused(const char *path, int os_errno)
{
    int fd = beneath_open(&beneath, path);

    ck_assert_msg(fd < 0, "%s was opened", path);
    ck_assert_msg(errno == os_errno, "%s: %s", path, strerror(errno));
}

static void ck_folders(bool by_hand)
{
    begin(by_hand);
    leads_to("", "root");
    leads_to("a", "root/a");
    leads_to("a/b", "root/a/b");
    refused("file", ENOTDIR);
    refused("missing", ENOENT);
    refused("a/missing/b", ENOENT);
    end();
}

static void ck_links(bool by_hand)
{
    begin(by_hand);
    refused("inner", ELOOP);
    refused("inner/b", ELOOP);
    refused("outer", ELOOP);
    refused("a/top/tmp", ELOOP);
    end();
}

START_TEST(folders_are_opened)
{
    ck_folders(false);
    ck_folders(true);
}
END_TEST

START_TEST(links_are_not_followed)
{
    ck_links(false);
    ck_links(true);
}
END_TEST

START_TEST(nothing_leads_out)
{
    begin(false);
    refused("..", EXDEV);
    refused("a/../../outside", EXDEV);
    refused("/tmp", EXDEV);
    beneath.by_hand = true;
    refused("..", EXDEV);
    refused("a/../../outside", EXDEV);
    refused("/tmp", ENOENT);
    end();
}
END_TEST

START_TEST(names_that_are_too_long_are_refused)
{
    char name[300];

    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    begin(true);
    refused(name, ENAMETOOLONG);
    end();
}
END_TEST

START_TEST(a_folder_that_may_not_be_read_is_opened_as_a_place)
{
    begin(false);
    ck_assert_int_eq(chmod(local_path(&w, "root/a"), 0300), 0);
    leads_to("a", "root/a");
    beneath.by_hand = true;
    leads_to("a", "root/a");
    end();
}
END_TEST

int main(void)
{
    return RUN_TESTS("xfer/beneath", folders_are_opened, links_are_not_followed, nothing_leads_out,
                     names_that_are_too_long_are_refused,
                     a_folder_that_may_not_be_read_is_opened_as_a_place);
}
