#include "tools/options.h"
#include "tools/policy_args.h"

#include <stdlib.h>
#include <string.h>

struct parser {
    struct options *out;
    char **next; /* the next word, up to a NULL */
    struct refusal *why;
};

static bool belongs(const struct option *option, const struct options *out)
{
    return option->commands == CMD_ALL ||
           (out->command && (option->commands & (unsigned)out->command->id) != 0);
}

static bool has_name(const struct option *option, const char *name, size_t len)
{
    return strlen(option->name) == len && strncmp(option->name, name, len) == 0;
}

/* By name, or by letter if `name` is NULL. */
static const struct option *find_option(const struct options *out, const char *name, size_t len,
                                        char letter)
{
    for (const struct option *o = option_table; o->name; o++) {
        if (belongs(o, out) && (name ? has_name(o, name, len) : o->letter == letter)) {
            return o;
        }
    }
    return NULL;
}

/* Say what is wrong: the option, or the place where it stands. */
static bool refuse_unknown(const struct parser *p, const char *name, size_t len, char letter)
{
    const char *what = "there is no such option";

    for (const struct option *o = option_table; o->name; o++) {
        if (name ? has_name(o, name, len) : o->letter == letter) {
            what = !o->set           ? "not built yet"
                   : p->out->command ? "this command has no such option"
                                     : "this option stands after its command";
        }
    }
    if (name) {
        return refuse(p->why, "--%.*s: %s", (int)(len < 60 ? len : 60), name, what);
    }
    return refuse(p->why, "-%c: %s", letter, what);
}

/* Whether the Python tool has it, too. */
static bool is_lavas(const struct option *option)
{
    static const char *const names[] = {"profile", "conn-id",   "realm",     "tmpdir", "version",
                                        "level",   "no-colour", "no-color",  "log",    "tag",
                                        "help",    "mkdir",     "kms-key-id"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i], option->name) == 0) {
            return true;
        }
    }
    return false;
}

/* Two names of one thing, as --no-colour and --no-color. */
static bool is_same(const struct option *a, const struct option *b)
{
    return a->letter == b->letter && a->set == b->set && a->field == b->field && !a->value &&
           !b->value;
}

/* The one option whose name begins so, of all or only of those that the Python tool has; NULL if there is none.  Of
 * several, `*other` is a second one. */
static const struct option *find_begun(const struct options *out, const char *name, size_t len,
                                       bool lavas, const struct option **other)
{
    const struct option *found = NULL;

    *other = NULL;
    for (const struct option *o = option_table; o->name; o++) {
        if (!belongs(o, out) || strncmp(o->name, name, len) != 0 || (lavas && !is_lavas(o))) {
            continue;
        }
        if (found && !is_same(found, o)) {
            *other = o;
        }
        found = found ? found : o;
    }
    return found;
}

/* By its name, whole or cut off.  Scripts for the Python tool, which takes cut names, go on working: where only the
 * options that are not its own make a name ambiguous, its own is meant.  NULL: refused. */
static const struct option *find_long(const struct parser *p, const char *name, size_t len)
{
    const struct option *other = NULL;
    const struct option *option = find_option(p->out, name, len, 0);

    if (option) {
        return option;
    }
    option = len > 0 ? find_begun(p->out, name, len, false, &other) : NULL;
    if (other) {
        const struct option *first = option, *second = other;
        option = find_begun(p->out, name, len, true, &other);
        if (!option || other) {
            (void)refuse(p->why, "--%.*s could be --%s or --%s", (int)(len < 60 ? len : 60), name,
                         first->name, second->name);
            return NULL;
        }
    }
    if (!option) {
        (void)refuse_unknown(p, name, len, 0);
    }
    return option;
}

static bool set_option(const struct parser *p, const struct option *option, const char *value)
{
    struct refusal detail = {""};

    if (!option->set) {
        return refuse(p->why, "--%s is not built yet", option->name);
    }
    if (option->set(p->out, option, value, &detail)) {
        return true;
    }
    return refuse(p->why, "--%s: %.400s", option->name, detail.text);
}

/* `inline_value`: what follows the option in the same word; NULL if nothing does. */
static bool take_option(struct parser *p, const struct option *option, const char *inline_value)
{
    if (!option->value || inline_value) {
        return set_option(p, option, inline_value);
    }
    if (!*p->next) {
        return refuse(p->why, "--%s needs a value: %s", option->name, option->value);
    }
    return set_option(p, option, *p->next++);
}

static bool parse_long(struct parser *p, const char *word)
{
    const char *name = word + 2;
    size_t len = strcspn(name, "=");
    const struct option *option = find_long(p, name, len);

    if (!option) {
        return false;
    }
    if (name[len] == '=' && !option->value) {
        return refuse(p->why, "--%s takes no value", option->name);
    }
    return take_option(p, option, name[len] == '=' ? name + len + 1 : NULL);
}

/* Several letters in one word; the rest of the word is the value of the first that takes one, behind a '=' if the
 * word has that first letter alone (as the Python tool has it). */
static bool parse_letters(struct parser *p, const char *word)
{
    for (const char *s = word + 1; *s; s++) {
        const struct option *option = find_option(p->out, NULL, 0, *s);
        if (!option) {
            return refuse_unknown(p, NULL, 0, *s);
        }
        const char *rest = option->value && s[1] != '\0' ? s + 1 : NULL;
        if (rest && s == word + 1 && *rest == '=') {
            rest++;
        }
        if (!take_option(p, option, rest)) {
            return false;
        }
        if (option->value) {
            break;
        }
    }
    return true;
}

static bool take_argument(struct parser *p, char *word)
{
    struct options *out = p->out;

    if (out->command) {
        out->args[out->n_args++] = word;
        return true;
    }
    const struct command *command = command_find(word);
    if (!command) {
        return refuse(p->why, "there is no command '%.60s'", word);
    }
    if (!command->work) {
        return refuse(p->why, "the command %s is not built yet", command->name);
    }
    out->command = command;
    return true;
}

static bool check_arguments(const struct options *out, struct refusal *why)
{
    if (!out->command) {
        return refuse(why, "no command was given");
    }
    /* A connection names the server, so what wants no more than that needs no argument. */
    size_t min_args = out->command->min_args;
    if ((out->conn_file || out->conn_id) &&
        ((unsigned)out->command->id & (CMD_INFO | CMD_SHARES)) != 0) {
        min_args = 0;
    }
    if (out->n_args < min_args) {
        return refuse(why, "an argument is missing: %s", out->command->arguments);
    }
    if (out->n_args > out->command->max_args) {
        return refuse(why, "one argument too many: %.200s", out->args[out->command->max_args]);
    }
    const char *no_jinja = getenv("LAVA_SMB_NO_JINJA");
    bool plain = out->no_jinja || out->tag || (no_jinja && no_jinja[0] && no_jinja[0] != '0');
    for (size_t i = 0; i < out->n_args && !plain; i++) {
        const char *arg = out->args[i];
        if (strstr(arg, "{{") || strstr(arg, "{%") || strstr(arg, "{#")) {
            return refuse(why,
                          "rendering templates is not built yet; use --no-jinja to take '%.200s' "
                          "as it is",
                          arg);
        }
    }
    return true;
}

/* lava's connections are those of a realm. */
static bool check_realm(struct options *out, struct refusal *why)
{
    if (!out->realm || out->realm[0] == '\0') {
        out->realm = getenv("LAVA_REALM");
    }
    if (out->realm && out->realm[0] == '\0') {
        out->realm = NULL;
    }
    if (out->conn_id && out->conn_file) {
        return refuse(why, "--conn-id and --conn-file cannot both be given");
    }
    if (out->conn_id && !out->realm) {
        return refuse(why, "Lava realm must be specified via -r, --realm or LAVA_REALM "
                           "environment variable");
    }
    return true;
}

static bool check_together(struct options *out, struct refusal *why)
{
    if (!check_realm(out, why)) {
        return false;
    }
    if (out->password_file && out->credentials_file) {
        return refuse(why, "--password-file and --credentials cannot both be given");
    }
    if (out->atomic && out->in_place) {
        return refuse(why, "--atomic and --in-place contradict each other");
    }
    if (out->times && out->no_times) {
        return refuse(why, "--times and --no-times contradict each other");
    }
    if (out->crc32 && out->recursive) {
        return refuse(why, "--crc32 is of one file; --verify checks each of a tree");
    }
    if (out->allow_growth && out->recursive) {
        return refuse(why, "--allow-growth is for single files");
    }
    out->policy.size = sizeof out->policy;
    out->policy.allow_guest = out->allow_guest;
    out->policy.allow_ntlmv1 = out->ntlmv1;
    return policy_dialects(out->min_dialect, out->max_dialect, &out->policy, why);
}

bool options_parse(struct options *out, int argc, char **argv, struct refusal *why)
{
    struct parser p = {.out = out, .next = argv + (argc > 0), .why = why};
    bool ended = false, ok = true;

    *out = (struct options){.level = LEVEL_INFO, .args = argv};
    while (ok && *p.next && !out->help && !out->version) {
        char *word = *p.next++;
        if (!ended && strcmp(word, "--") == 0) {
            ended = true;
        } else if (!ended && strncmp(word, "--", 2) == 0) {
            ok = parse_long(&p, word);
        } else if (!ended && word[0] == '-' && word[1] != '\0') {
            ok = parse_letters(&p, word);
        } else {
            ok = take_argument(&p, word);
        }
    }
    if (!ok || out->help || out->version) {
        return ok;
    }
    return check_arguments(out, why) && check_together(out, why);
}
