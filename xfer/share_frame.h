/* share_frame.h: requests about one open file on a share, laid to leave in one frame (conn/compound), and what the
 * server said to each. */
#ifndef LSMB_XFER_SHARE_FRAME_H
#define LSMB_XFER_SHARE_FRAME_H

#include "conn/compound.h"
#include "fs/path.h"
#include "fs/share.h"

enum { SHARE_FRAME_STANDARD_ROOM = 64 }; /* bytes that QUERY_INFO asks for */

/* Of the frame, or of what follows a CREATE in it. */
struct share_frame {
    struct lsmb_share *share;    /* borrowed, and up */
    struct compound_part *parts; /* borrowed: room for what is added */
    unsigned count;
    /* The file: SMB2_FILE_ID_NONE behind a CREATE.  Behind the first request all name that one's (MS-SMB2
     * 3.2.4.1.4). */
    struct smb2_file_id file;
    struct ready *waiter; /* of each request */
    bool no_memory;       /* sticky: something could not be laid */
};

/* What QUERY_INFO asks for (MS-SMB2 2.2.37). */
struct share_question {
    uint8_t info_type, info_class;
    uint32_t additional_information;
    uint32_t room; /* bytes */
};

/* Add a request, which is idle: SET_INFO of a class (MS-FSCC 2.4), ... */
void share_frame_set(struct share_frame *frame, struct request *request, uint8_t info_class,
                     struct span data);
/* ... that the file is to be deleted when it is closed, or is not, ... */
void share_frame_mark(struct share_frame *frame, struct request *request, bool delete_it);
/* ... its time of writing (ns since 1970), ... */
void share_frame_written(struct share_frame *frame, struct request *request, int64_t written);
/* ... and its name, which nothing may have; */
void share_frame_rename(struct share_frame *frame, struct request *request, const struct path *to);
/* WRITE of `bytes`, borrowed as a compound does; */
void share_frame_write(struct share_frame *frame, struct request *request, struct span bytes);
/* QUERY_INFO; */
void share_frame_ask(struct share_frame *frame, struct request *request,
                     const struct share_question *question);
/* FLUSH, QUERY_INFO FileStandardInformation, CLOSE; */
void share_frame_flush(struct share_frame *frame, struct request *request);
void share_frame_query(struct share_frame *frame, struct request *request);
void share_frame_close(struct share_frame *frame, struct request *request);
/* CLOSE that asks what the file is like then; */
void share_frame_close_stat(struct share_frame *frame, struct request *request);
/* READ of `length` bytes from the beginning. */
void share_frame_read(struct share_frame *frame, struct request *request, uint32_t length);

/* What is known of a request that was to leave. */
enum share_said {
    SHARE_NOT_ASKED, /* it did not leave */
    SHARE_WAITS,
    SHARE_DONE,
    SHARE_REFUSED, /* the server says that it has not done it */
    SHARE_UNSURE,  /* there is no answer, or none that can be believed or understood */
};
enum share_said share_said(const struct request *request);

/* Whether it was done, or not asked for. */
bool share_done_if_asked(const struct request *request);

/* Why something was not done, or may not have been. */
void share_said_why(const struct request *request, struct lsmb_error *err);

#endif
