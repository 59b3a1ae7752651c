#include "test/conformance/cell.h"

#include <stdio.h>

const struct protection protections[] = {
    {LSMB_SMB_2_0_2, 0, 0},
    {LSMB_SMB_2_0_2, LSMB_HMAC_SHA256, 0},
    {LSMB_SMB_2_1, 0, 0},
    {LSMB_SMB_2_1, LSMB_HMAC_SHA256, 0},
    {LSMB_SMB_3_0, 0, 0},
    {LSMB_SMB_3_0, LSMB_AES_CMAC, 0},
    {LSMB_SMB_3_0, 0, LSMB_AES_128_CCM},
    {LSMB_SMB_3_0_2, 0, 0},
    {LSMB_SMB_3_0_2, LSMB_AES_CMAC, 0},
    {LSMB_SMB_3_0_2, 0, LSMB_AES_128_CCM},
    {LSMB_SMB_3_1_1, 0, 0},
    {LSMB_SMB_3_1_1, LSMB_HMAC_SHA256, 0},
    {LSMB_SMB_3_1_1, LSMB_AES_CMAC, 0},
    {LSMB_SMB_3_1_1, LSMB_AES_GMAC, 0},
    {LSMB_SMB_3_1_1, 0, LSMB_AES_128_CCM},
    {LSMB_SMB_3_1_1, 0, LSMB_AES_128_GCM},
    {LSMB_SMB_3_1_1, 0, LSMB_AES_256_CCM},
    {LSMB_SMB_3_1_1, 0, LSMB_AES_256_GCM},
};
const size_t protection_count = sizeof protections / sizeof protections[0];

bool cell_exists(const struct cell *cell)
{
    bool keys = cell->logon == LOGON_NTLMV2 || cell->logon == LOGON_NTLMV1;

    return keys || (cell->protection.signing_alg == 0 && cell->protection.cipher == 0);
}

bool cell_same(const struct cell *a, const struct cell *b)
{
    return a->logon == b->logon && a->transport == b->transport &&
           a->protection.dialect == b->protection.dialect &&
           a->protection.signing_alg == b->protection.signing_alg &&
           a->protection.cipher == b->protection.cipher;
}

const char *dialect_text(enum lsmb_dialect dialect)
{
    switch (dialect) {
    case LSMB_SMB_2_0_2: return "2.0.2";
    case LSMB_SMB_2_1: return "2.1";
    case LSMB_SMB_3_0: return "3.0";
    case LSMB_SMB_3_0_2: return "3.0.2";
    case LSMB_SMB_3_1_1: return "3.1.1";
    }
    return "unknown";
}

const char *signing_text(uint8_t signing_alg)
{
    static const char *const names[] = {"", "HMAC-SHA256", "AES-CMAC", "AES-GMAC"};

    return signing_alg < sizeof names / sizeof names[0] ? names[signing_alg] : "unknown";
}

const char *cipher_text(uint8_t cipher)
{
    static const char *const names[] = {"", "AES-128-CCM", "AES-128-GCM", "AES-256-CCM",
                                        "AES-256-GCM"};

    return cipher < sizeof names / sizeof names[0] ? names[cipher] : "unknown";
}

const char *logon_text(enum logon logon)
{
    static const char *const names[] = {"ntlmv2", "ntlmv1", "guest", "anonymous"};

    return names[logon];
}

const char *transport_text(enum transport transport)
{
    return transport == TRANSPORT_TCP ? "tcp" : "nbt";
}

const char *protection_text(const struct protection *protection, char out[PROTECTION_TEXT])
{
    const char *how = protection->cipher ? " sealed " : protection->signing_alg ? " signed " : "";

    (void)snprintf(out, PROTECTION_TEXT, "%s%s%s%s", dialect_text(protection->dialect), how,
                   cipher_text(protection->cipher), signing_text(protection->signing_alg));
    return out;
}

struct lsmb_policy cell_policy(const struct cell *cell)
{
    const struct protection *p = &cell->protection;

    return (struct lsmb_policy){
        .size = sizeof(struct lsmb_policy),
        .min_dialect = p->dialect,
        .max_dialect = p->dialect,
        .sign = p->signing_alg ? LSMB_REQUIRED : LSMB_AUTO,
        .seal = p->cipher ? LSMB_REQUIRED : LSMB_AUTO,
        .ciphers = {p->cipher},
        .signing_algs = {p->signing_alg},
        .allow_guest = cell->logon == LOGON_GUEST,
        .anonymous = cell->logon == LOGON_ANONYMOUS,
        .allow_ntlmv1 = cell->logon == LOGON_NTLMV1,
    };
}
