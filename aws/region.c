/* region.c: in which region a bucket is. */
#include "aws/region.h"

#include <stdlib.h>
#include <string.h>

struct found {
    struct list node; /* in s3->buckets */
    char region[REGION_ROOM];
    char bucket[]; /* ended by a 0 */
};

static struct found *find(const struct lsmb_s3 *s3, const char *bucket)
{
    LIST_EACH(node, &s3->buckets)
    {
        struct found *found = CONTAINER_OF(node, struct found, node);
        if (strcmp(found->bucket, bucket) == 0) {
            return found;
        }
    }
    return NULL;
}

const char *region_of(const struct lsmb_s3 *s3, const char *bucket)
{
    const struct found *found = bucket ? find(s3, bucket) : NULL;

    return found ? found->region : s3->settings.region;
}

/* It becomes part of a host name: letters, digits and '-' only. */
static bool take_name(char out[REGION_ROOM], const char *name)
{
    size_t len = name ? strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") : 0;

    out[0] = '\0';
    if (len == 0 || len >= REGION_ROOM || name[len] != '\0' || name[0] == '-') {
        return false;
    }
    memcpy(out, name, len + 1);
    return true;
}

bool region_learn(struct lsmb_s3 *s3, const char *bucket, const char *region)
{
    struct found *found = find(s3, bucket);
    char name[REGION_ROOM];

    if (!take_name(name, region)) {
        return false;
    }
    if (!found) {
        found = calloc(1, sizeof *found + strlen(bucket) + 1);
        if (!found) {
            return false;
        }
        memcpy(found->bucket, bucket, strlen(bucket) + 1);
        list_push_back(&s3->buckets, &found->node);
    }
    memcpy(found->region, name, sizeof name);
    return true;
}

bool region_may_differ(const struct aws_error *refused)
{
    return refused->status == 301 || refused->status == 307 ||
           (refused->status == 400 &&
            (strcmp(refused->code, "AuthorizationHeaderMalformed") == 0 ||
             strcmp(refused->code, "IllegalLocationConstraintException") == 0 ||
             strcmp(refused->code, "400") == 0)); /* HEAD has no words for it */
}

void region_said(char out[REGION_ROOM], const struct aws_error *refused, const char *header)
{
    if (!take_name(out, header)) {
        (void)take_name(out, refused->region);
    }
}

void regions_forget(struct lsmb_s3 *s3)
{
    for (struct list *node; (node = list_pop_front(&s3->buckets));) {
        free(CONTAINER_OF(node, struct found, node));
    }
}
