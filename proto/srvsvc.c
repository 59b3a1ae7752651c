/* srvsvc.c: the arguments of NetrShareEnum at level 1 (MS-SRVS 3.1.4.8) in NDR (C706 14). */
#include "proto/srvsvc.h"

#include "proto/utf16.h"

enum {
    LEVEL = 1,
    ENTRY_LEN = 12,        /* of a SHARE_INFO_1 without what it points to */
    REFERENT = 0x00020000, /* any number but 0 says that there is something */
    SERVER_ROOM = 2 * 262, /* bytes, with NUL */
};

const struct rpc_syntax srvsvc_interface = {
    .uuid = {0xc8, 0x4f, 0x32, 0x4b, 0x70, 0x16, 0xd3, 0x01, 0x12, 0x78, 0x5a, 0x47, 0xbf, 0x6e,
             0xe1, 0x88},
    .version = 3,
};

/* ---------------------------------------------------------------- NDR */

/* C706 14.2.2: a 32-bit number begins at a multiple of 4, counted from the start of the stub. */
static void put_align(struct wr *w)
{
    wr_zero(w, (4 - w->pos % 4) % 4);
}

static void get_align(struct rd *r)
{
    rd_skip(r, (4 - r->pos % 4) % 4);
}

/* A conformant and varying string with its NUL (C706 14.3.4.2). */
static void put_string(struct wr *w, struct span text)
{
    put_align(w);
    wr_size32(w, text.len / 2 + 1); /* max_count */
    wr_u32(w, 0);                   /* offset */
    wr_size32(w, text.len / 2 + 1); /* actual_count */
    wr_span(w, text);
    wr_u16(w, 0);
}

static struct span get_string(struct rd *r)
{
    get_align(r);
    uint32_t max_count = rd_u32(r);
    rd_require(r, rd_u32(r) == 0); /* offset */
    uint32_t count = rd_u32(r);
    rd_require(r, count >= 1 && count <= max_count && count <= rd_left(r) / 2);
    struct span text = rd_take(r, rd_ok(r) ? 2 * (size_t)(count - 1) : 0);
    for (struct rd in = rd_from(text, 0); rd_left(&in) > 0;) {
        rd_require(r, rd_u16(&in) != 0); /* it ends where it says */
    }
    rd_require(r, rd_u16(r) == 0);
    return text;
}

/* ---------------------------------------------------------------- the call */

void srvsvc_share_enum_put(struct wr *w, const struct srvsvc_share_enum *q)
{
    uint8_t room[SERVER_ROOM];
    struct wr server = wr_from(room, sizeof room);

    wr_utf16(&server, q->server);
    if (!wr_ok(&server)) {
        w->bad = true;
        return;
    }
    wr_u32(w, REFERENT); /* ServerName */
    put_string(w, wr_written(&server));
    put_align(w);
    wr_u32(w, q->level); /* InfoStruct: Level */
    wr_u32(w, q->level); /* which member of the union (C706 14.3.8) */
    wr_u32(w, REFERENT); /* SHARE_INFO_1_CONTAINER */
    wr_u32(w, 0);        /* EntriesRead */
    wr_u32(w, 0);        /* Buffer */
    wr_u32(w, q->preferred_bytes);
    wr_u32(w, REFERENT); /* ResumeHandle */
    wr_u32(w, q->resume);
}

bool srvsvc_share_enum_get(struct srvsvc_share_enum *out, struct span stub)
{
    struct rd r = rd_from(stub, 0);

    *out = (struct srvsvc_share_enum){0};
    if (rd_u32(&r) != 0) {
        (void)get_string(&r);
        get_align(&r);
    }
    out->level = rd_u32(&r);
    rd_require(&r, rd_u32(&r) == out->level);
    rd_require(&r, rd_u32(&r) != 0); /* SHARE_INFO_1_CONTAINER */
    rd_skip(&r, 4);                  /* EntriesRead */
    rd_require(&r, rd_u32(&r) == 0); /* Buffer: nothing goes there */
    out->preferred_bytes = rd_u32(&r);
    if (rd_u32(&r) != 0) {
        out->resume = rd_u32(&r);
    }
    return rd_ok(&r);
}

/* ---------------------------------------------------------------- the answer */

void srvsvc_share_enum_reply_put(struct wr *w, const struct srvsvc_share_enum_reply *reply,
                                 const struct srvsvc_share *shares)
{
    wr_u32(w, LEVEL);
    wr_u32(w, LEVEL);
    wr_u32(w, REFERENT);
    wr_u32(w, reply->count);                /* EntriesRead */
    wr_u32(w, reply->count ? REFERENT : 0); /* Buffer */
    if (reply->count > 0) {
        wr_u32(w, reply->count); /* max_count */
    }
    for (uint32_t i = 0; i < reply->count; i++) {
        wr_u32(w, REFERENT); /* shi1_netname */
        wr_u32(w, shares[i].type);
        wr_u32(w, REFERENT); /* shi1_remark */
    }
    for (uint32_t i = 0; i < reply->count; i++) {
        put_string(w, shares[i].name);
        put_string(w, shares[i].comment);
    }
    put_align(w);
    wr_u32(w, reply->total);
    wr_u32(w, REFERENT); /* ResumeHandle */
    wr_u32(w, reply->resume);
    wr_u32(w, reply->status);
}

/* One share from both places at which a part of it stands. */
static bool take_share(struct rd *entries, struct rd *strings, struct srvsvc_share *out)
{
    *out = (struct srvsvc_share){0};
    rd_require(entries, rd_u32(entries) != 0); /* shi1_netname */
    out->type = rd_u32(entries);
    bool has_comment = rd_u32(entries) != 0; /* shi1_remark */
    out->name = get_string(strings);
    if (has_comment) {
        out->comment = get_string(strings);
    }
    return rd_ok(entries) && rd_ok(strings);
}

/* The array of shares: out->entries and out->strings begin at it and behind it. */
static void take_array(struct rd *r, struct srvsvc_share_enum_reply *out)
{
    uint32_t count = rd_u32(r); /* EntriesRead */
    bool has_buffer = rd_u32(r) != 0;

    rd_require(r, has_buffer || count == 0);
    if (has_buffer) {
        rd_require(r, rd_u32(r) == count); /* max_count */
    }
    rd_require(r, count <= rd_left(r) / ENTRY_LEN);
    struct span entries = rd_take(r, rd_ok(r) ? (size_t)count * ENTRY_LEN : 0);
    out->count = rd_ok(r) ? count : 0;
    out->entries = rd_from(entries, 0);
}

bool srvsvc_share_enum_reply_get(struct srvsvc_share_enum_reply *out, struct span stub)
{
    struct rd r = rd_from(stub, 0);
    struct srvsvc_share share;

    *out = (struct srvsvc_share_enum_reply){0};
    rd_require(&r, rd_u32(&r) == LEVEL);
    rd_require(&r, rd_u32(&r) == LEVEL);
    if (rd_u32(&r) != 0) {
        take_array(&r, out);
    }
    out->strings = r;
    struct rd entries = out->entries;
    for (uint32_t i = 0; i < out->count; i++) {
        if (!take_share(&entries, &r, &share)) {
            return false;
        }
    }
    get_align(&r);
    out->total = rd_u32(&r);
    if (rd_u32(&r) != 0) {
        out->resume = rd_u32(&r);
    }
    out->status = rd_u32(&r);
    return rd_ok(&r);
}

bool srvsvc_share_next(struct srvsvc_share_enum_reply *reply, struct srvsvc_share *out)
{
    if (reply->count == 0) {
        return false;
    }
    reply->count--;
    return take_share(&reply->entries, &reply->strings, out);
}
