/* name_server.h: a scripted host of the NetBIOS name service, on a loopback socket. */
#ifndef LSMB_TEST_TRANSPORT_NAME_SERVER_H
#define LSMB_TEST_TRANSPORT_NAME_SERVER_H

#include "proto/nbns.h"
#include "test/transport/listener.h"
#include "transport/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

/* It answers every question that it receives with what a test lays out. */
struct name_server {
    struct watch watch;
    int fd, other_fd; /* another host's socket */
    struct sockaddr_storage address;
    unsigned asked;
    struct nbns_packet last;       /* what was asked last */
    unsigned ignore;               /* so many questions are not answered */
    struct nbns_packet answers[4]; /* id and, where it is empty, name are those of the question */
    unsigned answer_count;
    bool foreign; /* answers come from another socket */
};

static inline int name_server_socket(struct sockaddr_storage *address)
{
    struct sockaddr_storage any = loopback(AF_INET, 0);
    socklen_t len = sizeof *address;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&any, sizeof(struct sockaddr_in)), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)address, &len), 0);
    return fd;
}

static inline void name_server_answer(struct name_server *ns, const struct sockaddr *to,
                                      const struct nbns_packet *answer)
{
    struct nbns_packet packet = *answer;
    uint8_t bytes[4096];
    struct wr w = wr_from(bytes, sizeof bytes);

    packet.id = (uint16_t)(packet.id ^ ns->last.id); /* 0 in a script: the right one */
    if (!packet.record.name.text[0]) {
        packet.record.name = ns->last.question.name;
    }
    nbns_packet_put(&w, &packet);
    ck_assert(wr_ok(&w));
    ck_assert_int_eq(sendto(ns->foreign ? ns->other_fd : ns->fd, bytes, w.pos, 0, to,
                            sizeof(struct sockaddr_in)),
                     (ssize_t)w.pos);
}

static inline void name_server_fired(struct watch *watch, uint32_t events)
{
    struct name_server *ns = CONTAINER_OF(watch, struct name_server, watch);
    struct sockaddr_storage from;
    socklen_t len = sizeof from;
    uint8_t bytes[600];
    ssize_t n;

    (void)events;
    while ((n = recvfrom(ns->fd, bytes, sizeof bytes, 0, (struct sockaddr *)&from, &len)) >= 0) {
        ck_assert(nbns_packet_get(&ns->last, (struct span){bytes, (size_t)n}));
        ns->asked++;
        for (unsigned i = 0; ns->asked > ns->ignore && i < ns->answer_count; i++) {
            name_server_answer(ns, (struct sockaddr *)&from, &ns->answers[i]);
        }
    }
}

static inline void name_server_open(struct name_server *ns, struct loop *loop)
{
    struct sockaddr_storage other;

    *ns = (struct name_server){.fd = -1};
    ns->fd = name_server_socket(&ns->address);
    ns->other_fd = name_server_socket(&other);
    ck_assert(loop_watch(loop, &ns->watch, ns->fd, EPOLLIN, name_server_fired));
}

static inline void name_server_close(struct name_server *ns)
{
    loop_unwatch(&ns->watch);
    (void)close(ns->fd);
    (void)close(ns->other_fd);
}

/* Answer with an NB record with these data (borrowed). */
static inline struct nbns_packet *name_server_says(struct name_server *ns, struct span data)
{
    struct nbns_packet *answer = &ns->answers[ns->answer_count++];

    *answer = (struct nbns_packet){.flags = NBNS_RESPONSE | NBNS_AUTHORITATIVE |
                                            NBNS_RECURSION_DESIRED | NBNS_RECURSION_AVAILABLE,
                                   .section = NBNS_ANSWER,
                                   .record = {.type = NBNS_TYPE_NB, .ttl = 259200, .data = data}};
    return answer;
}

/* Answer with a node status with these data (borrowed). */
static inline struct nbns_packet *name_server_has(struct name_server *ns, struct span data)
{
    struct nbns_packet *answer = name_server_says(ns, data);

    answer->record.type = NBNS_TYPE_NBSTAT;
    answer->record.ttl = 0;
    return answer;
}

/* Answer that there is no such name (RFC 1002 4.2.14). */
static inline struct nbns_packet *name_server_denies(struct name_server *ns)
{
    struct nbns_packet *answer = name_server_says(ns, (struct span){0});

    answer->flags |= NBNS_NAME_ERROR;
    answer->record.type = NBNS_TYPE_NULL;
    return answer;
}

#endif
