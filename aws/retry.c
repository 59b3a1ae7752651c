/* retry.c: whether a request that failed is tried again, and when. */
#include "aws/retry.h"

#include <stdlib.h>
#include <string.h>

enum {
    COST = 5,
    COST_TIMEOUT = 10,
    TRANSIENT_MS = 100,
    THROTTLED_MS = 1000,
    DELAY_MAX_MS = 20000,
    AFTER_MAX_MS = 60000, /* more than that no service may ask for */
    DOUBLINGS_MAX = 16,
};

static bool is_one_of(const char *code, const char *const *codes)
{
    for (; *codes; codes++) {
        if (strcmp(code, *codes) == 0) {
            return true;
        }
    }
    return false;
}

/* What the AWS SDKs take for throttling, whatever the status. */
static bool throttled(const char *code)
{
    static const char *const codes[] = {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottledException",
        "RequestThrottled",
        "TooManyRequestsException",
        "ProvisionedThroughputExceededException",
        "TransactionInProgressException",
        "RequestLimitExceeded",
        "BandwidthLimitExceeded",
        "LimitExceededException",
        "SlowDown",
        "PriorRequestNotComplete",
        "EC2ThrottledException",
        NULL,
    };
    return is_one_of(code, codes);
}

static bool transient(const char *code)
{
    static const char *const codes[] = {
        "RequestTimeout", /* with 400: the body came too slowly */
        "RequestTimeoutException",
        "InternalError",
        "InternalServerError",
        "InternalFailure",
        "ServiceUnavailable",
        "IDPCommunicationError",
        "OperationAborted", /* S3: a conflicting request is on its way */
        NULL,
    };
    return is_one_of(code, codes);
}

static bool expired(const char *code)
{
    static const char *const codes[] = {
        "ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired", NULL,
    };
    return is_one_of(code, codes);
}

static enum retry_why judge_transport(const struct retry_look *look)
{
    if (look->transport == LSMB_E_TIMEOUT) {
        return RETRY_TIMEOUT;
    }
    if (look->transport != LSMB_E_NETWORK) {
        return RETRY_NEVER; /* memory, certificates, an answer that is none */
    }
    return look->fresh || look->answered ? RETRY_TRANSIENT : RETRY_FREE;
}

enum retry_why retry_judge(const struct retry_look *look)
{
    if (look->transport != LSMB_OK) {
        return judge_transport(look);
    }
    if (throttled(look->code)) {
        return RETRY_THROTTLED;
    }
    if (expired(look->code)) {
        return RETRY_EXPIRED;
    }
    if (transient(look->code)) {
        return RETRY_TRANSIENT;
    }
    switch (look->status) {
    case 429: return RETRY_THROTTLED;
    case 500:
    case 502:
    case 503:
    case 504: return RETRY_TRANSIENT;
    default: return RETRY_NEVER;
    }
}

bool retry_may_be_skew(unsigned status, const char *code)
{
    static const char *const codes[] = {
        "RequestTimeTooSkewed",
        "RequestInTheFuture",
        "RequestExpired",
        "AuthFailure",
        "SignatureDoesNotMatch",
        "InvalidSignatureException",
        "403",
        NULL,
    };
    return (status == 400 || status == 403) && is_one_of(code, codes);
}

unsigned retry_attempts(enum service service)
{
    switch (service) {
    case SERVICE_S3: return 10; /* hours of work may hang on one part */
    case SERVICE_DYNAMODB: return 4;
    case SERVICE_SSM:
    case SERVICE_SECRETS:
    case SERVICE_STS:
    case SERVICES: break;
    }
    return 3;
}

bool retry_take(unsigned *tokens, enum retry_why why, unsigned *cost)
{
    *cost = why == RETRY_TIMEOUT ? COST_TIMEOUT : COST;
    if (why == RETRY_FREE || why == RETRY_EXPIRED) {
        *cost = 0;
    }
    if (*tokens < *cost) {
        *cost = 0;
        return false;
    }
    *tokens -= *cost;
    return true;
}

void retry_give_back(unsigned *tokens, unsigned cost)
{
    *tokens += cost > 0 ? cost : 1;
    if (*tokens > RETRY_TOKENS) {
        *tokens = RETRY_TOKENS;
    }
}

/* A header's whole number times `unit_ms`; 0 where it is none (a date, say). */
static uint32_t number_ms(const char *text, uint32_t unit_ms)
{
    char *end;

    if (!text || text[0] < '0' || text[0] > '9') {
        return 0;
    }
    unsigned long long n = strtoull(text, &end, 10);
    if (*end || n > AFTER_MAX_MS / unit_ms) {
        return *end ? 0 : AFTER_MAX_MS;
    }
    return (uint32_t)n * unit_ms;
}

uint32_t retry_delay_ms(enum retry_why why, unsigned failed, uint32_t random, const char *after,
                        const char *after_ms)
{
    uint64_t most = why == RETRY_THROTTLED ? THROTTLED_MS : TRANSIENT_MS;
    unsigned doublings = failed > 0 ? failed - 1 : 0;

    if (why == RETRY_FREE || why == RETRY_EXPIRED) {
        return 0;
    }
    most <<= doublings < DOUBLINGS_MAX ? doublings : DOUBLINGS_MAX;
    most = most < DELAY_MAX_MS ? most : DELAY_MAX_MS;
    /* Anything between nothing and `most`, so that those who failed together do not come back together. */
    uint32_t delay = (uint32_t)(most * random >> 32);
    uint32_t asked = number_ms(after_ms, 1);
    asked = asked > 0 ? asked : number_ms(after, 1000);
    return delay > asked ? delay : asked;
}
