/* fuzz_dfsc.c: DFS referrals.
 *
 * Target functions: dfsc_response_get, dfsc_referral_next, dfsc_name_next, dfsc_response_put,
 * dfsc_request_get, dfsc_request_ex_get, dfsc_request_put, dfsc_request_ex_put.
 *
 * The first byte of the input says which: 0 and 1 a request, everything else a response to a
 * request for as many bytes of PATH.  The seeds in corpus/dfsc are those of
 * test/proto/referrals.h. */
#include "proto/dfsc.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One character beside the separators, so that PathConsumed finds many boundaries. */
static const uint8_t PATH[] = "\\\0s\0\\\0d\0\\\0l\0\\\0a\0\\\0b\0\\\0c\0\\\0d\0\\\0e\0"
                              "\\\0s\0\\\0d\0\\\0l\0\\\0a\0\\\0b\0\\\0c\0\\\0d\0\\\0e\0";

enum { OUT_LEN = 1 << 18, ENTRIES_MAX = 64 };

static void require(bool truth)
{
    if (!truth) {
        abort();
    }
}

/* Read both ends of what a decoder gave out, so that the sanitizer sees a span that is too long. */
static void touch(struct span s)
{
    if (s.len > 0) {
        volatile uint8_t first = s.ptr[0];
        volatile uint8_t last = s.ptr[s.len - 1];
        (void)first;
        (void)last;
    }
}

static bool same(const struct dfsc_referral *a, const struct dfsc_referral *b)
{
    return a->server_type == b->server_type && a->flags == b->flags &&
           a->proximity == b->proximity && a->time_to_live_s == b->time_to_live_s &&
           span_equal(a->dfs_path, b->dfs_path) &&
           span_equal(a->alternate_path, b->alternate_path) &&
           span_equal(a->network_address, b->network_address) &&
           span_equal(a->special_name, b->special_name) &&
           span_equal(a->expanded_names, b->expanded_names);
}

/* What we write of it says the same. */
static void write_again(const struct dfsc_response *a, const struct dfsc_referral *referrals,
                        struct span path)
{
    static uint8_t out[OUT_LEN];
    struct wr w = wr_from(out, sizeof out);
    struct dfsc_response again;
    struct dfsc_referral referral;

    dfsc_response_put(&w, a, referrals);
    if (!wr_ok(&w)) {
        return; /* names that overlapped need more room each on its own */
    }
    require(dfsc_response_get(&again, wr_written(&w), path));
    require(again.count == a->count && again.flags == a->flags && again.version == a->version &&
            again.path_consumed == a->path_consumed);
    for (unsigned i = 0; dfsc_referral_next(&again, &referral); i++) {
        require(same(&referral, &referrals[i]));
    }
}

static void fuzz_response(struct span output, struct span path)
{
    static struct dfsc_referral referrals[ENTRIES_MAX];
    struct dfsc_response a;
    struct dfsc_referral referral;
    struct span name;
    unsigned count = 0;

    if (!dfsc_response_get(&a, output, path)) {
        return;
    }
    struct dfsc_response list = a;
    for (; dfsc_referral_next(&list, &referral); count++) {
        touch(referral.dfs_path);
        touch(referral.alternate_path);
        touch(referral.network_address);
        touch(referral.special_name);
        struct rd names = rd_from(referral.expanded_names, 0);
        while (dfsc_name_next(&names, &name)) {
            touch(name);
        }
        require(rd_ok(&names));
        if (count < ENTRIES_MAX) {
            referrals[count] = referral;
        }
    }
    require(rd_ok(&list.entries) && count == a.count);
    if (count <= ENTRIES_MAX) {
        write_again(&a, referrals, path);
    }
}

static void fuzz_request(struct span input, bool ex)
{
    static uint8_t out[OUT_LEN];
    struct wr w = wr_from(out, sizeof out);
    struct dfsc_request q;
    struct dfsc_request again;

    if (!(ex ? dfsc_request_ex_get(&q, input) : dfsc_request_get(&q, input))) {
        return;
    }
    touch(q.path);
    touch(q.site);
    (ex ? dfsc_request_ex_put : dfsc_request_put)(&w, &q);
    require(wr_ok(&w));
    struct span written = wr_written(&w);
    require(ex ? dfsc_request_ex_get(&again, written) : dfsc_request_get(&again, written));
    require(span_equal(again.path, q.path) && span_equal(again.site, q.site) &&
            again.has_site == q.has_site && again.max_referral_level == q.max_referral_level);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    struct span rest = {data + 1, size - 1};
    if (data[0] < 2) {
        fuzz_request(rest, data[0] == 1);
    } else {
        fuzz_response(rest, (struct span){PATH, data[0] % sizeof PATH});
    }
    return 0;
}
