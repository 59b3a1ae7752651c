/* Files on a share as sinks, against a peer (MS-SMB2 3.2.4.7, 3.2.5.12). */
#include <errno.h>
#include <limits.h>

#include "proto/utf16.h"
#include "test/xfer/put_world.h"

static void put_sizes(const struct peer_config *config)
{
    static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 1048575, 1048576, 1048577, 5000000};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct put p;
        uint8_t *bytes = pattern(sizes[i]);
        put_init_with(&p, config);
        peer_add_dir(&p.w.peer, "dir");
        fs_ok(&p.w, put_as(&p, "dir/a", bytes, sizes[i], LSMB_PUBLISH_ATOMIC));
        ck_assert(peer_has(&p.w.peer, "dir/a", bytes, sizes[i]));
        ck_assert_str_eq(p.log, "");
        free(bytes);
        put_end(&p);
    }
}

START_TEST(files_of_all_sizes_go)
{
    put_sizes(NULL);
}
END_TEST

START_TEST(sealed_files_go)
{
    struct peer_config config = peer_defaults();

    config.encrypt_session = true;
    put_sizes(&config);
}
END_TEST

START_TEST(a_server_with_small_writes_and_few_credits_is_sent_less)
{
    struct peer_config config = peer_defaults();

    config.max_write = 65536;
    config.credits = 4;
    config.signing_required = true;
    put_sizes(&config);
}
END_TEST

START_TEST(a_file_is_replaced_and_keeps_the_case_of_its_name)
{
    struct put p;
    char name[64];
    size_t need;

    put_init(&p);
    struct peer_node *old = peer_add_file(&p.w.peer, "Dir/Report.TXT", "old", 3);
    uint64_t old_id = old->id;
    fs_ok(&p.w, put(&p, "dir/report.txt", "newer", 5));
    struct peer_node *now = peer_find(&p.w.peer, "dir/report.txt");
    ck_assert_ptr_nonnull(now);
    ck_assert_uint_ne(now->id, old_id);
    ck_assert(peer_has(&p.w.peer, "dir/report.txt", "newer", 5));
    ck_assert(utf8_from_utf16(name, sizeof name, &need,
                              peer_leaf((struct span){now->name, now->name_len})));
    ck_assert_str_eq(name, "Report.TXT");
    ck_assert_str_eq(p.log, "");
    put_end(&p);
}
END_TEST

/* Its marking is on its way, or it is about to be renamed. */
static bool temporary_may_stay(const struct peer *peer)
{
    return peer_count(peer, SMB2_SET_INFO) == 0 || peer_count(peer, SMB2_FLUSH) > 0;
}

/* While it is written the temporary is marked for deletion, so a server that loses us removes it. */
START_TEST(a_link_that_is_lost_leaves_no_temporary)
{
    uint8_t *bytes = pattern(3000000);
    struct put p;

    put_init(&p);
    peer_add_file(&p.w.peer, "a", "old", 3);
    ck_assert_ptr_nonnull(put_start(&p, "a", bytes, 3000000, LSMB_PUBLISH_AUTO));
    while (peer_count(&p.w.peer, SMB2_WRITE) == 0) {
        fs_turn(&p.w, 1);
    }
    peer_door_cut(&p.w.door, ECONNRESET);
    share_run(&p.w, &p.done.finished);
    ck_assert_int_eq(p.done.err.code, LSMB_E_NETWORK);
    ck_assert(peer_has(&p.w.peer, "a", "old", 3));
    free(bytes);
    put_end(&p);
}
END_TEST

/* MS-SMB2 2.2.22: say that half was written. */
static void halve_count(struct peer_reply *reply)
{
    uint8_t *field = reply->bytes + SMB2_HEADER_LEN + 4;
    uint32_t count = (uint32_t)field[0] | (uint32_t)field[1] << 8 | (uint32_t)field[2] << 16;

    count = count / 2 + 1;
    field[0] = (uint8_t)count;
    field[1] = (uint8_t)(count >> 8);
    field[2] = (uint8_t)(count >> 16);
}

START_TEST(what_a_short_write_left_is_written_again)
{
    uint8_t *bytes = pattern(3000000);

    for (unsigned sealed = 0; sealed < 2; sealed++) {
        struct peer_config config = peer_defaults();
        struct put p;
        config.encrypt_session = sealed;
        put_init_with(&p, &config);
        peer_script(&p.w.peer,
                    &(struct peer_rule){.command = SMB2_WRITE, .times = 12, .edit = halve_count});
        fs_ok(&p.w, put(&p, "a", bytes, 3000000));
        ck_assert_uint_gt(peer_count(&p.w.peer, SMB2_WRITE), 12);
        ck_assert(peer_has(&p.w.peer, "a", bytes, 3000000));
        put_end(&p);
    }
    free(bytes);
}
END_TEST

START_TEST(a_full_disk_is_a_clear_error_and_leaves_the_old_file)
{
    uint8_t *bytes = pattern(3000000);
    struct put p;

    put_init(&p);
    peer_add_file(&p.w.peer, "a", "old", 3);
    p.w.peer.store.capacity = 1000000;
    fs_failed(&p.w, put(&p, "a", bytes, 3000000), LSMB_E_STATUS, (uint32_t)STATUS_DISK_FULL);
    ck_assert_str_eq(p.w.err.path, "\\\\server\\share\\a");
    ck_assert_uint_eq(peer_count(&p.w.peer, SMB2_WRITE), 0); /* known before anything was sent */
    ck_assert(peer_has(&p.w.peer, "a", "old", 3));
    put_end(&p);
    free(bytes);
}
END_TEST

static const struct peer_rule *fail_one(void *arg, const struct peer_seen *seen,
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

/* Whatever the server refuses: afterwards there is the old file or the new one, and nothing else. */
START_TEST(whichever_request_fails_the_target_is_whole)
{
    uint8_t *bytes = pattern(2000000);
    unsigned failed = 0;

    for (unsigned at = 0;; at++) {
        struct put p;
        put_init(&p);
        peer_add_file(&p.w.peer, "a", "old", 3);
        p.at = at;
        p.w.peer.on_request = fail_one;
        p.w.peer.on_request_arg = &p;
        enum lsmb_code code = put(&p, "a", bytes, 2000000);
        ck_assert(code == LSMB_OK ? peer_has(&p.w.peer, "a", bytes, 2000000)
                                  : peer_has(&p.w.peer, "a", "old", 3));
        failed += code != LSMB_OK;
        bool all = p.seen <= at;
        put_end(&p);
        if (all) {
            break;
        }
    }
    ck_assert_uint_ge(failed, 5);
    free(bytes);
}
END_TEST

START_TEST(a_put_can_be_cancelled_at_any_time)
{
    uint8_t *bytes = pattern(2000000);

    for (unsigned turns = 0; turns < 120; turns++) {
        struct put p;
        put_init(&p);
        peer_add_file(&p.w.peer, "a", "old", 3);
        struct lsmb_job *job = put_start(&p, "a", bytes, 2000000, LSMB_PUBLISH_AUTO);
        for (unsigned i = 0; i < turns && !p.done.finished; i++) {
            fs_turn(&p.w, 1);
        }
        if (!p.done.finished) {
            lsmb_job_cancel(job, NULL);
        }
        share_run(&p.w, &p.done.finished);
        bool done = p.done.err.code == LSMB_OK;
        ck_assert(done || p.done.err.code == LSMB_E_CANCELLED);
        ck_assert(done ? peer_has(&p.w.peer, "a", bytes, 2000000)
                       : peer_has(&p.w.peer, "a", "old", 3));
        put_end(&p);
    }
    free(bytes);
}
END_TEST

START_TEST(freeing_the_context_leaves_no_temporary)
{
    uint8_t *bytes = pattern(2000000);

    for (unsigned turns = 0; turns < 120; turns++) {
        struct put p;
        put_init(&p);
        peer_add_file(&p.w.peer, "a", "old", 3);
        (void)put_start(&p, "a", bytes, 2000000, LSMB_PUBLISH_AUTO);
        for (unsigned i = 0; i < turns && !p.done.finished; i++) {
            fs_turn(&p.w, 1);
        }
        peer_door_close(&p.w.door); /* the server sees us go */
        lsmb_free(p.w.smb);         /* asserts that every buffer has come back */
        if (!temporary_may_stay(&p.w.peer)) {
            no_temporary(&p.w.peer);
        }
        ck_assert(peer_has(&p.w.peer, "a", "old", 3) || peer_has(&p.w.peer, "a", bytes, 2000000));
        ck_assert_str_eq(p.w.peer.complaint, "");
        peer_free(&p.w.peer);
    }
    free(bytes);
}
END_TEST

/* ---------------------------------------------------------------- in place */

static const struct peer_rule *deny_rename(void *arg, const struct peer_seen *seen,
                                           struct span message)
{
    struct put *p = arg;

    p->rule = (struct peer_rule){.status = (uint32_t)STATUS_ACCESS_DENIED};
    if (!is_set_info(seen, message, FILE_RENAME_INFORMATION)) {
        return NULL;
    }
    return p->seen++ < p->at ? &p->rule : NULL;
}

static void deny_renames(struct put *p, unsigned times)
{
    p->at = times;
    p->w.peer.on_request = deny_rename;
    p->w.peer.on_request_arg = p;
}

START_TEST(a_target_that_is_open_for_a_moment_is_tried_again)
{
    struct put p;

    put_init(&p);
    peer_add_file(&p.w.peer, "a", "old", 3);
    put_general(&p);
    deny_renames(&p, 2);
    uint64_t before = p.w.script.clock.now_ns;
    fs_ok(&p.w, put_as(&p, "a", "newer", 5, LSMB_PUBLISH_ATOMIC));
    ck_assert_uint_eq(p.w.script.clock.now_ns - before, NS_PER_S);
    ck_assert(peer_has(&p.w.peer, "a", "newer", 5));
    put_end(&p);
}
END_TEST

START_TEST(a_target_that_stays_open_is_written_in_place)
{
    static const size_t sizes[] = {0, 5, 3000000};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        uint8_t *bytes = pattern(sizes[i]);
        struct put p;
        put_init(&p);
        uint64_t id = peer_add_file(&p.w.peer, "a", "old and longer", 14)->id;
        put_general(&p);
        deny_renames(&p, 1000);
        fs_ok(&p.w, put(&p, "a", bytes, sizes[i]));
        ck_assert_uint_eq(p.seen, 3);
        ck_assert_uint_eq(peer_find(&p.w.peer, "a")->id, id);
        ck_assert(peer_has(&p.w.peer, "a", bytes, sizes[i]));
        ck_assert_ptr_nonnull(strstr(p.log, "open elsewhere"));
        free(bytes);
        put_end(&p);
    }
}
END_TEST

START_TEST(atomic_leaves_a_target_that_stays_open)
{
    struct put p;

    put_init(&p);
    peer_add_file(&p.w.peer, "a", "old", 3);
    deny_renames(&p, 1000);
    fs_failed(&p.w, put_as(&p, "a", "newer", 5, LSMB_PUBLISH_ATOMIC), LSMB_E_DENIED,
              (uint32_t)STATUS_ACCESS_DENIED);
    ck_assert_ptr_nonnull(strstr(p.w.err.advice, "--in-place"));
    ck_assert(peer_has(&p.w.peer, "a", "old", 3));
    put_end(&p);
}
END_TEST

static const struct peer_rule *deny_new_names(void *arg, const struct peer_seen *seen,
                                              struct span message)
{
    struct put *p = arg;

    p->rule = (struct peer_rule){.status = (uint32_t)STATUS_ACCESS_DENIED};
    /* MS-SMB2 2.2.13: CreateDisposition. */
    return seen->header.command == SMB2_CREATE && message.ptr[100] == FILE_CREATE ? &p->rule : NULL;
}

START_TEST(where_no_new_names_are_taken_the_target_is_written_itself)
{
    struct put p;

    put_init(&p);
    p.w.peer.on_request = deny_new_names;
    p.w.peer.on_request_arg = &p;
    uint64_t id = peer_add_file(&p.w.peer, "a", "old and longer", 14)->id;
    fs_ok(&p.w, put(&p, "a", "newer", 5));
    ck_assert(peer_has(&p.w.peer, "a", "newer", 5));
    ck_assert_uint_eq(peer_find(&p.w.peer, "a")->id, id);
    ck_assert_ptr_nonnull(strstr(p.log, "cannot be made beside it"));
    ck_assert_int_eq(put_as(&p, "a", "no", 2, LSMB_PUBLISH_ATOMIC), LSMB_E_LOCAL);
    ck_assert_ptr_nonnull(strstr(p.done.err.advice, "--in-place"));
    ck_assert(peer_has(&p.w.peer, "a", "newer", 5));
    fs_failed(&p.w, put(&p, "b", "new", 3), LSMB_E_DENIED, (uint32_t)STATUS_ACCESS_DENIED);
    put_end(&p);
}
END_TEST

START_TEST(in_place_writes_straight_into_the_target)
{
    struct put p;

    put_init(&p);
    uint64_t id = peer_add_file(&p.w.peer, "a", "old and longer", 14)->id;
    fs_ok(&p.w, put_as(&p, "a", "newer", 5, LSMB_PUBLISH_IN_PLACE));
    fs_ok(&p.w, put_as(&p, "b", "other", 5, LSMB_PUBLISH_IN_PLACE));
    ck_assert_uint_eq(peer_find(&p.w.peer, "a")->id, id);
    ck_assert(peer_has(&p.w.peer, "a", "newer", 5));
    ck_assert(peer_has(&p.w.peer, "b", "other", 5));
    ck_assert_str_eq(p.log, "");
    put_end(&p);
}
END_TEST

/* MS-FSCC 2.4.47: NumberOfLinks, in FileStandardInformation. */
static void two_links(struct peer_reply *reply)
{
    reply->bytes[SMB2_HEADER_LEN + 8 + 16] = 2;
}

static const struct peer_rule *have_two_links(void *arg, const struct peer_seen *seen,
                                              struct span message)
{
    struct put *p = arg;

    p->rule = (struct peer_rule){.edit = two_links};
    return is_query_info(seen, message, FILE_STANDARD_INFORMATION) ? &p->rule : NULL;
}

START_TEST(a_file_with_two_names_is_written_through)
{
    struct put p;

    put_init(&p);
    uint64_t id = peer_add_file(&p.w.peer, "a", "old and longer", 14)->id;
    p.w.peer.on_request = have_two_links;
    p.w.peer.on_request_arg = &p;
    fs_ok(&p.w, put(&p, "a", "newer", 5));
    ck_assert_uint_eq(peer_find(&p.w.peer, "a")->id, id);
    ck_assert(peer_has(&p.w.peer, "a", "newer", 5));
    ck_assert_ptr_nonnull(strstr(p.log, "hard links"));
    ck_assert_int_eq(put_as(&p, "a", "no", 2, LSMB_PUBLISH_ATOMIC), LSMB_E_LOCAL);
    put_end(&p);
}
END_TEST

/* Once commit has begun to copy into the target there is no way back: a cancel comes too late. */
START_TEST(writing_through_is_never_cut_off_half_way)
{
    uint8_t *bytes = pattern(2000000), *old = pattern(2000000);
    bool cancelled = true;

    memset(old, 'o', 2000000);
    for (unsigned turns = 0; cancelled; turns++) {
        struct put p;
        put_init(&p);
        peer_add_file(&p.w.peer, "a", old, 2000000);
        p.w.peer.on_request = have_two_links;
        p.w.peer.on_request_arg = &p;
        struct lsmb_job *job = put_start(&p, "a", bytes, 2000000, LSMB_PUBLISH_AUTO);
        for (unsigned i = 0; i < turns && !p.done.finished; i++) {
            fs_turn(&p.w, 1);
        }
        cancelled = !p.done.finished;
        if (cancelled) {
            lsmb_job_cancel(job, NULL);
        }
        share_run(&p.w, &p.done.finished);
        bool done = p.done.err.code == LSMB_OK;
        ck_assert(done || p.done.err.code == LSMB_E_CANCELLED);
        ck_assert(peer_has(&p.w.peer, "a", done ? bytes : old, 2000000));
        put_end(&p);
    }
    free(bytes);
    free(old);
}
END_TEST

/* MS-FSCC 2.4.11: DeletePending, in what SET_INFO brings (MS-SMB2 2.2.39). */
static bool is_marking(const struct peer_seen *seen, struct span message)
{
    return is_set_info(seen, message, FILE_DISPOSITION_INFORMATION) && message.ptr[96] == 1;
}

/* The target cannot be replaced, and the temporary is marked once only. */
static const struct peer_rule *deny_rename_and_marking(void *arg, const struct peer_seen *seen,
                                                       struct span message)
{
    struct put *p = arg;

    p->rule = (struct peer_rule){.status = (uint32_t)STATUS_ACCESS_DENIED};
    if (is_set_info(seen, message, FILE_RENAME_INFORMATION)) {
        return &p->rule;
    }
    return is_marking(seen, message) && p->seen++ > 0 ? &p->rule : NULL;
}

START_TEST(a_temporary_that_stays_is_named)
{
    for (unsigned atomic = 0; atomic < 2; atomic++) {
        struct put p;
        put_init(&p);
        peer_add_file(&p.w.peer, "a", "old", 3);
        p.w.peer.on_request = deny_rename_and_marking;
        p.w.peer.on_request_arg = &p;
        enum lsmb_code code =
            put_as(&p, "a", "newer", 5, atomic ? LSMB_PUBLISH_ATOMIC : LSMB_PUBLISH_AUTO);
        ck_assert_int_eq(code, atomic ? LSMB_E_DENIED : LSMB_OK);
        ck_assert(peer_has(&p.w.peer, "a", atomic ? "old" : "newer", atomic ? 3 : 5));
        ck_assert_ptr_nonnull(strstr(p.log, "is left"));
        ck_assert_ptr_nonnull(strstr(p.log, ".lava-"));
        nothing_open(&p.w.peer);
        lsmb_share_close(p.share);
        fs_world_free(&p.w);
    }
}
END_TEST

static const struct peer_rule *keep_rename(void *arg, const struct peer_seen *seen,
                                           struct span message)
{
    struct put *p = arg;

    p->rule = (struct peer_rule){.fate = PEER_MUTE};
    if (!is_set_info(seen, message, FILE_RENAME_INFORMATION)) {
        return NULL;
    }
    p->seen++;
    return &p->rule;
}

START_TEST(a_rename_whose_answer_is_lost_is_left_to_be_looked_at)
{
    struct put p;

    put_init(&p);
    p.w.peer.on_request = keep_rename;
    p.w.peer.on_request_arg = &p;
    ck_assert_ptr_nonnull(put_start(&p, "a", "newer", 5, LSMB_PUBLISH_AUTO));
    while (p.seen == 0) {
        fs_turn(&p.w, 1);
    }
    peer_door_cut(&p.w.door, ECONNRESET);
    share_run(&p.w, &p.done.finished);
    ck_assert_int_eq(p.done.err.code, LSMB_E_NETWORK);
    ck_assert_ptr_nonnull(strstr(p.done.err.advice, "may or may not be in its place"));
    ck_assert_ptr_nonnull(strstr(p.log, "may be left"));
    lsmb_share_close(p.share);
    fs_world_free(&p.w);
}
END_TEST

START_TEST(in_place_keeps_the_old_content_until_there_is_new)
{
    struct put p;

    put_init(&p);
    peer_add_file(&p.w.peer, "a", "old", 3);
    peer_add_file(&p.w.peer, "b", "newer", 5);
    peer_script(&p.w.peer, &(struct peer_rule){.command = SMB2_IOCTL,
                                               .status = (uint32_t)STATUS_NOT_SUPPORTED});
    peer_script(&p.w.peer, &(struct peer_rule){.command = SMB2_READ,
                                               .times = UINT_MAX,
                                               .status = (uint32_t)STATUS_INSUFFICIENT_RESOURCES});
    fs_failed(&p.w,
              lsmb_copy(p.w.smb, lsmb_source_share(p.share, "b", false),
                        lsmb_sink_share(p.share, "a", LSMB_PUBLISH_IN_PLACE), NULL, NULL, &p.w.err),
              LSMB_E_STATUS, (uint32_t)STATUS_INSUFFICIENT_RESOURCES);
    ck_assert(peer_has(&p.w.peer, "a", "old", 3));
    fs_ok(&p.w, put_as(&p, "a", "", 0, LSMB_PUBLISH_IN_PLACE));
    ck_assert(peer_has(&p.w.peer, "a", "", 0));
    put_end(&p);
}
END_TEST

START_TEST(a_target_that_cannot_be_emptied_is_left_alone)
{
    uint8_t *bytes = pattern(2000000);
    struct put p;

    put_init(&p);
    peer_add_file(&p.w.peer, "a", "old", 3);
    peer_script(&p.w.peer, &(struct peer_rule){.command = SMB2_SET_INFO,
                                               .status = (uint32_t)STATUS_ACCESS_DENIED});
    fs_failed(&p.w, put_as(&p, "a", bytes, 2000000, LSMB_PUBLISH_IN_PLACE), LSMB_E_DENIED,
              (uint32_t)STATUS_ACCESS_DENIED);
    ck_assert(peer_has(&p.w.peer, "a", "old", 3));
    put_end(&p);
    free(bytes);
}
END_TEST

START_TEST(in_place_can_be_cancelled_at_any_time)
{
    uint8_t *bytes = pattern(2000000);
    bool cancelled = true;

    for (unsigned turns = 0; cancelled; turns++) {
        struct put p;
        put_init(&p);
        peer_add_file(&p.w.peer, "a", "old", 3);
        struct lsmb_job *job = put_start(&p, "a", bytes, 2000000, LSMB_PUBLISH_IN_PLACE);
        for (unsigned i = 0; i < turns && !p.done.finished; i++) {
            fs_turn(&p.w, 1);
        }
        cancelled = !p.done.finished;
        if (cancelled) {
            lsmb_job_cancel(job, NULL);
        }
        share_run(&p.w, &p.done.finished);
        bool done = p.done.err.code == LSMB_OK;
        ck_assert(done || p.done.err.code == LSMB_E_CANCELLED);
        ck_assert(!done || peer_has(&p.w.peer, "a", bytes, 2000000));
        put_end(&p);
    }
    free(bytes);
}
END_TEST

START_TEST(a_directory_or_a_missing_one_is_no_target)
{
    struct put p;

    put_init(&p);
    peer_add_dir(&p.w.peer, "dir");
    fs_failed(&p.w, put(&p, "dir", "new", 3), LSMB_E_STATUS, (uint32_t)STATUS_FILE_IS_A_DIRECTORY);
    fs_failed(&p.w, put(&p, "", "new", 3), LSMB_E_STATUS, (uint32_t)STATUS_FILE_IS_A_DIRECTORY);
    fs_failed(&p.w, put(&p, "no/a", "new", 3), LSMB_E_NOT_FOUND,
              (uint32_t)STATUS_OBJECT_PATH_NOT_FOUND);
    put_end(&p);
}
END_TEST

/* ---------------------------------------------------------------- a host's source */

static void play(struct put *p, struct toys *t)
{
    t->seed = 0;
    t->source.ops = &t->source_ops;
    ck_assert_ptr_nonnull(lsmb_copy_start(p->w.smb, &t->source,
                                          lsmb_sink_share(p->share, "a", LSMB_PUBLISH_AUTO), NULL,
                                          NULL, fs_done, &p->done));
    share_run(&p->w, &p->done.finished);
    ck_assert_uint_eq(t->source_closed, 1);
    ck_assert_uint_eq(t->brought, 0);
}

START_TEST(a_host_may_bring_its_own_memory)
{
    uint8_t *bytes = pattern(300000);

    for (unsigned sealed = 0; sealed < 2; sealed++) {
        struct peer_config config = peer_defaults();
        struct toys t = toys_of(300000);
        struct put p;
        config.encrypt_session = sealed;
        t.source_ops.brings_data = true;
        t.chunk = 70000;
        put_init_with(&p, &config);
        play(&p, &t);
        ck_assert_int_eq(p.done.err.code, LSMB_OK);
        ck_assert(peer_has(&p.w.peer, "a", bytes, 300000));
        put_end(&p);
    }
    free(bytes);
}
END_TEST

START_TEST(a_short_write_from_a_pipe_is_a_clear_error)
{
    struct toys t = toys_of(300000);
    struct put p;

    t.source_ops.sequential = true;
    t.chunk = 70000;
    put_init(&p);
    peer_script(&p.w.peer, &(struct peer_rule){.command = SMB2_WRITE, .edit = halve_count});
    play(&p, &t);
    ck_assert_int_eq(p.done.err.code, LSMB_E_STATUS);
    ck_assert_ptr_nonnull(strstr(p.done.err.reason, "cannot be read twice"));
    ck_assert_ptr_null(peer_find(&p.w.peer, "a"));
    put_end(&p);
}
END_TEST

START_TEST(a_file_is_copied_from_the_share_to_itself)
{
    uint8_t *bytes = pattern(5000000);
    struct put p;

    put_init(&p);
    peer_add_file(&p.w.peer, "a", bytes, 5000000);
    fs_ok(&p.w, lsmb_copy(p.w.smb, lsmb_source_share(p.share, "a", false),
                          lsmb_sink_share(p.share, "b", LSMB_PUBLISH_AUTO), NULL, NULL, &p.w.err));
    ck_assert(peer_has(&p.w.peer, "b", bytes, 5000000));
    put_end(&p);
    free(bytes);
}
END_TEST

START_TEST(nothing_is_put_into_a_snapshot)
{
    struct put p;

    put_init(&p);
    peer_add_file(&p.w.peer, "dir/a", "old", 3);
    fs_failed(&p.w, put(&p, "dir/@GMT-2026.01.31-12.00.00/a", "new", 3), LSMB_E_USAGE, 0);
    ck_assert_str_eq(p.w.err.reason, "a snapshot can only be read");
    fs_failed(&p.w, put_as(&p, "dir/@GMT-2026.01.31-12.00.00", "new", 3, LSMB_PUBLISH_IN_PLACE),
              LSMB_E_USAGE, 0);
    ck_assert_uint_eq(peer_count(&p.w.peer, SMB2_CREATE), 0);
    put_end(&p);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "xfer/sink_share", nothing_is_put_into_a_snapshot, files_of_all_sizes_go, sealed_files_go,
        a_server_with_small_writes_and_few_credits_is_sent_less,
        a_file_is_replaced_and_keeps_the_case_of_its_name, a_link_that_is_lost_leaves_no_temporary,
        what_a_short_write_left_is_written_again,
        a_full_disk_is_a_clear_error_and_leaves_the_old_file,
        whichever_request_fails_the_target_is_whole, a_put_can_be_cancelled_at_any_time,
        freeing_the_context_leaves_no_temporary, a_target_that_is_open_for_a_moment_is_tried_again,
        a_target_that_stays_open_is_written_in_place, atomic_leaves_a_target_that_stays_open,
        where_no_new_names_are_taken_the_target_is_written_itself,
        in_place_writes_straight_into_the_target, a_file_with_two_names_is_written_through,
        writing_through_is_never_cut_off_half_way, a_temporary_that_stays_is_named,
        a_rename_whose_answer_is_lost_is_left_to_be_looked_at,
        in_place_keeps_the_old_content_until_there_is_new,
        a_target_that_cannot_be_emptied_is_left_alone, in_place_can_be_cancelled_at_any_time,
        a_directory_or_a_missing_one_is_no_target, a_host_may_bring_its_own_memory,
        a_short_write_from_a_pipe_is_a_clear_error, a_file_is_copied_from_the_share_to_itself);
}
