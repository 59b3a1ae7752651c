/* test_server_copy.c: copying within a server (MS-SMB2 3.2.4.20.2, 3.2.5.14.3). */
#include <limits.h>

#include "fs/server_copy.h"
#include "proto/copychunk.h"
#include "proto/ioctl.h"
#include "test/fs/fs_world.h"

enum { LONG_FILE = 100000 };

#define LIMITS(chunks_, chunk_, total_)                                                            \
    {                                                                                              \
        .chunks = (chunks_), .chunk_bytes = (chunk_), .total_bytes = (total_)                      \
    }

static uint8_t content[LONG_FILE];

/* A world with the file "from" of so many bytes, all different from their neighbours. */
static struct lsmb_share *copy_world(struct fs_world *w, size_t bytes)
{
    for (size_t i = 0; i < sizeof content; i++) {
        content[i] = (uint8_t)(i * 7 + i / 251);
    }
    fs_world_init(w, NULL);
    (void)peer_add_file(&w->peer, "from", content, bytes);
    return fs_share(w);
}

static void copy_world_end(struct fs_world *w, struct lsmb_share *share)
{
    lsmb_share_close(share);
    fs_turn(w, 8);
    ck_assert(list_empty(&peer_find(&w->peer, "from")->opens));
    fs_world_free(w);
}

static enum lsmb_code copy_to(struct fs_world *w, struct lsmb_share *share, const char *to)
{
    return lsmb_server_copy(share, "from", share, to, &w->err);
}

/* How often an IOCTL with this code came: see count_ioctls(). */
struct ioctls {
    uint32_t ctl_code;
    unsigned count;
    void (*at)(struct fs_world *w); /* called when the first comes; may be NULL */
    struct fs_world *w;
};

static const struct peer_rule *count_ioctls(void *arg, const struct peer_seen *seen,
                                            struct span message)
{
    struct ioctls *i = arg;
    struct smb2_ioctl_request asked;

    if (seen->header.command == SMB2_IOCTL && smb2_ioctl_request_get(&asked, message) &&
        asked.ctl_code == i->ctl_code) {
        if (i->count++ == 0 && i->at) {
            i->at(i->w);
        }
    }
    return NULL;
}

static struct ioctls *watch(struct fs_world *w, void (*at)(struct fs_world *))
{
    static struct ioctls ioctls;

    ioctls = (struct ioctls){.ctl_code = FSCTL_SRV_COPYCHUNK_WRITE, .at = at, .w = w};
    w->peer.on_request = count_ioctls;
    w->peer.on_request_arg = &ioctls;
    return &ioctls;
}

/* ---------------------------------------------------------------- what is copied */

START_TEST(a_file_is_copied_without_being_read)
{
    struct fs_world w;
    struct lsmb_share *share = copy_world(&w, LONG_FILE);

    (void)peer_add_dir(&w.peer, "dir");
    fs_ok(&w, copy_to(&w, share, "dir/to"));
    ck_assert(peer_has(&w.peer, "dir/to", content, LONG_FILE));
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_READ), 0);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_WRITE), 0);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_FLUSH), 1);
    copy_world_end(&w, share);
}
END_TEST

START_TEST(an_existing_target_gets_content_and_length)
{
    static const size_t lengths[] = {0, 1, 999, 1000, 1001, LONG_FILE};

    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct fs_world w;
        struct lsmb_share *share = copy_world(&w, 1000);
        struct peer_node *to = peer_add_file(&w.peer, "to", NULL, lengths[i]);
        fs_ok(&w, copy_to(&w, share, "to"));
        ck_assert(peer_has(&w.peer, "to", content, 1000));
        ck_assert_ptr_eq(peer_find(&w.peer, "to"), to); /* in place */
        copy_world_end(&w, share);
    }
}
END_TEST

START_TEST(an_empty_file_is_copied)
{
    struct fs_world w;
    struct lsmb_share *share = copy_world(&w, 0);

    (void)peer_add_file(&w.peer, "old", "hello", 5);
    fs_ok(&w, copy_to(&w, share, "new"));
    fs_ok(&w, copy_to(&w, share, "old"));
    ck_assert(peer_has(&w.peer, "new", "", 0));
    ck_assert(peer_has(&w.peer, "old", "", 0));
    copy_world_end(&w, share);
}
END_TEST

START_TEST(a_copy_ends_where_a_link_leads)
{
    struct fs_world w;
    struct lsmb_share *share = copy_world(&w, 1000);

    (void)peer_add_file(&w.peer, "dir/real", "hello", 5);
    (void)peer_add_symlink(&w.peer, "link", "dir\\real", true);
    fs_ok(&w, copy_to(&w, share, "link"));
    ck_assert(peer_has(&w.peer, "dir/real", content, 1000));
    ck_assert_ptr_nonnull(peer_find(&w.peer, "link")->leads_to);
    copy_world_end(&w, share);
}
END_TEST

/* ---------------------------------------------------------------- chunks and limits */

/* MS-SMB2 3.3.5.15.6.2: the server tells what it takes, and is asked again for that. */
START_TEST(the_limits_of_the_server_are_learned)
{
    static const struct {
        struct peer_copy limits;
        unsigned requests; /* the one that is refused among them */
    } cases[] = {
        {LIMITS(256, 1 << 20, 16 << 20), 1}, {LIMITS(1, 50000, 1 << 20), 3},
        {LIMITS(3, 1000, 1 << 20), 35},      {LIMITS(256, 1000, 30000), 5},
        {LIMITS(16, 1000, 15500), 8},        {LIMITS(1000, 1000, 1 << 20), 2},
        {LIMITS(1, LONG_FILE, 7000), 16},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fs_world w;
        struct lsmb_share *share = copy_world(&w, LONG_FILE);
        const struct ioctls *seen = watch(&w, NULL);
        w.peer.copy = cases[i].limits;
        fs_ok(&w, copy_to(&w, share, "to"));
        ck_assert(peer_has(&w.peer, "to", content, LONG_FILE));
        ck_assert_msg(seen->count == cases[i].requests, "%zu: %u requests", i, seen->count);
        copy_world_end(&w, share);
    }
}
END_TEST

START_TEST(what_a_server_leaves_is_asked_for_again)
{
    struct fs_world w;
    struct lsmb_share *share = copy_world(&w, LONG_FILE);
    const struct ioctls *seen = watch(&w, NULL);

    w.peer.copy = (struct peer_copy){
        .chunks = 256, .chunk_bytes = 1000, .total_bytes = 1 << 20, .at_once = 7};
    fs_ok(&w, copy_to(&w, share, "to"));
    ck_assert(peer_has(&w.peer, "to", content, LONG_FILE));
    ck_assert_uint_eq(seen->count, 1 + (100 + 6) / 7);
    copy_world_end(&w, share);
}
END_TEST

static void say_none(struct srv_copychunk_reply *reply)
{
    reply->total_bytes_written = 0;
}

static void say_too_much(struct srv_copychunk_reply *reply)
{
    reply->total_bytes_written++;
}

static void say_too_many(struct srv_copychunk_reply *reply)
{
    reply->chunks_written = 2;
}

START_TEST(a_count_that_makes_no_sense_is_refused)
{
    static void (*const edits[])(struct srv_copychunk_reply *) = {say_none, say_too_much,
                                                                  say_too_many};

    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        struct fs_world w;
        struct lsmb_share *share = copy_world(&w, 1000);
        w.peer.copy.edit = edits[i];
        fs_failed(&w, copy_to(&w, share, "to"), LSMB_E_PROTOCOL, 0);
        fs_turn(&w, 4);
        ck_assert_ptr_null(peer_find(&w.peer, "to")); /* what was made is gone */
        copy_world_end(&w, share);
    }
}
END_TEST

START_TEST(limits_that_make_no_sense_are_a_refusal)
{
    static const struct peer_copy limits[] = {LIMITS(0, 1 << 20, 1 << 20), LIMITS(256, 0, 1 << 20),
                                              LIMITS(256, 10, 0), LIMITS(256, 1000, 10)};

    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        struct fs_world w;
        struct lsmb_share *share = copy_world(&w, 1000);
        const struct ioctls *seen = watch(&w, NULL);
        w.peer.copy = limits[i];
        if (i == 3) {
            fs_ok(&w, copy_to(&w, share, "to")); /* little, but something */
            ck_assert_uint_eq(seen->count, 101);
        } else {
            fs_failed(&w, copy_to(&w, share, "to"), LSMB_E_STATUS,
                      (uint32_t)STATUS_INVALID_PARAMETER);
            ck_assert_str_eq(w.err.step, "copy within the server");
        }
        copy_world_end(&w, share);
    }
}
END_TEST

/* It refuses what keeps to its own limits. */
static void shrink(struct fs_world *w)
{
    w->peer.copy.total_bytes = 100;
    w->peer.copy.chunk_bytes = 200;
}

START_TEST(limits_are_learned_once)
{
    struct fs_world w;
    struct lsmb_share *share = copy_world(&w, 1000);
    const struct ioctls *seen = watch(&w, shrink);

    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_IOCTL,
                                             .skip = 2,
                                             .times = UINT_MAX,
                                             .status = (uint32_t)STATUS_INVALID_PARAMETER});
    fs_failed(&w, copy_to(&w, share, "to"), LSMB_E_STATUS, (uint32_t)STATUS_INVALID_PARAMETER);
    ck_assert_uint_eq(seen->count, 2);
    copy_world_end(&w, share);
}
END_TEST

/* Whatever it is asked for is more than it takes now. */
static const struct peer_rule *ever_less(void *arg, const struct peer_seen *seen,
                                         struct span message)
{
    struct fs_world *w = arg;

    (void)message;
    if (seen->header.command == SMB2_IOCTL) {
        w->peer.copy.chunk_bytes /= 2;
    }
    return NULL;
}

START_TEST(a_server_that_takes_ever_less_is_not_followed)
{
    struct fs_world w;
    struct lsmb_share *share = copy_world(&w, LONG_FILE);

    w.peer.copy.chunk_bytes = LONG_FILE;
    w.peer.on_request = ever_less;
    w.peer.on_request_arg = &w;
    fs_failed(&w, copy_to(&w, share, "to"), LSMB_E_STATUS, (uint32_t)STATUS_INVALID_PARAMETER);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_IOCTL), 3);
    copy_world_end(&w, share);
}
END_TEST

/* MS-SMB2 3.2.5.1.3: what anybody may have said are no limits. */
START_TEST(limits_that_nobody_signed_are_not_learned)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    w.policy.sign = LSMB_REQUIRED;
    (void)peer_add_file(&w.peer, "from", content, 1000);
    struct lsmb_share *share = fs_share(&w);
    w.peer.copy.chunk_bytes = 10;
    peer_script(&w.peer,
                &(struct peer_rule){.command = SMB2_IOCTL, .skip = 1, .protection = PEER_ZERO_MAC});
    ck_assert_int_eq(copy_to(&w, share, "to"), LSMB_E_SECURITY);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_IOCTL), 2);
    copy_world_end(&w, share);
}
END_TEST

/* ---------------------------------------------------------------- several at a time */

/* A world whose server takes ten chunks of 1000 bytes. */
static struct lsmb_share *parts_world(struct fs_world *w)
{
    struct lsmb_share *share = copy_world(w, LONG_FILE);

    w->peer.copy = (struct peer_copy)LIMITS(10, 1000, 10000);
    return share;
}

/* The key, the request that is refused, and the first that is not: until then nobody else may go. */
enum { BEFORE_PARTS = 3, ALL_PARTS = BEFORE_PARTS + 9 };

static void hold(struct fs_world *w, unsigned skip)
{
    peer_script(&w->peer,
                &(struct peer_rule){.command = SMB2_IOCTL, .skip = skip, .fate = PEER_HOLD});
}

static void turn_until_seen(struct fs_world *w, unsigned ioctls)
{
    for (unsigned turns = 0; turns < 100 && peer_count(&w->peer, SMB2_IOCTL) < ioctls; turns++) {
        fs_turn(w, 1);
    }
    ck_assert_uint_eq(peer_count(&w->peer, SMB2_IOCTL), ioctls);
}

START_TEST(nothing_goes_beside_the_first_request)
{
    struct fs_done done = {0};
    struct fs_world w;
    struct lsmb_share *share = parts_world(&w);

    hold(&w, BEFORE_PARTS - 1);
    ck_assert_ptr_nonnull(lsmb_server_copy_start(share, "from", share, "to", fs_done, &done));
    turn_until_seen(&w, BEFORE_PARTS);
    fs_turn(&w, 20);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_IOCTL), BEFORE_PARTS);
    hold(&w, SERVER_COPY_PARTS - 1); /* then several go */
    peer_release(w.links[0]->link);
    turn_until_seen(&w, BEFORE_PARTS + SERVER_COPY_PARTS);
    peer_release(w.links[0]->link);
    fs_ok(&w, lsmb_turn_until(w.smb, &done.finished));
    ck_assert_int_eq(done.err.code, LSMB_OK);
    copy_world_end(&w, share);
}
END_TEST

START_TEST(answers_come_in_any_order)
{
    for (unsigned late = BEFORE_PARTS; late < ALL_PARTS; late++) {
        struct fs_done done = {0};
        struct fs_world w;
        struct lsmb_share *share = parts_world(&w);
        hold(&w, late);
        ck_assert_ptr_nonnull(lsmb_server_copy_start(share, "from", share, "to", fs_done, &done));
        turn_until_seen(&w, ALL_PARTS); /* all the others have gone past it */
        fs_turn(&w, 20);
        ck_assert(!done.finished);
        peer_release(w.links[0]->link);
        fs_ok(&w, lsmb_turn_until(w.smb, &done.finished));
        ck_assert_int_eq(done.err.code, LSMB_OK);
        ck_assert(peer_has(&w.peer, "to", content, LONG_FILE));
        ck_assert_uint_eq(peer_count(&w.peer, SMB2_IOCTL), ALL_PARTS);
        copy_world_end(&w, share);
    }
}
END_TEST

START_TEST(a_failure_in_the_middle_waits_for_what_is_under_way)
{
    struct fs_done done = {0};
    struct fs_world w;
    struct lsmb_share *share = parts_world(&w);

    hold(&w, BEFORE_PARTS);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_IOCTL,
                                             .skip = BEFORE_PARTS + 1,
                                             .status = (uint32_t)STATUS_DISK_FULL});
    ck_assert_ptr_nonnull(lsmb_server_copy_start(share, "from", share, "to", fs_done, &done));
    turn_until_seen(&w, BEFORE_PARTS + SERVER_COPY_PARTS);
    fs_turn(&w, 20);
    ck_assert(!done.finished);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_IOCTL), BEFORE_PARTS + SERVER_COPY_PARTS);
    peer_release(w.links[0]->link);
    fs_ok(&w, lsmb_turn_until(w.smb, &done.finished));
    ck_assert_uint_eq(done.err.nt_status, (uint32_t)STATUS_DISK_FULL);
    ck_assert_str_eq(done.err.step, "copy within the server");
    fs_turn(&w, 4);
    ck_assert_ptr_null(peer_find(&w.peer, "to"));
    copy_world_end(&w, share);
}
END_TEST

#define MIB ((size_t)1 << 20)

static const struct peer_rule *shrink_later(void *arg, const struct peer_seen *seen,
                                            struct span message)
{
    struct fs_world *w = arg;

    (void)message;
    if (seen->header.command == SMB2_IOCTL && peer_count(&w->peer, SMB2_IOCTL) == BEFORE_PARTS) {
        w->peer.copy = (struct peer_copy)LIMITS(4, MIB, 3 * MIB);
    }
    return NULL;
}

/* The key and 16 MiB; two that are refused for limits that have shrunk; and what is left, by 3 MiB. */
START_TEST(what_was_under_way_when_limits_shrink_goes_again)
{
    struct fs_world w;

    fs_world_init(&w, NULL);
    (void)peer_add_file(&w.peer, "from", NULL, 40 * MIB);
    struct peer_node *from = peer_find(&w.peer, "from");
    for (size_t i = 0; i < from->size; i += 1000) {
        from->bytes[i] = (uint8_t)(i / 1000);
    }
    struct lsmb_share *share = fs_share(&w);
    w.peer.on_request = shrink_later;
    w.peer.on_request_arg = &w;
    fs_ok(&w, copy_to(&w, share, "to"));
    ck_assert(peer_has(&w.peer, "to", from->bytes, from->size));
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_IOCTL), 2 + 2 + 6 + 3);
    copy_world_end(&w, share);
}
END_TEST

/* Counts how often each MiB is copied. */
static const struct peer_rule *count_mibs(void *arg, const struct peer_seen *seen,
                                          struct span message)
{
    uint8_t *counts = arg;
    struct smb2_ioctl_request asked;
    struct srv_copychunk copy;

    if (seen->header.command == SMB2_IOCTL && smb2_ioctl_request_get(&asked, message) &&
        asked.ctl_code == FSCTL_SRV_COPYCHUNK_WRITE) {
        ck_assert(srv_copychunk_get(&copy, asked.input));
        for (unsigned i = 0; i < copy.count; i++) {
            ck_assert_uint_eq(copy.chunks[i].source_offset, copy.chunks[i].target_offset);
            counts[copy.chunks[i].source_offset / MIB]++;
        }
    }
    return NULL;
}

START_TEST(files_may_be_longer_than_32_bits_can_say)
{
    enum { MIBS = 5 * 1024 };
    uint8_t counts[MIBS + 1] = {0};
    struct fs_world w;
    struct lsmb_share *share = copy_world(&w, 0);

    w.peer.copy.sizes_only = true;
    w.peer.on_request = count_mibs;
    w.peer.on_request_arg = counts;
    peer_find(&w.peer, "from")->size = MIBS * MIB + 1;
    fs_ok(&w, copy_to(&w, share, "to"));
    ck_assert_uint_eq(peer_find(&w.peer, "to")->size, MIBS * MIB + 1);
    for (unsigned i = 0; i <= MIBS; i++) {
        ck_assert_msg(counts[i] == 1, "MiB %u: %u", i, (unsigned)counts[i]);
    }
    copy_world_end(&w, share);
}
END_TEST

/* ---------------------------------------------------------------- refusals */

START_TEST(a_server_that_cannot_says_so_and_nothing_stays)
{
    static const uint32_t statuses[] = {(uint32_t)STATUS_NOT_SUPPORTED,
                                        (uint32_t)STATUS_INVALID_DEVICE_REQUEST};

    for (unsigned i = 0; i < 4; i++) {
        struct fs_world w;
        struct lsmb_share *share = copy_world(&w, 1000);
        (void)peer_add_file(&w.peer, "old", "hello", 5);
        peer_script(&w.peer, &(struct peer_rule){.command = SMB2_IOCTL,
                                                 .skip = i / 2, /* the key, or the copy */
                                                 .status = statuses[i % 2],
                                                 .times = 1});
        fs_failed(&w, copy_to(&w, share, i % 2 ? "new" : "old"), LSMB_E_STATUS, statuses[i % 2]);
        ck_assert_str_eq(w.err.path, i % 2 ? "\\\\server\\share\\new" : "\\\\server\\share\\old");
        fs_turn(&w, 4);
        ck_assert_ptr_null(peer_find(&w.peer, "new"));
        ck_assert(peer_has(&w.peer, "old", "hello", 5));
        copy_world_end(&w, share);
    }
}
END_TEST

START_TEST(names_that_do_not_fit_are_refused)
{
    struct fs_world w;
    struct lsmb_share *share = copy_world(&w, 1000);

    (void)peer_add_dir(&w.peer, "dir");
    fs_failed(&w, copy_to(&w, share, "dir"), LSMB_E_STATUS, (uint32_t)STATUS_FILE_IS_A_DIRECTORY);
    fs_failed(&w, copy_to(&w, share, "no/to"), LSMB_E_NOT_FOUND,
              (uint32_t)STATUS_OBJECT_PATH_NOT_FOUND);
    fs_failed(&w, copy_to(&w, share, "FROM"), LSMB_E_USAGE, 0);
    ck_assert(peer_has(&w.peer, "from", content, 1000));
    fs_failed(&w, lsmb_server_copy(share, "nothing", share, "to", &w.err), LSMB_E_NOT_FOUND,
              (uint32_t)STATUS_OBJECT_NAME_NOT_FOUND);
    ck_assert_str_eq(w.err.path, "\\\\server\\share\\nothing");
    ck_assert_str_eq(w.err.step, "open the source");
    ck_assert_ptr_null(peer_find(&w.peer, "to"));
    copy_world_end(&w, share);
}
END_TEST

START_TEST(two_sessions_cannot_share_a_copy)
{
    struct fs_world w;
    struct lsmb_share *share = copy_world(&w, 1000), *other = NULL;

    w.target.domain = "ELSEWHERE";
    other = fs_share(&w);
    fs_failed(&w, lsmb_server_copy(share, "from", other, "to", &w.err), LSMB_E_STATUS,
              (uint32_t)STATUS_NOT_SUPPORTED);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CREATE), 0);
    lsmb_share_close(other);
    copy_world_end(&w, share);
}
END_TEST

START_TEST(two_shares_of_one_session_can)
{
    struct fs_world w;
    struct lsmb_share *share = copy_world(&w, 1000), *other = fs_share(&w);

    fs_ok(&w, lsmb_server_copy(share, "from", other, "to", &w.err));
    ck_assert(peer_has(&w.peer, "to", content, 1000));
    fs_failed(&w, lsmb_server_copy(share, "from", other, "from", &w.err), LSMB_E_USAGE, 0);
    lsmb_share_close(other);
    copy_world_end(&w, share);
}
END_TEST

/* ---------------------------------------------------------------- changes on the way */

static void touch_source(struct fs_world *w)
{
    peer_find(&w->peer, "from")->written += 1000;
}

static void grow_source(struct fs_world *w)
{
    ck_assert(peer_store_resize(&w->peer.store, peer_find(&w->peer, "from"), 1001));
}

START_TEST(a_source_that_changes_is_no_source)
{
    static void (*const changes[])(struct fs_world *) = {touch_source, grow_source};

    for (size_t i = 0; i < 2; i++) {
        struct fs_world w;
        struct lsmb_share *share = copy_world(&w, 1000);
        (void)watch(&w, changes[i]);
        fs_failed(&w, copy_to(&w, share, "to"), LSMB_E_CHANGED, 0);
        ck_assert_str_eq(w.err.path, "\\\\server\\share\\from");
        fs_turn(&w, 4);
        ck_assert_ptr_null(peer_find(&w.peer, "to"));
        copy_world_end(&w, share);
    }
}
END_TEST

static const struct peer_rule *grow_target(void *arg, const struct peer_seen *seen,
                                           struct span message)
{
    struct fs_world *w = arg;

    (void)message;
    if (seen->header.command == SMB2_FLUSH) {
        ck_assert(peer_store_resize(&w->peer.store, peer_find(&w->peer, "to"), 1001));
    }
    return NULL;
}

START_TEST(a_target_of_another_length_is_no_copy)
{
    struct fs_world w;
    struct lsmb_share *share = copy_world(&w, 1000);

    w.peer.on_request = grow_target;
    w.peer.on_request_arg = &w;
    fs_failed(&w, copy_to(&w, share, "to"), LSMB_E_CHANGED, 0);
    ck_assert_str_eq(w.err.path, "\\\\server\\share\\to");
    copy_world_end(&w, share);
}
END_TEST

START_TEST(a_cancelled_copy_leaves_nothing)
{
    struct fs_done done = {0};
    struct fs_world w;
    struct lsmb_share *share = copy_world(&w, 1000);

    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_IOCTL, .skip = 1, .fate = PEER_HOLD});
    struct lsmb_job *job = lsmb_server_copy_start(share, "from", share, "to", fs_done, &done);
    for (unsigned turns = 0; turns < 40 && peer_count(&w.peer, SMB2_IOCTL) < 2; turns++) {
        fs_turn(&w, 1);
    }
    ck_assert_ptr_nonnull(peer_find(&w.peer, "to"));
    lsmb_job_cancel(job, NULL);
    fs_turn(&w, 8);
    ck_assert_int_eq(done.err.code, LSMB_E_CANCELLED);
    ck_assert_ptr_null(peer_find(&w.peer, "to"));
    copy_world_end(&w, share);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "fs/server_copy", a_file_is_copied_without_being_read,
        an_existing_target_gets_content_and_length, an_empty_file_is_copied,
        a_copy_ends_where_a_link_leads, the_limits_of_the_server_are_learned,
        what_a_server_leaves_is_asked_for_again, a_count_that_makes_no_sense_is_refused,
        limits_that_make_no_sense_are_a_refusal, limits_are_learned_once,
        a_server_that_takes_ever_less_is_not_followed, limits_that_nobody_signed_are_not_learned,
        nothing_goes_beside_the_first_request, answers_come_in_any_order,
        a_failure_in_the_middle_waits_for_what_is_under_way,
        what_was_under_way_when_limits_shrink_goes_again, files_may_be_longer_than_32_bits_can_say,
        a_server_that_cannot_says_so_and_nothing_stays, names_that_do_not_fit_are_refused,
        two_sessions_cannot_share_a_copy, two_shares_of_one_session_can,
        a_source_that_changes_is_no_source, a_target_of_another_length_is_no_copy,
        a_cancelled_copy_leaves_nothing);
}
