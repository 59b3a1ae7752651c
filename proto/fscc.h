/* fscc.h: the structures that QUERY_INFO and SET_INFO carry (MS-FSCC 2.4, 2.5).
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
    FILE_BASIC_INFORMATION = 4,
    FILE_STANDARD_INFORMATION = 5,
    FILE_INTERNAL_INFORMATION = 6,
    FILE_RENAME_INFORMATION = 10,
    FILE_DISPOSITION_INFORMATION = 13,
    FILE_FULL_EA_INFORMATION = 15,
    FILE_ALL_INFORMATION = 18,
    FILE_ALLOCATION_INFORMATION = 19,
    FILE_END_OF_FILE_INFORMATION = 20,
    FILE_STREAM_INFORMATION = 22,
    FILE_NETWORK_OPEN_INFORMATION = 34,
    FILE_ID_BOTH_DIRECTORY_INFORMATION = 37,
    FILE_ID_FULL_DIRECTORY_INFORMATION = 38,
};

/* MS-FSCC 2.5. */
enum fs_information_class {
    FILE_FS_ATTRIBUTE_INFORMATION = 5,
    FILE_FS_FULL_SIZE_INFORMATION = 7,
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

/* `cut`: the reply came with STATUS_BUFFER_OVERFLOW, so the name may end early; otherwise it must
 * be there in full. */
bool file_all_information_get(struct file_all_information *out, struct span data, bool cut);

struct file_network_open_information {
    uint64_t created, accessed, written, changed; /* FILETIME */
    uint64_t allocation_size, end_of_file;        /* bytes */
    uint32_t file_attributes;
};
void file_network_open_information_put(struct wr *w,
                                       const struct file_network_open_information *info);
bool file_network_open_information_get(struct file_network_open_information *out, struct span data);

/* One data stream of a file. */
struct file_stream_information {
    uint64_t size, allocation_size; /* bytes */
    struct span name;               /* ":name:$DATA", UTF-16LE */
};

/* The next stream of a list; false at its end or where it is malformed (walk_ok tells). */
bool file_stream_information_next(struct walk *list, struct file_stream_information *out);

/* Append a stream to a list written from position 0 of `w`. */
void file_stream_information_put(struct wr *w, const struct file_stream_information *info);

/* FileRenameInformation in its form for SMB2. */
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

/* FileFsFullSizeInformation.  A unit has sectors_per_unit * bytes_per_sector bytes. */
struct fs_full_size_information {
    uint64_t total_units, caller_available_units, actual_available_units;
    uint32_t sectors_per_unit, bytes_per_sector;
};
void fs_full_size_information_put(struct wr *w, const struct fs_full_size_information *info);
bool fs_full_size_information_get(struct fs_full_size_information *out, struct span data);

/* FileFsAttributeInformation. */
struct fs_attribute_information {
    uint32_t attributes;
    uint32_t maximum_component_name_length; /* characters */
    struct span file_system_name;           /* "NTFS", UTF-16LE */
};
void fs_attribute_information_put(struct wr *w, const struct fs_attribute_information *info);

/* `cut`: as for file_all_information_get(). */
bool fs_attribute_information_get(struct fs_attribute_information *out, struct span data, bool cut);

#endif
