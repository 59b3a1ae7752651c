/* share_names.c: what a target on a share, and the temporary beside it, are called. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ntstatus.h"
#include "xfer/share_sink.h"
#include "xfer/temp_name.h"

/* Where the last component begins. */
static size_t leaf_at(const char *path)
{
    const char *slash = strrchr(path, '\\');

    return slash ? (size_t)(slash - path) + 1 : 0;
}

bool share_name_target(struct share_sink *s, struct lsmb_error *err)
{
    if (s->target_text) {
        return true;
    }
    if (!path_set_to_make(&s->target, s->end.path, err)) {
        return false;
    }
    s->target_text = utf8_new(path_span(&s->target));
    if (!s->target_text) {
        error_set(err, LSMB_E_NOMEM, "no memory for the name");
        path_free(&s->target);
        return false;
    }
    if (!*s->target_text) {
        error_status(err, (uint32_t)STATUS_FILE_IS_A_DIRECTORY);
        return false;
    }
    return true;
}

bool share_names_stream(const struct share_sink *s)
{
    return strchr(s->target_text + leaf_at(s->target_text), ':') != NULL;
}

/* The path of the folder for temporaries; NULL: there is none.  The general way does not find out whether a rename
 * leads from there to the target: it has no other if not. */
static const char *temps_path(const struct share_sink *s)
{
    return s->temps && (s->store || share_seen(s->end.share)->moves) ? share_temps_path(s->temps)
                                                                     : NULL;
}

bool share_name_temp(struct share_sink *s, struct lsmb_error *err)
{
    struct env *env = s->end.op.env;
    const char *temps = temps_path(s);
    const char *above = temps ? temps : s->target_text;
    size_t leaf_from = leaf_at(s->target_text);
    size_t folder = temps ? strlen(temps) : leaf_from;
    char temp[TEMP_NAME_MAX + 1];

    free(s->temp_text);
    s->temp_text = NULL;
    s->in_temps = temps != NULL;
    char *leaf = strdup(s->target_text + leaf_from);
    if (leaf) {
        leaf[strcspn(leaf, ":")] = '\0';
        if (!temp_name(temp, leaf, env->random)) {
            error_set(err, LSMB_E_LOCAL, "the system gives no random numbers");
            free(leaf);
            return false;
        }
        s->temp_text = malloc(folder + 1 + sizeof temp);
    }
    free(leaf);
    if (!s->temp_text) {
        error_set(err, LSMB_E_NOMEM, "no memory for the name");
        return false;
    }
    (void)snprintf(s->temp_text, folder + 1 + sizeof temp, "%.*s%s%s", (int)folder, above,
                   temps ? "\\" : "", temp);
    return true;
}

static unsigned count_parts(const char *path)
{
    unsigned count = *path != '\0';

    for (const char *at = path; (at = strchr(at, '\\')); at++) {
        count++;
    }
    return count;
}

unsigned share_temp_linkless(const struct share_sink *s)
{
    return s->linkless == 0 ? 0
                            : s->linkless + count_parts(s->temp_text) - count_parts(s->target_text);
}

void share_refuse_temps(struct share_sink *s)
{
    if (s->in_temps) {
        share_temps_refused(s->temps);
    }
}

/* `folder` up to its last component, and the last component of `name`; the caller's to free(). */
static char *join_leaf(const char *folder, const char *name)
{
    size_t at = leaf_at(folder);
    const char *leaf = name + leaf_at(name);
    size_t room = at + strlen(leaf) + 1;
    char *text = malloc(room);

    if (text) {
        (void)snprintf(text, room, "%.*s%s", (int)at, folder, leaf);
    }
    return text;
}

bool share_names_follow(struct share_sink *s, struct lsmb_error *err)
{
    char *temp = utf8_new(path_span(&s->led_to));
    char *spelt = utf8_new(path_span(&s->target));
    char *target = temp && spelt ? join_leaf(temp, spelt) : NULL;
    struct path path;
    bool ok = false;

    if (!target) {
        error_set(err, LSMB_E_NOMEM, "no memory for the name");
    } else if (path_set_to_make(&path, target, err)) {
        path_free(&s->target);
        s->target = path;
        free(s->target_text);
        s->target_text = target;
        free(s->temp_text);
        s->temp_text = temp;
        temp = target = NULL;
        ok = true;
    }
    free(target);
    free(spelt);
    free(temp);
    return ok;
}
