/* md4.c: the MD4 message digest (RFC 1320). */
#include "auth/md4.h"

#include "base/secret.h"

enum { MD4_BLOCK_LEN = 64, MD4_LENGTH_FIELD_LEN = 8 };

static uint32_t rotate(uint32_t v, unsigned bits)
{
    return v << bits | v >> (32 - bits);
}

/* RFC 1320 3.4: the functions F, G and H of the three rounds, and what is added in each. */
static uint32_t mix(unsigned round, uint32_t x, uint32_t y, uint32_t z)
{
    static const uint32_t added[3] = {0, 0x5A827999, 0x6ED9EBA1};
    const uint32_t mixed[3] = {(x & y) | (~x & z), (x & y) | (x & z) | (y & z), x ^ y ^ z};

    return mixed[round] + added[round];
}

/* RFC 1320 3.4: process one block of 16 words. */
static void md4_block(uint32_t state[static 4], const uint8_t block[static MD4_BLOCK_LEN])
{
    static const uint8_t order[3][16] = {
        {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
        {0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15},
        {0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15},
    };
    static const uint8_t shift[3][4] = {{3, 7, 11, 19}, {3, 5, 9, 13}, {3, 9, 11, 15}};
    uint32_t word[16], a = state[0], b = state[1], c = state[2], d = state[3];
    struct rd r = rd_from((struct span){block, MD4_BLOCK_LEN}, 0);

    for (unsigned i = 0; i < 16; i++) {
        word[i] = rd_u32(&r);
    }
    for (unsigned step = 0; step < 48; step++) {
        unsigned round = step / 16, i = step % 16;
        uint32_t v = a + mix(round, b, c, d) + word[order[round][i]];
        a = d;
        d = c;
        c = b;
        b = rotate(v, shift[round][i % 4]);
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    secret_erase(word, sizeof word);
}

void md4(uint8_t out[static MD4_LEN], struct span message)
{
    uint32_t state[4] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476}; /* RFC 1320 3.3 */
    uint8_t last[2 * MD4_BLOCK_LEN] = {0};
    size_t whole = message.len / MD4_BLOCK_LEN * MD4_BLOCK_LEN, rest = message.len - whole;

    for (size_t at = 0; at < whole; at += MD4_BLOCK_LEN) {
        md4_block(state, message.ptr + at);
    }
    /* RFC 1320 3.1, 3.2: a one bit, zeros, and the length in bits. */
    if (rest > 0) {
        memcpy(last, message.ptr + whole, rest);
    }
    last[rest] = 0x80;
    size_t end = rest + 1 + MD4_LENGTH_FIELD_LEN <= MD4_BLOCK_LEN ? MD4_BLOCK_LEN : sizeof last;
    struct wr w = wr_from(last + end - MD4_LENGTH_FIELD_LEN, MD4_LENGTH_FIELD_LEN);
    wr_u64(&w, (uint64_t)message.len * 8);
    for (size_t at = 0; at < end; at += MD4_BLOCK_LEN) {
        md4_block(state, last + at);
    }

    w = wr_from(out, MD4_LEN);
    for (unsigned i = 0; i < 4; i++) {
        wr_u32(&w, state[i]);
    }
    secret_erase(last, sizeof last);
    secret_erase(state, sizeof state);
}
