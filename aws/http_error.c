/* http_error.c: what went wrong with a connection, in the words of the AWS tools where they have some. */
#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "aws/exchange.h"
#include "base/text.h"

enum { PROXY_ROOM = 256 };

/* How the AWS tools begin to tell it; the URL follows in quotes. */
static const char cannot_connect[] = "Could not connect to the endpoint URL:";
static const char closed[] =
    "Connection was closed before we received a valid response from endpoint URL:";

struct failure {
    CURLcode result;
    enum lsmb_code code;
    const char *words;
    const char *advice; /* "" for none */
};

static const struct failure failures[] = {
    {CURLE_COULDNT_RESOLVE_HOST, LSMB_E_NETWORK, cannot_connect,
     "check the region and the endpoint, and that this machine can resolve the name"},
    {CURLE_COULDNT_RESOLVE_PROXY, LSMB_E_NETWORK,
     "Failed to connect to the proxy on the way to URL:", "check HTTPS_PROXY and HTTP_PROXY"},
    {CURLE_COULDNT_CONNECT, LSMB_E_NETWORK, cannot_connect,
     "check the endpoint, and that no firewall refuses the connection"},
    {CURLE_PROXY, LSMB_E_NETWORK, "Failed to connect to the proxy on the way to URL:",
     "check HTTPS_PROXY, HTTP_PROXY and NO_PROXY"},
    {CURLE_OPERATION_TIMEDOUT, LSMB_E_TIMEOUT, "Connect timeout on endpoint URL:",
     "check the endpoint, and that no firewall drops the connection"},
    {CURLE_SEND_ERROR, LSMB_E_NETWORK, closed, ""},
    {CURLE_RECV_ERROR, LSMB_E_NETWORK, closed, ""},
    {CURLE_GOT_NOTHING, LSMB_E_NETWORK, closed, ""},
    {CURLE_PARTIAL_FILE, LSMB_E_NETWORK, closed, ""},
    {CURLE_ABORTED_BY_CALLBACK, LSMB_E_NETWORK, closed, ""},
    {CURLE_SEND_FAIL_REWIND, LSMB_E_NETWORK, closed, ""},
    {CURLE_OUT_OF_MEMORY, LSMB_E_NOMEM, "No memory for a request to endpoint URL:", ""},
    {CURLE_PEER_FAILED_VERIFICATION, LSMB_E_SECURITY, "SSL validation failed for",
     "the certificate is not one for this endpoint, or not from an authority that is trusted; "
     "AWS_CA_BUNDLE names a file of other authorities"},
    {CURLE_SSL_CACERT_BADFILE, LSMB_E_LOCAL, "Could not read the TLS certificates for",
     "check AWS_CA_BUNDLE, ca_bundle in the profile, and SSL_CERT_FILE"},
    {CURLE_SSL_CONNECT_ERROR, LSMB_E_NETWORK, "SSL validation failed for",
     "check that the endpoint speaks TLS 1.2 or later there, and the proxy"},
    {CURLE_URL_MALFORMAT, LSMB_E_USAGE, "Invalid endpoint:", "check the endpoint's URL"},
    {CURLE_UNSUPPORTED_PROTOCOL, LSMB_E_USAGE,
     "Invalid endpoint:", "an endpoint begins with https:// or http://"},
};

/* Answers that make no sense, mostly. */
static const struct failure otherwise = {CURLE_OK, LSMB_E_PROTOCOL,
                                         "No valid response from endpoint URL:", ""};

/* What is wrong with a certificate, where that has a name. */
static const char *certificate_advice(long verified)
{
    switch (verified) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return "the endpoint's certificate has expired; check the clock of this machine";
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return "the endpoint's certificate is not valid yet; check the clock of this machine";
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        return "the certificate's authority is not trusted; if it should be, name a file with it "
               "in "
               "AWS_CA_BUNDLE";
    case X509_V_OK: return "the certificate is not one for the name of this endpoint";
    default: return NULL;
    }
}

/* The query may be long and says little. */
static int shown_len(const char *url)
{
    size_t len = strcspn(url, "?");

    return len < 300 ? (int)len : 300;
}

void http_error_silence(struct lsmb_error *err, const char *url)
{
    error_set(err, LSMB_E_TIMEOUT, "Read timeout on endpoint URL: \"%.*s\"", shown_len(url), url);
    error_advise(err, "check that the endpoint is up and that no firewall drops the connection");
}

/* What libcurl says of a request that has gone out may mean the answer: HTTP/0.9 is a protocol that is not supported,
 * and a line of a head that is too long finds no memory (before 8.6). */
static bool is_about_answer(const struct http_exchange *x, CURLcode result)
{
    return x->sendings > 0 && !x->head_whole &&
           (result == CURLE_UNSUPPORTED_PROTOCOL || result == CURLE_OUT_OF_MEMORY);
}

static const char *said_by(const struct http_exchange *x, CURLcode result)
{
    if (result == CURLE_OUT_OF_MEMORY && is_about_answer(x, result)) {
        return "a line of its head is too long, or memory is short";
    }
    return x->said[0] ? x->said : curl_easy_strerror(result);
}

static const struct failure *find(CURLcode result)
{
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
        if (failures[i].result == result) {
            return &failures[i];
        }
    }
    return &otherwise;
}

/* The host and the port of a URL, as libcurl shows them: "HOST port PORT". */
static void show_host(const char *url, char *out, size_t room)
{
    const char *slashes = strstr(url, "://");
    const char *host = slashes ? slashes + 3 : url;
    const char *port = strncmp(url, "https:", 6) == 0 ? "443" : "80";
    int brackets = host[0] == '[';
    int len = (int)strcspn(host, brackets ? "]" : ":/?");
    const char *rest = host + len + (host[len] == ']');
    int port_len = (int)strlen(port);

    if (*rest == ':') {
        port = rest + 1;
        port_len = (int)strcspn(port, "/?");
    }
    text_format(out, room, "%.*s port %.*s", len - brackets, host + brackets, port_len, port);
}

/* libcurl does not say that it was on its way to a proxy, but whom it did not reach. */
static bool names_proxy(const char *said, const char *url, char out[PROXY_ROOM])
{
    char host[PROXY_ROOM - 16], port[8], wanted[PROXY_ROOM], met[PROXY_ROOM];

    if (sscanf(said, "Could not resolve proxy: %200s", host) == 1) {
        text_format(out, PROXY_ROOM, "%s", host);
        return true;
    }
    if (sscanf(said, "Failed to connect to %200s port %5[0-9]", host, port) != 2) {
        return false;
    }
    show_host(url, wanted, sizeof wanted);
    text_format(met, sizeof met, "%s port %s", host, port);
    text_format(out, PROXY_ROOM, "%s:%s", host, port);
    return strcasecmp(met, wanted) != 0;
}

/* What comes of the other side's settings, and not of the line: it would be the same the next time. */
static bool is_settled(const char *said)
{
    static const char *const reasons[] = {
        "wrong version number",
        "packet length too long",
        "http request",
        "unsupported protocol",
        "no protocols available",
        "alert protocol version",
        "alert handshake failure",
        NULL,
    };

    for (const char *const *reason = reasons; *reason; reason++) {
        if (strstr(said, *reason)) {
            return true;
        }
    }
    return false;
}

void http_error_set(struct lsmb_error *err, const struct http_exchange *x, CURLcode result)
{
    const struct failure *failure = is_about_answer(x, result) ? &otherwise : find(result);
    const char *url = x->request->url;
    const char *said = said_by(x, result);
    long verified = 0;
    long proxy = 0;
    char unreached[PROXY_ROOM];

    if (names_proxy(said, url, unreached)) {
        error_set(err, failure->code, "Failed to connect to proxy URL: \"%s\" (%s)", unreached,
                  said);
        error_advise(err, "check HTTPS_PROXY, HTTP_PROXY and NO_PROXY");
        return;
    }
    error_set(err, failure->code, "%s \"%.*s\" (%s)", failure->words, shown_len(url), url, said);
    error_advise(err, "%s", failure->advice);
    if (result == CURLE_SSL_CONNECT_ERROR && is_settled(said)) {
        err->code = LSMB_E_SECURITY;
    }
    (void)curl_easy_getinfo(x->easy, CURLINFO_SSL_VERIFYRESULT, &verified);
    (void)curl_easy_getinfo(x->easy, CURLINFO_HTTP_CONNECTCODE, &proxy);
    if (result == CURLE_PEER_FAILED_VERIFICATION && certificate_advice(verified)) {
        error_advise(err, "%s", certificate_advice(verified));
    }
    if (proxy >= 300) {
        error_advise(err, "the proxy refused it (%ld); check HTTPS_PROXY and NO_PROXY", proxy);
    }
}
