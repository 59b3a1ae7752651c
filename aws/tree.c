/* tree.c: what lies below a prefix as a tree: keys are paths, and what stands between '/' is a folder. */
#include <stdlib.h>
#include <string.h>

#include "aws/list.h"
#include "aws/source.h"
#include "base/options.h"
#include "base/text.h"

enum {
    NAME_BYTES_MAX = 255, /* as shares and disks have it */
    KEY_ROOM = 1025,
};

struct s3_tree {
    struct lsmb_tree tree; /* first */
    struct lsmb_s3 *s3;    /* borrowed */
    char *bucket, *root;   /* owned; "" or ends with '/' */
    char *kms_key_id;      /* owned; NULL: none */
};

static struct s3_tree *tree_of(struct lsmb_tree *tree)
{
    return CONTAINER_OF(tree, struct s3_tree, tree);
}

/* The key of a path; `end` "/" for a folder.  The caller's to free; NULL without memory. */
static char *key_of(const struct s3_tree *t, const char *path, const char *end)
{
    struct grow g = {0};

    grow_text(&g, t->root);
    grow_text(&g, path);
    grow_text(&g, path[0] ? end : "");
    return grow_take(&g);
}

/* ---------------------------------------------------------------- listing */

struct s3_lister {
    struct listing listing; /* first */
    size_t prefix_bytes;
    bool must_be; /* nothing at all is an error: the root, which somebody named */
    bool told;    /* an entry, since more() */
    lsmb_entry_fn *each;
    void *each_arg;
    bool *end;
    struct lsmb_wait *wait;
};

static bool is_name(const char *name, size_t len)
{
    return len > 0 && len <= NAME_BYTES_MAX && !memchr(name, '\0', len) &&
           !memchr(name, '/', len) && !(len == 1 && name[0] == '.') &&
           !(len == 2 && name[0] == '.' && name[1] == '.');
}

/* A key that is no path: it is only shown. */
static bool tell_odd(struct s3_lister *l, const char *name, size_t len)
{
    char shown[KEY_ROOM];
    size_t n = len < sizeof shown ? len : sizeof shown - 1;

    memcpy(shown, name, n);
    for (size_t i = 0; i < n; i++) {
        if (shown[i] == '\0') {
            shown[i] = '?';
        }
    }
    shown[n] = '\0';
    text_clean(shown);
    l->told = true;
    return l->each(l->each_arg, shown, NULL);
}

static bool tell_entry(struct s3_lister *l, const struct list_entry *entry, const char *name)
{
    size_t len = entry->len - l->prefix_bytes;
    struct lsmb_stat stat = {.bytes = entry->bytes,
                             .allocated_bytes = entry->bytes,
                             .written = entry->written,
                             .attributes = entry->folder ? LSMB_ATTR_DIRECTORY : 0};
    char leaf[NAME_BYTES_MAX + 1];

    if (!entry->folder && len == 0 && entry->bytes == 0) {
        return true; /* what some tools put in the place of the folder itself */
    }
    size_t shown = len;
    if (entry->folder && len > 0 && name[len - 1] == '/') {
        len--;
    }
    if (!is_name(name, len)) {
        return tell_odd(l, name, shown);
    }
    memcpy(leaf, name, len);
    leaf[len] = '\0';
    l->told = true;
    return l->each(l->each_arg, leaf, &stat);
}

/* False: what was listed was not asked for. */
static bool tell_page(struct s3_lister *l)
{
    const struct list_page *page = &l->listing.page;
    bool on = true;

    for (size_t i = 0; i < page->count && on; i++) {
        const struct list_entry *entry = &page->entries[i];
        const char *key = list_page_key(page, entry);
        if (entry->len < l->prefix_bytes || memcmp(key, l->listing.prefix, l->prefix_bytes) != 0) {
            return false;
        }
        on = tell_entry(l, entry, key + l->prefix_bytes);
    }
    return true;
}

static void answer(struct s3_lister *l, const struct lsmb_error *err)
{
    struct lsmb_wait *wait = l->wait;

    l->wait = NULL;
    lsmb_wait_done(wait, err);
}

static void answer_with(struct s3_lister *l, enum lsmb_code code, const char *why)
{
    struct lsmb_error err;

    error_set(&err, code, "%s", why);
    error_path(&err, l->listing.name);
    answer(l, &err);
}

static void page_came(struct listing *listing)
{
    struct s3_lister *l = CONTAINER_OF(listing, struct s3_lister, listing);

    if (!listing->there) {
        answer(l, &listing->err);
    } else if (l->must_be && listing->page.count == 0 && !listing->page.more) {
        answer_with(l, LSMB_E_NOT_FOUND, "nothing is stored there");
    } else if (!tell_page(l)) {
        answer_with(l, LSMB_E_PROTOCOL, "the service lists what it was not asked for");
    } else if (!l->told && listing->page.more) {
        listing_next(listing);
    } else {
        l->must_be = false;
        *l->end = !listing->page.more;
        answer(l, NULL);
    }
}

static void *list(struct lsmb_tree *tree, const char *path)
{
    struct s3_tree *t = tree_of(tree);
    char *prefix = key_of(t, path, "/");
    struct s3_lister *l = prefix ? calloc(1, sizeof *l) : NULL;

    if (l && !listing_init(&l->listing, t->s3, t->bucket, prefix, page_came)) {
        free(l);
        l = NULL;
    }
    if (l) {
        l->prefix_bytes = strlen(prefix);
        l->must_be = path[0] == '\0' && l->prefix_bytes > 0;
    }
    free(prefix);
    return l;
}

static void more(struct lsmb_tree *tree, void *lister, lsmb_entry_fn *each, void *each_arg,
                 bool *end, struct lsmb_wait *wait)
{
    struct s3_lister *l = lister;

    (void)tree;
    l->each = each;
    l->each_arg = each_arg;
    l->end = end;
    l->wait = wait;
    l->told = false;
    listing_next(&l->listing);
}

static void list_end(struct lsmb_tree *tree, void *lister)
{
    struct s3_lister *l = lister;

    (void)tree;
    listing_free(&l->listing);
    free(l);
}

/* ---------------------------------------------------------------- objects */

static struct lsmb_source *source(struct lsmb_tree *tree, const char *path,
                                  const struct lsmb_stat *stat)
{
    struct s3_tree *t = tree_of(tree);
    char *key = key_of(t, path, "");
    struct lsmb_source *made = key ? s3_source_listed(t->s3, t->bucket, key, stat->bytes) : NULL;

    free(key);
    return made;
}

/* However it is to be published, an object appears when it is whole. */
static struct lsmb_sink *sink(struct lsmb_tree *tree, const char *path,
                              const struct lsmb_stat *stat, enum lsmb_publish how)
{
    struct s3_tree *t = tree_of(tree);
    const struct lsmb_s3_put put = {.size = sizeof put, .kms_key_id = t->kms_key_id};
    char *key = key_of(t, path, "");
    struct lsmb_sink *made = key ? lsmb_s3_sink(t->s3, t->bucket, key, &put) : NULL;

    (void)stat;
    (void)how;
    free(key);
    return made;
}

/* There are none without objects in them. */
static void make_folder(struct lsmb_tree *tree, const char *path, struct lsmb_wait *wait)
{
    (void)tree;
    (void)path;
    lsmb_wait_done(wait, NULL);
}

static void end_folder(struct lsmb_tree *tree, const char *path, const struct lsmb_stat *stat,
                       struct lsmb_wait *wait)
{
    (void)stat;
    make_folder(tree, path, wait);
}

/* ---------------------------------------------------------------- the tree */

static void close_tree(struct lsmb_tree *tree)
{
    struct s3_tree *t = tree_of(tree);

    free(t->bucket);
    free(t->root);
    free(t->kms_key_id);
    free(t);
}

static const struct lsmb_tree_ops ops = {
    .size = sizeof ops,
    .list = list,
    .more = more,
    .list_end = list_end,
    .source = source,
    .make_folder = make_folder,
    .sink = sink,
    .end_folder = end_folder,
    .close = close_tree,
};

static char *root_of(const char *prefix)
{
    size_t len = prefix ? strlen(prefix) : 0;
    struct grow g = {0};

    grow_bytes(&g, prefix ? prefix : "", len);
    grow_text(&g, len > 0 && prefix[len - 1] != '/' ? "/" : "");
    return grow_take(&g);
}

struct lsmb_tree *lsmb_s3_tree(struct lsmb_s3 *s3, const char *bucket, const char *prefix,
                               const struct lsmb_s3_put *put)
{
    struct s3_tree *t = calloc(1, sizeof *t);
    struct lsmb_s3_put mine;

    if (!t) {
        return NULL;
    }
    options_take(&mine, sizeof mine, put, put ? put->size : 0);
    t->tree.ops = &ops;
    t->s3 = s3;
    t->bucket = strdup(bucket);
    t->root = root_of(prefix);
    t->kms_key_id = mine.kms_key_id ? strdup(mine.kms_key_id) : NULL;
    if (!t->bucket || !t->root || (mine.kms_key_id && !t->kms_key_id)) {
        close_tree(&t->tree);
        return NULL;
    }
    return &t->tree;
}
