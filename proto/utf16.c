/* utf16.c: names between UTF-8 and the UTF-16LE of the wire. */
#include "proto/utf16.h"

#define BEYOND_BMP 0x10000u
#define CODE_MAX   0x10FFFFu

static bool is_high_surrogate(uint32_t code)
{
    return code >= 0xD800 && code <= 0xDBFF;
}

static bool is_low_surrogate(uint32_t code)
{
    return code >= 0xDC00 && code <= 0xDFFF;
}

/* ---------------------------------------------------------------- UTF-8 */

/* Take one code point (RFC 3629 3), surrogates included; the cursor is bad when there is none. */
static uint32_t utf8_get(struct rd *r)
{
    static const uint32_t least[] = {0x80, 0x800, BEYOND_BMP}; /* by continuation bytes */
    uint32_t code = rd_u8(r);
    unsigned more;

    if (code < 0x80) {
        rd_require(r, code != 0);
        return code;
    }
    if (code >= 0xC0 && code < 0xE0) {
        more = 1;
    } else if (code >= 0xE0 && code < 0xF0) {
        more = 2;
    } else if (code >= 0xF0 && code < 0xF8) {
        more = 3;
    } else {
        rd_require(r, false);
        return 0;
    }
    code &= 0x3Fu >> more;
    for (unsigned i = 0; i < more; i++) {
        uint8_t byte = rd_u8(r);
        rd_require(r, (byte & 0xC0) == 0x80);
        code = code << 6 | (byte & 0x3Fu);
    }
    rd_require(r, code >= least[more - 1] && code <= CODE_MAX);
    return code;
}

static void utf8_put(struct wr *w, uint32_t code)
{
    if (code < 0x80) {
        wr_uint_be(w, code, 1);
    } else if (code < 0x800) {
        wr_uint_be(w, 0xC080 | (code & 0x7C0) << 2 | (code & 0x3F), 2);
    } else if (code < BEYOND_BMP) {
        wr_uint_be(w, 0xE08080 | (code & 0xF000) << 4 | (code & 0xFC0) << 2 | (code & 0x3F), 3);
    } else {
        wr_uint_be(w,
                   0xF0808080 | (code & 0x1C0000) << 6 | (code & 0x3F000) << 4 |
                       (code & 0xFC0) << 2 | (code & 0x3F),
                   4);
    }
}

static size_t utf8_size(uint32_t code)
{
    return code < 0x80 ? 1 : code < 0x800 ? 2 : code < BEYOND_BMP ? 3 : 4;
}

/* ---------------------------------------------------------------- UTF-16 */

/* Take one code point; a surrogate without its other half is one (RFC 2781 2.2 calls it an
 * error). */
static uint32_t utf16_get(struct rd *r)
{
    uint32_t code = rd_u16(r);

    rd_require(r, code != 0);
    if (is_high_surrogate(code) && rd_left(r) >= 2) {
        struct rd ahead = *r;
        uint32_t low = rd_u16(&ahead);
        if (is_low_surrogate(low)) {
            *r = ahead;
            return BEYOND_BMP + ((code - 0xD800) << 10) + (low - 0xDC00);
        }
    }
    return code;
}

static void utf16_put(struct wr *w, uint32_t code)
{
    if (code < BEYOND_BMP) {
        wr_u16(w, (uint16_t)code);
    } else {
        code -= BEYOND_BMP;
        wr_u16(w, (uint16_t)(0xD800 | code >> 10));
        wr_u16(w, (uint16_t)(0xDC00 | (code & 0x3FF)));
    }
}

/* ---------------------------------------------------------------- conversions */

bool utf16_from_utf8(uint8_t *out, size_t room, size_t *need, struct span utf8)
{
    struct rd r = rd_from(utf8, 0);
    struct wr w = wr_from(out, room);
    uint32_t before = 0;

    *need = 0;
    while (rd_left(&r) > 0) {
        uint32_t code = utf8_get(&r);
        /* A pair must be written as the one code point it is. */
        rd_require(&r, !(is_high_surrogate(before) && is_low_surrogate(code)));
        utf16_put(&w, code);
        *need += code < BEYOND_BMP ? 2 : 4;
        before = code;
    }
    if (!rd_ok(&r)) {
        *need = 0;
        return false;
    }
    return wr_ok(&w);
}

bool utf8_from_utf16(char *out, size_t room, size_t *need, struct span utf16)
{
    struct rd r = rd_from(utf16, 0);
    struct wr w = wr_from((uint8_t *)out, room);

    *need = 1;
    while (rd_left(&r) > 0) {
        uint32_t code = utf16_get(&r);
        utf8_put(&w, code);
        *need += utf8_size(code);
    }
    wr_u8(&w, 0);
    if (!rd_ok(&r)) {
        *need = 0;
    }
    if ((!rd_ok(&r) || !wr_ok(&w)) && room > 0) {
        out[0] = '\0';
    }
    return rd_ok(&r) && wr_ok(&w);
}

void wr_utf16(struct wr *w, const char *utf8)
{
    struct span text = span_of(utf8);
    size_t need;

    if (!utf16_from_utf8(NULL, 0, &need, text) && need == 0) {
        w->bad = true;
        return;
    }
    uint8_t *at = wr_room(w, need);
    if (at && !utf16_from_utf8(at, need, &need, text)) {
        w->bad = true;
    }
}
