/* What lies below a prefix as a tree. */
#include "test/aws/calls_script.h"
#include "test/failmalloc.h"
#include "test/script.h"
#include "xfer/xfer.h"

#include <stdio.h>

#define OBJECT(key, size)                                                                          \
    "<Contents><Key>" key "</Key><LastModified>2009-10-12T17:50:30.000Z</LastModified>"            \
    "<Size>" size "</Size></Contents>"
#define FOLDER(prefix) "<CommonPrefixes><Prefix>" prefix "</Prefix></CommonPrefixes>"
#define LIST(inside)                                                                               \
    "<ListBucketResult><EncodingType>url</EncodingType>" inside "</ListBucketResult>"
#define MORE(token)                                                                                \
    "<IsTruncated>true</IsTruncated><NextContinuationToken>" token "</NextContinuationToken>"

static struct {
    struct script_clock clock;
    struct script_random random;
    struct script_jobs jobs;
    struct lsmb *smb;
    struct lsmb_s3 s3;
    struct lsmb_tree *tree;
    void *lister;
    struct lsmb_wait wait;
    struct lsmb_error err;
    struct lsmb_stat last;
    char told[1024]; /* names, each with what it is and a newline */
    bool end, stop;
} w;

static void begin(const char *prefix)
{
    struct lsmb_options opt = {.size = sizeof opt};
    struct lsmb_world world = {&w.clock.clock, &w.random.random, &w.jobs.runner};

    memset(&w, 0, sizeof w);
    memset(&scripted, 0, sizeof scripted);
    script_clock_init(&w.clock);
    script_random_init(&w.random);
    w.smb = lsmb_new_in(&world, &opt, NULL);
    ck_assert_ptr_nonnull(w.smb);
    script_jobs_init(&w.jobs, &w.smb->env.ready);
    ck_assert(host_init(&w.s3.host, w.smb));
    w.s3.smb = w.smb;
    w.tree = lsmb_s3_tree(&w.s3, "bucket", prefix, NULL);
    ck_assert_ptr_nonnull(w.tree);
}

static void turn(void)
{
    for (unsigned i = 0; i < 4; i++) {
        ck_assert_int_eq(lsmb_turn(w.smb, 0), LSMB_OK);
    }
}

static void end(void)
{
    if (w.lister) {
        w.tree->ops->list_end(w.tree, w.lister);
    }
    w.tree->ops->close(w.tree);
    ck_assert_uint_eq(scripted.count, 0);
    host_free(&w.s3.host);
    lsmb_free(w.smb);
}

/* ---------------------------------------------------------------- listing */

static bool each(void *arg, const char *name, const struct lsmb_stat *stat)
{
    size_t len = strlen(w.told);
    const char *what = !stat ? "!" : stat->attributes & LSMB_ATTR_DIRECTORY ? "/" : "";

    (void)arg;
    (void)snprintf(w.told + len, sizeof w.told - len, "%s%s\n", name, what);
    if (stat) {
        w.last = *stat;
    }
    return !w.stop;
}

static void ignore(struct ready *ready)
{
    (void)ready;
}

static void more(void)
{
    w.told[0] = '\0';
    w.err = (struct lsmb_error){0};
    wait_begin(&w.wait, &w.smb->env, ignore, &w.err);
    w.tree->ops->more(w.tree, w.lister, each, NULL, &w.end, &w.wait);
    turn();
}

static void list(const char *path)
{
    w.lister = w.tree->ops->list(w.tree, path);
    ck_assert_ptr_nonnull(w.lister);
}

static void say(const char *xml)
{
    turn();
    scripted_answer(scripted_one("ListObjectsV2"), xml);
    turn();
}

static void told(const char *names)
{
    ck_assert_msg(!w.wait.open && !w.wait.failed, "%s", w.err.reason);
    ck_assert_str_eq(w.told, names);
}

START_TEST(keys_are_files_and_what_they_have_in_common_is_a_folder)
{
    begin("a/b");
    list("c");
    turn();
    const struct call *call = scripted_one("ListObjectsV2");
    ck_assert_str_eq(call->want.bucket, "bucket");
    ck_assert_ptr_null(call->want.key);
    ck_assert_str_eq(scripted_query(call, "prefix"), "a/b/c/");
    ck_assert_str_eq(scripted_query(call, "delimiter"), "/");
    ck_assert_str_eq(scripted_query(call, "encoding-type"), "url");
    ck_assert_ptr_null(scripted_query(call, "continuation-token"));
    more();
    ck_assert(w.wait.open);
    say(LIST(FOLDER("a/b/c/d/") OBJECT("a/b/c/e+f", "7")));
    told("d/\ne f\n");
    ck_assert(w.end);
    ck_assert_uint_eq(w.last.bytes, 7);
    ck_assert_int_eq(w.last.written, 1255369830000000000);
    end();
}
END_TEST

START_TEST(the_root_is_the_prefix_as_a_folder)
{
    static const char *const prefixes[] = {NULL, "", "a", "a/", "/", "a//"};
    static const char *const asked[] = {"", "", "a/", "a/", "/", "a//"};

    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        begin(prefixes[i]);
        list("");
        turn();
        ck_assert_str_eq(scripted_query(scripted_one("ListObjectsV2"), "prefix"), asked[i]);
        end();
    }
}
END_TEST

START_TEST(the_place_of_a_folder_is_no_file)
{
    begin("a");
    list("");
    more();
    say(LIST(OBJECT("a/", "0") OBJECT("a/x", "0")));
    told("x\n");
    end();
    begin("a");
    list("");
    more();
    say(LIST(OBJECT("a/", "3")));
    told("!\n"); /* what is in it would be lost in silence */
    end();
}
END_TEST

START_TEST(keys_that_are_no_paths_are_only_told)
{
    char xml[2048], name[300];

    memset(name, 'n', 256);
    name[256] = '\0';
    begin("a");
    list("");
    more();
    (void)snprintf(xml, sizeof xml,
                   LIST(FOLDER("a//") FOLDER("a/../") FOLDER("a/./") OBJECT("a/..", "1")
                            OBJECT("a/.", "1") OBJECT("a/x%%00y", "1") OBJECT("a/%s", "1")
                                OBJECT("a/...", "1") OBJECT("a/%s", "1") FOLDER("a/%%1B/")),
                   name, name + 1);
    say(xml);
    ck_assert_msg(!w.wait.failed, "%s", w.err.reason);
    ck_assert_str_eq(strstr(w.told, "nnn") + 256, strstr(w.told, "!\n...\n"));
    ck_assert_int_eq(strncmp(w.told, "/!\n../!\n./!\n..!\n.!\nx?y!\n", 23), 0);
    ck_assert_ptr_nonnull(strstr(w.told, "n\n\x1B/\n")); /* odd, but a name */
    end();
}
END_TEST

START_TEST(what_was_not_asked_for_is_not_believed)
{
    static const char *const lists[] = {LIST(OBJECT("b/x", "1")), LIST(OBJECT("a", "1")),
                                        LIST(FOLDER("/etc/"))};

    for (size_t i = 0; i < 3; i++) {
        begin("a");
        list("");
        more();
        say(lists[i]);
        ck_assert(w.wait.failed);
        ck_assert_int_eq(w.err.code, LSMB_E_PROTOCOL);
        ck_assert_str_eq(w.told, "");
        end();
    }
}
END_TEST

START_TEST(where_nothing_is_stored_there_is_no_root)
{
    begin("a");
    list("");
    more();
    say(LIST(""));
    ck_assert_int_eq(w.err.code, LSMB_E_NOT_FOUND);
    ck_assert_str_eq(w.err.path, "s3://bucket/a/");
    end();
    begin("");
    list("");
    more();
    say(LIST(""));
    told(""); /* the bucket is there */
    ck_assert(w.end);
    end();
}
END_TEST

/* ---------------------------------------------------------------- pages */

START_TEST(the_next_page_is_asked_for_while_one_is_read)
{
    begin("a");
    list("");
    more();
    say(LIST(OBJECT("a/1", "1") MORE("t1")));
    told("1\n");
    ck_assert(!w.end);
    ck_assert_str_eq(scripted_query(scripted_one("ListObjectsV2"), "continuation-token"), "t1");
    say(LIST(OBJECT("a/2", "1") MORE("t2")));
    ck_assert_ptr_null(scripted_find("ListObjectsV2")); /* one ahead */
    more();
    told("2\n");
    ck_assert_str_eq(scripted_query(scripted_one("ListObjectsV2"), "continuation-token"), "t2");
    say(LIST(OBJECT("a/3", "1")));
    more();
    told("3\n");
    ck_assert(w.end);
    end();
}
END_TEST

START_TEST(an_empty_page_is_passed_over)
{
    begin("a");
    list("");
    more();
    say(LIST(MORE("t1")));
    ck_assert(w.wait.open);
    say(LIST(OBJECT("a/", "0") MORE("t2")));
    ck_assert(w.wait.open);
    say(LIST(OBJECT("a/3", "1")));
    told("3\n");
    ck_assert(w.end);
    end();
}
END_TEST

START_TEST(a_list_without_end_is_ended)
{
    begin("a");
    list("");
    more();
    say(LIST(OBJECT("a/1", "1") MORE("t1")));
    told("1\n");
    say(LIST(OBJECT("a/1", "1") MORE("t1")));
    more();
    told("1\n");
    more();
    ck_assert_int_eq(w.err.code, LSMB_E_PROTOCOL);
    end();
    begin("a");
    list("");
    more();
    say(LIST(OBJECT("a/1", "1") "<IsTruncated>true</IsTruncated>"));
    told("1\n");
    more();
    ck_assert_int_eq(w.err.code, LSMB_E_PROTOCOL);
    end();
}
END_TEST

START_TEST(empty_pages_come_to_an_end)
{
    char xml[256];

    begin("a");
    list("");
    more();
    for (unsigned i = 0; w.wait.open; i++) {
        ck_assert_uint_lt(i, 2000);
        (void)snprintf(xml, sizeof xml, LIST(MORE("t%u")), i);
        say(xml);
    }
    ck_assert_int_eq(w.err.code, LSMB_E_PROTOCOL);
    end();
}
END_TEST

START_TEST(a_refusal_names_the_prefix)
{
    begin("a");
    list("b");
    more();
    scripted_refuse(scripted_one("ListObjectsV2"), 403, "AccessDenied");
    turn();
    ck_assert(w.wait.failed);
    ck_assert_str_eq(w.err.path, "s3://bucket/a/b/");
    more(); /* and stays one */
    ck_assert(w.wait.failed);
    end();
}
END_TEST

START_TEST(who_has_enough_gets_no_more)
{
    begin("a");
    list("");
    w.stop = true;
    more();
    say(LIST(OBJECT("a/1", "1") OBJECT("a/2", "1")));
    told("1\n");
    end();
    begin("a");
    list("");
    more();
    turn();
    end(); /* while it is asked */
}
END_TEST

/* ---------------------------------------------------------------- objects */

START_TEST(a_file_is_the_object_below_the_prefix)
{
    static const struct lsmb_stat stat = {.bytes = 5};

    begin("a");
    struct lsmb_source *source = w.tree->ops->source(w.tree, "b/c", &stat);
    ck_assert_ptr_nonnull(source);
    wait_begin(&w.wait, &w.smb->env, ignore, &w.err);
    source->ops->open(source, &w.last, &w.wait);
    turn();
    ck_assert_str_eq(scripted_one("GetObject")->want.key, "a/b/c");
    ck_assert_ptr_null(scripted_header(scripted_one("GetObject"), "Range")); /* it is short */
    source->ops->close(source);
    struct lsmb_sink *sink = w.tree->ops->sink(w.tree, "b/c", &stat, LSMB_PUBLISH_AUTO);
    ck_assert_ptr_nonnull(sink);
    sink->ops->close(sink);
    end();
}
END_TEST

START_TEST(folders_need_not_be_made)
{
    static const struct lsmb_stat stat = {.attributes = LSMB_ATTR_DIRECTORY};

    begin("a");
    wait_begin(&w.wait, &w.smb->env, ignore, &w.err);
    w.tree->ops->make_folder(w.tree, "b", &w.wait);
    ck_assert(!w.wait.open && !w.wait.failed);
    wait_begin(&w.wait, &w.smb->env, ignore, &w.err);
    w.tree->ops->end_folder(w.tree, "b", &stat, &w.wait);
    ck_assert(!w.wait.open && !w.wait.failed);
    ck_assert_uint_eq(scripted.begun, 0);
    end();
}
END_TEST

START_TEST(without_memory_there_is_no_lister)
{
    bool failed = true;

    for (unsigned skip = 0; failed; skip++) {
        begin("a");
        fail_malloc(skip, false);
        void *lister = w.tree->ops->list(w.tree, "b");
        failed = fail_malloc_off();
        w.lister = lister;
        if (lister) {
            more();
            if (scripted_find("ListObjectsV2")) {
                say(LIST(""));
            }
            ck_assert(!w.wait.open);
        } else {
            ck_assert(failed);
        }
        end();
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("aws/tree", keys_are_files_and_what_they_have_in_common_is_a_folder,
                     the_root_is_the_prefix_as_a_folder, the_place_of_a_folder_is_no_file,
                     keys_that_are_no_paths_are_only_told, what_was_not_asked_for_is_not_believed,
                     where_nothing_is_stored_there_is_no_root,
                     the_next_page_is_asked_for_while_one_is_read, an_empty_page_is_passed_over,
                     a_list_without_end_is_ended, empty_pages_come_to_an_end,
                     a_refusal_names_the_prefix, who_has_enough_gets_no_more,
                     a_file_is_the_object_below_the_prefix, folders_need_not_be_made,
                     without_memory_there_is_no_lister);
}
