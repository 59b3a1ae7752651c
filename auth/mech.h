/* mech.h: what every logon mechanism offers (a small GSS-API, client and server side).
 *
 * A mechanism turns the peer's token into the next one.  It never waits: what can only block comes
 * out as a job, and step() is called again (with the same token) when that is done. */
#ifndef LSMB_AUTH_MECH_H
#define LSMB_AUTH_MECH_H

#include "base/env.h"
#include "base/error.h"
#include "base/secret.h"

enum mech_next {
    MECH_SEND, /* send `out` and come back with the answer */
    MECH_BUSY, /* run `job`, then call step() again with the same token */
    MECH_DONE, /* authenticated as far as this side can tell; `out` is sent if it is not empty */
    MECH_FAIL, /* `err` says why */
};

struct mech_out {
    struct span token;     /* borrowed from the mechanism until the next call */
    struct job *job;       /* MECH_BUSY */
    struct lsmb_error err; /* MECH_FAIL */
};

struct mech {
    const struct mech_ops *ops; /* first */
};

enum { MECH_MIC_MAX = 64 };

struct mech_ops {
    const char *name; /* for people: "NTLMv2"; the logon may turn it into a more exact one */
    struct span oid;  /* DER contents of the OBJECT IDENTIFIER */
    enum mech_next (*step)(struct mech *, struct span in, struct mech_out *out);
    /* After MECH_DONE: the key that the SMB session keys come from; false = there is none. */
    bool (*session_key)(struct mech *, struct secret *out);
    /* After MECH_DONE: signatures for SPNEGO's mechListMIC.  The length of the signature, 0 = not
     * possible (16 bytes with NTLM, 28 with Kerberos and AES); false = not possible, or wrong. */
    size_t (*get_mic)(struct mech *, struct span message, uint8_t mic[static MECH_MIC_MAX]);
    bool (*check_mic)(struct mech *, struct span message, struct span mic);
    void (*free)(struct mech *); /* wipes everything */
};

static inline void mech_free(struct mech *mech)
{
    if (mech) {
        mech->ops->free(mech);
    }
}

/* Fill in out->err.  Always false, so that a check can end in `return mech_refuse(...)`. */
bool mech_refuse(struct mech_out *out, enum lsmb_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
