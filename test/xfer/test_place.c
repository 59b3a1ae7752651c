/* test_place.c: how a local target comes to its name: what is opened is what was looked at. */
#include "xfer/place.h"

#include "test/xfer/local_world.h"

static struct local_world w;
static struct lsmb_error err;

/* Looked at, with two names. */
static void find(struct place *p, enum lsmb_publish how)
{
    local_init(&w);
    local_make(&w, "a", "old", 3);
    ck_assert_int_eq(link(local_path(&w, "a"), local_path(&w, "too")), 0);
    ck_assert(place_find(p, local_path(&w, "a"), how, &err));
    ck_assert_int_eq(unlink(local_path(&w, "a")), 0);
}

static void ck_changed(struct place *p, int fd)
{
    ck_assert_int_eq(fd, -1);
    ck_assert_int_eq(err.code, LSMB_E_CHANGED);
    place_free(p);
    local_free(&w);
}

START_TEST(another_file_is_not_written_in_place)
{
    struct place p;

    find(&p, LSMB_PUBLISH_IN_PLACE);
    local_make(&w, "other", "precious", 8);
    ck_assert_int_eq(link(local_path(&w, "other"), local_path(&w, "a")), 0);
    int fd = place_open(&p, LSMB_PUBLISH_IN_PLACE, NULL, &err);
    local_has(&w, "other", "precious", 8);
    ck_changed(&p, fd);
}
END_TEST

START_TEST(another_file_is_not_copied_into)
{
    struct place p;

    find(&p, LSMB_PUBLISH_AUTO);
    ck_assert_int_eq(p.way, PLACE_COPY);
    local_make(&w, "a", "another", 7);
    ck_changed(&p, place_open_target(&p, &err));
}
END_TEST

START_TEST(a_pipe_that_has_come_meanwhile_blocks_nobody)
{
    struct place p;

    find(&p, LSMB_PUBLISH_IN_PLACE);
    ck_assert_int_eq(mkfifo(local_path(&w, "a"), 0600), 0);
    int reader = open(local_path(&w, "a"), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    ck_assert_int_ge(reader, 0);
    int fd = place_open(&p, LSMB_PUBLISH_IN_PLACE, NULL, &err);
    ck_assert_int_eq(close(reader), 0);
    ck_changed(&p, fd);
}
END_TEST

START_TEST(a_name_of_anothers_file_that_has_come_meanwhile_is_not_written_to)
{
    struct place p;

    local_init(&w);
    ck_assert(place_find(&p, local_path(&w, "a"), LSMB_PUBLISH_IN_PLACE, &err));
    local_make(&w, "other", "precious", 8);
    ck_assert_int_eq(link(local_path(&w, "other"), local_path(&w, "a")), 0);
    ck_changed(&p, place_open(&p, LSMB_PUBLISH_IN_PLACE, NULL, &err));
}
END_TEST

START_TEST(the_file_that_was_looked_at_is_opened)
{
    struct place p;

    find(&p, LSMB_PUBLISH_IN_PLACE);
    ck_assert_int_eq(link(local_path(&w, "too"), local_path(&w, "a")), 0);
    int fd = place_open(&p, LSMB_PUBLISH_IN_PLACE, NULL, &err);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(close(fd), 0);
    place_free(&p);
    local_free(&w);
}
END_TEST

int main(void)
{
    return RUN_TESTS("xfer/place", another_file_is_not_written_in_place,
                     another_file_is_not_copied_into, a_pipe_that_has_come_meanwhile_blocks_nobody,
                     a_name_of_anothers_file_that_has_come_meanwhile_is_not_written_to,
                     the_file_that_was_looked_at_is_opened);
}
