/* connection.h: a lava smb connection: which server, who logs on there, and how.
 *
 * In a file (--conn-file) it is one JSON object with the fields that lava keeps; in place of `password`,
 * which names a parameter in AWS, it may have `password_file` (its first line) or `password_env` (a
 * variable's name).  Fields whose names begin with "x-" mean nothing; unknown ones are mistakes. */
#ifndef LSMB_TOOLS_CONNECTION_H
#define LSMB_TOOLS_CONNECTION_H

#include "tools/refusal.h"

#include <stddef.h>
#include <stdint.h>

/* All strings are owned, NULL where nothing was said.  Without a host: no connection was given. */
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
};

/* Take the `len` bytes of a connection file apart.  `realm` (may be NULL) gives my_name its default.  `out`
 * is to be freed in any case. */
bool connection_parse(struct connection *out, const char *text, size_t len, const char *realm,
                      struct refusal *why);

/* Read a file of at most 64 KiB and take it apart. */
bool connection_read(struct connection *out, const char *file, const char *realm,
                     struct refusal *why);

void connection_free(struct connection *connection);

#endif
