#include "aws/sts.h"

#include <stdio.h>
#include <string.h>

#include "aws/iso_time.h"
#include "aws/small_file.h"
#include "aws/xml.h"

enum { PARAMETERS_OF_ALL = 4 };

bool sts_start(struct sts *sts, struct op *parent, struct lsmb_s3 *s3, const struct sts_want *want)
{
    char session[STS_SESSION_ROOM];
    struct pair form[PARAMETERS_OF_ALL + STS_PARAMETERS] = {
        {"Action", want->action}, {"Version", "2011-06-15"}, {"RoleArn", want->role_arn}};
    size_t count = PARAMETERS_OF_ALL;

    (void)snprintf(
        session, sizeof session, "lava-smb-%llu",
        (unsigned long long)(parent->env->clock->unix_ns(parent->env->clock) / NS_PER_S));
    form[3] = (struct pair){"RoleSessionName", want->session ? want->session : session};
    for (size_t i = 0; i < want->more_count; i++) {
        form[count++] = want->more[i];
    }
    sts->body = uri_query(form, count); /* a form is encoded as a query is */
    if (!sts->body) {
        return false;
    }
    sts->piece = span_of(sts->body);
    struct call_want call = {
        .service = SERVICE_STS,
        .operation = want->action,
        .method = "POST",
        .headers = {{"content-type", "application/x-www-form-urlencoded; charset=utf-8"}},
        .header_count = 1,
        .body = &sts->piece,
        .body_count = 1,
        .unsigned_call = !want->as,
        .as = want->as,
    };
    call_start(&sts->call, parent, s3, &call, NULL);
    return true;
}

/* What is looked for in an answer. */
struct reading {
    struct credentials *out;
    bool no_memory, no_time;
};

static bool ends_with(const char *path, const char *end)
{
    size_t path_len = strlen(path), end_len = strlen(end);

    return path_len >= end_len && strcmp(path + path_len - end_len, end) == 0;
}

/* The documents of the two actions differ in the names above. */
static bool take_element(void *arg, const char *path, const char *text)
{
    struct reading *r = arg;
    struct credentials *out = r->out;

    if (ends_with(path, "/Credentials/AccessKeyId") && !out->access_key) {
        out->access_key = strdup(text);
        r->no_memory |= !out->access_key;
    } else if (ends_with(path, "/Credentials/SecretAccessKey")) {
        r->no_memory |= !secret_set(&out->secret_key, span_of(text));
    } else if (ends_with(path, "/Credentials/SessionToken") && !out->token) {
        out->token = strdup(text);
        r->no_memory |= !out->token;
    } else if (ends_with(path, "/Credentials/Expiration")) {
        r->no_time |= !iso_time_read(text, &out->expires_s);
    }
    return !r->no_memory;
}

bool sts_take(const struct sts *sts, struct credentials *out, struct lsmb_error *err)
{
    struct reading reading = {.out = out};

    credentials_free(out);
    bool read = xml_read(sts->call.answer ? sts->call.answer : "", sts->call.answer_len,
                         take_element, &reading);
    if (reading.no_memory) {
        error_set(err, LSMB_E_NOMEM, "no memory for credentials");
    } else if (!read || reading.no_time || !out->access_key || !out->access_key[0] ||
               out->secret_key.len == 0 || !out->token) {
        error_set(err, LSMB_E_PROTOCOL, "the answer of STS to %s holds no credentials",
                  sts->call.want.operation);
    } else {
        return true;
    }
    credentials_free(out);
    return false;
}

void sts_free(struct sts *sts)
{
    call_free(&sts->call);
    small_text_free(sts->body);
    sts->body = NULL;
}
