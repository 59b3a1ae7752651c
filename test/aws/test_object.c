/* What answers say of objects: places, times and checksums. */
#include "aws/object.h"
#include "test/aws/calls_script.h"

#include "base/clock.h"

START_TEST(a_place_is_read)
{
    uint64_t begin, end, bytes;

    ck_assert(object_range_get("bytes 0-0/1", &begin, &end, &bytes));
    ck_assert_uint_eq(begin, 0);
    ck_assert_uint_eq(end, 1);
    ck_assert_uint_eq(bytes, 1);
    ck_assert(object_range_get("Bytes 100-199/53687091200000", &begin, &end, &bytes));
    ck_assert_uint_eq(begin, 100);
    ck_assert_uint_eq(end, 200);
    ck_assert_uint_eq(bytes, 53687091200000);
}
END_TEST

/* RFC 9110 14.4. */
START_TEST(a_place_that_makes_no_sense_is_refused)
{
    static const char *const odd[] = {
        "",
        "bytes",
        "bytes ",
        "bytes */100",
        "bytes 0-99/*",
        "bytes 5-4/100",
        "bytes 0-100/100",
        "bytes 0-1/100 ",
        "bytes -1/100",
        "items 0-1/100",
        "bytes 0-18446744073709551615/18446744073709551615",
        "bytes 0-1/18446744073709551616",
        "bytes 0-1/9223372036854775808",
    };
    uint64_t begin, end, bytes;

    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        ck_assert_msg(!object_range_get(odd[i], &begin, &end, &bytes), "%s", odd[i]);
    }
}
END_TEST

START_TEST(each_proper_prefix_of_a_place_is_refused)
{
    static const char whole[] = "bytes 0-9/2";
    char text[sizeof whole];
    uint64_t begin, end, bytes;

    for (size_t len = 0; len < sizeof whole - 1; len++) {
        memcpy(text, whole, len);
        text[len] = '\0';
        ck_assert(!object_range_get(text, &begin, &end, &bytes));
    }
    ck_assert(!object_range_get(whole, &begin, &end, &bytes)); /* it ends before it begins */
}
END_TEST

/* As rclone writes it. */
START_TEST(a_time_of_writing_has_a_fraction)
{
    int64_t ns;

    ck_assert(object_mtime_get("1354040105.123456700", &ns));
    ck_assert_int_eq(ns, 1354040105123456700);
    ck_assert(object_mtime_get("0", &ns));
    ck_assert_int_eq(ns, 0);
    ck_assert(object_mtime_get("-1.5", &ns));
    ck_assert_int_eq(ns, -1500000000);
    ck_assert(object_mtime_get("1.0000000019", &ns));
    ck_assert_int_eq(ns, 1000000001);
}
END_TEST

START_TEST(what_is_no_time_is_overlooked)
{
    static const char *const odd[] = {"",    "-",    "x",          "1.",
                                      ".5",  "1e9",  "1 ",         "1,5",
                                      "--1", "1.5x", "9223372036", "99999999999999999999999"};
    int64_t ns;

    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        ck_assert_msg(!object_mtime_get(odd[i], &ns), "%s", odd[i]);
    }
}
END_TEST

/* ---------------------------------------------------------------- heads */

struct said {
    const char *name, *value;
};

static bool head_of(struct object_head *head, unsigned status, const struct said *said,
                    size_t count)
{
    struct call call = {.attempt = calloc(1, sizeof *call.attempt)};

    ck_assert_ptr_nonnull(call.attempt);
    call.attempt->status = status;
    for (size_t i = 0; i < count; i++) {
        scripted_say(&call, said[i].name, said[i].value);
    }
    bool ok = object_head_get(head, &call);
    call_free(&call);
    return ok;
}

START_TEST(an_answer_must_say_how_much_there_is)
{
    static const struct said lengths[] = {{"Content-Length", "12x"},
                                          {"Content-Length", "-1"},
                                          {"Content-Length", ""},
                                          {"Content-Length", "9223372036854775808"}};
    static const struct said length = {"Content-Length", "12"};
    struct object_head head;

    ck_assert(!head_of(&head, 200, NULL, 0));
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        ck_assert(!head_of(&head, 200, &lengths[i], 1));
    }
    ck_assert(!head_of(&head, 206, &length, 1)); /* where is it? */
    ck_assert(head_of(&head, 200, &length, 1));
    ck_assert_uint_eq(head.bytes, 12);
    ck_assert_uint_eq(head.begin, 0);
    ck_assert_uint_eq(head.end, 12);
    ck_assert_int_eq(head.written, 0);
}
END_TEST

START_TEST(what_its_writer_said_is_when_it_was_written)
{
    static const struct said both[] = {{"Content-Length", "12"},
                                       {"Last-Modified", "Wed, 12 Oct 2009 17:50:00 GMT"},
                                       {"x-amz-meta-mtime", "1000.25"}};
    static const struct said odd[] = {{"Content-Length", "12"},
                                      {"Last-Modified", "Wed, 12 Oct 2009 17:50:00 GMT"},
                                      {"x-amz-meta-mtime", "2009-10-12"}};
    struct object_head head;

    ck_assert(head_of(&head, 200, both, 3));
    ck_assert_int_eq(head.written, 1000250000000);
    ck_assert(head_of(&head, 200, odd, 3));
    ck_assert_int_eq(head.written, 1255369800 * (int64_t)NS_PER_S);
}
END_TEST

/* Source: Amazon S3 User Guide, "Checking object integrity"; values of "123456789". */
START_TEST(a_checksum_of_the_whole_is_taken)
{
    static const struct said crc32[] = {{"Content-Length", "9"},
                                        {"x-amz-checksum-crc32", "y/Q5Jg=="}};
    static const struct said crc32c[] = {{"Content-Length", "9"},
                                         {"x-amz-checksum-type", "FULL_OBJECT"},
                                         {"x-amz-checksum-crc32c", "4waSgw=="}};
    static const struct said nvme[] = {{"Content-Length", "9"},
                                       {"x-amz-checksum-crc64nvme", "rosUhgp5mIg="}};
    struct object_head head;

    ck_assert(head_of(&head, 200, crc32, 2));
    ck_assert_int_eq(head.kind, CRC_32);
    ck_assert_uint_eq(head.crc, 0xCBF43926);
    ck_assert(head_of(&head, 200, crc32c, 3));
    ck_assert_int_eq(head.kind, CRC_32C);
    ck_assert_uint_eq(head.crc, 0xE3069283);
    ck_assert(head_of(&head, 200, nvme, 2));
    ck_assert_int_eq(head.kind, CRC_64NVME);
    ck_assert_uint_eq(head.crc, 0xAE8B14860A799888);
}
END_TEST

START_TEST(one_of_parts_or_of_a_part_is_not)
{
    static const struct said parts[] = {{"Content-Length", "9"},
                                        {"x-amz-checksum-crc32", "y/Q5Jg==-2"}};
    static const struct said typed[] = {{"Content-Length", "9"},
                                        {"x-amz-checksum-type", "COMPOSITE"},
                                        {"x-amz-checksum-crc32", "y/Q5Jg=="}};
    static const struct said part[] = {{"Content-Range", "bytes 0-8/20"},
                                       {"x-amz-checksum-crc32", "y/Q5Jg=="}};
    static const struct said odd[] = {{"Content-Length", "9"}, {"x-amz-checksum-crc32", "y/Q5"}};
    struct object_head head;

    ck_assert(head_of(&head, 200, parts, 2));
    ck_assert_int_eq(head.kind, CRC_NONE);
    ck_assert(head.of_parts);
    ck_assert(head_of(&head, 200, typed, 3));
    ck_assert_int_eq(head.kind, CRC_NONE);
    ck_assert(head.of_parts);
    ck_assert(head_of(&head, 206, part, 2));
    ck_assert_int_eq(head.kind, CRC_NONE);
    ck_assert(!head.of_parts && head.part);
    ck_assert(head_of(&head, 200, odd, 2));
    ck_assert(!head.part);
    ck_assert_int_eq(head.kind, CRC_NONE);
}
END_TEST

START_TEST(a_part_may_come_with_that_of_the_whole_if_it_says_so)
{
    static const struct said said[] = {{"Content-Range", "bytes 0-8/20"},
                                       {"x-amz-checksum-type", "FULL_OBJECT"},
                                       {"x-amz-checksum-crc32", "y/Q5Jg=="}};
    struct object_head head;

    ck_assert(head_of(&head, 206, said, 3));
    ck_assert_int_eq(head.kind, CRC_32);
    ck_assert_uint_eq(head.bytes, 20);
    ck_assert_uint_eq(head.end, 9);
}
END_TEST

START_TEST(errors_name_the_object)
{
    char *name = object_name("bucket", "a/b c");

    ck_assert_str_eq(name, "s3://bucket/a/b c");
    free(name);
}
END_TEST

int main(void)
{
    return RUN_TESTS("aws/object", a_place_is_read, a_place_that_makes_no_sense_is_refused,
                     each_proper_prefix_of_a_place_is_refused, a_time_of_writing_has_a_fraction,
                     what_is_no_time_is_overlooked, an_answer_must_say_how_much_there_is,
                     what_its_writer_said_is_when_it_was_written, a_checksum_of_the_whole_is_taken,
                     one_of_parts_or_of_a_part_is_not,
                     a_part_may_come_with_that_of_the_whole_if_it_says_so, errors_name_the_object);
}
