/* peer.h: a small, real SMB2 server in memory, for tests.
 *
 * It speaks SMB 2.0.2 to 3.1.1, signs and seals, knows one account and one share with files in memory,
 * and checks its client harder than most servers do.  It has no I/O: peer_receive() takes a frame, and
 * the answers are on link->output (test/peer/wire moves them to a struct conn, test/peer/peer_stream to
 * a stream).
 *
 *     struct peer_config config = peer_defaults();
 *     config.signing_required = true;
 *     peer_init(&peer, env, &config);
 *     peer_add_file(&peer, "dir/a.txt", "hello", 5);
 *     peer_script(&peer, &(struct peer_rule){.command = SMB2_READ, .status = STATUS_DISK_FULL});
 *     link = peer_accept(&peer);
 *
 * What came in is written into a journal (peer->seen); what a client must not do is said in
 * peer->complaint.  Memory is taken from malloc(); without it the process ends. */
#ifndef LSMB_TEST_PEER_PEER_H
#define LSMB_TEST_PEER_PEER_H

#include "auth/preauth.h"
#include "base/env.h"
#include "base/ntstatus.h"
#include "proto/error.h"
#include "proto/negotiate.h"
#include "proto/oplock_break.h"
#include "test/peer/peer_store.h"
#include "test/peer/spnego_server.h"

/* ---------------------------------------------------------------- what it is */

struct peer_config {
    uint16_t dialects[SMB2_DIALECTS_MAX]; /* spoken; 0 ends */
    uint16_t ciphers[4]; /* in order of preference; 0 ends.  3.0 and 3.0.2 have AES-128-CCM alone */
    uint16_t signing_algs[3]; /* enum smb2_signing_algorithm, in order of preference */
    unsigned signing_count;   /* 0: no signing context is sent, AES-CMAC holds */
    bool signing_required;
    bool encrypt_session, encrypt_share; /* demand sealing of all, or of what is in the share */
    bool no_smb2_negotiate; /* close the link unless a multi-protocol NEGOTIATE came first */
    bool split_compounds;   /* answer each request of a compound in its own frame */
    bool compounds_go_on;   /* do what is related to what has failed */
    uint32_t capabilities;  /* enum smb2_global_cap */
    uint32_t max_transact, max_read, max_write; /* bytes */
    uint16_t credits;                           /* the most a client may hold */
    const char *share;                          /* its name; "IPC$" is there too */
    const char *user, *password;                /* borrowed: the one account, in any domain */
    bool map_to_guest;                          /* a wrong user or password makes a guest */
    bool allow_anonymous;                       /* nobody may log on */
    bool any_name; /* names may have characters that Windows reserves, as on a Unix server */
    bool allow_ntlmv1;
    uint32_t ntlm_flags_removed; /* enum ntlm_flag: what NTLM here does without */
    bool no_hint;                /* names no mechanisms in its NEGOTIATE reply */
    struct spnego_server_options spnego;
};

/* All dialects, all ciphers and signatures (GCM and GMAC first), nothing required, 8 MiB messages,
 * 512 credits, share "share", user "user" with password "password". */
struct peer_config peer_defaults(void);

/* ---------------------------------------------------------------- exceptions */

enum { PEER_ANY_COMMAND = 0xFFFF };

enum peer_fate {
    PEER_ANSWER, /* as usual */
    PEER_TWICE,  /* send the same answer twice */
    PEER_HOLD,   /* neither done nor answered until peer_release() or a CANCEL */
    PEER_DROP,   /* neither done nor answered */
    PEER_MUTE,   /* done, but not answered */
    PEER_CLOSE,  /* close the link instead */
    PEER_JOIN,   /* done; the answer goes out together with the next one, as a compound */
};

enum peer_protection {
    PEER_AS_AGREED,
    PEER_STRIP_FLAG,  /* rightly signed, then without the SIGNED flag */
    PEER_UNSIGNED,    /* no flag, no signature */
    PEER_WRONG_MAC,   /* the flag, and a signature with one bit wrong */
    PEER_ZERO_MAC,    /* the flag, and a signature of zeros */
    PEER_ECHO_MAC,    /* the flag, and the request's signature */
    PEER_PLAIN,       /* neither sealed nor signed */
    PEER_SIGNED_ONLY, /* signed, but not sealed */
};

struct peer_reply;

/* "The next READ is to fail."  A rule stands for some requests of one command; the first rule in the list
 * that fits a request is used for it. */
struct peer_rule {
    uint16_t command; /* enum smb2_command or PEER_ANY_COMMAND */
    unsigned skip;    /* leave so many alone first */
    unsigned times;   /* then it holds for so many; 0 counts as 1, UINT_MAX is for ever */

    uint32_t status;               /* fail with it instead of doing it; 0 = do it */
    struct smb2_error_reply error; /* what the ERROR reply says then; borrowed */
    enum peer_fate fate;
    unsigned pendings;    /* interim answers first */
    bool set_credits;     /* grant `credits` instead of what the client asks for */
    uint16_t credits;     /* in the interim answer if there is one, else in the answer */
    uint16_t charge_back; /* with set_credits: what the answer after an interim one grants */
    enum peer_protection protection;
    /* Change the NEGOTIATE reply before it is encoded, or any reply before it is protected, or the frame
     * that goes out after that.  All may be NULL. */
    void (*negotiate)(struct smb2_negotiate_reply *reply);
    void (*edit)(struct peer_reply *reply);
    void (*tamper)(uint8_t *frame, size_t len);
};

/* A reply before it is signed or sealed. */
struct peer_reply {
    struct list node;
    struct peer_link *link;
    struct peer_session *session; /* whose keys protect it; NULL: none */
    bool sign, seal;              /* as agreed */
    uint32_t protocol_id;         /* SMB2_PROTOCOL_ID */
    struct smb2_header header;    /* written into `bytes` when it is protected */
    uint8_t *bytes;               /* SMB2_HEADER_LEN bytes left free, then the body */
    size_t len, cap;              /* `cap` has some room to spare */
    struct preauth *transcript;   /* it belongs to; NULL: none */
    struct peer_rule rule;        /* what is to be done to it */
    uint8_t request_signature[16];
};

/* ---------------------------------------------------------------- the journal */

/* One request as it came. */
struct peer_seen {
    struct smb2_header header;
    size_t len;        /* bytes of the message */
    bool sealed;       /* inside a transform */
    bool well_signed;  /* has the SIGNED flag and the right signature */
    uint32_t answered; /* the last status it was answered with; STATUS_PENDING: not yet */
};

/* ---------------------------------------------------------------- its services */

struct peer_shared {
    const char *name, *comment; /* UTF-8 */
    uint32_t type;
};

/* How the pipe srvsvc answers. */
struct peer_rpc {
    const struct peer_shared *shares; /* borrowed, `count` of them; NULL: its share and IPC$ */
    uint32_t count;
    uint32_t page;   /* the most shares in one answer; 0: all */
    bool stuck;      /* an answer that is not the last has no resume handle */
    size_t fragment; /* bytes of an answer in one PDU; 0: all that fit */
    size_t piece;    /* the most bytes that IOCTL or READ bring at once; 0: as many as asked for */
    uint16_t nak, bind_result;              /* refuse the bind with this; 0: not */
    uint32_t fault, werror;                 /* likewise the call */
    void (*edit)(uint8_t *pdu, size_t len); /* change a PDU before it goes; may be NULL */
};

struct srv_copychunk_reply;

/* How it copies. */
struct peer_copy {
    uint32_t chunks, chunk_bytes, total_bytes; /* the most in one request */
    uint32_t at_once; /* chunks that it does at once, leaving the others; 0: all */
    void (*edit)(struct srv_copychunk_reply *reply); /* change an answer; may be NULL */
    bool sizes_only; /* move no bytes: the files are longer than memory, and have a `size` alone */
};

/* ---------------------------------------------------------------- the server */

struct peer_request;

struct peer {
    struct env *env; /* borrowed: its clock and randomness */
    struct peer_config config;
    uint8_t guid[16];
    struct peer_store store;
    const char *const *snapshots; /* "@GMT-...", NULL ends; NULL: there are none */
    struct peer_rpc rpc;
    struct peer_copy copy; /* at first 256 chunks of 1 MiB, 16 MiB in all (MS-SMB2 3.3.3) */
    struct list links;
    struct list rules;
    struct peer_seen *seen; /* every request, in order */
    size_t seen_count;
    uint64_t last_id;    /* of sessions, trees, opens and what waits */
    char complaint[160]; /* the first thing a client did wrong; "" = nothing */
    /* Looks at every request before anything is done; may give a rule for it (borrowed until the
     * request is answered) that goes before the list.  May be NULL. */
    const struct peer_rule *(*on_request)(void *arg, const struct peer_seen *seen,
                                          struct span message);
    void *on_request_arg;
};

/* A frame to send, without its length prefix. */
struct peer_frame {
    struct list node;
    size_t len;
    uint8_t bytes[];
};

/* A client's connection (MS-SMB2 3.3.1.7). */
struct peer_link {
    struct list node;
    struct peer *peer;
    uint16_t dialect, cipher, signing_alg; /* dialect 0: not negotiated */
    uint32_t capabilities;                 /* as NEGOTIATE said */
    bool large_mtu;
    bool asked_in_smb1; /* a multi-protocol NEGOTIATE has come */
    bool breaking;      /* `broken` has not been acknowledged */
    struct smb2_break_notice broken;
    struct {
        uint32_t capabilities;
        uint8_t guid[16];
        uint16_t security_mode, dialect_count, dialects[SMB2_DIALECTS_MAX];
    } client; /* what its NEGOTIATE said */
    struct preauth preauth;
    uint64_t next_message_id;
    uint32_t credits; /* granted and not used */
    struct list sessions;
    struct list held, joined;
    struct list waiting; /* LOCK and CHANGE_NOTIFY, for something to happen */
    struct list output;  /* peer_frame */
    bool closed;         /* the server has ended it; what is on `output` still goes out */
    void (*on_output)(void *arg);
    void *owner; /* on_output's argument */
};

/* `config` NULL: the defaults.  The peer must not be moved. */
void peer_init(struct peer *peer, struct env *env, const struct peer_config *config);

/* Free all, links too. */
void peer_free(struct peer *peer);

/* A client has connected. */
struct peer_link *peer_accept(struct peer *peer);

/* He is gone; his sessions end. */
void peer_hang_up(struct peer_link *link);

/* Take one frame, without its length prefix. */
void peer_receive(struct peer_link *link, struct span frame);

/* The next frame to send, the caller's to free(); NULL: none. */
struct peer_frame *peer_next_frame(struct peer_link *link);

/* Send bytes as they are, as a frame. */
void peer_send_raw(struct peer_link *link, struct span frame);

/* Close it from the server's side, after what is on its way. */
void peer_close(struct peer_link *link);

/* Send a message that answers nothing, or that a test wants to make up itself, protected as `rule` says
 * (NULL: as agreed) with the keys of the session that header->session_id names, if there is one. */
void peer_send(struct peer_link *link, const struct smb2_header *header, struct span body,
               const struct peer_rule *rule);

/* Take an oplock or a lease back.  `session_id` is the open's, 0 for a lease.  It goes out unsigned, and
 * sealed if the session is; `rule` (may be NULL) says otherwise.  The client is expected to acknowledge
 * what `notice` says, if at all. */
void peer_break(struct peer_link *link, uint64_t session_id, const struct smb2_break_notice *notice,
                const struct peer_rule *rule);

/* Append a rule; it is copied. */
void peer_script(struct peer *peer, const struct peer_rule *rule);

/* Drop all rules. */
void peer_unscript(struct peer *peer);

/* Do and answer what was held, in order. */
void peer_release(struct peer_link *link);

/* Something has happened that no request did: answer those that have waited for it. */
void peer_retry(struct peer *peer);

/* Forget all sessions of a link, as a server does that was restarted: what comes next on them is answered
 * STATUS_USER_SESSION_DELETED. */
void peer_forget_sessions(struct peer_link *link);

/* Let the sessions of a link expire: STATUS_NETWORK_SESSION_EXPIRED until they log on again. */
void peer_expire_sessions(struct peer_link *link);

/* How many requests of a command have come, and the last of them (NULL: none). */
size_t peer_count(const struct peer *peer, uint16_t command);
const struct peer_seen *peer_last(const struct peer *peer, uint16_t command);

/* ---------------------------------------------------------------- its files */

/* Paths are UTF-8 with '/' between components; missing directories are made.  An existing file is
 * replaced. */
struct peer_node *peer_add_file(struct peer *peer, const char *path, const void *bytes, size_t len);
struct peer_node *peer_add_dir(struct peer *peer, const char *path);

/* A symbolic link; `target` as the wire has it: "..\\b" (relative), "\\??\\UNC\\server\\share\\b". */
struct peer_node *peer_add_symlink(struct peer *peer, const char *path, const char *target,
                                   bool relative);

/* NULL: not there. */
struct peer_node *peer_find(struct peer *peer, const char *path);

/* Whether there is a file with exactly this in it. */
bool peer_has(struct peer *peer, const char *path, const void *bytes, size_t len);

#endif
