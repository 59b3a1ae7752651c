#include "tools/syslog_socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { LINE_ROOM = 4096 + 512, PORT = 514 };

int syslog_facility(const char *name)
{
    static const char *const names[] = {
        "kern",   "user",   "mail",     "daemon", "auth",   "syslog",   "lpr",     "news",
        "uucp",   "cron",   "authpriv", "ftp",    "ntp",    "security", "console", "solaris-cron",
        "local0", "local1", "local2",   "local3", "local4", "local5",   "local6",  "local7"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i], name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

/* A socket that is connected, or -1. */
static int connect_to(int type, const struct sockaddr *address, socklen_t len)
{
    int fd = socket(address->sa_family, type | SOCK_CLOEXEC, 0);

    if (fd >= 0 && connect(fd, address, len) != 0) {
        (void)close(fd); /* nothing was sent */
        fd = -1;
    }
    return fd;
}

void syslog_open_at(struct syslog_socket *log, int facility, const char *path)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};

    *log = (struct syslog_socket){.fd = -1, .facility = facility};
    if (strlen(path) < sizeof name.sun_path) {
        memcpy(name.sun_path, path, strlen(path) + 1);
        log->fd = connect_to(SOCK_DGRAM, (const struct sockaddr *)&name, sizeof name);
        if (log->fd < 0) { /* some take streams instead */
            log->fd = connect_to(SOCK_STREAM, (const struct sockaddr *)&name, sizeof name);
        }
    }
}

void syslog_open(struct syslog_socket *log, int facility)
{
    static const char *const paths[] = {"/dev/log", "/var/run/syslog"};
    const struct sockaddr_in here = {
        .sin_family = AF_INET, .sin_port = htons(PORT), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct stat st;

    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        if (stat(paths[i], &st) == 0 && S_ISSOCK(st.st_mode)) {
            syslog_open_at(log, facility, paths[i]);
            return;
        }
    }
    *log = (struct syslog_socket){.facility = facility};
    log->fd = connect_to(SOCK_DGRAM, (const struct sockaddr *)&here, sizeof here);
}

void syslog_send(const struct syslog_socket *log, enum syslog_severity severity, const char *tag,
                 const char *line)
{
    char text[LINE_ROOM];
    int len = snprintf(text, sizeof text, "<%d>%.256s[%ld]: %s", log->facility * 8 + (int)severity,
                       tag, (long)getpid(), line);

    if (log->fd >= 0 && len > 0) {
        size_t used = (size_t)len < sizeof text ? (size_t)len : sizeof text - 1;
        /* With the zero byte, which ends a line in a stream. */
        (void)send(log->fd, text, used + 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
}

void syslog_close(struct syslog_socket *log)
{
    if (log->fd >= 0) {
        (void)close(log->fd); /* nobody is left who could be told */
    }
    log->fd = -1;
}
