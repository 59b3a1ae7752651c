/* test_share_fetch.c: small files in one round trip (MS-SMB2 3.2.4.1.4, 2.2.16). */
#include "test/failmalloc.h"

#include "proto/tree.h"
#include "test/xfer/share_world.h"
#include "xfer/slot.h"
#include "xfer/turns.h"

enum { LIMIT = 10000 };

/* Where a test finds what it changes in an answer: MS-SMB2 2.2.14, 2.2.16, 2.2.20. */
enum {
    CREATE_END_OF_FILE = SMB2_HEADER_LEN + 48,
    CLOSE_FLAGS = SMB2_HEADER_LEN + 2,
    CLOSE_WRITTEN = SMB2_HEADER_LEN + 24,
    READ_LENGTH = SMB2_HEADER_LEN + 4,
};

/* A file that is fetched, by an engine that does nothing else. */
static struct fetch_world {
    struct fs_world w;
    struct lsmb_share *share;
    struct lsmb_source *source;
    struct slot slot;
    struct lsmb_stat stat;
    struct lsmb_wait wait;
    struct lsmb_error err;
    bool whole, answered;
} f;

static void on_answer(struct ready *ready)
{
    f.answered = ready == &f.wait.ready; /* no ck_assert: it takes memory */
}

static struct lsmb_wait *begin_call(void)
{
    f.answered = false;
    f.err = (struct lsmb_error){0};
    wait_begin(&f.wait, &f.w.smb->env, on_answer, &f.err);
    return &f.wait;
}

static void world_begin(const struct peer_config *config)
{
    memset(&f, 0, sizeof f);
    fs_world_init(&f.w, config);
    f.share = fs_share(&f.w);
}

static void add_file(size_t len)
{
    uint8_t *bytes = pattern(len);

    (void)peer_add_file(&f.w.peer, "a", bytes, len);
    free(bytes);
}

static void start(bool allow_growth)
{
    f.source = lsmb_source_share(f.share, "a", allow_growth);
    ck_assert_ptr_nonnull(f.source);
    f.slot = (struct slot){.self = &f.slot, .range = {.len = LIMIT}};
    f.source->ops->fetch(f.source, &f.stat, &f.slot.range, &f.whole, begin_call());
}

static void fetch(void)
{
    start(false);
    share_run(&f.w, &f.answered);
}

/* The range, as read() would bring it. */
static void read_all(size_t len)
{
    f.slot.range.len = len;
    f.source->ops->read(f.source, &f.slot.range, begin_call());
    share_run(&f.w, &f.answered);
}

static void let_go(void)
{
    if (f.source) {
        f.source->ops->close(f.source);
        f.source = NULL;
    }
    buf_free(f.slot.buf);
    f.slot.buf = NULL;
    ready_forget(&f.wait.ready);
    fs_turn(&f.w, 8);
    nothing_open(&f.w.peer);
}

static void world_end(void)
{
    let_go();
    lsmb_share_close(f.share);
    fs_world_free(&f.w);
}

static void ck_bytes(size_t len)
{
    ck_assert_uint_eq(f.slot.range.len, len);
    ck_assert(len == 0 || f.slot.range.data == buf_data(f.slot.buf));
    for (size_t i = 0; i < len; i++) {
        ck_assert_uint_eq(f.slot.range.data[i], toy_byte(i));
    }
}

static void ck_whole(size_t len)
{
    ck_assert_msg(f.err.code == LSMB_OK, "%s", f.err.reason);
    ck_assert(f.whole);
    ck_assert_uint_eq(f.stat.bytes, len);
    ck_bytes(len);
}

/* It is open, and can be read as others are. */
static void ck_open(size_t len)
{
    ck_assert_msg(f.err.code == LSMB_OK, "%s", f.err.reason);
    ck_assert(!f.whole);
    ck_assert_uint_eq(f.stat.bytes, len);
    read_all(len);
    ck_assert_msg(f.err.code == LSMB_OK, "%s", f.err.reason);
    ck_bytes(len);
}

static void edit(uint16_t command, void (*how)(struct peer_reply *))
{
    peer_script(&f.w.peer, &(struct peer_rule){.command = command, .edit = how});
}

static void refuse(uint16_t command, uint32_t status)
{
    peer_script(&f.w.peer, &(struct peer_rule){.command = command, .status = status});
}

/* ---------------------------------------------------------------- the plain course */

START_TEST(small_files_come_in_one_frame)
{
    static const size_t sizes[] = {1, 7, 8, 4096, LIMIT - 1, LIMIT};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        world_begin(NULL);
        add_file(sizes[i]);
        fetch();
        ck_whole(sizes[i]);
        ck_assert_uint_eq(peer_count(&f.w.peer, SMB2_CREATE), 1);
        ck_assert_uint_eq(peer_count(&f.w.peer, SMB2_READ), 1);
        ck_assert_uint_eq(peer_count(&f.w.peer, SMB2_CLOSE), 1);
        world_end();
    }
}
END_TEST

START_TEST(an_empty_file_is_whole)
{
    world_begin(NULL);
    add_file(0);
    fetch();
    ck_whole(0);
    ck_assert_ptr_null(f.slot.buf);
    world_end();
}
END_TEST

START_TEST(in_every_way_of_protection)
{
    for (unsigned i = 0; i < 8; i++) {
        struct peer_config config = peer_defaults();
        config.signing_required = i & 1;
        config.encrypt_session = i & 2;
        config.split_compounds = i & 4;
        world_begin(&config);
        add_file(5000);
        fetch();
        ck_whole(5000);
        world_end();
    }
}
END_TEST

/* The frame that came is the buffer that is handed on. */
START_TEST(what_came_is_not_moved)
{
    world_begin(NULL);
    add_file(LIMIT);
    fetch();
    ck_whole(LIMIT);
    ck_assert_uint_gt(f.slot.buf->start, BUF_HEADROOM + 2 * SMB2_HEADER_LEN);
    world_end();
}
END_TEST

START_TEST(a_larger_file_is_left_open)
{
    world_begin(NULL);
    add_file(LIMIT + 1);
    fetch();
    ck_open(LIMIT + 1);
    ck_assert_uint_eq(peer_count(&f.w.peer, SMB2_CREATE), 2);
    world_end();
}
END_TEST

START_TEST(a_file_that_is_not_there_is_an_error)
{
    world_begin(NULL);
    fetch();
    ck_assert_int_eq(f.err.code, LSMB_E_NOT_FOUND);
    ck_assert_str_eq(f.err.path, "\\\\server\\share\\a");
    ck_assert(!f.whole);
    world_end();
}
END_TEST

/* Frames that the client has sent: the last message of each has no NextCommand. */
static unsigned frames_seen(void)
{
    unsigned frames = 0;

    for (size_t i = 0; i < f.w.peer.seen_count; i++) {
        frames += f.w.peer.seen[i].header.next_command == 0;
    }
    return frames;
}

/* NEGOTIATE, SESSION_SETUP twice, and all the rest in one frame: with the TCP handshake five round trips until
 * the last byte is verified; nothing is waited for at the end. */
START_TEST(a_cold_get_takes_five_round_trips)
{
    void *got = NULL;
    size_t len = 0;

    for (unsigned sealed = 0; sealed < 2; sealed++) {
        struct peer_config config = peer_defaults();
        config.encrypt_session = sealed;
        memset(&f, 0, sizeof f);
        fs_world_init(&f.w, &config);
        add_file(4096);
        f.w.target.lazy = true;
        f.share = fs_share(&f.w);
        fs_ok(&f.w, lsmb_copy(f.w.smb, lsmb_source_share(f.share, "a", false),
                              lsmb_sink_memory(f.w.smb, &got, &len, 5000), NULL, NULL, &f.w.err));
        ck_assert_uint_eq(frames_seen(), 4);
        ck_assert_uint_eq(len, 4096);
        lsmb_share_close(f.share);
        fs_turn(&f.w, 8);
        ck_assert_uint_eq(peer_count(&f.w.peer, SMB2_TREE_DISCONNECT), 1);
        ck_assert_uint_eq(peer_count(&f.w.peer, SMB2_LOGOFF), 1);
        ck_assert_uint_eq(frames_seen(), 6);
        fs_world_free(&f.w);
        free(got);
        got = NULL;
    }
}
END_TEST

/* Who gets one file has not listed it. */
START_TEST(little_of_a_large_file_comes_in_vain)
{
    enum { LARGE = 1 << 20, IN_VAIN = 64 << 10, HEADERS = 8 << 10 };
    void *got = NULL;
    size_t len = 0;

    world_begin(NULL);
    add_file(LARGE);
    fs_ok(&f.w, lsmb_copy(f.w.smb, lsmb_source_share(f.share, "a", false),
                          lsmb_sink_memory(f.w.smb, &got, &len, LARGE), NULL, NULL, &f.w.err));
    ck_assert_uint_eq(len, LARGE);
    ck_assert_uint_ge(f.w.received[0], LARGE + IN_VAIN);
    ck_assert_uint_lt(f.w.received[0], LARGE + IN_VAIN + HEADERS);
    free(got);
    lsmb_share_close(f.share);
    fs_world_free(&f.w);
}
END_TEST

/* ---------------------------------------------------------------- taken apart */

START_TEST(what_is_not_done_in_a_frame_is_done_alone)
{
    static const uint32_t statuses[] = {(uint32_t)STATUS_INTERNAL_ERROR,
                                        (uint32_t)STATUS_NOT_SUPPORTED,
                                        (uint32_t)STATUS_FILE_LOCK_CONFLICT};
    static const uint16_t commands[] = {SMB2_CREATE, SMB2_READ, SMB2_CLOSE};

    for (size_t i = 0; i < 9; i++) {
        if (commands[i / 3] == SMB2_CREATE && i % 3 == 2) {
            continue; /* that one is about the file */
        }
        world_begin(NULL);
        add_file(100);
        refuse(commands[i / 3], statuses[i % 3]);
        fetch();
        ck_open(100);
        world_end();
    }
}
END_TEST

START_TEST(an_error_that_is_not_for_its_company_comes_of_the_read_alone)
{
    world_begin(NULL);
    add_file(100);
    peer_script(&f.w.peer, &(struct peer_rule){.command = SMB2_READ,
                                               .times = 2,
                                               .status = (uint32_t)STATUS_FILE_LOCK_CONFLICT});
    fetch();
    ck_assert(!f.whole && f.err.code == LSMB_OK);
    read_all(100);
    ck_assert_uint_eq(f.err.nt_status, (uint32_t)STATUS_FILE_LOCK_CONFLICT);
    ck_assert_str_eq(f.err.step, "read");
    world_end();
}
END_TEST

/* ---------------------------------------------------------------- changes */

static void written_later(struct peer_reply *reply)
{
    reply->bytes[CLOSE_WRITTEN] ^= 1;
}

static void read_less(struct peer_reply *reply)
{
    reply->bytes[READ_LENGTH]--;
}

static void was_shorter(struct peer_reply *reply)
{
    reply->bytes[CREATE_END_OF_FILE]--;
}

static void was_longer(struct peer_reply *reply)
{
    reply->bytes[CREATE_END_OF_FILE]++;
}

static void says_nothing(struct peer_reply *reply)
{
    memset(reply->bytes + CLOSE_FLAGS, 0, 58);
}

START_TEST(a_file_that_changes_is_opened_anew)
{
    static void (*const changes[])(struct peer_reply *) = {written_later, read_less, was_shorter,
                                                           was_longer};
    static const uint16_t commands[] = {SMB2_CLOSE, SMB2_READ, SMB2_CREATE, SMB2_CREATE};

    for (size_t i = 0; i < 4; i++) {
        world_begin(NULL);
        add_file(100);
        edit(commands[i], changes[i]);
        fetch();
        ck_open(100);
        ck_assert_uint_eq(peer_count(&f.w.peer, SMB2_CREATE), 2);
        world_end();
    }
}
END_TEST

START_TEST(what_has_grown_is_cut_where_that_is_allowed)
{
    world_begin(NULL);
    add_file(100);
    edit(SMB2_CREATE, was_shorter);
    edit(SMB2_CLOSE, written_later);
    start(true);
    share_run(&f.w, &f.answered);
    ck_whole(99);
    world_end();
}
END_TEST

START_TEST(a_server_that_says_nothing_at_the_end_is_asked)
{
    world_begin(NULL);
    add_file(100);
    edit(SMB2_CLOSE, says_nothing);
    fetch();
    ck_whole(100);
    ck_assert_uint_eq(peer_count(&f.w.peer, SMB2_CREATE), 2);
    let_go();
    edit(SMB2_CLOSE, says_nothing);
    peer_script(&f.w.peer, /* the second is the one that looks again */
                &(struct peer_rule){.command = SMB2_CREATE, .skip = 1, .edit = was_longer});
    fetch();
    ck_open(100);
    world_end();
}
END_TEST

/* ---------------------------------------------------------------- lies */

static void spoil_body(struct peer_reply *reply)
{
    reply->bytes[SMB2_HEADER_LEN] ^= 1; /* StructureSize */
}

static void read_more(struct peer_reply *reply)
{
    reply->bytes[READ_LENGTH + 3] = 1; /* 16 MiB */
}

START_TEST(malformed_answers_are_refused)
{
    static const uint16_t commands[] = {SMB2_CREATE, SMB2_READ, SMB2_CLOSE, SMB2_READ};

    for (size_t i = 0; i < 4; i++) {
        world_begin(NULL);
        add_file(100);
        edit(commands[i], i == 3 ? read_more : spoil_body);
        fetch();
        ck_assert_int_eq(f.err.code, LSMB_E_PROTOCOL);
        ck_assert(!f.whole);
        ck_assert_ptr_null(f.slot.buf);
        f.source->ops->close(f.source);
        f.source = NULL;
        fs_turn(&f.w, 8);
        lsmb_share_close(f.share); /* a file whose name nobody knows may be open */
        fs_world_free(&f.w);
    }
}
END_TEST

START_TEST(an_error_that_anybody_can_have_sent_is_no_reason_to_go_on)
{
    struct peer_config config = peer_defaults();

    config.encrypt_session = true;
    config.split_compounds = true;
    world_begin(&config);
    add_file(100);
    peer_script(&f.w.peer, &(struct peer_rule){.command = SMB2_READ,
                                               .status = (uint32_t)STATUS_INVALID_PARAMETER,
                                               .protection = PEER_PLAIN});
    fetch();
    ck_assert_int_eq(f.err.code, LSMB_E_SECURITY);
    world_end();
}
END_TEST

/* ---------------------------------------------------------------- cut short */

START_TEST(cancelled_at_each_turn_nothing_stays)
{
    for (unsigned turns = 0; turns < 12; turns++) {
        struct peer_config config = peer_defaults();
        config.split_compounds = true;
        world_begin(&config);
        add_file(100);
        start(false);
        fs_turn(&f.w, turns);
        if (!f.answered) {
            f.source->ops->cancel(f.source);
            share_run(&f.w, &f.answered);
            ck_assert(f.err.code == LSMB_E_CANCELLED || f.whole);
        }
        world_end();
    }
}
END_TEST

START_TEST(closed_at_each_turn_nothing_stays)
{
    for (unsigned turns = 0; turns < 12; turns++) {
        world_begin(NULL);
        add_file(100);
        start(false);
        fs_turn(&f.w, turns);
        world_end();
    }
}
END_TEST

/* The peer has memory. */
static void (*peer_receives)(struct hook *), (*peer_flushes)(struct hook *);

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

static void give_memory(struct peer_stream *peer)
{
    peer_receives = peer->receive.run;
    peer_flushes = peer->flush.run;
    peer->receive.run = receive_with_memory;
    peer->flush.run = flush_with_memory;
}

/* Memory fails at its n-th use: the file comes, or the error says so. */
static bool fetch_without(unsigned n)
{
    fail_malloc(n, false);
    f.source = lsmb_source_share(f.share, "a", false);
    if (f.source) {
        f.slot = (struct slot){.self = &f.slot, .range = {.len = LIMIT}};
        f.source->ops->fetch(f.source, &f.stat, &f.slot.range, &f.whole, begin_call());
        for (unsigned i = 0; i < 1000 && !f.answered; i++) {
            if (lsmb_turn(f.w.smb, 0) != LSMB_OK) {
                break;
            }
        }
    }
    bool failed = fail_malloc_off();
    ck_assert(!f.source || f.answered);
    if (f.source && f.err.code == LSMB_OK) {
        ck_assert_uint_eq(f.stat.bytes, 100);
    } else if (f.source) {
        ck_assert_int_eq(f.err.code, LSMB_E_NOMEM);
    }
    return failed;
}

START_TEST(without_memory_it_ends_well_or_says_so)
{
    bool failed = true;

    for (unsigned n = 0; failed; n++) {
        ck_assert_uint_lt(n, 200);
        world_begin(NULL);
        add_file(100);
        give_memory(f.w.links[0]);
        failed = fetch_without(n);
        if (f.source) {
            f.source->ops->close(f.source);
            f.source = NULL;
        }
        buf_free(f.slot.buf);
        fs_turn(&f.w, 8);
        lsmb_share_close(f.share);
        fs_world_free(&f.w);
    }
}
END_TEST

START_TEST(a_fetch_that_fails_costs_nothing_of_the_rate_limit)
{
    struct fs_world w;
    void *bytes = NULL;
    size_t len = 0;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    w.smb->rate.limit = 1;
    ck_assert_int_eq(lsmb_copy(w.smb, lsmb_source_share(share, "missing", false),
                               lsmb_sink_memory(w.smb, &bytes, &len, 100), NULL, NULL, &w.err),
                     LSMB_E_NOT_FOUND);
    ck_assert(mover_may_spend(w.smb));
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "xfer/share_fetch", small_files_come_in_one_frame, an_empty_file_is_whole,
        in_every_way_of_protection, what_came_is_not_moved, a_larger_file_is_left_open,
        a_file_that_is_not_there_is_an_error, a_cold_get_takes_five_round_trips,
        little_of_a_large_file_comes_in_vain, what_is_not_done_in_a_frame_is_done_alone,
        an_error_that_is_not_for_its_company_comes_of_the_read_alone,
        a_file_that_changes_is_opened_anew, what_has_grown_is_cut_where_that_is_allowed,
        a_server_that_says_nothing_at_the_end_is_asked, malformed_answers_are_refused,
        an_error_that_anybody_can_have_sent_is_no_reason_to_go_on,
        cancelled_at_each_turn_nothing_stays, closed_at_each_turn_nothing_stays,
        without_memory_it_ends_well_or_says_so, a_fetch_that_fails_costs_nothing_of_the_rate_limit);
}
