/* attempt.c: what one try of a call sends: URL, headers, signature. */
#include "aws/attempt.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/grow.h"
#include "base/number.h"
#include "base/text.h"

enum { HASH_STEP = 1 << 20 }; /* bytes: less than a millisecond */

static const char unsigned_payload[] = "UNSIGNED-PAYLOAD";
static const char empty_hash[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/* ---------------------------------------------------------------- where it goes */

/* "/bucket/key", as it is sent and signed: S3 takes keys as they are, so nothing is normalized. */
static bool make_path(struct call_try *t)
{
    const struct call_want *want = &t->call->want;
    char *key = want->key ? uri_encode(want->key, true) : NULL;
    struct grow path = {0};

    if (want->key && !key) {
        return false;
    }
    grow_text(&path, t->endpoint.path);
    if (want->bucket && t->endpoint.bucket_in_path) {
        grow_char(&path, '/');
        grow_text(&path, want->bucket);
    }
    if (key || path.len == 0) {
        grow_char(&path, '/');
        grow_text(&path, key ? key : "");
    }
    free(key);
    t->path = grow_take(&path);
    return t->path != NULL;
}

static bool make_url(struct call_try *t)
{
    struct grow url = {0};

    grow_text(&url, t->endpoint.https ? "https://" : "http://");
    grow_text(&url, t->endpoint.authority);
    grow_text(&url, t->path);
    if (t->query[0]) {
        grow_char(&url, '?');
        grow_text(&url, t->query);
    }
    t->url = grow_take(&url);
    return t->url != NULL;
}

bool attempt_locate(struct call_try *t, struct lsmb_error *err)
{
    const struct call_want *want = &t->call->want;
    const struct lsmb_s3 *s3 = t->call->s3;
    const char *region = region_of(s3, want->bucket);

    if (!endpoint_find(&t->endpoint, &s3->settings, want->service, region, want->bucket, err)) {
        return false;
    }
    text_format(t->region, sizeof t->region, "%s", region ? region : "");
    t->query = uri_query(want->query, want->query_count);
    if (!t->query || !make_path(t) || !make_url(t)) {
        error_set(err, LSMB_E_NOMEM, "no memory for a request");
        return false;
    }
    return true;
}

/* ---------------------------------------------------------------- the body's hash */

static bool has_body(const struct call_want *want)
{
    for (size_t i = 0; i < want->body_count; i++) {
        if (want->body[i].len > 0) {
            return true;
        }
    }
    return false;
}

static bool begins_with(const char *name, const char *with)
{
    return strncasecmp(name, with, strlen(with)) == 0;
}

/* Whether a header is left out for a store that does not know checksums. */
static bool is_left_out(const struct call_try *t, const char *name)
{
    return t->call->want.checksums_optional && (t->bare || t->call->s3->no_checksums) &&
           (begins_with(name, "x-amz-checksum-") || begins_with(name, "x-amz-sdk-checksum-"));
}

static bool says_checksum(const struct call_try *t)
{
    const struct call_want *want = &t->call->want;

    for (size_t i = 0; i < want->header_count; i++) {
        const char *name = want->headers[i].name;
        if (begins_with(name, "x-amz-checksum-") && !is_left_out(t, name)) {
            return true;
        }
    }
    return false;
}

bool attempt_said_checksum(const struct call_try *t)
{
    for (size_t i = 0; i < t->header_count; i++) {
        if (begins_with(t->headers[i].name, "x-amz-checksum-")) {
            return true;
        }
    }
    return false;
}

/* Over TLS the body cannot be changed on its way, and S3 compares its checksum: it need not be hashed for the
 * signature, too.  Where no checksum is said that hash is all that the store can compare. */
static bool goes_unsigned(const struct call_try *t)
{
    const struct call_want *want = &t->call->want;

    if (want->service != SERVICE_S3 || !has_body(want)) {
        return false;
    }
    switch (t->call->s3->settings.payload) {
    case PAYLOAD_AUTO: return t->endpoint.https && says_checksum(t);
    case PAYLOAD_SIGNED: return false;
    case PAYLOAD_UNSIGNED: break;
    }
    return true;
}

static const char *payload_hash(const struct call_try *t)
{
    const struct call_want *want = &t->call->want;

    if (goes_unsigned(t)) {
        return unsigned_payload;
    }
    if (!has_body(want)) {
        return empty_hash;
    }
    return want->body_sha256 ? want->body_sha256 : t->hash;
}

bool attempt_wants_hash(const struct call_try *t)
{
    const struct call_want *want = &t->call->want;

    return !t->hashed && !want->unsigned_call && payload_hash(t) == t->hash;
}

static void put_hex(char *out, const uint8_t *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * len] = '\0';
}

static bool end_hash(struct call_try *t)
{
    uint8_t hash[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    bool ok = EVP_DigestFinal_ex(t->digest, hash, &len) == 1 && len <= sizeof t->hash / 2;

    if (ok) {
        put_hex(t->hash, hash, len);
    }
    EVP_MD_CTX_free(t->digest);
    t->digest = NULL;
    t->hashed = ok;
    return ok;
}

bool attempt_hash(struct call_try *t, bool *whole)
{
    const struct call_want *want = &t->call->want;
    size_t left = HASH_STEP;

    *whole = false;
    if (!t->digest) {
        t->piece = t->at = 0;
        t->digest = EVP_MD_CTX_new();
        if (!t->digest || EVP_DigestInit_ex(t->digest, EVP_sha256(), NULL) != 1) {
            return false;
        }
    }
    while (left > 0 && t->piece < want->body_count) {
        struct span piece = want->body[t->piece];
        size_t n = least_size(left, piece.len - t->at);
        if (n > 0 && EVP_DigestUpdate(t->digest, piece.ptr + t->at, n) != 1) {
            return false;
        }
        left -= n;
        t->at += n;
        if (t->at == piece.len) {
            t->piece++;
            t->at = 0;
        }
    }
    *whole = t->piece == want->body_count;
    return !*whole || end_hash(t);
}

/* ---------------------------------------------------------------- headers and signature */

static void add_header(struct call_try *t, const char *name, const char *value)
{
    if (t->header_count < ATTEMPT_HEADERS) {
        t->headers[t->header_count++] = (struct pair){name, value};
    }
}

static void take_headers(struct call_try *t)
{
    const struct call_want *want = &t->call->want;

    t->header_count = 0;
    for (size_t i = 0; i < want->header_count; i++) {
        const char *name = want->headers[i].name;
        if (!is_left_out(t, name)) {
            add_header(t, name, want->headers[i].value);
        }
    }
}

/* What those on the way may change is not signed. */
static bool is_signed(const char *name)
{
    static const char *const not [] = {"connection", "user-agent", "transfer-encoding", "expect"};

    for (size_t i = 0; i < sizeof not / sizeof not [0]; i++) {
        if (strcasecmp(name, not [i]) == 0) {
            return false;
        }
    }
    return true;
}

static bool authorize(struct call_try *t, const struct credentials *who)
{
    const struct call_want *want = &t->call->want;
    struct pair headers[ATTEMPT_HEADERS + 1];
    size_t count = 0;

    headers[count++] = (struct pair){"host", t->endpoint.authority};
    for (size_t i = 0; i < t->header_count; i++) {
        if (is_signed(t->headers[i].name)) {
            headers[count++] = t->headers[i];
        }
    }
    struct sigv4_request request = {.method = want->method,
                                    .path = t->path,
                                    .normalize = want->service != SERVICE_S3,
                                    .query = t->query,
                                    .headers = headers,
                                    .header_count = count,
                                    .payload_hash = payload_hash(t)};
    struct sigv4_scope scope = {.access_key = t->access_key,
                                .secret_key = secret_span(&who->secret_key),
                                .region = t->region,
                                .service = t->endpoint.service};
    memcpy(scope.date, t->date, sizeof scope.date);
    t->authorization = sigv4_authorization(&request, &scope);
    return t->authorization != NULL;
}

bool attempt_sign(struct call_try *t, const struct credentials *who, int64_t unix_s)
{
    take_headers(t);
    if (!who) {
        return true;
    }
    t->access_key = strdup(who->access_key);
    t->token = who->token ? strdup(who->token) : NULL;
    if (!t->access_key || (who->token && !t->token)) {
        return false;
    }
    sigv4_date(t->date, unix_s);
    add_header(t, "x-amz-date", t->date);
    if (t->call->want.service == SERVICE_S3) {
        add_header(t, "x-amz-content-sha256", payload_hash(t));
    }
    if (t->token) {
        add_header(t, "x-amz-security-token", t->token);
    }
    if (!authorize(t, who)) {
        return false;
    }
    add_header(t, "Authorization", t->authorization);
    return true;
}

static void wipe(char **text)
{
    if (*text) {
        secret_erase(*text, strlen(*text));
    }
    free(*text);
    *text = NULL;
}

void attempt_clear(struct call_try *t)
{
    free(t->path);
    free(t->query);
    free(t->url);
    t->path = t->query = t->url = NULL;
    free(t->access_key);
    t->access_key = NULL;
    wipe(&t->authorization);
    wipe(&t->token);
    t->header_count = 0;
}
