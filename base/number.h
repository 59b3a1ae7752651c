/* number.h: the lesser of two numbers, of the type of the second, in which it fits. */
#ifndef LSMB_BASE_NUMBER_H
#define LSMB_BASE_NUMBER_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of a file, nanoseconds: */
static inline uint64_t least64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* What goes into a field of a message: */
static inline uint32_t least32(uint64_t a, uint32_t b)
{
    return a < b ? (uint32_t)a : b;
}

/* What lies in memory: */
static inline size_t least_size(uint64_t a, size_t b)
{
    return a < b ? (size_t)a : b;
}

#endif
