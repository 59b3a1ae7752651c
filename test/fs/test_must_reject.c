/* test_must_reject.c: answers whose bodies lie (MS-SMB2 3.2.5.1.9, 3.2.5.7 to 3.2.5.18).
 *
 * The server signs what it says; but a length, an offset or a size in it is not what it should be.  The
 * operation fails, nothing of the answer is used, and the connection goes on. */
#include "test/conn/lie.h"
#include "test/fs/fs_world.h"

enum { TEXT_LEN = 300 };

static struct fs_world w;
static struct lsmb_share *share;
static char text[TEXT_LEN + 1];

/* What is done, and whether anything of the answer has been used. */
static unsigned used;

static bool use_entry(void *arg, const char *name, const struct lsmb_stat *stat)
{
    (void)arg;
    (void)name;
    (void)stat;
    used++;
    return true;
}

static bool use_stream(void *arg, const char *name, uint64_t bytes)
{
    (void)arg;
    (void)name;
    (void)bytes;
    used++;
    return true;
}

static bool use_snapshot(void *arg, const char *name)
{
    (void)arg;
    (void)name;
    used++;
    return true;
}

static enum lsmb_code look(const char *path)
{
    struct lsmb_stat stat = {.bytes = 4567};
    enum lsmb_code code = lsmb_stat(share, path, &stat, &w.err);

    used += code != LSMB_OK && stat.bytes != 4567;
    return code;
}

static enum lsmb_code stat_file(void)
{
    return look("a.txt");
}

static enum lsmb_code stat_link(void)
{
    return look("link");
}

static enum lsmb_code list_dir(void)
{
    return lsmb_list(share, "dir", NULL, use_entry, NULL, &w.err);
}

static enum lsmb_code list_streams(void)
{
    return lsmb_streams(share, "a.txt", use_stream, NULL, &w.err);
}

static enum lsmb_code list_snapshots(void)
{
    return lsmb_snapshots(share, "", use_snapshot, NULL, &w.err);
}

static enum lsmb_code set_attributes(void)
{
    const struct lsmb_set set = {.size = sizeof set, .attributes = LSMB_ATTR_HIDDEN};

    return lsmb_set(share, "a.txt", &set, &w.err);
}

static struct lsmb_file *open_file(void)
{
    struct lsmb_file *file = NULL;

    fs_ok(&w, lsmb_file_open(share, "a.txt", LSMB_OPEN_READ | LSMB_OPEN_WRITE, &file, &w.err));
    return file;
}

/* Close the file, whatever the outcome was, and keep what was said of that. */
static enum lsmb_code done_with(struct lsmb_file *file, enum lsmb_code code)
{
    struct lsmb_error ignored;

    (void)lsmb_file_close(file, &ignored);
    return code;
}

static enum lsmb_code read_file(void)
{
    struct lsmb_file *file = open_file();
    char into[100], before[100];
    size_t got = 0;

    memset(into, 0x77, sizeof into);
    memcpy(before, into, sizeof before);
    enum lsmb_code code = lsmb_file_read(file, into, sizeof into, 0, &got, &w.err);
    used += code != LSMB_OK && (memcmp(into, before, sizeof into) != 0 || got > 0);
    return done_with(file, code);
}

static enum lsmb_code write_file(void)
{
    struct lsmb_file *file = open_file();

    return done_with(file, lsmb_file_write(file, "hello", 5, 0, &w.err));
}

static enum lsmb_code flush_file(void)
{
    struct lsmb_file *file = open_file();

    return done_with(file, lsmb_file_flush(file, &w.err));
}

static enum lsmb_code lock_file(void)
{
    const struct lsmb_lock lock = {0, 1, LSMB_LOCK_EXCLUSIVE};
    struct lsmb_file *file = open_file();

    return done_with(file, lsmb_file_lock(file, &lock, 1, false, &w.err));
}

static enum lsmb_code close_file(void)
{
    return lsmb_file_close(open_file(), &w.err);
}

/* ---------------------------------------------------------------- lies */

struct lie {
    const char *name;
    ptrdiff_t longer; /* by so many bytes, or shorter */
    struct lie_patch patch[LIE_PATCHES];
};

/* In whose answer they stand, and what asks for it. */
struct asked {
    uint16_t command;
    enum lsmb_code (*does)(void);
    uint16_t dialect;    /* 0: any */
    enum lsmb_code code; /* how it ends */
};

static const struct lie *told;

static void edit(struct peer_reply *reply)
{
    reply->len += (size_t)told->longer;
    ck_assert_uint_le(reply->len, reply->cap);
    lie_patch_all(reply->bytes, reply->cap, told->patch);
}

static void begin(uint16_t dialect)
{
    static const char *const snapshots[] = {"@GMT-2026.01.31-12.00.00", NULL};
    struct peer_config config = peer_defaults();

    config.signing_required = true;
    if (dialect) {
        memset(config.dialects, 0, sizeof config.dialects);
        config.dialects[0] = dialect;
    }
    fs_world_init(&w, &config);
    memset(text, 'x', TEXT_LEN);
    (void)peer_add_file(&w.peer, "a.txt", text, TEXT_LEN);
    (void)peer_add_file(&w.peer, "dir/one", "1", 1);
    (void)peer_add_file(&w.peer, "dir/two", "2", 1);
    (void)peer_add_symlink(&w.peer, "link", "a.txt", true);
    w.peer.snapshots = snapshots;
    share = fs_share(&w);
    used = 0;
}

static void end(void)
{
    lsmb_share_close(share);
    fs_world_free(&w);
}

static enum lsmb_code tell(const struct lie *lie, const struct asked *asked)
{
    told = lie;
    peer_script(&w.peer, &(struct peer_rule){.command = asked->command, .edit = edit});
    return asked->does();
}

static void ck_refused(const struct lie *lie, const struct asked *asked)
{
    char message[600];

    begin(asked->dialect);
    enum lsmb_code code = tell(lie, asked);
    ck_assert_msg(code == asked->code, "%s: %s: %d, %s", smb2_command_name(asked->command),
                  lie->name, (int)code,
                  code ? lsmb_error_text(&w.err, message, sizeof message) : "taken");
    ck_assert(code == LSMB_E_PROTOCOL || nt_status_is(w.err.nt_status, STATUS_STOPPED_ON_SYMLINK));
    ck_assert_msg(used == 0, "%s: %s is used", smb2_command_name(asked->command), lie->name);
    fs_ok(&w, look("dir")); /* over the same connection */
    ck_assert_uint_eq(w.dialled, 1);
    end();
}

static void ck_all_refused(const struct lie *lies, size_t count, const struct asked *asked)
{
    for (size_t i = 0; i < count; i++) {
        ck_refused(&lies[i], asked);
    }
}

#define CK_REFUSED(lies, ...)                                                                      \
    ck_all_refused(lies, sizeof(lies) / sizeof *(lies), &(struct asked){__VA_ARGS__})

/* ---------------------------------------------------------------- CREATE and CLOSE */

/* Offsets in an answer to CREATE (MS-SMB2 2.2.14) and in its first context (2.2.13.2). */
enum {
    SIZE = 64,
    C_OPLOCK = 66,
    C_CONTEXTS_OFFSET = 144,
    C_CONTEXTS_LENGTH = 148,
    X_NEXT = 152,
    X_NAME_OFFSET = 156,
    X_NAME_LENGTH = 158,
    X_DATA_OFFSET = 162,
    X_DATA_LENGTH = 164,
};

START_TEST(a_create_must_fit_its_answer)
{
    static const struct lie lies[] = {
        {"another size", 0, {{SIZE, 2, 88}}},
        {"cut off", -100, {{0}}},
        {"contexts past the end", 0, {{C_CONTEXTS_OFFSET, 4, 0x7FFFFFF8}}},
        {"contexts in the header", 0, {{C_CONTEXTS_OFFSET, 4, 8}}},
        {"more contexts", 0, {{C_CONTEXTS_LENGTH, 4, 0x7FFFFFFF}}},
        {"contexts that wrap", 0, {{C_CONTEXTS_LENGTH, 4, 0xFFFFFFF0}}},
        {"a context that goes back", 0, {{X_NEXT, 4, 0xFFFFFFF8}}},
        {"one that leads into itself", 0, {{X_NEXT, 4, 8}}},
        {"one that leads outside", 0, {{X_NEXT, 4, 0x1000}}},
        {"a name outside", 0, {{X_NAME_OFFSET, 2, 0xFFF0}}},
        {"a long name", 0, {{X_NAME_LENGTH, 2, 0xFFFF}}},
        {"data outside", 0, {{X_DATA_OFFSET, 2, 0xFFF0}}},
        {"more data", 0, {{X_DATA_LENGTH, 4, 0x7FFFFFFF}}},
        {"a size that no file has", 0, {{112, 4, 0}, {116, 4, 0x80000000}}},
        {"an error's body", -80, {{SIZE, 4, 9}, {68, 4, 0}}},
    };

    CK_REFUSED(lies, SMB2_CREATE, stat_file, 0, LSMB_E_PROTOCOL);
}
END_TEST

/* MS-SMB2 2.2.14: as good as none. */
START_TEST(an_oplock_that_does_not_exist_is_none)
{
    static const struct lie lie = {"another oplock", 0, {{C_OPLOCK, 1, 0x55}}};

    begin(0);
    fs_ok(&w, tell(&lie, &(struct asked){SMB2_CREATE, stat_file, 0, LSMB_OK}));
    end();
}
END_TEST

START_TEST(what_is_closed_written_out_locked_or_set_has_its_answer)
{
    static const struct lie lies[] = {
        {"another size", 0, {{SIZE, 2, 7}}},
        {"cut off", -1, {{0}}},
    };

    CK_REFUSED(lies, SMB2_CLOSE, close_file, 0, LSMB_E_PROTOCOL);
    CK_REFUSED(lies, SMB2_FLUSH, flush_file, 0, LSMB_E_PROTOCOL);
    CK_REFUSED(lies, SMB2_LOCK, lock_file, 0, LSMB_E_PROTOCOL);
    ck_all_refused(lies, 1, &(struct asked){SMB2_SET_INFO, set_attributes, 0, LSMB_E_PROTOCOL});
}
END_TEST

/* ---------------------------------------------------------------- READ and WRITE */

/* MS-SMB2 2.2.20, 2.2.22. */
enum { R_OFFSET = 66, R_LENGTH = 68, W_COUNT = 68 };

START_TEST(a_read_brings_what_is_there_and_was_asked_for)
{
    static const struct lie lies[] = {
        {"another size", 0, {{SIZE, 2, 16}}},
        {"data past the end", 0, {{R_OFFSET, 1, 0xFF}}},
        {"data in the header", 0, {{R_OFFSET, 1, 8}}},
        {"no data", -100, {{0}}},
        {"more than there is", 0, {{R_LENGTH, 4, 0x7FFFFFFF}}},
        {"what wraps", 0, {{R_LENGTH, 4, 0xFFFFFFF0}}},
        {"more than was asked for", 1, {{R_LENGTH, 4, 101}}},
    };

    CK_REFUSED(lies, SMB2_READ, read_file, 0, LSMB_E_PROTOCOL);
}
END_TEST

START_TEST(no_more_is_written_than_was_sent)
{
    static const struct lie lies[] = {
        {"another size", 0, {{SIZE, 2, 16}}},
        {"more", 0, {{W_COUNT, 4, 6}}},
        {"much more", 0, {{W_COUNT, 4, 0xFFFFFFFF}}},
        {"nothing", 0, {{W_COUNT, 4, 0}}},
    };

    CK_REFUSED(lies, SMB2_WRITE, write_file, 0, LSMB_E_PROTOCOL);
}
END_TEST

/* ---------------------------------------------------------------- lists */

/* MS-SMB2 2.2.34, 2.2.38, 2.2.32; MS-FSCC 2.4.22. */
enum {
    Q_OFFSET = 66,
    Q_LENGTH = 68,
    E_FIRST = 72,
    E_NAME_LENGTH = 72 + 60,
    I_CODE = 68,
    I_OUTPUT_OFFSET = 96,
    I_OUTPUT_COUNT = 100
};

START_TEST(a_listing_stays_in_its_answer)
{
    static const struct lie lies[] = {
        {"another size", 0, {{SIZE, 2, 10}}},
        {"past the end", 0, {{Q_OFFSET, 2, 0xFFFF}}},
        {"in the header", 0, {{Q_OFFSET, 2, 8}}},
        {"more than there is", 0, {{Q_LENGTH, 4, 0x7FFFFFFF}}},
        {"what wraps", 0, {{Q_LENGTH, 4, 0xFFFFFFFF}}},
        {"entries in entries", 0, {{E_FIRST, 4, 8}}},
        {"entries nowhere", 0, {{E_FIRST, 4, 0x00FFFFFF}}},
        {"entries behind", 0, {{E_FIRST, 4, 0xFFFFFFF8}}},
        {"an endless name", 0, {{E_NAME_LENGTH, 4, 0x7FFFFFFE}}},
        {"half a character", 0, {{E_NAME_LENGTH, 4, 3}}},
        {"no name", 0, {{E_NAME_LENGTH, 4, 0}}},
    };

    CK_REFUSED(lies, SMB2_QUERY_DIRECTORY, list_dir, 0, LSMB_E_PROTOCOL);
}
END_TEST

START_TEST(information_stays_in_its_answer)
{
    static const struct lie lies[] = {
        {"another size", 0, {{SIZE, 2, 8}}},
        {"past the end", 0, {{Q_OFFSET, 2, 0xFFFF}}},
        {"in the header", 0, {{Q_OFFSET, 2, 8}}},
        {"more than there is", 0, {{Q_LENGTH, 4, 0x7FFFFFFF}}},
        {"what wraps", 0, {{Q_LENGTH, 4, 0xFFFFFFFF}}},
        {"entries nowhere", 0, {{E_FIRST, 4, 0x00FFFFF8}}},
        {"an endless name", 0, {{E_FIRST + 4, 4, 0x7FFFFFFE}}},
    };

    CK_REFUSED(lies, SMB2_QUERY_INFO, list_streams, 0, LSMB_E_PROTOCOL);
}
END_TEST

START_TEST(output_stays_in_its_answer)
{
    static const struct lie lies[] = {
        {"another size", 0, {{SIZE, 2, 48}}},
        {"to another question", 0, {{I_CODE, 4, 0x00140204}}},
        {"past the end", 0, {{I_OUTPUT_OFFSET, 4, 0x7FFFFFF8}}},
        {"in the header", 0, {{I_OUTPUT_OFFSET, 4, 8}}},
        {"more than there is", 0, {{I_OUTPUT_COUNT, 4, 0x7FFFFFFF}}},
        {"what wraps", 0, {{I_OUTPUT_COUNT, 4, 0xFFFFFFF0}}},
    };

    CK_REFUSED(lies, SMB2_IOCTL, list_snapshots, 0, LSMB_E_PROTOCOL);
}
END_TEST

/* ---------------------------------------------------------------- symbolic links */

/* MS-SMB2 2.2.2.2.1, behind the error's 8 bytes; in 3.1.1 a context's 8 bytes stand before it. */
#define LINK_LIES(at)                                                                              \
    {                                                                                              \
        {"a length outside", 0, {{(at), 4, 0x7FFFFFFF}}},                                          \
            {"another tag of errors", 0, {{(at) + 4, 4, 0x11111111}}},                             \
            {"another reparse tag", 0, {{(at) + 8, 4, 0xA0000003}}},                               \
            {"more data", 0, {{(at) + 12, 2, 0xFFFF}}},                                            \
            {"more left than was asked for", 0, {{(at) + 14, 2, 0xFFFE}}},                         \
            {"half a character left", 0, {{(at) + 14, 2, 1}}},                                     \
            {"a name outside", 0, {{(at) + 16, 2, 0xFFF0}}},                                       \
            {"an endless name", 0, {{(at) + 18, 2, 0xFFF0}}},                                      \
            {"half a character", 0, {{(at) + 18, 2, 3}}},                                          \
    }

START_TEST(a_link_that_makes_no_sense_is_not_followed)
{
    static const struct lie bare[] = LINK_LIES(72);
    static const struct lie wrapped[] = LINK_LIES(80);

    CK_REFUSED(bare, SMB2_CREATE, stat_link, SMB2_DIALECT_202, LSMB_E_STATUS);
    CK_REFUSED(bare, SMB2_CREATE, stat_link, SMB2_DIALECT_302, LSMB_E_STATUS);
    CK_REFUSED(wrapped, SMB2_CREATE, stat_link, SMB2_DIALECT_311, LSMB_E_STATUS);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "fs/must_reject", a_create_must_fit_its_answer, an_oplock_that_does_not_exist_is_none,
        what_is_closed_written_out_locked_or_set_has_its_answer,
        a_read_brings_what_is_there_and_was_asked_for, no_more_is_written_than_was_sent,
        a_listing_stays_in_its_answer, information_stays_in_its_answer, output_stays_in_its_answer,
        a_link_that_makes_no_sense_is_not_followed);
}
