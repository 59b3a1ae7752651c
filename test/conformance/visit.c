#include "test/conformance/visit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A visit under way.  Each step is a blocking call; the first that fails ends it. */
struct visitor {
    struct visit *visit;
    const struct place *place;
    const struct cell *cell;
    struct lsmb *smb;
    struct lsmb_share *share;
    uint8_t *bytes; /* what the file holds */
    char *file, *renamed;
    bool made, moved; /* what has to be taken away again */
    struct lsmb_error err;
};

static bool failed(struct visitor *me, const char *what)
{
    struct visit *v = me->visit;

    v->outcome = OUTCOME_FAILED;
    (void)snprintf(v->what, sizeof v->what, "%s", what);
    if (me->err.code != LSMB_OK) {
        (void)lsmb_error_text(&me->err, v->why, sizeof v->why);
    }
    return false;
}

static bool differs(struct visitor *me, const char *what, const char *why)
{
    me->err.code = LSMB_OK;
    (void)snprintf(me->visit->why, sizeof me->visit->why, "%s", why);
    return failed(me, what);
}

/* Bytes that repeat nowhere. */
static uint8_t *noise(size_t len)
{
    uint8_t *bytes = malloc(len ? len : 1);
    uint64_t state = 88172645463325252u;

    for (size_t i = 0; bytes && i < len; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes[i] = (uint8_t)(state >> 32);
    }
    return bytes;
}

/* A name that needs more than ASCII, and that no other visit uses. */
static bool name_files(struct visitor *me)
{
    static unsigned count;
    char name[96];

    (void)snprintf(name, sizeof name, "lava-smb conformance \xc3\xbc\xe2\x82\xac %ld-%u.bin",
                   (long)getpid(), count++);
    me->file = location_join(me->place->where->path, name);
    me->renamed = me->file ? strdup(me->file) : NULL;
    if (!me->renamed) {
        return false;
    }
    memcpy(me->renamed + strlen(me->renamed) - 3, "out", 3);
    return true;
}

/* MS-ERREF 2.3.1. */
#define STATUS_LOGON_FAILURE 0xC000006Du

/* Did the server say that it does not do what the cell asks for?  Any status that it gives before the share
 * is there is such a word (a share that must be sealed is denied to all others), but not that the user's own
 * password is wrong. */
static bool cannot(const struct visitor *me)
{
    switch (me->err.code) {
    case LSMB_E_POLICY:
    case LSMB_E_STATUS:
    case LSMB_E_DENIED: return true;
    case LSMB_E_PROTOCOL: return me->err.nt_status != 0; /* NEGOTIATE itself was refused */
    case LSMB_E_AUTH:
        return me->cell->logon != LOGON_NTLMV2 || me->err.nt_status != STATUS_LOGON_FAILURE;
    case LSMB_E_NETWORK: return me->cell->transport == TRANSPORT_NBT;
    default: return false;
    }
}

static bool attach(struct visitor *me)
{
    const struct location *where = me->place->where;
    struct lsmb_options options = {.size = sizeof options, .silence_ms = me->place->silence_ms};
    struct lsmb_policy policy = cell_policy(me->cell);
    bool nbt = me->cell->transport == TRANSPORT_NBT;
    struct lsmb_target target = {
        .size = sizeof target,
        .host = where->host,
        .port = nbt ? me->place->nbt_port : where->port,
        .share = where->share,
        .user = me->cell->logon == LOGON_GUEST ? "nobody-of-this-name" : where->user,
        .domain = where->domain,
        .password = me->place->password,
        .policy = &policy,
        .netbios = nbt,
    };

    me->smb = lsmb_new(&options, &me->err);
    if (!me->smb) {
        return failed(me, "begin");
    }
    if (lsmb_share_open(me->smb, &target, &me->share, &me->err) != LSMB_OK) {
        (void)failed(me, "connect");
        me->visit->outcome = cannot(me) ? OUTCOME_CANNOT : OUTCOME_FAILED;
        return false;
    }
    return true;
}

/* What was negotiated is what was asked for. */
static bool agree(struct visitor *me)
{
    const struct protection *p = &me->cell->protection;
    struct lsmb_share_info info = {.size = sizeof info};

    lsmb_share_info(me->share, &info);
    if (info.dialect != p->dialect) {
        return differs(me, "negotiate", "another dialect was negotiated");
    }
    if (p->cipher && (!info.sealing || info.cipher != p->cipher)) {
        return differs(me, "negotiate", "it is not sealed with the cipher asked for");
    }
    if (p->signing_alg && !info.sealing && (!info.signing || info.signing_alg != p->signing_alg)) {
        return differs(me, "negotiate", "it is not signed with the algorithm asked for");
    }
    if (info.netbios != (me->cell->transport == TRANSPORT_NBT)) {
        return differs(me, "connect", "it goes over another transport");
    }
    return true;
}

static bool put(struct visitor *me)
{
    struct lsmb_source *source = lsmb_source_memory(me->smb, me->bytes, me->place->bytes);
    struct lsmb_sink *sink = lsmb_sink_share(me->share, me->file, LSMB_PUBLISH_AUTO);

    me->made = lsmb_copy(me->smb, source, sink, NULL, NULL, &me->err) == LSMB_OK;
    return me->made || failed(me, "put");
}

static bool get(struct visitor *me)
{
    void *bytes = NULL;
    size_t len = 0;
    struct lsmb_source *source = lsmb_source_share(me->share, me->file, false);
    struct lsmb_sink *sink = lsmb_sink_memory(me->smb, &bytes, &len, me->place->bytes + 1);
    bool ok =
        lsmb_copy(me->smb, source, sink, NULL, NULL, &me->err) == LSMB_OK || failed(me, "get");

    if (ok && (len != me->place->bytes || (len > 0 && memcmp(bytes, me->bytes, len) != 0))) {
        ok = differs(me, "compare", "what came back is not what was put");
    }
    free(bytes);
    return ok;
}

struct search {
    const char *name;
    size_t bytes;
    bool found;
};

/* A lsmb_entry_fn. */
static bool look(void *arg, const char *name, const struct lsmb_stat *stat)
{
    struct search *s = arg;

    s->found = s->found || (strcmp(name, s->name) == 0 && stat->bytes == s->bytes);
    return true;
}

static bool list(struct visitor *me, const char *path, bool there)
{
    struct search search = {location_base(path), me->place->bytes, false};

    if (lsmb_list(me->share, me->place->where->path, NULL, look, &search, &me->err) != LSMB_OK) {
        return failed(me, "list");
    }
    return search.found == there ||
           differs(me, "list", there ? "the file is not listed" : "the file is still listed");
}

static bool move(struct visitor *me)
{
    me->moved = lsmb_rename(me->share, me->file, me->renamed, false, &me->err) == LSMB_OK;
    return me->moved || failed(me, "rename");
}

static bool take_away(struct visitor *me)
{
    const char *path = me->moved ? me->renamed : me->file;

    if (!me->made) {
        return true;
    }
    me->made = false;
    return lsmb_remove(me->share, path, &me->err) == LSMB_OK || failed(me, "delete");
}

/* After a failure, which is what counts: do not leave the file behind. */
static void clean_up(struct visitor *me)
{
    const char *path = me->moved ? me->renamed : me->file;
    size_t used = strlen(me->visit->why);

    if (me->made && lsmb_remove(me->share, path, NULL) != LSMB_OK) {
        (void)snprintf(me->visit->why + used, sizeof me->visit->why - used,
                       "; the file %s is left behind", path);
    }
}

void visit_make(struct visit *visit, const struct place *place, const struct cell *cell)
{
    struct visitor me = {
        .visit = visit, .place = place, .cell = cell, .bytes = noise(place->bytes)};
    struct timespec begin, end;

    *visit = (struct visit){.outcome = OUTCOME_OK};
    (void)clock_gettime(CLOCK_MONOTONIC, &begin);
    if (!me.bytes || !name_files(&me)) {
        (void)differs(&me, "begin", "out of memory");
    } else if (attach(&me)) {
        (void)(agree(&me) && put(&me) && list(&me, me.file, true) && get(&me) && move(&me) &&
               list(&me, me.renamed, true) && take_away(&me) && list(&me, me.renamed, false));
        clean_up(&me);
    }
    (void)clock_gettime(CLOCK_MONOTONIC, &end);
    visit->ms = (unsigned long)((end.tv_sec - begin.tv_sec) * 1000 +
                                (end.tv_nsec - begin.tv_nsec) / 1000000);
    lsmb_share_close(me.share);
    lsmb_free(me.smb);
    free(me.bytes);
    free(me.file);
    free(me.renamed);
}
