#include "transport/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* sockaddr_storage may be read as any family's structure: that is what it is for (POSIX). */
static const struct sockaddr_in *v4(const struct sockaddr_storage *address)
{
    return (const void *)address;
}

static const struct sockaddr_in6 *v6(const struct sockaddr_storage *address)
{
    return (const void *)address;
}

socklen_t address_len(const struct sockaddr_storage *address)
{
    switch (address->ss_family) {
    case AF_INET: return sizeof(struct sockaddr_in);
    case AF_INET6: return sizeof(struct sockaddr_in6);
    default: return 0;
    }
}

static void text_v4(char *out, const struct sockaddr_in *in)
{
    char ip[INET_ADDRSTRLEN] = "";

    (void)inet_ntop(AF_INET, &in->sin_addr, ip, sizeof ip);
    text_format(out, ADDRESS_TEXT_LEN, "%s:%u", ip, (unsigned)ntohs(in->sin_port));
}

static void text_v6(char *out, const struct sockaddr_in6 *in)
{
    char ip[INET6_ADDRSTRLEN] = "", zone[12] = "";

    (void)inet_ntop(AF_INET6, &in->sin6_addr, ip, sizeof ip);
    if (in->sin6_scope_id) {
        text_format(zone, sizeof zone, "%%%u", (unsigned)in->sin6_scope_id);
    }
    text_format(out, ADDRESS_TEXT_LEN, "[%s%s]:%u", ip, zone, (unsigned)ntohs(in->sin6_port));
}

const char *address_text(char out[static ADDRESS_TEXT_LEN], const struct sockaddr_storage *address)
{
    switch (address->ss_family) {
    case AF_INET: text_v4(out, v4(address)); break;
    case AF_INET6: text_v6(out, v6(address)); break;
    default: text_format(out, ADDRESS_TEXT_LEN, "an address of unknown family"); break;
    }
    return out;
}

void address_set_port(struct sockaddr_storage *address, uint16_t port)
{
    if (address->ss_family == AF_INET) {
        ((struct sockaddr_in *)(void *)address)->sin_port = htons(port);
    } else if (address->ss_family == AF_INET6) {
        ((struct sockaddr_in6 *)(void *)address)->sin6_port = htons(port);
    }
}

struct sockaddr_storage address_v4(uint32_t ip, uint16_t port)
{
    struct sockaddr_storage address = {0};
    struct sockaddr_in in = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(ip)};

    memcpy(&address, &in, sizeof in);
    return address;
}

bool address_v4_is_elsewhere(uint32_t ip)
{
    uint32_t net = ip >> 24;

    return net != 0 && net != IN_LOOPBACKNET && net < 224; /* from there on multicast, reserved */
}

bool address_is_loopback(const struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET) {
        return ntohl(v4(address)->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    }
    return address->ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&v6(address)->sin6_addr);
}

bool address_equal(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
    if (a->ss_family != b->ss_family) {
        return false;
    }
    if (a->ss_family == AF_INET) {
        return v4(a)->sin_port == v4(b)->sin_port &&
               v4(a)->sin_addr.s_addr == v4(b)->sin_addr.s_addr;
    }
    return a->ss_family == AF_INET6 && v6(a)->sin6_port == v6(b)->sin6_port &&
           v6(a)->sin6_scope_id == v6(b)->sin6_scope_id &&
           memcmp(&v6(a)->sin6_addr, &v6(b)->sin6_addr, sizeof v6(a)->sin6_addr) == 0;
}
