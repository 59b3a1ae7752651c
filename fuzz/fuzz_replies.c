/* fuzz_replies.c: what a server sends, after its frame has been taken apart.
 *
 * Target functions: smb2_header_get, smb2_chain_take, smb2_reply_has_body,
 * smb2_negotiate_reply_get, smb2_session_setup_reply_get, smb2_tree_connect_reply_get,
 * smb2_create_reply_get, smb2_create_context_next, smb2_create_context_find,
 * smb2_maximal_access_get, smb2_disk_id_get, smb2_close_reply_get, smb2_empty_get,
 * smb2_read_reply_get, smb2_write_reply_get, smb2_ioctl_reply_get,
 * smb2_validate_negotiate_reply_get, smb2_query_directory_reply_get, file_directory_entry_next,
 * smb2_query_info_reply_get, file_*_information_get, file_stream_information_next,
 * file_full_ea_information_next, fs_*_information_get, security_descriptor_get, acl_next, sid_get,
 * smb2_needed_length_get, srv_snapshot_array_get, srv_snapshot_next, srv_resume_key_get,
 * srv_copychunk_reply_get, smb2_set_info_reply_get, smb2_error_reply_get, smb2_error_context_at,
 * smb2_symlink_error_get, smb2_share_redirect_get, smb2_durable_*_get, smb2_lease_get,
 * smb2_notify_reply_get, file_notify_information_next, smb2_break_notice_get,
 * smb2_break_ack_get, smb2_transform_get,
 * nbss_*_get, utf8_from_utf16, utf16_from_utf8,
 * filetime_to_ns.
 *
 * The first byte of the input selects an entry of `targets`, the rest is the message.  The seeds
 * in corpus/replies are replies of test/proto/packets.h and test/proto/recorded_packets.h. */
#include "proto/close.h"
#include "proto/copychunk.h"
#include "proto/create.h"
#include "proto/create_context.h"
#include "proto/dir.h"
#include "proto/ea.h"
#include "proto/error.h"
#include "proto/filetime.h"
#include "proto/info.h"
#include "proto/ioctl.h"
#include "proto/misc.h"
#include "proto/nbss.h"
#include "proto/negotiate.h"
#include "proto/notify.h"
#include "proto/oplock_break.h"
#include "proto/read.h"
#include "proto/security.h"
#include "proto/session.h"
#include "proto/snapshot.h"
#include "proto/transform.h"
#include "proto/tree.h"
#include "proto/utf16.h"
#include "proto/write.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ASKED = 1 << 16 }; /* what our requests would have asked for */

/* Read both ends of what a decoder gave out, so that the sanitizer sees a span that is too long. */
static void touch(struct span s)
{
    if (s.len > 0) {
        volatile uint8_t first = s.ptr[0];
        volatile uint8_t last = s.ptr[s.len - 1];
        (void)first;
        (void)last;
    }
}

/* A name from the wire comes back the same if it can be converted at all. */
static void convert(struct span utf16)
{
    char text[512];
    uint8_t again[512];
    size_t need, back;

    touch(utf16);
    if (!utf8_from_utf16(text, sizeof text, &need, utf16)) {
        return;
    }
    if (!utf16_from_utf8(again, sizeof again, &back, span_of(text)) || back != utf16.len ||
        (back > 0 && memcmp(again, utf16.ptr, back) != 0)) {
        abort();
    }
}

static void fuzz_chain(struct span chain)
{
    struct smb2_header h;
    struct span msg;

    while (chain.len > 0 && smb2_chain_take(&chain, &h, &msg)) {
        touch(msg);
        touch(span_of(smb2_command_name(h.command)));
        (void)smb2_reply_has_body(h.command, h.status, msg);
    }
}

static void fuzz_negotiate(struct span msg)
{
    struct smb2_negotiate_reply a;

    if (smb2_negotiate_reply_get(&a, msg)) {
        touch(a.token);
        touch(a.contexts.salt);
        convert(a.contexts.netname);
    }
}

static void fuzz_session_setup(struct span msg)
{
    struct smb2_session_setup_reply a;

    if (smb2_session_setup_reply_get(&a, msg)) {
        touch(a.token);
    }
}

static void fuzz_tree_connect(struct span msg)
{
    struct smb2_tree_connect_reply a;

    (void)smb2_tree_connect_reply_get(&a, msg);
}

static void fuzz_context(struct span data)
{
    struct smb2_maximal_access access;
    struct smb2_disk_id id;
    struct smb2_durable_v2_reply durable;
    struct smb2_lease lease;

    touch(data);
    (void)smb2_maximal_access_get(&access, data);
    (void)smb2_disk_id_get(&id, data);
    (void)smb2_durable_reply_get(data);
    (void)smb2_durable_v2_reply_get(&durable, data);
    (void)smb2_lease_get(&lease, data);
}

static void fuzz_create(struct span msg)
{
    struct smb2_create_reply a;
    struct smb2_create_context context;
    struct span data;

    if (!smb2_create_reply_get(&a, msg)) {
        return;
    }
    (void)filetime_to_ns(a.written);
    struct walk list = walk_from(a.contexts);
    while (smb2_create_context_next(&list, &context)) {
        touch(context.name);
        fuzz_context(context.data);
    }
    if (!walk_ok(&list)) {
        abort(); /* the reply was accepted with it */
    }
    if (smb2_create_context_find(a.contexts, SMB2_CREATE_QUERY_ON_DISK_ID, &data)) {
        touch(data);
    }
}

static void fuzz_close(struct span msg)
{
    struct smb2_close_reply a;

    (void)smb2_close_reply_get(&a, msg);
}

static void fuzz_empty(struct span msg)
{
    (void)smb2_empty_get(msg);
    (void)smb2_set_info_reply_get(msg);
}

static void fuzz_read(struct span msg)
{
    struct smb2_read_reply a;

    if (smb2_read_reply_get(&a, msg, ASKED)) {
        touch(a.data);
    }
}

static void fuzz_write(struct span msg)
{
    struct smb2_write_reply a;

    (void)smb2_write_reply_get(&a, msg, ASKED);
}

static void fuzz_snapshots(struct span output)
{
    char name[SNAPSHOT_NAME_LEN + 1];
    struct srv_snapshot_array array;

    if (srv_snapshot_array_get(&array, output)) {
        touch(array.names);
        while (srv_snapshot_next(&array.names, name)) {
            touch(span_of(name));
        }
    }
}

static void fuzz_ioctl(struct span msg)
{
    struct smb2_ioctl_reply a;
    struct smb2_validate_negotiate_reply info;
    struct srv_resume_key key;
    struct srv_copychunk_reply copied;

    if (smb2_ioctl_reply_get(&a, msg, ASKED)) {
        touch(a.input);
        touch(a.output);
        (void)smb2_validate_negotiate_reply_get(&info, a.output);
        (void)srv_resume_key_get(&key, a.output);
        (void)srv_copychunk_reply_get(&copied, a.output);
        fuzz_snapshots(a.output);
    }
}

static void fuzz_query_directory(struct span msg)
{
    static const uint8_t classes[] = {
        FILE_DIRECTORY_INFORMATION,         FILE_FULL_DIRECTORY_INFORMATION,
        FILE_BOTH_DIRECTORY_INFORMATION,    FILE_NAMES_INFORMATION,
        FILE_ID_BOTH_DIRECTORY_INFORMATION, FILE_ID_FULL_DIRECTORY_INFORMATION,
        FILE_ID_EXTD_DIRECTORY_INFORMATION};
    struct smb2_query_directory_reply a;
    struct file_directory_entry entry;

    if (!smb2_query_directory_reply_get(&a, msg, ASKED)) {
        return;
    }
    for (size_t i = 0; i < sizeof classes; i++) {
        struct walk list = walk_from(a.entries);
        while (file_directory_entry_next(&list, classes[i], &entry)) {
            convert(entry.name);
            convert(entry.short_name);
        }
    }
}

static void fuzz_information(struct span data)
{
    struct file_basic_information basic;
    struct file_standard_information standard;
    struct file_internal_information internal;
    struct file_network_open_information network_open;
    struct file_ea_information ea;
    struct file_access_information access;
    struct file_position_information position;
    struct file_mode_information mode;
    struct file_alignment_information alignment;
    struct file_attribute_tag_information tag;
    struct file_compression_information compression;
    struct file_id_information id;
    struct file_name_information name;
    struct file_all_information all;

    (void)file_basic_information_get(&basic, data);
    (void)file_standard_information_get(&standard, data);
    (void)file_internal_information_get(&internal, data);
    (void)file_network_open_information_get(&network_open, data);
    (void)file_ea_information_get(&ea, data);
    (void)file_access_information_get(&access, data);
    (void)file_position_information_get(&position, data);
    (void)file_mode_information_get(&mode, data);
    (void)file_alignment_information_get(&alignment, data);
    (void)file_attribute_tag_information_get(&tag, data);
    (void)file_compression_information_get(&compression, data);
    (void)file_id_information_get(&id, data);
    for (int cut = 0; cut < 2; cut++) {
        if (file_all_information_get(&all, data, cut == 1)) {
            convert(all.name);
        }
        if (file_name_information_get(&name, data, cut == 1)) {
            convert(name.name);
        }
    }
}

static void fuzz_volume(struct span data)
{
    struct fs_volume_information volume;
    struct fs_size_information size;
    struct fs_full_size_information full_size;
    struct fs_device_information device;
    struct fs_object_id_information object_id;
    struct fs_sector_size_information sector_size;
    struct fs_attribute_information attribute;

    (void)fs_size_information_get(&size, data);
    (void)fs_full_size_information_get(&full_size, data);
    (void)fs_device_information_get(&device, data);
    (void)fs_object_id_information_get(&object_id, data);
    (void)fs_sector_size_information_get(&sector_size, data);
    for (int cut = 0; cut < 2; cut++) {
        if (fs_volume_information_get(&volume, data, cut == 1)) {
            convert(volume.label);
        }
        if (fs_attribute_information_get(&attribute, data, cut == 1)) {
            convert(attribute.file_system_name);
        }
    }
}

static void fuzz_security(struct span data)
{
    struct security_descriptor sd;
    struct sid sid;
    struct ace ace;

    if (!security_descriptor_get(&sd, data)) {
        return;
    }
    const struct span lists[] = {sd.sacl, sd.dacl};
    for (size_t i = 0; i < 2; i++) {
        struct acl_walk list = acl_from(lists[i]);
        while (acl_next(&list, &ace)) {
            touch(ace.sid);
        }
        if (!acl_ok(&list)) {
            abort(); /* the descriptor was accepted with it */
        }
    }
    if ((sd.owner.len > 0 && !sid_get(&sid, sd.owner)) ||
        (sd.group.len > 0 && !sid_get(&sid, sd.group))) {
        abort();
    }
}

static void fuzz_query_info(struct span msg)
{
    struct smb2_query_info_reply a;
    struct file_stream_information stream;
    struct file_full_ea_information ea;
    uint32_t needed;

    (void)smb2_needed_length_get(&needed, msg);
    if (!smb2_query_info_reply_get(&a, msg, ASKED)) {
        return;
    }
    touch(a.data);
    fuzz_information(a.data);
    fuzz_volume(a.data);
    fuzz_security(a.data);
    struct walk list = walk_from(a.data);
    while (file_stream_information_next(&list, &stream)) {
        convert(stream.name);
    }
    list = walk_from(a.data);
    while (file_full_ea_information_next(&list, &ea)) {
        touch(ea.name);
        touch(ea.value);
    }
}

static void fuzz_notify(struct span msg)
{
    struct smb2_notify_reply a;
    struct file_notify_information change;

    if (!smb2_notify_reply_get(&a, msg, ASKED)) {
        return;
    }
    struct walk list = walk_from(a.changes);
    while (file_notify_information_next(&list, &change)) {
        convert(change.name);
    }
}

static void fuzz_break(struct span msg)
{
    struct smb2_break_notice notice;
    struct smb2_break_ack ack;

    if (smb2_break_notice_get(&notice, msg) && notice.lease &&
        (notice.new_state & ~notice.current_state) != 0) {
        abort(); /* a lease that is broken to more than it was */
    }
    (void)smb2_break_ack_get(&ack, msg);
}

static void fuzz_error(struct span msg)
{
    struct smb2_error_reply a;
    struct smb2_error_context context;
    struct smb2_symlink_error link;
    struct smb2_share_redirect redirect;
    struct smb2_move_address address;

    if (!smb2_error_reply_get(&a, msg)) {
        return;
    }
    touch(a.data);
    for (unsigned i = 0; i < a.context_count; i++) {
        if (!smb2_error_context_at(&a, i, &context)) {
            abort(); /* the reply was accepted with it */
        }
        touch(context.data);
    }
    if (smb2_share_redirect_get(&redirect, &a)) {
        convert(redirect.resource_name);
        for (size_t i = 0; smb2_share_redirect_address(&redirect, i, &address); i++) {
            touch((struct span){address.bytes, sizeof address.bytes});
        }
    }
    if (smb2_symlink_error_get(&link, &a, ASKED)) {
        convert(link.substitute_name);
        convert(link.print_name);
    }
}

static void fuzz_transform(struct span frame)
{
    struct smb2_transform t;

    if (smb2_transform_get(&t, frame) &&
        t.original_message_size != frame.len - SMB2_TRANSFORM_LEN) {
        abort();
    }
}

static void fuzz_nbss(struct span frame)
{
    struct nbss_name called, calling;
    struct nbss_retarget to;
    enum nbss_type type;
    size_t length;
    uint8_t error;

    (void)nbss_direct_get(&length, frame);
    (void)nbss_session_get(&type, &length, frame);
    (void)nbss_negative_get(&error, frame);
    (void)nbss_retarget_get(&to, frame);
    if (nbss_request_get(&called, &calling, frame)) {
        touch(span_of(called.text));
        touch(span_of(calling.text));
    }
}

static void fuzz_utf16(struct span text)
{
    uint8_t out[256];
    size_t need;

    convert(text);
    (void)utf16_from_utf8(out, sizeof out, &need, text);
}

static void (*const targets[])(struct span) = {
    fuzz_chain,           fuzz_negotiate,  fuzz_session_setup, fuzz_tree_connect, fuzz_create,
    fuzz_close,           fuzz_empty,      fuzz_read,          fuzz_write,        fuzz_ioctl,
    fuzz_query_directory, fuzz_query_info, fuzz_error,         fuzz_transform,    fuzz_nbss,
    fuzz_utf16,           fuzz_notify,     fuzz_break,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 0) {
        targets[data[0] % (sizeof targets / sizeof targets[0])]((struct span){data + 1, size - 1});
    }
    return 0;
}
