/* test_xml.c: documents as a stream of texts. */
#include "aws/xml.h"

#include <stdio.h>
#include <string.h>

#include "test/failmalloc.h"
#include "test/run.h"

/* What came, as lines "path=text". */
struct heard {
    char lines[4096];
    size_t len;
    unsigned wanted; /* 0: all */
};

static bool hear(void *arg, const char *path, const char *text)
{
    struct heard *h = arg;
    int len = snprintf(h->lines + h->len, sizeof h->lines - h->len, "%s=%.64s\n", path, text);

    h->len += len > 0 && (size_t)len < sizeof h->lines - h->len ? (size_t)len : 0;
    return h->wanted == 0 || --h->wanted > 0;
}

static void check(const char *document, const char *lines)
{
    struct heard h = {.wanted = 0};

    ck_assert_msg(xml_read(document, strlen(document), hear, &h), "%s", document);
    ck_assert_str_eq(h.lines, lines);
}

static void refused(const char *document)
{
    struct heard h = {.wanted = 0};

    ck_assert_msg(!xml_read(document, strlen(document), hear, &h), "%s", document);
}

static const char listing[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                              "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                              "<Name>b</Name><Prefix/>\n"
                              "<Contents><Key>a b</Key><Size>1</Size></Contents>"
                              "<Contents><Key> c </Key><Size>2</Size></Contents>"
                              "</ListBucketResult>";

START_TEST(texts_come_with_their_paths)
{
    check(listing, "ListBucketResult/Name=b\n"
                   "ListBucketResult/Prefix=\n"
                   "ListBucketResult/Contents/Key=a b\n"
                   "ListBucketResult/Contents/Size=1\n"
                   "ListBucketResult/Contents=\n"
                   "ListBucketResult/Contents/Key= c \n"
                   "ListBucketResult/Contents/Size=2\n"
                   "ListBucketResult/Contents=\n"
                   "ListBucketResult=\n\n");
}
END_TEST

START_TEST(a_text_is_what_stands_beside_the_children)
{
    check("<a>1<b>2</b>3<b>4<c>5</c>6</b>7</a>", "a/b=2\na/b/c=5\na/b=46\na=137\n");
    check("<x:a xmlns:x='u'><x:b>1</x:b></x:a>", "a/b=1\na=\n");
    check("<a>&lt;&amp;&#252;&#x1F600;<![CDATA[<b>]]></a>", "a=<&\xC3\xBC\xF0\x9F\x98\x80<b>\n");
    check("<a>1\r\n2</a>", "a=1\n2\n");
    check("<a b='c'/>", "a=\n");
}
END_TEST

START_TEST(white_space_before_a_document_is_overlooked) /* S3 keeps a connection alive by it */
{
    check(" \n\t\r\n<?xml version='1.0'?><a/>", "a=\n");
    refused(" \n");
    refused("");
}
END_TEST

START_TEST(nothing_is_declared_or_expanded)
{
    refused("<!DOCTYPE a><a/>");
    refused("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>");
    refused("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>");
    refused("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>");
    refused("<!DOCTYPE a [<!ENTITY x 'xx'><!ENTITY y '&x;&x;'><!ENTITY z '&y;&y;'>]><a>&z;</a>");
    refused("<a>&x;</a>");
}
END_TEST

START_TEST(each_proper_prefix_of_a_document_is_refused)
{
    struct heard h;

    for (size_t len = 0; len < sizeof listing - 1; len++) {
        h = (struct heard){.wanted = 0};
        ck_assert(!xml_read(listing, len, hear, &h));
    }
    refused("<a></b>");
    refused("<a/><b/>");
    refused("text");
    refused("{}");
    refused("<a>\x01</a>");
    refused("<a>\xFF</a>");
}
END_TEST

START_TEST(who_has_enough_is_asked_no_more)
{
    struct heard h = {.wanted = 2};

    ck_assert(xml_read(listing, sizeof listing - 1, hear, &h));
    ck_assert_str_eq(h.lines, "ListBucketResult/Name=b\nListBucketResult/Prefix=\n");
    h = (struct heard){.wanted = 1};
    ck_assert(xml_read("<a><b/><", 8, hear, &h)); /* what comes after it is not looked at */
    ck_assert_str_eq(h.lines, "a/b=\n");
}
END_TEST

/* `count` times `each`, between two others. */
static char *repeat(const char *head, const char *each, size_t count, const char *tail)
{
    size_t len = strlen(each);
    char *text = malloc(strlen(head) + len * count + strlen(tail) + 1), *at = text;

    ck_assert_ptr_nonnull(text);
    at = stpcpy(at, head);
    for (size_t i = 0; i < count; i++) {
        at = stpcpy(at, each);
    }
    (void)stpcpy(at, tail);
    return text;
}

static bool is_read(const char *head, const char *each, size_t count, const char *tail)
{
    char *text = repeat(head, each, count, tail);
    struct heard h = {.wanted = 0};
    bool good = xml_read(text, strlen(text), hear, &h);

    free(text);
    return good;
}

START_TEST(everything_has_a_limit)
{
    char *sixteen = repeat("", "<a>", 16, "</a></a></a></a></a></a></a></a>");
    char *seventeen = repeat("", "<a>", 17, "</a></a></a></a></a></a></a></a></a>");

    ck_assert(is_read(sixteen, "</a>", 8, ""));
    ck_assert(!is_read(seventeen, "</a>", 8, ""));
    free(sixteen);
    free(seventeen);
    ck_assert(is_read("<", "n", 254, "/>"));
    ck_assert(!is_read("<", "n", 255, "/>"));
    ck_assert(!is_read("<n><", "n", 254, "/></n>"));
    ck_assert(is_read("<a>", "t", 64 << 10, "</a>"));
    ck_assert(!is_read("<a>", "t", (64 << 10) + 1, "</a>"));
    ck_assert(!is_read("<a>", "<b>1", 15, "")); /* unended */
    ck_assert(is_read("<a>", "<b>12345</b>", 100000, "</a>"));
    ck_assert(is_read("<a>", "<b/>", (1 << 20) - 2, "</a>"));
    ck_assert(!is_read("<a>", "<b/>", (1 << 20) - 1, "</a>"));
}
END_TEST

START_TEST(without_memory_nothing_is_read)
{
    bool failed = true;

    for (unsigned skip = 0; failed; skip++) {
        struct heard h = {.wanted = 0};

        fail_malloc(skip, false);
        bool good = xml_read(listing, sizeof listing - 1, hear, &h);
        failed = fail_malloc_off();
        ck_assert_int_eq(good, !failed);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("aws/xml", texts_come_with_their_paths,
                     a_text_is_what_stands_beside_the_children,
                     white_space_before_a_document_is_overlooked, nothing_is_declared_or_expanded,
                     each_proper_prefix_of_a_document_is_refused, who_has_enough_is_asked_no_more,
                     everything_has_a_limit, without_memory_nothing_is_read);
}
