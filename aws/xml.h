/* xml.h: the few XML documents that S3 and STS answer with, read as a stream of texts (expat), with limits on depth,
 * names and sizes; no entity is ever fetched or expanded beyond XML's own five. */
#ifndef LSMB_AWS_XML_H
#define LSMB_AWS_XML_H

#include <stdbool.h>
#include <stddef.h>

/* An element ends: `path` is the names from the root on, without namespaces ("ListBucketResult/Contents/Key"), `text`
 * what it holds beside its children, as it is.  False: enough. */
typedef bool xml_text_fn(void *arg, const char *path, const char *text);

/* Read a whole document of at most 4 MiB, 16 elements in one another, and 64 KiB of text.  White space before it is
 * overlooked (S3 sends it to keep a connection alive).  False when it is none, or beyond the limits, or memory lacks;
 * true also when `each` had enough, and then what follows was not looked at. */
bool xml_read(const char *document, size_t len, xml_text_fn *each, void *arg);

#endif
