/* test_hooks.c: the loop for the ends of a host's own. */
#include "fs/lsmb.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test/failmalloc.h"
#include "test/fs/fs_world.h"

static struct lsmb *new_context(void)
{
    struct lsmb_error err;
    struct lsmb *smb = lsmb_new(NULL, &err);

    ck_assert_msg(smb != NULL, "%s", err.reason);
    return smb;
}

static void turn(struct lsmb *smb, unsigned turns)
{
    for (unsigned i = 0; i < turns; i++) {
        ck_assert_int_eq(lsmb_turn(smb, 0), LSMB_OK);
    }
}

/* ---------------------------------------------------------------- descriptors */

/* A watched descriptor, and what it may do when it is told. */
struct watched {
    struct lsmb_poll *poll;
    unsigned calls, events;
    bool end;              /* let go of itself */
    struct watched *other; /* whom it lets go of, too */
    unsigned change;       /* or what he is to wait for from then on */
};

static void told(void *arg, unsigned events)
{
    struct watched *w = arg;

    w->calls++;
    w->events = events;
    if (w->other && w->other->poll && w->change) {
        ck_assert(lsmb_poll_change(w->other->poll, w->change));
    } else if (w->other) {
        lsmb_poll_end(w->other->poll);
        w->other->poll = NULL;
    }
    if (w->end) {
        lsmb_poll_end(w->poll);
        w->poll = NULL;
    }
}

static void watch(struct lsmb *smb, struct watched *w, int fd, unsigned events)
{
    w->poll = lsmb_poll_begin(smb, fd, events, told, w);
    ck_assert_ptr_nonnull(w->poll);
}

static int new_eventfd(unsigned value)
{
    int fd = eventfd(value, EFD_CLOEXEC | EFD_NONBLOCK);

    ck_assert_int_ge(fd, 0);
    return fd;
}

START_TEST(a_descriptor_is_told_in_every_turn_in_which_it_is_ready)
{
    struct lsmb *smb = new_context();
    struct watched w = {.calls = 0};
    int fd = new_eventfd(0);
    eventfd_t value;

    watch(smb, &w, fd, LSMB_READABLE);
    turn(smb, 2);
    ck_assert_uint_eq(w.calls, 0);
    ck_assert_int_eq(eventfd_write(fd, 1), 0);
    ck_assert_int_eq(lsmb_turn(smb, -1), LSMB_OK); /* it ends the wait */
    turn(smb, 2);
    ck_assert_uint_eq(w.calls, 3);
    ck_assert_uint_eq(w.events, LSMB_READABLE);
    ck_assert_int_eq(eventfd_read(fd, &value), 0);
    turn(smb, 2);
    ck_assert_uint_eq(w.calls, 3);
    lsmb_poll_end(w.poll);
    lsmb_poll_end(NULL);
    (void)close(fd);
    lsmb_free(smb);
}
END_TEST

START_TEST(what_is_waited_for_can_be_changed)
{
    struct lsmb *smb = new_context();
    struct watched w = {.calls = 0};
    int ends[2];

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    watch(smb, &w, ends[0], LSMB_WRITABLE);
    turn(smb, 1);
    ck_assert_uint_eq(w.events, LSMB_WRITABLE);
    ck_assert(lsmb_poll_change(w.poll, LSMB_READABLE));
    turn(smb, 2);
    ck_assert_uint_eq(w.calls, 1);
    ck_assert_int_eq(write(ends[1], "x", 1), 1);
    turn(smb, 1);
    ck_assert_uint_eq(w.calls, 2);
    ck_assert_uint_eq(w.events, LSMB_READABLE);
    ck_assert(lsmb_poll_change(w.poll, LSMB_READABLE | LSMB_WRITABLE));
    turn(smb, 1);
    ck_assert_uint_eq(w.events, LSMB_READABLE | LSMB_WRITABLE);
    lsmb_poll_end(w.poll);
    (void)close(ends[0]);
    (void)close(ends[1]);
    lsmb_free(smb);
}
END_TEST

START_TEST(one_that_has_failed_is_both)
{
    struct lsmb *smb = new_context();
    struct watched w = {.calls = 0};
    int ends[2];

    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    watch(smb, &w, ends[1], LSMB_WRITABLE);
    (void)close(ends[0]);
    turn(smb, 1);
    ck_assert_uint_eq(w.events, LSMB_READABLE | LSMB_WRITABLE);
    lsmb_poll_end(w.poll);
    (void)close(ends[1]);
    lsmb_free(smb);
}
END_TEST

START_TEST(a_descriptor_may_be_let_go_from_inside_its_call)
{
    struct lsmb *smb = new_context();
    struct watched a = {.end = true}, b = {.end = true};
    int one = new_eventfd(1), two = new_eventfd(1);

    a.other = &b; /* whichever is told first */
    b.other = &a;
    watch(smb, &a, one, LSMB_READABLE);
    watch(smb, &b, two, LSMB_READABLE);
    turn(smb, 3);
    ck_assert_uint_eq(a.calls + b.calls, 1);
    ck_assert(!a.poll && !b.poll);
    (void)close(one);
    (void)close(two);
    lsmb_free(smb);
}
END_TEST

START_TEST(what_is_not_waited_for_any_more_is_not_told)
{
    struct lsmb *smb = new_context();
    struct watched a = {.change = LSMB_READABLE}, b = {.change = LSMB_READABLE};
    int one[2], two[2];

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, one), 0);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, two), 0);
    a.other = &b;
    b.other = &a;
    watch(smb, &a, one[0], LSMB_WRITABLE);
    watch(smb, &b, two[0], LSMB_WRITABLE);
    turn(smb, 1);
    ck_assert_uint_eq(a.calls + b.calls, 1);
    lsmb_poll_end(a.poll);
    lsmb_poll_end(b.poll);
    for (unsigned i = 0; i < 2; i++) {
        (void)close(one[i]);
        (void)close(two[i]);
    }
    lsmb_free(smb);
}
END_TEST

START_TEST(a_regular_file_cannot_be_watched)
{
    struct lsmb *smb = new_context();
    FILE *file = tmpfile();

    ck_assert_ptr_nonnull(file);
    ck_assert_ptr_null(lsmb_poll_begin(smb, fileno(file), LSMB_READABLE, told, NULL));
    ck_assert_int_eq(fclose(file), 0);
    lsmb_free(smb);
}
END_TEST

/* ---------------------------------------------------------------- time */

/* Who was called, one letter each. */
struct names {
    char text[16];
};

static void add_name(struct names *names, char name)
{
    size_t len = strlen(names->text);

    ck_assert_uint_lt(len + 1, sizeof names->text);
    names->text[len] = name;
}

/* A timer that writes its name when it fires. */
struct alarm {
    struct lsmb *smb;
    struct lsmb_timer *timer;
    struct names *names;
    uint64_t again_ns; /* after how much it is to fire once more */
    char name;
    bool free; /* it frees itself */
};

static void fire(void *arg)
{
    struct alarm *a = arg;

    add_name(a->names, a->name);
    if (a->again_ns > 0) {
        lsmb_timer_set(a->timer, lsmb_now_ns(a->smb) + a->again_ns);
        a->again_ns = 0;
    }
    if (a->free) {
        lsmb_timer_free(a->timer);
        a->timer = NULL;
    }
}

/* Alarms named a, b, c ... */
static void new_alarms(struct alarm *alarms, size_t count, struct lsmb *smb, struct names *names)
{
    for (size_t i = 0; i < count; i++) {
        alarms[i] = (struct alarm){.smb = smb, .name = (char)('a' + (char)i), .names = names};
        alarms[i].timer = lsmb_timer_new(smb, fire, &alarms[i]);
        ck_assert_ptr_nonnull(alarms[i].timer);
    }
}

static void free_alarms(struct alarm *alarms, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        lsmb_timer_free(alarms[i].timer);
    }
}

START_TEST(timers_fire_once_and_in_order)
{
    struct alarm alarms[5];
    struct names names = {""};
    struct fs_world w;

    fs_world_init(&w, NULL);
    uint64_t now = lsmb_now_ns(w.smb);
    new_alarms(alarms, 5, w.smb, &names);
    lsmb_timer_set(alarms[0].timer, now + 30 * NS_PER_MS);
    lsmb_timer_set(alarms[1].timer, now + 20 * NS_PER_MS);
    lsmb_timer_set(alarms[2].timer, now + 30 * NS_PER_MS);
    lsmb_timer_set(alarms[3].timer, now + 10 * NS_PER_MS); /* the last is never set */
    fs_turn(&w, 3);
    ck_assert_str_eq(names.text, "");
    ck_assert_int_eq(lsmb_turn(w.smb, 10), LSMB_OK); /* the script's clock moves on */
    ck_assert_str_eq(names.text, "d");
    ck_assert_int_eq(lsmb_turn(w.smb, 100), LSMB_OK);
    ck_assert_str_eq(names.text, "db");
    ck_assert_int_eq(lsmb_turn(w.smb, 100), LSMB_OK);
    ck_assert_str_eq(names.text, "dbac");
    ck_assert_int_eq(lsmb_turn(w.smb, 100), LSMB_OK);
    ck_assert_str_eq(names.text, "dbac");
    ck_assert_uint_eq(lsmb_now_ns(w.smb), now + 130 * NS_PER_MS);
    free_alarms(alarms, 5);
    lsmb_timer_free(NULL);
    fs_world_free(&w);
}
END_TEST

START_TEST(a_timer_may_be_set_again_and_stopped)
{
    struct alarm alarms[3];
    struct names names = {""};
    struct fs_world w;

    fs_world_init(&w, NULL);
    uint64_t now = lsmb_now_ns(w.smb);
    new_alarms(alarms, 3, w.smb, &names);
    for (unsigned i = 0; i < 3; i++) {
        lsmb_timer_set(alarms[i].timer, now + (i + 1) * NS_PER_MS);
    }
    lsmb_timer_set(alarms[0].timer, now + 9 * NS_PER_MS); /* later */
    lsmb_timer_set(alarms[1].timer, UINT64_MAX);
    lsmb_timer_set(alarms[2].timer, 0);
    lsmb_timer_set(alarms[2].timer, UINT64_MAX); /* before it was told */
    ck_assert_int_eq(lsmb_turn(w.smb, 5), LSMB_OK);
    ck_assert_str_eq(names.text, "");
    lsmb_timer_set(alarms[1].timer, now); /* long ago */
    fs_turn(&w, 1);
    ck_assert_str_eq(names.text, "b");
    ck_assert_int_eq(lsmb_turn(w.smb, 5), LSMB_OK);
    ck_assert_str_eq(names.text, "ba");
    free_alarms(alarms, 3);
    fs_world_free(&w);
}
END_TEST

START_TEST(a_timer_may_be_set_and_freed_from_inside_its_call)
{
    struct alarm alarms[2];
    struct names names = {""};
    struct fs_world w;

    fs_world_init(&w, NULL);
    new_alarms(alarms, 2, w.smb, &names);
    alarms[0].again_ns = NS_PER_MS;
    alarms[1].free = true;
    lsmb_timer_set(alarms[0].timer, 0);
    lsmb_timer_set(alarms[1].timer, 0);
    fs_turn(&w, 3);
    ck_assert_str_eq(names.text, "ab");
    ck_assert_ptr_null(alarms[1].timer);
    ck_assert_int_eq(lsmb_turn(w.smb, 5), LSMB_OK);
    ck_assert_str_eq(names.text, "aba");
    free_alarms(alarms, 2);
    fs_world_free(&w);
}
END_TEST

START_TEST(a_timer_that_is_freed_does_not_fire)
{
    struct alarm alarms[2];
    struct names names = {""};
    struct fs_world w;

    fs_world_init(&w, NULL);
    new_alarms(alarms, 2, w.smb, &names);
    lsmb_timer_set(alarms[0].timer, 0);
    lsmb_timer_set(alarms[1].timer, lsmb_now_ns(w.smb) + NS_PER_MS);
    free_alarms(alarms, 2);
    ck_assert_int_eq(lsmb_turn(w.smb, 5), LSMB_OK);
    ck_assert_str_eq(names.text, "");
    fs_world_free(&w);
}
END_TEST

START_TEST(a_timer_ends_the_wait_of_the_system)
{
    struct lsmb *smb = new_context();
    struct alarm a;
    struct names names = {""};

    new_alarms(&a, 1, smb, &names);
    uint64_t at = lsmb_now_ns(smb) + 2 * NS_PER_MS;
    lsmb_timer_set(a.timer, at);
    while (!names.text[0]) {
        ck_assert_int_eq(lsmb_turn(smb, -1), LSMB_OK);
    }
    ck_assert_uint_ge(lsmb_now_ns(smb), at);
    free_alarms(&a, 1);
    lsmb_free(smb);
}
END_TEST

/* ---------------------------------------------------------------- what can only block */

struct task {
    struct lsmb *smb;
    struct lsmb_work *work;
    pthread_t worked_on, done_on;
    _Atomic unsigned works, dones, releases;
    int begun, go_on; /* descriptors, or 0: it tells when it has begun, and waits */
    unsigned more;    /* how many are to follow it */
};

static void work(void *arg)
{
    struct task *t = arg;

    if (t->begun) {
        uint64_t one = 1;
        (void)!write(t->begun, &one, sizeof one);
        (void)!read(t->go_on, &one, sizeof one);
    }
    t->worked_on = pthread_self();
    t->works++;
}

static void released(void *arg)
{
    struct task *t = arg;

    t->releases++;
    if (t->begun) {
        uint64_t one = 1;
        (void)!write(t->begun, &one, sizeof one);
    }
}

static void done(void *arg);
static const struct lsmb_work_calls task_calls = {work, done, released};

static void done(void *arg)
{
    struct task *t = arg;

    ck_assert_uint_eq(t->releases, t->dones);
    t->done_on = pthread_self();
    t->dones++;
    if (t->more > 0) {
        t->more--;
        ck_assert_ptr_nonnull(lsmb_work_begin(t->smb, &task_calls, t));
    }
}

static void begin(struct task *t, struct lsmb *smb)
{
    t->smb = smb;
    t->work = lsmb_work_begin(smb, &task_calls, t);
    ck_assert_ptr_nonnull(t->work);
}

START_TEST(work_is_done_on_another_thread_and_told_on_ours)
{
    struct lsmb *smb = new_context();
    struct task t = {.more = 2};

    begin(&t, smb);
    ck_assert_uint_eq(t.dones, 0);
    while (t.dones < 3) {
        ck_assert_int_eq(lsmb_turn(smb, -1), LSMB_OK);
    }
    ck_assert_uint_eq(t.works, 3);
    ck_assert_uint_eq(t.releases, 3);
    ck_assert(pthread_equal(t.done_on, pthread_self()));
    ck_assert(!pthread_equal(t.worked_on, pthread_self()));
    lsmb_free(smb);
}
END_TEST

START_TEST(work_that_is_dropped_is_not_told)
{
    struct task t[3] = {{.more = 0}};
    struct fs_world w;

    fs_world_init(&w, NULL);
    w.jobs.hold = true;
    begin(&t[0], w.smb); /* given up while it is with a helper */
    lsmb_work_drop(t[0].work);
    ck_assert_uint_eq(t[0].releases, 0);
    script_jobs_run(&w.jobs);
    ck_assert_uint_eq(t[0].releases, 1);
    w.jobs.hold = false;
    begin(&t[1], w.smb); /* it has been done, and nobody knows yet */
    lsmb_work_drop(t[1].work);
    ck_assert_uint_eq(t[1].releases, 1);
    lsmb_work_drop(NULL);
    fs_turn(&w, 3);
    ck_assert(t[0].dones == 0 && t[1].dones == 0);
    w.jobs.refuse = true;
    ck_assert_ptr_null(lsmb_work_begin(w.smb, &task_calls, &t[2]));
    ck_assert(t[2].works == 0 && t[2].releases == 0);
    fs_world_free(&w);
}
END_TEST

static void wait_for(int fd)
{
    uint64_t value;

    ck_assert_int_eq(read(fd, &value, sizeof value), sizeof value);
}

START_TEST(work_that_runs_when_the_context_is_freed_ends_by_itself)
{
    struct lsmb *smb = new_context();
    struct task t = {.begun = eventfd(0, EFD_CLOEXEC), .go_on = eventfd(0, EFD_CLOEXEC)};

    ck_assert(t.begun > 0 && t.go_on > 0);
    begin(&t, smb);
    wait_for(t.begun);
    lsmb_work_drop(t.work);
    lsmb_free(smb);
    ck_assert_uint_eq(t.releases, 0);
    ck_assert_int_eq(eventfd_write(t.go_on, 1), 0);
    wait_for(t.begun); /* now as "it was released" */
    ck_assert(t.works == 1 && t.releases == 1 && t.dones == 0);
    (void)close(t.begun);
    (void)close(t.go_on);
}
END_TEST

/* ---------------------------------------------------------------- what goes with the context */

struct bound {
    struct lsmb *smb;
    struct lsmb_bond *bond, *other; /* `other` is let go of when this one goes */
    struct names *names;
    char name;
};

static void gone(void *arg)
{
    struct bound *b = arg;

    ck_assert(list_empty(&b->smb->jobs));
    add_name(b->names, b->name);
    lsmb_unbind(b->other);
}

static void bind_all(struct bound *all, size_t count, struct lsmb *smb, struct names *names)
{
    for (size_t i = 0; i < count; i++) {
        all[i] = (struct bound){.smb = smb, .name = (char)('a' + (char)i), .names = names};
        all[i].bond = lsmb_bind(smb, gone, &all[i]);
        ck_assert_ptr_nonnull(all[i].bond);
    }
}

START_TEST(what_was_bound_last_goes_first)
{
    struct lsmb *smb = new_context();
    struct bound all[4];
    struct names names = {""};

    bind_all(all, 4, smb, &names);
    lsmb_unbind(all[1].bond);
    lsmb_unbind(NULL);
    turn(smb, 2);
    ck_assert_str_eq(names.text, "");
    lsmb_free(smb);
    ck_assert_str_eq(names.text, "dca");
}
END_TEST

START_TEST(what_goes_may_take_others_with_it)
{
    struct lsmb *smb = new_context();
    struct bound all[3];
    struct names names = {""};

    bind_all(all, 3, smb, &names);
    all[2].other = all[1].bond;
    lsmb_free(smb);
    ck_assert_str_eq(names.text, "ca");
}
END_TEST

/* With a timer set, work begun and a descriptor watched. */
struct guest {
    struct lsmb_poll *poll;
    struct lsmb_timer *timer;
    struct task task;
    struct fs_done stat;
    int fd;
};

static void leave(void *arg)
{
    struct guest *g = arg;

    ck_assert_uint_eq(g->stat.calls, 0); /* it was dropped */
    lsmb_poll_end(g->poll);
    lsmb_timer_free(g->timer);
    lsmb_work_drop(g->task.work);
}

START_TEST(whatever_was_made_may_be_given_back_when_the_context_goes)
{
    struct guest g = {.fd = new_eventfd(1)};
    struct lsmb *smb = new_context();
    struct lsmb_target target = {.size = sizeof target, .host = "127.0.0.1", .share = "s"};
    struct lsmb_share *share;
    struct names names = {""};
    struct alarm alarm = {.names = &names, .smb = smb};

    ck_assert_ptr_nonnull(lsmb_bind(smb, leave, &g));
    g.poll = lsmb_poll_begin(smb, g.fd, LSMB_READABLE, told, NULL);
    g.timer = lsmb_timer_new(smb, fire, &alarm);
    ck_assert(g.poll && g.timer);
    lsmb_timer_set(g.timer, 0);
    begin(&g.task, smb);
    ck_assert_ptr_nonnull(lsmb_share_open_start(smb, &target, &share, fs_done, &g.stat));
    lsmb_free(smb);
    ck_assert_uint_eq(g.task.dones, 0);
    ck_assert_str_eq(names.text, "");
    (void)close(g.fd);
}
END_TEST

/* ---------------------------------------------------------------- the log */

struct lines {
    unsigned count;
    enum lsmb_log_level level;
    char last[64];
};

static void hear(void *arg, enum lsmb_log_level level, const char *line)
{
    struct lines *l = arg;

    l->count++;
    l->level = level;
    (void)snprintf(l->last, sizeof l->last, "%s", line);
}

START_TEST(lines_are_heard_by_whoever_listens)
{
    struct lines l = {.count = 0};
    const struct lsmb_options opt = {
        .size = sizeof opt, .log = hear, .log_arg = &l, .log_level = LSMB_LOG_INFO};
    struct lsmb *smb = lsmb_new(&opt, NULL);

    ck_assert_ptr_nonnull(smb);
    lsmb_log(smb, LSMB_LOG_INFO, "100 %s");
    ck_assert(l.count == 1 && l.level == LSMB_LOG_INFO);
    ck_assert_str_eq(l.last, "100 %s");
    lsmb_log(smb, LSMB_LOG_DEBUG, "more");
    ck_assert_uint_eq(l.count, 1);
    lsmb_log(smb, LSMB_LOG_ERROR, "a\nb");
    ck_assert_str_eq(l.last, "a?b");
    lsmb_free(smb);
    smb = new_context();
    lsmb_log(smb, LSMB_LOG_ERROR, "nobody");
    lsmb_free(smb);
}
END_TEST

/* ---------------------------------------------------------------- memory */

static unsigned made(struct lsmb *smb, int fd, struct task *t)
{
    struct lsmb_poll *poll = lsmb_poll_begin(smb, fd, LSMB_READABLE, told, NULL);
    struct lsmb_timer *timer = lsmb_timer_new(smb, fire, NULL);
    struct lsmb_work *begun = lsmb_work_begin(smb, &task_calls, t);
    struct lsmb_bond *bond = lsmb_bind(smb, gone, NULL);
    unsigned count = (poll ? 1u : 0u) + (timer ? 1u : 0u) + (begun ? 1u : 0u) + (bond ? 1u : 0u);

    lsmb_poll_end(poll);
    lsmb_timer_free(timer);
    lsmb_work_drop(begun);
    lsmb_unbind(bond);
    return count;
}

START_TEST(without_memory_nothing_is_made)
{
    int fd = new_eventfd(1);
    bool failed = true;

    for (unsigned skip = 0; failed; skip++) {
        struct task t = {.more = 0};
        struct fs_world w;

        fs_world_init(&w, NULL);
        fail_malloc(skip, false);
        unsigned count = made(w.smb, fd, &t);
        failed = fail_malloc_off();
        ck_assert_uint_eq(count, failed ? 3 : 4);
        ck_assert_uint_eq(t.works, t.releases);
        fs_world_free(&w);
    }
    (void)close(fd);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "fs/hooks", a_descriptor_is_told_in_every_turn_in_which_it_is_ready,
        what_is_waited_for_can_be_changed, one_that_has_failed_is_both,
        a_descriptor_may_be_let_go_from_inside_its_call,
        what_is_not_waited_for_any_more_is_not_told, a_regular_file_cannot_be_watched,
        timers_fire_once_and_in_order, a_timer_may_be_set_again_and_stopped,
        a_timer_may_be_set_and_freed_from_inside_its_call, a_timer_that_is_freed_does_not_fire,
        a_timer_ends_the_wait_of_the_system, work_is_done_on_another_thread_and_told_on_ours,
        work_that_is_dropped_is_not_told, work_that_runs_when_the_context_is_freed_ends_by_itself,
        what_was_bound_last_goes_first, what_goes_may_take_others_with_it,
        whatever_was_made_may_be_given_back_when_the_context_goes,
        lines_are_heard_by_whoever_listens, without_memory_nothing_is_made);
}
