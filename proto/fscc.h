/* fscc.h: what QUERY_INFO and SET_INFO say about files (MS-FSCC 2.4).
 *
 * They are named as there; the numbers of their subsections differ between its editions.
 *
 * A ..._get() reads the bytes of the reply's buffer (or of a SET_INFO request's) and tolerates what
 * follows the structure; a ..._put() writes them. */
#ifndef LSMB_PROTO_FSCC_H
#define LSMB_PROTO_FSCC_H

#include "proto/walk.h"

/* MS-FSCC 2.4. */
enum file_information_class {
    FILE_DIRECTORY_INFORMATION = 1,
    FILE_FULL_DIRECTORY_INFORMATION = 2,
    FILE_BOTH_DIRECTORY_INFORMATION = 3,
    FILE_BASIC_INFORMATION = 4,
    FILE_STANDARD_INFORMATION = 5,
    FILE_INTERNAL_INFORMATION = 6,
    FILE_EA_INFORMATION = 7,
    FILE_ACCESS_INFORMATION = 8,
    FILE_RENAME_INFORMATION = 10,
    FILE_LINK_INFORMATION = 11,
    FILE_NAMES_INFORMATION = 12,
    FILE_DISPOSITION_INFORMATION = 13,
    FILE_POSITION_INFORMATION = 14,
    FILE_FULL_EA_INFORMATION = 15, /* proto/ea.h */
    FILE_MODE_INFORMATION = 16,
    FILE_ALIGNMENT_INFORMATION = 17,
    FILE_ALL_INFORMATION = 18,
    FILE_ALLOCATION_INFORMATION = 19,
    FILE_END_OF_FILE_INFORMATION = 20,
    FILE_ALTERNATE_NAME_INFORMATION = 21,
    FILE_STREAM_INFORMATION = 22,
    FILE_COMPRESSION_INFORMATION = 28,
    FILE_NETWORK_OPEN_INFORMATION = 34,
    FILE_ATTRIBUTE_TAG_INFORMATION = 35,
    FILE_ID_BOTH_DIRECTORY_INFORMATION = 37,
    FILE_ID_FULL_DIRECTORY_INFORMATION = 38,
    FILE_NORMALIZED_NAME_INFORMATION = 48,
    FILE_ID_INFORMATION = 59,
    FILE_ID_EXTD_DIRECTORY_INFORMATION = 60,
    FILE_DISPOSITION_INFORMATION_EX = 64,
};

/* MS-FSCC 2.6; those that a client acts on. */
enum file_attribute {
    FILE_ATTRIBUTE_READONLY = 0x00000001,
    FILE_ATTRIBUTE_HIDDEN = 0x00000002,
    FILE_ATTRIBUTE_SYSTEM = 0x00000004,
    FILE_ATTRIBUTE_DIRECTORY = 0x00000010,
    FILE_ATTRIBUTE_ARCHIVE = 0x00000020,
    FILE_ATTRIBUTE_NORMAL = 0x00000080,
    FILE_ATTRIBUTE_REPARSE_POINT = 0x00000400,
};

/* Times are FILETIME; when set, 0 leaves one as it is. */
struct file_basic_information {
    uint64_t created, accessed, written, changed;
    uint32_t file_attributes; /* enum file_attribute; 0 = leave */
};
void file_basic_information_put(struct wr *w, const struct file_basic_information *info);
bool file_basic_information_get(struct file_basic_information *out, struct span data);

struct file_standard_information {
    uint64_t allocation_size, end_of_file; /* bytes */
    uint32_t links;
    bool delete_pending, directory;
};
void file_standard_information_put(struct wr *w, const struct file_standard_information *info);
bool file_standard_information_get(struct file_standard_information *out, struct span data);

/* The file's number on its volume. */
struct file_internal_information {
    uint64_t file_id;
};
void file_internal_information_put(struct wr *w, const struct file_internal_information *info);
bool file_internal_information_get(struct file_internal_information *out, struct span data);

/* Bytes of all extended attributes together, in the form of FileFullEaInformation or an older one. */
struct file_ea_information {
    uint32_t ea_size;
};
void file_ea_information_put(struct wr *w, const struct file_ea_information *info);
bool file_ea_information_get(struct file_ea_information *out, struct span data);

/* What the file was opened for (MS-SMB2 2.2.13.1). */
struct file_access_information {
    uint32_t access_flags;
};
void file_access_information_put(struct wr *w, const struct file_access_information *info);
bool file_access_information_get(struct file_access_information *out, struct span data);

struct file_position_information {
    uint64_t position; /* bytes */
};
void file_position_information_put(struct wr *w, const struct file_position_information *info);
bool file_position_information_get(struct file_position_information *out, struct span data);

/* Some of the CREATE options that it was opened with. */
struct file_mode_information {
    uint32_t mode;
};
void file_mode_information_put(struct wr *w, const struct file_mode_information *info);
bool file_mode_information_get(struct file_mode_information *out, struct span data);

/* How buffers of the device must lie: a mask of address bits. */
struct file_alignment_information {
    uint32_t alignment;
};
void file_alignment_information_put(struct wr *w, const struct file_alignment_information *info);
bool file_alignment_information_get(struct file_alignment_information *out, struct span data);

/* FileNormalizedNameInformation (the path as it is really written) and FileAlternateNameInformation (the
 * 8.3 name) have this form. */
struct file_name_information {
    struct span name; /* UTF-16LE */
};
void file_name_information_put(struct wr *w, const struct file_name_information *info);

/* `cut`: the reply came with STATUS_BUFFER_OVERFLOW, so the name may end early; otherwise it must
 * be there in full. */
bool file_name_information_get(struct file_name_information *out, struct span data, bool cut);

/* What kind of link a reparse point is. */
struct file_attribute_tag_information {
    uint32_t file_attributes; /* enum file_attribute */
    uint32_t reparse_tag;     /* MS-FSCC 2.1.2.1; 0 when it is none */
};
void file_attribute_tag_information_put(struct wr *w,
                                        const struct file_attribute_tag_information *info);
bool file_attribute_tag_information_get(struct file_attribute_tag_information *out,
                                        struct span data);

struct file_compression_information {
    uint64_t compressed_size;    /* bytes */
    uint16_t compression_format; /* 0 = none, 2 = LZNT1 */
    uint8_t unit_shift, chunk_shift, cluster_shift;
};
void file_compression_information_put(struct wr *w,
                                      const struct file_compression_information *info);
bool file_compression_information_get(struct file_compression_information *out, struct span data);

/* The file's number where 64 bits do not do. */
struct file_id_information {
    uint64_t volume_serial_number;
    uint8_t file_id[16];
};
void file_id_information_put(struct wr *w, const struct file_id_information *info);
bool file_id_information_get(struct file_id_information *out, struct span data);

struct file_all_information {
    struct file_basic_information basic;
    struct file_standard_information standard;
    struct file_internal_information internal;
    uint32_t ea_size;
    uint32_t access_flags;
    uint64_t position;
    uint32_t mode;
    uint32_t alignment;
    struct span name; /* UTF-16LE */
};
void file_all_information_put(struct wr *w, const struct file_all_information *info);

/* `cut`: as for file_name_information_get(). */
bool file_all_information_get(struct file_all_information *out, struct span data, bool cut);

struct file_network_open_information {
    uint64_t created, accessed, written, changed; /* FILETIME */
    uint64_t allocation_size, end_of_file;        /* bytes */
    uint32_t file_attributes;
};
void file_network_open_information_put(struct wr *w,
                                       const struct file_network_open_information *info);
bool file_network_open_information_get(struct file_network_open_information *out, struct span data);

/* For messages of this family: a name of the announced length, that may have been cut off with the
 * buffer. */
struct span fscc_name_get(struct rd *r, uint32_t length, bool cut);

/* One data stream of a file. */
struct file_stream_information {
    uint64_t size, allocation_size; /* bytes */
    struct span name;               /* ":name:$DATA", UTF-16LE */
};

/* The next stream of a list; false at its end or where it is malformed (walk_ok tells). */
bool file_stream_information_next(struct walk *list, struct file_stream_information *out);

/* Append a stream to a list written from position 0 of `w`. */
void file_stream_information_put(struct wr *w, const struct file_stream_information *info);

/* FileRenameInformation in its form for SMB2; FileLinkInformation, a further name for a file, is alike. */
struct file_rename_information {
    bool replace_if_exists;
    struct span name; /* from the share's root, no leading '\', UTF-16LE */
};
void file_rename_information_put(struct wr *w, const struct file_rename_information *info);
bool file_rename_information_get(struct file_rename_information *out, struct span data);

struct file_disposition_information {
    bool delete_pending;
};
void file_disposition_information_put(struct wr *w,
                                      const struct file_disposition_information *info);
bool file_disposition_information_get(struct file_disposition_information *out, struct span data);

/* FileDispositionInformationEx. */
enum file_disposition_flags {
    FILE_DISPOSITION_DELETE = 0x00000001,
    FILE_DISPOSITION_POSIX_SEMANTICS = 0x00000002, /* the name goes at once */
    FILE_DISPOSITION_ON_CLOSE = 0x00000008,
    FILE_DISPOSITION_IGNORE_READONLY_ATTRIBUTE = 0x00000010,
};
struct file_disposition_information_ex {
    uint32_t flags; /* enum file_disposition_flags */
};
void file_disposition_information_ex_put(struct wr *w,
                                         const struct file_disposition_information_ex *info);
bool file_disposition_information_ex_get(struct file_disposition_information_ex *out,
                                         struct span data);

struct file_end_of_file_information {
    uint64_t end_of_file; /* bytes */
};
void file_end_of_file_information_put(struct wr *w,
                                      const struct file_end_of_file_information *info);
bool file_end_of_file_information_get(struct file_end_of_file_information *out, struct span data);

struct file_allocation_information {
    uint64_t allocation_size; /* bytes */
};
void file_allocation_information_put(struct wr *w, const struct file_allocation_information *info);
bool file_allocation_information_get(struct file_allocation_information *out, struct span data);

#endif
