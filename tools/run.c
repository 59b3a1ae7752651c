#include "tools/run.h"
#include "tools/s3.h"
#include "tools/stats.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define GRACE_MS 5000
#define TEXT_MAX 2048

static int64_t now_ms(void)
{
    struct timespec t;

    return clock_gettime(CLOCK_MONOTONIC, &t) == 0 ? t.tv_sec * 1000 + t.tv_nsec / 1000000 : 0;
}

/* From here on signals are read from a descriptor, in this thread and those it starts.  One that the
 * caller has ignored (nohup, a shell's background job) stays ignored. */
static bool catch_signals(struct run *run)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction ignore = {.sa_handler = SIG_IGN}, old;
    sigset_t set;

    (void)sigemptyset(&set);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN) {
            (void)sigaddset(&set, signals[i]);
        }
    }
    run->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return run->signal_fd >= 0 && sigprocmask(SIG_BLOCK, &set, NULL) == 0 &&
           sigaction(SIGPIPE, &ignore, NULL) == 0;
}

/* Make a directory and those above it; only the last must be new. */
static bool make_tmpdir(struct run *run, struct refusal *why)
{
    const char *dir = run->opt->tmpdir;
    char *part = strdup(dir);

    if (!part) {
        return refuse(why, "out of memory");
    }
    for (char *s = part + 1; *s; s++) {
        if (*s == '/') {
            *s = '\0';
            (void)mkdir(part, 0777); /* what is wrong shows at the last one */
            *s = '/';
        }
    }
    free(part);
    run->tmpdir_made = mkdir(dir, 0777) == 0;
    return run->tmpdir_made ? true
                            : refuse(why, "--tmpdir %.300s: %s%s", dir, strerror(errno),
                                     errno == EEXIST ? "; name one that is yet to be made" : "");
}

/* What may be in flight.  Parts on their way to S3 and from there are whole. */
static uint64_t window_of(const struct options *opt)
{
    if (opt->window_bytes > 0) {
        return opt->window_bytes;
    }
    return s3_is_used(opt) ? S3_MEMORY_DEFAULT : LSMB_MEMORY_DEFAULT;
}

static bool new_context(struct run *run)
{
    static const enum lsmb_log_level levels[] = {
        [LEVEL_CRITICAL] = LSMB_LOG_ERROR,  [LEVEL_ERROR] = LSMB_LOG_ERROR,
        [LEVEL_WARNING] = LSMB_LOG_WARNING, [LEVEL_INFO] = LSMB_LOG_INFO,
        [LEVEL_DEBUG] = LSMB_LOG_DEBUG,
    };
    const size_t least = (size_t)1024 * 1024;
    uint64_t window = window_of(run->opt);
    struct lsmb_options options = {
        .size = sizeof options,
        .memory_bytes = window > SIZE_MAX ? SIZE_MAX : (size_t)window,
        .silence_ms = run->opt->silence_ms,
        .log = logger_library,
        .log_arg = &run->log,
        .log_level = levels[run->opt->level],
        .rate_limit = run->opt->rate_limit,
    };

    options.memory_bytes = options.memory_bytes < least ? least : options.memory_bytes;
    run->smb = lsmb_new(&options, &run->err);
    return run->smb != NULL;
}

static bool read_connection(struct run *run, struct refusal *why)
{
    const struct options *opt = run->opt;
    struct refusal detail = {""};

    if (opt->conn_file && !connection_read(&run->connection, opt->conn_file, opt->realm, &detail)) {
        return refuse(why, "--conn-file %.200s: %.280s", opt->conn_file, detail.text);
    }
    return password_of_connection(&run->password, &run->connection, why);
}

bool run_open(struct run *run, const struct options *opt)
{
    struct refusal why = {""};

    *run = (struct run){.opt = opt, .signal_fd = -1, .started_ms = now_ms()};
    progress_init(&run->progress, opt->progress);
    if (!logger_open(&run->log, opt, &why) || !password_open(&run->password, opt, &why) ||
        !read_connection(run, &why)) {
        run_refuse(run, &why);
        return false;
    }
    run->log.progress = &run->progress;
    if (!catch_signals(run)) {
        message_set_errno(&run->err, errno, NULL, NULL);
        run_fail(run);
        return false;
    }
    if (opt->tmpdir && !make_tmpdir(run, &why)) {
        run_fail_at(run, LSMB_E_LOCAL, NULL, why.text);
        return false;
    }
    if (!new_context(run)) {
        run_fail(run);
        return false;
    }
    run->deadline_ms = opt->deadline_ms > 0 ? run->started_ms + opt->deadline_ms : 0;
    return true;
}

static void print_stats(const struct run *run)
{
    const struct options *opt = run->opt;
    struct lsmb_share_info info = {.size = sizeof info};
    int64_t elapsed = now_ms() - run->started_ms;
    struct stats_run about = {
        .elapsed_ms = elapsed > 0 ? (uint64_t)elapsed : 0,
        .about = {.window_bytes = window_of(opt)},
    };

    if (run->progress.tree) {
        about.about.connections = opt->connections ? opt->connections : LSMB_CONNECTIONS_DEFAULT;
    }
    if (run->share || run->target_share) {
        lsmb_share_info(run->share ? run->share : run->target_share, &info);
        about.about.signing = info.signing;
        about.about.sealing = info.sealing;
        about.about.signing_alg = info.signing_alg;
        about.about.cipher = info.cipher;
    }
    stats_print(run->smb, &about, opt->json);
}

void run_close(struct run *run)
{
    if (run->opt->stats && run->smb) {
        print_stats(run);
    }
    if (!run->abandoned) {
        lsmb_share_close(run->share);
        lsmb_share_close(run->target_share);
        lsmb_s3_free(run->s3);
    }
    lsmb_free(run->smb);
    location_free(&run->linked);
    location_free(&run->linked_target);
    password_close(&run->password);
    connection_free(&run->connection);
    if (run->tmpdir_made) {
        (void)rmdir(run->opt->tmpdir); /* whoever put something there may keep it */
    }
    if (run->signal_fd >= 0) {
        (void)close(run->signal_fd);
    }
    logger_close(&run->log);
}

void run_done(void *arg, const struct lsmb_error *err)
{
    struct run *run = arg;

    run->finished = true;
    run->err = err ? *err : (struct lsmb_error){.code = LSMB_OK};
}

static const char *signal_name(int number)
{
    switch (number) {
    case SIGINT: return "SIGINT";
    case SIGTERM: return "SIGTERM";
    case SIGHUP: return "SIGHUP";
    default: return "a signal";
    }
}

static void cancel(struct run *run, struct lsmb_job *job, enum lsmb_code code, const char *reason)
{
    message_set(&run->err, code, NULL, reason);
    lsmb_job_cancel(job, &run->err);
    run->give_up_ms = now_ms() + GRACE_MS;
}

/* The next signal that came; 0: none. */
static int next_signal(struct run *run)
{
    struct signalfd_siginfo info;

    return read(run->signal_fd, &info, sizeof info) == (ssize_t)sizeof info ? (int)info.ssi_signo
                                                                            : 0;
}

void run_note_signal(struct run *run)
{
    char reason[64];
    int number = next_signal(run);

    run->signal = number ? number : SIGINT;
    (void)snprintf(reason, sizeof reason, "ended by %s", signal_name(run->signal));
    message_set(&run->err, LSMB_E_CANCELLED, NULL, reason);
}

/* The first signal cancels the job; the second ends the wait for it. */
static void take_signals(struct run *run, struct lsmb_job *job)
{
    char reason[64];

    for (int number = next_signal(run); number != 0; number = next_signal(run)) {
        if (run->signal != 0) {
            run->abandoned = true;
            break;
        }
        run->signal = number;
        (void)snprintf(reason, sizeof reason, "ended by %s", signal_name(number));
        if (run->give_up_ms == 0) {
            cancel(run, job, LSMB_E_CANCELLED, reason);
        }
    }
}

static void watch_clock(struct run *run, struct lsmb_job *job)
{
    char reason[128];
    int64_t now = now_ms();

    if (run->give_up_ms > 0 && now >= run->give_up_ms) {
        run->abandoned = true;
    } else if (run->give_up_ms == 0 && run->deadline_ms > 0 && now >= run->deadline_ms) {
        (void)snprintf(reason, sizeof reason, "deadline of %.40s has passed", run->opt->deadline);
        cancel(run, job, LSMB_E_TIMEOUT, reason);
    }
}

/* The smaller of two waits, of which -1 has no end. */
static int64_t sooner(int64_t a, int64_t b)
{
    return a < 0 || (b >= 0 && b < a) ? b : a;
}

static int wait_ms(const struct run *run)
{
    int64_t end = run->give_up_ms > 0 ? run->give_up_ms : run->deadline_ms;
    int64_t left = end > 0 ? end - now_ms() : -1;

    if (end > 0 && left < 0) {
        left = 0;
    }
    left = sooner(left, progress_wait_ms(&run->progress));
    return left > 60000 ? 60000 : (int)left;
}

bool run_wait(struct run *run, struct lsmb_job *job)
{
    struct pollfd fds[] = {{.fd = lsmb_fd(run->smb), .events = POLLIN},
                           {.fd = run->signal_fd, .events = POLLIN}};

    if (!job) {
        message_set(&run->err, LSMB_E_NOMEM, NULL, "out of memory");
        return false;
    }
    run->finished = false;
    while (!run->finished && !run->abandoned) {
        if (poll(fds, 2, wait_ms(run)) < 0 && errno != EINTR) {
            message_set_errno(&run->err, errno, NULL, NULL);
            run->abandoned = true;
            break;
        }
        take_signals(run, job);
        watch_clock(run, job);
        if (!run->abandoned && lsmb_turn(run->smb, 0) != LSMB_OK) {
            message_set(&run->err, LSMB_E_LOCAL, NULL, "the system refuses to poll");
            run->abandoned = true;
        }
        progress_tick(&run->progress);
    }
    return run->finished && run->err.code == LSMB_OK;
}

static void count(struct run *run, int status)
{
    run->status = run->status ? run->status : status;
}

static void report(struct run *run)
{
    char text[TEXT_MAX];

    progress_end(&run->progress, false);
    logger_failure(&run->log, lsmb_error_text(&run->err, text, sizeof text));
}

void run_fail(struct run *run)
{
    report(run);
    count(run, message_exit_status(&run->err, run->signal));
}

void run_fail_partly(struct run *run)
{
    report(run);
    count(run, run_may_go_on(run) ? EXIT_PARTLY : message_exit_status(&run->err, run->signal));
}

void run_refuse(struct run *run, const struct refusal *why)
{
    char text[TEXT_MAX];
    const char *command = run->opt->command->name;

    message_set(&run->err, LSMB_E_USAGE, NULL, why->text);
    (void)snprintf(text, sizeof text, "%s: %s", command, why->text);
    logger_failure(&run->log, text);
    count(run, EXIT_USAGE);
}

void run_fail_at(struct run *run, enum lsmb_code code, const struct location *where,
                 const char *reason)
{
    char path[sizeof run->err.path];

    message_set(&run->err, code, where ? location_show(where, path, sizeof path) : NULL, reason);
    run_fail(run);
}

void run_no_memory(struct run *run)
{
    run_fail_at(run, LSMB_E_NOMEM, NULL, "out of memory");
}

bool run_may_go_on(const struct run *run)
{
    switch (run->err.code) {
    case LSMB_OK:
    case LSMB_E_USAGE:
    case LSMB_E_LOCAL:
    case LSMB_E_DENIED:
    case LSMB_E_NOT_FOUND:
    case LSMB_E_CHANGED:
    case LSMB_E_STATUS: return !run->abandoned && !run->unconnected && run->signal == 0;
    case LSMB_E_NOMEM:
    case LSMB_E_NETWORK:
    case LSMB_E_TIMEOUT:
    case LSMB_E_PROTOCOL:
    case LSMB_E_SECURITY:
    case LSMB_E_POLICY:
    case LSMB_E_AUTH:
    case LSMB_E_PARTLY:
    case LSMB_E_CANCELLED: break;
    }
    return false;
}
