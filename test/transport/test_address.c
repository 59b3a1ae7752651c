/* test_address.c: addresses as text, and compared. */
#include "test/transport/listener.h"
#include "test/transport/world.h"
#include "transport/address.h"
#include "transport/lookup.h"

static const char *text_of(const char *host, uint16_t port)
{
    static char out[ADDRESS_TEXT_LEN];
    struct sockaddr_storage address;

    ck_assert(lookup_numeric(&address, host, port));
    return address_text(out, &address);
}

START_TEST(addresses_are_written_with_their_port)
{
    ck_assert_str_eq(text_of("192.0.2.1", 445), "192.0.2.1:445");
    ck_assert_str_eq(text_of("2001:db8:0:0::1", 139), "[2001:db8::1]:139");
    ck_assert_str_eq(text_of("fe80::1%1", 445), "[fe80::1%1]:445");
}
END_TEST

START_TEST(the_longest_address_fits)
{
    char out[ADDRESS_TEXT_LEN];
    struct sockaddr_in6 in6 = {
        .sin6_family = AF_INET6, .sin6_port = 0xFFFF, .sin6_scope_id = UINT32_MAX};
    struct sockaddr_storage address = {0};

    memset(&in6.sin6_addr, 0xEE, sizeof in6.sin6_addr);
    memcpy(&address, &in6, sizeof in6);
    ck_assert_str_eq(address_text(out, &address),
                     "[eeee:eeee:eeee:eeee:eeee:eeee:eeee:eeee%4294967295]:65535");
}
END_TEST

START_TEST(an_unknown_family_has_no_length_but_a_text)
{
    char out[ADDRESS_TEXT_LEN];
    struct sockaddr_storage address = {.ss_family = AF_UNIX};

    ck_assert_uint_eq(address_len(&address), 0);
    ck_assert_str_eq(address_text(out, &address), "an address of unknown family");
    ck_assert(!address_equal(&address, &address));
}
END_TEST

START_TEST(equal_means_host_port_and_interface)
{
    const char *different[] = {"192.0.2.1", "192.0.2.2", "2001:db8::1", "fe80::1%1", "fe80::1"};

    for (unsigned i = 0; i < 5; i++) {
        for (unsigned k = 0; k < 5; k++) {
            struct sockaddr_storage a, b;
            ck_assert(lookup_numeric(&a, different[i], 445));
            ck_assert(lookup_numeric(&b, different[k], 445));
            ck_assert_int_eq(address_equal(&a, &b), i == k);
            address_set_port(&b, 139);
            ck_assert(!address_equal(&a, &b));
        }
    }
}
END_TEST

START_TEST(an_ipv4_address_can_be_given_as_a_number)
{
    char out[ADDRESS_TEXT_LEN];
    struct sockaddr_storage address = address_v4(0xC0000207, 139);

    ck_assert_str_eq(address_text(out, &address), "192.0.2.7:139");
}
END_TEST

START_TEST(nobody_sends_us_to_what_is_no_other_host)
{
    static const uint32_t elsewhere[] = {0x01000001, 0x0A000001, 0x7EFFFFFF, 0x80000000,
                                         0xDFFFFFFF};
    static const uint32_t nowhere[] = {0,          0x00FFFFFF, 0x7F000001,
                                       0x7FFFFFFF, 0xE0000001, 0xFFFFFFFF};

    for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++) {
        ck_assert(address_v4_is_elsewhere(elsewhere[i]));
    }
    for (size_t i = 0; i < sizeof nowhere / sizeof nowhere[0]; i++) {
        ck_assert(!address_v4_is_elsewhere(nowhere[i]));
    }
}
END_TEST

START_TEST(this_machine_is_known)
{
    static const struct {
        const char *host;
        bool loopback;
    } cases[] = {{"127.0.0.1", true},  {"127.9.9.9", true}, {"::1", true},
                 {"128.0.0.1", false}, {"::2", false},      {"192.0.2.1", false}};
    struct sockaddr_storage address = {.ss_family = AF_UNIX};

    ck_assert(!address_is_loopback(&address));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert(lookup_numeric(&address, cases[i].host, 139));
        ck_assert_int_eq(address_is_loopback(&address), cases[i].loopback);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("transport/address");
    TCase *t = tcase_create("address");

    tcase_add_test(t, addresses_are_written_with_their_port);
    tcase_add_test(t, the_longest_address_fits);
    tcase_add_test(t, an_unknown_family_has_no_length_but_a_text);
    tcase_add_test(t, equal_means_host_port_and_interface);
    tcase_add_test(t, an_ipv4_address_can_be_given_as_a_number);
    tcase_add_test(t, nobody_sends_us_to_what_is_no_other_host);
    tcase_add_test(t, this_machine_is_known);
    suite_add_tcase(s, t);
    return world_main(s);
}
