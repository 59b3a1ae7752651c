/* What a rename over a target would lose, and what nobody concludes from a stranger's word. */
#include "test/xfer/put_world.h"

/* The file is still the one with this id, and has the new content. */
static void written_in_place(struct put *p, uint64_t id, const char *why)
{
    fs_ok(&p->w, put(p, "a", "newer", 5));
    ck_assert_uint_eq(peer_find(&p->w.peer, "a")->id, id);
    ck_assert(peer_has(&p->w.peer, "a", "newer", 5));
    ck_assert_ptr_nonnull(strstr(p->log, why));
    ck_assert_int_eq(put_as(p, "a", "no", 2, LSMB_PUBLISH_ATOMIC), LSMB_E_LOCAL);
    ck_assert_ptr_nonnull(strstr(p->done.err.advice, "--in-place"));
    ck_assert(peer_has(&p->w.peer, "a", "newer", 5));
}

START_TEST(a_file_with_streams_is_written_in_place)
{
    struct put p;

    put_init(&p);
    uint64_t id = peer_add_file(&p.w.peer, "a", "old and longer", 14)->id;
    peer_add_file(&p.w.peer, "a:note", "kept", 4);
    written_in_place(&p, id, "alternate streams");
    ck_assert(peer_has(&p.w.peer, "a:note", "kept", 4));
    put_end(&p);
}
END_TEST

START_TEST(a_file_with_explicit_entries_is_written_in_place)
{
    struct put p;

    put_init(&p);
    struct peer_node *old = peer_add_file(&p.w.peer, "a", "old and longer", 14);
    put_secure(old, 0, 0, 0x120089);
    written_in_place(&p, old->id, "access entries of its own");
    put_end(&p);
}
END_TEST

START_TEST(other_inherited_entries_are_no_reason)
{
    struct put p;

    put_init(&p);
    struct peer_node *old = peer_add_file(&p.w.peer, "a", "old", 3);
    uint64_t id = old->id;
    put_secure(old, 0, INHERITED_ACE, 0x120089);
    fs_ok(&p.w, put_as(&p, "a", "newer", 5, LSMB_PUBLISH_ATOMIC));
    ck_assert_uint_ne(peer_find(&p.w.peer, "a")->id, id);
    ck_assert_str_eq(p.log, "");
    put_end(&p);
}
END_TEST

/* A server that maps modes calls all entries explicit. */
static const struct peer_rule *secure_temp(void *arg, const struct peer_seen *seen,
                                           struct span message)
{
    struct put *p = arg;

    (void)message;
    if (seen->header.command == SMB2_QUERY_INFO) {
        LIST_EACH(node, &p->w.peer.store.nodes)
        {
            put_secure(CONTAINER_OF(node, struct peer_node, node), SE_DACL_PROTECTED, 0, 0x12019f);
        }
    }
    return NULL;
}

START_TEST(explicit_entries_that_new_files_have_too_are_no_reason)
{
    struct put p;

    put_init(&p);
    uint64_t id = peer_add_file(&p.w.peer, "a", "old", 3)->id;
    put_watch(&p, secure_temp);
    fs_ok(&p.w, put_as(&p, "a", "newer", 5, LSMB_PUBLISH_ATOMIC));
    ck_assert_uint_ne(peer_find(&p.w.peer, "a")->id, id);
    ck_assert_str_eq(p.log, "");
    put_end(&p);
}
END_TEST

/* MS-SMB2 2.2.13: DesiredAccess. */
static const struct peer_rule *deny_read_control(void *arg, const struct peer_seen *seen,
                                                 struct span message)
{
    struct put *p = arg;

    p->rule = (struct peer_rule){.status = (uint32_t)STATUS_ACCESS_DENIED};
    return seen->header.command == SMB2_CREATE && (message.ptr[90] & 0x02) &&
                   message.ptr[100] == FILE_OPEN
               ? &p->rule
               : NULL;
}

START_TEST(entries_that_may_not_be_read_are_not_risked)
{
    struct put p;

    put_init(&p);
    uint64_t id = peer_add_file(&p.w.peer, "a", "old and longer", 14)->id;
    put_watch(&p, deny_read_control);
    written_in_place(&p, id, "may not be read");
    put_end(&p);
}
END_TEST

static const struct peer_rule *no_descriptors(void *arg, const struct peer_seen *seen,
                                              struct span message)
{
    struct put *p = arg;

    p->rule = (struct peer_rule){.status = (uint32_t)STATUS_NOT_SUPPORTED};
    return seen->header.command == SMB2_QUERY_INFO && message.ptr[66] == 3 ? &p->rule : NULL;
}

START_TEST(a_server_without_descriptors_has_none_to_lose)
{
    struct put p;

    put_init(&p);
    peer_add_file(&p.w.peer, "a", "old", 3);
    put_watch(&p, no_descriptors);
    fs_ok(&p.w, put_as(&p, "a", "newer", 5, LSMB_PUBLISH_ATOMIC));
    ck_assert_str_eq(p.log, "");
    put_end(&p);
}
END_TEST

/* ---------------------------------------------------------------- forged answers */

/* Forge the answer to QUERY_INFO number p->at (MS-SMB2 2.2.37). */
static const struct peer_rule *forge_query(void *arg, const struct peer_seen *seen,
                                           struct span message)
{
    struct put *p = arg;

    (void)message;
    if (seen->header.command != SMB2_QUERY_INFO) {
        return NULL;
    }
    return p->seen == p->at ? put_forge(p) : (p->seen++, NULL);
}

/* A stranger who says that there is nothing to tell would have us replace what must be kept. */
START_TEST(no_forged_answer_says_that_there_is_nothing_to_lose)
{
    unsigned forged = 0;

    for (unsigned at = 0;; at++) {
        struct put p;
        put_init_signed(&p);
        struct peer_node *old = peer_add_file(&p.w.peer, "a", "old", 3);
        put_secure(old, 0, 0, 0x120089);
        put_general(&p);
        put_watch(&p, forge_query);
        p.at = at;
        enum lsmb_code code = put(&p, "a", "newer", 5);
        bool all = p.seen <= at;
        ck_assert_int_eq(code, all ? LSMB_OK : LSMB_E_SECURITY);
        ck_assert(peer_has(&p.w.peer, "a", all ? "newer" : "old", all ? 5 : 3));
        put_end(&p);
        if (all) {
            break;
        }
        forged++;
    }
    ck_assert_uint_eq(forged, 5); /* streams, names, server, entries; the temporary's entries */
}
END_TEST

static const struct peer_rule *forge_marking(void *arg, const struct peer_seen *seen,
                                             struct span message)
{
    struct put *p = arg;

    return is_set_info(seen, message, FILE_DISPOSITION_INFORMATION) && p->seen == 0 ? put_forge(p)
                                                                                    : NULL;
}

/* Else what is marked would be renamed, and be gone when it is closed. */
START_TEST(a_temporary_that_may_be_marked_is_not_renamed)
{
    struct put p;

    put_init_signed(&p);
    peer_add_file(&p.w.peer, "a", "old", 3);
    put_general(&p);
    put_watch(&p, forge_marking);
    ck_assert_int_eq(put(&p, "a", "newer", 5), LSMB_E_SECURITY);
    ck_assert_uint_eq(p.seen, 1);
    ck_assert(peer_has(&p.w.peer, "a", "old", 3));
    put_end(&p);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "xfer/share_place", a_file_with_streams_is_written_in_place,
        a_file_with_explicit_entries_is_written_in_place, other_inherited_entries_are_no_reason,
        explicit_entries_that_new_files_have_too_are_no_reason,
        entries_that_may_not_be_read_are_not_risked, a_server_without_descriptors_has_none_to_lose,
        no_forged_answer_says_that_there_is_nothing_to_lose,
        a_temporary_that_may_be_marked_is_not_renamed);
}
