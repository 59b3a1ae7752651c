/* fuzz_aws.c: what services of AWS answer, what the user's shared files say, and what is signed.
 *
 * Target functions: xml_read, list_page_read, aws_error_read, aws_error_hidden, aws_error_set, sts_take,
 * document_read, attributes_write, provider_found_json, crc_parse, iso_time_read, ini_parse, words_split,
 * endpoint_find, sigv4_canonical_request, uri_query, uri_encode.
 *
 * The first byte of the input selects an entry of `targets`, the rest is the text.  The seeds in corpus/aws are
 * answers as the references of the services show them. */
#include "aws/attribute.h"
#include "aws/aws_error.h"
#include "aws/crc.h"
#include "aws/document.h"
#include "aws/iso_time.h"
#include "aws/list_page.h"
#include "aws/provider.h"
#include "aws/settings.h"
#include "aws/sigv4.h"
#include "aws/sts.h"
#include "aws/words.h"
#include "aws/xml.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok) {
        abort();
    }
}

/* Fit to be shown: no line is broken, no terminal is steered. */
static void must_be_clean(const char *text)
{
    for (; *text; text++) {
        must((unsigned char)*text >= 0x20 && *text != 0x7F);
    }
}

static void must_be_whole(const struct lsmb_error *err)
{
    must(err->code != LSMB_OK && err->reason[0]);
    must_be_clean(err->reason);
    must_be_clean(err->advice);
}

/* ---------------------------------------------------------------- XML */

static bool hear(void *arg, const char *path, const char *text)
{
    size_t *texts = arg;

    must(*path && path[0] != '/' && strlen(path) < 256 && strlen(text) <= 64 << 10);
    (*texts)++;
    return *texts < 10000;
}

static void fuzz_xml(const char *text, size_t len)
{
    size_t texts = 0;
    bool whole = xml_read(text, len, hear, &texts);

    must(!whole || texts > 0);
    (void)aws_error_hidden(text, len);
}

static void fuzz_listing(const char *text, size_t len)
{
    struct list_page page = {.count = 0};

    if (list_page_read(&page, text, len) == LSMB_OK) {
        for (size_t i = 0; i < page.count; i++) {
            const char *key = list_page_key(&page, &page.entries[i]);
            must(strlen(key) <= page.entries[i].len && key[page.entries[i].len] == '\0');
        }
    }
    list_page_free(&page);
}

/* The first line is the header that says the code. */
static void fuzz_refusal(const char *text, size_t len)
{
    size_t line = strcspn(text, "\n");
    const char *body = text[line] ? text + line + 1 : text + line;
    char type[256];
    struct aws_error e;
    struct lsmb_error err = {0};

    memcpy(type, text, line < sizeof type ? line : 0);
    type[line < sizeof type ? line : 0] = '\0';
    aws_error_read(&e, 400 + (unsigned)len % 200, *type ? type : NULL, body,
                   len - (size_t)(body - text));
    must(e.code[0]);
    must_be_clean(e.code);
    must_be_clean(e.message);
    must(strspn(e.region, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(e.region));
    aws_error_set(&err, &e, "GetObject");
    must_be_whole(&err);
}

/* What comes of an answer that holds keys: all of it or nothing. */
static void check_credentials(bool good, struct credentials *found, const struct lsmb_error *err)
{
    if (good) {
        must(found->access_key && found->access_key[0] && found->secret_key.len > 0);
    } else {
        must_be_whole(err);
    }
    credentials_free(found);
}

static void fuzz_sts(const char *text, size_t len)
{
    char *answer = strdup(text);
    struct credentials found = {.expires_s = 0};
    struct lsmb_error err = {0};
    struct sts sts = {.call = {.answer = answer, .answer_len = strlen(text)}};

    (void)len;
    must(answer != NULL);
    check_credentials(sts_take(&sts, &found, &err), &found, &err);
    free(answer);
}

/* ---------------------------------------------------------------- JSON */

/* As containers, instances and credential processes say it. */
static void fuzz_keys(const char *text, size_t len)
{
    static const struct op_step step = {"read", NULL, 0};
    static const struct provider fuzzed = {
        "fuzz", sizeof(struct provider_op), {"fuzz", &step, NULL}};
    struct provider_op p = {.op = {.kind = &fuzzed.kind}, .by = &fuzzed};
    bool good = provider_found_json(&p, text, len, "Token") == OP_DONE;

    check_credentials(good, &p.found, &p.op.err);
}

static void fuzz_item(const char *text, size_t len)
{
    struct lsmb_error err = {0};
    json_t *item = document_read(text, len, &err);
    char *plain = item ? attributes_write(item, &err) : NULL;

    if (plain) {
        json_t *again = json_loads(plain, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, NULL);
        must(!again || json_object_size(again) == json_object_size(item));
        json_decref(again);
    } else {
        must_be_whole(&err);
    }
    free(plain);
    document_free(item);
}

/* ---------------------------------------------------------------- texts */

static void fuzz_values(const char *text, size_t len)
{
    static const enum crc_kind kinds[] = {CRC_32, CRC_32C, CRC_64NVME};
    char again[CRC_TEXT_ROOM];
    uint64_t crc;
    int64_t when;

    (void)len;
    for (unsigned i = 0; i < 3; i++) {
        if (crc_parse(kinds[i], text, &crc)) {
            crc_text(kinds[i], crc, again);
            must(strcmp(again, text) == 0);
        }
    }
    (void)iso_time_read(text, &when);
}

static void fuzz_ini(const char *text, size_t len)
{
    struct lsmb_error err = {0};
    struct ini ini;

    ini_init(&ini);
    if (ini_parse(&ini, "config", text, len, &err)) {
        (void)ini_get(&ini, "default", "region");
        (void)ini_get(&ini, "profile a", "s3.addressing_style");
        must(!ini_get(&ini, "services t", "s3.") || ini_has(&ini, "services t"));
    } else {
        must_be_whole(&err);
        must(list_empty(&ini.sections));
    }
    ini_free(&ini);
}

static void fuzz_words(const char *text, size_t len)
{
    struct lsmb_error err = {0};
    char **words = words_split(text, &err);
    size_t all = 0;

    for (size_t i = 0; words && words[i]; i++) {
        all += strlen(words[i]) + 1;
    }
    must(all <= len + 1 && (words || err.code != LSMB_OK));
    free(words);
}

static const char *no_variable(void *arg, const char *name)
{
    (void)arg;
    (void)name;
    return NULL;
}

/* An endpoint, and behind a line's end a bucket. */
static void fuzz_endpoint(const char *text, size_t len)
{
    char *url = strdup(text);
    struct settings settings = {.env = {no_variable, NULL}, .endpoint = url};
    struct lsmb_error err = {0};
    struct endpoint e;

    must(url != NULL);
    url[strcspn(url, "\n")] = '\0';
    settings.addressing = (enum addressing)(len % 3);
    if (endpoint_find(&e, &settings, SERVICE_S3, "eu-west-1",
                      strlen(url) < len ? text + strlen(url) + 1 : NULL, &err)) {
        must(e.authority[0] && !strpbrk(e.authority, " /@?#\\\r\n"));
        must(!strpbrk(e.path, " ?#\\\r\n"));
        must_be_clean(e.authority);
    } else {
        must_be_whole(&err);
    }
    free(url);
}

/* Everywhere in a request, which has as many lines as it should. */
static void fuzz_signing(const char *text, size_t len)
{
    const struct pair pairs[] = {{"host", text}, {text, "1"}, {"X", text}, {"host", "2"}};
    char *query = uri_query(pairs, 4), *path = uri_encode(text, true);
    const struct sigv4_request request = {.method = "GET",
                                          .path = path,
                                          .normalize = len % 2 == 0,
                                          .query = query,
                                          .headers = pairs,
                                          .header_count = strpbrk(text, "\n") ? 1 : 4,
                                          .payload_hash = "-"};
    char *canonical = sigv4_canonical_request(&request);
    size_t lines = 0;

    must(query && path && canonical);
    for (const char *at = canonical; (at = strchr(at, '\n')); at++) {
        lines++;
    }
    must(lines >= 6 && lines <= 8);
    free(query);
    free(path);
    free(canonical);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const targets[])(const char *text, size_t len) = {
        fuzz_xml,    fuzz_listing, fuzz_refusal, fuzz_sts,      fuzz_item,    fuzz_keys,
        fuzz_values, fuzz_ini,     fuzz_words,   fuzz_endpoint, fuzz_signing,
    };

    if (size == 0) {
        return 0;
    }
    char *text = malloc(size); /* without the first byte, with a 0 */
    must(text != NULL);
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    targets[data[0] % (sizeof targets / sizeof targets[0])](text, size - 1);
    free(text);
    return 0;
}
