/* negotiate.h: agreeing on a dialect and its algorithms (MS-SMB2 3.2.4.2.2.2, 3.2.5.2). */
#ifndef LSMB_CONN_NEGOTIATE_H
#define LSMB_CONN_NEGOTIATE_H

#include "base/op.h"
#include "conn/conn.h"
#include "conn/request.h"

struct negotiate_op {
    struct op op; /* first */
    struct conn *conn;
    const char *server_name; /* borrowed */
    struct request request;
    struct span
        blob; /* the server's security buffer, in request's reply; valid until the op is dropped */
};

/* Start as a child of `parent`: what the policy offers goes out, and every field of the answer is held
 * against the offer.  Fills in conn->got. */
void negotiate_start(struct negotiate_op *negotiate, struct op *parent, struct conn *conn,
                     const char *server_name);

/* Give the reply back once the blob has been used. */
void negotiate_drop(struct negotiate_op *negotiate);

/* What NEGOTIATE said of us, for FSCTL_VALIDATE_NEGOTIATE_INFO (MS-SMB2 3.2.5.5). */
uint32_t negotiate_capabilities(const struct conn *conn);
uint16_t negotiate_security_mode(const struct conn *conn);

#endif
