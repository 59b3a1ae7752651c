/* test_odd_names.c: names that few servers and no Unicode text have, there and back. */
#include "test/xfer/put_world.h"

/* What a listing shows of the one file that is there. */
struct shown {
    char name[1024];
    unsigned count;
};

static bool show(void *arg, const char *name, const struct lsmb_stat *stat)
{
    struct shown *shown = arg;

    (void)stat;
    ck_assert_uint_lt(strlen(name), sizeof shown->name);
    memcpy(shown->name, name, strlen(name) + 1);
    shown->count++;
    return true;
}

/* Put, list under the same spelling, get, rename, delete. */
static void there_and_back(const char *name)
{
    struct peer_config config = peer_defaults();
    struct shown shown = {.count = 0};
    struct put p;
    void *got = NULL;
    size_t len = 0;

    config.any_name = true;
    put_init_with(&p, &config);
    fs_ok(&p.w, put(&p, name, "hello", 5));
    fs_ok(&p.w, lsmb_list(p.share, "", NULL, show, &shown, &p.w.err));
    ck_assert_uint_eq(shown.count, 1);
    ck_assert_str_eq(shown.name, name);
    fs_ok(&p.w, lsmb_copy(p.w.smb, lsmb_source_share(p.share, shown.name, false),
                          lsmb_sink_memory(p.w.smb, &got, &len, 100), NULL, NULL, &p.w.err));
    ck_assert_uint_eq(len, 5);
    ck_assert_mem_eq(got, "hello", 5);
    free(got);
    fs_ok(&p.w, lsmb_rename(p.share, name, "plain", false, &p.w.err));
    fs_ok(&p.w, lsmb_rename(p.share, "plain", name, false, &p.w.err));
    fs_ok(&p.w, put(&p, name, "again", 5));
    fs_ok(&p.w, lsmb_remove(p.share, name, &p.w.err));
    put_end(&p);
}

START_TEST(names_of_255_units)
{
    static const char grin[4] = {'\xf0', '\x9f', '\x98', '\x80'}; /* U+1F600: two units */
    char ascii[256], wide[255 * 3 + 1], pairs[127 * 4 + 2] = "";

    memset(ascii, 'n', 255);
    ascii[255] = '\0';
    for (size_t i = 0; i < 255; i++) {
        memcpy(wide + 3 * i, "\xe6\x97\xa5", 3); /* U+65E5 */
    }
    wide[sizeof wide - 1] = '\0';
    for (size_t i = 0; i < 127; i++) {
        memcpy(pairs + 4 * i, grin, sizeof grin);
    }
    pairs[sizeof pairs - 2] = 'x';
    there_and_back(ascii);
    there_and_back(wide);
    there_and_back(pairs);
}
END_TEST

START_TEST(lone_surrogates) /* WTF-8 */
{
    there_and_back("\xed\xa0\xbd"); /* U+D83D */
    there_and_back("\xed\xb8\x80"); /* U+DE00 */
    there_and_back("a\xed\xb8\x80\xed\xa0\xbd"
                   "b"); /* the wrong way round */
    there_and_back("\xf0\x9f\x98\x80\xed\xa0\xbd");
}
END_TEST

START_TEST(reserved_characters_and_ends)
{
    static const char *const names[] = {
        "a<b>c", "\"quoted\"", "a|b", "what?",   "star*",     "end.", "end ", " begin",
        "...",   ". .",        "nul", "con.txt", "tab\there", "\x01", "~$x",  "100%"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        there_and_back(names[i]);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("xfer, odd names", names_of_255_units, lone_surrogates,
                     reserved_characters_and_ends);
}
