/* cmd_info.c: show what was negotiated with a server. */
#include "tools/connect.h"
#include "tools/json.h"
#include "tools/show.h"

#include <inttypes.h>
#include <unistd.h>

static const char *dialect_name(uint16_t dialect)
{
    switch (dialect) {
    case LSMB_SMB_2_0_2: return "2.0.2";
    case LSMB_SMB_2_1: return "2.1";
    case LSMB_SMB_3_0: return "3.0";
    case LSMB_SMB_3_0_2: return "3.0.2";
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

enum { GUID_TEXT = 37 };

/* The first three fields are little-endian numbers.  MS-DTYP 2.3.4.2. */
static void guid_text(char out[GUID_TEXT], const uint8_t g[16])
{
    static const uint8_t order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    char *to = out;

    for (size_t i = 0; i < sizeof order; i++) {
        to += snprintf(to, 4, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
                       g[order[i]]);
    }
}

/* The capabilities of a server by name (MS-SMB2 2.2.4); those without a name are left out. */
static void capability_text(char *out, size_t room, uint32_t capabilities)
{
    static const char *const names[] = {"DFS",
                                        "LEASING",
                                        "LARGE_MTU",
                                        "MULTI_CHANNEL",
                                        "PERSISTENT_HANDLES",
                                        "DIRECTORY_LEASING",
                                        "ENCRYPTION",
                                        "NOTIFICATIONS"};
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof names[0] && used < room; i++) {
        if (capabilities & (1u << i)) {
            used += (size_t)snprintf(out + used, room - used, "%s%s", used ? " " : "", names[i]);
        }
    }
}

/* One result, in either form. */
struct printer {
    struct json json;
    bool as_json, safe;
};

static void print_text(struct printer *p, const char *key, const char *json_key, const char *value)
{
    if (p->as_json) {
        json_text(&p->json, json_key, value);
        return;
    }
    (void)printf("%s: ", key);
    show_name(stdout, value[0] ? value : "-", p->safe);
    (void)putchar('\n');
}

static void print_flag(struct printer *p, const char *key, const char *json_key, bool value)
{
    if (p->as_json) {
        json_flag(&p->json, json_key, value);
    } else {
        (void)printf("%s: %s\n", key, value ? "yes" : "no");
    }
}

static void print_number(struct printer *p, const char *key, const char *json_key, uint64_t value)
{
    if (p->as_json) {
        json_number(&p->json, json_key, value);
    } else {
        (void)printf("%s: %" PRIu64 "\n", key, value);
    }
}

static void print_server(struct printer *p, const struct lsmb_share_info *info)
{
    char time[SHOW_TIME], guid[GUID_TEXT];

    guid_text(guid, info->server_guid);
    show_time(time, info->server_time, true);
    print_text(p, "address", "address", info->address);
    print_text(p, "transport", "transport", info->netbios ? "NetBIOS session" : "direct TCP");
    if (info->netbios) {
        print_text(p, "called name", "called_name", info->netbios_name);
    }
    print_text(p, "server name", "server_name", info->server_name);
    print_text(p, "server domain", "server_domain", info->server_domain);
    print_text(p, "server guid", "server_guid", guid);
    print_text(p, "server time", "server_time", time);
}

static void print_protection(struct printer *p, const struct lsmb_share_info *info)
{
    print_text(p, "authentication", "authentication", info->mechanism);
    print_flag(p, "guest", "guest", info->guest);
    print_flag(p, "anonymous", "anonymous", info->anonymous);
    print_flag(p, "signed", "signed", info->signing);
    print_text(p, "signing algorithm", "signing_algorithm", signing_name(info->signing_alg));
    print_flag(p, "encrypted", "encrypted", info->sealing);
    print_text(p, "cipher", "cipher", cipher_name(info->cipher));
}

static void print_info(struct printer *p, const struct lsmb_share_info *info)
{
    char capabilities[160];

    capability_text(capabilities, sizeof capabilities, info->capabilities);
    print_server(p, info);
    print_text(p, "dialect", "dialect", dialect_name(info->dialect));
    print_text(p, "capabilities", "capabilities", capabilities);
    print_protection(p, info);
    print_number(p, "max transact", "max_transact", info->max_transact);
    print_number(p, "max read", "max_read", info->max_read);
    print_number(p, "max write", "max_write", info->max_write);
    print_number(p, "credits", "credits", info->credits);
    if (p->as_json) {
        print_number(p, "", "round_trip_ns", info->round_trip_ns);
    } else {
        (void)printf("round trip: %" PRIu64 " ns\n", info->round_trip_ns);
    }
}

void cmd_info(struct run *run)
{
    struct lsmb_share_info info = {.size = sizeof info};
    struct printer printer = {
        .json = {.to = stdout}, .as_json = run->opt->json, .safe = isatty(STDOUT_FILENO) == 1};
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
        if (printer.as_json) {
            json_begin_object(&printer.json);
        }
        print_info(&printer, &info);
        if (printer.as_json) {
            json_end_object(&printer.json);
        }
    }
    location_free(&where);
}
