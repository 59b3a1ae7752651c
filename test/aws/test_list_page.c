/* Answers to ListObjectsV2. */
#include "aws/list_page.h"
#include "test/failmalloc.h"
#include "test/run.h"

#include <string.h>

#define ROOT(inside)                                                                               \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"                                                 \
    "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" inside                  \
    "</ListBucketResult>"
#define OBJECT(key, size)                                                                          \
    "<Contents><Key>" key "</Key><LastModified>2009-10-12T17:50:30.000Z</LastModified>"            \
    "<ETag>&quot;fba9&quot;</ETag><Size>" size "</Size><StorageClass>STANDARD</StorageClass>"      \
    "</Contents>"
#define FOLDER(prefix) "<CommonPrefixes><Prefix>" prefix "</Prefix></CommonPrefixes>"

static struct list_page page;

static enum lsmb_code read_page(const char *xml)
{
    return list_page_read(&page, xml, strlen(xml));
}

static const char *key(size_t i)
{
    ck_assert_uint_lt(i, page.count);
    return list_page_key(&page, &page.entries[i]);
}

START_TEST(objects_and_folders_are_read)
{
    ck_assert_int_eq(
        read_page(ROOT("<Name>b</Name><Prefix>p/</Prefix><KeyCount>2</KeyCount>"
                       "<MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>" OBJECT(
                           "p/a &amp; b", "434234") FOLDER("p/photos/"))),
        LSMB_OK);
    ck_assert_uint_eq(page.count, 2);
    ck_assert_str_eq(key(0), "p/a & b");
    ck_assert_uint_eq(page.entries[0].bytes, 434234);
    ck_assert_int_eq(page.entries[0].written, 1255369830000000000);
    ck_assert(!page.entries[0].folder);
    ck_assert_str_eq(key(1), "p/photos/");
    ck_assert(page.entries[1].folder);
    ck_assert(!page.more);
    list_page_free(&page);
}
END_TEST

START_TEST(there_may_be_more)
{
    ck_assert_int_eq(
        read_page(ROOT("<NextContinuationToken>1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4v"
                       "bOwM=</NextContinuationToken><IsTruncated>true</IsTruncated>")),
        LSMB_OK);
    ck_assert(page.more);
    ck_assert_str_eq(page.token, "1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=");
    ck_assert_uint_eq(page.count, 0);
    list_page_free(&page);
}
END_TEST

/* What comes first need not be how it is written. */
START_TEST(keys_are_decoded_where_they_are_encoded)
{
    ck_assert_int_eq(read_page(ROOT(OBJECT("a+b%2Bc%25/%C3%BC%0a%f0%9f%98%80", "1")
                                        OBJECT("50%", "2") OBJECT("%zz%4", "3")
                                            FOLDER("x%20y/") "<EncodingType>url</EncodingType>")),
                     LSMB_OK);
    ck_assert_str_eq(key(0), "a b+c%/ü\n\U0001F600");
    ck_assert_str_eq(key(1), "50%");
    ck_assert_str_eq(key(2), "%zz%4");
    ck_assert_str_eq(key(3), "x y/");
    list_page_free(&page);
    ck_assert_int_eq(read_page(ROOT(OBJECT("a+b%2Bc", "1"))), LSMB_OK);
    ck_assert_str_eq(key(0), "a+b%2Bc");
    list_page_free(&page);
}
END_TEST

START_TEST(a_key_may_have_a_zero_in_it)
{
    ck_assert_int_eq(read_page(ROOT("<EncodingType>url</EncodingType>" OBJECT("a%00b", "1"))),
                     LSMB_OK);
    ck_assert_uint_eq(page.entries[0].len, 3);
    ck_assert_mem_eq(key(0), "a\0b", 4);
    list_page_free(&page);
}
END_TEST

START_TEST(what_is_no_list_is_refused)
{
    static const char *const odd[] = {
        "",
        "no XML",
        "<html><body>Not here</body></html>",
        "<Error><Code>SlowDown</Code></Error>",
        ROOT("<Contents><Size>1</Size></Contents>"),
        ROOT("<Contents><Key>a</Key></Contents>"),
        ROOT(OBJECT("a", "") "<"),
        ROOT(OBJECT("a", "x")),
        ROOT(OBJECT("a", "-1")),
        ROOT(OBJECT("a", "9223372036854775808")),
        ROOT("<CommonPrefixes></CommonPrefixes>"),
    };

    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        ck_assert_msg(read_page(odd[i]) == LSMB_E_PROTOCOL, "%s", odd[i]);
        list_page_free(&page);
    }
}
END_TEST

START_TEST(each_proper_prefix_of_a_list_is_refused)
{
    static const char whole[] = ROOT(OBJECT("a", "1") FOLDER("b/"));

    for (size_t len = 0; len < sizeof whole - 1; len++) {
        ck_assert_int_eq(list_page_read(&page, whole, len), LSMB_E_PROTOCOL);
        list_page_free(&page);
    }
    ck_assert_int_eq(read_page(whole), LSMB_OK);
    list_page_free(&page);
}
END_TEST

START_TEST(memory_may_run_out_anywhere)
{
    static const char whole[] =
        ROOT("<NextContinuationToken>t</NextContinuationToken>" OBJECT("a", "1") FOLDER("b/"));
    bool failed = true;

    for (unsigned skip = 0; failed; skip++) {
        fail_malloc(skip, false);
        enum lsmb_code code = read_page(whole);
        failed = fail_malloc_off();
        ck_assert((code == LSMB_OK) == !failed);
        list_page_free(&page);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("aws/list_page", objects_and_folders_are_read, there_may_be_more,
                     keys_are_decoded_where_they_are_encoded, a_key_may_have_a_zero_in_it,
                     what_is_no_list_is_refused, each_proper_prefix_of_a_list_is_refused,
                     memory_may_run_out_anywhere);
}
