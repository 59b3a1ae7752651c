#include "aws/imds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/secret.h"

enum { LIMIT_S_MAX = 60, ATTEMPTS_MAX = 20 };

/* A number as the environment or a profile has it; 1 where neither does, or it is none. */
static unsigned number(const struct settings *settings, const char *profile, const char *variable,
                       const char *key)
{
    const char *text = settings_env(settings, variable);

    if (!text) {
        text = settings_profile(settings, profile, key);
    }
    if (!text) {
        return 1;
    }
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    unsigned long most = strcmp(key, "metadata_service_timeout") == 0 ? LIMIT_S_MAX : ATTEMPTS_MAX;
    if (end == text || *end != '\0' || value == 0) {
        return 1;
    }
    return (unsigned)(value < most ? value : most);
}

bool imds_disabled(const struct lsmb_s3 *s3)
{
    const char *disabled = settings_env(&s3->settings, "AWS_EC2_METADATA_DISABLED");

    return disabled && strcasecmp(disabled, "true") == 0;
}

static const char *either(const struct settings *settings, const char *profile,
                          const char *variable, const char *key)
{
    const char *value = settings_env(settings, variable);

    return value ? value : settings_profile(settings, profile, key);
}

/* AWS_EC2_METADATA_SERVICE_ENDPOINT, else what the mode says. */
static const char *find_base(const struct settings *settings, const char *profile,
                             struct lsmb_error *err)
{
    const char *base = either(settings, profile, "AWS_EC2_METADATA_SERVICE_ENDPOINT",
                              "ec2_metadata_service_endpoint");

    if (base) {
        if (strncasecmp(base, "http://", 7) == 0 || strncasecmp(base, "https://", 8) == 0) {
            return base;
        }
        error_set(err, LSMB_E_USAGE, "AWS_EC2_METADATA_SERVICE_ENDPOINT \"%s\" is no URL", base);
        return NULL;
    }
    const char *mode = either(settings, profile, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
                              "ec2_metadata_service_endpoint_mode");
    if (!mode || strcasecmp(mode, "ipv4") == 0) {
        return "http://169.254.169.254";
    }
    if (strcasecmp(mode, "ipv6") == 0) {
        return "http://[fd00:ec2::254]";
    }
    error_set(err, LSMB_E_USAGE,
              "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is \"%s\": it can be IPv4 or IPv6", mode);
    return NULL;
}

bool imds_init(struct imds *imds, struct lsmb_s3 *s3, const char *profile, struct lsmb_error *err)
{
    const struct settings *settings = &s3->settings;
    const char *base = find_base(settings, profile, err);

    if (!base) {
        return false;
    }
    size_t len = strlen(base);
    while (len > 0 && base[len - 1] == '/') {
        len--;
    }
    if (len >= sizeof imds->base) {
        error_set(err, LSMB_E_USAGE, "AWS_EC2_METADATA_SERVICE_ENDPOINT is too long");
        return false;
    }
    memcpy(imds->base, base, len);
    imds->base[len] = '\0';
    imds->s3 = s3;
    imds->limit_ms = 1000 * number(settings, profile, "AWS_METADATA_SERVICE_TIMEOUT",
                                   "metadata_service_timeout");
    imds->attempts = number(settings, profile, "AWS_METADATA_SERVICE_NUM_ATTEMPTS",
                            "metadata_service_num_attempts");
    return true;
}

static void ask(struct imds *imds, struct op *parent, const char *method)
{
    struct fetch_want want = {.method = method,
                              .url = imds->url,
                              .headers = &imds->header,
                              .header_count = 1,
                              .limit_ms = imds->limit_ms,
                              .attempts = imds->attempts};

    (void)snprintf(imds->url, sizeof imds->url, "%s%s", imds->base, imds->path);
    fetch_start(&imds->fetch, parent, imds->s3, &want);
}

void imds_ask_token(struct imds *imds, struct op *parent)
{
    (void)snprintf(imds->path, sizeof imds->path, "/latest/api/token");
    imds->header = (struct pair){"x-aws-ec2-metadata-token-ttl-seconds", "21600"};
    ask(imds, parent, "PUT");
}

void imds_ask(struct imds *imds, struct op *parent, const char *path, const char *more)
{
    (void)snprintf(imds->path, sizeof imds->path, "%s%s", path, more);
    imds->header = (struct pair){"x-aws-ec2-metadata-token", imds->token};
    ask(imds, parent, "GET");
}

enum imds_said imds_answer(struct imds *imds)
{
    const struct fetch *f = &imds->fetch;

    if (!op_finished(&f->op)) {
        return IMDS_NOT_YET;
    }
    if (op_failed(&f->op)) {
        if (f->op.err.code == LSMB_E_NOMEM) {
            return IMDS_BROKEN;
        }
        log_line(&f->op.env->log, LSMB_LOG_DEBUG, "instance metadata: %s: %s", imds->url,
                 f->op.err.reason);
        return IMDS_NOTHING;
    }
    if (f->status != 200) {
        log_line(&f->op.env->log, LSMB_LOG_DEBUG, "instance metadata: %s: status %u", imds->url,
                 f->status);
        return IMDS_NOTHING;
    }
    return IMDS_SAID;
}

bool imds_take_token(struct imds *imds)
{
    const struct fetch *f = &imds->fetch;

    if (f->len == 0 || f->len >= sizeof imds->token) {
        return false;
    }
    for (size_t i = 0; i < f->len; i++) { /* it becomes a header */
        if (f->text[i] <= ' ' || f->text[i] > '~') {
            return false;
        }
    }
    memcpy(imds->token, f->text, f->len + 1);
    return true;
}

void imds_free(struct imds *imds)
{
    secret_erase(imds->token, sizeof imds->token);
    fetch_free(&imds->fetch);
}
