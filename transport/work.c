#include "transport/work.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* What the loop and the threads share.  It belongs to all of them and goes with the last, so a thread
 * that is stuck in a job never keeps work_free() waiting. */
struct shared {
    pthread_mutex_t lock; /* guards all that follows but done_fd */
    pthread_cond_t begin; /* there is a job, or it is closing time */
    struct list queued, done;
    struct list helpers; /* struct helper, all that live */
    unsigned queued_count;
    unsigned threads, idle; /* alive; waiting for a job */
    bool closing;           /* nobody fetches what is done any more */
    unsigned holders;
    int done_fd; /* an eventfd, readable while `done` holds jobs */
};

/* A thread.  At closing time those that wait for a job are awaited, so that they have given back what the
 * C library keeps for each before a host looks for leaks or unloads us; one that is stuck in a job is left
 * to itself. */
struct helper {
    struct list node;
    struct shared *shared; /* one of its holders */
    pthread_t thread;
    bool working; /* has a job */
    bool awaited; /* work_free() joins and frees it; else it does so itself */
};

struct work {
    struct job_runner runner; /* first */
    struct loop *loop;        /* borrowed */
    struct watch watch;
    struct shared *shared;
    unsigned threads_max;
};

static struct work *work_of(struct job_runner *runner)
{
    return CONTAINER_OF(runner, struct work, runner);
}

static struct job *job_of(struct list *node)
{
    return CONTAINER_OF(node, struct job, node);
}

/* Locking a mutex that is neither damaged nor recursive cannot fail (POSIX). */
static void lock(struct shared *shared)
{
    int failed = pthread_mutex_lock(&shared->lock);

    assert(!failed);
    (void)failed;
}

static void unlock(struct shared *shared)
{
    int failed = pthread_mutex_unlock(&shared->lock);

    assert(!failed);
    (void)failed;
}

static struct shared *shared_new(void)
{
    struct shared *shared = calloc(1, sizeof *shared);

    if (!shared) {
        return NULL;
    }
    shared->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (shared->done_fd < 0) {
        free(shared);
        return NULL;
    }
    /* With default attributes neither allocates, so neither fails on Linux. */
    (void)pthread_mutex_init(&shared->lock, NULL);
    (void)pthread_cond_init(&shared->begin, NULL);
    list_init(&shared->queued);
    list_init(&shared->done);
    list_init(&shared->helpers);
    shared->holders = 1;
    return shared;
}

/* Let go; called with the lock held, which is gone afterwards. */
static void shared_drop(struct shared *shared)
{
    bool last = --shared->holders == 0;

    unlock(shared);
    if (last) {
        (void)pthread_cond_destroy(&shared->begin);
        (void)pthread_mutex_destroy(&shared->lock);
        (void)close(shared->done_fd);
        free(shared);
    }
}

/* The next job, waiting for one if there is none; NULL at closing time.  The lock is held. */
static struct job *next_job(struct shared *shared)
{
    while (list_empty(&shared->queued) && !shared->closing) {
        shared->idle++;
        (void)pthread_cond_wait(&shared->begin, &shared->lock); /* it cannot fail (POSIX) */
        shared->idle--;
    }
    if (shared->closing) {
        return NULL;
    }
    shared->queued_count--;
    return job_of(list_pop_front(&shared->queued));
}

/* A job's work has ended: hand it to the loop, or take it away if there is none any more.  The lock is
 * held. */
static void put_done(struct shared *shared, struct job *job)
{
    if (shared->closing) {
        unlock(shared);
        job->release(job);
        lock(shared);
        return;
    }
    bool first = list_empty(&shared->done);
    list_push_back(&shared->done, &job->node);
    if (first) {
        (void)eventfd_write(shared->done_fd, 1); /* it is empty or, if not, readable as it is */
    }
}

/* The end of one that nobody awaits. */
static void helper_leave(struct helper *helper)
{
    list_remove(&helper->node);
    (void)pthread_detach(helper->thread); /* it is joinable, and ours */
    free(helper);
}

static void *thread_main(void *arg)
{
    struct helper *helper = arg;
    struct shared *shared = helper->shared;

    lock(shared);
    for (struct job *job; (job = next_job(shared));) {
        helper->working = true;
        unlock(shared);
        job->work(job);
        lock(shared);
        put_done(shared, job);
        helper->working = false;
    }
    shared->threads--;
    if (!helper->awaited) {
        helper_leave(helper);
    }
    shared_drop(shared);
    return NULL;
}

/* Start a thread in which no signal is handled: they are the host's.  It is born with the mask of its
 * maker.  The lock is held, so it does not run before its entry is complete. */
static bool start_helper(struct shared *shared)
{
    struct helper *helper = malloc(sizeof *helper);
    sigset_t all, before;

    if (!helper) {
        return false;
    }
    *helper = (struct helper){.shared = shared};
    (void)sigfillset(&all);
    bool ok = !pthread_sigmask(SIG_SETMASK, &all, &before);
    if (ok) {
        ok = !pthread_create(&helper->thread, NULL, thread_main, helper);
        (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    if (!ok) {
        free(helper);
        return false;
    }
    list_push_back(&shared->helpers, &helper->node);
    return true;
}

/* One more thread, if jobs wait for one and there may be one.  False when nobody will ever take the
 * jobs.  The lock is held. */
static bool enough_threads(struct shared *shared, unsigned threads_max)
{
    if (shared->queued_count > shared->idle && shared->threads < threads_max) {
        shared->threads++;
        shared->holders++;
        if (!start_helper(shared)) {
            shared->threads--;
            shared->holders--;
        }
    }
    return shared->threads > 0;
}

static bool work_submit(struct job_runner *runner, struct job *job)
{
    struct work *work = work_of(runner);
    struct shared *shared = work->shared;

    assert(!job->submitted);
    lock(shared);
    list_push_back(&shared->queued, &job->node);
    shared->queued_count++;
    bool ok = enough_threads(shared, work->threads_max);
    if (ok) {
        job->submitted = true;
        (void)pthread_cond_signal(&shared->begin);
    } else {
        list_remove(&job->node);
        shared->queued_count--;
    }
    unlock(shared);
    return ok;
}

static void move_all(struct list *to, struct list *from)
{
    for (struct list *node; (node = list_pop_front(from));) {
        list_push_back(to, node);
    }
}

static void fetch_done(struct watch *watch, uint32_t events)
{
    struct work *work = CONTAINER_OF(watch, struct work, watch);
    struct shared *shared = work->shared;
    struct list done;
    eventfd_t count;

    (void)events;
    list_init(&done);
    lock(shared);
    (void)eventfd_read(shared->done_fd, &count); /* may be empty already */
    move_all(&done, &shared->done);
    unlock(shared);
    for (struct list *node; (node = list_pop_front(&done));) {
        job_finish(&work->loop->env->ready, job_of(node));
    }
}

struct work *work_new(struct loop *loop, unsigned threads)
{
    struct work *work = calloc(1, sizeof *work);

    assert(threads > 0);
    if (!work) {
        return NULL;
    }
    *work = (struct work){.runner = {work_submit}, .loop = loop, .threads_max = threads};
    work->shared = shared_new();
    if (!work->shared) {
        free(work);
        return NULL;
    }
    if (!loop_watch(loop, &work->watch, work->shared->done_fd, EPOLLIN, fetch_done)) {
        int failed_errno = errno;
        lock(work->shared);
        shared_drop(work->shared);
        free(work);
        errno = failed_errno;
        return NULL;
    }
    return work;
}

struct job_runner *work_runner(struct work *work)
{
    return &work->runner;
}

/* Set those aside that have no job: they end soon.  The lock is held. */
static void await_idle(struct shared *shared, struct list *awaited)
{
    LIST_EACH(node, &shared->helpers)
    {
        struct helper *helper = CONTAINER_OF(node, struct helper, node);
        if (!helper->working) {
            helper->awaited = true;
            list_remove(&helper->node);
            list_push_back(awaited, &helper->node);
        }
    }
}

static void join_all(struct list *awaited)
{
    for (struct list *node; (node = list_pop_front(awaited));) {
        struct helper *helper = CONTAINER_OF(node, struct helper, node);
        (void)pthread_join(helper->thread, NULL);
        free(helper);
    }
}

void work_free(struct work *work)
{
    struct list left, awaited;

    if (!work) {
        return;
    }
    loop_unwatch(&work->watch);
    list_init(&left);
    list_init(&awaited);
    lock(work->shared);
    work->shared->closing = true;
    await_idle(work->shared, &awaited);
    (void)pthread_cond_broadcast(&work->shared->begin);
    move_all(&left, &work->shared->queued);
    move_all(&left, &work->shared->done);
    shared_drop(work->shared);
    join_all(&awaited);
    for (struct list *node; (node = list_pop_front(&left));) {
        struct job *job = job_of(node);
        job->release(job);
    }
    free(work);
}
