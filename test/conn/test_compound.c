/* test_compound.c: several requests in one frame (MS-SMB2 3.2.4.1.4, 3.3.5.2.7). */
#include "conn/compound.h"

#include "proto/close.h"
#include "proto/create.h"
#include "proto/read.h"
#include "proto/tree.h"
#include "proto/utf16.h"
#include "proto/write.h"
#include "test/peer/client.h"
#include "test/run.h"

enum { PARTS = 3, TEXT_LEN = sizeof CLIENT_FILE_TEXT - 1 };

/* What a compound is made of, and the frames that carried it. */
struct chain {
    struct request requests[COMPOUND_MAX];
    struct compound_part parts[COMPOUND_MAX];
    unsigned count;
};

static struct wr *add(struct client *c, struct chain *chain, uint16_t command, uint32_t payload)
{
    struct compound_part *part = &chain->parts[chain->count];

    part->request = &chain->requests[chain->count++];
    part->spec = (struct request_spec){.channel = &c->channel,
                                       .tree_id = c->tree.id,
                                       .seal = c->tree.seal,
                                       .command = command,
                                       .payload = payload};
    ck_assert(request_body(part->request, c->env, 200, &part->w));
    return &part->w;
}

static void add_create(struct client *c, struct chain *chain, const char *path)
{
    uint8_t name[128];
    struct wr n = wr_from(name, sizeof name);

    wr_utf16(&n, path);
    smb2_create_request_put(
        add(c, chain, SMB2_CREATE, 0),
        &(struct smb2_create_request){.impersonation = SMB2_IMPERSONATION,
                                      .desired_access = FILE_READ_DATA | FILE_READ_ATTRIBUTES,
                                      .share_access = FILE_SHARE_READ,
                                      .disposition = FILE_OPEN,
                                      .name = wr_written(&n)});
}

static void add_read(struct client *c, struct chain *chain, struct smb2_file_id file, uint32_t len)
{
    smb2_read_request_put(add(c, chain, SMB2_READ, len),
                          &(struct smb2_read_request){.file = file, .length = len});
}

static void add_close(struct client *c, struct chain *chain, struct smb2_file_id file)
{
    smb2_close_request_put(add(c, chain, SMB2_CLOSE, 0),
                           &(struct smb2_close_request){.file = file});
}

/* CREATE, READ and CLOSE, each of the file of the one before. */
static void begin_visit(struct client *c, struct chain *chain, uint32_t len)
{
    *chain = (struct chain){0};
    add_create(c, chain, "a.txt");
    add_read(c, chain, SMB2_FILE_ID_NONE, len);
    add_close(c, chain, SMB2_FILE_ID_NONE);
}

static bool chain_send(struct chain *chain, bool related)
{
    return compound_send(chain->parts, chain->count, related);
}

static void chain_drop(struct chain *chain)
{
    for (unsigned i = 0; i < chain->count; i++) {
        request_drop(&chain->requests[i]);
    }
}

static void check_visit(struct chain *chain, uint32_t asked)
{
    for (unsigned i = 0; i < chain->count; i++) {
        ck_assert(request_done(&chain->requests[i]) && !chain->requests[i].failure);
        ck_assert(chain->requests[i].believed);
        ck_assert_uint_eq(chain->requests[i].status, STATUS_SUCCESS);
    }
    struct span data = client_data(&chain->requests[1], asked);
    uint32_t want = asked < TEXT_LEN ? asked : TEXT_LEN;
    ck_assert_uint_eq(data.len, want);
    ck_assert_mem_eq(data.ptr, CLIENT_FILE_TEXT, want);
}

static void set_up(struct client *c, const struct peer_config *config)
{
    client_init(c, NULL, config);
    ck_assert_msg(client_connect(c), "%s", c->err.reason);
    ck_assert(c->conn.credits_peak > 20);
}

static void check_balance(const struct client *c)
{
    ck_assert_uint_eq(c->conn.in_flight_count, 0);
    ck_assert_uint_eq(c->conn.unanswered_count, 0);
    ck_assert_uint_eq(c->conn.credits_used, 0);
    ck_assert_uint_eq(c->conn.credits, c->wire.link->credits);
    ck_assert_uint_eq(c->conn.next_message_id, c->wire.link->next_message_id);
}

/* ---------------------------------------------------------------- the plain course */

/* One way to protect it. */
struct way {
    uint16_t dialect;
    bool sign, seal, split;
};

static struct peer_config config_of(const struct way *way)
{
    struct peer_config config = peer_defaults();

    memset(config.dialects, 0, sizeof config.dialects);
    config.dialects[0] = way->dialect;
    config.signing_required = way->sign;
    config.encrypt_session = way->seal;
    config.split_compounds = way->split;
    return config;
}

static void check_elements(const struct peer *peer, const struct way *way)
{
    const struct peer_seen *seen = &peer->seen[peer->seen_count - PARTS];

    for (unsigned i = 0; i < PARTS; i++) {
        bool related = seen[i].header.flags & SMB2_FLAGS_RELATED_OPERATIONS;
        ck_assert(related == (i > 0));
        ck_assert_uint_eq(seen[i].header.next_command % 8, 0);
        ck_assert((seen[i].header.next_command == 0) == (i == PARTS - 1));
        ck_assert(seen[i].sealed == way->seal);
        ck_assert(seen[i].well_signed == (way->sign && !way->seal));
        ck_assert(i == 0 || seen[i].header.message_id > seen[i - 1].header.message_id);
    }
}

START_TEST(one_frame_opens_reads_and_closes_in_every_way)
{
    static const struct way ways[] = {
        {0x0202, true, false, false}, {0x0210, false, false, false}, {0x0210, true, false, true},
        {0x0302, false, true, false}, {0x0311, true, false, false},  {0x0311, true, false, true},
        {0x0311, false, true, false}, {0x0311, false, true, true},   {0x0311, true, true, false},
        {0x0300, true, false, false},
    };

    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct peer_config config = config_of(&ways[i]);
        struct chain chain;
        struct client c;
        set_up(&c, &config);
        unsigned frames = c.wire.sent, back = c.wire.received;
        begin_visit(&c, &chain, 1000);
        ck_assert(chain_send(&chain, true));
        wire_run(&c.wire);
        ck_assert_uint_eq(c.wire.sent - frames, 1);
        ck_assert_uint_eq(c.wire.received - back, ways[i].split ? PARTS : 1);
        check_visit(&chain, 1000);
        check_elements(&c.peer, &ways[i]);
        ck_assert_uint_eq(c.env->stats.sum.compounds, 1);
        check_balance(&c);
        chain_drop(&chain);
        client_free(&c);
    }
}
END_TEST

/* CREATE, WRITE of what lies elsewhere, CLOSE. */
static void begin_write(struct client *c, struct chain *chain, struct span payload)
{
    *chain = (struct chain){0};
    uint8_t name[16];
    struct wr n = wr_from(name, sizeof name);

    wr_utf16(&n, "new.txt");
    smb2_create_request_put(add(c, chain, SMB2_CREATE, 0),
                            &(struct smb2_create_request){.impersonation = SMB2_IMPERSONATION,
                                                          .desired_access = FILE_WRITE_DATA,
                                                          .disposition = FILE_CREATE,
                                                          .name = wr_written(&n)});
    smb2_write_request_put(
        add(c, chain, SMB2_WRITE, (uint32_t)payload.len),
        &(struct smb2_write_request){.length = (uint32_t)payload.len, .file = SMB2_FILE_ID_NONE});
    chain->parts[1].payload = payload;
    add_close(c, chain, SMB2_FILE_ID_NONE);
}

START_TEST(a_payload_goes_behind_its_write)
{
    static const size_t sizes[] = {0, 1, 7, 8, 4096, 65537, 262144};

    for (size_t i = 0; i < 3 * sizeof sizes / sizeof *sizes; i++) {
        const struct way way = {0x0311, i % 3 == 0, i % 3 == 1, false};
        struct peer_config config = config_of(&way);
        struct span payload = {calloc(1, sizes[i / 3] + 1), sizes[i / 3]};
        struct smb2_write_reply reply;
        struct chain chain;
        struct client c;
        set_up(&c, &config);
        begin_write(&c, &chain, payload);
        ck_assert(chain_send(&chain, true));
        wire_run(&c.wire);
        ck_assert(smb2_write_reply_get(&reply, chain.requests[1].message, (uint32_t)payload.len));
        ck_assert_uint_eq(reply.count, payload.len);
        ck_assert(peer_has(&c.peer, "new.txt", payload.ptr, payload.len));
        check_elements(&c.peer, &way);
        check_balance(&c);
        chain_drop(&chain);
        client_free(&c);
        free((void *)(uintptr_t)payload.ptr);
    }
}
END_TEST

START_TEST(unrelated_requests_do_not_depend_on_each_other)
{
    struct chain chain = {0};
    struct client c;

    set_up(&c, NULL);
    add_create(&c, &chain, "not-there.txt");
    add_create(&c, &chain, "a.txt");
    add_create(&c, &chain, "not-there.txt");
    ck_assert(chain_send(&chain, false));
    wire_run(&c.wire);
    ck_assert_uint_eq(chain.requests[0].status, (uint32_t)STATUS_OBJECT_NAME_NOT_FOUND);
    ck_assert_uint_eq(chain.requests[1].status, STATUS_SUCCESS);
    ck_assert_uint_eq(chain.requests[2].status, (uint32_t)STATUS_OBJECT_NAME_NOT_FOUND);
    ck_assert_uint_eq(
        c.peer.seen[c.peer.seen_count - 1].header.flags & SMB2_FLAGS_RELATED_OPERATIONS, 0);
    check_balance(&c);
    chain_drop(&chain);
    client_free(&c);
}
END_TEST

START_TEST(what_builds_on_a_failure_fails_with_it)
{
    struct chain chain;
    struct client c;

    set_up(&c, NULL);
    begin_visit(&c, &chain, 10);
    peer_script(&c.peer, &(struct peer_rule){.command = SMB2_CREATE,
                                             .status = (uint32_t)STATUS_SHARING_VIOLATION});
    ck_assert(chain_send(&chain, true));
    wire_run(&c.wire);
    for (unsigned i = 0; i < PARTS; i++) {
        ck_assert(request_done(&chain.requests[i]) && !chain.requests[i].failure);
        ck_assert_uint_eq(chain.requests[i].status, (uint32_t)STATUS_SHARING_VIOLATION);
    }
    check_balance(&c);
    chain_drop(&chain);
    client_free(&c);
}
END_TEST

/* Samba takes it, too: a cold look at a file in one round trip. */
START_TEST(a_share_is_connected_and_used_in_one_frame)
{
    struct chain chain = {0};
    struct peer_config config = peer_defaults();
    uint8_t path[64];
    struct wr p = wr_from(path, sizeof path);
    struct client c;

    client_init(&c, NULL, &config);
    ck_assert(client_negotiate(&c) && client_logon(&c));
    c.tree.id = SMB2_TREE_ID_RELATED;
    wr_utf16(&p, "\\\\server\\share");
    smb2_tree_connect_request_put(add(&c, &chain, SMB2_TREE_CONNECT, 0),
                                  &(struct smb2_tree_connect_request){.path = wr_written(&p)});
    chain.parts[0].spec.tree_id = 0;
    chain.parts[0].spec.must_sign = true;
    add_create(&c, &chain, "a.txt");
    add_read(&c, &chain, SMB2_FILE_ID_NONE, 10);
    add_close(&c, &chain, SMB2_FILE_ID_NONE);
    ck_assert(chain_send(&chain, true));
    wire_run(&c.wire);
    for (unsigned i = 0; i < chain.count; i++) {
        ck_assert_uint_eq(chain.requests[i].status, STATUS_SUCCESS);
    }
    ck_assert_uint_eq(client_data(&chain.requests[2], 10).len, 10);
    chain_drop(&chain);
    client_free(&c);
}
END_TEST

/* ---------------------------------------------------------------- how the answers come */

START_TEST(any_element_may_be_put_off)
{
    static const uint16_t commands[] = {SMB2_CREATE, SMB2_READ, SMB2_CLOSE};

    for (unsigned i = 0; i < 2 * PARTS; i++) {
        struct peer_config config = peer_defaults();
        struct chain chain;
        struct client c;
        config.split_compounds = i >= PARTS;
        set_up(&c, &config);
        begin_visit(&c, &chain, 10);
        peer_script(&c.peer, &(struct peer_rule){.command = commands[i % PARTS], .pendings = 1});
        ck_assert(chain_send(&chain, true));
        wire_run(&c.wire);
        check_visit(&chain, 10);
        ck_assert(chain.requests[i % PARTS].pending);
        check_balance(&c);
        chain_drop(&chain);
        client_free(&c);
    }
}
END_TEST

START_TEST(an_element_may_be_answered_much_later)
{
    struct chain chain = {0};
    struct client c;

    set_up(&c, NULL);
    add_create(&c, &chain, "a.txt");
    add_create(&c, &chain, "a.txt");
    peer_script(&c.peer, &(struct peer_rule){
                             .command = SMB2_CREATE, .skip = 1, .fate = PEER_HOLD, .pendings = 1});
    ck_assert(chain_send(&chain, false));
    wire_run(&c.wire);
    ck_assert(request_done(&chain.requests[0]));
    ck_assert(!request_done(&chain.requests[1]) && chain.requests[1].pending);
    peer_release(c.wire.link);
    wire_run(&c.wire);
    ck_assert_uint_eq(chain.requests[1].status, STATUS_SUCCESS);
    check_balance(&c);
    chain_drop(&chain);
    client_free(&c);
}
END_TEST

static void more_behind(struct peer_reply *reply)
{
    memset(reply->bytes + reply->len, 0x5A, 24);
    reply->len += 24;
}

START_TEST(bytes_behind_an_answer_are_passed_over)
{
    static const uint16_t commands[] = {SMB2_READ, SMB2_CLOSE};

    for (size_t i = 0; i < 2; i++) {
        struct peer_config config = peer_defaults();
        struct chain chain;
        struct client c;
        config.signing_required = true;
        set_up(&c, &config);
        peer_script(&c.peer, &(struct peer_rule){.command = commands[i], .edit = more_behind});
        begin_visit(&c, &chain, 3); /* its answer is padded as it is */
        ck_assert(chain_send(&chain, true));
        wire_run(&c.wire);
        check_visit(&chain, 3);
        chain_drop(&chain);
        client_free(&c);
    }
}
END_TEST

START_TEST(each_answer_is_held_to_its_own_signature)
{
    static const uint16_t commands[] = {SMB2_CREATE, SMB2_READ, SMB2_CLOSE};

    for (size_t i = 0; i < PARTS; i++) {
        struct peer_config config = peer_defaults();
        struct chain chain;
        struct client c;
        config.signing_required = true;
        set_up(&c, &config);
        peer_script(&c.peer,
                    &(struct peer_rule){.command = commands[i], .protection = PEER_WRONG_MAC});
        begin_visit(&c, &chain, 10);
        ck_assert(chain_send(&chain, true));
        wire_run(&c.wire);
        ck_assert_int_eq(c.conn.err.code, LSMB_E_SECURITY);
        for (unsigned k = 0; k < PARTS; k++) {
            ck_assert((chain.requests[k].failure != NULL) == (k >= i));
        }
        chain_drop(&chain);
        client_free(&c);
    }
}
END_TEST

START_TEST(answers_in_one_frame_may_be_as_long_as_all_that_was_asked_for)
{
    static uint8_t bytes[196608];
    struct chain chain = {0};
    struct client c;

    set_up(&c, NULL);
    (void)peer_add_file(&c.peer, "long.bin", bytes, sizeof bytes);
    add_create(&c, &chain, "long.bin");
    add_read(&c, &chain, SMB2_FILE_ID_NONE, 131072);
    add_read(&c, &chain, SMB2_FILE_ID_NONE, 196608);
    ck_assert(chain_send(&chain, true));
    wire_run(&c.wire);
    ck_assert_msg(!conn_dead(&c.conn), "%s", c.conn.err.reason);
    ck_assert_uint_eq(client_data(&chain.requests[1], 131072).len, 131072);
    ck_assert_uint_eq(client_data(&chain.requests[2], 196608).len, 196608);
    check_balance(&c); /* 1 + 2 + 3 credits and MessageIds */
    chain_drop(&chain);
    client_free(&c);
}
END_TEST

/* ---------------------------------------------------------------- credits and the gate */

START_TEST(what_the_balance_never_paid_for_goes_one_by_one)
{
    struct chain chain = {0};
    struct client c;

    set_up(&c, NULL);
    c.conn.credits_peak = 5;
    add_create(&c, &chain, "a.txt");
    add_create(&c, &chain, "a.txt");
    add_create(&c, &chain, "a.txt");
    unsigned frames = c.wire.sent;
    ck_assert(!chain_send(&chain, false));
    for (unsigned i = 0; i < chain.count; i++) {
        ck_assert_int_eq(chain.requests[i].state, REQUEST_IDLE);
        request_send(&chain.requests[i], &chain.parts[i].w, &chain.parts[i].spec, NULL);
    }
    wire_run(&c.wire);
    ck_assert_uint_eq(c.wire.sent - frames, 3);
    for (unsigned i = 0; i < chain.count; i++) {
        ck_assert_uint_eq(chain.requests[i].status, STATUS_SUCCESS);
    }
    chain_drop(&chain);
    client_free(&c);
}
END_TEST

static void hold_credits(struct client *c, uint32_t credits)
{
    c->conn.credits = credits;
    c->wire.link->credits = credits;
}

START_TEST(it_waits_until_all_of_it_can_be_paid)
{
    struct request first = {0}, echo = {0};
    struct chain chain;
    struct client c;

    set_up(&c, NULL);
    hold_credits(&c, 3);
    client_echo(&c, &first); /* its answer may bring some */
    begin_visit(&c, &chain, 10);
    ck_assert(chain_send(&chain, true));
    ck_assert_int_eq(chain.requests[0].state, REQUEST_WAITING);
    ck_assert_int_eq(chain.requests[2].state, REQUEST_WAITING);
    ck_assert(requests_starve(&c.conn));
    client_echo(&c, &echo); /* overtakes nobody */
    ck_assert_int_eq(echo.state, REQUEST_WAITING);
    hold_credits(&c, 5);
    c.conn.credits = 4; /* the first one is on its way */
    requests_issue(&c.conn);
    ck_assert_uint_eq(c.conn.credits, 0);
    wire_run(&c.wire);
    check_visit(&chain, 10);
    ck_assert(request_done(&echo));
    check_balance(&c);
    request_drop(&first);
    request_drop(&echo);
    chain_drop(&chain);
    client_free(&c);
}
END_TEST

static void ck_fell_apart(const struct chain *chain)
{
    for (unsigned i = 0; i < chain->count; i++) {
        ck_assert(request_fell_apart(&chain->requests[i]));
    }
}

/* MS-SMB2 3.3.1.2: a server may take credits back, and those that a compound needs will not come then. */
START_TEST(it_falls_apart_when_no_answer_is_due_that_could_pay_for_it)
{
    struct request echo = {0};
    struct chain chain;
    struct client c;

    set_up(&c, NULL);
    peer_script(&c.peer, &(struct peer_rule){.command = SMB2_ECHO, .set_credits = true});
    hold_credits(&c, 3);
    client_echo(&c, &echo);
    begin_visit(&c, &chain, 10);
    ck_assert(chain_send(&chain, true));
    ck_assert_int_eq(chain.requests[0].state, REQUEST_WAITING);
    wire_run(&c.wire); /* it brings none */
    ck_assert(request_done(&echo));
    ck_fell_apart(&chain);
    ck_assert(!requests_starve(&c.conn));
    chain_drop(&chain);
    begin_visit(&c, &chain, 10); /* and at once, where nothing is in flight */
    ck_assert(chain_send(&chain, true));
    ck_fell_apart(&chain);
    chain_drop(&chain);
    request_drop(&echo);
    client_echo(&c, &echo);
    wire_run(&c.wire);
    ck_assert(request_done(&echo) && !request_fell_apart(&echo));
    request_drop(&echo);
    client_free(&c);
}
END_TEST

/* What has been put off may take hours. */
START_TEST(it_does_not_wait_for_what_is_pending)
{
    struct request create = {0};
    struct chain chain = {0};
    struct client c;

    set_up(&c, NULL);
    peer_script(&c.peer,
                &(struct peer_rule){.command = SMB2_CREATE, .fate = PEER_HOLD, .pendings = 1});
    add_create(&c, &chain, "a.txt");
    create = chain.requests[0];
    request_send(&create, &chain.parts[0].w, &chain.parts[0].spec, NULL);
    wire_run(&c.wire);
    ck_assert(create.pending);
    hold_credits(&c, 2);
    begin_visit(&c, &chain, 10);
    ck_assert(chain_send(&chain, true));
    ck_fell_apart(&chain);
    chain_drop(&chain);
    peer_release(c.wire.link);
    wire_run(&c.wire);
    ck_assert_uint_eq(create.status, STATUS_SUCCESS);
    request_drop(&create);
    client_free(&c);
}
END_TEST

START_TEST(all_of_it_waits_at_the_gate)
{
    struct chain chain = {0};
    struct client c;

    set_up(&c, NULL);
    ck_assert(client_open(&c, "a.txt"));
    c.session.gate = SESSION_CLOSED;
    add_close(&c, &chain, c.file); /* which would pass by itself */
    add_create(&c, &chain, "a.txt");
    ck_assert(chain_send(&chain, false));
    ck_assert_int_eq(chain.requests[0].state, REQUEST_WAITING);
    session_open_gate(&c.session);
    wire_run(&c.wire);
    ck_assert_uint_eq(chain.requests[0].status, STATUS_SUCCESS);
    ck_assert_uint_eq(chain.requests[1].status, STATUS_SUCCESS);
    chain_drop(&chain);
    client_free(&c);
}
END_TEST

/* ---------------------------------------------------------------- the end of it */

START_TEST(a_compound_that_waits_falls_with_one_of_its_elements)
{
    for (unsigned dropped = 0; dropped < PARTS; dropped++) {
        struct chain chain;
        struct client c;
        set_up(&c, NULL);
        c.session.gate = SESSION_CLOSED;
        begin_visit(&c, &chain, 10);
        ck_assert(chain_send(&chain, true));
        request_drop(&chain.requests[dropped]);
        for (unsigned i = 0; i < PARTS; i++) {
            if (i != dropped) {
                ck_assert(request_done(&chain.requests[i]));
                ck_assert_int_eq(chain.requests[i].failure->code, LSMB_E_CANCELLED);
            }
        }
        chain_drop(&chain);
        ck_assert(list_empty(&c.conn.waiting_control));
        client_free(&c);
    }
}
END_TEST

START_TEST(an_element_in_flight_is_let_go_alone)
{
    for (unsigned dropped = 0; dropped < PARTS; dropped++) {
        struct chain chain;
        struct client c;
        set_up(&c, NULL);
        begin_visit(&c, &chain, 10);
        ck_assert(chain_send(&chain, true));
        request_drop(&chain.requests[dropped]);
        wire_run(&c.wire);
        for (unsigned i = 0; i < PARTS; i++) {
            ck_assert(i == dropped || chain.requests[i].status == STATUS_SUCCESS);
        }
        check_balance(&c);
        chain_drop(&chain);
        client_free(&c);
    }
}
END_TEST

START_TEST(it_ends_with_the_connection_or_the_session)
{
    for (int when = 0; when < 4; when++) {
        struct lsmb_error err;
        struct chain chain;
        struct client c;
        set_up(&c, NULL);
        begin_visit(&c, &chain, 10);
        error_set(&err, LSMB_E_NETWORK, "gone");
        if (when == 0) { /* before it is sent */
            conn_fail(&c.conn, &err);
        } else if (when == 1) {
            session_die(&c.session, &err);
        } else { /* while it waits */
            c.session.gate = SESSION_CLOSED;
        }
        ck_assert(chain_send(&chain, true));
        if (when == 2) {
            conn_fail(&c.conn, &err);
        } else if (when == 3) {
            session_die(&c.session, &err);
        }
        for (unsigned i = 0; i < PARTS; i++) {
            ck_assert(request_done(&chain.requests[i]));
            ck_assert_int_eq(chain.requests[i].failure->code, LSMB_E_NETWORK);
        }
        chain_drop(&chain);
        client_free(&c);
    }
}
END_TEST

START_TEST(a_used_up_key_sends_nothing)
{
    struct peer_config config = peer_defaults();
    struct chain chain;
    struct client c;

    config.encrypt_session = true;
    set_up(&c, &config);
    c.session.next_nonce = UINT64_MAX;
    begin_visit(&c, &chain, 10);
    unsigned frames = c.wire.sent;
    ck_assert(chain_send(&chain, true));
    wire_run(&c.wire);
    ck_assert_uint_eq(c.wire.sent, frames);
    ck_assert_int_eq(c.conn.err.code, LSMB_E_SECURITY);
    for (unsigned i = 0; i < PARTS; i++) {
        ck_assert_ptr_eq(chain.requests[i].failure, &c.conn.err);
    }
    chain_drop(&chain);
    client_free(&c);
}
END_TEST

START_TEST(without_memory_for_the_frame_nothing_is_sent_or_lost)
{
    struct buf *taken[256];
    struct chain chain;
    struct client c;
    size_t n = 0;

    set_up(&c, NULL);
    begin_visit(&c, &chain, 10);
    for (size_t room = 8 << 20; room > 0; room /= 2) {
        while (n < 256 && (taken[n] = pool_take_frame(&c.env->pool, room))) {
            n++;
        }
    }
    ck_assert(!chain_send(&chain, true));
    ck_assert_int_eq(chain.requests[0].state, REQUEST_IDLE);
    while (n > 0) {
        buf_free(taken[--n]);
    }
    ck_assert(chain_send(&chain, true));
    wire_run(&c.wire);
    check_visit(&chain, 10);
    chain_drop(&chain);
    client_free(&c);
}
END_TEST

/* A CREATE that nobody waits for is closed in the tree that TREE_CONNECT gave it. */
START_TEST(what_was_opened_for_nobody_is_closed_in_the_new_tree)
{
    struct chain chain = {0};
    uint8_t path[64];
    struct wr p = wr_from(path, sizeof path);
    struct client c;

    client_init(&c, NULL, NULL);
    ck_assert(client_negotiate(&c) && client_logon(&c));
    c.tree.id = SMB2_TREE_ID_RELATED;
    wr_utf16(&p, "\\\\server\\share");
    smb2_tree_connect_request_put(add(&c, &chain, SMB2_TREE_CONNECT, 0),
                                  &(struct smb2_tree_connect_request){.path = wr_written(&p)});
    chain.parts[0].spec.must_sign = true;
    add_create(&c, &chain, "a.txt");
    ck_assert(chain_send(&chain, true));
    chain_drop(&chain);
    wire_run(&c.wire);
    ck_assert_uint_eq(peer_count(&c.peer, SMB2_CLOSE), 1);
    ck_assert_uint_eq(peer_last(&c.peer, SMB2_CLOSE)->answered, STATUS_SUCCESS);
    client_free(&c);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "conn/compound", one_frame_opens_reads_and_closes_in_every_way,
        a_payload_goes_behind_its_write, unrelated_requests_do_not_depend_on_each_other,
        what_builds_on_a_failure_fails_with_it, a_share_is_connected_and_used_in_one_frame,
        any_element_may_be_put_off, an_element_may_be_answered_much_later,
        bytes_behind_an_answer_are_passed_over, each_answer_is_held_to_its_own_signature,
        answers_in_one_frame_may_be_as_long_as_all_that_was_asked_for,
        what_the_balance_never_paid_for_goes_one_by_one, it_waits_until_all_of_it_can_be_paid,
        it_falls_apart_when_no_answer_is_due_that_could_pay_for_it,
        it_does_not_wait_for_what_is_pending, all_of_it_waits_at_the_gate,
        a_compound_that_waits_falls_with_one_of_its_elements, an_element_in_flight_is_let_go_alone,
        it_ends_with_the_connection_or_the_session, a_used_up_key_sends_nothing,
        without_memory_for_the_frame_nothing_is_sent_or_lost,
        what_was_opened_for_nobody_is_closed_in_the_new_tree);
}
