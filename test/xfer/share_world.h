/* share_world.h: copies to and from the share of a peer, on one loop and one thread. */
#ifndef LSMB_TEST_XFER_SHARE_WORLD_H
#define LSMB_TEST_XFER_SHARE_WORLD_H

#include "test/fs/fs_world.h"
#include "test/xfer/toys.h"

enum { SHARE_TURNS_MAX = 200000 };

/* So many bytes with a pattern; freed with the test's process. */
static inline uint8_t *pattern(size_t len)
{
    uint8_t *bytes = malloc(len + 1);

    ck_assert_ptr_nonnull(bytes);
    for (size_t i = 0; i < len; i++) {
        bytes[i] = toy_byte(i);
    }
    return bytes;
}

/* No temporary is on the server. */
static inline void no_temporary(const struct peer *peer)
{
    static const uint8_t mark[] = {'.', 0, 'l', 0, 'a', 0, 'v', 0, 'a', 0, '-', 0};

    LIST_EACH(node, &peer->store.nodes)
    {
        const struct peer_node *file = CONTAINER_OF(node, struct peer_node, node);
        ck_assert_msg(file->name_len == 0 || !memmem(file->name, file->name_len, mark, sizeof mark),
                      "a temporary was left");
    }
}

/* Nobody has anything open. */
static inline void nothing_open(const struct peer *peer)
{
    LIST_EACH(node, &peer->store.nodes)
    {
        ck_assert(list_empty(&CONTAINER_OF(node, struct peer_node, node)->opens));
    }
}

static inline bool is_set_info(const struct peer_seen *seen, struct span message, uint8_t class)
{
    return seen->header.command == SMB2_SET_INFO && message.len > 67 && message.ptr[67] == class;
}

static inline bool is_query_info(const struct peer_seen *seen, struct span message, uint8_t class)
{
    return seen->header.command == SMB2_QUERY_INFO && message.len > 67 && message.ptr[67] == class;
}

/* All that control messages can get, as when very many requests are queued. */
struct hoard {
    struct list bufs;
};

static inline void hoard_all(struct hoard *h, struct pool *pool)
{
    list_init(&h->bufs);
    for (struct buf *buf; (buf = pool_take(pool, 100));) {
        list_push_back(&h->bufs, &buf->node);
    }
}

static inline void hoard_free(struct hoard *h)
{
    for (struct list *node; (node = list_pop_front(&h->bufs));) {
        buf_free(CONTAINER_OF(node, struct buf, node));
    }
}

/* Turn until `done` says so. */
static inline void share_run(struct fs_world *w, const bool *done)
{
    unsigned turns = 0;

    while (!*done && turns++ < SHARE_TURNS_MAX) {
        if (lsmb_turn(w->smb, -1) != LSMB_OK) {
            ck_abort_msg("the loop does not turn");
        }
    }
    ck_assert(*done);
}

#endif
