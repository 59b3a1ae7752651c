/* Files of any length whose names are free: how many round trips they take to come there, and what is left when
 * something goes wrong on the way (MS-SMB2 3.2.4.1.4). */
#include <errno.h>

#include "test/xfer/spoil.h"

enum { LONG = 1 << 20 | 1 }; /* bytes: several WRITEs, and room is made for it */

/* ---------------------------------------------------------------- a server that is far away */

/* What comes to it is put aside until the client has nothing more to say. */
static struct {
    void (*receive)(struct hook *);
    struct hook *waits;
} far;

static void receive_later(struct hook *hook)
{
    far.waits = hook;
}

/* A client with a wide connection to it. */
static void far_init(struct put *p, const struct peer_config *config, bool lazy)
{
    put_init_with(p, config);
    lsmb_share_close(p->share);
    fs_turn(&p->w, 20);
    p->w.queue_bytes = 8 << 20;
    p->w.target.lazy = lazy;
    p->share = fs_share(&p->w);
    struct peer_stream *peer = p->w.links[p->w.dialled - 1];
    far.receive = peer->receive.run;
    far.waits = NULL;
    peer->receive.run = receive_later;
}

static void far_end(struct put *p)
{
    p->w.links[p->w.dialled - 1]->receive.run = far.receive;
    put_end(p);
}

/* How many round trips a put to "a" takes. */
static unsigned round_trips(struct put *p, const void *bytes, size_t len)
{
    unsigned trips = 0;

    ck_assert_ptr_nonnull(put_start(p, "a", bytes, len, LSMB_PUBLISH_AUTO));
    for (fs_turn(&p->w, 20); !p->done.finished; trips++) {
        struct hook *hook = far.waits;
        ck_assert_ptr_nonnull(hook);
        far.waits = NULL;
        far.receive(hook);
        fs_turn(&p->w, 20);
    }
    ck_assert_int_eq(p->done.err.code, LSMB_OK);
    ck_assert(peer_has(&p->w.peer, "a", bytes, len));
    return trips;
}

/* The target is looked at while the temporary is made; WRITE; FLUSH; and its name. */
START_TEST(a_long_file_takes_four_round_trips)
{
    uint8_t *bytes = pattern(LONG);

    for (unsigned sealed = 0; sealed < 2; sealed++) {
        struct peer_config config = peer_defaults();
        struct put p;
        config.encrypt_session = sealed;
        far_init(&p, &config, false);
        ck_assert_uint_eq(round_trips(&p, bytes, LONG), 4);
        far_end(&p);
    }
    free(bytes);
}
END_TEST

START_TEST(a_share_that_is_not_connected_to_yet_takes_one_more)
{
    uint8_t *bytes = pattern(LONG);
    struct put p;

    far_init(&p, NULL, true);
    ck_assert_uint_eq(round_trips(&p, bytes, LONG), 5);
    ck_assert_uint_eq(peer_count(&p.w.peer, SMB2_TREE_CONNECT),
                      2); /* the other was of the first share */
    far_end(&p);
    free(bytes);
}
END_TEST

/* Look and temporary; four for how its name is written; WRITE; FLUSH; the mark; the rename, and
 * CLOSE. */
START_TEST(a_file_that_is_replaced_takes_some_more)
{
    uint8_t *bytes = pattern(LONG);
    struct put p;

    far_init(&p, NULL, false);
    peer_add_file(&p.w.peer, "a", "old", 3);
    ck_assert_uint_eq(round_trips(&p, bytes, LONG), 9);
    far_end(&p);
    free(bytes);
}
END_TEST

/* ---------------------------------------------------------------- what is asked */

START_TEST(nothing_is_asked_for_twice)
{
    static const uint16_t wanted[] = {
        SMB2_CREATE,     SMB2_SET_INFO,   SMB2_SET_INFO,   SMB2_CREATE, SMB2_QUERY_INFO,
        SMB2_QUERY_INFO, SMB2_QUERY_INFO, SMB2_QUERY_INFO, SMB2_FLUSH,  SMB2_SET_INFO,
        SMB2_QUERY_INFO, SMB2_SET_INFO,   SMB2_CLOSE};
    uint8_t *bytes = pattern(LONG);
    unsigned count = 0;
    struct put p;

    put_init(&p);
    size_t from = p.w.peer.seen_count;
    fs_ok(&p.w, put_as(&p, "a", bytes, LONG, LSMB_PUBLISH_ATOMIC));
    for (size_t i = from; i < p.w.peer.seen_count; i++) {
        uint16_t command = p.w.peer.seen[i].header.command;
        if (command != SMB2_WRITE) {
            ck_assert_uint_lt(count, sizeof wanted / sizeof *wanted);
            ck_assert_uint_eq(command, wanted[count++]);
        }
    }
    ck_assert_uint_eq(count, sizeof wanted / sizeof *wanted);
    free(bytes);
    put_end(&p);
}
END_TEST

START_TEST(a_server_that_grants_few_credits_is_asked_one_by_one)
{
    struct peer_config config = peer_defaults();
    uint8_t *bytes = pattern(LONG);

    for (uint16_t credits = 1; credits < 20; credits++) {
        struct put p;
        config.credits = credits;
        put_init_with(&p, &config);
        fs_ok(&p.w, put(&p, "a", bytes, LONG));
        ck_assert(peer_has(&p.w.peer, "a", bytes, LONG));
        ck_assert_uint_eq(files(&p), 1);
        put_end(&p);
    }
    free(bytes);
}
END_TEST

/* Another file has the name when ours is about to get it. */
static const struct peer_rule *take_name(void *arg, const struct peer_seen *seen,
                                         struct span message)
{
    struct put *p = arg;

    (void)message;
    if (seen->header.command == SMB2_FLUSH) {
        peer_add_file(&p->w.peer, "a", "somebody else's", 15);
    }
    return NULL;
}

/* Whether the server has closed the temporary behind the refusal, or not. */
START_TEST(a_name_that_is_taken_meanwhile_is_replaced)
{
    uint8_t *bytes = pattern(LONG);

    for (unsigned go_on = 0; go_on < 2; go_on++) {
        struct peer_config config = peer_defaults();
        struct put p;
        config.compounds_go_on = go_on;
        put_init_with(&p, &config);
        put_watch(&p, take_name);
        fs_ok(&p.w, put(&p, "a", bytes, LONG));
        ck_assert(peer_has(&p.w.peer, "a", bytes, LONG));
        ck_assert_uint_eq(files(&p), 1);
        put_end(&p);
    }
    free(bytes);
}
END_TEST

/* It deletes the file when it is closed, under whatever name: there is nobody else's there. */
START_TEST(a_server_that_keeps_marks_is_found_out)
{
    uint8_t *bytes = pattern(LONG);
    struct put p;

    put_init(&p);
    p.w.peer.store.keeps_marks = true;
    ck_assert_int_eq(put(&p, "a", bytes, LONG), LSMB_E_PROTOCOL);
    ck_assert_ptr_nonnull(strstr(p.w.err.reason, "does not take back"));
    ck_assert_uint_eq(files(&p), 0);
    fs_ok(&p.w, put(&p, "a", bytes, LONG));
    ck_assert(peer_has(&p.w.peer, "a", bytes, LONG));
    put_end(&p);
    free(bytes);
}
END_TEST

/* ---------------------------------------------------------------- what goes wrong */

/* One that is sent in several WRITEs, with room made for it; and one that fits into a WRITE. */
static struct spoil either(bool is_long)
{
    static uint8_t bytes[LONG];
    struct spoil s = spoil_of(bytes, is_long ? LONG : 5);

    memset(bytes, 'n', sizeof bytes);
    s.general = true;
    return s;
}

START_TEST(whatever_is_refused_leaves_the_old_or_the_new)
{
    spoil_refused_anyhow(either(false));
}
END_TEST

START_TEST(whatever_is_refused_of_a_long_file_leaves_the_old_or_the_new)
{
    spoil_refused(either(true), STATUS_ACCESS_DENIED);
}
END_TEST

START_TEST(no_wrong_answer_is_taken_for_the_servers_word)
{
    spoil_answered(either(false));
}
END_TEST

START_TEST(a_lost_link_leaves_nothing_or_all_or_says_what)
{
    const struct spoil s = either(true);

    spoil_link(&s, 1);
}
END_TEST

START_TEST(it_can_be_cancelled_at_any_time)
{
    const struct spoil s = either(true);

    for (unsigned turns = 0; turns < 60; turns++) {
        spoil_cancelled(&s, turns);
    }
}
END_TEST

START_TEST(freeing_the_context_leaves_nothing_or_all)
{
    const struct spoil s = either(false);

    for (unsigned turns = 0; spoil_freed(&s, turns); turns++) {
    }
}
END_TEST

START_TEST(without_memory_it_ends_well_or_says_so)
{
    struct spoil s = either(false);

    for (unsigned i = 0; i < 2; i++) {
        unsigned n = 0;
        s.old = i;
        while (spoil_without(&s, n)) {
            n++;
        }
        ck_assert_uint_gt(n, 10);
        ck_assert_uint_lt(n, 300);
    }
}
END_TEST

/* What is marked goes with the link: until it is to have its name nothing stays. */
START_TEST(a_client_that_dies_before_the_rename_leaves_nothing)
{
    const struct spoil s = either(true);
    struct put p;

    spoil_init(&p, &s);
    ck_assert_ptr_nonnull(put_start(&p, "a", s.bytes, s.len, LSMB_PUBLISH_AUTO));
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

int main(void)
{
    return RUN_TESTS(
        "xfer/share_finish", a_long_file_takes_four_round_trips,
        a_share_that_is_not_connected_to_yet_takes_one_more,
        a_file_that_is_replaced_takes_some_more, nothing_is_asked_for_twice,
        a_server_that_grants_few_credits_is_asked_one_by_one,
        a_name_that_is_taken_meanwhile_is_replaced, a_server_that_keeps_marks_is_found_out,
        whatever_is_refused_leaves_the_old_or_the_new,
        whatever_is_refused_of_a_long_file_leaves_the_old_or_the_new,
        no_wrong_answer_is_taken_for_the_servers_word,
        a_lost_link_leaves_nothing_or_all_or_says_what, it_can_be_cancelled_at_any_time,
        freeing_the_context_leaves_nothing_or_all, without_memory_it_ends_well_or_says_so,
        a_client_that_dies_before_the_rename_leaves_nothing);
}
