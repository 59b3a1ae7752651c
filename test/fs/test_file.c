/* test_file.c: files that are held open: opening, reading, writing, flushing, closing them. */
#include "fs/file.h"

#include <limits.h>

#include "test/fs/fs_world.h"

static const size_t SMALL = 65536;

enum { LONG = 10 * 65536 + 123 };

static struct fs_world w;
static struct lsmb_share *share;
static struct lsmb_file *file;
static uint8_t content[LONG], memory[LONG + 100];

static void begin_with(const struct peer_config *config)
{
    fs_world_init(&w, config);
    share = fs_share(&w);
    file = NULL;
    for (size_t i = 0; i < LONG; i++) {
        content[i] = (uint8_t)(i * 7 + i / 251);
    }
    memset(memory, 0xEE, sizeof memory);
}

/* READ and WRITE move 64 KiB at most. */
static void begin(void)
{
    struct peer_config config = peer_defaults();

    config.max_read = config.max_write = 65536;
    begin_with(&config);
}

static void end(void)
{
    fs_turn(&w, 4);
    ck_assert_uint_eq(w.smb->env.pool.ticketed, 0);
    lsmb_share_close(share);
    fs_world_free(&w);
}

static enum lsmb_code open_file(const char *path, unsigned flags)
{
    return lsmb_file_open(share, path, flags, &file, &w.err);
}

/* With "a.txt", that holds so much of `content`. */
static void begin_open(size_t len, unsigned flags)
{
    begin();
    (void)peer_add_file(&w.peer, "a.txt", content, len);
    fs_ok(&w, open_file("a.txt", flags));
}

static void end_close(void)
{
    fs_ok(&w, lsmb_file_close(file, &w.err));
    ck_assert(list_empty(&peer_find(&w.peer, "a.txt")->opens));
    end();
}

/* ---------------------------------------------------------------- open and close */

START_TEST(flags_say_what_becomes_of_a_file)
{
    static const struct {
        unsigned flags;
        bool opens_old, opens_new;
        size_t left; /* of the five bytes of an old one */
    } cases[] = {
        {LSMB_OPEN_READ, true, false, 5},
        {LSMB_OPEN_WRITE, true, false, 5},
        {LSMB_OPEN_WRITE | LSMB_OPEN_CREATE, true, true, 5},
        {LSMB_OPEN_WRITE | LSMB_OPEN_CREATE | LSMB_OPEN_EXCLUSIVE, false, true, 5},
        {LSMB_OPEN_WRITE | LSMB_OPEN_TRUNCATE, true, false, 0},
        {LSMB_OPEN_WRITE | LSMB_OPEN_CREATE | LSMB_OPEN_TRUNCATE, true, true, 0},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin();
        (void)peer_add_file(&w.peer, "old", "hello", 5);
        ck_assert_int_eq(open_file("old", cases[i].flags) == LSMB_OK, cases[i].opens_old);
        ck_assert_uint_eq(peer_find(&w.peer, "old")->size, cases[i].left);
        (void)lsmb_file_close(cases[i].opens_old ? file : NULL, NULL);
        ck_assert_int_eq(open_file("new", cases[i].flags) == LSMB_OK, cases[i].opens_new);
        ck_assert_int_eq(peer_find(&w.peer, "new") != NULL, cases[i].opens_new);
        (void)lsmb_file_close(cases[i].opens_new ? file : NULL, NULL);
        end();
    }
}
END_TEST

START_TEST(flags_that_make_no_sense_are_refused)
{
    static const unsigned bad[] = {
        0,
        LSMB_OPEN_CREATE,
        LSMB_OPEN_READ | LSMB_OPEN_TRUNCATE,
        LSMB_OPEN_WRITE | LSMB_OPEN_EXCLUSIVE,
        LSMB_OPEN_READ | 0x80000000u,
    };

    begin();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        fs_failed(&w, open_file("a.txt", bad[i]), LSMB_E_USAGE, 0);
    }
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CREATE), 0);
    end();
}
END_TEST

START_TEST(others_are_kept_out_as_the_flags_say)
{
    struct lsmb_file *mine;

    begin();
    (void)peer_add_file(&w.peer, "a.txt", "hello", 5);
    fs_ok(&w, lsmb_file_open(share, "a.txt", LSMB_OPEN_READ | LSMB_OPEN_DENY_WRITE, &mine, &w.err));
    fs_failed(&w, open_file("a.txt", LSMB_OPEN_WRITE), LSMB_E_DENIED, 0xC0000043);
    ck_assert_str_eq(w.err.path, "\\\\server\\share\\a.txt");
    fs_ok(&w, open_file("a.txt", LSMB_OPEN_READ));
    (void)lsmb_file_close(file, NULL);
    fs_failed(&w, open_file("a.txt", LSMB_OPEN_READ | LSMB_OPEN_DENY_READ), LSMB_E_DENIED,
              0xC0000043);
    fs_ok(&w, lsmb_remove(share, "a.txt", &w.err)); /* nobody denied that */
    (void)lsmb_file_close(mine, NULL);
    ck_assert_ptr_null(peer_find(&w.peer, "a.txt"));
    end();
}
END_TEST

START_TEST(a_directory_is_no_file)
{
    begin();
    (void)peer_add_dir(&w.peer, "dir");
    fs_failed(&w, open_file("dir", LSMB_OPEN_READ), LSMB_E_STATUS, 0xC00000BA);
    end();
}
END_TEST

START_TEST(a_file_is_described_as_it_was_opened)
{
    struct lsmb_stat stat;

    begin_open(5, LSMB_OPEN_READ | LSMB_OPEN_WRITE);
    fs_ok(&w, lsmb_file_write(file, "longer", 6, 0, &w.err));
    lsmb_file_stat(file, &stat);
    ck_assert_uint_eq(stat.bytes, 5);
    ck_assert_uint_eq(stat.file_id, peer_find(&w.peer, "a.txt")->id);
    ck_assert_int_eq(stat.written, 1700000000000000000);
    end_close();
}
END_TEST

START_TEST(a_file_is_flushed)
{
    begin_open(5, LSMB_OPEN_WRITE);
    fs_ok(&w, lsmb_file_flush(file, &w.err));
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_FLUSH), 1);
    peer_script(&w.peer,
                &(struct peer_rule){.command = SMB2_FLUSH, .status = (uint32_t)STATUS_DISK_FULL});
    fs_failed(&w, lsmb_file_flush(file, &w.err), LSMB_E_STATUS, (uint32_t)STATUS_DISK_FULL);
    ck_assert_str_eq(w.err.path, "\\\\server\\share\\a.txt");
    end_close();
}
END_TEST

START_TEST(closing_says_how_it_went_and_the_file_is_gone)
{
    begin_open(5, LSMB_OPEN_WRITE);
    peer_script(&w.peer,
                &(struct peer_rule){.command = SMB2_CLOSE, .status = (uint32_t)STATUS_DISK_FULL});
    fs_failed(&w, lsmb_file_close(file, &w.err), LSMB_E_STATUS, (uint32_t)STATUS_DISK_FULL);
    ck_assert_str_eq(w.err.path, "\\\\server\\share\\a.txt");
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CLOSE), 1);
    ck_assert_int_eq(lsmb_file_close(NULL, &w.err), LSMB_OK);
    ck_assert_int_eq(w.err.code, LSMB_OK);
    ck_assert_ptr_null(lsmb_file_close_start(NULL, fs_done, NULL));
    end();
}
END_TEST

START_TEST(an_open_file_goes_with_its_context)
{
    begin_open(LONG, LSMB_OPEN_READ);
    struct fs_done done = {0};
    size_t got;

    peer_script(&w.peer,
                &(struct peer_rule){.command = SMB2_READ, .times = UINT_MAX, .fate = PEER_DROP});
    ck_assert_ptr_nonnull(lsmb_file_read_start(file, memory, LONG, 0, &got, fs_done, &done));
    fs_turn(&w, 4);
    peer_door_close(&w.door);
    lsmb_free(w.smb);
    ck_assert(!done.finished);
    peer_free(&w.peer);
    script_env_free(&w.script);
}
END_TEST

/* ---------------------------------------------------------------- reading */

static void ck_read(size_t len, uint64_t offset, size_t want)
{
    size_t got = SIZE_MAX;

    memset(memory, 0xEE, sizeof memory);
    fs_ok(&w, lsmb_file_read(file, memory, len, offset, &got, &w.err));
    ck_assert_uint_eq(got, want);
    if (want > 0) {
        ck_assert_mem_eq(memory, content + offset, want);
    }
    ck_assert_uint_eq(memory[len], 0xEE);
}

START_TEST(a_read_gives_what_is_there)
{
    begin_open(LONG, LSMB_OPEN_READ);
    ck_read(LONG, 0, LONG);
    ck_read(LONG + 50, 0, LONG);
    ck_read(5, 3, 5);
    ck_read(SMALL, 100, SMALL);
    ck_read(SMALL + 1, 100, SMALL + 1);
    ck_read(100, LONG - 10, 10);
    ck_read(10, LONG, 0);
    ck_read(10, LONG + 1000, 0);
    ck_read(3 * SMALL, 9 * SMALL, SMALL + 123);
    end_close();
}
END_TEST

START_TEST(nothing_is_read_without_asking)
{
    begin_open(5, LSMB_OPEN_READ);
    ck_read(0, 0, 0);
    ck_read(0, INT64_MAX, 0);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_READ), 0);
    end_close();
}
END_TEST

START_TEST(many_reads_are_in_flight)
{
    struct fs_done done = {0};
    size_t got;

    begin_open(LONG, LSMB_OPEN_READ);
    peer_script(&w.peer,
                &(struct peer_rule){.command = SMB2_READ, .times = UINT_MAX, .fate = PEER_HOLD});
    ck_assert_ptr_nonnull(lsmb_file_read_start(file, memory, LONG, 0, &got, fs_done, &done));
    fs_turn(&w, 8);
    ck_assert_uint_gt(peer_count(&w.peer, SMB2_READ), 4);
    ck_assert_uint_gt(w.smb->env.pool.ticketed, 4 * SMALL);
    peer_unscript(&w.peer);
    peer_release(w.links[0]->link);
    ck_assert_int_eq(lsmb_turn_until(w.smb, &done.finished), LSMB_OK);
    ck_assert_int_eq(done.err.code, LSMB_OK);
    ck_assert_uint_eq(got, LONG);
    ck_assert_mem_eq(memory, content, LONG);
    end_close();
}
END_TEST

/* Set the DataLength of a READ's reply, or the Count of a WRITE's; both are at the same place. */
static void halve(struct peer_reply *reply)
{
    struct rd r = rd_from((struct span){reply->bytes, reply->len}, SMB2_HEADER_LEN + 4);
    struct wr count = wr_from(reply->bytes + SMB2_HEADER_LEN + 4, 4);

    wr_u32(&count, rd_u32(&r) / 2);
}

static void to_nothing(struct peer_reply *reply)
{
    struct wr count = wr_from(reply->bytes + SMB2_HEADER_LEN + 4, 4);

    wr_u32(&count, 0);
}

START_TEST(a_short_answer_is_not_the_end) /* MS-SMB2 3.2.5.11 */
{
    begin_open(LONG, LSMB_OPEN_READ);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_READ, .times = 12, .edit = halve});
    ck_read(LONG, 0, LONG);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_READ, .edit = halve});
    ck_read(LONG, 5 * SMALL, LONG - 5 * SMALL);
    end_close();
}
END_TEST

START_TEST(an_empty_answer_is_the_end)
{
    size_t got;

    begin_open(LONG, LSMB_OPEN_READ);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_READ, .skip = 2, .edit = to_nothing});
    fs_ok(&w, lsmb_file_read(file, memory, LONG, 0, &got, &w.err));
    ck_assert_uint_eq(got, 2 * SMALL);
    ck_assert_mem_eq(memory, content, got);
    end_close();
}
END_TEST

START_TEST(a_file_that_is_cut_while_it_is_read_ends_there)
{
    size_t got;

    begin_open(LONG, LSMB_OPEN_READ);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_READ,
                                             .skip = 1,
                                             .status = (uint32_t)STATUS_END_OF_FILE});
    fs_ok(&w, lsmb_file_read(file, memory, LONG, 0, &got, &w.err));
    ck_assert_uint_eq(got, SMALL);
    end_close();
}
END_TEST

START_TEST(a_read_that_fails_says_what_and_where)
{
    size_t got;

    begin_open(LONG, LSMB_OPEN_WRITE);
    fs_failed(&w, lsmb_file_read(file, memory, LONG, 0, &got, &w.err), LSMB_E_DENIED,
              (uint32_t)STATUS_ACCESS_DENIED);
    ck_assert_str_eq(w.err.step, "read");
    ck_assert_str_eq(w.err.path, "\\\\server\\share\\a.txt");
    fs_failed(&w, lsmb_file_read(file, memory, 2, INT64_MAX - 1u, &got, &w.err), LSMB_E_USAGE, 0);
    fs_failed(&w, lsmb_file_read(file, memory, 1, UINT64_MAX, &got, &w.err), LSMB_E_USAGE, 0);
    end_close();
}
END_TEST

START_TEST(a_read_can_be_cancelled)
{
    struct fs_done done = {0};
    size_t got;

    begin_open(LONG, LSMB_OPEN_READ);
    peer_script(&w.peer, &(struct peer_rule){
                             .command = SMB2_READ, .times = 3, .fate = PEER_HOLD, .pendings = 1});
    struct lsmb_job *job = lsmb_file_read_start(file, memory, LONG, 0, &got, fs_done, &done);
    fs_turn(&w, 8);
    lsmb_job_cancel(job, NULL);
    ck_assert_int_eq(lsmb_turn_until(w.smb, &done.finished), LSMB_OK);
    ck_assert_int_eq(done.err.code, LSMB_E_CANCELLED);
    ck_assert_uint_eq(w.smb->env.pool.ticketed, 0);
    fs_turn(&w, 8);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CANCEL), 3);
    ck_read(LONG, 0, LONG);
    end_close();
}
END_TEST

enum { MANY = 40 };

/* Start so many reads of all, with memory for three pieces. */
static uint8_t *read_at_once(struct lsmb_job **jobs, struct fs_done *ends, size_t *got)
{
    uint8_t *room = calloc(MANY, LONG);

    begin_open(LONG, LSMB_OPEN_READ);
    w.smb->env.pool.limit = 4 * SMALL;
    memset(ends, 0, MANY * sizeof *ends);
    for (size_t i = 0; i < MANY; i++) {
        jobs[i] = lsmb_file_read_start(file, room + i * LONG, LONG, 0, &got[i], fs_done, &ends[i]);
        ck_assert_ptr_nonnull(jobs[i]);
    }
    return room;
}

START_TEST(little_memory_is_enough_for_many)
{
    struct lsmb_job *jobs[MANY];
    struct fs_done ends[MANY];
    size_t got[MANY];
    uint8_t *room = read_at_once(jobs, ends, got);

    while (!list_empty(&w.smb->jobs)) {
        fs_turn(&w, 1);
        ck_assert_uint_le(w.smb->env.pool.ticketed, w.smb->env.pool.limit);
    }
    for (size_t i = 0; i < MANY; i++) {
        ck_assert(ends[i].finished && ends[i].err.code == LSMB_OK);
        ck_assert_uint_eq(got[i], LONG);
        ck_assert_mem_eq(room + i * LONG, content, LONG);
    }
    ck_assert_uint_eq(w.smb->pieces, 0);
    free(room);
    end_close();
}
END_TEST

START_TEST(who_waits_for_memory_can_be_cancelled)
{
    struct lsmb_job *jobs[MANY];
    struct fs_done ends[MANY];
    size_t got[MANY];
    uint8_t *room = read_at_once(jobs, ends, got);

    fs_turn(&w, 1);
    ck_assert(!list_empty(&w.smb->hungry));
    for (size_t i = 0; i < MANY; i += 2) {
        lsmb_job_cancel(jobs[i], NULL);
    }
    while (!list_empty(&w.smb->jobs)) {
        fs_turn(&w, 1);
    }
    for (size_t i = 0; i < MANY; i++) {
        ck_assert_int_eq(ends[i].err.code, i % 2 == 0 ? LSMB_E_CANCELLED : LSMB_OK);
    }
    ck_assert(list_empty(&w.smb->hungry));
    free(room);
    end_close();
}
END_TEST

/* ---------------------------------------------------------------- writing */

START_TEST(what_is_written_is_there)
{
    begin_open(0, LSMB_OPEN_READ | LSMB_OPEN_WRITE);
    fs_ok(&w, lsmb_file_write(file, content, LONG, 0, &w.err));
    ck_assert(peer_has(&w.peer, "a.txt", content, LONG));
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_WRITE), 11);
    fs_ok(&w, lsmb_file_write(file, "x", 1, 2, &w.err));
    content[2] = 'x';
    ck_assert(peer_has(&w.peer, "a.txt", content, LONG));
    fs_ok(&w, lsmb_file_write(file, content, 0, 0, &w.err));
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_WRITE), 12);
    ck_read(LONG, 0, LONG);
    end_close();
}
END_TEST

START_TEST(the_rest_of_a_short_write_is_sent_again) /* MS-SMB2 3.2.5.12 */
{
    begin_open(0, LSMB_OPEN_WRITE);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_WRITE, .times = 5, .edit = halve});
    fs_ok(&w, lsmb_file_write(file, content, LONG, 0, &w.err));
    ck_assert(peer_has(&w.peer, "a.txt", content, LONG));
    ck_assert_uint_gt(peer_count(&w.peer, SMB2_WRITE), 11);
    end_close();
}
END_TEST

START_TEST(a_write_of_nothing_is_an_error_and_no_loop)
{
    begin_open(0, LSMB_OPEN_WRITE);
    peer_script(&w.peer,
                &(struct peer_rule){.command = SMB2_WRITE, .times = UINT_MAX, .edit = to_nothing});
    fs_failed(&w, lsmb_file_write(file, content, 10, 0, &w.err), LSMB_E_PROTOCOL, 0);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_WRITE), 1);
    end_close();
}
END_TEST

START_TEST(a_write_that_fails_says_what_and_where)
{
    begin_open(0, LSMB_OPEN_WRITE);
    w.peer.store.capacity = 3 * SMALL;
    fs_failed(&w, lsmb_file_write(file, content, LONG, 0, &w.err), LSMB_E_STATUS,
              (uint32_t)STATUS_DISK_FULL);
    ck_assert_str_eq(w.err.step, "write");
    ck_assert_str_eq(w.err.path, "\\\\server\\share\\a.txt");
    fs_failed(&w, lsmb_file_write(file, content, 2, INT64_MAX - 1u, &w.err), LSMB_E_USAGE, 0);
    end_close();
}
END_TEST

START_TEST(a_lost_connection_ends_what_runs)
{
    struct fs_done done = {0};

    begin_open(0, LSMB_OPEN_WRITE);
    peer_script(&w.peer,
                &(struct peer_rule){.command = SMB2_WRITE, .times = UINT_MAX, .fate = PEER_HOLD});
    ck_assert_ptr_nonnull(lsmb_file_write_start(file, content, LONG, 0, fs_done, &done));
    fs_turn(&w, 8);
    fs_hang_up(&w, 0);
    ck_assert_int_eq(lsmb_turn_until(w.smb, &done.finished), LSMB_OK);
    ck_assert_int_eq(done.err.code, LSMB_E_NETWORK);
    ck_assert_uint_eq(w.smb->env.pool.ticketed, 0);
    fs_failed(&w, lsmb_file_write(file, content, 1, 0, &w.err), LSMB_E_NETWORK, 0);
    fs_failed(&w, lsmb_file_close(file, &w.err), LSMB_E_NETWORK, 0);
    end();
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "fs/file", flags_say_what_becomes_of_a_file, flags_that_make_no_sense_are_refused,
        others_are_kept_out_as_the_flags_say, a_directory_is_no_file,
        a_file_is_described_as_it_was_opened, a_file_is_flushed,
        closing_says_how_it_went_and_the_file_is_gone, an_open_file_goes_with_its_context,
        a_read_gives_what_is_there, nothing_is_read_without_asking, many_reads_are_in_flight,
        a_short_answer_is_not_the_end, an_empty_answer_is_the_end,
        a_file_that_is_cut_while_it_is_read_ends_there, a_read_that_fails_says_what_and_where,
        a_read_can_be_cancelled, little_memory_is_enough_for_many,
        who_waits_for_memory_can_be_cancelled, what_is_written_is_there,
        the_rest_of_a_short_write_is_sent_again, a_write_of_nothing_is_an_error_and_no_loop,
        a_write_that_fails_says_what_and_where, a_lost_connection_ends_what_runs);
}
