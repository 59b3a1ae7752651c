/* der.c: the little ASN.1 that SPNEGO needs (X.690). */
#include "auth/der.h"

struct element {
    unsigned tag;
    size_t header_len;
    struct span contents;
};

struct der_rd der_from(struct span bytes)
{
    return (struct der_rd){.left = bytes};
}

/* Up to four length bytes are enough for anything a frame can hold; X.690 8.1.3. */
static bool get_length(struct rd *r, uint64_t *length)
{
    unsigned first = rd_u8(r);

    if (first < 0x80) {
        *length = first;
        return rd_ok(r);
    }
    unsigned bytes = first & 0x7F;
    if (bytes == 0 || bytes > 4) { /* 0x80: the indefinite form, which DER does not have */
        return false;
    }
    *length = 0;
    while (bytes-- > 0) {
        *length = *length << 8 | rd_u8(r);
    }
    return rd_ok(r);
}

/* Look at the element at the beginning of `from`. */
static bool peek(struct span from, struct element *out)
{
    struct rd r = rd_from(from, 0);
    uint64_t length = 0;

    out->tag = rd_u8(&r);
    if ((out->tag & 0x1F) == 0x1F || !get_length(&r, &length) || length > rd_left(&r)) {
        return false; /* tags of several bytes do not occur in SPNEGO */
    }
    out->header_len = r.pos;
    out->contents = rd_take(&r, (size_t)length);
    return true;
}

/* Take the next element if it is well formed and has `tag`. */
static bool next(struct der_rd *r, unsigned tag, struct element *out)
{
    if (r->bad || !peek(r->left, out) || out->tag != tag) {
        *r = (struct der_rd){.bad = true};
        return false;
    }
    size_t whole = out->header_len + out->contents.len;
    r->left = (struct span){r->left.ptr + whole, r->left.len - whole};
    return true;
}

bool der_at(const struct der_rd *r, unsigned tag)
{
    return der_more(r) && r->left.ptr[0] == tag;
}

struct span der_take(struct der_rd *r, unsigned tag)
{
    struct element e;

    return next(r, tag, &e) ? e.contents : (struct span){0};
}

struct der_rd der_enter(struct der_rd *r, unsigned tag)
{
    struct element e;

    return next(r, tag, &e) ? der_from(e.contents) : (struct der_rd){.bad = true};
}

struct span der_take_whole(struct der_rd *r, unsigned tag)
{
    const uint8_t *start = r->left.ptr; /* empty contents have no place to count back from */
    struct element e;

    if (!next(r, tag, &e)) {
        return (struct span){0};
    }
    return (struct span){start, e.header_len + e.contents.len};
}

void der_skip_rest(struct der_rd *r)
{
    while (der_more(r)) {
        (void)der_take(r, r->left.ptr[0]);
    }
}

struct der_wr der_to(uint8_t *mem, size_t cap)
{
    return (struct der_wr){.mem = mem, .start = cap, .cap = cap};
}

size_t der_mark(const struct der_wr *w)
{
    return w->cap - w->start;
}

void der_put(struct der_wr *w, struct span bytes)
{
    if (w->bad || bytes.len > w->start) {
        w->bad = true;
        return;
    }
    w->start -= bytes.len;
    if (bytes.len > 0) {
        memcpy(w->mem + w->start, bytes.ptr, bytes.len);
    }
}

static void put_u8(struct der_wr *w, size_t v)
{
    uint8_t byte = (uint8_t)(v & 0xFF);

    der_put(w, (struct span){&byte, 1});
}

void der_put_header(struct der_wr *w, unsigned tag, size_t mark)
{
    size_t length = der_mark(w) - mark, bytes = 0;

    if (length < 0x80) { /* X.690 8.1.3.4: the short form */
        put_u8(w, length);
    } else {
        for (size_t v = length; v > 0; v >>= 8) {
            put_u8(w, v);
            bytes++;
        }
        put_u8(w, 0x80 | bytes);
    }
    put_u8(w, tag);
}

void der_put_element(struct der_wr *w, unsigned tag, struct span contents)
{
    size_t mark = der_mark(w);

    der_put(w, contents);
    der_put_header(w, tag, mark);
}

struct span der_written(const struct der_wr *w)
{
    struct span none = {0};

    return w->bad ? none : (struct span){w->mem + w->start, w->cap - w->start};
}
