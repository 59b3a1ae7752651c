/* listener.h: a real socket on the loopback interface to connect to. */
#ifndef LSMB_TEST_TRANSPORT_LISTENER_H
#define LSMB_TEST_TRANSPORT_LISTENER_H

#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* 127.0.0.1 or ::1 with `port` (0: any). */
static inline struct sockaddr_storage loopback(int family, uint16_t port)
{
    struct sockaddr_storage address = {0};

    address.ss_family = (sa_family_t)family;
    if (family == AF_INET) {
        struct sockaddr_in *in = (void *)&address;
        in->sin_port = htons(port);
        in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    } else {
        struct sockaddr_in6 *in6 = (void *)&address;
        in6->sin6_port = htons(port);
        in6->sin6_addr = in6addr_loopback;
    }
    return address;
}

/* A bound socket and its port; it listens only if asked to.  -1: this machine has no such family. */
static inline int bound_socket(int family, uint16_t *port, bool listens)
{
    struct sockaddr_storage address = loopback(family, *port);
    socklen_t len = sizeof address;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 ||
        bind(fd, (struct sockaddr *)&address,
             family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6))) {
        if (fd >= 0) {
            (void)close(fd);
        }
        return -1;
    }
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    *port =
        ntohs(((struct sockaddr_in *)(void *)&address)->sin_port); /* at the same place in both */
    if (listens) {
        ck_assert_int_eq(listen(fd, 16), 0);
    }
    return fd;
}

#endif
