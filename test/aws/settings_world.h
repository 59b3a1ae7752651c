/* settings_world.h: variables and shared files of a test's own.
 *
 *     struct settings_world w;
 *
 *     settings_world_init(&w);                       // nothing is set, and there is no file
 *     world_set(&w, "AWS_REGION", "eu-west-1");
 *     world_config(&w, "[default]\nregion = x\n");
 *     ck_assert(settings_read(&s, NULL, &w.env, &err));
 *     settings_world_free(&w);
 */
#ifndef LSMB_TEST_AWS_SETTINGS_WORLD_H
#define LSMB_TEST_AWS_SETTINGS_WORLD_H

#include "aws/settings.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WORLD_VARIABLES = 16 };

struct settings_world {
    struct environment env;
    struct {
        const char *name, *value;
    } variables[WORLD_VARIABLES];
    size_t count;
    char home[32];
    char last[256]; /* what get() gave last: it is good until the next call */
};

static inline const char *world_get(void *arg, const char *name)
{
    struct settings_world *w = arg;

    for (size_t i = w->count; i > 0; i--) { /* the latest counts */
        if (strcmp(w->variables[i - 1].name, name) == 0) {
            (void)snprintf(w->last, sizeof w->last, "%s", w->variables[i - 1].value);
            return w->last;
        }
    }
    memset(w->last, '?', sizeof w->last - 1);
    return NULL;
}

/* Both are borrowed. */
static inline void world_set(struct settings_world *w, const char *name, const char *value)
{
    ck_assert_uint_lt(w->count, WORLD_VARIABLES);
    w->variables[w->count].name = name;
    w->variables[w->count].value = value;
    w->count++;
}

static inline void settings_world_init(struct settings_world *w)
{
    *w = (struct settings_world){.env = {world_get, w}, .home = "/tmp/test_settings.XXXXXX"};
    ck_assert_ptr_nonnull(mkdtemp(w->home));
    world_set(w, "HOME", w->home);
}

/* Write a file below the home, or with NULL take it away. */
static inline void world_file(const struct settings_world *w, const char *name, const char *text)
{
    char path[64];

    (void)snprintf(path, sizeof path, "%s/.aws", w->home);
    (void)mkdir(path, 0700);
    (void)snprintf(path, sizeof path, "%s/%s", w->home, name);
    if (!text) {
        (void)unlink(path);
        return;
    }
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static inline void world_config(const struct settings_world *w, const char *text)
{
    world_file(w, ".aws/config", text);
}

static inline void world_credentials(const struct settings_world *w, const char *text)
{
    world_file(w, ".aws/credentials", text);
}

static inline void settings_world_free(const struct settings_world *w)
{
    char path[64];

    world_config(w, NULL);
    world_credentials(w, NULL);
    world_file(w, "other", NULL);
    (void)snprintf(path, sizeof path, "%s/.aws", w->home);
    ck_assert_int_eq(rmdir(path), 0);
    ck_assert_int_eq(rmdir(w->home), 0);
}

#endif
