/* test_fips.c: NTLM on machines whose crypto policy takes MD5 and triple DES away.
 *
 * Each is a child with a configuration of its own for the crypto library, as such machines have
 * it. */
#include "auth/des.h"
#include "auth/md5.h"
#include "auth/ntlm.h"
#include "test/run.h"
#include "test/script.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Only what is approved is fetched; with no FIPS provider that is nothing. */
static const char approved_only[] = "openssl_conf = machine\n"
                                    "[machine]\nalg_section = properties\n"
                                    "[properties]\ndefault_properties = fips=yes\n";

/* The default provider, where MD5 and triple DES live, is not loaded. */
static const char without_default[] = "openssl_conf = machine\n"
                                      "[machine]\nproviders = providers\n"
                                      "[providers]\nbase = base\n"
                                      "[base]\nactivate = 1\n";

/* ---------------------------------------------------------------- on such a machine */

static void ck_refused(struct mech *mech)
{
    struct mech_out out;

    ck_assert_int_eq(mech->ops->step(mech, (struct span){0}, &out), MECH_FAIL);
    ck_assert_int_eq(out.err.code, LSMB_E_POLICY);
    ck_assert_ptr_nonnull(strstr(out.err.reason, "FIPS"));
    ck_assert_ptr_nonnull(strstr(out.err.reason, "MD5"));
    ck_assert_ptr_nonnull(strstr(out.err.advice, "Kerberos"));
    mech_free(mech);
}

START_TEST(the_reason_is_named_and_what_to_do)
{
    struct credentials user = {0};
    struct script_env script;

    ck_assert(!md5_allowed() && !des_allowed());
    script_env_init(&script, 1 << 16, 1 << 16);
    ck_assert(credentials_set(&user, "user", "DOMAIN", "password"));
    ck_refused(ntlm_client_new(&script.env, &user, "server"));
    ck_refused(ntlm_v1_client_new(&script.env, &user, "server"));
    credentials_wipe(&user);
    script_env_free(&script);
}
END_TEST

/* Nobody has nothing to compute. */
START_TEST(nobody_may_begin)
{
    struct credentials nobody = {0};
    struct script_env script;
    struct mech_out out;

    script_env_init(&script, 1 << 16, 1 << 16);
    ck_assert(credentials_set(&nobody, NULL, NULL, NULL));
    struct mech *mech = ntlm_client_new(&script.env, &nobody, "server");
    ck_assert_int_eq(mech->ops->step(mech, (struct span){0}, &out), MECH_SEND);
    mech_free(mech);
    credentials_wipe(&nobody);
    script_env_free(&script);
}
END_TEST

/* ---------------------------------------------------------------- here */

static int status_on(const char *config)
{
    char path[] = "/tmp/lsmb-openssl-XXXXXX";
    int fd = mkstemp(path), status = 0;

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, config, strlen(config)), (ssize_t)strlen(config));
    ck_assert_int_eq(close(fd), 0);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        if (setenv("OPENSSL_CONF", path, 1) == 0 && freopen("/dev/null", "w", stdout)) {
            (void)execl("/proc/self/exe", "test_fips", "machine", (char *)NULL);
        }
        _exit(EXIT_FAILURE);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(unlink(path), 0);
    return status;
}

START_TEST(where_only_approved_algorithms_may_be_used_the_reason_is_named)
{
    ck_assert_int_eq(status_on(approved_only), 0);
}
END_TEST

START_TEST(where_the_default_provider_is_missing_too)
{
    ck_assert_int_eq(status_on(without_default), 0);
}
END_TEST

/* The other way round, so that it is the configuration that makes the difference. */
START_TEST(elsewhere_both_are_there)
{
    ck_assert(md5_allowed() && des_allowed());
    ck_assert_int_ne(status_on(""), 0);
}
END_TEST

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "machine") == 0) {
        return RUN_TESTS("auth/fips/machine", the_reason_is_named_and_what_to_do, nobody_may_begin);
    }
    return RUN_TESTS("auth/fips", where_only_approved_algorithms_may_be_used_the_reason_is_named,
                     where_the_default_provider_is_missing_too, elsewhere_both_are_there);
}
