/* Comparing who may do what with a file and with a new one (MS-DTYP 2.4). */
#include "xfer/share_access.h"

#include "proto/security.h"
#include "test/run.h"

enum { READ = 0x120089, WRITE = 0x12019f, ROOM = 512 };

struct made {
    uint8_t bytes[ROOM];
    size_t len;
};

/* A descriptor whose list has an entry for each pair of flags and mask, the last of which has mask 0. */
static struct made made_of(uint16_t control, const uint32_t (*entries)[2])
{
    const struct sid everyone = {.authority = 1, .count = 1};
    uint8_t sid[SID_LEN_MAX], list[ROOM];
    struct wr s = wr_from(sid, sizeof sid), l = wr_from(list, sizeof list);
    struct made made;
    struct wr w = wr_from(made.bytes, sizeof made.bytes);

    sid_put(&s, &everyone);
    size_t acl = acl_put(&l);
    for (; (*entries)[1]; entries++) {
        ace_put(&l, acl,
                &(struct ace){
                    .flags = (uint8_t)(*entries)[0], .mask = (*entries)[1], .sid = wr_written(&s)});
    }
    security_descriptor_put(
        &w, &(struct security_descriptor){.control = control, .dacl = wr_written(&l)});
    ck_assert(wr_ok(&w));
    made.len = w.pos;
    return made;
}

static struct span bytes_of(struct made *made)
{
    return (struct span){made->bytes, made->len};
}

static const uint32_t inherited[][2] = {{INHERITED_ACE, READ}, {INHERITED_ACE, WRITE}, {0}};
static const uint32_t others[][2] = {{INHERITED_ACE, WRITE}, {0}};
static const uint32_t explicit_too[][2] = {{INHERITED_ACE, READ}, {0, WRITE}, {0}};
static const uint32_t all_explicit[][2] = {{0, READ}, {0, WRITE}, {0}};
static const uint32_t nothing[][2] = {{0}};

START_TEST(inherited_entries_are_never_lost)
{
    struct made target = made_of(SE_DACL_PRESENT, inherited);
    struct made fresh = made_of(SE_DACL_PRESENT, others);

    ck_assert(!share_access_explicit(bytes_of(&target)));
    ck_assert(!share_access_lost(bytes_of(&target), bytes_of(&fresh)));
    ck_assert(!share_access_lost(bytes_of(&target), (struct span){0}));
}
END_TEST

START_TEST(explicit_entries_that_a_new_file_has_not_are_lost)
{
    struct made target = made_of(SE_DACL_PRESENT, explicit_too);
    struct made fresh = made_of(SE_DACL_PRESENT, inherited);

    ck_assert(share_access_explicit(bytes_of(&target)));
    ck_assert(share_access_lost(bytes_of(&target), bytes_of(&fresh)));
    ck_assert(share_access_lost(bytes_of(&target), (struct span){0}));
}
END_TEST

/* Samba 4.17 without acl_xattr: three entries that stand for a mode, none inherited. */
START_TEST(explicit_entries_that_a_new_file_has_too_are_not_lost)
{
    struct made target = made_of(SE_DACL_PRESENT | SE_DACL_PROTECTED, all_explicit);
    struct made fresh = made_of(SE_DACL_PRESENT | SE_DACL_PROTECTED, all_explicit);
    struct made open = made_of(SE_DACL_PRESENT, all_explicit);

    ck_assert(!share_access_lost(bytes_of(&target), bytes_of(&fresh)));
    ck_assert(share_access_lost(bytes_of(&target), bytes_of(&open)));
    ck_assert(share_access_lost(bytes_of(&open), bytes_of(&target)));
}
END_TEST

/* MS-DTYP 2.4.6: a list without entries lets nobody in, no list everybody. */
START_TEST(a_list_that_keeps_inheritance_out_or_is_not_there_is_explicit)
{
    struct made fresh = made_of(SE_DACL_PRESENT, inherited);
    struct made protected_ = made_of(SE_DACL_PRESENT | SE_DACL_PROTECTED, nothing);
    struct made none = made_of(0, nothing);

    ck_assert(share_access_lost(bytes_of(&protected_), bytes_of(&fresh)));
    ck_assert(share_access_lost(bytes_of(&none), bytes_of(&fresh)));
    ck_assert(!share_access_lost(bytes_of(&none), bytes_of(&none)));
}
END_TEST

START_TEST(a_descriptor_that_makes_no_sense_counts_as_explicit)
{
    struct made target = made_of(SE_DACL_PRESENT, inherited);

    for (size_t len = 0; len < target.len; len++) {
        struct span cut = {target.bytes, len};
        ck_assert(share_access_explicit(cut));
        ck_assert(share_access_lost(cut, bytes_of(&target)));
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("xfer/share_access", inherited_entries_are_never_lost,
                     explicit_entries_that_a_new_file_has_not_are_lost,
                     explicit_entries_that_a_new_file_has_too_are_not_lost,
                     a_list_that_keeps_inheritance_out_or_is_not_there_is_explicit,
                     a_descriptor_that_makes_no_sense_counts_as_explicit);
}
