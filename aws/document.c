#include "aws/document.h"

#include <string.h>

#include "base/error.h"
#include "base/secret.h"

json_t *document_read(const char *text, size_t len, struct lsmb_error *err)
{
    json_error_t what;
    json_t *document = json_loadb(text, len, JSON_ALLOW_NUL, &what);

    if (json_is_object(document)) {
        return document;
    }
    enum json_error_code code = json_error_code(&what);
    if (document) {
        document_free(document);
        error_set(err, LSMB_E_PROTOCOL, "the answer is JSON, but no object");
    } else if (code == json_error_out_of_memory || code == json_error_unknown) {
        /* unknown: without memory jansson does not always say so. */
        error_set(err, LSMB_E_NOMEM, "no memory for the answer");
    } else { /* what.text quotes the document */
        error_set(err, LSMB_E_PROTOCOL, "the answer is no JSON (line %d)", what.line);
    }
    return NULL;
}

const char *document_text(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    if (!json_is_string(value) || strlen(json_string_value(value)) != json_string_length(value)) {
        return NULL;
    }
    return json_string_value(value);
}

/* As deep as jansson reads (JSON_PARSER_MAX_DEPTH). */
static void erase(json_t *value)
{
    const char *key;
    json_t *item;
    size_t i;

    if (json_is_string(value)) {
        /* NOLINTNEXTLINE(performance-no-int-to-ptr): lent as const, but it is memory of this string's own */
        secret_erase((void *)(uintptr_t)json_string_value(value), json_string_length(value));
    }
    json_object_foreach(value, key, item)
    {
        erase(item);
    }
    json_array_foreach(value, i, item)
    {
        erase(item);
    }
}

void document_free(json_t *document)
{
    if (document) {
        erase(document);
        json_decref(document);
    }
}
