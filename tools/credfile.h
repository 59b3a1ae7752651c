/* credfile.h: a credentials file in the form of mount.cifs(8).
 *
 *   username=alice       also user=; may be DOMAIN\alice or DOMAIN/alice
 *   password=secret      also pass=; everything up to the end of the line
 *   domain=EXAMPLE       also dom=, workgroup=
 *
 * Empty lines and lines that begin with '#' say nothing. */
#ifndef LSMB_TOOLS_CREDFILE_H
#define LSMB_TOOLS_CREDFILE_H

#include "tools/refusal.h"

/* Pieces of the text that was parsed; NULL where nothing was said. */
struct credfile {
    const char *user, *domain, *password;
};

/* Take `text` apart, which is changed.  A refusal names the line and quotes nothing of it. */
bool credfile_parse(struct credfile *out, char *text, struct refusal *why);

#endif
