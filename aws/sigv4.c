/* sigv4.c: Signature Version 4. */
#include "aws/sigv4.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>
#include <time.h>

#include "aws/grow.h"

#define ALGORITHM "AWS4-HMAC-SHA256"

enum { HASH_LEN = 32, DAY_LEN = 8 };

void sigv4_date(char out[SIGV4_DATE_ROOM], int64_t unix_s)
{
    time_t when = unix_s;
    struct tm tm = {0};

    if (!gmtime_r(&when, &tm) ||
        strftime(out, SIGV4_DATE_ROOM, "%Y%m%dT%H%M%SZ", &tm) != SIGV4_DATE_ROOM - 1) {
        memcpy(out, "00000000T000000Z", SIGV4_DATE_ROOM); /* no year of four digits */
    }
}

/* ---------------------------------------------------------------- hashes */

static void to_hex(char out[SIGV4_HASH_ROOM], const uint8_t hash[HASH_LEN])
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < HASH_LEN; i++) {
        out[2 * i] = digits[hash[i] >> 4];
        out[2 * i + 1] = digits[hash[i] & 15];
    }
    out[SIGV4_HASH_ROOM - 1] = '\0';
}

bool sigv4_hash(char out[SIGV4_HASH_ROOM], const struct span *pieces, size_t count)
{
    uint8_t hash[HASH_LEN] = {0};
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool good = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1;

    for (size_t i = 0; good && i < count; i++) {
        good = EVP_DigestUpdate(ctx, pieces[i].ptr, pieces[i].len) == 1;
    }
    good = good && EVP_DigestFinal_ex(ctx, hash, NULL) == 1;
    EVP_MD_CTX_free(ctx);
    to_hex(out, hash);
    return good;
}

/* HMAC-SHA-256, whose lookup takes longer than its work: one serves for a whole signature. */
static EVP_MAC_CTX *hmac_new(void)
{
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_MAC *mac = EVP_MAC_fetch(NULL, OSSL_MAC_NAME_HMAC, NULL);
    EVP_MAC_CTX *ctx = mac ? EVP_MAC_CTX_new(mac) : NULL;

    EVP_MAC_free(mac); /* the context has its own reference */
    if (ctx && EVP_MAC_CTX_set_params(ctx, params) != 1) {
        EVP_MAC_CTX_free(ctx);
        return NULL;
    }
    return ctx;
}

static bool hmac(EVP_MAC_CTX *ctx, uint8_t out[HASH_LEN], struct span key, struct span data)
{
    size_t len;

    return EVP_MAC_init(ctx, key.ptr, key.len, NULL) == 1 &&
           EVP_MAC_update(ctx, data.ptr, data.len) == 1 &&
           EVP_MAC_final(ctx, out, &len, HASH_LEN) == 1;
}

/* ---------------------------------------------------------------- the path */

/* One segment more, or by ".." one less. */
static void add_segment(struct grow *path, const char *segment, size_t len)
{
    if (len == 2 && memcmp(segment, "..", 2) == 0) {
        size_t keep = path->len;
        while (keep > 0 && path->text[--keep] != '/') {
        }
        grow_cut(path, keep);
    } else if (len > 0 && !(len == 1 && *segment == '.')) {
        grow_char(path, '/');
        grow_bytes(path, segment, len);
    }
}

/* Without "." and ".." (RFC 3986 5.2.4) and without empty segments, which AWS drops, too; but for a '/' at the end. */
static char *without_dots(const char *path)
{
    struct grow out = {0};
    size_t len = strlen(path);

    for (const char *at = path; *at;) {
        size_t segment = strcspn(at, "/");
        add_segment(&out, at, segment);
        at += segment + (at[segment] == '/');
    }
    if (out.len == 0 || (len > 0 && path[len - 1] == '/')) {
        grow_char(&out, '/');
    }
    return grow_take(&out);
}

static void add_path(struct grow *out, const struct sigv4_request *request)
{
    if (!request->normalize) {
        grow_text(out, request->path);
        return;
    }
    char *plain = without_dots(request->path);
    char *encoded = plain ? uri_encode(plain, true) : NULL;
    if (encoded) {
        grow_text(out, encoded);
    } else {
        out->bad = true;
    }
    free(plain);
    free(encoded);
}

/* ---------------------------------------------------------------- headers */

static char lower(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return (char)(c - 'A' + 'a');
    }
    return c;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Names of headers have no case. */
static int compare_names(const char *a, const char *b)
{
    while (*a && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return (unsigned char)lower(*a) - (unsigned char)lower(*b);
}

/* Sorted by name, and one without a name behind them; those of one name stay in their order.  The caller's to free; NULL
 * without memory. */
static struct pair *sorted_headers(const struct sigv4_request *request)
{
    struct pair *sorted = calloc(request->header_count + 1, sizeof *sorted);

    for (size_t i = 0; sorted && i < request->header_count; i++) {
        size_t to = i;
        while (to > 0 && compare_names(sorted[to - 1].name, request->headers[i].name) > 0) {
            sorted[to] = sorted[to - 1];
            to--;
        }
        sorted[to] = request->headers[i];
    }
    return sorted;
}

static void add_name(struct grow *out, const char *name)
{
    for (; *name; name++) {
        grow_char(out, lower(*name));
    }
}

/* Trimmed, and each run of white space in it as one space. */
static void add_value(struct grow *out, const char *value)
{
    bool gap = false, any = false;

    for (; *value; value++) {
        if (is_space(*value)) {
            gap = any;
            continue;
        }
        if (gap) {
            grow_char(out, ' ');
        }
        grow_char(out, *value);
        any = true;
        gap = false;
    }
}

static bool repeats(const struct pair *sorted, size_t i)
{
    return i > 0 && compare_names(sorted[i - 1].name, sorted[i].name) == 0;
}

/* "name:value" lines; values of one name are joined by commas. */
static void add_headers(struct grow *out, const struct pair *sorted)
{
    for (size_t i = 0; sorted[i].name; i++) {
        if (repeats(sorted, i)) {
            grow_char(out, ',');
        } else {
            grow_text(out, i > 0 ? "\n" : "");
            add_name(out, sorted[i].name);
            grow_char(out, ':');
        }
        add_value(out, sorted[i].value);
    }
    grow_char(out, '\n');
}

static void add_signed_names(struct grow *out, const struct pair *sorted)
{
    for (size_t i = 0; sorted[i].name; i++) {
        if (!repeats(sorted, i)) {
            grow_text(out, i > 0 ? ";" : "");
            add_name(out, sorted[i].name);
        }
    }
}

/* ---------------------------------------------------------------- what is signed */

static char *canonical(const struct sigv4_request *request, const struct pair *sorted)
{
    struct grow out = {0};

    grow_text(&out, request->method);
    grow_char(&out, '\n');
    add_path(&out, request);
    grow_char(&out, '\n');
    grow_text(&out, request->query);
    grow_char(&out, '\n');
    add_headers(&out, sorted);
    grow_char(&out, '\n');
    add_signed_names(&out, sorted);
    grow_char(&out, '\n');
    grow_text(&out, request->payload_hash);
    return grow_take(&out);
}

char *sigv4_canonical_request(const struct sigv4_request *request)
{
    struct pair *sorted = sorted_headers(request);
    char *text = sorted ? canonical(request, sorted) : NULL;

    free(sorted);
    return text;
}

/* "20260131/us-east-1/s3/aws4_request" */
static void add_scope(struct grow *out, const struct sigv4_scope *scope)
{
    grow_bytes(out, scope->date, DAY_LEN);
    grow_char(out, '/');
    grow_text(out, scope->region);
    grow_char(out, '/');
    grow_text(out, scope->service);
    grow_text(out, "/aws4_request");
}

static char *string_to_sign(const char *canonical_request, const struct sigv4_scope *scope)
{
    const struct span whole = span_of(canonical_request);
    char hash[SIGV4_HASH_ROOM];
    struct grow out = {0};

    if (!sigv4_hash(hash, &whole, 1)) {
        return NULL;
    }
    grow_text(&out, ALGORITHM "\n");
    grow_text(&out, scope->date);
    grow_char(&out, '\n');
    add_scope(&out, scope);
    grow_char(&out, '\n');
    grow_text(&out, hash);
    return grow_take(&out);
}

/* ---------------------------------------------------------------- the signature */

/* The key of one day, region and service. */
static bool derive_key(EVP_MAC_CTX *ctx, uint8_t key[HASH_LEN], const struct sigv4_scope *scope)
{
    const struct span words[] = {
        {(const uint8_t *)scope->date, DAY_LEN},
        span_of(scope->region),
        span_of(scope->service),
        span_of("aws4_request"),
    };
    static const uint8_t prefix[] = {'A', 'W', 'S', '4'};
    size_t len = sizeof prefix + scope->secret_key.len;
    uint8_t *seed = malloc(len);

    if (!seed) {
        return false;
    }
    memcpy(seed, prefix, sizeof prefix);
    if (scope->secret_key.len > 0) {
        memcpy(seed + sizeof prefix, scope->secret_key.ptr, scope->secret_key.len);
    }
    bool good = hmac(ctx, key, (struct span){seed, len}, words[0]);
    for (size_t i = 1; good && i < sizeof words / sizeof words[0]; i++) {
        good = hmac(ctx, key, (struct span){key, HASH_LEN}, words[i]);
    }
    secret_erase(seed, len);
    free(seed);
    return good;
}

static bool sign(char out[SIGV4_HASH_ROOM], const struct sigv4_scope *scope, const char *text)
{
    uint8_t key[HASH_LEN] = {0}, signature[HASH_LEN] = {0};
    EVP_MAC_CTX *ctx = hmac_new();
    bool good = ctx && derive_key(ctx, key, scope) &&
                hmac(ctx, signature, (struct span){key, HASH_LEN}, span_of(text));

    EVP_MAC_CTX_free(ctx);
    to_hex(out, signature);
    secret_erase(key, sizeof key);
    return good;
}

static char *authorization(const struct sigv4_scope *scope, const struct pair *sorted,
                           const char *signature)
{
    struct grow out = {0};

    grow_text(&out, ALGORITHM " Credential=");
    grow_text(&out, scope->access_key);
    grow_char(&out, '/');
    add_scope(&out, scope);
    grow_text(&out, ", SignedHeaders=");
    add_signed_names(&out, sorted);
    grow_text(&out, ", Signature=");
    grow_text(&out, signature);
    return grow_take(&out);
}

char *sigv4_authorization(const struct sigv4_request *request, const struct sigv4_scope *scope)
{
    struct pair *sorted = sorted_headers(request);
    char *whole = sorted ? canonical(request, sorted) : NULL;
    char *text = whole ? string_to_sign(whole, scope) : NULL;
    char signature[SIGV4_HASH_ROOM];
    char *value =
        text && sign(signature, scope, text) ? authorization(scope, sorted, signature) : NULL;

    free(sorted);
    free(whole);
    free(text);
    return value;
}
