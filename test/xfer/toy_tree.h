/* toy_tree.h: a tree of a test's own to copy from: a table says what it lists, in that order.
 *
 *     static const struct toy_entry entries[] = {{"", "..", ...}, {"", "dir", ...}, {"dir", "a", ...}};
 *     struct toy_tree *from = toy_tree(smb, entries, count);
 *
 * Each file holds the text of its entry.  Folders are listed two entries at a time. */
#ifndef LSMB_TEST_XFER_TOY_TREE_H
#define LSMB_TEST_XFER_TOY_TREE_H

#include "fs/lsmb.h"
#include "test/run.h"

#include <stdlib.h>
#include <string.h>

/* Attributes: it is said to be no file, nor can it be one. */
#define TOY_NONE UINT32_MAX

struct toy_entry {
    const char *folder, *name; /* paths */
    uint32_t attributes;
    uint64_t id;
    const char *text; /* of a file; NULL: "" */
};

struct toy_tree {
    struct lsmb_tree tree; /* first */
    struct lsmb *smb;
    const struct toy_entry *entries;
    size_t count;
    /* Called before a source is made; may be NULL. */
    void (*before)(void *arg, const char *path);
    void *arg;
    unsigned listers;
};

struct toy_lister {
    char folder[2048];
    size_t next;
};

static inline struct toy_tree *toy_tree_of(struct lsmb_tree *tree)
{
    return CONTAINER_OF(tree, struct toy_tree, tree);
}

static inline void *toy_list(struct lsmb_tree *tree, const char *path)
{
    struct toy_lister *l = calloc(1, sizeof *l);

    ck_assert_ptr_nonnull(l);
    ck_assert_uint_lt(strlen(path), sizeof l->folder);
    memcpy(l->folder, path, strlen(path) + 1);
    toy_tree_of(tree)->listers++;
    return l;
}

static inline void toy_more(struct lsmb_tree *tree, void *lister, lsmb_entry_fn *each,
                            void *each_arg, bool *end, struct lsmb_wait *wait)
{
    struct toy_tree *t = toy_tree_of(tree);
    struct toy_lister *l = lister;
    unsigned given = 0;

    for (; l->next < t->count && given < 2; l->next++) {
        const struct toy_entry *e = &t->entries[l->next];
        if (strcmp(e->folder, l->folder) == 0) {
            struct lsmb_stat stat = {.bytes = e->text ? strlen(e->text) : 0,
                                     .attributes = e->attributes,
                                     .file_id = e->id};
            ck_assert(each(each_arg, e->name, e->attributes == TOY_NONE ? NULL : &stat));
            given++;
        }
    }
    *end = l->next == t->count;
    lsmb_wait_done(wait, NULL);
}

static inline void toy_list_end(struct lsmb_tree *tree, void *lister)
{
    toy_tree_of(tree)->listers--;
    free(lister);
}

static inline struct lsmb_source *toy_source(struct lsmb_tree *tree, const char *path,
                                             const struct lsmb_stat *stat)
{
    struct toy_tree *t = toy_tree_of(tree);

    if (t->before) {
        t->before(t->arg, path);
    }
    for (size_t i = 0; i < t->count; i++) {
        const struct toy_entry *e = &t->entries[i];
        size_t len = strlen(e->folder);
        if (strncmp(path, e->folder, len) == 0 && strcmp(path + len + (len > 0), e->name) == 0) {
            ck_assert_uint_eq(stat->file_id, e->id);
            return lsmb_source_memory(t->smb, e->text ? e->text : "", stat->bytes);
        }
    }
    ck_abort_msg("%s was not listed", path);
    return NULL;
}

static inline void toy_close(struct lsmb_tree *tree)
{
    ck_assert_uint_eq(toy_tree_of(tree)->listers, 0);
    free(toy_tree_of(tree));
}

/* The caller's, until it is copied. */
static inline struct toy_tree *toy_tree(struct lsmb *smb, const struct toy_entry *entries,
                                        size_t count)
{
    static const struct lsmb_tree_ops ops = {
        .size = sizeof ops,
        .list = toy_list,
        .more = toy_more,
        .list_end = toy_list_end,
        .source = toy_source,
        .close = toy_close,
    };
    struct toy_tree *t = calloc(1, sizeof *t);

    ck_assert_ptr_nonnull(t);
    *t = (struct toy_tree){.tree = {&ops}, .smb = smb, .entries = entries, .count = count};
    return t;
}

#endif
