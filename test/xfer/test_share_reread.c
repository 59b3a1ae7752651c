/* What was put is read back from where it lies before it gets its name (lsmb_sink_ops.reread). */

#include "test/xfer/put_world.h"

static const struct lsmb_copy_options verified = {.size = sizeof verified, .verify = true};

static struct lsmb_job *start(struct put *p, const uint8_t *bytes, size_t len,
                              enum lsmb_publish how)
{
    p->done = (struct fs_done){0};
    return lsmb_copy_start(p->w.smb, lsmb_source_memory(p->w.smb, bytes, len),
                           lsmb_sink_share(p->share, "a", how), &verified, NULL, fs_done, &p->done);
}

static enum lsmb_code run(struct put *p, const uint8_t *bytes, size_t len, enum lsmb_publish how)
{
    ck_assert_ptr_nonnull(start(p, bytes, len, how));
    share_run(&p->w, &p->done.finished);
    p->w.err = p->done.err;
    return p->w.err.code;
}

static const size_t sizes[] = {0, 5, 300000, 3000000};

static const size_t size_count = sizeof sizes / sizeof *sizes;

START_TEST(what_reads_back_as_it_was_gets_its_name)
{
    static const enum lsmb_publish ways[] = {LSMB_PUBLISH_ATOMIC, LSMB_PUBLISH_IN_PLACE};

    for (size_t i = 0; i < 4 * size_count; i++) {
        uint8_t *bytes = pattern(sizes[i / 4]);
        struct put p;
        put_init(&p);
        if (i & 1) {
            peer_add_file(&p.w.peer, "a", "old", 3);
        }
        fs_ok(&p.w, run(&p, bytes, sizes[i / 4], ways[i / 2 % 2]));
        ck_assert(peer_has(&p.w.peer, "a", bytes, sizes[i / 4]));
        ck_assert((peer_count(&p.w.peer, SMB2_READ) > 0) == (sizes[i / 4] > 0));
        put_end(&p);
        free(bytes);
    }
}
END_TEST

/* The last byte of an answer to READ: the disk has lost it. */
static void spoil(struct peer_reply *reply)
{
    reply->bytes[reply->len - 1] ^= 1;
}

START_TEST(what_reads_back_differently_does_not)
{
    for (size_t i = 1; i < size_count; i++) {
        uint8_t *bytes = pattern(sizes[i]);
        struct put p;
        put_init(&p);
        peer_add_file(&p.w.peer, "a", "old", 3);
        peer_script(&p.w.peer, &(struct peer_rule){.command = SMB2_READ, .edit = spoil});
        ck_assert_int_eq(run(&p, bytes, sizes[i], LSMB_PUBLISH_AUTO), LSMB_E_CHANGED);
        ck_assert(peer_has(&p.w.peer, "a", "old", 3));
        put_end(&p);
        free(bytes);
    }
}
END_TEST

START_TEST(what_has_another_length_does_not)
{
    uint8_t *bytes = pattern(300001);
    struct put p;

    put_init(&p);
    ck_assert_ptr_nonnull(start(&p, bytes, 300000, LSMB_PUBLISH_AUTO));
    while (peer_count(&p.w.peer, SMB2_WRITE) == 0) {
        fs_turn(&p.w, 1);
    }
    LIST_EACH(node, &p.w.peer.store.nodes) /* somebody makes it longer */
    {
        struct peer_node *file = CONTAINER_OF(node, struct peer_node, node);
        ck_assert(file->directory || peer_store_resize(&p.w.peer.store, file, 300001));
    }
    share_run(&p.w, &p.done.finished);
    ck_assert_int_eq(p.done.err.code, LSMB_E_CHANGED);
    ck_assert_ptr_null(peer_find(&p.w.peer, "a"));
    free(bytes);
    put_end(&p);
}
END_TEST

static const struct peer_rule *refuse_one(void *arg, const struct peer_seen *seen,
                                          struct span message)
{
    struct put *p = arg;

    (void)message;
    if (seen->header.command == SMB2_CLOSE || seen->header.command < SMB2_CREATE) {
        return NULL;
    }
    p->rule = (struct peer_rule){.status = (uint32_t)STATUS_INSUFFICIENT_RESOURCES};
    return p->seen++ == p->at ? &p->rule : NULL;
}

START_TEST(whatever_is_refused_leaves_the_old_or_the_new)
{
    uint8_t *bytes = pattern(300000);
    unsigned failed = 0;
    bool all = false;

    for (unsigned at = 0; !all; at++) {
        struct put p;
        put_init(&p);
        peer_add_file(&p.w.peer, "a", "old", 3);
        p.at = at;
        put_watch(&p, refuse_one);
        enum lsmb_code code = run(&p, bytes, 300000, LSMB_PUBLISH_AUTO);
        ck_assert(code == LSMB_OK ? peer_has(&p.w.peer, "a", bytes, 300000)
                                  : peer_has(&p.w.peer, "a", "old", 3));
        failed += code != LSMB_OK;
        all = p.seen <= at;
        put_end(&p);
    }
    ck_assert_uint_ge(failed, 5);
    free(bytes);
}
END_TEST

START_TEST(it_can_be_cancelled_at_any_time)
{
    uint8_t *bytes = pattern(300000);

    for (unsigned turns = 0; turns < 100; turns++) {
        struct put p;
        put_init(&p);
        peer_add_file(&p.w.peer, "a", "old", 3);
        struct lsmb_job *job = start(&p, bytes, 300000, LSMB_PUBLISH_AUTO);
        for (unsigned i = 0; i < turns && !p.done.finished; i++) {
            fs_turn(&p.w, 1);
        }
        if (!p.done.finished) {
            lsmb_job_cancel(job, NULL);
        }
        share_run(&p.w, &p.done.finished);
        bool done = p.done.err.code == LSMB_OK;
        ck_assert(done || p.done.err.code == LSMB_E_CANCELLED);
        ck_assert(done ? peer_has(&p.w.peer, "a", bytes, 300000)
                       : peer_has(&p.w.peer, "a", "old", 3));
        put_end(&p);
    }
    free(bytes);
}
END_TEST

/* When it is opened to be read back, its name stands for another file. */
static const struct peer_rule *put_another_there(void *arg, const struct peer_seen *seen,
                                                 struct span message)
{
    struct put *p = arg;

    (void)message;
    if (seen->header.command == SMB2_CREATE && p->seen++ == 1) {
        struct peer_store *store = &p->w.peer.store;
        struct peer_node *file = peer_find(&p->w.peer, "a");
        uint8_t aside[] = {'b', 0};
        peer_store_rename(store, file, (struct span){aside, sizeof aside});
        peer_add_file(&p->w.peer, "a", "new", 3);
    }
    return NULL;
}

START_TEST(another_file_is_not_taken_for_the_one_that_was_written)
{
    struct put p;

    put_init(&p);
    peer_add_file(&p.w.peer, "a", "old", 3);
    put_watch(&p, put_another_there);
    ck_assert_int_eq(run(&p, (const uint8_t *)"new", 3, LSMB_PUBLISH_IN_PLACE), LSMB_E_CHANGED);
    ck_assert_ptr_nonnull(strstr(p.done.err.reason, "another file"));
    put_end(&p);
}
END_TEST

int main(void)
{
    return RUN_TESTS("xfer/share_reread", what_reads_back_as_it_was_gets_its_name,
                     what_reads_back_differently_does_not, what_has_another_length_does_not,
                     whatever_is_refused_leaves_the_old_or_the_new, it_can_be_cancelled_at_any_time,
                     another_file_is_not_taken_for_the_one_that_was_written);
}
