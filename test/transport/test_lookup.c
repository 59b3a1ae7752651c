/* test_lookup.c: names to addresses, without a name server. */
#include "test/transport/world.h"
#include "transport/address.h"
#include "transport/lookup.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>

static void done(struct ready *ready)
{
    (void)ready;
}

static struct ready waiting = {.run = done};

/* A job that has run, as a runner would leave it. */
static struct lookup_job *looked_up(const char *host)
{
    struct ready_list list;
    struct lookup_job *lookup = lookup_new(host, 445, &waiting);

    ck_assert_ptr_nonnull(lookup);
    ready_list_init(&list);
    lookup->job.submitted = true;
    lookup->job.work(&lookup->job);
    job_finish(&list, &lookup->job);
    ready_forget(&waiting);
    return lookup;
}

START_TEST(a_name_of_this_machine_has_addresses_with_the_port)
{
    struct lookup_job *lookup = looked_up("localhost");
    char text[ADDRESS_TEXT_LEN];
    struct lsmb_error err;

    ck_assert(lookup_result(lookup, &err));
    ck_assert_uint_ge(lookup->count, 1);
    address_text(text, &lookup->addresses[0]);
    ck_assert(strcmp(text, "127.0.0.1:445") == 0 || strcmp(text, "[::1]:445") == 0);
    job_release(&lookup->job);
}
END_TEST

START_TEST(an_unknown_name_is_an_error_in_words)
{
    struct lookup_job *lookup = looked_up("name.invalid"); /* RFC 6761 6.4 */
    struct lsmb_error err;

    ck_assert(!lookup_result(lookup, &err));
    ck_assert_int_eq(err.code, LSMB_E_NETWORK);
    ck_assert_ptr_nonnull(strstr(err.reason, "name.invalid: EAI_"));
    job_release(&lookup->job);
}
END_TEST

START_TEST(every_way_to_fail_has_its_words)
{
    static const struct {
        int gai_error;
        enum lsmb_code code;
        const char *text;
    } cases[] = {{EAI_NONAME, LSMB_E_NETWORK, "server: EAI_NONAME: no such name"},
                 {EAI_AGAIN, LSMB_E_NETWORK, "server: EAI_AGAIN: the name servers do not answer"},
                 {EAI_MEMORY, LSMB_E_NOMEM, "server: EAI_MEMORY: out of memory"},
                 {EAI_SYSTEM, LSMB_E_LOCAL, "EAI_SYSTEM: Too many open files"},
                 {-4711, LSMB_E_NETWORK, "server: the name cannot be looked up (EAI code -4711)"},
                 {0, LSMB_E_NETWORK, "server: the name has no IPv4 or IPv6 address"}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct lookup_job *lookup = lookup_new("server", 445, &waiting);
        struct lsmb_error err;
        ck_assert_ptr_nonnull(lookup);
        lookup->job.finished = true;
        lookup->gai_error = cases[i].gai_error;
        lookup->os_errno = EMFILE;
        ck_assert(!lookup_result(lookup, &err));
        ck_assert_int_eq(err.code, cases[i].code);
        ck_assert_str_eq(err.reason, cases[i].text);
        job_release(&lookup->job);
    }
}
END_TEST

START_TEST(numeric_addresses_need_no_lookup)
{
    const char *good[] = {"192.0.2.1", "2001:db8::1", "[2001:db8::1]", "::1", "fe80::1%1"};
    const char *bad[] = {"server", "", "[]", "[server]", "192.0.2.1:445", "[::1", "::1]"};
    struct sockaddr_storage address;

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        ck_assert_msg(lookup_numeric(&address, good[i], 445), "%s", good[i]);
        ck_assert_uint_gt(address_len(&address), 0);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_msg(!lookup_numeric(&address, bad[i], 445), "%s", bad[i]);
    }
}
END_TEST

/* Addresses of the families that the letters of `families` name, numbered by their port. */
static void check_order(const char *families, const char *want)
{
    struct sockaddr_storage addresses[8] = {0};
    unsigned count = (unsigned)strlen(families);
    char got[17] = "";

    for (unsigned i = 0; i < count; i++) {
        addresses[i].ss_family = families[i] == '4' ? AF_INET : AF_INET6;
        address_set_port(&addresses[i], (uint16_t)i);
    }
    lookup_interleave(addresses, count);
    for (unsigned i = 0; i < count; i++) {
        const struct sockaddr_in *in = (const void *)&addresses[i];
        got[(size_t)2 * i] = in->sin_family == AF_INET ? '4' : '6';
        got[(size_t)2 * i + 1] = (char)('a' + ntohs(in->sin_port));
    }
    ck_assert_str_eq(got, want);
}

START_TEST(families_take_turns) /* RFC 8305 4 */
{
    check_order("", "");
    check_order("4", "4a");
    check_order("444", "4a4b4c");
    check_order("6644", "6a4c6b4d");
    check_order("4466", "4a6c4b6d");
    check_order("66664", "6a4e6b6c6d");
    check_order("64646464", "6a4b6c4d6e4f6g4h");
    check_order("46666644", "4a6b4g6c4h6d6e6f");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("transport/lookup");
    TCase *t = tcase_create("lookup");

    tcase_set_timeout(t, 60); /* the machine's resolver may be slow to refuse */
    tcase_add_test(t, a_name_of_this_machine_has_addresses_with_the_port);
    tcase_add_test(t, an_unknown_name_is_an_error_in_words);
    tcase_add_test(t, every_way_to_fail_has_its_words);
    tcase_add_test(t, numeric_addresses_need_no_lookup);
    tcase_add_test(t, families_take_turns);
    suite_add_tcase(s, t);
    return world_main(s);
}
