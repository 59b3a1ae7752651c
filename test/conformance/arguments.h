/* arguments.h: the command line of the conformance program. */
#ifndef LSMB_TEST_CONFORMANCE_ARGUMENTS_H
#define LSMB_TEST_CONFORMANCE_ARGUMENTS_H

#include "test/conformance/cell.h"
#include "tools/refusal.h"

struct arguments {
    const char *url; /* all texts are borrowed from argv; NULL: not given */
    const char *json_file, *password_file, *credentials_file;
    bool logons[LOGON_COUNT], transports[TRANSPORT_COUNT];
    uint16_t nbt_port;
    uint64_t bytes;
    bool help;
};

bool arguments_parse(struct arguments *out, char **argv, struct refusal *why);

extern const char arguments_usage[];

#endif
