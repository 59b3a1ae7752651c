#include "aws/small_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/secret.h"

/* All of it, and at most `room` bytes; -1 with errno. */
static ssize_t read_all(int fd, char *out, size_t room)
{
    size_t len = 0;

    while (len < room) {
        ssize_t n = read(fd, out + len, room - len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return -1;
        }
        if (n == 0) {
            break;
        }
        len += (size_t)n;
    }
    return (ssize_t)len;
}

static bool take(int fd, char *out, size_t room, struct lsmb_error *err)
{
    ssize_t len = read_all(fd, out, room);

    if (len < 0) {
        error_errno(err, errno, "read it");
        return false;
    }
    if ((size_t)len == room) {
        error_set(err, LSMB_E_LOCAL, "it is longer than %u bytes", (unsigned)SMALL_FILE_MAX);
        return false;
    }
    while (len > 0 && (out[len - 1] == '\n' || out[len - 1] == '\r')) {
        len--;
    }
    out[len] = '\0';
    if (strlen(out) != (size_t)len) {
        error_set(err, LSMB_E_LOCAL, "it holds a zero byte");
        return false;
    }
    return true;
}

char *small_file_read(const char *path, struct lsmb_error *err)
{
    char *text = malloc(SMALL_FILE_MAX + 1);

    if (!text) {
        error_set(err, LSMB_E_NOMEM, "no memory for a file");
        error_path(err, path);
        return NULL;
    }
    /* O_NONBLOCK: a pipe that nobody writes to is empty, instead of stopping the loop. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        error_errno(err, errno, "open it");
    } else if (take(fd, text, SMALL_FILE_MAX + 1, err)) {
        (void)close(fd);
        return text;
    } else {
        (void)close(fd);
    }
    error_path(err, path);
    secret_erase(text, SMALL_FILE_MAX + 1);
    free(text);
    return NULL;
}

void small_text_free(char *text)
{
    if (text) {
        secret_erase(text, strlen(text));
        free(text);
    }
}
