/* test_must_reject_recorded.c: answers of real servers, each with a little changed in it.
 *
 * Sources: listings and errors: captured from Samba 4.17.12 (test/proto/packets.h); SESSION_SETUP: Microsoft
 * Open Specifications blog, 2015-09-09, SMB 3.1.1 encryption in Windows 10.  What was not changed is taken. */
#include "conn/logon.h"
#include "proto/create.h"
#include "proto/dir.h"
#include "proto/misc.h"
#include "test/conn/lie.h"
#include "test/peer/client.h"
#include "test/proto/message.h"
#include "test/proto/packets.h"
#include "test/run.h"

/* MS Open Specifications blog 2015-09-09: the first answer to SESSION_SETUP, of which the token is left out. */
static const char blog_first[] =
    "fe534d4240000100160000c00100010001000000000000000200000000000000fffe000000000000190000000010"
    "000000000000000000000000000000000000090000004800b300";

/* And the last, with the key that signs it. */
static const char blog_last[] =
    "fe534d4240000100000000000100800009000000000000000200000000000000fffe000000000000250000000010"
    "00006b85a4519a0f3eea35ba946dd3afe6b80900000048001d00a11b3019a0030a0100a3120410010000003932a8"
    "7523ab660100000000";
static const char blog_signing_key[] = "8765949dfeaee105ce9118b45be988f0";

/* A conn in a session that somebody else has begun; without a key, unless a test gives it one. */
struct bare {
    struct script_env script;
    struct policy policy;
    struct conn conn;
    struct session session;
    struct channel channel;
};

static void bare_init(struct bare *b)
{
    static const uint8_t guid[16];
    struct lsmb_error err;

    script_env_init(&b->script, 1 << 20, 1 << 20);
    ck_assert(policy_set(&b->policy, NULL, &err));
    conn_init(&b->conn, &b->script.env, &b->policy, guid);
    b->conn.credits = 10;
    session_init(&b->session, &b->script.env, &b->policy);
    channel_join(&b->channel, &b->session, &b->conn);
    session_open_gate(&b->session);
}

static void bare_free(struct bare *b)
{
    conn_fail_with(&b->conn, LSMB_E_CANCELLED, "the test is over");
    session_free(&b->session);
    conn_free(&b->conn);
    script_settle(&b->script);
    script_env_free(&b->script);
}

static void receive(struct bare *b, const struct message *m)
{
    struct buf *frame = pool_take(&b->script.env.pool, m->len);

    ck_assert_ptr_nonnull(frame);
    memcpy(buf_data(frame), m->bytes, m->len);
    frame->len = m->len;
    conn_receive(&b->conn, frame);
    script_settle(&b->script);
}

/* Ask what the message answers, and let it come. */
static void answer(struct bare *b, struct request *request, const struct message *m)
{
    struct smb2_header header;
    struct wr w;

    ck_assert(smb2_header_get(&header, message_span(m)));
    b->conn.next_message_id = header.message_id;
    ck_assert(request_body(request, &b->script.env, SMB2_EMPTY_LEN, &w));
    smb2_empty_put(&w);
    request_send(request, &w,
                 &(struct request_spec){.channel = &b->channel, .command = header.command}, NULL);
    receive(b, m);
    ck_assert(request_done(request));
}

/* ---------------------------------------------------------------- QUERY_DIRECTORY */

enum { LENGTH = 68, FIRST = 72, NAME_LENGTH = FIRST + 60 };

/* How many entries are handed out; `*whole` tells whether the list was good to its end. */
static unsigned entries(const struct lie_patch *patch, bool *whole)
{
    struct message m = message_of(pkt_query_directory_reply_1);
    struct smb2_query_directory_reply reply;
    struct file_directory_entry entry;
    struct request request = {0};
    unsigned count = 0;
    struct bare b;

    lie_patch(m.bytes, m.len, patch);
    bare_init(&b);
    answer(&b, &request, &m);
    ck_assert(!conn_dead(&b.conn) && request.believed); /* the request alone is to fail */
    *whole = smb2_query_directory_reply_get(&reply, request.message, 65536);
    if (*whole) {
        struct walk list = walk_from(reply.entries);
        while (file_directory_entry_next(&list, FILE_DIRECTORY_INFORMATION, &entry)) {
            count++;
        }
        *whole = walk_ok(&list);
    }
    request_drop(&request);
    bare_free(&b);
    return count;
}

START_TEST(a_listing_that_leads_astray_is_refused)
{
    static const struct lie_patch patches[] = {
        {FIRST, 4, 8},                /* NextEntryOffset: shorter than an entry */
        {FIRST, 4, 0x00FFFFFF},       /* outside */
        {NAME_LENGTH, 4, 0x7FFFFFFE}, /* FileNameLength: outside */
        {NAME_LENGTH, 4, 3},          /* half a character */
        {LENGTH, 4, 0x7FFFFFFF},      /* OutputBufferLength: outside */
    };
    bool whole;

    ck_assert_uint_eq(entries(&(struct lie_patch){0}, &whole), 3);
    ck_assert(whole);
    for (size_t i = 0; i < sizeof patches / sizeof *patches; i++) {
        ck_assert_uint_eq(entries(&patches[i], &whole), 0);
        ck_assert_msg(!whole, "number %zu", i);
    }
}
END_TEST

/* ---------------------------------------------------------------- errors */

START_TEST(an_error_longer_than_its_frame_fails_its_request)
{
    struct message m = message_of(pkt_error_reply);
    struct request request = {0};
    struct lsmb_error err;
    struct bare b;

    lie_patch(m.bytes, m.len, &(struct lie_patch){68, 4, 0x7FFFFFFF}); /* ByteCount */
    bare_init(&b);
    answer(&b, &request, &m);
    ck_assert(!conn_dead(&b.conn) && !request.failure);
    request_error(&request, &err);
    ck_assert_int_eq(err.code, LSMB_E_PROTOCOL);
    ck_assert_uint_eq(err.nt_status, (uint32_t)STATUS_INVALID_NETWORK_RESPONSE);
    request_drop(&request);
    bare_free(&b);
}
END_TEST

START_TEST(success_with_the_body_of_an_error_opens_nothing)
{
    struct message m = message_of(pkt_error_reply);
    struct smb2_create_reply created;
    struct request request = {0};
    struct bare b;

    bare_init(&b);
    answer(&b, &request, &m);
    ck_assert_uint_eq(request.status, (uint32_t)STATUS_INVALID_PARAMETER);
    lie_patch(m.bytes, m.len, &(struct lie_patch){8, 4, STATUS_SUCCESS});
    answer(&b, &request, &m);
    ck_assert(!conn_dead(&b.conn) && request.believed);
    ck_assert(!smb2_create_reply_get(&created, request.message));
    request_drop(&request);
    bare_free(&b);
}
END_TEST

/* ---------------------------------------------------------------- SESSION_SETUP */

static enum mech_next say_x(struct mech *mech, struct span in, struct mech_out *out)
{
    (void)mech;
    ck_assert_uint_eq(in.len, 0);
    *out = (struct mech_out){.token = {(const uint8_t *)"x", 1}};
    return MECH_SEND;
}

START_TEST(a_logon_whose_token_is_not_there_ends_the_connection)
{
    static const struct mech_ops ops = {.name = "x", .step = say_x};
    struct message m = message_of(blog_first);
    struct mech mech = {&ops};
    struct waiting_op parent;
    struct logon_op logon;
    struct bare b;

    bare_init(&b);
    b.conn.next_message_id = 2;
    waiting_op_start(&parent, &b.script.env);
    logon_start(&logon, &parent.op, &b.channel, &mech);
    parent.child = &logon.op;
    script_settle(&b.script);
    receive(&b, &m);
    ck_assert(op_failed(&parent.op));
    ck_assert_int_eq(b.conn.err.code, LSMB_E_PROTOCOL);
    bare_free(&b);
}
END_TEST

/* How the last answer of a logon is taken, with `patch` in it, by one who has the key. */
static enum lsmb_code last(const struct lie_patch *patch)
{
    struct message m = message_of(blog_last);
    struct request request = {0};
    uint8_t key[16];
    struct bare b;

    hex(key, blog_signing_key);
    lie_patch(m.bytes, m.len, patch);
    bare_init(&b);
    b.session.id = 0x0000100000000025; /* theirs */
    b.channel.signer = signer_new(SIGN_AES_CMAC, (struct span){key, sizeof key});
    ck_assert_ptr_nonnull(b.channel.signer);
    answer(&b, &request, &m);
    enum lsmb_code code = b.conn.err.code;
    ck_assert(request.believed == (code == LSMB_OK));
    ck_assert((request.reply != NULL) == (code == LSMB_OK));
    request_drop(&request);
    bare_free(&b);
    return code;
}

START_TEST(a_last_answer_that_was_changed_ends_the_connection)
{
    ck_assert_int_eq(last(&(struct lie_patch){0}), LSMB_OK);
    ck_assert_int_eq(last(&(struct lie_patch){48, 1, 0x6A}), LSMB_E_SECURITY); /* the signature */
    ck_assert_int_eq(last(&(struct lie_patch){66, 2, 1}), LSMB_E_SECURITY);    /* a guest */
}
END_TEST

int main(void)
{
    return RUN_TESTS("conn/must_reject_recorded", a_listing_that_leads_astray_is_refused,
                     an_error_longer_than_its_frame_fails_its_request,
                     success_with_the_body_of_an_error_opens_nothing,
                     a_logon_whose_token_is_not_there_ends_the_connection,
                     a_last_answer_that_was_changed_ends_the_connection);
}
