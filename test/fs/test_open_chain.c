/* test_open_chain.c: what goes with a CREATE in one frame (MS-SMB2 3.2.4.1.4, 3.3.5.2.7.2). */
#include "fs/open_chain.h"

#include <limits.h>

#include "test/fs/visit.h"

/* ---------------------------------------------------------------- the plain course */

START_TEST(one_frame_opens_reads_and_closes)
{
    begin(NULL);
    run("a");
    ck_visited();
    ck_assert_uint_eq(visit.laid, 1);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CLOSE), 1);
    ck_assert(peer_last(&w.peer, SMB2_READ)->header.flags & SMB2_FLAGS_RELATED_OPERATIONS);
    end();
}
END_TEST

START_TEST(sealed_signed_or_plain_together_or_apart)
{
    for (unsigned i = 0; i < 8; i++) {
        struct peer_config config = peer_defaults();
        config.signing_required = i & 1;
        config.encrypt_share = i & 2;
        config.split_compounds = i & 4;
        begin(&config);
        run("a");
        ck_visited();
        end();
    }
}
END_TEST

START_TEST(an_element_that_is_put_off_is_awaited)
{
    static const uint16_t commands[] = {SMB2_CREATE, SMB2_READ, SMB2_CLOSE};

    begin(NULL);
    for (size_t i = 0; i < 3; i++) {
        peer_script(&w.peer, &(struct peer_rule){.command = commands[i], .pendings = 1});
        run("a");
        ck_visited();
    }
    peer_script(&w.peer,
                &(struct peer_rule){.command = SMB2_CLOSE, .fate = PEER_HOLD, .pendings = 1});
    start("a");
    fs_turn(&w, 10);
    ck_assert(!visit.done && request_done(&visit.read));
    peer_release(w.links[0]->link); /* it stands alone now, and names no file */
    ck_assert_int_eq(lsmb_turn_until(w.smb, &visit.done), LSMB_OK);
    ck_assert(!op_failed(&visit.op) && visit.tail.sent);
    ck_assert_ptr_eq(visit.open.share, share); /* nobody has closed it */
    drop();
    end();
}
END_TEST

/* ---------------------------------------------------------------- refusals */

START_TEST(a_refused_create_is_the_error)
{
    begin(NULL);
    run("nowhere");
    ck_failed(LSMB_E_NOT_FOUND, (uint32_t)STATUS_OBJECT_NAME_NOT_FOUND);
    ck_assert_uint_eq(visit.laid, 1);
    script(SMB2_CREATE, (uint32_t)STATUS_SHARING_VIOLATION);
    run("a");
    ck_failed(LSMB_E_DENIED, (uint32_t)STATUS_SHARING_VIOLATION);
    end();
}
END_TEST

START_TEST(links_are_followed_with_the_tail_laid_anew)
{
    begin(NULL);
    (void)peer_add_symlink(&w.peer, "link", "a", true);
    run("link");
    ck_assert_uint_eq(visit.laid, 2);
    ck_visited();
    end();
}
END_TEST

START_TEST(a_tail_that_was_refused_leaves_an_open_file)
{
    begin(NULL);
    script(SMB2_READ, (uint32_t)STATUS_FILE_LOCK_CONFLICT); /* and CLOSE with it */
    run("a");
    ck_opened();
    end();
}
END_TEST

START_TEST(a_close_that_failed_leaves_an_open_file_and_what_was_read)
{
    begin(NULL);
    script(SMB2_CLOSE, (uint32_t)STATUS_ACCESS_DENIED);
    run("a");
    ck_assert(!op_failed(&visit.op) && visit.tail.sent);
    ck_assert_ptr_eq(visit.open.share, share);
    ck_assert_uint_eq(visit.read.status, STATUS_SUCCESS);
    drop();
    end();
}
END_TEST

START_TEST(what_company_spoils_is_done_alone)
{
    static const uint32_t statuses[] = {
        (uint32_t)STATUS_NOT_SUPPORTED, (uint32_t)STATUS_NOT_IMPLEMENTED,
        (uint32_t)STATUS_INTERNAL_ERROR, (uint32_t)STATUS_INVALID_PARAMETER};

    begin(NULL);
    for (size_t i = 0; i < 4; i++) {
        script(SMB2_CREATE, statuses[i]);
        run("a");
        ck_opened();
        ck_assert_uint_eq(visit.laid, 1);
        run("a"); /* once is no reason to do without */
        ck_visited();
        peer_script(&w.peer,
                    &(struct peer_rule){.command = SMB2_CREATE, .times = 2, .status = statuses[i]});
        run("a");
        ck_failed(LSMB_E_STATUS, statuses[i]);
    }
    end();
}
END_TEST

START_TEST(a_server_that_never_does_them_is_not_asked_again)
{
    unsigned asked = 0;

    begin(NULL);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_READ,
                                             .times = UINT_MAX,
                                             .status = (uint32_t)STATUS_NOT_SUPPORTED});
    for (unsigned i = 0; i < 10; i++) {
        run("a");
        asked += visit.laid;
        ck_opened();
    }
    ck_assert_uint_eq(asked, 3);
    end();
}
END_TEST

/* ---------------------------------------------------------------- memory, credits, logons */

START_TEST(without_memory_for_the_tail_the_file_is_opened_alone)
{
    begin(NULL);
    start("a");
    visit.no_memory = true;
    ck_assert_int_eq(lsmb_turn_until(w.smb, &visit.done), LSMB_OK);
    ck_opened();
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_READ), 0);
    end();
}
END_TEST

START_TEST(where_credits_are_few_the_file_is_opened_alone)
{
    struct peer_config config = peer_defaults();

    config.credits = 4;
    begin(&config);
    run("a");
    ck_opened();
    ck_assert_uint_eq(visit.laid, 1);
    end();
}
END_TEST

/* impacket's server, which speaks nothing newer, signs its answers to a compound wrongly. */
START_TEST(in_the_oldest_dialect_the_file_is_opened_alone)
{
    begin_world(NULL);
    w.policy.max_dialect = LSMB_SMB_2_0_2;
    share = fs_share(&w);
    run("a");
    ck_opened();
    ck_assert_uint_eq(visit.laid, 0);
    end();
}
END_TEST

START_TEST(a_logon_that_has_run_out_is_renewed_first)
{
    begin(NULL);
    peer_expire_sessions(w.links[0]->link);
    run("a");
    ck_assert_uint_eq(visit.laid, 2);
    ck_visited();
    end();
}
END_TEST

/* ---------------------------------------------------------------- lies */

static void spoil_body(struct peer_reply *reply)
{
    reply->bytes[SMB2_HEADER_LEN] ^= 1; /* StructureSize */
}

START_TEST(malformed_answers_are_the_owners_to_refuse)
{
    begin(NULL);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_CREATE, .edit = spoil_body});
    run("a");
    ck_failed(LSMB_E_PROTOCOL, 0);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_READ, .edit = spoil_body});
    run("a");
    ck_assert(!op_failed(&visit.op) && visit.tail.sent);
    struct smb2_read_reply reply;
    ck_assert(!smb2_read_reply_get(&reply, visit.read.message, VISIT_ASKED));
    drop();
    end();
}
END_TEST

START_TEST(an_element_without_its_signature_ends_the_connection)
{
    static const uint16_t commands[] = {SMB2_CREATE, SMB2_READ, SMB2_CLOSE};
    struct peer_config config = peer_defaults();

    config.signing_required = true;
    for (size_t i = 0; i < 3; i++) {
        begin(&config);
        peer_script(&w.peer,
                    &(struct peer_rule){.command = commands[i], .protection = PEER_STRIP_FLAG});
        run("a");
        ck_failed(LSMB_E_SECURITY, 0);
        end();
    }
}
END_TEST

/* MS-SMB2 3.2.5.1.3: the server may have opened the file. */
START_TEST(nothing_is_repeated_on_the_word_of_a_stranger)
{
    struct peer_config config = peer_defaults();

    config.signing_required = true;
    begin(&config);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_CREATE,
                                             .status = (uint32_t)STATUS_INVALID_PARAMETER,
                                             .protection = PEER_ZERO_MAC});
    run("a");
    ck_failed(LSMB_E_SECURITY, (uint32_t)STATUS_INVALID_PARAMETER);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CREATE), 1);
    ck_assert_uint_eq(share->lane->chains_failed, 0);
    end();
}
END_TEST

START_TEST(an_answer_that_never_comes_ends_in_silence)
{
    static const uint16_t commands[] = {SMB2_CREATE, SMB2_READ, SMB2_CLOSE};

    for (size_t i = 0; i < 3; i++) {
        begin(NULL);
        peer_script(&w.peer, &(struct peer_rule){.command = commands[i], .fate = PEER_MUTE});
        run("a");
        ck_failed(LSMB_E_TIMEOUT, 0);
        lsmb_share_close(share);
        fs_world_free(&w);
    }
}
END_TEST

START_TEST(answers_that_come_twice_are_discarded)
{
    static const uint16_t commands[] = {SMB2_CREATE, SMB2_READ, SMB2_CLOSE};

    begin(NULL);
    for (size_t i = 0; i < 3; i++) {
        peer_script(&w.peer, &(struct peer_rule){.command = commands[i], .fate = PEER_TWICE});
        run("a");
        ck_visited();
    }
    end();
}
END_TEST

/* The answer to READ before that to CREATE; each is followed by another, so that both stay what they are. */
static void swap_first_two(uint8_t *frame, size_t len)
{
    struct span chain = {frame, len}, first, second;
    uint8_t copy[512];
    struct smb2_header header;

    ck_assert(smb2_chain_take(&chain, &header, &first) &&
              smb2_chain_take(&chain, &header, &second) && chain.len > 0);
    ck_assert_uint_le(first.len, sizeof copy);
    memcpy(copy, first.ptr, first.len);
    memmove(frame, second.ptr, second.len);
    memcpy(frame + second.len, copy, first.len);
}

START_TEST(answers_in_any_order_are_told_apart)
{
    begin(NULL);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_CREATE, .tamper = swap_first_two});
    run("a");
    ck_visited();
    end();
}
END_TEST

/* ---------------------------------------------------------------- aborted */

START_TEST(aborted_at_each_turn_nothing_stays_open)
{
    struct lsmb_error why;

    error_set(&why, LSMB_E_CANCELLED, "enough");
    for (unsigned turns = 0; turns < 12; turns++) {
        struct peer_config config = peer_defaults();
        config.split_compounds = true;
        begin(&config);
        start("a");
        fs_turn(&w, turns);
        if (!visit.done) {
            op_cancel(&visit.op, &why);
            ck_assert_int_eq(lsmb_turn_until(w.smb, &visit.done), LSMB_OK);
            ck_assert_int_eq(visit.op.err.code, LSMB_E_CANCELLED);
        }
        drop();
        end();
    }
}
END_TEST

START_TEST(aborted_while_it_is_put_off_nothing_stays_open)
{
    static const uint16_t commands[] = {SMB2_CREATE, SMB2_READ, SMB2_CLOSE};
    struct lsmb_error why;

    error_set(&why, LSMB_E_CANCELLED, "enough");
    for (size_t i = 0; i < 3; i++) {
        begin(NULL);
        peer_script(&w.peer,
                    &(struct peer_rule){.command = commands[i], .fate = PEER_HOLD, .pendings = 1});
        start("a");
        fs_turn(&w, 10);
        ck_assert(!visit.done);
        op_cancel(&visit.op, &why);
        ck_assert_int_eq(lsmb_turn_until(w.smb, &visit.done), LSMB_OK);
        ck_failed(LSMB_E_CANCELLED, 0);
        end();
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "fs/open_chain", one_frame_opens_reads_and_closes, sealed_signed_or_plain_together_or_apart,
        an_element_that_is_put_off_is_awaited, a_refused_create_is_the_error,
        links_are_followed_with_the_tail_laid_anew, a_tail_that_was_refused_leaves_an_open_file,
        a_close_that_failed_leaves_an_open_file_and_what_was_read,
        what_company_spoils_is_done_alone, a_server_that_never_does_them_is_not_asked_again,
        without_memory_for_the_tail_the_file_is_opened_alone,
        where_credits_are_few_the_file_is_opened_alone,
        in_the_oldest_dialect_the_file_is_opened_alone, a_logon_that_has_run_out_is_renewed_first,
        malformed_answers_are_the_owners_to_refuse,
        an_element_without_its_signature_ends_the_connection,
        nothing_is_repeated_on_the_word_of_a_stranger, an_answer_that_never_comes_ends_in_silence,
        answers_that_come_twice_are_discarded, answers_in_any_order_are_told_apart,
        aborted_at_each_turn_nothing_stays_open, aborted_while_it_is_put_off_nothing_stays_open);
}
