/* test_options.c: the command line. */
#include "test/run.h"
#include "tools/options.h"

#include <string.h>

#define MAX_WORDS 16

struct line {
    struct options opt;
    struct refusal why;
    char *argv[MAX_WORDS + 2];
    char words[512];
};

/* Split at spaces, as argv has it, and parse. */
static bool parse(struct line *line, const char *text)
{
    int argc = 0;

    memset(line, 0, sizeof *line);
    ck_assert_uint_lt(strlen(text), sizeof line->words);
    memcpy(line->words, text, strlen(text) + 1);
    line->argv[argc++] = line->words;
    for (char *s = strtok(line->words, " "); s && argc <= MAX_WORDS; s = strtok(NULL, " ")) {
        line->argv[argc++] = s;
    }
    return options_parse(&line->opt, argc, line->argv, &line->why);
}

static void check_refused(const char *text, const char *says)
{
    struct line line;

    ck_assert_msg(!parse(&line, text), "accepted: %s", text);
    ck_assert_msg(strstr(line.why.text, says) != NULL, "%s: %s", text, line.why.text);
}

static void check_accepted(struct line *line, const char *text)
{
    ck_assert_msg(parse(line, text), "%s: %s", text, line->why.text);
}

START_TEST(lines_that_make_no_sense_are_refused)
{
    check_refused("", "no command");
    check_refused("fetch a b", "'fetch'");
    check_refused("get a", "missing");
    check_refused("get a b c", "too many");
    check_refused("ls", "missing");
    check_refused("get --frobnicate a b", "--frobnicate");
    check_refused("get -z a b", "-z");
    check_refused("get --pass-word x a b", "--pass-word:");
    check_refused("get -- ", "missing");
    check_refused("get a b --deadline", "needs a value");
    check_refused("get a b --deadline=soon", "duration");
    check_refused("get --anonymous=yes a b", "takes no value");
    check_refused("get --level loud a b", "loud");
    check_refused("get --log= a b", "empty");
}
END_TEST

START_TEST(options_stand_with_their_own_commands)
{
    check_refused("get -m a b", "no such option");
    check_refused("ls --mkdir a", "no such option");
    check_refused("-m put a b", "after its command");
}
END_TEST

START_TEST(a_connection_names_the_server)
{
    struct line line;

    check_accepted(&line, "shares --conn-file f");
    ck_assert_uint_eq(line.opt.n_args, 0);
    check_refused("shares", "missing");
    check_accepted(&line, "--conn-file f info");
    ck_assert_str_eq(line.opt.conn_file, "f");
    check_accepted(&line, "info data: --conn-file=f --nbt --ntlmv1");
    ck_assert(line.opt.nbt && line.opt.policy.allow_ntlmv1);
    check_refused("ls --conn-file f", "missing");
    check_accepted(&line, "info -cthe-id -r dev");
    ck_assert_str_eq(line.opt.conn_id, "the-id");
    check_refused("ls -c a --conn-file f -r dev data:", "both");
    check_refused("ls -c= -r dev data:", "empty");
}
END_TEST

START_TEST(a_connection_of_lavas_needs_a_realm)
{
    struct line line;

    ck_assert_int_eq(unsetenv("LAVA_REALM"), 0);
    check_refused("ls -c id data:", "Lava realm must be specified");
    check_refused("ls -c id --realm= data:", "Lava realm must be specified");
    ck_assert_int_eq(setenv("LAVA_REALM", "", 1), 0);
    check_refused("ls -c id data:", "LAVA_REALM");
    ck_assert_int_eq(setenv("LAVA_REALM", "prod", 1), 0);
    check_accepted(&line, "ls -c id data:");
    ck_assert_str_eq(line.opt.realm, "prod");
    check_accepted(&line, "ls -c id data: --realm=dev");
    ck_assert_str_eq(line.opt.realm, "dev");
    ck_assert_int_eq(unsetenv("LAVA_REALM"), 0);
    check_accepted(&line, "ls smb://h/s");
    ck_assert_ptr_null(line.opt.realm);
}
END_TEST

START_TEST(long_names_may_be_cut_off)
{
    struct line line;

    check_accepted(&line, "--prof p --rea r put a b --mk --lev debug --no-j");
    ck_assert_str_eq(line.opt.profile, "p");
    ck_assert_str_eq(line.opt.realm, "r");
    ck_assert(line.opt.make_parents && line.opt.no_jinja);
    check_accepted(&line, "get a b --km=alias/x --no-col --recur");
    ck_assert_str_eq(line.opt.kms_key_id, "alias/x");
    ck_assert(line.opt.no_colour && line.opt.recursive);
    check_refused("get a b --ti 5", "--ti could be --times or --timeout");
    check_refused("get a b --frob", "no such option");
    check_refused("get a b --mk", "no such option");
    check_refused("get --pass x a --s b", "could be");
}
END_TEST

START_TEST(names_that_were_unambiguous_in_the_python_tool_still_are)
{
    struct line line;

    check_accepted(&line, "--p default --r dev --c id --ta t put data: x --m");
    ck_assert_str_eq(line.opt.profile, "default");
    ck_assert_str_eq(line.opt.conn_id, "id");
    ck_assert_str_eq(line.opt.tag, "t");
    ck_assert(line.opt.make_parents);
    check_refused("--t x put a b", "--t could be --t");
    check_refused("get a b --re", "needs a value");
}
END_TEST

START_TEST(a_letter_and_its_value_may_be_one_word)
{
    struct line line;

    check_accepted(&line, "-c=id -rdev get a b -k=alias/x -l=error");
    ck_assert_str_eq(line.opt.conn_id, "id");
    ck_assert_str_eq(line.opt.kms_key_id, "alias/x");
    ck_assert_int_eq(line.opt.level, LEVEL_ERROR);
    check_accepted(&line, "get --kms-key-id= a b");
    ck_assert_str_eq(line.opt.kms_key_id, "");
    check_refused("put -k x a b", "no such option");
}
END_TEST

START_TEST(what_is_not_built_yet_says_so)
{
    static const char *const lines[] = {
        "dfs a",
        "doctor a",
        "get --resume a b",
        "cp --resume a b",
        "get a b --pcap f",
        "get a b --auth kerberos",
        "get a b --dfs on",
    };

    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        check_refused(lines[i], "not built yet");
    }
}
END_TEST

START_TEST(options_that_contradict_each_other_are_refused)
{
    check_refused("get --password-file f --credentials g a b", "both");
    check_refused("get --atomic --in-place a b", "contradict");
    check_refused("get --min-dialect 3.1.1 --max-dialect 2.1 a b", "above");
    check_refused("get --times --no-times a b", "contradict");
    check_refused("put -R --crc32 a b", "one file");
    check_refused("cp -R --allow-growth a b", "single files");
}
END_TEST

START_TEST(trees_have_options_of_their_own)
{
    struct line line;

    check_accepted(&line,
                   "cp -R --include *.c --exclude=old --exclude tmp a b --names sfu --verify");
    ck_assert(line.opt.recursive && line.opt.verify);
    ck_assert_uint_eq(line.opt.filter.n, 3);
    ck_assert_str_eq(line.opt.filter.patterns[1].text, "old");
    ck_assert(!line.opt.filter.patterns[0].exclude && line.opt.filter.patterns[2].exclude);
    ck_assert_int_eq(line.opt.names, LSMB_NAMES_SFU);
    check_refused("ls --include a b", "no such option");
    check_refused("ls --atomic a", "no such option");
    check_refused("get --names dos a b", "sfm");
    check_refused("get --exclude a/ a b", "at its end");
}
END_TEST

START_TEST(speed_has_its_limits)
{
    struct line line;

    check_accepted(&line, "--limit-rate 500k/s --connections 16 --stats get a b");
    ck_assert_uint_eq(line.opt.rate_limit, 512000);
    ck_assert_uint_eq(line.opt.connections, 16);
    ck_assert(line.opt.stats);
    check_refused("get --connections 17 a b", "1 to 16");
    check_refused("get --connections 0 a b", "1 to 16");
    check_refused("get --limit-rate fast a b", "size");
}
END_TEST

START_TEST(templates_are_refused_unless_they_are_to_be_left_alone)
{
    struct line line;

    check_refused("get {{a}} b", "--no-jinja");
    check_refused("get a {%b%}", "--no-jinja");
    check_refused("get a x{#b", "--no-jinja");
    check_accepted(&line, "get {a} b");
    check_accepted(&line, "get {{a}} b -J");
    check_accepted(&line, "--no-jinja get {{a}} b");
    check_accepted(&line, "--tag job:1 get {{a}} b");
    ck_assert_int_eq(setenv("LAVA_SMB_NO_JINJA", "1", 1), 0);
    check_accepted(&line, "get {{a}} b");
    ck_assert_int_eq(setenv("LAVA_SMB_NO_JINJA", "0", 1), 0);
    check_refused("get {{a}} b", "--no-jinja");
    ck_assert_int_eq(unsetenv("LAVA_SMB_NO_JINJA"), 0);
}
END_TEST

START_TEST(options_may_follow_the_arguments)
{
    struct line line;

    check_accepted(&line, "--profile default --realm r --tag j:1 put from smb://h/s/to --mkdir");
    ck_assert_str_eq(line.opt.command->name, "put");
    ck_assert_uint_eq(line.opt.n_args, 2);
    ck_assert_str_eq(line.opt.args[0], "from");
    ck_assert_str_eq(line.opt.args[1], "smb://h/s/to");
    ck_assert(line.opt.make_parents);
    ck_assert_str_eq(line.opt.tag, "j:1");
    ck_assert_str_eq(line.opt.realm, "r");
    check_accepted(&line, "get a --deadline 5m b --timeout=10s -r x");
    ck_assert_str_eq(line.opt.args[1], "b");
    ck_assert_uint_eq(line.opt.deadline_ms, 300000);
    ck_assert_str_eq(line.opt.deadline, "5m");
    ck_assert_uint_eq(line.opt.silence_ms, 10000);
}
END_TEST

START_TEST(two_dashes_end_the_options)
{
    struct line line;

    check_accepted(&line, "get -- --deadline -m");
    ck_assert_str_eq(line.opt.args[0], "--deadline");
    ck_assert_str_eq(line.opt.args[1], "-m");
    check_accepted(&line, "get a -");
    ck_assert_str_eq(line.opt.args[1], "-");
    check_accepted(&line, "-- get a b");
    ck_assert_str_eq(line.opt.command->name, "get");
}
END_TEST

START_TEST(a_letter_means_what_its_command_says)
{
    struct line line;

    check_accepted(&line, "-l debug ls a");
    ck_assert_int_eq(line.opt.level, LEVEL_DEBUG);
    ck_assert(!line.opt.long_list);
    check_accepted(&line, "ls -l a");
    ck_assert(line.opt.long_list);
    ck_assert_int_eq(line.opt.level, LEVEL_INFO);
    check_accepted(&line, "get -lERROR a b");
    ck_assert_int_eq(line.opt.level, LEVEL_ERROR);
    check_accepted(&line, "put -mJl Critical a b");
    ck_assert(line.opt.make_parents && line.opt.no_jinja);
    ck_assert_int_eq(line.opt.level, LEVEL_CRITICAL);
}
END_TEST

START_TEST(the_policy_is_what_was_asked_for)
{
    struct line line;

    check_accepted(&line, "get a b --sign required --encrypt required --allow-guest "
                          "--ciphers aes-256-gcm --signing-algs cmac,gmac --min-dialect 3.0");
    ck_assert_uint_eq(line.opt.policy.size, sizeof line.opt.policy);
    ck_assert_int_eq(line.opt.policy.sign, LSMB_REQUIRED);
    ck_assert_int_eq(line.opt.policy.seal, LSMB_REQUIRED);
    ck_assert(line.opt.policy.allow_guest);
    ck_assert_uint_eq(line.opt.policy.ciphers[0], LSMB_AES_256_GCM);
    ck_assert_uint_eq(line.opt.policy.ciphers[1], 0);
    ck_assert_uint_eq(line.opt.policy.signing_algs[0], LSMB_AES_CMAC);
    ck_assert_uint_eq(line.opt.policy.min_dialect, LSMB_SMB_3_0);
    check_accepted(&line, "get a b --encrypt off --window 32M --progress json --dfs off "
                          "--auth ntlm --no-color");
    ck_assert_int_eq(line.opt.policy.seal, LSMB_OFF);
    ck_assert_uint_eq(line.opt.window_bytes, 33554432);
    ck_assert_int_eq(line.opt.progress, PROGRESS_JSON);
    ck_assert(line.opt.no_colour);
}
END_TEST

START_TEST(help_and_version_need_nothing_else)
{
    struct line line;

    check_accepted(&line, "--help");
    ck_assert(line.opt.help && !line.opt.command);
    check_accepted(&line, "get -h");
    ck_assert(line.opt.help);
    ck_assert_str_eq(line.opt.command->name, "get");
    check_accepted(&line, "-v");
    ck_assert(line.opt.version);
}
END_TEST

int main(void)
{
    return RUN_TESTS("tools/options", lines_that_make_no_sense_are_refused,
                     options_stand_with_their_own_commands, what_is_not_built_yet_says_so,
                     a_connection_names_the_server, options_that_contradict_each_other_are_refused,
                     trees_have_options_of_their_own, speed_has_its_limits,
                     templates_are_refused_unless_they_are_to_be_left_alone,
                     options_may_follow_the_arguments, two_dashes_end_the_options,
                     a_letter_means_what_its_command_says, the_policy_is_what_was_asked_for,
                     help_and_version_need_nothing_else, a_connection_of_lavas_needs_a_realm,
                     long_names_may_be_cut_off,
                     names_that_were_unambiguous_in_the_python_tool_still_are,
                     a_letter_and_its_value_may_be_one_word);
}
