#include "test/conformance/report.h"
#include "tools/json.h"
#include "tools/show.h"

#include <string.h>

enum { REASONS_MAX = 99, COLUMN = 16, WHY_TEXT = 1600 };

static const char *outcome_text(enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_OK: return "ok";
    case OUTCOME_CANNOT: return "skipped";
    case OUTCOME_FAILED: return "failed";
    }
    return "";
}

void report_tap(FILE *to, unsigned number, const struct result *result)
{
    const struct visit *v = &result->visit;
    char protection[PROTECTION_TEXT], why[WHY_TEXT];

    show_safe(why, sizeof why, v->why);
    (void)fprintf(to, "%sok %u - %s, %s, %s%s%s\n", v->outcome == OUTCOME_FAILED ? "not " : "",
                  number, protection_text(&result->cell.protection, protection),
                  logon_text(result->cell.logon), transport_text(result->cell.transport),
                  v->outcome == OUTCOME_CANNOT ? " # SKIP " : "",
                  v->outcome == OUTCOME_CANNOT ? why : "");
    if (v->outcome == OUTCOME_FAILED) {
        (void)fprintf(to, "  # %s: %s\n", v->what, why);
    }
    (void)fflush(to);
}

/* Why combinations could not be had, each reason once. */
struct reasons {
    const char *text[REASONS_MAX];
    size_t n;
};

/* The number of a reason, from 1 on; 0 when there are too many. */
static size_t reason_number(struct reasons *reasons, const char *why)
{
    for (size_t i = 0; i < reasons->n; i++) {
        if (strcmp(reasons->text[i], why) == 0) {
            return i + 1;
        }
    }
    if (reasons->n == REASONS_MAX) {
        return 0;
    }
    reasons->text[reasons->n++] = why;
    return reasons->n;
}

static const struct result *find(const struct result *results, size_t n, const struct cell *cell)
{
    for (size_t i = 0; i < n; i++) {
        if (cell_same(&results[i].cell, cell)) {
            return &results[i];
        }
    }
    return NULL;
}

static void print_cell(FILE *to, const struct result *result, struct reasons *reasons)
{
    char number[COLUMN];

    if (!result) {
        (void)fprintf(to, " %-*s", COLUMN, ".");
    } else if (result->visit.outcome == OUTCOME_CANNOT) {
        (void)snprintf(number, sizeof number, "- [%zu]", reason_number(reasons, result->visit.why));
        (void)fprintf(to, " %-*s", COLUMN, number);
    } else {
        (void)fprintf(to, " %-*s", COLUMN, result->visit.outcome == OUTCOME_OK ? "ok" : "FAILED");
    }
}

/* Whether a column has anything in it. */
static bool used(const struct result *results, size_t n, enum transport transport, enum logon logon)
{
    for (size_t i = 0; i < n; i++) {
        if (results[i].cell.transport == transport && results[i].cell.logon == logon) {
            return true;
        }
    }
    return false;
}

/* One row; without a protection the headings. */
static void print_row(FILE *to, const struct result *results, size_t n, struct reasons *reasons,
                      const struct protection *protection)
{
    char text[PROTECTION_TEXT];

    (void)fprintf(to, "# %-26s", protection ? protection_text(protection, text) : "");
    for (unsigned column = 0; column < TRANSPORT_COUNT * LOGON_COUNT; column++) {
        struct cell cell = {.transport = column / LOGON_COUNT, .logon = column % LOGON_COUNT};
        if (!used(results, n, cell.transport, cell.logon)) {
            continue;
        }
        if (protection) {
            cell.protection = *protection;
            print_cell(to, find(results, n, &cell), reasons);
        } else {
            (void)snprintf(text, sizeof text, "%s %s", transport_text(cell.transport),
                           logon_text(cell.logon));
            (void)fprintf(to, " %-*s", COLUMN, text);
        }
    }
    (void)fputc('\n', to);
}

void report_matrix(FILE *to, const struct result *results, size_t n)
{
    struct reasons reasons = {.n = 0};
    char safe[WHY_TEXT];

    (void)fputs("#\n", to);
    print_row(to, results, n, &reasons, NULL);
    for (size_t i = 0; i < protection_count; i++) {
        print_row(to, results, n, &reasons, &protections[i]);
    }
    (void)fputs("#\n# .: does not exist (guests and nobody have no keys)\n", to);
    for (size_t i = 0; i < reasons.n; i++) {
        show_safe(safe, sizeof safe, reasons.text[i]);
        (void)fprintf(to, "# [%zu]: %s\n", i + 1, safe);
    }
}

void report_json(FILE *to, const struct result *results, size_t n)
{
    struct json json;

    json_begin(&json, to, true);
    for (size_t i = 0; i < n; i++) {
        const struct cell *cell = &results[i].cell;
        json_begin_object(&json);
        json_text(&json, "dialect", dialect_text(cell->protection.dialect));
        json_text(&json, "signing", signing_text(cell->protection.signing_alg));
        json_text(&json, "cipher", cipher_text(cell->protection.cipher));
        json_text(&json, "logon", logon_text(cell->logon));
        json_text(&json, "transport", transport_text(cell->transport));
        json_text(&json, "outcome", outcome_text(results[i].visit.outcome));
        json_text(&json, "step", results[i].visit.what);
        json_text(&json, "reason", results[i].visit.why);
        json_number(&json, "ms", results[i].visit.ms);
        json_end_object(&json);
    }
    json_end(&json);
}
