/* visit.h: a file that is opened, read and closed in one frame, as an operation of its own.
 *
 * For one file of a test program: world, share and visit are its.
 *
 *     begin(NULL);
 *     run("a");
 *     ck_visited();
 *     end();          // checks that nothing is open */
#ifndef LSMB_TEST_FS_VISIT_H
#define LSMB_TEST_FS_VISIT_H

#include "fs/holding.h"
#include "fs/open.h"
#include "proto/close.h"
#include "proto/read.h"
#include "test/fs/fs_world.h"

#define VISIT_TEXT "hello"

enum { VISIT_LEN = sizeof VISIT_TEXT - 1, VISIT_ASKED = 4096, VISIT_ROOM = 64 };

/* A file is opened, read and closed in one go. */
static struct visit {
    struct op op; /* first */
    const char *path;
    bool done, no_memory;
    unsigned laid; /* how often the tail was */
    struct open_tail tail;
    struct request read, close;
    struct open_op opening;
    struct open open;
} visit;

static struct fs_world w;
static struct lsmb_share *share;

static inline struct wr *add(struct compound_part *part, struct request *request, uint16_t command,
                             uint32_t payload)
{
    *part = (struct compound_part){.request = request,
                                   .spec = share_spec(share, command, payload, false)};
    ck_assert(request->state == REQUEST_IDLE);
    return request_body(request, &w.smb->env, VISIT_ROOM, &part->w) ? &part->w : NULL;
}

static inline bool lay(void *arg, struct open_tail *tail)
{
    ck_assert_ptr_eq(arg, &visit);
    visit.laid++;
    if (visit.no_memory) {
        return false;
    }
    smb2_read_request_put(
        add(&tail->parts[0], &visit.read, SMB2_READ, VISIT_ASKED),
        &(struct smb2_read_request){.file = SMB2_FILE_ID_NONE, .length = VISIT_ASKED});
    smb2_close_request_put(add(&tail->parts[1], &visit.close, SMB2_CLOSE, 0),
                           &(struct smb2_close_request){.file = SMB2_FILE_ID_NONE});
    tail->count = 2;
    return true;
}

/* ---------------------------------------------------------------- the operation around it */

static inline enum op_next begin_visit(struct op *op);
static inline enum op_next take_visit(struct op *op);

static const struct op_step steps[] = {{"begin", begin_visit, 0}, {"visit", take_visit, 0}};
static const struct op_kind kind = {"visit", steps, NULL};

static inline enum op_next begin_visit(struct op *op)
{
    struct open_want want = {.access = FILE_READ_DATA | FILE_READ_ATTRIBUTES,
                             .share_access = FILE_SHARE_READ,
                             .disposition = FILE_OPEN,
                             .options = FILE_NON_DIRECTORY_FILE,
                             .tail = &visit.tail};

    open_start(&visit.opening, op, share, visit.path, &want, &visit.open);
    return op_go(op, 1);
}

static inline enum op_next take_visit(struct op *op)
{
    enum op_next next = op_await(op, &visit.opening.op);

    return next == OP_AGAIN ? OP_DONE : next;
}

static inline void ended(struct op *op)
{
    ck_assert_ptr_eq(op, &visit.op);
    visit.done = true;
}

static inline void start(const char *what)
{
    memset(&visit, 0, sizeof visit);
    visit.tail.lay = lay;
    visit.tail.arg = &visit;
    visit.path = what;
    op_start(&visit.op, &w.smb->env, &kind, ended);
}

static inline void run(const char *what)
{
    start(what);
    ck_assert_int_eq(lsmb_turn_until(w.smb, &visit.done), LSMB_OK);
}

static inline void drop(void)
{
    request_drop(&visit.read);
    request_drop(&visit.close);
    open_drop(&visit.open);
}

/* It went well, and in one frame. */
static inline void ck_visited(void)
{
    struct smb2_read_reply reply;

    ck_assert_msg(!op_failed(&visit.op), "%s", visit.op.err.reason);
    ck_assert(visit.tail.sent);
    ck_assert_ptr_null(visit.open.share);
    ck_assert_uint_eq(visit.open.stat.bytes, VISIT_LEN);
    ck_assert_uint_eq(visit.read.status, STATUS_SUCCESS);
    ck_assert(smb2_read_reply_get(&reply, visit.read.message, VISIT_ASKED));
    ck_assert_uint_eq(reply.data.len, VISIT_LEN);
    ck_assert_mem_eq(reply.data.ptr, VISIT_TEXT, VISIT_LEN);
    drop();
}

/* It went well, but the file was opened alone, and is open. */
static inline void ck_opened(void)
{
    ck_assert_msg(!op_failed(&visit.op), "%s", visit.op.err.reason);
    ck_assert(!visit.tail.sent);
    ck_assert_ptr_eq(visit.open.share, share);
    ck_assert(visit.read.state == REQUEST_IDLE && visit.close.state == REQUEST_IDLE);
    drop();
}

static inline void ck_failed(enum lsmb_code code, uint32_t status)
{
    ck_assert_int_eq(visit.op.err.code, code);
    ck_assert_uint_eq(visit.op.err.nt_status, status);
    ck_assert_ptr_null(visit.open.share);
    ck_assert(visit.read.state == REQUEST_IDLE && visit.close.state == REQUEST_IDLE);
}

static inline void begin_world(const struct peer_config *config)
{
    fs_world_init(&w, config);
    (void)peer_add_file(&w.peer, "a", VISIT_TEXT, VISIT_LEN);
}

static inline void begin(const struct peer_config *config)
{
    begin_world(config);
    share = fs_share(&w);
}

static inline bool nothing_is_open(void)
{
    struct peer_node *file = peer_find(&w.peer, "a");

    return !file || list_empty(&file->opens);
}

static inline void end(void)
{
    fs_turn(&w, 8);
    ck_assert(nothing_is_open());
    lsmb_share_close(share);
    fs_world_free(&w);
}

static inline void script(uint16_t command, uint32_t status)
{
    peer_script(&w.peer, &(struct peer_rule){.command = command, .status = status});
}

#endif
