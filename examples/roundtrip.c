/* roundtrip.c: the library in a host's own event loop, and without one.
 *
 *     LAVA_SMB_PASSWORD=... roundtrip HOST PORT SHARE USER
 *
 * Puts a text on the share with blocking calls, then reads it back while a poll() loop of our own does
 * something else as well. */
#include "lsmb.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char text[] = "Written by one call, read back by many turns.\n";
static const char path[] = "lsmb-roundtrip.txt";

static int complain(const struct lsmb_error *err)
{
    char line[1600];

    (void)fprintf(stderr, "roundtrip: %s\n", lsmb_error_text(err, line, sizeof line));
    return EXIT_FAILURE;
}

/* ---------------------------------------------------------------- without a loop */

static enum lsmb_code put(struct lsmb *smb, struct lsmb_share *share, struct lsmb_error *err)
{
    struct lsmb_source *source = lsmb_source_memory(smb, text, sizeof text - 1);
    struct lsmb_sink *sink = lsmb_sink_share(share, path, LSMB_PUBLISH_AUTO);

    /* Both are consumed, and a NULL among them is reported as a lack of memory. */
    return lsmb_copy(smb, source, sink, NULL, NULL, err);
}

/* ---------------------------------------------------------------- in a loop of our own */

struct finish {
    bool done;
    struct lsmb_error err; /* LSMB_OK if all went well */
};

static void finished(void *arg, const struct lsmb_error *err)
{
    struct finish *finish = arg;

    finish->done = true;
    if (err) {
        finish->err = *err;
    }
}

/* The library asks for one thing: when its descriptor is readable, give it a turn. */
static void run_host_loop(struct lsmb *smb, const struct finish *finish)
{
    struct pollfd watched[] = {{.fd = lsmb_fd(smb), .events = POLLIN}};
    unsigned idle_turns = 0;

    while (!finish->done) {
        int n = poll(watched, sizeof watched / sizeof *watched, 1000);
        if (n > 0 && lsmb_turn(smb, 0) != LSMB_OK) {
            return;
        }
        idle_turns += n == 0 ? 1 : 0; /* a host would look after its other descriptors here */
    }
    if (idle_turns > 0) {
        (void)printf("the loop had nothing to do for %u s\n", idle_turns);
    }
}

static enum lsmb_code get(struct lsmb *smb, struct lsmb_share *share, void **bytes, size_t *len,
                          struct lsmb_error *err)
{
    struct finish finish = {0};
    struct lsmb_source *source = lsmb_source_share(share, path, false);
    struct lsmb_sink *sink = lsmb_sink_memory(smb, bytes, len, 1 << 20);

    if (!lsmb_copy_start(smb, source, sink, NULL, NULL, finished, &finish)) {
        return LSMB_E_NOMEM;
    }
    run_host_loop(smb, &finish);
    *err = finish.err;
    return finish.err.code;
}

static int round_trip(struct lsmb *smb, const struct lsmb_target *target)
{
    struct lsmb_error err = {0};
    struct lsmb_share *share = NULL;
    void *bytes = NULL;
    size_t len = 0;
    int status = EXIT_FAILURE;

    if (lsmb_share_open(smb, target, &share, &err) != LSMB_OK || put(smb, share, &err) != LSMB_OK ||
        get(smb, share, &bytes, &len, &err) != LSMB_OK ||
        lsmb_remove(share, path, &err) != LSMB_OK) {
        status = complain(&err);
    } else if (len == sizeof text - 1 && memcmp(bytes, text, len) == 0) {
        (void)printf("%zu bytes there and back\n", len);
        status = EXIT_SUCCESS;
    }
    free(bytes);
    lsmb_share_close(share);
    return status;
}

int main(int argc, char **argv)
{
    struct lsmb_error err = {0};

    if (argc != 5) {
        (void)fprintf(stderr, "usage: LAVA_SMB_PASSWORD=... roundtrip HOST PORT SHARE USER\n");
        return 2;
    }
    struct lsmb_target target = {
        .size = sizeof target,
        .host = argv[1],
        .port = (uint16_t)strtoul(argv[2], NULL, 10),
        .share = argv[3],
        .user = argv[4],
        .password = getenv("LAVA_SMB_PASSWORD"),
    };
    struct lsmb *smb = lsmb_new(NULL, &err);
    if (!smb) {
        return complain(&err);
    }
    int status = round_trip(smb, &target);
    lsmb_free(smb);
    return status;
}
