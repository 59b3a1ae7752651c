#include "xfer/file_read.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test/run.h"

enum { BYTES = 100000 };

static uint8_t bytes[BYTES], got[BYTES];

/* A file that has no name any more. */
static int make_file(void)
{
    char name[] = "/tmp/lsmb-test-XXXXXX";
    int fd = mkstemp(name);

    ck_assert_int_ge(fd, 0);
    (void)unlink(name);
    for (size_t i = 0; i < BYTES; i++) {
        bytes[i] = (uint8_t)(i * 7 + i / 256);
    }
    ck_assert_int_eq(write(fd, bytes, BYTES), BYTES);
    return fd;
}

static void ck_all(struct file_reader *reader, int fd)
{
    enum { LEN = 7777 };
    size_t at = 0;

    memset(got, 0, sizeof got);
    while (at < BYTES) {
        size_t len = BYTES - at < LEN ? BYTES - at : LEN;
        ck_assert_int_eq(file_read(reader, fd, got + at, len, at), (ssize_t)len);
        at += len;
    }
    ck_assert_int_eq(memcmp(got, bytes, BYTES), 0);
}

START_TEST(what_is_in_the_cache_and_what_is_not_is_the_same)
{
    struct file_reader warm = {0}, cold = {.cold = true};
    int fd = make_file();

    ck_all(&warm, fd);
    ck_all(&cold, fd);
    (void)close(fd);
}
END_TEST

START_TEST(the_disk_is_told_in_large_pieces)
{
    struct file_reader reader = {.cold = true};
    int fd = make_file();

    ck_assert_int_eq(file_read(&reader, fd, got, 100, 0), 100);
    ck_assert_uint_eq(reader.ahead, FILE_READ_AHEAD);
    ck_assert_int_eq(file_read(&reader, fd, got, 100, 100), 100);
    ck_assert_uint_eq(reader.ahead, FILE_READ_AHEAD);
    ck_assert_int_eq(file_read(&reader, fd, got, 100, FILE_READ_AHEAD / 2), 0);
    ck_assert_uint_eq(reader.ahead, (uint64_t)FILE_READ_AHEAD / 2 * 3);
    (void)close(fd);
}
END_TEST

START_TEST(an_end_and_an_error_are_told)
{
    struct file_reader reader = {0};
    int fd = make_file();

    ck_assert_int_eq(file_read(&reader, fd, got, 100, BYTES - 10), 10);
    ck_assert_int_eq(file_read(&reader, fd, got, 100, BYTES), 0);
    (void)close(fd);
    reader = (struct file_reader){0};
    ck_assert_int_eq(file_read(&reader, -1, got, 100, 0), -1);
    ck_assert_int_eq(errno, EBADF);
}
END_TEST

int main(void)
{
    return RUN_TESTS("xfer/file_read", what_is_in_the_cache_and_what_is_not_is_the_same,
                     the_disk_is_told_in_large_pieces, an_end_and_an_error_are_told);
}
