/* Files on a share that keep the time of writing that their sources have (MS-FSCC 2.4.7). */
#include "proto/filetime.h"
#include "test/xfer/put_world.h"

static const int64_t WRITTEN = 1234567890123456700; /* ns since 1970, in steps of FILETIME */

/* A file on the share to copy from: written long ago. */
static void add_source(struct put *p, size_t len)
{
    uint8_t *bytes = pattern(len);

    peer_add_file(&p->w.peer, "from", bytes, len)->written = filetime_from_ns(WRITTEN);
    free(bytes);
}

static enum lsmb_code copy(struct put *p, const char *path, enum lsmb_publish how, bool keep)
{
    const struct lsmb_copy_options opt = {.size = sizeof opt, .keep_times = keep};

    return lsmb_copy(p->w.smb, lsmb_source_share(p->share, "from", false),
                     lsmb_sink_share(p->share, path, how), &opt, NULL, &p->w.err);
}

static int64_t written(struct put *p, const char *path)
{
    return filetime_to_ns(peer_find(&p->w.peer, path)->written);
}

/* Small files are stored, large ones are not; and the ways that a target can come to its name. */
static const size_t sizes[] = {0, 5, 300000};

static const size_t size_count = sizeof sizes / sizeof *sizes;

START_TEST(a_new_file_keeps_it_if_it_is_to)
{
    for (size_t i = 0; i < 2 * size_count; i++) {
        bool keep = i & 1;
        struct put p;
        put_init(&p);
        add_source(&p, sizes[i / 2]);
        fs_ok(&p.w, copy(&p, "to", LSMB_PUBLISH_ATOMIC, keep));
        ck_assert((written(&p, "to") == WRITTEN) == keep);
        ck_assert_uint_eq(peer_find(&p.w.peer, "to")->size, sizes[i / 2]);
        put_end(&p);
    }
}
END_TEST

START_TEST(one_that_replaces_another_keeps_it)
{
    for (size_t i = 0; i < size_count; i++) {
        struct put p;
        put_init(&p);
        add_source(&p, sizes[i]);
        peer_add_file(&p.w.peer, "to", "old", 3);
        fs_ok(&p.w, copy(&p, "to", LSMB_PUBLISH_ATOMIC, true));
        ck_assert_int_eq(written(&p, "to"), WRITTEN);
        put_end(&p);
    }
}
END_TEST

START_TEST(one_that_is_written_itself_keeps_it)
{
    for (size_t i = 0; i < 2 * size_count; i++) {
        bool copied_into = i & 1;
        struct put p;
        put_init(&p);
        add_source(&p, sizes[i / 2]);
        peer_add_file(&p.w.peer, "to", "old", 3);
        if (copied_into) {
            peer_add_file(&p.w.peer, "to:note", "kept", 4);
        }
        fs_ok(&p.w, copy(&p, "to", copied_into ? LSMB_PUBLISH_AUTO : LSMB_PUBLISH_IN_PLACE, true));
        ck_assert_int_eq(written(&p, "to"), WRITTEN);
        ck_assert_uint_eq(peer_find(&p.w.peer, "to")->size, sizes[i / 2]);
        put_end(&p);
    }
}
END_TEST

static const struct peer_rule *refuse_times(void *arg, const struct peer_seen *seen,
                                            struct span message)
{
    struct put *p = arg;

    if (!is_set_info(seen, message, FILE_BASIC_INFORMATION)) {
        return NULL;
    }
    p->seen++;
    return &p->rule;
}

START_TEST(a_file_system_without_times_gets_the_file_and_the_host_a_warning)
{
    for (size_t i = 0; i < size_count; i++) {
        struct put p;
        put_init(&p);
        add_source(&p, sizes[i]);
        put_watch(&p, refuse_times);
        p.rule = (struct peer_rule){.status = (uint32_t)STATUS_NOT_SUPPORTED};
        fs_ok(&p.w, copy(&p, "to", LSMB_PUBLISH_AUTO, true));
        ck_assert_uint_eq(peer_find(&p.w.peer, "to")->size, sizes[i]);
        ck_assert_ptr_nonnull(strstr(p.log, "does not keep its time of writing"));
        put_end(&p);
    }
}
END_TEST

START_TEST(a_stranger_does_not_decide_that_there_are_no_times)
{
    struct put p;

    put_init_signed(&p);
    add_source(&p, 300000);
    put_watch(&p, refuse_times);
    p.rule = (struct peer_rule){.edit = say_closed, .protection = PEER_ZERO_MAC};
    ck_assert_int_eq(copy(&p, "to", LSMB_PUBLISH_AUTO, true), LSMB_E_SECURITY);
    ck_assert_ptr_null(peer_find(&p.w.peer, "to"));
    put_end(&p);
}
END_TEST

int main(void)
{
    return RUN_TESTS("xfer/share times", a_new_file_keeps_it_if_it_is_to,
                     one_that_replaces_another_keeps_it, one_that_is_written_itself_keeps_it,
                     a_file_system_without_times_gets_the_file_and_the_host_a_warning,
                     a_stranger_does_not_decide_that_there_are_no_times);
}
