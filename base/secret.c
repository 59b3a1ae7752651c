#include "base/secret.h"

#include <assert.h>
#include <sys/mman.h>

/* A private mapping that is not dumped and, where the limit allows it, not swapped. */
static uint8_t *map_private(size_t len)
{
    void *mem = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (mem == MAP_FAILED) {
        return NULL;
    }
    /* Both are hardening: an old kernel or a small RLIMIT_MEMLOCK must not prevent a logon. */
    (void)madvise(mem, len, MADV_DONTDUMP);
    (void)mlock(mem, len);
    return mem;
}

bool secret_set(struct secret *secret, struct span bytes)
{
    /* Copied before the old one is wiped: `bytes` may be part of it. */
    uint8_t *copy = bytes.len > 0 ? map_private(bytes.len) : NULL;

    if (copy) {
        memcpy(copy, bytes.ptr, bytes.len);
    }
    secret_wipe(secret);
    if (!copy) {
        return bytes.len == 0;
    }
    secret->ptr = copy;
    secret->len = bytes.len;
    return true;
}

void secret_wipe(struct secret *secret)
{
    if (secret->ptr) {
        secret_erase(secret->ptr, secret->len);
        int failed = munmap(secret->ptr, secret->len);
        assert(!failed);
        (void)failed;
    }
    *secret = (struct secret){0};
}

void secret_erase(void *ptr, size_t len)
{
    if (len > 0) {
        explicit_bzero(ptr, len);
    }
}

bool secret_equal(const void *a, const void *b, size_t len)
{
    const volatile uint8_t *x = a, *y = b; /* volatile: no early way out */
    unsigned differ = 0;

    for (size_t i = 0; i < len; i++) {
        differ |= (unsigned)x[i] ^ y[i];
    }
    return differ == 0;
}
