/* ntlm_message.c: the messages of NTLM (MS-NLMP 2.2.1). */
#include "auth/ntlm_message.h"

enum message_type { NEGOTIATE = 1, CHALLENGE = 2, AUTHENTICATE = 3 };

static const uint8_t signature[8] = "NTLMSSP";

/* Where a part of the payload is; MS-NLMP 2.2.1.1 (DomainNameFields). */
struct field {
    uint16_t len;
    uint32_t offset;
};

static void get_header(struct rd *r, enum message_type type)
{
    rd_require(
        r, span_equal(rd_take(r, sizeof signature), (struct span){signature, sizeof signature}));
    rd_require(r, rd_u32(r) == (uint32_t)type);
}

static void put_header(struct wr *w, enum message_type type)
{
    wr_bytes(w, signature, sizeof signature);
    wr_u32(w, (uint32_t)type);
}

static struct field get_field(struct rd *r)
{
    struct field f = {.len = rd_u16(r)};

    rd_skip(r, 2); /* MaxLen: ignored */
    f.offset = rd_u32(r);
    return f;
}

/* Only called when all fixed fields are read, so that a part cannot lie among them. */
static struct span view_of(struct rd *r, struct field f)
{
    return rd_view(r, f.offset, f.len);
}

/* Announce `bytes` at *offset, which moves on behind them. */
static void put_field(struct wr *w, struct span bytes, size_t *offset)
{
    wr_size16(w, bytes.len);
    wr_size16(w, bytes.len);
    wr_size32(w, *offset);
    *offset += bytes.len;
}

/* MS-NLMP 2.2.2.10: Windows 7 (6.1), NTLMSSP revision 15, as Samba says too. */
static void put_version(struct wr *w)
{
    wr_u8(w, 6);
    wr_u8(w, 1);
    wr_zero(w, 5); /* ProductBuild, Reserved */
    wr_u8(w, 15);
}

/* Version is only there when it is announced; MS-NLMP 2.2.2.10. */
static void get_version(struct rd *r, uint32_t flags)
{
    if (flags & NTLM_VERSION) {
        rd_skip(r, 8);
    }
}

bool ntlm_is_message(struct span token)
{
    struct rd r = rd_from(token, 0);

    return span_equal(rd_take(&r, sizeof signature), (struct span){signature, sizeof signature});
}

bool ntlm_negotiate_get(struct ntlm_negotiate *out, struct span message)
{
    struct rd r = rd_from(message, 0);

    get_header(&r, NEGOTIATE);
    out->flags = rd_u32(&r);
    struct field domain = get_field(&r), workstation = get_field(&r);
    get_version(&r, out->flags);
    (void)view_of(&r, domain);
    (void)view_of(&r, workstation);
    return rd_ok(&r);
}

void ntlm_negotiate_put(struct wr *w, const struct ntlm_negotiate *negotiate)
{
    size_t payload = NTLM_NEGOTIATE_LEN;

    put_header(w, NEGOTIATE);
    wr_u32(w, negotiate->flags);
    put_field(w, (struct span){0}, &payload); /* DomainName */
    put_field(w, (struct span){0}, &payload); /* Workstation */
    put_version(w);
}

/* Every pair lies inside and MsvAvEOL ends the list; MS-NLMP 2.2.2.1. */
static bool av_list_ok(struct span target_info)
{
    struct rd r = rd_from(target_info, 0);
    struct ntlm_av av = {.id = MSV_AV_EOL};

    if (target_info.len == 0) {
        return true;
    }
    do {
        if (!ntlm_av_get(&r, &av)) {
            return false;
        }
    } while (av.id != MSV_AV_EOL);
    return true;
}

bool ntlm_challenge_get(struct ntlm_challenge *out, struct span message)
{
    struct rd r = rd_from(message, 0);

    get_header(&r, CHALLENGE);
    struct field target_name = get_field(&r);
    out->flags = rd_u32(&r);
    rd_bytes(&r, out->server_challenge, sizeof out->server_challenge);
    rd_skip(&r, 8); /* Reserved */
    struct field target_info = get_field(&r);
    get_version(&r, out->flags);
    out->target_name = view_of(&r, target_name);
    out->target_info = view_of(&r, target_info);
    return rd_ok(&r) && av_list_ok(out->target_info);
}

void ntlm_challenge_put(struct wr *w, const struct ntlm_challenge *challenge)
{
    size_t payload = NTLM_CHALLENGE_FIXED_LEN;

    put_header(w, CHALLENGE);
    put_field(w, challenge->target_name, &payload);
    wr_u32(w, challenge->flags | NTLM_VERSION);
    wr_bytes(w, challenge->server_challenge, sizeof challenge->server_challenge);
    wr_zero(w, 8); /* Reserved */
    put_field(w, challenge->target_info, &payload);
    put_version(w);
    wr_span(w, challenge->target_name);
    wr_span(w, challenge->target_info);
}

/* A MIC has no flag of its own among the fixed fields: it is there when nothing else is. */
static bool room_for_mic(size_t message_len, const struct field *field, size_t count)
{
    if (message_len < NTLM_AUTHENTICATE_FIXED_LEN) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (field[i].len > 0 && field[i].offset < NTLM_AUTHENTICATE_FIXED_LEN) {
            return false;
        }
    }
    return true;
}

bool ntlm_authenticate_get(struct ntlm_authenticate *out, struct span message)
{
    enum { LM, NT, DOMAIN, USER, WORKSTATION, KEY, FIELDS };
    struct field field[FIELDS];
    struct rd r = rd_from(message, 0);

    get_header(&r, AUTHENTICATE);
    for (int i = 0; i < FIELDS; i++) {
        field[i] = get_field(&r);
    }
    out->flags = rd_u32(&r);
    get_version(&r, out->flags);
    out->has_mic = (out->flags & NTLM_VERSION) && room_for_mic(message.len, field, FIELDS);
    out->lm_response = view_of(&r, field[LM]);
    out->nt_response = view_of(&r, field[NT]);
    out->domain = view_of(&r, field[DOMAIN]);
    out->user = view_of(&r, field[USER]);
    out->workstation = view_of(&r, field[WORKSTATION]);
    out->session_key = view_of(&r, field[KEY]);
    return rd_ok(&r);
}

void ntlm_authenticate_put(struct wr *w, const struct ntlm_authenticate *authenticate)
{
    const struct ntlm_authenticate *a = authenticate;
    size_t payload = NTLM_AUTHENTICATE_FIXED_LEN;

    put_header(w, AUTHENTICATE);
    put_field(w, a->lm_response, &payload);
    put_field(w, a->nt_response, &payload);
    put_field(w, a->domain, &payload);
    put_field(w, a->user, &payload);
    put_field(w, a->workstation, &payload);
    put_field(w, a->session_key, &payload);
    wr_u32(w, a->flags | NTLM_VERSION);
    put_version(w);
    wr_zero(w, NTLM_MIC_LEN);
    wr_span(w, a->lm_response);
    wr_span(w, a->nt_response);
    wr_span(w, a->domain);
    wr_span(w, a->user);
    wr_span(w, a->workstation);
    wr_span(w, a->session_key);
}

/* What the two pairs of a fixed size hold is read without asking again. */
static bool av_size_ok(uint16_t id, size_t len)
{
    switch (id) {
    case MSV_AV_EOL: return len == 0;
    case MSV_AV_FLAGS: return len == 4;
    case MSV_AV_TIMESTAMP: return len == 8;
    }
    return true;
}

bool ntlm_av_get(struct rd *r, struct ntlm_av *out)
{
    out->id = rd_u16(r);
    uint16_t len = rd_u16(r);
    out->value = rd_take(r, len);
    rd_require(r, av_size_ok(out->id, len));
    return rd_ok(r);
}

void ntlm_av_put(struct wr *w, uint16_t id, struct span value)
{
    wr_u16(w, id);
    wr_size16(w, value.len);
    wr_span(w, value);
}

bool ntlm_av_find(struct span target_info, uint16_t id, struct span *value)
{
    struct rd r = rd_from(target_info, 0);
    struct ntlm_av av;

    while (ntlm_av_get(&r, &av) && av.id != MSV_AV_EOL) {
        if (av.id == id) {
            *value = av.value;
            return true;
        }
    }
    return false;
}

bool ntlm_client_blob_get(struct ntlm_client_blob *out, struct span blob)
{
    struct rd r = rd_from(blob, 0);

    rd_require(&r, rd_u8(&r) == 1); /* RespType */
    rd_require(&r, rd_u8(&r) == 1); /* HiRespType */
    rd_skip(&r, 6);                 /* Reserved */
    out->time = rd_u64(&r);
    rd_bytes(&r, out->client_challenge, sizeof out->client_challenge);
    rd_skip(&r, 4); /* Reserved */
    out->target_info = rd_take(&r, rd_left(&r));
    return rd_ok(&r) && out->target_info.len > 0 && av_list_ok(out->target_info);
}

/* Called "temp" in MS-NLMP 3.3.2. */
void ntlm_client_blob_put(struct wr *w, const struct ntlm_client_blob *blob)
{
    wr_u8(w, 1); /* RespType */
    wr_u8(w, 1); /* HiRespType */
    wr_zero(w, 6);
    wr_u64(w, blob->time);
    wr_bytes(w, blob->client_challenge, sizeof blob->client_challenge);
    wr_zero(w, 4);
    wr_span(w, blob->target_info);
    wr_zero(w, 4);
}
