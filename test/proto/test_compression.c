/* test_compression.c: compressed frames (MS-SMB2 2.2.42, 3.1.5.3, 3.2.5.1.1.2). */
#include "proto/compression.h"
#include "test/proto/message.h"
#include "test/run.h"

/* The header of a READ reply and its body as far as the data: 80 bytes. */
#define READ_REPLY                                                                                 \
    "fe534d4240000100000000000800010001000000000000000700000000000000fffe0000010000005100000000"   \
    "3400000000000000000000000000000000000011005000580200000000000000000000"

/* "abc" 200 times: LZ77, LZ4. */
#define ABC_LZ77 "ffffff1f61626317000fff5202"
#define ABC_LZ4  "3f6162630300ffff3f506263616263"

/* Built by hand: the frame of MS-SMB2 2.2.42.1. */
static const char unchained[] = "fc534d42"
                                "58020000"
                                "02000000"
                                "50000000" READ_REPLY ABC_LZ77;

/* Built by hand: the same message, and 1024 times "x" after it.  MS-SMB2 2.2.42.2. */
static const char chained[] = "fc534d42"
                              "a8060000"
                              "0000010050000000" READ_REPLY "0200000011000000"
                              "58020000" ABC_LZ77 "0400000008000000"
                              "7800000000040000";

static const struct smb2_compression_agreed all = {
    .ids = {.present = true, .count = 5, .id = {1, 2, 3, 4, 5}},
    .chained = true,
};

/* Decompress a frame into memory of `room` bytes; the length of the message, or 0. */
static size_t decompress(uint8_t *out, size_t room, struct span frame,
                         const struct smb2_compression_agreed *agreed)
{
    struct smb2_compression c;
    struct wr w = wr_from(out, room);

    if (!smb2_compression_get(&c, frame)) {
        return 0;
    }
    bool ok = smb2_decompress(&w, &c, agreed);
    ck_assert(ok == wr_ok(&w));
    ck_assert(!ok || w.pos == smb2_compression_message_len(&c));
    return ok ? w.pos : 0;
}

static bool decompresses(struct span frame)
{
    enum { ROOM = 4096 };
    uint8_t *out = malloc(ROOM);

    ck_assert_ptr_nonnull(out);
    size_t len = decompress(out, ROOM, frame, &all);
    free(out);
    return len > 0;
}

static bool text_decompresses(const char *text)
{
    struct message m = message_of(text);

    return decodes(decompresses, message_span(&m));
}

static void check_written(const struct wr *w, const char *text)
{
    struct message want = message_of(text);

    ck_assert(wr_ok(w));
    ck_assert_uint_eq(w->pos, want.len);
    ck_assert_mem_eq(w->ptr, want.bytes, want.len);
}

/* The message of both frames. */
static void check_read_reply(const uint8_t *got)
{
    struct message head = message_of(READ_REPLY);

    ck_assert_mem_eq(got, head.bytes, head.len);
    for (size_t i = 0; i < 600; i++) {
        ck_assert_int_eq(got[head.len + i], "abc"[i % 3]);
    }
}

START_TEST(a_message_is_compressed_behind_its_beginning)
{
    struct message m = message_of(unchained);
    struct smb2_compression c;
    uint8_t out[680];
    struct message again = {0};

    ck_assert(smb2_compression_get(&c, message_span(&m)));
    ck_assert(!c.chained);
    ck_assert_uint_eq(c.algorithm, SMB2_COMPRESSION_LZ77);
    ck_assert_uint_eq(c.plain.len, 80);
    check_span(c.data, ABC_LZ77);
    ck_assert_uint_eq(smb2_compression_message_len(&c), 680);
    ck_assert_uint_eq(decompress(out, sizeof out, message_span(&m), &all), 680);
    check_read_reply(out);
    check_prefixes_refused(decompresses, message_span(&m));
    struct wr w = wr_from(again.bytes, sizeof again.bytes);
    smb2_compression_put(&w, &c);
    check_written(&w, unchained);
}
END_TEST

START_TEST(a_chain_has_an_algorithm_for_each_payload)
{
    struct message m = message_of(chained);
    struct smb2_compression c;
    uint8_t out[1704];

    ck_assert(smb2_compression_get(&c, message_span(&m)));
    ck_assert(c.chained);
    ck_assert_uint_eq(smb2_compression_message_len(&c), 1704);
    ck_assert_uint_eq(decompress(out, sizeof out, message_span(&m), &all), 1704);
    check_read_reply(out);
    for (size_t i = 680; i < sizeof out; i++) {
        ck_assert_int_eq(out[i], 'x');
    }
    check_prefixes_refused(decompresses, message_span(&m));
}
END_TEST

START_TEST(a_chain_is_written_payload_by_payload)
{
    struct message m = message_of(chained);
    struct message list = {0};
    struct message again = {0};
    struct smb2_compression c;
    struct smb2_compressed_payload p;
    unsigned count = 0;

    ck_assert(smb2_compression_get(&c, message_span(&m)));
    struct rd r = rd_from(c.data, 0);
    struct wr w = wr_from(list.bytes, sizeof list.bytes);
    for (; smb2_compressed_payload_next(&r, &p); count++) {
        smb2_compressed_payload_put(&w, &p);
    }
    ck_assert(rd_ok(&r));
    ck_assert_uint_eq(count, 3);
    c.data = wr_written(&w);
    w = wr_from(again.bytes, sizeof again.bytes);
    smb2_compression_put(&w, &c);
    check_written(&w, chained);
}
END_TEST

START_TEST(a_pattern_is_a_byte_many_times) /* MS-SMB2 2.2.42.2.2 */
{
    const struct smb2_pattern_v1 p = {.pattern = 0x78, .repetitions = 0x01020304};
    struct smb2_pattern_v1 got;
    uint8_t bytes[9] = {0};
    struct wr w = wr_from(bytes, sizeof bytes);

    smb2_pattern_v1_put(&w, &p);
    check_written(&w, "7800000004030201");
    for (size_t n = 0; n <= sizeof bytes; n++) {
        ck_assert_int_eq(smb2_pattern_v1_get(&got, (struct span){bytes, n}), n == 8);
    }
    ck_assert(smb2_pattern_v1_get(&got, wr_written(&w)));
    ck_assert_uint_eq(got.pattern, p.pattern);
    ck_assert_uint_eq(got.repetitions, p.repetitions);
}
END_TEST

START_TEST(every_algorithm_may_stand_in_a_chain)
{
    /* A header as LZNT1 (a plain chunk), and 4 bytes in nothing but NONE. */
    ck_assert(text_decompresses("fc534d42"
                                "24000000"
                                "0100010026000000"
                                "20000000"
                                "1f30"
                                "fe534d4240000000000000000000000000000000000000000000000000000000"
                                "0000000004000000"
                                "01020304"));
    /* The same as LZ77, all bytes. */
    ck_assert(
        text_decompresses("fc534d42"
                          "20000000"
                          "0200010028000000"
                          "20000000"
                          "00000000"
                          "fe534d4240000000000000000000000000000000000000000000000000000000"));
}
END_TEST

START_TEST(junk_in_the_flags_of_a_later_payload_is_ignored) /* Windows sends it */
{
    static const struct breach harmless = {"Flags of the second payload", 16 + 80 + 2, "75b9"};
    struct message m = message_of(chained);

    hex(m.bytes + harmless.at, harmless.bytes);
    ck_assert(decompresses(message_span(&m)));
}
END_TEST

START_TEST(a_message_is_not_longer_than_the_room)
{
    static const char *const frames[] = {unchained, chained};
    static const size_t lengths[] = {680, 1704};
    uint8_t out[1704];

    for (size_t i = 0; i < 2; i++) {
        struct message m = message_of(frames[i]);
        ck_assert_uint_eq(decompress(out, lengths[i] - 1, message_span(&m), &all), 0);
        ck_assert_uint_eq(decompress(NULL, 0, message_span(&m), &all), 0);
        ck_assert_uint_eq(decompress(out, lengths[i], message_span(&m), &all), lengths[i]);
    }
}
END_TEST

START_TEST(what_was_not_agreed_is_refused) /* MS-SMB2 3.2.5.1.1.2 */
{
    static const struct smb2_compression_agreed none = {.chained = true};
    static const struct smb2_compression_agreed others = {
        .ids = {.present = true, .count = 2, .id = {1, 3}}, .chained = true};
    static const struct smb2_compression_agreed no_pattern = {
        .ids = {.present = true, .count = 1, .id = {2}}, .chained = true};
    static const struct smb2_compression_agreed no_chain = {
        .ids = {.present = true, .count = 2, .id = {2, 4}}};
    struct message one = message_of(unchained);
    struct message many = message_of(chained);
    uint8_t out[1704];

    ck_assert_uint_eq(decompress(out, sizeof out, message_span(&one), &none), 0);
    ck_assert_uint_eq(decompress(out, sizeof out, message_span(&one), &others), 0);
    ck_assert_uint_eq(decompress(out, sizeof out, message_span(&one), &no_chain), 680);
    ck_assert_uint_eq(decompress(out, sizeof out, message_span(&many), &none), 0);
    ck_assert_uint_eq(decompress(out, sizeof out, message_span(&many), &others), 0);
    ck_assert_uint_eq(decompress(out, sizeof out, message_span(&many), &no_pattern), 0);
    ck_assert_uint_eq(decompress(out, sizeof out, message_span(&many), &no_chain), 0);
}
END_TEST

START_TEST(a_frame_that_breaks_a_rule_is_refused)
{
    static const struct breach breaches[] = {
        {"ProtocolId", 0, "fd"},
        {"a size that is too small", 4, "57020000"},
        {"a size that is too large", 4, "59020000"},
        {"sizes that overflow 32 bits, CVE-2020-0796", 4, "ffffffff"},
        {"no such algorithm", 8, "0600"},
        {"NONE", 8, "0000"},
        {"Pattern_V1", 8, "0400"},
        {"LZ4, which we cannot undo", 8, "0500"},
        {"another algorithm", 8, "0100"},
        {"another algorithm again", 8, "0300"},
        {"Flags that do not exist", 10, "0200"},
        {"an Offset past the end", 12, "5e000000"},
        {"an Offset far past the end", 12, "ffffffff"},
        {"an Offset one too far", 12, "51000000"},
        {"what is inside is no SMB2 message", 16, "fc"},
        {"a distance before the beginning", 16 + 80 + 7, "1f"},
    };
    struct message m = message_of(unchained);

    check_breaches_refused(decompresses, message_span(&m), breaches);
}
END_TEST

START_TEST(a_chain_that_breaks_a_rule_is_refused)
{
    static const struct breach breaches[] = {
        {"a size that is too small", 4, "a7060000"},
        {"a size that is too large", 4, "a9060000"},
        {"a size that is nothing", 4, "00000000"},
        {"a first payload that is none", 10, "0000"},
        {"a Length that is too small", 12, "4f000000"},
        {"a Length past the end", 12, "88130000"},
        {"a Length far past the end", 12, "ffffffff"},
        {"no such algorithm", 16 + 80, "0600"},
        {"LZ4, which we cannot undo", 16 + 80, "0500"},
        {"a Length without room for OriginalPayloadSize", 16 + 80 + 4, "03000000"},
        {"an OriginalPayloadSize that is too small", 16 + 80 + 8, "57020000"},
        {"an OriginalPayloadSize that is too large", 16 + 80 + 8, "ffffffff"},
        {"a pattern of 7 bytes", 16 + 80 + 8 + 17 + 4, "07000000"},
        {"a pattern that is too long", 16 + 80 + 8 + 17 + 12, "01040000"},
        {"a pattern that is far too long", 16 + 80 + 8 + 17 + 12, "ffffffff"},
    };
    struct message m = message_of(chained);

    check_breaches_refused(decompresses, message_span(&m), breaches);
}
END_TEST

START_TEST(frames_built_to_do_harm_are_refused) /* source: built by hand, MS-SMB2 3.2.5.1.1.2 */
{
    static const char *const frames[] = {
        /* CVE-2020-0796: OriginalCompressedSegmentSize + Offset */
        "fc534d42ffffffff02000000ffffffff0000000000000000000000000000000000000000000000000000000000"
        "000000",
        /* Length of a payload */
        "fc534d426800000000000100881300000000000000000000000000000000000000000000000000000000000000"
        "000000",
        /* a first payload without its flag, so not chained, and NONE */
        "fc534d42400000000000000040000000fe534d424000010000000000080001000100000000000000070000000"
        "0000000fffe000001000000510000000034000000000000000000000000000000000000",
        /* one byte less than announced */
        "fc534d425902000002000000"
        "50000000" READ_REPLY ABC_LZ77,
        /* LZ4 */
        "fc534d425802000005000000"
        "50000000" READ_REPLY ABC_LZ4,
        /* an empty message, plain and chained */
        "fc534d42000000000200000000000000",
        "fc534d42000000000000010000000000",
    };

    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
        ck_assert_msg(!text_decompresses(frames[i]), "frame %zu", i);
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "proto/compression", a_message_is_compressed_behind_its_beginning,
        a_chain_has_an_algorithm_for_each_payload, a_chain_is_written_payload_by_payload,
        a_pattern_is_a_byte_many_times, every_algorithm_may_stand_in_a_chain,
        junk_in_the_flags_of_a_later_payload_is_ignored, a_message_is_not_longer_than_the_room,
        what_was_not_agreed_is_refused, a_frame_that_breaks_a_rule_is_refused,
        a_chain_that_breaks_a_rule_is_refused, frames_built_to_do_harm_are_refused);
}
