/* test_links.c: copies to and from names behind symbolic links (MS-SMB2 2.2.2.2.1.1). */
#include "test/xfer/share_world.h"

static enum lsmb_code put(struct fs_world *w, struct lsmb_share *share, const char *path,
                          enum lsmb_publish how)
{
    return lsmb_copy(w->smb, lsmb_source_memory(w->smb, "other", 5),
                     lsmb_sink_share(share, path, how), NULL, NULL, &w->err);
}

static struct lsmb_share *link_world(struct fs_world *w)
{
    fs_world_init(w, NULL);
    (void)peer_add_file(&w->peer, "real/a", "hello", 5);
    (void)peer_add_symlink(&w->peer, "file", "real\\a", true);
    (void)peer_add_symlink(&w->peer, "dir", "real", true);
    return fs_share(w);
}

START_TEST(a_copy_begins_where_links_lead)
{
    struct fs_world w;
    struct lsmb_share *share = link_world(&w);
    void *got = NULL;
    size_t len = 0;

    fs_ok(&w, lsmb_copy(w.smb, lsmb_source_share(share, "file", false),
                        lsmb_sink_memory(w.smb, &got, &len, 100), NULL, NULL, &w.err));
    ck_assert_uint_eq(len, 5);
    ck_assert_mem_eq(got, "hello", 5);
    free(got);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

START_TEST(a_copy_ends_where_a_link_leads)
{
    static const enum lsmb_publish ways[] = {LSMB_PUBLISH_AUTO, LSMB_PUBLISH_IN_PLACE};

    for (size_t i = 0; i < 2; i++) {
        struct fs_world w;
        struct lsmb_share *share = link_world(&w);
        fs_ok(&w, put(&w, share, "file", ways[i]));
        ck_assert(peer_has(&w.peer, "real/a", "other", 5));
        ck_assert_ptr_nonnull(peer_find(&w.peer, "file")->leads_to);
        lsmb_share_close(share);
        fs_world_free(&w);
    }
}
END_TEST

/* The peer stops at links in a new name, too, and tells nobody where they lead. */
START_TEST(a_copy_into_a_folder_behind_a_link_is_published_there)
{
    static const char *const targets[] = {"dir/new", "dir/a", "over/a", "twice/A", "outer/dir/new"};
    static const char *const made[] = {"real/new", "real/a", "real/a", "real/a", "real/new"};

    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        struct fs_world w;
        struct lsmb_share *share = link_world(&w);
        (void)peer_add_symlink(&w.peer, "over", "\\??\\UNC\\server\\share\\real", false);
        (void)peer_add_symlink(&w.peer, "twice", "outer\\dir", true);
        (void)peer_add_symlink(&w.peer, "outer/dir", "..\\real", true);
        fs_ok(&w, put(&w, share, targets[i], LSMB_PUBLISH_ATOMIC));
        ck_assert(peer_has(&w.peer, made[i], "other", 5));
        fs_turn(&w, 20);
        no_temporary(&w.peer);
        ck_assert_ptr_nonnull(peer_find(&w.peer, "dir")->leads_to);
        lsmb_share_close(share);
        fs_world_free(&w);
    }
}
END_TEST

/* The name in its folder is a link again, or has streams: that is written into. */
START_TEST(a_copy_behind_a_link_may_be_written_in_place)
{
    struct fs_world w;
    struct lsmb_share *share = link_world(&w);

    (void)peer_add_symlink(&w.peer, "real/again", "a", true);
    fs_ok(&w, put(&w, share, "dir/again", LSMB_PUBLISH_AUTO));
    ck_assert(peer_has(&w.peer, "real/a", "other", 5));
    (void)peer_add_file(&w.peer, "real/b", "old and longer", 14);
    (void)peer_add_file(&w.peer, "real/b:note", "kept", 4);
    fs_ok(&w, put(&w, share, "dir/b", LSMB_PUBLISH_AUTO));
    ck_assert(peer_has(&w.peer, "real/b", "other", 5));
    ck_assert(peer_has(&w.peer, "real/b:note", "kept", 4));
    fs_turn(&w, 20);
    no_temporary(&w.peer);
    lsmb_share_close(share);
    fs_world_free(&w);
}
END_TEST

int main(void)
{
    return RUN_TESTS("xfer, through links", a_copy_begins_where_links_lead,
                     a_copy_ends_where_a_link_leads,
                     a_copy_into_a_folder_behind_a_link_is_published_there,
                     a_copy_behind_a_link_may_be_written_in_place);
}
