/* run.c: start a program and report what it alone took.
 *
 *     run REPORT PROGRAM [ARGUMENT...]
 *
 * Writes "WALL USER SYSTEM PEAK" to the file REPORT (seconds, seconds, seconds, KiB) and ends as the
 * program did.  The kernel counts what a process was before its exec, too: a child of a large
 * interpreter has the interpreter's peak.  This is why so small a program stands between. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec at;

    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static int report(const char *path, double wall, const struct rusage *usage)
{
    FILE *out = fopen(path, "w");

    if (!out) {
        return -1;
    }
    int printed = fprintf(out, "%.6f %.6f %.6f %ld\n", wall, seconds(usage->ru_utime),
                          seconds(usage->ru_stime), usage->ru_maxrss);
    return fclose(out) == 0 && printed > 0 ? 0 : -1;
}

int main(int argc, char **argv)
{
    struct rusage usage;
    int status;

    if (argc < 3) {
        return 2;
    }
    double began = now();
    pid_t child = fork();
    if (child == 0) {
        (void)execvp(argv[2], argv + 2);
        (void)fprintf(stderr, "run: %s: %s\n", argv[2], strerror(errno));
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) < 0 ||
        report(argv[1], now() - began, &usage) < 0) {
        perror("run");
        return EXIT_FAILURE;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
