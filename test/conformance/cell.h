/* cell.h: the combinations that a server is tried with: dialect, protection, logon, transport. */
#ifndef LSMB_TEST_CONFORMANCE_CELL_H
#define LSMB_TEST_CONFORMANCE_CELL_H

#include "lsmb.h"

enum logon { LOGON_NTLMV2, LOGON_NTLMV1, LOGON_GUEST, LOGON_ANONYMOUS, LOGON_COUNT };
enum transport { TRANSPORT_TCP, TRANSPORT_NBT, TRANSPORT_COUNT };

/* What is demanded of every message. */
struct protection {
    enum lsmb_dialect dialect; /* exactly this one is offered */
    uint8_t signing_alg; /* enum lsmb_signing_alg: signing is required; 0: as the server wants */
    uint8_t cipher;      /* enum lsmb_cipher: sealing is required; 0: it is off */
};

struct cell {
    struct protection protection;
    enum logon logon;
    enum transport transport;
};

/* Every protection that the dialects have, oldest first. */
extern const struct protection protections[];
extern const size_t protection_count;

/* Whether the combination exists: nobody and guests have no keys to sign or seal with. */
bool cell_exists(const struct cell *cell);

/* Whether two are the same combination. */
bool cell_same(const struct cell *a, const struct cell *b);

/* "3.1.1 signed AES-GMAC", "2.1", "3.0 sealed AES-128-CCM". */
enum { PROTECTION_TEXT = 48 };
const char *protection_text(const struct protection *protection, char out[PROTECTION_TEXT]);

const char *dialect_text(enum lsmb_dialect dialect);
const char *signing_text(uint8_t signing_alg); /* "" for 0 */
const char *cipher_text(uint8_t cipher);       /* "" for 0 */
const char *logon_text(enum logon logon);
const char *transport_text(enum transport transport);

/* The policy that asks for exactly this. */
struct lsmb_policy cell_policy(const struct cell *cell);

#endif
