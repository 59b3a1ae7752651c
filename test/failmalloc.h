/* failmalloc.h: memory that runs out when a test wants it to.
 *
 * For one file of a test program, which gets its own malloc(), calloc(), realloc(), strdup() by it: a
 * header, so that other programs keep the system's.  Under AddressSanitizer the memory comes from there,
 * with all its checks.
 *
 *     fail_malloc(7, false);             // the eighth allocation from now fails, and no other
 *     ... what is tested ...
 *     bool failed = fail_malloc_off();   // false: there were not so many
 *
 * fail_malloc_pause(true) to fail_malloc_pause(false): what allocates now is not counted. */
#ifndef LSMB_TEST_FAILMALLOC_H
#define LSMB_TEST_FAILMALLOC_H

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define FAILMALLOC_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FAILMALLOC_ASAN 1
#endif
#endif

/* What stands behind the names that this file takes: the sanitizer's, or glibc's own. */
#ifdef FAILMALLOC_ASAN
#define BEHIND(name) __interceptor_##name
#else
#define BEHIND(name) __libc_##name
#endif

void *BEHIND(malloc)(size_t len);
void *BEHIND(calloc)(size_t count, size_t len);
void *BEHIND(realloc)(void *old, size_t len);

/* Shared libraries are to find these, too. */
#define INSTEAD __attribute__((visibility("default")))

static struct {
    bool on, paused, for_good, failed;
    unsigned left;
} failing;

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): the system's names are reserved */

static bool fails_now(void)
{
    if (!failing.on || failing.paused) {
        return false;
    }
    if (failing.failed) {
        return failing.for_good;
    }
    failing.failed = failing.left-- == 0;
    return failing.failed;
}

INSTEAD void *malloc(size_t len)
{
    if (fails_now()) {
        errno = ENOMEM;
        return NULL;
    }
    return BEHIND(malloc)(len);
}

INSTEAD void *calloc(size_t count, size_t len)
{
    if (fails_now()) {
        errno = ENOMEM;
        return NULL;
    }
    return BEHIND(calloc)(count, len);
}

INSTEAD void *realloc(void *old, size_t len)
{
    if (fails_now()) {
        errno = ENOMEM;
        return NULL;
    }
    return BEHIND(realloc)(old, len);
}

INSTEAD char *strdup(const char *text)
{
    size_t len = strlen(text) + 1;
    char *copy = malloc(len);

    return copy ? memcpy(copy, text, len) : NULL;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

/* Let the allocation after the next `skip` fail, and if it is `for_good` all that follow. */
static inline void fail_malloc(unsigned skip, bool for_good)
{
    failing.left = skip;
    failing.for_good = for_good;
    failing.failed = failing.paused = false;
    failing.on = true;
}

/* Memory is back.  False: it never ran out. */
static inline bool fail_malloc_off(void)
{
    failing.on = false;
    return failing.failed;
}

static inline void fail_malloc_pause(bool paused)
{
    failing.paused = paused;
}

#endif
