/* keys.c: from the mechanism's key to those of an SMB session (MS-SMB2 3.1.4.2, 3.2.5.3.1). */
#include "auth/keys.h"

#include "auth/kdf.h"

enum { SESSION_KEY_LEN = 16 };

enum { DIALECT_3_0 = 0x0300, DIALECT_3_1_1 = 0x0311 };

enum { CIPHER_AES_256_CCM = 3, CIPHER_AES_256_GCM = 4 };

/* A string of the specification; its NUL is part of the input (MS-SMB2 3.1.4.2). */
#define STRZ(s) ((struct span){(const uint8_t *)(s), sizeof(s)})

/* Which label and context a key is derived with. */
struct purpose {
    struct span label, context;
};

struct purposes {
    struct purpose signing, application, client_to_server, server_to_client;
};

/* SMB 3.0 and 3.0.2 have fixed contexts; MS-SMB2 3.2.5.3.1.  "ServerIn " ends in a blank. */
static struct purposes purposes_3_0(void)
{
    return (struct purposes){
        .signing = {STRZ("SMB2AESCMAC"), STRZ("SmbSign")},
        .application = {STRZ("SMB2APP"), STRZ("SmbRpc")},
        .client_to_server = {STRZ("SMB2AESCCM"), STRZ("ServerIn ")},
        .server_to_client = {STRZ("SMB2AESCCM"), STRZ("ServerOut")},
    };
}

/* SMB 3.1.1 ties every key to the messages before it; MS-SMB2 3.2.5.3.1. */
static struct purposes purposes_3_1_1(const struct preauth *preauth)
{
    struct span hash = {preauth->hash, sizeof preauth->hash};

    return (struct purposes){
        .signing = {STRZ("SMBSigningKey"), hash},
        .application = {STRZ("SMBAppKey"), hash},
        .client_to_server = {STRZ("SMBC2SCipherKey"), hash},
        .server_to_client = {STRZ("SMBS2CCipherKey"), hash},
    };
}

static bool derive(struct secret *out, size_t out_len, struct span key, struct purpose purpose)
{
    uint8_t bytes[32];
    bool ok = smb3_kdf(bytes, out_len, key, purpose.label, purpose.context) &&
              secret_set(out, (struct span){bytes, out_len});

    secret_erase(bytes, sizeof bytes);
    return ok;
}

static bool derive_3_x(struct session_keys *keys, uint16_t dialect, uint16_t cipher,
                       struct span session_key, struct span mech_key, const struct preauth *preauth)
{
    struct purposes of = dialect == DIALECT_3_1_1 ? purposes_3_1_1(preauth) : purposes_3_0();

    if (!derive(&keys->signing, SESSION_KEY_LEN, session_key, of.signing) ||
        !derive(&keys->application, SESSION_KEY_LEN, session_key, of.application)) {
        return false;
    }
    if (cipher == 0) {
        return true;
    }
    /* MS-SMB2 3.2.5.3.1: the 256-bit ciphers start from Session.FullSessionKey. */
    bool wide = cipher == CIPHER_AES_256_CCM || cipher == CIPHER_AES_256_GCM;
    size_t len = wide ? 32 : SESSION_KEY_LEN;
    struct span from = wide ? mech_key : session_key;

    return derive(&keys->client_to_server, len, from, of.client_to_server) &&
           derive(&keys->server_to_client, len, from, of.server_to_client);
}

bool session_keys_derive(struct session_keys *keys, uint16_t dialect, uint16_t cipher,
                         struct span mech_key, const struct preauth *preauth)
{
    /* MS-SMB2 3.2.5.3.1: the first 16 bytes, padded on the right with zeros. */
    uint8_t session_key[SESSION_KEY_LEN] = {0};
    struct span from = {session_key, sizeof session_key};
    bool ok;

    session_keys_wipe(keys);
    if (mech_key.len > 0) {
        memcpy(session_key, mech_key.ptr,
               mech_key.len < sizeof session_key ? mech_key.len : sizeof session_key);
    }
    if (dialect >= DIALECT_3_0) {
        ok = derive_3_x(keys, dialect, cipher, from, mech_key, preauth);
    } else { /* MS-SMB2 3.1.4.1: SMB 2.x signs with the session key itself */
        ok = secret_set(&keys->signing, from) && secret_set(&keys->application, from);
    }
    secret_erase(session_key, sizeof session_key);
    if (!ok) {
        session_keys_wipe(keys);
    }
    return ok;
}

void session_keys_wipe(struct session_keys *keys)
{
    secret_wipe(&keys->signing);
    secret_wipe(&keys->application);
    secret_wipe(&keys->client_to_server);
    secret_wipe(&keys->server_to_client);
}
