/* negotiate.c: NEGOTIATE and its contexts (MS-SMB2 2.2.3, 2.2.4). */
#include "proto/negotiate.h"

static bool offers_311(const struct smb2_negotiate_request *q)
{
    for (uint16_t i = 0; i < q->dialect_count; i++) {
        if (q->dialects[i] == SMB2_DIALECT_311) {
            return true;
        }
    }
    return false;
}

/* ---------------------------------------------------------------- contexts, written */

/* Pad and write the head of a context; returns where its data begins. */
static size_t context_begin(struct wr *w, enum smb2_negotiate_context_type type)
{
    wr_align(w, 0);
    wr_u16(w, (uint16_t)type);
    wr_u16(w, 0); /* DataLength: see context_end */
    wr_u32(w, 0); /* Reserved */
    return w->pos;
}

static void context_end(struct wr *w, size_t data)
{
    wr_patch(w, data - 6, w->pos - data, 2);
}

static void ids_put(struct wr *w, const struct smb2_algorithms *list)
{
    for (uint16_t i = 0; i < list->count; i++) {
        wr_u16(w, list->id[i]);
    }
}

/* ENCRYPTION and SIGNING have the same form (MS-SMB2 2.2.3.1.2, 2.2.3.1.7). */
static void algorithms_put(struct wr *w, enum smb2_negotiate_context_type type,
                           const struct smb2_algorithms *list)
{
    size_t data = context_begin(w, type);

    wr_u16(w, list->count);
    ids_put(w, list);
    context_end(w, data);
}

static void preauth_put(struct wr *w, const struct smb2_negotiate_contexts *c)
{
    size_t data = context_begin(w, SMB2_PREAUTH_INTEGRITY_CAPABILITIES);

    wr_u16(w, c->hash.count);
    wr_size16(w, c->salt.len);
    ids_put(w, &c->hash);
    wr_span(w, c->salt);
    context_end(w, data);
}

static void compression_put(struct wr *w, const struct smb2_negotiate_contexts *c)
{
    size_t data = context_begin(w, SMB2_COMPRESSION_CAPABILITIES);

    wr_u16(w, c->compression.count);
    wr_u16(w, 0); /* Padding */
    wr_u32(w, c->compression_flags);
    ids_put(w, &c->compression);
    context_end(w, data);
}

static void netname_put(struct wr *w, struct span netname)
{
    size_t data = context_begin(w, SMB2_NETNAME_NEGOTIATE_CONTEXT_ID);

    wr_span(w, netname);
    context_end(w, data);
}

static uint16_t contexts_count(const struct smb2_negotiate_contexts *c)
{
    return (uint16_t)(c->hash.present + c->cipher.present + c->compression.present +
                      c->signing.present + c->has_netname);
}

static void contexts_put(struct wr *w, const struct smb2_negotiate_contexts *c)
{
    if (c->hash.present) {
        preauth_put(w, c);
    }
    if (c->cipher.present) {
        algorithms_put(w, SMB2_ENCRYPTION_CAPABILITIES, &c->cipher);
    }
    if (c->compression.present) {
        compression_put(w, c);
    }
    if (c->signing.present) {
        algorithms_put(w, SMB2_SIGNING_CAPABILITIES, &c->signing);
    }
    if (c->has_netname) {
        netname_put(w, c->netname);
    }
}

/* Pad to where the contexts begin and fill in the offset field at `field` (MS-SMB2 2.2.3,
 * 2.2.4). */
static void contexts_offset_put(struct wr *w, size_t field)
{
    wr_align(w, 0);
    wr_patch(w, field, SMB2_HEADER_LEN + w->pos, 4);
}

/* ---------------------------------------------------------------- contexts, read */

static void ids_get(struct rd *r, struct smb2_algorithms *list)
{
    rd_require(r, list->count <= SMB2_ALGORITHMS_MAX);
    for (uint16_t i = 0; rd_ok(r) && i < list->count; i++) {
        list->id[i] = rd_u16(r);
    }
}

static void algorithms_get(struct rd *r, struct smb2_algorithms *list)
{
    list->count = rd_u16(r);
    ids_get(r, list);
}

static void preauth_get(struct rd *r, struct smb2_negotiate_contexts *c)
{
    c->hash.count = rd_u16(r);
    uint16_t salt_len = rd_u16(r);
    ids_get(r, &c->hash);
    c->salt = rd_take(r, salt_len);
}

static void compression_get(struct rd *r, struct smb2_negotiate_contexts *c)
{
    c->compression.count = rd_u16(r);
    rd_skip(r, 2); /* Padding */
    c->compression_flags = rd_u32(r);
    ids_get(r, &c->compression);
}

/* Whether the first context of its type has come; a second one is only noted. */
static bool is_first(struct smb2_negotiate_contexts *c, bool *present)
{
    if (*present) {
        c->duplicate = true;
        return false;
    }
    *present = true;
    return true;
}

static bool context_get(struct smb2_negotiate_contexts *c, uint16_t type, struct span data)
{
    struct rd r = rd_from(data, 0);

    switch (type) {
    case SMB2_PREAUTH_INTEGRITY_CAPABILITIES:
        if (is_first(c, &c->hash.present)) {
            preauth_get(&r, c);
        }
        break;
    case SMB2_ENCRYPTION_CAPABILITIES:
        if (is_first(c, &c->cipher.present)) {
            algorithms_get(&r, &c->cipher);
        }
        break;
    case SMB2_COMPRESSION_CAPABILITIES:
        if (is_first(c, &c->compression.present)) {
            compression_get(&r, c);
        }
        break;
    case SMB2_SIGNING_CAPABILITIES:
        if (is_first(c, &c->signing.present)) {
            algorithms_get(&r, &c->signing);
        }
        break;
    case SMB2_NETNAME_NEGOTIATE_CONTEXT_ID:
        if (is_first(c, &c->has_netname)) {
            rd_require(&r, data.len % 2 == 0);
            c->netname = data;
        }
        break;
    default: /* MS-SMB2 3.2.5.2, 3.3.5.4: other types are ignored */ c->unknown++;
    }
    return rd_ok(&r);
}

/* Read `count` contexts from `offset` on, each padded to 8 but the last.  MS-SMB2 2.2.3.1. */
static bool contexts_get(struct smb2_negotiate_contexts *c, struct span msg, size_t offset,
                         uint16_t count)
{
    struct rd r = rd_from(msg, offset);

    rd_require(&r, count == 0 || offset % 8 == 0);
    for (uint16_t i = 0; rd_ok(&r) && i < count; i++) {
        rd_skip(&r, (8 - r.pos % 8) % 8);
        uint16_t type = rd_u16(&r);
        uint16_t length = rd_u16(&r);
        rd_skip(&r, 4); /* Reserved */
        struct span data = rd_take(&r, length);
        rd_require(&r, rd_ok(&r) && context_get(c, type, data));
    }
    return rd_ok(&r);
}

/* ---------------------------------------------------------------- request */

void smb2_negotiate_request_put(struct wr *w, const struct smb2_negotiate_request *q)
{
    bool contexts = offers_311(q);

    wr_u16(w, 36); /* StructureSize */
    wr_u16(w, q->dialect_count);
    wr_u16(w, q->security_mode);
    wr_u16(w, 0); /* Reserved */
    wr_u32(w, q->capabilities);
    wr_bytes(w, q->client_guid, sizeof q->client_guid);
    size_t offset = w->pos;
    wr_u32(w, 0); /* NegotiateContextOffset, or half of ClientStartTime, which is 0 */
    wr_u16(w, contexts ? contexts_count(&q->contexts) : 0);
    wr_u16(w, 0); /* Reserved2 */
    for (uint16_t i = 0; i < q->dialect_count; i++) {
        wr_u16(w, q->dialects[i]);
    }
    if (contexts) {
        contexts_offset_put(w, offset);
        contexts_put(w, &q->contexts);
    }
}

bool smb2_negotiate_request_get(struct smb2_negotiate_request *out, struct span msg)
{
    struct rd r = rd_from(msg, SMB2_HEADER_LEN);

    *out = (struct smb2_negotiate_request){0};
    rd_structure_size(&r, 36);
    out->dialect_count = rd_u16(&r);
    out->security_mode = rd_u16(&r);
    rd_skip(&r, 2); /* Reserved */
    out->capabilities = rd_u32(&r);
    rd_bytes(&r, out->client_guid, sizeof out->client_guid);
    uint32_t offset = rd_u32(&r);
    uint16_t count = rd_u16(&r);
    rd_skip(&r, 2); /* Reserved2 */
    rd_require(&r, out->dialect_count <= SMB2_DIALECTS_MAX);
    for (uint16_t i = 0; rd_ok(&r) && i < out->dialect_count; i++) {
        out->dialects[i] = rd_u16(&r);
    }
    if (!rd_ok(&r) || !offers_311(out)) {
        return rd_ok(&r);
    }
    return (count == 0 || offset >= r.pos) && contexts_get(&out->contexts, msg, offset, count);
}

/* ---------------------------------------------------------------- reply */

void smb2_negotiate_reply_put(struct wr *w, const struct smb2_negotiate_reply *a)
{
    bool contexts = a->dialect == SMB2_DIALECT_311;

    wr_u16(w, 65); /* StructureSize */
    wr_u16(w, a->security_mode);
    wr_u16(w, a->dialect);
    wr_u16(w, contexts ? contexts_count(&a->contexts) : 0);
    wr_bytes(w, a->server_guid, sizeof a->server_guid);
    wr_u32(w, a->capabilities);
    wr_u32(w, a->max_transact);
    wr_u32(w, a->max_read);
    wr_u32(w, a->max_write);
    wr_u64(w, a->system_time);
    wr_u64(w, a->server_start_time);
    wr_u16(w, SMB2_HEADER_LEN + SMB2_NEGOTIATE_REPLY_LEN); /* SecurityBufferOffset */
    wr_size16(w, a->token.len);
    size_t offset = w->pos;
    wr_u32(w, 0); /* NegotiateContextOffset or Reserved2 */
    wr_span(w, a->token);
    if (contexts) {
        contexts_offset_put(w, offset);
        contexts_put(w, &a->contexts);
    }
}

static bool one_if_present(const struct smb2_algorithms *list)
{
    return !list->present || list->count == 1;
}

bool smb2_negotiate_reply_get(struct smb2_negotiate_reply *out, struct span msg)
{
    struct rd r = rd_from(msg, SMB2_HEADER_LEN);

    *out = (struct smb2_negotiate_reply){0};
    rd_structure_size(&r, 65);
    out->security_mode = rd_u16(&r);
    out->dialect = rd_u16(&r);
    uint16_t count = rd_u16(&r);
    rd_bytes(&r, out->server_guid, sizeof out->server_guid);
    out->capabilities = rd_u32(&r);
    out->max_transact = rd_u32(&r);
    out->max_read = rd_u32(&r);
    out->max_write = rd_u32(&r);
    out->system_time = rd_u64(&r);
    out->server_start_time = rd_u64(&r);
    uint16_t token = rd_u16(&r);
    uint16_t token_len = rd_u16(&r);
    uint32_t offset = rd_u32(&r);
    out->token = rd_view(&r, token, token_len);
    if (!rd_ok(&r) || out->dialect != SMB2_DIALECT_311) {
        return rd_ok(&r);
    }
    if ((count != 0 && offset < r.pos) || !contexts_get(&out->contexts, msg, offset, count)) {
        return false;
    }
    /* MS-SMB2 3.2.5.2: a server chooses, it does not list. */
    return one_if_present(&out->contexts.hash) && one_if_present(&out->contexts.cipher) &&
           one_if_present(&out->contexts.signing);
}
