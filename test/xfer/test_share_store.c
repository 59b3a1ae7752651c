/* Small files that come to their names in two round trips, against a peer (MS-SMB2 3.2.4.1.4), and what is left when
 * something goes wrong on the way: what was there, or all that is new. */
#include <errno.h>
#include <stdio.h>

#include "fs/holding.h"
#include "test/xfer/spoil.h"

static const uint16_t stored[] = {SMB2_CREATE,   SMB2_SET_INFO,   SMB2_WRITE,    SMB2_FLUSH,
                                  SMB2_SET_INFO, SMB2_QUERY_INFO, SMB2_SET_INFO, SMB2_CLOSE};

enum { STORED = sizeof stored / sizeof *stored };

/* Frames that have come so far: all but the first request of one are related to it. */
static unsigned frames(const struct put *p)
{
    unsigned count = 0;

    for (size_t i = 0; i < p->w.peer.seen_count; i++) {
        count += !(p->w.peer.seen[i].header.flags & SMB2_FLAGS_RELATED_OPERATIONS);
    }
    return count;
}

/* What was asked from request number `from` on. */
static bool asked(const struct put *p, size_t from, const uint16_t *commands, size_t count)
{
    const struct peer *peer = &p->w.peer;
    bool same = peer->seen_count == from + count;

    for (size_t i = 0; same && i < count; i++) {
        same = peer->seen[from + i].header.command == commands[i];
    }
    return same;
}

/* ---------------------------------------------------------------- the plain course */

static void store_sizes(const struct peer_config *config)
{
    static const size_t sizes[] = {0, 1, 4096, 65536, 65537, 262144};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct put p;
        uint8_t *bytes = pattern(sizes[i]);
        put_init_with(&p, config);
        unsigned before = frames(&p);
        fs_ok(&p.w, put_as(&p, "a", bytes, sizes[i], LSMB_PUBLISH_ATOMIC));
        ck_assert(peer_has(&p.w.peer, "a", bytes, sizes[i]));
        ck_assert_uint_eq(frames(&p) - before, 2);
        ck_assert_uint_eq(files(&p), 1);
        ck_assert_str_eq(p.log, "");
        free(bytes);
        put_end(&p);
    }
}

START_TEST(a_small_file_takes_two_frames)
{
    store_sizes(NULL);
}
END_TEST

START_TEST(signed_and_sealed_files_are_stored)
{
    for (unsigned way = 0; way < 8; way++) {
        struct peer_config config = peer_defaults();
        config.signing_required = way & 1;
        config.encrypt_session = way & 2;
        config.split_compounds = way & 4;
        store_sizes(&config);
    }
}
END_TEST

/* Small servers, whose compounds are not to be relied on. */
START_TEST(in_the_oldest_dialect_nothing_is_stored)
{
    struct peer_config config = peer_defaults();
    struct put p;

    memset(config.dialects, 0, sizeof config.dialects);
    config.dialects[0] = SMB2_DIALECT_202;
    put_init_with(&p, &config);
    unsigned before = frames(&p);
    size_t from = p.w.peer.seen_count;
    fs_ok(&p.w, put(&p, "a", "new", 3));
    ck_assert_uint_eq(frames(&p) - before, p.w.peer.seen_count - from);
    ck_assert(peer_has(&p.w.peer, "a", "new", 3));
    put_end(&p);
}
END_TEST

/* That a server takes marks back needs to be seen but once. */
START_TEST(the_second_file_takes_one_question_less)
{
    static const uint16_t known[] = {SMB2_CREATE,   SMB2_SET_INFO, SMB2_WRITE, SMB2_FLUSH,
                                     SMB2_SET_INFO, SMB2_SET_INFO, SMB2_CLOSE};
    struct put p;

    put_init(&p);
    size_t from = p.w.peer.seen_count;
    fs_ok(&p.w, put(&p, "a", "new", 3));
    ck_assert(asked(&p, from, stored, STORED));
    from = p.w.peer.seen_count;
    fs_ok(&p.w, put(&p, "b", "new", 3));
    ck_assert(asked(&p, from, known, 7));
    put_end(&p);
}
END_TEST

/* FLUSH may be put off, and answered later. */
START_TEST(a_flush_that_takes_its_time_is_awaited)
{
    struct put p;

    put_init(&p);
    peer_script(&p.w.peer, &(struct peer_rule){.command = SMB2_FLUSH, .pendings = 1});
    fs_ok(&p.w, put(&p, "a", "new", 3));
    ck_assert(peer_has(&p.w.peer, "a", "new", 3));
    put_end(&p);
}
END_TEST

START_TEST(a_server_that_has_nothing_to_flush_may_say_so)
{
    struct put p;

    put_init(&p);
    unsigned before = frames(&p);
    peer_script(&p.w.peer, &(struct peer_rule){.command = SMB2_FLUSH,
                                               .status = (uint32_t)STATUS_NOT_SUPPORTED});
    fs_ok(&p.w, put(&p, "a", "new", 3));
    ck_assert(peer_has(&p.w.peer, "a", "new", 3));
    ck_assert_uint_eq(frames(&p) - before, 2);
    put_end(&p);
}
END_TEST

/* Nothing is written to a share before it is known whether it wants to be sealed. */
START_TEST(a_lazy_share_is_connected_to_before_anything_is_written)
{
    for (unsigned encrypt = 0; encrypt < 2; encrypt++) {
        struct peer_config config = peer_defaults();
        struct put p;
        config.encrypt_share = encrypt;
        put_init_with(&p, &config);
        lsmb_share_close(p.share);
        p.w.target.lazy = true;
        p.share = fs_share(&p.w);
        fs_ok(&p.w, put(&p, "a", "new", 3));
        ck_assert(peer_has(&p.w.peer, "a", "new", 3));
        ck_assert(peer_last(&p.w.peer, SMB2_WRITE)->sealed == encrypt);
        ck_assert_uint_eq(peer_count(&p.w.peer, SMB2_WRITE), 1);
        ck_assert_uint_eq(peer_count(&p.w.peer, SMB2_CREATE), 1);
        put_end(&p);
    }
}
END_TEST

/* ---------------------------------------------------------------- what goes the general way */

START_TEST(a_share_that_is_refused_is_asked_for_once)
{
    struct fs_done done[8] = {0};
    struct put p;

    put_init(&p);
    lsmb_share_close(p.share);
    fs_turn(&p.w, 8);
    p.w.target.lazy = true;
    p.share = fs_share(&p.w);
    size_t before = peer_count(&p.w.peer, SMB2_TREE_CONNECT);
    peer_script(&p.w.peer, &(struct peer_rule){.command = SMB2_TREE_CONNECT,
                                               .times = UINT_MAX,
                                               .status = (uint32_t)STATUS_BAD_NETWORK_NAME});
    for (unsigned i = 0; i < 8; i++) {
        ck_assert_ptr_nonnull(lsmb_copy_start(p.w.smb, lsmb_source_memory(p.w.smb, "new", 3),
                                              lsmb_sink_share(p.share, "a", LSMB_PUBLISH_AUTO),
                                              NULL, NULL, fs_done, &done[i]));
    }
    for (unsigned i = 0; i < 8; i++) {
        share_run(&p.w, &done[i].finished);
        ck_assert_uint_eq(done[i].err.nt_status, (uint32_t)STATUS_BAD_NETWORK_NAME);
    }
    ck_assert_uint_eq(peer_count(&p.w.peer, SMB2_TREE_CONNECT) - before, 1);
    put_end(&p);
}
END_TEST

START_TEST(a_target_that_is_there_is_replaced)
{
    struct put p;

    put_init(&p);
    peer_add_file(&p.w.peer, "Name", "old and longer", 14);
    fs_ok(&p.w, put_as(&p, "name", "new", 3, LSMB_PUBLISH_ATOMIC));
    ck_assert(peer_has(&p.w.peer, "Name", "new", 3));
    ck_assert_uint_eq(files(&p), 1);
    ck_assert_uint_eq(peer_count(&p.w.peer, SMB2_WRITE), 2);
    ck_assert_str_eq(p.log, "");
    put_end(&p);
}
END_TEST

START_TEST(where_names_are_taken_it_is_not_tried_for_ever)
{
    char name[8];
    struct put p;

    put_init(&p);
    for (unsigned i = 0; i < 8; i++) {
        (void)snprintf(name, sizeof name, "f%u", i);
        peer_add_file(&p.w.peer, name, "old", 3);
    }
    for (unsigned i = 0; i < 8; i++) {
        (void)snprintf(name, sizeof name, "f%u", i);
        fs_ok(&p.w, put(&p, name, "newer", 5));
        ck_assert(peer_has(&p.w.peer, name, "newer", 5));
    }
    ck_assert_uint_eq(peer_count(&p.w.peer, SMB2_WRITE), 8 + 4);
    fs_ok(&p.w, put(&p, "free", "newer", 5)); /* and now it is known that there are free ones */
    unsigned before = frames(&p);
    fs_ok(&p.w, put(&p, "also", "newer", 5));
    ck_assert_uint_eq(frames(&p) - before, 2);
    put_end(&p);
}
END_TEST

START_TEST(streams_and_targets_in_place_are_not_stored)
{
    struct put p;

    put_init(&p);
    peer_add_file(&p.w.peer, "a", "old", 3);
    fs_ok(&p.w, put(&p, "a:note", "new", 3));
    ck_assert(peer_has(&p.w.peer, "a:note", "new", 3));
    fs_ok(&p.w, put_as(&p, "b", "new", 3, LSMB_PUBLISH_IN_PLACE));
    ck_assert(peer_has(&p.w.peer, "b", "new", 3));
    put_end(&p);
}
END_TEST

START_TEST(links_on_the_way_are_followed)
{
    struct put p;

    put_init(&p);
    peer_add_dir(&p.w.peer, "dir");
    peer_add_symlink(&p.w.peer, "link", "dir", true);
    fs_ok(&p.w, put(&p, "link/a", "new", 3));
    ck_assert(peer_has(&p.w.peer, "dir/a", "new", 3));
    put_end(&p);
}
END_TEST

START_TEST(what_the_server_does_not_take_at_once_is_not_stored)
{
    uint8_t *bytes = pattern(100000);
    struct peer_config config = peer_defaults();
    struct put p;

    config.max_write = 65536;
    put_init_with(&p, &config);
    fs_ok(&p.w, put(&p, "a", bytes, 100000));
    ck_assert(peer_has(&p.w.peer, "a", bytes, 100000));
    ck_assert_uint_eq(peer_count(&p.w.peer, SMB2_CREATE), 2); /* a look, and a temporary */
    free(bytes);
    put_end(&p);
}
END_TEST

START_TEST(a_server_that_grants_few_credits_is_asked_one_by_one)
{
    struct peer_config config = peer_defaults();

    for (uint16_t credits = 1; credits < 20; credits++) {
        struct put p;
        config.credits = credits;
        put_init_with(&p, &config);
        fs_ok(&p.w, put(&p, "a", "new", 3));
        ck_assert(peer_has(&p.w.peer, "a", "new", 3));
        ck_assert_uint_eq(files(&p), 1);
        put_end(&p);
    }
}
END_TEST

/* MS-SMB2 2.2.22: one byte less. */
static void write_less(struct peer_reply *reply)
{
    reply->bytes[SMB2_HEADER_LEN + 4]--;
}

/* A server that gives `now` credits of all it granted, keeps `more` of what the next requests cost, and pays back what
 * those behind them do (MS-SMB2 3.3.1.2). */
static void put_with_fewer_credits(unsigned now, unsigned more)
{
    struct put p;

    put_init(&p);
    unsigned echoes = p.share->lane->link->conn.credits - now;
    peer_script(&p.w.peer, &(struct peer_rule){.command = PEER_ANY_COMMAND,
                                               .times = echoes + more,
                                               .set_credits = true});
    peer_script(&p.w.peer, &(struct peer_rule){.command = PEER_ANY_COMMAND,
                                               .times = UINT_MAX,
                                               .set_credits = true,
                                               .credits = 1});
    for (unsigned i = 0; i < echoes; i++) {
        fs_ok(&p.w, lsmb_share_echo(p.share, &p.w.err));
    }
    ck_assert_uint_eq(p.share->lane->link->conn.credits, now);
    fs_ok(&p.w, put(&p, "a", "new", 3));
    fs_ok(&p.w, put(&p, "a", "newer", 5));
    ck_assert(peer_has(&p.w.peer, "a", "newer", 5));
    put_end(&p);
}

START_TEST(a_server_that_takes_credits_back_is_asked_one_by_one)
{
    for (unsigned now = 1; now < 10; now++) {
        for (unsigned more = 0; more < now; more++) {
            put_with_fewer_credits(now, more);
        }
    }
}
END_TEST

/* Its answer to the one that opens says that it has not done it: it may have. */
START_TEST(no_temporary_is_made_twice_on_the_word_of_a_stranger)
{
    struct put p;

    put_init_signed(&p);
    peer_script(&p.w.peer, &(struct peer_rule){.command = SMB2_CREATE,
                                               .status = (uint32_t)STATUS_INVALID_PARAMETER,
                                               .protection = PEER_ZERO_MAC});
    ck_assert_int_eq(put(&p, "a", "new", 3), LSMB_E_SECURITY);
    ck_assert_uint_eq(peer_count(&p.w.peer, SMB2_CREATE), 1);
    put_end(&p);
}
END_TEST

START_TEST(a_short_write_is_no_file)
{
    struct put p;

    put_init(&p);
    peer_script(&p.w.peer, &(struct peer_rule){.command = SMB2_WRITE, .edit = write_less});
    fs_ok(&p.w, put(&p, "a", "newer", 5));
    ck_assert(peer_has(&p.w.peer, "a", "newer", 5));
    ck_assert_uint_ge(peer_count(&p.w.peer, SMB2_WRITE), 2);
    put_end(&p);
}
END_TEST

START_TEST(a_full_disk_is_a_clear_error)
{
    struct put p;

    put_init(&p);
    p.w.peer.store.capacity = 2;
    ck_assert_int_eq(put(&p, "a", "newer", 5), LSMB_E_STATUS);
    ck_assert_uint_eq(p.w.err.nt_status, (uint32_t)STATUS_DISK_FULL);
    ck_assert_uint_eq(files(&p), 0);
    put_end(&p);
}
END_TEST

/* It says "success" to who takes the mark back, and deletes the file when it is closed, under whatever name. */
START_TEST(a_server_that_keeps_marks_is_found_out_and_gets_none)
{
    struct put p;

    put_init(&p);
    p.w.peer.store.keeps_marks = true;
    fs_ok(&p.w, put(&p, "a", "new", 3));
    ck_assert(peer_has(&p.w.peer, "a", "new", 3));
    unsigned before = frames(&p);
    fs_ok(&p.w, put(&p, "b", "new", 3));
    ck_assert(peer_has(&p.w.peer, "b", "new", 3));
    ck_assert_uint_eq(frames(&p) - before, 2);
    put_end(&p);
}
END_TEST

/* Both find the name free; the one that comes second replaces what the first has put there. */
START_TEST(two_puts_to_one_name_leave_one_of_both)
{
    struct fs_done second = {0};
    struct put p;

    put_init(&p);
    ck_assert_ptr_nonnull(put_start(&p, "a", "first", 5, LSMB_PUBLISH_AUTO));
    ck_assert_ptr_nonnull(lsmb_copy_start(p.w.smb, lsmb_source_memory(p.w.smb, "second", 6),
                                          lsmb_sink_share(p.share, "a", LSMB_PUBLISH_AUTO), NULL,
                                          NULL, fs_done, &second));
    share_run(&p.w, &p.done.finished);
    share_run(&p.w, &second.finished);
    ck_assert_int_eq(p.done.err.code, LSMB_OK);
    ck_assert_int_eq(second.err.code, LSMB_OK);
    ck_assert(peer_has(&p.w.peer, "a", "first", 5) || peer_has(&p.w.peer, "a", "second", 6));
    ck_assert_uint_eq(files(&p), 1);
    put_end(&p);
}
END_TEST

/* Their frames count for the memory that all transfers may have: what asks and answers finds room. */
START_TEST(more_at_once_than_memory_holds_wait_for_their_turn)
{
    enum { PUTS = 200, BYTES = 262144 };
    static struct fs_done done[PUTS];
    uint8_t *bytes = pattern(BYTES);
    char name[8];
    struct put p;

    put_init(&p);
    for (unsigned i = 0; i < PUTS; i++) {
        (void)snprintf(name, sizeof name, "f%u", i);
        ck_assert_ptr_nonnull(lsmb_copy_start(p.w.smb, lsmb_source_memory(p.w.smb, bytes, BYTES),
                                              lsmb_sink_share(p.share, name, LSMB_PUBLISH_AUTO),
                                              NULL, NULL, fs_done, &done[i]));
    }
    for (unsigned i = 0; i < PUTS; i++) {
        share_run(&p.w, &done[i].finished);
        ck_assert_int_eq(done[i].err.code, LSMB_OK);
    }
    ck_assert_uint_eq(peer_count(&p.w.peer, SMB2_CREATE), PUTS); /* all were stored */
    ck_assert_uint_eq(files(&p), PUTS);
    ck_assert_uint_le(p.w.smb->env.pool.peak, p.w.smb->env.pool.limit + p.w.smb->env.pool.reserve);
    put_end(&p);
    free(bytes);
}
END_TEST

/* ---------------------------------------------------------------- what goes wrong */

START_TEST(whatever_is_refused_leaves_the_old_or_the_new)
{
    spoil_refused_anyhow(spoil_of("newer", 5));
}
END_TEST

START_TEST(no_wrong_answer_is_taken_for_the_servers_word)
{
    spoil_answered(spoil_of("newer", 5));
}
END_TEST

/* A stranger refuses the rename that was done: then nobody says that it was, and nobody that it was not. */
START_TEST(a_rename_that_is_done_and_refused_by_a_stranger_is_left_to_be_looked_at)
{
    struct put p;

    put_init_signed(&p);
    put_watch(&p, spoil_one);
    p.at = 6;
    p.rule = (struct peer_rule){.edit = say_closed, .protection = PEER_ZERO_MAC};
    ck_assert_int_eq(put(&p, "a", "newer", 5), LSMB_E_SECURITY);
    ck_assert_ptr_nonnull(strstr(p.w.err.advice, "may or may not be in its place"));
    ck_assert(peer_has(&p.w.peer, "a", "newer", 5));
    put_end(&p);
}
END_TEST

START_TEST(a_lost_link_leaves_nothing_or_all_or_says_what)
{
    const struct spoil small = spoil_of("newer", 5);

    spoil_link(&small, 1);
}
END_TEST

/* What is marked goes with the link: until the second frame nothing stays. */
START_TEST(a_client_that_dies_before_the_rename_leaves_nothing)
{
    struct put p;

    put_init(&p);
    ck_assert_ptr_nonnull(put_start(&p, "a", "newer", 5, LSMB_PUBLISH_AUTO));
    while (peer_count(&p.w.peer, SMB2_FLUSH) == 0) {
        fs_turn(&p.w, 1);
    }
    ck_assert_uint_eq(files(&p), 1);
    peer_door_cut(&p.w.door, ECONNRESET);
    share_run(&p.w, &p.done.finished);
    ck_assert_int_eq(p.done.err.code, LSMB_E_NETWORK);
    ck_assert_uint_eq(files(&p), 0);
    put_end(&p);
}
END_TEST

START_TEST(it_can_be_cancelled_at_any_time)
{
    static const uint16_t dialects[] = {SMB2_DIALECT_311, SMB2_DIALECT_202};
    struct spoil small = spoil_of("newer", 5);

    for (unsigned i = 0; i < 4; i++) {
        memset(small.config.dialects, 0, sizeof small.config.dialects);
        small.config.dialects[0] = dialects[i / 2];
        small.old = i & 1;
        for (unsigned turns = 0; turns < 60; turns++) {
            spoil_cancelled(&small, turns);
        }
    }
}
END_TEST

START_TEST(freeing_the_context_leaves_nothing_or_all)
{
    const struct spoil small = spoil_of("newer", 5);

    for (unsigned turns = 0; spoil_freed(&small, turns); turns++) {
    }
}
END_TEST

/* ---------------------------------------------------------------- without memory */

START_TEST(without_memory_it_ends_well_or_says_so)
{
    struct spoil small = spoil_of("newer", 5);
    unsigned n = 0;

    while (spoil_without(&small, n)) {
        small.old = ++n & 1;
    }
    ck_assert_uint_gt(n, 10);
    ck_assert_uint_lt(n, 300);
}
END_TEST

START_TEST(when_requests_have_used_all_memory_it_goes_one_by_one_or_not)
{
    struct hoard h;
    struct put p;

    put_init(&p);
    hoard_all(&h, &p.w.smb->env.pool);
    ck_assert_int_eq(put(&p, "a", "newer", 5), LSMB_E_NOMEM);
    ck_assert_ptr_null(peer_find(&p.w.peer, "a"));
    hoard_free(&h);
    fs_ok(&p.w, put(&p, "a", "newer", 5));
    ck_assert(peer_has(&p.w.peer, "a", "newer", 5));
    put_end(&p);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "xfer/share_store", a_small_file_takes_two_frames, signed_and_sealed_files_are_stored,
        in_the_oldest_dialect_nothing_is_stored, the_second_file_takes_one_question_less,
        a_flush_that_takes_its_time_is_awaited, a_server_that_has_nothing_to_flush_may_say_so,
        a_lazy_share_is_connected_to_before_anything_is_written,
        a_share_that_is_refused_is_asked_for_once, a_target_that_is_there_is_replaced,
        where_names_are_taken_it_is_not_tried_for_ever, streams_and_targets_in_place_are_not_stored,
        links_on_the_way_are_followed, what_the_server_does_not_take_at_once_is_not_stored,
        a_server_that_grants_few_credits_is_asked_one_by_one,
        a_server_that_takes_credits_back_is_asked_one_by_one,
        no_temporary_is_made_twice_on_the_word_of_a_stranger, a_short_write_is_no_file,
        a_full_disk_is_a_clear_error, a_server_that_keeps_marks_is_found_out_and_gets_none,
        two_puts_to_one_name_leave_one_of_both, more_at_once_than_memory_holds_wait_for_their_turn,
        whatever_is_refused_leaves_the_old_or_the_new,
        no_wrong_answer_is_taken_for_the_servers_word,
        a_rename_that_is_done_and_refused_by_a_stranger_is_left_to_be_looked_at,
        a_lost_link_leaves_nothing_or_all_or_says_what,
        a_client_that_dies_before_the_rename_leaves_nothing, it_can_be_cancelled_at_any_time,
        freeing_the_context_leaves_nothing_or_all, without_memory_it_ends_well_or_says_so,
        when_requests_have_used_all_memory_it_goes_one_by_one_or_not);
}
