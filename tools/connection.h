/* connection.h: a lava smb connection: which server, who logs on there, and how.
 *
 * lava keeps it as a record with the fields of its smb connector; `password` names a parameter of AWS, `secret_id` a
 * secret that has what is missing (tools/lava.h).  In a file (--conn-file) it is one JSON object with the same
 * fields, which in place of `password` may have `password_file` (its first line) or `password_env` (a variable's
 * name).  Fields whose names begin with "x-" mean nothing; unknown ones are mistakes. */
#ifndef LSMB_TOOLS_CONNECTION_H
#define LSMB_TOOLS_CONNECTION_H

#include "tools/record.h"
#include "tools/refusal.h"

#include <stddef.h>
#include <stdint.h>

/* All strings are owned, NULL where nothing was said.  Without a host: no connection was taken. */
struct connection {
    char *host;
    uint16_t port;         /* 0: not given */
    char *user, *domain;   /* domain NULL: none */
    char *password_file;   /* at most one of these three */
    char *password_env;    /* a variable's name */
    char *password_in_aws; /* the parameter's name */
    char *remote_name;     /* the server's NetBIOS name */
    char *my_name;         /* ours */
    bool netbios;          /* a NetBIOS session, not direct TCP */
    bool encrypt;          /* everything must be sealed */
    bool ntlmv1;           /* the logon may use NTLMv1 */
    json_t *record; /* of a file, not taken yet: its secret has not been asked for; NULL: none */
};

/* Check a record as lava does, with its messages, and take it.  `id`: what lava knows it by; NULL: it is of a file,
 * where flags must be true or false and fields may be missing that nothing follows from.  `realm` (may be NULL)
 * gives my_name its default.  `out` is to be freed in any case. */
bool connection_take(struct connection *out, json_t *record, const char *id, const char *realm,
                     struct refusal *why);

/* Take the `len` bytes of a connection file apart.  One with a `secret_id` is only parsed: out->record. */
bool connection_parse(struct connection *out, const char *text, size_t len, const char *realm,
                      struct refusal *why);

/* Read a file of at most 64 KiB and take it apart. */
bool connection_read(struct connection *out, const char *file, const char *realm,
                     struct refusal *why);

void connection_free(struct connection *connection);

#endif
