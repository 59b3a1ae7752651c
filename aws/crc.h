/* crc.h: the checksums over whole objects that S3 keeps: CRC-32, CRC-32C and CRC-64/NVME, and how those of
 * parts become that of the whole.  Amazon S3 User Guide, "Checking object integrity". */
#ifndef LSMB_AWS_CRC_H
#define LSMB_AWS_CRC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum crc_kind { CRC_NONE, CRC_32, CRC_32C, CRC_64NVME };

enum { CRC_TEXT_ROOM = 16 };

/* Go on with `crc`, which is 0 at the beginning. */
uint64_t crc_add(enum crc_kind kind, uint64_t crc, const uint8_t *data, size_t len);

/* The same without what only some processors can do; not of CRC_NONE. */
uint64_t crc_add_portably(enum crc_kind kind, uint64_t crc, const uint8_t *data, size_t len);

/* That of `a` followed by the `b_len` bytes of `b`. */
uint64_t crc_combine(enum crc_kind kind, uint64_t a, uint64_t b, uint64_t b_len);

/* The header's value, base64 of the big-endian number: at most 12 characters and a 0. */
void crc_text(enum crc_kind kind, uint64_t crc, char out[CRC_TEXT_ROOM]);

/* Read such a value; false if it is none (a composite one, "...-7"). */
bool crc_parse(enum crc_kind kind, const char *text, uint64_t *crc);

/* "x-amz-checksum-crc32" and the like; NULL for CRC_NONE. */
const char *crc_header(enum crc_kind kind);

#endif
