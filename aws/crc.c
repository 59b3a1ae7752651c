/* crc.c: CRC-32, CRC-32C and CRC-64/NVME.
 *
 * All three are reflected, begin with all ones and end inverted, so that one arithmetic serves them: the bit of
 * x^0 is the highest, and a shift to the right multiplies by x. */
#include "aws/crc.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <string.h>
#include <zlib.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define CRC32_POLY     UINT64_C(0xEDB88320)
#define CRC32C_POLY    UINT64_C(0x82F63B78) /* RFC 3720 12.1 */
#define CRC64NVME_POLY UINT64_C(0x9A6C9329AC4BC9B5)

static unsigned crc_bytes(enum crc_kind kind)
{
    return kind == CRC_64NVME ? 8 : 4;
}

static uint64_t polynomial(enum crc_kind kind)
{
    switch (kind) {
    case CRC_NONE: break;
    case CRC_32: return CRC32_POLY;
    case CRC_32C: return CRC32C_POLY;
    case CRC_64NVME: return CRC64NVME_POLY;
    }
    return 0;
}

/* ---------------------------------------------------------------- polynomials */

/* Times x. */
static uint64_t shift(uint64_t poly, uint64_t v)
{
    return v & 1 ? v >> 1 ^ poly : v >> 1;
}

/* The bit of x^0. */
static uint64_t one_of(enum crc_kind kind)
{
    return UINT64_C(1) << (8 * crc_bytes(kind) - 1);
}

/* a * b modulo the polynomial. */
static uint64_t multiply(enum crc_kind kind, uint64_t a, uint64_t b)
{
    uint64_t poly = polynomial(kind), product = 0;

    for (uint64_t bit = one_of(kind); bit; bit >>= 1) {
        product ^= a & bit ? b : 0;
        b = shift(poly, b);
    }
    return product;
}

/* base ^ n modulo the polynomial. */
static uint64_t power(enum crc_kind kind, uint64_t base, uint64_t n)
{
    uint64_t product = one_of(kind);

    for (; n > 0; n >>= 1) {
        if (n & 1) {
            product = multiply(kind, product, base);
        }
        base = multiply(kind, base, base);
    }
    return product;
}

/* ---------------------------------------------------------------- tables */

enum { SLICES = 8 };

/* What 128 bits are multiplied by, 64 at a time, to be moved by some distance. */
struct factors {
    uint64_t first, second;
};

struct table {
    uint64_t of[SLICES][256];    /* of[n][b]: what the byte b adds n bytes later */
    struct factors stride, lane; /* STRIDE and LANE bytes */
};

enum { LANE = 16, LANES = 4, STRIDE = LANE * LANES };

static struct table tables[CRC_64NVME + 1]; /* constant, once they were made */
static pthread_once_t tables_made = PTHREAD_ONCE_INIT;

static void make_slices(struct table *t, uint64_t poly)
{
    for (unsigned b = 0; b < 256; b++) {
        uint64_t v = b;
        for (unsigned bit = 0; bit < 8; bit++) {
            v = shift(poly, v);
        }
        t->of[0][b] = v;
    }
    for (unsigned n = 1; n < SLICES; n++) {
        for (unsigned b = 0; b < 256; b++) {
            uint64_t before = t->of[n - 1][b];
            t->of[n][b] = before >> 8 ^ t->of[0][before & 0xFF];
        }
    }
}

/* For so many bytes: the first half of a lane has 64 bits more to go.  The lowest power is to be the highest of 64
 * bits, and a product of two reflected numbers comes out times x. */
static struct factors make_factors(enum crc_kind kind, unsigned bytes)
{
    uint64_t x = one_of(kind) >> 1;
    unsigned up = 64 - 8 * crc_bytes(kind);

    return (struct factors){power(kind, x, 8 * bytes + 63) << up, power(kind, x, 8 * bytes - 1)
                                                                      << up};
}

static void make_tables(void)
{
    for (enum crc_kind kind = CRC_32; kind <= CRC_64NVME; kind++) {
        make_slices(&tables[kind], polynomial(kind));
        tables[kind].stride = make_factors(kind, STRIDE);
        tables[kind].lane = make_factors(kind, LANE);
    }
}

static const struct table *table_of(enum crc_kind kind)
{
    (void)pthread_once(&tables_made, make_tables);
    return &tables[kind];
}

/* ---------------------------------------------------------------- eight bytes at a time
 *
 * M. E. Kounavis, F. L. Berry: "A Systematic Approach to Building High Performance, Software-based, CRC Generators". */

static uint64_t load64(const uint8_t *p)
{
    uint64_t v;

    memcpy(&v, p, sizeof v);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    return v;
}

static uint64_t add_slices(const struct table *t, uint64_t crc, const uint8_t *data, size_t len)
{
    for (; len >= SLICES; data += SLICES, len -= SLICES) {
        uint64_t v = crc ^ load64(data);
        crc = t->of[7][v & 0xFF] ^ t->of[6][v >> 8 & 0xFF] ^ t->of[5][v >> 16 & 0xFF] ^
              t->of[4][v >> 24 & 0xFF] ^ t->of[3][v >> 32 & 0xFF] ^ t->of[2][v >> 40 & 0xFF] ^
              t->of[1][v >> 48 & 0xFF] ^ t->of[0][v >> 56];
    }
    for (; len > 0; data++, len--) {
        crc = crc >> 8 ^ t->of[0][(crc ^ *data) & 0xFF];
    }
    return crc;
}

/* ---------------------------------------------------------------- sixty-four bytes at a time
 *
 * V. Gopal and others: "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction". */

#if defined(__x86_64__)

static bool can_fold(void)
{
    return __builtin_cpu_supports("pclmul");
}

static __m128i load_lane(const uint8_t *stride, size_t i)
{
    return _mm_loadu_si128((const __m128i *)(const void *)(stride + LANE * i));
}

/* A lane as far ahead as the factors say, and what stands there. */
__attribute__((target("pclmul"))) static __m128i fold(__m128i lane, struct factors factors,
                                                      __m128i there)
{
    __m128i by = _mm_set_epi64x((long long)factors.second, (long long)factors.first);

    return _mm_xor_si128(
        _mm_xor_si128(_mm_clmulepi64_si128(lane, by, 0x00), _mm_clmulepi64_si128(lane, by, 0x11)),
        there);
}

/* At least STRIDE bytes. */
__attribute__((target("pclmul"))) static uint64_t add_folded(const struct table *t, uint64_t crc,
                                                             const uint8_t *data, size_t len)
{
    __m128i lanes[LANES];
    uint8_t rest[LANE];

    for (size_t i = 0; i < LANES; i++) {
        lanes[i] = load_lane(data, i);
    }
    lanes[0] = _mm_xor_si128(lanes[0], _mm_set_epi64x(0, (long long)crc));
    for (data += STRIDE, len -= STRIDE; len >= STRIDE; data += STRIDE, len -= STRIDE) {
        for (size_t i = 0; i < LANES; i++) {
            lanes[i] = fold(lanes[i], t->stride, load_lane(data, i));
        }
    }
    for (size_t i = 1; i < LANES; i++) {
        lanes[i] = fold(lanes[i - 1], t->lane, lanes[i]);
    }
    _mm_storeu_si128((__m128i *)(void *)rest, lanes[LANES - 1]);
    return add_slices(t, add_slices(t, 0, rest, LANE), data, len);
}

#else

static bool can_fold(void)
{
    return false;
}

static uint64_t add_folded(const struct table *t, uint64_t crc, const uint8_t *data, size_t len)
{
    return add_slices(t, crc, data, len);
}

#endif

/* ---------------------------------------------------------------- what is public */

static uint64_t ones_of(enum crc_kind kind)
{
    return UINT64_MAX >> (64 - 8 * crc_bytes(kind));
}

uint64_t crc_add_portably(enum crc_kind kind, uint64_t crc, const uint8_t *data, size_t len)
{
    uint64_t ones = ones_of(kind);

    if (kind == CRC_32) {
        return crc32_z((uLong)crc, data, len);
    }
    return add_slices(table_of(kind), crc ^ ones, data, len) ^ ones;
}

uint64_t crc_add(enum crc_kind kind, uint64_t crc, const uint8_t *data, size_t len)
{
    uint64_t ones = ones_of(kind);

    if (kind == CRC_NONE) {
        return 0;
    }
    if (len < STRIDE || !can_fold()) {
        return crc_add_portably(kind, crc, data, len);
    }
    return add_folded(table_of(kind), crc ^ ones, data, len) ^ ones;
}

/* `a` is multiplied by x^8 for each byte behind it; what begins with ones and ends inverted cancels out. */
uint64_t crc_combine(enum crc_kind kind, uint64_t a, uint64_t b, uint64_t b_len)
{
    uint64_t byte = one_of(kind) >> 8;

    return kind == CRC_NONE ? 0 : multiply(kind, power(kind, byte, b_len), a) ^ b;
}

/* ---------------------------------------------------------------- as headers have it */

void crc_text(enum crc_kind kind, uint64_t crc, char out[CRC_TEXT_ROOM])
{
    unsigned n = crc_bytes(kind);
    uint8_t bytes[8] = {0};

    for (unsigned i = 0; i < n; i++) {
        bytes[i] = (uint8_t)(crc >> 8 * (n - 1 - i));
    }
    (void)EVP_EncodeBlock((unsigned char *)out, bytes, (int)n);
}

bool crc_parse(enum crc_kind kind, const char *text, uint64_t *crc)
{
    size_t n = crc_bytes(kind), len = n == 8 ? 12 : 8;
    unsigned char bytes[12];
    char again[CRC_TEXT_ROOM];
    uint64_t v = 0;

    if (kind == CRC_NONE || strlen(text) != len ||
        EVP_DecodeBlock(bytes, (const unsigned char *)text, (int)len) < (int)n) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        v = v << 8 | bytes[i];
    }
    *crc = v;
    crc_text(kind, v, again); /* the decoder takes more than it should */
    return strcmp(again, text) == 0;
}

const char *crc_header(enum crc_kind kind)
{
    switch (kind) {
    case CRC_NONE: break;
    case CRC_32: return "x-amz-checksum-crc32";
    case CRC_32C: return "x-amz-checksum-crc32c";
    case CRC_64NVME: return "x-amz-checksum-crc64nvme";
    }
    return NULL;
}
