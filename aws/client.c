/* client.c: the client: its settings, credentials and connections, from lsmb_s3_new() to lsmb_s3_free(). */
#include "aws/client.h"

#include <stdlib.h>

#include "aws/http.h"
#include "aws/region.h"
#include "aws/retry.h"
#include "base/error.h"
#include "base/options.h"

enum {
    CONNECTIONS_DEFAULT = 16,
    CONNECTIONS_MAX = 256,
    GROW_AFTER = 10, /* answers that went well */
};

/* Where the certificates are that are trusted; NULL: where libcurl was told to look when it was built.  AWS's own
 * words win over OpenSSL's, which libcurl does not look at. */
static const char *find_ca_bundle(const struct settings *settings)
{
    const char *file = settings->ca_bundle;

    file = file ? file : settings_env(settings, "SSL_CERT_FILE");
    return file ? file : settings_env(settings, "SSL_CERT_DIR");
}

static void free_parts(struct lsmb_s3 *s3)
{
    credential_chain_free(s3->credentials);
    http_free(s3->http);
    regions_forget(s3);
    settings_free(&s3->settings);
    host_free(&s3->host);
    free(s3);
}

static void gone(void *arg)
{
    free_parts(arg); /* the bond goes by itself */
}

static bool set_up(struct lsmb_s3 *s3, const struct lsmb_s3_options *opt,
                   const struct environment *env, struct lsmb_error *err)
{
    if (!settings_read(&s3->settings, opt, env, err)) {
        s3->settings = (struct settings){0};
        return false;
    }
    struct http_options http = {.connections = s3->connections,
                                .ca_bundle = find_ca_bundle(&s3->settings)};
    s3->http = http_new(&s3->host, &http, err);
    if (!s3->http) {
        return false;
    }
    s3->credentials = credential_chain_new(s3);
    s3->bond = s3->credentials ? lsmb_bind(s3->smb, gone, s3) : NULL;
    if (!s3->bond) {
        error_set(err, LSMB_E_NOMEM, "no memory for a client of AWS");
    }
    return s3->bond != NULL;
}

/* All that are on their way are refused at the same time: that counts once. */
void s3_slow_down(struct lsmb_s3 *s3)
{
    uint64_t now = env_now(&s3->host.env);

    s3->went_well = 0;
    if (s3->slowed_ns == 0 || now - s3->slowed_ns >= NS_PER_S) {
        s3->slowed_ns = now;
        s3->concurrency = s3->concurrency > 1 ? s3->concurrency / 2 : 1;
    }
}

void s3_went_well(struct lsmb_s3 *s3)
{
    if (s3->concurrency < s3->concurrency_max && ++s3->went_well >= GROW_AFTER) {
        s3->went_well = 0;
        s3->concurrency++;
    }
}

static unsigned connections_of(const struct lsmb_s3_options *opt)
{
    if (opt->connections == 0) {
        return CONNECTIONS_DEFAULT;
    }
    return opt->connections < CONNECTIONS_MAX ? opt->connections : CONNECTIONS_MAX;
}

struct lsmb_s3 *s3_new_in(struct lsmb *smb, const struct lsmb_s3_options *opt,
                          const struct environment *env, struct lsmb_error *err)
{
    struct lsmb_s3_options mine;
    struct lsmb_s3 *s3 = calloc(1, sizeof *s3);

    options_take(&mine, sizeof mine, opt, opt ? opt->size : 0);
    if (!s3 || !host_init(&s3->host, smb)) {
        free(s3);
        error_set(err, LSMB_E_NOMEM, "no memory for a client of AWS");
        return NULL;
    }
    s3->smb = smb;
    if (mine.silence_ms > 0) {
        s3->host.env.silence_ms = mine.silence_ms;
    }
    s3->connections = connections_of(&mine);
    /* One half for each way. */
    s3->concurrency = s3->concurrency_max = (s3->connections + 1) / 2;
    s3->retry_tokens = RETRY_TOKENS;
    list_init(&s3->buckets);
    if (!set_up(s3, &mine, env, err)) {
        free_parts(s3);
        return NULL;
    }
    return s3;
}

struct lsmb_s3 *lsmb_s3_new(struct lsmb *smb, const struct lsmb_s3_options *opt,
                            struct lsmb_error *err)
{
    return s3_new_in(smb, opt, &environment_system, err);
}

void lsmb_s3_free(struct lsmb_s3 *s3)
{
    if (s3) {
        lsmb_unbind(s3->bond);
        free_parts(s3);
    }
}
