/* volume.h: what QUERY_INFO says about a file system (MS-FSCC 2.5).
 *
 * A ..._get() reads the bytes of the reply's buffer and tolerates what follows the structure.  `cut`: the
 * reply came with STATUS_BUFFER_OVERFLOW, so the name at its end may be incomplete. */
#ifndef LSMB_PROTO_VOLUME_H
#define LSMB_PROTO_VOLUME_H

#include "proto/bytes.h"

/* MS-FSCC 2.5. */
enum fs_information_class {
    FILE_FS_VOLUME_INFORMATION = 1,
    FILE_FS_SIZE_INFORMATION = 3,
    FILE_FS_DEVICE_INFORMATION = 4,
    FILE_FS_ATTRIBUTE_INFORMATION = 5,
    FILE_FS_FULL_SIZE_INFORMATION = 7,
    FILE_FS_OBJECT_ID_INFORMATION = 8,
    FILE_FS_SECTOR_SIZE_INFORMATION = 11,
};

/* FileFsVolumeInformation. */
struct fs_volume_information {
    uint64_t created; /* FILETIME */
    uint32_t serial_number;
    bool supports_objects;
    struct span label; /* UTF-16LE */
};
void fs_volume_information_put(struct wr *w, const struct fs_volume_information *info);
bool fs_volume_information_get(struct fs_volume_information *out, struct span data, bool cut);

/* FileFsSizeInformation.  A unit has sectors_per_unit * bytes_per_sector bytes. */
struct fs_size_information {
    uint64_t total_units, available_units;
    uint32_t sectors_per_unit, bytes_per_sector;
};
void fs_size_information_put(struct wr *w, const struct fs_size_information *info);
bool fs_size_information_get(struct fs_size_information *out, struct span data);

/* FileFsFullSizeInformation: the same, also beyond what the user may have. */
struct fs_full_size_information {
    uint64_t total_units, caller_available_units, actual_available_units;
    uint32_t sectors_per_unit, bytes_per_sector;
};
void fs_full_size_information_put(struct wr *w, const struct fs_full_size_information *info);
bool fs_full_size_information_get(struct fs_full_size_information *out, struct span data);

/* FileFsDeviceInformation. */
struct fs_device_information {
    uint32_t device_type; /* 7 = disk */
    uint32_t characteristics;
};
void fs_device_information_put(struct wr *w, const struct fs_device_information *info);
bool fs_device_information_get(struct fs_device_information *out, struct span data);

/* FileFsAttributeInformation; the attributes that a client acts on. */
enum fs_attribute {
    FILE_CASE_SENSITIVE_SEARCH = 0x00000001,
    FILE_CASE_PRESERVED_NAMES = 0x00000002,
    FILE_UNICODE_ON_DISK = 0x00000004,
    FILE_PERSISTENT_ACLS = 0x00000008,
    FILE_SUPPORTS_SPARSE_FILES = 0x00000040,
    FILE_NAMED_STREAMS = 0x00040000,
    FILE_READ_ONLY_VOLUME = 0x00080000,
    FILE_SUPPORTS_HARD_LINKS = 0x00400000,
    FILE_SUPPORTS_EXTENDED_ATTRIBUTES = 0x00800000,
};
struct fs_attribute_information {
    uint32_t attributes;                    /* enum fs_attribute */
    uint32_t maximum_component_name_length; /* characters */
    struct span file_system_name;           /* "NTFS", UTF-16LE */
};
void fs_attribute_information_put(struct wr *w, const struct fs_attribute_information *info);
bool fs_attribute_information_get(struct fs_attribute_information *out, struct span data, bool cut);

/* FileFsObjectIdInformation. */
struct fs_object_id_information {
    uint8_t object_id[16];
    uint8_t extended_info[48];
};
void fs_object_id_information_put(struct wr *w, const struct fs_object_id_information *info);
bool fs_object_id_information_get(struct fs_object_id_information *out, struct span data);

/* FileFsSectorSizeInformation; sizes and offsets in bytes. */
struct fs_sector_size_information {
    uint32_t logical, physical_for_atomicity, physical_for_performance;
    uint32_t effective_physical_for_atomicity;
    uint32_t flags;
    uint32_t sector_alignment, partition_alignment;
};
void fs_sector_size_information_put(struct wr *w, const struct fs_sector_size_information *info);
bool fs_sector_size_information_get(struct fs_sector_size_information *out, struct span data);

#endif
