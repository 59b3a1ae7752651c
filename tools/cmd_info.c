/* cmd_info.c: show what was negotiated with a server. */
#include "tools/connect.h"
#include "tools/show.h"

#include <inttypes.h>
#include <unistd.h>

static const char *dialect_name(uint16_t dialect)
{
    switch (dialect) {
    case LSMB_SMB_2_1: return "2.1";
    case LSMB_SMB_3_1_1: return "3.1.1";
    default: return "unknown";
    }
}

static const char *signing_name(uint8_t alg)
{
    switch (alg) {
    case LSMB_HMAC_SHA256: return "HMAC-SHA256";
    case LSMB_AES_CMAC: return "AES-CMAC";
    case LSMB_AES_GMAC: return "AES-GMAC";
    default: return "none";
    }
}

static const char *cipher_name(uint8_t cipher)
{
    switch (cipher) {
    case LSMB_AES_128_CCM: return "AES-128-CCM";
    case LSMB_AES_128_GCM: return "AES-128-GCM";
    case LSMB_AES_256_CCM: return "AES-256-CCM";
    case LSMB_AES_256_GCM: return "AES-256-GCM";
    default: return "none";
    }
}

static void print_text(const char *key, const char *value)
{
    (void)printf("%s: ", key);
    show_name(stdout, value[0] ? value : "-", isatty(STDOUT_FILENO) == 1);
    (void)putchar('\n');
}

static void print_flag(const char *key, bool value)
{
    (void)printf("%s: %s\n", key, value ? "yes" : "no");
}

/* The first three fields are little-endian numbers.  MS-DTYP 2.3.4.2. */
static void print_guid(const uint8_t g[16])
{
    static const uint8_t order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};

    (void)fputs("server guid: ", stdout);
    for (size_t i = 0; i < sizeof order; i++) {
        (void)printf("%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", g[order[i]]);
    }
    (void)putchar('\n');
}

static void print_info(const struct lsmb_share_info *info)
{
    char time[SHOW_TIME];

    show_time(time, (int64_t)info->server_time, true);
    print_text("address", info->address);
    print_text("server name", info->server_name);
    print_text("server domain", info->server_domain);
    print_guid(info->server_guid);
    print_text("server time", time);
    print_text("dialect", dialect_name(info->dialect));
    print_text("authentication", info->mechanism);
    print_flag("guest", info->guest);
    print_flag("anonymous", info->anonymous);
    print_flag("signed", info->signing);
    print_text("signing algorithm", signing_name(info->signing_alg));
    print_flag("encrypted", info->sealing);
    print_text("cipher", cipher_name(info->cipher));
    (void)printf("max transact: %" PRIu32 "\nmax read: %" PRIu32 "\nmax write: %" PRIu32 "\n",
                 info->max_transact, info->max_read, info->max_write);
    (void)printf("credits: %" PRIu32 "\n", info->credits);
    (void)printf("round trip: %" PRIu64 " ns\n", info->round_trip_ns);
}

void cmd_info(struct run *run)
{
    struct lsmb_share_info info = {.size = sizeof info};
    struct location where;
    struct lsmb_share *share = NULL;

    if (connect_parse(run, 0, false, &where)) {
        share = connect_share(run, &where);
    }
    /* One exchange that the server has nothing to do for: the round trip. */
    if (share && !run_wait(run, lsmb_share_echo_start(share, run_done, run))) {
        run_fail(run);
    } else if (share) {
        lsmb_share_info(share, &info);
        print_info(&info);
    }
    location_free(&where);
}
