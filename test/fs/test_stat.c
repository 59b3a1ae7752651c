/* test_stat.c: what a name stands for (MS-SMB2 2.2.14, 2.2.14.2.9). */
#include "fs/stat.h"
#include "test/fs/fs_world.h"

static struct fs_world w;
static struct lsmb_share *share;

static void begin(void)
{
    fs_world_init(&w, NULL);
    share = fs_share(&w);
}

static void end(void)
{
    lsmb_share_close(share);
    fs_world_free(&w);
}

START_TEST(a_file_is_described)
{
    struct lsmb_stat stat;

    begin();
    struct peer_node *file = peer_add_file(&w.peer, "dir/a.txt", "hello", 5);
    file->created = 132854688000000000; /* 2022-01-01 */
    file->accessed = 0;
    file->attributes = FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_ARCHIVE;
    memset(&stat, 0xAA, sizeof stat);
    fs_ok(&w, lsmb_stat(share, "dir/a.txt", &stat, &w.err));
    ck_assert_uint_eq(stat.bytes, 5);
    ck_assert_uint_eq(stat.allocated_bytes, 4096);
    ck_assert_int_eq(stat.created, 1640995200000000000);
    ck_assert_int_eq(stat.accessed, 0);
    ck_assert_int_eq(stat.written, 1700000000000000000);
    ck_assert_int_eq(stat.changed, 1700000000000000000);
    ck_assert_uint_eq(stat.attributes, LSMB_ATTR_READONLY | LSMB_ATTR_ARCHIVE);
    ck_assert_uint_eq(stat.file_id, file->id);
    ck_assert(list_empty(&file->opens));
    end();
}
END_TEST

START_TEST(a_directory_is_described)
{
    struct lsmb_stat stat;

    begin();
    (void)peer_add_dir(&w.peer, "dir");
    fs_ok(&w, lsmb_stat(share, "dir/", &stat, &w.err));
    ck_assert_uint_eq(stat.attributes, LSMB_ATTR_DIRECTORY);
    fs_ok(&w, lsmb_stat(share, "", &stat, &w.err));
    ck_assert_uint_eq(stat.attributes, LSMB_ATTR_DIRECTORY);
    end();
}
END_TEST

static void drop_contexts(struct peer_reply *reply)
{
    memset(reply->bytes + SMB2_HEADER_LEN + 80, 0, 8); /* CreateContextsOffset, -Length */
    reply->len = SMB2_HEADER_LEN + 88;
}

START_TEST(a_server_without_file_numbers_is_fine)
{
    struct lsmb_stat stat;

    begin();
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_CREATE, .edit = drop_contexts});
    fs_ok(&w, lsmb_stat(share, "", &stat, &w.err));
    ck_assert_uint_eq(stat.file_id, 0);
    end();
}
END_TEST

START_TEST(what_is_not_there_is_not_found)
{
    struct lsmb_stat stat = {.bytes = 42};

    begin();
    (void)peer_add_file(&w.peer, "file", NULL, 0);
    fs_failed(&w, lsmb_stat(share, "nothing", &stat, &w.err), LSMB_E_NOT_FOUND,
              (uint32_t)STATUS_OBJECT_NAME_NOT_FOUND);
    fs_failed(&w, lsmb_stat(share, "file/a", &stat, &w.err), LSMB_E_NOT_FOUND,
              (uint32_t)STATUS_OBJECT_PATH_NOT_FOUND);
    ck_assert_uint_eq(stat.bytes, 42);
    end();
}
END_TEST

/* CREATE tells it all. */
START_TEST(two_requests_are_enough)
{
    struct lsmb_stat stat;

    begin();
    (void)peer_add_file(&w.peer, "a", "hello", 5);
    fs_ok(&w, lsmb_stat(share, "a", &stat, &w.err));
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CREATE), 1);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CLOSE), 1);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_QUERY_INFO), 0);
    end();
}
END_TEST

enum { MANY = 3000 };

static struct lsmb_stat stats[MANY];
static struct fs_done dones[MANY];

/* Ask for all of them at once, and wait for the answers. */
static void stat_many(void)
{
    memset(dones, 0, sizeof dones);
    for (unsigned i = 0; i < MANY; i++) {
        ck_assert_ptr_nonnull(lsmb_stat_start(share, "a.txt", &stats[i], fs_done, &dones[i]));
    }
    for (unsigned i = 0; i < MANY; i++) {
        ck_assert_int_eq(lsmb_turn_until(w.smb, &dones[i].finished), LSMB_OK);
    }
}

START_TEST(thousands_may_be_asked_for_at_once)
{
    begin();
    (void)peer_add_file(&w.peer, "a.txt", "hello", 5);
    stat_many();
    for (unsigned i = 0; i < MANY; i++) {
        ck_assert_msg(dones[i].err.code == LSMB_OK, "%u: %s", i, dones[i].err.reason);
        ck_assert_uint_eq(stats[i].bytes, 5);
    }
    end();
}
END_TEST

START_TEST(what_there_is_no_memory_to_ask_fails_alone)
{
    unsigned failed = 0;

    begin();
    (void)peer_add_file(&w.peer, "a.txt", "hello", 5);
    w.smb->env.pool.limit = w.smb->env.pool.reserve = 1 << 20;
    stat_many();
    for (unsigned i = 0; i < MANY; i++) {
        if (dones[i].err.code != LSMB_OK) {
            ck_assert_int_eq(dones[i].err.code, LSMB_E_NOMEM);
            failed++;
        }
    }
    ck_assert_uint_gt(failed, 0);
    ck_assert_uint_lt(failed, MANY);
    ck_assert_uint_eq(w.dialled, 1); /* the connection lives */
    fs_ok(&w, lsmb_stat(share, "a.txt", &stats[0], &w.err));
    end();
}
END_TEST

START_TEST(one_file_is_known_by_its_number_and_its_times)
{
    const struct lsmb_stat file = {
        .bytes = 5, .created = 100, .written = 200, .changed = 300, .file_id = 7};
    struct lsmb_stat others[] = {file, file, file, file, file};
    struct lsmb_stat nameless = file, local = file;

    others[0].file_id = 8;
    others[1].bytes = 6;
    others[2].created = 900; /* the same number on another volume */
    others[3].written = 900;
    others[4].changed = 900;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        ck_assert_msg(!stat_same_file(&file, &others[i]), "%zu", i);
    }
    ck_assert(stat_same_file(&file, &file));
    nameless.file_id = 0;
    ck_assert(!stat_same_file(&nameless, &nameless));
    local.created = 0;
    local.written += 99; /* more exact than a FILETIME */
    ck_assert(stat_same_file(&file, &local));
}
END_TEST

int main(void)
{
    return RUN_TESTS("fs/stat", one_file_is_known_by_its_number_and_its_times, a_file_is_described,
                     a_directory_is_described, a_server_without_file_numbers_is_fine,
                     what_is_not_there_is_not_found, two_requests_are_enough,
                     thousands_may_be_asked_for_at_once,
                     what_there_is_no_memory_to_ask_fails_alone);
}
