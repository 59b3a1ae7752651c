/* test_follow.c: where a symbolic link leads (MS-SMB2 2.2.2.2.1.1). */
#include "fs/follow.h"

#include "base/ntstatus.h"
#include "proto/utf16.h"
#include "test/hex.h"
#include "test/run.h"

#define UNC "\\\\Server\\share"

enum { NAME_MAX_BYTES = 1024 };

/* A link on `path` with the last `unparsed` characters behind it. */
struct link_case {
    const char *path;
    uint16_t unparsed;
    bool relative;
    const char *target; /* as the wire has it */
    const char *want;   /* the path to ask for, or the place it leads to, for errors */
};

static struct span utf16_of(const char *text, uint8_t room[static NAME_MAX_BYTES])
{
    struct wr w = wr_from(room, NAME_MAX_BYTES);

    wr_utf16(&w, text);
    ck_assert(wr_ok(&w));
    return wr_written(&w);
}

static bool follow(const struct link_case *c, struct path *to, struct lsmb_error *err)
{
    uint8_t path[NAME_MAX_BYTES], target[NAME_MAX_BYTES];
    struct smb2_symlink_error link = {
        .unparsed_bytes = (uint16_t)(2 * c->unparsed),
        .flags = c->relative ? (uint32_t)SYMLINK_FLAG_RELATIVE : 0u,
        .substitute_name = utf16_of(c->target, target),
    };

    memset(err, 0, sizeof *err);
    return follow_link(to, utf16_of(c->path, path), &link, UNC, err);
}

static void ck_leads(const struct link_case *c)
{
    struct lsmb_error err;
    struct path to;

    ck_assert_msg(follow(c, &to, &err), "%s to %s: %s", c->path, c->target, err.reason);
    char *text = utf8_new(path_span(&to));
    ck_assert_msg(strcmp(text, c->want) == 0, "%s to %s: %s", c->path, c->target, text);
    free(text);
    path_free(&to);
}

static void ck_leads_out(const struct link_case *c)
{
    struct lsmb_error err;
    struct path to;

    ck_assert_msg(!follow(c, &to, &err), "%s to %s is followed", c->path, c->target);
    ck_assert_msg(err.code == LSMB_E_STATUS, "%s to %s: %d", c->path, c->target, (int)err.code);
    ck_assert_uint_eq(err.nt_status, (uint32_t)STATUS_STOPPED_ON_SYMLINK);
    ck_assert_msg(strstr(err.reason, c->want), "%s is not in: %s", c->want, err.reason);
    ck_assert_str_ne(err.advice, "");
    ck_assert_ptr_null(to.utf16);
}

static void ck_malformed(const struct link_case *c)
{
    struct lsmb_error err;
    struct path to;

    ck_assert_msg(!follow(c, &to, &err), "%s to %s is followed", c->path, c->target);
    ck_assert_msg(err.code == LSMB_E_PROTOCOL, "%s to %s: %d", c->path, c->target, (int)err.code);
    ck_assert_ptr_null(to.utf16);
}

#define CK_EACH(check, cases)                                                                      \
    do {                                                                                           \
        for (size_t i_ = 0; i_ < sizeof(cases) / sizeof(cases)[0]; i_++) {                         \
            check(&(cases)[i_]);                                                                   \
        }                                                                                          \
    } while (0)

START_TEST(a_relative_link_counts_from_its_folder)
{
    static const struct link_case cases[] = {
        {"link", 0, true, "file", "file"},
        {"dir\\link", 0, true, "file", "dir\\file"},
        {"dir\\link", 0, true, "..\\file", "file"},
        {"a\\b\\link", 0, true, "..\\..\\c\\d", "c\\d"},
        {"a\\link", 0, true, ".", "a"},
        {"link", 0, true, ".", ""},
        {"a\\link", 0, true, "..", ""},
        {"link", 0, true, "b:stream", "b:stream"},
        {"link", 0, true, "b\\", "b"},
    };

    CK_EACH(ck_leads, cases);
}
END_TEST

START_TEST(what_lies_behind_the_link_is_kept)
{
    static const struct link_case cases[] = {
        {"link\\x", 2, true, "dir", "dir\\x"},
        {"link\\x", 1, true, "dir", "dir\\x"}, /* without the separator, as some count */
        {"a\\link\\x\\y", 4, true, "..\\b", "b\\x\\y"},
        {"a\\link\\x\\y", 4, false, "\\??\\UNC\\server\\share\\b", "b\\x\\y"},
        {"link\\x", 2, true, "..a\\", "..a\\x"},
        {"link\\", 1, true, "dir", "dir"},
    };

    CK_EACH(ck_leads, cases);
}
END_TEST

START_TEST(an_absolute_link_may_stay_in_the_share)
{
    static const struct link_case cases[] = {
        {"a\\link", 0, false, "\\??\\UNC\\server\\share\\b\\c", "b\\c"},
        {"a\\link", 0, false, "\\??\\unc\\SERVER\\Share\\b", "b"},
        {"a\\link", 0, false, "\\??\\UNC\\server\\share", ""},
        {"a\\link\\x", 2, false, "\\??\\UNC\\server\\share\\", "x"},
        {"a\\link", 0, false, "\\\\server\\share\\b", "b"},
    };

    CK_EACH(ck_leads, cases);
}
END_TEST

START_TEST(a_link_out_of_the_share_is_named_and_not_followed)
{
    static const struct link_case cases[] = {
        {"link", 0, false, "\\??\\UNC\\server\\other\\b", " \\\\server\\other\\b,"},
        {"link", 0, false, "\\??\\UNC\\server\\shared\\b", " \\\\server\\shared\\b,"},
        {"link", 0, false, "\\??\\UNC\\elsewhere\\share\\b", " \\\\elsewhere\\share\\b,"},
        {"link", 0, false, "\\\\elsewhere\\share\\b", " \\\\elsewhere\\share\\b,"},
        {"link", 0, false, "\\??\\C:\\dir\\b", " C:\\dir\\b,"},
        {"link", 0, false, "\\??\\Volume{1}\\b", " Volume{1}\\b,"},
        {"link", 0, false, "C:\\dir", " C:\\dir,"},
        {"link", 0, false, "/etc/passwd", " /etc/passwd,"},
        {"link", 0, false, "dir", " dir,"},
        {"link", 0, true, "\\dir", " \\dir,"}, /* from the root of what? */
        {"link", 0, true, "\\??\\UNC\\server\\share\\b", " \\\\server\\share\\b,"},
    };

    CK_EACH(ck_leads_out, cases);
}
END_TEST

START_TEST(dots_do_not_lead_out_of_the_share)
{
    static const struct link_case cases[] = {
        {"link", 0, true, "..", UNC "\\..,"},
        {"dir\\link", 0, true, "..\\..\\x", UNC "\\dir\\..\\..\\x,"},
        {"dir\\link", 0, true, "../../x", UNC "\\dir\\../../x,"},
        {"dir\\link", 0, true, "a/..\\../..\\x", UNC "\\dir\\a/..\\../..\\x,"},
        {"link", 0, false, "\\??\\UNC\\server\\share\\..\\other", "\\..\\other,"},
        {"link", 0, false, "\\??\\UNC\\server\\share\\../other", "\\../other,"},
    };

    CK_EACH(ck_leads_out, cases);
}
END_TEST

START_TEST(a_slash_separates_too)
{
    static const struct link_case cases[] = {
        {"dir\\link", 0, true, "a/b", "dir\\a\\b"},
        {"dir\\link", 0, true, "../b", "b"},
        {"dir\\link", 0, false, "\\??\\UNC\\server\\share\\a/../b", "b"},
    };

    CK_EACH(ck_leads, cases);
}
END_TEST

START_TEST(a_link_that_makes_no_sense_is_refused)
{
    static const struct link_case cases[] = {
        {"link", 0, true, "", ""},          /* nowhere */
        {"link", 4, true, "x", ""},         /* the share itself would be the link */
        {"link\\x", 6, true, "x", ""},      /* likewise */
        {"link\\x", 7, true, "x", ""},      /* more than there is */
        {"link\\xyz", 2, true, "x", ""},    /* in the middle of a name */
        {"a\\link\\xyz", 6, true, "x", ""}, /* in the middle of the link's */
        {"", 0, true, "x", ""},
    };

    CK_EACH(ck_malformed, cases);
}
END_TEST

START_TEST(a_target_with_a_nul_is_refused)
{
    uint8_t path[NAME_MAX_BYTES];
    struct smb2_symlink_error link = {
        .flags = SYMLINK_FLAG_RELATIVE,
        .substitute_name = {(const uint8_t *)"a\0\0\0b\0", 6},
    };
    struct lsmb_error err;
    struct path to;

    ck_assert(!follow_link(&to, utf16_of("link", path), &link, UNC, &err));
    ck_assert_int_eq(err.code, LSMB_E_PROTOCOL);
    link.substitute_name.len = 1; /* half a character */
    ck_assert(!follow_link(&to, utf16_of("link", path), &link, UNC, &err));
    ck_assert_int_eq(err.code, LSMB_E_PROTOCOL);
    link.substitute_name.len = 2;
    link.unparsed_bytes = 1;
    ck_assert(!follow_link(&to, utf16_of("link", path), &link, UNC, &err));
    ck_assert_int_eq(err.code, LSMB_E_PROTOCOL);
    link.unparsed_bytes = 0;
    ck_assert(follow_link(&to, utf16_of("link", path), &link, UNC, NULL));
    path_free(&to);
}
END_TEST

START_TEST(a_path_that_grows_too_long_is_refused)
{
    static uint8_t long_name[PATH_BYTES_MAX - 2];
    uint8_t path[NAME_MAX_BYTES];
    struct smb2_symlink_error link = {.flags = SYMLINK_FLAG_RELATIVE,
                                      .substitute_name = {long_name, sizeof long_name}};
    struct lsmb_error err;
    struct path to;

    for (size_t i = 0; i < sizeof long_name; i += 2) {
        long_name[i] = 'x';
    }
    ck_assert(follow_link(&to, utf16_of("link", path), &link, UNC, &err));
    path_free(&to);
    ck_assert(!follow_link(&to, utf16_of("ab\\link", path), &link, UNC, &err));
    ck_assert_int_eq(err.code, LSMB_E_STATUS);
}
END_TEST

/* The source: jborean93/smbprotocol, tests/test_exceptions.py, SMB2SymbolicLinkErrorResponse. */
START_TEST(a_link_of_windows_leads_to_its_disk)
{
    static const char text[] = "5800000053594d4c0c0000a04c0000001c00240000001c000000000043003a00"
                               "5c00740065006d0070005c0066006f006c006400650072005c003f003f005c00"
                               "43003a005c00740065006d0070005c0066006f006c00640065007200";
    uint8_t bytes[sizeof text / 2], path[NAME_MAX_BYTES];
    struct smb2_symlink_error link;
    struct lsmb_error err;
    struct path to;

    hex(bytes, text);
    struct smb2_error_reply reply = {.data = {bytes, sizeof bytes}};
    ck_assert(smb2_symlink_error_get(&link, &reply, 8));
    ck_assert(follow_is_last(&link));
    ck_assert(!follow_link(&to, utf16_of("link", path), &link, UNC, &err));
    ck_assert_ptr_nonnull(strstr(err.reason, " C:\\temp\\folder,"));
}
END_TEST

START_TEST(names_behind_a_link_are_counted)
{
    static const struct {
        const char *path;
        uint16_t unparsed;
        unsigned behind;
    } cases[] = {{"link", 0, 0},          {"link\\a", 2, 1},      {"link\\a", 1, 1},
                 {"a\\link\\b\\c", 4, 2}, {"link\\long\\", 6, 1}, {"link", 5, 0}};
    uint8_t path[NAME_MAX_BYTES];

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct smb2_symlink_error link = {.unparsed_bytes = (uint16_t)(2 * cases[i].unparsed)};
        ck_assert_uint_eq(follow_count_behind(utf16_of(cases[i].path, path), &link),
                          cases[i].behind);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("fs/follow", a_relative_link_counts_from_its_folder,
                     what_lies_behind_the_link_is_kept, an_absolute_link_may_stay_in_the_share,
                     a_link_out_of_the_share_is_named_and_not_followed,
                     dots_do_not_lead_out_of_the_share, a_slash_separates_too,
                     a_link_that_makes_no_sense_is_refused, a_target_with_a_nul_is_refused,
                     a_path_that_grows_too_long_is_refused, a_link_of_windows_leads_to_its_disk,
                     names_behind_a_link_are_counted);
}
