/* test_program.c: programs that are run, with what they get and how they may end. */
#include "aws/program.h"
#include "aws/words.h"
#include "test/run.h"
#include "test/script.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

struct runner {
    struct script_env s;
    struct ready done;
    unsigned woken;
    struct program *program;
    struct lsmb_error err;
};

static void woken(struct ready *ready)
{
    CONTAINER_OF(ready, struct runner, done)->woken++;
}

/* Runs to its end, unless jobs are held. */
static void run_for(struct runner *r, const char *line, uint32_t limit_ms)
{
    script_env_init(&r->s, 0, 0);
    r->done = (struct ready){.run = woken};
    r->woken = 0;
    char **argv = words_split(line, &r->err);
    ck_assert_ptr_nonnull(argv);
    r->program = program_start(&r->s.env, argv, limit_ms, &r->done);
    ck_assert_ptr_nonnull(r->program);
    script_settle(&r->s);
    ck_assert_uint_eq(r->woken, 1);
}

static void run(struct runner *r, const char *line)
{
    run_for(r, line, 60000);
}

static void end(struct runner *r)
{
    program_drop(r->program);
    script_env_free(&r->s);
}

static void ck_says(struct runner *r, const char *says)
{
    ck_assert_msg(program_succeeded(r->program, &r->err), "%s", r->err.reason);
    ck_assert_str_eq(r->program->says, says);
    ck_assert_uint_eq(r->program->says_len, strlen(says));
}

static void ck_fails(struct runner *r, enum lsmb_code code, const char *reason)
{
    ck_assert(!program_succeeded(r->program, &r->err));
    ck_assert_int_eq(r->err.code, code);
    ck_assert_str_eq(r->err.reason, reason);
}

START_TEST(its_output_is_collected)
{
    struct runner r;

    run(&r, "sh -c 'echo one; sleep 0.1; echo two; echo no >&2'");
    ck_says(&r, "one\ntwo\n");
    end(&r);
}
END_TEST

START_TEST(its_standard_input_is_empty)
{
    struct runner r;

    run(&r, "sh -c 'wc -c; readlink /proc/self/fd/0'");
    ck_says(&r, "0\n/dev/null\n");
    end(&r);
}
END_TEST

START_TEST(it_gets_no_descriptor_of_ours)
{
    struct runner r;
    int fd = open("/dev/null", O_RDONLY); /* not close-on-exec */

    ck_assert_int_ge(fd, 0);
    ck_assert_int_ge(dup2(fd, 100), 0);
    run(&r, "sh -c 'test -e /proc/$$/fd/100 || echo closed'");
    ck_says(&r, "closed\n");
    end(&r);
    ck_assert_int_eq(close(100), 0);
    ck_assert_int_eq(close(fd), 0);
}
END_TEST

START_TEST(it_gets_our_environment_but_for_the_password)
{
    struct runner r;

    ck_assert_int_eq(setenv("LAVA_SMB_PASSWORD", "secret", 1), 0);
    ck_assert_int_eq(setenv("LAVA_SMB_PASSWORD_OF_NOBODY", "kept", 1), 0);
    run(&r, "sh -c 'echo ${LAVA_SMB_PASSWORD-none} $LAVA_SMB_PASSWORD_OF_NOBODY'");
    ck_says(&r, "none kept\n");
    end(&r);
    ck_assert_str_eq(getenv("LAVA_SMB_PASSWORD"), "secret");
    ck_assert_int_eq(unsetenv("LAVA_SMB_PASSWORD"), 0);
    ck_assert_int_eq(unsetenv("LAVA_SMB_PASSWORD_OF_NOBODY"), 0);
}
END_TEST

START_TEST(it_gets_its_output_where_ours_is_closed)
{
    struct runner r;
    int kept[3];

    for (int fd = 0; fd < 3; fd++) {
        kept[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 50);
        ck_assert_int_eq(close(fd), 0);
    }
    run(&r, "sh -c 'echo out; echo bad >&2; exit 1'");
    for (int fd = 0; fd < 3; fd++) {
        ck_assert_int_eq(fcntl(fd, F_GETFD), -1); /* still */
        ck_assert_int_eq(dup2(kept[fd], fd), fd);
        ck_assert_int_eq(close(kept[fd]), 0);
    }
    ck_fails(&r, LSMB_E_LOCAL, "sh failed with status 1: bad");
    ck_assert_str_eq(r.program->says, "out\n");
    end(&r);
}
END_TEST

START_TEST(its_signals_are_as_a_shell_gives_them)
{
    struct runner r;
    sigset_t all, before;

    ck_assert(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
    (void)sigfillset(&all);
    ck_assert_int_eq(pthread_sigmask(SIG_BLOCK, &all, &before), 0);
    run(&r, "sh -c 'sed -n s/^Sig[BI].*://p /proc/self/status'"); /* blocked, ignored */
    ck_assert_int_eq(pthread_sigmask(SIG_SETMASK, &before, NULL), 0);
    ck_assert(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
    char *at;
    ck_assert(program_succeeded(r.program, &r.err));
    ck_assert_uint_eq(strtoull(r.program->says, &at, 16), 0);
    ck_assert_uint_eq(strtoull(at, NULL, 16) & 0x7fffffff, 0); /* above are the C library's own */
    end(&r);
}
END_TEST

START_TEST(what_cannot_be_run_is_said)
{
    struct runner r;

    run(&r, "/nowhere/at/all");
    ck_fails(&r, LSMB_E_LOCAL, "/nowhere/at/all: No such file or directory");
    end(&r);
    run(&r, "/");
    ck_fails(&r, LSMB_E_LOCAL, "/: Permission denied");
    end(&r);
}
END_TEST

START_TEST(how_it_ended_is_said)
{
    struct runner r;

    run(&r, "sh -c 'exit 7'");
    ck_fails(&r, LSMB_E_LOCAL, "sh failed with status 7");
    end(&r);
    run(&r, "sh -c 'kill -15 $$'");
    ck_fails(&r, LSMB_E_LOCAL, "sh was ended by signal 15");
    end(&r);
    run(&r, "sh -c 'printf \"\\n\\n bad\\033 \\tthing\\nmore\" >&2; exit 1'");
    ck_fails(&r, LSMB_E_LOCAL, "sh failed with status 1: bad? ?thing");
    end(&r);
}
END_TEST

START_TEST(a_long_complaint_does_not_stop_it)
{
    struct runner r;

    run(&r, "sh -c 'yes complaint | head -c 300000 >&2; echo done'");
    ck_says(&r, "done\n");
    end(&r);
}
END_TEST

START_TEST(it_may_say_64_kib)
{
    struct runner r;

    run(&r, "head -c 65536 /dev/zero");
    ck_assert(program_succeeded(r.program, &r.err));
    ck_assert_uint_eq(r.program->says_len, 65536);
    end(&r);
    run(&r, "head -c 65537 /dev/zero");
    ck_fails(&r, LSMB_E_LOCAL, "head wrote more than 65536 bytes");
    end(&r);
    run(&r, "cat /dev/zero"); /* without end */
    ck_fails(&r, LSMB_E_LOCAL, "cat wrote more than 65536 bytes");
    end(&r);
}
END_TEST

START_TEST(it_is_ended_when_its_time_is_over)
{
    struct runner r;

    run_for(&r, "sleep 1000", 50);
    ck_fails(&r, LSMB_E_TIMEOUT, "sleep did not end within 0 s");
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1); /* it has been waited for */
    ck_assert_int_eq(errno, ECHILD);
    end(&r);
}
END_TEST

START_TEST(who_holds_its_pipe_is_not_waited_for)
{
    struct runner r;

    run(&r, "sh -c 'sleep 1000 & echo $!'");
    ck_assert(program_succeeded(r.program, &r.err));
    pid_t left = (pid_t)strtol(r.program->says, NULL, 10);
    ck_assert_int_gt(left, 1);
    ck_assert_int_eq(kill(left, SIGKILL), 0);
    end(&r);
}
END_TEST

START_TEST(a_host_that_ignores_its_children_does_not_matter)
{
    struct runner r;

    ck_assert(signal(SIGCHLD, SIG_IGN) != SIG_ERR);
    run(&r, "sh -c 'echo good; exit 0'");
    ck_assert(signal(SIGCHLD, SIG_DFL) != SIG_ERR);
    ck_says(&r, "good\n");
    ck_assert_int_eq(r.program->status, -1);
    end(&r);
}
END_TEST

static void *run_held(void *arg)
{
    script_jobs_run(arg);
    return NULL;
}

START_TEST(it_is_ended_when_nobody_waits_for_it_any_more)
{
    struct runner r = {0};
    pthread_t thread;

    script_env_init(&r.s, 0, 0);
    r.s.jobs.hold = true;
    r.done = (struct ready){.run = woken};
    char **argv = words_split("sleep 1000", &r.err);
    r.program = program_start(&r.s.env, argv, 60000, &r.done);
    ck_assert_ptr_nonnull(r.program);
    ck_assert_int_eq(pthread_create(&thread, NULL, run_held, &r.s.jobs), 0);
    program_drop(r.program);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_uint_eq(r.woken, 0);
    script_env_free(&r.s);
}
END_TEST

int main(void)
{
    return RUN_TESTS("aws/program", its_output_is_collected, its_standard_input_is_empty,
                     it_gets_no_descriptor_of_ours, it_gets_our_environment_but_for_the_password,
                     it_gets_its_output_where_ours_is_closed, its_signals_are_as_a_shell_gives_them,
                     what_cannot_be_run_is_said, how_it_ended_is_said,
                     a_long_complaint_does_not_stop_it, it_may_say_64_kib,
                     it_is_ended_when_its_time_is_over, who_holds_its_pipe_is_not_waited_for,
                     a_host_that_ignores_its_children_does_not_matter,
                     it_is_ended_when_nobody_waits_for_it_any_more);
}
