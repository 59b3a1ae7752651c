/* sigv4_samples.h: requests and how they are signed, as others have it.
 *
 * "aws-c-auth": awslabs/aws-c-auth, tests/aws-signing-test-suite/v4 (commit 495329c, Apache-2.0).  "aws-s3-docs": worked
 * examples of the Amazon S3 API Reference, "Authenticating Requests: Using the Authorization Header" and "Signature
 * Calculations for the Authorization Header".  "botocore": computed with botocore 1.43.11, S3SigV4Auth and SigV4Auth. */
#ifndef LSMB_TEST_AWS_SIGV4_SAMPLES_H
#define LSMB_TEST_AWS_SIGV4_SAMPLES_H

#include "aws/sigv4.h"

enum { SAMPLE_PAIRS = 8 };

struct sigv4_sample {
    const char *suite, *name;
    const char *access_key, *secret_key, *region, *service, *date;
    bool normalize;                    /* every service but S3 */
    const char *method, *path;         /* as it is sent; of the suite's with `normalize`, plain */
    struct pair query[SAMPLE_PAIRS];   /* plain */
    struct pair headers[SAMPLE_PAIRS]; /* that are signed */
    const char *payload_hash;          /* NULL: of `body` */
    const char *body;
    const char *canonical, *signature;
};

static const struct sigv4_sample sigv4_samples[] = {
    {
        .suite = "aws-c-auth",
        .name = "get-vanilla",
        .access_key = "AKIDEXAMPLE",
        .secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        .region = "us-east-1",
        .service = "service",
        .date = "20150830T123600Z",
        .normalize = true,
        .method = "GET",
        .path = "/",
        .headers = {{"Host", "example.amazonaws.com"}, {"X-Amz-Date", "20150830T123600Z"}},
        .body = "",
        .canonical = "GET\n"
                     "/\n"
                     "\n"
                     "host:example.amazonaws.com\n"
                     "x-amz-date:20150830T123600Z\n"
                     "\n"
                     "host;x-amz-date\n"
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .signature = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    },
    {
        .suite = "aws-c-auth",
        .name = "get-vanilla-query-order-encoded",
        .access_key = "AKIDEXAMPLE",
        .secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        .region = "us-east-1",
        .service = "service",
        .date = "20150830T123600Z",
        .normalize = true,
        .method = "GET",
        .path = "/",
        .query = {{"Param-3", "Value3"}, {"Param", "Value2"}, {"\341\210\264", "Value1"}},
        .headers = {{"Host", "example.amazonaws.com"}, {"X-Amz-Date", "20150830T123600Z"}},
        .body = "",
        .canonical = "GET\n"
                     "/\n"
                     "%E1%88%B4=Value1&Param=Value2&Param-3=Value3\n"
                     "host:example.amazonaws.com\n"
                     "x-amz-date:20150830T123600Z\n"
                     "\n"
                     "host;x-amz-date\n"
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .signature = "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac",
    },
    {
        .suite = "aws-c-auth",
        .name = "get-vanilla-empty-query-key",
        .access_key = "AKIDEXAMPLE",
        .secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        .region = "us-east-1",
        .service = "service",
        .date = "20150830T123600Z",
        .normalize = true,
        .method = "GET",
        .path = "/",
        .query = {{"Param1", "value1"}},
        .headers = {{"Host", "example.amazonaws.com"}, {"X-Amz-Date", "20150830T123600Z"}},
        .body = "",
        .canonical = "GET\n"
                     "/\n"
                     "Param1=value1\n"
                     "host:example.amazonaws.com\n"
                     "x-amz-date:20150830T123600Z\n"
                     "\n"
                     "host;x-amz-date\n"
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .signature = "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb",
    },
    {
        .suite = "aws-c-auth",
        .name = "get-vanilla-utf8-query",
        .access_key = "AKIDEXAMPLE",
        .secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        .region = "us-east-1",
        .service = "service",
        .date = "20150830T123600Z",
        .normalize = true,
        .method = "GET",
        .path = "/",
        .query = {{"\341\210\264", "bar"}},
        .headers = {{"Host", "example.amazonaws.com"}, {"X-Amz-Date", "20150830T123600Z"}},
        .body = "",
        .canonical = "GET\n"
                     "/\n"
                     "%E1%88%B4=bar\n"
                     "host:example.amazonaws.com\n"
                     "x-amz-date:20150830T123600Z\n"
                     "\n"
                     "host;x-amz-date\n"
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .signature = "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04",
    },
    {
        .suite = "aws-c-auth",
        .name = "get-vanilla-with-session-token",
        .access_key = "AKIDEXAMPLE",
        .secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        .region = "us-east-1",
        .service = "service",
        .date = "20150830T123600Z",
        .normalize = true,
        .method = "GET",
        .path = "/",
        .headers = {{"Host", "example.amazonaws.com"},
                    {"X-Amz-Date", "20150830T123600Z"},
                    {"X-Amz-Security-Token",
                     "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267"}},
        .body = "",
        .canonical = "GET\n"
                     "/\n"
                     "\n"
                     "host:example.amazonaws.com\n"
                     "x-amz-date:20150830T123600Z\n"
                     "x-amz-security-token:"
                     "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267\n"
                     "\n"
                     "host;x-amz-date;x-amz-security-token\n"
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .signature = "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8",
    },
    {
        .suite = "aws-c-auth",
        .name = "post-sts-header-after",
        .access_key = "AKIDEXAMPLE",
        .secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        .region = "us-east-1",
        .service = "service",
        .date = "20150830T123600Z",
        .normalize = true,
        .method = "POST",
        .path = "/",
        .headers = {{"Host", "example.amazonaws.com"}, {"X-Amz-Date", "20150830T123600Z"}},
        .body = "",
        .canonical = "POST\n"
                     "/\n"
                     "\n"
                     "host:example.amazonaws.com\n"
                     "x-amz-date:20150830T123600Z\n"
                     "\n"
                     "host;x-amz-date\n"
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .signature = "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
    },
    {
        .suite = "aws-c-auth",
        .name = "get-header-key-duplicate",
        .access_key = "AKIDEXAMPLE",
        .secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        .region = "us-east-1",
        .service = "service",
        .date = "20150830T123600Z",
        .normalize = true,
        .method = "GET",
        .path = "/",
        .headers = {{"Host", "example.amazonaws.com"},
                    {"My-Header1", "value2"},
                    {"My-Header1", "value2"},
                    {"My-Header1", "value1"},
                    {"X-Amz-Date", "20150830T123600Z"}},
        .body = "",
        .canonical = "GET\n"
                     "/\n"
                     "\n"
                     "host:example.amazonaws.com\n"
                     "my-header1:value2,value2,value1\n"
                     "x-amz-date:20150830T123600Z\n"
                     "\n"
                     "host;my-header1;x-amz-date\n"
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .signature = "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
    },
    {
        .suite = "aws-c-auth",
        .name = "get-header-value-trim",
        .access_key = "AKIDEXAMPLE",
        .secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        .region = "us-east-1",
        .service = "service",
        .date = "20150830T123600Z",
        .normalize = true,
        .method = "GET",
        .path = "/",
        .headers = {{"Host", "example.amazonaws.com"},
                    {"My-Header1", " value1"},
                    {"My-Header2", " \"a   b   c\""},
                    {"X-Amz-Date", "20150830T123600Z"}},
        .body = "",
        .canonical = "GET\n"
                     "/\n"
                     "\n"
                     "host:example.amazonaws.com\n"
                     "my-header1:value1\n"
                     "my-header2:\"a b c\"\n"
                     "x-amz-date:20150830T123600Z\n"
                     "\n"
                     "host;my-header1;my-header2;x-amz-date\n"
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .signature = "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
    },
    {
        .suite = "aws-c-auth",
        .name = "get-header-value-multiline",
        .access_key = "AKIDEXAMPLE",
        .secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        .region = "us-east-1",
        .service = "service",
        .date = "20150830T123600Z",
        .normalize = true,
        .method = "GET",
        .path = "/",
        .headers = {{"Host", "example.amazonaws.com"},
                    {"My-Header1", "value1\n  value2\n     value3"},
                    {"X-Amz-Date", "20150830T123600Z"}},
        .body = "",
        .canonical = "GET\n"
                     "/\n"
                     "\n"
                     "host:example.amazonaws.com\n"
                     "my-header1:value1 value2 value3\n"
                     "x-amz-date:20150830T123600Z\n"
                     "\n"
                     "host;my-header1;x-amz-date\n"
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .signature = "cfd34249e4b1c8d6b91ef74165d41a32e5fab3306300901bb65a51a73575eefd",
    },
    {
        .suite = "aws-c-auth",
        .name = "get-space-normalized",
        .access_key = "AKIDEXAMPLE",
        .secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        .region = "us-east-1",
        .service = "service",
        .date = "20150830T123600Z",
        .normalize = true,
        .method = "GET",
        .path = "/example space/",
        .headers = {{"Host", "example.amazonaws.com"}, {"X-Amz-Date", "20150830T123600Z"}},
        .body = "",
        .canonical = "GET\n"
                     "/example%20space/\n"
                     "\n"
                     "host:example.amazonaws.com\n"
                     "x-amz-date:20150830T123600Z\n"
                     "\n"
                     "host;x-amz-date\n"
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .signature = "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741",
    },
    {
        .suite = "aws-c-auth",
        .name = "get-space-unnormalized",
        .access_key = "AKIDEXAMPLE",
        .secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        .region = "us-east-1",
        .service = "service",
        .date = "20150830T123600Z",
        .normalize = false,
        .method = "GET",
        .path = "/example%20space/",
        .headers = {{"Host", "example.amazonaws.com"}, {"X-Amz-Date", "20150830T123600Z"}},
        .body = "",
        .canonical = "GET\n"
                     "/example%20space/\n"
                     "\n"
                     "host:example.amazonaws.com\n"
                     "x-amz-date:20150830T123600Z\n"
                     "\n"
                     "host;x-amz-date\n"
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .signature = "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741",
    },
    {
        .suite = "aws-c-auth",
        .name = "get-slashes-unnormalized",
        .access_key = "AKIDEXAMPLE",
        .secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        .region = "us-east-1",
        .service = "service",
        .date = "20150830T123600Z",
        .normalize = false,
        .method = "GET",
        .path = "//example//",
        .headers = {{"Host", "example.amazonaws.com"}, {"X-Amz-Date", "20150830T123600Z"}},
        .body = "",
        .canonical = "GET\n"
                     "//example//\n"
                     "\n"
                     "host:example.amazonaws.com\n"
                     "x-amz-date:20150830T123600Z\n"
                     "\n"
                     "host;x-amz-date\n"
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .signature = "87cca117541a147f6df867677d98a7d80dff226d2bfca9e4ffa899665623c7e5",
    },
    {
        .suite = "aws-c-auth",
        .name = "get-relative-relative-normalized",
        .access_key = "AKIDEXAMPLE",
        .secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        .region = "us-east-1",
        .service = "service",
        .date = "20150830T123600Z",
        .normalize = true,
        .method = "GET",
        .path = "/example1/example2/../..",
        .headers = {{"Host", "example.amazonaws.com"}, {"X-Amz-Date", "20150830T123600Z"}},
        .body = "",
        .canonical = "GET\n"
                     "/\n"
                     "\n"
                     "host:example.amazonaws.com\n"
                     "x-amz-date:20150830T123600Z\n"
                     "\n"
                     "host;x-amz-date\n"
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .signature = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    },
    {
        .suite = "aws-c-auth",
        .name = "get-utf8",
        .access_key = "AKIDEXAMPLE",
        .secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        .region = "us-east-1",
        .service = "service",
        .date = "20150830T123600Z",
        .normalize = true,
        .method = "GET",
        .path = "/\341\210\264",
        .headers = {{"Host", "example.amazonaws.com"}, {"X-Amz-Date", "20150830T123600Z"}},
        .body = "",
        .canonical = "GET\n"
                     "/%E1%88%B4\n"
                     "\n"
                     "host:example.amazonaws.com\n"
                     "x-amz-date:20150830T123600Z\n"
                     "\n"
                     "host;x-amz-date\n"
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .signature = "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
    },
    {
        .suite = "aws-c-auth",
        .name = "post-x-www-form-urlencoded",
        .access_key = "AKIDEXAMPLE",
        .secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        .region = "us-east-1",
        .service = "service",
        .date = "20150830T123600Z",
        .normalize = true,
        .method = "POST",
        .path = "/",
        .headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                    {"Host", "example.amazonaws.com"},
                    {"Content-Length", "13"},
                    {"X-Amz-Date", "20150830T123600Z"},
                    {"x-amz-content-sha256",
                     "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e"}},
        .body = "Param1=value1",
        .canonical = "POST\n"
                     "/\n"
                     "\n"
                     "content-length:13\n"
                     "content-type:application/x-www-form-urlencoded\n"
                     "host:example.amazonaws.com\n"
                     "x-amz-content-sha256:"
                     "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e\n"
                     "x-amz-date:20150830T123600Z\n"
                     "\n"
                     "content-length;content-type;host;x-amz-content-sha256;x-amz-date\n"
                     "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e",
        .signature = "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b",
    },
    {
        .suite = "aws-c-auth",
        .name = "post-header-key-sort",
        .access_key = "AKIDEXAMPLE",
        .secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        .region = "us-east-1",
        .service = "service",
        .date = "20150830T123600Z",
        .normalize = true,
        .method = "POST",
        .path = "/",
        .headers = {{"Host", "example.amazonaws.com"},
                    {"My-Header1", "value1"},
                    {"X-Amz-Date", "20150830T123600Z"}},
        .body = "",
        .canonical = "POST\n"
                     "/\n"
                     "\n"
                     "host:example.amazonaws.com\n"
                     "my-header1:value1\n"
                     "x-amz-date:20150830T123600Z\n"
                     "\n"
                     "host;my-header1;x-amz-date\n"
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .signature = "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
    },
    {
        .suite = "aws-s3-docs",
        .name = "s3-get-object-range",
        .access_key = "AKIAIOSFODNN7EXAMPLE",
        .secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        .region = "us-east-1",
        .service = "s3",
        .date = "20130524T000000Z",
        .normalize = false,
        .method = "GET",
        .path = "/test.txt",
        .headers = {{"Host", "examplebucket.s3.amazonaws.com"},
                    {"Range", "bytes=0-9"},
                    {"x-amz-content-sha256",
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
                    {"x-amz-date", "20130524T000000Z"}},
        .body = "",
        .canonical = "GET\n"
                     "/test.txt\n"
                     "\n"
                     "host:examplebucket.s3.amazonaws.com\n"
                     "range:bytes=0-9\n"
                     "x-amz-content-sha256:"
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"
                     "x-amz-date:20130524T000000Z\n"
                     "\n"
                     "host;range;x-amz-content-sha256;x-amz-date\n"
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .signature = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    },
    {
        .suite = "aws-s3-docs",
        .name = "s3-put-object-dollar",
        .access_key = "AKIAIOSFODNN7EXAMPLE",
        .secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        .region = "us-east-1",
        .service = "s3",
        .date = "20130524T000000Z",
        .normalize = false,
        .method = "PUT",
        .path = "/test%24file.text",
        .headers = {{"Host", "examplebucket.s3.amazonaws.com"},
                    {"Date", "Fri, 24 May 2013 00:00:00 GMT"},
                    {"x-amz-content-sha256",
                     "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"},
                    {"x-amz-date", "20130524T000000Z"},
                    {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
        .body = "Welcome to Amazon S3.",
        .canonical = "PUT\n"
                     "/test%24file.text\n"
                     "\n"
                     "date:Fri, 24 May 2013 00:00:00 GMT\n"
                     "host:examplebucket.s3.amazonaws.com\n"
                     "x-amz-content-sha256:"
                     "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072\n"
                     "x-amz-date:20130524T000000Z\n"
                     "x-amz-storage-class:REDUCED_REDUNDANCY\n"
                     "\n"
                     "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class\n"
                     "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
        .signature = "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    },
    {
        .suite = "aws-s3-docs",
        .name = "s3-get-bucket-lifecycle",
        .access_key = "AKIAIOSFODNN7EXAMPLE",
        .secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        .region = "us-east-1",
        .service = "s3",
        .date = "20130524T000000Z",
        .normalize = false,
        .method = "GET",
        .path = "/",
        .query = {{"lifecycle", ""}},
        .headers = {{"Host", "examplebucket.s3.amazonaws.com"},
                    {"x-amz-content-sha256",
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
                    {"x-amz-date", "20130524T000000Z"}},
        .body = "",
        .canonical = "GET\n"
                     "/\n"
                     "lifecycle=\n"
                     "host:examplebucket.s3.amazonaws.com\n"
                     "x-amz-content-sha256:"
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"
                     "x-amz-date:20130524T000000Z\n"
                     "\n"
                     "host;x-amz-content-sha256;x-amz-date\n"
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .signature = "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    },
    {
        .suite = "aws-s3-docs",
        .name = "s3-list-objects",
        .access_key = "AKIAIOSFODNN7EXAMPLE",
        .secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        .region = "us-east-1",
        .service = "s3",
        .date = "20130524T000000Z",
        .normalize = false,
        .method = "GET",
        .path = "/",
        .query = {{"max-keys", "2"}, {"prefix", "J"}},
        .headers = {{"Host", "examplebucket.s3.amazonaws.com"},
                    {"x-amz-content-sha256",
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
                    {"x-amz-date", "20130524T000000Z"}},
        .body = "",
        .canonical = "GET\n"
                     "/\n"
                     "max-keys=2&prefix=J\n"
                     "host:examplebucket.s3.amazonaws.com\n"
                     "x-amz-content-sha256:"
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"
                     "x-amz-date:20130524T000000Z\n"
                     "\n"
                     "host;x-amz-content-sha256;x-amz-date\n"
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .signature = "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    },
    {
        .suite = "aws-s3-docs",
        .name = "s3-streaming-signed",
        .access_key = "AKIAIOSFODNN7EXAMPLE",
        .secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        .region = "us-east-1",
        .service = "s3",
        .date = "20130524T000000Z",
        .normalize = false,
        .method = "PUT",
        .path = "/examplebucket/chunkObject.txt",
        .headers = {{"Host", "s3.amazonaws.com"},
                    {"x-amz-date", "20130524T000000Z"},
                    {"x-amz-storage-class", "REDUCED_REDUNDANCY"},
                    {"x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"},
                    {"Content-Encoding", "aws-chunked"},
                    {"x-amz-decoded-content-length", "66560"},
                    {"Content-Length", "66824"}},
        .payload_hash = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        .body = "",
        .canonical = "PUT\n"
                     "/examplebucket/chunkObject.txt\n"
                     "\n"
                     "content-encoding:aws-chunked\n"
                     "content-length:66824\n"
                     "host:s3.amazonaws.com\n"
                     "x-amz-content-sha256:STREAMING-AWS4-HMAC-SHA256-PAYLOAD\n"
                     "x-amz-date:20130524T000000Z\n"
                     "x-amz-decoded-content-length:66560\n"
                     "x-amz-storage-class:REDUCED_REDUNDANCY\n"
                     "\n"
                     "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-"
                     "decoded-content-length;x-amz-storage-class\n"
                     "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        .signature = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
    },
    {
        .suite = "aws-s3-docs",
        .name = "s3-streaming-signed-trailer",
        .access_key = "AKIAIOSFODNN7EXAMPLE",
        .secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        .region = "us-east-1",
        .service = "s3",
        .date = "20130524T000000Z",
        .normalize = false,
        .method = "PUT",
        .path = "/examplebucket/chunkObject.txt",
        .headers = {{"Host", "s3.amazonaws.com"},
                    {"x-amz-date", "20130524T000000Z"},
                    {"x-amz-storage-class", "REDUCED_REDUNDANCY"},
                    {"x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"},
                    {"Content-Encoding", "aws-chunked"},
                    {"x-amz-decoded-content-length", "66560"},
                    {"x-amz-trailer", "x-amz-checksum-crc32c"}},
        .payload_hash = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        .body = "",
        .canonical = "PUT\n"
                     "/examplebucket/chunkObject.txt\n"
                     "\n"
                     "content-encoding:aws-chunked\n"
                     "host:s3.amazonaws.com\n"
                     "x-amz-content-sha256:STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER\n"
                     "x-amz-date:20130524T000000Z\n"
                     "x-amz-decoded-content-length:66560\n"
                     "x-amz-storage-class:REDUCED_REDUNDANCY\n"
                     "x-amz-trailer:x-amz-checksum-crc32c\n"
                     "\n"
                     "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-"
                     "length;x-amz-storage-class;x-amz-trailer\n"
                     "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        .signature = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
    },
    {
        .suite = "botocore",
        .name = "ssm-getparameter",
        .access_key = "AKIDEXAMPLE",
        .secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        .region = "ap-southeast-2",
        .service = "ssm",
        .date = "20260102T030405Z",
        .normalize = true,
        .method = "POST",
        .path = "/",
        .headers = {{"content-type", "application/x-amz-json-1.1"},
                    {"host", "ssm.ap-southeast-2.amazonaws.com"},
                    {"x-amz-date", "20260102T030405Z"},
                    {"x-amz-security-token", "FwoGZXIvYXdzEXAMPLETOKEN=="},
                    {"x-amz-target", "AmazonSSM.GetParameter"}},
        .body = "{\"Name\": \"/lava/dev/smb/pw\", \"WithDecryption\": true}",
        .canonical = "POST\n"
                     "/\n"
                     "\n"
                     "content-type:application/x-amz-json-1.1\n"
                     "host:ssm.ap-southeast-2.amazonaws.com\n"
                     "x-amz-date:20260102T030405Z\n"
                     "x-amz-security-token:FwoGZXIvYXdzEXAMPLETOKEN==\n"
                     "x-amz-target:AmazonSSM.GetParameter\n"
                     "\n"
                     "content-type;host;x-amz-date;x-amz-security-token;x-amz-target\n"
                     "1eb378aa80d03f69d34c27007387f8e63f243613aa30372f2fbad46920694dfe",
        .signature = "9cc5910b662f152ad3a2c614fd1c05ffea201e1261bb181e480668e6d0b08765",
    },
    {
        .suite = "botocore",
        .name = "dynamodb-getitem",
        .access_key = "AKIDEXAMPLE",
        .secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        .region = "ap-southeast-2",
        .service = "dynamodb",
        .date = "20260102T030405Z",
        .normalize = true,
        .method = "POST",
        .path = "/",
        .headers = {{"content-type", "application/x-amz-json-1.0"},
                    {"host", "dynamodb.ap-southeast-2.amazonaws.com"},
                    {"x-amz-date", "20260102T030405Z"},
                    {"x-amz-target", "DynamoDB_20120810.GetItem"}},
        .body = "{\"TableName\": \"lava.dev.connections\", \"Key\": {\"conn_id\": {\"S\": "
                "\"smb-01\"}}}",
        .canonical = "POST\n"
                     "/\n"
                     "\n"
                     "content-type:application/x-amz-json-1.0\n"
                     "host:dynamodb.ap-southeast-2.amazonaws.com\n"
                     "x-amz-date:20260102T030405Z\n"
                     "x-amz-target:DynamoDB_20120810.GetItem\n"
                     "\n"
                     "content-type;host;x-amz-date;x-amz-target\n"
                     "0f307c628dbc019e151f802fdf4e885131ae9f8f4726d0815db0c9879fcb3313",
        .signature = "944a6536d500c4a2a43580f7e1bb24c048df936988dfb971d51e915ada0e5e3c",
    },
    {
        .suite = "botocore",
        .name = "s3-put-key-special-sse",
        .access_key = "AKIDEXAMPLE",
        .secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        .region = "ap-southeast-2",
        .service = "s3",
        .date = "20260102T030405Z",
        .normalize = false,
        .method = "PUT",
        .path = "/a%20b%2Bc/%C3%BC%E6%97%A5%3D%3A%40%26%24%2C%28x%29%21%2A%27~-_.csv",
        .headers = {{"host", "my-bucket.s3.ap-southeast-2.amazonaws.com"},
                    {"x-amz-content-sha256",
                     "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"},
                    {"x-amz-date", "20260102T030405Z"},
                    {"x-amz-server-side-encryption", "AES256"}},
        .body = "hello",
        .canonical = "PUT\n"
                     "/a%20b%2Bc/%C3%BC%E6%97%A5%3D%3A%40%26%24%2C%28x%29%21%2A%27~-_.csv\n"
                     "\n"
                     "host:my-bucket.s3.ap-southeast-2.amazonaws.com\n"
                     "x-amz-content-sha256:"
                     "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\n"
                     "x-amz-date:20260102T030405Z\n"
                     "x-amz-server-side-encryption:AES256\n"
                     "\n"
                     "host;x-amz-content-sha256;x-amz-date;x-amz-server-side-encryption\n"
                     "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
        .signature = "0c83973fd7e0f863a3732320171f8100f54c926689fe2da21c41eb1cc8eef63b",
    },
    {
        .suite = "botocore",
        .name = "s3-upload-part",
        .access_key = "AKIDEXAMPLE",
        .secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        .region = "ap-southeast-2",
        .service = "s3",
        .date = "20260102T030405Z",
        .normalize = false,
        .method = "PUT",
        .path = "/big.bin",
        .query = {{"partNumber", "10"}, {"uploadId", "VXBsb2FkIElE_-.x/=+"}},
        .headers = {{"host", "my-bucket.s3.ap-southeast-2.amazonaws.com"},
                    {"x-amz-content-sha256",
                     "229bdaafcdd2ae52fe07980e94dff83cfd5fe1de200a6024aa6587d55ea07e84"},
                    {"x-amz-date", "20260102T030405Z"},
                    {"x-amz-security-token", "FwoGZXIvYXdzEXAMPLETOKEN=="}},
        .body = "part-bytes",
        .canonical = "PUT\n"
                     "/big.bin\n"
                     "partNumber=10&uploadId=VXBsb2FkIElE_-.x%2F%3D%2B\n"
                     "host:my-bucket.s3.ap-southeast-2.amazonaws.com\n"
                     "x-amz-content-sha256:"
                     "229bdaafcdd2ae52fe07980e94dff83cfd5fe1de200a6024aa6587d55ea07e84\n"
                     "x-amz-date:20260102T030405Z\n"
                     "x-amz-security-token:FwoGZXIvYXdzEXAMPLETOKEN==\n"
                     "\n"
                     "host;x-amz-content-sha256;x-amz-date;x-amz-security-token\n"
                     "229bdaafcdd2ae52fe07980e94dff83cfd5fe1de200a6024aa6587d55ea07e84",
        .signature = "fd4fa48cf29e0b29d8b6b908c16cf10126eef1e92f5d5b77a803a4d87a6b64c9",
    },
    {
        .suite = "botocore",
        .name = "s3-create-mpu-kms",
        .access_key = "AKIDEXAMPLE",
        .secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        .region = "ap-southeast-2",
        .service = "s3",
        .date = "20260102T030405Z",
        .normalize = false,
        .method = "POST",
        .path = "/dir//x/../y.bin",
        .query = {{"uploads", ""}},
        .headers = {{"host", "my-bucket.s3.ap-southeast-2.amazonaws.com"},
                    {"x-amz-content-sha256",
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
                    {"x-amz-date", "20260102T030405Z"},
                    {"x-amz-server-side-encryption", "aws:kms"},
                    {"x-amz-server-side-encryption-aws-kms-key-id", "alias/data"}},
        .body = "",
        .canonical = "POST\n"
                     "/dir//x/../y.bin\n"
                     "uploads=\n"
                     "host:my-bucket.s3.ap-southeast-2.amazonaws.com\n"
                     "x-amz-content-sha256:"
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"
                     "x-amz-date:20260102T030405Z\n"
                     "x-amz-server-side-encryption:aws:kms\n"
                     "x-amz-server-side-encryption-aws-kms-key-id:alias/data\n"
                     "\n"
                     "host;x-amz-content-sha256;x-amz-date;x-amz-server-side-encryption;x-amz-"
                     "server-side-encryption-aws-kms-key-id\n"
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .signature = "684589ce0d30cc2bc9bace57a5938ce7b1ca97f9669989081527ef674b978e33",
    },
};

#endif
