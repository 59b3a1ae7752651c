/* spnego_message.c: the messages of SPNEGO (RFC 4178 4.2, MS-SPNG 2.2.1). */
#include "auth/spnego_message.h"

#include <stdio.h>

static const struct span oid_ntlmssp = OID_NTLMSSP;
static const struct span oid_kerberos = OID_KERBEROS;
static const struct span oid_ms_kerberos = OID_MS_KERBEROS;
/* 1.2.840.113554.1.2.2.3 */
static const struct span oid_user_to_user = OID_SPAN("\x2A\x86\x48\x86\xF7\x12\x01\x02\x02\x03");
/* 1.3.6.1.4.1.311.2.2.30 */
static const struct span oid_negoex = OID_SPAN("\x2B\x06\x01\x04\x01\x82\x37\x02\x02\x1E");
static const struct span oid_spnego = OID_SPNEGO;

bool oid_same_mech(struct span a, struct span b)
{
    return span_equal(span_equal(a, oid_ms_kerberos) ? oid_kerberos : a,
                      span_equal(b, oid_ms_kerberos) ? oid_kerberos : b);
}

/* Dotted numbers; X.690 8.19. */
static void oid_dotted(struct span oid, char *out, size_t out_len)
{
    size_t at = 0;
    uint64_t arc = 0;
    bool first = true;

    for (size_t i = 0; i < oid.len && at < out_len; i++) {
        arc = arc << 7 | (oid.ptr[i] & 0x7F);
        if (oid.ptr[i] & 0x80) {
            continue;
        }
        uint64_t top = arc < 80 ? arc / 40 : 2;
        int n = first ? snprintf(out + at, out_len - at, "%u.%u", (unsigned)top,
                                 (unsigned)(arc - top * 40))
                      : snprintf(out + at, out_len - at, ".%u", (unsigned)arc);
        at += n > 0 ? (size_t)n : 0;
        first = false;
        arc = 0;
    }
}

const char *oid_name(struct span oid, char *out, size_t out_len)
{
    const struct {
        struct span oid;
        const char *name;
    } known[] = {
        {oid_ntlmssp, "NTLM"},         {oid_kerberos, "Kerberos"},
        {oid_ms_kerberos, "Kerberos"}, {oid_user_to_user, "Kerberos user-to-user"},
        {oid_negoex, "NEGOEX"},
    };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (span_equal(known[i].oid, oid)) {
            return known[i].name;
        }
    }
    (void)snprintf(out, out_len, "%s", "an unnamed mechanism");
    oid_dotted(oid, out, out_len);
    return out;
}

/* An optional field [n] that holds one element with `tag`. */
static struct span optional_field(struct der_rd *r, unsigned n, unsigned tag)
{
    if (!der_at(r, DER_CONTEXT_0 + n)) {
        return (struct span){0};
    }
    struct der_rd field = der_enter(r, DER_CONTEXT_0 + n);
    struct span value = der_take(&field, tag);

    r->bad = r->bad || !der_ok(&field) || der_more(&field);
    return value;
}

struct der_rd spnego_mech_list(struct span mech_types)
{
    struct der_rd r = der_from(mech_types);

    return der_enter(&r, DER_SEQUENCE);
}

/* MechTypeList ::= SEQUENCE OF OBJECT IDENTIFIER, kept whole for its MIC. */
static struct span mech_types_field(struct der_rd *r)
{
    struct der_rd field = der_enter(r, DER_CONTEXT_0);
    struct span whole = der_take_whole(&field, DER_SEQUENCE);
    struct der_rd list = spnego_mech_list(whole);
    bool more = der_more(&field);

    while (der_more(&list)) {
        (void)der_take(&list, DER_OID);
    }
    r->bad = r->bad || !der_ok(&field) || more || !der_ok(&list);
    return whole;
}

/* RFC 4178 4.2.1: [APPLICATION 0] { OID, [0] { SEQUENCE { [0] mechTypes, [1] reqFlags,
 * [2] mechToken, [3] mechListMIC } } }. MS-SPNG 2.2.1 has negHints as [3] and the MIC as [4];
 * neither is used in a first message. */
bool spnego_init_get(struct spnego_init *out, struct span token)
{
    struct der_rd r = der_from(token);
    struct der_rd outer = der_enter(&r, DER_APPLICATION_0);
    struct span oid = der_take(&outer, DER_OID);
    struct der_rd choice = der_enter(&outer, DER_CONTEXT_0);
    struct der_rd fields = der_enter(&choice, DER_SEQUENCE);

    *out = (struct spnego_init){0};
    if (der_at(&fields, DER_CONTEXT_0)) {
        out->mech_types = mech_types_field(&fields);
    }
    if (der_at(&fields, DER_CONTEXT_0 + 1)) {
        (void)der_take(&fields, DER_CONTEXT_0 + 1); /* reqFlags: ignored, RFC 4178 4.2.1 */
    }
    out->mech_token = optional_field(&fields, 2, DER_OCTET_STRING);
    der_skip_rest(&fields);
    return der_ok(&fields) && span_equal(oid, oid_spnego) && !der_more(&outer) &&
           !der_more(&choice);
}

/* RFC 4178 4.2.2: [1] { SEQUENCE { [0] negState, [1] supportedMech, [2] responseToken,
 * [3] mechListMIC } }. */
bool spnego_resp_get(struct spnego_resp *out, struct span token)
{
    struct der_rd r = der_from(token);
    struct der_rd choice = der_enter(&r, DER_CONTEXT_0 + 1);
    struct der_rd fields = der_enter(&choice, DER_SEQUENCE);

    *out = (struct spnego_resp){.has_state = der_at(&fields, DER_CONTEXT_0)};
    struct span state = optional_field(&fields, 0, DER_ENUMERATED);
    if (out->has_state) {
        if (state.len != 1 || state.ptr[0] > SPNEGO_REQUEST_MIC) {
            return false;
        }
        out->state = (enum spnego_state)state.ptr[0];
    }
    out->supported_mech = optional_field(&fields, 1, DER_OID);
    out->response_token = optional_field(&fields, 2, DER_OCTET_STRING);
    out->mech_list_mic = optional_field(&fields, 3, DER_OCTET_STRING);
    der_skip_rest(&fields);
    return der_ok(&fields) && !der_more(&choice);
}

static void put_field(struct der_wr *w, unsigned n, unsigned tag, struct span contents)
{
    if (contents.len > 0) {
        size_t mark = der_mark(w);
        der_put_element(w, tag, contents);
        der_put_header(w, DER_CONTEXT_0 + n, mark);
    }
}

void spnego_init_put(struct der_wr *w, const struct spnego_init *init)
{
    size_t end = der_mark(w);

    put_field(w, 2, DER_OCTET_STRING, init->mech_token);
    size_t mark = der_mark(w);
    der_put(w, init->mech_types);
    der_put_header(w, DER_CONTEXT_0, mark);
    der_put_header(w, DER_SEQUENCE, end);
    der_put_header(w, DER_CONTEXT_0, end);
    der_put_element(w, DER_OID, oid_spnego);
    der_put_header(w, DER_APPLICATION_0, end);
}

void spnego_resp_put(struct der_wr *w, const struct spnego_resp *resp)
{
    size_t end = der_mark(w);
    uint8_t state = (uint8_t)resp->state;

    put_field(w, 3, DER_OCTET_STRING, resp->mech_list_mic);
    put_field(w, 2, DER_OCTET_STRING, resp->response_token);
    put_field(w, 1, DER_OID, resp->supported_mech);
    if (resp->has_state) {
        put_field(w, 0, DER_ENUMERATED, (struct span){&state, 1});
    }
    der_put_header(w, DER_SEQUENCE, end);
    der_put_header(w, DER_CONTEXT_0 + 1, end);
}
