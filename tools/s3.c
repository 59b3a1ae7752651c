#include "tools/s3.h"
#include "tools/show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WHY_ROOM = 300 }; /* of an error's reason; the rest is the path's */

bool s3_is_used(const struct options *opt)
{
    for (size_t i = 0; i < opt->n_args; i++) {
        if (location_names_s3(opt->args[i])) {
            return true;
        }
    }
    return false;
}

struct lsmb_s3 *s3_client(struct run *run)
{
    const struct lsmb_s3_options options = {
        .size = sizeof options,
        .profile = run->opt->profile,
        .silence_ms = run->opt->silence_ms,
    };

    if (run->s3) {
        return run->s3;
    }
    run->s3 = lsmb_s3_new(run->smb, &options, &run->err);
    if (!run->s3) {
        if (run->err.code == LSMB_E_USAGE) {
            run->err.code = LSMB_E_STATUS; /* it is not the arguments that are wrong */
        }
        run_fail(run);
    }
    return run->s3;
}

static struct lsmb_s3_put how_to_put(const struct run *run)
{
    return (struct lsmb_s3_put){.size = sizeof(struct lsmb_s3_put),
                                .kms_key_id = run->opt->kms_key_id};
}

struct lsmb_source *s3_source(const struct run *run, const struct location *where)
{
    return lsmb_s3_source(run->s3, where->share, where->path, NULL);
}

struct lsmb_sink *s3_sink(const struct run *run, const struct location *where)
{
    struct lsmb_s3_put put = how_to_put(run);

    return lsmb_s3_sink(run->s3, where->share, where->path, &put);
}

struct lsmb_tree *s3_tree(const struct run *run, const struct location *where)
{
    struct lsmb_s3_put put = how_to_put(run);
    char *prefix = where->path[0] ? location_join(where->path, "") : strdup("");
    struct lsmb_tree *tree = NULL;

    if (prefix) {
        tree = lsmb_s3_tree(run->s3, where->share, prefix, &put);
    }
    free(prefix);
    return tree;
}

bool s3_lies_in(const struct location *inner, const struct location *outer)
{
    if (inner->kind != LOCATION_S3 || outer->kind != LOCATION_S3 ||
        strcmp(inner->share, outer->share) != 0) {
        return false;
    }
    size_t len = strlen(outer->path);
    return strncmp(inner->path, outer->path, len) == 0 &&
           (len == 0 || inner->path[len] == '\0' || inner->path[len] == '/');
}

/* Whether `path` is what a location shows as, or below it. */
static bool lies_in(const char *path, const struct location *where)
{
    char shown[sizeof((struct lsmb_error *)0)->path];
    size_t len = strlen(location_show(where, shown, sizeof shown));

    return where->kind == LOCATION_S3 && strncmp(path, shown, len) == 0 &&
           (path[len] == '\0' || path[len] == '/' || where->path[0] == '\0');
}

/* What looks like a pattern and is no key may have been meant as one. */
static void advise_pattern(struct lsmb_error *err, const struct location *from)
{
    if (from->path && strpbrk(from->path, "*?")) {
        (void)snprintf(err->advice, sizeof err->advice,
                       "a key is no pattern: -R with --include 'PATTERN' chooses below one");
    }
}

static const char not_found[] =
    "An error occurred (404) when calling the HeadObject operation: Not Found";

void s3_phrase(struct lsmb_error *err, const struct location *from, const struct location *to)
{
    char path[sizeof err->path], why[WHY_ROOM], text[sizeof path + sizeof why + 32];

    if (!location_names_s3(err->path) || err->code == LSMB_E_CANCELLED) {
        return;
    }
    bool upload = to->kind == LOCATION_S3 && (from->kind != LOCATION_S3 || lies_in(err->path, to));
    if (err->code == LSMB_E_USAGE) {
        err->code = LSMB_E_STATUS; /* as in s3_client() */
    }
    /* The Python tool looks at an object before it fetches it, and scripts know what it says then. */
    show_short(why, sizeof why, err->reason);
    if (!upload && strstr(err->reason, "(NoSuchKey)")) {
        show_short(why, sizeof why, not_found);
        advise_pattern(err, from);
    }
    bool cut = strlen(err->path) == sizeof err->path - 1; /* where it is said what went wrong */
    show_short(path, sizeof err->reason - strlen("Download failed: ... - ") - strlen(why),
               err->path);
    (void)snprintf(text, sizeof text, "%s failed: %s%s - %s", upload ? "Upload" : "Download", path,
                   cut ? "..." : "", why);
    show_short(err->reason, sizeof err->reason, text);
    err->step[0] = err->path[0] = '\0';
}
