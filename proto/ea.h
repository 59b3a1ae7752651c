/* ea.h: extended attributes (FileFullEaInformation, MS-FSCC 2.4.16). */
#ifndef LSMB_PROTO_EA_H
#define LSMB_PROTO_EA_H

#include "proto/walk.h"

enum { EA_NAME_MAX = 255, EA_VALUE_MAX = 0xFFFF }; /* bytes: EaNameLength, EaValueLength */

struct file_full_ea_information {
    bool need_ea;      /* FILE_NEED_EA: who does not understand it should not open the file */
    struct span name;  /* ASCII, never empty and without a NUL in it; one stands behind it */
    struct span value; /* empty, when it is set: take the attribute away */
};

/* The next attribute of a list; false at its end or where it is malformed (walk_ok tells). */
bool file_full_ea_information_next(struct walk *list, struct file_full_ea_information *out);

/* Append an attribute to a list written from position 0 of `w`. */
void file_full_ea_information_put(struct wr *w, const struct file_full_ea_information *info);

#endif
