/* tree_world.h: trees between the share of a peer and a folder of this machine, on one loop and one thread.
 *
 *     struct tree_world w;
 *
 *     tree_init(&w);
 *     peer_add_file(&w.fs.peer, "tree/a", "1", 1);
 *     ck_assert_int_eq(tree_get(&w, "tree", "here"), LSMB_OK);
 *     tree_has(&w, "here/a", "1");
 *     tree_free(&w);
 */
#ifndef LSMB_TEST_XFER_TREE_WORLD_H
#define LSMB_TEST_XFER_TREE_WORLD_H

#include "test/xfer/share_world.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct tree_world {
    struct fs_world fs;
    struct lsmb_share *share;
    char folder[64];
    struct lsmb_tree_share_options share_opt;
    struct lsmb_copy_options copy;
    struct lsmb_tree_options opt;
    struct lsmb_tree_result result;
    struct lsmb_error err;
    char failed[1024];       /* paths of what has failed, each with a newline, in order */
    struct lsmb_error first; /* why the first did */
};

/* ---------------------------------------------------------------- beginning and end */

static inline void tree_note_failed(void *arg, const char *path, const struct lsmb_error *err)
{
    struct tree_world *w = arg;
    size_t len = strlen(w->failed);

    if (len == 0) {
        w->first = *err;
    }
    (void)snprintf(w->failed + len, sizeof w->failed - len, "%s\n", path);
}

static inline void tree_init_with(struct tree_world *w, const struct peer_config *config)
{
    memset(w, 0, sizeof *w);
    fs_world_init(&w->fs, config);
    w->share = fs_share(&w->fs);
    /* In memory, where there is such a place: every file is brought to the disk. */
    (void)snprintf(w->folder, sizeof w->folder, "%s/lsmb-test-XXXXXX",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(w->folder));
    w->share_opt = (struct lsmb_tree_share_options){.size = sizeof w->share_opt, .connections = 1};
    w->copy.size = sizeof w->copy;
    w->opt = (struct lsmb_tree_options){
        .size = sizeof w->opt, .failed = tree_note_failed, .arg = w, .copy = &w->copy};
}

static inline void tree_init(struct tree_world *w)
{
    struct peer_config config = peer_defaults();

    config.any_name = true;
    tree_init_with(w, &config);
}

static inline int tree_unmake(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)ftw;
    if (kind == FTW_DNR || (S_ISDIR(st->st_mode) && (st->st_mode & 0700) != 0700)) {
        (void)chmod(path, 0700);
    }
    return remove(path);
}

static inline void tree_free(struct tree_world *w)
{
    no_temporary(&w->fs.peer);
    lsmb_share_close(w->share);
    fs_turn(&w->fs, 4);
    nothing_open(&w->fs.peer);
    ck_assert_uint_eq(w->fs.smb->env.pool.ticketed, 0);
    fs_world_free(&w->fs);
    ck_assert_int_eq(nftw(w->folder, tree_unmake, 32, FTW_DEPTH | FTW_PHYS), 0);
}

/* ---------------------------------------------------------------- this machine */

/* The path of a name in the folder; eight of them stay valid. */
static inline const char *tree_local(const struct tree_world *w, const char *name)
{
    static char room[8][2048];
    static unsigned next;
    char *path = room[next++ % 8];

    (void)snprintf(path, sizeof room[0], "%s%s%s", w->folder, *name ? "/" : "", name);
    return path;
}

static inline void tree_mkdir(const struct tree_world *w, const char *name)
{
    ck_assert_int_eq(mkdir(tree_local(w, name), 0777), 0);
}

static inline void tree_write(const struct tree_world *w, const char *name, const char *text)
{
    FILE *file = fopen(tree_local(w, name), "w");

    ck_assert_msg(file != NULL, "%s", name);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static inline void tree_has(const struct tree_world *w, const char *name, const char *text)
{
    char got[4096];
    FILE *file = fopen(tree_local(w, name), "r");

    ck_assert_msg(file != NULL, "%s is not there", name);
    size_t len = fread(got, 1, sizeof got - 1, file);
    got[len] = '\0';
    (void)fclose(file);
    ck_assert_str_eq(got, text);
}

/* So many names are in a folder. */
static inline void tree_only(const struct tree_world *w, const char *name, unsigned names)
{
    DIR *dir = opendir(tree_local(w, name));
    unsigned count = 0;

    ck_assert_msg(dir != NULL, "%s is not there", name);
    for (struct dirent *entry; (entry = readdir(dir));) {
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    }
    (void)closedir(dir);
    ck_assert_uint_eq(count, names);
}

/* ---------------------------------------------------------------- copying */

static inline struct lsmb_tree *tree_remote(struct tree_world *w, const char *path)
{
    return lsmb_tree_share(w->share, path, &w->share_opt);
}

static inline struct lsmb_tree *tree_here(struct tree_world *w, const char *name)
{
    return lsmb_tree_local(w->fs.smb, tree_local(w, name));
}

static inline enum lsmb_code tree_copy(struct tree_world *w, struct lsmb_tree *from,
                                       struct lsmb_tree *to)
{
    w->failed[0] = '\0';
    return lsmb_tree_copy(w->fs.smb, from, to, &w->opt, &w->result, &w->err);
}

static inline enum lsmb_code tree_get(struct tree_world *w, const char *from, const char *to)
{
    return tree_copy(w, tree_remote(w, from), tree_here(w, to));
}

static inline enum lsmb_code tree_put(struct tree_world *w, const char *from, const char *to)
{
    return tree_copy(w, tree_here(w, from), tree_remote(w, to));
}

static inline void tree_ok(const struct tree_world *w, enum lsmb_code code)
{
    char text[2048];

    ck_assert_msg(code == LSMB_OK, "%s; %s", lsmb_error_text(&w->err, text, sizeof text),
                  w->failed);
    ck_assert_str_eq(w->failed, "");
}

/* Some have failed, the first with `why`; the rest was copied. */
static inline void tree_partly(const struct tree_world *w, enum lsmb_code code, const char *failed,
                               enum lsmb_code why)
{
    char text[2048];

    ck_assert_str_eq(w->failed, failed);
    ck_assert_msg(code == LSMB_E_PARTLY && w->err.code == code, "%s",
                  lsmb_error_text(&w->err, text, sizeof text));
    ck_assert_msg(w->first.code == why, "%s", lsmb_error_text(&w->first, text, sizeof text));
    ck_assert_str_ne(w->first.path, "");
    ck_assert_str_ne(w->first.step, "");
}

#endif
