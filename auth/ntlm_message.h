/* ntlm_message.h: the messages of NTLM (MS-NLMP 2.2.1), both directions.
 *
 * Strings are UTF-16LE throughout: NTLMSSP_NEGOTIATE_UNICODE is required of every peer. */
#ifndef LSMB_AUTH_NTLM_MESSAGE_H
#define LSMB_AUTH_NTLM_MESSAGE_H

#include "proto/bytes.h"

/* NegotiateFlags; MS-NLMP 2.2.2.5. */
enum ntlm_flag {
    NTLM_UNICODE = 0x00000001,
    NTLM_REQUEST_TARGET = 0x00000004,
    NTLM_SIGN = 0x00000010,
    NTLM_NTLM = 0x00000200,
    NTLM_ANONYMOUS = 0x00000800,
    NTLM_ALWAYS_SIGN = 0x00008000,
    NTLM_TARGET_TYPE_SERVER = 0x00020000,
    NTLM_EXTENDED_SESSIONSECURITY = 0x00080000,
    NTLM_TARGET_INFO = 0x00800000,
    NTLM_VERSION = 0x02000000,
    NTLM_128 = 0x20000000,
    NTLM_KEY_EXCH = 0x40000000,
};
#define NTLM_56 UINT32_C(0x80000000) /* likewise; an enumerator is an int */

/* AvId; MS-NLMP 2.2.2.1. */
enum ntlm_av_id {
    MSV_AV_EOL = 0,
    MSV_AV_NB_COMPUTER_NAME = 1,
    MSV_AV_NB_DOMAIN_NAME = 2,
    MSV_AV_DNS_COMPUTER_NAME = 3,
    MSV_AV_DNS_DOMAIN_NAME = 4,
    MSV_AV_FLAGS = 6,     /* 4 bytes */
    MSV_AV_TIMESTAMP = 7, /* a FILETIME */
    MSV_AV_TARGET_NAME = 9,
    MSV_AV_CHANNEL_BINDINGS = 10, /* 16 bytes */
};

enum { MSV_AV_FLAG_MIC = 2 }; /* MsvAvFlags: the AUTHENTICATE carries a MIC */

enum {
    NTLM_NEGOTIATE_LEN = 40,
    NTLM_CHALLENGE_LEN = 8, /* the random numbers of both sides */
    NTLM_MIC_OFFSET = 72,   /* where Version always precedes it */
    NTLM_MIC_LEN = 16,
    NTLM_AUTHENTICATE_FIXED_LEN = NTLM_MIC_OFFSET + NTLM_MIC_LEN,
    NTLM_CHALLENGE_FIXED_LEN = 56,
    NTLM_AV_HEADER_LEN = 4,
};

/* MS-NLMP 2.2.1.1.  Its names are never used. */
struct ntlm_negotiate {
    uint32_t flags;
};

/* MS-NLMP 2.2.1.2 */
struct ntlm_challenge {
    uint32_t flags;
    uint8_t server_challenge[NTLM_CHALLENGE_LEN];
    struct span target_name;
    struct span target_info; /* well-formed AV pairs, or empty */
};

/* MS-NLMP 2.2.1.3 */
struct ntlm_authenticate {
    uint32_t flags;
    struct span domain, user, workstation;
    struct span lm_response, nt_response;
    struct span session_key; /* EncryptedRandomSessionKey */
    bool has_mic;            /* when reading: there is room for one before the payload */
};

/* Whether it is a message of NTLM at all, going by its signature. */
bool ntlm_is_message(struct span token);

/* False when the message is malformed.  The views point into `message`. */
bool ntlm_negotiate_get(struct ntlm_negotiate *out, struct span message);
bool ntlm_challenge_get(struct ntlm_challenge *out, struct span message);
bool ntlm_authenticate_get(struct ntlm_authenticate *out, struct span message);

/* Write a message; see wr_ok().  Version is always sent, and an AUTHENTICATE's MIC is zeros. */
void ntlm_negotiate_put(struct wr *w, const struct ntlm_negotiate *negotiate);
void ntlm_challenge_put(struct wr *w, const struct ntlm_challenge *challenge);
void ntlm_authenticate_put(struct wr *w, const struct ntlm_authenticate *authenticate);

/* One AV_PAIR; MS-NLMP 2.2.2.1. */
struct ntlm_av {
    uint16_t id;
    struct span value;
};

/* The next pair, MsvAvEOL included; false when it is malformed or there is none. */
bool ntlm_av_get(struct rd *r, struct ntlm_av *out);
void ntlm_av_put(struct wr *w, uint16_t id, struct span value);

/* Look for a pair in a well-formed list; false when it is not there. */
bool ntlm_av_find(struct span target_info, uint16_t id, struct span *value);

/* The part of an NTLMv2 response behind its proof (MS-NLMP 2.2.2.7). */
struct ntlm_client_blob {
    uint64_t time; /* FILETIME */
    uint8_t client_challenge[NTLM_CHALLENGE_LEN];
    struct span target_info; /* well-formed AV pairs; when written, MsvAvEOL included */
};

enum { NTLM_CLIENT_BLOB_FIXED_LEN = 28 + 4 };

bool ntlm_client_blob_get(struct ntlm_client_blob *out, struct span blob);
void ntlm_client_blob_put(struct wr *w, const struct ntlm_client_blob *blob);

#endif
