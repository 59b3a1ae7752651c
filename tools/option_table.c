/* option_table.c: every option, and how its value is taken. */
#include "tools/options.h"
#include "tools/policy_args.h"
#include "tools/units.h"

#include <string.h>
#include <strings.h>

static void *field_of(struct options *out, const struct option *option)
{
    return (char *)out + option->field;
}

static bool set_flag(struct options *out, const struct option *option, const char *value,
                     struct refusal *why)
{
    (void)value;
    (void)why;
    *(bool *)field_of(out, option) = true;
    return true;
}

static bool set_text(struct options *out, const struct option *option, const char *value,
                     struct refusal *why)
{
    (void)why;
    *(const char **)field_of(out, option) = value;
    return true;
}

/* For names of files and the like. */
static bool set_name(struct options *out, const struct option *option, const char *value,
                     struct refusal *why)
{
    if (value[0] == '\0') {
        return refuse(why, "it is empty");
    }
    return set_text(out, option, value, why);
}

static bool set_duration(struct options *out, const struct option *option, const char *value,
                         struct refusal *why)
{
    return units_duration(value, (uint32_t *)field_of(out, option), why);
}

static bool set_deadline(struct options *out, const struct option *option, const char *value,
                         struct refusal *why)
{
    out->deadline = value;
    return set_duration(out, option, value, why);
}

static bool set_bytes(struct options *out, const struct option *option, const char *value,
                      struct refusal *why)
{
    return units_bytes(value, (uint64_t *)field_of(out, option), why);
}

static bool set_rate(struct options *out, const struct option *option, const char *value,
                     struct refusal *why)
{
    return units_rate(value, (uint64_t *)field_of(out, option), why);
}

static bool set_connections(struct options *out, const struct option *option, const char *value,
                            struct refusal *why)
{
    return units_count(value, LSMB_CONNECTIONS_MAX, (uint32_t *)field_of(out, option), why);
}

static bool set_include(struct options *out, const struct option *option, const char *value,
                        struct refusal *why)
{
    (void)option;
    return filter_add(&out->filter, value, false, why);
}

static bool set_exclude(struct options *out, const struct option *option, const char *value,
                        struct refusal *why)
{
    (void)option;
    return filter_add(&out->filter, value, true, why);
}

static bool set_names(struct options *out, const struct option *option, const char *value,
                      struct refusal *why)
{
    static const char *const names[] = {"sfm", "sfu", "none", NULL};
    static const enum lsmb_names values[] = {LSMB_NAMES_SFM, LSMB_NAMES_SFU, LSMB_NAMES_NONE};
    unsigned chosen = 0;

    (void)option;
    if (!policy_choose(value, names, &chosen, why)) {
        return false;
    }
    out->names = values[chosen];
    return true;
}

static bool set_sign(struct options *out, const struct option *option, const char *value,
                     struct refusal *why)
{
    static const char *const names[] = {"auto", "required", NULL};
    unsigned chosen = 0;

    (void)option;
    if (!policy_choose(value, names, &chosen, why)) {
        return false;
    }
    out->policy.sign = chosen == 0 ? LSMB_AUTO : LSMB_REQUIRED;
    return true;
}

static bool set_encrypt(struct options *out, const struct option *option, const char *value,
                        struct refusal *why)
{
    static const char *const names[] = {"auto", "required", "off", NULL};
    static const enum lsmb_require values[] = {LSMB_AUTO, LSMB_REQUIRED, LSMB_OFF};
    unsigned chosen = 0;

    (void)option;
    if (!policy_choose(value, names, &chosen, why)) {
        return false;
    }
    out->policy.seal = values[chosen];
    return true;
}

static bool set_ciphers(struct options *out, const struct option *option, const char *value,
                        struct refusal *why)
{
    (void)option;
    return policy_ciphers(value, &out->policy, why);
}

static bool set_signing_algs(struct options *out, const struct option *option, const char *value,
                             struct refusal *why)
{
    (void)option;
    return policy_signing_algs(value, &out->policy, why);
}

/* Kerberos is what "negotiate" will prefer; until it is there, both mean NTLM in SPNEGO. */
static bool set_auth(struct options *out, const struct option *option, const char *value,
                     struct refusal *why)
{
    static const char *const names[] = {"negotiate", "ntlm", "kerberos", NULL};
    unsigned chosen = 0;

    (void)out;
    (void)option;
    if (!policy_choose(value, names, &chosen, why)) {
        return false;
    }
    return chosen < 2 ? true : refuse(why, "kerberos is not built yet");
}

static bool set_dfs(struct options *out, const struct option *option, const char *value,
                    struct refusal *why)
{
    static const char *const names[] = {"off", "on", NULL};
    unsigned chosen = 0;

    (void)out;
    (void)option;
    if (!policy_choose(value, names, &chosen, why)) {
        return false;
    }
    return chosen == 0 ? true : refuse(why, "DFS is not built yet");
}

static bool set_progress(struct options *out, const struct option *option, const char *value,
                         struct refusal *why)
{
    static const char *const names[] = {"auto", "bar", "lines", "json", "none", NULL};
    static const enum progress_mode values[] = {PROGRESS_AUTO, PROGRESS_BAR, PROGRESS_LINES,
                                                PROGRESS_JSON, PROGRESS_NONE};
    unsigned chosen = 0;

    (void)option;
    if (!policy_choose(value, names, &chosen, why)) {
        return false;
    }
    out->progress = values[chosen];
    return true;
}

/* The names of Python's logging module, in any case. */
static bool set_level(struct options *out, const struct option *option, const char *value,
                      struct refusal *why)
{
    static const struct {
        const char *name;
        enum log_threshold level;
    } names[] = {
        {"debug", LEVEL_DEBUG},    {"info", LEVEL_INFO},    {"warning", LEVEL_WARNING},
        {"warn", LEVEL_WARNING},   {"error", LEVEL_ERROR},  {"critical", LEVEL_CRITICAL},
        {"fatal", LEVEL_CRITICAL}, {"notset", LEVEL_DEBUG},
    };

    (void)option;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcasecmp(names[i].name, value) == 0) {
            out->level = names[i].level;
            out->level_given = true;
            return true;
        }
    }
    return refuse(why, "Bad log level: %.60s (debug, info, warning, error and critical are known)",
                  value);
}

#define AT(field) offsetof(struct options, field)
#define LATER     NULL, 0, NULL

/* An option of one command stands before a global one with the same letter. */
const struct option option_table[] = {
    {"mkdir", 'm', CMD_PUT | CMD_CP, NULL, set_flag, AT(make_parents),
     "make the missing directories above the target"},
    {"parents", 'p', CMD_MKDIR, NULL, set_flag, AT(make_parents),
     "make the missing ones above it too; one that exists is no error"},
    {"long", 'l', CMD_LS, NULL, set_flag, AT(long_list),
     "attributes (drhsal), size, time of the last write (UTC), name"},
    {"kms-key-id", 'k', CMD_GET | CMD_CP, "KEY", set_text, AT(kms_key_id),
     "encrypt objects in S3 by this key of KMS, not by S3's own"},
    {"recursive", 'R', CMD_COPIES, NULL, set_flag, AT(recursive),
     "a directory with all that is below it"},
    {"include", 0, CMD_COPIES, "PATTERN", set_include, 0,
     "of a tree, only files that match; with '/': whose path does"},
    {"exclude", 0, CMD_COPIES, "PATTERN", set_exclude, 0,
     "likewise: neither files nor directories that match"},
    {"names", 0, CMD_COPIES, "HOW", set_names, 0,
     "of a tree, characters that a share cannot have: sfm, sfu or none"},
    {"times", 0, CMD_COPIES, NULL, set_flag, AT(times),
     "keep the time of the last write; usual for trees"},
    {"no-times", 0, CMD_COPIES, NULL, set_flag, AT(no_times), "do not; usual for single files"},
    {"verify", 0, CMD_COPIES, NULL, set_flag, AT(verify),
     "read back what was written and compare, before it gets its name"},
    {"crc32", 0, CMD_COPIES, NULL, set_flag, AT(crc32),
     "print the CRC-32 of a file that was copied"},
    {"allow-growth", 0, CMD_COPIES, NULL, set_flag, AT(allow_growth),
     "copy a file that grows meanwhile up to its length at the start"},
    {"atomic", 0, CMD_COPIES, NULL, set_flag, AT(atomic),
     "fail where a target cannot be replaced in one step"},
    {"in-place", 0, CMD_COPIES, NULL, set_flag, AT(in_place), "write straight into the target"},
    {"recursive", 'R', CMD_LS | CMD_RM, NULL, set_flag, AT(recursive),
     "and everything below directories"},
    {"summarize", 's', CMD_DU, NULL, set_flag, AT(summarize), "only the sum of each argument"},
    {"bytes", 'b', CMD_DU, NULL, set_flag, AT(apparent_bytes),
     "lengths of files in bytes, not what they take on the disk"},
    {"human-readable", 'H', CMD_DU, NULL, set_flag, AT(human), "1.5 MiB and the like"},
    {"resume", 0, CMD_COPIES, NULL, LATER},

    {"password-file", 0, CMD_ALL, "FILE", set_name, AT(password_file),
     "the password is the first line of FILE (-: of standard input)"},
    {"credentials", 0, CMD_ALL, "FILE", set_name, AT(credentials_file),
     "lines username=, password= and domain=, as for mount.cifs"},
    {"conn-id", 'c', CMD_ALL, "ID", set_name, AT(conn_id),
     "a connection of lava's: SHARE:PATH is on its server"},
    {"realm", 'r', CMD_ALL, "REALM", set_text, AT(realm),
     "the lava realm that has it; LAVA_REALM by default"},
    {"conn-file", 0, CMD_ALL, "FILE", set_name, AT(conn_file), "a connection of lava's in a file"},
    {"anonymous", 0, CMD_ALL, NULL, set_flag, AT(anonymous), "log on as nobody"},
    {"allow-guest", 0, CMD_ALL, NULL, set_flag, AT(allow_guest),
     "accept being made a guest by the server"},
    {"ntlmv1", 0, CMD_ALL, NULL, set_flag, AT(ntlmv1),
     "log on with NTLMv1 instead of NTLMv2, for a server that has nothing better"},
    {"nbt", 0, CMD_ALL, NULL, set_flag, AT(nbt), "use NetBIOS sessions (port 139)"},
    {"auth", 0, CMD_ALL, "HOW", set_auth, 0, "negotiate or ntlm"},
    {"min-dialect", 0, CMD_ALL, "DIALECT", set_name, AT(min_dialect),
     "at least this: 2.0.2, 2.1, 3.0, 3.0.2 or 3.1.1"},
    {"max-dialect", 0, CMD_ALL, "DIALECT", set_name, AT(max_dialect), "at most this"},
    {"sign", 0, CMD_ALL, "WHEN", set_sign, 0, "auto or required"},
    {"signing-algs", 0, CMD_ALL, "LIST", set_signing_algs, 0, "of gmac, cmac and hmac"},
    {"encrypt", 0, CMD_ALL, "WHEN", set_encrypt, 0, "auto, required or off"},
    {"ciphers", 0, CMD_ALL, "LIST", set_ciphers, 0,
     "of aes-128-gcm, aes-128-ccm, aes-256-gcm and aes-256-ccm"},
    {"dfs", 0, CMD_ALL, "SWITCH", set_dfs, 0, "off"},

    {"deadline", 0, CMD_ALL, "DURATION", set_deadline, AT(deadline_ms),
     "end everything after 10s, 5m, 2h; none by default"},
    {"timeout", 0, CMD_ALL, "DURATION", set_duration, AT(silence_ms),
     "give up a server that is silent for so long; 30s by default"},
    {"window", 0, CMD_ALL, "BYTES", set_bytes, AT(window_bytes),
     "how much may be in flight; 40M by default, with S3 96M"},
    {"limit-rate", 0, CMD_ALL, "BYTES", set_rate, AT(rate_limit),
     "move at most so many bytes a second, as 500k or 10M"},
    {"connections", 0, CMD_ALL, "N", set_connections, AT(connections),
     "most to use for a tree, 1 to 16; as many as help, up to 4, by default"},
    {"progress", 0, CMD_ALL, "HOW", set_progress, 0,
     "auto, bar, lines, json or none; auto is a bar on a terminal"},

    {"json", 0, CMD_ALL, NULL, set_flag, AT(json),
     "ls, stat, du, shares, info: an object a line; get, put, cp: a summary"},
    {"stats", 0, CMD_ALL, NULL, set_flag, AT(stats),
     "print at the end what it took and what bound the speed"},

    {"level", 'l', CMD_ALL, "LEVEL", set_level, 0,
     "debug, info, warning, error or critical; info by default"},
    {"log", 0, CMD_ALL, "TARGET", set_name, AT(log_target),
     "log to a file, or to syslog with @FACILITY"},
    {"tag", 0, CMD_ALL, "TAG", set_text, AT(tag), "put before log lines; implies --no-jinja"},
    {"no-colour", 0, CMD_ALL, NULL, set_flag, AT(no_colour), "no colours in log lines"},
    {"no-color", 0, CMD_ALL, NULL, set_flag, AT(no_colour), NULL},
    {"no-jinja", 'J', CMD_ALL, NULL, set_flag, AT(no_jinja),
     "take arguments as they are, even with {{ in them"},
    {"profile", 0, CMD_ALL, "NAME", set_text, AT(profile), "as for the AWS CLI"},
    {"tmpdir", 0, CMD_ALL, "DIR", set_name, AT(tmpdir),
     "a directory to be made, and removed at the end"},
    {"version", 'v', CMD_ALL, NULL, set_flag, AT(version), "print the version"},
    {"help", 'h', CMD_ALL, NULL, set_flag, AT(help), "print this text, or that of a command"},

    {"pcap", 0, CMD_ALL, "FILE", LATER},
    {.name = NULL},
};
