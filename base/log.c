#include "base/log.h"
#include "base/text.h"

enum { LINE_MAX_BYTES = 1536 }; /* a whole error text and its prefix */

void log_line(struct log *log, enum lsmb_log_level level, const char *fmt, ...)
{
    char line[LINE_MAX_BYTES];
    va_list ap;

    if (!log->fn || level > log->level) {
        return;
    }
    va_start(ap, fmt);
    text_vformat(line, sizeof line, fmt, ap);
    va_end(ap);
    log->fn(log->arg, level, line);
}
