/* help.h: the texts of --help and --version. */
#ifndef LSMB_TOOLS_HELP_H
#define LSMB_TOOLS_HELP_H

#include "tools/command.h"

#include <stdio.h>

/* Of the whole program, or of one command if not NULL. */
void help_print(FILE *to, const struct command *command);

#endif
