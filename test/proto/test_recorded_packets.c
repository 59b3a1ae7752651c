/* test_recorded_packets.c: every kind of message that was recorded is read, and written alike.
 *
 * MS-SMB2 2.2.1 to 2.2.40. */
#include "proto/close.h"
#include "proto/create.h"
#include "proto/create_context.h"
#include "proto/dir.h"
#include "proto/ea.h"
#include "proto/error.h"
#include "proto/flush.h"
#include "proto/info.h"
#include "proto/ioctl.h"
#include "proto/lock.h"
#include "proto/misc.h"
#include "proto/negotiate.h"
#include "proto/notify.h"
#include "proto/oplock_break.h"
#include "proto/read.h"
#include "proto/session.h"
#include "proto/tree.h"
#include "proto/write.h"
#include "test/proto/message.h"
#include "test/proto/recorded_packets.h"
#include "test/run.h"

#define COUNT (sizeof recorded_packets / sizeof recorded_packets[0])

enum { ASKED = 1 << 16 }; /* as much as any request asked for */

/* ---------------------------------------------------------------- bodies */

/* Read a message and write its body; false when it is refused. */
typedef bool recode_fn(struct wr *w, struct span msg);

#define RECODE(codec)                                                                              \
    static bool recode_##codec(struct wr *w, struct span msg)                                      \
    {                                                                                              \
        struct smb2_##codec body;                                                                  \
                                                                                                   \
        if (!smb2_##codec##_get(&body, msg)) {                                                     \
            return false;                                                                          \
        }                                                                                          \
        smb2_##codec##_put(w, &body);                                                              \
        return true;                                                                               \
    }

/* The same for replies whose length the request limits. */
#define RECODE_ASKED(codec)                                                                        \
    static bool recode_##codec(struct wr *w, struct span msg)                                      \
    {                                                                                              \
        struct smb2_##codec body;                                                                  \
                                                                                                   \
        if (!smb2_##codec##_get(&body, msg, ASKED)) {                                              \
            return false;                                                                          \
        }                                                                                          \
        smb2_##codec##_put(w, &body);                                                              \
        return true;                                                                               \
    }

RECODE(negotiate_request)
RECODE(negotiate_reply)
RECODE(session_setup_request)
RECODE(session_setup_reply)
RECODE(tree_connect_request)
RECODE(tree_connect_reply)
RECODE(create_request)
RECODE(create_reply)
RECODE(close_request)
RECODE(close_reply)
RECODE(flush_request)
RECODE(read_request)
RECODE_ASKED(read_reply)
RECODE_ASKED(write_reply)
RECODE(lock_request)
RECODE(ioctl_request)
RECODE_ASKED(ioctl_reply)
RECODE(query_directory_request)
RECODE_ASKED(query_directory_reply)
RECODE(notify_request)
RECODE_ASKED(notify_reply)
RECODE(query_info_request)
RECODE_ASKED(query_info_reply)
RECODE(set_info_request)
RECODE(break_ack)
RECODE(break_notice)
RECODE(error_reply)

static bool recode_write_request(struct wr *w, struct span msg)
{
    struct smb2_write_request q;

    if (!smb2_write_request_get(&q, msg)) {
        return false;
    }
    smb2_write_request_put(w, &q);
    wr_span(w, q.data);
    return true;
}

static bool recode_empty(struct wr *w, struct span msg)
{
    smb2_empty_put(w);
    return smb2_empty_get(msg);
}

static bool recode_set_info_reply(struct wr *w, struct span msg)
{
    smb2_set_info_reply_put(w);
    return smb2_set_info_reply_get(msg);
}

/* A server breaks an oplock on its own account, or answers the acknowledgment. */
static bool recode_break(struct wr *w, struct span msg)
{
    struct smb2_header h;

    return smb2_header_get(&h, msg) && h.message_id == SMB2_MESSAGE_ID_UNSOLICITED
               ? recode_break_notice(w, msg)
               : recode_break_ack(w, msg);
}

static const struct {
    recode_fn *request, *reply;
} codecs[] = {
    [SMB2_NEGOTIATE] = {recode_negotiate_request, recode_negotiate_reply},
    [SMB2_SESSION_SETUP] = {recode_session_setup_request, recode_session_setup_reply},
    [SMB2_LOGOFF] = {recode_empty, recode_empty},
    [SMB2_TREE_CONNECT] = {recode_tree_connect_request, recode_tree_connect_reply},
    [SMB2_TREE_DISCONNECT] = {recode_empty, recode_empty},
    [SMB2_CREATE] = {recode_create_request, recode_create_reply},
    [SMB2_CLOSE] = {recode_close_request, recode_close_reply},
    [SMB2_FLUSH] = {recode_flush_request, recode_empty},
    [SMB2_READ] = {recode_read_request, recode_read_reply},
    [SMB2_WRITE] = {recode_write_request, recode_write_reply},
    [SMB2_LOCK] = {recode_lock_request, recode_empty},
    [SMB2_IOCTL] = {recode_ioctl_request, recode_ioctl_reply},
    [SMB2_CANCEL] = {recode_empty, recode_error_reply},
    [SMB2_ECHO] = {recode_empty, recode_empty},
    [SMB2_QUERY_DIRECTORY] = {recode_query_directory_request, recode_query_directory_reply},
    [SMB2_CHANGE_NOTIFY] = {recode_notify_request, recode_notify_reply},
    [SMB2_QUERY_INFO] = {recode_query_info_request, recode_query_info_reply},
    [SMB2_SET_INFO] = {recode_set_info_request, recode_set_info_reply},
    [SMB2_OPLOCK_BREAK] = {recode_break_ack, recode_break},
};

/* The codec for the body of a message; NULL when even its header is refused. */
static recode_fn *codec_of(struct span msg)
{
    struct smb2_header h;

    if (!smb2_header_get(&h, msg)) {
        return NULL;
    }
    bool reply = (h.flags & SMB2_FLAGS_SERVER_TO_REDIR) != 0;
    if (reply && !smb2_reply_has_body(h.command, h.status, msg)) {
        return recode_error_reply;
    }
    if (h.command >= sizeof codecs / sizeof codecs[0]) {
        return recode_empty;
    }
    return reply ? codecs[h.command].reply : codecs[h.command].request;
}

static struct message message_of_packet(const struct recorded_packet *packet)
{
    char text[8320];

    (void)snprintf(text, sizeof text, "%s%s%s", packet->hex[0],
                   packet->hex[1] ? packet->hex[1] : "", packet->hex[2] ? packet->hex[2] : "");
    return message_of(text);
}

/* Where a packet is not written byte by byte as it was: which bytes.  `end` is 0 when all that
 * follows is in another order. */
static const struct deviation {
    const char *name;
    size_t first, end;
} deviations[] = {
    /* SecurityFlags, SmbCreateFlags and Reserved of CREATE, which nobody reads */
    {"dh_sign 80", 66, 88},
    {"oplock_sign 140", 72, 88},
    {"tort_smb2.durable-open 1134", 66, 88},
    {"tort_smb2.durable-v2-open 1030", 66, 88},
    {"tort_smb2.oplock 488", 72, 88},
    {"tort_smb2.oplock 500", 72, 88},
    {"tort_smb2.oplock 1140", 72, 88},
    /* the byte that stands for an empty ErrorData */
    {"notify_cmac 25", 72, 73},
    {"notify_gmac 21", 72, 73},
    {"tort_smb2.lease 1968", 72, 73},
    /* where a buffer would be if it were not empty */
    {"anon 14", 100, 104},
    {"notify_gmac 33", 66, 68},
    {"tort_smb2.getinfo 843", 66, 68},
    {"tort_smb2.multichannel 649", 88, 104},
    /* the contexts of NEGOTIATE */
    {"dfs_levels 4", 168, 0},
    /* the contexts of CREATE before its name */
    {"dh_sign 18", 112, 0},
};

/* Zeros may pad what was recorded, mostly because the next message of a compound follows. */
static bool same_but_padded(struct span wrote, struct span wire)
{
    static const uint8_t zeros[7];
    size_t padding = wire.len - wrote.len;

    return wrote.len <= wire.len && padding <= sizeof zeros &&
           span_equal(wrote, (struct span){wire.ptr, wrote.len}) &&
           (padding == 0 || memcmp(wire.ptr + wrote.len, zeros, padding) == 0);
}

/* `again` says what `m` did in the same bytes, but for those that `packet` is excused from. */
static bool alike(const struct message *again, const struct message *m,
                  const struct recorded_packet *packet)
{
    struct message want = *m;

    for (size_t i = 0; i < sizeof deviations / sizeof deviations[0]; i++) {
        const struct deviation *but = &deviations[i];
        if (strcmp(but->name, packet->name) == 0 && but->end == 0) {
            return memcmp(again->bytes, m->bytes, but->first) == 0;
        }
        if (strcmp(but->name, packet->name) == 0) {
            memcpy(want.bytes + but->first, again->bytes + but->first, but->end - but->first);
        }
    }
    return same_but_padded(message_span(again), message_span(&want));
}

/* ---------------------------------------------------------------- tests */

START_TEST(headers_are_read_and_written_alike) /* MS-SMB2 2.2.1 */
{
    for (size_t i = 0; i < COUNT; i++) {
        struct message m = message_of_packet(&recorded_packets[i]);
        uint8_t bytes[SMB2_HEADER_LEN];
        struct wr w = wr_from(bytes, sizeof bytes);
        struct smb2_header h;
        ck_assert_msg(smb2_header_get(&h, message_span(&m)), "%s", recorded_packets[i].name);
        smb2_header_put(&w, &h);
        ck_assert(wr_ok(&w));
        ck_assert_msg(memcmp(bytes, m.bytes, sizeof bytes) == 0, "%s", recorded_packets[i].name);
    }
}
END_TEST

/* Read a packet and write its body, behind a header of zeros. */
static struct message recoded(struct span msg, const char *name)
{
    struct message again;
    struct wr w = body_begin(&again);
    recode_fn *recode = codec_of(msg);

    ck_assert_msg(recode && recode(&w, msg), "refused: %s", name);
    (void)body_end(&again, &w);
    return again;
}

START_TEST(bodies_are_read_and_written_alike) /* MS-SMB2 2.2.2 to 2.2.40 */
{
    for (size_t i = 0; i < COUNT; i++) {
        const char *name = recorded_packets[i].name;
        struct message m = message_of_packet(&recorded_packets[i]);
        struct message again = recoded(message_span(&m), name);
        memcpy(again.bytes, m.bytes, SMB2_HEADER_LEN);
        ck_assert_msg(alike(&again, &m, &recorded_packets[i]), "%s", name);
        /* What was written is read, and says the same. */
        struct message third = recoded(message_span(&again), name);
        memcpy(third.bytes, m.bytes, SMB2_HEADER_LEN);
        ck_assert_uint_eq(third.len, again.len);
        ck_assert_msg(memcmp(third.bytes, again.bytes, again.len) == 0, "%s", name);
    }
}
END_TEST

/* Decode with the codec that the whole message has. */
static recode_fn *chosen;

static bool decode_chosen(struct span msg)
{
    static uint8_t again[sizeof(struct message)];
    struct wr w = wr_from(again, sizeof again);

    return chosen(&w, msg);
}

START_TEST(packets_that_are_cut_off_are_refused)
{
    for (size_t i = 0; i < COUNT; i++) {
        struct message m = message_of_packet(&recorded_packets[i]);
        struct message again = recoded(message_span(&m), recorded_packets[i].name);
        chosen = codec_of(message_span(&m));
        /* Padding may be missing, and so may the byte that an odd StructureSize counts. */
        size_t needed = again.len < m.len ? again.len : m.len;
        uint8_t structure_size = m.bytes[SMB2_HEADER_LEN];
        if (structure_size % 2 == 1 && needed == SMB2_HEADER_LEN + (size_t)structure_size) {
            needed--;
        }
        for (size_t n = 0; n < needed; n++) {
            if (decodes(decode_chosen, (struct span){m.bytes, n})) {
                ck_abort_msg("the first %zu bytes of %s", n, recorded_packets[i].name);
            }
        }
    }
}
END_TEST

/* ---------------------------------------------------------------- what is inside */

#define RECODE_CONTEXT(codec, type)                                                                \
    static bool recode_##codec(struct wr *w, struct span data)                                     \
    {                                                                                              \
        type context;                                                                              \
                                                                                                   \
        if (!smb2_##codec##_get(&context, data)) {                                                 \
            return false;                                                                          \
        }                                                                                          \
        smb2_##codec##_put(w, &context);                                                           \
        return true;                                                                               \
    }

#define RECODE_CONTEXT_VALUE(codec, type)                                                          \
    static bool recode_##codec(struct wr *w, struct span data)                                     \
    {                                                                                              \
        type value;                                                                                \
                                                                                                   \
        if (!smb2_##codec##_get(&value, data)) {                                                   \
            return false;                                                                          \
        }                                                                                          \
        smb2_##codec##_put(w, value);                                                              \
        return true;                                                                               \
    }

RECODE_CONTEXT_VALUE(durable_reconnect, struct smb2_file_id)
RECODE_CONTEXT(durable_v2_request, struct smb2_durable_v2_request)
RECODE_CONTEXT(durable_v2_reply, struct smb2_durable_v2_reply)
RECODE_CONTEXT(durable_v2_reconnect, struct smb2_durable_v2_reconnect)
RECODE_CONTEXT(lease, struct smb2_lease)
RECODE_CONTEXT(maximal_access, struct smb2_maximal_access)
RECODE_CONTEXT(disk_id, struct smb2_disk_id)
RECODE_CONTEXT(app_instance_id, struct smb2_app_instance_id)
RECODE_CONTEXT_VALUE(maximal_access_request, uint64_t)
RECODE_CONTEXT_VALUE(allocation_size, uint64_t)
RECODE_CONTEXT_VALUE(timewarp, uint64_t)

static bool recode_durable_request(struct wr *w, struct span data)
{
    smb2_durable_request_put(w);
    return smb2_durable_request_get(data);
}

static bool recode_durable_reply(struct wr *w, struct span data)
{
    smb2_durable_reply_put(w);
    return smb2_durable_reply_get(data);
}

static bool recode_attributes(struct wr *w, struct span data)
{
    struct walk list = walk_from(data);
    struct file_full_ea_information attribute;

    while (file_full_ea_information_next(&list, &attribute)) {
        file_full_ea_information_put(w, &attribute);
    }
    return walk_ok(&list);
}

static bool recode_nothing(struct wr *w, struct span data)
{
    (void)w;
    return data.len == 0;
}

static const struct {
    const char *name;
    recode_fn *request, *reply;
} contexts[] = {
    {SMB2_CREATE_EA_BUFFER, recode_attributes, NULL},
    {SMB2_CREATE_DURABLE_HANDLE_REQUEST, recode_durable_request, recode_durable_reply},
    {SMB2_CREATE_DURABLE_HANDLE_RECONNECT, recode_durable_reconnect, NULL},
    {SMB2_CREATE_DURABLE_HANDLE_REQUEST_V2, recode_durable_v2_request, recode_durable_v2_reply},
    {SMB2_CREATE_DURABLE_HANDLE_RECONNECT_V2, recode_durable_v2_reconnect, NULL},
    {SMB2_CREATE_REQUEST_LEASE, recode_lease, recode_lease},
    {SMB2_CREATE_QUERY_MAXIMAL_ACCESS_REQUEST, recode_maximal_access_request,
     recode_maximal_access},
    {SMB2_CREATE_QUERY_ON_DISK_ID, recode_nothing, recode_disk_id},
    {SMB2_CREATE_ALLOCATION_SIZE, recode_allocation_size, NULL},
    {SMB2_CREATE_TIMEWARP_TOKEN, recode_timewarp, NULL},
    {SMB2_CREATE_APP_INSTANCE_ID, recode_app_instance_id, NULL},
};

static recode_fn *context_codec(const struct smb2_create_context *context, bool reply)
{
    for (size_t i = 0; i < sizeof contexts / sizeof contexts[0]; i++) {
        if (span_equal(context->name, span_of(contexts[i].name))) {
            return reply ? contexts[i].reply : contexts[i].request;
        }
    }
    return NULL;
}

/* The data of a context, read and written; then the whole context, and what was written is read. */
static void check_context(const struct smb2_create_context *context, bool reply, const char *packet)
{
    recode_fn *recode = context_codec(context, reply);
    char name[SMB2_GUID_LEN + 1] = {0};
    struct smb2_create_context got;
    uint8_t bytes[1024];
    struct wr w = wr_from(bytes, sizeof bytes);

    ck_assert_uint_lt(context->name.len, sizeof name);
    memcpy(name, context->name.ptr, context->name.len);
    ck_assert_msg(recode && recode(&w, context->data), "%s: %s", packet, name);
    ck_assert_msg(same_but_padded(wr_written(&w), context->data), "%s: %s", packet, name);
    w = wr_from(bytes, sizeof bytes);
    smb2_create_context_put(&w, name, context->data);
    struct walk list = walk_from(wr_written(&w));
    ck_assert(smb2_create_context_next(&list, &got));
    ck_assert(span_equal(got.name, context->name) && span_equal(got.data, context->data));
    ck_assert(!smb2_create_context_next(&list, &got) && walk_ok(&list));
}

static unsigned check_contexts(struct span wire, bool reply, const char *packet)
{
    struct walk list = walk_from(wire);
    struct smb2_create_context context;
    unsigned count = 0;

    for (; smb2_create_context_next(&list, &context); count++) {
        check_context(&context, reply, packet);
    }
    ck_assert_msg(walk_ok(&list), "%s", packet);
    return count;
}

START_TEST(create_contexts_are_read_and_written_alike) /* MS-SMB2 2.2.13.2, 2.2.14.2 */
{
    unsigned count = 0;

    for (size_t i = 0; i < COUNT; i++) {
        const char *name = recorded_packets[i].name;
        struct message m = message_of_packet(&recorded_packets[i]);
        struct span msg = message_span(&m);
        struct smb2_create_request q;
        struct smb2_create_reply a;
        recode_fn *codec = codec_of(msg);
        if (codec == recode_create_request) {
            ck_assert(smb2_create_request_get(&q, msg));
            count += check_contexts(q.contexts, false, name);
        } else if (codec == recode_create_reply) {
            ck_assert(smb2_create_reply_get(&a, msg));
            count += check_contexts(a.contexts, true, name);
        }
    }
    ck_assert_uint_eq(count, 60);
}
END_TEST

START_TEST(locks_are_read_and_written_alike) /* MS-SMB2 2.2.26.1 */
{
    unsigned count = 0;

    for (size_t i = 0; i < COUNT; i++) {
        struct message m = message_of_packet(&recorded_packets[i]);
        struct message again;
        struct wr w = wr_from(again.bytes, sizeof again.bytes);
        struct smb2_lock_request q;
        struct smb2_lock_element element;
        if (codec_of(message_span(&m)) != recode_lock_request) {
            continue;
        }
        ck_assert(smb2_lock_request_get(&q, message_span(&m)));
        for (size_t n = 0; smb2_lock_element_at(&q, n, &element); n++, count++) {
            smb2_lock_element_put(&w, &element);
        }
        ck_assert_msg(span_equal(wr_written(&w), q.elements), "%s", recorded_packets[i].name);
    }
    ck_assert_uint_eq(count, 17);
}
END_TEST

START_TEST(changes_are_read_and_written_alike) /* MS-FSCC 2.7.1 */
{
    unsigned count = 0;

    for (size_t i = 0; i < COUNT; i++) {
        struct message m = message_of_packet(&recorded_packets[i]);
        struct message again;
        struct wr w = wr_from(again.bytes, sizeof again.bytes);
        struct smb2_notify_reply a;
        struct file_notify_information change;
        if (codec_of(message_span(&m)) != recode_notify_reply) {
            continue;
        }
        ck_assert(smb2_notify_reply_get(&a, message_span(&m), ASKED));
        struct walk list = walk_from(a.changes);
        for (; file_notify_information_next(&list, &change); count++) {
            file_notify_information_put(&w, &change);
        }
        ck_assert(walk_ok(&list));
        ck_assert_msg(same_but_padded(wr_written(&w), a.changes), "%s", recorded_packets[i].name);
    }
    ck_assert_uint_eq(count, 26);
}
END_TEST

int main(void)
{
    return RUN_TESTS("proto/recorded_packets", headers_are_read_and_written_alike,
                     bodies_are_read_and_written_alike, packets_that_are_cut_off_are_refused,
                     create_contexts_are_read_and_written_alike, locks_are_read_and_written_alike,
                     changes_are_read_and_written_alike);
}
