/* test_security.c: reading and setting security descriptors (MS-SMB2 3.2.4.8, 3.2.4.9). */
#include "proto/security.h"

#include <stdlib.h>

#include "test/fs/fs_world.h"

static struct fs_world w;
static struct lsmb_share *share;

static const uint32_t all_but_sacl = LSMB_SECURITY_OWNER | LSMB_SECURITY_GROUP | LSMB_SECURITY_DACL;

static void *bytes;
static size_t len;

static void begin(void)
{
    fs_world_init(&w, NULL);
    (void)peer_add_file(&w.peer, "a.txt", "hello", 5);
    share = fs_share(&w);
    bytes = NULL;
}

static void end(void)
{
    free(bytes);
    fs_turn(&w, 4);
    ck_assert(list_empty(&peer_find(&w.peer, "a.txt")->opens));
    lsmb_share_close(share);
    fs_world_free(&w);
}

static struct security_descriptor get(uint32_t which)
{
    struct security_descriptor sd;

    free(bytes);
    fs_ok(&w, lsmb_security_get(share, "a.txt", which, &bytes, &len, &w.err));
    ck_assert(security_descriptor_get(&sd, (struct span){bytes, len}));
    return sd;
}

START_TEST(the_parts_that_are_asked_for_come)
{
    struct security_descriptor sd;

    begin();
    sd = get(all_but_sacl);
    ck_assert(sd.owner.len > 0 && sd.group.len > 0 && sd.dacl.len > 0);
    sd = get(LSMB_SECURITY_OWNER);
    ck_assert(sd.owner.len > 0 && sd.group.len == 0 && sd.dacl.len == 0);
    (void)get(LSMB_SECURITY_SACL);
    end();
}
END_TEST

START_TEST(what_is_set_can_be_read)
{
    static const struct sid everyone = {.authority = 1, .count = 1};
    uint8_t sid[SID_LEN_MAX], dacl[64], whole[128];
    struct wr s = wr_from(sid, sizeof sid), list = wr_from(dacl, sizeof dacl);
    struct wr new = wr_from(whole, sizeof whole);
    struct security_descriptor sd;
    struct ace ace;

    sid_put(&s, &everyone);
    ace_put(&list, acl_put(&list), &(struct ace){.mask = 0x00120089, .sid = wr_written(&s)});
    security_descriptor_put(&new, &(struct security_descriptor){.control = SE_DACL_PRESENT,
                                                                .owner = wr_written(&s),
                                                                .dacl = wr_written(&list)});
    begin();
    fs_ok(&w, lsmb_security_set(share, "a.txt", LSMB_SECURITY_DACL, whole, new.pos, &w.err));
    sd = get(all_but_sacl);
    struct acl_walk entries = acl_from(sd.dacl);
    ck_assert(acl_next(&entries, &ace) && span_equal(ace.sid, wr_written(&s)));
    ck_assert(!acl_next(&entries, &ace));
    ck_assert(!span_equal(sd.owner, wr_written(&s))); /* it was not meant */
    fs_ok(&w, lsmb_security_set(share, "a.txt", LSMB_SECURITY_OWNER, whole, new.pos, &w.err));
    sd = get(all_but_sacl);
    ck_assert(span_equal(sd.owner, wr_written(&s)));
    end();
}
END_TEST

START_TEST(what_makes_no_sense_is_not_sent)
{
    static const uint8_t nonsense[20] = {1};

    begin();
    fs_failed(&w, lsmb_security_get(share, "a.txt", 0, &bytes, &len, &w.err), LSMB_E_USAGE, 0);
    fs_failed(&w, lsmb_security_get(share, "a.txt", 0x100, &bytes, &len, &w.err), LSMB_E_USAGE, 0);
    fs_failed(&w, lsmb_security_set(share, "a.txt", 0, nonsense, 20, &w.err), LSMB_E_USAGE, 0);
    fs_failed(&w, lsmb_security_set(share, "a.txt", LSMB_SECURITY_DACL, nonsense, 20, &w.err),
              LSMB_E_USAGE, 0);
    fs_failed(&w, lsmb_security_set(share, "a.txt", LSMB_SECURITY_DACL, NULL, 0, &w.err),
              LSMB_E_USAGE, 0);
    ck_assert_uint_eq(peer_count(&w.peer, SMB2_CREATE), 0);
    end();
}
END_TEST

START_TEST(a_malformed_descriptor_is_refused)
{
    static const uint8_t nonsense[20] = {1};

    begin();
    peer_store_secure(peer_find(&w.peer, "a.txt"), (struct span){nonsense, sizeof nonsense});
    fs_failed(&w, lsmb_security_get(share, "a.txt", all_but_sacl, &bytes, &len, &w.err),
              LSMB_E_PROTOCOL, 0);
    ck_assert(!bytes && len == 0);
    end();
}
END_TEST

/* The peer has not closed it when it says that it has. */
START_TEST(a_descriptor_is_not_the_callers_when_closing_fails)
{
    begin();
    peer_script(&w.peer,
                &(struct peer_rule){.command = SMB2_CLOSE, .status = (uint32_t)STATUS_FILE_CLOSED});
    fs_failed(&w, lsmb_security_get(share, "a.txt", all_but_sacl, &bytes, &len, &w.err),
              LSMB_E_STATUS, (uint32_t)STATUS_FILE_CLOSED);
    ck_assert(!bytes && len == 0);
    lsmb_share_close(share);
    fs_turn(&w, 4);
    share = fs_share(&w);
    end();
}
END_TEST

int main(void)
{
    return RUN_TESTS("fs/security", the_parts_that_are_asked_for_come, what_is_set_can_be_read,
                     what_makes_no_sense_is_not_sent, a_malformed_descriptor_is_refused,
                     a_descriptor_is_not_the_callers_when_closing_fails);
}
