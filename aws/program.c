#include "aws/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/secret.h"

extern char **environ;

/* How often it is looked at whether it has ended, been given up or run out of time. */
enum { LOOK_MS = 20, OUTPUT = 0, COMPLAINT = 1 };

/* The helper's view of it. */
struct child {
    struct program *program;
    pid_t pid;
    int from[2]; /* where its output and its complaint come from; -1: no more of it */
};

/* ---------------------------------------------------------------- beginning */

/* A pipe whose ends cannot be taken for standard streams, also where the host has closed those. */
static bool open_pipe(int ends[2])
{
    int made[2];

    if (pipe2(made, O_CLOEXEC) != 0) {
        return false;
    }
    for (unsigned i = 0; i < 2; i++) {
        ends[i] = fcntl(made[i], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        int failed = errno;
        (void)close(made[i]);
        errno = failed;
    }
    if (ends[0] >= 0 && ends[1] >= 0) {
        return fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0;
    }
    return false;
}

static void close_all(int *fds, size_t count)
{
    int kept = errno;

    for (size_t i = 0; i < count; i++) {
        if (fds[i] >= 0) {
            (void)close(fds[i]);
        }
        fds[i] = -1;
    }
    errno = kept;
}

/* What the child does with its descriptors.  An errno, or 0. */
static int add_actions(posix_spawn_file_actions_t *actions, int output, int complaint)
{
    int failed = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);

    if (!failed) {
        failed = posix_spawn_file_actions_adddup2(actions, output, STDOUT_FILENO);
    }
    if (!failed) {
        failed = posix_spawn_file_actions_adddup2(actions, complaint, STDERR_FILENO);
    }
#ifdef __GLIBC_PREREQ
#if __GLIBC_PREREQ(2, 34)
    if (!failed) { /* the host's need not be close-on-exec */
        failed = posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
    }
#endif
#endif
    return failed;
}

/* Signals as a shell would give them: nothing blocked, nothing ignored.  A helper has all of them blocked, and a host may
 * ignore SIGPIPE.  An errno, or 0. */
static int set_signals(posix_spawnattr_t *attributes)
{
    sigset_t none, all;

    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    int failed = posix_spawnattr_setsigmask(attributes, &none);
    if (!failed) {
        failed = posix_spawnattr_setsigdefault(attributes, &all);
    }
    if (!failed) {
        failed =
            posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }
    return failed;
}

/* What is in our environment but for one secret, which is not for this program.  The caller's to free (the array alone);
 * NULL without memory. */
static char **environment_for_it(void)
{
    static const char password[] = "LAVA_SMB_PASSWORD=";
    size_t count = 0;
    size_t kept = 0;

    while (environ && environ[count]) {
        count++;
    }
    char **out = calloc(count + 1, sizeof *out);
    for (size_t i = 0; out && i < count; i++) {
        if (strncmp(environ[i], password, sizeof password - 1) != 0) {
            out[kept++] = environ[i];
        }
    }
    return out;
}

static int run_it(struct child *child, const posix_spawn_file_actions_t *actions,
                  const posix_spawnattr_t *attributes)
{
    char **argv = child->program->argv;
    char **environment = environment_for_it();

    if (!environment) {
        return ENOMEM;
    }
    int failed = posix_spawnp(&child->pid, argv[0], actions, attributes, argv, environment);
    free(environment);
    return failed;
}

static int spawn(struct child *child, int output, int complaint)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int failed = posix_spawn_file_actions_init(&actions);

    if (failed) {
        return failed;
    }
    failed = posix_spawnattr_init(&attributes);
    if (!failed) {
        failed = add_actions(&actions, output, complaint);
        if (!failed) {
            failed = set_signals(&attributes);
        }
        if (!failed) {
            failed = run_it(child, &actions, &attributes);
        }
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return failed;
}

/* An errno, or 0: it runs. */
static int begin(struct child *child)
{
    int ends[4] = {-1, -1, -1, -1}; /* of its output, of its complaint: to read and to write */
    int failed = 0;

    if (!open_pipe(&ends[0]) || !open_pipe(&ends[2])) {
        failed = errno;
    } else {
        failed = spawn(child, ends[1], ends[3]);
    }
    if (failed) {
        close_all(ends, 4);
        return failed;
    }
    child->from[OUTPUT] = ends[0];
    child->from[COMPLAINT] = ends[2];
    close_all(&ends[1], 1);
    close_all(&ends[3], 1);
    return 0;
}

/* ---------------------------------------------------------------- what it says */

static void keep(struct program *p, unsigned which, const char *bytes, size_t len)
{
    if (which == COMPLAINT) { /* the rest is read, so that it can go on, and dropped */
        size_t room = sizeof p->complaint - 1 - p->complaint_len;
        size_t taken = len < room ? len : room;
        memcpy(p->complaint + p->complaint_len, bytes, taken);
        p->complaint_len += taken;
        return;
    }
    if (len > PROGRAM_SAYS_MAX - p->says_len) {
        p->too_long = true;
        return;
    }
    memcpy(p->says + p->says_len, bytes, len);
    p->says_len += len;
}

/* Read what is there. */
static void drain(struct child *child, unsigned which)
{
    char bytes[4096];

    while (child->from[which] >= 0 && !child->program->too_long) {
        ssize_t n = read(child->from[which], bytes, sizeof bytes);
        if (n > 0) {
            keep(child->program, which, bytes, (size_t)n);
        } else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
            close_all(&child->from[which], 1);
        } else if (errno == EAGAIN) {
            break;
        }
    }
    secret_erase(bytes, sizeof bytes);
}

/* Whether it has ended.  It is asked for by its number alone: other children are the host's.  ECHILD: the host ignores
 * SIGCHLD, or waits for all there are. */
static bool reap(struct child *child, int how)
{
    pid_t got;

    do {
        got = waitpid(child->pid, &child->program->status, how);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        child->program->status = -1;
    }
    return got != 0;
}

static uint64_t now_ns(void)
{
    return clock_system.monotonic_ns(&clock_system);
}

static void attend(struct child *child)
{
    struct program *p = child->program;
    uint64_t end_ns = now_ns() + p->limit_ms * NS_PER_MS;

    for (;;) {
        struct pollfd fds[2] = {{child->from[OUTPUT], POLLIN, 0},
                                {child->from[COMPLAINT], POLLIN, 0}};
        (void)poll(fds, 2, LOOK_MS);
        /* First whether it has ended: then what is there is all of it, whoever else may hold its pipes. */
        bool ended = reap(child, WNOHANG);
        drain(child, OUTPUT);
        drain(child, COMPLAINT);
        if (ended) {
            return;
        }
        p->timed_out = now_ns() >= end_ns;
        if (p->timed_out || p->too_long || atomic_load(&p->stop)) {
            (void)kill(child->pid, SIGKILL);
            (void)reap(child, 0);
            return;
        }
    }
}

static void run(struct job *job)
{
    struct program *p = CONTAINER_OF(job, struct program, job);
    struct child child = {.program = p, .from = {-1, -1}};

    p->os_errno = begin(&child);
    if (p->os_errno == 0) {
        attend(&child);
        close_all(child.from, 2);
    }
}

/* ---------------------------------------------------------------- the loop's side */

static void release(struct job *job)
{
    struct program *p = CONTAINER_OF(job, struct program, job);

    if (p->says) {
        secret_erase(p->says, PROGRAM_SAYS_MAX + 1);
    }
    free(p->says);
    free(p->argv);
    free(p);
}

struct program *program_start(struct env *env, char **argv, uint32_t limit_ms, struct ready *done)
{
    struct program *p = calloc(1, sizeof *p);

    if (!p) {
        free(argv);
        return NULL;
    }
    p->job = (struct job){.work = run, .release = release, .done = done};
    p->argv = argv;
    p->limit_ms = limit_ms;
    atomic_init(&p->stop, false);
    p->says = calloc(1, PROGRAM_SAYS_MAX + 1);
    if (!p->says || !env->jobs->submit(env->jobs, &p->job)) {
        job_release(&p->job);
        return NULL;
    }
    return p;
}

void program_drop(struct program *program)
{
    if (program) {
        atomic_store(&program->stop, true);
        job_release(&program->job);
    }
}

/* The first line of its complaint that says something, without the line end. */
static struct span first_line(const struct program *p)
{
    const char *at = p->complaint + strspn(p->complaint, " \t\r\n");

    return (struct span){(const uint8_t *)at, strcspn(at, "\r\n")};
}

bool program_succeeded(const struct program *p, struct lsmb_error *err)
{
    struct span line = first_line(p);
    const char *said = (const char *)line.ptr;
    int room = (int)line.len;

    if (p->os_errno != 0) {
        error_errno(err, p->os_errno, p->argv[0]);
    } else if (p->too_long) {
        error_set(err, LSMB_E_LOCAL, "%s wrote more than %d bytes", p->argv[0], PROGRAM_SAYS_MAX);
    } else if (p->timed_out) {
        error_set(err, LSMB_E_TIMEOUT, "%s did not end within %u s", p->argv[0],
                  p->limit_ms / 1000);
    } else if (p->status > 0 && WIFSIGNALED(p->status)) {
        error_set(err, LSMB_E_LOCAL, "%s was ended by signal %d", p->argv[0], WTERMSIG(p->status));
    } else if (p->status > 0) {
        error_set(err, LSMB_E_LOCAL, "%s failed with status %d%s%.*s", p->argv[0],
                  WEXITSTATUS(p->status), room > 0 ? ": " : "", room, said);
    } else {
        return true;
    }
    return false;
}
