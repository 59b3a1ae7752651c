/* test_upcase.c: upper case.  Source of the values: UnicodeData.txt 14.0.0, field 12. */
#include "base/upcase.h"
#include "test/run.h"

#include <stddef.h>

START_TEST(letters_become_their_simple_upper_case)
{
    static const uint16_t pairs[][2] = {
        {'a', 'A'},       {'z', 'Z'},       {0x00E4, 0x00C4}, {0x00FF, 0x0178}, {0x00B5, 0x039C},
        {0x0101, 0x0100}, {0x0131, 0x0049}, {0x017F, 0x0053}, {0x01C6, 0x01C4}, {0x01C5, 0x01C4},
        {0x03C2, 0x03A3}, {0x03C9, 0x03A9}, {0x0451, 0x0401}, {0x0586, 0x0556}, {0x10D0, 0x1C90},
        {0x1E01, 0x1E00}, {0x1F80, 0x1F88}, {0x1FF3, 0x1FFC}, {0x2170, 0x2160}, {0x24D0, 0x24B6},
        {0x2D00, 0x10A0}, {0xAB70, 0x13A0}, {0xFF41, 0xFF21}, {0xFF5A, 0xFF3A},
    };

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        ck_assert_uint_eq(upcase_utf16(pairs[i][0]), pairs[i][1]);
    }
}
END_TEST

START_TEST(what_has_no_single_upper_case_stays)
{
    static const uint16_t units[] = {
        0,      '0',    'A',    '[',    '`',    '{',    0x00DF, 0x00F7, 0x0130, 0x0138, 0x0149,
        0x01F0, 0x0390, 0x1FB2, 0x3042, 0xD800, 0xDC00, 0xDFFF, 0xFB00, 0xFF5B, 0xFFFF,
    };

    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        ck_assert_uint_eq(upcase_utf16(units[i]), units[i]);
    }
}
END_TEST

START_TEST(upper_case_stays_upper_case)
{
    unsigned changed = 0;

    for (unsigned unit = 0; unit <= 0xFFFF; unit++) {
        uint16_t upper = upcase_utf16((uint16_t)unit);
        ck_assert_uint_eq(upcase_utf16(upper), upper);
        changed += upper != unit;
    }
    ck_assert_uint_eq(changed, 1190); /* as many as UnicodeData.txt has in the first plane */
}
END_TEST

int main(void)
{
    return RUN_TESTS("base/upcase", letters_become_their_simple_upper_case,
                     what_has_no_single_upper_case_stays, upper_case_stays_upper_case);
}
