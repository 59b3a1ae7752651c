#include "tools/logger.h"
#include "tools/show.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_ROOM 4096

/* What the Python tool says of every line: the name of its thread. */
#define THREAD "MainThread: "

struct level_form {
    const char *name, *colour;
    enum syslog_severity severity;
};

static const struct level_form *form_of(enum log_threshold level)
{
    static const struct level_form forms[] = {
        [LEVEL_CRITICAL] = {"CRITICAL", "\033[1m\033[31m", SYSLOG_CRITICAL},
        [LEVEL_ERROR] = {"ERROR", "\033[1m\033[31m", SYSLOG_ERROR},
        [LEVEL_WARNING] = {"WARNING", "\033[35m", SYSLOG_WARNING},
        [LEVEL_INFO] = {"INFO", "\033[34m", SYSLOG_INFO},
        [LEVEL_DEBUG] = {"DEBUG", "\033[2m\033[30m", SYSLOG_DEBUG},
    };

    return &forms[level];
}

bool logger_open(struct logger *log, const struct options *opt, struct refusal *why)
{
    const char *target = opt->log_target;

    *log = (struct logger){
        .level = opt->level, .tag = opt->tag ? opt->tag : "lava-smb", .syslog = {.fd = -1}};
    if (!target) {
        log->colour = !opt->no_colour && isatty(STDERR_FILENO);
        return true;
    }
    if (target[0] == '@') {
        int facility = syslog_facility(target + 1);
        if (facility < 0) {
            return refuse(why, "--log: Bad syslog facility: %.60s", target + 1);
        }
        syslog_open(&log->syslog, facility);
        log->to_syslog = true;
        return true;
    }
    log->name = target;
    log->file = fopen(target, "ae");
    return log->file ? true : refuse(why, "--log: %.300s: %s", target, strerror(errno));
}

void logger_close(struct logger *log)
{
    if (log->file) {
        (void)fclose(log->file); /* nobody is left who could be told */
        log->file = NULL;
    }
    if (log->to_syslog) {
        syslog_close(&log->syslog);
        log->to_syslog = false;
    }
}

/* The form of Python's logging module, so that both tools' lines can stand in one file.  What a full disk loses is no
 * failure of the copy. */
static void write_to_file(struct logger *log, const struct level_form *form, const char *line)
{
    struct timespec now = {.tv_sec = 0};
    struct tm tm;
    char date[32] = "";

    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (localtime_r(&now.tv_sec, &tm)) {
        (void)strftime(date, sizeof date, "%Y-%m-%d %H:%M:%S", &tm);
    }
    (void)fprintf(log->file, "%s,%03d: %s: " THREAD "%s\n", date, (int)(now.tv_nsec / 1000000),
                  form->name, line);
    if (fflush(log->file) != 0 && !log->lost) {
        char said[512];
        (void)snprintf(said, sizeof said, "--log %.300s: %s; log lines are lost", log->name,
                       strerror(errno));
        log->lost = true;
        logger_say(log, said);
    }
}

static void write_to_syslog(const struct logger *log, const struct level_form *form,
                            const char *line)
{
    char text[LINE_ROOM + 64];

    (void)snprintf(text, sizeof text, "%s: " THREAD "%s", form->name, line);
    syslog_send(&log->syslog, form->severity, log->tag, text);
}

static void write_to_stderr(const struct logger *log, const struct level_form *form,
                            const char *line)
{
    if (log->progress) {
        progress_hide(log->progress);
    }
    (void)fprintf(stderr, "%s%s%s" THREAD "%s%s\n", log->colour ? form->colour : "", log->tag,
                  log->tag[0] ? ": " : "", line, log->colour ? "\033[39m\033[0m" : "");
}

static void write_line(struct logger *log, const struct level_form *form, const char *text)
{
    char line[LINE_ROOM];

    show_safe(line, sizeof line, text);
    if (log->file) {
        write_to_file(log, form, line);
    } else if (log->to_syslog) {
        write_to_syslog(log, form, line);
    } else {
        write_to_stderr(log, form, line);
    }
}

void logger_line(struct logger *log, enum log_threshold level, const char *text)
{
    if (level <= log->level) {
        write_line(log, form_of(level), text);
    }
}

void logger_library(void *arg, enum lsmb_log_level level, const char *line)
{
    enum log_threshold to = LEVEL_DEBUG;

    switch (level) {
    case LSMB_LOG_ERROR: to = LEVEL_ERROR; break;
    case LSMB_LOG_WARNING: to = LEVEL_WARNING; break;
    case LSMB_LOG_INFO: to = LEVEL_INFO; break;
    case LSMB_LOG_DEBUG: to = LEVEL_DEBUG; break;
    }
    logger_line(arg, to, line);
}

void logger_say(struct logger *log, const char *text)
{
    char line[LINE_ROOM];

    if (log->progress) {
        progress_hide(log->progress);
    }
    show_safe(line, sizeof line, text);
    (void)fprintf(stderr, "lava-smb: %s\n", line);
}

void logger_failure(struct logger *log, const char *text)
{
    logger_say(log, text);
    if (log->file || log->to_syslog) {
        write_line(log, form_of(LEVEL_ERROR), text);
    }
}
