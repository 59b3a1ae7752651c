/* test_volume.c: what QUERY_INFO says about a file system (MS-FSCC 2.5). */
#include "proto/volume.h"

#include "test/proto/message.h"
#include "test/run.h"

static uint8_t room[128];

static struct wr fresh(void)
{
    memset(room, 0xee, sizeof room);
    return wr_from(room, sizeof room);
}

static bool decode_volume(struct span data)
{
    struct fs_volume_information info;

    return fs_volume_information_get(&info, data, false);
}

/* Samba: QUERY_INFO, FileFsVolumeInformation; and the same with STATUS_BUFFER_OVERFLOW */
START_TEST(a_label_may_lose_its_end)
{
    struct message m = message_of("8286f6b12c79dd013d3ca2cd0a000000000073006800610072006500");
    struct fs_volume_information info;
    struct wr w = fresh();

    ck_assert(fs_volume_information_get(&info, message_span(&m), false));
    ck_assert_uint_eq(info.created, 0x01dd792cb1f68682);
    ck_assert_uint_eq(info.serial_number, 0xcda23c3d);
    ck_assert(!info.supports_objects);
    check_utf16(info.label, "share");
    fs_volume_information_put(&w, &info);
    ck_assert(span_equal(wr_written(&w), message_span(&m)));
    check_prefixes_refused(decode_volume, message_span(&m));
    m = message_of("8286f6b12c79dd013d3ca2cd0a0000000000730068006100");
    ck_assert(!decode_volume(message_span(&m)));
    ck_assert(fs_volume_information_get(&info, message_span(&m), true));
    check_utf16(info.label, "sha");
}
END_TEST

static bool decode_size(struct span data)
{
    struct fs_size_information info;

    return fs_size_information_get(&info, data);
}

/* Samba: QUERY_INFO, FileFsSizeInformation */
START_TEST(sizes_are_read_and_written)
{
    struct message m = message_of("748ebf0f00000000705fc204000000000200000000020000");
    struct fs_size_information info;
    struct wr w = fresh();

    ck_assert(fs_size_information_get(&info, message_span(&m)));
    ck_assert_uint_eq(info.total_units, 0x0fbf8e74);
    ck_assert_uint_eq(info.available_units, 0x04c25f70);
    ck_assert_uint_eq(info.sectors_per_unit, 2);
    ck_assert_uint_eq(info.bytes_per_sector, 512);
    fs_size_information_put(&w, &info);
    ck_assert(span_equal(wr_written(&w), message_span(&m)));
    check_prefixes_refused(decode_size, message_span(&m));
}
END_TEST

static bool decode_full_size(struct span data)
{
    struct fs_full_size_information info;

    return fs_full_size_information_get(&info, data);
}

START_TEST(full_sizes_go_both_ways)
{
    const struct fs_full_size_information want = {1, 2, 3, 4, 5};
    struct fs_full_size_information got;
    struct wr w = fresh();

    fs_full_size_information_put(&w, &want);
    ck_assert_uint_eq(wr_written(&w).len, 32);
    ck_assert(fs_full_size_information_get(&got, wr_written(&w)));
    ck_assert_mem_eq(&got, &want, sizeof got);
    check_prefixes_refused(decode_full_size, wr_written(&w));
}
END_TEST

static bool decode_device(struct span data)
{
    struct fs_device_information info;

    return fs_device_information_get(&info, data);
}

START_TEST(a_device_goes_both_ways)
{
    struct fs_device_information info = {7, 0x20};
    struct wr w = fresh();

    fs_device_information_put(&w, &info);
    check_span(wr_written(&w), "0700000020000000");
    check_prefixes_refused(decode_device, wr_written(&w));
    ck_assert(fs_device_information_get(&info, wr_written(&w)));
    ck_assert(info.device_type == 7 && info.characteristics == 0x20);
}
END_TEST

static bool decode_attribute(struct span data)
{
    struct fs_attribute_information info;

    return fs_attribute_information_get(&info, data, false);
}

/* Samba: QUERY_INFO, FileFsAttributeInformation, STATUS_BUFFER_OVERFLOW */
START_TEST(attributes_may_lose_the_end_of_the_name)
{
    struct message m = message_of("6f000500ff000000080000004e005400");
    struct fs_attribute_information info;
    struct wr w = fresh();

    ck_assert(!fs_attribute_information_get(&info, message_span(&m), false));
    ck_assert(fs_attribute_information_get(&info, message_span(&m), true));
    ck_assert_uint_eq(info.attributes, 0x5006f);
    ck_assert(info.attributes & FILE_NAMED_STREAMS);
    ck_assert_uint_eq(info.maximum_component_name_length, 255);
    check_utf16(info.file_system_name, "NT");
    fs_attribute_information_put(&w, &info);
    check_span(wr_written(&w), "6f000500ff000000040000004e005400");
    check_prefixes_refused(decode_attribute, wr_written(&w));
}
END_TEST

static bool decode_object_id(struct span data)
{
    struct fs_object_id_information info;

    return fs_object_id_information_get(&info, data);
}

START_TEST(an_object_id_goes_both_ways)
{
    struct fs_object_id_information want = {.object_id = {1, [15] = 2},
                                            .extended_info = {[47] = 3}};
    struct fs_object_id_information got;
    struct wr w = fresh();

    fs_object_id_information_put(&w, &want);
    ck_assert_uint_eq(wr_written(&w).len, 64);
    ck_assert(fs_object_id_information_get(&got, wr_written(&w)));
    ck_assert_mem_eq(&got, &want, sizeof got);
    check_prefixes_refused(decode_object_id, wr_written(&w));
}
END_TEST

static bool decode_sector_size(struct span data)
{
    struct fs_sector_size_information info;

    return fs_sector_size_information_get(&info, data);
}

/* Samba: QUERY_INFO, FileFsSectorSizeInformation */
START_TEST(sector_sizes_are_read_and_written)
{
    struct message m = message_of("00020000000200000002000000020000030000000000000000000000");
    struct fs_sector_size_information info;
    struct wr w = fresh();

    ck_assert(fs_sector_size_information_get(&info, message_span(&m)));
    ck_assert_uint_eq(info.logical, 512);
    ck_assert_uint_eq(info.effective_physical_for_atomicity, 512);
    ck_assert_uint_eq(info.flags, 3);
    fs_sector_size_information_put(&w, &info);
    ck_assert(span_equal(wr_written(&w), message_span(&m)));
    check_prefixes_refused(decode_sector_size, message_span(&m));
}
END_TEST

int main(void)
{
    return RUN_TESTS("proto/volume", a_label_may_lose_its_end, sizes_are_read_and_written,
                     full_sizes_go_both_ways, a_device_goes_both_ways,
                     attributes_may_lose_the_end_of_the_name, an_object_id_goes_both_ways,
                     sector_sizes_are_read_and_written);
}
