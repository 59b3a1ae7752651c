/* misc.h: messages that say nothing beyond their header.
 *
 * One body, StructureSize 4 and two reserved bytes, serves LOGOFF request and reply
 * (MS-SMB2 2.2.7, 2.2.8), TREE_DISCONNECT request and reply (2.2.11, 2.2.12), the FLUSH reply
 * (2.2.18), the LOCK reply (2.2.27), ECHO request and reply (2.2.28, 2.2.29) and CANCEL, which is never
 * answered (2.2.30). */
#ifndef LSMB_PROTO_MISC_H
#define LSMB_PROTO_MISC_H

#include "proto/header.h"

enum { SMB2_EMPTY_LEN = 4 };

void smb2_empty_put(struct wr *w);
bool smb2_empty_get(struct span msg);

#endif
