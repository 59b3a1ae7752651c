/* ini.c: the shared files' syntax: what Python's RawConfigParser refuses is refused here, too. */
#include "aws/ini.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

enum { FILE_MAX = 1 << 20, SECTIONS_MAX = 10000, KEYS_MAX = 1000 };

struct section {
    struct list node;
    const char *name; /* in ini->text, as all texts */
    struct list keys; /* struct key */

    unsigned keys_count;
};

struct key {
    struct list node;
    const char *parent; /* of a nested one; NULL: it is not */
    const char *name, *value;
};

/* ---------------------------------------------------------------- beginning and end */

void ini_init(struct ini *ini)
{
    *ini = (struct ini){0};
    list_init(&ini->sections);
}

static void section_free(struct section *section)
{
    for (struct list *node; (node = list_pop_front(&section->keys));) {
        free(CONTAINER_OF(node, struct key, node));
    }
    free(section);
}

void ini_free(struct ini *ini)
{
    for (struct list *node; ini->sections.next && (node = list_pop_front(&ini->sections));) {
        section_free(CONTAINER_OF(node, struct section, node));
    }
    secret_wipe(&ini->text);
}

/* ---------------------------------------------------------------- what is asked */

static struct section *find_section(const struct ini *ini, const char *name)
{
    LIST_EACH(node, &ini->sections)
    {
        struct section *section = CONTAINER_OF(node, struct section, node);
        if (strcmp(section->name, name) == 0) {
            return section;
        }
    }
    return NULL;
}

/* `parent`: the first `parent_len` bytes of it; 0: a key that is not nested. */
static struct key *find_key(const struct section *section, const char *parent, size_t parent_len,
                            const char *name)
{
    LIST_EACH(node, &section->keys)
    {
        struct key *key = CONTAINER_OF(node, struct key, node);
        bool same = key->parent ? strlen(key->parent) == parent_len &&
                                      memcmp(key->parent, parent, parent_len) == 0
                                : parent_len == 0;
        if (same && strcmp(key->name, name) == 0) {
            return key;
        }
    }
    return NULL;
}

bool ini_has(const struct ini *ini, const char *section)
{
    return find_section(ini, section) != NULL;
}

const char *ini_get(const struct ini *ini, const char *section, const char *key)
{
    const struct section *in = find_section(ini, section);
    const char *dot = strchr(key, '.');
    const struct key *found = NULL;

    if (in && dot) {
        found = find_key(in, key, (size_t)(dot - key), dot + 1);
    } else if (in) {
        found = find_key(in, "", 0, key);
    }
    return found ? found->value : NULL;
}

/* ---------------------------------------------------------------- reading
 *
 * The text is cut into names and values where it lies. */

struct reader {
    struct ini *ini;
    const char *name; /* of the file */
    struct lsmb_error *err;
    unsigned line, sections;
    struct section *section; /* the last one; NULL: none yet */
    struct key *key;         /* of it, which indented lines belong to; NULL: none */
    char *value_end;         /* where its value ends so far */
    size_t indent;           /* of the line that it was on */
};

static bool malformed(const struct reader *r, const char *why)
{
    error_set(r->err, LSMB_E_USAGE, "Unable to parse config file: %s: line %u: %s", r->name,
              r->line, why);
    return false;
}

static bool no_memory(const struct reader *r)
{
    error_set(r->err, LSMB_E_NOMEM, "no memory for %s", r->name);
    return false;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Cut off white space at both ends. */
static char *trim(char *text, char *end)
{
    while (text < end && is_space(*text)) {
        text++;
    }
    while (end > text && is_space(end[-1])) {
        end--;
    }
    *end = '\0';
    return text;
}

static bool has_two_words(const char *name, const char *first)
{
    size_t len = strlen(first);

    return strncmp(name, first, len) == 0 && (name[len] == ' ' || name[len] == '\t');
}

/* What stands behind the first word is read as by a shell, where names have two: "profile  'a b'" becomes
 * "profile a b".  It never gets longer. */
static void plain_name(char *name)
{
    char *gap = name + strcspn(name, " \t"), *to = gap + 1, quote = '\0';

    if (!has_two_words(name, "profile") && !has_two_words(name, "services")) {
        return;
    }
    for (const char *at = gap + strspn(gap, " \t"); *at; at++) {
        if (quote && *at == quote) {
            quote = '\0';
        } else if (!quote && (*at == '"' || *at == '\'')) {
            quote = *at;
        } else {
            *to++ = *at;
        }
    }
    *to = '\0';
    *gap = ' ';
}

/* [name]; the last bracket of the line ends it. */
static bool take_section(struct reader *r, char *line)
{
    char *end = strrchr(line, ']');

    if (!end) {
        return malformed(r, "a section's name has no ']'");
    }
    char *name = trim(line + 1, end);
    plain_name(name);
    if (!*name) {
        return malformed(r, "a section has no name");
    }
    if (find_section(r->ini, name)) {
        return malformed(r, "the same section stands above");
    }
    if (r->sections++ == SECTIONS_MAX) {
        return malformed(r, "there are too many sections");
    }
    struct section *section = calloc(1, sizeof *section);
    if (!section) {
        return no_memory(r);
    }
    section->name = name;
    list_init(&section->keys);
    list_push_back(&r->ini->sections, &section->node);
    r->section = section;
    r->key = NULL;
    return true;
}

static struct key *add_key(struct reader *r, const char *parent, const char *name,
                           const char *value)
{
    struct key *key = calloc(1, sizeof *key);

    if (key) {
        *key = (struct key){.parent = parent, .name = name, .value = value};
        list_push_back(&r->section->keys, &key->node);
        r->section->keys_count++;
    }
    return key;
}

static void to_lower(char *text)
{
    for (; *text; text++) {
        if (*text >= 'A' && *text <= 'Z') {
            *text = (char)(*text - 'A' + 'a');
        }
    }
}

/* name = value */
static bool take_key(struct reader *r, char *line, char *end)
{
    char *equals = line + strcspn(line, "=:");

    if (!r->section) {
        return malformed(r, "no section stands above");
    }
    if (!*equals) {
        return malformed(r, "neither a section nor a key with a value");
    }
    char *value = trim(equals + 1, end);
    char *name = trim(line, equals);
    to_lower(name);
    if (!*name) {
        return malformed(r, "a value has no key");
    }
    if (find_key(r->section, "", 0, name)) {
        return malformed(r, "the same key stands above");
    }
    if (r->section->keys_count == KEYS_MAX) {
        return malformed(r, "there are too many keys");
    }
    r->key = add_key(r, NULL, name, value);
    r->value_end = value + strlen(value);
    return r->key || no_memory(r);
}

/* An indented "name = value" below a key without a value: the last one of a name counts. */
static bool take_nested(struct reader *r, char *line, char *end)
{
    char *equals = strchr(line, '=');

    if (!equals) {
        return malformed(r, "an indented line has no '='");
    }
    char *value = trim(equals + 1, end);
    const char *name = trim(line, equals);
    struct key *same = find_key(r->section, r->key->name, strlen(r->key->name), name);
    if (same) {
        same->value = value;
        return true;
    }
    if (r->section->keys_count == KEYS_MAX) {
        return malformed(r, "there are too many keys");
    }
    return add_key(r, r->key->name, name, value) || no_memory(r);
}

/* An indented line goes on with the value above; between the two lie at least its indentation and what ended a line. */
static void take_more(struct reader *r, const char *line)
{
    size_t len = strlen(line);

    *r->value_end++ = '\n';
    memmove(r->value_end, line, len + 1);
    r->value_end += len;
}

static bool take_line(struct reader *r, char *from, char *end)
{
    char *line = trim(from, end);
    size_t indent = (size_t)(line - from);

    r->line++;
    if (!*line || *line == '#' || *line == ';') {
        return true;
    }
    end = line + strlen(line);
    if (r->key && indent > r->indent) {
        if (!*r->key->value) {
            return take_nested(r, line, end);
        }
        take_more(r, line);
        return true;
    }
    r->indent = indent;
    return *line == '[' ? take_section(r, line) : take_key(r, line, end);
}

static bool take_lines(struct reader *r, char *text, size_t len)
{
    char *end = text + len;

    if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) { /* what some editors begin UTF-8 with */
        text += 3;
    }
    while (text < end) {
        char *newline = memchr(text, '\n', (size_t)(end - text));
        char *line_end = newline ? newline : end;
        if (!take_line(r, text, line_end)) {
            return false;
        }
        text = line_end + 1;
    }
    return true;
}

bool ini_parse(struct ini *ini, const char *name, const char *text, size_t len,
               struct lsmb_error *err)
{
    struct reader r = {.ini = ini, .name = name, .err = err};

    if (len > FILE_MAX || memchr(text, '\0', len)) {
        r.line = 1;
        return malformed(&r, "this is no text of at most 1 MiB");
    }
    /* With the 0 that ends it. */
    if (!secret_set(&ini->text, (struct span){(const uint8_t *)text, len + 1})) {
        return no_memory(&r);
    }
    if (!take_lines(&r, (char *)ini->text.ptr, len)) {
        ini_free(ini);
        ini_init(ini);
        return false;
    }
    return true;
}

/* ---------------------------------------------------------------- files */

/* At most FILE_MAX + 1 bytes; -1 with errno set. */
static ssize_t read_all(int fd, char *text)
{
    size_t len = 0;

    while (len <= FILE_MAX) {
        ssize_t n = read(fd, text + len, FILE_MAX + 1 - len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return n < 0 ? -1 : (ssize_t)len;
        }
        len += (size_t)n;
    }
    return (ssize_t)len;
}

static bool read_open(struct ini *ini, const char *path, int fd, struct lsmb_error *err)
{
    char *text = malloc(FILE_MAX + 2);
    bool good = false;

    if (!text) {
        error_set(err, LSMB_E_NOMEM, "no memory for %s", path);
        return false;
    }
    ssize_t len = read_all(fd, text);
    if (len < 0) {
        error_errno(err, errno, path);
    } else {
        text[len] = '\0';
        good = ini_parse(ini, path, text, (size_t)len, err);
        secret_erase(text, (size_t)len);
    }
    free(text);
    return good;
}

/* A folder in its place, or one above it that is closed to us, is the same to the AWS tools as none. */
static bool is_file(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

bool ini_read(struct ini *ini, const char *path, struct lsmb_error *err)
{
    if (!is_file(path)) {
        return true;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        error_errno(err, errno, path);
        return false;
    }
    bool good = read_open(ini, path, fd, err);
    (void)close(fd);
    return good;
}
