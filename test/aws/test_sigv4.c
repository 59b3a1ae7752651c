/* test_sigv4.c: Signature Version 4 against what others computed. */
#include "aws/sigv4.h"

#include <stdio.h>

#include "test/aws/sigv4_samples.h"
#include "test/failmalloc.h"
#include "test/run.h"

enum { SAMPLES = sizeof sigv4_samples / sizeof sigv4_samples[0] };

/* A sample as a request and a scope. */
struct signable {
    struct sigv4_request request;
    struct sigv4_scope scope;
    char *query, hash[SIGV4_HASH_ROOM];
};

static size_t count_pairs(const struct pair *pairs)
{
    size_t n = 0;

    while (n < SAMPLE_PAIRS && pairs[n].name) {
        n++;
    }
    return n;
}

static void prepare(struct signable *s, const struct sigv4_sample *sample)
{
    const struct span body = span_of(sample->body);

    *s = (struct signable){.query = uri_query(sample->query, count_pairs(sample->query))};
    ck_assert_ptr_nonnull(s->query);
    ck_assert(sigv4_hash(s->hash, &body, 1));
    s->request = (struct sigv4_request){
        .method = sample->method,
        .path = sample->path,
        .normalize = sample->normalize,
        .query = s->query,
        .headers = sample->headers,
        .header_count = count_pairs(sample->headers),
        .payload_hash = sample->payload_hash ? sample->payload_hash : s->hash,
    };
    s->scope = (struct sigv4_scope){.access_key = sample->access_key,
                                    .secret_key = span_of(sample->secret_key),
                                    .region = sample->region,
                                    .service = sample->service};
    memcpy(s->scope.date, sample->date, SIGV4_DATE_ROOM);
}

/* source: each sample names its own */
START_TEST(requests_are_signed_as_others_sign_them)
{
    for (size_t i = 0; i < SAMPLES; i++) {
        const struct sigv4_sample *sample = &sigv4_samples[i];
        struct signable s;
        char end[96];

        prepare(&s, sample);
        char *canonical = sigv4_canonical_request(&s.request);
        ck_assert_msg(canonical && strcmp(canonical, sample->canonical) == 0, "%s:\n%s",
                      sample->name, canonical ? canonical : "(nothing)");
        char *value = sigv4_authorization(&s.request, &s.scope);
        ck_assert_ptr_nonnull(value);
        (void)snprintf(end, sizeof end, ", Signature=%s", sample->signature);
        ck_assert_msg(strlen(value) > strlen(end) &&
                          strcmp(value + strlen(value) - strlen(end), end) == 0,
                      "%s: %s", sample->name, value);
        free(value);
        free(canonical);
        free(s.query);
    }
}
END_TEST

/* source: Amazon S3 API Reference, "Authenticating Requests: Using the Authorization Header", GET Object */
START_TEST(the_header_names_scope_and_signed_headers)
{
    static const char want[] =
        "AWS4-HMAC-SHA256 "
        "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
        "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
        "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41";

    for (size_t i = 0; i < SAMPLES; i++) {
        struct signable s;

        if (strcmp(sigv4_samples[i].name, "s3-get-object-range") != 0) {
            continue;
        }
        prepare(&s, &sigv4_samples[i]);
        char *value = sigv4_authorization(&s.request, &s.scope);
        ck_assert_str_eq(value, want);
        free(value);
        free(s.query);
        return;
    }
    ck_abort_msg("there is no such sample");
}
END_TEST

/* The path that is hashed for one that is sent. */
static void check_path(const char *path, bool normalize, const char *want)
{
    const struct pair host = {"host", "h"};
    const struct sigv4_request request = {.method = "GET",
                                          .path = path,
                                          .normalize = normalize,
                                          .query = "",
                                          .headers = &host,
                                          .header_count = 1,
                                          .payload_hash = "-"};
    char *text = sigv4_canonical_request(&request);
    char line[128];

    ck_assert_ptr_nonnull(text);
    (void)snprintf(line, sizeof line, "GET\n%s\n\nhost:h\n\nhost\n-", want);
    ck_assert_str_eq(text, line);
    free(text);
}

/* RFC 3986 5.2.4 */
START_TEST(only_other_services_than_s3_drop_dots_and_encode_twice)
{
    check_path("/a//b/./../c%20d/", false, "/a//b/./../c%20d/");
    check_path("/a//b/./../c%20d/", true, "/a/c%2520d/");
    check_path("/", true, "/");
    check_path("//", true, "/");
    check_path("/..", true, "/");
    check_path("/../../a", true, "/a");
    check_path("/a/..", true, "/");
    check_path("/a/b/../..", true, "/");
    check_path("/a/b/..", true, "/a");
    check_path("/a/.", true, "/a");
    check_path("/a/./", true, "/a/");
    check_path("/.a/..b/c..", true, "/.a/..b/c..");
}
END_TEST

START_TEST(a_date_has_sixteen_characters)
{
    static const struct {
        int64_t unix_s;
        const char *text;
    } cases[] = {
        {0, "19700101T000000Z"},
        {1440938160, "20150830T123600Z"},
        {253402300799, "99991231T235959Z"},
        {253402300800, "00000000T000000Z"}, /* the year 10000 */
        {INT64_MAX, "00000000T000000Z"},
    };
    char out[SIGV4_DATE_ROOM];

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sigv4_date(out, cases[i].unix_s);
        ck_assert_str_eq(out, cases[i].text);
    }
}
END_TEST

/* source: FIPS 180-4, the example of one block */
START_TEST(pieces_are_hashed_one_after_the_other)
{
    const struct span whole = span_of("abc");
    const struct span pieces[] = {span_of("a"), {0}, span_of("bc")};
    char a[SIGV4_HASH_ROOM], b[SIGV4_HASH_ROOM], none[SIGV4_HASH_ROOM];

    ck_assert(sigv4_hash(a, &whole, 1));
    ck_assert(sigv4_hash(b, pieces, 3));
    ck_assert(sigv4_hash(none, NULL, 0));
    ck_assert_str_eq(a, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    ck_assert_str_eq(b, a);
    ck_assert_str_eq(none, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}
END_TEST

static void sign_without_memory(const struct sigv4_sample *sample)
{
    struct signable s;
    bool failed = true;

    prepare(&s, sample);
    for (unsigned skip = 0; failed; skip++) {
        fail_malloc(skip, false);
        char *value = sigv4_authorization(&s.request, &s.scope);
        failed = fail_malloc_off();
        ck_assert_msg(value || failed, "%u", skip);
        if (value) { /* some that failed the library does without */
            ck_assert_ptr_nonnull(strstr(value, sample->signature));
        }
        free(value);
    }
    free(s.query);
}

START_TEST(without_memory_nothing_is_signed)
{
    sign_without_memory(&sigv4_samples[0]); /* whose path is encoded twice */
    sign_without_memory(&sigv4_samples[SAMPLES - 1]);
}
END_TEST

int main(void)
{
    return RUN_TESTS("aws/sigv4", requests_are_signed_as_others_sign_them,
                     the_header_names_scope_and_signed_headers,
                     only_other_services_than_s3_drop_dots_and_encode_twice,
                     a_date_has_sixteen_characters, pieces_are_hashed_one_after_the_other,
                     without_memory_nothing_is_signed);
}
