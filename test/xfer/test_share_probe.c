/* Symbolic links that a server follows without a word, as Samba does. */
#include "proto/info.h"
#include "proto/volume.h"
#include "test/xfer/put_world.h"

/* The peer as a Samba whose file "a" is one, or a link to one. */
struct samba {
    struct put p; /* first */
    uint64_t id;  /* of "a" */
    bool is_link;
    uint32_t link_status; /* what it says to a second name; 0 = it is made */
    uint32_t rename_status;
    bool forge_link, forge_rename, forge_count;
    unsigned asked; /* for second names */
    bool linked;
};

static struct samba *now; /* edit functions have no argument */

static struct wr body_of(struct peer_reply *reply, size_t room)
{
    reply->header.status = STATUS_SUCCESS;
    if (reply->cap < SMB2_HEADER_LEN + room) {
        reply->bytes = realloc(reply->bytes, SMB2_HEADER_LEN + room);
        ck_assert_ptr_nonnull(reply->bytes);
        reply->cap = SMB2_HEADER_LEN + room;
    }
    return wr_from(reply->bytes + SMB2_HEADER_LEN, room);
}

static void give(struct peer_reply *reply, struct span data)
{
    struct wr w = body_of(reply, 256);

    smb2_query_info_reply_put(&w, &(struct smb2_query_info_reply){.data = data});
    ck_assert(wr_ok(&w));
    reply->len = SMB2_HEADER_LEN + w.pos;
}

/* What Samba 4.17.12 says in MS-FSCC 2.5.6: magic, version 4.17.12, its name. */
static void say_samba(struct peer_reply *reply)
{
    struct fs_object_id_information info = {
        .extended_info = {0x61, 0x42, 0x6d, 0x53, 0x00, 0x0c, 0x11, 0x04}};
    uint8_t room[64];
    struct wr w = wr_from(room, sizeof room);

    memcpy(info.extended_info + 20, "4.17.12-Debian", 14);
    fs_object_id_information_put(&w, &info);
    give(reply, wr_written(&w));
}

static void say_count(struct peer_reply *reply)
{
    uint8_t room[64];
    struct wr w = wr_from(room, sizeof room);

    file_standard_information_put(
        &w, &(struct file_standard_information){.end_of_file = 3,
                                                .links = now->linked && !now->is_link ? 2 : 1});
    give(reply, wr_written(&w));
}

static void say_done(struct peer_reply *reply)
{
    struct wr w = body_of(reply, 16);

    smb2_set_info_reply_put(&w);
    reply->len = SMB2_HEADER_LEN + w.pos;
}

static const struct peer_rule *rule(struct samba *s, void (*edit)(struct peer_reply *), bool forge)
{
    s->p.rule = (struct peer_rule){.edit = edit};
    return forge ? put_forge(&s->p) : &s->p.rule;
}

static const struct peer_rule *refuse(struct samba *s, uint32_t status)
{
    s->p.rule = (struct peer_rule){.status = status};
    return &s->p.rule;
}

static const struct peer_rule *second_name(struct samba *s, struct span message)
{
    struct smb2_set_info_request asked;
    struct file_rename_information info;

    s->asked++;
    ck_assert(smb2_set_info_request_get(&asked, message));
    ck_assert(file_rename_information_get(&info, asked.data));
    ck_assert(!info.replace_if_exists);
    if (s->link_status) {
        return refuse(s, s->link_status);
    }
    ck_assert_ptr_null(peer_store_find(&s->p.w.peer.store, info.name));
    peer_store_add(&s->p.w.peer.store, info.name, false, 0);
    s->linked = true;
    return rule(s, say_done, s->forge_link);
}

static const struct peer_rule *be_samba(void *arg, const struct peer_seen *seen,
                                        struct span message)
{
    struct samba *s = arg;

    if (seen->header.command == SMB2_QUERY_INFO && message.ptr[66] == SMB2_0_INFO_FILESYSTEM) {
        return rule(s, say_samba, false);
    }
    if (is_query_info(seen, message, FILE_STANDARD_INFORMATION)) {
        return rule(s, say_count, s->forge_count && s->linked);
    }
    if (is_set_info(seen, message, FILE_LINK_INFORMATION)) {
        return second_name(s, message);
    }
    if (is_set_info(seen, message, FILE_RENAME_INFORMATION) && s->p.seen++ == 0) {
        return s->rename_status ? refuse(s, s->rename_status) : rule(s, NULL, s->forge_rename);
    }
    return NULL;
}

static void samba_init(struct samba *s)
{
    memset(s, 0, sizeof *s);
    put_init_signed(&s->p);
    put_general(&s->p);
    s->id = peer_add_file(&s->p.w.peer, "a", "old", 3)->id;
    s->p.w.peer.on_request = be_samba;
    s->p.w.peer.on_request_arg = s;
    now = s;
}

static void written_through(struct samba *s)
{
    ck_assert_uint_eq(peer_find(&s->p.w.peer, "a")->id, s->id);
    ck_assert(peer_has(&s->p.w.peer, "a", "newer", 5));
    ck_assert_ptr_nonnull(strstr(s->p.log, "symbolic link"));
}

static void replaced(struct samba *s)
{
    ck_assert_uint_ne(peer_find(&s->p.w.peer, "a")->id, s->id);
    ck_assert(peer_has(&s->p.w.peer, "a", "newer", 5));
    ck_assert_str_eq(s->p.log, "");
}

START_TEST(a_plain_file_gets_the_second_name_and_is_replaced)
{
    struct samba s;

    samba_init(&s);
    fs_ok(&s.p.w, put_as(&s.p, "a", "newer", 5, LSMB_PUBLISH_ATOMIC));
    ck_assert_uint_eq(s.asked, 1);
    replaced(&s);
    put_end(&s.p);
}
END_TEST

START_TEST(a_link_that_gets_it_is_written_through)
{
    struct samba s;

    samba_init(&s);
    s.is_link = true;
    fs_ok(&s.p.w, put(&s.p, "a", "newer", 5));
    written_through(&s);
    no_temporary(&s.p.w.peer);
    s.p.seen = 0;
    ck_assert_int_eq(put_as(&s.p, "a", "no", 2, LSMB_PUBLISH_ATOMIC), LSMB_E_LOCAL);
    ck_assert(peer_has(&s.p.w.peer, "a", "newer", 5));
    put_end(&s.p);
}
END_TEST

/* Linux: protected_hardlinks. */
START_TEST(what_may_not_get_a_second_name_is_taken_for_a_link)
{
    struct samba s;

    samba_init(&s);
    s.link_status = (uint32_t)STATUS_ACCESS_DENIED;
    fs_ok(&s.p.w, put(&s.p, "a", "newer", 5));
    written_through(&s);
    put_end(&s.p);
}
END_TEST

START_TEST(where_there_are_no_second_names_there_are_no_links)
{
    struct samba s;

    samba_init(&s);
    s.link_status = (uint32_t)STATUS_NOT_SUPPORTED;
    fs_ok(&s.p.w, put_as(&s.p, "a", "newer", 5, LSMB_PUBLISH_ATOMIC));
    replaced(&s);
    put_end(&s.p);
}
END_TEST

START_TEST(nothing_is_tried_where_there_is_nothing_yet_or_no_samba)
{
    struct samba s;

    samba_init(&s);
    fs_ok(&s.p.w, put(&s.p, "b", "newer", 5));
    fs_ok(&s.p.w, put_as(&s.p, "a", "newer", 5, LSMB_PUBLISH_IN_PLACE));
    s.p.w.peer.on_request = NULL;
    fs_ok(&s.p.w, put(&s.p, "a", "newer", 5));
    ck_assert_uint_eq(s.asked, 0);
    put_end(&s.p);
}
END_TEST

/* MS-FSA 2.1.5.15.11: as when somebody has just opened the file. */
START_TEST(a_second_name_that_is_not_replaced_is_deleted)
{
    for (unsigned is_link = 0; is_link < 2; is_link++) {
        struct samba s;
        samba_init(&s);
        s.is_link = is_link;
        s.rename_status = (uint32_t)STATUS_ACCESS_DENIED;
        fs_ok(&s.p.w, put(&s.p, "a", "newer", 5));
        if (is_link) {
            written_through(&s);
        } else {
            replaced(&s);
        }
        put_end(&s.p);
    }
}
END_TEST

START_TEST(a_second_name_that_cannot_be_deleted_is_named)
{
    struct samba s;

    samba_init(&s);
    s.rename_status = (uint32_t)STATUS_ACCESS_DENIED;
    peer_script(&s.p.w.peer,
                &(struct peer_rule){.command = SMB2_CREATE,
                                    .skip = 3, /* the look, the folder, the temporary */
                                    .status = (uint32_t)STATUS_SHARING_VIOLATION});
    fs_ok(&s.p.w, put(&s.p, "a", "newer", 5));
    ck_assert_ptr_nonnull(strstr(s.p.log, "~ is left"));
    lsmb_share_close(s.p.share);
    fs_world_free(&s.p.w);
}
END_TEST

START_TEST(a_forged_answer_decides_nothing_and_leaves_nothing)
{
    for (unsigned at = 0; at < 3; at++) {
        struct samba s;
        samba_init(&s);
        s.forge_link = at == 0;
        s.forge_count = at == 1;
        s.forge_rename = at == 2;
        ck_assert_int_eq(put(&s.p, "a", "newer", 5), LSMB_E_SECURITY);
        ck_assert_uint_gt(s.p.seen, 0);
        ck_assert(peer_has(&s.p.w.peer, "a", "old", 3));
        put_end(&s.p);
    }
}
END_TEST

START_TEST(a_put_that_looks_for_a_link_can_be_cancelled_at_any_time)
{
    bool cancelled = true;

    for (unsigned turns = 0; cancelled; turns++) {
        struct samba s;
        samba_init(&s);
        struct lsmb_job *job = put_start(&s.p, "a", "newer", 5, LSMB_PUBLISH_AUTO);
        for (unsigned i = 0; i < turns && !s.p.done.finished; i++) {
            fs_turn(&s.p.w, 1);
        }
        cancelled = !s.p.done.finished;
        if (cancelled) {
            lsmb_job_cancel(job, NULL);
        }
        share_run(&s.p.w, &s.p.done.finished);
        bool done = s.p.done.err.code == LSMB_OK;
        ck_assert(done || s.p.done.err.code == LSMB_E_CANCELLED);
        ck_assert(peer_has(&s.p.w.peer, "a", done ? "newer" : "old", done ? 5 : 3));
        put_end(&s.p);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("xfer/share_probe", a_plain_file_gets_the_second_name_and_is_replaced,
                     a_link_that_gets_it_is_written_through,
                     what_may_not_get_a_second_name_is_taken_for_a_link,
                     where_there_are_no_second_names_there_are_no_links,
                     nothing_is_tried_where_there_is_nothing_yet_or_no_samba,
                     a_second_name_that_is_not_replaced_is_deleted,
                     a_second_name_that_cannot_be_deleted_is_named,
                     a_forged_answer_decides_nothing_and_leaves_nothing,
                     a_put_that_looks_for_a_link_can_be_cancelled_at_any_time);
}
