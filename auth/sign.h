/* sign.h: message signatures (MS-SMB2 3.1.4.1). */
#ifndef LSMB_AUTH_SIGN_H
#define LSMB_AUTH_SIGN_H

#include "proto/bytes.h"

enum { SMB2_SIGNATURE_LEN = 16, SMB2_SIGNATURE_OFFSET = 48 };

/* Values as on the wire (MS-SMB2 2.2.3.1.7). */
enum sign_alg { SIGN_HMAC_SHA256 = 0, SIGN_AES_CMAC = 1, SIGN_AES_GMAC = 2 };

/* One key with one algorithm, made ready once.  Not thread safe. */
struct signer;

/* NULL when out of memory or when the crypto library lacks the algorithm.  `key` is 16 bytes. */
struct signer *signer_new(enum sign_alg alg, struct span key);
void signer_free(struct signer *signer);

/* Compute the signature of `message` (one SMB2 message from its header to the end of its padding,
 * or one element of a compound), as if its Signature field were zero.  The nonce of AES-GMAC comes
 * from its header: MessageId, sender (SERVER_TO_REDIR) and whether it is a CANCEL.  The message is
 * at least a header long: the caller's duty.  False only if the crypto library fails. */
bool signer_compute(struct signer *signer, struct span message,
                    uint8_t signature[static SMB2_SIGNATURE_LEN]);

/* Whether the Signature field of `message` is right, in constant time. */
bool signer_check(struct signer *signer, struct span message);

#endif
