/* run.h: the main() of a test program: return RUN_TESTS("base/op", a_test, another_test); */
#ifndef LSMB_TEST_RUN_H
#define LSMB_TEST_RUN_H

#include <check.h>
#include <stdlib.h>

#define RUN_TESTS(name, ...) run_tests(name, (const TTest *const[]){__VA_ARGS__, NULL})

static inline int run_tests(const char *name, const TTest *const *tests)
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);
    SRunner *runner = srunner_create(suite);

    for (; *tests; tests++) {
        tcase_add_test(tcase, *tests);
    }
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
