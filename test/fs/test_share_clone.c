/* test_share_clone.c: a share once more, by another connection. */
#include "fs/holding.h"
#include "test/fs/fs_world.h"

static struct lsmb_share *clone_of(struct fs_world *w, struct lsmb_share *share)
{
    struct lsmb_share *clone = NULL;

    fs_ok(w, lsmb_share_clone(share, &clone, &w->err));
    ck_assert_ptr_nonnull(clone);
    return clone;
}

/* MS-SMB2 3.2.1.1 */
START_TEST(a_clone_has_a_connection_and_a_session_of_its_own)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    struct lsmb_share *clone = clone_of(&w, share);
    ck_assert_uint_eq(w.dialled, 2);
    ck_assert_ptr_ne(clone->lane, share->lane);
    ck_assert_ptr_eq(clone->server, share->server);
    ck_assert_mem_ne(clone->lane->client_guid, share->lane->client_guid, 16);
    ck_assert_uint_ne(clone->lane->session.id, share->lane->session.id);
    ck_assert_str_eq(clone->unc, share->unc);
    lsmb_share_close(clone);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

START_TEST(a_clone_outlives_what_it_was_made_of)
{
    struct fs_world w;
    struct lsmb_stat stat;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    struct lsmb_share *clone = clone_of(&w, share);
    lsmb_share_close(share);
    struct lsmb_share *another = clone_of(&w, clone);
    lsmb_share_close(clone);
    fs_ok(&w, lsmb_stat(another, "", &stat, &w.err));
    ck_assert_uint_eq(w.dialled, 3);
    lsmb_share_close(another);
    fs_world_free(&w);
}
END_TEST

START_TEST(nobody_else_is_put_on_the_connection_of_a_clone)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    struct lsmb_share *clone = clone_of(&w, share);
    struct lsmb_share *second = fs_share(&w);
    ck_assert_ptr_eq(second->lane, share->lane);
    lsmb_share_close(share);
    lsmb_share_close(second);
    struct lsmb_share *third = fs_share(&w);
    ck_assert_ptr_ne(third->lane, clone->lane);
    ck_assert_uint_eq(w.dialled, 3);
    lsmb_share_close(third);
    lsmb_share_close(clone);
    fs_world_free(&w);
}
END_TEST

START_TEST(who_is_opened_while_a_clone_connects_does_not_wait_for_it)
{
    struct lsmb_share *clone = NULL;
    struct fs_done done = {0};
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    ck_assert_ptr_nonnull(lsmb_share_clone_start(share, &clone, fs_done, &done));
    struct lsmb_share *second = fs_share(&w);
    ck_assert_ptr_eq(second->lane, share->lane);
    fs_ok(&w, lsmb_turn_until(w.smb, &done.finished));
    ck_assert_int_eq(done.err.code, LSMB_OK);
    lsmb_share_close(second);
    lsmb_share_close(clone);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

START_TEST(a_clone_that_is_lost_takes_nobody_with_it)
{
    struct fs_world w;
    struct lsmb_stat stat;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    struct lsmb_share *clone = clone_of(&w, share);
    peer_close(w.links[1]->link);
    fs_turn(&w, 4);
    fs_failed(&w, lsmb_stat(clone, "", &stat, &w.err), LSMB_E_NETWORK, 0);
    fs_ok(&w, lsmb_stat(share, "", &stat, &w.err));
    lsmb_share_close(clone);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

static void ck_no_clone(struct fs_world *w, struct lsmb_share *share, enum lsmb_code code,
                        uint32_t status)
{
    struct lsmb_share *clone = NULL;

    fs_failed(w, lsmb_share_clone(share, &clone, &w->err), code, status);
    ck_assert_ptr_null(clone);
    ck_assert_str_eq(w->err.path, "\\\\server\\share");
    fs_ok(w, lsmb_share_echo(share, &w->err));
    lsmb_share_close(share);
    fs_world_free(w);
}

START_TEST(a_clone_that_cannot_connect_leaves_nothing_behind)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    w.nobody_answers = true;
    ck_no_clone(&w, share, LSMB_E_NETWORK, 0);
}
END_TEST

/* One name, several addresses. */
START_TEST(a_clone_is_of_the_same_server)
{
    static struct peer other;
    struct fs_world w;

    fs_world_init(&w, NULL);
    peer_init(&other, &w.script.env, NULL);
    memset(other.guid, 0x55, sizeof other.guid);
    struct lsmb_share *share = fs_share(&w);
    w.door.peer = &other;
    ck_no_clone(&w, share, LSMB_E_NETWORK, 0);
    ck_assert_uint_eq(peer_count(&other, SMB2_TREE_CONNECT), 0);
    peer_free(&other);
}
END_TEST

START_TEST(a_clone_may_be_refused_the_share)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_TREE_CONNECT,
                                             .status = (uint32_t)STATUS_ACCESS_DENIED});
    ck_no_clone(&w, share, LSMB_E_DENIED, (uint32_t)STATUS_ACCESS_DENIED);
}
END_TEST

START_TEST(a_clone_can_be_given_up)
{
    struct lsmb_share *clone = NULL;
    struct fs_done done = {0};
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_TREE_CONNECT, .fate = PEER_DROP});
    struct lsmb_job *job = lsmb_share_clone_start(share, &clone, fs_done, &done);
    ck_assert_ptr_nonnull(job);
    fs_turn(&w, 16);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_TREE_CONNECT), 2);
    lsmb_job_cancel(job, NULL);
    fs_turn(&w, 4);
    ck_assert_int_eq(done.err.code, LSMB_E_CANCELLED);
    ck_assert_ptr_null(clone);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "fs/share_clone", a_clone_has_a_connection_and_a_session_of_its_own,
        a_clone_outlives_what_it_was_made_of, nobody_else_is_put_on_the_connection_of_a_clone,
        who_is_opened_while_a_clone_connects_does_not_wait_for_it,
        a_clone_that_is_lost_takes_nobody_with_it,
        a_clone_that_cannot_connect_leaves_nothing_behind, a_clone_is_of_the_same_server,
        a_clone_may_be_refused_the_share, a_clone_can_be_given_up);
}
