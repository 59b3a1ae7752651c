/* local_world.h: a context in a script's world and a folder of its own for local files.
 *
 *     struct local_world w;
 *
 *     local_init(&w);
 *     local_make(&w, "a", "hello", 5);
 *     ck_assert_int_eq(local_get(&w, "a", "b", LSMB_PUBLISH_AUTO), LSMB_OK);
 *     local_has(&w, "b", "hello", 5);
 *     local_only(&w, 2);        // names in the folder: no temporary is left
 *     local_free(&w);
 */
#ifndef LSMB_TEST_XFER_LOCAL_WORLD_H
#define LSMB_TEST_XFER_LOCAL_WORLD_H

#include "fs/lsmb.h"
#include "test/run.h"
#include "test/script.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct local_world {
    char folder[64];
    char log[4096]; /* warnings, one per line */
    struct script_clock clock;
    struct script_random random;
    struct script_jobs jobs;
    struct lsmb *smb;
    struct lsmb_error err;
    struct lsmb_copy_result result;
};

static inline void local_log(void *arg, enum lsmb_log_level level, const char *line)
{
    struct local_world *w = arg;

    size_t len = strlen(w->log);

    if (level <= LSMB_LOG_WARNING) {
        (void)snprintf(w->log + len, sizeof w->log - len, "%s\n", line);
    }
}

/* Helpers that are threads, or jobs that run at once. */
static inline void local_init_with(struct local_world *w, bool threads)
{
    struct lsmb_options opt = {.size = sizeof opt,
                               .memory_bytes = 1 << 20,
                               .log = local_log,
                               .log_arg = w,
                               .log_level = LSMB_LOG_WARNING};
    struct lsmb_world world = {.clock = &w->clock.clock, .random = &w->random.random};

    memset(w, 0, sizeof *w);
    (void)snprintf(w->folder, sizeof w->folder, "/tmp/lsmb-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(w->folder));
    script_clock_init(&w->clock);
    script_random_init(&w->random);
    world.jobs = &w->jobs.runner;
    w->smb = threads ? lsmb_new(&opt, &w->err) : lsmb_new_in(&world, &opt, &w->err);
    ck_assert_ptr_nonnull(w->smb);
    script_jobs_init(&w->jobs, &w->smb->env.ready);
}

static inline void local_init(struct local_world *w)
{
    local_init_with(w, false);
}

/* The path of a name in the folder; four of them stay valid. */
static inline const char *local_path(const struct local_world *w, const char *name)
{
    static char room[4][512];
    static unsigned next;
    char *path = room[next++ % 4];

    (void)snprintf(path, sizeof room[0], "%s/%s", w->folder, name);
    return path;
}

static inline void local_make(const struct local_world *w, const char *name, const void *bytes,
                              size_t len)
{
    FILE *file = fopen(local_path(w, name), "w");

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, len, file), len);
    ck_assert_int_eq(fclose(file), 0);
}

static inline void local_has(const struct local_world *w, const char *name, const void *bytes,
                             size_t len)
{
    char *got = malloc(len + 1);
    FILE *file = fopen(local_path(w, name), "r");

    ck_assert(got && file);
    ck_assert_uint_eq(fread(got, 1, len + 1, file), len);
    ck_assert_int_eq(memcmp(got, bytes, len), 0);
    (void)fclose(file);
    free(got);
}

/* So many names are in the folder, and none of them is a temporary's. */
static inline void local_only(const struct local_world *w, unsigned names)
{
    DIR *dir = opendir(w->folder);
    unsigned count = 0;

    ck_assert_ptr_nonnull(dir);
    for (struct dirent *entry; (entry = readdir(dir));) {
        ck_assert_msg(!strstr(entry->d_name, ".lava-"), "%s was left", entry->d_name);
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    }
    (void)closedir(dir);
    ck_assert_uint_eq(count, names);
}

static inline void local_free(struct local_world *w)
{
    char command[256];

    ck_assert(list_empty(&w->smb->jobs));
    ck_assert_uint_eq(w->smb->env.pool.ticketed, 0);
    lsmb_free(w->smb);
    (void)snprintf(command, sizeof command, "chmod -R u+rwx %s && rm -r %s", w->folder, w->folder);
    ck_assert_int_eq(system(command), 0);
}

static inline enum lsmb_code local_copy(struct local_world *w, struct lsmb_source *source,
                                        struct lsmb_sink *sink)
{
    return lsmb_copy(w->smb, source, sink, NULL, &w->result, &w->err);
}

/* From one name in the folder to another. */
static inline enum lsmb_code local_get(struct local_world *w, const char *from, const char *to,
                                       enum lsmb_publish how)
{
    return local_copy(w, lsmb_source_file(w->smb, local_path(w, from), false),
                      lsmb_sink_file(w->smb, local_path(w, to), how));
}

/* Bytes from memory to a name in the folder. */
static inline enum lsmb_code local_put(struct local_world *w, const void *bytes, size_t len,
                                       const char *to, enum lsmb_publish how)
{
    return local_copy(w, lsmb_source_memory(w->smb, bytes, len),
                      lsmb_sink_file(w->smb, local_path(w, to), how));
}

#endif
