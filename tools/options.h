/* options.h: what the command line says.
 *
 * Options may stand before and after the command and its arguments; "--" ends them.  The name of a long option may
 * be cut off where it is still one option's, or one's that lava has; its value is written "--name=value" or
 * "--name value".  The last of two wins. */
#ifndef LSMB_TOOLS_OPTIONS_H
#define LSMB_TOOLS_OPTIONS_H

#include "lsmb.h"
#include "tools/command.h"
#include "tools/filter.h"
#include "tools/refusal.h"

#include <stddef.h>
#include <stdint.h>

enum progress_mode {
    PROGRESS_AUTO,
    PROGRESS_BAR,
    PROGRESS_LINES,
    PROGRESS_JSON,
    PROGRESS_NONE,
};

/* Levels of --level; the last four are those of the library. */
enum log_threshold {
    LEVEL_CRITICAL,
    LEVEL_ERROR,
    LEVEL_WARNING,
    LEVEL_INFO,
    LEVEL_DEBUG,
};

/* Strings are borrowed from argv; NULL and 0 mean "not given". */
struct options {
    const struct command *command;
    char **args; /* of the command */
    size_t n_args;

    const char *password_file, *credentials_file;
    const char *conn_file, *conn_id;
    const char *kms_key_id; /* of objects that are written to S3; "" as NULL */
    bool anonymous, allow_guest, ntlmv1, nbt;
    const char *min_dialect, *max_dialect; /* as written; what they mean is in `policy` */
    struct lsmb_policy policy;

    const char *deadline; /* as written */
    uint32_t deadline_ms, silence_ms;
    uint64_t window_bytes, rate_limit; /* rate_limit: bytes per second */
    uint32_t connections;
    bool atomic, in_place, allow_growth;

    enum progress_mode progress;
    enum log_threshold level;
    bool level_given; /* and not the default */
    const char *log_target, *tag;
    bool no_colour;

    const char *profile; /* of AWS */
    const char *realm;   /* of lava; LAVA_REALM where no option says it; never "" */
    const char *tmpdir;
    bool help, version;
    bool no_jinja;

    bool make_parents; /* put -m, cp -m, mkdir -p */
    bool long_list;    /* ls -l */
    bool recursive;    /* -R */
    bool json, stats;
    struct filter filter; /* of trees and patterns */
    enum lsmb_names names;
    bool times, no_times; /* keep those of the source; neither: as is usual for files or trees */
    bool verify, crc32;
    bool summarize, apparent_bytes, human; /* du -s, -b, -h */
};

/* Take a command line apart.  argv is reordered and lent to `out`.  With help or version asked for,
 * nothing else need make sense. */
bool options_parse(struct options *out, int argc, char **argv, struct refusal *why);

struct option;
typedef bool option_fn(struct options *out, const struct option *option, const char *value,
                       struct refusal *why);

struct option {
    const char *name;
    char letter;       /* 0: none */
    unsigned commands; /* enum command_id; CMD_ALL: a global one */
    const char *value; /* what the help text calls its value; NULL: it takes none */
    option_fn *set;    /* NULL: not built yet */
    size_t field;      /* offset in struct options, for the simple ones */
    const char *help;  /* NULL: not in the help text */
};

/* In the order of the help text; ends with a name of NULL. */
extern const struct option option_table[];

#endif
