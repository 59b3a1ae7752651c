/* logger.h: where log lines and the last word about a failure go. */
#ifndef LSMB_TOOLS_LOGGER_H
#define LSMB_TOOLS_LOGGER_H

#include "tools/options.h"
#include "tools/progress.h"
#include "tools/syslog_socket.h"

#include <stdio.h>

struct logger {
    enum log_threshold level;
    FILE *file;       /* owned; NULL: stderr, or syslog */
    const char *name; /* of the file */
    bool lost;        /* a line could not be written to it, and that has been told */
    bool to_syslog;
    struct syslog_socket syslog;
    bool colour;
    const char *tag;           /* before every log line */
    struct progress *progress; /* hidden while something is printed; may be NULL */
};

/* Open what --log names.  The logger is to be closed in any case. */
bool logger_open(struct logger *log, const struct options *opt, struct refusal *why);
void logger_close(struct logger *log);

/* One line in the forms of lava's logging: "TAG: MainThread: text"; in a file and in syslog with the level's name before
 * the thread's.  Control characters are made visible. */
void logger_line(struct logger *log, enum log_threshold level, const char *text);

/* A lsmb_log_fn; `arg` is the logger. */
void logger_library(void *arg, enum lsmb_log_level level, const char *line);

/* "lava-smb: text" on stderr, whatever the level: what the user has asked for. */
void logger_say(struct logger *log, const char *text);

/* Likewise, and in the log if that is elsewhere. */
void logger_failure(struct logger *log, const char *text);

#endif
