/* fuzz_decompress.c: compressed frames and what is in them.
 *
 * Target functions: smb2_compression_get, smb2_compressed_payload_next, smb2_pattern_v1_get,
 * smb2_decompress, lznt1_decompress, lz77_decompress, lz77_huffman_decompress.
 *
 * The first byte of the input selects an entry of `targets`, the next three are the size to expand
 * to, the rest is compressed.  The seeds in corpus/decompress are those of
 * test/proto/compressed_samples.h and the frames of test/proto/test_compression.c. */
#include "proto/compression.h"
#include "proto/decompress.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SIZE_MOST = 1 << 18 };

typedef bool expand_fn(uint8_t *out, size_t size, struct span in);

/* Whole messages only, and no longer than the room. */
static bool expand_frame(uint8_t *out, size_t size, struct span in)
{
    static const struct smb2_compression_agreed all = {
        .ids = {.present = true, .count = 5, .id = {1, 2, 3, 4, 5}},
        .chained = true,
    };
    struct smb2_compression c;
    struct wr w = wr_from(out, size);

    if (!smb2_compression_get(&c, in) || !smb2_decompress(&w, &c, &all)) {
        return false;
    }
    if (!wr_ok(&w) || w.pos != smb2_compression_message_len(&c) || w.pos > size) {
        abort();
    }
    memset(out + w.pos, 0, size - w.pos);
    return true;
}

static uint8_t *filled(size_t size, int byte)
{
    uint8_t *bytes = malloc(size > 0 ? size : 1);

    if (!bytes) {
        abort();
    }
    memset(bytes, byte, size);
    return bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static expand_fn *const targets[] = {expand_frame, lznt1_decompress, lz77_decompress,
                                         lz77_huffman_decompress};

    if (size < 4) {
        return 0;
    }
    expand_fn *expand = targets[data[0] % (sizeof targets / sizeof targets[0])];
    size_t most = (data[1] | (size_t)data[2] << 8 | (size_t)data[3] << 16) % (SIZE_MOST + 1);
    struct span in = {data + 4, size - 4};
    uint8_t *once = filled(most, 0x00);
    uint8_t *twice = filled(most, 0xFF);
    bool ok = expand(once, most, in);
    /* Nothing depends on what was in the memory before, so nothing of it is left. */
    if (expand(twice, most, in) != ok || (ok && memcmp(once, twice, most) != 0)) {
        abort();
    }
    free(once);
    free(twice);
    return 0;
}
