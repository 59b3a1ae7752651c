/* test_nbns.c: packets of the NetBIOS name service (RFC 1002 4.2). */
#include "proto/nbns.h"
#include "test/proto/message.h"
#include "test/proto/nbns_samples.h"
#include "test/run.h"

enum { SAMPLES = sizeof nbns_samples / sizeof nbns_samples[0] };

static bool decode_packet(struct span msg)
{
    struct nbns_packet packet;

    return nbns_packet_get(&packet, msg);
}

static struct nbns_packet packet_of(const struct message *m)
{
    struct nbns_packet packet;

    ck_assert(nbns_packet_get(&packet, message_span(m)));
    return packet;
}

/* The sample of this transaction. */
static struct message sample(uint16_t id)
{
    for (size_t i = 0; i < SAMPLES; i++) {
        if (nbns_samples[i].id == id) {
            return message_of(nbns_samples[i].packet);
        }
    }
    ck_abort_msg("there is no sample %04x", id);
}

START_TEST(captured_packets_are_read)
{
    for (size_t i = 0; i < SAMPLES; i++) {
        const struct nbns_sample *s = &nbns_samples[i];
        struct message m = message_of(s->packet);
        struct nbns_packet got = packet_of(&m);
        ck_assert_uint_eq(got.id, s->id);
        ck_assert_uint_eq(got.flags, s->flags);
        ck_assert_int_eq(got.has_question, s->has_question);
        ck_assert_int_eq(got.section, s->section);
        if (got.has_question) {
            ck_assert(nbss_name_equal(&got.question.name, &s->name));
            ck_assert_uint_eq(got.question.type, s->question_type);
        }
        if (got.section != NBNS_NO_RECORD) {
            ck_assert(nbss_name_equal(&got.record.name, &s->name));
            ck_assert_uint_eq(got.record.type, s->record_type);
            ck_assert_uint_eq(got.record.ttl, s->ttl);
            ck_assert_uint_eq(got.record.data.len, s->data_len);
        }
    }
}
END_TEST

START_TEST(captured_packets_are_written_the_same)
{
    for (size_t i = 0; i < SAMPLES; i++) {
        struct message m = message_of(nbns_samples[i].packet);
        struct nbns_packet got = packet_of(&m);
        uint8_t out[NBNS_PACKET_MAX];
        struct wr w = wr_from(out, sizeof out);
        nbns_packet_put(&w, &got);
        ck_assert(span_equal(wr_written(&w), message_span(&m)));
    }
}
END_TEST

START_TEST(each_prefix_of_a_captured_packet_is_refused)
{
    for (size_t i = 0; i < SAMPLES; i++) {
        struct message m = message_of(nbns_samples[i].packet);
        check_prefixes_refused(decode_packet, message_span(&m));
    }
}
END_TEST

START_TEST(a_positive_answer_has_addresses) /* RFC 1002 4.2.13 */
{
    struct message m = message_of(nbns_samples[1].packet), group = sample(0x0514);
    struct nbns_packet got = packet_of(&m);
    struct nbns_address address;

    ck_assert_uint_eq(got.flags & NBNS_RCODE, 0);
    struct rd r = rd_from(got.record.data, 0);
    ck_assert(nbns_address_get(&r, &address));
    ck_assert_uint_eq(address.address, 0x0a636301);
    ck_assert(!address.group);
    ck_assert(!nbns_address_get(&r, &address));
    got = packet_of(&group);
    r = rd_from(got.record.data, 0);
    ck_assert(nbns_address_get(&r, &address));
    ck_assert(address.group);
}
END_TEST

START_TEST(addresses_are_written_as_they_were_read)
{
    static const struct nbns_address addresses[] = {{false, 0xc0000201}, {true, 0x0a636301}};
    struct nbns_address got;
    uint8_t out[12];
    struct wr w = wr_from(out, sizeof out);

    nbns_address_put(&w, &addresses[0]);
    nbns_address_put(&w, &addresses[1]);
    check_span(wr_written(&w), "0000c0000201"
                               "80000a636301");
    for (size_t n = 0; n < 6; n++) {
        struct rd r = rd_from((struct span){out, n}, 0);
        ck_assert(!nbns_address_get(&r, &got));
    }
}
END_TEST

START_TEST(a_node_status_has_names) /* RFC 1002 4.2.18 */
{
    static const struct nbns_node_name want[] = {
        {{"VECSRV", 0x00}, false, true},   {{"VECSRV", 0x03}, false, true},
        {{"VECSRV", 0x20}, false, true},   {{"VECALIAS", 0x00}, false, true},
        {{"VECALIAS", 0x03}, false, true}, {{"VECALIAS", 0x20}, false, true},
        {{"VECTORS", 0x00}, true, true},   {{"VECTORS", 0x1e}, true, true},
    };
    struct message m = sample(0x3ccd);
    struct nbns_packet got = packet_of(&m);
    struct rd r = rd_from(got.record.data, 0);

    ck_assert_uint_eq(nbns_status_count_get(&r), 8);
    for (size_t i = 0; i < 8; i++) {
        struct nbns_node_name node = nbns_node_name_get(&r);
        ck_assert(nbss_name_equal(&node.name, &want[i].name));
        ck_assert_int_eq(node.group, want[i].group);
        ck_assert_int_eq(node.active, want[i].active);
    }
    ck_assert(rd_ok(&r));
    uint8_t out[256];
    struct wr w = wr_from(out, sizeof out);
    nbns_status_put(&w, want, 8);
    ck_assert(span_equal(wr_written(&w), got.record.data));
}
END_TEST

static bool decode_names(struct span data)
{
    struct rd r = rd_from(data, 0);

    for (unsigned left = nbns_status_count_get(&r); left > 0; left--) {
        (void)nbns_node_name_get(&r);
    }
    return rd_ok(&r);
}

START_TEST(each_prefix_of_the_names_of_a_node_is_refused)
{
    struct message m = sample(0x3ccd);
    struct span names = {packet_of(&m).record.data.ptr, 1 + 8 * 18};

    check_prefixes_refused(decode_names, names);
}
END_TEST

START_TEST(a_pointer_leads_back_to_a_name_and_nowhere_else) /* RFC 1002 4.1 */
{
    static const struct breach breaches[] = {
        {"into the header", 50, "c00b"},
        {"to itself", 50, "c032"},
        {"forward", 50, "c034"},
        {"far forward", 50, "ffff"},
        {"into the middle of the name", 50, "c00d"},
        {"a length that is reserved", 50, "800c"},
        {"another one", 50, "400c"},
    };
    struct message m = sample(0x050e);

    check_breaches_refused(decode_packet, message_span(&m), breaches);
}
END_TEST

START_TEST(a_pointer_to_a_pointer_is_refused)
{
    /* the question's name is a pointer already: there is nothing before it to point to */
    struct message m = message_of("050e29100001000000000001"
                                  "c00c00200001"
                                  "c00c0020000100000000000600000a636301");

    ck_assert(!decode_packet(message_span(&m)));
}
END_TEST

START_TEST(what_is_no_packet_of_ours_is_refused)
{
    static const struct breach breaches[] = {
        {"two questions", 4, "0002"},
        {"a name that is not 32 letters long", 12, "1f"},
        {"a letter below A", 13, "40"},
        {"a letter above P", 44, "51"},
        {"a scope", 45, "01"},
        {"another class", 48, "0002"},
        {"a record's class", 54, "0003"},
        {"more data than there are", 60, "0007"},
    };
    struct message m = sample(0x050e);

    check_breaches_refused(decode_packet, message_span(&m), breaches);
}
END_TEST

START_TEST(a_redirection_has_no_record_for_us) /* RFC 1002 4.2.15 */
{
    struct nbns_packet got;
    struct message m = message_of("0001810000000000000100010102030405");

    got = packet_of(&m);
    ck_assert_int_eq(got.section, NBNS_NO_RECORD);
}
END_TEST

START_TEST(data_that_no_field_can_tell_are_not_written)
{
    static uint8_t out[70000], data[65536];
    struct nbns_packet packet = {.section = NBNS_ANSWER,
                                 .record = {{"*", 0}, NBNS_TYPE_NB, 0, {data, sizeof data}}};
    struct wr w = wr_from(out, sizeof out);

    nbns_packet_put(&w, &packet);
    ck_assert(!wr_ok(&w));
    w = wr_from(out, sizeof out);
    packet.record.data.len--;
    nbns_packet_put(&w, &packet);
    ck_assert(wr_ok(&w));
}
END_TEST

int main(void)
{
    return RUN_TESTS("proto/nbns", captured_packets_are_read, captured_packets_are_written_the_same,
                     each_prefix_of_a_captured_packet_is_refused, a_positive_answer_has_addresses,
                     addresses_are_written_as_they_were_read, a_node_status_has_names,
                     each_prefix_of_the_names_of_a_node_is_refused,
                     a_pointer_leads_back_to_a_name_and_nowhere_else,
                     a_pointer_to_a_pointer_is_refused, what_is_no_packet_of_ours_is_refused,
                     a_redirection_has_no_record_for_us,
                     data_that_no_field_can_tell_are_not_written);
}
