/* lsmb.h: an SMB 2/3 client for one thread and one event loop.
 *
 * Nothing here is global: every object hangs off a `struct lsmb`, and a program may have as many of
 * those as it has threads.  An object may only be used on the thread that runs its context.
 *
 * Every operation comes twice.  `lsmb_x()` blocks and returns a code.  `lsmb_x_start()` returns at
 * once; `done` is called exactly once, from inside lsmb_turn() and never from inside the call that
 * started the operation.  Until then the caller keeps alive what it passed in, except strings and
 * option structures, which are copied.  A start that returns NULL had no memory; `done` is not called.
 * What is called back (done, progress, entries, log lines) may start operations and cancel them, but
 * not turn, block or free the context.
 *
 * Paths are UTF-8 with '/' between components (a '\' is taken as one), relative to the share; "" is its
 * root.  Sizes and offsets are bytes; times are nanoseconds since 1970; durations end in `_ms`.
 * Option structures begin with their own size, which the caller sets, also where one is filled in for
 * him: later versions add fields at the end, and a field that is zero means its default.  `err` may
 * always be NULL. */
#ifndef LSMB_H
#define LSMB_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LSMB_API   __attribute__((visibility("default")))
#define LSMB_CHECK __attribute__((warn_unused_result))

/* ---------------------------------------------------------------- errors */

enum lsmb_code {
    LSMB_OK = 0,
    LSMB_E_NOMEM,
    LSMB_E_USAGE,    /* a parameter makes no sense */
    LSMB_E_LOCAL,    /* a system call on this side failed: see os_errno */
    LSMB_E_NETWORK,  /* no connection, or it was lost */
    LSMB_E_TIMEOUT,  /* silence for too long, or the deadline has passed */
    LSMB_E_PROTOCOL, /* the server broke the protocol; the connection may be gone */
    LSMB_E_SECURITY, /* unsigned, wrongly signed or plain reply, bad tag, downgrade; it is gone */
    LSMB_E_POLICY,   /* what the caller required (dialect, signing, sealing) cannot be had */
    LSMB_E_AUTH,     /* logon refused, or mapped to guest unasked */
    LSMB_E_DENIED,   /* access denied or sharing violation */
    LSMB_E_NOT_FOUND,
    LSMB_E_CHANGED,   /* the source changed while it was read, or a checksum differs */
    LSMB_E_STATUS,    /* any other NTSTATUS: see nt_status */
    LSMB_E_CANCELLED, /* by the caller */
    LSMB_E_PARTLY,    /* of many, some failed: each has been told */
};

struct lsmb_error {
    enum lsmb_code code;
    uint32_t nt_status; /* 0 if the server did not say */
    int os_errno;       /* 0 if no system call failed */
    char step[64];      /* what was being done: "open the file" */
    char path[512];     /* to what: "\\server\share\dir\file"; cut off when longer */
    char reason[512];   /* what happened: "[NtStatus STATUS_ACCESS_DENIED] access denied" */
    char advice[256];   /* what would help; "" if nothing is known */
};

/* The whole error as one line of text (step, path, reason, advice).  Returns `out`. */
LSMB_API const char *lsmb_error_text(const struct lsmb_error *err, char *out, size_t out_len);

/* ---------------------------------------------------------------- the context */

enum lsmb_log_level { LSMB_LOG_ERROR, LSMB_LOG_WARNING, LSMB_LOG_INFO, LSMB_LOG_DEBUG };

/* One line without a newline; never holds a secret.  Called from inside lsmb_turn(). */
typedef void lsmb_log_fn(void *arg, enum lsmb_log_level level, const char *line);

enum { LSMB_MEMORY_DEFAULT = 40 << 20 }; /* fills 2 GB/s over 20 ms */

struct lsmb_options {
    size_t size;         /* sizeof(struct lsmb_options) */
    size_t memory_bytes; /* what transfers may hold in flight; 0: the default; at least 1 MiB */
    uint32_t silence_ms; /* a peer silent for longer is lost; default 30000 */
    lsmb_log_fn *log;    /* NULL: nobody listens */
    void *log_arg;
    enum lsmb_log_level log_level;
    uint64_t rate_limit; /* bytes per second that all copies together move at most; 0: no limit */
};

struct lsmb;
struct lsmb_job;
struct lsmb_share;

typedef void lsmb_done_fn(void *arg, const struct lsmb_error *err); /* err: NULL on success */

/* A new context, or NULL with `err` filled in.  opt may be NULL. */
LSMB_API struct lsmb *lsmb_new(const struct lsmb_options *opt, struct lsmb_error *err);

/* Free the context and all that hangs off it.  Jobs still running are dropped without a call; sinks
 * are aborted as far as that needs no answer from a server.  NULL is fine. */
LSMB_API void lsmb_free(struct lsmb *smb);

/* The one descriptor a host has to watch (for reading): when it is readable, call lsmb_turn(smb, 0). */
LSMB_API int lsmb_fd(const struct lsmb *smb);

/* Wait up to `timeout_ms` (0: not at all, -1: without limit) for something to do, and do it.  Calls
 * back `done` and log functions.  LSMB_E_LOCAL when the system refuses to poll. */
LSMB_API LSMB_CHECK enum lsmb_code lsmb_turn(struct lsmb *smb, int timeout_ms);

/* Turn until `*finished` is true: how every blocking call waits. */
LSMB_API LSMB_CHECK enum lsmb_code lsmb_turn_until(struct lsmb *smb, const bool *finished);

/* End a job early: its `done` is called with LSMB_E_CANCELLED (or the given error, which is copied)
 * from a later turn, after what it left on the server has been taken away where that is possible. */
LSMB_API void lsmb_job_cancel(struct lsmb_job *job, const struct lsmb_error *why);

/* ---------------------------------------------------------------- servers and shares */

enum lsmb_dialect {
    LSMB_SMB_2_0_2 = 0x0202,
    LSMB_SMB_2_1 = 0x0210,
    LSMB_SMB_3_0 = 0x0300,
    LSMB_SMB_3_0_2 = 0x0302,
    LSMB_SMB_3_1_1 = 0x0311,
};

enum lsmb_cipher { /* MS-SMB2 2.2.3.1.2 */
                   LSMB_AES_128_CCM = 1,
                   LSMB_AES_128_GCM = 2,
                   LSMB_AES_256_CCM = 3,
                   LSMB_AES_256_GCM = 4,
};

enum lsmb_signing_alg { /* MS-SMB2 2.2.3.1.7, plus one, so that zero ends a list */
                        LSMB_HMAC_SHA256 = 1,
                        LSMB_AES_CMAC = 2,
                        LSMB_AES_GMAC = 3,
};

enum lsmb_require { LSMB_AUTO = 0, LSMB_REQUIRED, LSMB_OFF };

/* What the caller insists on; enforced on every connection and every reply. */
struct lsmb_policy {
    size_t size;
    enum lsmb_dialect min_dialect; /* default 2.0.2 */
    enum lsmb_dialect max_dialect; /* default 3.1.1 */
    enum lsmb_require sign;        /* LSMB_OFF is not possible */
    enum lsmb_require seal;        /* LSMB_OFF: no cipher is offered */
    uint8_t
        ciphers[4]; /* enum lsmb_cipher in order of preference, 0 ends; default: all, GCM first */
    uint8_t signing_algs[3]; /* enum lsmb_signing_alg likewise; default GMAC, CMAC, HMAC */
    bool allow_guest;        /* accept being mapped to guest */
    bool anonymous;          /* log on as nobody; user and password are not used */
    bool allow_ntlmv1;       /* log on with NTLMv1 instead of NTLMv2: who listens can break it */
};

struct lsmb_target {
    size_t size;
    const char *host;          /* name or address, IPv6 without brackets */
    uint16_t port;             /* 0 = 445, with `netbios` 139 */
    const char *share;         /* name of the share */
    const char *user, *domain; /* "user", "user@domain" with domain NULL; domain may be NULL */
    const char *password; /* kept, out of core files, until the server's last share is closed */
    const struct lsmb_policy *policy; /* NULL for the defaults */
    /* 16 bytes of the password's MD4 (NTOWFv1, MS-NLMP 3.3.1) to use in its place; NULL: not so. */
    const uint8_t *nt_hash;
    /* Carry it in a NetBIOS session (RFC 1002 4.3; `port` 0 then means 139).  The server is called by
     * `netbios_name`; NULL: "*SMBSERVER"; one that refuses its name is asked for it and called once
     * more.  We call ourselves `my_name`, also as the workstation of the logon; NULL: "LAVA-SMB" in the
     * session, nothing in the logon. */
    bool netbios;
    const char *netbios_name, *my_name;
    /* Connect to the share itself only when something is opened there: together with the file, where that
     * is one to be read.  What is wrong with the share is said then. */
    bool lazy;
};

/* Connect, log on and attach to a share.  On success `*share` is the caller's until
 * lsmb_share_close(). */
LSMB_API LSMB_CHECK enum lsmb_code lsmb_share_open(struct lsmb *smb,
                                                   const struct lsmb_target *target,
                                                   struct lsmb_share **share,
                                                   struct lsmb_error *err);
LSMB_API struct lsmb_job *lsmb_share_open_start(struct lsmb *smb, const struct lsmb_target *target,
                                                struct lsmb_share **share, lsmb_done_fn *done,
                                                void *arg);

/* The same share once more, over another connection: it has a session of its own, so what happens on one
 * does not hold up the other.  It is of the same server, by its address and by its ServerGuid (MS-SMB2 2.2.4):
 * LSMB_E_NETWORK when another one answers. */
LSMB_API LSMB_CHECK enum lsmb_code lsmb_share_clone(struct lsmb_share *share,
                                                    struct lsmb_share **clone,
                                                    struct lsmb_error *err);
LSMB_API struct lsmb_job *lsmb_share_clone_start(struct lsmb_share *share,
                                                 struct lsmb_share **clone, lsmb_done_fn *done,
                                                 void *arg);

/* Let go of a share; its last user's connection says goodbye without waiting for an answer.  No job
 * may be running on it.  NULL is fine. */
LSMB_API void lsmb_share_close(struct lsmb_share *share);

/* What was negotiated (MS-SMB2 3.2.5.2); what the share says of itself is 0 while a lazy one is not connected
 * to. */
struct lsmb_share_info {
    size_t size;
    uint16_t dialect;                           /* enum lsmb_dialect */
    bool signing, sealing;                      /* requests and replies are signed; sealed */
    bool guest, anonymous;                      /* who we are to the server */
    uint8_t signing_alg;                        /* enum lsmb_signing_alg, 0 = none */
    uint8_t cipher;                             /* enum lsmb_cipher, 0 = none */
    uint32_t max_transact, max_read, max_write; /* bytes */
    uint32_t credits;                           /* granted and unused */
    uint64_t round_trip_ns;                     /* smallest seen */
    int64_t server_time;                        /* at negotiation; 0 = not said */
    uint8_t server_guid[16];
    char mechanism[16];    /* "NTLMv2", "NTLMv1", "NTLMv1 with ESS" (extended session security) */
    char address[64];      /* of the peer, numeric, with port */
    char server_name[256]; /* as the server names itself; "" = not said */
    char server_domain[256];
    bool netbios;                             /* carried by a NetBIOS session */
    char netbios_name[16];                    /* what the server was called in it */
    uint32_t capabilities;                    /* the server's (MS-SMB2 2.2.4) */
    uint32_t share_flags, share_capabilities; /* MS-SMB2 2.2.10 */
    uint8_t share_type;                       /* 1 disk, 2 pipe, 3 printer */
};
LSMB_API void lsmb_share_info(struct lsmb_share *share, struct lsmb_share_info *info);

/* One ECHO there and back (MS-SMB2 3.2.4.18). */
LSMB_API LSMB_CHECK enum lsmb_code lsmb_share_echo(struct lsmb_share *share,
                                                   struct lsmb_error *err);
LSMB_API struct lsmb_job *lsmb_share_echo_start(struct lsmb_share *share, lsmb_done_fn *done,
                                                void *arg);

/* ---------------------------------------------------------------- names */

/* Attributes are MS-FSCC 2.6 bits. */
#define LSMB_ATTR_READONLY  0x00000001u
#define LSMB_ATTR_HIDDEN    0x00000002u
#define LSMB_ATTR_SYSTEM    0x00000004u
#define LSMB_ATTR_DIRECTORY 0x00000010u
#define LSMB_ATTR_ARCHIVE   0x00000020u
#define LSMB_ATTR_DEVICE    0x00000040u /* of this machine: a device, pipe or socket */
#define LSMB_ATTR_NORMAL    0x00000080u
#define LSMB_ATTR_REPARSE   0x00000400u

struct lsmb_stat {
    uint64_t bytes, allocated_bytes;
    int64_t created, accessed, written, changed; /* ns since 1970; 0 = not known */
    uint32_t attributes;
    uint64_t file_id; /* 0 = not known */
};

LSMB_API LSMB_CHECK enum lsmb_code lsmb_stat(struct lsmb_share *share, const char *path,
                                             struct lsmb_stat *out, struct lsmb_error *err);
LSMB_API struct lsmb_job *lsmb_stat_start(struct lsmb_share *share, const char *path,
                                          struct lsmb_stat *out, lsmb_done_fn *done, void *arg);

/* One entry of a directory; `name` is borrowed for the call.  Return false to stop listing. */
typedef bool lsmb_entry_fn(void *arg, const char *name, const struct lsmb_stat *stat);

struct lsmb_list_options {
    size_t size;
    const char *pattern; /* with '*' and '?'; NULL = all */
    /* Hand out "." and "..", too.  Their file ids tell whether a directory lies where its path says:
     * one whose ".." is not the directory it was found in is a link that the server follows by
     * itself. */
    bool dots;
};

/* List a directory in the server's order; `opt` may be NULL (MS-SMB2 3.2.4.17). */
LSMB_API LSMB_CHECK enum lsmb_code lsmb_list(struct lsmb_share *share, const char *path,
                                             const struct lsmb_list_options *opt,
                                             lsmb_entry_fn *each, void *each_arg,
                                             struct lsmb_error *err);
LSMB_API struct lsmb_job *lsmb_list_start(struct lsmb_share *share, const char *path,
                                          const struct lsmb_list_options *opt, lsmb_entry_fn *each,
                                          void *each_arg, lsmb_done_fn *done, void *arg);

/* Make a directory; with `parents`, all missing ones, and one that is there already is no error. */
LSMB_API LSMB_CHECK enum lsmb_code lsmb_mkdir(struct lsmb_share *share, const char *path,
                                              bool parents, struct lsmb_error *err);
LSMB_API struct lsmb_job *lsmb_mkdir_start(struct lsmb_share *share, const char *path, bool parents,
                                           lsmb_done_fn *done, void *arg);

/* Delete a file or an empty directory; a link is deleted, not what it leads to. */
LSMB_API LSMB_CHECK enum lsmb_code lsmb_remove(struct lsmb_share *share, const char *path,
                                               struct lsmb_error *err);
LSMB_API struct lsmb_job *lsmb_remove_start(struct lsmb_share *share, const char *path,
                                            lsmb_done_fn *done, void *arg);

/* Rename or move within the share; an existing file at `to` is replaced if `replace`. */
LSMB_API LSMB_CHECK enum lsmb_code lsmb_rename(struct lsmb_share *share, const char *from,
                                               const char *to, bool replace,
                                               struct lsmb_error *err);
LSMB_API struct lsmb_job *lsmb_rename_start(struct lsmb_share *share, const char *from,
                                            const char *to, bool replace, lsmb_done_fn *done,
                                            void *arg);

/* When a file was made, read, written and its entry changed, and its attributes; what is 0 is left as
 * it is, and LSMB_ATTR_NORMAL takes all attributes away (MS-SMB2 3.2.4.9, MS-FSCC 2.4.7). */
struct lsmb_set {
    size_t size;
    int64_t created, accessed, written, changed; /* ns since 1970 */
    uint32_t attributes;
};
LSMB_API LSMB_CHECK enum lsmb_code lsmb_set(struct lsmb_share *share, const char *path,
                                            const struct lsmb_set *set, struct lsmb_error *err);
LSMB_API struct lsmb_job *lsmb_set_start(struct lsmb_share *share, const char *path,
                                         const struct lsmb_set *set, lsmb_done_fn *done, void *arg);

/* The alternate data streams of a file: names without the leading ':' and the trailing ":$DATA", the
 * unnamed stream not among them (MS-FSCC 2.4.49).  "file:name" is a path like any other. */
typedef bool lsmb_stream_fn(void *arg, const char *name, uint64_t bytes);
LSMB_API LSMB_CHECK enum lsmb_code lsmb_streams(struct lsmb_share *share, const char *path,
                                                lsmb_stream_fn *each, void *each_arg,
                                                struct lsmb_error *err);
LSMB_API struct lsmb_job *lsmb_streams_start(struct lsmb_share *share, const char *path,
                                             lsmb_stream_fn *each, void *each_arg,
                                             lsmb_done_fn *done, void *arg);

/* Extended attributes (MS-FSCC 2.4.16): names are ASCII, at most 255 bytes.  Setting an empty value
 * takes the attribute away. */
typedef bool lsmb_ea_fn(void *arg, const char *name, const void *value, size_t len);
LSMB_API LSMB_CHECK enum lsmb_code lsmb_ea_list(struct lsmb_share *share, const char *path,
                                                lsmb_ea_fn *each, void *each_arg,
                                                struct lsmb_error *err);
LSMB_API struct lsmb_job *lsmb_ea_list_start(struct lsmb_share *share, const char *path,
                                             lsmb_ea_fn *each, void *each_arg, lsmb_done_fn *done,
                                             void *arg);
LSMB_API LSMB_CHECK enum lsmb_code lsmb_ea_set(struct lsmb_share *share, const char *path,
                                               const char *name, const void *value, size_t len,
                                               struct lsmb_error *err);
LSMB_API struct lsmb_job *lsmb_ea_set_start(struct lsmb_share *share, const char *path,
                                            const char *name, const void *value, size_t len,
                                            lsmb_done_fn *done, void *arg);

/* Security descriptors in self-relative form (MS-DTYP 2.4.6); `which` is SECURITY_INFORMATION (MS-DTYP
 * 2.4.7).  The bytes got are the caller's to free(). */
#define LSMB_SECURITY_OWNER 0x00000001u
#define LSMB_SECURITY_GROUP 0x00000002u
#define LSMB_SECURITY_DACL  0x00000004u
#define LSMB_SECURITY_SACL  0x00000008u
LSMB_API LSMB_CHECK enum lsmb_code lsmb_security_get(struct lsmb_share *share, const char *path,
                                                     uint32_t which, void **bytes, size_t *len,
                                                     struct lsmb_error *err);
LSMB_API struct lsmb_job *lsmb_security_get_start(struct lsmb_share *share, const char *path,
                                                  uint32_t which, void **bytes, size_t *len,
                                                  lsmb_done_fn *done, void *arg);
LSMB_API LSMB_CHECK enum lsmb_code lsmb_security_set(struct lsmb_share *share, const char *path,
                                                     uint32_t which, const void *bytes, size_t len,
                                                     struct lsmb_error *err);
LSMB_API struct lsmb_job *lsmb_security_set_start(struct lsmb_share *share, const char *path,
                                                  uint32_t which, const void *bytes, size_t len,
                                                  lsmb_done_fn *done, void *arg);

/* The snapshots of what lies under `path`: "@GMT-2026.01.31-12.00.00" (MS-SMB2 3.2.4.20.1).  A path
 * that begins with such a name, or has it as any component, is read as it was then; LSMB_E_NOT_FOUND when
 * the server does not list it, and LSMB_E_USAGE for what would change it. */
typedef bool lsmb_snapshot_fn(void *arg, const char *name);
LSMB_API LSMB_CHECK enum lsmb_code lsmb_snapshots(struct lsmb_share *share, const char *path,
                                                  lsmb_snapshot_fn *each, void *each_arg,
                                                  struct lsmb_error *err);
LSMB_API struct lsmb_job *lsmb_snapshots_start(struct lsmb_share *share, const char *path,
                                               lsmb_snapshot_fn *each, void *each_arg,
                                               lsmb_done_fn *done, void *arg);

/* What changes in a directory (MS-SMB2 3.2.4.19): `each` is called for every change until it returns
 * false or the job is cancelled.  `filter` is a CompletionFilter, 0 = all.  A call with name NULL says
 * that more has changed than the server could tell: look anew.  MS-FSCC 2.7.1. */
enum lsmb_change {
    LSMB_ADDED = 1,
    LSMB_REMOVED = 2,
    LSMB_MODIFIED = 3,
    LSMB_RENAMED_FROM = 4,
    LSMB_RENAMED_TO = 5,
};
typedef bool lsmb_change_fn(void *arg, uint32_t change, const char *name);
struct lsmb_watch_options {
    size_t size;
    bool recursive;
    uint32_t filter; /* MS-SMB2 2.2.35 */
};
LSMB_API LSMB_CHECK enum lsmb_code lsmb_watch(struct lsmb_share *share, const char *path,
                                              const struct lsmb_watch_options *opt,
                                              lsmb_change_fn *each, void *each_arg,
                                              struct lsmb_error *err);
LSMB_API struct lsmb_job *lsmb_watch_start(struct lsmb_share *share, const char *path,
                                           const struct lsmb_watch_options *opt,
                                           lsmb_change_fn *each, void *each_arg, lsmb_done_fn *done,
                                           void *arg);

/* Copy a file within one server without moving its bytes over the network (FSCTL_SRV_COPYCHUNK,
 * MS-SMB2 3.2.4.20.2); both shares must be of one session.  An existing `to` is overwritten in place.
 * LSMB_E_STATUS with STATUS_NOT_SUPPORTED and the like: it cannot; copy it yourself. */
LSMB_API LSMB_CHECK enum lsmb_code lsmb_server_copy(struct lsmb_share *from_share, const char *from,
                                                    struct lsmb_share *to_share, const char *to,
                                                    struct lsmb_error *err);
LSMB_API struct lsmb_job *lsmb_server_copy_start(struct lsmb_share *from_share, const char *from,
                                                 struct lsmb_share *to_share, const char *to,
                                                 lsmb_done_fn *done, void *arg);

/* ---------------------------------------------------------------- what a server shares */

struct lsmb_share_entry {
    const char *name, *comment; /* borrowed for the call */
    uint32_t type;              /* MS-SRVS 2.2.2.4: 0 disk, 1 printer, 3 IPC; 0x80000000 special */
};
typedef bool lsmb_share_fn(void *arg, const struct lsmb_share_entry *entry);

/* List the shares of a server (NetrShareEnum over the pipe srvsvc, MS-SRVS 3.1.4.8).  `ipc` is its
 * IPC$. */
LSMB_API LSMB_CHECK enum lsmb_code lsmb_shares(struct lsmb_share *ipc, lsmb_share_fn *each,
                                               void *each_arg, struct lsmb_error *err);
LSMB_API struct lsmb_job *lsmb_shares_start(struct lsmb_share *ipc, lsmb_share_fn *each,
                                            void *each_arg, lsmb_done_fn *done, void *arg);

/* ---------------------------------------------------------------- open files */

/* A file held open.  Its share must outlive it, and jobs on it must have ended when it is closed. */
struct lsmb_file;

enum lsmb_open_flag {
    LSMB_OPEN_READ = 0x01,
    LSMB_OPEN_WRITE = 0x02,
    LSMB_OPEN_CREATE = 0x10,     /* make it when it is not there */
    LSMB_OPEN_EXCLUSIVE = 0x20,  /* with CREATE: fail when it is there */
    LSMB_OPEN_TRUNCATE = 0x40,   /* empty it when it is there */
    LSMB_OPEN_DENY_READ = 0x100, /* nobody else may meanwhile */
    LSMB_OPEN_DENY_WRITE = 0x200,
    LSMB_OPEN_DENY_DELETE = 0x400,
};

LSMB_API LSMB_CHECK enum lsmb_code lsmb_file_open(struct lsmb_share *share, const char *path,
                                                  unsigned flags, struct lsmb_file **file,
                                                  struct lsmb_error *err);
LSMB_API struct lsmb_job *lsmb_file_open_start(struct lsmb_share *share, const char *path,
                                               unsigned flags, struct lsmb_file **file,
                                               lsmb_done_fn *done, void *arg);

/* What it looked like when it was opened. */
LSMB_API void lsmb_file_stat(const struct lsmb_file *file, struct lsmb_stat *out);

/* Read up to `len` bytes at `offset`; `*got` is less than that only at the end of the file. */
LSMB_API LSMB_CHECK enum lsmb_code lsmb_file_read(struct lsmb_file *file, void *bytes, size_t len,
                                                  uint64_t offset, size_t *got,
                                                  struct lsmb_error *err);
LSMB_API struct lsmb_job *lsmb_file_read_start(struct lsmb_file *file, void *bytes, size_t len,
                                               uint64_t offset, size_t *got, lsmb_done_fn *done,
                                               void *arg);

/* Write all of `len` bytes at `offset`. */
LSMB_API LSMB_CHECK enum lsmb_code lsmb_file_write(struct lsmb_file *file, const void *bytes,
                                                   size_t len, uint64_t offset,
                                                   struct lsmb_error *err);
LSMB_API struct lsmb_job *lsmb_file_write_start(struct lsmb_file *file, const void *bytes,
                                                size_t len, uint64_t offset, lsmb_done_fn *done,
                                                void *arg);

/* What was written is on the server's disk (MS-SMB2 3.2.4.16). */
LSMB_API LSMB_CHECK enum lsmb_code lsmb_file_flush(struct lsmb_file *file, struct lsmb_error *err);
LSMB_API struct lsmb_job *lsmb_file_flush_start(struct lsmb_file *file, lsmb_done_fn *done,
                                                void *arg);

/* Lock and unlock ranges of bytes (MS-SMB2 3.2.4.21).  Several ranges at once: all or none; they may
 * not wait then, unless all are unlocked.  At most 1024.  `wait`: until the range is free, or the job
 * is cancelled, after which it is not ours; otherwise LSMB_E_DENIED when somebody else holds it. */
enum lsmb_lock_kind { LSMB_LOCK_SHARED, LSMB_LOCK_EXCLUSIVE, LSMB_UNLOCK };
struct lsmb_lock {
    uint64_t offset, bytes;
    enum lsmb_lock_kind kind;
};
LSMB_API LSMB_CHECK enum lsmb_code lsmb_file_lock(struct lsmb_file *file,
                                                  const struct lsmb_lock *locks, size_t count,
                                                  bool wait, struct lsmb_error *err);
LSMB_API struct lsmb_job *lsmb_file_lock_start(struct lsmb_file *file,
                                               const struct lsmb_lock *locks, size_t count,
                                               bool wait, lsmb_done_fn *done, void *arg);

/* Close it and say whether that went well; the file is gone either way, and closing never lacks memory.
 * NULL is fine: there is nothing to do, so the start form returns NULL and `done` is not called. */
LSMB_API enum lsmb_code lsmb_file_close(struct lsmb_file *file, struct lsmb_error *err);
LSMB_API struct lsmb_job *lsmb_file_close_start(struct lsmb_file *file, lsmb_done_fn *done,
                                                void *arg);

/* ---------------------------------------------------------------- sources and sinks
 *
 * A copy moves ranges of bytes from a source to a sink.  Either may be one of the library's or a
 * host's own: a structure that begins with struct lsmb_source or struct lsmb_sink.  Every call that
 * takes a struct lsmb_wait * is answered exactly once with lsmb_wait_done(), at once or later, from
 * the context's thread; the calls never overlap except read() with read() and write() with write(),
 * and finish() and commit() with the last write()s of a sink that has hold().  Only when the context is freed
 * while a copy runs does close() come with calls open, which then must not be answered any more. */

struct lsmb_wait;

/* The call that `wait` came with has ended: err NULL = well. */
LSMB_API void lsmb_wait_done(struct lsmb_wait *wait, const struct lsmb_error *err);

/* A range on its way; belongs to the engine, lent to source or sink until `wait` is answered. */
struct lsmb_range {
    uint64_t offset;
    uint8_t *data; /* source: fill it; one with `brings_data` set points it elsewhere instead */
    size_t len;    /* source: wanted on entry, filled on return; less only at the end */
};

struct lsmb_source {
    const struct lsmb_source_ops *ops;
};

#define LSMB_SIZE_UNKNOWN UINT64_MAX

struct lsmb_source_ops {
    size_t size; /* sizeof(struct lsmb_source_ops) */
    /* Find the source and say what it is; bytes may be LSMB_SIZE_UNKNOWN. */
    void (*open)(struct lsmb_source *, struct lsmb_stat *out, struct lsmb_wait *);
    /* How many bytes the next read should ask for; 0 = none now, ask again next turn. */
    size_t (*chunk)(struct lsmb_source *);
    void (*read)(struct lsmb_source *, struct lsmb_range *, struct lsmb_wait *);
    /* `range` has been written, or never will be: a source with brings_data takes its memory back.
     * May be NULL. */
    void (*recycle)(struct lsmb_source *, struct lsmb_range *);
    /* All has been read: is it still what it was?  LSMB_E_CHANGED if not. */
    void (*finish)(struct lsmb_source *, struct lsmb_wait *);
    /* Called once, whatever happened, when no other call is open; frees the source. */
    void (*close)(struct lsmb_source *);
    bool sequential;  /* one read at a time, in order (a pipe) */
    bool brings_data; /* read() sets range->data itself */
    /* The copy has failed: answer the calls that are open soon, with whatever error.  May come when
     * none is open, and more than once.  NULL for a source that never makes one wait long. */
    void (*cancel)(struct lsmb_source *);
    /* NULL, or instead of open(): bring the whole in one go, if it has at most range->len bytes (range->data
     * as for read()), and find it unchanged, too: `*whole` is true then, range->len is its length and
     * finish() does not come any more.  Else `*whole` is false, and all is as after open(). */
    void (*fetch)(struct lsmb_source *, struct lsmb_stat *out, struct lsmb_range *range,
                  bool *whole, struct lsmb_wait *);
    /* NULL, or how many bytes it likes to be asked for at a time, where memory and window allow it. */
    size_t (*ahead)(struct lsmb_source *);
};

/* What a sink keeps before it answers any of it, in bytes. */
struct lsmb_hold {
    size_t
        least; /* must fit into memory and window, or nothing moves: a part that is sent as a whole */
    size_t wanted;  /* with that it is fast; at least `least` */
    uint64_t until; /* where that part ends: no range reaches beyond */
};

struct lsmb_sink {
    const struct lsmb_sink_ops *ops;
};

struct lsmb_sink_ops {
    size_t size; /* sizeof(struct lsmb_sink_ops) */
    /* Prepare to receive what `source` describes. */
    void (*open)(struct lsmb_sink *, const struct lsmb_stat *source, struct lsmb_wait *);
    /* As for sources. */
    size_t (*chunk)(struct lsmb_sink *);
    /* Take a range: until `wait` is answered the bytes stay where they are. */
    void (*write)(struct lsmb_sink *, const struct lsmb_range *, struct lsmb_wait *);
    /* Everything is written and verified (`bytes` in all): make it appear under its name. */
    void (*commit)(struct lsmb_sink *, uint64_t bytes, struct lsmb_wait *);
    /* Nothing will come of it: leave the target as it was.  After an open() that went well, and also
     * after a commit() that did not. */
    void (*abort)(struct lsmb_sink *, struct lsmb_wait *);
    /* Called once, whatever happened, when no other call is open; frees the sink. */
    void (*close)(struct lsmb_sink *);
    bool in_order; /* ranges must come one after the other from 0, one write at a time (a pipe) */
    /* As for sources.  A commit that cannot be undone any more goes on, and may still end well. */
    void (*cancel)(struct lsmb_sink *);
    /* NULL, or instead of open(), write() and commit(): take all of a source, which is `range` and still
     * what it was, in one go.  `*taken` false: nothing has happened, and open() comes.  When it fails the
     * target is as it was, as after abort(), which does not come then. */
    void (*store)(struct lsmb_sink *, const struct lsmb_stat *source,
                  const struct lsmb_range *range, bool *taken, struct lsmb_wait *);
    /* NULL, or between open() and the first write(): take all from a source that is open without its bytes
     * coming here, where both know each other well enough.  `*taken` false: nothing was, and it is to be
     * copied.  Then come finish() and commit(). */
    void (*take_over)(struct lsmb_sink *, struct lsmb_source *source, bool *taken,
                      struct lsmb_wait *);
    /* NULL, or between the last write() and commit(): a source of what was written, read back from where
     * it lies.  The caller closes it; NULL when there is no memory. */
    struct lsmb_source *(*reread)(struct lsmb_sink *);
    /* NULL, or before open() or store(): commit() is to give the target the source's time of writing. */
    void (*keep_times)(struct lsmb_sink *);
    /* NULL, or while take_over() is open: how many bytes it has taken so far. */
    uint64_t (*taken_over)(struct lsmb_sink *);
    /* NULL, or what it keeps of the bytes around `offset`, which decides that alone; asked before each range: `least` is
     * set aside for it before the first of them is read, when all that it kept before has been answered.  LSMB_E_USAGE
     * when that is more than may be in flight.  With `hold` goes `ended`. */
    void (*hold)(struct lsmb_sink *, uint64_t offset, struct lsmb_hold *hold);
    /* All `bytes` have been handed over: what it keeps is all there is.  Does not come when nothing was to be moved.
     * What it still keeps it may keep until commit() or abort(), which answers it first: an object that is stored with
     * one request appears by that, and must not before finish() was well. */
    void (*ended)(struct lsmb_sink *, uint64_t bytes);
    /* A commit() is only well when the other side has compared a checksum of all: there is no need to read it
     * back (struct lsmb_copy_options: verify). */
    bool proves;
};

/* How a target comes to its name. */
enum lsmb_publish {
    LSMB_PUBLISH_AUTO = 0, /* atomically where possible, else in place with a logged warning */
    LSMB_PUBLISH_ATOMIC,   /* atomically or not at all */
    LSMB_PUBLISH_IN_PLACE, /* straight into the target */
};

/* Local files and open descriptors.  `allow_growth`: a file that grows while it is read is copied up to
 * the length seen at open.  A descriptor is not closed.  NULL when out of memory. */
LSMB_API struct lsmb_source *lsmb_source_file(struct lsmb *smb, const char *path,
                                              bool allow_growth);
LSMB_API struct lsmb_source *lsmb_source_fd(struct lsmb *smb, int fd);
LSMB_API struct lsmb_sink *lsmb_sink_file(struct lsmb *smb, const char *path,
                                          enum lsmb_publish how);
LSMB_API struct lsmb_sink *lsmb_sink_fd(struct lsmb *smb, int fd);

/* Memory: `bytes` is borrowed; a sink grows `*bytes` with realloc() up to `limit_bytes` (beyond it:
 * LSMB_E_NOMEM) and the caller frees it. */
LSMB_API struct lsmb_source *lsmb_source_memory(struct lsmb *smb, const void *bytes, size_t len);
LSMB_API struct lsmb_sink *lsmb_sink_memory(struct lsmb *smb, void **bytes, size_t *len,
                                            size_t limit_bytes);

/* A file on a share; allow_growth as above. */
LSMB_API struct lsmb_source *lsmb_source_share(struct lsmb_share *share, const char *path,
                                               bool allow_growth);
LSMB_API struct lsmb_sink *lsmb_sink_share(struct lsmb_share *share, const char *path,
                                           enum lsmb_publish how);

typedef void lsmb_progress_fn(void *arg, uint64_t bytes, uint64_t total); /* total: or unknown */

struct lsmb_copy_options {
    size_t size;
    lsmb_progress_fn *progress; /* called at most once a turn; NULL = not */
    void *progress_arg;
    size_t window_bytes; /* most to have in flight; default: found by itself */
    bool keep_times;     /* the target gets the source's time of writing, where it can have one */
    /* Before the target gets its name it is read back and compared by CRC-32: LSMB_E_CHANGED.  Where an existing
     * file is to keep what it is and gets the content of a finished temporary, that temporary is compared, and how
     * it is copied into the file is left to the system or the server.  A sink that cannot be read back is
     * LSMB_E_USAGE. */
    bool verify;
    bool crc32; /* result->crc32 is wanted: of all bytes, as zlib has it */
};

struct lsmb_copy_result {
    uint64_t bytes;
    uint32_t crc32;
    bool on_server; /* the bytes were copied where they are and did not come here */
};

/* Copy `source` to `sink`.
 *
 * Ranges are pipelined: as many are in flight as credits, memory and window allow, and reach the sink
 * as they arrive, each exactly once.  The sink is committed only when every byte has been verified and
 * the source was found unchanged; on failure it is aborted and the target is left as it was.  A target
 * that is written in place (enum lsmb_publish) is the exception: it is emptied when its first bytes
 * have come, and a failure after that leaves it unfinished.
 *
 *   source, sink  consumed, whatever the outcome: do not use or free them after this call.
 *   opt, result   may be NULL.
 *
 * Returns LSMB_OK; LSMB_E_TIMEOUT after a silence; LSMB_E_CHANGED if the source changed; or what
 * source or sink reported.  MS-SMB2 3.2.4.6, 3.2.4.7. */
LSMB_API LSMB_CHECK enum lsmb_code lsmb_copy(struct lsmb *smb, struct lsmb_source *source,
                                             struct lsmb_sink *sink,
                                             const struct lsmb_copy_options *opt,
                                             struct lsmb_copy_result *result,
                                             struct lsmb_error *err);
LSMB_API struct lsmb_job *lsmb_copy_start(struct lsmb *smb, struct lsmb_source *source,
                                          struct lsmb_sink *sink,
                                          const struct lsmb_copy_options *opt,
                                          struct lsmb_copy_result *result, lsmb_done_fn *done,
                                          void *arg);

/* ---------------------------------------------------------------- trees
 *
 * A tree is a folder with all that is below it, on a share, on this machine or a host's own: a structure
 * that begins with struct lsmb_tree.  Paths are relative to it, UTF-8 with '/' between names; "" is the
 * folder itself.  Names are what they are on this machine: a tree on a share maps the characters that a
 * share cannot have (enum lsmb_names), one on this machine never leaves its folder, whatever names or
 * symbolic links lead out of it.  Nor is one on a share written to through a link: it is an error in the place of a
 * folder, and replaced in that of a file.  (Links that a server follows by itself and does not show, as Samba does
 * with those of its disk, cannot be told from what they lead to.)  Many calls may be open at a time, on different paths. */

struct lsmb_tree {
    const struct lsmb_tree_ops *ops;
};

struct lsmb_tree_ops {
    size_t size; /* sizeof(struct lsmb_tree_ops) */

    /* To copy from. */
    /* Begin to list a folder: what more() goes on with; NULL when there is no memory. */
    void *(*list)(struct lsmb_tree *, const char *path);
    /* Hand out some more entries, at least one unless `*end` becomes true: there are no more.  A link has
     * LSMB_ATTR_REPARSE.  "." and ".." may be among them: a folder whose ".." has another file_id than "." of
     * the one that it was found in is taken for a link, too.  One with a stat that is NULL is no file, nor can it be
     * one: it fails under its name, which is only shown. */
    void (*more)(struct lsmb_tree *, void *lister, lsmb_entry_fn *each, void *each_arg, bool *end,
                 struct lsmb_wait *);
    /* Also before the end; a more() that is open is not answered any more. */
    void (*list_end)(struct lsmb_tree *, void *lister);
    /* A source for a file as it was listed; NULL when there is no memory. */
    struct lsmb_source *(*source)(struct lsmb_tree *, const char *path,
                                  const struct lsmb_stat *stat);

    /* To copy to. */
    /* See to it that there is a folder; all above it were made before.  "": with what is missing above. */
    void (*make_folder)(struct lsmb_tree *, const char *path, struct lsmb_wait *);
    /* A sink for a file, of which the source says `stat`; NULL when there is no memory. */
    struct lsmb_sink *(*sink)(struct lsmb_tree *, const char *path, const struct lsmb_stat *stat,
                              enum lsmb_publish how);
    /* All in a folder has been done: give it the times of the one that it was copied from; NULL: leave them. */
    void (*end_folder)(struct lsmb_tree *, const char *path, const struct lsmb_stat *stat,
                       struct lsmb_wait *);

    /* Frees it; no source or sink of it is there any more.  A call is open only when the copy was cancelled or
     * the context is freed: it is not answered any more. */
    void (*close)(struct lsmb_tree *);
};

/* How names with " * : < > ? | \ and control characters, or with a space or dot at their end, are written
 * on a share, which does not take them: in Unicode's private use area. */
enum lsmb_names {
    LSMB_NAMES_SFM = 0, /* as macOS and Linux do: U+F001 to U+F029 */
    LSMB_NAMES_SFU,     /* as Services for Unix did: U+F000 and the character */
    LSMB_NAMES_NONE,    /* not: a name that the server refuses fails */
};

/* More would not be faster, and look like an attack. */
enum { LSMB_CONNECTIONS_DEFAULT = 4, LSMB_CONNECTIONS_MAX = 16 };

struct lsmb_tree_share_options {
    size_t size;
    enum lsmb_names names;
    /* Most to use for it, up to LSMB_CONNECTIONS_MAX; 0: up to LSMB_CONNECTIONS_DEFAULT, while copies mostly
     * wait. */
    unsigned connections;
};

/* A folder on a share or of this machine.  `share` is borrowed and must outlive it.  NULL when out of
 * memory. */
LSMB_API struct lsmb_tree *lsmb_tree_share(struct lsmb_share *share, const char *path,
                                           const struct lsmb_tree_share_options *opt);
LSMB_API struct lsmb_tree *lsmb_tree_local(struct lsmb *smb, const char *path);

struct lsmb_tree_result {
    uint64_t files, folders, links, bytes; /* copied, made, left alone (devices, too); of files */
    uint64_t skipped, failed;    /* not wanted; files and folders that could not be copied */
    uint64_t found, found_bytes; /* files so far; final when `listed` */
    bool listed;                 /* all folders have been listed */
};

struct lsmb_tree_options {
    size_t size;
    /* Whether a file is to be copied, a folder to be entered; NULL: all. */
    bool (*wanted)(void *arg, const char *path, const struct lsmb_stat *stat);
    /* Something of it has failed; the rest goes on.  NULL: nobody wants to know. */
    void (*failed)(void *arg, const char *path, const struct lsmb_error *err);
    /* How far it is; at most once a turn.  May be NULL. */
    void (*progress)(void *arg, const struct lsmb_tree_result *so_far);
    void *arg;
    enum lsmb_publish how;                /* every file comes to its name */
    const struct lsmb_copy_options *copy; /* for every file: keep_times (also of folders), verify,
                                             window_bytes (of all together) */
    unsigned files_max;                   /* most to have on the way at a time; default 256 */
};

/* Copy all that is below `from` to below `to`, empty folders too; what is there already is replaced or kept,
 * never deleted.  Symbolic links, devices, pipes and sockets are left alone and counted.  Two names that are
 * one to the target are an error of the second.  Files are copied as by lsmb_copy(), many at a time.
 *
 *   from, to     consumed, whatever the outcome.
 *   opt, result  may be NULL; `result` is filled in whatever the outcome.
 *
 * LSMB_E_PARTLY when some files failed and the rest is done; what ended it all otherwise. */
LSMB_API LSMB_CHECK enum lsmb_code lsmb_tree_copy(struct lsmb *smb, struct lsmb_tree *from,
                                                  struct lsmb_tree *to,
                                                  const struct lsmb_tree_options *opt,
                                                  struct lsmb_tree_result *result,
                                                  struct lsmb_error *err);
LSMB_API struct lsmb_job *lsmb_tree_copy_start(struct lsmb *smb, struct lsmb_tree *from,
                                               struct lsmb_tree *to,
                                               const struct lsmb_tree_options *opt,
                                               struct lsmb_tree_result *result, lsmb_done_fn *done,
                                               void *arg);

/* ---------------------------------------------------------------- the loop, for a host's own ends
 *
 * What sources, sinks and trees of a host's wait for: descriptors, time, what can only block.  Whatever is called
 * back here comes from inside lsmb_turn(), where calls may be answered and jobs started and ended.  What was made is
 * given back before the context is freed, at the latest in `gone` of lsmb_bind(). */

enum { LSMB_READABLE = 1, LSMB_WRITABLE = 2 }; /* a descriptor that has failed is both */

/* Watch a descriptor, which stays the caller's, and open until lsmb_poll_end(): `ready` is called in every turn in
 * which it is what `events` asks for.  NULL when there is no memory, or the system refuses. */
struct lsmb_poll;
typedef void lsmb_poll_fn(void *arg, unsigned events);
LSMB_API struct lsmb_poll *lsmb_poll_begin(struct lsmb *smb, int fd, unsigned events,
                                           lsmb_poll_fn *ready, void *arg);
LSMB_API LSMB_CHECK bool lsmb_poll_change(struct lsmb_poll *poll, unsigned events);
LSMB_API void lsmb_poll_end(struct lsmb_poll *poll); /* NULL is fine */

/* A timer: `fire` is called once when its time has come.  It is not set when it is made; NULL when there is no
 * memory. */
struct lsmb_timer;
typedef void lsmb_call_fn(void *arg);
LSMB_API struct lsmb_timer *lsmb_timer_new(struct lsmb *smb, lsmb_call_fn *fire, void *arg);
/* At a time on lsmb_now_ns()'s clock; one that has passed, as 0: in this turn or the next; UINT64_MAX: never. */
LSMB_API void lsmb_timer_set(struct lsmb_timer *timer, uint64_t at_ns);
LSMB_API void lsmb_timer_free(struct lsmb_timer *timer); /* NULL is fine */
LSMB_API uint64_t lsmb_now_ns(const struct lsmb *smb);   /* never goes back */

/* Have something done that can only block: `work` is called on a thread of the context's, then `done` on its
 * own.  NULL when there is no memory or no thread: neither is called. */
struct lsmb_work;
struct lsmb_work_calls {
    lsmb_call_fn *work;
    lsmb_call_fn *done;
    lsmb_call_fn
        *release; /* once, when nobody uses `arg` any more; on either thread.  May be NULL */
};
LSMB_API struct lsmb_work *lsmb_work_begin(struct lsmb *smb, const struct lsmb_work_calls *calls,
                                           void *arg);
/* Nobody wants its answer: `done` is not called any more.  Not once `done` was called; NULL is fine. */
LSMB_API void lsmb_work_drop(struct lsmb_work *work);

/* Something of a host's that hangs off the context: `gone` is called by lsmb_free(), when jobs and copies are no
 * more, for what came last first; the bond goes by itself then.  NULL when there is no memory. */
struct lsmb_bond;
LSMB_API struct lsmb_bond *lsmb_bind(struct lsmb *smb, lsmb_call_fn *gone, void *arg);
LSMB_API void lsmb_unbind(struct lsmb_bond *bond); /* `gone` is not called then.  NULL is fine */

/* A job of a host's own, to be waited for and cancelled like the library's. */
struct lsmb_job_calls {
    /* It is to end early: with lsmb_job_end(), at once or soon. */
    void (*cancel)(void *arg, const struct lsmb_error *why);
    lsmb_call_fn *drop; /* the context is freed: it has ended, without a word */
};
LSMB_API struct lsmb_job *lsmb_job_new(struct lsmb *smb, const struct lsmb_job_calls *calls,
                                       void *arg, lsmb_done_fn *done, void *done_arg);
/* It has ended; err NULL = well (copied).  `done` is called from this turn or the next. */
LSMB_API void lsmb_job_end(struct lsmb_job *job, const struct lsmb_error *err);

/* A line for whoever listens to the context's log. */
LSMB_API void lsmb_log(struct lsmb *smb, enum lsmb_log_level level, const char *line);

/* ---------------------------------------------------------------- what it took */

enum { LSMB_COMMANDS = 19, LSMB_LATENCIES = 32 };

/* Of one SMB2 command (MS-SMB2 2.2.1.2). */
struct lsmb_command_stats {
    uint64_t count, errors, pending; /* answered; with an error; put off first (STATUS_PENDING) */
    uint64_t total_ns, max_ns;       /* from sending to the answer */
    uint32_t latency
        [LSMB_LATENCIES]; /* answers that took less than 1024 << i ns, and more than half of that */
};

/* What the data waited for. */
enum lsmb_bound {
    LSMB_BOUND_SERVER,  /* answers: all that may be in flight was */
    LSMB_BOUND_CREDITS, /* the server's leave to ask for more */
    LSMB_BOUND_LINK,    /* a full socket */
    LSMB_BOUND_SOURCE,  /* the local end that is read */
    LSMB_BOUND_SINK,    /* the local end that is written */
    LSMB_BOUND_CPU,     /* us: there was always something to do */
    LSMB_BOUND_LIMIT,   /* rate_limit */
    LSMB_BOUNDS,
};

struct lsmb_stats {
    size_t size;
    struct lsmb_command_stats commands[LSMB_COMMANDS];
    uint64_t bytes_in, bytes_out;          /* of all connections, with all headers */
    uint64_t receive_calls, send_calls;    /* system calls that moved them */
    uint64_t turns;                        /* of the loop */
    uint64_t connections, lost, logons;    /* made; lost; logged on again */
    uint64_t retries;                      /* requests that were sent once more */
    uint64_t compounds;                    /* frames with more than one request */
    uint64_t round_trip_ns;                /* the least seen, 0: none yet */
    uint32_t credits_peak, in_flight_peak; /* of one connection; requests */
    uint64_t memory_peak;                  /* bytes of all buffers */
    uint64_t window_peak;                  /* bytes that one copy had in flight */
    uint64_t bound_ns[LSMB_BOUNDS];        /* while copies were running */
};

/* What all connections of a context have done so far.  stats->size is set by the caller. */
LSMB_API void lsmb_stats_get(const struct lsmb *smb, struct lsmb_stats *stats);

LSMB_API const char *lsmb_version(void);

#ifdef __cplusplus
}
#endif

#endif
