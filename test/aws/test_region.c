/* In which region a bucket is: what is believed and kept. */
#include "aws/region.h"

#include "test/run.h"

START_TEST(a_bucket_is_where_it_was_found)
{
    char usual[] = "eu-west-1";
    struct lsmb_s3 s3 = {.settings = {.region = usual}};

    list_init(&s3.buckets);
    ck_assert_str_eq(region_of(&s3, "b"), "eu-west-1");
    ck_assert_str_eq(region_of(&s3, NULL), "eu-west-1");
    ck_assert(region_learn(&s3, "b", "us-east-2"));
    ck_assert_str_eq(region_of(&s3, "b"), "us-east-2");
    ck_assert_str_eq(region_of(&s3, "c"), "eu-west-1");
    ck_assert(region_learn(&s3, "b", "ap-south-1"));
    ck_assert_str_eq(region_of(&s3, "b"), "ap-south-1");
    regions_forget(&s3);
    ck_assert_str_eq(region_of(&s3, "b"), "eu-west-1");
}
END_TEST

START_TEST(what_cannot_be_a_region_is_not_believed)
{
    struct lsmb_s3 s3 = {.settings = {.region = NULL}};

    list_init(&s3.buckets);
    ck_assert(!region_learn(&s3, "b", ""));
    ck_assert(!region_learn(&s3, "b", "evil.example.com/"));
    ck_assert(!region_learn(&s3, "b", "EU"));
    ck_assert(!region_learn(&s3, "b", "-x"));
    ck_assert(!region_learn(&s3, "b", "a-name-that-is-longer-than-any-region"));
    ck_assert_ptr_null(region_of(&s3, "b"));
}
END_TEST

START_TEST(the_header_says_it_or_else_the_body)
{
    struct aws_error refused = {.status = 301, .region = "eu-central-1"};
    char said[REGION_ROOM];

    region_said(said, &refused, "us-west-2");
    ck_assert_str_eq(said, "us-west-2");
    region_said(said, &refused, NULL);
    ck_assert_str_eq(said, "eu-central-1");
    region_said(said, &refused, "us west");
    ck_assert_str_eq(said, "eu-central-1");
    refused.region[0] = '\0';
    region_said(said, &refused, "");
    ck_assert_str_eq(said, "");
}
END_TEST

START_TEST(not_every_refusal_is_for_the_region)
{
    ck_assert(region_may_differ(&(struct aws_error){.status = 301, .code = "PermanentRedirect"}));
    ck_assert(region_may_differ(&(struct aws_error){.status = 307, .code = "TemporaryRedirect"}));
    ck_assert(region_may_differ(
        &(struct aws_error){.status = 400, .code = "AuthorizationHeaderMalformed"}));
    ck_assert(region_may_differ(&(struct aws_error){.status = 400, .code = "400"}));
    ck_assert(!region_may_differ(&(struct aws_error){.status = 400, .code = "InvalidArgument"}));
    ck_assert(!region_may_differ(&(struct aws_error){.status = 403, .code = "AccessDenied"}));
    ck_assert(!region_may_differ(&(struct aws_error){.status = 404, .code = "NoSuchBucket"}));
}
END_TEST

int main(void)
{
    return RUN_TESTS("aws/region", a_bucket_is_where_it_was_found,
                     what_cannot_be_a_region_is_not_believed, the_header_says_it_or_else_the_body,
                     not_every_refusal_is_for_the_region);
}
