/* openfiles.c: files held open, locks and watches against a real server, for cases_open.py.
 *
 *     LAVA_SMB_PASSWORD=... openfiles HOST PORT SHARE USER DIRECTORY io|lock|give-up
 *     LAVA_SMB_PASSWORD=... openfiles HOST PORT SHARE USER DIRECTORY watch CHANGES
 *
 * `watch` says "watching", then each change as "ACTION NAME" ("0 *": too many to tell), gives up after so
 * many and says how that ended.  Exit status 0: all went as it should; else stderr says what did not. */
#include "lsmb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEED(truth)                                                                                \
    do {                                                                                           \
        if (!(truth)) {                                                                            \
            wrong(__LINE__, #truth);                                                               \
        }                                                                                          \
    } while (0)

static struct lsmb *smb;
static struct lsmb_error err;

static void wrong(int line, const char *what)
{
    char text[1600];

    (void)fprintf(stderr, "openfiles: line %d: %s: %s\n", line, what,
                  lsmb_error_text(&err, text, sizeof text));
    exit(EXIT_FAILURE);
}

static struct lsmb_share *attach(char **argv)
{
    struct lsmb_target target = {.size = sizeof target,
                                 .host = argv[1],
                                 .port = (uint16_t)strtoul(argv[2], NULL, 10),
                                 .share = argv[3],
                                 .user = argv[4],
                                 .password = getenv("LAVA_SMB_PASSWORD")};
    struct lsmb_share *share;

    NEED(lsmb_share_open(smb, &target, &share, &err) == LSMB_OK);
    return share;
}

static struct lsmb_file *open_file(struct lsmb_share *share, const char *directory, unsigned flags)
{
    struct lsmb_file *file;
    char path[300];

    (void)snprintf(path, sizeof path, "%s/file", directory);
    NEED(lsmb_file_open(share, path, flags, &file, &err) == LSMB_OK);
    return file;
}

/* How a job ended. */
struct end {
    bool finished;
    enum lsmb_code code;
};

static void ended(void *arg, const struct lsmb_error *why)
{
    struct end *end = arg;

    end->finished = true;
    end->code = why ? why->code : LSMB_OK;
    if (why) {
        err = *why;
    }
}

/* ---------------------------------------------------------------- reading and writing */

enum { LONG = (5 << 20) + 7 };

static unsigned char out[LONG], in[LONG + 100];

/* Read so many bytes from `offset` to `in`, and find that so many are there. */
static void read_back(struct lsmb_file *file, size_t len, uint64_t offset, size_t want)
{
    size_t got;

    NEED(lsmb_file_read(file, in, len, offset, &got, &err) == LSMB_OK);
    NEED(got == want);
    NEED(memcmp(in, out + offset, want) == 0);
}

static void try_io(struct lsmb_share *share, const char *directory)
{
    static const char changed[] = {'c', 'h', 'a', 'n', 'g', 'e', 'd'};
    unsigned flags = LSMB_OPEN_READ | LSMB_OPEN_WRITE | LSMB_OPEN_CREATE | LSMB_OPEN_EXCLUSIVE;
    struct lsmb_file *file = open_file(share, directory, flags);
    struct lsmb_stat stat;

    for (size_t i = 0; i < LONG; i++) {
        out[i] = (unsigned char)(i * 31 + i / 509);
    }
    NEED(lsmb_file_write(file, out, LONG, 0, &err) == LSMB_OK);
    NEED(lsmb_file_flush(file, &err) == LSMB_OK);
    read_back(file, LONG + 100, 0, LONG);
    read_back(file, 100, LONG - 10, 10);
    read_back(file, 100, LONG, 0);
    memcpy(out + 1000000, changed, sizeof changed);
    NEED(lsmb_file_write(file, changed, sizeof changed, 1000000, &err) == LSMB_OK);
    read_back(file, LONG, 0, LONG);
    lsmb_file_stat(file, &stat);
    NEED(stat.bytes == 0);
    NEED(lsmb_file_close(file, &err) == LSMB_OK);
    file = open_file(share, directory, LSMB_OPEN_READ);
    lsmb_file_stat(file, &stat);
    NEED(stat.bytes == LONG);
    NEED(lsmb_file_close(file, &err) == LSMB_OK);
}

/* ---------------------------------------------------------------- locks */

static const struct lsmb_lock range = {10, 20, LSMB_LOCK_EXCLUSIVE};
static const struct lsmb_lock off = {10, 20, LSMB_UNLOCK};
static const struct lsmb_lock both[] = {{0, 5, LSMB_LOCK_SHARED}, {10, 1, LSMB_LOCK_SHARED}};

/* `file` has asked for the range, and the server has put it off. */
static struct lsmb_job *wait_for_range(struct lsmb_share *share, struct lsmb_file *file,
                                       struct end *end)
{
    struct lsmb_job *job = lsmb_file_lock_start(file, &range, 1, true, ended, end);

    NEED(job);
    for (int i = 0; i < 3; i++) {
        NEED(lsmb_share_echo(share, &err) == LSMB_OK);
    }
    NEED(!end->finished);
    return job;
}

static struct lsmb_file *mine, *yours; /* one file, opened twice */

static void open_both(struct lsmb_share *share, const char *directory)
{
    unsigned flags = LSMB_OPEN_READ | LSMB_OPEN_WRITE | LSMB_OPEN_CREATE;

    mine = open_file(share, directory, flags);
    yours = open_file(share, directory, flags);
    NEED(lsmb_file_write(mine, out, 40, 0, &err) == LSMB_OK);
    NEED(lsmb_file_lock(mine, &range, 1, false, &err) == LSMB_OK);
}

/* The code, and the server's reason. */
static void need_refusal(enum lsmb_code got, enum lsmb_code want, const char *status)
{
    NEED(got == want);
    NEED(strstr(err.reason, status) && err.advice[0]);
}

static void try_locks(struct lsmb_share *share, const char *directory)
{
    struct end end = {false, LSMB_OK};
    size_t got;

    open_both(share, directory);
    need_refusal(lsmb_file_lock(yours, &range, 1, false, &err), LSMB_E_DENIED, "LOCK_NOT_GRANTED");
    need_refusal(lsmb_file_lock(yours, both, 2, false, &err), LSMB_E_DENIED, "LOCK_NOT_GRANTED");
    need_refusal(lsmb_file_read(yours, in, 1, 15, &got, &err), LSMB_E_DENIED, "FILE_LOCK_CONFLICT");
    need_refusal(lsmb_file_lock(yours, &off, 1, false, &err), LSMB_E_STATUS, "RANGE_NOT_LOCKED");
    (void)wait_for_range(share, yours, &end);
    NEED(lsmb_file_lock(mine, &off, 1, false, &err) == LSMB_OK);
    NEED(lsmb_turn_until(smb, &end.finished) == LSMB_OK);
    NEED(end.code == LSMB_OK);
    NEED(lsmb_file_lock(mine, &range, 1, false, &err) == LSMB_E_DENIED);
    NEED(lsmb_file_close(yours, &err) == LSMB_OK);
    NEED(lsmb_file_lock(mine, both, 2, false, &err) == LSMB_OK);
    NEED(lsmb_file_close(mine, &err) == LSMB_OK);
}

static void try_giving_up(struct lsmb_share *share, const char *directory)
{
    struct end end = {false, LSMB_OK};

    open_both(share, directory);
    lsmb_job_cancel(wait_for_range(share, yours, &end), NULL);
    NEED(lsmb_turn_until(smb, &end.finished) == LSMB_OK && end.code == LSMB_E_CANCELLED);
    NEED(lsmb_file_lock(mine, &off, 1, false, &err) == LSMB_OK);
    NEED(lsmb_file_lock(mine, &range, 1, true, &err) == LSMB_OK);
    NEED(lsmb_file_close(yours, &err) == LSMB_OK);
    NEED(lsmb_file_close(mine, &err) == LSMB_OK);
}

/* ---------------------------------------------------------------- watching */

struct watch {
    struct lsmb_job *job;
    struct end end;
    unsigned left;
};

static bool hear(void *arg, uint32_t change, const char *name)
{
    struct watch *watch = arg;

    printf("%u %s\n", (unsigned)change, name ? name : "*");
    (void)fflush(stdout);
    if (--watch->left == 0) {
        lsmb_job_cancel(watch->job, NULL);
    }
    return true;
}

static void try_watching(struct lsmb_share *share, const char *directory, unsigned changes)
{
    struct lsmb_watch_options opt = {.size = sizeof opt, .recursive = true, .filter = 0x3};
    struct watch watch = {.left = changes};

    watch.job = lsmb_watch_start(share, directory, &opt, hear, &watch, ended, &watch.end);
    NEED(watch.job);
    for (int i = 0; i < 3; i++) { /* by then the server has put it off */
        NEED(lsmb_share_echo(share, &err) == LSMB_OK);
    }
    (void)puts("watching");
    (void)fflush(stdout);
    NEED(lsmb_turn_until(smb, &watch.end.finished) == LSMB_OK);
    printf("ended: %s\n", err.reason);
}

int main(int argc, char **argv)
{
    if (argc < 7) {
        return 2;
    }
    smb = lsmb_new(NULL, &err);
    NEED(smb);
    struct lsmb_share *share = attach(argv);
    if (strcmp(argv[6], "io") == 0) {
        try_io(share, argv[5]);
    } else if (strcmp(argv[6], "lock") == 0) {
        try_locks(share, argv[5]);
    } else if (strcmp(argv[6], "give-up") == 0) {
        try_giving_up(share, argv[5]);
    } else if (strcmp(argv[6], "watch") == 0 && argc > 7) {
        try_watching(share, argv[5], (unsigned)strtoul(argv[7], NULL, 10));
    } else {
        return 2;
    }
    lsmb_share_close(share);
    lsmb_free(smb);
    return EXIT_SUCCESS;
}
