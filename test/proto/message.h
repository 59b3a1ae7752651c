/* message.h: what tests of codecs share: messages from hexadecimal, the body that an encoder
 * wrote, and the two ways in which a decoder must refuse. */
#ifndef LSMB_TEST_PROTO_MESSAGE_H
#define LSMB_TEST_PROTO_MESSAGE_H

#include "proto/header.h"
#include "test/hex.h"

#include <check.h>
#include <stdlib.h>

struct message {
    uint8_t bytes[4352];
    size_t len;
};

static inline struct message message_of(const char *text)
{
    struct message m = {.len = strlen(text) / 2};

    ck_assert_uint_le(m.len, sizeof m.bytes);
    hex(m.bytes, text);
    return m;
}

static inline struct span message_span(const struct message *m)
{
    return (struct span){m->bytes, m->len};
}

/* A writer for the body of a message whose header is zeros, and its end. */
static inline struct wr body_begin(struct message *m)
{
    *m = (struct message){0};
    return wr_from(m->bytes + SMB2_HEADER_LEN, sizeof m->bytes - SMB2_HEADER_LEN);
}

static inline struct span body_end(struct message *m, const struct wr *w)
{
    ck_assert(wr_ok(w));
    m->len = SMB2_HEADER_LEN + w->pos;
    return message_span(m);
}

/* The encoder wrote the very body of the message `text`. */
static inline void check_body(const struct wr *w, const char *text)
{
    struct message want = message_of(text);

    ck_assert(wr_ok(w));
    ck_assert_uint_eq(SMB2_HEADER_LEN + w->pos, want.len);
    ck_assert_mem_eq(w->ptr, want.bytes + SMB2_HEADER_LEN, w->pos);
}

/* `got` is the string `want`, in UTF-16LE; `want` is ASCII. */
static inline void check_utf16(struct span got, const char *want)
{
    ck_assert_uint_eq(got.len, 2 * strlen(want));
    for (size_t i = 0; i < got.len; i++) {
        ck_assert_int_eq(got.ptr[i], i % 2 == 0 ? want[i / 2] : 0);
    }
}

#define check_span(got, want_hex)                                                                  \
    do {                                                                                           \
        struct span got_ = (got);                                                                  \
        ck_assert_uint_eq(got_.len, strlen(want_hex) / 2);                                         \
        ck_assert_hex(got_.ptr, want_hex);                                                         \
    } while (0)

typedef bool decode_fn(struct span msg);

/* Decode a copy that ends where the message ends, so that a sanitizer sees every byte too far. */
static inline bool decodes(decode_fn *decode, struct span msg)
{
    uint8_t *copy = malloc(msg.len + 1);

    if (!copy) {
        ck_abort_msg("no memory");
    }
    if (msg.len > 0) {
        memcpy(copy + 1, msg.ptr, msg.len);
    }
    bool ok = decode((struct span){copy + 1, msg.len});
    free(copy);
    return ok;
}

/* Each proper prefix of a valid message is refused. */
static inline void check_prefixes_refused(decode_fn *decode, struct span msg)
{
    ck_assert(decodes(decode, msg));
    for (size_t n = 0; n < msg.len; n++) {
        if (decodes(decode, (struct span){msg.ptr, n})) {
            ck_abort_msg("accepted: the first %zu bytes of %zu", n, msg.len);
        }
    }
}

/* A rule, and the bytes that break it in an otherwise valid message. */
struct breach {
    const char *rule;
    size_t at;
    const char *bytes; /* hexadecimal */
};

static inline void check_breach_refused(decode_fn *decode, struct span valid,
                                        const struct breach *breach)
{
    struct message m = {.len = valid.len};
    size_t n = strlen(breach->bytes) / 2;

    ck_assert_uint_le(valid.len, sizeof m.bytes);
    ck_assert_uint_le(breach->at + n, valid.len);
    ck_assert(decodes(decode, valid));
    memcpy(m.bytes, valid.ptr, valid.len);
    hex(m.bytes + breach->at, breach->bytes);
    ck_assert_msg(!decodes(decode, message_span(&m)), "accepted: %s", breach->rule);
}

#define check_breaches_refused(decode, valid, breaches)                                            \
    do {                                                                                           \
        for (size_t i_ = 0; i_ < sizeof(breaches) / sizeof(breaches)[0]; i_++) {                   \
            check_breach_refused(decode, valid, &(breaches)[i_]);                                  \
        }                                                                                          \
    } while (0)

#endif
