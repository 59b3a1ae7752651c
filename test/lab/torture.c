/* torture.c: oddities that the protocol allows and servers seldom have, for cases_odd.py.
 *
 *     LAVA_SMB_PASSWORD=... torture HOST PORT SHARE USER DIRECTORY acks|ioctl|read|sleep|late|oplock
 *
 * A Samba with `smbd:FSCTL_SMBTORTURE = yes` takes controls that change how it answers on the connection
 * they came on (Samba: source3/smbd/smb2_ioctl_smbtorture.c); `late` and `oplock` work with every server.  Exit
 * status 0: all went as it should; else stderr says what did not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fs/file.h"
#include "fs/ioctl.h"

/* The controls; they fit no enum. */
#define FORCE_UNACKED_TIMEOUT 0x83848003u /* as if TCP never confirmed what the server sent */
#define IOCTL_BODY_PADDING8   0x83848013u /* the answer is 8, 8, 8, behind 8 bytes of nothing */
#define READ_BODY_PADDING8    0x83848023u /* from now on the data of each READ is behind such, too */
#define FSP_ASYNC_SLEEP       0x83848043u /* the answer comes so many microseconds late */

enum {
    LONG = (3 << 20) + 5, /* bytes of the files that go there and back */
    SILENCE_MS = 800,
    LATE_MS = 1300, /* longer than the silence */
    HELD_MS = 500,  /* before an oplock is given up */
    SMALL = 5000,   /* bytes of a file that is fetched in one go */
};

#define NEED(truth)                                                                                \
    do {                                                                                           \
        if (!(truth)) {                                                                            \
            wrong(__LINE__, #truth);                                                               \
        }                                                                                          \
    } while (0)

static struct lsmb *smb;
static struct lsmb_share *share;
static struct lsmb_error err;
static unsigned char out[LONG];

static void wrong(int line, const char *what)
{
    char text[1600];

    (void)fprintf(stderr, "torture: line %d: %s: %s\n", line, what,
                  lsmb_error_text(&err, text, sizeof text));
    exit(EXIT_FAILURE);
}

/* How a job ended. */
struct end {
    bool finished;
    enum lsmb_code code;
};

static void ended(void *arg, const struct lsmb_error *why)
{
    struct end *end = arg;

    end->finished = true;
    end->code = why ? why->code : LSMB_OK;
    if (why) {
        err = *why;
    }
}

/* ---------------------------------------------------------------- a control, as a job on a file */

struct control {
    struct file_job base; /* first */
    struct ioctl_op ioctl;
    uint32_t code;
    struct open nowhere; /* for those that concern no file */
    struct span input;   /* borrowed */
    uint8_t *output;     /* borrowed: takes up to `room` bytes */
    size_t room, *got;
};

static enum op_next send_control(struct op *op);
static enum op_next take_answer(struct op *op);

enum { ST_SEND, ST_ANSWER };

static const struct op_step control_steps[] = {
    [ST_SEND] = {"torture", send_control, 0},
    [ST_ANSWER] = {"torture", take_answer, 0},
};

static struct control *control_of(struct op *op)
{
    return CONTAINER_OF(file_job_of(op), struct control, base);
}

static void release(struct op *op)
{
    ioctl_drop(&control_of(op)->ioctl);
    file_job_release(op);
}

static const struct op_kind control_kind = {"torture", control_steps, release};

static enum op_next send_control(struct op *op)
{
    struct control *c = control_of(op);

    struct open *open = c->code == FSP_ASYNC_SLEEP ? &c->base.file->open : &c->nowhere;

    ioctl_start(&c->ioctl, op, open, c->code, c->input, (uint32_t)c->room);
    return op_go(op, ST_ANSWER);
}

static enum op_next take_answer(struct op *op)
{
    struct control *c = control_of(op);
    enum op_next next = op_await(op, &c->ioctl.op);

    if (next != OP_AGAIN) {
        return next;
    }
    *c->got = c->ioctl.output.len;
    if (c->ioctl.output.len > 0) {
        memcpy(c->output, c->ioctl.output.ptr, c->ioctl.output.len);
    }
    return OP_DONE;
}

/* What a control brought. */
struct answer {
    struct end end;
    uint8_t bytes[16];
    size_t len;
};

static void start_control(struct lsmb_file *file, uint32_t code, struct span input,
                          struct answer *answer)
{
    struct control *c = file_job_new(file, sizeof *c, ended, &answer->end);

    NEED(c);
    c->code = code;
    c->input = input;
    c->output = answer->bytes;
    c->room = sizeof answer->bytes;
    c->nowhere = (struct open){.share = share, .id = SMB2_FILE_ID_NONE};
    c->got = &answer->len;
    (void)job_begin(&c->base.job, &control_kind);
}

static void control(struct lsmb_file *file, uint32_t code, struct answer *answer)
{
    static const uint8_t longest[] = {255};
    struct span input = {longest, code == FSP_ASYNC_SLEEP ? 1 : 0};

    *answer = (struct answer){.len = 0};
    start_control(file, code, input, answer);
    NEED(lsmb_turn_until(smb, &answer->end.finished) == LSMB_OK);
    NEED(answer->end.code == LSMB_OK);
}

/* ---------------------------------------------------------------- there and back */

static void there_and_back(const char *directory, const char *name)
{
    char path[300];
    void *in = NULL;
    size_t len = 0;

    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    NEED(lsmb_copy(smb, lsmb_source_memory(smb, out, LONG),
                   lsmb_sink_share(share, path, LSMB_PUBLISH_AUTO), NULL, NULL, &err) == LSMB_OK);
    NEED(lsmb_copy(smb, lsmb_source_share(share, path, false),
                   lsmb_sink_memory(smb, &in, &len, LONG), NULL, NULL, &err) == LSMB_OK);
    NEED(len == LONG && memcmp(in, out, LONG) == 0);
    free(in);
}

static void try_control(struct lsmb_file *file, const char *directory, uint32_t code)
{
    static const uint8_t filled[sizeof((struct answer *)0)->bytes] = {8, 8, 8, 8, 8, 8, 8, 8,
                                                                      8, 8, 8, 8, 8, 8, 8, 8};
    struct answer answer;

    control(file, code, &answer);
    there_and_back(directory, "copy");
    control(file, code, &answer);
    if (code == IOCTL_BODY_PADDING8) {
        NEED(answer.len == sizeof filled && memcmp(answer.bytes, filled, sizeof filled) == 0);
    }
}

static struct lsmb_file *open_held(const char *directory)
{
    struct lsmb_file *file;
    char path[300];

    (void)snprintf(path, sizeof path, "%s/held", directory);
    NEED(lsmb_file_open(share, path, LSMB_OPEN_READ | LSMB_OPEN_WRITE | LSMB_OPEN_CREATE, &file,
                        &err) == LSMB_OK);
    return file;
}

static int64_t now_ms(void)
{
    struct timespec now;

    NEED(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* One answer is put off for longer than the silence that is borne: others come meanwhile, and when none do,
 * the server is asked whether it lives. */
static void try_late(struct lsmb_file *file, const char *directory)
{
    static const struct lsmb_lock lock = {0, 1, LSMB_LOCK_EXCLUSIVE};
    static const struct lsmb_lock unlock = {0, 1, LSMB_UNLOCK};
    struct lsmb_file *other = open_held(directory);
    struct end end = {false, LSMB_OK};
    int64_t over = now_ms() + LATE_MS;

    NEED(lsmb_file_lock(file, &lock, 1, false, &err) == LSMB_OK);
    NEED(lsmb_file_lock_start(other, &lock, 1, true, ended, &end));
    there_and_back(directory, "copy");
    while (now_ms() < over) {
        NEED(lsmb_turn(smb, 50) == LSMB_OK && !end.finished);
    }
    NEED(lsmb_file_lock(file, &unlock, 1, false, &err) == LSMB_OK);
    NEED(lsmb_turn_until(smb, &end.finished) == LSMB_OK && end.code == LSMB_OK);
    NEED(lsmb_file_close(other, &err) == LSMB_OK);
}

/* ---------------------------------------------------------------- an oplock in the way */

/* A file that is held with an oplock which is not given back when it breaks. */
static struct holder {
    struct op op; /* first */
    const char *path;
    struct open_op opening;
    struct open open;
    bool finished;
} holder;

static enum op_next begin_hold(struct op *op);
static enum op_next take_hold(struct op *op);

static const struct op_step hold_steps[] = {{"hold", begin_hold, 0}, {"hold", take_hold, 0}};
static const struct op_kind hold_kind = {"hold", hold_steps, NULL};

static enum op_next begin_hold(struct op *op)
{
    static const struct open_want want = {
        .access = FILE_READ_DATA,
        .share_access = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
        .disposition = FILE_OPEN,
        .oplock = SMB2_OPLOCK_LEVEL_BATCH,
    };

    open_start(&holder.opening, op, share, holder.path, &want, &holder.open);
    return op_go(op, 1);
}

static enum op_next take_hold(struct op *op)
{
    enum op_next next = op_await(op, &holder.opening.op);

    return next == OP_AGAIN ? OP_DONE : next;
}

static void held(struct op *op)
{
    NEED(!op_failed(op));
    holder.finished = true;
}

/* A small file is fetched with TREE_CONNECT, CREATE, READ and CLOSE in one frame, while somebody else has an
 * oplock on it: the CREATE, in the midst of the frame, has to wait until he has closed it (MS-SMB2 3.3.5.9). */
static void try_oplock(const struct lsmb_target *target, const char *path)
{
    struct lsmb_target lazy = *target;
    struct end end = {false, LSMB_OK};
    struct lsmb *other = lsmb_new(NULL, &err);
    struct lsmb_share *there;
    void *in = NULL;
    size_t len = 0;

    NEED(other);
    lazy.lazy = true;
    holder.path = path;
    op_start(&holder.op, &share_context(share)->env, &hold_kind, held);
    NEED(lsmb_turn_until(smb, &holder.finished) == LSMB_OK);
    NEED(lsmb_share_open(other, &lazy, &there, &err) == LSMB_OK);
    NEED(lsmb_copy_start(other, lsmb_source_share(there, path, false),
                         lsmb_sink_memory(other, &in, &len, LONG), NULL, NULL, ended, &end));
    for (int64_t over = now_ms() + HELD_MS; now_ms() < over;) {
        NEED(lsmb_turn(other, 20) == LSMB_OK && lsmb_turn(smb, 20) == LSMB_OK && !end.finished);
    }
    open_drop(&holder.open);
    NEED(lsmb_turn(smb, 0) == LSMB_OK);
    NEED(lsmb_turn_until(other, &end.finished) == LSMB_OK && end.code == LSMB_OK);
    NEED(len == SMALL && memcmp(in, out, SMALL) == 0);
    free(in);
    lsmb_share_close(there);
    lsmb_free(other);
}

/* ---------------------------------------------------------------- the program */

static struct lsmb_target target_of(char **argv)
{
    return (struct lsmb_target){.size = sizeof(struct lsmb_target),
                                .host = argv[1],
                                .port = (uint16_t)strtoul(argv[2], NULL, 10),
                                .share = argv[3],
                                .user = argv[4],
                                .password = getenv("LAVA_SMB_PASSWORD")};
}

static void attach(const struct lsmb_target *target)
{
    const struct lsmb_options opt = {.size = sizeof opt, .silence_ms = SILENCE_MS};

    smb = lsmb_new(&opt, &err);
    NEED(smb);
    NEED(lsmb_share_open(smb, target, &share, &err) == LSMB_OK);
}

static const struct {
    const char *name;
    uint32_t code; /* 0: none */
} trials[] = {
    {"acks", FORCE_UNACKED_TIMEOUT},
    {"ioctl", IOCTL_BODY_PADDING8},
    {"read", READ_BODY_PADDING8},
    {"sleep", FSP_ASYNC_SLEEP},
    {"late", 0},
    {"oplock", 0},
};
enum { TRIALS = sizeof trials / sizeof trials[0] };

static void try(size_t which, const struct lsmb_target *target, const char *directory)
{
    struct lsmb_file *file = open_held(directory);
    char path[300];

    if (trials[which].code) {
        try_control(file, directory, trials[which].code);
    } else if (strcmp(trials[which].name, "late") == 0) {
        try_late(file, directory);
    } else {
        NEED(lsmb_file_write(file, out, SMALL, 0, &err) == LSMB_OK);
        NEED(lsmb_file_close(file, &err) == LSMB_OK);
        (void)snprintf(path, sizeof path, "%s/held", directory);
        try_oplock(target, path);
        return;
    }
    NEED(lsmb_file_close(file, &err) == LSMB_OK);
}

int main(int argc, char **argv)
{
    size_t which = 0;

    while (argc == 7 && which < TRIALS && strcmp(trials[which].name, argv[6]) != 0) {
        which++;
    }
    if (argc != 7 || which == TRIALS) {
        return 2;
    }
    for (size_t i = 0; i < LONG; i++) {
        out[i] = (unsigned char)(i * 31 + i / 509);
    }
    const struct lsmb_target target = target_of(argv);
    attach(&target);
    try(which, &target, argv[5]);
    lsmb_share_close(share);
    lsmb_free(smb);
    return EXIT_SUCCESS;
}
