/* command.h: the commands of lava-smb.  Each is one file, cmd_NAME.c. */
#ifndef LSMB_TOOLS_COMMAND_H
#define LSMB_TOOLS_COMMAND_H

#include <stddef.h>

struct run;

/* Bits, so that an option can name the commands it belongs to. */
enum command_id {
    CMD_GET = 1u << 0,
    CMD_PUT = 1u << 1,
    CMD_LS = 1u << 2,
    CMD_STAT = 1u << 3,
    CMD_MKDIR = 1u << 4,
    CMD_RM = 1u << 5,
    CMD_MV = 1u << 6,
    CMD_INFO = 1u << 7,
    CMD_CAT = 1u << 8,
    CMD_DU = 1u << 9,
    CMD_SHARES = 1u << 10,
    CMD_CP = 1u << 11,
    CMD_LATER = 1u << 12, /* known by name only */
    CMD_ALL = (1u << 13) - 1,
    CMD_COPIES = CMD_GET | CMD_PUT | CMD_CP,
};

struct command {
    const char *name;
    enum command_id id;
    size_t min_args, max_args;
    const char *arguments; /* "SMB-LOCATION FILE" */
    const char *summary;   /* one line; NULL for a command that is not built yet */
    const char *notes;     /* what its --help says besides, ending in a newline */
    /* Do it; failures are reported and counted in run->status. */
    void (*work)(struct run *run);
};

/* In the order of the help text; ends with a name of NULL. */
extern const struct command commands[];

/* NULL if there is none of that name. */
const struct command *command_find(const char *name);

void cmd_get(struct run *run);
void cmd_put(struct run *run);
void cmd_cp(struct run *run);
void cmd_ls(struct run *run);
void cmd_stat(struct run *run);
void cmd_mkdir(struct run *run);
void cmd_rm(struct run *run);
void cmd_mv(struct run *run);
void cmd_info(struct run *run);
void cmd_cat(struct run *run);
void cmd_du(struct run *run);
void cmd_shares(struct run *run);

#endif
