/* Files on a share as sources that are read in ranges, against a peer (MS-SMB2 3.2.4.6, 3.2.5.11). */
#include "test/xfer/share_world.h"
#include "xfer/xfer.h"

struct get {
    struct fs_world w;
    struct lsmb_share *share;
    void *got;
    size_t len;
    struct fs_done done;
};

static struct lsmb_job *get_start(struct get *g, const char *path, bool allow_growth)
{
    struct lsmb_source *source = lsmb_source_share(g->share, path, allow_growth);
    struct lsmb_sink *sink = lsmb_sink_memory(g->w.smb, &g->got, &g->len, SIZE_MAX);
    const struct copy_want want = {
        .source = source,
        .sink = sink,
        .listed_bytes = COPY_WHOLE_MAX + 1, /* nobody asks for all at once */
    };

    return copy_start(g->w.smb, &want, fs_done, &g->done);
}

static enum lsmb_code get(struct get *g, const char *path)
{
    ck_assert_ptr_nonnull(get_start(g, path, false));
    share_run(&g->w, &g->done.finished);
    g->w.err = g->done.err;
    return g->w.err.code;
}

static void get_init_with(struct get *g, const struct peer_config *config)
{
    memset(g, 0, sizeof *g);
    fs_world_init(&g->w, config);
    g->share = fs_share(&g->w);
}

static void get_init(struct get *g)
{
    get_init_with(g, NULL);
}

static void get_end(struct get *g)
{
    fs_turn(&g->w, 8);
    nothing_open(&g->w.peer);
    lsmb_share_close(g->share);
    fs_world_free(&g->w);
    free(g->got);
}

static void get_sizes(const struct peer_config *config)
{
    static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 1048575, 1048576, 1048577, 5000000};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct get g;
        uint8_t *bytes = pattern(sizes[i]);
        get_init_with(&g, config);
        peer_add_file(&g.w.peer, "dir/a", bytes, sizes[i]);
        fs_ok(&g.w, get(&g, "dir/a"));
        ck_assert_uint_eq(g.len, sizes[i]);
        ck_assert(g.len == 0 || memcmp(g.got, bytes, g.len) == 0);
        free(bytes);
        get_end(&g);
    }
}

START_TEST(files_of_all_sizes_come)
{
    get_sizes(NULL);
}
END_TEST

START_TEST(sealed_files_come)
{
    struct peer_config config = peer_defaults();

    config.encrypt_session = true;
    get_sizes(&config);
}
END_TEST

START_TEST(a_server_with_small_reads_and_few_credits_is_asked_for_less)
{
    struct peer_config config = peer_defaults();

    config.max_read = 65536;
    config.credits = 4;
    config.signing_required = true;
    get_sizes(&config);
}
END_TEST

/* MS-SMB2 2.2.20: cut the answer to half its data. */
static void cut_read(struct peer_reply *reply)
{
    uint8_t *field = reply->bytes + SMB2_HEADER_LEN + 4;
    uint32_t len = (uint32_t)field[0] | (uint32_t)field[1] << 8 | (uint32_t)field[2] << 16;
    uint32_t half = len / 2 + 1;

    if (half < len) {
        reply->len -= len - half;
        field[0] = (uint8_t)half;
        field[1] = (uint8_t)(half >> 8);
        field[2] = (uint8_t)(half >> 16);
    }
}

START_TEST(a_short_read_is_not_the_end)
{
    uint8_t *bytes = pattern(3000000);
    struct get g;

    get_init(&g);
    peer_add_file(&g.w.peer, "a", bytes, 3000000);
    peer_script(&g.w.peer,
                &(struct peer_rule){.command = SMB2_READ, .times = 20, .edit = cut_read});
    fs_ok(&g.w, get(&g, "a"));
    ck_assert_uint_eq(g.len, 3000000);
    ck_assert_int_eq(memcmp(g.got, bytes, g.len), 0);
    free(bytes);
    get_end(&g);
}
END_TEST

START_TEST(whichever_read_fails_ends_it_with_what_the_server_says)
{
    uint8_t *bytes = pattern(20000000);

    for (unsigned i = 0; i < 5; i++) {
        struct get g;
        get_init(&g);
        peer_add_file(&g.w.peer, "a", bytes, 20000000);
        peer_script(&g.w.peer, &(struct peer_rule){.command = SMB2_READ,
                                                   .skip = i,
                                                   .status = (uint32_t)STATUS_DISK_FULL});
        fs_failed(&g.w, get(&g, "a"), LSMB_E_STATUS, (uint32_t)STATUS_DISK_FULL);
        ck_assert_str_eq(g.w.err.path, "\\\\server\\share\\a");
        ck_assert_uint_eq(g.len, 0);
        get_end(&g);
    }
    free(bytes);
}
END_TEST

START_TEST(what_is_not_there_or_a_directory_is_no_source)
{
    struct get g;

    get_init(&g);
    peer_add_dir(&g.w.peer, "dir");
    fs_failed(&g.w, get(&g, "none"), LSMB_E_NOT_FOUND, (uint32_t)STATUS_OBJECT_NAME_NOT_FOUND);
    memset(&g.done, 0, sizeof g.done);
    fs_failed(&g.w, get(&g, "dir"), LSMB_E_STATUS, (uint32_t)STATUS_FILE_IS_A_DIRECTORY);
    get_end(&g);
}
END_TEST

/* Start a get of 5,000,000 bytes, change the file as soon as one READ has been answered, go on. */
static enum lsmb_code change_after_a_read(struct get *g, bool allow_growth, int64_t by)
{
    uint8_t *bytes = pattern(5000000);

    get_init(g);
    struct peer_node *file = peer_add_file(&g->w.peer, "a", bytes, 5000000);
    ck_assert_ptr_nonnull(get_start(g, "a", allow_growth));
    while (peer_count(&g->w.peer, SMB2_READ) == 0) {
        fs_turn(&g->w, 1);
    }
    ck_assert(peer_store_resize(&g->w.peer.store, file, (uint64_t)(5000000 + by)));
    share_run(&g->w, &g->done.finished);
    free(bytes);
    return g->done.err.code;
}

START_TEST(a_file_that_changes_while_it_is_read_is_no_good)
{
    struct get g;

    ck_assert_int_eq(change_after_a_read(&g, false, 1), LSMB_E_CHANGED);
    ck_assert_ptr_nonnull(strstr(g.done.err.advice, "--allow-growth"));
    get_end(&g);
    ck_assert_int_eq(change_after_a_read(&g, false, -4999999), LSMB_E_CHANGED);
    get_end(&g);
    ck_assert_int_eq(change_after_a_read(&g, true, -1), LSMB_E_CHANGED);
    get_end(&g);
}
END_TEST

START_TEST(a_file_that_grows_is_copied_so_far_if_that_is_allowed)
{
    struct get g;

    ck_assert_int_eq(change_after_a_read(&g, true, 1000), LSMB_OK);
    ck_assert_uint_eq(g.len, 5000000);
    get_end(&g);
}
END_TEST

START_TEST(a_link_that_is_lost_ends_it)
{
    uint8_t *bytes = pattern(3000000);
    struct get g;

    get_init(&g);
    peer_add_file(&g.w.peer, "a", bytes, 3000000);
    ck_assert_ptr_nonnull(get_start(&g, "a", false));
    while (peer_count(&g.w.peer, SMB2_READ) == 0) {
        fs_turn(&g.w, 1);
    }
    fs_hang_up(&g.w, 0);
    share_run(&g.w, &g.done.finished);
    ck_assert_int_eq(g.done.err.code, LSMB_E_NETWORK);
    ck_assert_uint_eq(g.len, 0);
    free(bytes);
    lsmb_share_close(g.share);
    fs_world_free(&g.w);
    free(g.got);
}
END_TEST

START_TEST(a_get_begins_although_others_have_queued_all_they_can)
{
    uint8_t *bytes = pattern(5000000);
    struct hoard hoard;
    struct get g;

    get_init(&g);
    peer_add_file(&g.w.peer, "a", bytes, 5000000);
    ck_assert_ptr_nonnull(get_start(&g, "a", false));
    while (peer_count(&g.w.peer, SMB2_CREATE) == 0) {
        fs_turn(&g.w, 1);
    }
    hoard_all(&hoard, &g.w.smb->env.pool);
    while (peer_count(&g.w.peer, SMB2_READ) < 4 && !g.done.finished) {
        fs_turn(&g.w, 1);
    }
    hoard_free(&hoard);
    share_run(&g.w, &g.done.finished);
    ck_assert_int_eq(g.done.err.code, LSMB_OK);
    ck_assert_uint_eq(g.len, 5000000);
    free(bytes);
    get_end(&g);
}
END_TEST

/* MS-SMB2 2.2.16: Flags, and all that they stand for. */
static void say_nothing_of_it(struct peer_reply *reply)
{
    memset(reply->bytes + SMB2_HEADER_LEN + 2, 0, 58);
}

/* Get "a" while the server keeps to itself what it was like at the end; `by` bytes longer by then. */
static enum lsmb_code get_from_silent(struct get *g, int64_t by)
{
    uint8_t *bytes = pattern(5000000);

    get_init(g);
    peer_add_file(&g->w.peer, "a", bytes, 5000000);
    peer_script(&g->w.peer, &(struct peer_rule){.command = SMB2_CLOSE, .edit = say_nothing_of_it});
    ck_assert_ptr_nonnull(get_start(g, "a", false));
    while (peer_count(&g->w.peer, SMB2_READ) == 0) {
        fs_turn(&g->w, 1);
    }
    if (by == INT64_MIN) { /* another file has its name */
        peer_store_remove(&g->w.peer.store, peer_find(&g->w.peer, "a"));
        peer_add_file(&g->w.peer, "a", bytes, 5000000);
    } else if (by != 0) {
        ck_assert(peer_store_resize(&g->w.peer.store, peer_find(&g->w.peer, "a"),
                                    (uint64_t)(5000000 + by)));
    }
    share_run(&g->w, &g->done.finished);
    free(bytes);
    return g->done.err.code;
}

START_TEST(a_server_that_does_not_say_at_the_end_is_asked)
{
    struct get g;

    ck_assert_int_eq(get_from_silent(&g, 0), LSMB_OK);
    get_end(&g);
    ck_assert_int_eq(get_from_silent(&g, 1), LSMB_E_CHANGED);
    ck_assert_str_eq(g.done.err.step, "check the source");
    get_end(&g);
    ck_assert_int_eq(get_from_silent(&g, INT64_MIN), LSMB_E_CHANGED);
    ck_assert_ptr_nonnull(strstr(g.done.err.reason, "another file"));
    get_end(&g);
}
END_TEST

/* MS-SMB2 3.2.5.11: a server that gives more than was asked for. */
static void grow_read(struct peer_reply *reply)
{
    reply->bytes[SMB2_HEADER_LEN + 4]++;
    reply->len++;
}

START_TEST(a_server_that_gives_more_than_was_asked_for_breaks_the_protocol)
{
    struct get g;

    get_init(&g);
    peer_add_file(&g.w.peer, "a", "hello", 5);
    peer_script(&g.w.peer, &(struct peer_rule){.command = SMB2_READ, .edit = grow_read});
    fs_failed(&g.w, get(&g, "a"), LSMB_E_PROTOCOL, 0);
    get_end(&g);
}
END_TEST

START_TEST(a_get_can_be_cancelled_at_any_time)
{
    uint8_t *bytes = pattern(2000000);

    for (unsigned turns = 0; turns < 60; turns++) {
        struct get g;
        get_init(&g);
        peer_add_file(&g.w.peer, "a", bytes, 2000000);
        struct lsmb_job *job = get_start(&g, "a", false);
        for (unsigned i = 0; i < turns && !g.done.finished; i++) {
            fs_turn(&g.w, 1);
        }
        if (!g.done.finished) {
            lsmb_job_cancel(job, NULL);
        }
        share_run(&g.w, &g.done.finished);
        ck_assert(g.done.err.code == LSMB_E_CANCELLED || g.len == 2000000);
        fs_turn(&g.w, 200); /* answers to what was dropped */
        get_end(&g);
    }
    free(bytes);
}
END_TEST

START_TEST(the_context_can_be_freed_at_any_time)
{
    uint8_t *bytes = pattern(2000000);

    for (unsigned turns = 0; turns < 60; turns++) {
        struct get g;
        get_init(&g);
        peer_add_file(&g.w.peer, "a", bytes, 2000000);
        (void)get_start(&g, "a", false);
        for (unsigned i = 0; i < turns && !g.done.finished; i++) {
            fs_turn(&g.w, 1);
        }
        peer_door_close(&g.w.door);
        lsmb_free(g.w.smb); /* asserts that every buffer has come back */
        ck_assert_str_eq(g.w.peer.complaint, "");
        peer_free(&g.w.peer);
        free(g.got);
    }
    free(bytes);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "xfer/source_share", files_of_all_sizes_come, sealed_files_come,
        a_server_with_small_reads_and_few_credits_is_asked_for_less, a_short_read_is_not_the_end,
        whichever_read_fails_ends_it_with_what_the_server_says,
        what_is_not_there_or_a_directory_is_no_source,
        a_file_that_changes_while_it_is_read_is_no_good,
        a_file_that_grows_is_copied_so_far_if_that_is_allowed, a_link_that_is_lost_ends_it,
        a_server_that_gives_more_than_was_asked_for_breaks_the_protocol,
        a_server_that_does_not_say_at_the_end_is_asked,
        a_get_begins_although_others_have_queued_all_they_can, a_get_can_be_cancelled_at_any_time,
        the_context_can_be_freed_at_any_time);
}
