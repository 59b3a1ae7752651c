/* report.h: what came of the visits: TAP, JSON, and the matrix for people. */
#ifndef LSMB_TEST_CONFORMANCE_REPORT_H
#define LSMB_TEST_CONFORMANCE_REPORT_H

#include "test/conformance/visit.h"

#include <stdio.h>

struct result {
    struct cell cell;
    struct visit visit;
};

/* One line of TAP, and what went wrong below it. */
void report_tap(FILE *to, unsigned number, const struct result *result);

/* The matrix as comments of TAP: a row for each protection, a column for each transport and logon; what
 * the server does not do has a number that is explained below. */
void report_matrix(FILE *to, const struct result *results, size_t n);

/* All of it as a JSON array. */
void report_json(FILE *to, const struct result *results, size_t n);

#endif
