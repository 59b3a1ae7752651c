/* test_http_error.c: whom libcurl did not reach, and whether it would the next time. */
#include "aws/exchange.h"
#include "test/run.h"

#include <stdio.h>
#include <string.h>

static struct lsmb_error told(const char *url, CURLcode result, const char *said)
{
    struct http_request request = {.url = url};
    struct http_exchange x = {.request = &request, .easy = curl_easy_init()};
    struct lsmb_error err;

    ck_assert_ptr_nonnull(x.easy);
    (void)snprintf(x.said, sizeof x.said, "%s", said);
    http_error_set(&err, &x, result);
    curl_easy_cleanup(x.easy);
    return err;
}

static void check(const char *url, const char *said, const char *begins)
{
    struct lsmb_error err = told(url, CURLE_COULDNT_CONNECT, said);

    ck_assert_int_eq(err.code, LSMB_E_NETWORK);
    ck_assert_msg(strncmp(err.reason, begins, strlen(begins)) == 0, "%s", err.reason);
}

START_TEST(a_proxy_that_is_not_reached_is_named)
{
    static const char said[] =
        "Failed to connect to proxy.example port 3128 after 1 ms: Couldn't connect to server";
    static const char begins[] = "Failed to connect to proxy URL: \"proxy.example:3128\" (";

    check("https://s3.example.org/b/k", said, begins);
    check("http://proxy.example/b/k", said, begins); /* another port of the same host */
    check("http://proxy.example:8080/b/k", said, begins);
    check("https://s3.example.org/b/k", "Could not resolve proxy: proxy.example",
          "Failed to connect to proxy URL: \"proxy.example\" (");
}
END_TEST

START_TEST(an_endpoint_that_is_not_reached_is_no_proxy)
{
    static const char *const pairs[][2] = {
        {"https://s3.example.org/b/k:1?x", "Failed to connect to s3.example.org port 443 after"},
        {"http://S3.example.org", "Failed to connect to s3.example.org port 80 after"},
        {"http://127.0.0.1:1/b", "Failed to connect to 127.0.0.1 port 1 after"},
        {"http://[::1]:9000/b", "Failed to connect to ::1 port 9000 after"},
        {"https://[::1]/b", "Failed to connect to ::1 port 443 after"},
        {"http://127.0.0.1:1/b", "Connection refused"},
    };

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        check(pairs[i][0], pairs[i][1], "Could not connect to the endpoint URL: \"");
    }
}
END_TEST

START_TEST(what_the_other_side_does_not_speak_is_not_for_the_line_to_mend)
{
    static const char *const settled[] = {
        "error:0A00010B:SSL routines::wrong version number",
        "error:0A0000C6:SSL routines::packet length too long",
        "error:0A000102:SSL routines::unsupported protocol",
        "error:0A00042E:SSL routines::tlsv1 alert protocol version",
    };
    static const char *const passing[] = {
        "OpenSSL SSL_connect: Connection reset by peer in connection to s3.example.org:443 ",
        "error:0A000126:SSL routines::unexpected eof while reading",
        "error:0A000438:SSL routines::tlsv1 alert internal error",
    };

    for (size_t i = 0; i < sizeof settled / sizeof settled[0]; i++) {
        struct lsmb_error err = told("https://s/", CURLE_SSL_CONNECT_ERROR, settled[i]);
        ck_assert_msg(err.code == LSMB_E_SECURITY, "%s", settled[i]);
    }
    for (size_t i = 0; i < sizeof passing / sizeof passing[0]; i++) {
        struct lsmb_error err = told("https://s/", CURLE_SSL_CONNECT_ERROR, passing[i]);
        ck_assert_msg(err.code == LSMB_E_NETWORK, "%s", passing[i]);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("aws/http_error", a_proxy_that_is_not_reached_is_named,
                     an_endpoint_that_is_not_reached_is_no_proxy,
                     what_the_other_side_does_not_speak_is_not_for_the_line_to_mend);
}
