/* api.c: parts of the library that the tool has no command for, against a real server.
 *
 *     LAVA_SMB_PASSWORD=... api HOST PORT USER SHARE COMMAND [ARGUMENT...]
 *
 * Prints what a command yields, one item a line, and ends with 0; with 1 after a failure, which it reports
 * as the tool would; with 2 when it was called wrongly. */
#include "lsmb.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct visit {
    struct lsmb *smb;
    struct lsmb_target target;
    struct lsmb_share *share;
    struct lsmb_error err;
};

/* ---------------------------------------------------------------- printing and reading */

static void print_hex(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        printf("%02x", bytes[i]);
    }
    printf("\n");
}

/* Bytes from hexadecimal, the caller's to free(); ends the program when there is no memory. */
static uint8_t *read_hex(const char *text, size_t *len)
{
    uint8_t *bytes = malloc(strlen(text) / 2 + 1);

    if (!bytes) {
        abort();
    }
    for (*len = 0; text[2 * *len] && text[2 * *len + 1]; (*len)++) {
        const char digits[] = {text[2 * *len], text[2 * *len + 1], '\0'};
        bytes[*len] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return bytes;
}

/* ---------------------------------------------------------------- commands */

static enum lsmb_code do_stat(struct visit *v, char **argv)
{
    struct lsmb_stat stat;
    enum lsmb_code code = lsmb_stat(v->share, argv[0], &stat, &v->err);

    if (code == LSMB_OK) {
        printf("%" PRIu64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRIx32 "\n",
               stat.bytes, stat.created, stat.accessed, stat.written, stat.changed,
               stat.attributes);
    }
    return code;
}

/* Times in nanoseconds, attributes in hexadecimal; 0 leaves one alone. */
static enum lsmb_code do_set(struct visit *v, char **argv)
{
    const struct lsmb_set set = {
        .size = sizeof set,
        .created = strtoll(argv[1], NULL, 10),
        .accessed = strtoll(argv[2], NULL, 10),
        .written = strtoll(argv[3], NULL, 10),
        .changed = strtoll(argv[4], NULL, 10),
        .attributes = (uint32_t)strtoul(argv[5], NULL, 16),
    };

    return lsmb_set(v->share, argv[0], &set, &v->err);
}

static bool count_entry(void *arg, const char *name, const struct lsmb_stat *stat)
{
    uint64_t *sums = arg; /* entries, bytes of names, bytes of files */

    sums[0]++;
    sums[1] += strlen(name);
    sums[2] += stat->bytes;
    return true;
}

static enum lsmb_code do_count(struct visit *v, char **argv)
{
    uint64_t sums[3] = {0};
    enum lsmb_code code = lsmb_list(v->share, argv[0], NULL, count_entry, sums, &v->err);

    if (code == LSMB_OK) {
        printf("%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", sums[0], sums[1], sums[2]);
    }
    return code;
}

static bool print_stream(void *arg, const char *name, uint64_t bytes)
{
    (void)arg;
    printf("%s %" PRIu64 "\n", name, bytes);
    return true;
}

static enum lsmb_code do_streams(struct visit *v, char **argv)
{
    return lsmb_streams(v->share, argv[0], print_stream, NULL, &v->err);
}

static bool print_ea(void *arg, const char *name, const void *value, size_t len)
{
    (void)arg;
    printf("%s ", name);
    print_hex(value, len);
    return true;
}

static enum lsmb_code do_ea_list(struct visit *v, char **argv)
{
    return lsmb_ea_list(v->share, argv[0], print_ea, NULL, &v->err);
}

static enum lsmb_code do_ea_set(struct visit *v, char **argv)
{
    size_t len;
    uint8_t *value = read_hex(argv[2], &len);
    enum lsmb_code code = lsmb_ea_set(v->share, argv[0], argv[1], value, len, &v->err);

    free(value);
    return code;
}

static enum lsmb_code do_security_get(struct visit *v, char **argv)
{
    uint32_t which = (uint32_t)strtoul(argv[1], NULL, 16);
    void *bytes;
    size_t len;
    enum lsmb_code code = lsmb_security_get(v->share, argv[0], which, &bytes, &len, &v->err);

    if (code == LSMB_OK) {
        print_hex(bytes, len);
    }
    free(bytes);
    return code;
}

static enum lsmb_code do_security_set(struct visit *v, char **argv)
{
    uint32_t which = (uint32_t)strtoul(argv[1], NULL, 16);
    size_t len;
    uint8_t *bytes = read_hex(argv[2], &len);
    enum lsmb_code code = lsmb_security_set(v->share, argv[0], which, bytes, len, &v->err);

    free(bytes);
    return code;
}

static bool print_name(void *arg, const char *name)
{
    (void)arg;
    printf("%s\n", name);
    return true;
}

static enum lsmb_code do_snapshots(struct visit *v, char **argv)
{
    return lsmb_snapshots(v->share, argv[0], print_name, NULL, &v->err);
}

/* To a share of the same session. */
static enum lsmb_code do_server_copy(struct visit *v, char **argv)
{
    struct lsmb_share *to = NULL;

    v->target.share = argv[1];
    enum lsmb_code code = lsmb_share_open(v->smb, &v->target, &to, &v->err);
    if (code == LSMB_OK) {
        code = lsmb_server_copy(v->share, argv[0], to, argv[2], &v->err);
    }
    lsmb_share_close(to);
    return code;
}

static const struct command {
    const char *name, *arguments;
    int count; /* of arguments */
    enum lsmb_code (*run)(struct visit *, char **argv);
} commands[] = {
    {"stat", "PATH", 1, do_stat},
    {"set", "PATH CREATED ACCESSED WRITTEN CHANGED ATTRIBUTES", 6, do_set},
    {"count", "PATH", 1, do_count},
    {"streams", "PATH", 1, do_streams},
    {"ea-list", "PATH", 1, do_ea_list},
    {"ea-set", "PATH NAME VALUE", 3, do_ea_set},
    {"security-get", "PATH WHICH", 2, do_security_get},
    {"security-set", "PATH WHICH DESCRIPTOR", 3, do_security_set},
    {"snapshots", "PATH", 1, do_snapshots},
    {"server-copy", "FROM SHARE TO", 3, do_server_copy},
};

/* ---------------------------------------------------------------- the program */

enum { HOST = 1, PORT, USER, SHARE, COMMAND, ARGUMENTS };

static int usage(void)
{
    (void)fprintf(stderr, "usage: api HOST PORT USER SHARE COMMAND [ARGUMENT...]\n");
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        (void)fprintf(stderr, "       ... %s %s\n", commands[i].name, commands[i].arguments);
    }
    return 2;
}

static const struct command *find(int argc, char **argv)
{
    for (size_t i = 0; argc > COMMAND && i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(commands[i].name, argv[COMMAND]) == 0 && argc - ARGUMENTS == commands[i].count) {
            return &commands[i];
        }
    }
    return NULL;
}

static int complain(const struct lsmb_error *err)
{
    char line[1600];

    (void)fprintf(stderr, "api: %s\n", lsmb_error_text(err, line, sizeof line));
    return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    const struct command *command = find(argc, argv);
    struct visit v = {0};

    if (!command) {
        return usage();
    }
    v.smb = lsmb_new(NULL, &v.err);
    if (!v.smb) {
        return complain(&v.err);
    }
    v.target = (struct lsmb_target){
        .size = sizeof v.target,
        .host = argv[HOST],
        .port = (uint16_t)strtoul(argv[PORT], NULL, 10),
        .share = argv[SHARE],
        .user = argv[USER],
        .password = getenv("LAVA_SMB_PASSWORD"),
    };
    enum lsmb_code code = lsmb_share_open(v.smb, &v.target, &v.share, &v.err);
    if (code == LSMB_OK) {
        code = command->run(&v, argv + ARGUMENTS);
    }
    lsmb_share_close(v.share);
    lsmb_free(v.smb);
    if (fflush(stdout) != 0) {
        return EXIT_FAILURE;
    }
    return code == LSMB_OK ? EXIT_SUCCESS : complain(&v.err);
}
