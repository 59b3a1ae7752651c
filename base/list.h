/* list.h: intrusive doubly linked lists.
 *
 * A node is embedded in what it links, so linking never allocates.  A node in no list has NULL
 * pointers; removing it again is harmless. */
#ifndef LSMB_BASE_LIST_H
#define LSMB_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
    struct list *prev, *next;
};

/* The structure of type `type` whose member `member` is at `ptr`. */
#define CONTAINER_OF(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

/* Visit each node; the body may remove the node it was given, and no other. */
/* NOLINTBEGIN(bugprone-macro-parentheses): `node` is the name that is declared */
#define LIST_EACH(node, head)                                                                      \
    for (struct list *node = (head)->next, *list_after_ = node->next; node != (head);              \
         node = list_after_, list_after_ = node->next)
/* NOLINTEND(bugprone-macro-parentheses) */

static inline void list_init(struct list *head)
{
    head->prev = head->next = head;
}

static inline bool list_empty(const struct list *head)
{
    return head->next == head;
}

static inline bool list_linked(const struct list *node)
{
    return node->next != NULL;
}

static inline void list_insert_before(struct list *where, struct list *node)
{
    node->prev = where->prev;
    node->next = where;
    node->prev->next = node;
    where->prev = node;
}

static inline void list_push_back(struct list *head, struct list *node)
{
    list_insert_before(head, node);
}

static inline void list_push_front(struct list *head, struct list *node)
{
    list_insert_before(head->next, node);
}

static inline void list_remove(struct list *node)
{
    if (node->next) {
        node->prev->next = node->next;
        node->next->prev = node->prev;
        node->prev = node->next = NULL;
    }
}

/* Take the first node out, or NULL. */
static inline struct list *list_pop_front(struct list *head)
{
    struct list *node = head->next;

    if (node == head) {
        return NULL;
    }
    head->next = node->next; /* spelled out, so that analysers see the head move */
    head->next->prev = head;
    node->prev = node->next = NULL;
    return node;
}

#endif
