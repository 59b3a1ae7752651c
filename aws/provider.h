/* provider.h: where credentials come from.
 *
 * Each place is an operation that ends well with credentials, or with none where it does not apply (nothing is said of
 * it, nobody is there); it fails where it applies and cannot give any, so that nobody becomes somebody else unawares.
 * The first place that applies is the one: AWS SDKs and Tools Reference Guide, "Standardized credential providers", in
 * the order of the AWS tools. */
#ifndef LSMB_AWS_PROVIDER_H
#define LSMB_AWS_PROVIDER_H

#include "aws/client.h"
#include "base/op.h"

/* The profiles that led to this one: it must not lead back to them. */
struct visited {
    const char *profile;
    const struct visited *before;
};

/* All borrowed until it has ended. */
struct provider_want {
    struct lsmb_s3 *s3;
    const char *profile;
    bool no_variables;             /* the environment does not count */
    const struct visited *visited; /* NULL: it is the first */
    const struct provider *const
        *places; /* provider_search's: to be tried in order, ended by NULL */
};

/* Begins the structure of each. */
struct provider_op {
    struct op op; /* first; a child's */
    struct provider_want want;
    struct credentials found;  /* owned; access_key NULL: it does not apply */
    const struct provider *by; /* whose they are */
    bool steady; /* its service keeps them alive while it cannot give new ones (an instance's) */
};

struct provider {
    const char *name; /* as the AWS tools have it: "assume-role" */
    size_t bytes;     /* of its structure */
    struct op_kind kind;
};

extern const struct provider provider_environment; /* AWS_ACCESS_KEY_ID ... */
extern const struct provider provider_role;        /* a profile's role_arn, by what leads there */
extern const struct provider provider_web_identity;
extern const struct provider provider_shared;  /* keys of the credentials file */
extern const struct provider provider_process; /* credential_process */
extern const struct provider provider_config;  /* keys of the config file */
extern const struct provider provider_sso;     /* never gives any: says what to do instead */
extern const struct provider provider_container;
extern const struct provider provider_instance;
extern const struct provider provider_search; /* want.places, in order */

/* What a profile may say of itself, in order: for one that another names as its source. */
extern const struct provider *const provider_of_profile[];

static inline struct provider_op *provider_of(struct op *op)
{
    return CONTAINER_OF(op, struct provider_op, op);
}

/* Begin as a child of `parent`.  NULL without memory. */
struct provider_op *provider_start(struct op *parent, const struct provider *provider,
                                   const struct provider_want *want);

/* Abort what runs, and free it with what it found; NULL is fine. */
void provider_free(struct provider_op *op);

/* ---------------------------------------------------------------- for the providers */

/* A variable, where they count; else a key of the profile.  NULL: neither is there.  Either name may be NULL. */
const char *provider_setting(const struct provider_op *p, const char *variable, const char *key);

/* Half a pair of keys is an error that names the other half. */
enum op_next provider_partial(struct provider_op *p, const char *missing);

/* The last step of one that found keys: they are copied.  Without `secret_key` it is provider_partial(); an empty `token`
 * is none. */
enum op_next provider_found(struct provider_op *p, const char *access_key, const char *secret_key,
                            const char *token, const char *missing);

/* Likewise, from an answer in JSON, in which the token is called `token_name`; it must hold both keys, and may say when
 * they expire. */
enum op_next provider_found_json(struct provider_op *p, const char *text, size_t len,
                                 const char *token_name);

/* It applies, and cannot give any: "Error when retrieving credentials from NAME: ...". */
enum op_next provider_fail(struct provider_op *p, const struct lsmb_error *why);

#endif
