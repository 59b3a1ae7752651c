/* test_location.c: smb:// URLs, UNC paths, local paths. */
#include "test/run.h"
#include "tools/location.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* "domain;user@host:port share|path/" with '-' for what is not given. */
static void check_smb(const char *text, const char *want)
{
    struct location where;
    struct refusal why = {""};
    char got[512];

    ck_assert_msg(location_parse(&where, text, &why), "%s: %s", text, why.text);
    ck_assert_int_eq(where.kind, LOCATION_SMB);
    ck_assert_int_gt(snprintf(got, sizeof got, "%s;%s@%s:%u %s|%s%s",
                              where.domain ? where.domain : "-", where.user ? where.user : "-",
                              where.host, where.port, where.share ? where.share : "-", where.path,
                              where.slash ? "/" : ""),
                     0);
    ck_assert_str_eq(got, want);
    location_free(&where);
}

static void check_refused(const char *text, const char *says)
{
    struct location where;
    struct refusal why = {""};

    ck_assert_msg(!location_parse(&where, text, &why), "accepted: %s", text);
    ck_assert_msg(strstr(why.text, says) != NULL, "%s: %s", text, why.text);
    location_free(&where);
}

START_TEST(a_password_in_a_url_is_refused_and_not_repeated)
{
    static const char *const urls[] = {"smb://user:geheim@host/share", "smb://user:geheim@host",
                                       "smb://D;user:geheim@host/share/file",
                                       "smb://user:geh/eim@host/share", "smb://user:@host/share"};

    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        struct location where;
        struct refusal why = {""};
        ck_assert(!location_parse(&where, urls[i], &why));
        ck_assert_ptr_null(strstr(why.text, "geh"));
        location_free(&where);
    }
    check_refused(urls[0], "--password-file");
}
END_TEST

START_TEST(hosts_and_ports_that_cannot_be_are_refused)
{
    check_refused("smb://", "host");
    check_refused("smb:///share/file", "host");
    check_refused("smb://user@/share", "host");
    check_refused("smb://@host/share", "user");
    check_refused("smb://ho st/share", "host");
    check_refused("smb://ho%2Fst/share", "host");
    check_refused("smb://host:0/share", "port");
    check_refused("smb://host:65536/share", "port");
    check_refused("smb://host:/share", "port");
    check_refused("smb://host:44x/share", "port");
    check_refused("smb://host:99999999999999999999/share", "port");
    check_refused("smb://::1/share", "brackets");
    check_refused("smb://[::1/share", "]");
    check_refused("smb://[::1]445/share", "':'");
    check_refused("smb://[host]/share", "host");
    check_refused("smb://[]/share", "host");
    check_refused("smb://DOMAIN\\user@host/share", "DOMAIN;USER");
}
END_TEST

START_TEST(bad_escapes_and_zero_bytes_are_refused)
{
    check_refused("smb://host/share/100%", "%25");
    check_refused("smb://host/share/a%2", "%25");
    check_refused("smb://host/share/a%zz", "%25");
    check_refused("smb://host/share/a%2gb", "%25");
    check_refused("smb://host/share/a%00b", "%00");
    check_refused("smb://us%00er@host/share", "%00");
    check_refused("smb://host/sh%2Fare/a", "share");
}
END_TEST

START_TEST(queries_are_known_or_refused)
{
    check_refused("smb://host/share/a?nbt=2", "nbt");
    check_refused("smb://host/share/a?password=geheim", "'password'");
    check_refused("smb://host/share/a?nbt", "nbt");
    check_refused("smb://host?x", "x");
    check_smb("smb://host/share/a?nbt=0", "-;-@host:0 share|a");
    check_smb("smb://host?", "-;-@host:0 -|");
}
END_TEST

START_TEST(a_netbios_session_is_asked_for_by_nbt)
{
    struct location where;
    struct refusal why = {""};

    ck_assert(location_parse(&where, "smb://host/share/a?nbt=1", &why));
    ck_assert(where.netbios);
    ck_assert_uint_eq(location_port(&where), 139);
    location_free(&where);
    ck_assert(location_parse(&where, "smb://host:445/share/a?nbt=1&nbt=0", &why));
    ck_assert(!where.netbios);
    ck_assert_uint_eq(location_port(&where), 445);
    location_free(&where);
}
END_TEST

/* "host:port user share|path" of a location by connection. */
static void check_named(const char *text, const char *share, const char *path)
{
    char host[] = "srv", user[] = "alice";
    struct connection connection = {.host = host, .user = user, .port = 1139, .netbios = true};
    struct location where;
    struct refusal why = {""};

    ck_assert_msg(location_parse_named(&where, text, &why) == (share != NULL), "%s", text);
    if (share) {
        ck_assert(where.by_connection && !where.host);
        ck_assert(location_complete(&where, &connection));
        ck_assert(location_complete(&where, &connection));
        ck_assert_str_eq(where.share, share);
        ck_assert_str_eq(where.path, path);
        ck_assert_str_eq(where.host, "srv");
        ck_assert_str_eq(where.user, "alice");
        ck_assert_uint_eq(location_port(&where), 1139);
        ck_assert(where.netbios && where.by_connection && !where.domain);
    }
    location_free(&where);
}

START_TEST(with_a_connection_a_location_is_share_and_path)
{
    check_named("data:dir/file", "data", "dir/file");
    check_named("data:/dir//./x/../file", "data", "dir/file");
    check_named("data:dir\\file", "data", "dir/file");
    check_named("data:file:stream", "data", "file:stream");
    check_named("data:", "data", "");
    check_named("my share$:a%20b", "my share$", "a%20b");
    check_named("data", NULL, NULL);
    check_named(":file", NULL, NULL);
    check_named("a/b:file", NULL, NULL);
    check_named("data:../x", NULL, NULL);
}
END_TEST

START_TEST(a_location_by_connection_is_shown_as_it_is_spelt)
{
    char host[] = "srv", text[64];
    struct connection connection = {.host = host};
    struct location where;
    struct refusal why = {""};

    ck_assert(location_parse_named(&where, "data:/dir//a/", &why));
    ck_assert_str_eq(location_show(&where, text, sizeof text), "data:dir/a");
    ck_assert(location_complete(&where, &connection));
    ck_assert_str_eq(location_show(&where, text, sizeof text), "\\\\srv\\data\\dir\\a");
    ck_assert_str_eq(location_spell(&where, text, sizeof text), "data:dir/a");
    location_free(&where);
}
END_TEST

/* NULL: refused. */
static void check_object(const char *text, const char *bucket, const char *key, bool slash)
{
    struct location where;
    struct refusal why = {""};

    ck_assert_msg(location_parse(&where, text, &why) == (bucket != NULL), "%s", text);
    ck_assert(location_names_s3(text));
    if (bucket) {
        ck_assert_int_eq(where.kind, LOCATION_S3);
        ck_assert_str_eq(where.share, bucket);
        ck_assert_str_eq(where.path, key);
        ck_assert_msg(where.slash == slash, "%s", text);
    }
    location_free(&where);
}

START_TEST(objects_are_split_as_lava_splits_them)
{
    char lengthy[1100];

    check_object("s3://b/k", "b", "k", false);
    check_object("S3://b/a/b//c.txt", "b", "a/b//c.txt", false);
    check_object("s3://b/dir/", "b", "dir", true);
    check_object("s3:///b//dir///", "b", "dir", true);
    check_object("s3://b", "b", "", false);
    check_object("s3://b/", "b", "", true);
    check_object("s3://b/a%20b?c#d*", "b", "a%20b?c#d*", false);
    check_object("s3://", NULL, NULL, false);
    check_object("s3:////", NULL, NULL, false);
    memset(lengthy, 'x', sizeof lengthy);
    memcpy(lengthy, "s3://b/", 7);
    lengthy[7 + 1024] = '\0';
    check_object(lengthy, "b", lengthy + 7, false);
    lengthy[7 + 1024] = 'x';
    lengthy[7 + 1025] = '\0';
    check_object(lengthy, NULL, NULL, false);
}
END_TEST

START_TEST(a_slash_that_was_forgotten_is_asked_for)
{
    struct location where;
    struct refusal why = {""};
    char folder[] = "/tmp/lava-location-XXXXXX";

    check_refused("s3:/b/k", "s3://b/k");
    check_refused("S3:/b/k", "./S3:/b/k");
    ck_assert(location_parse(&where, "./s3:/b/k", &why));
    ck_assert_int_eq(where.kind, LOCATION_LOCAL);
    location_free(&where);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
    ck_assert_int_eq(mkdir("s3:", 0700), 0);
    ck_assert(location_parse(&where, "s3:/b/k", &why));
    ck_assert_int_eq(where.kind, LOCATION_LOCAL);
    ck_assert_str_eq(where.path, "s3:/b/k");
    location_free(&where);
    ck_assert_int_eq(rmdir("s3:"), 0);
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

START_TEST(urls_are_taken_apart)
{
    check_smb("smb://host", "-;-@host:0 -|");
    check_smb("smb://host/", "-;-@host:0 -|");
    check_smb("SMB://host/share", "-;-@host:0 share|");
    check_smb("smb://alice@host:4455/share/dir/file.txt", "-;alice@host:4455 share|dir/file.txt");
    check_smb("smb://EXAMPLE;alice@host/share/x", "EXAMPLE;alice@host:0 share|x");
    check_smb("smb://;alice@host/share/x", ";alice@host:0 share|x");
    check_smb("smb://a%40b%3Ac@host/my%20share/100%25", "-;a@b:c@host:0 my share|100%");
    check_smb("smb://[fe80::1%25eth0]:445/s/f", "-;-@fe80::1%eth0:445 s|f");
    check_smb("smb://[::1]/s/f#1", "-;-@::1:0 s|f#1");
    check_smb("smb://h/s/a:stream", "-;-@h:0 s|a:stream");
    check_smb("smb://h/s/a@b:c", "-;-@h:0 s|a@b:c");
}
END_TEST

START_TEST(unc_paths_are_taken_as_they_are)
{
    check_smb("\\\\host\\share\\dir\\file", "-;-@host:0 share|dir/file");
    check_smb("\\\\host\\share/dir/100%", "-;-@host:0 share|dir/100%");
    check_smb("\\\\host\\share\\a?b", "-;-@host:0 share|a?b");
    check_smb("\\\\host", "-;-@host:0 -|");
    check_refused("\\\\\\share\\file", "host");
    check_refused("\\\\host\\\\file", "share");
}
END_TEST

START_TEST(other_texts_are_local)
{
    static const char *const local[] = {"a",    "/tmp/a", "share:path", "smb:/x",
                                        "a%00", "//h/s",  "--"};
    struct location where;
    struct refusal why = {""};

    for (size_t i = 0; i < sizeof local / sizeof local[0]; i++) {
        ck_assert(location_parse(&where, local[i], &why));
        ck_assert_int_eq(where.kind, LOCATION_LOCAL);
        ck_assert_str_eq(where.path, local[i]);
        location_free(&where);
    }
    ck_assert(location_parse(&where, "-", &why));
    ck_assert_int_eq(where.kind, LOCATION_STREAM);
    location_free(&where);
    check_refused("", "empty");
}
END_TEST

START_TEST(paths_are_brought_to_their_shortest_form)
{
    check_smb("smb://h/s//a///b", "-;-@h:0 s|a/b");
    check_smb("smb://h/s/dir/../x", "-;-@h:0 s|x");
    check_smb("smb://h/s/a/./b/../../c", "-;-@h:0 s|c");
    check_smb("smb://h/s/a\\b\\c", "-;-@h:0 s|a/b/c");
    check_smb("smb://h/s/a%5Cb%2Fc", "-;-@h:0 s|a/b/c");
    check_smb("smb://h/s/file/", "-;-@h:0 s|file/");
    check_smb("smb://h/s/file//", "-;-@h:0 s|file/");
    check_smb("smb://h/s/dir/.", "-;-@h:0 s|dir/");
    check_smb("smb://h/s/dir/x/..", "-;-@h:0 s|dir/");
    check_smb("smb://h/s/", "-;-@h:0 s|/");
    check_smb("smb://h/s/.../..a/b..", "-;-@h:0 s|.../..a/b..");
}
END_TEST

START_TEST(paths_out_of_the_share_are_refused)
{
    check_refused("smb://h/s/..", "out of the share");
    check_refused("smb://h/s/a/../../b", "out of the share");
    check_refused("smb://h/s/%2e%2e/b", "out of the share");
    check_refused("smb://h/s/a/..\\..\\b", "out of the share");
    check_refused("\\\\h\\s\\..\\x", "out of the share");
    check_refused("smb://h/../x", "share");
}
END_TEST

/* What is the pattern of a location?  NULL: none. */
static void check_pattern(const char *text, const char *want)
{
    struct location where;
    struct refusal why = {""};

    ck_assert_msg(location_parse(&where, text, &why), "%s: %s", text, why.text);
    if (want) {
        ck_assert_msg(where.pattern != NULL, "%s", text);
        ck_assert_str_eq(where.pattern, want);
    } else {
        ck_assert_msg(!where.pattern, "%s: %s", text, where.pattern);
    }
    location_free(&where);
}

static void check_above(const char *text, bool wild)
{
    struct location where;
    struct refusal why = {""};

    ck_assert_msg(location_parse(&where, text, &why), "%s", why.text);
    ck_assert_msg(where.wild_above == wild, "%s", text);
    location_free(&where);
}

START_TEST(a_pattern_above_the_last_name_is_seen)
{
    check_above("smb://h/s/*/x", true);
    check_above("smb://h/s/[ab]/x", true);
    check_above("smb://h/s/a/x%3F/*", true);
    check_above("smb://h/s/%5Bab]/x", false);
    check_above("smb://h/s/a%2A/x", false);
    check_above("smb://h/s/d/*", false);
    check_above("smb://h/s/d/*/", false);
    check_above("\\\\h\\s\\a*\\x", true);
    check_above("\\\\h\\s\\[ab]\\x", false); /* which has no escapes */
    check_above("/tmp/*/x", false);
}
END_TEST

START_TEST(the_last_name_may_be_a_pattern)
{
    check_pattern("smb://h/s/dir/*.txt", "*.txt");
    check_pattern("smb://h/s/dir/*.txt/", "*.txt");
    check_pattern("smb://h/s/*", "*");
    check_pattern("smb://h/s/dir/a%3F%20b", "a? b");
    check_pattern("smb://h/s/[ab]%2A", "[ab]\\*");
    check_pattern("\\\\h\\s\\dir\\a?b", "a?b");
    check_pattern("smb://h/s/dir%2F*", "*");
    check_pattern("smb://h/s/dir", NULL);
    check_pattern("smb://h/s", NULL);
    check_pattern("smb://h/s/*/x", NULL);
    check_pattern("smb://h/s/a%2A", NULL);
    check_pattern("smb://h/s/%5Ba]", NULL);
    check_pattern("smb://h/s/[a", NULL);
    check_pattern("/tmp/*", NULL);
}
END_TEST

static bool same_share(const char *one, const char *other)
{
    struct location a, b;
    struct refusal why = {""};

    ck_assert(location_parse(&a, one, &why));
    ck_assert(location_parse(&b, other, &why));
    bool same = location_same_share(&a, &b);
    location_free(&a);
    location_free(&b);
    return same;
}

START_TEST(one_share_is_told_from_another)
{
    ck_assert(same_share("smb://u@host/share/a", "smb://U@HOST:445/Share/b"));
    ck_assert(same_share("smb://host/share/a", "\\\\host\\share\\b"));
    ck_assert(!same_share("smb://u@host/share", "smb://u@host/other"));
    ck_assert(!same_share("smb://u@host/share", "smb://u@host:446/share"));
    ck_assert(!same_share("smb://u@host/share", "smb://v@host/share"));
    ck_assert(!same_share("smb://u@host/share", "smb://host/share"));
    ck_assert(!same_share("smb://u@host/share", "smb://d;u@host/share"));
    ck_assert(!same_share("smb://host/share", "/host/share"));
}
END_TEST

START_TEST(a_missing_user_is_adopted)
{
    struct location a, b;
    struct refusal why = {""};

    ck_assert(location_parse(&a, "smb://D;u@h/s/a", &why));
    ck_assert(location_parse(&b, "smb://h/s/b", &why));
    ck_assert(location_adopt_user(&b, &a));
    ck_assert_str_eq(b.user, "u");
    ck_assert_str_eq(b.domain, "D");
    ck_assert(location_same_share(&a, &b));
    location_free(&a);
    location_free(&b);
}
END_TEST

static void check_string(char *got, const char *want)
{
    ck_assert_str_eq(got, want);
    free(got);
}

START_TEST(names_are_joined_and_split)
{
    struct location where;
    struct refusal why = {""};
    char text[64];

    check_string(location_join("", "b"), "b");
    check_string(location_join("a", "b"), "a/b");
    check_string(location_join("a/", "b"), "a/b");
    check_string(location_parent("a/b/c"), "a/b");
    check_string(location_parent("a"), "");
    check_string(location_parent(""), "");
    ck_assert_str_eq(location_base("a/b"), "b");
    ck_assert_str_eq(location_base("b"), "b");
    ck_assert(location_parse(&where, "smb://u@h/s/a/b", &why));
    ck_assert_str_eq(location_show(&where, text, sizeof text), "\\\\h\\s\\a\\b");
    location_free(&where);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "tools/location", a_password_in_a_url_is_refused_and_not_repeated,
        hosts_and_ports_that_cannot_be_are_refused, bad_escapes_and_zero_bytes_are_refused,
        queries_are_known_or_refused, a_netbios_session_is_asked_for_by_nbt,
        with_a_connection_a_location_is_share_and_path,
        a_location_by_connection_is_shown_as_it_is_spelt, objects_are_split_as_lava_splits_them,
        a_slash_that_was_forgotten_is_asked_for, urls_are_taken_apart,
        unc_paths_are_taken_as_they_are, other_texts_are_local,
        paths_are_brought_to_their_shortest_form, paths_out_of_the_share_are_refused,
        a_pattern_above_the_last_name_is_seen, the_last_name_may_be_a_pattern,
        one_share_is_told_from_another, a_missing_user_is_adopted, names_are_joined_and_split);
}
