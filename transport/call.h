/* call.h: from a host's name to a stream with a NetBIOS session on it (RFC 1002 5.3.1; port 139).
 *
 * DNS is asked first.  A name that it does not know is asked for by broadcast, as Windows does.
 *
 * The server is called by the name that is given.  Without one it is called by the name under which a
 * broadcast has found it, else "*SMBSERVER", which every server that speaks SMB 2 on this port is known
 * to take: that costs no round trip, while to ask the name service first costs one, or a second and a
 * half where it does not answer.  A server that is not there under that name (RFC 1002 4.3.4: 0x80,
 * 0x82) is asked for its own, and called once more.
 *
 * A server may send us elsewhere (RFC 1002 4.3.5); we go once.  Neither that nor an answer to a
 * broadcast is protected in any way: who really answers shows in the logon and in the signatures after
 * it. */
#ifndef LSMB_TRANSPORT_CALL_H
#define LSMB_TRANSPORT_CALL_H

#include "transport/dial.h"
#include "transport/nbns_query.h"
#include "transport/nbss_session.h"

/* What is asked for; copied but for what is pointed to, which outlives the operation. */
struct call_spec {
    struct loop *loop;
    const char *host; /* name or numeric address */
    uint16_t port;
    struct nbss_name called;  /* empty: not given */
    struct nbss_name calling; /* what we call ourselves */

    /* Tests: connect in their own way instead of dialling (fs/lsmb.h), and ask another port and other
     * networks for names. */
    struct stream *(*dial)(void *arg, const char *host, uint16_t port);
    void *dial_arg;
    uint16_t name_port;                   /* 0: 137 */
    const struct nbns_query_asked *asked; /* NULL: by broadcast */
};

/* Embedded in the operation that calls, zeroed before; its fields are transport/call.c's own. */
struct call_op {
    struct op op; /* first */
    struct call_spec spec;
    struct dial_op dial;
    struct nbns_query_op names;
    struct nbss_session_op session;
    struct stream *stream;        /* owned; NULL: none (any more) */
    struct sockaddr_storage peer; /* where it leads; AF_UNSPEC: not known */
    struct nbss_name called;
    bool renamed, retargeted; /* happens once */
    struct lsmb_error first;  /* why DNS, or the first call, has failed */
};

/* Start as a child of `parent`.  On success call_take() gives the stream, and `called` says how the
 * server was called.  Fails as dial_start(), nbns_query_start() and nbss_session_start() do. */
void call_op_start(struct call_op *call, struct op *parent, const struct call_spec *spec);

/* The stream, with a session on it; the caller's from now on.  NULL when there is none (any more).  The
 * parent takes it however it ends, and closes it if it has failed or was aborted. */
struct stream *call_take(struct call_op *call);

#endif
