#include "tools/message.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static int local_status(int os_errno)
{
    switch (os_errno) {
    case ENOENT: return EXIT_NOT_FOUND;
    case EACCES:
    case EPERM: return EXIT_DENIED;
    default: return EXIT_FAILED;
    }
}

int message_exit_status(const struct lsmb_error *err, int signal)
{
    switch (err->code) {
    case LSMB_OK: return EXIT_DONE;
    case LSMB_E_NOMEM:
    case LSMB_E_STATUS: return EXIT_FAILED;
    case LSMB_E_USAGE: return EXIT_USAGE;
    case LSMB_E_LOCAL: return local_status(err->os_errno);
    case LSMB_E_NETWORK:
    case LSMB_E_TIMEOUT:
    case LSMB_E_PROTOCOL: return EXIT_NETWORK;
    case LSMB_E_SECURITY:
    case LSMB_E_POLICY: return EXIT_POLICY;
    case LSMB_E_AUTH: return EXIT_AUTH;
    case LSMB_E_DENIED: return EXIT_DENIED;
    case LSMB_E_NOT_FOUND: return EXIT_NOT_FOUND;
    case LSMB_E_CHANGED: return EXIT_CHANGED;
    case LSMB_E_CANCELLED:
        /* As a shell would have it, but for SIGINT, where the Python tool says 2. */
        return signal == 0 || signal == SIGINT ? EXIT_USAGE : 128 + signal;
    case LSMB_E_PARTLY: return EXIT_PARTLY;
    }
    return EXIT_FAILED;
}

void message_set(struct lsmb_error *err, enum lsmb_code code, const char *path, const char *reason)
{
    *err = (struct lsmb_error){.code = code};
    (void)snprintf(err->path, sizeof err->path, "%s", path ? path : "");
    (void)snprintf(err->reason, sizeof err->reason, "%s", reason);
}

static const char *errno_advice(int os_errno)
{
    switch (os_errno) {
    case EACCES: return "check the permissions on this machine";
    case ENOTDIR: return "one of the directories on the path is a file";
    case ENOSPC: return "free some space on this machine";
    default: return "";
    }
}

void message_set_errno(struct lsmb_error *err, int os_errno, const char *step, const char *path)
{
    message_set(err, LSMB_E_LOCAL, path, strerror(os_errno));
    err->os_errno = os_errno;
    (void)snprintf(err->step, sizeof err->step, "%s", step ? step : "");
    (void)snprintf(err->advice, sizeof err->advice, "%s", errno_advice(os_errno));
}
