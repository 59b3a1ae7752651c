/* nbss.c: how messages are framed on a stream (MS-SMB2 2.1, RFC 1002 4.3) and NetBIOS names. */
#include "proto/nbss.h"

enum {
    NAME_BYTES = 16,               /* padded text and suffix */
    NAME_LETTERS = 32,             /* two for each byte */
    LENGTH_EXTENSION = 0x01,       /* bit 16 of the length, in the flags (RFC 1002 4.3.1) */
    NAMES_LEN = 2 * NBSS_NAME_LEN, /* the body of a SESSION REQUEST */
    NEGATIVE_LEN = 1,
    RETARGET_LEN = 6,
};

/* ---------------------------------------------------------------- prefixes */

void nbss_direct_put(struct wr *w, size_t length)
{
    if (length > NBSS_DIRECT_MAX) {
        w->bad = true;
    }
    wr_u32be(w, (uint32_t)length);
}

bool nbss_direct_get(size_t *length, struct span prefix)
{
    struct rd r = rd_from(prefix, 0);

    rd_require(&r, rd_u8(&r) == 0);
    *length = rd_u24be(&r);
    return rd_ok(&r);
}

void nbss_session_put(struct wr *w, enum nbss_type type, size_t length)
{
    if (length > NBSS_SESSION_MAX) {
        w->bad = true;
    }
    wr_u32be(w, (uint32_t)type << 24 | (uint32_t)length);
}

static bool length_fits(uint8_t type, size_t length)
{
    switch ((enum nbss_type)type) {
    case NBSS_MESSAGE: return true;
    case NBSS_SESSION_REQUEST: return length >= NAMES_LEN;
    case NBSS_NEGATIVE_RESPONSE: return length == NEGATIVE_LEN;
    case NBSS_RETARGET_RESPONSE: return length == RETARGET_LEN;
    case NBSS_POSITIVE_RESPONSE:
    case NBSS_KEEPALIVE: return length == 0;
    }
    return false; /* no such type */
}

bool nbss_session_get(enum nbss_type *type, size_t *length, struct span prefix)
{
    struct rd r = rd_from(prefix, 0);

    uint8_t got = rd_u8(&r);
    uint8_t flags = rd_u8(&r);
    *length = (size_t)(flags & LENGTH_EXTENSION) << 16 | rd_u16be(&r);
    *type = (enum nbss_type)got;
    return rd_ok(&r) && (flags & ~LENGTH_EXTENSION) == 0 && length_fits(got, *length);
}

/* ---------------------------------------------------------------- names */

/* The 16 bytes a name stands for; false when it is too long.  RFC 1002 4.2.17: the wildcard is padded
 * with zeros. */
static bool name_bytes(uint8_t out[static NAME_BYTES], const struct nbss_name *name)
{
    size_t len = strnlen(name->text, sizeof name->text);

    if (len >= NAME_BYTES) {
        return false;
    }
    memset(out, strcmp(name->text, "*") == 0 ? 0 : ' ', NAME_BYTES - 1);
    for (size_t i = 0; i < len; i++) {
        char c = name->text[i];
        out[i] = (uint8_t)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    out[NAME_BYTES - 1] = name->suffix;
    return true;
}

/* And back: a zero ends the text, padding or not. */
static struct nbss_name name_of(const uint8_t bytes[static NAME_BYTES])
{
    struct nbss_name name = {.suffix = bytes[NAME_BYTES - 1]};
    size_t len = 0;

    while (len < NAME_BYTES - 1 && bytes[len]) {
        len++;
    }
    while (len > 0 && bytes[len - 1] == ' ') {
        len--;
    }
    memcpy(name.text, bytes, len);
    return name;
}

void nbss_name_raw_put(struct wr *w, const struct nbss_name *name)
{
    uint8_t bytes[NAME_BYTES];

    if (!name_bytes(bytes, name)) {
        w->bad = true;
        return;
    }
    wr_bytes(w, bytes, sizeof bytes);
}

struct nbss_name nbss_name_raw_get(struct rd *r)
{
    uint8_t bytes[NAME_BYTES];

    rd_bytes(r, bytes, sizeof bytes);
    return name_of(bytes);
}

bool nbss_name_equal(const struct nbss_name *a, const struct nbss_name *b)
{
    return a->suffix == b->suffix && strcmp(a->text, b->text) == 0;
}

void nbss_name_put(struct wr *w, const struct nbss_name *name)
{
    uint8_t bytes[NAME_BYTES];

    if (!name_bytes(bytes, name)) {
        w->bad = true;
        return;
    }
    wr_u8(w, NAME_LETTERS);
    for (size_t i = 0; i < NAME_BYTES; i++) {
        wr_u8(w, (uint8_t)('A' + (bytes[i] >> 4)));
        wr_u8(w, (uint8_t)('A' + (bytes[i] & 0x0F)));
    }
    wr_u8(w, 0); /* no scope */
}

static uint8_t nibble_get(struct rd *r)
{
    uint8_t letter = rd_u8(r);

    rd_require(r, letter >= 'A' && letter <= 'P');
    return (uint8_t)((letter - 'A') & 0x0F);
}

struct nbss_name nbss_name_get(struct rd *r)
{
    uint8_t bytes[NAME_BYTES];

    rd_require(r, rd_u8(r) == NAME_LETTERS);
    for (size_t i = 0; i < NAME_BYTES; i++) {
        uint8_t high = nibble_get(r);
        bytes[i] = (uint8_t)(high << 4 | nibble_get(r));
    }
    rd_require(r, rd_u8(r) == 0); /* no scope */
    return name_of(bytes);
}

/* ---------------------------------------------------------------- opening a session */

void nbss_request_put(struct wr *w, const struct nbss_name *called, const struct nbss_name *calling)
{
    nbss_session_put(w, NBSS_SESSION_REQUEST, NAMES_LEN);
    nbss_name_put(w, called);
    nbss_name_put(w, calling);
}

bool nbss_request_get(struct nbss_name *called, struct nbss_name *calling, struct span body)
{
    struct rd r = rd_from(body, 0);

    *called = nbss_name_get(&r);
    *calling = nbss_name_get(&r);
    return rd_ok(&r);
}

void nbss_positive_put(struct wr *w)
{
    nbss_session_put(w, NBSS_POSITIVE_RESPONSE, 0);
}

void nbss_negative_put(struct wr *w, uint8_t error)
{
    nbss_session_put(w, NBSS_NEGATIVE_RESPONSE, NEGATIVE_LEN);
    wr_u8(w, error);
}

bool nbss_negative_get(uint8_t *error, struct span body)
{
    struct rd r = rd_from(body, 0);

    *error = rd_u8(&r);
    return rd_ok(&r);
}

void nbss_retarget_put(struct wr *w, const struct nbss_retarget *to)
{
    nbss_session_put(w, NBSS_RETARGET_RESPONSE, RETARGET_LEN);
    wr_u32be(w, to->address);
    wr_u16be(w, to->port);
}

bool nbss_retarget_get(struct nbss_retarget *out, struct span body)
{
    struct rd r = rd_from(body, 0);

    out->address = rd_u32be(&r);
    out->port = rd_u16be(&r);
    return rd_ok(&r);
}
