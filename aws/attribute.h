/* attribute.h: DynamoDB's typed values, as plain JSON.  Amazon DynamoDB API Reference, "AttributeValue". */
#ifndef LSMB_AWS_ATTRIBUTE_H
#define LSMB_AWS_ATTRIBUTE_H

#include <jansson.h>

#include "lsmb.h"

/* Write a map of attributes, {"port": {"N": "445"}, ...}, as one object, {"port":445,...}: numbers as they were written,
 * lists and sets as arrays, binary as the base64 it is.  The caller's to free; NULL with `err` filled in: a value that is
 * none of these, or no memory. */
char *attributes_write(json_t *item, struct lsmb_error *err);

#endif
