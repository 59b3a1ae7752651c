/* test_set.c: times and attributes (MS-SMB2 3.2.4.9, MS-FSCC 2.4.7). */
#include "proto/filetime.h"
#include "test/fs/fs_world.h"

static struct fs_world w;
static struct lsmb_share *share;

static void begin(void)
{
    fs_world_init(&w, NULL);
    (void)peer_add_file(&w.peer, "a.txt", "hello", 5);
    (void)peer_add_dir(&w.peer, "dir");
    share = fs_share(&w);
}

static void end(void)
{
    fs_turn(&w, 4);
    ck_assert(list_empty(&peer_find(&w.peer, "a.txt")->opens));
    lsmb_share_close(share);
    fs_world_free(&w);
}

START_TEST(all_times_and_attributes_are_set_at_once)
{
    const struct lsmb_set set = {.size = sizeof set,
                                 .created = 1000000000000000000,
                                 .accessed = 1100000000000000000,
                                 .written = 1200000000000000000,
                                 .changed = 1300000000000000000,
                                 .attributes = LSMB_ATTR_HIDDEN | LSMB_ATTR_READONLY};
    struct lsmb_stat stat;

    begin();
    fs_ok(&w, lsmb_set(share, "a.txt", &set, &w.err));
    fs_ok(&w, lsmb_stat(share, "a.txt", &stat, &w.err));
    ck_assert_int_eq(stat.created, set.created);
    ck_assert_int_eq(stat.accessed, set.accessed);
    ck_assert_int_eq(stat.written, set.written);
    ck_assert_int_eq(stat.changed, set.changed);
    ck_assert_uint_eq(stat.attributes, set.attributes);
    end();
}
END_TEST

/* MS-FSCC 2.4.7: 0 leaves a field alone. */
START_TEST(what_is_zero_stays_as_it_is)
{
    const struct lsmb_set set = {.size = sizeof set, .written = 1200000000000000000};
    struct lsmb_stat before, after;

    begin();
    fs_ok(&w, lsmb_stat(share, "a.txt", &before, &w.err));
    fs_ok(&w, lsmb_set(share, "a.txt", &set, &w.err));
    fs_ok(&w, lsmb_stat(share, "a.txt", &after, &w.err));
    ck_assert_int_eq(after.written, set.written);
    ck_assert_int_eq(after.created, before.created);
    ck_assert_int_eq(after.changed, before.changed);
    ck_assert_uint_eq(after.attributes, before.attributes);
    end();
}
END_TEST

START_TEST(attributes_can_be_taken_away_from_a_directory_too)
{
    struct lsmb_set set = {.size = sizeof set, .attributes = LSMB_ATTR_HIDDEN};
    struct lsmb_stat stat;

    begin();
    fs_ok(&w, lsmb_set(share, "dir", &set, &w.err));
    fs_ok(&w, lsmb_stat(share, "dir", &stat, &w.err));
    ck_assert_uint_eq(stat.attributes, LSMB_ATTR_DIRECTORY | LSMB_ATTR_HIDDEN);
    set.attributes = LSMB_ATTR_NORMAL;
    fs_ok(&w, lsmb_set(share, "dir", &set, &w.err));
    fs_ok(&w, lsmb_stat(share, "dir", &stat, &w.err));
    ck_assert_uint_eq(stat.attributes, LSMB_ATTR_DIRECTORY);
    end();
}
END_TEST

/* base/options.h: an older host's structure ends earlier. */
START_TEST(a_shorter_structure_sets_what_it_has)
{
    const struct lsmb_set set = {.size = offsetof(struct lsmb_set, attributes),
                                 .written = 1200000000000000000,
                                 .attributes = LSMB_ATTR_HIDDEN};
    struct lsmb_stat stat;

    begin();
    fs_ok(&w, lsmb_set(share, "a.txt", &set, &w.err));
    fs_ok(&w, lsmb_stat(share, "a.txt", &stat, &w.err));
    ck_assert_int_eq(stat.written, set.written);
    ck_assert(!(stat.attributes & LSMB_ATTR_HIDDEN));
    end();
}
END_TEST

START_TEST(a_refusal_says_what_and_where)
{
    const struct lsmb_set set = {.size = sizeof set, .written = 1};

    begin();
    fs_failed(&w, lsmb_set(share, "gone", &set, &w.err), LSMB_E_NOT_FOUND,
              (uint32_t)STATUS_OBJECT_NAME_NOT_FOUND);
    ck_assert_str_eq(w.err.path, "\\\\server\\share\\gone");
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_SET_INFO,
                                             .status = (uint32_t)STATUS_ACCESS_DENIED});
    fs_failed(&w, lsmb_set(share, "a.txt", &set, &w.err), LSMB_E_DENIED,
              (uint32_t)STATUS_ACCESS_DENIED);
    ck_assert_str_eq(w.err.step, "set times and attributes");
    end();
}
END_TEST

int main(void)
{
    return RUN_TESTS("fs/set", all_times_and_attributes_are_set_at_once,
                     what_is_zero_stays_as_it_is, attributes_can_be_taken_away_from_a_directory_too,
                     a_shorter_structure_sets_what_it_has, a_refusal_says_what_and_where);
}
