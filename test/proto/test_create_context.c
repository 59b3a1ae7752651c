/* test_create_context.c: what the contexts of CREATE carry (MS-SMB2 2.2.13.2, 2.2.14.2).
 *
 * Data called "Samba" is from our own captures of smbtorture talking to Samba 4.17.12. */
#include "proto/create.h"
#include "proto/create_context.h"
#include "test/proto/message.h"
#include "test/proto/packets.h"
#include "test/run.h"

/* Exactly this: neither a prefix nor a byte more. */
static void check_size_exact(decode_fn *decode, const char *text)
{
    struct message m = message_of(text);

    check_prefixes_refused(decode, message_span(&m));
    m.bytes[m.len++] = 0;
    ck_assert(!decodes(decode, message_span(&m)));
}

static void check_data(const struct wr *w, const char *text)
{
    struct message want = message_of(text);

    ck_assert(span_equal(wr_written(w), message_span(&want)));
}

/* ---------------------------------------------------------------- durable handles */

static bool durable_reconnect(struct span data)
{
    struct smb2_file_id file;

    return smb2_durable_reconnect_get(&file, data);
}

START_TEST(a_durable_handle_is_asked_for_with_nothing) /* Samba: DHnQ */
{
    static const char request[] = "00000000000000000000000000000000";
    static const char reply[] = "0000000000000000";
    uint8_t room[64];
    struct wr w = wr_from(room, sizeof room);

    smb2_durable_request_put(&w);
    check_data(&w, request);
    check_size_exact(smb2_durable_request_get, request);
    w = wr_from(room, sizeof room);
    smb2_durable_reply_put(&w);
    check_data(&w, reply);
    check_size_exact(smb2_durable_reply_get, reply);
}
END_TEST

START_TEST(a_durable_handle_is_taken_up_by_its_file_id) /* Samba: DHnC */
{
    static const char text[] = "bdebcf3300000000e0bd333100000000";
    struct message m = message_of(text);
    uint8_t room[64];
    struct wr w = wr_from(room, sizeof room);
    struct smb2_file_id file;

    ck_assert(smb2_durable_reconnect_get(&file, message_span(&m)));
    ck_assert_uint_eq(file.persistent, 0x33cfebbd);
    ck_assert_uint_eq(file.vol, 0x3133bde0);
    smb2_durable_reconnect_put(&w, file);
    check_data(&w, text);
    check_size_exact(durable_reconnect, text);
}
END_TEST

static bool durable_v2_request(struct span data)
{
    struct smb2_durable_v2_request q;

    return smb2_durable_v2_request_get(&q, data);
}

static bool durable_v2_reply(struct span data)
{
    struct smb2_durable_v2_reply a;

    return smb2_durable_v2_reply_get(&a, data);
}

static bool durable_v2_reconnect(struct span data)
{
    struct smb2_durable_v2_reconnect q;

    return smb2_durable_v2_reconnect_get(&q, data);
}

START_TEST(a_durable_handle_of_3x_has_a_guid) /* Samba: DH2Q */
{
    static const char text[] = "ffffffff000000000000000000000000844e3cd6e99b08439883e21a2563c475";
    struct message m = message_of(text);
    uint8_t room[64];
    struct wr w = wr_from(room, sizeof room);
    struct smb2_durable_v2_request q;

    ck_assert(smb2_durable_v2_request_get(&q, message_span(&m)));
    ck_assert_uint_eq(q.timeout_ms, UINT32_MAX);
    ck_assert_uint_eq(q.flags, 0);
    ck_assert_hex(q.create_guid, "844e3cd6e99b08439883e21a2563c475");
    smb2_durable_v2_request_put(&w, &q);
    check_data(&w, text);
    check_size_exact(durable_v2_request, text);
}
END_TEST

START_TEST(the_server_says_how_long_it_keeps_a_handle) /* Samba: DH2Q */
{
    static const char text[] = "60ea000000000000";
    struct message m = message_of(text);
    uint8_t room[64];
    struct wr w = wr_from(room, sizeof room);
    struct smb2_durable_v2_reply a;

    ck_assert(smb2_durable_v2_reply_get(&a, message_span(&m)));
    ck_assert_uint_eq(a.timeout_ms, 60000);
    ck_assert_uint_eq(a.flags, 0);
    smb2_durable_v2_reply_put(&w, &a);
    check_data(&w, text);
    check_size_exact(durable_v2_reply, text);
}
END_TEST

START_TEST(a_durable_handle_of_3x_is_taken_up_by_its_guid) /* Samba: DH2C */
{
    static const char text[] =
        "bdebcf3300000000e0bd33310000000060623797971ef04a9e30b1ebf1003db200000000";
    struct message m = message_of(text);
    uint8_t room[64];
    struct wr w = wr_from(room, sizeof room);
    struct smb2_durable_v2_reconnect q;

    ck_assert(smb2_durable_v2_reconnect_get(&q, message_span(&m)));
    ck_assert_uint_eq(q.file.vol, 0x3133bde0);
    ck_assert_hex(q.create_guid, "60623797971ef04a9e30b1ebf1003db2");
    ck_assert_uint_eq(q.flags, 0);
    smb2_durable_v2_reconnect_put(&w, &q);
    check_data(&w, text);
    check_size_exact(durable_v2_reconnect, text);
}
END_TEST

/* ---------------------------------------------------------------- leases */

static bool lease_of(struct span data)
{
    struct smb2_lease lease;

    return smb2_lease_get(&lease, data);
}

START_TEST(a_lease_of_version_1) /* Samba: RqLs, request */
{
    static const char text[] = "5bc47908ba9336e3a53b86f7456cc91c07000000000000000000000000000000";
    struct message m = message_of(text);
    uint8_t room[64];
    struct wr w = wr_from(room, sizeof room);
    struct smb2_lease lease;

    ck_assert(smb2_lease_get(&lease, message_span(&m)));
    ck_assert(!lease.v2);
    ck_assert_hex(lease.key, "5bc47908ba9336e3a53b86f7456cc91c");
    ck_assert_uint_eq(lease.state, SMB2_LEASE_READ_CACHING | SMB2_LEASE_HANDLE_CACHING |
                                       SMB2_LEASE_WRITE_CACHING);
    ck_assert_uint_eq(lease.flags, 0);
    smb2_lease_put(&w, &lease);
    check_data(&w, text);
}
END_TEST

START_TEST(a_lease_of_version_2) /* Samba: RqLs, reply */
{
    static const char text[] = "2978c64c00000000d68739b3ffffffff07000000000000000000000000000000"
                               "0000000000000000000000000000000001000000";
    struct message m = message_of(text);
    uint8_t room[64];
    struct wr w = wr_from(room, sizeof room);
    struct smb2_lease lease;

    ck_assert(smb2_lease_get(&lease, message_span(&m)));
    ck_assert(lease.v2);
    ck_assert_uint_eq(lease.state, 7);
    ck_assert_hex(lease.parent_key, "00000000000000000000000000000000");
    ck_assert_uint_eq(lease.epoch, 1);
    smb2_lease_put(&w, &lease);
    check_data(&w, text);
}
END_TEST

START_TEST(a_lease_has_one_of_two_sizes) /* MS-SMB2 2.2.14.2.10, 2.2.14.2.11 */
{
    uint8_t zeros[64] = {0};

    for (size_t n = 0; n <= sizeof zeros; n++) {
        ck_assert_int_eq(decodes(lease_of, (struct span){zeros, n}), n == 32 || n == 52);
    }
}
END_TEST

/* ---------------------------------------------------------------- the others */

START_TEST(maximal_access_may_be_asked_for_with_a_time) /* MS-SMB2 2.2.13.2.5 */
{
    uint8_t room[16];
    uint64_t modified = 7;
    struct wr w = wr_from(room, sizeof room);

    smb2_maximal_access_request_put(&w, 0);
    ck_assert_uint_eq(wr_written(&w).len, 0);
    ck_assert(smb2_maximal_access_request_get(&modified, wr_written(&w)));
    ck_assert_uint_eq(modified, 0);
    smb2_maximal_access_request_put(&w, 0x0102);
    check_data(&w, "0201000000000000");
    ck_assert(smb2_maximal_access_request_get(&modified, wr_written(&w)));
    ck_assert_uint_eq(modified, 0x0102);
    for (size_t n = 1; n <= sizeof room; n++) {
        ck_assert_int_eq(smb2_maximal_access_request_get(&modified, (struct span){room, n}),
                         n == 8);
    }
}
END_TEST

static bool allocation_size(struct span data)
{
    uint64_t bytes;

    return smb2_allocation_size_get(&bytes, data);
}

static bool timewarp(struct span data)
{
    uint64_t time;

    return smb2_timewarp_get(&time, data);
}

START_TEST(sizes_and_times_have_8_bytes) /* MS-SMB2 2.2.13.2.6, 2.2.13.2.7 */
{
    static const char text[] = "0807060504030201";
    struct message m = message_of(text);
    uint8_t room[8];
    struct wr w = wr_from(room, sizeof room);
    uint64_t value;

    ck_assert(smb2_allocation_size_get(&value, message_span(&m)));
    ck_assert_uint_eq(value, 0x0102030405060708);
    smb2_allocation_size_put(&w, value);
    check_data(&w, text);
    ck_assert(smb2_timewarp_get(&value, message_span(&m)));
    w = wr_from(room, sizeof room);
    smb2_timewarp_put(&w, value);
    check_data(&w, text);
    check_size_exact(allocation_size, text);
    check_size_exact(timewarp, text);
}
END_TEST

static bool app_instance_id(struct span data)
{
    struct smb2_app_instance_id q;

    return smb2_app_instance_id_get(&q, data) && q.id[15] == 0x96;
}

static bool app_instance_version(struct span data)
{
    struct smb2_app_instance_version q;

    return smb2_app_instance_version_get(&q, data);
}

START_TEST(a_program_says_which_instance_it_is) /* Samba: AppInstanceId */
{
    static const char text[] = "140000007a7c75c18a2e574eaa55ab1009acc896";
    static const struct breach breaches[] = {{"StructureSize is not 20", 0, "15"}};
    struct message m = message_of(text);
    uint8_t room[64];
    struct wr w = wr_from(room, sizeof room);
    struct smb2_app_instance_id q;

    ck_assert(smb2_app_instance_id_get(&q, message_span(&m)));
    ck_assert_hex(q.id, "7a7c75c18a2e574eaa55ab1009acc896");
    smb2_app_instance_id_put(&w, &q);
    check_data(&w, text);
    check_size_exact(app_instance_id, text);
    check_breaches_refused(app_instance_id, message_span(&m), breaches);
}
END_TEST

START_TEST(an_instance_has_a_version) /* MS-SMB2 2.2.13.2.15 */
{
    static const char text[] = "180000000000000002000000000000000100000000000000";
    static const struct breach breaches[] = {{"StructureSize is not 24", 0, "14"}};
    struct message m = message_of(text);
    uint8_t room[64];
    struct wr w = wr_from(room, sizeof room);
    struct smb2_app_instance_version q;

    ck_assert(smb2_app_instance_version_get(&q, message_span(&m)));
    ck_assert_uint_eq(q.high, 2);
    ck_assert_uint_eq(q.low, 1);
    smb2_app_instance_version_put(&w, &q);
    check_data(&w, text);
    check_size_exact(app_instance_version, text);
    check_breaches_refused(app_instance_version, message_span(&m), breaches);
}
END_TEST

/* ---------------------------------------------------------------- in a list */

START_TEST(contexts_are_found_in_real_messages)
{
    struct message m = message_of(pkt_create_request_no_name);
    struct smb2_create_request q;
    struct smb2_create_reply a;
    struct smb2_durable_v2_reconnect reconnect;
    struct smb2_durable_v2_reply durable;
    struct smb2_lease lease;
    struct span data;

    ck_assert(smb2_create_request_get(&q, message_span(&m)));
    ck_assert(smb2_create_context_find(q.contexts, SMB2_CREATE_DURABLE_HANDLE_RECONNECT_V2, &data));
    ck_assert(smb2_durable_v2_reconnect_get(&reconnect, data));
    m = message_of(pkt_create_reply_two);
    ck_assert(smb2_create_reply_get(&a, message_span(&m)));
    ck_assert(smb2_create_context_find(a.contexts, SMB2_CREATE_DURABLE_HANDLE_REQUEST_V2, &data));
    ck_assert(smb2_durable_v2_reply_get(&durable, data));
    ck_assert_uint_eq(durable.timeout_ms, 60000);
    ck_assert(smb2_create_context_find(a.contexts, SMB2_CREATE_REQUEST_LEASE, &data));
    ck_assert(smb2_lease_get(&lease, data));
    ck_assert_uint_eq(lease.state, SMB2_LEASE_READ_CACHING | SMB2_LEASE_HANDLE_CACHING);
}
END_TEST

START_TEST(a_guid_is_a_name_like_any_other)
{
    uint8_t room[256];
    struct wr list = wr_from(room, sizeof room);
    struct smb2_create_context context;
    struct span data;

    smb2_create_context_put(&list, SMB2_CREATE_APP_INSTANCE_ID, span_of("a"));
    smb2_create_context_put(&list, "AAPL", span_of("unknown"));
    smb2_create_context_put(&list, SMB2_CREATE_APP_INSTANCE_VERSION, span_of("b"));
    ck_assert(smb2_create_context_find(wr_written(&list), SMB2_CREATE_APP_INSTANCE_VERSION, &data));
    ck_assert(span_equal(data, span_of("b")));
    struct walk walk = walk_from(wr_written(&list));
    ck_assert(smb2_create_context_next(&walk, &context));
    check_span(context.name, "45bca66aefa7f74a9008fa462e144d74"); /* Samba: AppInstanceId */
    ck_assert(smb2_create_context_next(&walk, &context));
    ck_assert(span_equal(context.name, span_of("AAPL")));
    ck_assert(span_equal(context.data, span_of("unknown")));
}
END_TEST

int main(void)
{
    return RUN_TESTS("proto/create_context", a_durable_handle_is_asked_for_with_nothing,
                     a_durable_handle_is_taken_up_by_its_file_id, a_durable_handle_of_3x_has_a_guid,
                     the_server_says_how_long_it_keeps_a_handle,
                     a_durable_handle_of_3x_is_taken_up_by_its_guid, a_lease_of_version_1,
                     a_lease_of_version_2, a_lease_has_one_of_two_sizes,
                     maximal_access_may_be_asked_for_with_a_time, sizes_and_times_have_8_bytes,
                     a_program_says_which_instance_it_is, an_instance_has_a_version,
                     contexts_are_found_in_real_messages, a_guid_is_a_name_like_any_other);
}
