/* tree_share.h: what the copy of a tree knows of trees on shares beyond their calls. */
#ifndef LSMB_XFER_TREE_SHARE_H
#define LSMB_XFER_TREE_SHARE_H

#include "xfer/name_set.h"

#include "lsmb.h"

/* What stands for a name in the target `to`: the same for all names that are one file there. */
uint64_t tree_share_hash(const struct lsmb_tree *to, const struct name_key *key, const char *name);

/* So many files wait or are on their way: whether more connections are made for them. */
void tree_share_expect(struct lsmb_tree *from, struct lsmb_tree *to, size_t files);

/* Whether those of the trees that are on shares can still be reached, if not over every connection. */
bool tree_share_up(const struct lsmb_tree *from, const struct lsmb_tree *to);

#endif
