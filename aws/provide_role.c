/* provide_role.c: a profile that is a role, and what leads to it: another profile (source_profile), which may be a role
 * itself, or what this machine has (credential_source).
 * AWS SDKs and Tools Reference Guide, "Assume role credential provider". */
#include <stdlib.h>
#include <string.h>

#include "aws/provider.h"
#include "aws/sts.h"

enum { ROLES_MAX = 16 }; /* one behind the other */

struct role_op {
    struct provider_op base; /* first */
    struct visited visited;  /* this profile and those before it */
    struct provider_op *source;
    struct sts sts;
};

enum { ST_LOOK, ST_SOURCE, ST_ANSWER };

static struct role_op *role_of(struct op *op)
{
    return CONTAINER_OF(op, struct role_op, base.op);
}

static const char *key_of(const struct role_op *r, const char *profile, const char *key)
{
    const char *value = settings_profile(&r->base.want.s3->settings, profile, key);

    return value && value[0] != '\0' ? value : NULL;
}

static bool has_keys(const struct role_op *r, const char *profile)
{
    return key_of(r, profile, "aws_access_key_id") || key_of(r, profile, "aws_secret_access_key");
}

/* With a web identity it is that provider's. */
static bool is_role(const struct role_op *r, const char *profile)
{
    return key_of(r, profile, "role_arn") && !key_of(r, profile, "web_identity_token_file");
}

/* Whether `profile` is among those that led here, and how many they are. */
static bool led_here(const struct role_op *r, const char *profile, unsigned *count)
{
    bool found = false;

    *count = 0;
    for (const struct visited *v = &r->visited; v; v = v->before) {
        found |= strcmp(v->profile, profile) == 0;
        ++*count;
    }
    return found;
}

/* A profile may name itself, where it has the keys to assume its own role. */
static enum op_next check_source(struct role_op *r, const char *source)
{
    struct op *op = &r->base.op;
    const char *profile = r->base.want.profile;
    unsigned count;

    if (!settings_has_profile(&r->base.want.s3->settings, source)) {
        return op_fail(op, LSMB_E_USAGE,
                       "The source_profile \"%s\" referenced in the profile \"%s\" does not exist.",
                       source, profile);
    }
    bool loop = led_here(r, source, &count);
    if (loop && !(strcmp(source, profile) == 0 && has_keys(r, source))) {
        return op_fail(op, LSMB_E_USAGE,
                       "Infinite loop in credential configuration detected: profile \"%s\" leads "
                       "to \"%s\", which leads to it",
                       profile, source);
    }
    if (count >= ROLES_MAX) {
        return op_fail(op, LSMB_E_USAGE, "more than %d profiles lead to one another", ROLES_MAX);
    }
    return OP_AGAIN;
}

static enum op_next start_source(struct role_op *r, const struct provider *provider,
                                 const struct provider_want *want)
{
    r->source = provider_start(&r->base.op, provider, want);
    if (!r->source) {
        return op_fail(&r->base.op, LSMB_E_NOMEM, "no memory to look for credentials");
    }
    return op_go(&r->base.op, ST_SOURCE);
}

static enum op_next start_profile(struct role_op *r, const char *source)
{
    enum op_next next = check_source(r, source);

    if (next != OP_AGAIN) {
        return next;
    }
    struct provider_want want = {.s3 = r->base.want.s3,
                                 .profile = source,
                                 .no_variables = true,
                                 .visited = &r->visited,
                                 .places = provider_of_profile};
    bool role = is_role(r, source) && !has_keys(r, source);
    return start_source(r, role ? &provider_role : &provider_search, &want);
}

static enum op_next start_credential_source(struct role_op *r, const char *source)
{
    static const struct {
        const char *name;
        const struct provider *provider;
    } sources[] = {{"Environment", &provider_environment},
                   {"Ec2InstanceMetadata", &provider_instance},
                   {"EcsContainer", &provider_container}};
    struct provider_want want = r->base.want;

    want.no_variables = false; /* they are what is asked for */
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        if (strcmp(source, sources[i].name) == 0) {
            return start_source(r, sources[i].provider, &want);
        }
    }
    return op_fail(&r->base.op, LSMB_E_USAGE,
                   "The credential_source \"%s\" of the profile \"%s\" is none of Environment, "
                   "Ec2InstanceMetadata, EcsContainer",
                   source, r->base.want.profile);
}

static enum op_next look(struct op *op)
{
    struct role_op *r = role_of(op);
    const char *profile = r->base.want.profile;

    r->visited = (struct visited){profile, r->base.want.visited};
    if (!is_role(r, profile)) {
        return OP_DONE;
    }
    if (key_of(r, profile, "mfa_serial")) {
        (void)op_fail(op, LSMB_E_AUTH,
                      "the role of profile \"%s\" asks for a code of somebody's device "
                      "(mfa_serial), and there is nobody to ask",
                      profile);
        error_advise(&op->err,
                     "set the variables that 'aws configure export-credentials --profile "
                     "%s --format env' prints",
                     profile);
        return OP_FAIL;
    }
    const char *source = key_of(r, profile, "source_profile");
    const char *machine = key_of(r, profile, "credential_source");
    if (source && machine) {
        return op_fail(op, LSMB_E_USAGE,
                       "The profile \"%s\" contains both source_profile and credential_source.",
                       profile);
    }
    if (source) {
        return start_profile(r, source);
    }
    if (machine) {
        return start_credential_source(r, machine);
    }
    return op_fail(op, LSMB_E_USAGE,
                   "Partial credentials found in assume-role, missing: source_profile or "
                   "credential_source (profile \"%s\")",
                   profile);
}

/* Whatever else the profile says of the role. */
static enum op_next assume(struct role_op *r)
{
    const char *profile = r->base.want.profile;
    const char *duration = key_of(r, profile, "duration_seconds");
    const char *external_id = key_of(r, profile, "external_id");
    struct sts_want want = {.action = "AssumeRole",
                            .role_arn = key_of(r, profile, "role_arn"),
                            .session = key_of(r, profile, "role_session_name"),
                            .as = &r->source->found};

    if (duration && strspn(duration, "0123456789") != strlen(duration)) {
        return op_fail(&r->base.op, LSMB_E_USAGE,
                       "duration_seconds of the profile \"%s\" is no number", profile);
    }
    if (duration) {
        want.more[want.more_count++] = (struct pair){"DurationSeconds", duration};
    }
    if (external_id) {
        want.more[want.more_count++] = (struct pair){"ExternalId", external_id};
    }
    if (!sts_start(&r->sts, &r->base.op, r->base.want.s3, &want)) {
        return op_fail(&r->base.op, LSMB_E_NOMEM, "no memory to ask for a role");
    }
    return op_go(&r->base.op, ST_ANSWER);
}

static enum op_next take_source(struct op *op)
{
    struct role_op *r = role_of(op);
    enum op_next next = op_await(op, &r->source->op);

    if (next != OP_AGAIN) {
        return next;
    }
    if (!r->source->found.access_key) {
        const char *source = key_of(r, r->base.want.profile, "source_profile");
        return op_fail(op, LSMB_E_AUTH,
                       source ? "The source profile \"%s\" must have credentials."
                              : "No credentials found in credential_source \"%s\"",
                       source ? source : r->source->by->name);
    }
    return assume(r);
}

static enum op_next take_answer(struct op *op)
{
    struct role_op *r = role_of(op);
    enum op_next next = op_await(op, &r->sts.call.op);
    struct lsmb_error err;

    if (next != OP_AGAIN) {
        return next;
    }
    if (!sts_take(&r->sts, &r->base.found, &err)) {
        return provider_fail(&r->base, &err);
    }
    return OP_DONE;
}

static void release(struct op *op)
{
    struct role_op *r = role_of(op);

    sts_free(&r->sts);
    provider_free(r->source);
    r->source = NULL;
}

static const struct op_step steps[] = {
    [ST_LOOK] = {"assume the role", look, 0},
    [ST_SOURCE] = {"assume the role", take_source, 0},
    [ST_ANSWER] = {"assume the role", take_answer, 0},
};

const struct provider provider_role = {
    "assume-role", sizeof(struct role_op), {"role of a profile", steps, release}};

const struct provider *const provider_of_profile[] = {&provider_web_identity, &provider_shared,
                                                      &provider_process,      &provider_config,
                                                      &provider_sso,          NULL};
