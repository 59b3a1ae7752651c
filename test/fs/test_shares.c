/* test_shares.c: what a server shares (MS-SRVS 3.1.4.8), and the remote calls that tell it (C706 12). */
#include <limits.h>
#include <stdio.h>

#include "proto/read.h"
#include "proto/rpc.h"
#include "test/fs/fs_world.h"

enum { LISTED_MAX = 300 };

struct listing {
    unsigned count, stop_after; /* 0: not */
    char names[LISTED_MAX][64], comments[LISTED_MAX][64];
    uint32_t types[LISTED_MAX];
    struct lsmb_job *cancel; /* from inside the first call */
};

static bool note(void *arg, const struct lsmb_share_entry *entry)
{
    struct listing *l = arg;

    ck_assert_uint_lt(l->count, LISTED_MAX);
    (void)snprintf(l->names[l->count], 64, "%s", entry->name);
    (void)snprintf(l->comments[l->count], 64, "%s", entry->comment);
    l->types[l->count++] = entry->type;
    if (l->cancel) {
        lsmb_job_cancel(l->cancel, NULL);
    }
    return l->count != l->stop_after;
}

static bool count_share(void *arg, const struct lsmb_share_entry *entry)
{
    unsigned *count = arg;

    ck_assert_str_ne(entry->name, "");
    ++*count;
    return true;
}

static struct lsmb_share *ipc(struct fs_world *w)
{
    w->target.share = "IPC$";
    return fs_share(w);
}

static void ck_listed(struct fs_world *w, struct lsmb_share *share, const struct peer_shared *want,
                      unsigned count)
{
    static struct listing l;

    memset(&l, 0, sizeof l);
    fs_ok(w, lsmb_shares(share, note, &l, &w->err));
    ck_assert_uint_eq(l.count, count);
    for (unsigned i = 0; i < count; i++) {
        ck_assert_str_eq(l.names[i], want[i].name);
        ck_assert_str_eq(l.comments[i], want[i].comment);
        ck_assert_uint_eq(l.types[i], want[i].type);
    }
}

static const struct peer_shared some[] = {
    {"data", "the files", 0},
    {"IPC$", "", 0x80000003},
    {"p\xC3\xBC"
     "b",
     "\xE2\x82\xAC", 1},
    {"ADMIN$", "", 0x80000000},
};

START_TEST(all_shares_are_listed)
{
    static const struct peer_shared own[] = {{"share", "", 0},
                                             {"IPC$", "remote calls", 0x80000003}};
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = ipc(&w);
    ck_listed(&w, share, own, 2);
    w.peer.rpc.shares = some;
    w.peer.rpc.count = 4;
    ck_listed(&w, share, some, 4);
    w.peer.rpc.count = 0;
    ck_listed(&w, share, some, 0);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CLOSE), 3);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

/* In fragments of the call, pieces of the message, and answers with a resume handle. */
START_TEST(a_long_list_comes_in_pieces)
{
    static struct peer_shared many[250];
    static char names[250][16];
    static const struct {
        uint32_t page;
        size_t fragment, piece;
    } cases[] = {{0, 0, 0}, {0, 100, 0}, {0, 0, 1000}, {100, 0, 0}, {7, 33, 11}};

    for (unsigned i = 0; i < 250; i++) {
        (void)snprintf(names[i], sizeof names[i], "share-%u", i);
        many[i] = (struct peer_shared){names[i], "one of many", i % 3};
    }
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fs_world w;
        fs_world_init(&w, NULL);
        w.peer.rpc = (struct peer_rpc){.shares = many,
                                       .count = 250,
                                       .page = cases[i].page,
                                       .fragment = cases[i].fragment,
                                       .piece = cases[i].piece};
        struct lsmb_share *share = ipc(&w);
        ck_listed(&w, share, many, 250);
        lsmb_share_close(share);
        fs_world_free(&w);
    }
}
END_TEST

START_TEST(a_listing_ends_where_the_user_likes)
{
    static struct listing l = {.stop_after = 2};
    struct fs_world w;

    fs_world_init(&w, NULL);
    w.peer.rpc = (struct peer_rpc){.shares = some, .count = 4, .page = 3};
    struct lsmb_share *share = ipc(&w);
    fs_ok(&w, lsmb_shares(share, note, &l, &w.err));
    ck_assert_uint_eq(l.count, 2);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

START_TEST(a_listing_can_be_cancelled_from_inside)
{
    static struct listing l;
    struct fs_done done = {0};
    struct fs_world w;

    fs_world_init(&w, NULL);
    w.peer.rpc = (struct peer_rpc){.shares = some, .count = 4};
    struct lsmb_share *share = ipc(&w);
    l.cancel = lsmb_shares_start(share, note, &l, fs_done, &done);
    while (!done.finished) {
        fs_turn(&w, 1);
    }
    ck_assert_int_eq(done.err.code, LSMB_E_CANCELLED);
    ck_assert_uint_eq(l.count, 1);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

/* ---------------------------------------------------------------- refusals */

static void ck_fails(const struct peer_rpc *rpc, enum lsmb_code code, const char *words)
{
    static struct listing l;
    struct fs_world w;

    memset(&l, 0, sizeof l);
    fs_world_init(&w, NULL);
    w.peer.rpc = *rpc;
    struct lsmb_share *share = ipc(&w);
    fs_failed(&w, lsmb_shares(share, note, &l, &w.err), code, 0);
    ck_assert_msg(strstr(w.err.reason, words), "%s is not in: %s", words, w.err.reason);
    ck_assert_str_eq(w.err.path, "\\\\server\\IPC$\\srvsvc");
    lsmb_share_close(share);
    fs_turn(&w, 8);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CLOSE), 1); /* also after a failure */
    fs_world_free(&w);
}

START_TEST(the_service_may_refuse)
{
    ck_fails(&(struct peer_rpc){.werror = 5}, LSMB_E_DENIED, "does not tell this user");
    ck_fails(&(struct peer_rpc){.werror = 124}, LSMB_E_STATUS, "Windows error 124");
    ck_fails(&(struct peer_rpc){.fault = 5}, LSMB_E_DENIED, "denies access");
    ck_fails(&(struct peer_rpc){.fault = 0x1C010003}, LSMB_E_STATUS, "fault 0x1c010003");
    ck_fails(&(struct peer_rpc){.nak = 4}, LSMB_E_STATUS, "reason 4");
    ck_fails(&(struct peer_rpc){.bind_result = 2}, LSMB_E_STATUS, "does not offer");
}
END_TEST

START_TEST(a_list_without_end_is_refused)
{
    ck_fails(&(struct peer_rpc){.shares = some, .count = 4, .page = 2, .stuck = true},
             LSMB_E_PROTOCOL, "no end");
}
END_TEST

static void resume_elsewhere(uint8_t *pdu, size_t len)
{
    static uint8_t calls;

    if (pdu[2] == RPC_RESPONSE && len > 32) {
        pdu[len - 7] = 1; /* ResumeHandle: always another one */
        pdu[len - 8] = calls++;
    }
}

START_TEST(a_list_that_goes_on_for_ever_is_given_up)
{
    ck_fails(&(struct peer_rpc){.shares = some, .werror = 234, .edit = resume_elsewhere},
             LSMB_E_PROTOCOL, "no end"); /* it brings nothing */
    struct fs_world w;
    unsigned count = 0;

    fs_world_init(&w, NULL);
    w.peer.rpc =
        (struct peer_rpc){.shares = some, .count = 1, .werror = 234, .edit = resume_elsewhere};
    struct lsmb_share *share = ipc(&w);
    fs_failed(&w, lsmb_shares(share, count_share, &count, &w.err), LSMB_E_PROTOCOL, 0);
    ck_assert_uint_eq(count, 1000);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

START_TEST(a_list_of_no_pipes_is_a_mistake)
{
    static struct listing l;
    struct fs_world w;

    fs_world_init(&w, NULL);
    struct lsmb_share *share = fs_share(&w);
    fs_failed(&w, lsmb_shares(share, note, &l, &w.err), LSMB_E_USAGE, 0);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

/* ---------------------------------------------------------------- servers that go wrong */

static void another_call(uint8_t *pdu, size_t len)
{
    pdu[len > 12 ? 12 : 0] ^= 0x40; /* call_id */
}

static void another_type(uint8_t *pdu, size_t len)
{
    (void)len;
    pdu[2] = 17; /* nothing that a server sends */
}

static void another_encoding(uint8_t *pdu, size_t len)
{
    if (pdu[2] == RPC_BIND_ACK) {
        pdu[len - 1] ^= 1; /* of the transfer syntax */
    }
}

static void tiny_fragments(uint8_t *pdu, size_t len)
{
    (void)len;
    if (pdu[2] == RPC_BIND_ACK) {
        pdu[19] = 0; /* max_recv_frag */
    }
}

static void response_only(uint8_t *pdu, uint8_t set, uint8_t clear)
{
    if (pdu[2] == RPC_RESPONSE) {
        pdu[3] = (uint8_t)((pdu[3] | set) & ~clear); /* pfc_flags */
    }
}

static void always_first(uint8_t *pdu, size_t len)
{
    (void)len;
    response_only(pdu, RPC_FIRST_FRAG, 0);
}

static void never_first(uint8_t *pdu, size_t len)
{
    (void)len;
    response_only(pdu, 0, RPC_FIRST_FRAG);
}

static void another_context(uint8_t *pdu, size_t len)
{
    if (pdu[2] == RPC_RESPONSE && len > 20) {
        pdu[20] = 1; /* p_cont_id */
    }
}

static void another_level(uint8_t *pdu, size_t len)
{
    if (pdu[2] == RPC_RESPONSE && len > 24) {
        pdu[24] = 2;
    }
}

static void a_short_bind(uint8_t *pdu, size_t len)
{
    if (pdu[2] == RPC_BIND_ACK && len > 25) {
        pdu[25] = 0xFF; /* length of the secondary address */
    }
}

START_TEST(answers_that_make_no_sense_are_refused)
{
    static void (*const edits[])(uint8_t *, size_t) = {
        another_call, another_type,    another_encoding, tiny_fragments, always_first,
        never_first,  another_context, another_level,    a_short_bind,
    };

    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        ck_fails(&(struct peer_rpc){.edit = edits[i], .fragment = 50}, LSMB_E_PROTOCOL, "server");
    }
}
END_TEST

/* Answer a READ with a fragment that is not the last, of so many bytes. */
static void say_fragment(struct peer_reply *reply, size_t bytes)
{
    static const uint8_t stub[RPC_FRAGMENT_MAX];
    uint8_t pdu[RPC_FRAGMENT_MAX + 24];
    struct wr p = wr_from(pdu, sizeof pdu);

    rpc_response_put(&p, &(struct rpc_response){.call_id = 2, .stub = {stub, bytes}});
    free(reply->bytes);
    reply->cap = SMB2_HEADER_LEN + p.pos + 64;
    reply->bytes = peer_alloc(reply->cap);
    struct wr w = wr_from(reply->bytes + SMB2_HEADER_LEN, reply->cap - SMB2_HEADER_LEN);
    smb2_read_reply_put(&w, &(struct smb2_read_reply){.data = wr_written(&p)});
    ck_assert(wr_ok(&w));
    reply->len = SMB2_HEADER_LEN + w.pos;
    reply->header.status = STATUS_SUCCESS;
}

static void say_large_fragment(struct peer_reply *reply)
{
    say_fragment(reply, 4000);
}

static void say_empty_fragment(struct peer_reply *reply)
{
    say_fragment(reply, 0);
}

static void never_last(uint8_t *pdu, size_t len)
{
    (void)len;
    response_only(pdu, 0, RPC_LAST_FRAG);
}

START_TEST(an_answer_has_a_limit)
{
    static void (*const edits[])(struct peer_reply *) = {say_empty_fragment, say_large_fragment};
    static const size_t most[] = {1, (8 << 20) / 4000 + 1};
    static struct listing l;

    for (size_t i = 0; i < 2; i++) {
        struct fs_world w;
        fs_world_init(&w, NULL);
        w.peer.rpc.edit = never_last;
        struct lsmb_share *share = ipc(&w);
        peer_script(&w.peer,
                    &(struct peer_rule){.command = SMB2_READ, .edit = edits[i], .times = UINT_MAX});
        fs_failed(&w, lsmb_shares(share, note, &l, &w.err), LSMB_E_PROTOCOL, 0);
        ck_assert_uint_le(peer_count(&w.peer, SMB2_READ), most[i]);
        lsmb_share_close(share);
        fs_world_free(&w);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("fs/shares", all_shares_are_listed, a_long_list_comes_in_pieces,
                     a_listing_ends_where_the_user_likes, a_listing_can_be_cancelled_from_inside,
                     the_service_may_refuse, a_list_without_end_is_refused,
                     a_list_that_goes_on_for_ever_is_given_up, an_answer_has_a_limit,
                     a_list_of_no_pipes_is_a_mistake, answers_that_make_no_sense_are_refused);
}
