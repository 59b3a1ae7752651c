/* What is tried again, how often and when. */
#include "aws/retry.h"

#include "test/run.h"

static enum retry_why judge(unsigned status, const char *code)
{
    struct retry_look look = {.status = status, .code = code};

    return retry_judge(&look);
}

static enum retry_why judge_transport(enum lsmb_code code, bool fresh, bool answered)
{
    struct retry_look look = {.code = "", .transport = code, .fresh = fresh, .answered = answered};

    return retry_judge(&look);
}

START_TEST(refusals_are_final)
{
    ck_assert_int_eq(judge(400, "InvalidArgument"), RETRY_NEVER);
    ck_assert_int_eq(judge(403, "AccessDenied"), RETRY_NEVER);
    ck_assert_int_eq(judge(404, "NoSuchKey"), RETRY_NEVER);
    ck_assert_int_eq(judge(404, "404"), RETRY_NEVER);
    ck_assert_int_eq(judge(412, "PreconditionFailed"), RETRY_NEVER);
    ck_assert_int_eq(judge(501, "NotImplemented"), RETRY_NEVER);
}
END_TEST

START_TEST(the_services_own_trouble_is_not)
{
    ck_assert_int_eq(judge(500, "500"), RETRY_TRANSIENT);
    ck_assert_int_eq(judge(502, ""), RETRY_TRANSIENT);
    ck_assert_int_eq(judge(503, "ServiceUnavailable"), RETRY_TRANSIENT);
    ck_assert_int_eq(judge(504, "504"), RETRY_TRANSIENT);
    ck_assert_int_eq(judge(200, "InternalError"), RETRY_TRANSIENT);
    ck_assert_int_eq(judge(400, "RequestTimeout"), RETRY_TRANSIENT);
}
END_TEST

START_TEST(throttling_is_known_by_its_code_or_status)
{
    ck_assert_int_eq(judge(503, "SlowDown"), RETRY_THROTTLED);
    ck_assert_int_eq(judge(400, "ProvisionedThroughputExceededException"), RETRY_THROTTLED);
    ck_assert_int_eq(judge(400, "ThrottlingException"), RETRY_THROTTLED);
    ck_assert_int_eq(judge(429, "429"), RETRY_THROTTLED);
}
END_TEST

START_TEST(what_has_expired_wants_other_credentials)
{
    ck_assert_int_eq(judge(400, "ExpiredToken"), RETRY_EXPIRED);
    ck_assert_int_eq(judge(400, "ExpiredTokenException"), RETRY_EXPIRED);
}
END_TEST

START_TEST(lost_connections_are_tried_again_and_wrong_certificates_are_not)
{
    ck_assert_int_eq(judge_transport(LSMB_E_NETWORK, true, false), RETRY_TRANSIENT);
    ck_assert_int_eq(judge_transport(LSMB_E_NETWORK, false, true), RETRY_TRANSIENT);
    ck_assert_int_eq(judge_transport(LSMB_E_NETWORK, false, false), RETRY_FREE);
    ck_assert_int_eq(judge_transport(LSMB_E_TIMEOUT, true, false), RETRY_TIMEOUT);
    ck_assert_int_eq(judge_transport(LSMB_E_SECURITY, true, false), RETRY_NEVER);
    ck_assert_int_eq(judge_transport(LSMB_E_NOMEM, true, false), RETRY_NEVER);
    ck_assert_int_eq(judge_transport(LSMB_E_PROTOCOL, true, true), RETRY_NEVER);
}
END_TEST

START_TEST(only_refusals_of_signatures_speak_of_clocks)
{
    ck_assert(retry_may_be_skew(403, "RequestTimeTooSkewed"));
    ck_assert(retry_may_be_skew(400, "InvalidSignatureException"));
    ck_assert(retry_may_be_skew(403, "403")); /* of a HEAD */
    ck_assert(!retry_may_be_skew(403, "AccessDenied"));
    ck_assert(!retry_may_be_skew(404, "404"));
    ck_assert(!retry_may_be_skew(500, "RequestTimeTooSkewed"));
}
END_TEST

START_TEST(the_quota_is_spent_and_given_back)
{
    unsigned tokens = RETRY_TOKENS;
    unsigned cost;

    ck_assert(retry_take(&tokens, RETRY_TRANSIENT, &cost));
    ck_assert_uint_eq(cost, 5);
    ck_assert_uint_eq(tokens, RETRY_TOKENS - 5);
    retry_give_back(&tokens, cost);
    ck_assert_uint_eq(tokens, RETRY_TOKENS);
    ck_assert(retry_take(&tokens, RETRY_TIMEOUT, &cost));
    ck_assert_uint_eq(cost, 10);
    retry_give_back(&tokens, 0); /* another that went well at once */
    ck_assert_uint_eq(tokens, RETRY_TOKENS - 9);
    tokens = RETRY_TOKENS;
    retry_give_back(&tokens, 5);
    ck_assert_uint_eq(tokens, RETRY_TOKENS);
}
END_TEST

START_TEST(an_empty_quota_allows_only_what_is_free)
{
    unsigned tokens = 4;
    unsigned cost;

    ck_assert(!retry_take(&tokens, RETRY_TRANSIENT, &cost));
    ck_assert_uint_eq(cost, 0);
    ck_assert_uint_eq(tokens, 4);
    ck_assert(retry_take(&tokens, RETRY_FREE, &cost));
    ck_assert_uint_eq(cost, 0);
    ck_assert_uint_eq(tokens, 4);
}
END_TEST

START_TEST(delays_double_up_to_a_limit)
{
    uint32_t most = UINT32_MAX;

    ck_assert_uint_eq(retry_delay_ms(RETRY_TRANSIENT, 1, most, NULL, NULL), 99);
    ck_assert_uint_eq(retry_delay_ms(RETRY_TRANSIENT, 2, most, NULL, NULL), 199);
    ck_assert_uint_eq(retry_delay_ms(RETRY_THROTTLED, 1, most, NULL, NULL), 999);
    ck_assert_uint_eq(retry_delay_ms(RETRY_THROTTLED, 4, most, NULL, NULL), 7999);
    ck_assert_uint_eq(retry_delay_ms(RETRY_THROTTLED, 100, most, NULL, NULL), 19999);
    ck_assert_uint_eq(retry_delay_ms(RETRY_TRANSIENT, UINT32_MAX, most, NULL, NULL), 19999);
    ck_assert_uint_eq(retry_delay_ms(RETRY_THROTTLED, 4, most / 2, NULL, NULL), 3999);
    ck_assert_uint_eq(retry_delay_ms(RETRY_THROTTLED, 4, 0, NULL, NULL), 0);
    ck_assert_uint_eq(retry_delay_ms(RETRY_FREE, 1, most, NULL, NULL), 0);
}
END_TEST

START_TEST(a_service_may_ask_for_more_but_not_for_ever)
{
    ck_assert_uint_eq(retry_delay_ms(RETRY_TRANSIENT, 1, 0, "3", NULL), 3000);
    ck_assert_uint_eq(retry_delay_ms(RETRY_TRANSIENT, 1, 0, "3", "250"), 250);
    ck_assert_uint_eq(retry_delay_ms(RETRY_TRANSIENT, 1, 0, "86400", NULL), 60000);
    ck_assert_uint_eq(retry_delay_ms(RETRY_TRANSIENT, 1, 0, "99999999999999999999", NULL), 60000);
    ck_assert_uint_eq(retry_delay_ms(RETRY_THROTTLED, 1, UINT32_MAX, "0", NULL), 999);
    ck_assert_uint_eq(retry_delay_ms(RETRY_TRANSIENT, 1, 0, "-1", " 5"), 0);
    ck_assert_uint_eq(retry_delay_ms(RETRY_TRANSIENT, 1, 0, "Sun, 06 Nov 1994", "5x"), 0);
}
END_TEST

START_TEST(each_service_has_its_number_of_tries)
{
    ck_assert_uint_eq(retry_attempts(SERVICE_S3), 10);
    ck_assert_uint_eq(retry_attempts(SERVICE_DYNAMODB), 4);
    ck_assert_uint_eq(retry_attempts(SERVICE_STS), 3);
    ck_assert_uint_eq(retry_attempts(SERVICE_SSM), 3);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "aws/retry", refusals_are_final, the_services_own_trouble_is_not,
        throttling_is_known_by_its_code_or_status, what_has_expired_wants_other_credentials,
        lost_connections_are_tried_again_and_wrong_certificates_are_not,
        only_refusals_of_signatures_speak_of_clocks, the_quota_is_spent_and_given_back,
        an_empty_quota_allows_only_what_is_free, delays_double_up_to_a_limit,
        a_service_may_ask_for_more_but_not_for_ever, each_service_has_its_number_of_tries);
}
