/* s3_roundtrip.c: S3 beside a share, with blocking calls.
 *
 *     LAVA_SMB_PASSWORD=... s3_roundtrip HOST PORT SHARE USER BUCKET
 *
 * Makes an object of a text, copies it to the share and looks at what came, as large as the object is.  The object
 * stays: to delete is not among what the library does in S3.  Credentials are found as the AWS tools find them. */
#include "lsmb_s3.h"

#include <stdio.h>
#include <stdlib.h>

static const char text[] = "Kept in S3, then on a share.\n";
static const char key[] = "lsmb/s3-roundtrip.txt";
static const char path[] = "lsmb-s3-roundtrip.txt";

static int complain(const struct lsmb_error *err)
{
    char line[1600];

    (void)fprintf(stderr, "s3_roundtrip: %s\n", lsmb_error_text(err, line, sizeof line));
    return EXIT_FAILURE;
}

/* Sources and sinks are consumed, and a NULL among them is reported as a lack of memory. */
static enum lsmb_code copy(struct lsmb *smb, struct lsmb_s3 *s3, const char *bucket,
                           struct lsmb_share *share, struct lsmb_error *err)
{
    const struct lsmb_s3_put put = {.size = sizeof put}; /* .kms_key_id = "alias/..." */
    enum lsmb_code code = lsmb_copy(smb, lsmb_source_memory(smb, text, sizeof text - 1),
                                    lsmb_s3_sink(s3, bucket, key, &put), NULL, NULL, err);

    if (code != LSMB_OK) {
        return code;
    }
    return lsmb_copy(smb, lsmb_s3_source(s3, bucket, key, NULL),
                     lsmb_sink_share(share, path, LSMB_PUBLISH_AUTO), NULL, NULL, err);
}

static int round_trip(struct lsmb *smb, const struct lsmb_target *target, const char *bucket)
{
    struct lsmb_error err = {0};
    struct lsmb_stat object = {0}, file = {0};
    struct lsmb_share *share = NULL;
    struct lsmb_s3 *s3 = lsmb_s3_new(smb, NULL, &err);
    int status = EXIT_FAILURE;

    if (!s3 || lsmb_share_open(smb, target, &share, &err) != LSMB_OK ||
        copy(smb, s3, bucket, share, &err) != LSMB_OK ||
        lsmb_s3_stat(s3, bucket, key, &object, &err) != LSMB_OK ||
        lsmb_stat(share, path, &file, &err) != LSMB_OK ||
        lsmb_remove(share, path, &err) != LSMB_OK) {
        status = complain(&err);
    } else if (object.bytes == sizeof text - 1 && file.bytes == object.bytes) {
        (void)printf("%zu bytes to S3 and from there to the share\n", sizeof text - 1);
        status = EXIT_SUCCESS;
    }
    lsmb_share_close(share);
    lsmb_s3_free(s3);
    return status;
}

int main(int argc, char **argv)
{
    struct lsmb_error err = {0};

    if (argc != 6) {
        (void)fprintf(stderr,
                      "usage: LAVA_SMB_PASSWORD=... s3_roundtrip HOST PORT SHARE USER BUCKET\n");
        return 2;
    }
    const struct lsmb_options options = {.size = sizeof options, .memory_bytes = 64 << 20};
    const struct lsmb_target target = {
        .size = sizeof target,
        .host = argv[1],
        .port = (uint16_t)strtoul(argv[2], NULL, 10),
        .share = argv[3],
        .user = argv[4],
        .password = getenv("LAVA_SMB_PASSWORD"),
    };
    struct lsmb *smb = lsmb_new(&options, &err);
    if (!smb) {
        return complain(&err);
    }
    int status = round_trip(smb, &target, argv[5]);
    lsmb_free(smb);
    return status;
}
