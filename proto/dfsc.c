/* dfsc.c: DFS referrals (MS-DFSC 2.2). */
#include "proto/dfsc.h"

enum {
    HEADER_LEN = 8,
    ENTRY_V1_LEN = 8, /* before ShareName */
    ENTRY_V2_LEN = 22,
    ENTRY_V3_LEN = 18, /* of both forms, without what is ignored at their ends */
    PADDING_LEN = 16,  /* ServiceSiteGuid, or as many zeros */
    /* Longer than any that is meant: many entries may share one endless name. */
    NAME_MAX_LEN = 8192,
};

/* ---------------------------------------------------------------- names */

bool dfsc_name_next(struct rd *names, struct span *name)
{
    size_t start = names->pos;

    if (rd_left(names) == 0) {
        return false;
    }
    while (rd_u16(names) != 0) {
        rd_require(names, names->pos - start <= NAME_MAX_LEN);
    }
    if (!rd_ok(names)) {
        return false;
    }
    *name = (struct span){names->msg.ptr + start, names->pos - 2 - start};
    return true;
}

void dfsc_name_put(struct wr *w, struct span name)
{
    wr_span(w, name);
    wr_u16(w, 0);
}

/* A name that must be there. */
static struct span name_get(struct rd *r)
{
    struct span name = {0};

    rd_require(r, dfsc_name_next(r, &name));
    return name;
}

/* ---------------------------------------------------------------- requests */

void dfsc_request_put(struct wr *w, const struct dfsc_request *q)
{
    wr_u16(w, q->max_referral_level);
    dfsc_name_put(w, q->path);
}

bool dfsc_request_get(struct dfsc_request *out, struct span input)
{
    struct rd r = rd_from(input, 0);

    *out = (struct dfsc_request){0};
    out->max_referral_level = rd_u16(&r);
    out->path = name_get(&r);
    return rd_ok(&r);
}

/* A name behind its length, which counts its NUL. */
static void counted_put(struct wr *w, struct span name)
{
    wr_size16(w, name.len + 2);
    dfsc_name_put(w, name);
}

static struct span counted_get(struct rd *r)
{
    uint16_t len = rd_u16(r);
    struct rd field = rd_from(rd_take(r, len), 0);
    struct span name = name_get(&field);

    rd_require(r, rd_ok(&field) && rd_left(&field) == 0);
    return name;
}

void dfsc_request_ex_put(struct wr *w, const struct dfsc_request *q)
{
    size_t site = q->has_site ? 2 + q->site.len + 2 : 0;

    wr_u16(w, q->max_referral_level);
    wr_u16(w, q->has_site ? DFSC_REQUEST_SITE_NAME : 0);
    wr_size32(w, 2 + q->path.len + 2 + site); /* RequestDataLength */
    counted_put(w, q->path);
    if (q->has_site) {
        counted_put(w, q->site);
    }
}

bool dfsc_request_ex_get(struct dfsc_request *out, struct span input)
{
    struct rd r = rd_from(input, 0);

    *out = (struct dfsc_request){0};
    out->max_referral_level = rd_u16(&r);
    out->has_site = (rd_u16(&r) & DFSC_REQUEST_SITE_NAME) != 0;
    uint32_t length = rd_u32(&r);
    struct rd data = rd_from(rd_take(&r, length), 0);
    out->path = counted_get(&data);
    if (out->has_site) {
        out->site = counted_get(&data);
    }
    return rd_ok(&r) && rd_ok(&data);
}

/* ---------------------------------------------------------------- reading a response */

/* An entry being read; offsets count from `at`. */
struct entry {
    struct rd r;
    size_t at, size;
    bool only; /* the response has no other */
};

/* Follow an offset to a name, which stands behind the entries (MS-DFSC 2.2.5); 0 leads nowhere. */
static struct rd names_at(struct entry *e, uint16_t offset)
{
    struct rd names = rd_from(e->r.msg, e->at + offset);

    rd_require(&e->r, rd_ok(&names) && offset >= e->size);
    return names;
}

static struct span offset_get(struct entry *e)
{
    uint16_t offset = rd_u16(&e->r);
    struct span name = {0};

    if (offset > 0) {
        struct rd names = names_at(e, offset);
        name = name_get(&names);
        rd_require(&e->r, rd_ok(&names));
    }
    return name;
}

/* MS-DFSC 2.2.5.1: the name is a part of the entry. */
static void entry_v1_get(struct entry *e, struct dfsc_referral *out)
{
    struct rd inside = rd_from((struct span){e->r.msg.ptr, e->at + e->size}, e->r.pos);

    out->network_address = name_get(&inside);
    rd_require(&e->r, rd_ok(&inside));
}

/* MS-DFSC 2.2.5.2, 2.2.5.3.1. */
static void target_get(struct entry *e, struct dfsc_referral *out)
{
    out->dfs_path = offset_get(e);
    out->alternate_path = offset_get(e);
    out->network_address = offset_get(e);
}

/* MS-DFSC 2.2.5.3.2.  Only a DC referral has expanded names, and that is one entry (MS-DFSC
 * 3.1.5.4.2). */
static void name_list_get(struct entry *e, struct dfsc_referral *out)
{
    out->special_name = offset_get(e);
    uint16_t count = rd_u16(&e->r);
    uint16_t offset = rd_u16(&e->r);
    if (count == 0) {
        return;
    }
    rd_require(&e->r, e->only);
    struct rd names = names_at(e, offset);
    size_t start = names.pos;
    for (unsigned i = 0; i < count && rd_ok(&names) && rd_ok(&e->r); i++) {
        (void)name_get(&names);
    }
    rd_require(&e->r, rd_ok(&names));
    if (rd_ok(&e->r)) {
        out->expanded_names = (struct span){names.msg.ptr + start, names.pos - start};
    }
}

/* The least Size of an entry; 0 for a version that does not exist. */
static size_t least_size(uint16_t version)
{
    switch (version) {
    case 1: return ENTRY_V1_LEN;
    case 2: return ENTRY_V2_LEN;
    case 3:
    case 4: return ENTRY_V3_LEN;
    }
    return 0;
}

static void entry_get(struct entry *e, uint16_t version, struct dfsc_referral *out)
{
    out->server_type = rd_u16(&e->r);
    uint16_t flags = rd_u16(&e->r); /* versions 1 and 2: to be ignored */
    if (version == 1) {
        entry_v1_get(e, out);
    } else if (version == 2) {
        out->proximity = rd_u32(&e->r);
        out->time_to_live_s = rd_u32(&e->r);
        target_get(e, out);
    } else {
        out->flags = flags;
        out->time_to_live_s = rd_u32(&e->r);
        if (flags & DFSC_NAME_LIST_REFERRAL) {
            name_list_get(e, out);
        } else {
            target_get(e, out);
        }
    }
    rd_require(&e->r, out->network_address.len > 0 || out->special_name.len > 0);
}

bool dfsc_referral_next(struct dfsc_response *response, struct dfsc_referral *out)
{
    struct entry e = {
        .r = response->entries,
        .at = response->entries.pos,
        .only = response->count == 1,
    };

    if (response->left == 0) {
        return false;
    }
    *out = (struct dfsc_referral){0};
    uint16_t version = rd_u16(&e.r);
    e.size = rd_u16(&e.r);
    /* MS-DFSC 2.2.5: the next entry is where Size says, and of the same version. */
    struct rd next = rd_from(e.r.msg, e.at + e.size);
    rd_require(&e.r, version == response->version && e.size >= least_size(version) && rd_ok(&next));
    if (rd_ok(&e.r)) {
        entry_get(&e, version, out);
    }
    response->left = rd_ok(&e.r) ? (uint16_t)(response->left - 1) : 0;
    response->entries = next;
    response->entries.bad = !rd_ok(&e.r);
    return rd_ok(&e.r);
}

static bool is_separator(struct span path, size_t at)
{
    return path.ptr[at] == '\\' && path.ptr[at + 1] == 0;
}

/* PathConsumed leaves off between two components.  MS-DFSC 2.2.4. */
static bool consumes_components(struct span path, size_t consumed)
{
    if (consumed % 2 != 0 || path.len % 2 != 0 || consumed > path.len) {
        return false;
    }
    return consumed == 0 || consumed == path.len || is_separator(path, consumed) ||
           is_separator(path, consumed - 2);
}

bool dfsc_response_get(struct dfsc_response *out, struct span output, struct span path)
{
    struct rd r = rd_from(output, 0);
    struct dfsc_referral referral;

    *out = (struct dfsc_response){0};
    out->path_consumed = rd_u16(&r);
    out->count = rd_u16(&r);
    out->flags = rd_u32(&r);
    out->entries = r;
    out->left = out->count;
    if (out->count > 0) {
        out->version = rd_u16(&r);
        rd_require(&r, least_size(out->version) > 0);
    }
    if (!rd_ok(&r) || !consumes_components(path, out->path_consumed)) {
        return false;
    }
    struct dfsc_response trial = *out;
    while (dfsc_referral_next(&trial, &referral)) {
    }
    return rd_ok(&trial.entries);
}

/* ---------------------------------------------------------------- writing a response */

static size_t entry_size(uint16_t version, const struct dfsc_referral *referral)
{
    switch (version) {
    case 1: return ENTRY_V1_LEN + referral->network_address.len + 2;
    case 2: return ENTRY_V2_LEN;
    }
    return ENTRY_V3_LEN + PADDING_LEN;
}

static bool is_name_list(uint16_t version, const struct dfsc_referral *referral)
{
    return version >= 3 && (referral->flags & DFSC_NAME_LIST_REFERRAL) != 0;
}

/* The offset of a name of `len` bytes that will stand at `*names`, from the entry at `at`. */
static void offset_put(struct wr *w, size_t at, size_t *names, size_t len)
{
    wr_size16(w, *names - at);
    *names += len;
}

/* The offsets of the names that names_put() will write, in this order. */
static void offsets_put(struct wr *w, size_t at, size_t *names, uint16_t version,
                        const struct dfsc_referral *referral)
{
    struct rd expanded = rd_from(referral->expanded_names, 0);
    struct span name;
    uint16_t count = 0;

    if (!is_name_list(version, referral)) {
        offset_put(w, at, names, referral->dfs_path.len + 2);
        offset_put(w, at, names, referral->alternate_path.len + 2);
        offset_put(w, at, names, referral->network_address.len + 2);
        return;
    }
    while (dfsc_name_next(&expanded, &name)) {
        count++;
    }
    offset_put(w, at, names, referral->special_name.len + 2);
    wr_u16(w, count);
    if (count > 0) {
        offset_put(w, at, names, referral->expanded_names.len);
    } else {
        wr_u16(w, 0);
    }
}

static void entry_put(struct wr *w, size_t *names, uint16_t version,
                      const struct dfsc_referral *referral)
{
    size_t at = w->pos;

    wr_u16(w, version);
    wr_size16(w, entry_size(version, referral));
    wr_u16(w, referral->server_type);
    wr_u16(w, version >= 3 ? referral->flags : 0);
    if (version == 1) {
        dfsc_name_put(w, referral->network_address);
        return;
    }
    if (version == 2) {
        wr_u32(w, referral->proximity);
    }
    wr_u32(w, referral->time_to_live_s);
    offsets_put(w, at, names, version, referral);
    if (version >= 3) {
        wr_zero(w, PADDING_LEN);
    }
}

static void names_put(struct wr *w, uint16_t version, const struct dfsc_referral *referral)
{
    if (version == 1) {
        return;
    }
    if (is_name_list(version, referral)) {
        dfsc_name_put(w, referral->special_name);
        wr_span(w, referral->expanded_names);
    } else {
        dfsc_name_put(w, referral->dfs_path);
        dfsc_name_put(w, referral->alternate_path);
        dfsc_name_put(w, referral->network_address);
    }
}

void dfsc_response_put(struct wr *w, const struct dfsc_response *a,
                       const struct dfsc_referral *referrals)
{
    size_t names = w->pos + HEADER_LEN;

    for (unsigned i = 0; i < a->count; i++) {
        names += entry_size(a->version, &referrals[i]);
    }
    wr_u16(w, a->path_consumed);
    wr_u16(w, a->count);
    wr_u32(w, a->flags);
    for (unsigned i = 0; i < a->count; i++) {
        entry_put(w, &names, a->version, &referrals[i]);
    }
    for (unsigned i = 0; i < a->count; i++) {
        names_put(w, a->version, &referrals[i]);
    }
}
