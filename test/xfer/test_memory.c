#include "test/xfer/local_world.h"
#include "test/xfer/toys.h"

START_TEST(memory_is_copied_to_memory)
{
    static const size_t sizes[] = {0, 1, 4095, 4096, 4097, 131071, 131072, 131073, 3000000};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct local_world w;
        uint8_t *from = malloc(sizes[i] + 1);
        void *to = NULL;
        size_t len = 77;
        local_init(&w);
        ck_assert_ptr_nonnull(from);
        memset(from, (int)i + 1, sizes[i] + 1);
        ck_assert_int_eq(local_copy(&w, lsmb_source_memory(w.smb, from, sizes[i]),
                                    lsmb_sink_memory(w.smb, &to, &len, 3000000)),
                         LSMB_OK);
        ck_assert_uint_eq(len, sizes[i]);
        ck_assert_uint_eq(w.result.bytes, sizes[i]);
        ck_assert(len == 0 || memcmp(from, to, len) == 0);
        free(to);
        free(from);
        local_free(&w);
    }
}
END_TEST

START_TEST(a_sink_takes_no_more_than_its_limit)
{
    struct local_world w;
    void *to = NULL;
    size_t len = 77;

    local_init(&w);
    ck_assert_int_eq(local_copy(&w, lsmb_source_memory(w.smb, "hello", 5),
                                lsmb_sink_memory(w.smb, &to, &len, 4)),
                     LSMB_E_NOMEM);
    ck_assert_uint_eq(len, 0);
    free(to);
    local_free(&w);
}
END_TEST

/* A source of unknown size into memory; answers come in any order. */
static enum lsmb_code grow_to(uint64_t size, size_t limit, size_t *len)
{
    struct toys t = toys_of(size);
    void *to = NULL;
    bool same = true;

    t.says = LSMB_SIZE_UNKNOWN;
    toys_init(&t);
    struct lsmb_sink *sink = lsmb_sink_memory(t.smb, &to, len, limit);
    t.job = lsmb_copy_start(t.smb, &t.source, sink, NULL, &t.result, toys_ended, &t.done);
    toys_run(&t);
    for (size_t i = 0; i < *len; i++) {
        same = same && ((uint8_t *)to)[i] == toy_byte(i);
    }
    ck_assert(same);
    free(to);
    t.sink_closed = 1; /* ours was not used */
    toys_free(&t);
    return t.done.err.code;
}

START_TEST(a_sink_grows_with_what_comes)
{
    size_t len = 0;

    ck_assert_int_eq(grow_to(123456, SIZE_MAX, &len), LSMB_OK);
    ck_assert_uint_eq(len, 123456);
    ck_assert_int_eq(grow_to(123456, 123456, &len), LSMB_OK);
    ck_assert_uint_eq(len, 123456);
}
END_TEST

START_TEST(a_sink_that_grows_stops_at_its_limit)
{
    size_t len = 0;

    ck_assert_int_eq(grow_to(123456, 123455, &len), LSMB_E_NOMEM);
    ck_assert_uint_eq(len, 0);
}
END_TEST

int main(void)
{
    return RUN_TESTS("xfer/memory", memory_is_copied_to_memory, a_sink_takes_no_more_than_its_limit,
                     a_sink_grows_with_what_comes, a_sink_that_grows_stops_at_its_limit);
}
