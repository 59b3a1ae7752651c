/* peer_symlink.c: symbolic links, which a server leaves to its client to follow (MS-SMB2 3.3.5.9). */
#include "proto/utf16.h"
#include "test/peer/peer_core.h"

enum { TARGET_BYTES_MAX = 1024, ERROR_ROOM = 2 * TARGET_BYTES_MAX + 64 };

struct peer_node *peer_add_symlink(struct peer *peer, const char *path, const char *target,
                                   bool relative)
{
    struct peer_node *node = peer_add_file(peer, path, NULL, 0);
    uint8_t room[TARGET_BYTES_MAX];
    struct wr w = wr_from(room, sizeof room);

    wr_utf16(&w, target);
    node->leads_to = peer_copy(wr_written(&w));
    node->leads_to_len = w.pos;
    node->leads_relative = relative;
    node->attributes |= FILE_ATTRIBUTE_REPARSE_POINT;
    return node;
}

/* The first link on a name, and how many of its bytes lie behind; NULL: there is none. */
static const struct peer_node *first_link(struct peer_store *store, struct span name,
                                          size_t *unparsed)
{
    for (size_t at = 2; at <= name.len; at += 2) {
        bool ends = at == name.len || (name.ptr[at] == '\\' && name.ptr[at + 1] == 0);
        const struct peer_node *node =
            ends ? peer_store_find(store, (struct span){name.ptr, at}) : NULL;
        if (node && node->leads_to) {
            *unparsed = name.len - at;
            return node;
        }
    }
    return NULL;
}

/* MS-SMB2 2.2.2.2.1; on 3.1.1 with a context around it (MS-SMB2 2.2.2). */
static struct smb2_error_reply describe(const struct peer_node *link, size_t unparsed, bool wrapped)
{
    static uint8_t data[ERROR_ROOM], list[ERROR_ROOM]; /* until the reply is written */
    struct wr w = wr_from(data, sizeof data), l = wr_from(list, sizeof list);
    struct span target = {link->leads_to, link->leads_to_len};

    smb2_symlink_error_put(&w,
                           &(struct smb2_symlink_error){
                               .unparsed_bytes = (uint16_t)unparsed,
                               .flags = link->leads_relative ? (uint32_t)SYMLINK_FLAG_RELATIVE : 0u,
                               .substitute_name = target,
                               .print_name = target,
                           });
    if (!wrapped) {
        return (struct smb2_error_reply){.data = wr_written(&w)};
    }
    smb2_error_context_put(&l, &(struct smb2_error_context){.data = wr_written(&w)});
    return (struct smb2_error_reply){.context_count = 1, .data = wr_written(&l)};
}

uint32_t peer_check_symlinks(struct peer_request *q, struct span name, uint32_t options)
{
    size_t unparsed = 0;
    const struct peer_node *link = first_link(&q->link->peer->store, name, &unparsed);

    if (!link || (unparsed == 0 && (options & FILE_OPEN_REPARSE_POINT))) {
        return STATUS_SUCCESS;
    }
    q->rule.status = (uint32_t)STATUS_STOPPED_ON_SYMLINK;
    q->rule.error = describe(link, unparsed, q->link->dialect == SMB2_DIALECT_311);
    return q->rule.status;
}
