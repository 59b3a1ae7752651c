/* test_exchange.c: what an answer says, and what of a refusal is believed (MS-SMB2 2.2.2, 3.3.4.4). */
#include "conn/exchange.h"

#include "test/peer/client.h"
#include "test/run.h"

static void set_up(struct client *c, bool sign)
{
    struct peer_config config = peer_defaults();

    config.signing_required = sign;
    client_init(c, NULL, &config);
    ck_assert_msg(client_connect(c), "%s", c->err.reason);
    ck_assert(client_open(c, "a.txt"));
}

/* A CREATE that is refused as the rule says. */
static void create_with(struct client *c, struct request *request, const struct peer_rule *rule)
{
    struct peer_rule create = *rule;

    create.command = SMB2_CREATE;
    peer_script(&c->peer, &create);
    client_create(c, request, "b.txt", FILE_OPEN);
    wire_run(&c->wire);
}

START_TEST(a_refusal_says_more_than_its_status)
{
    struct smb2_error_reply said = {.data = span_of("what is in the way")}, got;
    struct request request = {0};
    struct client c;

    set_up(&c, false);
    create_with(&c, &request,
                &(struct peer_rule){.status = (uint32_t)STATUS_STOPPED_ON_SYMLINK, .error = said});
    ck_assert_uint_eq(request.status, (uint32_t)STATUS_STOPPED_ON_SYMLINK);
    ck_assert(refused_error(&request, &got));
    ck_assert(span_equal(got.data, said.data));
    ck_assert_uint_eq(got.context_count, 0);
    request_drop(&request);
    client_free(&c);
}
END_TEST

START_TEST(there_is_no_refusal_in_a_success_or_without_an_answer)
{
    struct smb2_error_reply got;
    struct request request = {0};
    struct client c;

    set_up(&c, false);
    ck_assert(!refused_error(&request, &got)); /* nothing was asked */
    client_read(&c, &request, 0, 10);
    ck_assert(!refused_error(&request, &got)); /* not answered */
    wire_run(&c.wire);
    ck_assert_uint_eq(request.status, STATUS_SUCCESS);
    ck_assert(!refused_error(&request, &got));
    request_drop(&request);
    client_read(&c, &request, 0, 10);
    conn_fail_with(&c.conn, LSMB_E_NETWORK, "gone");
    ck_assert(!refused_error(&request, &got)); /* and never will be */
    request_drop(&request);
    client_free(&c);
}
END_TEST

START_TEST(a_refusal_that_anybody_may_have_written_is_not_read)
{
    struct smb2_error_reply got;
    struct request request = {0};
    struct client c;

    set_up(&c, true);
    create_with(&c, &request,
                &(struct peer_rule){.status = (uint32_t)STATUS_INVALID_PARAMETER,
                                    .protection = PEER_ZERO_MAC,
                                    .error = {.data = span_of("come over here")}});
    ck_assert(request_done(&request) && !request.failure && !request.believed);
    ck_assert(!refused_error(&request, &got));
    request_drop(&request);
    client_free(&c);
}
END_TEST

static void more_than_there_is(struct peer_reply *reply)
{
    reply->bytes[SMB2_HEADER_LEN + 4] = 0xFF; /* ByteCount */
}

static void no_such_context(struct peer_reply *reply)
{
    reply->bytes[SMB2_HEADER_LEN + 2] = 1; /* ErrorContextCount */
}

static void another_size(struct peer_reply *reply)
{
    reply->bytes[SMB2_HEADER_LEN] = 89; /* StructureSize: CREATE's own */
}

static void refused_with(uint32_t status, void (*edit)(struct peer_reply *), bool sign)
{
    struct smb2_error_reply got;
    struct request request = {0};
    struct client c;

    set_up(&c, sign);
    create_with(&c, &request,
                &(struct peer_rule){.status = (uint32_t)STATUS_ACCESS_DENIED, .edit = edit});
    ck_assert(!conn_dead(&c.conn));
    ck_assert(request_done(&request) && !request.failure);
    ck_assert_uint_eq(request.status, status);
    ck_assert(!refused_error(&request, &got));
    request_drop(&request);
    client_free(&c);
}

START_TEST(a_malformed_error_fails_its_request)
{
    for (unsigned sign = 0; sign < 2; sign++) {
        refused_with((uint32_t)STATUS_INVALID_NETWORK_RESPONSE, more_than_there_is, sign);
        refused_with((uint32_t)STATUS_INVALID_NETWORK_RESPONSE, no_such_context, sign);
    }
}
END_TEST

START_TEST(an_error_may_come_with_another_body) /* impacket */
{
    refused_with((uint32_t)STATUS_ACCESS_DENIED, another_size, false);
    refused_with((uint32_t)STATUS_ACCESS_DENIED, another_size, true);
}
END_TEST

START_TEST(an_error_may_end_where_its_padding_would_begin)
{
    struct smb2_error_reply got;
    struct smb2_header header = {.command = SMB2_READ,
                                 .flags = SMB2_FLAGS_SERVER_TO_REDIR,
                                 .status = (uint32_t)STATUS_END_OF_FILE};
    uint8_t body[8] = {9};
    struct request request = {0};
    struct client c;

    set_up(&c, false);
    peer_script(&c.peer, &(struct peer_rule){.command = SMB2_READ, .fate = PEER_DROP});
    client_read(&c, &request, 0, 10);
    wire_run(&c.wire);
    header.message_id = request.message_id;
    header.session_id = c.session.id;
    peer_send(c.wire.link, &header, (struct span){body, sizeof body}, NULL);
    wire_run(&c.wire);
    ck_assert_uint_eq(request.status, (uint32_t)STATUS_END_OF_FILE);
    ck_assert(refused_error(&request, &got));
    ck_assert_uint_eq(got.data.len, 0);
    request_drop(&request);
    client_free(&c);
}
END_TEST

int main(void)
{
    return RUN_TESTS("conn/exchange", a_refusal_says_more_than_its_status,
                     there_is_no_refusal_in_a_success_or_without_an_answer,
                     a_refusal_that_anybody_may_have_written_is_not_read,
                     a_malformed_error_fails_its_request, an_error_may_come_with_another_body,
                     an_error_may_end_where_its_padding_would_begin);
}
