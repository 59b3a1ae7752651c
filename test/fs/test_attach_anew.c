/* test_attach_anew.c: connections that end over the frame that connects to a share, and what is believed of its
 * answers (MS-SMB2 3.2.4.1.4, 3.2.5.1.3). */
#include "fs/attach.h"

#include "test/fs/lazy.h"

/* What goes wrong with a frame that has TREE_CONNECT in it, so often. */
static void spoil_frame(const struct peer_rule *how, unsigned times)
{
    struct peer_rule rule = *how;

    rule.command = SMB2_TREE_CONNECT;
    rule.times = times;
    peer_script(&w.peer, &rule);
}

static void flip_last_bit(uint8_t *frame, size_t len)
{
    frame[len - 1] ^= 1;
}

static void spoil_header(struct peer_reply *reply)
{
    reply->protocol_id = 0;
}

static const struct peer_rule amiss[] = {{.fate = PEER_CLOSE}, {.edit = spoil_header}};

START_TEST(a_connection_that_ends_over_the_frame_is_made_anew)
{
    for (size_t i = 0; i < 2; i++) {
        begin_lazy(NULL, 0);
        spoil_frame(&amiss[i], 1);
        run("a");
        ck_visited();
        ck_assert_uint_eq(w.dialled, 2);
        ck_assert_uint_eq(peer_last(&w.peer, SMB2_TREE_CONNECT)->header.next_command, 0);
        lsmb_share_close(share);
        share = fs_share(&w); /* and the server is known */
        run("a");
        ck_visited();
        end();
    }
}
END_TEST

START_TEST(one_that_ends_again_is_the_error)
{
    static const enum lsmb_code codes[] = {LSMB_E_NETWORK, LSMB_E_PROTOCOL};

    for (size_t i = 0; i < 2; i++) {
        begin_lazy(NULL, 0);
        spoil_frame(&amiss[i], 2);
        run("a");
        ck_failed(codes[i], 0);
        ck_assert_uint_eq(w.dialled, 2);
        ck_assert_int_eq(stat_a(), codes[i]); /* the share is lost */
        end();
        begin_lazy(NULL, 0);
        spoil_frame(&amiss[i], 1);
        peer_script(&w.peer, &(struct peer_rule){.command = SMB2_SESSION_SETUP,
                                                 .status = (uint32_t)STATUS_LOGON_FAILURE});
        run("a");
        ck_failed(LSMB_E_AUTH, (uint32_t)STATUS_LOGON_FAILURE);
        ck_assert_str_eq(visit.op.err.path, "\\\\server\\share");
        size_t legs = peer_count(&w.peer, SMB2_SESSION_SETUP);
        ck_assert_int_eq(stat_a(), LSMB_E_NETWORK); /* nobody tries the password once more */
        ck_assert_uint_eq(peer_count(&w.peer, SMB2_SESSION_SETUP), legs);
        end();
    }
}
END_TEST

/* Who changes what comes gets no second logon to look at, and the user is told. */
START_TEST(what_looks_like_an_attack_is_told_of)
{
    static const struct peer_rule attacks[] = {
        {.tamper = flip_last_bit}, {.protection = PEER_PLAIN}, {.protection = PEER_SIGNED_ONLY}};

    for (size_t i = 0; i < 3; i++) {
        begin_lazy(NULL, 0);
        spoil_frame(&attacks[i], 1);
        run("a");
        ck_failed(LSMB_E_SECURITY, 0);
        ck_assert_uint_eq(w.dialled, 1);
        ck_assert_int_eq(stat_a(), LSMB_E_SECURITY);
        end();
    }
}
END_TEST

START_TEST(so_is_a_wrong_signature_where_nothing_can_be_sealed)
{
    struct peer_config config = peer_defaults();

    memset(config.ciphers, 0, sizeof config.ciphers);
    begin_lazy(&config, 0);
    spoil_frame(&(struct peer_rule){.protection = PEER_WRONG_MAC}, 1);
    run("a");
    ck_failed(LSMB_E_SECURITY, 0);
    ck_assert_uint_eq(w.dialled, 1);
    end();
}
END_TEST

START_TEST(nothing_is_repeated_on_the_word_of_a_stranger)
{
    static const uint16_t commands[] = {SMB2_TREE_CONNECT, SMB2_CREATE};
    struct peer_config config = peer_defaults();

    config.split_compounds = true;
    for (size_t i = 0; i < 2; i++) {
        begin_lazy(&config, 0);
        peer_script(&w.peer, &(struct peer_rule){.command = commands[i],
                                                 .status = (uint32_t)STATUS_INVALID_PARAMETER,
                                                 .protection = PEER_PLAIN});
        run("a");
        ck_failed(LSMB_E_SECURITY, (uint32_t)STATUS_INVALID_PARAMETER);
        ck_assert_uint_eq(peer_count(&w.peer, commands[i]), 1);
        end();
    }
}
END_TEST

/* They see why they got no answer in their own time, wherever their request stood. */
START_TEST(others_who_ask_meanwhile_outlive_the_connection)
{
    for (unsigned ahead = 0; ahead < CONN_BUCKETS; ahead++) {
        struct fs_done echoed = {0};
        begin_lazy(NULL, 0);
        for (unsigned i = 0; i < ahead; i++) {
            fs_ok(&w, lsmb_share_echo(share, &w.err));
        }
        spoil_frame(&amiss[0], 1);
        start("a");
        while (share->lane->link->conn.in_flight_count == 0) {
            fs_turn(&w, 1);
        }
        ck_assert_ptr_nonnull(lsmb_share_echo_start(share, fs_done, &echoed));
        ck_assert_int_eq(lsmb_turn_until(w.smb, &visit.done), LSMB_OK);
        ck_assert_int_eq(lsmb_turn_until(w.smb, &echoed.finished), LSMB_OK);
        ck_assert_int_eq(echoed.err.code, LSMB_E_NETWORK);
        ck_visited();
        end();
    }
}
END_TEST

/* A connection on which others are is not put at risk. */
START_TEST(the_frame_goes_only_where_nobody_else_is)
{
    begin_world(NULL);
    struct lsmb_share *other = fs_share(&w);
    w.target.lazy = true;
    share = fs_share(&w);
    run("a");
    ck_visited();
    ck_assert_uint_eq(w.dialled, 1);
    ck_assert_uint_eq(peer_last(&w.peer, SMB2_TREE_CONNECT)->header.next_command, 0);
    lsmb_share_close(other);
    end();
}
END_TEST

START_TEST(those_who_wait_go_by_the_new_connection)
{
    struct lsmb_job *jobs[MANY];

    begin_lazy(NULL, 0);
    spoil_frame(&amiss[0], 1);
    start("a");
    start_all(jobs);
    ck_assert_uint_eq(await_all(), MANY);
    ck_assert_int_eq(lsmb_turn_until(w.smb, &visit.done), LSMB_OK);
    ck_visited();
    ck_assert_uint_eq(w.dialled, 2);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_TREE_CONNECT), 2);
    end();
    begin_lazy(NULL, 0);
    spoil_frame(&amiss[0], 1);
    start("a");
    start_all(jobs);
    while (w.dialled < 2) {
        w.nobody_answers = !list_empty(&w.peer.links) && peer_count(&w.peer, SMB2_TREE_CONNECT) > 0;
        ck_assert_int_eq(lsmb_turn(w.smb, -1), LSMB_OK);
        if (visit.done) {
            break;
        }
    }
    ck_assert_uint_eq(await_all(), 0);
    ck_assert_int_eq(all[0].err.code, LSMB_E_NETWORK);
    end();
}
END_TEST

START_TEST(aborted_while_it_connects_anew)
{
    struct lsmb_error why;

    error_set(&why, LSMB_E_CANCELLED, "enough");
    for (unsigned turns = 0; turns < 20; turns++) {
        begin_lazy(NULL, 0);
        spoil_frame(&amiss[0], 1);
        start("a");
        fs_turn(&w, turns);
        if (!visit.done) {
            op_cancel(&visit.op, &why);
            ck_assert_int_eq(lsmb_turn_until(w.smb, &visit.done), LSMB_OK);
        }
        drop();
        bool anew = share->lost != NULL;
        enum lsmb_code code = stat_a(); /* by the new connection, where its time had come */
        ck_assert_int_eq(code, anew || share_up(share) ? LSMB_OK : LSMB_E_NETWORK);
        end();
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("fs/attach, anew", a_connection_that_ends_over_the_frame_is_made_anew,
                     one_that_ends_again_is_the_error, what_looks_like_an_attack_is_told_of,
                     so_is_a_wrong_signature_where_nothing_can_be_sealed,
                     nothing_is_repeated_on_the_word_of_a_stranger,
                     others_who_ask_meanwhile_outlive_the_connection,
                     the_frame_goes_only_where_nobody_else_is,
                     those_who_wait_go_by_the_new_connection, aborted_while_it_connects_anew);
}
