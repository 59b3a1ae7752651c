/* test_ea.c: extended attributes (MS-FSCC 2.4.16). */
#include "proto/ea.h"

#include "test/proto/message.h"
#include "test/run.h"

/* Samba: QUERY_INFO, FileFullEaInformation */
static const char two[] = "140000000005060045414f4e450056414c554531"
                          "00000000000808005345434f4e4445410056616c756554776f";

static bool decode(struct span data)
{
    struct walk list = walk_from(data);
    struct file_full_ea_information ea;

    while (file_full_ea_information_next(&list, &ea)) {
    }
    return walk_ok(&list) && data.len > 0;
}

START_TEST(attributes_are_read_and_written)
{
    struct message m = message_of(two);
    struct walk list = walk_from(message_span(&m));
    struct file_full_ea_information ea;
    uint8_t room[64];
    struct wr w = wr_from(room, sizeof room);

    ck_assert(file_full_ea_information_next(&list, &ea));
    ck_assert(span_equal(ea.name, span_of("EAONE")) && span_equal(ea.value, span_of("VALUE1")));
    file_full_ea_information_put(&w, &ea);
    ck_assert(file_full_ea_information_next(&list, &ea) && !ea.need_ea);
    ck_assert(span_equal(ea.name, span_of("SECONDEA")));
    ck_assert(span_equal(ea.value, span_of("ValueTwo")));
    file_full_ea_information_put(&w, &ea);
    ck_assert(!file_full_ea_information_next(&list, &ea) && walk_ok(&list));
    ck_assert(span_equal(wr_written(&w), message_span(&m)));
    check_prefixes_refused(decode, message_span(&m));
}
END_TEST

START_TEST(an_attribute_that_breaks_a_rule_is_refused)
{
    static const struct breach breaches[] = {
        {"NextEntryOffset is a multiple of 4", 0, "16000000"},
        {"NextEntryOffset leaves room for the entry", 0, "04000000"},
        {"NextEntryOffset lies inside", 0, "30000000"},
        {"a name is not empty", 5, "00"},
        {"a NUL stands behind the name", 5, "04"},
        {"a name has no NUL in it", 9, "00"},
        {"a value lies inside its entry", 6, "0700"},
        {"the last value lies inside the list", 26, "0900"},
    };
    struct message m = message_of(two);

    check_breaches_refused(decode, message_span(&m), breaches);
}
END_TEST

START_TEST(what_does_not_fit_is_not_written)
{
    static uint8_t many[EA_VALUE_MAX + 1], room[2 * EA_VALUE_MAX];
    struct wr w = wr_from(room, sizeof room);

    memset(many, 'x', sizeof many);
    file_full_ea_information_put(
        &w, &(struct file_full_ea_information){.name = {many, EA_NAME_MAX + 1}});
    ck_assert(!wr_ok(&w));
    w = wr_from(room, sizeof room);
    file_full_ea_information_put(&w, &(struct file_full_ea_information){
                                         .name = {many, 1}, .value = {many, EA_VALUE_MAX + 1}});
    ck_assert(!wr_ok(&w));
    w = wr_from(room, sizeof room);
    file_full_ea_information_put(
        &w, &(struct file_full_ea_information){
                .need_ea = true, .name = {many, EA_NAME_MAX}, .value = {many, EA_VALUE_MAX}});
    ck_assert(wr_ok(&w) && decode(wr_written(&w)) && room[4] == 0x80);
}
END_TEST

int main(void)
{
    return RUN_TESTS("proto/ea", attributes_are_read_and_written,
                     an_attribute_that_breaks_a_rule_is_refused, what_does_not_fit_is_not_written);
}
