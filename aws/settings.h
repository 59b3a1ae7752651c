/* settings.h: what the environment and the shared files of the AWS tools say: profile, region, endpoints.
 * AWS SDKs and Tools Reference Guide, "Shared config and credentials files". */
#ifndef LSMB_AWS_SETTINGS_H
#define LSMB_AWS_SETTINGS_H

#include "aws/ini.h"
#include "lsmb_s3.h"

enum service { SERVICE_S3, SERVICE_DYNAMODB, SERVICE_SSM, SERVICE_SECRETS, SERVICE_STS, SERVICES };

/* Where variables come from; tests bring their own. */
struct environment {
    const char *(*get)(void *arg,
                       const char *name); /* NULL: not set; the value is good until the next call */
    void *arg;
};
extern const struct environment environment_system;

enum addressing { ADDRESS_AUTO, ADDRESS_PATH, ADDRESS_VIRTUAL };

enum payload_signing {
    PAYLOAD_AUTO,
    PAYLOAD_SIGNED,
    PAYLOAD_UNSIGNED
}; /* AUTO: over http, not over https */

/* All strings are owned; NULL: nothing is said. */
struct settings {
    struct environment env;
    struct ini config, credentials; /* empty where there is no file */
    char *profile;                  /* that is used; it need not have a section */
    bool profile_explicit; /* it was asked for and is there: keys in the environment do not count */
    char *region;
    char *endpoint; /* of lsmb_s3_options: of all services */
    char *ca_bundle;
    bool ignore_endpoints, fips;
    bool dual_stack, dual_stack_s3; /* of all services; of S3 */
    enum addressing addressing;
    enum payload_signing payload;
    bool checksums_when_required; /* request_checksum_calculation */
    bool verify_when_required;    /* response_checksum_validation */
    unsigned attempts;            /* 0: not said */
};

/* False with `err` filled in. */
bool settings_read(struct settings *out, const struct lsmb_s3_options *opt,
                   const struct environment *env, struct lsmb_error *err);
void settings_free(struct settings *settings);

/* A variable that is set and not empty; else NULL. */
const char *settings_env(const struct settings *settings, const char *name);

/* A key of a profile: of the credentials file, else of the config file; NULL: neither has it. */
const char *settings_profile(const struct settings *settings, const char *profile, const char *key);

/* Whether either file has such a profile. */
bool settings_has_profile(const struct settings *settings, const char *profile);

/* ---------------------------------------------------------------- endpoints */

enum { AUTHORITY_ROOM = 300 };

/* Where requests go. */
struct endpoint {
    bool https;
    /* Host, with the port where it is not the usual one: what Host says and is signed. */
    char authority[AUTHORITY_ROOM];
    char path[128];      /* of a custom endpoint, without the last '/'; "" usually */
    bool bucket_in_path; /* path style */
    char service[24];    /* as it is signed: "s3", "secretsmanager" */
};

/* Whether requests for it go to an endpoint of somebody's own, which is not one of AWS's. */
bool endpoint_is_foreign(const struct settings *settings, enum service service);

/* For a service in `region`; `bucket` may be NULL.  False with `err` filled in: no region, an endpoint that is no URL, a
 * bucket name that cannot be one, FIPS together with an endpoint of somebody's own. */
bool endpoint_find(struct endpoint *out, const struct settings *settings, enum service service,
                   const char *region, const char *bucket, struct lsmb_error *err);

#endif
