/* fuzz_fetch.c: small files, each in a frame or two, from a server that takes frames apart.
 *
 * Target functions: open_start, open_chain_send, open_chain_await, open_chain_goes_again, attach_start,
 * tree_connect_get, share_source_fetch, lsmb_copy_start.
 *
 * The first two bytes of the input choose the server and what the client wants (see `set_up`), then come rules
 * for the server of RULE_LEN bytes each (see `take_rule`): refuse, put off, forget, say twice, leave out, change
 * an answer before it is protected.  Several copies run at once, and may be cancelled.  One that ends well has
 * brought what was there, unless the server lied.  The seeds in corpus/fetch are honest visits and single rules. */
#include <limits.h>

#include "conn/conn.h"
#include "fuzz/without_check.h"
#include "test/fs/fs_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    RULES_MAX = 16,
    RULE_LEN = 6,
    GETS = 4,
    TURNS_MAX = 4000,
    RELEASE_TURNS = 100, /* between what was put off and its being done */
    LONG = 70000,        /* bytes, more than a READ brings: not fetched in one go */
    MUTATIONS = 8,
};

/* A file that is fetched. */
struct get {
    const char *path;
    size_t len; /* that it has */
    void *bytes;
    size_t got;
    struct fs_done done;
};

/* A run over one input. */
static struct run {
    struct rd in;
    struct fs_world w;
    struct lsmb_share *share;
    struct get gets[GETS];
    struct fs_done opened, put;
    bool lied;
    unsigned cancel_at; /* turn; 0: never */
} run;

static uint8_t text[LONG];

static void require(bool truth)
{
    if (!truth) {
        abort();
    }
}

/* ---------------------------------------------------------------- rules */

/* Changes of answers, in the order in which they were asked for. */
static struct {
    uint16_t offset;
    uint8_t value;
} mutations[MUTATIONS];
static unsigned mutation;

static void mutate(struct peer_reply *reply)
{
    unsigned n = mutation++ % MUTATIONS;

    reply->bytes[SMB2_HEADER_LEN + mutations[n].offset % (reply->len - SMB2_HEADER_LEN)] ^=
        mutations[n].value;
}

static void add_mutation(struct peer_rule *rule, uint8_t offset, uint8_t value)
{
    unsigned n = mutation++ % MUTATIONS;

    mutations[n].offset = offset;
    mutations[n].value = value;
    rule->edit = mutate;
    run.lied = true;
}

static void take_rule(void)
{
    static const uint16_t commands[] = {SMB2_TREE_CONNECT, SMB2_CREATE,    SMB2_READ,
                                        SMB2_CLOSE,        SMB2_WRITE,     SMB2_SET_INFO,
                                        SMB2_FLUSH,        SMB2_QUERY_INFO};
    static const uint32_t statuses[] = {
        0,
        0,
        0,
        (uint32_t)STATUS_NOT_SUPPORTED,
        (uint32_t)STATUS_INTERNAL_ERROR,
        (uint32_t)STATUS_INVALID_PARAMETER,
        (uint32_t)STATUS_FILE_LOCK_CONFLICT,
        (uint32_t)STATUS_ACCESS_DENIED,
        (uint32_t)STATUS_SHARING_VIOLATION,
        (uint32_t)STATUS_NETWORK_NAME_DELETED,
        (uint32_t)STATUS_NETWORK_SESSION_EXPIRED,
        (uint32_t)STATUS_END_OF_FILE,
        (uint32_t)STATUS_STOPPED_ON_SYMLINK,
        (uint32_t)STATUS_USER_SESSION_DELETED,
        (uint32_t)STATUS_BUFFER_OVERFLOW,
        (uint32_t)STATUS_DISK_FULL,
    };
    static const enum peer_fate fates[] = {PEER_ANSWER, PEER_ANSWER, PEER_ANSWER, PEER_TWICE,
                                           PEER_HOLD,   PEER_DROP,   PEER_MUTE,   PEER_CLOSE};
    struct peer_rule rule = {.command = commands[rd_u8(&run.in) % 8]};
    uint8_t how = rd_u8(&run.in), fate = rd_u8(&run.in), times = rd_u8(&run.in);
    uint8_t offset = rd_u8(&run.in), value = rd_u8(&run.in);

    rule.status = statuses[how % 16];
    rule.fate = fates[fate % 8];
    rule.pendings = rule.fate == PEER_MUTE ? 0 : how >> 4 & 1; /* what is put off is answered */
    rule.skip = times % 8;
    rule.times = times >> 4 == 15 ? UINT_MAX : times >> 4;
    if (value != 0) {
        add_mutation(&rule, offset, value);
    }
    peer_script(&run.w.peer, &rule);
}

/* ---------------------------------------------------------------- what the client does */

static void start_gets(void)
{
    static const struct get gets[GETS] = {{.path = "a", .len = 100},
                                          {.path = "b"},
                                          {.path = "c", .len = LONG},
                                          {.path = "a", .len = 100}};
    struct lsmb *smb = run.w.smb;

    memcpy(run.gets, gets, sizeof gets);
    for (size_t i = 0; i < GETS; i++) {
        struct get *get = &run.gets[i];
        struct lsmb_job *job = lsmb_copy_start(smb, lsmb_source_share(run.share, get->path, false),
                                               lsmb_sink_memory(smb, &get->bytes, &get->got, LONG),
                                               NULL, NULL, fs_done, &get->done);
        require(job != NULL);
    }
}

static bool all_done(void)
{
    bool done = run.put.finished;

    for (size_t i = 0; i < GETS; i++) {
        done = done && run.gets[i].done.finished;
    }
    return done;
}

/* A server that puts things off does them some day. */
static void release_all(void)
{
    for (unsigned i = 0; i < run.w.dialled; i++) {
        if (run.w.links[i]->stream) {
            peer_release(run.w.links[i]->link);
        }
    }
}

static bool share_open(void)
{
    return run.opened.finished;
}

/* Turn until `done`: everything ends, at the latest after a silence. */
static void go(bool (*done)(void), struct lsmb_job *put)
{
    struct lsmb_error why;

    error_set(&why, LSMB_E_CANCELLED, "enough");
    for (unsigned turn = 1; !done(); turn++) {
        require(turn < TURNS_MAX);
        if (put && turn == run.cancel_at && !run.put.finished) {
            lsmb_job_cancel(put, &why);
        }
        if (turn % RELEASE_TURNS == 0) {
            release_all();
        }
        require(lsmb_turn(run.w.smb, -1) == LSMB_OK);
    }
}

static void visit(void)
{
    struct lsmb *smb = run.w.smb;

    start_gets();
    struct lsmb_job *put = lsmb_copy_start(smb, lsmb_source_memory(smb, text, 1000),
                                           lsmb_sink_share(run.share, "d", LSMB_PUBLISH_AUTO), NULL,
                                           NULL, fs_done, &run.put);
    require(put != NULL);
    go(all_done, put);
    for (size_t i = 0; i < GETS; i++) {
        struct get *get = &run.gets[i];
        if (get->done.err.code == LSMB_OK && !run.lied) {
            require(get->got == get->len);
            require(get->len == 0 || memcmp(get->bytes, text, get->len) == 0);
        }
        free(get->bytes);
    }
    require(run.put.err.code != LSMB_OK || run.lied || peer_has(&run.w.peer, "d", text, 1000));
}

/* ---------------------------------------------------------------- one run */

static void set_up(void)
{
    struct peer_config config = peer_defaults();
    uint8_t how = rd_u8(&run.in);

    config.signing_required = how & 1;
    config.encrypt_session = how & 2;
    config.encrypt_share = how & 4;
    config.split_compounds = how & 8;
    config.credits = how & 16 ? 6 : config.credits;
    config.max_read = SMB2_CREDIT_BYTES;
    fs_world_init(&run.w, &config);
    run.w.peer_may_complain = true;
    run.w.target.lazy = !(how & 32);
    run.w.policy.max_dialect = how & 64 ? LSMB_SMB_3_0_2 : LSMB_SMB_3_1_1;
    run.cancel_at = rd_u8(&run.in) % 32;
    (void)peer_add_file(&run.w.peer, "a", text, 100);
    (void)peer_add_file(&run.w.peer, "b", "", 0);
    (void)peer_add_file(&run.w.peer, "c", text, LONG);
    mutation = 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = (uint8_t)(i * 7 + i / 251);
    }
    memset(&run, 0, sizeof run);
    run.in = rd_from((struct span){data, size}, 0);
    set_up();
    for (unsigned i = 0; i < RULES_MAX && rd_left(&run.in) >= RULE_LEN; i++) {
        take_rule();
    }
    mutation = 0;
    require(lsmb_share_open_start(run.w.smb, &run.w.target, &run.share, fs_done, &run.opened));
    go(share_open, NULL);
    if (run.share) {
        visit();
        lsmb_share_close(run.share);
    }
    fs_world_free(&run.w);
    return 0;
}
