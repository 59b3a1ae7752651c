/* A finished temporary on its way to its name, and what nobody concludes from a stranger's word. */
#include "test/xfer/put_world.h"

static const struct peer_rule *forge_rename(void *arg, const struct peer_seen *seen,
                                            struct span message)
{
    return is_set_info(seen, message, FILE_RENAME_INFORMATION) ? put_forge(arg) : NULL;
}

/* Then the temporary is the target, and must not be marked for deletion. */
START_TEST(a_rename_that_is_done_and_refused_by_a_stranger_stays_done)
{
    struct put p;

    put_init_signed(&p);
    peer_add_file(&p.w.peer, "a", "old", 3);
    put_watch(&p, forge_rename);
    ck_assert_int_eq(put(&p, "a", "newer", 5), LSMB_E_SECURITY);
    ck_assert_uint_eq(p.seen, 1);
    ck_assert_ptr_nonnull(strstr(p.done.err.advice, "look before you repeat it"));
    ck_assert(peer_has(&p.w.peer, "a", "newer", 5));
    put_end(&p);
    ck_assert_ptr_nonnull(strstr(p.log, "may be left"));
}
END_TEST

int main(void)
{
    return RUN_TESTS("xfer/share_commit",
                     a_rename_that_is_done_and_refused_by_a_stranger_stays_done);
}
