/* test_connection.c: the fields of a lava connection, and what follows from them. */
#include "test/run.h"
#include "tools/connection.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BASE "\"type\": \"smb\", \"enabled\": true, \"host\": \"srv\", \"user\": \"alice\""

static void parse(struct connection *out, const char *fields)
{
    char text[1024];
    struct refusal why = {""};
    int len = snprintf(text, sizeof text, "{%s}", fields);

    ck_assert_int_gt(len, 0);
    ck_assert_msg(connection_parse(out, text, (size_t)len, "realm", &why), "%s: %s", fields,
                  why.text);
}

static void check_refused(const char *text, const char *says)
{
    struct connection c;
    struct refusal why = {""};

    ck_assert_msg(!connection_parse(&c, text, strlen(text), NULL, &why), "accepted: %s", text);
    ck_assert_msg(strstr(why.text, says) != NULL, "%s: %s", text, why.text);
    connection_free(&c);
}

START_TEST(what_is_no_connection_is_refused)
{
    check_refused("", "line");
    check_refused("[]", "object");
    check_refused("{" BASE "} x", "line 1");
    check_refused("{" BASE ", \"host\": \"other\"}", "line 1");
    check_refused("{" BASE ", \"hots\": \"other\"}", "unknown field 'hots'");
    check_refused("{\"enabled\": true, \"host\": \"srv\", \"user\": \"alice\"}", "'type'");
    check_refused("{\"type\": \"ftp\", \"enabled\": true}", "'type'");
    check_refused("{\"type\": \"smb\", \"host\": \"srv\", \"user\": \"alice\"}", "not enabled");
    check_refused("{\"type\": \"smb\", \"enabled\": false}", "not enabled");
    check_refused("{\"type\": \"smb\", \"enabled\": \"yes\"}", "true or false");
    check_refused("{\"type\": \"smb\", \"enabled\": true, \"user\": \"alice\"}", "'host'");
    check_refused("{\"type\": \"smb\", \"enabled\": true, \"host\": \"srv\"}", "'user'");
    check_refused("{" BASE ", \"host\\u0000\": 1}", "line 1");
}
END_TEST

START_TEST(values_of_the_wrong_kind_are_refused)
{
    check_refused("{" BASE ", \"domain\": 5}", "'domain'");
    check_refused("{" BASE ", \"domain\": null}", "'domain'");
    check_refused("{" BASE ", \"port\": 0}", "port");
    check_refused("{" BASE ", \"port\": 65536}", "port");
    check_refused("{" BASE ", \"port\": \"4e2\"}", "port");
    check_refused("{" BASE ", \"port\": \"\"}", "port");
    check_refused("{" BASE ", \"port\": 1.5}", "port");
    check_refused("{" BASE ", \"port\": \"99999999999999999999\"}", "port");
    check_refused("{" BASE ", \"subtype\": \"libsmb\"}", "subtype");
    check_refused("{" BASE ", \"secret_id\": \"x\"}", "not built yet");
    check_refused("{" BASE ", \"password\": \"/a\", \"password_env\": \"B\"}", "only one");
}
END_TEST

START_TEST(fields_are_taken)
{
    struct connection c;

    parse(&c, BASE ", \"conn_id\": \"c\", \"description\": \"d\", \"domain\": \"D\", \"port\": "
                   "\"1445\", \"remote_name\": \"SRV\", \"my_name\": \"ME\", \"password_file\": "
                   "\"/pw\", \"encrypt\": true, \"X-whatever\": {}, \"x-y\": [1]");
    ck_assert_str_eq(c.host, "srv");
    ck_assert_str_eq(c.user, "alice");
    ck_assert_str_eq(c.domain, "D");
    ck_assert_uint_eq(c.port, 1445);
    ck_assert_str_eq(c.remote_name, "SRV");
    ck_assert_str_eq(c.my_name, "ME");
    ck_assert_str_eq(c.password_file, "/pw");
    ck_assert_ptr_null(c.password_env);
    ck_assert(c.encrypt && c.netbios && !c.ntlmv1);
    connection_free(&c);
    ck_assert_ptr_null(c.host);
}
END_TEST

START_TEST(we_are_named_after_the_realm)
{
    struct connection c;

    parse(&c, BASE);
    ck_assert_str_eq(c.my_name, "lava-realm");
    connection_free(&c);
    struct refusal why = {""};
    ck_assert(connection_parse(&c, "{" BASE "}", strlen("{" BASE "}"), "a-very-long-realm", &why));
    ck_assert_str_eq(c.my_name, "lava-a-very-lon");
    connection_free(&c);
}
END_TEST

static void check_transport(const char *fields, bool netbios)
{
    struct connection c;

    parse(&c, fields);
    ck_assert_msg(c.netbios == netbios, "%s", fields);
    connection_free(&c);
}

START_TEST(a_netbios_session_is_the_default_and_direct_tcp_is_asked_for)
{
    check_transport(BASE, true);
    check_transport(BASE ", \"is_direct_tcp\": false", true);
    check_transport(BASE ", \"is_direct_tcp\": true", false);
    check_transport(BASE ", \"port\": 445", false);
    check_transport(BASE ", \"port\": \"139\"", true);
    check_transport(BASE ", \"port\": 1139", true);
    check_transport(BASE ", \"subtype\": \"smbprotocol\"", true);
    check_transport(BASE ", \"subtype\": \"smbprotocol\", \"port\": 139", true);
    check_transport(BASE ", \"subtype\": \"smbprotocol\", \"port\": 1139", false);
    check_transport(BASE ", \"subtype\": \"pysmb\", \"port\": 139, \"is_direct_tcp\": true", false);
}
END_TEST

static void check_ntlmv1(const char *fields, bool ntlmv1)
{
    struct connection c;

    parse(&c, fields);
    ck_assert_msg(c.ntlmv1 == ntlmv1, "%s", fields);
    connection_free(&c);
}

START_TEST(ntlmv1_is_for_the_subtype_that_has_it)
{
    check_ntlmv1(BASE, false);
    check_ntlmv1(BASE ", \"use_ntlm_v2\": true", false);
    check_ntlmv1(BASE ", \"use_ntlm_v2\": false", true);
    check_ntlmv1(BASE ", \"use_ntlm_v2\": false, \"subtype\": \"pysmb\"", true);
    check_ntlmv1(BASE ", \"use_ntlm_v2\": false, \"subtype\": \"smbprotocol\"", false);
}
END_TEST

START_TEST(a_file_is_read)
{
    char name[] = "/tmp/lsmb-test-XXXXXX";
    int fd = mkstemp(name);
    struct connection c;
    struct refusal why = {""};

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, "{" BASE "}\n", sizeof "{" BASE "}\n" - 1),
                     (ssize_t)sizeof "{" BASE "}\n" - 1);
    ck_assert(connection_read(&c, name, NULL, &why));
    ck_assert_str_eq(c.host, "srv");
    ck_assert_ptr_null(c.my_name);
    connection_free(&c);
    ck_assert_int_eq(ftruncate(fd, 70000), 0);
    ck_assert(!connection_read(&c, name, NULL, &why));
    ck_assert_ptr_nonnull(strstr(why.text, "too long"));
    connection_free(&c);
    ck_assert_int_eq(close(fd), 0);
    ck_assert_int_eq(unlink(name), 0);
    ck_assert(!connection_read(&c, name, NULL, &why));
    ck_assert_ptr_nonnull(strstr(why.text, "No such file"));
    ck_assert(!connection_read(&c, "/", NULL, &why));
    connection_free(&c);
}
END_TEST

int main(void)
{
    return RUN_TESTS("tools/connection", what_is_no_connection_is_refused,
                     values_of_the_wrong_kind_are_refused, fields_are_taken,
                     we_are_named_after_the_realm,
                     a_netbios_session_is_the_default_and_direct_tcp_is_asked_for,
                     ntlmv1_is_for_the_subtype_that_has_it, a_file_is_read);
}
