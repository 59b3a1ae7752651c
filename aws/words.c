#include "aws/words.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* Where it reads, and where it writes what was read. */
struct splitter {
    const char *from;
    char *to;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* What follows a quotation mark, up to the next one.  False: there is none. */
static bool take_quoted(struct splitter *s, char mark)
{
    while (*s->from != mark) {
        if (mark == '"' && *s->from == '\\' && (s->from[1] == '"' || s->from[1] == '\\')) {
            s->from++;
        }
        if (*s->from == '\0') {
            return false;
        }
        *s->to++ = *s->from++;
    }
    s->from++;
    return true;
}

/* False: it ends within a quotation, or behind a '\'. */
static bool take_word(struct splitter *s)
{
    while (*s->from != '\0' && !is_space(*s->from)) {
        char c = *s->from++;
        if (c == '\'' || c == '"') {
            if (!take_quoted(s, c)) {
                return false;
            }
            continue;
        }
        if (c == '\\') {
            c = *s->from;
            if (c == '\0') {
                return false;
            }
            s->from++;
        }
        *s->to++ = c;
    }
    *s->to++ = '\0';
    return true;
}

char **words_split(const char *line, struct lsmb_error *err)
{
    size_t len = strlen(line);
    size_t most = len / 2 + 1; /* words are a byte long at least, but for one behind another */
    size_t count = 0;

    if (len > 65536) {
        error_set(err, LSMB_E_USAGE, "the command is longer than 64 KiB");
        return NULL;
    }
    /* A quotation may be empty, so "''" is a word of two bytes: never more words than `most`. */
    char **words = malloc((most + 1) * sizeof *words + len + 2);
    if (!words) {
        error_set(err, LSMB_E_NOMEM, "no memory for the command");
        return NULL;
    }
    struct splitter s = {line, (char *)(words + most + 1)};
    for (;;) {
        while (is_space(*s.from)) {
            s.from++;
        }
        if (*s.from == '\0') {
            break;
        }
        words[count++] = s.to;
        if (!take_word(&s)) {
            free(words);
            error_set(err, LSMB_E_USAGE, "the command ends within a quotation");
            return NULL;
        }
    }
    words[count] = NULL;
    if (count == 0) {
        free(words);
        error_set(err, LSMB_E_USAGE, "the command is empty");
        return NULL;
    }
    return words;
}
