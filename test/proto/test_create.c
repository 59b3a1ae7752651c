/* test_create.c: CREATE and its contexts (MS-SMB2 2.2.13, 2.2.14). */
#include "proto/create.h"
#include "test/proto/message.h"
#include "test/proto/packets.h"
#include "test/run.h"

static bool decode_request(struct span msg)
{
    struct smb2_create_request q;

    return smb2_create_request_get(&q, msg);
}

static bool decode_reply(struct span msg)
{
    struct smb2_create_reply a;

    return smb2_create_reply_get(&a, msg);
}

START_TEST(a_request_without_contexts)
{
    struct message m = message_of(pkt_create_request);
    struct message again;
    struct smb2_create_request q;

    ck_assert(smb2_create_request_get(&q, message_span(&m)));
    ck_assert_uint_eq(q.oplock, SMB2_OPLOCK_LEVEL_NONE);
    ck_assert_uint_eq(q.impersonation, SMB2_IMPERSONATION);
    ck_assert_uint_eq(q.desired_access, 0x0012019f);
    ck_assert_uint_eq(q.file_attributes, 0);
    ck_assert_uint_eq(q.share_access, FILE_SHARE_READ | FILE_SHARE_WRITE);
    ck_assert_uint_eq(q.disposition, FILE_OVERWRITE_IF);
    ck_assert_uint_eq(q.options, FILE_NON_DIRECTORY_FILE);
    check_utf16(q.name, "vkh.txt");
    ck_assert_uint_eq(q.contexts.len, 0);
    struct wr w = body_begin(&again);
    smb2_create_request_put(&w, &q);
    ck_assert_uint_eq(body_end(&again, &w).len, 134);
    ck_assert_mem_eq(w.ptr, m.bytes + SMB2_HEADER_LEN, w.pos); /* but for two bytes of padding */
}
END_TEST

START_TEST(requests_are_written_as_samba_writes_them)
{
    static const char *const packets[] = {pkt_create_request_qfid, pkt_create_request_two};

    for (size_t i = 0; i < sizeof packets / sizeof packets[0]; i++) {
        struct message m = message_of(packets[i]);
        struct message again;
        struct smb2_create_request q;
        ck_assert(smb2_create_request_get(&q, message_span(&m)));
        struct wr w = body_begin(&again);
        smb2_create_request_put(&w, &q);
        check_body(&w, packets[i]);
        check_prefixes_refused(decode_request, message_span(&m));
    }
}
END_TEST

START_TEST(a_request_may_have_contexts_and_no_name)
{
    struct message m = message_of(pkt_create_request_no_name);
    struct smb2_create_request q;
    struct span data;

    ck_assert(smb2_create_request_get(&q, message_span(&m)));
    ck_assert_uint_eq(q.name.len, 0);
    ck_assert(smb2_create_context_find(q.contexts, "DH2C", &data));
    ck_assert_uint_eq(data.len, 36);
    ck_assert(!smb2_create_context_find(q.contexts, "DH2Q", &data));
}
END_TEST

START_TEST(a_request_for_the_root_has_a_byte_of_buffer)
{
    struct smb2_create_request q = {.disposition = FILE_OPEN};
    struct smb2_create_request got;
    struct message m;
    struct wr w = body_begin(&m);

    smb2_create_request_put(&w, &q);
    ck_assert_uint_eq(w.pos, 57);
    ck_assert(smb2_create_request_get(&got, body_end(&m, &w)));
    ck_assert_uint_eq(got.name.len, 0);
    ck_assert_uint_eq(got.disposition, FILE_OPEN);
}
END_TEST

START_TEST(a_reply_describes_what_was_opened)
{
    struct message m = message_of(pkt_create_reply);
    struct message again;
    struct smb2_create_reply a;

    ck_assert(smb2_create_reply_get(&a, message_span(&m)));
    ck_assert_uint_eq(a.oplock, SMB2_OPLOCK_LEVEL_II);
    ck_assert_uint_eq(a.flags, 0);
    ck_assert_uint_eq(a.action, FILE_SUPERSEDED);
    ck_assert_uint_eq(a.created, 134396797760202284);
    ck_assert_uint_eq(a.changed, 134396797760202284);
    ck_assert_uint_eq(a.allocation_size, 0);
    ck_assert_uint_eq(a.end_of_file, 0);
    ck_assert_uint_eq(a.file_attributes, 0x20);
    ck_assert_uint_eq(a.file.persistent, 0x47b23d5a);
    ck_assert_uint_eq(a.file.vol, 0x75ef5934);
    ck_assert_uint_eq(a.contexts.len, 0);
    struct wr w = body_begin(&again);
    smb2_create_reply_put(&w, &a);
    check_body(&w, pkt_create_reply);
    check_prefixes_refused(decode_reply, message_span(&m));
}
END_TEST

START_TEST(contexts_of_a_reply_are_found_by_name)
{
    struct message m = message_of(pkt_create_reply_mxac);
    struct smb2_create_reply a;
    struct smb2_maximal_access access;
    struct smb2_disk_id id;
    struct span data;

    ck_assert(smb2_create_reply_get(&a, message_span(&m)));
    ck_assert(
        smb2_create_context_find(a.contexts, SMB2_CREATE_QUERY_MAXIMAL_ACCESS_REQUEST, &data));
    ck_assert(smb2_maximal_access_get(&access, data));
    ck_assert_uint_eq(access.query_status, 0);
    ck_assert_uint_eq(access.maximal_access, 0x001f01ff);
    m = message_of(pkt_create_reply_qfid);
    ck_assert(smb2_create_reply_get(&a, message_span(&m)));
    ck_assert(smb2_create_context_find(a.contexts, SMB2_CREATE_QUERY_ON_DISK_ID, &data));
    ck_assert(smb2_disk_id_get(&id, data));
    ck_assert_uint_eq(id.disk_file_id, 0xad341d);
    ck_assert_uint_eq(id.volume_id, 0xfe00);
}
END_TEST

START_TEST(contexts_that_are_cut_off_are_refused) /* MS-SMB2 2.2.14.2.5, 2.2.14.2.9 */
{
    uint8_t bytes[32];
    struct wr w = wr_from(bytes, sizeof bytes);
    struct smb2_maximal_access access = {0xC0000022, 7};
    struct smb2_disk_id id = {1, 2};

    smb2_maximal_access_put(&w, &access);
    ck_assert_hex(bytes, "220000c007000000");
    ck_assert(!smb2_maximal_access_get(&access, (struct span){bytes, 7}));
    w = wr_from(bytes, sizeof bytes);
    smb2_disk_id_put(&w, &id);
    ck_assert_uint_eq(wr_written(&w).len, 32);
    for (size_t n = 0; n < 32; n++) {
        ck_assert(!smb2_disk_id_get(&id, (struct span){bytes, n}));
    }
    ck_assert(smb2_disk_id_get(&id, wr_written(&w)));
    ck_assert_uint_eq(id.volume_id, 2);
}
END_TEST

START_TEST(a_list_of_contexts_is_written_as_it_was_read)
{
    struct message m = message_of(pkt_create_request_two);
    struct smb2_create_request q;
    struct smb2_create_context context;
    uint8_t bytes[256];
    struct wr w = wr_from(bytes, sizeof bytes);
    unsigned count = 0;

    ck_assert(smb2_create_request_get(&q, message_span(&m)));
    struct walk list = walk_from(q.contexts);
    while (smb2_create_context_next(&list, &context)) {
        char name[17] = {0};
        ck_assert_uint_lt(context.name.len, sizeof name);
        memcpy(name, context.name.ptr, context.name.len);
        smb2_create_context_put(&w, name, context.data);
        count++;
    }
    ck_assert(walk_ok(&list));
    ck_assert_uint_eq(count, 2);
    ck_assert(span_equal(wr_written(&w), q.contexts));
}
END_TEST

/* In pkt_create_reply_two: CreateContextsOffset, and the first of two contexts (DH2Q, 32 bytes). */
enum { OFFSET_AT = 144, FIRST_AT = 152, SECOND_AT = 184 };

START_TEST(a_reply_that_breaks_a_rule_is_refused)
{
    static const struct breach breaches[] = {
        {"StructureSize is ERROR's", 64, "0900"},
        {"contexts begin past the end", OFFSET_AT, "ffff0000"},
        {"contexts are longer than the message", OFFSET_AT + 4, "59000000"},
        {"offset and length of contexts wrap", OFFSET_AT, "f0fffffff0ffffff"},
        {"contexts lie in the fixed part", OFFSET_AT, "40000000"},
        {"the next context is behind", FIRST_AT, "f8ffffff"},
        {"the next context is inside this one's head", FIRST_AT, "08000000"},
        {"the next context is not aligned", FIRST_AT, "1c000000"},
        {"the next context is past the end", FIRST_AT, "00010000"},
        {"a context's data is past its end", FIRST_AT + 12, "09000000"},
        {"a context's data begins past its end", FIRST_AT + 10, "2000"},
        {"a context's data lies in its head", FIRST_AT + 10, "0800"},
        {"a context's name is past its end", FIRST_AT + 6, "1100"},
        {"the last context announces another", SECOND_AT, "38000000"},
        {"the last context's data is past the end", SECOND_AT + 12, "21000000"},
    };
    struct message m = message_of(pkt_create_reply_two);

    check_breaches_refused(decode_reply, message_span(&m), breaches);
    check_prefixes_refused(decode_reply, message_span(&m));
}
END_TEST

START_TEST(an_oplock_level_that_does_not_exist_counts_as_none)
{
    struct message m = message_of(pkt_create_reply_two);
    struct smb2_create_reply a;

    ck_assert(smb2_create_reply_get(&a, message_span(&m)));
    ck_assert_uint_eq(a.oplock, SMB2_OPLOCK_LEVEL_LEASE);
    m.bytes[66] = 0x7e;
    ck_assert(smb2_create_reply_get(&a, message_span(&m)));
    ck_assert_uint_eq(a.oplock, SMB2_OPLOCK_LEVEL_NONE);
}
END_TEST

START_TEST(a_name_with_half_a_character_is_refused)
{
    static const struct breach breaches[] = {
        {"half a character", 110, "1900"},
        {"a name past the end", 110, "ffff"},
        {"contexts before the name's offset", 112, "10000000"},
    };
    struct message m = message_of(pkt_create_request_qfid);

    check_breaches_refused(decode_request, message_span(&m), breaches);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "proto/create", a_request_without_contexts, requests_are_written_as_samba_writes_them,
        a_request_may_have_contexts_and_no_name, a_request_for_the_root_has_a_byte_of_buffer,
        a_reply_describes_what_was_opened, contexts_of_a_reply_are_found_by_name,
        contexts_that_are_cut_off_are_refused, a_list_of_contexts_is_written_as_it_was_read,
        a_reply_that_breaks_a_rule_is_refused, an_oplock_level_that_does_not_exist_counts_as_none,
        a_name_with_half_a_character_is_refused);
}
