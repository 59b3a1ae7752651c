#include "transport/nbns_query.h"

#include <assert.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/text.h"
#include "base/upcase.h"
#include "transport/address.h"

enum {
    TRIES = 3,
    BROADCAST_AGAIN_MS = 250, /* RFC 1002 6: BCAST_REQ_RETRY_TIMEOUT, and _COUNT is 3 */
    UNICAST_AGAIN_MS = 500,   /* RFC 1002 6 says 5 s, but hosts that answer do so at once */
    ANSWERS_PER_RUN = 16,     /* then others have their turn */
    ANSWER_MAX = 5120, /* a node with 255 names: longer than RFC 1002 4.2 allows, but it fits */
};

enum { ST_ASK, ST_LISTEN };

static struct nbns_query_op *query_of(struct op *op)
{
    return CONTAINER_OF(op, struct nbns_query_op, op);
}

/* ---------------------------------------------------------------- asking */

static bool is_status(const struct nbns_query_op *query)
{
    return query->question.question.type == NBNS_TYPE_NBSTAT;
}

static enum op_next fail_errno(struct op *op, int os_errno, const char *what)
{
    struct lsmb_error err;

    error_errno(&err, os_errno, what);
    return op_fail_as(op, &err);
}

static void fired(struct watch *watch, uint32_t events)
{
    (void)events;
    op_wake(&CONTAINER_OF(watch, struct nbns_query_op, watch)->op);
}

/* A host that is asked alone is connected to: then the kernel drops what others send, and tells us when
 * nobody listens there. */
static bool open_socket(struct nbns_query_op *query)
{
    const struct sockaddr_storage *host = &query->asked.at[0];
    int on = 1;

    query->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_UDP);
    if (query->fd < 0) {
        return false;
    }
    if (query->asked.broadcast) {
        if (setsockopt(query->fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on)) {
            return false;
        }
    } else if (connect(query->fd, (const void *)host, address_len(host))) {
        return false;
    }
    return loop_watch(query->loop, &query->watch, query->fd, EPOLLIN, fired);
}

/* Send the question to everybody; false when none of them can be reached, with errno set. */
static bool send_question(struct nbns_query_op *query)
{
    uint8_t packet[NBNS_QUERY_LEN];
    struct wr w = wr_from(packet, sizeof packet);
    bool sent = false;

    nbns_packet_put(&w, &query->question);
    assert(wr_ok(&w)); /* names that do not fit were refused before */
    for (unsigned i = 0; i < query->asked.count; i++) {
        const struct sockaddr_storage *to = &query->asked.at[i];
        ssize_t n = query->asked.broadcast ? sendto(query->fd, packet, w.pos, MSG_NOSIGNAL,
                                                    (const void *)to, address_len(to))
                                           : send(query->fd, packet, w.pos, MSG_NOSIGNAL);
        sent = sent || n >= 0 || errno == EAGAIN; /* what is lost is repeated */
    }
    query->tries++;
    env_arm(query->op.env, &query->again,
            query->asked.broadcast ? BROADCAST_AGAIN_MS : UNICAST_AGAIN_MS, &query->op.ready);
    return sent;
}

static enum op_next ask(struct op *op)
{
    struct nbns_query_op *query = query_of(op);
    struct random *random = op->env->random;

    if (query->asked.count == 0) {
        return op_fail(op, LSMB_E_NETWORK, "no network of this machine takes broadcasts");
    }
    if (query->asked.at[0].ss_family != AF_INET) {
        return op_fail(op, LSMB_E_NETWORK, "NetBIOS names are asked for over IPv4 only");
    }
    if (strlen(query->question.question.name.text) > NBSS_NAME_TEXT_MAX) {
        return op_fail(op, LSMB_E_USAGE, "a NetBIOS name is longer than 15 bytes");
    }
    if (!random->fill(random, &query->question.id, sizeof query->question.id)) {
        return op_fail(op, LSMB_E_LOCAL, "the system gives no random numbers");
    }
    if (!open_socket(query)) {
        return fail_errno(op, errno, "open a socket for the NetBIOS name service");
    }
    if (!send_question(query)) {
        return fail_errno(op, errno, "send to the NetBIOS name service");
    }
    return op_go(op, ST_LISTEN);
}

/* ---------------------------------------------------------------- answers */

static void add_address(struct nbns_query_op *query, uint32_t ip)
{
    struct sockaddr_storage found = address_v4(ip, 0);

    for (unsigned i = 0; i < query->address_count; i++) {
        if (address_equal(&query->addresses[i], &found)) {
            return;
        }
    }
    if (query->address_count < NBNS_QUERY_ADDRESSES_MAX) {
        query->addresses[query->address_count++] = found;
    }
}

static bool take_addresses(struct nbns_query_op *query, const struct nbns_packet *answer)
{
    struct rd r = rd_from(answer->record.data, 0);
    struct nbns_address address;

    while (nbns_address_get(&r, &address)) {
        if (!address.group && address_v4_is_elsewhere(address.address)) {
            add_address(query, address.address);
        }
    }
    return query->address_count > 0;
}

/* How well a name would do to call the file service: its own name best, that of the host next. */
static unsigned merit(const struct nbns_node_name *node)
{
    if (node->group || !node->name.text[0]) {
        return 0;
    }
    switch (node->name.suffix) {
    case NBSS_FILE_SERVER: return 2;
    case NBSS_WORKSTATION: return 1;
    default: return 0;
    }
}

static bool take_names(struct nbns_query_op *query, const struct nbns_packet *answer)
{
    struct rd r = rd_from(answer->record.data, 0);
    unsigned best = 0;

    for (unsigned left = nbns_status_count_get(&r); left > 0; left--) {
        struct nbns_node_name node = nbns_node_name_get(&r);
        if (rd_ok(&r) && merit(&node) > best) {
            best = merit(&node);
            query->learned = node.name;
        }
    }
    query->learned.suffix = NBSS_FILE_SERVER;
    return best > 0;
}

/* Is it the answer to our question?  A name may be answered as an NB or, if there is none, as a NULL record
 * (RFC 1002 4.2.14). */
static bool is_answer(const struct nbns_query_op *query, const struct nbns_packet *got)
{
    const uint16_t opcode_query = 0;

    return got->id == query->question.id && (got->flags & NBNS_RESPONSE) != 0 &&
           (got->flags & NBNS_OPCODE) == opcode_query && got->section == NBNS_ANSWER &&
           nbss_name_equal(&got->record.name, &query->question.question.name);
}

/* OP_AGAIN: this was nothing for us. */
static enum op_next take_answer(struct nbns_query_op *query, struct span datagram)
{
    struct nbns_packet got;

    if (!nbns_packet_get(&got, datagram) || !is_answer(query, &got)) {
        return OP_AGAIN;
    }
    if ((got.flags & NBNS_RCODE) != 0) {
        /* In a broadcast only he who has the name may answer (RFC 1002 5.1.1.3). */
        return query->asked.broadcast
                   ? OP_AGAIN
                   : op_fail(&query->op, LSMB_E_NETWORK,
                             "the NetBIOS name service does not know the name %s",
                             query->question.question.name.text);
    }
    if (got.record.type != query->question.question.type) {
        return OP_AGAIN;
    }
    bool taken = is_status(query) ? take_names(query, &got) : take_addresses(query, &got);
    return taken ? OP_DONE : OP_AGAIN;
}

/* Why nobody has answered; the last try is over. */
static enum op_next give_up(struct op *op)
{
    const struct nbns_query_op *query = query_of(op);

    if (query->asked.broadcast) {
        return op_fail(op, LSMB_E_NETWORK,
                       "nobody answers to the NetBIOS name %s (%u broadcasts in %u networks)",
                       query->question.question.name.text, query->tries, query->asked.count);
    }
    return op_fail(op, LSMB_E_NETWORK, "no answer from the NetBIOS name service after %u tries",
                   query->tries);
}

static enum op_next listen_for_answers(struct op *op)
{
    struct nbns_query_op *query = query_of(op);
    uint8_t bytes[ANSWER_MAX];

    for (unsigned i = 0; i < ANSWERS_PER_RUN; i++) {
        ssize_t n = recv(query->fd, bytes, sizeof bytes, 0);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
            break;
        }
        if (n < 0) {
            return fail_errno(op, errno, "ask the NetBIOS name service");
        }
        enum op_next next = take_answer(query, (struct span){bytes, (size_t)n});
        if (next != OP_AGAIN) {
            return next;
        }
    }
    if (!timer_armed(&query->again)) {
        if (query->tries >= TRIES) {
            return give_up(op);
        }
        if (!send_question(query)) {
            return fail_errno(op, errno, "send to the NetBIOS name service");
        }
    }
    return OP_WAIT;
}

static void query_release(struct op *op)
{
    struct nbns_query_op *query = query_of(op);

    timer_stop(&query->again);
    loop_unwatch(&query->watch);
    if (query->fd >= 0) {
        (void)close(query->fd);
        query->fd = -1;
    }
}

static const struct op_step steps[] = {
    [ST_ASK] = {"ask the NetBIOS name service", ask, 0},
    [ST_LISTEN] = {"ask the NetBIOS name service", listen_for_answers, 0}, /* TRIES limit it */
};

static const struct op_kind query_kind = {"nbns_query", steps, query_release};

void nbns_query_start(struct nbns_query_op *query, struct op *parent, struct loop *loop,
                      const struct nbss_name *name, const struct nbns_query_asked *asked)
{
    *query = (struct nbns_query_op){.loop = loop, .fd = -1, .asked = *asked};
    query->question.has_question = true;
    query->question.question.name = *name;
    query->question.question.type = NBNS_TYPE_NB;
    query->question.flags = NBNS_RECURSION_DESIRED;
    if (asked->broadcast) {
        query->question.flags |= NBNS_BROADCAST;
    }
    op_start_child(parent, &query->op, &query_kind);
}

void nbns_query_status_start(struct nbns_query_op *query, struct op *parent, struct loop *loop,
                             const struct sockaddr_storage *host)
{
    *query = (struct nbns_query_op){.loop = loop, .fd = -1, .asked = {.count = 1}};
    query->asked.at[0] = *host;
    query->question.has_question = true;
    query->question.question.name = (struct nbss_name){.text = "*"};
    query->question.question.type = NBNS_TYPE_NBSTAT;
    op_start_child(parent, &query->op, &query_kind);
}

/* ---------------------------------------------------------------- helpers */

void nbns_query_broadcasts(struct nbns_query_asked *out)
{
    struct ifaddrs *all = NULL;

    *out = (struct nbns_query_asked){.broadcast = true};
    if (getifaddrs(&all)) {
        return; /* no networks, as far as we can see */
    }
    for (const struct ifaddrs *i = all; i && out->count < NBNS_QUERY_ASKED_MAX; i = i->ifa_next) {
        const unsigned usable = IFF_UP | IFF_BROADCAST;
        if ((i->ifa_flags & usable) != usable || !i->ifa_broadaddr ||
            i->ifa_broadaddr->sa_family != AF_INET) {
            continue;
        }
        struct sockaddr_storage *at = &out->at[out->count++];
        memcpy(at, i->ifa_broadaddr, sizeof(struct sockaddr_in));
        address_set_port(at, NBNS_PORT);
    }
    freeifaddrs(all);
}

bool nbss_name_make(struct nbss_name *out, const char *text, uint8_t suffix)
{
    *out = (struct nbss_name){.suffix = suffix};
    for (size_t i = 0; text[i]; i++) {
        if ((unsigned char)text[i] < ' ' || (unsigned char)text[i] > '~') {
            return false;
        }
        if (i < NBSS_NAME_TEXT_MAX) {
            out->text[i] = (char)upcase_utf16((uint16_t)text[i]);
        }
    }
    return out->text[0] != '\0';
}
