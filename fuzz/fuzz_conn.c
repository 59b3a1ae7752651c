/* fuzz_conn.c: what a hostile server says at any time, behind the cryptography.
 *
 * Target functions: conn_receive, request_send, compound_send, request_drop, and the steps of negotiate_start(),
 * logon_start(), logon_again_start() and tree_connect_start().
 *
 * A client speaks with the scripted peer, whose clock and randomness are fixed.  The first byte of the
 * input chooses how (see `set_up`); what follows is a list of acts (see `act`): let the peer answer
 * honestly, or with bytes of the reply changed before they are signed or sealed with the right keys, or
 * after; make up a reply or a frame; make requests of all kinds, drop them, let time pass.  The seeds in
 * corpus/conn are honest visits. */
#include <stdlib.h>

#include "conn/compound.h"
#include "fuzz/without_check.h"
#include "proto/close.h"
#include "proto/create.h"
#include "proto/info.h"
#include "proto/ioctl.h"
#include "test/peer/client.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { REQUESTS = 8, ACTS_MAX = 64, MUTATIONS = 4 };

/* A run over one input. */
struct run {
    struct rd in;
    struct client client;
    struct request requests[REQUESTS];
};

static struct run run;

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* ---------------------------------------------------------------- what must always be so */

static void check_conn(struct conn *conn)
{
    uint32_t flying = 0, pending = 0, used = 0;

    for (size_t i = 0; i < CONN_BUCKETS; i++) {
        LIST_EACH(node, &conn->in_flight[i])
        {
            const struct request *request = CONTAINER_OF(node, struct request, node);
            require(request->state == REQUEST_IN_FLIGHT);
            require(request_find(conn, request->message_id) == request);
            flying++;
            pending += request->pending && request->spec.command != SMB2_ECHO;
            used += request->charge > 0 ? request->charge : 1u;
        }
    }
    require(conn->credits <= SMB2_CREDITS_MAX);
    require(conn->credits <= conn->credits_peak);
    require(conn->in_flight_count == flying);
    require(conn->unanswered_count == flying - pending);
    require(conn->credits_used == used);
    require(conn->strays <= CONN_STRAY_MAX + 1);
    require(!conn_dead(conn) || (flying == 0 && conn->err.reason[0]));
}

/* Nothing of a reply is to be had that the policy does not believe. */
static void check_requests(const struct run *r)
{
    for (size_t i = 0; i < REQUESTS; i++) {
        const struct request *request = &r->requests[i];
        if (!request_done(request) || request->failure) {
            continue;
        }
        require(request->reply != NULL && request->message.len >= SMB2_HEADER_LEN);
        require(request->believed || request->status != STATUS_SUCCESS);
    }
}

static void check_session(const struct run *r)
{
    const struct session *session = &r->client.session;

    if (session->gate == SESSION_OPEN) {
        require(!session->guest && !session->anonymous);
        require(r->client.channel.signer != NULL);
        require(!r->client.policy.require_sealing || session->seal);
    }
}

/* ---------------------------------------------------------------- changed replies */

/* What is changed in the next replies: taken from the input when the act is read. */
static struct {
    uint16_t offset;
    uint8_t value;
} mutations[MUTATIONS];
static uint8_t cut;

static void read_mutations(struct rd *in)
{
    for (size_t i = 0; i < MUTATIONS; i++) {
        mutations[i].offset = rd_u16(in);
        mutations[i].value = rd_u8(in);
    }
    cut = rd_u8(in);
}

static void change_bytes(uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < MUTATIONS; i++) {
        if (mutations[i].offset < len) {
            bytes[mutations[i].offset] ^= mutations[i].value;
        }
    }
}

/* Change header fields and body before it is protected. */
static void change_reply(struct peer_reply *reply)
{
    uint8_t head[SMB2_HEADER_LEN];
    struct wr w = wr_from(head, sizeof head);

    smb2_header_put(&w, &reply->header);
    memcpy(reply->bytes, head, sizeof head);
    change_bytes(reply->bytes, reply->len);
    struct rd r = rd_from((struct span){reply->bytes, SMB2_HEADER_LEN}, 0);
    reply->protocol_id = rd_u32(&r);
    memcpy(reply->bytes, head, 6); /* ProtocolId and StructureSize, so that it can be read back */
    (void)smb2_header_get(&reply->header, (struct span){reply->bytes, SMB2_HEADER_LEN});
    reply->header.next_command = 0; /* the peer's own to fill in */
    size_t less = cut % 64;
    reply->len -= less < reply->len - SMB2_HEADER_LEN ? less : reply->len - SMB2_HEADER_LEN;
}

/* ---------------------------------------------------------------- acts */

/* Move one frame to the peer, and one back. */
static void be_honest(struct run *r)
{
    script_settle(&r->client.script);
    (void)wire_to_server(&r->client.wire);
    (void)wire_to_client(&r->client.wire);
    script_settle(&r->client.script);
}

static void script_next(struct run *r)
{
    uint8_t bits = rd_u8(&r->in);
    struct peer_rule rule = {
        .command = PEER_ANY_COMMAND,
        .fate = (enum peer_fate)(bits % (PEER_JOIN + 1)),
        .pendings = bits >> 4 & 3,
        .protection = (enum peer_protection)(rd_u8(&r->in) % (PEER_SIGNED_ONLY + 1)),
        .set_credits = bits >> 6 & 1,
    };

    rule.credits = rd_u16(&r->in);
    rule.status = bits >> 7 ? rd_u32(&r->in) : 0;
    read_mutations(&r->in);
    rule.edit = change_reply;
    peer_script(&r->client.peer, &rule);
}

static void tamper_next(struct run *r)
{
    struct peer_rule rule = {.command = PEER_ANY_COMMAND, .tamper = change_bytes};

    read_mutations(&r->in);
    peer_script(&r->client.peer, &rule);
}

/* A reply out of thin air, protected with the session's keys. */
static void make_up_reply(struct run *r)
{
    uint8_t bits = rd_u8(&r->in);
    struct peer_rule rule = {.protection =
                                 (enum peer_protection)((bits >> 4) % (PEER_SIGNED_ONLY + 1))};
    struct smb2_header header = {.flags = SMB2_FLAGS_SERVER_TO_REDIR};

    header.flags |= bits & 1 ? (uint32_t)SMB2_FLAGS_ASYNC_COMMAND : 0u;
    header.command = rd_u8(&r->in) % 20;
    header.credits = rd_u16(&r->in);
    header.async_id = rd_u8(&r->in);
    header.status = bits & 2 ? rd_u32(&r->in) : 0;
    header.message_id = bits & 4 ? rd_u64(&r->in) : r->client.conn.next_message_id - rd_u8(&r->in);
    header.session_id = bits & 8 ? rd_u64(&r->in) : r->client.session.id;
    uint8_t len = rd_u8(&r->in);
    peer_send(r->client.wire.link, &header, rd_take(&r->in, len), &rule);
}

static void make_up_frame(struct run *r)
{
    peer_send_raw(r->client.wire.link, rd_take(&r->in, rd_u16(&r->in) % 2048));
}

static void send_info(struct client *c, struct request *request, uint16_t command)
{
    uint8_t body[128];
    struct wr w = wr_from(body, sizeof body);

    if (command == SMB2_QUERY_INFO) {
        smb2_query_info_request_put(
            &w, &(struct smb2_query_info_request){.info_type = SMB2_0_INFO_FILE,
                                                  .info_class = FILE_ALL_INFORMATION,
                                                  .output_length = 4096,
                                                  .file = c->file});
    } else {
        smb2_ioctl_request_put(&w, &(struct smb2_ioctl_request){.ctl_code = FSCTL_DFS_GET_REFERRALS,
                                                                .file = SMB2_FILE_ID_NONE,
                                                                .max_output_response = 4096,
                                                                .flags = SMB2_0_IOCTL_IS_FSCTL});
    }
    client_send(c, request, command, wr_written(&w), 4096);
}

/* CREATE and CLOSE of one file, in the first two requests. */
static void ask_in_one_frame(struct run *r)
{
    struct client *c = &r->client;
    struct compound_part parts[2];

    for (size_t i = 0; i < 2; i++) {
        request_drop(&r->requests[i]);
        parts[i] = (struct compound_part){.request = &r->requests[i],
                                          .spec = {.channel = &c->channel,
                                                   .tree_id = c->tree.id,
                                                   .seal = c->tree.seal,
                                                   .command = i ? SMB2_CLOSE : SMB2_CREATE}};
        require(request_body(&r->requests[i], c->env, 128, &parts[i].w));
    }
    smb2_create_request_put(
        &parts[0].w,
        &(struct smb2_create_request){.desired_access = FILE_READ_DATA, .disposition = FILE_OPEN});
    smb2_close_request_put(&parts[1].w, &(struct smb2_close_request){.file = SMB2_FILE_ID_NONE});
    (void)compound_send(parts, 2, true);
}

static void ask(struct run *r)
{
    struct client *c = &r->client;
    uint8_t which = rd_u8(&r->in);
    struct request *request = &r->requests[which % REQUESTS];

    if (!c->channel.session) {
        return; /* there is nothing to ask yet */
    }
    request_drop(request);
    switch (which / REQUESTS % 8) {
    case 0: client_read(c, request, rd_u8(&r->in), rd_u16(&r->in) * 64u); break;
    case 1: client_write(c, request, rd_u8(&r->in), span_of("some bytes")); break;
    case 2: client_create(c, request, "new.txt", FILE_OPEN_IF); break;
    case 3: client_close(c, request); break;
    case 4: client_echo(c, request); break;
    case 5: send_info(c, request, SMB2_QUERY_INFO); break;
    case 6: send_info(c, request, SMB2_IOCTL); break;
    default: which & 0x40 ? ask_in_one_frame(r) : session_logoff(&c->session); break;
    }
}

/* Go on to the next step when the last one has ended. */
static void start_step(struct run *r)
{
    struct client *c = &r->client;

    if (!op_finished(&c->parent.op) || op_failed(&c->parent.op) || conn_dead(&c->conn)) {
        return;
    }
    if (c->session.gate == SESSION_OPEN) {
        client_tree_start(c);
    } else if (c->session.gate == SESSION_CLOSED && !c->channel.session) {
        client_logon_start(c);
    } else if (c->session.gate == SESSION_CLOSED && c->session.logons > 0) {
        client_logon_again_start(c);
    }
}

static void drop_or_expire(struct run *r)
{
    uint8_t which = rd_u8(&r->in);

    if (which & 0x80) {
        peer_expire_sessions(r->client.wire.link);
    } else {
        request_drop(&r->requests[which % REQUESTS]);
    }
}

static void act(struct run *r)
{
    struct client *c = &r->client;

    switch (rd_u8(&r->in) % 12) {
    case 0:
    case 1: be_honest(r); break;
    case 2: script_next(r); break;
    case 3: tamper_next(r); break;
    case 4: make_up_reply(r); break;
    case 5: make_up_frame(r); break;
    case 6:
    case 7: ask(r); break;
    case 8: drop_or_expire(r); break;
    case 9: script_pass_ms(&c->script, rd_u16(&r->in)); break;
    case 10: peer_release(c->wire.link); break;
    default: start_step(r); break;
    }
}

/* ---------------------------------------------------------------- one run */

static void set_up(struct run *r)
{
    static const uint16_t dialects[] = {SMB2_DIALECT_210, SMB2_DIALECT_302, SMB2_DIALECT_202,
                                        SMB2_DIALECT_300};
    uint8_t how = rd_u8(&r->in);
    struct peer_config config = peer_defaults();
    struct lsmb_policy policy = {.size = sizeof policy};

    memset(config.dialects, 0, sizeof config.dialects);
    config.dialects[0] = how & 1 ? SMB2_DIALECT_311 : dialects[how >> 6];
    config.signing_required = how & 2;
    config.encrypt_session = how & 4;
    config.signing_algs[0] = how >> 3 & 1;
    config.signing_count = 1;
    policy.seal = how & 16 && how & 1 ? LSMB_REQUIRED : LSMB_AUTO;
    client_init(&r->client, &policy, &config);
    r->client.peer_may_complain = true;
    r->client.session.expired = &r->client.expired;
    client_negotiate_start(&r->client);
    if (how & 32) { /* begin with a session and an open file */
        require(client_finish(&r->client) && client_logon(&r->client) && client_tree(&r->client));
        require(client_open(&r->client, "a.txt"));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    run = (struct run){.in = rd_from((struct span){data, size}, 0)};
    set_up(&run);
    for (unsigned i = 0; i < ACTS_MAX && rd_left(&run.in) > 0; i++) {
        act(&run);
        (void)wire_to_client(&run.client.wire);
        script_settle(&run.client.script);
        check_conn(&run.client.conn);
        check_requests(&run);
        check_session(&run);
    }
    for (size_t i = 0; i < REQUESTS; i++) {
        request_drop(&run.requests[i]);
    }
    check_conn(&run.client.conn);
    client_free(&run.client);
    return 0;
}
