/* dfsc.h: DFS referrals (MS-DFSC 2.2), the input and output of FSCTL_DFS_GET_REFERRALS.
 *
 * These are the bytes of the IOCTL, not messages.  Names are UTF-16LE without their NUL, paths
 * begin with one backslash: "\server\share\dir". */
#ifndef LSMB_PROTO_DFSC_H
#define LSMB_PROTO_DFSC_H

#include "proto/bytes.h"

/* ---------------------------------------------------------------- requests */

enum { DFSC_MAX_REFERRAL_LEVEL = 4 }; /* the newest version of an entry there is */

/* MS-DFSC 2.2.3. */
enum dfsc_request_flags { DFSC_REQUEST_SITE_NAME = 0x0001 };

/* REQ_GET_DFS_REFERRAL (MS-DFSC 2.2.2), and REQ_GET_DFS_REFERRAL_EX (MS-DFSC 2.2.3), which can say
 * in which site the client is. */
struct dfsc_request {
    uint16_t max_referral_level;
    struct span path; /* RequestFileName; empty asks for the domains */
    bool has_site;    /* only the EX form */
    struct span site; /* SiteName */
};

void dfsc_request_put(struct wr *w, const struct dfsc_request *q);
bool dfsc_request_get(struct dfsc_request *out, struct span input);
void dfsc_request_ex_put(struct wr *w, const struct dfsc_request *q);
bool dfsc_request_ex_get(struct dfsc_request *out, struct span input);

/* ---------------------------------------------------------------- referrals */

/* MS-DFSC 2.2.4.  A version 1 server always sets the first two. */
enum dfsc_header_flags {
    DFSC_REFERRAL_SERVERS = 0x00000001, /* the targets can give referrals themselves */
    DFSC_STORAGE_SERVERS = 0x00000002,  /* the targets hold files */
    DFSC_TARGET_FAILBACK = 0x00000004,  /* version 4 */
};

enum dfsc_server_type {
    DFSC_SERVER_LINK = 0x0000,
    DFSC_SERVER_ROOT = 0x0001,
};

/* MS-DFSC 2.2.5.3, 2.2.5.4. */
enum dfsc_entry_flags {
    DFSC_NAME_LIST_REFERRAL = 0x0002,  /* the entry names a domain and its controllers */
    DFSC_TARGET_SET_BOUNDARY = 0x0004, /* version 4: the first of targets that are equally near */
};

/* One entry, of any version; what a version does not carry is 0 or empty.  It has either
 * DFSC_NAME_LIST_REFERRAL and a `special_name`, or a `network_address`.  MS-DFSC 2.2.5. */
struct dfsc_referral {
    uint16_t server_type;        /* enum dfsc_server_type */
    uint16_t flags;              /* enum dfsc_entry_flags; versions 3 and 4 */
    uint32_t proximity;          /* version 2; 0 = near */
    uint32_t time_to_live_s;     /* not in version 1 */
    struct span dfs_path;        /* what was resolved; not in version 1 */
    struct span alternate_path;  /* the same in 8.3 names, mostly not */
    struct span network_address; /* the target; of version 1 its ShareName */
    struct span special_name;
    struct span expanded_names; /* a list: dfsc_name_next() */
};

/* RESP_GET_DFS_REFERRAL.  MS-DFSC 2.2.4. */
struct dfsc_response {
    uint16_t path_consumed; /* bytes of the request's path that the entries stand for */
    uint16_t version;       /* of all entries, 1 to 4; get: 0 when there are none */
    uint16_t count;         /* of entries; 0 is legal and means that nothing was found */
    uint32_t flags;         /* enum dfsc_header_flags */
    struct rd entries;      /* get: the next entry is read here; put does not look at it */
    uint16_t left;          /* get: entries not yet read; put does not look at it */
};

/* Write a response with a->count `referrals`, all as entries of a->version. */
void dfsc_response_put(struct wr *w, const struct dfsc_response *a,
                       const struct dfsc_referral *referrals);

/* Read a response to a request for `path`.  All entries are checked: they must have one version,
 * and each name an end inside the message.  PathConsumed must leave off between two components of
 * `path`.  MS-DFSC 2.2.4, 3.1.5.4. */
bool dfsc_response_get(struct dfsc_response *out, struct span output, struct span path);

/* The next entry; false after the last. */
bool dfsc_referral_next(struct dfsc_response *response, struct dfsc_referral *out);

/* The next name of `expanded_names`, read from position 0; false after the last. */
bool dfsc_name_next(struct rd *names, struct span *name);

/* Append a name to such a list. */
void dfsc_name_put(struct wr *w, struct span name);

#endif
