/* negotiate.h: agreeing on a dialect and its algorithms (MS-SMB2 3.2.4.2.2.2, 3.2.5.2). */
#ifndef LSMB_CONN_NEGOTIATE_H
#define LSMB_CONN_NEGOTIATE_H

#include "base/op.h"
#include "conn/conn.h"
#include "conn/request.h"
#include "proto/negotiate.h"

/* Which NEGOTIATE is sent first. */
enum negotiate_form {
    NEGOTIATE_SMB2,
    /* The SMB1 form that asks for SMB2 (MS-SMB2 3.2.4.2.2.1): for a server that closed the connection on
     * the other one. */
    NEGOTIATE_MULTI_PROTOCOL,
};

struct negotiate_op {
    struct op op; /* first */
    struct conn *conn;
    enum negotiate_form form;
    const char *server_name; /* borrowed */
    struct request request;
    struct span
        blob; /* the server's security buffer, in request's reply; valid until the op is dropped */
};

/* Start as a child of `parent`: what the policy offers goes out, and every field of the answer is held
 * against the offer.  Fills in conn->got.  Fails with LSMB_E_SECURITY (not what was offered),
 * LSMB_E_POLICY (what was required cannot be had) or LSMB_E_PROTOCOL, and ends the connection. */
void negotiate_start(struct negotiate_op *negotiate, struct op *parent, struct conn *conn,
                     const char *server_name, enum negotiate_form form);

/* Give the reply back once the blob has been used. */
void negotiate_drop(struct negotiate_op *negotiate);

uint16_t negotiate_security_mode(const struct conn *conn);

/* What NEGOTIATE said of us, all but the contexts; for FSCTL_VALIDATE_NEGOTIATE_INFO as well (MS-SMB2
 * 3.2.5.5). */
void negotiate_offer(const struct conn *conn, struct smb2_negotiate_request *out);

#endif
