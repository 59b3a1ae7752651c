/* spnego_message.h: the messages of SPNEGO (RFC 4178 4.2, MS-SPNG 2.2.1), both directions. */
#ifndef LSMB_AUTH_SPNEGO_MESSAGE_H
#define LSMB_AUTH_SPNEGO_MESSAGE_H

#include "auth/der.h"

/* NegState of RFC 4178 4.2.2. */
enum spnego_state {
    SPNEGO_ACCEPT_COMPLETED = 0,
    SPNEGO_ACCEPT_INCOMPLETE = 1,
    SPNEGO_REJECT = 2,
    SPNEGO_REQUEST_MIC = 3,
};

/* NegTokenInit of a client, or NegTokenInit2 of a server (the "hint" in its NEGOTIATE reply). */
struct spnego_init {
    struct span mech_types; /* the DER of MechTypeList, its own tag included; empty when absent */
    struct span mech_token; /* empty when absent */
};

/* NegTokenResp; what is empty is absent. */
struct spnego_resp {
    bool has_state;
    enum spnego_state state;
    struct span supported_mech; /* contents of an OBJECT IDENTIFIER */
    struct span response_token;
    struct span mech_list_mic;
};

/* Initialisers for the contents of OBJECT IDENTIFIERs. */
#define OID_SPAN(bytes)                                                                            \
    {                                                                                              \
        (const uint8_t *)(bytes), sizeof(bytes) - 1                                                \
    }
/* 1.3.6.1.4.1.311.2.2.10; MS-NLMP 1.9 */
#define OID_NTLMSSP     OID_SPAN("\x2B\x06\x01\x04\x01\x82\x37\x02\x02\x0A")
/* 1.2.840.113554.1.2.2; RFC 4121 1 */
#define OID_KERBEROS    OID_SPAN("\x2A\x86\x48\x86\xF7\x12\x01\x02\x02")
/* 1.2.840.48018.1.2.2: the same mechanism, misspelt; MS-SPNG 3.1.5.2 */
#define OID_MS_KERBEROS OID_SPAN("\x2A\x86\x48\x82\xF7\x12\x01\x02\x02")
/* 1.3.6.1.5.5.2; RFC 4178 4.2.1 */
#define OID_SPNEGO      OID_SPAN("\x2B\x06\x01\x05\x05\x02")

/* Whether two object identifiers name one mechanism; both spellings of Kerberos do. */
bool oid_same_mech(struct span a, struct span b);

/* A name for people: "NTLM", "Kerberos", "NEGOEX" or dotted numbers, cut off when longer. */
const char *oid_name(struct span oid, char *out, size_t out_len);

/* False when the message is malformed; fields of extensions are passed over. */
bool spnego_init_get(struct spnego_init *out, struct span token);
bool spnego_resp_get(struct spnego_resp *out, struct span token);

/* A reader over the OBJECT IDENTIFIERs in `mech_types`. */
struct der_rd spnego_mech_list(struct span mech_types);

/* Write a message; see der_written(). */
void spnego_init_put(struct der_wr *w, const struct spnego_init *init);
void spnego_resp_put(struct der_wr *w, const struct spnego_resp *resp);

/* Bytes that a message takes beside its tokens, MIC and mechanism list, at most. */
enum { SPNEGO_FRAME_MAX = 96 };

#endif
