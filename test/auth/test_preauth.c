/* test_preauth.c: the hash over a logon's messages. */
#include "auth/preauth.h"
#include "test/auth/octets.h"
#include "test/auth/preauth_samples.h"
#include "test/run.h"

/* Sources: preauth_samples.h.  MS-SMB2 3.2.5.2, 3.2.5.3. */
START_TEST(transcripts_of_windows)
{
    for (size_t i = 0; i < sizeof preauth_samples / sizeof preauth_samples[0]; i++) {
        struct preauth preauth = {{0}};
        struct octets room;
        for (size_t m = 0; m < 5; m++) {
            ck_assert(preauth_add(&preauth, octets(&room, preauth_samples[i].message[m])));
        }
        ck_assert_span((struct span){preauth.hash, sizeof preauth.hash},
                       octets(&room, preauth_samples[i].hash));
    }
}
END_TEST

int main(void)
{
    return RUN_TESTS("auth/preauth", transcripts_of_windows);
}
