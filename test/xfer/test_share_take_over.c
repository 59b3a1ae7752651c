/* test_share_take_over.c: copies whose bytes stay on the server (MS-SMB2 3.2.4.20.2). */
#include "proto/copychunk.h"
#include "test/xfer/put_world.h"

enum { LENGTH = 3 << 20 };

static uint8_t *content;

/* A world with the file "from". */
static void begin(struct put *p)
{
    content = pattern(LENGTH);
    put_init(p);
    (void)peer_add_file(&p->w.peer, "from", content, LENGTH);
}

static void end(struct put *p)
{
    put_end(p);
    free(content);
}

static struct lsmb_copy_result result;

static enum lsmb_code copy_as(struct put *p, struct lsmb_share *from_share, const char *from,
                              const char *to, enum lsmb_publish how)
{
    p->done = (struct fs_done){0};
    result = (struct lsmb_copy_result){0};
    ck_assert_ptr_nonnull(lsmb_copy_start(p->w.smb, lsmb_source_share(from_share, from, false),
                                          lsmb_sink_share(p->share, to, how), NULL, &result,
                                          fs_done, &p->done));
    share_run(&p->w, &p->done.finished);
    p->w.err = p->done.err;
    return p->w.err.code;
}

static enum lsmb_code copy_to(struct put *p, const char *to)
{
    return copy_as(p, p->share, "from", to, LSMB_PUBLISH_AUTO);
}

static void ck_bytes_came_here(const struct put *p, bool they_did)
{
    ck_assert_uint_eq(peer_count(&p->w.peer, SMB2_READ) > 0, they_did);
    ck_assert_uint_eq(peer_count(&p->w.peer, SMB2_WRITE) > 0, they_did);
    ck_assert_uint_eq(result.on_server, !they_did);
}

/* ---------------------------------------------------------------- the plain course */

START_TEST(a_copy_on_one_server_is_made_there)
{
    struct put p;

    begin(&p);
    (void)peer_add_dir(&p.w.peer, "dir");
    fs_ok(&p.w, copy_to(&p, "dir/to"));
    ck_assert(peer_has(&p.w.peer, "dir/to", content, LENGTH));
    ck_bytes_came_here(&p, false);
    ck_assert_uint_eq(result.bytes, LENGTH);
    ck_assert_uint_eq(peer_count(&p.w.peer, SMB2_FLUSH), 1);
    ck_assert_str_eq(p.log, "");
    end(&p);
}
END_TEST

START_TEST(so_is_that_of_a_small_file)
{
    struct put p;

    begin(&p);
    (void)peer_add_file(&p.w.peer, "from", content, 10);
    fs_ok(&p.w, copy_to(&p, "to"));
    ck_assert(peer_has(&p.w.peer, "to", content, 10));
    ck_bytes_came_here(&p, false);
    end(&p);
}
END_TEST

START_TEST(who_wants_them_counted_has_the_bytes_come_here)
{
    const struct lsmb_copy_options opt = {.size = sizeof opt, .crc32 = true};
    struct put p;

    begin(&p);
    fs_ok(&p.w,
          lsmb_copy(p.w.smb, lsmb_source_share(p.share, "from", false),
                    lsmb_sink_share(p.share, "to", LSMB_PUBLISH_AUTO), &opt, &result, &p.w.err));
    ck_bytes_came_here(&p, true);
    end(&p);
}
END_TEST

START_TEST(a_target_is_replaced_as_a_whole)
{
    struct put p;

    begin(&p);
    uint64_t old = peer_add_file(&p.w.peer, "to", "old", 3)->id;
    fs_ok(&p.w, copy_to(&p, "to"));
    ck_assert(peer_has(&p.w.peer, "to", content, LENGTH));
    ck_assert_uint_ne(peer_find(&p.w.peer, "to")->id, old);
    ck_bytes_came_here(&p, false);
    end(&p);
}
END_TEST

START_TEST(a_target_in_its_place_is_cut_to_length)
{
    static const size_t lengths[] = {0, 1, LENGTH - 1, LENGTH, LENGTH + 1};

    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct put p;
        begin(&p);
        uint64_t old = peer_add_file(&p.w.peer, "to", NULL, lengths[i])->id;
        fs_ok(&p.w, copy_as(&p, p.share, "from", "to", LSMB_PUBLISH_IN_PLACE));
        ck_assert(peer_has(&p.w.peer, "to", content, LENGTH));
        ck_assert_uint_eq(peer_find(&p.w.peer, "to")->id, old);
        ck_bytes_came_here(&p, false);
        end(&p);
    }
}
END_TEST

static void hear(void *arg, uint64_t bytes, uint64_t total)
{
    uint64_t *told = arg;

    ck_assert_uint_eq(total, LENGTH);
    ck_assert_uint_ge(bytes, told[1]);
    told[0]++;
    told[1] = bytes;
}

START_TEST(it_is_told_how_far_the_server_is)
{
    uint64_t told[2] = {0};
    const struct lsmb_copy_options opt = {
        .size = sizeof opt, .progress = hear, .progress_arg = told};
    struct put p;

    begin(&p);
    p.w.peer.copy.total_bytes = 100000;
    fs_ok(&p.w,
          lsmb_copy(p.w.smb, lsmb_source_share(p.share, "from", false),
                    lsmb_sink_share(p.share, "to", LSMB_PUBLISH_AUTO), &opt, &result, &p.w.err));
    ck_assert(result.on_server);
    ck_assert_uint_gt(told[0], 5);
    ck_assert_uint_eq(told[1], LENGTH);
    end(&p);
}
END_TEST

START_TEST(two_shares_of_one_session_are_one_server)
{
    struct put p;

    begin(&p);
    struct lsmb_share *other = fs_share(&p.w);
    fs_ok(&p.w, copy_as(&p, other, "from", "to", LSMB_PUBLISH_AUTO));
    ck_assert(peer_has(&p.w.peer, "to", content, LENGTH));
    ck_bytes_came_here(&p, false);
    lsmb_share_close(other);
    end(&p);
}
END_TEST

/* ---------------------------------------------------------------- where it cannot be */

START_TEST(another_session_knows_nothing_of_the_source)
{
    struct lsmb_share *clone = NULL;
    struct put p;

    begin(&p);
    fs_ok(&p.w, lsmb_share_clone(p.share, &clone, &p.w.err));
    fs_ok(&p.w, copy_as(&p, clone, "from", "to", LSMB_PUBLISH_AUTO));
    ck_assert(peer_has(&p.w.peer, "to", content, LENGTH));
    ck_bytes_came_here(&p, true);
    ck_assert_uint_eq(peer_count(&p.w.peer, SMB2_IOCTL), 0);
    lsmb_share_close(clone);
    end(&p);
}
END_TEST

START_TEST(what_a_server_cannot_copy_comes_here)
{
    static const uint32_t statuses[] = {(uint32_t)STATUS_NOT_SUPPORTED,
                                        (uint32_t)STATUS_INVALID_DEVICE_REQUEST,
                                        (uint32_t)STATUS_INVALID_PARAMETER};

    for (unsigned i = 0; i < 6; i++) {
        struct put p;
        begin(&p);
        (void)peer_add_file(&p.w.peer, "to", NULL, LENGTH + 1);
        peer_script(
            &p.w.peer,
            &(struct peer_rule){.command = SMB2_IOCTL, .skip = i / 3, .status = statuses[i % 3]});
        fs_ok(&p.w, copy_as(&p, p.share, "from", "to",
                            i % 2 ? LSMB_PUBLISH_IN_PLACE : LSMB_PUBLISH_ATOMIC));
        ck_assert(peer_has(&p.w.peer, "to", content, LENGTH));
        ck_bytes_came_here(&p, true);
        end(&p);
    }
}
END_TEST

/* Anybody may have said that it cannot. */
START_TEST(a_refusal_that_nobody_signed_ends_the_copy)
{
    struct put p;

    content = pattern(LENGTH);
    put_init_signed(&p);
    (void)peer_add_file(&p.w.peer, "from", content, LENGTH);
    (void)peer_add_file(&p.w.peer, "to", "old", 3);
    peer_script(&p.w.peer, &(struct peer_rule){.command = SMB2_IOCTL,
                                               .edit = say_closed,
                                               .protection = PEER_ZERO_MAC});
    ck_assert_int_eq(copy_to(&p, "to"), LSMB_E_SECURITY);
    ck_assert(peer_has(&p.w.peer, "to", "old", 3));
    end(&p);
}
END_TEST

/* ---------------------------------------------------------------- failures */

START_TEST(a_copy_that_fails_leaves_the_target_as_it_was)
{
    struct put p;

    begin(&p);
    (void)peer_add_file(&p.w.peer, "to", "old", 3);
    p.w.peer.copy.total_bytes = 1 << 20;
    peer_script(&p.w.peer, &(struct peer_rule){.command = SMB2_IOCTL,
                                               .skip = 3, /* the key, limits, the first MiB */
                                               .status = (uint32_t)STATUS_DISK_FULL});
    fs_failed(&p.w, copy_to(&p, "to"), LSMB_E_STATUS, (uint32_t)STATUS_DISK_FULL);
    ck_assert_str_eq(p.w.err.path, "\\\\server\\share\\to");
    ck_assert(peer_has(&p.w.peer, "to", "old", 3));
    end(&p);
}
END_TEST

static const struct peer_rule *touch_source(void *arg, const struct peer_seen *seen,
                                            struct span message)
{
    struct put *p = arg;

    (void)message;
    if (seen->header.command == SMB2_IOCTL) {
        peer_find(&p->w.peer, "from")->written += 1000;
    }
    return NULL;
}

START_TEST(a_source_that_changes_is_no_source)
{
    struct put p;

    begin(&p);
    (void)peer_add_file(&p.w.peer, "to", "old", 3);
    put_watch(&p, touch_source);
    fs_failed(&p.w, copy_to(&p, "to"), LSMB_E_CHANGED, 0);
    ck_assert(peer_has(&p.w.peer, "to", "old", 3));
    end(&p);
}
END_TEST

START_TEST(a_cancelled_copy_leaves_nothing)
{
    struct put p;

    begin(&p);
    peer_script(&p.w.peer,
                &(struct peer_rule){.command = SMB2_IOCTL, .skip = 1, .fate = PEER_HOLD});
    struct lsmb_job *job = lsmb_copy_start(p.w.smb, lsmb_source_share(p.share, "from", false),
                                           lsmb_sink_share(p.share, "to", LSMB_PUBLISH_AUTO), NULL,
                                           NULL, fs_done, &p.done);
    for (unsigned turns = 0; turns < 100 && peer_count(&p.w.peer, SMB2_IOCTL) < 2; turns++) {
        fs_turn(&p.w, 1);
    }
    lsmb_job_cancel(job, NULL);
    share_run(&p.w, &p.done.finished);
    ck_assert_int_eq(p.done.err.code, LSMB_E_CANCELLED);
    ck_assert_ptr_null(peer_find(&p.w.peer, "to"));
    end(&p);
}
END_TEST

/* ---------------------------------------------------------------- onto itself */

START_TEST(a_file_is_not_copied_onto_itself)
{
    static const enum lsmb_publish hows[] = {LSMB_PUBLISH_AUTO, LSMB_PUBLISH_ATOMIC,
                                             LSMB_PUBLISH_IN_PLACE};

    for (unsigned i = 0; i < 3; i++) {
        struct put p;
        begin(&p);
        (void)peer_add_symlink(&p.w.peer, "link", "from", true);
        fs_failed(&p.w, copy_as(&p, p.share, "from", "FROM", hows[i]), LSMB_E_USAGE, 0);
        ck_assert_ptr_nonnull(strstr(p.w.err.reason, "very file"));
        ck_assert(peer_has(&p.w.peer, "from", content, LENGTH));
        end(&p);
    }
}
END_TEST

START_TEST(nor_by_another_connection_or_a_link)
{
    struct lsmb_share *clone = NULL;
    struct put p;

    begin(&p);
    (void)peer_add_symlink(&p.w.peer, "link", "from", true);
    fs_ok(&p.w, lsmb_share_clone(p.share, &clone, &p.w.err));
    fs_failed(&p.w, copy_as(&p, clone, "from", "from", LSMB_PUBLISH_IN_PLACE), LSMB_E_USAGE, 0);
    fs_failed(&p.w, copy_as(&p, clone, "from", "link", LSMB_PUBLISH_IN_PLACE), LSMB_E_USAGE, 0);
    ck_assert(peer_has(&p.w.peer, "from", content, LENGTH));
    lsmb_share_close(clone);
    end(&p);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "xfer/share_take_over", a_copy_on_one_server_is_made_there, so_is_that_of_a_small_file,
        who_wants_them_counted_has_the_bytes_come_here, a_target_is_replaced_as_a_whole,
        a_target_in_its_place_is_cut_to_length, it_is_told_how_far_the_server_is,
        two_shares_of_one_session_are_one_server, another_session_knows_nothing_of_the_source,
        what_a_server_cannot_copy_comes_here, a_refusal_that_nobody_signed_ends_the_copy,
        a_copy_that_fails_leaves_the_target_as_it_was, a_source_that_changes_is_no_source,
        a_cancelled_copy_leaves_nothing, a_file_is_not_copied_onto_itself,
        nor_by_another_connection_or_a_link);
}
