/* test_connection.c: the fields of a lava connection, and what follows from them. */
#include "test/run.h"
#include "tools/connection.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WITHOUT_HOST    "\"type\": \"smb\", \"enabled\": true, \"user\": \"alice\""
#define WITHOUT_ENABLED "\"type\": \"smb\", \"host\": \"srv\", \"user\": \"alice\""
#define BASE            WITHOUT_HOST ", \"host\": \"srv\""

/* As lava has it: all that it requires. */
#define RECORD BASE ", \"conn_id\": \"c\", \"remote_name\": \"SRV\", \"password\": \"/lava/r/pw\""

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
    check_refused("{" BASE ", \"hots\": \"other\", \"b\": 1}", "Unexpected keys: b, hots");
    check_refused("{\"enabled\": true, \"host\": \"srv\", \"user\": \"alice\"}",
                  "Missing keys: type");
    check_refused("{\"type\": \"FTP\", \"host\": \"\", \"user\": \"\"}",
                  "Must be of type \"smb\" not \"ftp\"");
    check_refused("{\"type\": \"smb\", \"host\": \"srv\", \"user\": \"alice\"}",
                  "Connection not enabled");
    check_refused("{" WITHOUT_ENABLED ", \"enabled\": false}", "Connection not enabled");
    check_refused("{" WITHOUT_ENABLED ", \"enabled\": \"yes\"}", "true or false");
    check_refused("{\"type\": \"smb\", \"enabled\": true}", "Missing keys: host, user");
    check_refused("{" WITHOUT_HOST ", \"host\": \"\"}", "'host' is empty");
    check_refused("{" BASE ", \"host\\u0000\": 1}", "line 1");
}
END_TEST

START_TEST(values_of_the_wrong_kind_are_refused)
{
    check_refused("{" BASE ", \"domain\": 5}", "'domain'");
    check_refused("{" BASE ", \"domain\": null}", "'domain'");
    check_refused("{" BASE ", \"domain\": \"a\\u0000b\"}", "'domain'");
    check_refused("{" BASE ", \"encrypt\": 1}", "'encrypt'");
    check_refused("{" BASE ", \"subtype\": \"samba\"}",
                  "Unsupported connection type - smb = samba");
    check_refused("{" BASE ", \"password\": \"/a\", \"password_env\": \"B\"}", "only one");
}
END_TEST

START_TEST(ports_that_cannot_be_are_refused)
{
    check_refused("{" BASE ", \"port\": 0}", "from 1 to 65535");
    check_refused("{" BASE ", \"port\": 65536}", "from 1 to 65535");
    check_refused("{" BASE ", \"port\": true}", "from 1 to 65535");
    check_refused("{" BASE ", \"port\": 445.5}", "whole");
    check_refused("{" BASE ", \"port\": \"99999999999999999999\"}", "from 1 to 65535");
    check_refused("{" BASE ", \"port\": \"abc\"}", "invalid literal for int() with base 10: 'abc'");
    check_refused("{" BASE ", \"port\": \"445.0\"}", "invalid literal");
    check_refused("{" BASE ", \"port\": \"4e2\"}", "invalid literal");
    check_refused("{" BASE ", \"port\": \"-445\"}", "invalid literal");
    check_refused("{" BASE ", \"port\": \"4__5\"}", "invalid literal");
    check_refused("{" BASE ", \"port\": \"\"}", "invalid literal");
}
END_TEST

static void check_port(const char *port, uint16_t want)
{
    char fields[256];
    struct connection c;

    (void)snprintf(fields, sizeof fields, "%s, \"port\": %s", BASE, port);
    parse(&c, fields);
    ck_assert_uint_eq(c.port, want);
    connection_free(&c);
}

START_TEST(a_port_is_a_number_or_its_digits)
{
    check_port("445", 445);
    check_port("445.0", 445);
    check_port("65535", 65535);
    check_port("\"445\"", 445);
    check_port("\" +4_45\\n\"", 445);
    check_port("\"0139\"", 139);
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
    parse(&c, BASE ", \"my_name\": \"four-teen-byte\u00e4\u00e4\"");
    ck_assert_str_eq(c.my_name, "four-teen-byte\u00e4");
    connection_free(&c);
}
END_TEST

/* A record of lava's; `says`: NULL when it is taken. */
static void check_record(const char *fields, const char *says, struct connection *out)
{
    char text[1024];
    struct refusal why = {""};
    int len = snprintf(text, sizeof text, "{%s}", fields);
    json_t *record = record_parse(text, (size_t)len, &why);

    ck_assert_ptr_nonnull(record);
    bool ok = connection_take(out, record, "the-id", "dev", &why);
    json_decref(record);
    ck_assert_msg(ok == (says == NULL), "%s: %s", fields, why.text);
    if (says) {
        ck_assert_str_eq(why.text, says);
        connection_free(out);
    }
}

START_TEST(lavas_records_are_refused_in_its_words)
{
    struct connection c;

    check_record("\"type\": \"smb\", \"conn_id\": \"c\", \"enabled\": true",
                 "Connection the-id: Missing keys: host, password, remote_name, user", &c);
    check_record(RECORD ", \"foo\": 1, \"bar\": 2, \"x-foo\": 3, \"X-Bar\": 4",
                 "Connection the-id: Unexpected keys: bar, foo", &c);
    check_record(RECORD ", \"password_env\": \"PW\"",
                 "Connection the-id: Unexpected keys: password_env", &c);
    check_record(RECORD ", \"port\": \"abc\"",
                 "invalid literal for int() with base 10: 'abc' (the port)", &c);
    check_record(RECORD ", \"subtype\": \"SMBProtocol\"",
                 "Unsupported connection type - smb = SMBProtocol", &c);
    check_record(RECORD ", \"domain\": 7", "Connection the-id: 'domain' must be a string", &c);
}
END_TEST

START_TEST(flags_of_lavas_records_are_what_python_takes_them_for)
{
    struct connection c;

    check_record(RECORD ", \"encrypt\": \"false\", \"is_direct_tcp\": 1, \"use_ntlm_v2\": \"\"",
                 NULL, &c);
    ck_assert(c.encrypt && !c.netbios && c.ntlmv1);
    ck_assert_str_eq(c.my_name, "lava-dev");
    ck_assert_str_eq(c.password_in_aws, "/lava/r/pw");
    connection_free(&c);
    check_record(RECORD ", \"encrypt\": 0, \"is_direct_tcp\": null, \"use_ntlm_v2\": [0], "
                        "\"domain\": null, \"owner\": {\"a\": 1}",
                 NULL, &c);
    ck_assert(!c.encrypt && c.netbios && !c.ntlmv1 && !c.domain);
    connection_free(&c);
}
END_TEST

START_TEST(a_file_with_a_secret_is_taken_later)
{
    struct connection c;

    parse(&c, "\"type\": \"smb\", \"enabled\": true, \"secret_id\": \"s\"");
    ck_assert_ptr_null(c.host);
    ck_assert_ptr_nonnull(c.record);
    connection_free(&c);
    ck_assert_ptr_null(c.record);
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
    return RUN_TESTS(
        "tools/connection", what_is_no_connection_is_refused, values_of_the_wrong_kind_are_refused,
        ports_that_cannot_be_are_refused, a_port_is_a_number_or_its_digits, fields_are_taken,
        we_are_named_after_the_realm, lavas_records_are_refused_in_its_words,
        flags_of_lavas_records_are_what_python_takes_them_for, a_file_with_a_secret_is_taken_later,
        a_netbios_session_is_the_default_and_direct_tcp_is_asked_for,
        ntlmv1_is_for_the_subtype_that_has_it, a_file_is_read);
}
