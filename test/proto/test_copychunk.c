/* test_copychunk.c: copying within a server (MS-SMB2 2.2.31.1, 2.2.32.1, 2.2.32.3). */
#include "proto/copychunk.h"
#include "proto/ioctl.h"
#include "test/proto/message.h"
#include "test/run.h"

/* Source of all: Samba 4.17.12, captured from smbtorture smb2.ioctl: input and output of the IOCTLs. */
static const char resume_key[] = "9f3fb28c00000000a9c9881e0000000078001400000000000000000000000000";
static const char one_chunk[] = "511b6756000000003063bd0c0000000078001400000000000100000000000000"
                                "000000000000000000000000000000000010000000000000";
static const char written[] = "010000000000000000100000";
/* Source: jborean93/smbprotocol, tests/test_ioctl.py, SMB2SrvCopyChunkCopy. */
static const char two_chunks[] = "1111111111111111111111111111111111111111111111110200000000000000"
                                 "0a000000000000000a000000000000000a00000000000000"
                                 "14000000000000000a000000000000000a00000000000000";

static bool decode_key(struct span bytes)
{
    struct srv_resume_key key;

    return srv_resume_key_get(&key, bytes);
}

static bool decode_request(struct span bytes)
{
    struct srv_copychunk q;

    return srv_copychunk_get(&q, bytes);
}

static bool decode_reply(struct span bytes)
{
    struct srv_copychunk_reply a;

    return srv_copychunk_reply_get(&a, bytes);
}

START_TEST(a_resume_key_is_24_bytes)
{
    struct message m = message_of(resume_key);
    struct srv_resume_key key;
    uint8_t room[64];
    struct wr w = wr_from(room, sizeof room);

    ck_assert(srv_resume_key_get(&key, message_span(&m)));
    ck_assert_mem_eq(key.key, m.bytes, SRV_RESUME_KEY_LEN);
    srv_resume_key_put(&w, &key);
    check_span(wr_written(&w), resume_key);
    ck_assert_uint_eq(w.pos, SRV_RESUME_KEY_REPLY_MAX);
    check_prefixes_refused(decode_key, (struct span){m.bytes, SRV_RESUME_KEY_LEN + 4});
}
END_TEST

START_TEST(chunks_are_read_and_written)
{
    static const char *const cases[] = {one_chunk, two_chunks};

    for (size_t i = 0; i < 2; i++) {
        struct message m = message_of(cases[i]);
        struct srv_copychunk q;
        uint8_t room[128];
        struct wr w = wr_from(room, sizeof room);
        ck_assert(srv_copychunk_get(&q, message_span(&m)));
        ck_assert_uint_eq(q.count, i + 1);
        ck_assert_uint_eq(m.len, SRV_COPYCHUNK_LEN + (i + 1) * SRV_CHUNK_LEN);
        srv_copychunk_put(&w, &q);
        ck_assert(span_equal(wr_written(&w), message_span(&m)));
        check_prefixes_refused(decode_request, message_span(&m));
    }
}
END_TEST

START_TEST(a_chunk_has_two_offsets_and_a_length)
{
    struct message m = message_of(two_chunks);
    struct srv_copychunk q;

    ck_assert(srv_copychunk_get(&q, message_span(&m)));
    ck_assert_uint_eq(q.chunks[1].source_offset, 20);
    ck_assert_uint_eq(q.chunks[1].target_offset, 10);
    ck_assert_uint_eq(q.chunks[1].length, 10);
}
END_TEST

START_TEST(more_chunks_than_anybody_sends_are_refused)
{
    static const struct breach breaches[] = {
        {"one more chunk than there is", 24, "03000000"},
        {"more chunks than fit", 24, "01010000"},
        {"as many chunks as can be", 24, "ffffffff"},
    };
    struct message m = message_of(two_chunks);

    check_breaches_refused(decode_request, message_span(&m), breaches);
}
END_TEST

START_TEST(the_answer_counts_chunks_and_bytes)
{
    struct message m = message_of(written);
    struct srv_copychunk_reply a;
    uint8_t room[16];
    struct wr w = wr_from(room, sizeof room);

    ck_assert(srv_copychunk_reply_get(&a, message_span(&m)));
    ck_assert_uint_eq(a.chunks_written, 1);
    ck_assert_uint_eq(a.chunk_bytes_written, 0);
    ck_assert_uint_eq(a.total_bytes_written, 4096);
    srv_copychunk_reply_put(&w, &a);
    ck_assert(span_equal(wr_written(&w), message_span(&m)));
    ck_assert_uint_eq(w.pos, SRV_COPYCHUNK_REPLY_LEN);
    check_prefixes_refused(decode_reply, message_span(&m));
}
END_TEST

int main(void)
{
    return RUN_TESTS("proto/copychunk", a_resume_key_is_24_bytes, chunks_are_read_and_written,
                     a_chunk_has_two_offsets_and_a_length,
                     more_chunks_than_anybody_sends_are_refused,
                     the_answer_counts_chunks_and_bytes);
}
