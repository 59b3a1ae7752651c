/* conformance.c: try a server with every dialect, signature, cipher, logon and transport.
 *
 * Each combination moves a file there and back in a folder of the caller's choice and takes it away again.
 * The result is TAP on standard output, with the matrix at its end, and JSON on request.  What a server
 * does not do is skipped with what it said; only what it promised and broke is a failure. */
#include "test/conformance/arguments.h"
#include "test/conformance/report.h"
#include "tools/password.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_ALL_WELL = 0, EXIT_NOT_WELL = 1, EXIT_MISUSED = 2, SILENCE_MS = 20000 };

/* Every combination that exists and was asked for, in the order of the matrix's columns.  NULL without
 * memory. */
static struct result *list_cells(const struct arguments *args, size_t *n)
{
    const unsigned rows = (unsigned)protection_count, all = rows * LOGON_COUNT * TRANSPORT_COUNT;
    struct result *results = calloc(all, sizeof *results);

    *n = 0;
    for (unsigned i = 0; results && i < all; i++) {
        unsigned column = i / rows;
        struct cell cell = {protections[i % rows], column % LOGON_COUNT, column / LOGON_COUNT};
        if (args->transports[cell.transport] && args->logons[cell.logon] && cell_exists(&cell)) {
            results[(*n)++].cell = cell;
        }
    }
    return results;
}

static bool write_json(const char *file, const struct result *results, size_t n)
{
    FILE *to = fopen(file, "we");
    bool ok = to != NULL;

    if (to) {
        report_json(to, results, n);
        ok = ferror(to) == 0;
        ok = fclose(to) == 0 && ok;
    }
    if (!ok) {
        (void)fprintf(stderr, "conformance: %s: %s\n", file, strerror(errno));
    }
    return ok;
}

static int try_all(const struct arguments *args, const struct place *place)
{
    unsigned worked = 0, failed = 0;
    size_t n = 0;
    struct result *results = list_cells(args, &n);

    if (!results) {
        (void)fputs("conformance: out of memory\n", stderr);
        return EXIT_NOT_WELL;
    }
    (void)printf("TAP version 13\n1..%zu\n", n);
    for (size_t i = 0; i < n; i++) {
        visit_make(&results[i].visit, place, &results[i].cell);
        report_tap(stdout, (unsigned)i + 1, &results[i]);
        worked += results[i].visit.outcome == OUTCOME_OK;
        failed += results[i].visit.outcome == OUTCOME_FAILED;
    }
    report_matrix(stdout, results, n);
    bool written = !args->json_file || write_json(args->json_file, results, n);
    free(results);
    (void)printf("# %u worked, %u failed, %zu could not be had\n", worked, failed,
                 n - worked - failed);
    return failed == 0 && worked > 0 && written ? EXIT_ALL_WELL : EXIT_NOT_WELL;
}

/* Find out where to and as whom. */
static bool prepare(const struct arguments *args, struct location *where, struct password *password,
                    struct refusal *why)
{
    const struct options opt = {.password_file = args->password_file,
                                .credentials_file = args->credentials_file};
    char account[512];

    if (!location_parse(where, args->url, why)) {
        return false;
    }
    if (where->kind != LOCATION_SMB || !where->share || !where->user) {
        return refuse(why, "write smb://USER@HOST/SHARE");
    }
    (void)snprintf(account, sizeof account, "%s@%s", where->user, where->host);
    return password_open(password, &opt, why) && password_find(password, account, -1, why);
}

int main(int argc, char **argv)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct location where = {.host = NULL};
    struct password password = {.page = NULL};
    struct arguments args;
    struct refusal why = {""};
    int status = EXIT_MISUSED;

    (void)argc;
    (void)sigaction(SIGPIPE, &ignore, NULL);
    if (!arguments_parse(&args, argv, &why)) {
        (void)fprintf(stderr, "conformance: %s\n%s", why.text, arguments_usage);
        return EXIT_MISUSED;
    }
    if (args.help) {
        (void)fputs(arguments_usage, stdout);
        return EXIT_ALL_WELL;
    }
    if (prepare(&args, &where, &password, &why)) {
        struct place place = {.where = &where,
                              .password = password.text,
                              .nbt_port = args.nbt_port,
                              .bytes = (size_t)args.bytes,
                              .silence_ms = SILENCE_MS};
        status = try_all(&args, &place);
    } else {
        (void)fprintf(stderr, "conformance: %s\n", why.text);
    }
    password_close(&password);
    location_free(&where);
    return status;
}
