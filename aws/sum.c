#include "aws/sum.h"

#include <stdlib.h>

static struct sum_span *span_at(struct list *node)
{
    return CONTAINER_OF(node, struct sum_span, node);
}

void sum_init(struct sum *sum, enum crc_kind kind)
{
    *sum = (struct sum){.kind = kind};
    list_init(&sum->waiting);
}

/* Mostly they come in order, so the place is near the end. */
static void insert(struct sum *sum, struct sum_span *span)
{
    struct list *where = &sum->waiting;

    while (where->prev != &sum->waiting && span_at(where->prev)->begin > span->begin) {
        where = where->prev;
    }
    list_insert_before(where, &span->node);
}

void sum_add(struct sum *sum, struct sum_span *span)
{
    insert(sum, span);
    while (!list_empty(&sum->waiting) && span_at(sum->waiting.next)->begin == sum->end) {
        struct sum_span *next = span_at(list_pop_front(&sum->waiting));
        if (sum->kind != CRC_NONE) {
            sum->crc = crc_combine(sum->kind, sum->crc, next->crc, next->end - next->begin);
        }
        sum->end = next->end;
        free(next);
    }
}

bool sum_get(const struct sum *sum, uint64_t bytes, uint64_t *crc)
{
    *crc = sum->crc;
    return sum->end == bytes && list_empty(&sum->waiting);
}

void sum_free(struct sum *sum)
{
    for (struct list *node; (node = list_pop_front(&sum->waiting));) {
        free(span_at(node));
    }
}
