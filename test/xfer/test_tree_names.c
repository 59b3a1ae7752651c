/* test_tree_names.c: names in trees: what cannot be a name, and what is the same to the target. */
#include <errno.h>

#include "test/xfer/toy_tree.h"
#include "test/xfer/tree_world.h"

static struct tree_world w;

#define DIR LSMB_ATTR_DIRECTORY

/* ---------------------------------------------------------------- there and back */

static const char *const odd[] = {"a:b",    "a\"*<>?|b", "back\\slash",  "ends with a dot.",
                                  "space ", "\x01\x1F",  "ä€\U0001F600", "...",
                                  "-rf",    "a\nb"};

START_TEST(names_that_a_share_cannot_have_come_back_as_they_went)
{
    char name[128];

    tree_init_with(&w, NULL); /* its names are those of Windows */
    tree_mkdir(&w, "tree");
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        (void)snprintf(name, sizeof name, "tree/%s", odd[i]);
        tree_write(&w, name, odd[i]);
    }
    tree_mkdir(&w, "tree/folder. ");
    tree_write(&w, "tree/folder. /x:y", "inside");
    tree_ok(&w, tree_put(&w, "tree", "there"));
    ck_assert(peer_has(&w.fs.peer, "there/a\uF022b", "a:b", 3));
    ck_assert(peer_has(&w.fs.peer, "there/folder.\uF028/x\uF022y", "inside", 6));
    tree_ok(&w, tree_get(&w, "there", "back"));
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        (void)snprintf(name, sizeof name, "back/%s", odd[i]);
        tree_has(&w, name, odd[i]);
    }
    tree_has(&w, "back/folder. /x:y", "inside");
    tree_free(&w);
}
END_TEST

START_TEST(names_may_be_mapped_as_services_for_unix_did)
{
    tree_init_with(&w, NULL);
    w.share_opt.names = LSMB_NAMES_SFU;
    tree_mkdir(&w, "tree");
    tree_write(&w, "tree/a:b", "1");
    tree_ok(&w, tree_put(&w, "tree", "there"));
    ck_assert(peer_has(&w.fs.peer, "there/a\uF03Ab", "1", 1));
    tree_ok(&w, tree_get(&w, "there", "back"));
    tree_has(&w, "back/a:b", "1");
    tree_free(&w);
}
END_TEST

/* Else the first would become a file in a folder, and the other a stream. */
START_TEST(unmapped_names_never_become_paths_or_streams)
{
    tree_init(&w);
    w.share_opt.names = LSMB_NAMES_NONE;
    tree_mkdir(&w, "tree");
    tree_mkdir(&w, "tree/a");
    tree_write(&w, "tree/a\\b", "1");
    tree_partly(&w, tree_put(&w, "tree", "there"), "a\\b\n", LSMB_E_USAGE);
    ck_assert_ptr_null(peer_find(&w.fs.peer, "there/a/b"));
    ck_assert_int_eq(unlink(tree_local(&w, "tree/a\\b")), 0);
    tree_mkdir(&w, "tree/a:b");
    tree_write(&w, "tree/a:b/c", "1");
    tree_partly(&w, tree_put(&w, "tree", "there"), "a:b\n", LSMB_E_USAGE);
    tree_free(&w);
}
END_TEST

START_TEST(names_that_are_no_utf_8_fail_alone)
{
    tree_init(&w);
    tree_mkdir(&w, "tree");
    tree_write(&w, "tree/\xFF\xFE", "1");
    tree_write(&w, "tree/a", "1");
    tree_partly(&w, tree_put(&w, "tree", "there"), "\xFF\xFE\n", LSMB_E_USAGE);
    ck_assert_uint_eq(w.result.files, 1);
    tree_free(&w);
}
END_TEST

/* ---------------------------------------------------------------- the same to the target */

/* The first that is listed gets the name. */
static void ck_one_of_two(const char *a, const char *b)
{
    const struct toy_entry entries[] = {{"", a, 0, 0, "first"}, {"", b, 0, 0, "second"}};
    char failed[64];

    tree_init(&w);
    (void)snprintf(failed, sizeof failed, "%s\n", b);
    tree_partly(&w, tree_copy(&w, &toy_tree(w.fs.smb, entries, 2)->tree, tree_remote(&w, "there")),
                failed, LSMB_E_USAGE);
    ck_assert_uint_eq(w.result.files, 1);
    ck_assert_uint_eq(w.result.bytes, 5);
    tree_free(&w);
}

START_TEST(of_names_that_a_share_takes_for_one_the_first_is_copied)
{
    ck_one_of_two("a", "A");
    ck_one_of_two("Ä", "ä");
    ck_one_of_two("a:b", "a\uF022b");
    ck_one_of_two("a", "a");
}
END_TEST

START_TEST(folders_that_a_share_takes_for_one_are_not_mixed)
{
    static const struct toy_entry entries[] = {{"", "dir", DIR, 0, NULL},
                                               {"", "DIR", DIR, 0, NULL},
                                               {"dir", "a", 0, 0, "1"},
                                               {"DIR", "b", 0, 0, "2"}};

    tree_init(&w);
    tree_partly(&w, tree_copy(&w, &toy_tree(w.fs.smb, entries, 4)->tree, tree_remote(&w, "there")),
                "DIR\n", LSMB_E_USAGE);
    ck_assert(peer_has(&w.fs.peer, "there/dir/a", "1", 1));
    ck_assert_ptr_null(peer_find(&w.fs.peer, "there/dir/b"));
    tree_free(&w);
}
END_TEST

START_TEST(this_machine_tells_them_apart)
{
    static const struct toy_entry entries[] = {
        {"", "a", 0, 0, "1"}, {"", "A", 0, 0, "2"}, {"", "a", 0, 0, "3"}};

    tree_init(&w);
    tree_partly(&w, tree_copy(&w, &toy_tree(w.fs.smb, entries, 3)->tree, tree_here(&w, "here")),
                "a\n", LSMB_E_USAGE);
    tree_has(&w, "here/a", "1");
    tree_has(&w, "here/A", "2");
    tree_free(&w);
}
END_TEST

/* ---------------------------------------------------------------- names that are none */

START_TEST(what_is_no_name_is_refused)
{
    static const struct toy_entry entries[] = {{"", "", 0, 0, "x"},
                                               {"", "a/b", 0, 0, "x"},
                                               {"", "/etc/passwd", 0, 0, "x"},
                                               {"", "../up", 0, 0, "x"},
                                               {"", "a", 0, 0, "1"}};

    tree_init(&w);
    ck_assert_int_eq(tree_copy(&w, &toy_tree(w.fs.smb, entries, 5)->tree, tree_here(&w, "here")),
                     LSMB_E_PARTLY);
    ck_assert_uint_eq(w.result.failed, 4);
    tree_only(&w, "here", 1);
    tree_only(&w, "", 1);
    tree_free(&w);
}
END_TEST

START_TEST(what_the_source_takes_for_no_file_fails_and_nothing_else)
{
    static const struct toy_entry entries[] = {{"", "..", TOY_NONE, 0, NULL},
                                               {"", ".", TOY_NONE, 0, NULL},
                                               {"", "a?", TOY_NONE, 0, "x"},
                                               {"", "a", 0, 0, "1"}};

    tree_init(&w);
    tree_partly(&w, tree_copy(&w, &toy_tree(w.fs.smb, entries, 4)->tree, tree_here(&w, "here")),
                "..\n.\na?\n", LSMB_E_USAGE);
    tree_has(&w, "here/a", "1");
    ck_assert_uint_eq(w.result.files, 1);
    tree_free(&w);
}
END_TEST

/* A trailing dot may be mapped; it must not make ".." of what is none. */
START_TEST(no_server_lists_its_way_out)
{
    tree_init(&w);
    peer_add_file(&w.fs.peer, "tree/.\uF029", "1", 1);
    peer_add_file(&w.fs.peer, "tree/\uF029/x", "2", 1);
    tree_ok(&w, tree_get(&w, "tree", "here"));
    tree_has(&w, "here/.\uF029", "1");
    tree_has(&w, "here/\uF029/x", "2");
    tree_only(&w, "", 1);
    tree_free(&w);
}
END_TEST

START_TEST(names_too_long_for_this_machine_fail_alone)
{
    char name[300] = "tree/";

    tree_init(&w);
    for (size_t i = 0, len = strlen(name); i < 90; i++, len += 3) {
        memcpy(name + len, "€", 4); /* 270 bytes in all */
    }
    peer_add_file(&w.fs.peer, name, "1", 1);
    peer_add_file(&w.fs.peer, "tree/a", "1", 1);
    ck_assert_int_eq(tree_get(&w, "tree", "here"), LSMB_E_PARTLY);
    ck_assert_int_eq(w.first.os_errno, ENAMETOOLONG);
    tree_only(&w, "here", 1);
    tree_free(&w);
}
END_TEST

/* ---------------------------------------------------------------- links that servers follow */

START_TEST(a_folder_that_lies_elsewhere_is_a_link)
{
    static const struct toy_entry entries[] = {
        {"", ".", DIR, 1, NULL},    {"", "..", DIR, 99, NULL},    {"", "dir", DIR, 2, NULL},
        {"", "link", DIR, 3, NULL}, {"dir", ".", DIR, 2, NULL},   {"dir", "..", DIR, 1, NULL},
        {"dir", "a", 0, 0, "1"},    {"link", ".", DIR, 3, NULL},  {"link", "..", DIR, 77, NULL},
        {"link", "b", 0, 0, "2"},   {"link", "dir", DIR, 9, NULL}};

    tree_init(&w);
    tree_ok(&w, tree_copy(&w, &toy_tree(w.fs.smb, entries, 11)->tree, tree_here(&w, "here")));
    ck_assert_uint_eq(w.result.links, 1);
    ck_assert_uint_eq(w.result.found, 1);
    ck_assert_uint_eq(w.result.folders, 1);
    tree_has(&w, "here/dir/a", "1");
    tree_only(&w, "here", 1);
    tree_free(&w);
}
END_TEST

/* A server that says nothing of links, and lists a folder in itself. */
static void *list_itself(struct lsmb_tree *tree, const char *path)
{
    (void)path;
    return toy_list(tree, "");
}

START_TEST(a_circle_ends)
{
    static const struct toy_entry entries[] = {{"", "x", DIR, 0, NULL}};
    struct toy_tree *toy;
    struct lsmb_tree_ops ops;

    tree_init(&w);
    toy = toy_tree(w.fs.smb, entries, 1);
    ops = *toy->tree.ops;
    ops.list = list_itself;
    toy->tree.ops = &ops;
    ck_assert_int_eq(tree_copy(&w, &toy->tree, tree_here(&w, "here")), LSMB_E_PARTLY);
    ck_assert_str_eq(w.first.reason, "it lies too deep");
    ck_assert_uint_le(w.result.folders, 1024);
    tree_free(&w);
}
END_TEST

/* ---------------------------------------------------------------- names of snapshots */

#define SNAPSHOT "@GMT-2020.01.02-03.04.05"

START_TEST(a_folder_with_the_name_of_a_snapshot_is_not_taken_for_one)
{
    tree_init(&w);
    peer_add_file(&w.fs.peer, "tree/" SNAPSHOT "/b", "1", 1);
    peer_add_file(&w.fs.peer, "tree/a", "1", 1);
    tree_partly(&w, tree_get(&w, "tree", "here"), SNAPSHOT "\n", LSMB_E_USAGE);
    tree_has(&w, "here/a", "1");
    tree_only(&w, "here", 1);
    tree_free(&w);
}
END_TEST

START_TEST(a_file_with_the_name_of_a_snapshot_is_not_taken_for_one)
{
    tree_init(&w);
    peer_add_file(&w.fs.peer, "tree/" SNAPSHOT, "1", 1);
    tree_partly(&w, tree_get(&w, "tree", "here"), SNAPSHOT "\n", LSMB_E_USAGE);
    tree_only(&w, "here", 0);
    tree_free(&w);
}
END_TEST

START_TEST(nothing_with_the_name_of_a_snapshot_is_made)
{
    tree_init(&w);
    tree_mkdir(&w, "tree");
    tree_write(&w, "tree/" SNAPSHOT, "1");
    tree_write(&w, "tree/@GMT-2020.13.02-03.04.05", "no such month");
    tree_partly(&w, tree_put(&w, "tree", "there"), SNAPSHOT "\n", LSMB_E_USAGE);
    ck_assert_uint_eq(w.result.files, 1);
    tree_free(&w);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "xfer/tree_names", names_that_a_share_cannot_have_come_back_as_they_went,
        names_may_be_mapped_as_services_for_unix_did, unmapped_names_never_become_paths_or_streams,
        names_that_are_no_utf_8_fail_alone, of_names_that_a_share_takes_for_one_the_first_is_copied,
        folders_that_a_share_takes_for_one_are_not_mixed, this_machine_tells_them_apart,
        what_is_no_name_is_refused, what_the_source_takes_for_no_file_fails_and_nothing_else,
        no_server_lists_its_way_out, names_too_long_for_this_machine_fail_alone,
        a_folder_that_lies_elsewhere_is_a_link, a_circle_ends,
        a_folder_with_the_name_of_a_snapshot_is_not_taken_for_one,
        a_file_with_the_name_of_a_snapshot_is_not_taken_for_one,
        nothing_with_the_name_of_a_snapshot_is_made);
}
