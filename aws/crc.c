/* crc.c: CRC-32, CRC-32C and CRC-64/NVME.
 *
 * All three are reflected, begin with all ones and end inverted, so that one arithmetic serves them: the bit of
 * x^0 is the highest, and a shift to the right multiplies by x. */
#include "aws/crc.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <string.h>
#include <zlib.h>

enum { SLICES = 8 };

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

/* Times x. */
static uint64_t shift(uint64_t poly, uint64_t v)
{
    return v & 1 ? v >> 1 ^ poly : v >> 1;
}

/* ---------------------------------------------------------------- eight bytes at a time
 *
 * M. E. Kounavis, F. L. Berry: "A Systematic Approach to Building High Performance, Software-based, CRC Generators". */

struct slices {
    uint64_t of[SLICES][256]; /* of[n][b]: what the byte b adds n bytes later */
};

static struct slices crc32c_slices, crc64nvme_slices; /* constant, once they were made */
static pthread_once_t slices_made = PTHREAD_ONCE_INIT;

static void make(struct slices *s, uint64_t poly)
{
    for (unsigned b = 0; b < 256; b++) {
        uint64_t v = b;
        for (unsigned bit = 0; bit < 8; bit++) {
            v = shift(poly, v);
        }
        s->of[0][b] = v;
    }
    for (unsigned n = 1; n < SLICES; n++) {
        for (unsigned b = 0; b < 256; b++) {
            uint64_t before = s->of[n - 1][b];
            s->of[n][b] = before >> 8 ^ s->of[0][before & 0xFF];
        }
    }
}

static void make_slices(void)
{
    make(&crc32c_slices, CRC32C_POLY);
    make(&crc64nvme_slices, CRC64NVME_POLY);
}

static uint64_t load64(const uint8_t *p)
{
    uint64_t v;

    memcpy(&v, p, sizeof v);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    return v;
}

static uint64_t add_slices(const struct slices *s, uint64_t crc, const uint8_t *data, size_t len)
{
    for (; len >= SLICES; data += SLICES, len -= SLICES) {
        uint64_t v = crc ^ load64(data);
        crc = s->of[7][v & 0xFF] ^ s->of[6][v >> 8 & 0xFF] ^ s->of[5][v >> 16 & 0xFF] ^
              s->of[4][v >> 24 & 0xFF] ^ s->of[3][v >> 32 & 0xFF] ^ s->of[2][v >> 40 & 0xFF] ^
              s->of[1][v >> 48 & 0xFF] ^ s->of[0][v >> 56];
    }
    for (; len > 0; data++, len--) {
        crc = crc >> 8 ^ s->of[0][(crc ^ *data) & 0xFF];
    }
    return crc;
}

/* ---------------------------------------------------------------- by the processor */

#if defined(__x86_64__)

static bool has_crc32c(void)
{
    return __builtin_cpu_supports("sse4.2");
}

__attribute__((target("sse4.2"))) static uint64_t add_crc32c(uint64_t crc, const uint8_t *data,
                                                             size_t len)
{
    for (; len >= 8; data += 8, len -= 8) {
        crc = __builtin_ia32_crc32di(crc, load64(data));
    }
    for (; len > 0; data++, len--) {
        crc = __builtin_ia32_crc32qi((uint32_t)crc, *data);
    }
    return crc;
}

#else

static bool has_crc32c(void)
{
    return false;
}

static uint64_t add_crc32c(uint64_t crc, const uint8_t *data, size_t len)
{
    return add_slices(&crc32c_slices, crc, data, len);
}

#endif

/* ---------------------------------------------------------------- what is public */

uint64_t crc_add_portably(enum crc_kind kind, uint64_t crc, const uint8_t *data, size_t len)
{
    bool wide = kind == CRC_64NVME;
    uint64_t ones = wide ? UINT64_MAX : UINT32_MAX;

    (void)pthread_once(&slices_made, make_slices);
    return add_slices(wide ? &crc64nvme_slices : &crc32c_slices, crc ^ ones, data, len) ^ ones;
}

uint64_t crc_add(enum crc_kind kind, uint64_t crc, const uint8_t *data, size_t len)
{
    switch (kind) {
    case CRC_NONE: break;
    case CRC_32: return crc32_z((uLong)crc, data, len);
    case CRC_32C:
        return has_crc32c() ? add_crc32c(crc ^ UINT32_MAX, data, len) ^ UINT32_MAX
                            : crc_add_portably(kind, crc, data, len);
    case CRC_64NVME: return crc_add_portably(kind, crc, data, len);
    }
    return 0;
}

/* a * b modulo the polynomial. */
static uint64_t multiply(uint64_t poly, uint64_t one, uint64_t a, uint64_t b)
{
    uint64_t product = 0;

    for (uint64_t bit = one; bit; bit >>= 1) {
        product ^= a & bit ? b : 0;
        b = shift(poly, b);
    }
    return product;
}

/* `a` is multiplied by x^8 for each byte behind it; what begins with ones and ends inverted cancels out. */
uint64_t crc_combine(enum crc_kind kind, uint64_t a, uint64_t b, uint64_t b_len)
{
    uint64_t poly = polynomial(kind), one = UINT64_C(1) << (8 * crc_bytes(kind) - 1);
    uint64_t power = one >> 8;

    for (; b_len > 0; b_len >>= 1) {
        if (b_len & 1) {
            a = multiply(poly, one, power, a);
        }
        power = multiply(poly, one, power, power);
    }
    return a ^ b;
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
