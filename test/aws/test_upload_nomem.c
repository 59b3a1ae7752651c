/* Each allocation of an upload fails in turn: never a crash, a leak, a call without an answer or a success that is
 * none. */
#include "test/failmalloc.h"

#include "test/aws/upload_world.h"

enum { ALLOCATIONS_MAX = 2000, TURNS_MAX = 200 };

/* What is tested runs with the memory that the test leaves it; the test itself and the service have enough. */
static void turn(struct upload_world *w)
{
    enum lsmb_code code = LSMB_OK;

    fail_malloc_pause(false);
    for (unsigned i = 0; i < 4 && code == LSMB_OK; i++) {
        code = lsmb_turn(w->smb, 0);
    }
    fail_malloc_pause(true);
    ck_assert_int_eq(code, LSMB_OK);
}

/* Turn until the call that is open has been answered, and answer what is asked for. */
static void await(struct upload_world *w)
{
    for (unsigned turns = 0; w->wait.open; turns++) {
        ck_assert_uint_lt(turns, TURNS_MAX);
        turn(w);
        if (scripted.count > 0) {
            service_answer(&w->service, scripted.open[scripted.count - 1]);
        } else {
            w->clock.now_ns += NS_PER_S;
        }
    }
}

static bool open_it(struct upload_world *w, uint64_t bytes)
{
    struct lsmb_stat stat = {.bytes = bytes};
    struct lsmb_wait *wait = upload_call(w);

    fail_malloc_pause(false);
    w->sink->ops->open(w->sink, &stat, wait);
    fail_malloc_pause(true);
    await(w);
    return !w->wait.failed;
}

static void write_it(struct upload_world *w, uint64_t offset, size_t len)
{
    struct upload_range *r = &w->ranges[w->count++];

    r->range = (struct lsmb_range){offset, upload_pattern + offset % PATTERN, len};
    wait_begin(&r->wait, &w->smb->env, upload_ignore, &r->err);
    fail_malloc_pause(false);
    w->sink->ops->write(w->sink, &r->range, &r->wait);
    fail_malloc_pause(true);
    if (w->count % 5 == 0) {
        turn(w);
    }
}

static bool commit_it(struct upload_world *w, uint64_t bytes)
{
    struct lsmb_wait *wait = upload_call(w);

    fail_malloc_pause(false);
    w->sink->ops->ended(w->sink, bytes);
    w->sink->ops->commit(w->sink, bytes, wait);
    fail_malloc_pause(true);
    await(w);
    return !w->wait.failed;
}

static void give_up(struct upload_world *w)
{
    struct lsmb_wait *wait;

    fail_malloc_pause(false);
    w->sink->ops->cancel(w->sink);
    fail_malloc_pause(true);
    wait = upload_call(w);
    fail_malloc_pause(false);
    w->sink->ops->abort(w->sink, wait);
    fail_malloc_pause(true);
    await(w);
}

/* False: memory did not run out, so all is well. */
static bool store_without(uint64_t bytes, bool said, unsigned skip, bool for_good)
{
    enum { EACH = 300 * 1024 + 1 };
    struct upload_world w;

    upload_begin(&w, NULL);
    (void)upload_bytes(0);
    fail_malloc(skip, for_good);
    fail_malloc_pause(true);
    bool well = open_it(&w, said ? bytes : LSMB_SIZE_UNKNOWN);
    for (uint64_t at = 0; well && at < bytes; at += EACH) {
        write_it(&w, at, bytes - at < EACH ? (size_t)(bytes - at) : EACH);
    }
    well = well && commit_it(&w, bytes);
    struct lsmb_error err = w.err;
    if (!well) {
        give_up(&w);
    }
    bool ran_out = fail_malloc_off();
    if (well) {
        upload_is_stored(&w, bytes);
    } else {
        ck_assert_msg(ran_out, "%s", err.reason);
    }
    upload_end(&w);
    return ran_out;
}

static void sweep(uint64_t bytes, bool said)
{
    for (unsigned for_good = 0; for_good < 2; for_good++) {
        unsigned skip = 0;
        while (store_without(bytes, said, skip, for_good)) {
            ck_assert_uint_lt(++skip, ALLOCATIONS_MAX);
        }
        ck_assert_uint_gt(skip, 3);
    }
}

START_TEST(one_request_without_memory)
{
    sweep(3 * MIB, true);
}
END_TEST

START_TEST(parts_without_memory)
{
    sweep(20 * MIB + 1, true);
}
END_TEST

START_TEST(parts_of_a_length_that_is_not_known_without_memory)
{
    sweep(9 * MIB, false);
}
END_TEST

START_TEST(a_sink_without_memory)
{
    struct upload_world w;
    const struct lsmb_s3_put put = {.size = sizeof put, .kms_key_id = "k"};
    bool ran_out = true;

    upload_begin(&w, NULL);
    for (unsigned skip = 0; ran_out; skip++) {
        fail_malloc(skip, false);
        struct lsmb_sink *sink = lsmb_s3_sink(&w.s3, "bucket", "key", &put);
        ran_out = fail_malloc_off();
        ck_assert(sink || ran_out);
        if (sink) {
            sink->ops->close(sink);
        }
    }
    upload_end(&w);
}
END_TEST

int main(void)
{
    return RUN_TESTS("aws/upload: no memory", one_request_without_memory, parts_without_memory,
                     parts_of_a_length_that_is_not_known_without_memory, a_sink_without_memory);
}
