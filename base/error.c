#include "base/error.h"
#include "base/ntstatus.h"
#include "base/text.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

struct errno_info {
    int os_errno;
    enum lsmb_code code;
    const char *advice;
};

/* Every other errno is LSMB_E_LOCAL and speaks for itself. */
static const struct errno_info errno_table[] = {
    {ENOMEM, LSMB_E_NOMEM, ""},
    {ETIMEDOUT, LSMB_E_TIMEOUT,
     "check that the server is up and that no firewall drops the connection"},
    {ECONNREFUSED, LSMB_E_NETWORK, "check the port, and that the server offers SMB there"},
    {ECONNRESET, LSMB_E_NETWORK, ""},
    {ECONNABORTED, LSMB_E_NETWORK, ""},
    {EPIPE, LSMB_E_NETWORK, ""},
    {ENOTCONN, LSMB_E_NETWORK, ""},
    {ENETDOWN, LSMB_E_NETWORK, "check the network of this machine"},
    {ENETUNREACH, LSMB_E_NETWORK, "check the route to the server"},
    {EHOSTDOWN, LSMB_E_NETWORK, "check that the server is up"},
    {EHOSTUNREACH, LSMB_E_NETWORK, "check the address of the server and the route to it"},
    {EACCES, LSMB_E_LOCAL, "check the permissions on this machine"},
    {ENOSPC, LSMB_E_LOCAL, "free some space on this machine"},
    {EDQUOT, LSMB_E_LOCAL, "free some of the user's quota on this machine"},
    {ENOTDIR, LSMB_E_LOCAL, "one of the directories on the path is a file"},
    {EMFILE, LSMB_E_LOCAL, "raise the limit of open files (ulimit -n)"},
};

static const char *code_text(enum lsmb_code code)
{
    switch (code) {
    case LSMB_OK: return "no error";
    case LSMB_E_NOMEM: return "out of memory";
    case LSMB_E_USAGE: return "a parameter makes no sense";
    case LSMB_E_LOCAL: return "a system call failed on this machine";
    case LSMB_E_NETWORK: return "the connection was lost";
    case LSMB_E_TIMEOUT: return "no answer in time";
    case LSMB_E_PROTOCOL: return "the server broke the protocol";
    case LSMB_E_SECURITY: return "the server's message could not be trusted";
    case LSMB_E_POLICY: return "what was required cannot be had from this server";
    case LSMB_E_AUTH: return "logon refused";
    case LSMB_E_DENIED: return "access denied";
    case LSMB_E_NOT_FOUND: return "not found";
    case LSMB_E_CHANGED: return "the source changed while it was read";
    case LSMB_E_STATUS: return "the server refused";
    case LSMB_E_CANCELLED: return "cancelled";
    case LSMB_E_PARTLY: return "some of it failed";
    }
    return "unknown error"; /* a host's own sink may put any number there */
}

void error_set(struct lsmb_error *err, enum lsmb_code code, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    error_vset(err, code, fmt, ap);
    va_end(ap);
}

void error_vset(struct lsmb_error *err, enum lsmb_code code, const char *fmt, va_list ap)
{
    char reason[sizeof err->reason]; /* the arguments may point into the old error */

    assert(code != LSMB_OK);
    if (err) {
        text_vformat(reason, sizeof reason, fmt, ap);
        *err = (struct lsmb_error){.code = code};
        memcpy(err->reason, reason, sizeof reason);
    }
}

void error_status(struct lsmb_error *err, uint32_t nt_status)
{
    const struct nt_status_info *info = nt_status_find(nt_status);
    char room[11];

    if (!err) {
        return;
    }
    /* A success where it cannot stand is an error of its own, never LSMB_OK. */
    enum lsmb_code code = info && info->code != LSMB_OK ? info->code : LSMB_E_STATUS;
    error_set(err, code, "[NtStatus %s] %s", nt_status_name(nt_status, room),
              info ? info->meaning : "the server's own reason, without a known meaning");
    err->nt_status = nt_status;
    text_format(err->advice, sizeof err->advice, "%s", info ? info->advice : "");
}

static const struct errno_info *errno_find(int os_errno)
{
    for (size_t i = 0; i < sizeof errno_table / sizeof errno_table[0]; i++) {
        if (errno_table[i].os_errno == os_errno) {
            return &errno_table[i];
        }
    }
    return NULL;
}

/* Reason has been set: all else that is known of an errno. */
static void take_errno(struct lsmb_error *err, int os_errno, const struct errno_info *info)
{
    err->os_errno = os_errno;
    text_format(err->advice, sizeof err->advice, "%s", info ? info->advice : "");
}

void error_errno(struct lsmb_error *err, int os_errno, const char *what)
{
    const struct errno_info *info = errno_find(os_errno);

    if (!err) {
        return;
    }
    error_set(err, info ? info->code : LSMB_E_LOCAL, "%s: %s", what, strerror(os_errno));
    take_errno(err, os_errno, info);
}

void error_errno_step(struct lsmb_error *err, int os_errno, const char *step)
{
    const struct errno_info *info = errno_find(os_errno);

    if (!err) {
        return;
    }
    error_set(err, info ? info->code : LSMB_E_LOCAL, "%s", strerror(os_errno));
    take_errno(err, os_errno, info);
    error_step(err, step);
    if (os_errno == ENOENT) {
        err->code = LSMB_E_NOT_FOUND;
    }
}

void error_step(struct lsmb_error *err, const char *step)
{
    if (err && !err->step[0]) {
        text_format(err->step, sizeof err->step, "%s", step);
    }
}

void error_path(struct lsmb_error *err, const char *path)
{
    if (err && !err->path[0]) {
        text_format(err->path, sizeof err->path, "%s", path);
    }
}

void error_advise(struct lsmb_error *err, const char *fmt, ...)
{
    char advice[sizeof err->advice]; /* the arguments may point into the error */
    va_list ap;

    if (err) {
        va_start(ap, fmt);
        text_vformat(advice, sizeof advice, fmt, ap);
        va_end(ap);
        memcpy(err->advice, advice, sizeof advice);
    }
}

/* STEP PATH: REASON; ADVICE.  What others say may be a sentence with its full stop: then the advice is one, too. */
const char *lsmb_error_text(const struct lsmb_error *err, char *out, size_t out_len)
{
    static const struct lsmb_error none = {.code = LSMB_OK};
    const struct lsmb_error *e = err ? err : &none;
    const char *reason = e->reason[0] ? e->reason : code_text(e->code);
    bool sentence = reason[strlen(reason) - 1] == '.';
    char first[2] = {e->advice[0]};

    if (sentence && first[0] >= 'a' && first[0] <= 'z') {
        first[0] = (char)(first[0] - 'a' + 'A');
    }
    if (out_len > 0) {
        text_format(out, out_len, "%s%s%s%s%s%s%s%s", e->step, e->step[0] && e->path[0] ? " " : "",
                    e->path, e->step[0] || e->path[0] ? ": " : "", reason,
                    first[0] ? (sentence ? " " : "; ") : "", first, first[0] ? e->advice + 1 : "");
    }
    return out;
}
