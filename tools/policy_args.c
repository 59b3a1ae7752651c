#include "tools/policy_args.h"

#include <string.h>
#include <strings.h>

static bool refuse_choice(const char *value, const char *const names[], struct refusal *why)
{
    char list[128] = "";

    for (size_t i = 0; names[i]; i++) {
        size_t used = strlen(list);
        if (used + strlen(names[i]) + 3 < sizeof list) {
            memcpy(list + used, i ? ", " : "", i ? 3 : 1);
            memcpy(list + strlen(list), names[i], strlen(names[i]) + 1);
        }
    }
    return refuse(why, "'%.100s' is not one of %s", value, list);
}

bool policy_choose(const char *value, const char *const names[], unsigned *chosen,
                   struct refusal *why)
{
    for (unsigned i = 0; names[i]; i++) {
        if (strcmp(names[i], value) == 0) {
            *chosen = i;
            return true;
        }
    }
    return refuse_choice(value, names, why);
}

/* Fill `out` with `room` places from a list; values[i] is what names[i] stands for. */
static bool choose_list(const char *list, const char *const names[], const uint8_t *values,
                        uint8_t *out, size_t room, struct refusal *why)
{
    char name[32];
    unsigned chosen = 0;

    memset(out, 0, room);
    for (size_t n = 0;; n++) {
        size_t len = strcspn(list, ",");
        size_t kept = len < sizeof name ? len : sizeof name - 1;
        memcpy(name, list, kept);
        name[kept] = '\0';
        if (!policy_choose(name, names, &chosen, why)) {
            return false;
        }
        if (memchr(out, values[chosen], room)) {
            return refuse(why, "'%s' stands there twice", name);
        }
        out[n] = values[chosen]; /* n < room: there are no more names than places */
        if (list[len] == '\0') {
            return true;
        }
        list += len + 1;
    }
}

bool policy_ciphers(const char *list, struct lsmb_policy *out, struct refusal *why)
{
    static const char *const names[] = {"aes-128-gcm", "aes-128-ccm", "aes-256-gcm", "aes-256-ccm",
                                        NULL};
    static const uint8_t values[] = {LSMB_AES_128_GCM, LSMB_AES_128_CCM, LSMB_AES_256_GCM,
                                     LSMB_AES_256_CCM};

    return choose_list(list, names, values, out->ciphers, sizeof out->ciphers, why);
}

bool policy_signing_algs(const char *list, struct lsmb_policy *out, struct refusal *why)
{
    static const char *const names[] = {"gmac", "cmac", "hmac", NULL};
    static const uint8_t values[] = {LSMB_AES_GMAC, LSMB_AES_CMAC, LSMB_HMAC_SHA256};

    return choose_list(list, names, values, out->signing_algs, sizeof out->signing_algs, why);
}

static const char *const dialects[] = {"2.0.2", "2.1", "3.0", "3.0.2", "3.1.1", NULL};

/* In the order of `dialects`. */
static const enum lsmb_dialect values_of_dialects[] = {LSMB_SMB_2_0_2, LSMB_SMB_2_1, LSMB_SMB_3_0,
                                                       LSMB_SMB_3_0_2, LSMB_SMB_3_1_1};

#define N_DIALECTS (sizeof values_of_dialects / sizeof values_of_dialects[0])

bool policy_dialects(const char *min, const char *max, struct lsmb_policy *out, struct refusal *why)
{
    struct refusal detail = {""};
    unsigned low = 0, high = N_DIALECTS - 1;

    if (min && !policy_choose(min, dialects, &low, &detail)) {
        return refuse(why, "--min-dialect: %.400s", detail.text);
    }
    if (max && !policy_choose(max, dialects, &high, &detail)) {
        return refuse(why, "--max-dialect: %.400s", detail.text);
    }
    if (low > high) {
        return refuse(why, "--min-dialect %s is above --max-dialect %s", dialects[low],
                      dialects[high]);
    }
    out->min_dialect = values_of_dialects[low];
    out->max_dialect = values_of_dialects[high];
    return true;
}
