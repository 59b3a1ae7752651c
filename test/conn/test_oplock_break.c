/* test_oplock_break.c: what the server takes back unasked (MS-SMB2 3.2.5.19, 3.2.4.25). */
#include "conn/oplock_break.h"

#include "test/peer/client.h"
#include "test/run.h"

/* Whoever holds something: he remembers the last break, and says whether it is his. */
struct holder {
    bool mine;
    unsigned called;
    struct conn_break last;
};

static bool note(void *arg, const struct conn_break *broken)
{
    struct holder *holder = arg;

    holder->called++;
    holder->last = *broken;
    return holder->mine;
}

static void set_up(struct client *c, struct holder *holder, bool sealed)
{
    struct peer_config config = peer_defaults();

    config.encrypt_session = sealed;
    client_init(c, NULL, &config);
    ck_assert_msg(client_connect(c), "%s", c->err.reason);
    ck_assert(client_open(c, "a.txt"));
    *holder = (struct holder){.mine = true};
    c->conn.on_break = note;
    c->conn.owner = holder;
}

static struct smb2_break_notice to_level_ii(const struct client *c)
{
    return (struct smb2_break_notice){.file = c->file, .level = SMB2_OPLOCK_LEVEL_II};
}

static struct smb2_break_notice to_reading(void)
{
    return (struct smb2_break_notice){.lease = true,
                                      .key = "the key of it",
                                      .epoch = 3,
                                      .flags = SMB2_NOTIFY_BREAK_LEASE_FLAG_ACK_REQUIRED,
                                      .current_state = 7,
                                      .new_state = SMB2_LEASE_READ_CACHING};
}

static struct request_spec of_the_open(struct client *c)
{
    return (struct request_spec){
        .channel = &c->channel, .tree_id = c->tree.id, .seal = c->tree.seal};
}

START_TEST(a_broken_oplock_is_told_to_whoever_holds_it_and_given_back)
{
    for (int sealed = 0; sealed < 2; sealed++) {
        struct holder holder;
        struct client c;
        set_up(&c, &holder, sealed);
        struct smb2_break_notice notice = to_level_ii(&c);
        struct request_spec spec = of_the_open(&c);
        peer_break(c.wire.link, c.session.id, &notice, NULL);
        wire_run(&c.wire);
        ck_assert_uint_eq(holder.called, 1);
        ck_assert_ptr_eq(holder.last.session, &c.session);
        ck_assert(holder.last.sealed == sealed);
        ck_assert_uint_eq(holder.last.notice.file.vol, c.file.vol);
        ck_assert(break_needs_ack(&holder.last.notice, SMB2_OPLOCK_LEVEL_BATCH));
        break_ack(&spec, &holder.last.notice);
        wire_run(&c.wire);
        ck_assert_uint_eq(peer_last(&c.peer, SMB2_OPLOCK_BREAK)->answered, STATUS_SUCCESS);
        ck_assert(!c.wire.link->breaking);
        ck_assert_uint_eq(c.conn.strays, 0);
        client_free(&c);
    }
}
END_TEST

START_TEST(a_broken_lease_may_come_plain_and_is_given_back)
{
    for (int sealed = 0; sealed < 2; sealed++) {
        struct smb2_break_notice notice = to_reading();
        struct holder holder;
        struct client c;
        set_up(&c, &holder, sealed);
        struct request_spec spec = of_the_open(&c);
        peer_break(c.wire.link, 0, &notice, NULL);
        wire_run(&c.wire);
        ck_assert_uint_eq(holder.called, 1);
        ck_assert_ptr_null(holder.last.session);
        ck_assert(!holder.last.sealed);
        ck_assert(holder.last.notice.lease);
        ck_assert_uint_eq(holder.last.notice.epoch, 3);
        break_ack(&spec, &holder.last.notice);
        wire_run(&c.wire);
        ck_assert_uint_eq(peer_last(&c.peer, SMB2_OPLOCK_BREAK)->answered, STATUS_SUCCESS);
        ck_assert(peer_last(&c.peer, SMB2_OPLOCK_BREAK)->sealed == sealed);
        client_free(&c);
    }
}
END_TEST

START_TEST(who_has_to_acknowledge)
{
    struct smb2_break_notice oplock = {.level = SMB2_OPLOCK_LEVEL_NONE}, lease = to_reading();

    ck_assert(break_needs_ack(&oplock, SMB2_OPLOCK_LEVEL_EXCLUSIVE));
    ck_assert(break_needs_ack(&oplock, SMB2_OPLOCK_LEVEL_BATCH));
    ck_assert(!break_needs_ack(&oplock, SMB2_OPLOCK_LEVEL_II));
    ck_assert(break_needs_ack(&lease, SMB2_OPLOCK_LEVEL_LEASE));
    lease.flags = 0;
    ck_assert(!break_needs_ack(&lease, SMB2_OPLOCK_LEVEL_LEASE));
}
END_TEST

START_TEST(a_plain_oplock_break_in_a_sealed_session_is_nobodys_word)
{
    struct holder holder;
    struct client c;

    set_up(&c, &holder, true);
    struct smb2_break_notice notice = to_level_ii(&c);
    peer_break(c.wire.link, c.session.id, &notice, &(struct peer_rule){.protection = PEER_PLAIN});
    wire_run(&c.wire);
    ck_assert_uint_eq(holder.called, 0);
    ck_assert_uint_eq(c.conn.strays, 1);
    ck_assert(!conn_dead(&c.conn));
    client_free(&c);
}
END_TEST

START_TEST(a_break_for_another_session_is_passed_over)
{
    struct holder holder;
    struct client c;

    set_up(&c, &holder, false);
    struct smb2_break_notice notice = to_level_ii(&c);
    peer_break(c.wire.link, c.session.id + 77, &notice, NULL);
    wire_run(&c.wire);
    ck_assert_uint_eq(holder.called, 0);
    ck_assert_uint_eq(c.conn.strays, 1);
    client_free(&c);
}
END_TEST

static void rename_session(struct peer_reply *reply)
{
    reply->header.session_id += 1;
}

START_TEST(a_sealed_break_names_the_session_that_sealed_it)
{
    struct holder holder;
    struct client c;

    set_up(&c, &holder, true);
    struct smb2_break_notice notice = to_level_ii(&c);
    peer_break(c.wire.link, c.session.id, &notice, &(struct peer_rule){.edit = rename_session});
    wire_run(&c.wire);
    ck_assert_uint_eq(holder.called, 0);
    ck_assert_uint_eq(c.conn.strays, 1);
    client_free(&c);
}
END_TEST

START_TEST(breaks_of_what_is_not_held_are_passed_over_up_to_a_limit)
{
    struct smb2_break_notice notice = to_reading();
    struct request request = {0};
    struct holder holder;
    struct client c;

    set_up(&c, &holder, false);
    holder.mine = false;
    for (unsigned i = 0; i < CONN_STRAY_MAX; i++) {
        peer_break(c.wire.link, 0, &notice, NULL);
    }
    wire_run(&c.wire);
    ck_assert(!conn_dead(&c.conn));
    client_read(&c, &request, 0, 10); /* a good answer makes up for them */
    wire_run(&c.wire);
    ck_assert_uint_eq(client_data(&request, 10).len, 10);
    ck_assert_uint_eq(c.conn.strays, 0);
    for (unsigned i = 0; i <= CONN_STRAY_MAX; i++) {
        peer_break(c.wire.link, 0, &notice, NULL);
    }
    wire_run(&c.wire);
    ck_assert_int_eq(c.conn.err.code, LSMB_E_PROTOCOL);
    request_drop(&request);
    client_free(&c);
}
END_TEST

static void cut_short(struct peer_reply *reply)
{
    reply->len -= 1;
}

START_TEST(a_malformed_break_ends_the_connection)
{
    struct smb2_break_notice notice = to_reading();
    struct holder holder;
    struct client c;

    set_up(&c, &holder, false);
    peer_break(c.wire.link, 0, &notice, &(struct peer_rule){.edit = cut_short});
    wire_run(&c.wire);
    ck_assert_int_eq(c.conn.err.code, LSMB_E_PROTOCOL);
    ck_assert_uint_eq(holder.called, 0);
    client_free(&c);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "conn/oplock_break", a_broken_oplock_is_told_to_whoever_holds_it_and_given_back,
        a_broken_lease_may_come_plain_and_is_given_back, who_has_to_acknowledge,
        a_plain_oplock_break_in_a_sealed_session_is_nobodys_word,
        a_break_for_another_session_is_passed_over, a_sealed_break_names_the_session_that_sealed_it,
        breaks_of_what_is_not_held_are_passed_over_up_to_a_limit,
        a_malformed_break_ends_the_connection);
}
