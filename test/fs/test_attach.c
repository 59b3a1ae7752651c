/* test_attach.c: shares that are connected to when something is opened there first (MS-SMB2 3.2.4.2.4,
 * 3.2.4.1.4, 2.2.10). */
#include "fs/attach.h"

#include "proto/tree.h"
#include "test/fs/lazy.h"

/* Where a test finds what it changes in an answer to TREE_CONNECT: MS-SMB2 2.2.10. */
enum {
    SHARE_TYPE = SMB2_HEADER_LEN + 2,
    SHARE_FLAGS = SMB2_HEADER_LEN + 4,
    CAPABILITIES = SMB2_HEADER_LEN + 8,
};

/* The first request of its kind. */
static const struct peer_seen *first_of(uint16_t command)
{
    for (size_t i = 0; i < w.peer.seen_count; i++) {
        if (w.peer.seen[i].header.command == command) {
            return &w.peer.seen[i];
        }
    }
    ck_abort_msg("no %s has come", smb2_command_name(command));
    return NULL;
}

/* TREE_CONNECT was followed by others in its frame, or was alone. */
static bool connected_in_company(void)
{
    return first_of(SMB2_TREE_CONNECT)->header.next_command != 0;
}

static void edit_tree(void (*how)(struct peer_reply *))
{
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_TREE_CONNECT, .edit = how});
}

/* ---------------------------------------------------------------- the plain course */

START_TEST(the_first_file_brings_the_share)
{
    begin_lazy(NULL, 0);
    run("a");
    ck_visited();
    ck_assert(connected_in_company());
    ck_assert_uint_eq(first_of(SMB2_CREATE)->header.tree_id, SMB2_TREE_ID_RELATED);
    ck_assert_uint_eq(visit.laid, 1);
    run("a");
    ck_visited();
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_TREE_CONNECT), 1);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CREATE), 2);
    end();
}
END_TEST

START_TEST(in_every_way_of_protection)
{
    for (unsigned i = 0; i < 8; i++) {
        struct peer_config config = peer_defaults();
        config.signing_required = i & 1;
        config.encrypt_session = i & 2;
        config.split_compounds = i & 4;
        begin_lazy(&config, 0);
        run("a");
        ck_visited();
        ck_assert(connected_in_company());
        end();
    }
}
END_TEST

START_TEST(what_needs_no_share_does_not_connect)
{
    struct lsmb_share_info info = {.size = sizeof info};

    begin_lazy(NULL, 0);
    fs_ok(&w, lsmb_share_echo(share, &w.err));
    lsmb_share_info(share, &info);
    ck_assert_uint_eq(info.share_type, 0);
    fs_ok(&w, stat_a());
    lsmb_share_info(share, &info);
    ck_assert_uint_eq(info.share_type, SMB2_SHARE_TYPE_DISK);
    end();
    begin_lazy(NULL, 0);
    lsmb_share_close(share);
    fs_turn(&w, 8);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_TREE_DISCONNECT), 0);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_LOGOFF), 1);
    fs_world_free(&w);
}
END_TEST

/* Nothing is changed on a share before it is known how it wants to be treated. */
START_TEST(what_writes_comes_after_the_share)
{
    struct peer_config config = peer_defaults();

    config.encrypt_share = true;
    begin_lazy(&config, 0);
    fs_ok(&w, lsmb_mkdir(share, "dir", false, &w.err));
    ck_assert(!connected_in_company());
    ck_assert(first_of(SMB2_CREATE)->sealed);
    end();
}
END_TEST

static bool count_share(void *arg, const struct lsmb_share_entry *entry)
{
    ck_assert_ptr_nonnull(entry->name);
    ++*(unsigned *)arg;
    return true;
}

START_TEST(pipes_and_copies_within_the_server_connect_too)
{
    struct lsmb_share *other;
    unsigned shares = 0;

    begin_lazy(NULL, 0);
    other = fs_share(&w);
    fs_ok(&w, lsmb_server_copy(share, "a", other, "b", &w.err));
    ck_assert(peer_has(&w.peer, "b", VISIT_TEXT, VISIT_LEN));
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_TREE_CONNECT), 2);
    lsmb_share_close(other);
    w.target.share = "IPC$";
    other = fs_share(&w);
    fs_ok(&w, lsmb_shares(other, count_share, &shares, &w.err));
    ck_assert_uint_eq(shares, 2);
    lsmb_share_close(other);
    end();
}
END_TEST

/* MS-SMB2 3.2.5.5: before 3.1.1 nothing happens on a share before NEGOTIATE is known to be unchanged. */
START_TEST(older_dialects_validate_first)
{
    static const enum lsmb_dialect dialects[] = {LSMB_SMB_2_0_2, LSMB_SMB_2_1, LSMB_SMB_3_0,
                                                 LSMB_SMB_3_0_2};

    for (size_t i = 0; i < 4; i++) {
        begin_lazy(NULL, dialects[i]);
        run("a");
        if (dialects[i] == LSMB_SMB_2_0_2) {
            ck_opened(); /* without a tail */
        } else {
            ck_visited();
        }
        ck_assert(!connected_in_company());
        ck_assert_uint_eq(peer_count(&w.peer, SMB2_IOCTL), dialects[i] >= LSMB_SMB_3_0);
        ck_assert(i < 2 || first_of(SMB2_IOCTL) < first_of(SMB2_CREATE));
        end();
    }
}
END_TEST

/* ---------------------------------------------------------------- the share's own wishes */

/* MS-SMB2 3.3.5.2.1.1: the file's name is in the frame, and the share may demand encryption: nobody reads it. */
START_TEST(all_of_the_frame_is_sealed_whatever_the_share_demands)
{
    for (unsigned demanded = 0; demanded < 2; demanded++) {
        struct peer_config config = peer_defaults();
        config.encrypt_share = demanded;
        begin_lazy(&config, 0);
        run("a");
        ck_visited();
        ck_assert_uint_eq(visit.laid, 1);
        ck_assert(connected_in_company() && first_of(SMB2_TREE_CONNECT)->sealed);
        ck_assert(first_of(SMB2_CREATE)->sealed && first_of(SMB2_READ)->sealed);
        run("a"); /* from then on as the share wants it */
        ck_visited();
        ck_assert(peer_last(&w.peer, SMB2_CREATE)->sealed == demanded);
        end();
    }
}
END_TEST

START_TEST(what_cannot_be_sealed_is_asked_for_when_the_share_has_been_heard)
{
    struct peer_config config = peer_defaults();

    memset(config.ciphers, 0, sizeof config.ciphers);
    begin_lazy(&config, 0);
    run("a");
    ck_visited();
    ck_assert(!connected_in_company());
    end();
    begin_world(NULL);
    w.policy.seal = LSMB_OFF;
    w.target.lazy = true;
    share = fs_share(&w);
    run("a");
    ck_visited();
    ck_assert(!connected_in_company());
    end();
}
END_TEST

/* Nobody can be sure of anything there. */
START_TEST(guests_have_no_keys_to_seal_with)
{
    struct peer_config config = peer_defaults();

    config.map_to_guest = true;
    begin_world(&config);
    w.policy.allow_guest = true;
    w.target.password = "wrong";
    w.target.lazy = true;
    share = fs_share(&w);
    run("a");
    ck_visited();
    ck_assert(connected_in_company() && !first_of(SMB2_CREATE)->sealed);
    end();
}
END_TEST

static void demand_sealing(struct peer_reply *reply)
{
    reply->bytes[SHARE_FLAGS + 1] |= SMB2_SHAREFLAG_ENCRYPT_DATA >> 8;
}

START_TEST(a_share_that_demands_what_was_not_agreed_cannot_be_used)
{
    struct peer_config config = peer_defaults();

    memset(config.ciphers, 0, sizeof config.ciphers);
    begin_lazy(&config, 0);
    edit_tree(demand_sealing);
    run("a");
    ck_failed(LSMB_E_POLICY, 0);
    ck_assert_str_eq(visit.op.err.path, "\\\\server\\share");
    end();
}
END_TEST

static void say_dfs(struct peer_reply *reply)
{
    reply->bytes[CAPABILITIES] = SMB2_SHARE_CAP_DFS;
}

START_TEST(a_dfs_share_is_told_the_whole_path)
{
    begin_lazy(NULL, 0);
    (void)peer_add_file(&w.peer, "server/share/a", VISIT_TEXT, VISIT_LEN);
    (void)peer_add_file(&w.peer, "a", "another", 7);
    edit_tree(say_dfs);
    run("a");
    ck_visited();
    ck_assert(peer_last(&w.peer, SMB2_CREATE)->header.flags & SMB2_FLAGS_DFS_OPERATIONS);
    ck_assert_uint_eq(visit.laid, 2);
    end();
}
END_TEST

static void say_printer(struct peer_reply *reply)
{
    reply->bytes[SHARE_TYPE] = SMB2_SHARE_TYPE_PRINT;
}

START_TEST(files_are_not_looked_for_elsewhere_than_on_disks)
{
    begin_lazy(NULL, 0);
    edit_tree(say_printer);
    run("a");
    ck_failed(LSMB_E_USAGE, 0);
    end();
    begin_world(NULL);
    w.target.lazy = true;
    w.target.share = "IPC$";
    share = fs_share(&w);
    ck_assert_int_eq(stat_a(), LSMB_E_USAGE);
    end();
}
END_TEST

/* ---------------------------------------------------------------- refusals */

/* The same is said of a share that cannot be had, whenever it is asked for. */
static void ck_same_error(uint32_t status)
{
    struct lsmb_share *eager = NULL;
    struct lsmb_error err;

    peer_script(&w.peer,
                &(struct peer_rule){.command = SMB2_TREE_CONNECT, .times = 3, .status = status});
    w.target.lazy = false;
    ck_assert_int_ne(lsmb_share_open(w.smb, &w.target, &eager, &err), LSMB_OK);
    run("a");
    ck_failed(err.code, status);
    ck_assert_str_eq(visit.op.err.reason, err.reason);
    ck_assert_str_eq(visit.op.err.advice, err.advice);
    ck_assert_str_eq(visit.op.err.path, err.path);
    ck_assert_str_eq(visit.op.err.step, err.step);
    ck_assert_int_eq(stat_a(), err.code);
    ck_assert_str_eq(w.err.reason, err.reason);
    ck_assert_str_eq(w.err.path, err.path);
}

START_TEST(a_share_that_cannot_be_had_is_the_error)
{
    static const uint32_t statuses[] = {(uint32_t)STATUS_BAD_NETWORK_NAME,
                                        (uint32_t)STATUS_ACCESS_DENIED, 0xC0FFEE00};

    for (size_t i = 0; i < 3; i++) {
        begin_lazy(NULL, 0);
        ck_same_error(statuses[i]);
        fs_ok(&w, stat_a()); /* it is there now */
        end();
    }
}
END_TEST

START_TEST(what_company_spoils_is_done_alone)
{
    static const uint32_t statuses[] = {(uint32_t)STATUS_NOT_SUPPORTED,
                                        (uint32_t)STATUS_INVALID_PARAMETER};

    for (size_t i = 0; i < 2; i++) {
        begin_lazy(NULL, 0);
        script(SMB2_TREE_CONNECT, statuses[i]);
        run("a");
        ck_visited();
        ck_assert_uint_eq(peer_count(&w.peer, SMB2_TREE_CONNECT), 2);
        end();
        begin_lazy(NULL, 0);
        script(SMB2_CREATE, statuses[i]);
        run("a");
        ck_visited();
        ck_assert_uint_eq(peer_count(&w.peer, SMB2_TREE_CONNECT), 1);
        end();
    }
}
END_TEST

START_TEST(a_server_that_forgets_the_share_at_once_is_asked_again)
{
    begin_lazy(NULL, 0);
    script(SMB2_CREATE, (uint32_t)STATUS_NETWORK_NAME_DELETED);
    run("a");
    ck_visited();
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_TREE_CONNECT), 1);
    script(SMB2_CREATE, (uint32_t)STATUS_NETWORK_NAME_DELETED);
    run("a");
    ck_assert_uint_eq(visit.op.err.nt_status, (uint32_t)STATUS_NETWORK_NAME_DELETED);
    end();
}
END_TEST

START_TEST(a_file_that_is_not_there_leaves_the_share)
{
    begin_lazy(NULL, 0);
    run("nowhere");
    ck_failed(LSMB_E_NOT_FOUND, (uint32_t)STATUS_OBJECT_NAME_NOT_FOUND);
    ck_assert_str_eq(visit.op.err.path, "\\\\server\\share\\nowhere");
    run("a");
    ck_visited();
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_TREE_CONNECT), 1);
    end();
}
END_TEST

START_TEST(where_credits_are_few_all_go_one_by_one)
{
    struct peer_config config = peer_defaults();

    config.credits = 4;
    begin_lazy(&config, 0);
    run("a");
    ck_opened();
    ck_assert(!connected_in_company());
    end();
}
END_TEST

START_TEST(without_memory_for_the_tail_the_share_comes_first)
{
    begin_lazy(NULL, 0);
    start("a");
    visit.no_memory = true;
    ck_assert_int_eq(lsmb_turn_until(w.smb, &visit.done), LSMB_OK);
    ck_opened();
    ck_assert(!connected_in_company());
    end();
}
END_TEST

START_TEST(a_logon_that_has_run_out_is_renewed_first)
{
    begin_lazy(NULL, 0);
    peer_expire_sessions(w.links[0]->link);
    run("a");
    ck_visited();
    ck_assert_uint_eq(visit.laid, 2);
    end();
}
END_TEST

/* ---------------------------------------------------------------- several at once */

START_TEST(those_who_come_together_wait_for_one)
{
    struct lsmb_job *jobs[MANY];

    for (unsigned chained = 0; chained < 2; chained++) {
        begin_lazy(NULL, 0);
        if (chained) {
            start("a");
        }
        start_all(jobs);
        ck_assert_uint_eq(await_all(), MANY);
        ck_assert_uint_eq(peer_count(&w.peer, SMB2_TREE_CONNECT), 1);
        ck_assert(connected_in_company() == chained);
        if (chained) {
            ck_assert_int_eq(lsmb_turn_until(w.smb, &visit.done), LSMB_OK);
            ck_visited();
        }
        end();
    }
}
END_TEST

START_TEST(they_share_a_refusal)
{
    struct lsmb_job *jobs[MANY];

    for (unsigned chained = 0; chained < 2; chained++) {
        begin_lazy(NULL, 0);
        script(SMB2_TREE_CONNECT, (uint32_t)STATUS_BAD_NETWORK_NAME);
        if (chained) {
            start("a");
        }
        start_all(jobs);
        ck_assert_uint_eq(await_all(), 0);
        for (size_t i = 0; i < MANY; i++) {
            ck_assert_uint_eq(all[i].err.nt_status, (uint32_t)STATUS_BAD_NETWORK_NAME);
            ck_assert_str_eq(all[i].err.path, "\\\\server\\share");
        }
        ck_assert_uint_eq(peer_count(&w.peer, SMB2_TREE_CONNECT), 1);
        ck_assert(!chained || visit.done);
        end();
    }
}
END_TEST

START_TEST(when_the_one_gives_up_the_next_takes_over)
{
    struct lsmb_error why;
    struct lsmb_job *jobs[MANY];

    error_set(&why, LSMB_E_CANCELLED, "enough");
    for (unsigned chained = 0; chained < 2; chained++) {
        begin_lazy(NULL, 0);
        peer_script(&w.peer, &(struct peer_rule){
                                 .command = SMB2_TREE_CONNECT, .fate = PEER_HOLD, .pendings = 1});
        if (chained) {
            start("a");
        }
        start_all(jobs);
        fs_turn(&w, 6);
        if (chained) {
            op_cancel(&visit.op, &why);
        } else {
            lsmb_job_cancel(jobs[0], &why);
        }
        ck_assert_uint_eq(await_all(), chained ? MANY : MANY - 1);
        ck_assert_uint_eq(peer_count(&w.peer, SMB2_TREE_CONNECT), 2);
        end();
    }
}
END_TEST

START_TEST(a_share_that_was_connected_to_in_vain_is_kept)
{
    struct lsmb_error why;
    struct lsmb_job *jobs[MANY];

    error_set(&why, LSMB_E_CANCELLED, "enough");
    begin_lazy(NULL, 0);
    peer_script(&w.peer,
                &(struct peer_rule){.command = SMB2_CREATE, .fate = PEER_HOLD, .pendings = 1});
    start("a");
    start_all(jobs);
    fs_turn(&w, 6);
    op_cancel(&visit.op, &why);
    ck_assert_uint_eq(await_all(), MANY);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_TREE_CONNECT), 1);
    end();
}
END_TEST

/* ---------------------------------------------------------------- lies, silence, aborts */

static void spoil_body(struct peer_reply *reply)
{
    reply->bytes[SMB2_HEADER_LEN] ^= 1; /* StructureSize */
}

START_TEST(an_answer_that_is_malformed_is_the_error)
{
    begin_lazy(NULL, 0);
    edit_tree(spoil_body);
    run("a");
    ck_failed(LSMB_E_PROTOCOL, 0);
    lsmb_share_close(share); /* what was opened on a share that nobody knows may be open */
    fs_world_free(&w);
}
END_TEST

START_TEST(each_answer_may_be_put_off)
{
    static const uint16_t commands[] = {SMB2_TREE_CONNECT, SMB2_CREATE, SMB2_READ, SMB2_CLOSE};

    for (size_t i = 0; i < 4; i++) {
        begin_lazy(NULL, 0);
        peer_script(&w.peer, &(struct peer_rule){.command = commands[i], .pendings = 1});
        run("a");
        ck_visited();
        end();
    }
}
END_TEST

START_TEST(each_answer_may_never_come)
{
    static const uint16_t commands[] = {SMB2_TREE_CONNECT, SMB2_CREATE, SMB2_READ, SMB2_CLOSE};

    for (size_t i = 0; i < 4; i++) {
        begin_lazy(NULL, 0);
        peer_script(&w.peer, &(struct peer_rule){.command = commands[i], .fate = PEER_MUTE});
        run("a");
        ck_failed(LSMB_E_TIMEOUT, 0);
        lsmb_share_close(share);
        fs_world_free(&w);
    }
}
END_TEST

START_TEST(aborted_at_each_turn_nothing_stays_open)
{
    struct lsmb_error why;

    error_set(&why, LSMB_E_CANCELLED, "enough");
    for (unsigned turns = 0; turns < 12; turns++) {
        struct peer_config config = peer_defaults();
        config.split_compounds = true;
        begin_lazy(&config, 0);
        start("a");
        fs_turn(&w, turns);
        if (!visit.done) {
            op_cancel(&visit.op, &why);
            ck_assert_int_eq(lsmb_turn_until(w.smb, &visit.done), LSMB_OK);
        }
        drop();
        fs_ok(&w, stat_a());
        end();
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "fs/attach", the_first_file_brings_the_share, in_every_way_of_protection,
        what_needs_no_share_does_not_connect, what_writes_comes_after_the_share,
        pipes_and_copies_within_the_server_connect_too, older_dialects_validate_first,
        all_of_the_frame_is_sealed_whatever_the_share_demands,
        what_cannot_be_sealed_is_asked_for_when_the_share_has_been_heard,
        guests_have_no_keys_to_seal_with, a_share_that_demands_what_was_not_agreed_cannot_be_used,
        a_dfs_share_is_told_the_whole_path, files_are_not_looked_for_elsewhere_than_on_disks,
        a_share_that_cannot_be_had_is_the_error, what_company_spoils_is_done_alone,
        a_server_that_forgets_the_share_at_once_is_asked_again,
        a_file_that_is_not_there_leaves_the_share, where_credits_are_few_all_go_one_by_one,
        without_memory_for_the_tail_the_share_comes_first,
        a_logon_that_has_run_out_is_renewed_first, those_who_come_together_wait_for_one,
        they_share_a_refusal, when_the_one_gives_up_the_next_takes_over,
        a_share_that_was_connected_to_in_vain_is_kept, an_answer_that_is_malformed_is_the_error,
        each_answer_may_be_put_off, each_answer_may_never_come,
        aborted_at_each_turn_nothing_stays_open);
}
