/* Requests that leave in one frame, and what is known of them afterwards (MS-SMB2 3.2.4.1.4). */
#include "xfer/share_frame.h"

#include "proto/close.h"
#include "proto/info.h"
#include "test/xfer/put_world.h"

enum { PARTS = 3 };

struct frame {
    struct put p;
    struct smb2_file_id file;
    struct compound_part parts[PARTS];
    struct share_frame frame;
    struct request mark, query, close;
};

static void frame_init(struct frame *f)
{
    memset(f, 0, sizeof *f);
    put_init(&f->p);
    f->file = (struct smb2_file_id){7, 8};
    f->frame = (struct share_frame){.share = f->p.share, .parts = f->parts, .file = f->file};
}

static void frame_add(struct frame *f)
{
    share_frame_mark(&f->frame, &f->mark, true);
    share_frame_query(&f->frame, &f->query);
    share_frame_close(&f->frame, &f->close);
}

static void frame_end(struct frame *f)
{
    request_drop(&f->mark);
    request_drop(&f->query);
    request_drop(&f->close);
    put_end(&f->p);
}

/* The body that was laid, behind a header. */
static struct span message(uint8_t room[static 256], const struct compound_part *part)
{
    struct wr w = wr_from(room, 256);

    smb2_header_put(&w, &(struct smb2_header){.command = part->spec.command});
    wr_span(&w, wr_written(&part->w));
    ck_assert(wr_ok(&w));
    return wr_written(&w);
}

START_TEST(only_the_first_request_names_the_file)
{
    struct smb2_set_info_request set;
    struct smb2_query_info_request query;
    struct smb2_close_request closed;
    uint8_t room[256];
    struct frame f;

    frame_init(&f);
    frame_add(&f);
    ck_assert_uint_eq(f.frame.count, PARTS);
    ck_assert(!f.frame.no_memory);
    ck_assert(smb2_set_info_request_get(&set, message(room, &f.parts[0])));
    ck_assert(set.file.persistent == f.file.persistent && set.file.vol == f.file.vol);
    ck_assert(smb2_query_info_request_get(&query, message(room, &f.parts[1])));
    ck_assert(query.file.persistent == UINT64_MAX && query.file.vol == UINT64_MAX);
    ck_assert(smb2_close_request_get(&closed, message(room, &f.parts[2])));
    ck_assert(closed.file.persistent == UINT64_MAX && closed.file.vol == UINT64_MAX);
    frame_end(&f);
}
END_TEST

START_TEST(without_memory_nothing_more_is_added)
{
    struct hoard h;
    struct frame f;

    frame_init(&f);
    hoard_all(&h, &f.p.w.smb->env.pool);
    share_frame_mark(&f.frame, &f.mark, true);
    hoard_free(&h);
    share_frame_query(&f.frame, &f.query);
    share_frame_rename(&f.frame, &f.close, &(struct path){0});
    ck_assert(f.frame.no_memory);
    ck_assert_uint_eq(f.frame.count, 0);
    ck_assert_int_eq(share_said(&f.mark), SHARE_NOT_ASKED);
    frame_end(&f);
}
END_TEST

/* An answer to SET_INFO. */
static struct request answered(uint32_t status, bool believed, struct span reply)
{
    return (struct request){.state = REQUEST_DONE,
                            .spec = {.command = SMB2_SET_INFO},
                            .status = status,
                            .believed = believed,
                            .message = reply};
}

START_TEST(only_what_is_believed_and_understood_is_done_or_refused)
{
    static const struct lsmb_error lost = {.code = LSMB_E_NETWORK, .reason = "gone"};
    uint8_t room[SMB2_HEADER_LEN + 2] = {0};
    const struct span good = {room, sizeof room}, bad = {room, SMB2_HEADER_LEN};
    const uint32_t denied = (uint32_t)STATUS_ACCESS_DENIED;
    struct request request = {0};
    struct lsmb_error err;

    room[SMB2_HEADER_LEN] = 2;
    ck_assert_int_eq(share_said(&request), SHARE_NOT_ASKED);
    request.state = REQUEST_WAITING;
    ck_assert_int_eq(share_said(&request), SHARE_WAITS);
    request.state = REQUEST_IN_FLIGHT;
    ck_assert_int_eq(share_said(&request), SHARE_WAITS);
    request = answered(STATUS_SUCCESS, true, good);
    ck_assert_int_eq(share_said(&request), SHARE_DONE);
    request = answered(denied, true, bad);
    ck_assert_int_eq(share_said(&request), SHARE_REFUSED);
    request = answered(denied, false, bad);
    ck_assert_int_eq(share_said(&request), SHARE_UNSURE);
    share_said_why(&request, &err);
    ck_assert_int_eq(err.code, LSMB_E_SECURITY);
    request = answered(STATUS_SUCCESS, true, bad);
    ck_assert_int_eq(share_said(&request), SHARE_UNSURE);
    share_said_why(&request, &err);
    ck_assert_int_eq(err.code, LSMB_E_PROTOCOL);
    request.failure = &lost;
    ck_assert_int_eq(share_said(&request), SHARE_UNSURE);
    share_said_why(&request, &err);
    ck_assert_int_eq(err.code, LSMB_E_NETWORK);
}
END_TEST

int main(void)
{
    return RUN_TESTS("xfer/share_frame", only_the_first_request_names_the_file,
                     without_memory_nothing_more_is_added,
                     only_what_is_believed_and_understood_is_done_or_refused);
}
