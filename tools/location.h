/* location.h: where a command reads from or writes to.
 *
 *   smb://[[DOMAIN;]USER@]HOST[:PORT][/SHARE[/PATH]]   percent-encoding is decoded; '*' and '[' stand for
 *                                                      themselves where they are encoded, '?' always is
 *   \\HOST\SHARE\PATH                                  taken as it is
 *   SHARE:PATH                                         with a connection
 *   s3://BUCKET/KEY                                    taken as it is, but for '/' at either end of the key
 *   s3:/...                                            refused, unless there is a local directory "s3:"
 *   -                                                  standard input or output
 *   anything else                                      a local path */
#ifndef LSMB_TOOLS_LOCATION_H
#define LSMB_TOOLS_LOCATION_H

#include "tools/connection.h"
#include "tools/refusal.h"

#include <stddef.h>
#include <stdint.h>

enum location_kind {
    LOCATION_LOCAL,
    LOCATION_STREAM, /* standard input or output */
    LOCATION_SMB,
    LOCATION_S3,
};

/* All strings are owned; those that do not apply are NULL. */
struct location {
    enum location_kind kind;
    char *domain, *user; /* NULL: not given */
    char *host;          /* IPv6 without brackets */
    uint16_t port;       /* 0: not given */
    bool netbios;        /* ?nbt=1: in a NetBIOS session */
    bool by_connection;  /* host and user are those of the connection (location_complete()) */
    char *share;         /* NULL: none named; a bucket */
    char *
        path; /* local path, or path in the share: '/' between names, "" is the root; a key, "" for none */
    bool slash; /* the path ended in a separator, so that it should name a directory */
    /* Of a path on a share: its last name, where that has wildcards (tools/pattern.h). */
    char *pattern;
    bool wild_above; /* a name above the last one has some */
};

/* Take a location apart.  `out` is to be freed in any case. */
bool location_parse(struct location *out, const char *text, struct refusal *why);

/* Take "SHARE:PATH" apart (at the first colon; POSIX slashes), on the server of the connection. */
bool location_parse_named(struct location *out, const char *text, struct refusal *why);

/* Say where that is, once the connection is known: host, port and user; nothing if they are there already.  False
 * without memory. */
bool location_complete(struct location *where, const struct connection *connection);

/* Whether `text` names its server itself: a URL or a UNC path. */
bool location_names_server(const char *text);

/* Whether it is s3://..., whatever follows. */
bool location_names_s3(const char *text);

/* The port it leads to when none is given. */
uint16_t location_port(const struct location *where);

/* Free what a location owns and empty it. */
void location_free(struct location *where);

/* Whether both are on the same server, and for the same user. */
bool location_same_server(const struct location *a, const struct location *b);

/* Whether both name the same share on the same server as the same user. */
bool location_same_share(const struct location *a, const struct location *b);

/* What location_same_share() compares, without a path.  False without memory; `to` is to be freed in any
 * case. */
bool location_copy_share(struct location *to, const struct location *from);

/* A location without a user gets that of another, unless a connection has one for it.  False without memory. */
bool location_adopt_user(struct location *to, const struct location *from);

/* For messages: "\\host\share\dir\file", a local path, "s3://bucket/key" or "-".  Returns `out`. */
const char *location_show(const struct location *where, char *out, size_t room);

/* Likewise, but what a connection leads to as it is written: "share:dir/file". */
const char *location_spell(const struct location *where, char *out, size_t room);

/* Bring a path within a share to its shortest form: either separator, "//", "." and ".." are taken
 * care of.  Refuses what leads out of the share.  `*out` is the caller's to free. */
bool location_clean_path(const char *raw, char **out, bool *slash, struct refusal *why);

/* The last name of a path. */
const char *location_base(const char *path);

/* "dir/name", or "name" if dir is "".  The caller's to free; NULL without memory. */
char *location_join(const char *dir, const char *name);

/* The path without its last name; "" at the root.  The caller's to free; NULL without memory. */
char *location_parent(const char *path);

#endif
