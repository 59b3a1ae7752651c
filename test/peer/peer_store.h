/* peer_store.h: the peer's files. */
#ifndef LSMB_TEST_PEER_PEER_STORE_H
#define LSMB_TEST_PEER_PEER_STORE_H

#include "base/list.h"
#include "proto/create.h"
#include "proto/fscc.h"
#include "proto/notify.h"
#include "proto/security.h"

/* A file, a directory, or an alternate stream, whose name is "file:stream".  It stays, nameless, while it is
 * open. */
struct peer_node {
    struct list node;
    struct list opens; /* peer_open */
    uint8_t *name;     /* whole path, UTF-16LE, '\' between components; empty: the root */
    size_t name_len;   /* bytes */
    bool directory;
    uint64_t crowd; /* so many more files are made up when the directory is listed */
    bool delete_pending;
    uint8_t *bytes;
    size_t size, cap;
    uint64_t created, accessed, written, changed; /* FILETIME */
    uint32_t attributes;                          /* without FILE_ATTRIBUTE_DIRECTORY */
    uint32_t reparse_tag;                         /* as it is listed (MS-FSCC 2.4.17); 0: none */
    uint64_t id;
    uint8_t *security; /* owned: its security descriptor, self-relative */
    size_t security_len;
    struct list eas;   /* peer_ea */
    uint8_t *leads_to; /* owned: where a symbolic link leads, UTF-16LE; NULL: it is none */
    size_t leads_to_len;
    bool leads_relative;
};

/* An extended attribute. */
struct peer_ea {
    struct list node;
    char name[256];
    uint8_t *value; /* owned */
    size_t len;
};

struct peer_store {
    struct list nodes; /* ascending by id; the root is first */
    uint64_t last_id;
    uint64_t capacity; /* bytes that all files may have together; UINT64_MAX at first */
    uint64_t used;
    bool keeps_marks; /* whoever takes a deletion mark back hears "success", and it stays */
};

struct peer_watch;
struct peer_pipe;

/* An open file of a session (MS-SMB2 3.3.1.10). */
struct peer_open {
    struct list in_node, in_session;
    struct peer_node *file;
    struct smb2_file_id id;
    uint32_t tree_id;
    uint32_t access, share_access;
    bool delete_on_close;
    uint64_t scanned; /* QUERY_DIRECTORY: id of the entry given last; see peer_dir.c */
    uint64_t crowd_given;
    uint8_t *pattern; /* UTF-16LE, owned */
    size_t pattern_len;
    struct list locks;        /* peer_range: what is locked through it */
    struct peer_watch *watch; /* owned: CHANGE_NOTIFY; NULL: it was never asked for */
    struct peer_pipe *pipe;   /* owned; NULL: it is a file */
    void (*pipe_free)(struct peer_pipe *pipe);
};

void peer_store_init(struct peer_store *store, uint64_t now);
void peer_store_free(struct peer_store *store);

/* Names are compared without regard to case.  NULL: not there. */
struct peer_node *peer_store_find(struct peer_store *store, struct span name);

/* The directory a name is in: everything before the last '\'. */
struct span peer_parent(struct span name);

/* The last component. */
struct span peer_leaf(struct span name);

/* The file a stream belongs to: everything before a ':' in the last component; the name itself when it is
 * none. */
struct span peer_base(struct span name);

/* Whether `node` is an alternate stream of `file`. */
bool peer_is_stream_of(const struct peer_node *node, const struct peer_node *file);

/* Whether `name` is inside directory `dir`, however deep. */
bool peer_inside(struct span name, struct span dir);

/* Whether two names are the same but for case. */
bool peer_same_name(struct span a, struct span b);

/* Add an empty node; the name must be free. */
struct peer_node *peer_store_add(struct peer_store *store, struct span name, bool directory,
                                 uint64_t now);

/* Rename it, all that is inside, and its streams. */
void peer_store_rename(struct peer_store *store, struct peer_node *node, struct span name);

/* Take its name away, and those of its streams; freed when it is not open. */
void peer_store_remove(struct peer_store *store, struct peer_node *node);

/* Whether a directory has anything in it. */
bool peer_store_has_children(struct peer_store *store, const struct peer_node *dir);

/* Give a file a size; new bytes are zeros.  False: the disk is full. */
bool peer_store_resize(struct peer_store *store, struct peer_node *node, uint64_t size);

/* Give it a security descriptor, which is copied.  A new one has an owner, and a list whose only entry was
 * inherited. */
void peer_store_secure(struct peer_node *node, struct span descriptor);

/* Give it an extended attribute, or take it away when it has no value. */
void peer_store_ea(struct peer_node *node, struct span name, struct span value);

/* Open and close.  The last close of a node without a name frees it. */
struct peer_open *peer_open_new(struct peer_node *node, struct list *session_opens);
void peer_open_free(struct peer_store *store, struct peer_open *open);

/* May bytes be read, or written, for all the locks there are (MS-FSA 2.1.4.10)?  The range does not wrap. */
bool peer_may_access(const struct peer_open *open, uint64_t offset, uint64_t length, bool write);
void peer_unlock_all(struct peer_open *open);

/* Let every open directory remember that something called `name` changed: enum file_action, enum
 * smb2_notify_filter. */
void peer_changed(struct peer_store *store, uint32_t action, uint32_t filter, struct span name);
void peer_watch_free(struct peer_open *open);

/* Memory, or the process ends. */
void *peer_alloc(size_t len);
uint8_t *peer_copy(struct span bytes);

#endif
