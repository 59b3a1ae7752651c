/* peer_snapshots.c: FSCTL_SRV_ENUMERATE_SNAPSHOTS (MS-SMB2 3.3.5.15.1). */
#include "proto/snapshot.h"

#include <stdlib.h>

#include "proto/utf16.h"
#include "test/peer/peer_core.h"

enum { COUNT_ROOM = 16, NAME_BYTES = 2 * (SNAPSHOT_NAME_LEN + 1) };

/* All or none, as far as there is room; the size is always that of all. */
uint32_t peer_snapshots(struct peer_request *q, const struct smb2_ioctl_request *asked)
{
    const char *const *names = q->link->peer->snapshots;
    struct srv_snapshot_array array = {0};

    if (asked->max_output_response < COUNT_ROOM) {
        return (uint32_t)STATUS_INVALID_PARAMETER;
    }
    if (!peer_open_find(q, asked->file)) {
        return (uint32_t)STATUS_FILE_CLOSED;
    }
    while (names && names[array.count]) {
        array.count++;
    }
    size_t bytes = (size_t)array.count * NAME_BYTES + 2, whole = SRV_SNAPSHOT_ARRAY_LEN + bytes;
    uint8_t *list = peer_alloc(bytes), *output = peer_alloc(whole + COUNT_ROOM);
    struct wr n = wr_from(list, bytes), w = wr_from(output, whole + COUNT_ROOM);
    array.array_size = (uint32_t)bytes;
    if (whole <= asked->max_output_response) {
        for (uint32_t i = 0; i < array.count; i++) {
            wr_utf16(&n, names[i]);
            wr_u16(&n, 0);
        }
        wr_u16(&n, 0);
        array.returned = array.count;
        array.names = wr_written(&n);
    }
    srv_snapshot_array_put(&w, &array);
    wr_zero(&w, array.names.len == 0 ? 4 : 0);
    smb2_ioctl_reply_put(peer_body(q, 64 + w.pos),
                         &(struct smb2_ioctl_reply){.ctl_code = asked->ctl_code,
                                                    .file = asked->file,
                                                    .output = wr_written(&w)});
    free(list);
    free(output);
    return STATUS_SUCCESS;
}
