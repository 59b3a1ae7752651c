/* snapshot.h: which snapshots of a volume there are: SRV_SNAPSHOT_ARRAY (MS-SMB2 2.2.32.2), the output of
 * FSCTL_SRV_ENUMERATE_SNAPSHOTS, and the names in it (MS-SMB2 2.2.31.1). */
#ifndef LSMB_PROTO_SNAPSHOT_H
#define LSMB_PROTO_SNAPSHOT_H

#include "proto/bytes.h"

enum {
    SRV_SNAPSHOT_ARRAY_LEN = 12, /* bytes before the names */
    SNAPSHOT_NAME_LEN = 24,      /* characters of "@GMT-YYYY.MM.DD-HH.MM.SS" */
};

struct srv_snapshot_array {
    uint32_t count;      /* snapshots that there are */
    uint32_t returned;   /* of them, here; 0 when they did not all fit */
    uint32_t array_size; /* bytes that all of them take */
    struct span names;   /* each with a NUL behind it, and one more at the end; UTF-16LE */
};
void srv_snapshot_array_put(struct wr *w, const struct srv_snapshot_array *array);

/* The names that are said to be there must be. */
bool srv_snapshot_array_get(struct srv_snapshot_array *out, struct span output);

/* Take the next name off `names`: false when none is left, and for one that is not of the form above. */
bool srv_snapshot_next(struct span *names, char name[static SNAPSHOT_NAME_LEN + 1]);

/* Whether a name has that form: 'Y' to 'S' are digits. */
bool snapshot_is_name(const char *name);

#endif
