/* dir.h: QUERY_DIRECTORY (MS-SMB2 2.2.33, 2.2.34) and the entries it returns (MS-FSCC 2.4). */
#ifndef LSMB_PROTO_DIR_H
#define LSMB_PROTO_DIR_H

#include "proto/fscc.h"
#include "proto/header.h"
#include "proto/walk.h"

/* MS-SMB2 2.2.33. */
enum smb2_query_directory_flags {
    SMB2_RESTART_SCANS = 0x01,
    SMB2_RETURN_SINGLE_ENTRY = 0x02,
    SMB2_INDEX_SPECIFIED = 0x04,
    SMB2_REOPEN = 0x10,
};

struct smb2_query_directory_request {
    uint8_t info_class; /* enum file_information_class */
    uint8_t flags;      /* enum smb2_query_directory_flags */
    uint32_t file_index;
    struct smb2_file_id file;
    struct span pattern;    /* UTF-16LE */
    uint32_t output_length; /* bytes wanted */
};

struct smb2_query_directory_reply {
    struct span entries; /* a list of the class that was asked for; empty = none */
};

void smb2_query_directory_request_put(struct wr *w, const struct smb2_query_directory_request *q);
bool smb2_query_directory_request_get(struct smb2_query_directory_request *out, struct span msg);
void smb2_query_directory_reply_put(struct wr *w, const struct smb2_query_directory_reply *a);

/* `asked` is the OutputBufferLength of the request; more is refused. */
bool smb2_query_directory_reply_get(struct smb2_query_directory_reply *out, struct span msg,
                                    uint32_t asked);

/* One entry of a directory in any of the seven classes for it; what a class does not carry is zero or
 * empty.  MS-FSCC 2.4. */
struct file_directory_entry {
    uint32_t file_index;
    uint64_t created, accessed, written, changed; /* FILETIME */
    uint64_t end_of_file, allocation_size;        /* bytes */
    uint32_t file_attributes;
    uint32_t ea_size;       /* bytes; the reparse tag when the entry is a reparse point */
    uint32_t reparse_tag;   /* FileIdExtdDirectoryInformation has a field of its own for it */
    uint64_t file_id;       /* 0 = the server has none */
    uint64_t file_id_high;  /* the upper half of a FileIdExtdDirectoryInformation's */
    struct span short_name; /* UTF-16LE, at most 24 bytes */
    struct span name;       /* UTF-16LE; not yet fit to be a local name */
};

/* The next entry of a list of `info_class`; false at its end, where it is malformed (walk_ok
 * tells), and for a class that is not for directories, which counts as malformed. */
bool file_directory_entry_next(struct walk *list, uint8_t info_class,
                               struct file_directory_entry *out);

/* Append an entry to a list written from position 0 of `w`. */
void file_directory_entry_put(struct wr *w, uint8_t info_class,
                              const struct file_directory_entry *entry);

#endif
