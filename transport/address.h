/* address.h: IP addresses with a port, as the system has them and as people read them. */
#ifndef LSMB_TRANSPORT_ADDRESS_H
#define LSMB_TRANSPORT_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

enum { ADDRESS_TEXT_LEN = 72 }; /* room for any, with its NUL */

/* Bytes of `address` that count; 0 when it is neither IPv4 nor IPv6. */
socklen_t address_len(const struct sockaddr_storage *address);

/* Write "192.0.2.1:445" or "[2001:db8::1]:445" (RFC 5952 6), with the number of the interface after a
 * link-local one (RFC 4007 11).  Returns `out`. */
const char *address_text(char out[static ADDRESS_TEXT_LEN], const struct sockaddr_storage *address);

void address_set_port(struct sockaddr_storage *address, uint16_t port);

/* An IPv4 address, given in host byte order. */
struct sockaddr_storage address_v4(uint32_t ip, uint16_t port);

/* Whether somebody else may send us to this IPv4 address (host byte order): it is that of one host, and
 * not of this machine. */
bool address_v4_is_elsewhere(uint32_t ip);

/* Whether it is one of this machine's own, 127.0.0.0/8 or ::1. */
bool address_is_loopback(const struct sockaddr_storage *address);

/* Do they name the same host, interface and port? */
bool address_equal(const struct sockaddr_storage *a, const struct sockaddr_storage *b);

#endif
