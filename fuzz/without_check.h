/* without_check.h: the helpers of test/ in a fuzzer.
 *
 * They assert with libcheck, which outside a test run has nobody to report to, not even that all is
 * well.  Here a passed assertion is passed over, and a failed one aborts.  Include it once. */
#ifndef LSMB_FUZZ_WITHOUT_CHECK_H
#define LSMB_FUZZ_WITHOUT_CHECK_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

void _mark_point(const char *file, int line)
{
    (void)file;
    (void)line;
}

void _ck_assert_failed(const char *file, int line, const char *expr, const char *msg, ...)
{
    (void)fprintf(stderr, "%s:%d: %s %s\n", file, line, expr, msg ? msg : "");
    abort();
}

#endif
