/* main.c: lava-smb, from argv to the exit status. */
#include "tools/help.h"
#include "tools/record.h"
#include "tools/run.h"
#include "tools/show.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

static int usage_error(const struct options *opt, const struct refusal *why)
{
    char text[sizeof why->text * 4];
    const char *command = opt->command ? opt->command->name : "";
    const char *space = opt->command ? " " : "";

    show_safe(text, sizeof text, why->text);
    (void)fprintf(stderr, "lava-smb:%s%s%s %s; see 'lava-smb%s%s --help'\n", space, command,
                  opt->command ? ":" : "", text, space, command);
    return EXIT_USAGE;
}

/* What was printed counts only if it arrived. */
static int flush_output(int status)
{
    bool failed = ferror(stdout) != 0;

    errno = 0;
    failed = fclose(stdout) != 0 || failed;
    if (failed && status == EXIT_DONE) {
        (void)fprintf(stderr, "lava-smb: standard output: %s\n",
                      errno ? strerror(errno) : "not everything could be written");
        return EXIT_FAILED;
    }
    return status;
}

static int work(const struct options *opt)
{
    struct run run;

    if (run_open(&run, opt)) {
        opt->command->work(&run);
    }
    run_close(&run);
    return run.status;
}

/* Were one of the standard descriptors closed, a socket could get its number, and messages would go
 * there.  What takes its place refuses to be used. */
static bool fill_standard_descriptors(void)
{
    static const int modes[] = {O_WRONLY, O_RDONLY, O_RDONLY};

    for (int fd = 0; fd < 3; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", modes[fd]) != fd) {
            return false;
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    struct options opt;
    struct refusal why = {""};

    record_wipe_memory();
    if (!fill_standard_descriptors()) {
        return EXIT_FAILED;
    }
    if (!options_parse(&opt, argc, argv, &why)) {
        return usage_error(&opt, &why);
    }
    if (opt.version) {
        (void)printf("lava-smb %s\n", lsmb_version());
        return flush_output(EXIT_DONE);
    }
    if (opt.help) {
        help_print(stdout, opt.command);
        return flush_output(EXIT_DONE);
    }
    return flush_output(work(&opt));
}
