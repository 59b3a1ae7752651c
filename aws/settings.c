/* settings.c: what the environment and the shared files say. */
#include "aws/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/grow.h"
#include "base/error.h"
#include "base/options.h"

enum { ATTEMPTS_MAX = 1000, SECTION_ROOM = 320 };

static const char *get_system(void *arg, const char *name)
{
    (void)arg;
    return getenv(name);
}

const struct environment environment_system = {get_system, NULL};

const char *settings_env(const struct settings *settings, const char *name)
{
    const char *value = settings->env.get(settings->env.arg, name);

    return value && *value ? value : NULL;
}

/* ---------------------------------------------------------------- texts */

static bool no_memory(struct lsmb_error *err)
{
    error_set(err, LSMB_E_NOMEM, "no memory for the settings of AWS");
    return false;
}

/* A copy of `text`, or nothing of nothing. */
static bool keep(char **out, const char *text, struct lsmb_error *err)
{
    if (!text || !*text) {
        return true;
    }
    *out = strdup(text);
    return *out || no_memory(err);
}

/* "~/.aws/config" with what stands for `~`; other paths as they are.  The caller's to free. */
static char *whole_path(const struct settings *s, const char *path)
{
    struct grow out = {0};
    const char *home = settings_env(s, "HOME");

    if (home && path[0] == '~' && (path[1] == '/' || !path[1])) {
        grow_text(&out, home);
        path++;
    }
    grow_text(&out, path);
    return grow_take(&out);
}

static bool read_file(struct ini *ini, const struct settings *s, const char *variable,
                      const char *usual, struct lsmb_error *err)
{
    char *named = NULL;

    if (!keep(&named, settings_env(s, variable), err)) {
        return false;
    }
    char *path = whole_path(s, named ? named : usual);
    bool good = path ? ini_read(ini, path, err) : no_memory(err);
    free(path);
    free(named);
    return good;
}

/* ---------------------------------------------------------------- the profile */

/* What a profile is called in the config file, where only "default" may stand by itself.  False: too long for one. */
static bool section_name(char out[SECTION_ROOM], const char *profile)
{
    int len = snprintf(out, SECTION_ROOM, "profile %s", profile);

    return len > 0 && len < SECTION_ROOM;
}

static const char *config_value(const struct settings *s, const char *profile, const char *key)
{
    char section[SECTION_ROOM];
    const char *value = section_name(section, profile) ? ini_get(&s->config, section, key) : NULL;

    if (!value && strcmp(profile, "default") == 0) {
        value = ini_get(&s->config, "default", key);
    }
    return value;
}

const char *settings_profile(const struct settings *settings, const char *profile, const char *key)
{
    const char *value = ini_get(&settings->credentials, profile, key);

    return value ? value : config_value(settings, profile, key);
}

bool settings_has_profile(const struct settings *settings, const char *profile)
{
    char section[SECTION_ROOM];

    return ini_has(&settings->credentials, profile) ||
           (section_name(section, profile) && ini_has(&settings->config, section)) ||
           (strcmp(profile, "default") == 0 && ini_has(&settings->config, "default"));
}

/* Which one counts: `asked` is the caller's wish, or NULL.  One that is asked for in any way has to be there, but for
 * "default", which callers name without a thought. */
static bool choose_profile(struct settings *s, const char *asked, struct lsmb_error *err)
{
    const char *name = asked && *asked ? asked : NULL;
    bool explicit = name != NULL;

    if (!name) {
        name = settings_env(s, "AWS_DEFAULT_PROFILE"); /* which botocore asks first, too */
    }
    if (!name) {
        name = settings_env(s, "AWS_PROFILE");
    }
    if (!keep(&s->profile, name ? name : "default", err)) {
        return false;
    }
    bool there = settings_has_profile(s, s->profile);
    if (!there && strcmp(s->profile, "default") != 0) {
        error_set(err, LSMB_E_USAGE, "The config profile (%s) could not be found", s->profile);
        error_advise(err,
                     "check its name in ~/.aws/config and ~/.aws/credentials, or AWS_CONFIG_FILE "
                     "and AWS_SHARED_CREDENTIALS_FILE");
        return false;
    }
    s->profile_explicit = explicit && there;
    return true;
}

/* ---------------------------------------------------------------- single settings */

/* A variable, or else a key of the profile that is used; NULL: neither is there.  Either may be NULL. */
static const char *find(const struct settings *s, const char *variable, const char *key)
{
    const char *value = variable ? settings_env(s, variable) : NULL;

    if (!value && key) {
        value = settings_profile(s, s->profile, key);
    }
    return value && *value ? value : NULL;
}

static bool is_true(const char *value)
{
    return value && strcasecmp(value, "true") == 0;
}

/* What the user said makes no sense. */
static bool unsupported(struct lsmb_error *err, const char *key, const char *valid,
                        const char *value)
{
    error_set(err, LSMB_E_USAGE, "Unsupported configuration value for %s. Expected %s but got %s",
              key, valid, value);
    return false;
}

/* "when_supported", which is the default, or "when_required". */
static bool read_when(bool *when_required, const struct settings *s, const char *variable,
                      const char *key, struct lsmb_error *err)
{
    const char *value = find(s, variable, key);

    *when_required = value && strcasecmp(value, "when_required") == 0;
    if (value && !*when_required && strcasecmp(value, "when_supported") != 0) {
        return unsupported(err, key, "one of when_supported, when_required", value);
    }
    return true;
}

static bool read_attempts(struct settings *s, struct lsmb_error *err)
{
    const char *value = find(s, "AWS_MAX_ATTEMPTS", "max_attempts");
    char *end;

    if (!value) {
        return true;
    }
    long n = strtol(value, &end, 10);
    if (*end || n < 1 || n > ATTEMPTS_MAX) {
        return unsupported(err, "max_attempts", "a number from 1 to 1000", value);
    }
    s->attempts = (unsigned)n;
    return true;
}

static bool read_addressing(struct settings *s, struct lsmb_error *err)
{
    const char *value = find(s, NULL, "s3.addressing_style");

    s->addressing = ADDRESS_AUTO;
    if (value && strcmp(value, "path") == 0) {
        s->addressing = ADDRESS_PATH;
    } else if (value && strcmp(value, "virtual") == 0) {
        s->addressing = ADDRESS_VIRTUAL;
    } else if (value && strcmp(value, "auto") != 0) {
        return unsupported(err, "addressing_style", "one of auto, path, virtual", value);
    }
    return true;
}

static void read_switches(struct settings *s)
{
    const char *payload = find(s, NULL, "s3.payload_signing_enabled");

    s->payload = !payload ? PAYLOAD_AUTO : is_true(payload) ? PAYLOAD_SIGNED : PAYLOAD_UNSIGNED;
    s->fips = is_true(find(s, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"));
    s->dual_stack = is_true(find(s, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint"));
    s->dual_stack_s3 = s->dual_stack || is_true(find(s, NULL, "s3.use_dualstack_endpoint"));
    s->ignore_endpoints =
        is_true(find(s, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls"));
}

/* As the AWS tools have it, and where those have nothing, as its SDKs have it. */
static bool read_region(struct settings *s, const char *asked, struct lsmb_error *err)
{
    const char *region = asked && *asked ? asked : settings_env(s, "AWS_DEFAULT_REGION");

    return keep(&s->region, region ? region : find(s, "AWS_REGION", "region"), err);
}

static bool read_ca_bundle(struct settings *s, struct lsmb_error *err)
{
    const char *bundle = find(s, "AWS_CA_BUNDLE", "ca_bundle");

    return keep(&s->ca_bundle, bundle ? bundle : settings_env(s, "REQUESTS_CA_BUNDLE"), err);
}

/* ---------------------------------------------------------------- all of it */

static bool read_all(struct settings *s, const struct lsmb_s3_options *opt, struct lsmb_error *err)
{
    if (!read_file(&s->config, s, "AWS_CONFIG_FILE", "~/.aws/config", err) ||
        !read_file(&s->credentials, s, "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials", err) ||
        !choose_profile(s, opt->profile, err) || !read_region(s, opt->region, err) ||
        !keep(&s->endpoint, opt->endpoint, err) || !read_ca_bundle(s, err)) {
        return false;
    }
    read_switches(s);
    return read_addressing(s, err) && read_attempts(s, err) &&
           read_when(&s->checksums_when_required, s, "AWS_REQUEST_CHECKSUM_CALCULATION",
                     "request_checksum_calculation", err) &&
           read_when(&s->verify_when_required, s, "AWS_RESPONSE_CHECKSUM_VALIDATION",
                     "response_checksum_validation", err);
}

bool settings_read(struct settings *out, const struct lsmb_s3_options *opt,
                   const struct environment *env, struct lsmb_error *err)
{
    struct lsmb_s3_options mine;

    options_take(&mine, sizeof mine, opt, opt ? opt->size : 0);
    *out = (struct settings){.env = *env};
    ini_init(&out->config);
    ini_init(&out->credentials);
    if (!read_all(out, &mine, err)) {
        settings_free(out);
        return false;
    }
    return true;
}

void settings_free(struct settings *settings)
{
    ini_free(&settings->config);
    ini_free(&settings->credentials);
    free(settings->profile);
    free(settings->region);
    free(settings->endpoint);
    free(settings->ca_bundle);
    *settings = (struct settings){0};
}
