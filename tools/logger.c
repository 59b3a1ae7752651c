#include "tools/logger.h"
#include "tools/show.h"

#include <errno.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define LINE_ROOM 4096

struct level_form {
    const char *name, *upper_name, *colour;
    int priority;
};

static const struct level_form *form_of(enum log_threshold level)
{
    static const struct level_form forms[] = {
        [LEVEL_CRITICAL] = {"critical", "CRITICAL", "\033[1;31m", LOG_CRIT},
        [LEVEL_ERROR] = {"error", "ERROR", "\033[1;31m", LOG_ERR},
        [LEVEL_WARNING] = {"warning", "WARNING", "\033[35m", LOG_WARNING},
        [LEVEL_INFO] = {"info", "INFO", "\033[34m", LOG_INFO},
        [LEVEL_DEBUG] = {"debug", "DEBUG", "\033[2m", LOG_DEBUG},
    };

    return &forms[level];
}

/* -1 if there is none of that name. */
static int facility_of(const char *name)
{
    static const struct {
        const char *name;
        int value;
    } facilities[] = {
        {"auth", LOG_AUTH},     {"authpriv", LOG_AUTHPRIV}, {"cron", LOG_CRON},
        {"daemon", LOG_DAEMON}, {"ftp", LOG_FTP},           {"kern", LOG_KERN},
        {"lpr", LOG_LPR},       {"mail", LOG_MAIL},         {"news", LOG_NEWS},
        {"syslog", LOG_SYSLOG}, {"user", LOG_USER},         {"uucp", LOG_UUCP},
        {"local0", LOG_LOCAL0}, {"local1", LOG_LOCAL1},     {"local2", LOG_LOCAL2},
        {"local3", LOG_LOCAL3}, {"local4", LOG_LOCAL4},     {"local5", LOG_LOCAL5},
        {"local6", LOG_LOCAL6}, {"local7", LOG_LOCAL7},
    };

    for (size_t i = 0; i < sizeof facilities / sizeof facilities[0]; i++) {
        if (strcmp(facilities[i].name, name) == 0) {
            return facilities[i].value;
        }
    }
    return -1;
}

bool logger_open(struct logger *log, const struct options *opt, struct refusal *why)
{
    const char *target = opt->log_target;

    *log = (struct logger){.level = opt->level, .tag = opt->tag ? opt->tag : "lava-smb"};
    if (!target) {
        log->colour = !opt->no_colour && isatty(STDERR_FILENO);
        return true;
    }
    if (target[0] == '@') {
        int facility = facility_of(target + 1);
        if (facility < 0) {
            return refuse(why, "--log: there is no syslog facility '%.60s'", target + 1);
        }
        openlog(log->tag, LOG_PID, facility);
        log->syslog = true;
        return true;
    }
    log->file = fopen(target, "ae");
    return log->file ? true : refuse(why, "--log: %.300s: %s", target, strerror(errno));
}

void logger_close(struct logger *log)
{
    if (log->file) {
        (void)fclose(log->file); /* nobody is left who could be told */
        log->file = NULL;
    }
    if (log->syslog) {
        closelog();
        log->syslog = false;
    }
}

/* The form of Python's logging module, so that both tools' lines can stand in one file. */
static void write_to_file(FILE *file, const struct level_form *form, const char *line)
{
    struct timespec now = {.tv_sec = 0};
    struct tm tm;
    char date[32] = "";

    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (localtime_r(&now.tv_sec, &tm)) {
        (void)strftime(date, sizeof date, "%Y-%m-%d %H:%M:%S", &tm);
    }
    (void)fprintf(file, "%s,%03d: %s: %s\n", date, (int)(now.tv_nsec / 1000000), form->upper_name,
                  line);
    (void)fflush(file);
}

static void write_line(struct logger *log, const struct level_form *form, const char *text)
{
    char line[LINE_ROOM];

    show_safe(line, sizeof line, text);
    if (log->file) {
        write_to_file(log->file, form, line);
    } else if (log->syslog) {
        syslog(form->priority, "%s: %s", form->upper_name, line);
    } else {
        if (log->progress) {
            progress_hide(log->progress);
        }
        (void)fprintf(stderr, "%s%s%s%s: %s%s\n", log->colour ? form->colour : "", log->tag,
                      log->tag[0] ? ": " : "", form->name, line, log->colour ? "\033[0m" : "");
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
    if (log->file || log->syslog) {
        write_line(log, form_of(LEVEL_ERROR), text);
    }
}
