/* aws_error.c: what a service says when it refuses. */
#include "aws/aws_error.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "aws/xml.h"
#include "base/error.h"
#include "base/text.h"

enum { BODY_MAX = 256 << 10 };

/* ---------------------------------------------------------------- reading it */

/* "com.amazonaws.ssm#ParameterNotFound:http://..." is "ParameterNotFound". */
static void set_code(struct aws_error *e, const char *code)
{
    const char *hash = strchr(code, '#');
    const char *name = hash ? hash + 1 : code;

    text_format(e->code, sizeof e->code, "%.*s", (int)strnlen(name, strcspn(name, ":")), name);
}

/* It becomes part of a host's name. */
static void set_region(struct aws_error *e, const char *region)
{
    size_t len = strspn(region, "abcdefghijklmnopqrstuvwxyz0123456789-");

    if (!region[len] && len < sizeof e->region) {
        memcpy(e->region, region, len + 1);
    }
}

/* S3: <Error><Code/><Message/><Region/></Error>; STS: <ErrorResponse><Error>... */
static bool take_element(void *arg, const char *path, const char *text)
{
    struct aws_error *e = arg;
    const char *at = strncmp(path, "ErrorResponse/", 14) == 0 ? path + 14 : path;

    if (strcmp(at, "Error/Code") == 0) {
        set_code(e, text);
    } else if (strcmp(at, "Error/Message") == 0) {
        text_format(e->message, sizeof e->message, "%s", text);
    } else if (strcmp(at, "Error/Region") == 0) {
        set_region(e, text);
    }
    return true;
}

static const char *member(const json_t *object, const char *name, const char *other)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : json_string_value(json_object_get(object, other));
}

/* {"__type": "...#Code", "message": "..."} */
static void take_json(struct aws_error *e, const char *body, size_t len)
{
    json_t *root = json_loadb(body, len, JSON_ALLOW_NUL, NULL);
    const char *code = member(root, "__type", "code"),
               *message = member(root, "message", "Message");

    if (code) {
        set_code(e, code);
    }
    if (message) {
        text_format(e->message, sizeof e->message, "%s", message);
    }
    json_decref(root);
}

static const char *status_text(unsigned status)
{
    static const struct {
        unsigned status;
        const char *text;
    } known[] = {
        /* RFC 9110 15.4 to 15.6 */
        {301, "Moved Permanently"},
        {304, "Not Modified"},
        {307, "Temporary Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {407, "Proxy Authentication Required"},
        {409, "Conflict"},
        {411, "Length Required"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {416, "Range Not Satisfiable"},
        {429, "Too Many Requests"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
    };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (known[i].status == status) {
            return known[i].text;
        }
    }
    return status ? "Unknown" : "there was no answer";
}

void aws_error_read(struct aws_error *out, unsigned status, const char *type, const char *body,
                    size_t len)
{
    size_t blank = 0;

    *out = (struct aws_error){.status = status};
    while (blank < len && body[blank] && strchr(" \t\r\n", body[blank])) {
        blank++;
    }
    if (blank < len && len <= BODY_MAX && body[blank] == '{') {
        take_json(out, body, len);
    } else if (blank < len && len <= BODY_MAX) {
        (void)xml_read(body, len, take_element, out); /* what there is of it */
    }
    if (type && *type) {
        set_code(out, type);
    }
    if (!out->code[0]) { /* as the AWS tools have it where there is no body, as with HEAD */
        text_format(out->code, sizeof out->code, "%u", status);
        if (!out->message[0]) {
            text_format(out->message, sizeof out->message, "%s", status_text(status));
        }
    }
}

/* The first element that ends has the root's name at the front of its path. */
static bool look_at_root(void *arg, const char *path, const char *text)
{
    (void)text;
    *(bool *)arg = strcmp(path, "Error") == 0 || strncmp(path, "Error/", 6) == 0;
    return false;
}

bool aws_error_hidden(const char *body, size_t len)
{
    bool hidden = false;

    (void)xml_read(body, len, look_at_root, &hidden);
    return hidden;
}

/* ---------------------------------------------------------------- saying it */

#define NEW_CREDENTIALS "get new credentials: the ones that are used have expired"
#define THE_CREDENTIALS "check the access key, its secret and its session token"
#define THE_POLICIES    "check the policies of the user or role, of the bucket, and of the key of KMS"
#define THE_CLOCK       "set the clock of this machine"
#define LATER           "try again later"
#define THE_REGION      "check the region (AWS_DEFAULT_REGION, or that of the profile)"
#define THE_OBJECT      "try again: the object changed meanwhile"

static const struct meaning {
    const char *code;
    enum lsmb_code is;
    const char *advice;
} meanings[] = {
    {"NoSuchKey", LSMB_E_NOT_FOUND,
     "check the key: its case matters, and so does a '/' at its end"},
    {"NoSuchBucket", LSMB_E_NOT_FOUND, "check the name of the bucket"},
    {"NoSuchUpload", LSMB_E_NOT_FOUND, "try again: the upload has been ended by somebody else"},
    {"NoSuchVersion", LSMB_E_NOT_FOUND, ""},
    {"ParameterNotFound", LSMB_E_NOT_FOUND, "check the parameter's name and the region"},
    {"ParameterVersionNotFound", LSMB_E_NOT_FOUND, ""},
    {"ResourceNotFoundException", LSMB_E_NOT_FOUND, "check the name and the region"},
    {"404", LSMB_E_NOT_FOUND, ""},
    {"AccessDenied", LSMB_E_DENIED, THE_POLICIES},
    {"AccessDeniedException", LSMB_E_DENIED, THE_POLICIES},
    {"AllAccessDisabled", LSMB_E_DENIED, ""},
    {"AccountProblem", LSMB_E_DENIED, ""},
    {"KMS.DisabledException", LSMB_E_DENIED, "enable the key of KMS"},
    {"KMS.NotFoundException", LSMB_E_NOT_FOUND, "check the id of the key of KMS and its region"},
    {"KMS.KMSInvalidStateException", LSMB_E_DENIED, "check the state of the key of KMS"},
    {"InvalidObjectState", LSMB_E_DENIED, "restore the object from the archive first"},
    {"403", LSMB_E_DENIED, THE_POLICIES},
    {"401", LSMB_E_AUTH, THE_CREDENTIALS},
    {"ExpiredToken", LSMB_E_AUTH, NEW_CREDENTIALS},
    {"ExpiredTokenException", LSMB_E_AUTH, NEW_CREDENTIALS},
    {"TokenRefreshRequired", LSMB_E_AUTH, NEW_CREDENTIALS},
    {"RequestExpired", LSMB_E_AUTH, THE_CLOCK},
    {"InvalidToken", LSMB_E_AUTH, THE_CREDENTIALS},
    {"InvalidAccessKeyId", LSMB_E_AUTH, THE_CREDENTIALS},
    {"InvalidClientTokenId", LSMB_E_AUTH, THE_CREDENTIALS},
    {"UnrecognizedClientException", LSMB_E_AUTH, THE_CREDENTIALS},
    {"SignatureDoesNotMatch", LSMB_E_AUTH, THE_CREDENTIALS},
    {"InvalidSignatureException", LSMB_E_AUTH, THE_CREDENTIALS},
    {"IncompleteSignature", LSMB_E_AUTH, THE_CREDENTIALS},
    {"MissingAuthenticationToken", LSMB_E_AUTH, THE_CREDENTIALS},
    {"MissingAuthenticationTokenException", LSMB_E_AUTH, THE_CREDENTIALS},
    {"RequestTimeTooSkewed", LSMB_E_AUTH, THE_CLOCK},
    {"AuthorizationHeaderMalformed", LSMB_E_AUTH, THE_REGION},
    {"PermanentRedirect", LSMB_E_STATUS, THE_REGION},
    {"TemporaryRedirect", LSMB_E_STATUS, THE_REGION},
    {"IllegalLocationConstraintException", LSMB_E_STATUS, THE_REGION},
    {"301", LSMB_E_STATUS, THE_REGION},
    {"307", LSMB_E_STATUS, THE_REGION},
    {"BadDigest", LSMB_E_CHANGED, "try again: the data was damaged on its way"},
    {"XAmzContentSHA256Mismatch", LSMB_E_CHANGED, "try again: the data was damaged on its way"},
    {"PreconditionFailed", LSMB_E_CHANGED, THE_OBJECT},
    {"412", LSMB_E_CHANGED, THE_OBJECT},
    {"ConditionalRequestConflict", LSMB_E_CHANGED, THE_OBJECT},
    {"OperationAborted", LSMB_E_STATUS, LATER},
    {"EntityTooLarge", LSMB_E_STATUS,
     "an object may have 48.8 TiB, in 10,000 parts of at most 5 GiB"},
    {"RequestTimeout", LSMB_E_TIMEOUT, LATER},
    {"RequestTimeoutException", LSMB_E_TIMEOUT, LATER},
    {"SlowDown", LSMB_E_STATUS, LATER},
    {"ServiceUnavailable", LSMB_E_STATUS, LATER},
    {"InternalError", LSMB_E_STATUS, LATER},
    {"InternalServerError", LSMB_E_STATUS, LATER},
    {"ThrottlingException", LSMB_E_STATUS, LATER},
    {"Throttling", LSMB_E_STATUS, LATER},
    {"ProvisionedThroughputExceededException", LSMB_E_STATUS, LATER},
    {"500", LSMB_E_STATUS, LATER},
    {"502", LSMB_E_STATUS, LATER},
    {"503", LSMB_E_STATUS, LATER},
    {"504", LSMB_E_STATUS, LATER},
    {"407", LSMB_E_NETWORK, "give the proxy's user and password in HTTPS_PROXY"},
    {"0", LSMB_E_NETWORK, ""},
};

static const struct meaning *find_meaning(const char *code)
{
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
        if (strcmp(meanings[i].code, code) == 0) {
            return &meanings[i];
        }
    }
    return NULL;
}

void aws_error_set(struct lsmb_error *err, const struct aws_error *e, const char *operation)
{
    const struct meaning *meaning = find_meaning(e->code);
    char status[16];

    if (!meaning) { /* what the status alone says */
        text_format(status, sizeof status, "%u", e->status);
        meaning = find_meaning(status);
    }
    error_set(err, meaning ? meaning->is : LSMB_E_STATUS,
              "An error occurred (%s) when calling the %s operation: %s", e->code, operation,
              e->message);
    if (meaning && meaning->advice[0]) {
        error_advise(err, "%s", meaning->advice);
    }
}
