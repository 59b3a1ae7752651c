/* test_info.c: asking and telling about an open file (MS-SMB2 3.2.4.8, 3.2.4.9, 3.2.5.9). */
#include "fs/info.h"

#include <limits.h>

#include "proto/info.h"
#include "test/fs/fs_world.h"
#include "test/peer/client.h"

/* An open file, and an op that waits for what is done to it. */
struct rig {
    struct fs_world w;
    struct lsmb_share *share;
    struct waiting_op parent;
    struct open_op opening;
    struct open open;
};

static bool run(struct rig *r, struct op *child)
{
    r->parent.child = child;
    while (!op_finished(&r->parent.op)) {
        ck_assert_int_eq(lsmb_turn(r->w.smb, -1), LSMB_OK);
    }
    r->w.err = r->parent.op.err;
    return !op_failed(&r->parent.op);
}

static struct op *parent(struct rig *r)
{
    waiting_op_start(&r->parent, &r->w.smb->env);
    return &r->parent.op;
}

static void rig_open(struct rig *r, uint32_t access)
{
    struct open_want want = {.access = access,
                             .share_access = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                             .disposition = FILE_OPEN};

    memset(r, 0, sizeof *r);
    fs_world_init(&r->w, NULL);
    (void)peer_add_file(&r->w.peer, "a.txt", "hello", 5);
    r->share = fs_share(&r->w);
    open_start(&r->opening, parent(r), r->share, "a.txt", &want, &r->open);
    ck_assert(run(r, &r->opening.op));
}

static void rig_close(struct rig *r)
{
    open_drop(&r->open);
    open_drop(&r->open); /* once more is harmless */
    fs_turn(&r->w, 4);
    ck_assert(list_empty(&peer_find(&r->w.peer, "a.txt")->opens));
    lsmb_share_close(r->share);
    fs_world_free(&r->w);
}

static void query(struct rig *r, struct query_info_op *op, uint32_t room)
{
    query_info_start(op, parent(r), &r->open, SMB2_0_INFO_FILE, FILE_ALL_INFORMATION, room);
}

START_TEST(an_answer_stays_until_it_is_dropped)
{
    struct file_all_information all;
    struct query_info_op op;
    struct rig r;

    rig_open(&r, FILE_READ_ATTRIBUTES);
    query(&r, &op, 1000);
    ck_assert(run(&r, &op.op));
    ck_assert(!op.cut && file_all_information_get(&all, op.data, false));
    ck_assert_uint_eq(all.standard.end_of_file, 5);
    query_info_drop(&op);
    ck_assert_uint_eq(op.data.len, 0);
    rig_close(&r);
}
END_TEST

/* MS-SMB2 3.3.5.20.1: STATUS_BUFFER_OVERFLOW has data. */
START_TEST(an_answer_that_is_cut_off_says_so)
{
    struct file_all_information all;
    struct query_info_op op;
    struct rig r;

    rig_open(&r, FILE_READ_ATTRIBUTES);
    query(&r, &op, 102);
    ck_assert(run(&r, &op.op));
    ck_assert(op.cut && op.data.len == 102 && file_all_information_get(&all, op.data, true));
    query_info_drop(&op);
    rig_close(&r);
}
END_TEST

/* MS-FSCC 2.4, 2.5: every class of one structure comes with its bytes, and cut off with fewer. */
START_TEST(each_class_comes_in_its_length)
{
    static const struct {
        uint8_t info_type, info_class;
        uint32_t bytes;
    } classes[] = {
        {SMB2_0_INFO_FILE, FILE_BASIC_INFORMATION, 40},
        {SMB2_0_INFO_FILE, FILE_STANDARD_INFORMATION, 24},
        {SMB2_0_INFO_FILE, FILE_INTERNAL_INFORMATION, 8},
        {SMB2_0_INFO_FILE, FILE_EA_INFORMATION, 4},
        {SMB2_0_INFO_FILE, FILE_ACCESS_INFORMATION, 4},
        {SMB2_0_INFO_FILE, FILE_POSITION_INFORMATION, 8},
        {SMB2_0_INFO_FILE, FILE_MODE_INFORMATION, 4},
        {SMB2_0_INFO_FILE, FILE_ALIGNMENT_INFORMATION, 4},
        {SMB2_0_INFO_FILE, FILE_NORMALIZED_NAME_INFORMATION, 4 + 10},
        {SMB2_0_INFO_FILE, FILE_COMPRESSION_INFORMATION, 16},
        {SMB2_0_INFO_FILE, FILE_NETWORK_OPEN_INFORMATION, 56},
        {SMB2_0_INFO_FILE, FILE_ATTRIBUTE_TAG_INFORMATION, 8},
        {SMB2_0_INFO_FILE, FILE_ID_INFORMATION, 24},
        {SMB2_0_INFO_FILESYSTEM, FILE_FS_VOLUME_INFORMATION, 18 + 8},
        {SMB2_0_INFO_FILESYSTEM, FILE_FS_SIZE_INFORMATION, 24},
        {SMB2_0_INFO_FILESYSTEM, FILE_FS_DEVICE_INFORMATION, 8},
        {SMB2_0_INFO_FILESYSTEM, FILE_FS_ATTRIBUTE_INFORMATION, 12 + 8},
        {SMB2_0_INFO_FILESYSTEM, FILE_FS_FULL_SIZE_INFORMATION, 32},
        {SMB2_0_INFO_FILESYSTEM, FILE_FS_OBJECT_ID_INFORMATION, 64},
        {SMB2_0_INFO_FILESYSTEM, FILE_FS_SECTOR_SIZE_INFORMATION, 28},
    };
    struct query_info_op op;
    struct rig r;

    rig_open(&r, FILE_READ_ATTRIBUTES);
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
        for (uint32_t less = 0; less < 2; less++) {
            uint32_t room = classes[i].bytes - less;
            query_info_start(&op, parent(&r), &r.open, classes[i].info_type, classes[i].info_class,
                             room);
            ck_assert(run(&r, &op.op));
            ck_assert_uint_eq(op.data.len, room);
            ck_assert(op.cut == (less > 0));
            query_info_drop(&op);
        }
    }
    rig_close(&r);
}
END_TEST

static void claim_more(struct peer_reply *reply)
{
    struct wr body = wr_from(reply->bytes + SMB2_HEADER_LEN, reply->cap - SMB2_HEADER_LEN);
    static const uint8_t more[200];

    smb2_query_info_reply_put(&body, &(struct smb2_query_info_reply){.data = {more, sizeof more}});
    ck_assert(wr_ok(&body));
    reply->len = SMB2_HEADER_LEN + body.pos;
}

START_TEST(more_than_was_asked_for_is_refused)
{
    struct query_info_op op;
    struct rig r;

    rig_open(&r, FILE_READ_ATTRIBUTES);
    peer_script(&r.w.peer, &(struct peer_rule){.command = SMB2_QUERY_INFO, .edit = claim_more});
    query(&r, &op, 199);
    ck_assert(!run(&r, &op.op));
    ck_assert_int_eq(r.w.err.code, LSMB_E_PROTOCOL);
    rig_close(&r);
}
END_TEST

/* MS-FSCC 2.4: FileDispositionInformationEx */
START_TEST(deletion_can_be_asked_for_with_flags)
{
    struct file_disposition_information_ex info = {FILE_DISPOSITION_DELETE};
    struct set_info_op op;
    uint8_t data[4];
    struct wr w = wr_from(data, sizeof data);
    struct rig r;

    file_disposition_information_ex_put(&w, &info);
    rig_open(&r, ACCESS_DELETE);
    set_info_start(&op, parent(&r), &r.open, FILE_DISPOSITION_INFORMATION_EX, wr_written(&w));
    ck_assert(run(&r, &op.op));
    ck_assert(peer_find(&r.w.peer, "a.txt")->delete_pending);
    data[0] = 0;
    set_info_start(&op, parent(&r), &r.open, FILE_DISPOSITION_INFORMATION_EX, wr_written(&w));
    ck_assert(run(&r, &op.op));
    ck_assert(!peer_find(&r.w.peer, "a.txt")->delete_pending);
    rig_close(&r);
}
END_TEST

/* MS-SMB2 3.3.5.21: BufferLength is at most MaxTransactSize. */
START_TEST(more_than_the_server_takes_is_not_sent)
{
    size_t len = (8u << 20) + 1;
    uint8_t *much = calloc(1, len);
    struct set_info_op op;
    struct rig r;

    ck_assert_ptr_nonnull(much);
    rig_open(&r, FILE_WRITE_ATTRIBUTES);
    set_info_start(&op, parent(&r), &r.open, FILE_BASIC_INFORMATION, (struct span){much, len});
    ck_assert(!run(&r, &op.op));
    ck_assert_int_eq(r.w.err.code, LSMB_E_USAGE);
    ck_assert_uint_eq(peer_count(&r.w.peer, SMB2_SET_INFO), 0);
    free(much);
    rig_close(&r);
}
END_TEST

START_TEST(a_refused_question_is_an_error)
{
    struct query_info_op op;
    struct rig r;

    rig_open(&r, ACCESS_DELETE);
    query(&r, &op, 1000);
    ck_assert(!run(&r, &op.op));
    ck_assert_uint_eq(r.w.err.nt_status, (uint32_t)STATUS_ACCESS_DENIED);
    ck_assert_ptr_null(op.request.reply);
    rig_close(&r);
}
END_TEST

/* ---------------------------------------------------------------- what has no fixed size */

/* How many of its entries came from the folder. */
static unsigned inherited(const struct security_descriptor *sd)
{
    struct acl_walk list = acl_from(sd->dacl);
    unsigned count = 0;
    struct ace ace;

    while (acl_next(&list, &ace)) {
        count += ace_inherited(&ace) ? 1 : 0;
    }
    return count;
}

START_TEST(a_descriptor_comes_in_the_parts_that_were_asked_for)
{
    struct security_descriptor sd;
    struct query_info_op op;
    struct rig r;

    rig_open(&r, ACCESS_READ_CONTROL);
    query_security_start(&op, parent(&r), &r.open, DACL_SECURITY_INFORMATION);
    ck_assert(run(&r, &op.op));
    ck_assert(!op.cut && security_descriptor_get(&sd, op.data));
    ck_assert(sd.dacl.len > 0 && sd.owner.len == 0 && sd.group.len == 0);
    ck_assert_uint_eq(inherited(&sd), 1);
    query_info_drop(&op);
    ck_assert_uint_eq(peer_count(&r.w.peer, SMB2_QUERY_INFO), 1);
    rig_close(&r);
}
END_TEST

/* A descriptor of so many bytes, which the peer gives out as it is. */
static void make_long(struct rig *r, size_t bytes)
{
    uint8_t *made_up = calloc(1, bytes);

    ck_assert_ptr_nonnull(made_up);
    peer_store_secure(peer_find(&r->w.peer, "a.txt"), (struct span){made_up, bytes});
    free(made_up);
}

/* MS-SMB2 3.3.5.20.3: STATUS_BUFFER_TOO_SMALL says how much would do. */
START_TEST(a_longer_descriptor_is_asked_for_again_with_the_room_it_needs)
{
    struct query_info_op op;
    struct rig r;

    rig_open(&r, ACCESS_READ_CONTROL);
    make_long(&r, 100000);
    query_security_start(&op, parent(&r), &r.open, DACL_SECURITY_INFORMATION);
    ck_assert(run(&r, &op.op));
    ck_assert_uint_eq(op.data.len, 100000);
    ck_assert_uint_eq(op.room, 100000);
    ck_assert_uint_eq(peer_last(&r.w.peer, SMB2_QUERY_INFO)->header.credit_charge, 2);
    ck_assert_uint_eq(peer_count(&r.w.peer, SMB2_QUERY_INFO), 2);
    query_info_drop(&op);
    rig_close(&r);
}
END_TEST

START_TEST(a_server_that_always_wants_more_is_asked_twice)
{
    static const struct peer_rule rule = {
        .command = SMB2_QUERY_INFO, .times = UINT_MAX, .status = (uint32_t)STATUS_BUFFER_TOO_SMALL};
    struct query_info_op op;
    struct rig r;

    rig_open(&r, ACCESS_READ_CONTROL);
    peer_script(&r.w.peer, &rule); /* and does not say how much */
    query_security_start(&op, parent(&r), &r.open, DACL_SECURITY_INFORMATION);
    ck_assert(!run(&r, &op.op));
    ck_assert_uint_eq(r.w.err.nt_status, (uint32_t)STATUS_BUFFER_TOO_SMALL);
    ck_assert_str_eq(r.w.err.step, "ask for the security descriptor");
    ck_assert_uint_eq(peer_count(&r.w.peer, SMB2_QUERY_INFO), 2);
    rig_close(&r);
}
END_TEST

START_TEST(more_than_a_megabyte_is_not_asked_for)
{
    static const uint8_t needed[4] = {1, 0, 16, 0};
    struct peer_rule rule = {.command = SMB2_QUERY_INFO,
                             .status = (uint32_t)STATUS_BUFFER_TOO_SMALL,
                             .error = {.data = {needed, sizeof needed}}};
    struct query_info_op op;
    struct rig r;

    rig_open(&r, ACCESS_READ_CONTROL);
    peer_script(&r.w.peer, &rule);
    query_security_start(&op, parent(&r), &r.open, DACL_SECURITY_INFORMATION);
    ck_assert(!run(&r, &op.op));
    ck_assert_uint_eq(peer_count(&r.w.peer, SMB2_QUERY_INFO), 1);
    rig_close(&r);
}
END_TEST

START_TEST(streams_of_an_open_file_are_asked_for)
{
    struct file_stream_information stream;
    struct query_info_op op;
    struct rig r;

    rig_open(&r, FILE_READ_ATTRIBUTES);
    query_streams_start(&op, parent(&r), &r.open);
    ck_assert(run(&r, &op.op));
    struct walk list = walk_from(op.data);
    ck_assert(file_stream_information_next(&list, &stream) && stream.size == 5);
    ck_assert(!file_stream_information_next(&list, &stream) && walk_ok(&list));
    query_info_drop(&op);
    rig_close(&r);
}
END_TEST

/* ---------------------------------------------------------------- telling, flushing */

START_TEST(what_is_told_is_copied)
{
    struct file_end_of_file_information info = {.end_of_file = 2};
    struct set_info_op op;
    uint8_t data[8];
    struct wr w = wr_from(data, sizeof data);
    struct rig r;

    file_end_of_file_information_put(&w, &info);
    rig_open(&r, FILE_WRITE_DATA);
    set_info_start(&op, parent(&r), &r.open, FILE_END_OF_FILE_INFORMATION, wr_written(&w));
    memset(data, 0xFF, sizeof data);
    ck_assert(run(&r, &op.op));
    ck_assert(peer_has(&r.w.peer, "a.txt", "he", 2));
    rig_close(&r);
}
END_TEST

/* MS-SMB2 3.3.5.11 */
START_TEST(a_flush_may_be_refused)
{
    struct flush_op op;
    struct rig r;

    rig_open(&r, FILE_WRITE_DATA);
    flush_start(&op, parent(&r), &r.open);
    ck_assert(run(&r, &op.op));
    rig_close(&r);
    rig_open(&r, FILE_READ_DATA);
    flush_start(&op, parent(&r), &r.open);
    ck_assert(!run(&r, &op.op));
    ck_assert_int_eq(r.w.err.code, LSMB_E_DENIED);
    ck_assert_str_eq(r.w.err.step, "flush the file to disk");
    rig_close(&r);
}
END_TEST

START_TEST(nothing_is_asked_of_a_server_that_is_lost)
{
    struct query_info_op ask;
    struct flush_op flush;
    struct rig r;

    rig_open(&r, FILE_WRITE_DATA);
    fs_hang_up(&r.w, 0);
    query(&r, &ask, 1000);
    ck_assert(!run(&r, &ask.op));
    ck_assert_int_eq(r.w.err.code, LSMB_E_NETWORK);
    flush_start(&flush, parent(&r), &r.open);
    ck_assert(!run(&r, &flush.op));
    ck_assert_int_eq(r.w.err.code, LSMB_E_NETWORK);
    rig_close(&r);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "fs/info", an_answer_stays_until_it_is_dropped, an_answer_that_is_cut_off_says_so,
        each_class_comes_in_its_length, more_than_was_asked_for_is_refused,
        a_refused_question_is_an_error, deletion_can_be_asked_for_with_flags,
        more_than_the_server_takes_is_not_sent, a_descriptor_comes_in_the_parts_that_were_asked_for,
        a_longer_descriptor_is_asked_for_again_with_the_room_it_needs,
        a_server_that_always_wants_more_is_asked_twice, more_than_a_megabyte_is_not_asked_for,
        streams_of_an_open_file_are_asked_for, what_is_told_is_copied, a_flush_may_be_refused,
        nothing_is_asked_of_a_server_that_is_lost);
}
