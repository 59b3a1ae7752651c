#include "test/conformance/visit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A visit under way.  Each step is a blocking call; the first that fails ends it. */
struct guest {
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

static bool failed(struct guest *g, const char *what)
{
    struct visit *v = g->visit;

    v->outcome = OUTCOME_FAILED;
    (void)snprintf(v->what, sizeof v->what, "%s", what);
    if (g->err.code != LSMB_OK) {
        (void)lsmb_error_text(&g->err, v->why, sizeof v->why);
    }
    return false;
}

static bool differs(struct guest *g, const char *what, const char *why)
{
    g->err.code = LSMB_OK;
    (void)snprintf(g->visit->why, sizeof g->visit->why, "%s", why);
    return failed(g, what);
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
static bool name_files(struct guest *g)
{
    static unsigned count;
    char name[96];

    (void)snprintf(name, sizeof name, "lava-smb conformance \xc3\xbc\xe2\x82\xac %ld-%u.bin",
                   (long)getpid(), count++);
    g->file = location_join(g->place->where->path, name);
    g->renamed = g->file ? strdup(g->file) : NULL;
    if (!g->renamed) {
        return false;
    }
    memcpy(g->renamed + strlen(g->renamed) - 3, "out", 3);
    return true;
}

/* MS-ERREF 2.3.1. */
#define STATUS_LOGON_FAILURE 0xC000006Du

/* Did the server say that it does not do what the cell asks for?  Any status that it gives before the share
 * is there is such a word (a share that must be sealed is denied to all others), but not that the user's own
 * password is wrong. */
static bool cannot(const struct guest *g)
{
    switch (g->err.code) {
    case LSMB_E_POLICY:
    case LSMB_E_STATUS:
    case LSMB_E_DENIED: return true;
    case LSMB_E_PROTOCOL: return g->err.nt_status != 0; /* NEGOTIATE itself was refused */
    case LSMB_E_AUTH:
        return g->cell->logon != LOGON_NTLMV2 || g->err.nt_status != STATUS_LOGON_FAILURE;
    case LSMB_E_NETWORK: return g->cell->transport == TRANSPORT_NBT;
    default: return false;
    }
}

static bool come(struct guest *g)
{
    const struct location *where = g->place->where;
    struct lsmb_options options = {.size = sizeof options, .silence_ms = g->place->silence_ms};
    struct lsmb_policy policy = cell_policy(g->cell);
    bool nbt = g->cell->transport == TRANSPORT_NBT;
    struct lsmb_target target = {
        .size = sizeof target,
        .host = where->host,
        .port = nbt ? g->place->nbt_port : where->port,
        .share = where->share,
        .user = g->cell->logon == LOGON_GUEST ? "nobody-of-this-name" : where->user,
        .domain = where->domain,
        .password = g->place->password,
        .policy = &policy,
        .netbios = nbt,
    };

    g->smb = lsmb_new(&options, &g->err);
    if (!g->smb) {
        return failed(g, "begin");
    }
    if (lsmb_share_open(g->smb, &target, &g->share, &g->err) != LSMB_OK) {
        (void)failed(g, "connect");
        g->visit->outcome = cannot(g) ? OUTCOME_CANNOT : OUTCOME_FAILED;
        return false;
    }
    return true;
}

/* What was negotiated is what was asked for. */
static bool agree(struct guest *g)
{
    const struct protection *p = &g->cell->protection;
    struct lsmb_share_info info = {.size = sizeof info};

    lsmb_share_info(g->share, &info);
    if (info.dialect != p->dialect) {
        return differs(g, "negotiate", "another dialect was negotiated");
    }
    if (p->cipher && (!info.sealing || info.cipher != p->cipher)) {
        return differs(g, "negotiate", "it is not sealed with the cipher asked for");
    }
    if (p->signing_alg && !info.sealing && (!info.signing || info.signing_alg != p->signing_alg)) {
        return differs(g, "negotiate", "it is not signed with the algorithm asked for");
    }
    if (info.netbios != (g->cell->transport == TRANSPORT_NBT)) {
        return differs(g, "connect", "it goes over another transport");
    }
    return true;
}

static bool put(struct guest *g)
{
    struct lsmb_source *source = lsmb_source_memory(g->smb, g->bytes, g->place->bytes);
    struct lsmb_sink *sink = lsmb_sink_share(g->share, g->file, LSMB_PUBLISH_AUTO);

    g->made = lsmb_copy(g->smb, source, sink, NULL, NULL, &g->err) == LSMB_OK;
    return g->made || failed(g, "put");
}

static bool get(struct guest *g)
{
    void *bytes = NULL;
    size_t len = 0;
    struct lsmb_source *source = lsmb_source_share(g->share, g->file, false);
    struct lsmb_sink *sink = lsmb_sink_memory(g->smb, &bytes, &len, g->place->bytes + 1);
    bool ok = lsmb_copy(g->smb, source, sink, NULL, NULL, &g->err) == LSMB_OK || failed(g, "get");

    if (ok && (len != g->place->bytes || (len > 0 && memcmp(bytes, g->bytes, len) != 0))) {
        ok = differs(g, "compare", "what came back is not what was put");
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

static bool list(struct guest *g, const char *path, bool there)
{
    struct search search = {location_base(path), g->place->bytes, false};

    if (lsmb_list(g->share, g->place->where->path, NULL, look, &search, &g->err) != LSMB_OK) {
        return failed(g, "list");
    }
    return search.found == there ||
           differs(g, "list", there ? "the file is not listed" : "the file is still listed");
}

static bool move(struct guest *g)
{
    g->moved = lsmb_rename(g->share, g->file, g->renamed, false, &g->err) == LSMB_OK;
    return g->moved || failed(g, "rename");
}

static bool take_away(struct guest *g)
{
    const char *path = g->moved ? g->renamed : g->file;

    if (!g->made) {
        return true;
    }
    g->made = false;
    return lsmb_remove(g->share, path, &g->err) == LSMB_OK || failed(g, "delete");
}

/* After a failure, which is what counts: do not leave the file behind. */
static void clean_up(struct guest *g)
{
    const char *path = g->moved ? g->renamed : g->file;
    size_t used = strlen(g->visit->why);

    if (g->made && lsmb_remove(g->share, path, NULL) != LSMB_OK) {
        (void)snprintf(g->visit->why + used, sizeof g->visit->why - used,
                       "; the file %s is left behind", path);
    }
}

void visit_make(struct visit *visit, const struct place *place, const struct cell *cell)
{
    struct guest g = {.visit = visit, .place = place, .cell = cell, .bytes = noise(place->bytes)};
    struct timespec begin, end;

    *visit = (struct visit){.outcome = OUTCOME_OK};
    (void)clock_gettime(CLOCK_MONOTONIC, &begin);
    if (!g.bytes || !name_files(&g)) {
        (void)differs(&g, "begin", "out of memory");
    } else if (come(&g)) {
        (void)(agree(&g) && put(&g) && list(&g, g.file, true) && get(&g) && move(&g) &&
               list(&g, g.renamed, true) && take_away(&g) && list(&g, g.renamed, false));
        clean_up(&g);
    }
    (void)clock_gettime(CLOCK_MONOTONIC, &end);
    visit->ms = (unsigned long)((end.tv_sec - begin.tv_sec) * 1000 +
                                (end.tv_nsec - begin.tv_nsec) / 1000000);
    lsmb_share_close(g.share);
    lsmb_free(g.smb);
    free(g.bytes);
    free(g.file);
    free(g.renamed);
}
