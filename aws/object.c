#include "aws/object.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"

/* ---------------------------------------------------------------- numbers */

/* The digits at `*at`, at least one; false when there is none, or when they are too many. */
static bool take_number(const char **at, uint64_t *out)
{
    const char *from = *at;
    uint64_t value = 0;

    for (; **at >= '0' && **at <= '9'; ++*at) {
        unsigned digit = (unsigned)(**at - '0');
        if (value > (UINT64_MAX - digit) / 10) {
            return false;
        }
        value = value * 10 + digit;
    }
    *out = value;
    return *at > from;
}

static bool take_char(const char **at, char c)
{
    if (**at != c) {
        return false;
    }
    ++*at;
    return true;
}

/* A size that files can have. */
static bool is_size(uint64_t bytes)
{
    return bytes <= INT64_MAX;
}

bool object_range_get(const char *text, uint64_t *begin, uint64_t *end, uint64_t *bytes)
{
    uint64_t last;

    if (strncasecmp(text, "bytes ", 6) != 0) {
        return false;
    }
    text += 6;
    if (!take_number(&text, begin) || !take_char(&text, '-') || !take_number(&text, &last) ||
        !take_char(&text, '/') || !take_number(&text, bytes) || *text != '\0') {
        return false;
    }
    *end = last + 1;
    return *begin <= last && last < *bytes && is_size(*bytes);
}

/* ---------------------------------------------------------------- times */

/* After a point: up to nine digits count. */
static bool take_fraction(const char **at, int64_t *ns)
{
    int64_t unit = (int64_t)NS_PER_S / 10;

    *ns = 0;
    if (**at != '.') {
        return true;
    }
    ++*at;
    if (**at < '0' || **at > '9') {
        return false;
    }
    for (; **at >= '0' && **at <= '9'; ++*at) {
        *ns += (**at - '0') * unit;
        unit /= 10;
    }
    return true;
}

bool object_mtime_get(const char *text, int64_t *ns)
{
    bool before = *text == '-'; /* 1970 */
    uint64_t seconds;
    int64_t rest;

    text += before;
    if (!take_number(&text, &seconds) || !take_fraction(&text, &rest) || *text != '\0' ||
        seconds >= INT64_MAX / NS_PER_S) {
        return false;
    }
    *ns = (int64_t)(seconds * NS_PER_S) + rest;
    if (before) {
        *ns = -*ns;
    }
    return true;
}

static int64_t written_of(const struct call *call)
{
    const char *said = call_header(call, "x-amz-meta-mtime");
    const char *stored = call_header(call, "Last-Modified");
    int64_t ns;

    if (said && object_mtime_get(said, &ns)) {
        return ns;
    }
    time_t seconds = stored ? curl_getdate(stored, NULL) : -1;
    return seconds > 0 && seconds < (time_t)(INT64_MAX / NS_PER_S) ? seconds * (int64_t)NS_PER_S
                                                                   : 0;
}

/* ---------------------------------------------------------------- checksums */

/* Where the type is not said, one that comes with a part of the object may be that part's. */
static void checksum_get(struct object_head *out, const struct call *call)
{
    static const enum crc_kind kinds[] = {CRC_64NVME, CRC_32C, CRC_32};
    const char *type = call_header(call, "x-amz-checksum-type");
    bool whole = out->begin == 0 && out->end == out->bytes;

    out->kind = CRC_NONE;
    out->of_parts = false;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const char *value = call_header(call, crc_header(kinds[i]));
        if (!value) {
            continue;
        }
        if ((type && strcasecmp(type, "COMPOSITE") == 0) || strchr(value, '-')) {
            out->of_parts = true;
        } else if ((whole || (type && strcasecmp(type, "FULL_OBJECT") == 0)) &&
                   crc_parse(kinds[i], value, &out->crc)) {
            out->kind = kinds[i];
            return;
        }
    }
}

/* ---------------------------------------------------------------- all of it */

bool object_head_get(struct object_head *out, const struct call *call)
{
    const char *length = call_header(call, "Content-Length");
    const char *range = call_header(call, "Content-Range");

    *out = (struct object_head){.kind = CRC_NONE};
    if (call_status(call) == 206) {
        if (!range || !object_range_get(range, &out->begin, &out->end, &out->bytes)) {
            return false;
        }
        out->part = true;
    } else {
        if (!length || !take_number(&length, &out->bytes) || *length || !is_size(out->bytes)) {
            return false;
        }
        out->end = out->bytes;
    }
    out->written = written_of(call);
    checksum_get(out, call);
    return true;
}

struct lsmb_stat object_stat(const struct object_head *head)
{
    return (struct lsmb_stat){
        .bytes = head->bytes, .allocated_bytes = head->bytes, .written = head->written};
}

char *object_name(const char *bucket, const char *key)
{
    size_t room = strlen("s3://") + strlen(bucket) + 1 + strlen(key) + 1;
    char *name = malloc(room);

    if (name) {
        struct wr w = wr_from((uint8_t *)name, room);
        wr_span(&w, span_of("s3://"));
        wr_span(&w, span_of(bucket));
        wr_u8(&w, '/');
        wr_bytes(&w, key, strlen(key) + 1);
    }
    return name;
}

void object_refused(struct lsmb_error *err, const struct call *call, const char *name)
{
    *err = call->op.err;
    if (strcmp(call->refused.code, "InvalidObjectState") == 0) {
        error_advise(err, "it is in an archive (S3 Glacier): restore it first, and try again when "
                          "that is done");
    }
    if (name) {
        error_path(err, name);
    }
}
