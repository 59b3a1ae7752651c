#include "xfer/names_map.h"

#include <stdint.h>
#include <string.h>

/* SFM: U+F020 is '"', U+F021 '*', and so on; controls keep their number. */
static const char sfm_order[] = "\"*:<>?\\|";

enum { SFM_FIRST = 0x20, SFM_SPACE = 0x28, SFM_DOT = 0x29 };

static bool is_reserved(unsigned char c)
{
    return c < 0x20 || strchr(sfm_order, c) != NULL;
}

/* The low byte of the private character U+F0xx that stands for `c`; 0: `c` stands for itself.  `last`: it ends
 * the name. */
static uint8_t private_of(unsigned char c, bool last, enum lsmb_names names)
{
    bool ends = last && (c == ' ' || c == '.');

    if (names == LSMB_NAMES_NONE || (!ends && !is_reserved(c))) {
        return 0;
    }
    if (names == LSMB_NAMES_SFU || c < 0x20) {
        return c;
    }
    if (ends) {
        return c == ' ' ? SFM_SPACE : SFM_DOT;
    }
    return (uint8_t)(SFM_FIRST + (strchr(sfm_order, c) - sfm_order));
}

/* And back: the character that U+F0xx stands for, 0: none. */
static char public_of(uint8_t low, bool last, enum lsmb_names names)
{
    if (low == 0) {
        return 0;
    }
    for (unsigned c = 1; c < 0x80; c++) {
        if (private_of((unsigned char)c, last, names) == low) {
            return (char)c;
        }
    }
    return 0;
}

size_t names_to_share(char *out, const char *path, enum lsmb_names names)
{
    size_t len = 0;

    for (const char *at = path; *at; at++) {
        bool last = at[1] == '\0' || at[1] == '/';
        uint8_t low = *at == '/' ? 0 : private_of((unsigned char)*at, last, names);
        if (low == 0) {
            out[len++] = *at;
        } else { /* U+F000 to U+F07F, RFC 3629 3 */
            uint8_t utf8[3] = {0xEF, (uint8_t)(0x80 | low >> 6), (uint8_t)(0x80 | (low & 0x3F))};
            memcpy(out + len, utf8, sizeof utf8);
            len += sizeof utf8;
        }
    }
    out[len] = '\0';
    return len;
}

/* The low byte of a character U+F000 to U+F07F at `at`; 0: it is none. */
static uint8_t private_at(const char *at)
{
    unsigned char c[3] = {(unsigned char)at[0], 0, 0};

    if (c[0] == 0xEF && at[1] && at[2]) {
        c[1] = (unsigned char)at[1];
        c[2] = (unsigned char)at[2];
    }
    if ((c[1] & 0xFE) != 0x80 || (c[2] & 0xC0) != 0x80) {
        return 0;
    }
    return (uint8_t)((c[1] & 1) << 6 | (c[2] & 0x3F));
}

void name_from_share(char *out, const char *name, enum lsmb_names names)
{
    size_t len = 0;

    for (const char *at = name; *at;) {
        uint8_t low = private_at(at);
        char c = public_of(low, low != 0 && at[3] == '\0', names);
        if (c) {
            out[len++] = c;
            at += 3;
        } else {
            out[len++] = *at++;
        }
    }
    out[len] = '\0';
    if (strcmp(out, ".") == 0 || strcmp(out, "..") == 0) {
        memcpy(out, name, strlen(name) + 1);
    }
}

bool names_mislead(const char *path, enum lsmb_names names)
{
    return names == LSMB_NAMES_NONE && strpbrk(path, "\\:");
}
