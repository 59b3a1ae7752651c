/* test_crc.c: the checksums that S3 keeps. */
#include "aws/crc.h"

#include <string.h>
#include <zlib.h>

#include "test/run.h"

static const enum crc_kind kinds[] = {CRC_32, CRC_32C, CRC_64NVME};

static uint64_t crc_of(enum crc_kind kind, const char *text)
{
    return crc_add(kind, 0, (const uint8_t *)text, strlen(text));
}

/* Bytes that repeat late. */
static void fill(uint8_t *data, size_t len)
{
    uint32_t v = 1;

    for (size_t i = 0; i < len; i++) {
        v = v * 1664525 + 1013904223;
        data[i] = (uint8_t)(v >> 24);
    }
}

/* Bit by bit, as the definitions go. */
static uint64_t slowly(enum crc_kind kind, const uint8_t *data, size_t len)
{
    uint64_t poly = kind == CRC_32    ? UINT64_C(0xEDB88320)
                    : kind == CRC_32C ? UINT64_C(0x82F63B78)
                                      : UINT64_C(0x9A6C9329AC4BC9B5);
    uint64_t ones = kind == CRC_64NVME ? UINT64_MAX : UINT32_MAX, crc = ones;

    for (size_t i = 0; i < len; i++) {
        crc ^= data[i];
        for (unsigned bit = 0; bit < 8; bit++) {
            crc = crc & 1 ? crc >> 1 ^ poly : crc >> 1;
        }
    }
    return crc ^ ones;
}

/* source: the check values of "123456789" in the Catalogue of parametrised CRC algorithms (CRC-32/ISO-HDLC,
 * CRC-32/ISCSI, CRC-64/NVME); RFC 3720 B.4 */
START_TEST(check_values_are_met)
{
    uint8_t zeros[32] = {0};

    ck_assert_uint_eq(crc_of(CRC_32, "123456789"), 0xCBF43926);
    ck_assert_uint_eq(crc_of(CRC_32C, "123456789"), 0xE3069283);
    ck_assert_uint_eq(crc_of(CRC_64NVME, "123456789"), UINT64_C(0xAE8B14860A799888));
    ck_assert_uint_eq(crc_add(CRC_32C, 0, zeros, sizeof zeros), 0x8A9136AA);
    for (unsigned i = 0; i < 3; i++) {
        ck_assert_uint_eq(crc_of(kinds[i], ""), 0);
    }
    ck_assert_uint_eq(crc_of(CRC_NONE, "123456789"), 0);
}
END_TEST

START_TEST(every_length_and_alignment_gives_the_same)
{
    uint8_t data[300];

    fill(data, sizeof data);
    for (unsigned i = 0; i < 3; i++) {
        for (size_t from = 0; from < 9; from++) {
            for (size_t len = 0; len <= sizeof data - from; len++) {
                uint64_t want = slowly(kinds[i], data + from, len);
                ck_assert_uint_eq(crc_add(kinds[i], 0, data + from, len), want);
                ck_assert_uint_eq(crc_add_portably(kinds[i], 0, data + from, len), want);
            }
        }
    }
}
END_TEST

START_TEST(a_crc_goes_on_where_it_ended)
{
    uint8_t data[400];

    fill(data, sizeof data);
    for (unsigned i = 0; i < 3; i++) {
        uint64_t whole = crc_add(kinds[i], 0, data, sizeof data);
        for (size_t cut = 0; cut <= sizeof data; cut++) {
            uint64_t crc = crc_add(kinds[i], 0, data, cut);
            ck_assert_uint_eq(crc_add(kinds[i], crc, data + cut, sizeof data - cut), whole);
        }
    }
}
END_TEST

START_TEST(those_of_parts_become_that_of_the_whole)
{
    static uint8_t data[70000];
    static const size_t cuts[] = {0, 1, 7, 8, 4096, 65537, sizeof data - 1, sizeof data};

    fill(data, sizeof data);
    for (unsigned i = 0; i < 3; i++) {
        uint64_t whole = crc_add(kinds[i], 0, data, sizeof data);
        for (size_t c = 0; c < sizeof cuts / sizeof cuts[0]; c++) {
            uint64_t a = crc_add(kinds[i], 0, data, cuts[c]);
            uint64_t b = crc_add(kinds[i], 0, data + cuts[c], sizeof data - cuts[c]);
            ck_assert_uint_eq(crc_combine(kinds[i], a, b, sizeof data - cuts[c]), whole);
        }
    }
}
END_TEST

/* source: zlib's crc32_combine() */
START_TEST(parts_may_be_longer_than_memory)
{
    static const int64_t lengths[] = {1, 5 << 20, INT64_C(5) << 30, (INT64_C(48) << 40) + 12345};

    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        ck_assert_uint_eq(crc_combine(CRC_32, 0x12345678, 0x9ABCDEF0, (uint64_t)lengths[i]),
                          crc32_combine(0x12345678, 0x9ABCDEF0, lengths[i]));
    }
}
END_TEST

/* source: Amazon S3 API Reference, "Signature Calculations: trailing headers" (65,536 and 1,024 times 'a') */
START_TEST(headers_have_base64_of_the_number)
{
    static uint8_t as[66560];
    char text[CRC_TEXT_ROOM];

    memset(as, 'a', sizeof as);
    crc_text(CRC_32C, crc_add(CRC_32C, 0, as, sizeof as), text);
    ck_assert_str_eq(text, "sOO8/Q==");
    crc_text(CRC_32, 0xCBF43926, text);
    ck_assert_str_eq(text, "y/Q5Jg==");
    crc_text(CRC_64NVME, UINT64_C(0xAE8B14860A799888), text);
    ck_assert_str_eq(text, "rosUhgp5mIg=");
    ck_assert_str_eq(crc_header(CRC_32), "x-amz-checksum-crc32");
    ck_assert_str_eq(crc_header(CRC_32C), "x-amz-checksum-crc32c");
    ck_assert_str_eq(crc_header(CRC_64NVME), "x-amz-checksum-crc64nvme");
    ck_assert_ptr_null(crc_header(CRC_NONE));
}
END_TEST

START_TEST(what_headers_have_is_read)
{
    static const char *const wrong[] = {
        "",         "y/Q5Jg",   "y/Q5Jg=",  "y/Q5Jg===", "y/Q5Jg==-7",
        "y/Q5Jh==", " /Q5Jg==", "y/Q5J===", "y-Q5Jg==",  "rosUhgp5mIg="};
    uint64_t crc = 1;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        ck_assert_msg(!crc_parse(CRC_32, wrong[i], &crc), "%s", wrong[i]);
    }
    ck_assert(!crc_parse(CRC_64NVME, "y/Q5Jg==", &crc));
    ck_assert(!crc_parse(CRC_64NVME, "rosUhgp5mIh=", &crc));
    ck_assert(!crc_parse(CRC_NONE, "", &crc));
    ck_assert(crc_parse(CRC_32, "y/Q5Jg==", &crc));
    ck_assert_uint_eq(crc, 0xCBF43926);
    ck_assert(crc_parse(CRC_64NVME, "rosUhgp5mIg=", &crc));
    ck_assert_uint_eq(crc, UINT64_C(0xAE8B14860A799888));
}
END_TEST

int main(void)
{
    return RUN_TESTS("aws/crc", check_values_are_met, every_length_and_alignment_gives_the_same,
                     a_crc_goes_on_where_it_ended, those_of_parts_become_that_of_the_whole,
                     parts_may_be_longer_than_memory, headers_have_base64_of_the_number,
                     what_headers_have_is_read);
}
