/* visit.h: one visit to a server: connect as a cell demands, and move a file there and back. */
#ifndef LSMB_TEST_CONFORMANCE_VISIT_H
#define LSMB_TEST_CONFORMANCE_VISIT_H

#include "test/conformance/cell.h"
#include "tools/location.h"

enum outcome {
    OUTCOME_OK,
    OUTCOME_CANNOT, /* the server does not do this, and says so */
    OUTCOME_FAILED,
};

struct place {
    const struct location *where; /* a folder on a share */
    const char *password;
    uint16_t nbt_port; /* of NetBIOS sessions; 0: 139 */
    size_t bytes;      /* of the file that is moved */
    uint32_t silence_ms;
};

struct visit {
    enum outcome outcome;
    char what[64];  /* where it ended: "connect", "put", "get", ... */
    char why[1200]; /* the reason, in one line; "" when all went well */
    unsigned long ms;
};

/* Make a visit: put, list, get, compare, rename, delete; nothing is left behind. */
void visit_make(struct visit *visit, const struct place *place, const struct cell *cell);

#endif
