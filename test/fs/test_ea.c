/* test_ea.c: extended attributes (MS-FSCC 2.4.16). */
#include "proto/ea.h"

#include <stdio.h>

#include "proto/info.h"
#include "test/fs/fs_world.h"

static struct fs_world w;
static struct lsmb_share *share;

static char seen[1024];
static unsigned most;

static bool see(void *arg, const char *name, const void *value, size_t len)
{
    size_t at = strlen(seen);

    (void)arg;
    (void)snprintf(seen + at, sizeof seen - at, "%s=%.*s|", name, (int)len, (const char *)value);
    return --most > 0;
}

static enum lsmb_code list(void)
{
    seen[0] = '\0';
    most = most ? most : 100;
    return lsmb_ea_list(share, "a.txt", see, NULL, &w.err);
}

static enum lsmb_code set(const char *name, const char *value)
{
    return lsmb_ea_set(share, "a.txt", name, value, strlen(value), &w.err);
}

static void begin(void)
{
    fs_world_init(&w, NULL);
    (void)peer_add_file(&w.peer, "a.txt", "hello", 5);
    share = fs_share(&w);
    most = 0;
}

static void end(void)
{
    fs_turn(&w, 4);
    ck_assert(list_empty(&peer_find(&w.peer, "a.txt")->opens));
    lsmb_share_close(share);
    fs_world_free(&w);
}

/* MS-FSA 2.1.5.12.12: STATUS_NO_EAS_ON_FILE */
START_TEST(a_file_without_attributes_has_an_empty_list)
{
    begin();
    fs_ok(&w, list());
    ck_assert_str_eq(seen, "");
    end();
}
END_TEST

START_TEST(attributes_are_set_replaced_and_taken_away)
{
    begin();
    fs_ok(&w, set("one", "1"));
    fs_ok(&w, set("two", "22"));
    fs_ok(&w, list());
    ck_assert_str_eq(seen, "one=1|two=22|");
    fs_ok(&w, set("one", "longer"));
    fs_ok(&w, list());
    ck_assert_str_eq(seen, "two=22|one=longer|");
    fs_ok(&w, lsmb_ea_set(share, "a.txt", "two", NULL, 0, &w.err));
    fs_ok(&w, list());
    ck_assert_str_eq(seen, "one=longer|");
    end();
}
END_TEST

START_TEST(listing_attributes_can_be_stopped)
{
    begin();
    fs_ok(&w, set("one", "1"));
    fs_ok(&w, set("two", "2"));
    most = 1;
    fs_ok(&w, list());
    ck_assert_str_eq(seen, "one=1|");
    end();
}
END_TEST

START_TEST(names_and_values_that_cannot_be_are_not_sent)
{
    static char name[EA_NAME_MAX + 2], value[EA_VALUE_MAX + 1];

    begin();
    memset(name, 'n', sizeof name - 1);
    fs_failed(&w, set("", "1"), LSMB_E_USAGE, 0);
    fs_failed(&w, set(name, "1"), LSMB_E_USAGE, 0);
    fs_failed(&w, set("na\xc3\xafve", "1"), LSMB_E_USAGE, 0);
    fs_failed(&w, lsmb_ea_set(share, "a.txt", "n", value, sizeof value, &w.err), LSMB_E_USAGE, 0);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CREATE), 0);
    name[EA_NAME_MAX] = '\0';
    fs_ok(&w, lsmb_ea_set(share, "a.txt", name, value, EA_VALUE_MAX, &w.err));
    ck_assert_uint_eq(peer_last(&w.peer, SMB2_SET_INFO)->header.credit_charge, 2);
    end();
}
END_TEST

static unsigned restarted;

static const struct peer_rule *look(void *arg, const struct peer_seen *request, struct span message)
{
    struct smb2_query_info_request q;

    (void)arg;
    if (request->header.command == SMB2_QUERY_INFO && smb2_query_info_request_get(&q, message)) {
        restarted += q.flags == SL_RESTART_SCAN;
    }
    return NULL;
}

/* MS-FSA 2.1.5.12.12: without SL_RESTART_SCAN the answer would begin where the last one ended. */
START_TEST(a_list_longer_than_the_first_buffer_comes_whole)
{
    static char value[EA_VALUE_MAX];

    begin();
    memset(value, 'v', sizeof value);
    for (char name[] = "a"; name[0] <= 'c'; name[0]++) {
        fs_ok(&w, lsmb_ea_set(share, "a.txt", name, value, sizeof value, &w.err));
    }
    most = 100;
    w.peer.on_request = look;
    fs_ok(&w, lsmb_ea_list(share, "a.txt", see, NULL, &w.err));
    ck_assert_uint_eq(most, 97);
    ck_assert_uint_eq(restarted, 2);
    end();
}
END_TEST

static void break_list(struct peer_reply *reply)
{
    reply->bytes[SMB2_HEADER_LEN + 8 + 5] = 200; /* EaNameLength */
}

START_TEST(a_malformed_list_is_refused)
{
    begin();
    fs_ok(&w, set("one", "1"));
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_QUERY_INFO, .edit = break_list});
    fs_failed(&w, list(), LSMB_E_PROTOCOL, 0);
    ck_assert_str_eq(seen, "");
    end();
}
END_TEST

START_TEST(other_refusals_are_errors)
{
    begin();
    peer_script(&w.peer, &(struct peer_rule){.command = SMB2_QUERY_INFO,
                                             .status = (uint32_t)STATUS_NOT_SUPPORTED});
    fs_failed(&w, list(), LSMB_E_STATUS, (uint32_t)STATUS_NOT_SUPPORTED);
    ck_assert_str_eq(w.err.step, "list the extended attributes");
    end();
}
END_TEST

int main(void)
{
    return RUN_TESTS("fs/ea", a_file_without_attributes_has_an_empty_list,
                     attributes_are_set_replaced_and_taken_away, listing_attributes_can_be_stopped,
                     names_and_values_that_cannot_be_are_not_sent,
                     a_list_longer_than_the_first_buffer_comes_whole, a_malformed_list_is_refused,
                     other_refusals_are_errors);
}
