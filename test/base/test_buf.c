/* test_buf.c: buffers and their budget. */
#include "base/buf.h"
#include "test/run.h"

#define KIB  ((size_t)1024)
#define MIB  (1024 * KIB)
#define PAGE (4 * KIB)

START_TEST(a_buffer_has_the_room_that_was_asked_for)
{
    static const size_t rooms[] = {0,   1,      832, 833, 8000, 8001, 64 * KIB, 64 * KIB + 3904,
                                   MIB, 8 * MIB};
    struct pool pool;

    pool_init(&pool, 16 * MIB, 0);
    for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++) {
        struct buf *buf = pool_take(&pool, rooms[i]);
        ck_assert_ptr_nonnull(buf);
        ck_assert_uint_eq(buf->start, BUF_HEADROOM);
        ck_assert_uint_eq(buf->len, 0);
        ck_assert_uint_ge(buf_room(buf), rooms[i]);
        memset(buf_data(buf), 0xA5, buf_room(buf));
        buf_free(buf);
    }
    buf_free(NULL);
    pool_free(&pool);
}
END_TEST

START_TEST(a_round_payload_costs_a_page_more)
{
    struct pool pool;

    pool_init(&pool, 16 * MIB, 0);
    buf_free(pool_take(&pool, MIB));
    ck_assert_uint_eq(pool.allocated, MIB + PAGE);
    pool_free(&pool);
}
END_TEST

START_TEST(a_freed_buffer_is_taken_again_empty)
{
    struct pool pool;

    pool_init(&pool, MIB, 0);
    struct buf *first = pool_take(&pool, 100);
    ck_assert_ptr_nonnull(first);
    buf_consume(first, 0);
    first->len = 40;
    buf_consume(first, 30);
    buf_free(first);
    struct buf *second = pool_take(&pool, 200);
    ck_assert_ptr_eq(second, first);
    ck_assert_uint_eq(second->start, BUF_HEADROOM);
    ck_assert_uint_eq(second->len, 0);
    ck_assert(!list_linked(&second->node));
    buf_free(second);
    pool_free(&pool);
}
END_TEST

START_TEST(limit_and_reserve_are_never_exceeded)
{
    struct pool pool;
    struct buf *held[16];
    unsigned n = 0;

    pool_init(&pool, 5 * KIB, 4 * KIB);
    while (n < 16 && (held[n] = pool_take(&pool, 100))) {
        n++;
    }
    ck_assert_uint_eq(n, 7);
    while (n < 16 && (held[n] = pool_take_frame(&pool, 100))) { /* what is received may have more */
        n++;
    }
    ck_assert_uint_eq(n, 9);
    ck_assert_uint_eq(pool.allocated, 9 * KIB);
    ck_assert_ptr_null(pool_take_frame(&pool, SIZE_MAX));
    ck_assert_ptr_null(pool_take_frame(&pool, SIZE_MAX - BUF_HEADROOM));
    while (n > 0) {
        buf_free(held[--n]);
    }
    ck_assert_uint_eq(pool.peak, 9 * KIB);
    pool_free(&pool);
}
END_TEST

START_TEST(a_message_without_a_payload_takes_a_kibibyte)
{
    struct pool pool;

    pool_init(&pool, MIB, 0);
    buf_free(pool_take(&pool, KIB - BUF_HEADROOM));
    ck_assert_uint_eq(pool.allocated, KIB);
    pool_free(&pool);
}
END_TEST

START_TEST(cached_memory_gives_way_to_what_is_needed)
{
    struct pool pool;

    pool_init(&pool, MIB + PAGE, 0);
    struct buf *small = pool_take(&pool, 100);
    struct buf *other = pool_take(&pool, 64 * KIB);
    ck_assert(small && other);
    buf_free(small);
    ck_assert_ptr_null(pool_take(&pool, MIB)); /* one is still in use */
    buf_free(other);
    struct buf *large = pool_take(&pool, MIB);
    ck_assert_ptr_nonnull(large);
    ck_assert_uint_eq(pool.allocated, MIB + PAGE);
    buf_free(large);
    pool_free(&pool);
}
END_TEST

START_TEST(tickets_leave_the_reserve_alone)
{
    struct pool pool;
    struct buf *held[3];

    pool_init(&pool, 2 * (MIB + PAGE), 8 * KIB);
    ck_assert(pool_reserve(&pool, MIB));
    ck_assert(pool_reserve(&pool, MIB));
    ck_assert(!pool_reserve(&pool, 1));
    held[0] = pool_take_ticketed(&pool, MIB);
    held[1] = pool_take_ticketed(&pool, MIB);
    held[2] = pool_take_frame(&pool, 4 * KIB); /* an answer can still be received */
    for (unsigned i = 0; i < 3; i++) {
        ck_assert_ptr_nonnull(held[i]);
        buf_free(held[i]);
    }
    pool_unreserve(&pool, MIB);
    ck_assert(pool_reserve(&pool, 64 * KIB));
    pool_unreserve(&pool, 64 * KIB);
    pool_unreserve(&pool, MIB);
    ck_assert_uint_eq(pool.ticketed, 0);
    pool_free(&pool);
}
END_TEST

/* Control messages may use what is idle, but a transfer that has a ticket does not suffer from that. */
START_TEST(most_memory_goes_with_the_last_ticket)
{
    struct buf *bufs[30];
    struct pool pool;

    pool_init(&pool, 40 * MIB, 0);
    for (unsigned i = 0; i < 30; i++) {
        ck_assert(pool_reserve(&pool, MIB));
        bufs[i] = pool_take_ticketed(&pool, MIB);
        ck_assert_ptr_nonnull(bufs[i]);
    }
    for (unsigned i = 0; i < 30; i++) {
        ck_assert_uint_eq(pool.allocated, 30 * (MIB + PAGE));
        buf_free(bufs[i]);
        pool_unreserve(&pool, MIB);
    }
    ck_assert_uint_le(pool.allocated, 8 * MIB);
    ck_assert_uint_ge(pool.allocated, 4 * MIB); /* the next transfer has it at once */
    pool_free(&pool);
}
END_TEST

START_TEST(a_ticket_is_worth_its_buffer_whatever_was_borrowed)
{
    enum { LIMIT = 4 * (MIB + PAGE), RESERVE = 16 * KIB };
    struct pool pool;
    struct list control;

    pool_init(&pool, LIMIT, RESERVE);
    list_init(&control);
    for (struct buf *buf; (buf = pool_take(&pool, 100));) {
        list_push_back(&control, &buf->node);
    }
    ck_assert(!pool_reserve(&pool, 1));
    pool_reserve_first(&pool, MIB);
    struct buf *body = pool_take_ticketed(&pool, 100); /* READ, and its answer */
    struct buf *data = pool_take_frame(&pool, MIB);
    struct buf *answer = pool_take_frame(&pool, 100); /* to what waits */
    ck_assert(body && data && answer);
    ck_assert_ptr_null(pool_take(&pool, 100));
    ck_assert_uint_le(pool.peak, LIMIT + pool_charge(MIB) + RESERVE);
    buf_free(body);
    buf_free(data);
    buf_free(answer);
    pool_unreserve(&pool, MIB);
    while (!list_empty(&control)) {
        buf_free(CONTAINER_OF(list_pop_front(&control), struct buf, node));
    }
    ck_assert(pool_reserve(&pool, MIB));
    pool_unreserve(&pool, MIB);
    pool_free(&pool);
}
END_TEST

START_TEST(a_first_transfer_gets_its_buffer_however_large)
{
    struct pool pool;

    pool_init(&pool, 64 * KIB, 8 * KIB);
    ck_assert(!pool_reserve(&pool, 8 * MIB));
    pool_reserve_first(&pool, 8 * MIB);
    ck_assert_uint_eq(pool.ticketed, pool_charge(8 * MIB));
    ck_assert(!pool_reserve(&pool, 1));
    struct buf *buf = pool_take_ticketed(&pool, 8 * MIB);
    struct buf *control = pool_take(&pool, 1);
    ck_assert(buf && control);
    pool_unreserve(&pool, 8 * MIB);
    buf_free(buf);
    ck_assert_uint_le(pool.allocated, 72 * KIB); /* not kept beyond the limit */
    buf_free(control);
    pool_free(&pool);
}
END_TEST

START_TEST(a_ticket_for_everything_does_not_overflow)
{
    struct pool pool;

    pool_init(&pool, SIZE_MAX, SIZE_MAX);
    ck_assert(pool_reserve(&pool, SIZE_MAX));
    ck_assert(pool_reserve(&pool, SIZE_MAX - 10));
    ck_assert_ptr_null(pool_take(&pool, SIZE_MAX));
    pool_unreserve(&pool, SIZE_MAX - 10);
    pool_unreserve(&pool, SIZE_MAX);
    buf_free(pool_take(&pool, 1));
    pool_free(&pool);
}
END_TEST

START_TEST(a_frame_is_laid_backwards_from_its_payload)
{
    struct pool pool;

    pool_init(&pool, MIB, 0);
    struct buf *buf = pool_take(&pool, 16);
    ck_assert_ptr_nonnull(buf);
    struct wr payload = buf_wr_after(buf);
    wr_u32(&payload, 0x44434241);
    ck_assert(buf_wr_done(buf, &payload));
    struct wr header = buf_wr_before(buf, 2);
    wr_u16(&header, 0x4948);
    ck_assert(wr_ok(&header));
    wr_u8(&header, 0); /* no more than announced */
    ck_assert(!wr_ok(&header));
    memcpy(buf_prepend(buf, 1), ">", 1);
    ck_assert_uint_eq(buf_span(buf).len, 7);
    ck_assert_mem_eq(buf_span(buf).ptr, ">HIABCD", 7);
    buf_consume(buf, 3);
    ck_assert_mem_eq(buf_data(buf), "ABCD", 4);
    ck_assert_uint_eq(buf->start, BUF_HEADROOM);
    buf_free(buf);
    pool_free(&pool);
}
END_TEST

START_TEST(what_does_not_fit_behind_is_not_added)
{
    struct pool pool;

    pool_init(&pool, MIB, 0);
    struct buf *buf = pool_take(&pool, 1);
    ck_assert_ptr_nonnull(buf);
    struct wr w = buf_wr_after(buf);
    while (wr_ok(&w)) {
        wr_u64(&w, 1);
    }
    ck_assert(!buf_wr_done(buf, &w));
    ck_assert_uint_eq(buf->len, 0);
    buf_free(buf);
    pool_free(&pool);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "base/buf", a_buffer_has_the_room_that_was_asked_for, a_round_payload_costs_a_page_more,
        a_freed_buffer_is_taken_again_empty, limit_and_reserve_are_never_exceeded,
        a_message_without_a_payload_takes_a_kibibyte, cached_memory_gives_way_to_what_is_needed,
        tickets_leave_the_reserve_alone, most_memory_goes_with_the_last_ticket,
        a_ticket_is_worth_its_buffer_whatever_was_borrowed,
        a_first_transfer_gets_its_buffer_however_large, a_ticket_for_everything_does_not_overflow,
        a_frame_is_laid_backwards_from_its_payload, what_does_not_fit_behind_is_not_added);
}
