/* peer_core.h: what the peer's own files share. */
#ifndef LSMB_TEST_PEER_PEER_CORE_H
#define LSMB_TEST_PEER_PEER_CORE_H

#include "auth/keys.h"
#include "auth/mech.h"
#include "auth/seal.h"
#include "auth/sign.h"
#include "proto/ioctl.h"
#include "test/peer/peer.h"

/* MS-SMB2 3.3.1.8. */
struct peer_session {
    struct list node; /* in link->sessions */
    struct peer_link *link;
    uint64_t id;
    bool established, expired, guest, anonymous;
    bool signing_required, encrypt;
    struct session_keys keys;
    struct signer *signer;                  /* NULL: no key */
    struct sealer *from_client, *to_client; /* NULL: no cipher */
    uint64_t next_nonce;
    struct preauth preauth;
    struct mech *mech; /* of the logon under way */
    struct list trees, opens;
};

/* MS-SMB2 3.3.1.9. */
struct peer_tree {
    struct list node;
    uint32_t id;
    bool pipe, encrypt;
};

/* One request while it is worked on. */
struct peer_request {
    struct list node; /* in link->held */
    struct peer_link *link;
    struct smb2_header header;
    struct span message;
    struct peer_session *session; /* NULL: outside any */
    struct peer_tree *tree;       /* NULL: outside any */
    bool sealed;
    bool verified; /* signed or sealed by the client */
    bool related;
    struct peer_chain *chain; /* of the compound it came in */
    struct peer_rule rule;
    uint64_t async_id; /* not 0: an interim answer has gone */
    size_t seen;       /* its place in the journal */
    uint8_t *copy;     /* owned: `message`, when it is held */

    uint8_t *bytes; /* owned: the reply, header space first; NULL until peer_body() */
    struct wr body;
    uint16_t granted;
    uint32_t needed;            /* with STATUS_BUFFER_TOO_SMALL: the bytes that would do */
    struct preauth *transcript; /* the reply's */
    struct span token;          /* SESSION_SETUP: borrowed from the mechanism */
};

/* What the requests of one compound have in common (MS-SMB2 3.3.5.2.7.2). */
struct peer_chain {
    struct list replies; /* peer_reply, finished */
    struct peer_session *session;
    struct peer_tree *tree;
    bool connected;           /* by a TREE_CONNECT in it */
    struct smb2_file_id file; /* that the last request made or used */
    uint32_t status;          /* of the last request */
};

/* A writer for the reply's body with at least `room` bytes; once per request. */
struct wr *peer_body(struct peer_request *q, size_t room);

/* Note what a client did wrong; the first complaint stays. */
void peer_complain(struct peer *peer, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* End the link over something that the client did. */
void peer_refuse(struct peer_link *link, const char *why);

/* Does the CreditCharge pay for so many bytes (MS-SMB2 3.3.5.2.5)? */
bool peer_paid(struct peer_request *q, uint64_t bytes);

void peer_reply_free(struct peer_reply *reply);

uint64_t peer_now(const struct peer *peer); /* FILETIME */

/* ---------------------------------------------------------------- what each command does */

/* Each returns the status.  STATUS_PENDING: an interim answer goes out, and it is done again after
 * whatever happens next, until it returns something else (MS-SMB2 3.3.4.2).  With one that has a body of
 * its own the body is in q->body; without a body an empty one is sent (MS-SMB2 2.2.8). */
uint32_t peer_negotiate(struct peer_request *q);                      /* peer_auth.c */
void peer_multi_negotiate(struct peer_link *link, struct span frame); /* it answers by itself */
uint32_t peer_session_setup(struct peer_request *q);
uint32_t peer_logoff(struct peer_request *q);
uint32_t peer_validate(struct peer_request *q, struct span input, size_t max_output);
uint32_t peer_tree_connect(struct peer_request *q);
uint32_t peer_tree_disconnect(struct peer_request *q);
uint32_t peer_echo(struct peer_request *q);
uint32_t peer_create(struct peer_request *q);     /* peer_create.c */
uint32_t peer_close_file(struct peer_request *q); /* peer_files.c */
uint32_t peer_flush(struct peer_request *q);
uint32_t peer_read(struct peer_request *q);
uint32_t peer_write(struct peer_request *q);
uint32_t peer_lock(struct peer_request *q);          /* peer_lock.c */
uint32_t peer_change_notify(struct peer_request *q); /* peer_notify.c */
uint32_t peer_ioctl(struct peer_request *q);
uint32_t peer_query_directory(struct peer_request *q); /* peer_dir.c */
uint32_t peer_query_info(struct peer_request *q);      /* peer_info.c */
uint32_t peer_set_info(struct peer_request *q);

uint32_t peer_snapshots(struct peer_request *q, const struct smb2_ioctl_request *asked);

uint32_t peer_take_break(struct peer_request *q); /* peer_break.c */

/* The open file a request names, also by "the one before" in a compound; NULL: there is none. */
struct peer_open *peer_open_find(struct peer_request *q, struct smb2_file_id id);

/* The pipe srvsvc (peer_pipe.c), and copying within the server (peer_copy.c). */
uint32_t peer_pipe_create(struct peer_request *q, const struct smb2_create_request *asked);
uint32_t peer_pipe_transceive(struct peer_request *q, const struct smb2_ioctl_request *asked);
uint32_t peer_pipe_read(struct peer_request *q, struct peer_open *open, uint32_t length);
uint32_t peer_resume_key(struct peer_request *q, const struct smb2_ioctl_request *asked);
uint32_t peer_copychunk(struct peer_request *q, const struct smb2_ioctl_request *asked);

/* Whether a name passes a symbolic link: STATUS_SUCCESS, or what is said of it (peer_symlink.c). */
uint32_t peer_check_symlinks(struct peer_request *q, struct span name, uint32_t options);

/* ---------------------------------------------------------------- sessions: peer_auth.c */

struct peer_session *peer_session_find(struct peer_link *link, uint64_t id);
void peer_session_free(struct peer_session *session);
struct peer_tree *peer_tree_find(struct peer_session *session, uint32_t id);

/* ---------------------------------------------------------------- protection: peer_secure.c */

/* Take a frame out of its transform, in place.  False: it is broken. */
bool peer_unseal(struct peer_link *link, uint8_t *frame, size_t len, struct peer_session **by,
                 struct span *inner);

/* Is the request protected as it must be?  STATUS_SUCCESS, or what a server says otherwise. */
uint32_t peer_check_protection(struct peer_request *q);

/* Protect the replies of a list (emptied) and queue them: one frame, or one each. */
void peer_send_replies(struct peer_link *link, struct list *replies, bool split);

/* ---------------------------------------------------------------- exceptions: peer_script.c */

/* The rule that is to be used for a request; one that says nothing when there is none. */
struct peer_rule peer_pick_rule(struct peer *peer, const struct peer_seen *seen,
                                struct span message);

#endif
