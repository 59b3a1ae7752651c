/* test_pipe.c: named pipes: a message there and its answer back (MS-SMB2 3.2.4.3.1, 3.2.4.20.4). */
#include "fs/pipe.h"

#include <limits.h>

#include "proto/read.h"
#include "proto/rpc.h"
#include "proto/srvsvc.h"
#include "test/fs/fs_world.h"
#include "test/peer/client.h"

/* An open pipe, and an op that waits for what is done to it. */
struct rig {
    struct fs_world w;
    struct lsmb_share *share;
    struct waiting_op parent;
    struct open_op opening;
    struct open open;
    struct pipe_op op;
};

static struct op *parent(struct rig *r)
{
    waiting_op_start(&r->parent, &r->w.smb->env);
    return &r->parent.op;
}

static bool run(struct rig *r, struct op *child)
{
    r->parent.child = child;
    while (!op_finished(&r->parent.op)) {
        ck_assert_int_eq(lsmb_turn(r->w.smb, -1), LSMB_OK);
    }
    r->w.err = r->parent.op.err;
    return !op_failed(&r->parent.op);
}

static bool rig_open(struct rig *r, const char *share, const char *name,
                     const struct lsmb_policy *policy)
{
    memset(r, 0, sizeof *r);
    fs_world_init(&r->w, NULL);
    r->w.target.share = share;
    if (policy) {
        r->w.policy = *policy;
    }
    r->share = fs_share(&r->w);
    pipe_open_start(&r->opening, parent(r), r->share, name, &r->open);
    return run(r, &r->opening.op);
}

static void rig_close(struct rig *r)
{
    pipe_drop(&r->op);
    pipe_drop(&r->op); /* once more is harmless */
    open_drop(&r->open);
    lsmb_share_close(r->share);
    fs_world_free(&r->w);
}

/* A question that the service understands. */
static bool ask(struct rig *r)
{
    uint8_t room[256];
    struct wr w = wr_from(room, sizeof room);

    rpc_bind_put(&w, &(struct rpc_bind){.call_id = 1,
                                        .max_transmit = RPC_FRAGMENT_MAX,
                                        .max_receive = RPC_FRAGMENT_MAX,
                                        .interface = srvsvc_interface,
                                        .transfer = rpc_ndr});
    pipe_transact_start(&r->op, parent(r), &r->open, wr_written(&w));
    return run(r, &r->op.op);
}

static void ck_answer(const struct rig *r)
{
    struct rpc_pdu pdu;

    ck_assert(rpc_pdu_get(&pdu, (struct span){r->op.got, r->op.got_len}));
    ck_assert_uint_eq(pdu.type, RPC_BIND_ACK);
}

START_TEST(an_answer_comes_with_the_question)
{
    static const enum lsmb_dialect dialects[] = {LSMB_SMB_2_0_2, LSMB_SMB_2_1, LSMB_SMB_3_0,
                                                 LSMB_SMB_3_0_2, LSMB_SMB_3_1_1};

    for (size_t i = 0; i < sizeof dialects / sizeof *dialects; i++) {
        for (int seal = 0; seal < 2; seal++) {
            struct rig r;
            struct lsmb_policy policy = {.size = sizeof policy,
                                         .max_dialect = dialects[i],
                                         .seal = seal ? LSMB_REQUIRED : LSMB_AUTO,
                                         .sign = LSMB_REQUIRED};
            if (seal && dialects[i] < LSMB_SMB_3_0) {
                continue;
            }
            ck_assert(rig_open(&r, "IPC$", "srvsvc", &policy));
            ck_assert(ask(&r));
            ck_answer(&r);
            const struct peer_seen *last = peer_last(&r.w.peer, SMB2_IOCTL);
            ck_assert(seal ? last->sealed : last->well_signed);
            ck_assert_uint_eq(peer_count(&r.w.peer, SMB2_READ), 0);
            rig_close(&r);
        }
    }
}
END_TEST

/* MS-SMB2 3.3.5.15.10, 3.3.5.12: STATUS_BUFFER_OVERFLOW, and the rest is read. */
START_TEST(what_does_not_come_at_once_is_read)
{
    struct rig r;

    ck_assert(rig_open(&r, "IPC$", "srvsvc", NULL));
    r.w.peer.rpc.piece = 7;
    ck_assert(ask(&r));
    ck_answer(&r);
    ck_assert_uint_eq(peer_count(&r.w.peer, SMB2_READ), (r.op.got_len + 6) / 7 - 1);
    rig_close(&r);
}
END_TEST

START_TEST(a_further_message_is_read_alone)
{
    struct rig r;

    ck_assert(rig_open(&r, "IPC$", "srvsvc", NULL));
    ck_assert(ask(&r));
    pipe_drop(&r.op);
    pipe_read_start(&r.op, parent(&r), &r.open);
    ck_assert(!run(&r, &r.op.op)); /* there is none */
    ck_assert_uint_eq(r.w.err.nt_status, 0xC00000D9);
    ck_assert_str_eq(r.w.err.step, "read from the pipe");
    ck_assert_ptr_null(r.op.got);
    rig_close(&r);
}
END_TEST

START_TEST(a_pipe_that_is_not_there_is_refused)
{
    struct rig r;

    ck_assert(!rig_open(&r, "IPC$", "nothing", NULL));
    ck_assert_int_eq(r.w.err.code, LSMB_E_NOT_FOUND);
    ck_assert_str_eq(r.w.err.path, "\\\\server\\IPC$\\nothing");
    ck_assert_str_eq(r.w.err.step, "open the pipe");
    rig_close(&r);
}
END_TEST

START_TEST(a_disk_holds_no_pipes)
{
    struct rig r;

    ck_assert(!rig_open(&r, "share", "srvsvc", NULL));
    ck_assert_int_eq(r.w.err.code, LSMB_E_USAGE);
    ck_assert_ptr_nonnull(strstr(r.w.err.reason, "disk share"));
    ck_assert_uint_eq(peer_count(&r.w.peer, SMB2_CREATE), 0);
    rig_close(&r);
}
END_TEST

/* ---------------------------------------------------------------- servers that go wrong */

static void say_more(struct peer_reply *reply)
{
    reply->header.status = (uint32_t)STATUS_BUFFER_OVERFLOW;
}

static void say_nothing(struct peer_reply *reply)
{
    say_more(reply);
    memset(reply->bytes + SMB2_HEADER_LEN + 36, 0, 4); /* OutputCount, MS-SMB2 2.2.32 */
}

static void ck_breach(void (*edit)(struct peer_reply *), const char *words)
{
    struct rig r;

    ck_assert(rig_open(&r, "IPC$", "srvsvc", NULL));
    peer_script(&r.w.peer, &(struct peer_rule){.command = SMB2_IOCTL, .edit = edit});
    ck_assert(!ask(&r));
    ck_assert_int_eq(r.w.err.code, LSMB_E_PROTOCOL);
    ck_assert_str_eq(r.w.err.step, "ask through the pipe");
    ck_assert_ptr_nonnull(strstr(r.w.err.reason, words));
    ck_assert_ptr_null(r.op.got);
    rig_close(&r);
}

static void spoil_body(struct peer_reply *reply)
{
    reply->bytes[SMB2_HEADER_LEN + 2] ^= 1; /* Reserved */
    reply->bytes[SMB2_HEADER_LEN] ^= 1;     /* StructureSize */
}

static void spoil_code(struct peer_reply *reply)
{
    reply->bytes[SMB2_HEADER_LEN + 4] ^= 1; /* CtlCode */
}

START_TEST(an_answer_that_makes_no_sense_is_refused)
{
    ck_breach(spoil_body, "malformed");
    ck_breach(spoil_code, "malformed");
    ck_breach(say_nothing, "no end");
}
END_TEST

/* Whatever is read: a piece of a message that goes on. */
static void say_piece(struct peer_reply *reply)
{
    static const uint8_t piece[200];
    struct wr w = wr_from(reply->bytes + SMB2_HEADER_LEN, reply->cap - SMB2_HEADER_LEN);

    smb2_read_reply_put(&w, &(struct smb2_read_reply){.data = {piece, sizeof piece}});
    ck_assert(wr_ok(&w));
    reply->len = SMB2_HEADER_LEN + w.pos;
    say_more(reply);
}

START_TEST(a_message_has_a_limit)
{
    struct rig r;

    ck_assert(rig_open(&r, "IPC$", "srvsvc", NULL));
    peer_script(&r.w.peer, &(struct peer_rule){.command = SMB2_IOCTL, .edit = say_more});
    peer_script(&r.w.peer,
                &(struct peer_rule){.command = SMB2_READ, .edit = say_piece, .times = UINT_MAX});
    ck_assert(!ask(&r));
    ck_assert_int_eq(r.w.err.code, LSMB_E_PROTOCOL);
    ck_assert_ptr_nonnull(strstr(r.w.err.reason, "too long"));
    ck_assert_uint_eq(peer_count(&r.w.peer, SMB2_READ), PIPE_MESSAGE_MAX / 200 + 1);
    ck_assert_ptr_null(r.op.got);
    rig_close(&r);
}
END_TEST

START_TEST(a_pipe_on_a_lost_connection_fails)
{
    struct rig r;

    ck_assert(rig_open(&r, "IPC$", "srvsvc", NULL));
    fs_hang_up(&r.w, 0);
    ck_assert(!ask(&r));
    ck_assert_int_eq(r.w.err.code, LSMB_E_NETWORK);
    pipe_read_start(&r.op, parent(&r), &r.open);
    ck_assert(!run(&r, &r.op.op));
    ck_assert_int_eq(r.w.err.code, LSMB_E_NETWORK);
    rig_close(&r);
}
END_TEST

int main(void)
{
    return RUN_TESTS("fs/pipe", an_answer_comes_with_the_question,
                     what_does_not_come_at_once_is_read, a_further_message_is_read_alone,
                     a_pipe_that_is_not_there_is_refused, a_disk_holds_no_pipes,
                     an_answer_that_makes_no_sense_is_refused, a_message_has_a_limit,
                     a_pipe_on_a_lost_connection_fails);
}
