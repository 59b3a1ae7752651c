/* tcp.h: a stream on a TCP socket, and how one is made. */
#ifndef LSMB_TRANSPORT_TCP_H
#define LSMB_TRANSPORT_TCP_H

#include "transport/stream.h"

#include <sys/socket.h>

/* Begin to connect to `address`, without blocking.  Returns the socket, which is the caller's and
 * becomes writable when the attempt has ended, or -errno. */
int tcp_connect(const struct sockaddr_storage *address);

/* How an attempt has ended: 0 connected, else the errno of why not. */
int tcp_connect_result(int fd);

/* A stream on the connected socket `fd`, which it owns from then on.  A peer whose machine is silent
 * for `silence_ms` (0: the system's own limits) counts as lost.  NULL with errno set on failure; `fd`
 * is the caller's still. */
struct stream *tcp_stream_new(int fd, uint32_t silence_ms);

#endif
