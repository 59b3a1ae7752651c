/* test_dir.c: listing a directory, also one that a hostile server made up (MS-SMB2 3.2.5.18). */
#include "proto/dir.h"

#include <limits.h>
#include <stdio.h>

#include "test/fs/fs_world.h"

static struct fs_world w;
static struct lsmb_share *share;

/* What was listed, each name with a '|' behind it. */
static struct seen {
    char names[4096];
    unsigned count, stop_after; /* 0: never */
    struct lsmb_stat last;
    struct lsmb_job *cancel; /* this one, from inside */
} seen;

static bool see(void *arg, const char *name, const struct lsmb_stat *stat)
{
    struct seen *s = arg;
    size_t len = strlen(s->names);

    (void)snprintf(s->names + len, sizeof s->names - len, "%s|", name);
    s->last = *stat;
    if (s->cancel) {
        lsmb_job_cancel(s->cancel, NULL);
    }
    return ++s->count != s->stop_after;
}

static void begin_with(const struct peer_config *config)
{
    fs_world_init(&w, config);
    share = fs_share(&w);
    memset(&seen, 0, sizeof seen);
}

static void begin(void)
{
    begin_with(NULL);
}

static void end(void)
{
    fs_turn(&w, 4);
    ck_assert(list_empty(&peer_find(&w.peer, "")->opens));
    lsmb_share_close(share);
    fs_world_free(&w);
}

static enum lsmb_code list(const char *path, const char *pattern)
{
    memset(seen.names, 0, sizeof seen.names);
    seen.count = 0;
    struct lsmb_list_options opt = {.size = sizeof opt, .pattern = pattern};

    return lsmb_list(share, path, &opt, see, &seen, &w.err);
}

static void ck_list(const char *path, const char *pattern, const char *want)
{
    fs_ok(&w, list(path, pattern));
    ck_assert_str_eq(seen.names, want);
}

/* ---------------------------------------------------------------- an honest server */

START_TEST(entries_come_without_dots_in_the_servers_order)
{
    begin();
    (void)peer_add_file(&w.peer, "b.txt", "hello", 5);
    (void)peer_add_dir(&w.peer, "a");
    (void)peer_add_file(&w.peer, "a/inside", NULL, 0);
    (void)peer_add_file(&w.peer, "c.txt", NULL, 0);
    ck_list("", NULL, "b.txt|a|c.txt|");
    ck_list("a", NULL, "inside|");
    ck_list("/a/./", "*", "inside|");
    end();
}
END_TEST

START_TEST(entries_are_described)
{
    begin();
    struct peer_node *file = peer_add_file(&w.peer, "a", "hello", 5);
    file->attributes = FILE_ATTRIBUTE_HIDDEN;
    ck_list("", NULL, "a|");
    ck_assert_uint_eq(seen.last.bytes, 5);
    ck_assert_int_eq(seen.last.written, 1700000000000000000);
    ck_assert_uint_eq(seen.last.attributes, LSMB_ATTR_HIDDEN);
    ck_assert_uint_eq(seen.last.file_id, file->id);
    end();
}
END_TEST

START_TEST(an_empty_directory_is_no_error)
{
    begin();
    (void)peer_add_dir(&w.peer, "a");
    ck_list("a", NULL, "");
    end();
}
END_TEST

START_TEST(what_matches_nothing_is_no_error)
{
    begin();
    (void)peer_add_file(&w.peer, "a", NULL, 0);
    ck_list("", "*.txt", "");
    end();
}
END_TEST

/* A lsmb_entry_fn: the file ids of "." and "..". */
static bool take_dots(void *arg, const char *name, const struct lsmb_stat *stat)
{
    uint64_t *ids = arg;

    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
        ids[strlen(name) - 1] = stat->file_id;
    }
    return true;
}

START_TEST(dots_are_handed_out_to_those_who_ask)
{
    struct lsmb_list_options opt = {.size = sizeof opt, .dots = true};
    uint64_t ids[2] = {0, 0};

    begin();
    peer_add_file(&w.peer, "dir/a", "1", 1);
    fs_ok(&w, lsmb_list(share, "dir", &opt, take_dots, ids, &w.err));
    ck_assert_uint_ne(ids[0], 0);
    ck_assert_uint_ne(ids[1], 0);
    fs_ok(&w, lsmb_list(share, "dir", NULL, take_dots, NULL, &w.err));
    end();
}
END_TEST

START_TEST(patterns_choose)
{
    begin();
    (void)peer_add_file(&w.peer, "a.txt", NULL, 0);
    (void)peer_add_file(&w.peer, "b.txt", NULL, 0);
    (void)peer_add_file(&w.peer, "a.bin", NULL, 0);
    ck_list("", "*.txt", "a.txt|b.txt|");
    ck_list("", "A*", "a.txt|a.bin|");
    ck_list("", "?.bin", "a.bin|");
    ck_list("", "b.txt", "b.txt|");
    end();
}
END_TEST

/* A pattern is for names, which are no paths. */
START_TEST(a_pattern_that_is_a_path_is_refused)
{
    static const char *const bad[] = {"", ".", "..", "a/b", "a\\*", "../*", "\xFF"};

    begin();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        fs_failed(&w, list("", bad[i]), LSMB_E_USAGE, 0);
    }
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CREATE), 0);
    end();
}
END_TEST

START_TEST(a_long_listing_comes_in_pages)
{
    struct peer_config config = peer_defaults();
    char name[64];

    config.max_transact = 65536;
    begin_with(&config);
    for (unsigned i = 0; i < 700; i++) {
        (void)snprintf(name, sizeof name, "a-file-with-quite-a-long-name-number-%u", i);
        (void)peer_add_file(&w.peer, name, NULL, i);
    }
    fs_ok(&w, list("", NULL));
    ck_assert_uint_eq(seen.count, 700);
    ck_assert_uint_eq(seen.last.bytes, 699);
    ck_assert_uint_ge(peer_count(&w.peer, SMB2_QUERY_DIRECTORY), 3);
    end();
}
END_TEST

/* Counts, and looks whether the server has been asked for the next page already. */
static struct crowd {
    uint64_t count, bytes;
    size_t asked; /* QUERY_DIRECTORYs that had come when the first entry was told */
} crowd;

static bool count_crowd(void *arg, const char *name, const struct lsmb_stat *stat)
{
    struct crowd *c = arg;

    if (c->count == 0) {
        c->asked = peer_count(&w.peer, SMB2_QUERY_DIRECTORY);
    }
    c->count += name[0] == 'm';
    c->bytes += stat->bytes;
    return true;
}

static void list_crowd(uint64_t size)
{
    peer_find(&w.peer, "")->crowd = size;
    crowd = (struct crowd){0};
    fs_ok(&w, lsmb_list(share, "", NULL, count_crowd, &crowd, &w.err));
    ck_assert_uint_eq(crowd.count, size);
    ck_assert_uint_eq(crowd.bytes, size * (size + 1) / 2); /* each once */
}

/* An entry takes 136 bytes, so a page of 1 MiB holds 7710. */
START_TEST(a_hundred_thousand_entries_come_in_large_pages)
{
    begin();
    list_crowd(100000);
    ck_assert_uint_le(peer_count(&w.peer, SMB2_QUERY_DIRECTORY), 20);
    ck_assert_uint_eq(peer_last(&w.peer, SMB2_QUERY_DIRECTORY)->header.credit_charge, 16);
    end();
}
END_TEST

/* Two pages, and what else was received, are all that it takes. */
START_TEST(a_long_listing_takes_no_more_memory)
{
    begin();
    list_crowd(10000);
    size_t peak = w.smb->env.pool.peak;
    list_crowd(60000);
    ck_assert_uint_le(w.smb->env.pool.peak, 3 << 20);
    ck_assert_uint_ge(w.smb->env.pool.peak, peak);
    end();
}
END_TEST

START_TEST(the_next_page_is_asked_for_before_one_is_handed_out)
{
    begin();
    list_crowd(100);
    ck_assert_uint_eq(crowd.asked, 2);
    end();
}
END_TEST

/* 64 KiB are what every server gives; more is refused by some. */
START_TEST(a_server_that_does_not_like_large_pages_gets_small_ones)
{
    static const enum nt_status refusals[] = {STATUS_INVALID_PARAMETER, STATUS_INFO_LENGTH_MISMATCH,
                                              STATUS_INSUFFICIENT_RESOURCES};

    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        begin();
        list_crowd(20000); /* credits have come */
        peer_script(&w.peer, &(struct peer_rule){.command = SMB2_QUERY_DIRECTORY,
                                                 .skip = 3,
                                                 .times = 2,
                                                 .status = (uint32_t)refusals[i]});
        list_crowd(20000);
        ck_assert_uint_eq(peer_last(&w.peer, SMB2_QUERY_DIRECTORY)->header.credit_charge, 1);
        end();
    }
}
END_TEST

/* MS-SMB2 3.3.5.2.7: what the server would do, if it came alone. */
START_TEST(pages_that_company_spoils_are_asked_for_alone)
{
    static const uint32_t statuses[] = {
        (uint32_t)STATUS_INTERNAL_ERROR, (uint32_t)STATUS_NOT_SUPPORTED,
        (uint32_t)STATUS_NOT_IMPLEMENTED, (uint32_t)STATUS_INVALID_PARAMETER};

    for (unsigned i = 0; i < 16; i++) {
        struct peer_config config = peer_defaults();
        config.compounds_go_on = i & 4;
        begin_with(&config);
        (void)peer_add_file(&w.peer, "dir/a", "1", 1);
        (void)peer_add_file(&w.peer, "dir/b", "2", 1);
        peer_script(&w.peer, &(struct peer_rule){.command = SMB2_QUERY_DIRECTORY,
                                                 .skip = i & 8 ? 1 : 0,
                                                 .status = statuses[i & 3]});
        fs_ok(&w, list("dir", "*"));
        ck_assert_str_eq(seen.names, "a|b|");
        peer_script(&w.peer, &(struct peer_rule){.command = SMB2_QUERY_DIRECTORY,
                                                 .times = 3, /* alone, too */
                                                 .status = statuses[i & 3]});
        ck_assert_int_ne(list("dir", "*"), LSMB_OK);
        ck_assert_uint_eq(w.err.nt_status, statuses[i & 3]);
        end();
    }
}
END_TEST

START_TEST(no_page_is_asked_for_again_on_the_word_of_a_stranger)
{
    struct peer_config config = peer_defaults();

    config.signing_required = true;
    begin_with(&config);
    (void)peer_add_file(&w.peer, "dir/a", "1", 1);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_QUERY_DIRECTORY,
                                             .status = (uint32_t)STATUS_INVALID_PARAMETER,
                                             .protection = PEER_ZERO_MAC});
    fs_failed(&w, list("dir", "*"), LSMB_E_SECURITY, (uint32_t)STATUS_INVALID_PARAMETER);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_QUERY_DIRECTORY), 2);
    end();
}
END_TEST

START_TEST(a_server_that_likes_no_page_at_all_is_not_asked_for_ever)
{
    begin();
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_QUERY_DIRECTORY,
                                             .times = UINT_MAX,
                                             .status = (uint32_t)STATUS_INVALID_PARAMETER});
    fs_failed(&w, list("", NULL), LSMB_E_STATUS, (uint32_t)STATUS_INVALID_PARAMETER);
    ck_assert_uint_le(peer_count(&w.peer, SMB2_QUERY_DIRECTORY), 3);
    end();
}
END_TEST

START_TEST(one_credit_is_enough)
{
    struct peer_config config = peer_defaults();

    config.credits = 1;
    begin_with(&config);
    (void)peer_add_file(&w.peer, "a", NULL, 0);
    ck_list("", NULL, "a|");
    end();
}
END_TEST

START_TEST(who_has_seen_enough_stops)
{
    begin();
    (void)peer_add_file(&w.peer, "a", NULL, 0);
    (void)peer_add_file(&w.peer, "b", NULL, 0);
    (void)peer_add_file(&w.peer, "c", NULL, 0);
    seen.stop_after = 2;
    ck_list("", NULL, "a|b|");
    ck_assert_uint_le(peer_count(&w.peer, SMB2_QUERY_DIRECTORY), 2);
    end();
}
END_TEST

START_TEST(a_listing_may_be_cancelled_from_inside)
{
    struct fs_done done = {0};

    begin();
    (void)peer_add_file(&w.peer, "a", NULL, 0);
    (void)peer_add_file(&w.peer, "b", NULL, 0);
    seen.stop_after = 1;
    seen.cancel = lsmb_list_start(share, "", NULL, see, &seen, fs_done, &done);
    ck_assert_int_eq(lsmb_turn_until(w.smb, &done.finished), LSMB_OK);
    ck_assert_int_eq(done.err.code, LSMB_E_CANCELLED);
    ck_assert_uint_eq(done.calls, 1);
    fs_turn(&w, 4);
    end();
}
END_TEST

START_TEST(a_file_has_no_entries)
{
    begin();
    (void)peer_add_file(&w.peer, "a", NULL, 0);
    fs_failed(&w, list("a", NULL), LSMB_E_STATUS, (uint32_t)STATUS_NOT_A_DIRECTORY);
    ck_assert_str_eq(w.err.path, "\\\\server\\share\\a");
    end();
}
END_TEST

START_TEST(a_refused_query_is_an_error)
{
    begin();
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_QUERY_DIRECTORY,
                                             .times = UINT_MAX,
                                             .status = (uint32_t)STATUS_ACCESS_DENIED});
    fs_failed(&w, list("", NULL), LSMB_E_DENIED, (uint32_t)STATUS_ACCESS_DENIED);
    ck_assert_str_eq(w.err.step, "list");
    ck_assert_str_eq(w.err.path, "\\\\server\\share");
    end();
}
END_TEST

/* STATUS_NO_SUCH_FILE ends a listing at its beginning only (MS-SMB2 3.3.5.18). */
START_TEST(a_listing_that_breaks_off_is_an_error)
{
    begin();
    (void)peer_add_file(&w.peer, "a", NULL, 0);
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_QUERY_DIRECTORY,
                                             .skip = 1,
                                             .status = (uint32_t)STATUS_NO_SUCH_FILE});
    fs_failed(&w, list("", NULL), LSMB_E_NOT_FOUND, (uint32_t)STATUS_NO_SUCH_FILE);
    ck_assert_str_eq(seen.names, "a|");
    end();
}
END_TEST

/* ---------------------------------------------------------------- a hostile one */

/* What the server says instead: a page of one entry with this name, UTF-16LE, and a "fine" before it. */
static struct span made_up;
static uint32_t next_offset; /* of the first entry */

static void make_up(struct peer_reply *reply)
{
    uint8_t page[512];
    struct wr list_w = wr_from(page, sizeof page);
    struct wr body = wr_from(reply->bytes + SMB2_HEADER_LEN, reply->cap - SMB2_HEADER_LEN);

    file_directory_entry_put(&list_w, FILE_ID_BOTH_DIRECTORY_INFORMATION,
                             &(struct file_directory_entry){.name = {(const uint8_t *)"f\0", 2}});
    file_directory_entry_put(&list_w, FILE_ID_BOTH_DIRECTORY_INFORMATION,
                             &(struct file_directory_entry){.name = made_up});
    if (next_offset > 0) {
        for (unsigned i = 0; i < 4; i++) {
            page[i] = (uint8_t)(next_offset >> 8 * i);
        }
    }
    smb2_query_directory_reply_put(
        &body, &(struct smb2_query_directory_reply){.entries = wr_written(&list_w)});
    ck_assert(wr_ok(&body));
    reply->header.status = STATUS_SUCCESS;
    reply->len = SMB2_HEADER_LEN + body.pos;
}

static void script(void (*edit)(struct peer_reply *), unsigned times)
{
    peer_script(&w.peer,
                &(struct peer_rule){.command = SMB2_QUERY_DIRECTORY, .edit = edit, .times = times});
}

static void ck_name_refused(const void *utf16, size_t len)
{
    begin();
    made_up = (struct span){utf16, len};
    next_offset = 0;
    script(make_up, 1);
    fs_failed(&w, list("", NULL), LSMB_E_PROTOCOL, 0);
    ck_assert_str_eq(seen.names, "f|");
    end();
}

START_TEST(names_that_are_paths_are_refused)
{
    ck_name_refused("a\0/\0b", 6);
    ck_name_refused("a\0\\\0b", 6);
    ck_name_refused("/", 2);
    ck_name_refused(".\0.\0/\0x", 8);
    ck_name_refused(".\0.\0\\\0x", 8);
}
END_TEST

START_TEST(names_that_are_none_are_refused)
{
    ck_name_refused("", 0);
    ck_name_refused("a\0\0\0b", 6); /* a NUL inside */
    ck_name_refused("a\0b", 3);     /* half a character */
}
END_TEST

START_TEST(lone_surrogates_are_names)
{
    begin();
    made_up = (struct span){(const uint8_t *)"\x00\xD8", 2};
    next_offset = 0;
    script(make_up, 1);
    ck_list("", NULL, "f|\xED\xA0\x80|");
    end();
}
END_TEST

START_TEST(malformed_chains_are_refused)
{
    static const uint32_t offsets[] = {1, 4, 8, 103, 105, 1000, 0x7FFFFFFF, 0xFFFFFFFF};

    for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
        begin();
        made_up = (struct span){(const uint8_t *)"a", 2};
        next_offset = offsets[i];
        script(make_up, 1);
        ck_assert_msg(list("", NULL) == LSMB_E_PROTOCOL, "%08x is taken", (unsigned)offsets[i]);
        end();
    }
}
END_TEST

static void empty_page(struct peer_reply *reply)
{
    struct wr body = wr_from(reply->bytes + SMB2_HEADER_LEN, reply->cap - SMB2_HEADER_LEN);

    smb2_query_directory_reply_put(&body, &(struct smb2_query_directory_reply){0});
    reply->len = SMB2_HEADER_LEN + body.pos;
}

/* It would be asked for again, and again. */
START_TEST(a_success_without_entries_is_refused)
{
    begin();
    script(empty_page, 1);
    fs_failed(&w, list("", NULL), LSMB_E_PROTOCOL, 0);
    end();
}
END_TEST

static void cut_page(struct peer_reply *reply)
{
    reply->len -= 9; /* more than a compound fills up */
}

START_TEST(a_page_that_is_cut_off_is_refused)
{
    begin();
    (void)peer_add_file(&w.peer, "a", NULL, 0);
    script(cut_page, 1);
    fs_failed(&w, list("", NULL), LSMB_E_PROTOCOL, 0);
    end();
}
END_TEST

START_TEST(endless_listings_end_when_told_to)
{
    begin();
    made_up = (struct span){(const uint8_t *)"a", 2};
    next_offset = 0;
    script(make_up, UINT_MAX);
    seen.stop_after = 1001;
    fs_ok(&w, list("", NULL));
    ck_assert_uint_eq(seen.count, 1001);
    ck_assert_uint_le(peer_count(&w.peer, SMB2_QUERY_DIRECTORY), 502);
    end();
}
END_TEST

static bool ignore(void *arg, const char *name, const struct lsmb_stat *stat)
{
    (void)arg;
    (void)name;
    (void)stat;
    return true;
}

START_TEST(a_server_that_repeats_itself_for_ever_is_given_up)
{
    begin();
    made_up = (struct span){(const uint8_t *)"a", 2};
    next_offset = 0;
    script(make_up, UINT_MAX);
    fs_failed(&w, lsmb_list(share, "", NULL, ignore, NULL, &w.err), LSMB_E_PROTOCOL, 0);
    ck_assert_str_eq(w.err.reason, "the listing is too long");
    end();
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "fs/dir", entries_come_without_dots_in_the_servers_order, entries_are_described,
        an_empty_directory_is_no_error, what_matches_nothing_is_no_error, patterns_choose,
        dots_are_handed_out_to_those_who_ask, a_pattern_that_is_a_path_is_refused,
        a_long_listing_comes_in_pages, a_hundred_thousand_entries_come_in_large_pages,
        a_long_listing_takes_no_more_memory, the_next_page_is_asked_for_before_one_is_handed_out,
        a_server_that_does_not_like_large_pages_gets_small_ones,
        pages_that_company_spoils_are_asked_for_alone,
        no_page_is_asked_for_again_on_the_word_of_a_stranger,
        a_server_that_likes_no_page_at_all_is_not_asked_for_ever, one_credit_is_enough,
        who_has_seen_enough_stops, a_listing_may_be_cancelled_from_inside, a_file_has_no_entries,
        a_refused_query_is_an_error, a_listing_that_breaks_off_is_an_error,
        names_that_are_paths_are_refused, names_that_are_none_are_refused,
        lone_surrogates_are_names, malformed_chains_are_refused,
        a_success_without_entries_is_refused, a_page_that_is_cut_off_is_refused,
        endless_listings_end_when_told_to, a_server_that_repeats_itself_for_ever_is_given_up);
}
