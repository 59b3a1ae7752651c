#include "transport/lookup.h"

#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "transport/address.h"

static struct lookup_job *lookup_of(struct job *job)
{
    return CONTAINER_OF(job, struct lookup_job, job);
}

/* AI_ADDRCONFIG is left out on purpose: it hides addresses that would work, such as ::1 on a machine
 * without a global IPv6 address, and a dead family costs only its head start (RFC 8305 5). */
static struct addrinfo hints_for(int flags)
{
    return (struct addrinfo){.ai_flags = flags, .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
}

static bool known(const struct lookup_job *lookup, const struct sockaddr_storage *address)
{
    for (unsigned i = 0; i < lookup->count; i++) {
        if (address_equal(&lookup->addresses[i], address)) {
            return true;
        }
    }
    return false;
}

static bool take_address(struct sockaddr_storage *out, const struct addrinfo *info, uint16_t port)
{
    if ((info->ai_family != AF_INET && info->ai_family != AF_INET6) ||
        info->ai_addrlen > sizeof *out) {
        return false;
    }
    memset(out, 0, sizeof *out);
    memcpy(out, info->ai_addr, info->ai_addrlen);
    address_set_port(out, port);
    return true;
}

void lookup_interleave(struct sockaddr_storage *addresses, unsigned count)
{
    for (unsigned i = 1; i < count; i++) {
        unsigned other = i;
        while (other < count && addresses[other].ss_family == addresses[i - 1].ss_family) {
            other++;
        }
        if (other == count) {
            return; /* one family is left */
        }
        struct sockaddr_storage next = addresses[other];
        memmove(&addresses[i + 1], &addresses[i], (other - i) * sizeof next);
        addresses[i] = next;
    }
}

static void look_up(struct job *job)
{
    struct lookup_job *lookup = lookup_of(job);
    struct addrinfo hints = hints_for(0), *found = NULL;

    lookup->gai_error = getaddrinfo(lookup->host, NULL, &hints, &found);
    if (lookup->gai_error) {
        lookup->os_errno = errno;
        return;
    }
    for (struct addrinfo *info = found; info && lookup->count < LOOKUP_ADDRESSES_MAX;
         info = info->ai_next) {
        struct sockaddr_storage address;
        if (take_address(&address, info, lookup->port) && !known(lookup, &address)) {
            lookup->addresses[lookup->count++] = address;
        }
    }
    freeaddrinfo(found);
    lookup_interleave(lookup->addresses, lookup->count);
}

static void lookup_release(struct job *job)
{
    free(lookup_of(job));
}

struct lookup_job *lookup_new(const char *host, uint16_t port, struct ready *done)
{
    struct lookup_job *lookup = calloc(1, sizeof *lookup);
    size_t len = strlen(host);

    assert(len < sizeof lookup->host);
    if (lookup) {
        lookup->job = (struct job){.work = look_up, .release = lookup_release, .done = done};
        memcpy(lookup->host, host, len + 1);
        lookup->port = port;
    }
    return lookup;
}

struct gai_reason {
    int gai_error;
    enum lsmb_code code;
    const char *text;
    const char *advice;
};

/* In our own words: gai_strerror() speaks the language of the host's locale. */
static const struct gai_reason gai_reasons[] = {
    {EAI_NONAME, LSMB_E_NETWORK, "EAI_NONAME: no such name",
     "check the spelling of the server's name and the name servers of this machine"},
    {EAI_NODATA, LSMB_E_NETWORK, "EAI_NODATA: the name has no address",
     "check the spelling of the server's name"},
    {EAI_ADDRFAMILY, LSMB_E_NETWORK, "EAI_ADDRFAMILY: the name has no IPv4 or IPv6 address",
     "check the spelling of the server's name"},
    {EAI_AGAIN, LSMB_E_NETWORK, "EAI_AGAIN: the name servers do not answer",
     "check the network and the name servers of this machine"},
    {EAI_FAIL, LSMB_E_NETWORK, "EAI_FAIL: the name servers refuse to answer",
     "check the name servers of this machine"},
    {EAI_MEMORY, LSMB_E_NOMEM, "EAI_MEMORY: out of memory", ""},
};

static void gai_failure(const struct lookup_job *lookup, struct lsmb_error *err)
{
    if (lookup->gai_error == EAI_SYSTEM) {
        error_errno(err, lookup->os_errno, "EAI_SYSTEM");
        return;
    }
    for (size_t i = 0; i < sizeof gai_reasons / sizeof gai_reasons[0]; i++) {
        if (gai_reasons[i].gai_error == lookup->gai_error) {
            error_set(err, gai_reasons[i].code, "%s: %s", lookup->host, gai_reasons[i].text);
            error_advise(err, "%s", gai_reasons[i].advice);
            return;
        }
    }
    error_set(err, LSMB_E_NETWORK, "%s: the name cannot be looked up (EAI code %d)", lookup->host,
              lookup->gai_error);
}

bool lookup_result(const struct lookup_job *lookup, struct lsmb_error *err)
{
    assert(lookup->job.finished);
    if (lookup->gai_error) {
        gai_failure(lookup, err);
        return false;
    }
    if (lookup->count == 0) {
        error_set(err, LSMB_E_NETWORK, "%s: the name has no IPv4 or IPv6 address", lookup->host);
        return false;
    }
    return true;
}

bool lookup_numeric(struct sockaddr_storage *out, const char *host, uint16_t port)
{
    struct addrinfo hints = hints_for(AI_NUMERICHOST), *found = NULL;
    size_t len = strlen(host);
    char bare[LOOKUP_HOST_LEN];

    if (len >= 2 && len - 2 < sizeof bare && host[0] == '[' && host[len - 1] == ']') {
        memcpy(bare, host + 1, len - 2);
        bare[len - 2] = '\0';
        host = bare;
    }
    if (getaddrinfo(host, NULL, &hints, &found)) {
        return false;
    }
    bool ok = take_address(out, found, port);
    freeaddrinfo(found);
    return ok;
}
