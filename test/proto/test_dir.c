/* test_dir.c: QUERY_DIRECTORY (MS-SMB2 2.2.33, 2.2.34) and directory entries (MS-FSCC 2.4). */
#include "proto/dir.h"
#include "test/proto/message.h"
#include "test/proto/packets.h"
#include "test/run.h"

static bool decode_request(struct span msg)
{
    struct smb2_query_directory_request q;

    return smb2_query_directory_request_get(&q, msg);
}

/* Decode a reply and walk its entries to their end. */
static bool decode_entries(struct span msg, uint8_t info_class)
{
    struct smb2_query_directory_reply a;
    struct file_directory_entry entry;

    if (!smb2_query_directory_reply_get(&a, msg, 0x10000)) {
        return false;
    }
    struct walk list = walk_from(a.entries);
    while (file_directory_entry_next(&list, info_class, &entry)) {
    }
    return walk_ok(&list);
}

static bool decode_reply_1(struct span msg)
{
    return decode_entries(msg, FILE_DIRECTORY_INFORMATION);
}

static bool decode_reply_37(struct span msg)
{
    return decode_entries(msg, FILE_ID_BOTH_DIRECTORY_INFORMATION);
}

static bool decode_reply_38(struct span msg)
{
    return decode_entries(msg, FILE_ID_FULL_DIRECTORY_INFORMATION);
}

START_TEST(a_request_names_a_pattern)
{
    static const struct breach breaches[] = {
        {"StructureSize is not 33", 64, "20"},
        {"the pattern is past the end", 90, "1400"},
        {"the pattern has half a character", 90, "1100"},
        {"the pattern lies in the fixed part", 88, "5000"},
    };
    struct message m = message_of(pkt_query_directory_request);
    struct message again;
    struct smb2_query_directory_request q;

    ck_assert(smb2_query_directory_request_get(&q, message_span(&m)));
    ck_assert_uint_eq(q.info_class, FILE_ID_BOTH_DIRECTORY_INFORMATION);
    ck_assert_uint_eq(q.flags, 0);
    ck_assert_uint_eq(q.file_index, 0);
    ck_assert_uint_eq(q.file.persistent, 0xe40565f7);
    ck_assert_uint_eq(q.output_length, 8388608);
    check_utf16(q.pattern, "hello.txt");
    struct wr w = body_begin(&again);
    smb2_query_directory_request_put(&w, &q);
    check_body(&w, pkt_query_directory_request);
    check_prefixes_refused(decode_request, message_span(&m));
    check_breaches_refused(decode_request, message_span(&m), breaches);
}
END_TEST

START_TEST(a_reply_is_not_longer_than_asked)
{
    struct message m = message_of(pkt_query_directory_reply_37);
    struct message again;
    struct smb2_query_directory_reply a;

    ck_assert(smb2_query_directory_reply_get(&a, message_span(&m), 122));
    ck_assert_uint_eq(a.entries.len, 122);
    struct wr w = body_begin(&again);
    smb2_query_directory_reply_put(&w, &a);
    check_body(&w, pkt_query_directory_reply_37);
    ck_assert(!smb2_query_directory_reply_get(&a, message_span(&m), 121));
    check_prefixes_refused(decode_reply_37, message_span(&m));
}
END_TEST

START_TEST(an_entry_of_class_37_has_everything)
{
    struct message m = message_of(pkt_query_directory_reply_37);
    struct smb2_query_directory_reply a;
    struct file_directory_entry e;

    ck_assert(smb2_query_directory_reply_get(&a, message_span(&m), 122));
    struct walk list = walk_from(a.entries);
    ck_assert(file_directory_entry_next(&list, FILE_ID_BOTH_DIRECTORY_INFORMATION, &e));
    ck_assert_uint_eq(e.created, 0x01dd792ba76f785e);
    ck_assert_uint_eq(e.changed, 0x01dd792ba76f785e);
    ck_assert_uint_eq(e.end_of_file, 6);
    ck_assert_uint_eq(e.allocation_size, 4096);
    ck_assert_uint_eq(e.file_attributes, FILE_ATTRIBUTE_NORMAL);
    ck_assert_uint_eq(e.ea_size, 0);
    ck_assert_uint_eq(e.short_name.len, 0);
    ck_assert_uint_eq(e.file_id, 0xa9491a);
    check_utf16(e.name, "hello.txt");
    ck_assert(!file_directory_entry_next(&list, FILE_ID_BOTH_DIRECTORY_INFORMATION, &e));
    ck_assert(walk_ok(&list));
}
END_TEST

/* Read the three entries of a captured list and write them again. */
static void check_three(const char *packet, uint8_t info_class, const uint64_t file_ids[3])
{
    static const char *const names[] = {".", "..", "t096-96.txt"};
    struct message m = message_of(packet);
    struct smb2_query_directory_reply a;
    struct file_directory_entry e;
    uint8_t bytes[1024];
    struct wr w = wr_from(bytes, sizeof bytes);

    ck_assert(smb2_query_directory_reply_get(&a, message_span(&m), 0x10000));
    struct walk list = walk_from(a.entries);
    for (size_t i = 0; i < 3; i++) {
        ck_assert(file_directory_entry_next(&list, info_class, &e));
        check_utf16(e.name, names[i]);
        ck_assert_uint_eq(e.file_attributes, i < 2 ? 0x10 : 0x20);
        ck_assert_uint_eq(e.file_id, file_ids[i]);
        file_directory_entry_put(&w, info_class, &e);
    }
    ck_assert(!file_directory_entry_next(&list, info_class, &e));
    ck_assert(walk_ok(&list));
    struct span written = wr_written(&w);
    ck_assert_uint_le(a.entries.len - written.len, 7); /* the cut left padding behind */
    ck_assert_mem_eq(written.ptr, a.entries.ptr, written.len);
}

START_TEST(lists_of_other_classes_are_read_and_written)
{
    static const uint64_t none[3] = {0, 0, 0};
    static const uint64_t ids[3] = {0xad0694, 0xa94907, 0xad08f0};

    check_three(pkt_query_directory_reply_1, FILE_DIRECTORY_INFORMATION, none);
    check_three(pkt_query_directory_reply_38, FILE_ID_FULL_DIRECTORY_INFORMATION, ids);
}
END_TEST

START_TEST(a_list_of_class_37_goes_both_ways)
{
    static const uint8_t name[] = {'a', 0, 'b', 0, 'c', 0};
    const struct file_directory_entry want = {.file_index = 1,
                                              .created = 2,
                                              .accessed = 3,
                                              .written = 4,
                                              .changed = 5,
                                              .end_of_file = 6,
                                              .allocation_size = 7,
                                              .file_attributes = 8,
                                              .ea_size = 9,
                                              .file_id = 10,
                                              .short_name = {name, 4},
                                              .name = {name, 6}};
    struct file_directory_entry got;
    uint8_t bytes[256];
    struct wr w = wr_from(bytes, sizeof bytes);

    file_directory_entry_put(&w, FILE_ID_BOTH_DIRECTORY_INFORMATION, &want);
    file_directory_entry_put(&w, FILE_ID_BOTH_DIRECTORY_INFORMATION, &want);
    ck_assert_uint_eq(wr_written(&w).len, 112 + 110);
    struct walk list = walk_from(wr_written(&w));
    for (int i = 0; i < 2; i++) {
        ck_assert(file_directory_entry_next(&list, FILE_ID_BOTH_DIRECTORY_INFORMATION, &got));
        ck_assert(span_equal(got.name, want.name) && span_equal(got.short_name, want.short_name));
        ck_assert_uint_eq(got.file_index, want.file_index);
        ck_assert_uint_eq(got.created, want.created);
        ck_assert_uint_eq(got.accessed, want.accessed);
        ck_assert_uint_eq(got.written, want.written);
        ck_assert_uint_eq(got.changed, want.changed);
        ck_assert_uint_eq(got.end_of_file, want.end_of_file);
        ck_assert_uint_eq(got.allocation_size, want.allocation_size);
        ck_assert_uint_eq(got.file_attributes, want.file_attributes);
        ck_assert_uint_eq(got.ea_size, want.ea_size);
        ck_assert_uint_eq(got.file_id, want.file_id);
    }
    ck_assert(!file_directory_entry_next(&list, FILE_ID_BOTH_DIRECTORY_INFORMATION, &got));
}
END_TEST

static bool decode_class(struct span data, uint8_t info_class)
{
    struct walk list = walk_from(data);
    struct file_directory_entry e;

    while (file_directory_entry_next(&list, info_class, &e)) {
    }
    return walk_ok(&list) && data.len > 0;
}

/* MS-FSCC 2.4: what the classes have in common, and what they do not. */
START_TEST(every_class_carries_what_it_has)
{
    static const struct {
        uint8_t info_class, len; /* bytes before the name */
        bool details, ea, short_name, id;
    } classes[] = {{1, 64, true, false, false, false}, {2, 68, true, true, false, false},
                   {3, 94, true, true, true, false},   {12, 12, false, false, false, false},
                   {37, 104, true, true, true, true},  {38, 80, true, true, false, true},
                   {60, 88, true, true, false, true}};
    static const uint8_t name[] = {'a', 0, 'b', 0};
    const struct file_directory_entry want = {.changed = 5,
                                              .file_attributes = 8,
                                              .ea_size = 9,
                                              .reparse_tag = 11,
                                              .file_id = 10,
                                              .file_id_high = 12,
                                              .short_name = {name, 2},
                                              .name = {name, 4}};
    struct file_directory_entry got;
    uint8_t bytes[128];

    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
        struct wr w = wr_from(bytes, sizeof bytes);
        file_directory_entry_put(&w, classes[i].info_class, &want);
        ck_assert_uint_eq(wr_written(&w).len, classes[i].len + 4u);
        struct walk list = walk_from(wr_written(&w));
        ck_assert(file_directory_entry_next(&list, classes[i].info_class, &got));
        ck_assert(span_equal(got.name, want.name));
        ck_assert_uint_eq(got.changed, classes[i].details ? 5 : 0);
        ck_assert_uint_eq(got.ea_size, classes[i].ea ? 9 : 0);
        ck_assert_uint_eq(got.short_name.len, classes[i].short_name ? 2 : 0);
        ck_assert_uint_eq(got.file_id, classes[i].id ? 10 : 0);
        ck_assert_uint_eq(got.file_id_high, classes[i].info_class == 60 ? 12 : 0);
        for (size_t n = 0; n < w.pos; n++) {
            ck_assert(!decode_class((struct span){bytes, n}, classes[i].info_class));
        }
    }
}
END_TEST

/* Samba: QUERY_DIRECTORY, FileNamesInformation */
START_TEST(names_alone_are_read)
{
    struct message m =
        message_of("1000000000000000020000002e0000000000000000000000040000002e002e00");
    struct walk list = walk_from(message_span(&m));
    struct file_directory_entry e;

    ck_assert(file_directory_entry_next(&list, FILE_NAMES_INFORMATION, &e));
    check_utf16(e.name, ".");
    ck_assert(file_directory_entry_next(&list, FILE_NAMES_INFORMATION, &e));
    check_utf16(e.name, "..");
    ck_assert(!file_directory_entry_next(&list, FILE_NAMES_INFORMATION, &e) && walk_ok(&list));
}
END_TEST

/* Samba: QUERY_DIRECTORY, FileFullDirectoryInformation: an entry's name ends before its padding */
START_TEST(a_full_entry_is_read)
{
    struct message m = message_of(
        "4800000000000000ba1c49ad2c79dd01bcbc7cad2c79dd0181a27cad2c79dd0181a27cad2c79dd0100000000"
        "00000000000000000000000010000000020000000000"
        "00002e0000004800000000000000ba1c49ad2c79dd01");
    struct walk list = walk_from((struct span){m.bytes, 70});
    struct file_directory_entry e;

    memset(m.bytes, 0, 4);
    ck_assert(file_directory_entry_next(&list, FILE_FULL_DIRECTORY_INFORMATION, &e));
    ck_assert_uint_eq(e.created, 0x01dd792cad491cba);
    ck_assert_uint_eq(e.file_attributes, FILE_ATTRIBUTE_DIRECTORY);
    check_utf16(e.name, ".");
}
END_TEST

START_TEST(an_entry_that_breaks_a_rule_is_refused) /* bytes 72.. are the first entry, 72 long */
{
    static const struct breach breaches[] = {
        {"NextEntryOffset smaller than an entry", 72, "08000000"},
        {"NextEntryOffset cuts the name off", 72, "40000000"},
        {"NextEntryOffset not a multiple of 8", 72, "4c000000"},
        {"NextEntryOffset past the end", 72, "00ffffff"},
        {"NextEntryOffset just at the end", 72 + 144, "58000000"},
        {"FileNameLength past the end", 72 + 60, "feffff7f"},
        {"FileNameLength past the entry", 72 + 60, "0a000000"},
        {"FileNameLength odd", 72 + 60, "03000000"},
        {"OutputBufferLength past the end", 68, "ffffff7f"},
        {"OutputBufferOffset past the end", 66, "ffff"},
        {"OutputBufferOffset in the fixed part", 66, "4000"},
        {"StructureSize is not 9", 64, "08"},
    };
    struct message m = message_of(pkt_query_directory_reply_1);

    check_breaches_refused(decode_reply_1, message_span(&m), breaches);
}
END_TEST

START_TEST(a_short_name_that_cannot_be_is_refused)
{
    static const struct breach breaches[] = {
        {"ShortNameLength above 24", 72 + 68, "1a"},
        {"ShortNameLength odd", 72 + 68, "03"},
        {"FileNameLength past the end", 72 + 60, "14000000"},
    };
    struct message m = message_of(pkt_query_directory_reply_37);

    check_breaches_refused(decode_reply_37, message_span(&m), breaches);

    static const uint8_t name[26];
    const struct file_directory_entry entry = {.short_name = {name, sizeof name}};
    uint8_t bytes[256];
    struct wr w = wr_from(bytes, sizeof bytes);
    file_directory_entry_put(&w, FILE_ID_BOTH_DIRECTORY_INFORMATION, &entry);
    ck_assert(!wr_ok(&w));
}
END_TEST

START_TEST(an_empty_reply_has_no_entries)
{
    const struct smb2_query_directory_reply a = {0};
    struct message m;
    struct wr w = body_begin(&m);

    smb2_query_directory_reply_put(&w, &a);
    ck_assert(decode_reply_38(body_end(&m, &w)));
}
END_TEST

START_TEST(a_class_that_is_not_ours_is_refused)
{
    struct message m = message_of(pkt_query_directory_reply_1);
    const struct file_directory_entry entry = {0};
    uint8_t bytes[256];
    struct wr w = wr_from(bytes, sizeof bytes);

    ck_assert(!decode_entries(message_span(&m), 4));
    file_directory_entry_put(&w, 4, &entry);
    ck_assert(!wr_ok(&w));
}
END_TEST

int main(void)
{
    return RUN_TESTS("proto/dir", a_request_names_a_pattern, a_reply_is_not_longer_than_asked,
                     an_entry_of_class_37_has_everything,
                     lists_of_other_classes_are_read_and_written, a_list_of_class_37_goes_both_ways,
                     every_class_carries_what_it_has, names_alone_are_read, a_full_entry_is_read,
                     an_entry_that_breaks_a_rule_is_refused, a_short_name_that_cannot_be_is_refused,
                     an_empty_reply_has_no_entries, a_class_that_is_not_ours_is_refused);
}
