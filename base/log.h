/* log.h: what the host is told while things go on. */
#ifndef LSMB_BASE_LOG_H
#define LSMB_BASE_LOG_H

#include "lsmb.h"

struct log {
    lsmb_log_fn *fn; /* NULL: nobody listens */
    void *arg;
    enum lsmb_log_level level; /* lines above it are not even formatted */
};

/* One line, without a newline.  Never a secret. */
void log_line(struct log *log, enum lsmb_log_level level, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
