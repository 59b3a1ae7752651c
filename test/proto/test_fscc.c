/* test_fscc.c: what QUERY_INFO and SET_INFO say about files (MS-FSCC 2.4). */
#include "proto/info.h"
#include "proto/utf16.h"
#include "test/proto/message.h"
#include "test/proto/packets.h"
#include "test/run.h"

/* The buffer of a captured QUERY_INFO reply or SET_INFO request. */
static struct span reply_data(const struct message *m)
{
    struct smb2_query_info_reply a;

    ck_assert(smb2_query_info_reply_get(&a, message_span(m), 0x10000));
    return a.data;
}

static struct span request_data(const struct message *m)
{
    struct smb2_set_info_request q;

    ck_assert(smb2_set_info_request_get(&q, message_span(m)));
    return q.data;
}

static uint8_t room[512];

static struct wr fresh(void)
{
    memset(room, 0xee, sizeof room);
    return wr_from(room, sizeof room);
}

static bool decode_basic(struct span data)
{
    struct file_basic_information info;

    return file_basic_information_get(&info, data);
}

START_TEST(basic_information)
{
    struct message m = message_of(pkt_query_info_reply_basic);
    struct file_basic_information info;
    struct wr w = fresh();

    ck_assert(file_basic_information_get(&info, reply_data(&m)));
    ck_assert_uint_eq(info.created, 0x01dd792cb1fe2827);
    ck_assert_uint_eq(info.changed, 0x01dd792cb1fe2827);
    ck_assert_uint_eq(info.file_attributes, FILE_ATTRIBUTE_ARCHIVE);
    file_basic_information_put(&w, &info);
    ck_assert(span_equal(wr_written(&w), reply_data(&m)));
    check_prefixes_refused(decode_basic, reply_data(&m));
    m = message_of(pkt_set_info_basic);
    ck_assert(file_basic_information_get(&info, request_data(&m)));
    ck_assert_uint_eq(info.accessed, 0x01de069e7f6ad200);
    ck_assert_uint_eq(info.written, 0x01ddbfe5963d5200);
    ck_assert_uint_eq(info.file_attributes, FILE_ATTRIBUTE_NORMAL);
}
END_TEST

static bool decode_standard(struct span data)
{
    struct file_standard_information info;

    return file_standard_information_get(&info, data);
}

START_TEST(standard_information)
{
    struct message m = message_of(pkt_query_info_reply_standard);
    struct file_standard_information info;
    struct wr w = fresh();

    ck_assert(file_standard_information_get(&info, reply_data(&m)));
    ck_assert_uint_eq(info.allocation_size, 4096);
    ck_assert_uint_eq(info.end_of_file, 0);
    ck_assert_uint_eq(info.links, 1);
    ck_assert(!info.delete_pending && !info.directory);
    file_standard_information_put(&w, &info);
    ck_assert(span_equal(wr_written(&w), reply_data(&m)));
    check_prefixes_refused(decode_standard, reply_data(&m));
}
END_TEST

static bool decode_internal(struct span data)
{
    struct file_internal_information info;

    return file_internal_information_get(&info, data);
}

START_TEST(internal_information)
{
    struct message m = message_of(pkt_query_info_reply_internal);
    struct file_internal_information info;
    struct wr w = fresh();

    ck_assert(file_internal_information_get(&info, reply_data(&m)));
    ck_assert_uint_eq(info.file_id, 0xa94926);
    file_internal_information_put(&w, &info);
    ck_assert(span_equal(wr_written(&w), reply_data(&m)));
    check_prefixes_refused(decode_internal, reply_data(&m));
}
END_TEST

static bool decode_all(struct span data)
{
    struct file_all_information info;

    return file_all_information_get(&info, data, false);
}

START_TEST(all_information_may_lose_the_end_of_its_name)
{
    struct message m = message_of(pkt_query_info_reply_all_cut);
    struct file_all_information info;

    ck_assert(!file_all_information_get(&info, reply_data(&m), false));
    ck_assert(file_all_information_get(&info, reply_data(&m), true));
    ck_assert_uint_eq(info.basic.created, 0x01dd792cb1fe2827);
    ck_assert_uint_eq(info.standard.allocation_size, 4096);
    ck_assert_uint_eq(info.internal.file_id, 0xa94926);
    ck_assert_uint_eq(info.ea_size, 0x2d);
    ck_assert_uint_eq(info.access_flags, 0x001f01ff);
    ck_assert_uint_eq(info.mode, 0x20);
    check_utf16(info.name, "\\b");
    /* Half a character at the cut is dropped. */
    struct span data = reply_data(&m);
    ck_assert(file_all_information_get(&info, (struct span){data.ptr, data.len - 1}, true));
    check_utf16(info.name, "\\");
    ck_assert(!file_all_information_get(&info, (struct span){data.ptr, 99}, true));
}
END_TEST

START_TEST(all_information_goes_both_ways)
{
    static const struct breach breaches[] = {{"half a character", 96, "03000000"}};
    const struct file_all_information want = {.basic = {1, 2, 3, 4, 5},
                                              .standard = {6, 7, 8, true, false},
                                              .internal = {9},
                                              .ea_size = 10,
                                              .access_flags = 11,
                                              .position = 12,
                                              .mode = 13,
                                              .alignment = 14,
                                              .name = span_of("abcd")};
    struct file_all_information got = {0};
    struct wr w = fresh();

    file_all_information_put(&w, &want);
    ck_assert_uint_eq(wr_written(&w).len, 104);
    ck_assert(file_all_information_get(&got, wr_written(&w), false));
    ck_assert_uint_eq(got.basic.file_attributes, 5);
    ck_assert_uint_eq(got.standard.links, 8);
    ck_assert(got.standard.delete_pending && !got.standard.directory);
    ck_assert_uint_eq(got.internal.file_id, 9);
    ck_assert_uint_eq(got.position, 12);
    ck_assert_uint_eq(got.alignment, 14);
    ck_assert(span_equal(got.name, want.name));
    check_prefixes_refused(decode_all, wr_written(&w));
    check_breaches_refused(decode_all, wr_written(&w), breaches);
}
END_TEST

static bool decode_network_open(struct span data)
{
    struct file_network_open_information info;

    return file_network_open_information_get(&info, data);
}

START_TEST(network_open_information_goes_both_ways)
{
    const struct file_network_open_information want = {1, 2, 3, 4, 5, 6, 7};
    struct file_network_open_information got;
    struct wr w = fresh();

    file_network_open_information_put(&w, &want);
    ck_assert_uint_eq(wr_written(&w).len, 56);
    ck_assert(file_network_open_information_get(&got, wr_written(&w)));
    ck_assert_uint_eq(got.created, 1);
    ck_assert_uint_eq(got.changed, 4);
    ck_assert_uint_eq(got.allocation_size, 5);
    ck_assert_uint_eq(got.end_of_file, 6);
    ck_assert_uint_eq(got.file_attributes, 7);
    check_prefixes_refused(decode_network_open, wr_written(&w));
}
END_TEST

static bool decode_streams(struct span data)
{
    struct walk list = walk_from(data);
    struct file_stream_information info;

    while (file_stream_information_next(&list, &info)) {
    }
    return walk_ok(&list) && data.len > 0;
}

/* "::$DATA" of 5 bytes and ":ab:$DATA" of 7: entries at 0 (38 bytes, padded to 40) and 40 (42). */
static struct span two_streams(void)
{
    uint8_t names[64];
    struct wr name = wr_from(names, sizeof names);
    struct wr w = fresh();

    wr_utf16(&name, "::$DATA");
    file_stream_information_put(&w, &(struct file_stream_information){5, 4096, wr_written(&name)});
    name = wr_from(names, sizeof names);
    wr_utf16(&name, ":ab:$DATA");
    file_stream_information_put(&w, &(struct file_stream_information){7, 512, wr_written(&name)});
    return wr_written(&w);
}

START_TEST(streams_are_listed)
{
    struct span data = two_streams();
    struct walk list = walk_from(data);
    struct file_stream_information info;

    ck_assert_uint_eq(data.len, 82);
    ck_assert(file_stream_information_next(&list, &info));
    ck_assert_uint_eq(info.size, 5);
    ck_assert_uint_eq(info.allocation_size, 4096);
    check_utf16(info.name, "::$DATA");
    ck_assert(file_stream_information_next(&list, &info));
    ck_assert_uint_eq(info.size, 7);
    check_utf16(info.name, ":ab:$DATA");
    ck_assert(!file_stream_information_next(&list, &info));
    ck_assert(walk_ok(&list));
    check_prefixes_refused(decode_streams, data);
}
END_TEST

START_TEST(a_stream_that_breaks_a_rule_is_refused)
{
    static const struct breach breaches[] = {
        {"NextEntryOffset inside the entry", 0, "10000000"},
        {"NextEntryOffset cuts the name off", 0, "20000000"},
        {"NextEntryOffset past the end", 0, "58000000"},
        {"StreamNameLength past the entry", 4, "12000000"},
        {"StreamNameLength past the end", 44, "14000000"},
        {"StreamNameLength odd", 4, "0d000000"},
    };

    check_breaches_refused(decode_streams, two_streams(), breaches);
}
END_TEST

static bool decode_rename(struct span data)
{
    struct file_rename_information info;

    return file_rename_information_get(&info, data);
}

START_TEST(rename_information)
{
    static const struct breach breaches[] = {
        {"RootDirectory is not 0", 8, "01"},
        {"the name is past the end", 16, "15000000"},
        {"the name has half a character", 16, "13000000"},
    };
    struct message m = message_of(pkt_set_info_rename);
    struct file_rename_information info;
    struct wr w = fresh();

    ck_assert(file_rename_information_get(&info, request_data(&m)));
    ck_assert(!info.replace_if_exists);
    check_utf16(info.name, "vec\\h2.txt");
    file_rename_information_put(&w, &info);
    ck_assert(span_equal(wr_written(&w), request_data(&m)));
    check_prefixes_refused(decode_rename, request_data(&m));
    check_breaches_refused(decode_rename, request_data(&m), breaches);
}
END_TEST

START_TEST(a_short_rename_is_padded_to_24_bytes)
{
    const struct file_rename_information info = {true, {(const uint8_t *)"a\0", 2}};
    struct file_rename_information got;
    struct wr w = fresh();

    file_rename_information_put(&w, &info);
    check_span(wr_written(&w), "010000000000000000000000000000000200000061000000");
    ck_assert(file_rename_information_get(&got, wr_written(&w)));
    ck_assert(got.replace_if_exists);
    check_utf16(got.name, "a");
}
END_TEST

static bool decode_end_of_file(struct span data)
{
    struct file_end_of_file_information info;

    return file_end_of_file_information_get(&info, data);
}

static bool decode_allocation(struct span data)
{
    struct file_allocation_information info;

    return file_allocation_information_get(&info, data);
}

START_TEST(small_structures_that_are_set)
{
    struct message m = message_of(pkt_set_info_disposition);
    struct file_disposition_information disposition;
    struct file_allocation_information allocation;
    struct file_end_of_file_information end = {0x123456789a};
    struct wr w = fresh();

    ck_assert(file_disposition_information_get(&disposition, request_data(&m)));
    ck_assert(disposition.delete_pending);
    ck_assert(!file_disposition_information_get(&disposition, (struct span){0}));
    disposition.delete_pending = true;
    file_disposition_information_put(&w, &disposition);
    check_span(wr_written(&w), "01");
    m = message_of(pkt_set_info_allocation);
    ck_assert(file_allocation_information_get(&allocation, request_data(&m)));
    ck_assert_uint_eq(allocation.allocation_size, 0x80000);
    check_prefixes_refused(decode_allocation, request_data(&m));
    w = fresh();
    file_allocation_information_put(&w, &allocation);
    ck_assert(span_equal(wr_written(&w), request_data(&m)));
    w = fresh();
    file_end_of_file_information_put(&w, &end);
    check_span(wr_written(&w), "9a78563412000000");
    check_prefixes_refused(decode_end_of_file, wr_written(&w));
    ck_assert(file_end_of_file_information_get(&end, wr_written(&w)));
    ck_assert_uint_eq(end.end_of_file, 0x123456789a);
}
END_TEST

#define DECODER(name)                                                                              \
    static bool decode_##name(struct span data)                                                    \
    {                                                                                              \
        struct file_##name##_information info;                                                     \
        return file_##name##_information_get(&info, data);                                         \
    }

DECODER(ea)
DECODER(access)
DECODER(position)
DECODER(mode)
DECODER(alignment)
DECODER(attribute_tag)
DECODER(compression)
DECODER(id)

/* Samba's bytes, read, are `field` == `value`; written again they are the same; a part is refused. */
#define CHECK_SMALL(name, bytes, field, value)                                                     \
    do {                                                                                           \
        struct message m_ = message_of(bytes);                                                     \
        struct file_##name##_information info_;                                                    \
        struct wr w_ = fresh();                                                                    \
        ck_assert(file_##name##_information_get(&info_, message_span(&m_)));                       \
        ck_assert_uint_eq(info_.field, value);                                                     \
        file_##name##_information_put(&w_, &info_);                                                \
        ck_assert(span_equal(wr_written(&w_), message_span(&m_)));                                 \
        check_prefixes_refused(decode_##name, message_span(&m_));                                  \
    } while (0)

/* Samba: QUERY_INFO, classes 7, 8, 17, 35 and 28 */
START_TEST(structures_of_one_field)
{
    CHECK_SMALL(ea, "2d000000", ea_size, 45);
    CHECK_SMALL(access, "89001700", access_flags, 0x00170089);
    CHECK_SMALL(alignment, "00000000", alignment, 0);
    CHECK_SMALL(attribute_tag, "2000000000000000", file_attributes, FILE_ATTRIBUTE_ARCHIVE);
    CHECK_SMALL(compression, "00000000000000000000000000000000", compression_format, 0);
}
END_TEST

/* Made up from MS-FSCC 2.4 */
START_TEST(further_structures_of_one_field)
{
    CHECK_SMALL(position, "9a78563412000000", position, 0x123456789a);
    CHECK_SMALL(mode, "20000000", mode, 0x20);
    CHECK_SMALL(attribute_tag, "000400000c0000a0", reparse_tag, 0xa000000c);
    CHECK_SMALL(compression, "00100000000000000200040c0c000000", unit_shift, 4);
    CHECK_SMALL(id, "8877665544332211000102030405060708090a0b0c0d0e0f", file_id[15], 15);
}
END_TEST

static bool decode_name(struct span data)
{
    struct file_name_information info;

    return file_name_information_get(&info, data, false);
}

/* Samba: QUERY_INFO, FileAlternateNameInformation */
START_TEST(a_name_may_lose_its_end)
{
    static const struct breach breaches[] = {{"half a character", 0, "09000000"}};
    struct message m = message_of("0a00000068002e00740078007400");
    struct file_name_information info;
    struct wr w = fresh();

    ck_assert(file_name_information_get(&info, message_span(&m), false));
    check_utf16(info.name, "h.txt");
    file_name_information_put(&w, &info);
    ck_assert(span_equal(wr_written(&w), message_span(&m)));
    check_prefixes_refused(decode_name, message_span(&m));
    check_breaches_refused(decode_name, message_span(&m), breaches);
    ck_assert(file_name_information_get(&info, (struct span){m.bytes, 9}, true));
    check_utf16(info.name, "h.");
}
END_TEST

static bool decode_disposition_ex(struct span data)
{
    struct file_disposition_information_ex info;

    return file_disposition_information_ex_get(&info, data);
}

START_TEST(disposition_has_a_form_with_flags)
{
    struct file_disposition_information_ex info = {FILE_DISPOSITION_DELETE |
                                                   FILE_DISPOSITION_POSIX_SEMANTICS};
    struct wr w = fresh();

    file_disposition_information_ex_put(&w, &info);
    check_span(wr_written(&w), "03000000");
    check_prefixes_refused(decode_disposition_ex, wr_written(&w));
    ck_assert(file_disposition_information_ex_get(&info, wr_written(&w)) && info.flags == 3);
}
END_TEST

int main(void)
{
    return RUN_TESTS("proto/fscc", basic_information, standard_information, internal_information,
                     all_information_may_lose_the_end_of_its_name, all_information_goes_both_ways,
                     network_open_information_goes_both_ways, streams_are_listed,
                     a_stream_that_breaks_a_rule_is_refused, rename_information,
                     a_short_rename_is_padded_to_24_bytes, small_structures_that_are_set,
                     structures_of_one_field, further_structures_of_one_field,
                     a_name_may_lose_its_end, disposition_has_a_form_with_flags);
}
