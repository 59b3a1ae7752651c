/* peer_store.c: the peer's files. */
#include "test/peer/peer_store.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/upcase.h"

void *peer_alloc(size_t len)
{
    void *memory = calloc(1, len > 0 ? len : 1);

    if (!memory) {
        (void)fputs("test/peer: out of memory\n", stderr);
        abort();
    }
    return memory;
}

uint8_t *peer_copy(struct span bytes)
{
    uint8_t *copy = peer_alloc(bytes.len);

    if (bytes.len > 0) {
        memcpy(copy, bytes.ptr, bytes.len);
    }
    return copy;
}

/* ---------------------------------------------------------------- names */

static uint16_t unit(struct span name, size_t index)
{
    return (uint16_t)(name.ptr[2 * index] | name.ptr[2 * index + 1] << 8);
}

bool peer_same_name(struct span a, struct span b)
{
    if (a.len != b.len) {
        return false;
    }
    for (size_t i = 0; i < a.len / 2; i++) {
        if (upcase_utf16(unit(a, i)) != upcase_utf16(unit(b, i))) {
            return false;
        }
    }
    return true;
}

/* Bytes before the last '\', or SIZE_MAX when there is none. */
static size_t last_separator(struct span name)
{
    for (size_t i = name.len / 2; i > 0; i--) {
        if (unit(name, i - 1) == '\\') {
            return 2 * (i - 1);
        }
    }
    return SIZE_MAX;
}

struct span peer_parent(struct span name)
{
    size_t at = last_separator(name);

    return at == SIZE_MAX ? (struct span){0} : (struct span){name.ptr, at};
}

struct span peer_leaf(struct span name)
{
    size_t at = last_separator(name);

    return at == SIZE_MAX ? name : (struct span){name.ptr + at + 2, name.len - at - 2};
}

struct span peer_base(struct span name)
{
    size_t leaf = name.len - peer_leaf(name).len;

    for (size_t at = leaf; at < name.len; at += 2) {
        if (unit(name, at / 2) == ':') {
            return (struct span){name.ptr, at};
        }
    }
    return name;
}

bool peer_inside(struct span name, struct span dir)
{
    if (dir.len == 0) {
        return name.len > 0;
    }
    return name.len > dir.len + 2 && unit(name, dir.len / 2) == '\\' &&
           peer_same_name((struct span){name.ptr, dir.len}, dir);
}

/* ---------------------------------------------------------------- nodes */

static struct peer_node *node_of(struct list *node)
{
    return CONTAINER_OF(node, struct peer_node, node);
}

static struct span name_of(const struct peer_node *node)
{
    return (struct span){node->name, node->name_len};
}

static uint32_t name_filter(const struct peer_node *node)
{
    return node->directory ? FILE_NOTIFY_CHANGE_DIR_NAME : FILE_NOTIFY_CHANGE_FILE_NAME;
}

bool peer_is_stream_of(const struct peer_node *node, const struct peer_node *file)
{
    struct span base = peer_base(name_of(node));

    return base.len < node->name_len && peer_same_name(base, name_of(file));
}

static struct peer_ea *ea_of(struct list *node)
{
    return CONTAINER_OF(node, struct peer_ea, node);
}

static void ea_free(struct peer_ea *ea)
{
    free(ea->value);
    free(ea);
}

void peer_store_ea(struct peer_node *node, struct span name, struct span value)
{
    struct peer_ea *ea = peer_alloc(sizeof *ea);

    assert(name.len < sizeof ea->name);
    memcpy(ea->name, name.ptr, name.len);
    LIST_EACH(at, &node->eas)
    {
        if (strcasecmp(ea_of(at)->name, ea->name) == 0) {
            list_remove(at);
            ea_free(ea_of(at));
            break;
        }
    }
    if (value.len == 0) {
        ea_free(ea);
        return;
    }
    ea->value = peer_copy(value);
    ea->len = value.len;
    list_push_back(&node->eas, &ea->node);
}

void peer_store_init(struct peer_store *store, uint64_t now)
{
    *store = (struct peer_store){.capacity = UINT64_MAX};
    list_init(&store->nodes);
    (void)peer_store_add(store, (struct span){0}, true, now);
}

static void node_free(struct peer_store *store, struct peer_node *node)
{
    assert(list_empty(&node->opens));
    store->used -= node->size;
    free(node->name);
    free(node->bytes);
    free(node->security);
    for (struct list *ea; (ea = list_pop_front(&node->eas));) {
        ea_free(ea_of(ea));
    }
    free(node->leads_to);
    free(node);
}

void peer_store_free(struct peer_store *store)
{
    struct list *node;

    while ((node = list_pop_front(&store->nodes))) {
        node_free(store, node_of(node));
    }
}

struct peer_node *peer_store_find(struct peer_store *store, struct span name)
{
    LIST_EACH(node, &store->nodes)
    {
        if (peer_same_name(name_of(node_of(node)), name)) {
            return node_of(node);
        }
    }
    return NULL;
}

void peer_store_secure(struct peer_node *node, struct span descriptor)
{
    uint8_t *copy = peer_copy(descriptor);

    free(node->security);
    node->security = copy;
    node->security_len = descriptor.len;
}

/* Of S-1-5-32-544, who may do everything because the folder says so. */
static void secure_as_new(struct peer_node *node)
{
    static const struct sid admins = {.authority = 5, .count = 2, .sub = {32, 544}};
    uint8_t owner[SID_LEN_MAX], dacl[128], whole[256];
    struct wr sid = wr_from(owner, sizeof owner);
    struct wr list = wr_from(dacl, sizeof dacl), w = wr_from(whole, sizeof whole);

    sid_put(&sid, &admins);
    ace_put(&list, acl_put(&list),
            &(struct ace){.flags = INHERITED_ACE, .mask = 0x001F01FF, .sid = wr_written(&sid)});
    security_descriptor_put(
        &w, &(struct security_descriptor){.control = SE_DACL_PRESENT | SE_DACL_AUTO_INHERITED,
                                          .owner = wr_written(&sid),
                                          .group = wr_written(&sid),
                                          .dacl = wr_written(&list)});
    assert(wr_ok(&w));
    peer_store_secure(node, wr_written(&w));
}

struct peer_node *peer_store_add(struct peer_store *store, struct span name, bool directory,
                                 uint64_t now)
{
    struct peer_node *node = peer_alloc(sizeof *node);

    assert(!peer_store_find(store, name));
    list_init(&node->opens);
    list_init(&node->eas);
    node->name = peer_copy(name);
    node->name_len = name.len;
    node->directory = directory;
    node->created = node->accessed = node->written = node->changed = now;
    node->attributes = directory ? 0 : FILE_ATTRIBUTE_ARCHIVE;
    node->id = ++store->last_id;
    secure_as_new(node);
    list_push_back(&store->nodes, &node->node);
    peer_changed(store, FILE_ACTION_ADDED, name_filter(node), name);
    return node;
}

static void set_name(struct peer_node *node, struct span head, struct span tail)
{
    uint8_t *name = peer_alloc(head.len + tail.len);

    if (head.len > 0) {
        memcpy(name, head.ptr, head.len);
    }
    if (tail.len > 0) {
        memcpy(name + head.len, tail.ptr, tail.len);
    }
    free(node->name);
    node->name = name;
    node->name_len = head.len + tail.len;
}

void peer_store_rename(struct peer_store *store, struct peer_node *node, struct span name)
{
    uint8_t *old_name = peer_copy(name_of(node)), *new_name = peer_copy(name);
    struct span old = {old_name, node->name_len}, new = {new_name, name.len};

    LIST_EACH(at, &store->nodes)
    {
        struct peer_node *inner = node_of(at);
        if (node->directory ? peer_inside(name_of(inner), old) : peer_is_stream_of(inner, node)) {
            set_name(inner, new, (struct span){inner->name + old.len, inner->name_len - old.len});
        }
    }
    set_name(node, new, (struct span){0});
    bool moved = !peer_same_name(peer_parent(old), peer_parent(new));
    peer_changed(store, moved ? FILE_ACTION_REMOVED : FILE_ACTION_RENAMED_OLD_NAME,
                 name_filter(node), old);
    peer_changed(store, moved ? FILE_ACTION_ADDED : FILE_ACTION_RENAMED_NEW_NAME, name_filter(node),
                 new);
    free(old_name);
    free(new_name);
}

static void take_name(struct peer_store *store, struct peer_node *node)
{
    list_remove(&node->node);
    peer_changed(store, FILE_ACTION_REMOVED, name_filter(node), name_of(node));
    if (list_empty(&node->opens)) {
        node_free(store, node);
    }
}

void peer_store_remove(struct peer_store *store, struct peer_node *node)
{
    LIST_EACH(at, &store->nodes)
    {
        if (peer_is_stream_of(node_of(at), node)) {
            take_name(store, node_of(at));
        }
    }
    take_name(store, node);
}

bool peer_store_has_children(struct peer_store *store, const struct peer_node *dir)
{
    LIST_EACH(node, &store->nodes)
    {
        if (peer_inside(name_of(node_of(node)), name_of(dir))) {
            return true;
        }
    }
    return false;
}

bool peer_store_resize(struct peer_store *store, struct peer_node *node, uint64_t size)
{
    uint64_t others = store->used - node->size;

    if (size > store->capacity || others > store->capacity - size) {
        return false;
    }
    if (size > node->cap) {
        size_t cap = (size_t)size + (size_t)size / 2;
        uint8_t *bytes = peer_alloc(cap);
        if (node->size > 0) {
            memcpy(bytes, node->bytes, node->size);
        }
        free(node->bytes);
        node->bytes = bytes;
        node->cap = cap;
    } else if (size < node->size) {
        memset(node->bytes + size, 0, node->size - (size_t)size);
    }
    node->size = (size_t)size;
    store->used = others + size;
    return true;
}

/* ---------------------------------------------------------------- opens */

struct peer_open *peer_open_new(struct peer_node *node, struct list *session_opens)
{
    struct peer_open *open = peer_alloc(sizeof *open);

    open->file = node;
    list_init(&open->locks);
    list_push_back(&node->opens, &open->in_node);
    list_push_front(session_opens, &open->in_session); /* Samba closes the newest first */
    return open;
}

void peer_open_free(struct peer_store *store, struct peer_open *open)
{
    struct peer_node *node = open->file;

    if (open->delete_on_close) {
        node->delete_pending = true;
    }
    list_remove(&open->in_node);
    list_remove(&open->in_session);
    free(open->pattern);
    peer_unlock_all(open);
    peer_watch_free(open);
    if (open->pipe) {
        open->pipe_free(open->pipe);
    }
    free(open);
    if (!list_empty(&node->opens)) {
        return;
    }
    if (!list_linked(&node->node)) {
        node_free(store, node);
    } else if (node->delete_pending) {
        if (peer_store_has_children(store, node)) {
            node->delete_pending = false; /* Samba: success, and nothing is deleted */
        } else {
            peer_store_remove(store, node);
        }
    }
}
