/* xml.c: documents as a stream of texts. */
#include "aws/xml.h"

#include <expat.h>
#include <string.h>

#include "aws/grow.h"
#include "base/secret.h"

enum { DOCUMENT_MAX = 4 << 20, DEPTH_MAX = 16, PATH_ROOM = 256, TEXT_MAX = 64 << 10 };

/* What is open lies one behind the other: names in `path`, and what each holds so far in `text`. */
struct reader {
    XML_Parser parser;
    xml_text_fn *each;
    void *arg;
    char path[PATH_ROOM];
    size_t path_len;
    struct grow text;
    struct {
        size_t path_len, text_len; /* where it begins */
    } open[DEPTH_MAX];
    unsigned depth;
    bool stopped, enough; /* by us; because the caller has enough */
};

static void stop(struct reader *r)
{
    r->stopped = true;
    (void)XML_StopParser(r->parser, XML_FALSE);
}

static void begin(void *arg, const XML_Char *name, const XML_Char **attributes)
{
    struct reader *r = arg;
    const char *colon = strrchr(name, ':'), *local = colon ? colon + 1 : name;
    size_t len = strlen(local);

    (void)attributes;
    if (r->stopped || r->depth == DEPTH_MAX || len + 2 > PATH_ROOM - r->path_len) {
        stop(r);
        return;
    }
    r->open[r->depth].path_len = r->path_len;
    r->open[r->depth].text_len = r->text.len;
    if (r->depth++ > 0) {
        r->path[r->path_len++] = '/';
    }
    memcpy(r->path + r->path_len, local, len + 1);
    r->path_len += len;
}

static void text(void *arg, const XML_Char *bytes, int len)
{
    struct reader *r = arg;

    if (r->stopped || (size_t)len > TEXT_MAX - r->text.len) {
        stop(r);
        return;
    }
    grow_bytes(&r->text, bytes, (size_t)len);
    if (r->text.bad) {
        stop(r);
    }
}

static void end(void *arg, const XML_Char *name)
{
    struct reader *r = arg;

    (void)name;
    if (r->stopped) {
        return;
    }
    r->depth--;
    size_t from = r->open[r->depth].text_len;
    bool more = r->each(r->arg, r->path, r->text.text ? r->text.text + from : "");
    grow_cut(&r->text, from);
    r->path_len = r->open[r->depth].path_len;
    r->path[r->path_len] = '\0';
    if (!more) {
        r->enough = true;
        stop(r);
    }
}

/* No answer of a service has a document type, so nothing can be declared that would be expanded. */
static void doctype(void *arg, const XML_Char *name, const XML_Char *system, const XML_Char *public,
                    int has_internal_subset)
{
    (void)name;
    (void)system;
    (void)public;
    (void)has_internal_subset;
    stop(arg);
}

static bool parse(struct reader *r, const char *document, size_t len)
{
    XML_SetUserData(r->parser, r);
    XML_SetElementHandler(r->parser, begin, end);
    XML_SetCharacterDataHandler(r->parser, text);
    XML_SetStartDoctypeDeclHandler(r->parser, doctype);
    return XML_Parse(r->parser, document, (int)len, XML_TRUE) == XML_STATUS_OK || r->enough;
}

bool xml_read(const char *document, size_t len, xml_text_fn *each, void *arg)
{
    struct reader r = {.each = each, .arg = arg};

    while (len > 0 && *document && strchr(" \t\r\n", *document)) {
        document++;
        len--;
    }
    if (len == 0 || len > DOCUMENT_MAX) {
        return false;
    }
    r.parser = XML_ParserCreate(NULL);
    if (!r.parser) {
        return false;
    }
    bool good = parse(&r, document, len);
    XML_ParserFree(r.parser);
    secret_erase(r.text.text, r.text.room); /* STS sends keys */
    grow_free(&r.text);
    return good;
}
