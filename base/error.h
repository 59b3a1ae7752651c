/* error.h: filling in a struct lsmb_error.
 *
 * An error carries four things: the step (what was being done), the path (to what), the reason (what
 * happened) and the advice (what the user can do).  Each is said once, where it is known.  No field
 * ever holds a newline or another control character, whoever the text came from.
 *
 * `err` may be NULL everywhere: then nothing is filled in. */
#ifndef LSMB_BASE_ERROR_H
#define LSMB_BASE_ERROR_H

#include "lsmb.h"

/* Start an error: code and reason; everything else is cleared. */
void error_set(struct lsmb_error *err, enum lsmb_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void error_vset(struct lsmb_error *err, enum lsmb_code code, const char *fmt, va_list ap)
    __attribute__((format(printf, 3, 0)));

/* Start an error from an NTSTATUS: code, reason and advice come from the table (base/ntstatus). */
void error_status(struct lsmb_error *err, uint32_t nt_status);

/* Start an error from errno of a failed system call; `what` names the call's purpose.  LSMB_E_NETWORK
 * or LSMB_E_TIMEOUT where errno says so, LSMB_E_NOMEM, else LSMB_E_LOCAL. */
void error_errno(struct lsmb_error *err, int os_errno, const char *what);

/* Likewise, of a call that is a step by itself: LSMB_E_NOT_FOUND where nothing is there. */
void error_errno_step(struct lsmb_error *err, int os_errno, const char *step);

/* Say what was being done, or to what, unless something more precise already did. */
void error_step(struct lsmb_error *err, const char *step);
void error_path(struct lsmb_error *err, const char *path);

/* Say what the user can do; replaces what the status table advised. */
void error_advise(struct lsmb_error *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
