/* nbns.h: packets of the NetBIOS name service (RFC 1002 4.2; UDP port 137).
 *
 * A packet has at most one question and, as far as we look, one record: that is all that queries,
 * their answers, registrations and node status need. */
#ifndef LSMB_PROTO_NBNS_H
#define LSMB_PROTO_NBNS_H

#include "proto/nbss.h"

enum {
    NBNS_PORT = 137,
    NBNS_PACKET_MAX = 576, /* RFC 1002 4.2: what every host must be able to take */
    NBNS_HEADER_LEN = 12,
    NBNS_QUERY_LEN = NBNS_HEADER_LEN + NBSS_NAME_LEN + 4,
};

/* The second field of the header.  RFC 1002 4.2.1.1. */
enum {
    NBNS_RESPONSE = 0x8000,
    NBNS_OPCODE = 0x7800, /* mask of the following ones; a query is 0 */
    NBNS_REGISTRATION = 0x2800,
    NBNS_WAIT_ACK = 0x3800,
    NBNS_AUTHORITATIVE = 0x0400,
    NBNS_TRUNCATED = 0x0200,
    NBNS_RECURSION_DESIRED = 0x0100,
    NBNS_RECURSION_AVAILABLE = 0x0080,
    NBNS_BROADCAST = 0x0010,
    NBNS_RCODE = 0x000F, /* mask; 0: no error */
    NBNS_NAME_ERROR = 3, /* RFC 1002 4.2.14: there is no such name */
};

/* RFC 1002 4.2.1.2, 4.2.1.3. */
enum nbns_type {
    NBNS_TYPE_NULL = 0x000A, /* what a negative answer carries */
    NBNS_TYPE_NB = 0x0020,
    NBNS_TYPE_NBSTAT = 0x0021,
};

/* Where a packet's record stands. */
enum nbns_section { NBNS_NO_RECORD, NBNS_ANSWER, NBNS_ADDITIONAL };

struct nbns_packet {
    uint16_t id;
    uint16_t flags;
    bool has_question;
    struct {
        struct nbss_name name;
        uint16_t type; /* enum nbns_type */
    } question;
    enum nbns_section section;
    struct {
        struct nbss_name name;
        uint16_t type; /* enum nbns_type */
        uint32_t ttl;  /* seconds */
        struct span data;
    } record;
};

/* Write a packet.  The record of one that has a question, too, is about the name in question, to which it
 * points (RFC 1002 4.2.2). */
void nbns_packet_put(struct wr *w, const struct nbns_packet *packet);

/* Read one.  False when it is cut short, has a class other than IN, a name that is not of the form
 * of nbss_name_get() or a pointer that does not lead back to one.  Records after the first are not
 * looked at; nor are those of name servers, to which a server may redirect (RFC 1002 4.2.15). */
bool nbns_packet_get(struct nbns_packet *out, struct span msg);

/* One address of a name: an entry of an NB record's data.  RFC 1002 4.2.13. */
struct nbns_address {
    bool group;       /* of a group: it is not one host's name */
    uint32_t address; /* IPv4 in host byte order */
};
void nbns_address_put(struct wr *w, const struct nbns_address *address);

/* Read the next one: false at the end of the data, and where it is not of that form. */
bool nbns_address_get(struct rd *r, struct nbns_address *out);

/* One name of a node: an entry of an NBSTAT record's data.  RFC 1002 4.2.18. */
struct nbns_node_name {
    struct nbss_name name;
    bool group, active;
};
enum { NBNS_NODE_NAMES_MAX = 255 };

/* Write the data of a node status: the names and statistics that are all zero. */
void nbns_status_put(struct wr *w, const struct nbns_node_name *names, unsigned count);

/* How many names there are: read first, then each name in turn; the cursor is bad when it is cut short.
 * The statistics behind them are nobody's business. */
unsigned nbns_status_count_get(struct rd *r);
struct nbns_node_name nbns_node_name_get(struct rd *r);

#endif
