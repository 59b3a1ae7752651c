/* syslog_socket.h: lines for the system's log, as Python's logging sends them: the C library's syslog(3) knows no other
 * place than /dev/log, which not every container has.  RFC 3164 4.1.1 has the numbers. */
#ifndef LSMB_TOOLS_SYSLOG_SOCKET_H
#define LSMB_TOOLS_SYSLOG_SOCKET_H

#include <stdbool.h>

/* Severities, RFC 3164 4.1.1. */
enum syslog_severity {
    SYSLOG_CRITICAL = 2,
    SYSLOG_ERROR = 3,
    SYSLOG_WARNING = 4,
    SYSLOG_INFO = 6,
    SYSLOG_DEBUG = 7,
};

struct syslog_socket {
    int fd; /* -1: nobody takes lines here */
    int facility;
};

/* The number of a facility by its name, as "local0"; -1 if there is none. */
int syslog_facility(const char *name);

/* Connect to /dev/log or /var/run/syslog, whichever is a socket, else to port 514 of this machine by UDP.  That
 * nobody listens is no error: what is done does not depend on its being logged. */
void syslog_open(struct syslog_socket *log, int facility);

/* Likewise to the socket at `path`. */
void syslog_open_at(struct syslog_socket *log, int facility, const char *path);

/* Send "TAG[PID]: LINE".  What cannot be sent at once is lost. */
void syslog_send(const struct syslog_socket *log, enum syslog_severity severity, const char *tag,
                 const char *line);

void syslog_close(struct syslog_socket *log);

#endif
