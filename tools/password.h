/* password.h: who logs on, and with which password.
 *
 * The password stands in a page of its own, which is kept out of core files and wiped at the end.  It
 * never goes through a stdio buffer. */
#ifndef LSMB_TOOLS_PASSWORD_H
#define LSMB_TOOLS_PASSWORD_H

#include "tools/connection.h"
#include "tools/credfile.h"
#include "tools/options.h"

struct password {
    char *page;       /* NULL: not opened.  What was read, and what is pointed into below */
    const char *text; /* NULL: not known yet */
    bool given;       /* by an option: for every server */
    bool asked;       /* on a terminal, so that it is good for one user only */
    bool connections; /* the connection's: for its own server only */
    struct credfile file;
};

/* Make the page and read --password-file, else --credentials. */
bool password_open(struct password *out, const struct options *opt, struct refusal *why);

/* Where none is known yet, read the file or the variable that the connection names, if any. */
bool password_of_connection(struct password *out, const struct connection *connection,
                            struct refusal *why);

/* The connection's, as AWS has it: copied. */
bool password_take(struct password *out, const char *text, struct refusal *why);

/* Wipe and free it.  One that was never opened is fine. */
void password_close(struct password *password);

/* Find the password: what is known, else LAVA_SMB_PASSWORD's, else ask for it as that of `account`.
 * While a terminal waits, `signal_fd` is watched: false with an empty refusal if it becomes
 * readable. */
bool password_find(struct password *password, const char *account, int signal_fd,
                   struct refusal *why);

#endif
