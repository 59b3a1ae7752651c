/* put_world.h: puts into the share of a peer.
 *
 *     struct put p;
 *
 *     put_init(&p);
 *     fs_ok(&p.w, put(&p, "a", "new", 3));
 *     put_end(&p);                          // nothing is left open, and no temporary
 */
#ifndef LSMB_TEST_XFER_PUT_WORLD_H
#define LSMB_TEST_XFER_PUT_WORLD_H

#include <limits.h>

#include "fs/share.h"
#include "test/xfer/share_world.h"

struct put {
    struct fs_world w;
    struct lsmb_share *share;
    struct fs_done done;
    char log[4096];    /* warnings */
    unsigned at, seen; /* for on_request functions: which one, and how many so far */
    struct peer_rule rule;
};

static inline void keep_warning(void *arg, enum lsmb_log_level level, const char *line)
{
    struct put *p = arg;

    if (level <= LSMB_LOG_WARNING) {
        strncat(p->log, line, sizeof p->log - strlen(p->log) - 1);
    }
}

static inline void put_init_with(struct put *p, const struct peer_config *config)
{
    memset(p, 0, sizeof *p);
    fs_world_init(&p->w, config);
    p->w.smb->env.log = (struct log){keep_warning, p, LSMB_LOG_WARNING};
    p->share = fs_share(&p->w);
}

static inline void put_init(struct put *p)
{
    put_init_with(p, NULL);
}

/* Have files published in the general way: as where every name is taken. */
static inline void put_general(struct put *p)
{
    share_seen(p->share)->occupied = UINT_MAX;
}

static inline struct lsmb_job *put_start(struct put *p, const char *path, const void *bytes,
                                         size_t len, enum lsmb_publish how)
{
    p->done = (struct fs_done){0};
    return lsmb_copy_start(p->w.smb, lsmb_source_memory(p->w.smb, bytes, len),
                           lsmb_sink_share(p->share, path, how), NULL, NULL, fs_done, &p->done);
}

static inline enum lsmb_code put_as(struct put *p, const char *path, const void *bytes, size_t len,
                                    enum lsmb_publish how)
{
    ck_assert_ptr_nonnull(put_start(p, path, bytes, len, how));
    share_run(&p->w, &p->done.finished);
    p->w.err = p->done.err;
    return p->w.err.code;
}

static inline enum lsmb_code put(struct put *p, const char *path, const void *bytes, size_t len)
{
    return put_as(p, path, bytes, len, LSMB_PUBLISH_AUTO);
}

/* Nothing is left open, and no temporary. */
static inline void put_end(struct put *p)
{
    fs_turn(&p->w, 200);
    nothing_open(&p->w.peer);
    no_temporary(&p->w.peer);
    lsmb_share_close(p->share);
    fs_world_free(&p->w);
}

/* Look at every request, and answer some otherwise. */
static inline void put_watch(struct put *p,
                             const struct peer_rule *(*on_request)(void *, const struct peer_seen *,
                                                                   struct span))
{
    p->seen = 0;
    p->w.peer.on_request = on_request;
    p->w.peer.on_request_arg = p;
}

/* What a stranger may say to a request: that the file is closed (MS-SMB2 2.2.2), without a signature.
 * The server has done it.  For sessions that sign. */
static inline void say_closed(struct peer_reply *reply)
{
    reply->header.status = (uint32_t)STATUS_FILE_CLOSED;
    reply->len = SMB2_HEADER_LEN + 9;
    ck_assert_uint_le(reply->len, reply->cap);
    memset(reply->bytes + SMB2_HEADER_LEN, 0, 9);
    reply->bytes[SMB2_HEADER_LEN] = 9;
}

static inline const struct peer_rule *put_forge(struct put *p)
{
    p->seen++;
    p->rule = (struct peer_rule){.edit = say_closed, .protection = PEER_ZERO_MAC};
    return &p->rule;
}

static inline void put_init_signed(struct put *p)
{
    struct peer_config config = peer_defaults();

    config.signing_required = true;
    put_init_with(p, &config);
}

/* Give a file a descriptor with one entry, `flags` of which are enum ace_flags. */
static inline void put_secure(struct peer_node *file, uint16_t control, uint8_t flags,
                              uint32_t mask)
{
    const struct sid everyone = {.authority = 1, .count = 1};
    uint8_t sid[SID_LEN_MAX], list[128], bytes[256];
    struct wr s = wr_from(sid, sizeof sid), l = wr_from(list, sizeof list),
              w = wr_from(bytes, sizeof bytes);

    sid_put(&s, &everyone);
    size_t acl = acl_put(&l);
    ace_put(&l, acl, &(struct ace){.flags = flags, .mask = mask, .sid = wr_written(&s)});
    security_descriptor_put(
        &w, &(struct security_descriptor){.control = (uint16_t)(control | SE_DACL_PRESENT),
                                          .owner = wr_written(&s),
                                          .dacl = wr_written(&l)});
    ck_assert(wr_ok(&w));
    peer_store_secure(file, wr_written(&w));
}

#endif
