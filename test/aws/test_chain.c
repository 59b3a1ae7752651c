/* Ranges that make up a part, whatever order they come in. */
#include "aws/chain.h"
#include "test/run.h"
#include "xfer/xfer.h"

#include <stdlib.h>
#include <zlib.h>

enum { LEN = 5000, PIECES = 50, PIECE = LEN / PIECES };

struct chain_world {
    uint8_t bytes[LEN];
    struct env env;
    struct lsmb_wait waits[PIECES];
    struct lsmb_error err;
    struct chain chain;
};

static void ignore(struct ready *ready)
{
    (void)ready;
}

static void begin(struct chain_world *w)
{
    *w = (struct chain_world){0};
    ready_list_init(&w->env.ready);
    for (unsigned i = 0; i < LEN; i++) {
        w->bytes[i] = (uint8_t)(i * i / 3);
    }
    for (unsigned i = 0; i < PIECES; i++) {
        wait_begin(&w->waits[i], &w->env, ignore, &w->err);
    }
}

static enum lsmb_code add(struct chain_world *w, unsigned i)
{
    const size_t at = (size_t)i * PIECE;
    struct chain_link link = {.offset = 1000 + at, .wait = &w->waits[i]};

    return chain_add(&w->chain, (struct span){w->bytes + at, PIECE}, &link, true);
}

/* All pieces stand in the order of their offsets, and their checksum is that of all bytes. */
static void is_whole(const struct chain_world *w)
{
    ck_assert_uint_eq(w->chain.bytes, LEN);
    ck_assert_uint_eq(w->chain.count, PIECES);
    for (unsigned i = 0; i < PIECES; i++) {
        ck_assert_ptr_eq(w->chain.spans[i].ptr, w->bytes + (size_t)i * PIECE);
    }
    ck_assert_uint_eq(chain_crc(&w->chain), crc32(0, w->bytes, LEN));
}

static void end(struct chain_world *w)
{
    chain_answer(&w->chain, NULL);
    for (unsigned i = 0; i < PIECES; i++) {
        ck_assert(!w->waits[i].open);
    }
    ck_assert_uint_eq(w->chain.bytes, 0);
    chain_free(&w->chain);
}

START_TEST(pieces_may_come_in_any_order)
{
    static const unsigned strides[] = {1, 49, 7, 23, 31};

    for (unsigned s = 0; s < sizeof strides / sizeof strides[0]; s++) {
        struct chain_world w;
        begin(&w);
        for (unsigned i = 0; i < PIECES; i++) {
            ck_assert_int_eq(add(&w, i * strides[s] % PIECES), LSMB_OK);
        }
        is_whole(&w);
        end(&w);
    }
}
END_TEST

START_TEST(pieces_that_overlap_are_refused)
{
    struct chain_world w;

    begin(&w);
    for (unsigned i = 0; i < PIECES; i += 2) {
        ck_assert_int_eq(add(&w, i), LSMB_OK);
    }
    for (int offset = 901; offset < 1100; offset++) { /* each has a byte of the piece at 1000 */
        struct chain_link link = {.offset = (uint64_t)offset};
        ck_assert_int_eq(chain_add(&w.chain, (struct span){w.bytes, PIECE}, &link, true),
                         LSMB_E_USAGE);
    }
    for (unsigned i = 1; i < PIECES; i += 2) {
        ck_assert_int_eq(add(&w, i), LSMB_OK);
    }
    is_whole(&w);
    end(&w);
}
END_TEST

START_TEST(a_range_of_several_parts_is_answered_by_the_last)
{
    struct chain_world w;
    struct chain other = {0};

    begin(&w);
    struct chain_shared *shared = calloc(1, sizeof *shared);
    ck_assert_ptr_nonnull(shared);
    shared->holders = 2;
    struct chain_link link = {.offset = 0, .wait = &w.waits[0], .shared = shared};
    ck_assert_int_eq(chain_add(&w.chain, (struct span){w.bytes, 10}, &link, true), LSMB_OK);
    link.offset = 10;
    ck_assert_int_eq(chain_add(&other, (struct span){w.bytes + 10, 10}, &link, true), LSMB_OK);
    chain_answer(&other, NULL);
    ck_assert(w.waits[0].open);
    chain_answer(&w.chain, NULL);
    ck_assert(!w.waits[0].open);
    chain_free(&other);
    chain_free(&w.chain);
}
END_TEST

START_TEST(what_is_freed_answers_nobody)
{
    struct chain_world w;

    begin(&w);
    ck_assert_int_eq(add(&w, 3), LSMB_OK);
    chain_free(&w.chain);
    ck_assert(w.waits[3].open);
}
END_TEST

int main(void)
{
    return RUN_TESTS("aws/chain", pieces_may_come_in_any_order, pieces_that_overlap_are_refused,
                     a_range_of_several_parts_is_answered_by_the_last,
                     what_is_freed_answers_nobody);
}
