/* A client and its calls while memory runs out, allocation by allocation. */
#include "test/failmalloc.h"

#include "test/aws/call_world.h"

enum { ALLOCATIONS_MAX = 20000, TURNS_MAX = 300 };

/* Connections do not last, so that every scene makes its own. */
static bool fail_once(struct talk *talk)
{
    char try[8];

    if (heard_header(talk->heard, "x-try", try, sizeof try) && talk->request % 2 == 0) {
        say_error(talk, "503 Slow Down", "", "SlowDown", "Please reduce your request rate.");
        return true;
    }
    talk_body(talk);
    talk_say(talk, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 40000\r\n\r\n");
    for (unsigned i = 0; i < 1000; i++) {
        talk_say(talk, "0123456789012345678901234567890123456789");
    }
    return false;
}

/* From making the client on; libcheck has no business in here, since it needs memory, too. */
static void scene(struct call_world *w, const struct call_want *want)
{
    struct lsmb_error err;

    w->s3 = s3_new_in(w->smb, NULL, &w->env, &err);
    if (!w->s3) {
        w->finished = err.code != LSMB_OK;
        return;
    }
    w->s3->host.env.random = &w->random;
    world_begin(w, want);
    for (unsigned turns = 0; turns < TURNS_MAX && !w->finished; turns++) {
        if (lsmb_turn(w->smb, 10) != LSMB_OK) {
            return;
        }
    }
}

static bool end_scene(struct call_world *w)
{
    bool well = w->s3 && !op_failed(&w->call.op) && w->call.answer_len == 40000;

    if (w->s3) {
        call_free(&w->call);
        lsmb_s3_free(w->s3);
    }
    return well;
}

static void sweep(bool for_good)
{
    static struct call_world w;
    struct span body = span_of("what is stored");
    struct call_want want = want_object("PutObject", "PUT");
    pid_t server = http_server_fork(&w.server, fail_once);
    unsigned n = 0;

    w.random.fill = world_least;
    w.env = (struct environment){world_variable, &w};
    w.region = "eu-west-1";
    (void)snprintf(w.endpoint, sizeof w.endpoint, "http://127.0.0.1:%u", w.server.port);
    want.headers[want.header_count++] = (struct pair){"x-try", "1"};
    want.body = &body;
    want.body_count = 1;
    for (bool failed = true; failed; n++) {
        w.smb = lsmb_new(NULL, NULL);
        w.call = (struct call){0};
        /* The first time all goes well: what libcrypto and libcurl cannot set up once they never can. */
        fail_malloc(n > 0 ? n - 1 : ALLOCATIONS_MAX, for_good);
        scene(&w, &want);
        failed = fail_malloc_off() || n == 0;
        bool well = end_scene(&w);
        ck_assert_msg(w.finished, "allocation %u: it does not end", n);
        ck_assert_msg(failed || well, "%s", w.call.op.err.reason);
        ck_assert_uint_lt(n, ALLOCATIONS_MAX);
        lsmb_free(w.smb);
    }
    ck_assert_uint_gt(n, 50);
    http_server_kill(server);
}

START_TEST(one_allocation_after_the_other_fails)
{
    sweep(false);
}
END_TEST

START_TEST(from_one_allocation_on_all_fail)
{
    sweep(true);
}
END_TEST

int main(void)
{
    return RUN_TESTS("aws/call_nomem", one_allocation_after_the_other_fails,
                     from_one_allocation_on_all_fail);
}
