/* endpoint.c: where requests go.  AWS SDKs and Tools Reference Guide, "Service-specific endpoints"; Amazon S3 User Guide,
 * "Virtual hosting of buckets". */
#include "aws/settings.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"

enum { BUCKET_MAX = 255, LABEL_MIN = 3, LABEL_MAX = 63, HOST_MAX = 253, SECTION_ROOM = 320 };

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define SMALL   "abcdefghijklmnopqrstuvwxyz"
#define DIGITS  "0123456789"

/* A service, as hosts, variables and files name it. */
static const struct names {
    const char *host, *variable, *key;
} services[SERVICES] = {
    [SERVICE_S3] = {"s3", "AWS_ENDPOINT_URL_S3", "s3.endpoint_url"},
    [SERVICE_DYNAMODB] = {"dynamodb", "AWS_ENDPOINT_URL_DYNAMODB", "dynamodb.endpoint_url"},
    [SERVICE_SSM] = {"ssm", "AWS_ENDPOINT_URL_SSM", "ssm.endpoint_url"},
    [SERVICE_SECRETS] = {"secretsmanager", "AWS_ENDPOINT_URL_SECRETS_MANAGER",
                         "secrets_manager.endpoint_url"},
    [SERVICE_STS] = {"sts", "AWS_ENDPOINT_URL_STS", "sts.endpoint_url"},
};

/* ---------------------------------------------------------------- AWS's own */

enum place { ELSEWHERE, CHINA, GOVERNMENT, COMMERCE };

struct partition {
    const char *prefix; /* of its regions */
    const char *suffix, *dual_stack;
    enum place place;
};

static const struct partition partitions[] = {
    {"cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn", CHINA},
    {"us-gov-", "amazonaws.com", "api.aws", GOVERNMENT},
    {"us-iso-", "c2s.ic.gov", "api.aws.ic.gov", ELSEWHERE},
    {"us-isob-", "sc2s.sgov.gov", "api.aws.scloud", ELSEWHERE},
    {"eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", ELSEWHERE},
    {"us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov", ELSEWHERE},
    {"eusc-", "amazonaws.eu", "api.amazonwebservices.eu", ELSEWHERE},
    {"", "amazonaws.com", "api.aws", COMMERCE}, /* the others */
};

static const struct partition *partition_of(const char *region)
{
    const struct partition *p = partitions;

    while (strncmp(region, p->prefix, strlen(p->prefix)) != 0) {
        p++;
    }
    return p;
}

static bool is_region(const char *region)
{
    size_t len = strlen(region);

    return len <= LABEL_MAX && strspn(region, LETTERS DIGITS "-") == len && region[0] != '-' &&
           region[len - 1] != '-' && strspn(region, DIGITS) < len;
}

/* Have the usual names of a service addresses of both kinds? */
static bool is_both_by_itself(enum service service, enum place place, bool fips)
{
    return service == SERVICE_S3 ||
           (service == SERVICE_SECRETS && place != ELSEWHERE && !(fips && place == CHINA));
}

static bool usual_host(char out[AUTHORITY_ROOM], const struct settings *s, enum service service,
                       const char *region, struct lsmb_error *err)
{
    const struct partition *p = partition_of(region);
    bool s3 = service == SERVICE_S3, both = s3 ? s->dual_stack_s3 : s->dual_stack;
    /* There, those of some services keep to it without saying so. */
    bool silent = p->place == GOVERNMENT && !both && !s3 && service != SERVICE_SECRETS;

    if (s->fips && s3 && p->place == CHINA) {
        error_set(err, LSMB_E_POLICY, "Partition does not support FIPS");
        return false;
    }
    (void)snprintf(out, AUTHORITY_ROOM, "%s%s%s.%s.%s", services[service].host,
                   s->fips && !silent ? "-fips" : "", s3 && both ? ".dualstack" : "", region,
                   both && !is_both_by_itself(service, p->place, s->fips) ? p->dual_stack
                                                                          : p->suffix);
    return true;
}

/* ---------------------------------------------------------------- somebody's own */

/* Of the section that the profile names: [services x]. */
static bool services_url(const char **url, const struct settings *s, const char *key,
                         struct lsmb_error *err)
{
    const char *name = settings_profile(s, s->profile, "services");
    char section[SECTION_ROOM];

    if (!name) {
        return true;
    }
    int len = snprintf(section, sizeof section, "services %s", name);
    if (len < 0 || len >= SECTION_ROOM || !ini_has(&s->config, section)) {
        error_set(err, LSMB_E_USAGE,
                  "The profile is configured to use the services section but the \"%s\" services "
                  "configuration does not exist.",
                  name);
        return false;
    }
    *url = ini_get(&s->config, section, key);
    return true;
}

/* `*url` NULL: nobody has said one. */
static bool custom_url(const char **url, const struct settings *s, enum service service,
                       struct lsmb_error *err)
{
    *url = s->endpoint;
    if (*url || s->ignore_endpoints) {
        return true;
    }
    *url = settings_env(s, services[service].variable);
    if (!*url) {
        *url = settings_env(s, "AWS_ENDPOINT_URL");
    }
    if (!*url && !services_url(url, s, services[service].key, err)) {
        return false;
    }
    if (!*url) {
        *url = settings_profile(s, s->profile, "endpoint_url");
    }
    if (*url && !**url) {
        *url = NULL;
    }
    return true;
}

bool endpoint_is_foreign(const struct settings *settings, enum service service)
{
    const char *url = NULL;
    struct lsmb_error err;

    return custom_url(&url, settings, service, &err) && url && !strcasestr(url, ".amazonaws.com");
}

static bool is_port(const char *text, size_t len)
{
    return len > 0 && len <= 5 && strspn(text, DIGITS) >= len && strtoul(text, NULL, 10) > 0 &&
           strtoul(text, NULL, 10) <= UINT16_MAX;
}

/* How many bytes of an authority its host has; 0: it is none. */
static size_t host_len(const char *text, size_t len)
{
    size_t n = *text == '[' ? strspn(text + 1, DIGITS "abcdefABCDEF:.") + 2
                            : strspn(text, LETTERS DIGITS "-._");

    return n <= len && n <= HOST_MAX && (*text != '[' || text[n - 1] == ']') ? n : 0;
}

/* host, host:port, [address]:port; the usual port is left away. */
static bool take_authority(struct endpoint *out, const char *text, size_t len)
{
    size_t host = host_len(text, len);
    const char *port = text + host + 1;
    bool has_port = len > host;

    if (host == 0 || (has_port && (text[host] != ':' || !is_port(port, len - host - 1)))) {
        return false;
    }
    if (has_port && strtoul(port, NULL, 10) == (out->https ? 443 : 80)) {
        len = host;
    }
    memcpy(out->authority, text, len);
    out->authority[len] = '\0';
    return true;
}

/* What requests begin with; the last '/' is theirs. */
static bool take_path(struct endpoint *out, const char *text)
{
    size_t len = strlen(text);

    while (len > 0 && text[len - 1] == '/') {
        len--;
    }
    if (len >= sizeof out->path || strspn(text, LETTERS DIGITS "-._~%/!$&'()*+,;=:@") < len) {
        return false;
    }
    memcpy(out->path, text, len);
    out->path[len] = '\0';
    return true;
}

/* What stands behind the scheme; NULL: it is neither of the two. */
static const char *skip_scheme(const char *url, bool *https)
{
    *https = strncasecmp(url, "https://", 8) == 0;
    if (*https) {
        return url + 8;
    }
    return strncasecmp(url, "http://", 7) == 0 ? url + 7 : NULL;
}

static bool take_url(struct endpoint *out, const char *url, struct lsmb_error *err)
{
    const char *authority = skip_scheme(url, &out->https);
    size_t len = authority ? strcspn(authority, "/") : 0;

    if (!authority || !take_authority(out, authority, len) || !take_path(out, authority + len)) {
        error_set(err, LSMB_E_USAGE, "Invalid endpoint: %s", url);
        error_advise(err, "write it as https://host or http://host:port");
        return false;
    }
    return true;
}

/* ---------------------------------------------------------------- buckets */

static bool is_ipv4(const char *text)
{
    struct in_addr address;

    return inet_pton(AF_INET, text, &address) == 1;
}

/* What S3 has ever taken; the rest of the API's names (ARNs) stand for other things than buckets. */
static bool is_bucket(const char *bucket)
{
    size_t len = strlen(bucket);

    return len > 0 && len <= BUCKET_MAX && strspn(bucket, LETTERS DIGITS "-._") == len;
}

/* Can it be part of a host's name?  With dots only where no certificate has to be for it. */
static bool is_hostable(const char *bucket, bool https)
{
    size_t len = strlen(bucket);

    return len >= LABEL_MIN && len <= LABEL_MAX && strspn(bucket, SMALL DIGITS "-.") == len &&
           !(https && strchr(bucket, '.')) && strspn(bucket, "-.") == 0 &&
           !strchr("-.", bucket[len - 1]) && !strstr(bucket, "..") && !strstr(bucket, ".-") &&
           !strstr(bucket, "-.") && !is_ipv4(bucket);
}

/* Where the bucket goes: before the host or into the path. */
static bool place_bucket(struct endpoint *out, const struct settings *s, const char *bucket,
                         bool custom, struct lsmb_error *err)
{
    char host[sizeof out->authority];

    if (!is_bucket(bucket)) {
        error_set(err, LSMB_E_USAGE,
                  "Invalid bucket name \"%s\": Bucket name must match the regex "
                  "\"^[a-zA-Z0-9.\\-_]{1,255}$\"",
                  bucket);
        return false;
    }
    memcpy(host, out->authority, sizeof host);
    bool numeric = host[0] == '[' || strspn(host, DIGITS ".:") == strlen(host);
    out->bucket_in_path = s->addressing == ADDRESS_PATH || !is_hostable(bucket, out->https) ||
                          (custom && (numeric || s->addressing != ADDRESS_VIRTUAL));
    if (out->bucket_in_path) {
        return true;
    }
    int len = snprintf(out->authority, sizeof out->authority, "%s.%s", bucket, host);
    if (len < 0 || (size_t)len >= sizeof out->authority) {
        error_set(err, LSMB_E_USAGE, "Invalid endpoint: %s is too long", host);
        return false;
    }
    return true;
}

/* ---------------------------------------------------------------- all of it */

static bool check_region(const char *region, struct lsmb_error *err)
{
    if (!region || !*region) {
        error_set(err, LSMB_E_USAGE, "You must specify a region.");
        error_advise(err, "set AWS_DEFAULT_REGION, or `region` in the profile");
        return false;
    }
    if (!is_region(region)) {
        error_set(err, LSMB_E_USAGE, "Provided region_name '%s' doesn't match a supported format.",
                  region);
        return false;
    }
    return true;
}

bool endpoint_find(struct endpoint *out, const struct settings *settings, enum service service,
                   const char *region, const char *bucket, struct lsmb_error *err)
{
    const char *url;

    *out = (struct endpoint){.https = true};
    memcpy(out->service, services[service].host, strlen(services[service].host));
    if (!check_region(region, err) || !custom_url(&url, settings, service, err)) {
        return false;
    }
    if (url && settings->fips) {
        error_set(err, LSMB_E_POLICY,
                  "Invalid Configuration: FIPS and custom endpoint are not supported");
        return false;
    }
    if (url && !take_url(out, url, err)) {
        return false;
    }
    if (!url && !usual_host(out->authority, settings, service, region, err)) {
        return false;
    }
    return !bucket || place_bucket(out, settings, bucket, url != NULL, err);
}
