#include "tools/help.h"
#include "tools/options.h"

#include <stdio.h>

/* What cannot be written to a closed pipe is of no interest: main() flushes and checks once. */
static void print_option(FILE *to, const struct option *option)
{
    char names[64], letter[8] = "    ";

    if (option->letter) {
        (void)snprintf(letter, sizeof letter, "-%c, ", option->letter);
    }
    (void)snprintf(names, sizeof names, "%s--%s%s%s", letter, option->name,
                   option->value ? " " : "", option->value ? option->value : "");
    (void)fprintf(to, "  %-28s %s\n", names, option->help);
}

static size_t print_options(FILE *to, unsigned of, bool global)
{
    size_t n = 0;

    for (const struct option *o = option_table; o->name; o++) {
        if (o->help && (o->commands & of) != 0 && (o->commands == CMD_ALL) == global) {
            print_option(to, o);
            n++;
        }
    }
    return n;
}

static void print_locations(FILE *to)
{
    (void)fputs(
        "\nSMB-LOCATION is smb://[[DOMAIN;]USER@]HOST[:PORT]/SHARE[/PATH] or "
        "\\\\HOST\\SHARE\\PATH;\n"
        "with --conn-id or --conn-file also SHARE:PATH.  The password comes from "
        "--password-file,\n--credentials, the connection or LAVA_SMB_PASSWORD, or is asked "
        "for.  For get, put and cp,\nthe other end may be s3://BUCKET/KEY; AWS is set up as "
        "for its own tools.\n",
        to);
}

static void print_program(FILE *to)
{
    (void)fputs("Usage: lava-smb [OPTIONS] COMMAND [OPTIONS] ARGUMENTS\n"
                "Copy files to and from SMB shares, and look after them.\n\nCommands:\n",
                to);
    for (const struct command *c = commands; c->name; c++) {
        if (c->work) {
            (void)fprintf(to, "  %-28s %s\n", c->name, c->summary);
        }
    }
    (void)fputs("\nOptions, before or after the command:\n", to);
    print_options(to, CMD_ALL, true);
    print_locations(to);
    (void)fputs("\nExit status: 0 done, 1 failed, 2 usage or SIGINT, 3 authentication, 4 not "
                "found, 5 access\n"
                "denied or in use, 6 network or time-out, 7 a security requirement was not met, 8 "
                "the source\n"
                "changed, 9 some files of a tree failed, 143 SIGTERM.\n"
                "\n'lava-smb COMMAND --help' has more on each; lava-smb(1) has all.\n",
                to);
}

void help_print(FILE *to, const struct command *command)
{
    if (!command) {
        print_program(to);
        return;
    }
    (void)fprintf(to, "Usage: lava-smb %s [OPTIONS] %s\n", command->name, command->arguments);
    (void)fprintf(to, "%c%s.\n", command->summary[0] - 'a' + 'A', command->summary + 1);
    if (command->notes) {
        (void)fprintf(to, "%s", command->notes);
    }
    (void)fputs("\nOptions:\n", to);
    if (print_options(to, (unsigned)command->id, false) == 0) {
        (void)fputs("  none of its own\n", to);
    }
    (void)fputs("The others are those of 'lava-smb --help'.\n", to);
    print_locations(to);
}
