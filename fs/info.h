/* info.h: asking and telling about an open file. */
#ifndef LSMB_FS_INFO_H
#define LSMB_FS_INFO_H

#include "fs/open.h"

/* SET_INFO of one file information class (MS-SMB2 3.2.4.9): `data` is copied at once. */
struct set_info_op {
    struct op op; /* first */
    struct open *open;
    uint8_t info_type, info_class;
    uint32_t additional_information;
    uint8_t *data; /* owned: what to set */
    size_t data_len;
    struct request request;
};
void set_info_start(struct set_info_op *op, struct op *parent, struct open *open,
                    uint8_t info_class, struct span data);

/* Set parts of its security descriptor: `which` is enum security_information.  Needs WRITE_OWNER for owner and
 * group, WRITE_DAC for the DACL, ACCESS_SYSTEM_SECURITY for the SACL. */
void set_security_start(struct set_info_op *op, struct op *parent, struct open *open,
                        uint32_t which, struct span descriptor);

/* Rename an open file within its share (FileRenameInformation, MS-FSCC 2.4.37.2).  Needs ACCESS_DELETE. */
void rename_start(struct set_info_op *op, struct op *parent, struct open *open,
                  const struct path *to, bool replace);

/* Set its length (FileEndOfFileInformation, MS-FSCC 2.4.14).  Needs FILE_WRITE_DATA. */
void set_end_start(struct set_info_op *op, struct op *parent, struct open *open, uint64_t bytes);

/* Mark for deletion when closed, or take that back (FileDispositionInformation, MS-FSCC 2.4.11).  Needs
 * ACCESS_DELETE. */
void dispose_start(struct set_info_op *op, struct op *parent, struct open *open, bool delete_it);

/* Mark for deletion without waiting for the answer. */
void dispose_post(struct open *open);

/* QUERY_INFO (MS-SMB2 3.2.4.8) of up to `room` bytes; on success `data` points into the request's reply,
 * which stays until the op is started again or query_info_drop() is called. */
struct query_info_op {
    struct op op; /* first */
    struct open *open;
    uint8_t info_type, info_class;
    uint32_t additional_information, flags; /* MS-SMB2 2.2.37 */
    uint32_t room;
    uint32_t room_max; /* `room` may grow so far when the server says that it is too small */
    bool cut;          /* STATUS_BUFFER_OVERFLOW: there would have been more */
    struct span data;
    struct request request;
};
void query_info_start(struct query_info_op *op, struct op *parent, struct open *open,
                      uint8_t info_type, uint8_t info_class, uint32_t room);
void query_info_drop(struct query_info_op *op);

/* FileStandardInformation (MS-FSCC 2.4.47): file_standard_information_get().  Needs no access. */
void query_standard_start(struct query_info_op *op, struct op *parent, struct open *open);

/* Likewise, of what has no fixed size, all of it: asked for with a small buffer first and once more with
 * one that is large enough, up to 1 MiB.  `cut` is set when even that is too small. */

/* The streams: file_stream_information_next().  Needs no access. */
void query_streams_start(struct query_info_op *op, struct op *parent, struct open *open);

/* Parts of the security descriptor: security_descriptor_get().  `which` is enum security_information.
 * Needs READ_CONTROL; ACCESS_SYSTEM_SECURITY for the SACL. */
void query_security_start(struct query_info_op *op, struct op *parent, struct open *open,
                          uint32_t which);

/* The extended attributes: file_full_ea_information_next(); an empty list when there are none.  Needs
 * FILE_READ_EA. */
void query_ea_start(struct query_info_op *op, struct op *parent, struct open *open);

/* FLUSH: what was written is on the disk (MS-SMB2 3.2.4.16). */
struct flush_op {
    struct op op; /* first */
    struct open *open;
    struct request request;
};
void flush_start(struct flush_op *op, struct op *parent, struct open *open);

#endif
