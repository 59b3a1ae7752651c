/* xml.h: the few XML documents that S3 and STS answer with, read as a stream of texts (expat), with limits on depth,
 * names and sizes; no entity is ever fetched or expanded beyond XML's own five. */
#ifndef LSMB_AWS_XML_H
#define LSMB_AWS_XML_H

#include <stdbool.h>
#include <stddef.h>

/* An element ends: `path` is the names from the root on, without namespaces ("ListBucketResult/Contents/Key"), `text`
 * what it holds beside its children, trimmed only where the document is.  False: enough. */
typedef bool xml_text_fn(void *arg, const char *path, const char *text);

/* Read a whole document.  White space before it is overlooked (S3 sends it to keep a connection alive).  False when
 * it is none, or beyond the limits, or memory lacks. */
bool xml_read(const char *text, size_t len, xml_text_fn *each, void *arg);

#endif
