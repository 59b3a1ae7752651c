#include "tools/command.h"

#include <stdint.h>
#include <string.h>

#define MANY SIZE_MAX

#define TREE_NOTES                                                                                 \
    "With -R, a directory is copied so that the target is its copy: it is made if it is not\n"     \
    "there, and what it has besides stays.\n"
#define GLOB_NOTES                                                                                 \
    "The last name on a share may be a pattern with * ? [a-z] (? is %3F in a URL); what\n"         \
    "matches goes into the target, an existing directory.\n"

const struct command commands[] = {
    {"get", CMD_GET, 2, 2, "SMB-LOCATION FILE", "copy files from a share",
     "FILE is a local file, a directory (the name is kept), s3://BUCKET/KEY, or - for standard\n"
     "output.\n" TREE_NOTES GLOB_NOTES,
     cmd_get},
    {"put", CMD_PUT, 2, 2, "FILE SMB-LOCATION", "copy files to a share",
     "FILE is a local file, s3://BUCKET/KEY, or - for standard input.  Where SMB-LOCATION is a\n"
     "directory, the name is kept.  An existing file is replaced once the new one is "
     "complete.\n" TREE_NOTES,
     cmd_put},
    {"cp", CMD_CP, 2, 2, "SOURCE TARGET", "copy files from anywhere to anywhere",
     "Either or both are on a share or in S3; what stays on one server is copied by the server,\n"
     "but for files of up to 256 KiB in trees, which are read and written.\n" TREE_NOTES GLOB_NOTES,
     cmd_cp},
    {"ls", CMD_LS, 1, MANY, "SMB-LOCATION...", "list directories and files",
     "Names are sorted by their bytes; hidden files are listed too.\n", cmd_ls},
    {"cat", CMD_CAT, 1, MANY, "SMB-LOCATION...", "write files to standard output", NULL, cmd_cat},
    {"du", CMD_DU, 1, MANY, "SMB-LOCATION...", "sum up what directories hold",
     "In KiB of disk space, one line for each directory.\n", cmd_du},
    {"stat", CMD_STAT, 1, MANY, "SMB-LOCATION...", "show size, times and attributes", NULL,
     cmd_stat},
    {"mkdir", CMD_MKDIR, 1, MANY, "SMB-LOCATION...", "make directories", NULL, cmd_mkdir},
    {"rm", CMD_RM, 1, MANY, "SMB-LOCATION...", "delete files and trees",
     "A link is deleted, not what it leads to.\n", cmd_rm},
    {"mv", CMD_MV, 2, MANY, "SMB-LOCATION... TARGET", "rename or move within a share",
     "Into an existing directory the name is kept; an existing file is replaced.\n", cmd_mv},
    {"shares", CMD_SHARES, 1, 1, "URL", "list the shares of a server",
     "Hidden ones (with a '$' at the end) and printers are listed too.\n", cmd_shares},
    {"info", CMD_INFO, 1, 1, "SMB-LOCATION", "show what was negotiated with a server",
     "Without a share, IPC$ is used.\n", cmd_info},
    {.name = "dfs", .id = CMD_LATER},
    {.name = "doctor", .id = CMD_LATER},
    {.name = NULL},
};

const struct command *command_find(const char *name)
{
    for (const struct command *c = commands; c->name; c++) {
        if (strcmp(c->name, name) == 0) {
            return c;
        }
    }
    return NULL;
}
