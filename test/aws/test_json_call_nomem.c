/* test_json_call_nomem.c: each allocation on the way to an item or a secret fails in turn: never a crash, a leak or a
 * success that is none. */
#include "test/failmalloc.h"

#include "test/aws/calls_script.h"

enum { ALLOCATIONS_MAX = 500, TURNS = 8 };

struct asking {
    struct lsmb *smb;
    struct lsmb_s3 s3;
    char *text;
    unsigned told;
    struct lsmb_error err;
};

typedef struct lsmb_job *start_fn(struct asking *a);

static void gone(void *arg)
{
    struct asking *a = arg;

    host_free(&a->s3.host);
}

static void done(void *arg, const struct lsmb_error *err)
{
    struct asking *a = arg;

    a->told++;
    if (err) {
        a->err = *err;
    }
}

static struct lsmb_job *start_item(struct asking *a)
{
    return lsmb_s3_item_start(&a->s3, "t", "k", "v", &a->text, done, a);
}

static struct lsmb_job *start_secret(struct asking *a)
{
    return lsmb_s3_secret_start(&a->s3, "id", &a->text, done, a);
}

/* Turn until it has ended; the service has memory. */
static void serve(struct asking *a, const char *answer)
{
    for (unsigned i = 0; i < TURNS && !a->told; i++) {
        if (lsmb_turn(a->smb, 0) != LSMB_OK) {
            return; /* which shows: nobody was told */
        }
        if (scripted.count > 0 && scripted.open[0]->attempt) {
            fail_malloc_pause(true);
            scripted_answer(scripted.open[0], answer);
            fail_malloc_pause(false);
        }
    }
}

/* One question, in which the allocation after `skip` fails.  False: there are not so many. */
static bool ask_without(start_fn *start, const char *answer, const char *text, unsigned skip)
{
    struct asking a = {0};

    a.smb = lsmb_new(NULL, NULL);
    ck_assert_ptr_nonnull(a.smb);
    a.s3.smb = a.smb;
    ck_assert(host_init(&a.s3.host, a.smb));
    ck_assert_ptr_nonnull(lsmb_bind(a.smb, gone, &a));
    fail_malloc(skip, false);
    bool started = start(&a) != NULL;
    if (started) {
        serve(&a, answer);
    }
    bool failed = fail_malloc_off();
    ck_assert_uint_eq(a.told, started ? 1 : 0);
    if (started && a.err.code == LSMB_OK) {
        ck_assert_pstr_eq(a.text, text);
    } else {
        ck_assert(failed);
        ck_assert_ptr_null(a.text);
    }
    lsmb_s3_text_free(a.text);
    lsmb_free(a.smb);
    return failed;
}

static void ask_always(start_fn *start, const char *answer, const char *text)
{
    unsigned skip = 0;

    while (ask_without(start, answer, text, skip)) {
        skip++;
        ck_assert_uint_lt(skip, ALLOCATIONS_MAX);
    }
    ck_assert_uint_gt(skip, 5);
}

START_TEST(an_item_without_memory_is_an_error)
{
    ask_always(
        start_item,
        "{\"Item\": {\"a\": {\"S\": \"b\"}, \"c\": {\"L\": [{\"N\": \"1\"}, {\"BOOL\": true}]}}}",
        "{\"a\":\"b\",\"c\":[1,true]}");
}
END_TEST

START_TEST(a_secret_without_memory_is_an_error)
{
    ask_always(start_secret, "{\"SecretString\": \"hush\"}", "hush");
}
END_TEST

int main(void)
{
    return RUN_TESTS("aws/json_call_nomem", an_item_without_memory_is_an_error,
                     a_secret_without_memory_is_an_error);
}
