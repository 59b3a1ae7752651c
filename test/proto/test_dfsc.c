/* test_dfsc.c: DFS referrals (MS-DFSC 2.2, 3.1.5.4). */
#include "proto/dfsc.h"
#include "proto/utf16.h"
#include "test/proto/message.h"
#include "test/proto/referrals.h"
#include "test/run.h"

/* A short string in UTF-16LE. */
struct wide {
    uint8_t bytes[256];
    size_t len;
};

static struct wide wide_of(const char *text)
{
    struct wide wide;

    ck_assert(utf16_from_utf8(wide.bytes, sizeof wide.bytes, &wide.len, span_of(text)));
    return wide;
}

static struct span wide_span(const struct wide *wide)
{
    return (struct span){wide->bytes, wide->len};
}

static struct span written(const struct wr *w)
{
    ck_assert(wr_ok(w));
    return (struct span){w->ptr, w->pos};
}

/* ---------------------------------------------------------------- requests */

static bool decode_request(struct span input)
{
    struct dfsc_request q;

    return dfsc_request_get(&q, input);
}

static bool decode_request_ex(struct span input)
{
    struct dfsc_request q;

    return dfsc_request_ex_get(&q, input);
}

START_TEST(a_request_names_a_path) /* MS-DFSC 2.2.2 */
{
    static const char want[] = "04005c0061005c0062000000";
    struct wide path = wide_of("\\a\\b");
    const struct dfsc_request q = {.max_referral_level = 4, .path = wide_span(&path)};
    struct dfsc_request got;
    uint8_t bytes[64];
    struct wr w = wr_from(bytes, sizeof bytes);

    dfsc_request_put(&w, &q);
    check_span(written(&w), want);
    ck_assert(dfsc_request_get(&got, written(&w)));
    ck_assert_uint_eq(got.max_referral_level, 4);
    ck_assert(span_equal(got.path, q.path));
    ck_assert(!got.has_site);
    check_prefixes_refused(decode_request, written(&w));
}
END_TEST

START_TEST(an_empty_path_asks_for_domains) /* MS-DFSC 3.1.4.2 */
{
    const struct dfsc_request q = {.max_referral_level = 3};
    struct dfsc_request got;
    uint8_t bytes[64];
    struct wr w = wr_from(bytes, sizeof bytes);

    dfsc_request_put(&w, &q);
    check_span(written(&w), "03000000");
    ck_assert(dfsc_request_get(&got, written(&w)));
    ck_assert_uint_eq(got.path.len, 0);
}
END_TEST

START_TEST(a_request_may_name_a_site) /* MS-DFSC 2.2.3 */
{
    static const char with[] = "0400010016000000"
                               "0a005c0061005c0062000000"
                               "08004100420043000000";
    static const char without[] = "040000000c000000"
                                  "0a005c0061005c0062000000";
    struct wide path = wide_of("\\a\\b");
    struct wide site = wide_of("ABC");

    for (int i = 0; i < 2; i++) {
        const struct dfsc_request q = {
            .max_referral_level = 4,
            .path = wide_span(&path),
            .has_site = i == 1,
            .site = i == 1 ? wide_span(&site) : (struct span){0},
        };
        struct message want = message_of(i == 1 ? with : without);
        struct dfsc_request got;
        uint8_t bytes[64];
        struct wr w = wr_from(bytes, sizeof bytes);
        dfsc_request_ex_put(&w, &q);
        ck_assert(span_equal(written(&w), message_span(&want)));
        ck_assert(dfsc_request_ex_get(&got, written(&w)));
        ck_assert_uint_eq(got.max_referral_level, 4);
        ck_assert(span_equal(got.path, q.path));
        ck_assert_int_eq(got.has_site, q.has_site);
        ck_assert(span_equal(got.site, q.site));
        check_prefixes_refused(decode_request_ex, written(&w));
    }
}
END_TEST

START_TEST(a_request_that_breaks_a_rule_is_refused)
{
    static const struct breach breaches[] = {
        {"RequestDataLength is too small", 4, "15000000"},
        {"RequestDataLength is past the end", 4, "17000000"},
        {"RequestFileNameLength ends before the NUL", 8, "0800"},
        {"RequestFileNameLength ends after the NUL", 8, "0c00"},
        {"RequestFileNameLength is odd", 8, "0900"},
        {"RequestFileNameLength is past the end", 8, "1600"},
        {"the name ends early", 12, "0000"},
        {"SiteNameLength is past the end", 20, "0900"},
        {"SiteName has no end", 28, "4400"},
    };
    struct message m = message_of("0400010016000000"
                                  "0a005c0061005c0062000000"
                                  "08004100420043000000");

    check_breaches_refused(decode_request_ex, message_span(&m), breaches);
}
END_TEST

/* ---------------------------------------------------------------- responses */

static void add_text(struct wr *w, const char *text)
{
    wr_span(w, span_of(text));
}

static void add_number(struct wr *w, const char *before, unsigned long long number)
{
    char text[64];

    (void)snprintf(text, sizeof text, "%s%llu", before, number);
    add_text(w, text);
}

static void add_name(struct wr *w, const char *before, struct span name)
{
    char text[128];
    size_t need;

    ck_assert(utf8_from_utf16(text, sizeof text, &need, name));
    add_text(w, before);
    add_text(w, text);
}

static void add_referral(struct wr *w, const struct dfsc_referral *referral)
{
    struct rd names = rd_from(referral->expanded_names, 0);
    struct span name;

    add_number(w, "type ", referral->server_type);
    add_number(w, ", flags ", referral->flags);
    add_number(w, ", ", referral->time_to_live_s);
    add_name(w, " s: ", referral->special_name);
    while (dfsc_name_next(&names, &name)) {
        add_name(w, " ", name);
    }
    ck_assert(rd_ok(&names));
    if (referral->network_address.len > 0) {
        ck_assert(span_equal(referral->alternate_path, referral->dfs_path));
        add_name(w, "", referral->dfs_path);
        add_name(w, referral->dfs_path.len > 0 ? " -> " : "-> ", referral->network_address);
    }
    add_text(w, "\n");
}

/* What a response says, in the words of the samples. */
static void check_says(struct dfsc_response a, const char *want)
{
    char text[1024] = {0};
    struct wr w = wr_from((uint8_t *)text, sizeof text - 1);
    struct dfsc_referral referral;

    add_number(&w, "consumed ", a.path_consumed);
    add_number(&w, ", flags ", a.flags);
    add_number(&w, ", version ", a.version);
    add_text(&w, "\n");
    while (dfsc_referral_next(&a, &referral)) {
        add_referral(&w, &referral);
    }
    ck_assert(rd_ok(&a.entries) && wr_ok(&w));
    ck_assert_str_eq(text, want);
}

/* The path that is asked for by those decoders that know nothing but the message. */
static struct wide asked;

static bool decode_response(struct span output)
{
    struct dfsc_response a;

    return dfsc_response_get(&a, output, wide_span(&asked));
}

START_TEST(referrals_are_read) /* source: test/proto/referrals.h */
{
    for (size_t i = 0; i < sizeof referral_samples / sizeof referral_samples[0]; i++) {
        const struct referral_sample *sample = &referral_samples[i];
        struct message m = message_of(sample->response);
        struct dfsc_response a;
        for (size_t p = 0; p < 2 && sample->paths[p]; p++) {
            asked = wide_of(sample->paths[p]);
            ck_assert_msg(dfsc_response_get(&a, message_span(&m), wide_span(&asked)), "%s",
                          sample->name);
            check_says(a, sample->text);
            check_prefixes_refused(decode_response, message_span(&m));
        }
    }
}
END_TEST

START_TEST(referrals_are_written) /* source: test/proto/referrals.h */
{
    for (size_t i = 0; i < sizeof referral_samples / sizeof referral_samples[0]; i++) {
        const struct referral_sample *sample = &referral_samples[i];
        struct message m = message_of(sample->response);
        struct dfsc_referral referrals[4];
        struct dfsc_response a;
        struct dfsc_response again;
        uint8_t bytes[1024];
        struct wr w = wr_from(bytes, sizeof bytes);
        asked = wide_of(sample->paths[0]);
        ck_assert(dfsc_response_get(&a, message_span(&m), wide_span(&asked)));
        ck_assert_uint_le(a.count, 4);
        again = a;
        for (size_t n = 0; dfsc_referral_next(&again, &referrals[n]); n++) {
        }
        dfsc_response_put(&w, &a, referrals);
        ck_assert(dfsc_response_get(&again, written(&w), wide_span(&asked)));
        check_says(again, sample->text);
        ck_assert_msg(span_equal(written(&w), message_span(&m)) == sample->our_layout, "%s",
                      sample->name);
        for (size_t room = 0; room < w.pos; room++) {
            struct wr small = wr_from(bytes, room);
            dfsc_response_put(&small, &a, referrals);
            ck_assert(!wr_ok(&small));
        }
    }
}
END_TEST

START_TEST(referrals_built_to_break_a_rule_are_refused) /* source: test/proto/referrals.h */
{
    for (size_t i = 0; i < sizeof refused_referrals / sizeof refused_referrals[0]; i++) {
        struct message m = message_of(refused_referrals[i].response);
        asked = wide_of(refused_referrals[i].path);
        ck_assert_msg(!decodes(decode_response, message_span(&m)), "accepted: %s",
                      refused_referrals[i].why);
    }
}
END_TEST

START_TEST(a_target_that_breaks_a_rule_is_refused)
{
    static const struct breach breaches[] = {
        {"PathConsumed is odd", 0, "2f00"},
        {"PathConsumed is inside a component", 0, "2c00"},
        {"PathConsumed is more than the path", 0, "3200"},
        {"more entries than there are", 2, "0200"},
        {"far more entries than there are", 2, "ffff"},
        {"no such version", 8, "0000"},
        {"Size is too small", 10, "1100"},
        {"Size is nothing", 10, "0000"},
        {"Size is past the end", 10, "ffff"},
        {"Size reaches the names", 10, "2400"},
        {"DFSPathOffset is past the end", 20, "ffff"},
        {"NetworkAddressOffset is past the end", 24, "ac00"},
        {"NetworkAddressOffset is half a character from the end", 24, "ab00"},
        {"NetworkAddressOffset leads into the entry", 24, "2000"},
        {"NetworkAddressOffset leads to the end of a name", 24, "aa00"},
        {"NetworkAddressOffset leads nowhere", 24, "0000"},
    };
    struct message m = message_of(referral_samples[4].response);

    ck_assert_str_eq(referral_samples[4].name, "Samba, level 3: a link to another namespace");
    ck_assert_uint_eq(m.len, 180);
    asked = wide_of("\\127.0.0.1\\dfs\\interlink");
    check_breaches_refused(decode_response, message_span(&m), breaches);
}
END_TEST

START_TEST(a_list_of_controllers_that_breaks_a_rule_is_refused) /* MS-DFSC 3.1.5.4.2 */
{
    static const struct breach breaches[] = {
        {"more names than there are", 22, "0400"},
        {"far more names than there are", 22, "ffff"},
        {"ExpandedNameOffset is past the end", 24, "ffff"},
        {"ExpandedNameOffset leads nowhere", 24, "0000"},
        {"SpecialNameOffset leads nowhere", 20, "0000"},
        {"SpecialNameOffset is past the end", 20, "ffff"},
    };
    struct message m = message_of(referral_samples[10].response);

    ck_assert_str_eq(referral_samples[10].name, "built: domain controllers");
    asked = wide_of("\\corp.example");
    check_breaches_refused(decode_response, message_span(&m), breaches);
}
END_TEST

START_TEST(only_a_single_entry_lists_controllers) /* MS-DFSC 3.1.5.4.2 */
{
    static const struct breach breach = {"a name in one entry of three", 22, "01006600"};
    struct message m = message_of(referral_samples[9].response);

    ck_assert_str_eq(referral_samples[9].name, "built: domains");
    asked = wide_of("");
    check_breach_refused(decode_response, message_span(&m), &breach);
}
END_TEST

START_TEST(a_share_name_ends_inside_its_entry) /* MS-DFSC 2.2.5.1 */
{
    static const struct breach breaches[] = {
        {"Size leaves out the NUL", 10, "2000"},
        {"a name without an end", 8 + 34 - 2, "4100"},
        {"an empty name", 16, "0000"},
    };
    struct message m = message_of(referral_samples[11].response);

    ck_assert_str_eq(referral_samples[11].name, "built: version 1");
    asked = wide_of("\\corp.example\\root");
    check_breaches_refused(decode_response, message_span(&m), breaches);
}
END_TEST

START_TEST(no_entry_is_an_answer)
{
    struct message m = message_of("0000000002000000");
    struct dfsc_response a;
    struct dfsc_referral referral;

    ck_assert(dfsc_response_get(&a, message_span(&m), (struct span){0}));
    ck_assert_uint_eq(a.count, 0);
    ck_assert_uint_eq(a.version, 0);
    ck_assert(!dfsc_referral_next(&a, &referral));
    check_prefixes_refused(decode_response, message_span(&m));
}
END_TEST

START_TEST(a_path_is_consumed_by_components)
{
    static const char path[] = "\\srv\\dfs\\x";
    static const unsigned whole[] = {0, 2, 8, 10, 16, 18, 20};
    struct dfsc_response a;
    size_t next = 0;

    asked = wide_of(path);
    for (unsigned consumed = 0; consumed < 24; consumed++) {
        const uint8_t bytes[8] = {(uint8_t)consumed};
        bool want = next < sizeof whole / sizeof whole[0] && whole[next] == consumed;
        next += want ? 1 : 0;
        ck_assert_msg(dfsc_response_get(&a, (struct span){bytes, 8}, wide_span(&asked)) == want,
                      "%u bytes", consumed);
    }
}
END_TEST

START_TEST(an_endless_name_is_refused)
{
    enum { LEN = 8 + 18 + 10000 };
    uint8_t *bytes = calloc(1, LEN);
    struct dfsc_response a;

    ck_assert_ptr_nonnull(bytes);
    hex(bytes, "0000010000000000"
               "030012000000000000000000000000001200");
    for (size_t i = 8 + 18; i + 2 < LEN; i += 2) {
        bytes[i] = 'a';
    }
    ck_assert(!dfsc_response_get(&a, (struct span){bytes, LEN}, (struct span){0}));
    bytes[8 + 18 + 8190] = 0;
    ck_assert(dfsc_response_get(&a, (struct span){bytes, LEN}, (struct span){0}));
    free(bytes);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "proto/dfsc", a_request_names_a_path, an_empty_path_asks_for_domains,
        a_request_may_name_a_site, a_request_that_breaks_a_rule_is_refused, referrals_are_read,
        referrals_are_written, referrals_built_to_break_a_rule_are_refused,
        a_target_that_breaks_a_rule_is_refused, a_list_of_controllers_that_breaks_a_rule_is_refused,
        only_a_single_entry_lists_controllers, a_share_name_ends_inside_its_entry,
        no_entry_is_an_answer, a_path_is_consumed_by_components, an_endless_name_is_refused);
}
