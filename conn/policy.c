/* policy.c: what the user insists on, made definite once. */
#include "conn/policy.h"

#include "base/options.h"

/* What this client speaks, ascending (MS-SMB2 2.2.3). */
static const uint16_t spoken[] = {LSMB_SMB_2_0_2, LSMB_SMB_2_1, LSMB_SMB_3_0, LSMB_SMB_3_0_2,
                                  LSMB_SMB_3_1_1};

static const uint16_t default_ciphers[] = {LSMB_AES_128_GCM, LSMB_AES_256_GCM, LSMB_AES_128_CCM,
                                           LSMB_AES_256_CCM};
static const uint16_t default_signing[] = {LSMB_AES_GMAC, LSMB_AES_CMAC, LSMB_HMAC_SHA256};

static bool has(const uint16_t *list, unsigned count, uint16_t value)
{
    for (unsigned i = 0; i < count; i++) {
        if (list[i] == value) {
            return true;
        }
    }
    return false;
}

bool policy_offers_dialect(const struct policy *policy, uint16_t dialect)
{
    return has(policy->dialects, policy->dialect_count, dialect);
}

bool policy_offers_cipher(const struct policy *policy, uint16_t cipher)
{
    return has(policy->ciphers, policy->cipher_count, cipher);
}

bool policy_offers_signing(const struct policy *policy, uint16_t alg)
{
    return has(policy->signing_algs, policy->signing_count, alg);
}

/* MS-SMB2 3.1.4.3: 3.0 and 3.0.2 have one cipher; only in 3.1.1 there is a choice. */
static bool can_seal(const struct policy *policy, uint16_t dialect)
{
    return dialect >= LSMB_SMB_3_1_1 ||
           (dialect >= LSMB_SMB_3_0 && policy_offers_cipher(policy, LSMB_AES_128_CCM));
}

/* Those between the limits that can give what is required: another one is not even offered. */
static bool set_dialects(struct policy *policy, const struct lsmb_policy *asked,
                         struct lsmb_error *err)
{
    unsigned min = asked->min_dialect ? asked->min_dialect : spoken[0];
    unsigned max = asked->max_dialect ? asked->max_dialect : LSMB_SMB_3_1_1;

    if (min > max) {
        error_set(err, LSMB_E_USAGE, "the lowest dialect, %s, is above the highest, %s",
                  dialect_name((uint16_t)min), dialect_name((uint16_t)max));
        return false;
    }
    for (size_t i = 0; i < sizeof spoken / sizeof *spoken; i++) {
        if (spoken[i] >= min && spoken[i] <= max &&
            (!policy->require_sealing || can_seal(policy, spoken[i]))) {
            policy->dialects[policy->dialect_count++] = spoken[i];
        }
    }
    if (policy->dialect_count == 0 && policy->require_sealing) {
        error_set(err, LSMB_E_USAGE,
                  "encryption is required, which no dialect up to %s has with these ciphers",
                  dialect_name((uint16_t)max));
    } else if (policy->dialect_count == 0) {
        error_set(err, LSMB_E_USAGE, "no dialect is left between 0x%04x and 0x%04x", min, max);
    }
    return policy->dialect_count > 0;
}

static bool set_ciphers(struct policy *policy, const struct lsmb_policy *asked,
                        struct lsmb_error *err)
{
    if (asked->seal == LSMB_OFF) {
        return true;
    }
    for (size_t i = 0; i < POLICY_CIPHERS_MAX && asked->ciphers[i]; i++) {
        if (asked->ciphers[i] > LSMB_AES_256_GCM) {
            error_set(err, LSMB_E_USAGE, "unknown cipher %u", (unsigned)asked->ciphers[i]);
            return false;
        }
        if (!policy_offers_cipher(policy, asked->ciphers[i])) {
            policy->ciphers[policy->cipher_count++] = asked->ciphers[i];
        }
    }
    if (policy->cipher_count == 0) {
        for (size_t i = 0; i < POLICY_CIPHERS_MAX; i++) {
            policy->ciphers[policy->cipher_count++] = default_ciphers[i];
        }
    }
    return true;
}

/* The public names begin at one, so that zero ends a list; the wire's begin at zero. */
static uint16_t signing_wire(uint16_t alg)
{
    return (uint16_t)(alg - 1);
}

static bool set_signing(struct policy *policy, const struct lsmb_policy *asked,
                        struct lsmb_error *err)
{
    if (asked->sign == LSMB_OFF) {
        error_set(err, LSMB_E_USAGE, "signing cannot be switched off");
        return false;
    }
    for (size_t i = 0; i < POLICY_SIGNING_MAX && asked->signing_algs[i]; i++) {
        if (asked->signing_algs[i] > LSMB_AES_GMAC) {
            error_set(err, LSMB_E_USAGE, "unknown signing algorithm %u",
                      (unsigned)asked->signing_algs[i]);
            return false;
        }
        uint16_t alg = signing_wire(asked->signing_algs[i]);
        if (!policy_offers_signing(policy, alg)) {
            policy->signing_algs[policy->signing_count++] = alg;
        }
    }
    if (policy->signing_count == 0) {
        for (size_t i = 0; i < POLICY_SIGNING_MAX; i++) {
            policy->signing_algs[policy->signing_count++] = signing_wire(default_signing[i]);
        }
    }
    return true;
}

bool policy_set(struct policy *policy, const struct lsmb_policy *asked, struct lsmb_error *err)
{
    struct lsmb_policy mine;

    options_take(&mine, sizeof mine, asked, asked ? asked->size : 0);
    asked = &mine;
    *policy = (struct policy){
        .require_signing = asked->sign == LSMB_REQUIRED,
        .require_sealing = asked->seal == LSMB_REQUIRED,
        .allow_guest = asked->allow_guest,
        .anonymous = asked->anonymous,
        .allow_ntlmv1 = asked->allow_ntlmv1,
    };
    return set_ciphers(policy, asked, err) && set_dialects(policy, asked, err) &&
           set_signing(policy, asked, err);
}

const char *dialect_name(uint16_t dialect)
{
    switch (dialect) {
    case 0x0202: return "2.0.2";
    case 0x0210: return "2.1";
    case 0x0300: return "3.0";
    case 0x0302: return "3.0.2";
    case 0x0311: return "3.1.1";
    default: return "unknown";
    }
}

const char *cipher_name(uint16_t cipher)
{
    switch (cipher) {
    case LSMB_AES_128_CCM: return "AES-128-CCM";
    case LSMB_AES_128_GCM: return "AES-128-GCM";
    case LSMB_AES_256_CCM: return "AES-256-CCM";
    case LSMB_AES_256_GCM: return "AES-256-GCM";
    default: return "none";
    }
}

const char *signing_name(uint16_t alg)
{
    static const char *const names[] = {"HMAC-SHA256", "AES-CMAC", "AES-GMAC"};

    return alg < sizeof names / sizeof *names ? names[alg] : "unknown";
}
