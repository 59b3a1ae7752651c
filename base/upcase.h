/* upcase.h: upper case that does not depend on anyone's locale.
 *
 * Names are compared and NTLM user names are folded unit by unit, as servers do it, so this is the
 * simple mapping of the Unicode Character Database: one UTF-16 unit to one UTF-16 unit. */
#ifndef LSMB_BASE_UPCASE_H
#define LSMB_BASE_UPCASE_H

#include <stdint.h>

/* The upper-case form of a UTF-16 unit; the unit itself where there is none (surrogates too). */
uint16_t upcase_utf16(uint16_t unit);

#endif
