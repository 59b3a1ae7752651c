/* test_share_folder.c: folders of a tree on a share, made and given their times in one frame. */
#include "base/ntstatus.h"
#include "test/xfer/tree_world.h"

static struct tree_world w;

/* A tree with one folder, of a server that does what follows in a frame in which something has failed; it says
 * `status` to the first `times` requests for times. */
static enum lsmb_code put_folder(enum nt_status status, unsigned times)
{
    struct peer_config config = peer_defaults();

    config.any_name = true;
    config.compounds_go_on = true;
    tree_init_with(&w, &config);
    w.copy.keep_times = true;
    tree_mkdir(&w, "tree");
    tree_mkdir(&w, "tree/d");
    peer_script(
        &w.fs.peer,
        &(struct peer_rule){.command = SMB2_SET_INFO, .times = times, .status = (uint32_t)status});
    return tree_put(&w, "tree", "there");
}

START_TEST(times_that_fail_for_their_company_are_set_alone)
{
    static const enum nt_status statuses[] = {STATUS_INTERNAL_ERROR, STATUS_INVALID_PARAMETER};

    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        tree_ok(&w, put_folder(statuses[i], 1));
        tree_free(&w);
    }
}
END_TEST

START_TEST(times_that_fail_alone_too_are_an_error_of_their_folder)
{
    tree_partly(&w, put_folder(STATUS_ACCESS_DENIED, 2), "d\n", LSMB_E_DENIED);
    tree_free(&w);
}
END_TEST

int main(void)
{
    return RUN_TESTS("xfer/share_folder", times_that_fail_for_their_company_are_set_alone,
                     times_that_fail_alone_too_are_an_error_of_their_folder);
}
