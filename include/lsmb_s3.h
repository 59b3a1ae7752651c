/* lsmb_s3.h: Amazon S3, and what speaks as it does, as sources, sinks and trees of copies (lsmb.h); and the
 * services of AWS that may hold a connection: DynamoDB, SSM, Secrets Manager.
 *
 * Nothing here is global but what libcurl needs (curl_global_init()).  All hangs off a `struct lsmb` and has its
 * rules: one thread, start forms and blocking ones, `done` from inside lsmb_turn() only, structures that begin with
 * their size.
 *
 * Credentials, region and endpoints are found as the AWS tools find them: the environment, the shared files
 * (AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE), roles, web identities, credential processes, containers and
 * instances.  Requests are tried again where that may help, and signed anew each time. */
#ifndef LSMB_S3_H
#define LSMB_S3_H

#include "lsmb.h"

#ifdef __cplusplus
extern "C" {
#endif

struct lsmb_s3;

struct lsmb_s3_options {
    size_t size;
    const char
        *profile;       /* of the shared files, over the environment's; "default" need not be there.
                             NULL: AWS_PROFILE, else "default" */
    const char *region; /* NULL: as the AWS tools have it */
    const char *endpoint; /* URL of all services; NULL: likewise */
    unsigned connections; /* most to have open at a time; default 16 */
    uint32_t silence_ms;  /* a service silent for longer is lost; default 30000 */
};

/* A client; it goes with the context at the latest.  Reads the shared files.  NULL with `err` filled in: no memory,
 * a profile that is not there, files that cannot be read. */
LSMB_API struct lsmb_s3 *lsmb_s3_new(struct lsmb *smb, const struct lsmb_s3_options *opt,
                                     struct lsmb_error *err);

/* Free it before its context; no source, sink, tree or job of it may be left.  NULL is fine. */
LSMB_API void lsmb_s3_free(struct lsmb_s3 *s3);

/* ---------------------------------------------------------------- objects
 *
 * Keys are UTF-8, at most 1,024 bytes, and taken as they are: nothing in them is a path. */

struct lsmb_s3_put {
    size_t size;
    const char
        *kms_key_id; /* encrypt by this key of KMS; NULL or "": by S3's own (AES256).  Copied */
};

/* An object to be written.  It appears when all has been stored, in parts where it is long, and S3 has compared its
 * checksum; whatever ends before that leaves nothing, but for a client that is killed, whose parts stay unseen
 * until a lifecycle rule of the bucket (AbortIncompleteMultipartUpload) takes them away.  NULL when out of memory. */
LSMB_API struct lsmb_sink *lsmb_s3_sink(struct lsmb_s3 *s3, const char *bucket, const char *key,
                                        const struct lsmb_s3_put *put);

/* An object to be read: one version of it from its first byte to its last, and compared with the checksum that S3
 * has of it, if any.  version NULL: the latest.  NULL when out of memory. */
LSMB_API struct lsmb_source *lsmb_s3_source(struct lsmb_s3 *s3, const char *bucket, const char *key,
                                            const char *version);

/* All objects whose keys begin with `prefix` and a '/', unless it ends with one ("" or NULL: all of the bucket), as a
 * tree: what stands between '/' are its names.  Where nothing is stored there is no folder, and to read from there is
 * LSMB_E_NOT_FOUND.  Keys that are no path ("a//b", "..") are told as failures when they are read, and the empty
 * objects that some tools put in the place of folders are taken for such.  An object that is written says when its
 * source was written last (x-amz-meta-mtime), where times are kept.  NULL when out of memory. */
LSMB_API struct lsmb_tree *lsmb_s3_tree(struct lsmb_s3 *s3, const char *bucket, const char *prefix,
                                        const struct lsmb_s3_put *put);

/* Whether there is an object, and what it is.  LSMB_E_NOT_FOUND. */
LSMB_API LSMB_CHECK enum lsmb_code lsmb_s3_stat(struct lsmb_s3 *s3, const char *bucket,
                                                const char *key, struct lsmb_stat *out,
                                                struct lsmb_error *err);
LSMB_API struct lsmb_job *lsmb_s3_stat_start(struct lsmb_s3 *s3, const char *bucket,
                                             const char *key, struct lsmb_stat *out,
                                             lsmb_done_fn *done, void *arg);

/* ---------------------------------------------------------------- what holds a connection
 *
 * What comes is UTF-8, ended by a 0, and the caller's to give back with lsmb_s3_text_free(), which wipes it. */

LSMB_API void lsmb_s3_text_free(char *text); /* NULL is fine */

/* An item of a DynamoDB table by its key, a string, as one JSON object: strings, numbers as they were written,
 * booleans, null, arrays for lists and sets, objects for maps, binary as base64.  `*json` NULL: there is none. */
LSMB_API LSMB_CHECK enum lsmb_code lsmb_s3_item(struct lsmb_s3 *s3, const char *table,
                                                const char *key_name, const char *key, char **json,
                                                struct lsmb_error *err);
LSMB_API struct lsmb_job *lsmb_s3_item_start(struct lsmb_s3 *s3, const char *table,
                                             const char *key_name, const char *key, char **json,
                                             lsmb_done_fn *done, void *arg);

/* A parameter of SSM, decrypted. */
LSMB_API LSMB_CHECK enum lsmb_code lsmb_s3_parameter(struct lsmb_s3 *s3, const char *name,
                                                     char **value, struct lsmb_error *err);
LSMB_API struct lsmb_job *lsmb_s3_parameter_start(struct lsmb_s3 *s3, const char *name,
                                                  char **value, lsmb_done_fn *done, void *arg);

/* The string of a secret in Secrets Manager. */
LSMB_API LSMB_CHECK enum lsmb_code lsmb_s3_secret(struct lsmb_s3 *s3, const char *id, char **value,
                                                  struct lsmb_error *err);
LSMB_API struct lsmb_job *lsmb_s3_secret_start(struct lsmb_s3 *s3, const char *id, char **value,
                                               lsmb_done_fn *done, void *arg);

#ifdef __cplusplus
}
#endif

#endif
