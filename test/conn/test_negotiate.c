/* test_negotiate.c: every field of the answer is held against the offer (MS-SMB2 3.2.5.2). */
#include "conn/negotiate.h"

#include "proto/multi_negotiate.h"
#include "test/peer/client.h"
#include "test/run.h"

/* NEGOTIATE with a server that says what `change` makes of its answer. */
static bool negotiate_with(struct client *c, const struct lsmb_policy *policy,
                           void (*change)(struct smb2_negotiate_reply *))
{
    client_init(c, policy, NULL);
    peer_script(&c->peer, &(struct peer_rule){.command = SMB2_NEGOTIATE, .negotiate = change});
    return client_negotiate(c);
}

static void check_refused(const struct lsmb_policy *policy, enum lsmb_code code,
                          void (*change)(struct smb2_negotiate_reply *))
{
    struct client c;

    ck_assert(!negotiate_with(&c, policy, change));
    ck_assert_msg(c.err.code == code, "%d: %s", (int)c.err.code, c.err.reason);
    ck_assert_int_eq(c.conn.err.code, code); /* the connection is gone too */
    ck_assert_str_ne(c.err.step, "");
    client_free(&c);
}

static const struct lsmb_policy no_policy = {.size = sizeof no_policy};

static struct peer_config only(uint16_t dialect)
{
    struct peer_config config = peer_defaults();

    memset(config.dialects, 0, sizeof config.dialects);
    config.dialects[0] = dialect;
    return config;
}

/* ---------------------------------------------------------------- what is offered */

static struct smb2_negotiate_request offered;

static const struct peer_rule *look(void *arg, const struct peer_seen *seen, struct span message)
{
    (void)arg;
    if (seen->header.command == SMB2_NEGOTIATE) {
        ck_assert_uint_eq(seen->header.message_id, 0);
        ck_assert(smb2_negotiate_request_get(&offered, message));
        offered.contexts.netname = (struct span){0}; /* borrowed from the message */
    }
    return NULL;
}

static void offer(const struct lsmb_policy *policy)
{
    struct client c;

    client_init(&c, policy, NULL);
    c.peer.on_request = look;
    ck_assert(client_negotiate(&c));
    client_free(&c);
}

START_TEST(by_default_everything_is_offered_gcm_and_gmac_first)
{
    offer(&no_policy);
    ck_assert_uint_eq(offered.dialect_count, 5);
    ck_assert_uint_eq(offered.dialects[0], SMB2_DIALECT_202);
    ck_assert_uint_eq(offered.dialects[4], SMB2_DIALECT_311);
    ck_assert_uint_eq(offered.security_mode, SMB2_NEGOTIATE_SIGNING_ENABLED);
    ck_assert_uint_eq(offered.contexts.cipher.count, 4);
    ck_assert_uint_eq(offered.contexts.cipher.id[0], SMB2_CIPHER_AES_128_GCM);
    ck_assert_uint_eq(offered.contexts.signing.count, 3);
    ck_assert_uint_eq(offered.contexts.signing.id[0], SMB2_SIGNING_AES_GMAC);
    ck_assert_uint_eq(offered.contexts.hash.count, 1);
    ck_assert_uint_eq(offered.contexts.salt.len, 32);
    ck_assert(offered.contexts.has_netname);
    ck_assert(!offered.contexts.compression.present);
    ck_assert(!offered.contexts.duplicate);
}
END_TEST

START_TEST(what_is_required_is_said)
{
    const struct lsmb_policy policy = {
        .size = sizeof policy, .sign = LSMB_REQUIRED, .seal = LSMB_REQUIRED};

    offer(&policy);
    ck_assert_uint_eq(offered.security_mode,
                      SMB2_NEGOTIATE_SIGNING_ENABLED | SMB2_NEGOTIATE_SIGNING_REQUIRED);
    ck_assert_uint_eq(offered.dialect_count, 3); /* 2.1 cannot seal */
    ck_assert_uint_eq(offered.dialects[0], SMB2_DIALECT_300);
}
END_TEST

START_TEST(without_sealing_no_cipher_is_offered)
{
    const struct lsmb_policy policy = {.size = sizeof policy, .seal = LSMB_OFF};

    offer(&policy);
    ck_assert(!offered.contexts.cipher.present);
    ck_assert_uint_eq(offered.capabilities & SMB2_GLOBAL_CAP_ENCRYPTION, 0);
}
END_TEST

START_TEST(below_3_0_no_capabilities_are_declared)
{
    const struct lsmb_policy policy = {.size = sizeof policy, .max_dialect = LSMB_SMB_2_1};

    offer(&policy);
    ck_assert_uint_eq(offered.capabilities, 0);
    ck_assert_uint_eq(offered.dialect_count, 2);
    ck_assert_mem_eq(offered.client_guid, "a client's guid", 16);
}
END_TEST

START_TEST(whoever_speaks_2_0_2_alone_has_no_guid)
{
    const struct lsmb_policy policy = {.size = sizeof policy, .max_dialect = LSMB_SMB_2_0_2};
    static const uint8_t nobody[16];

    offer(&policy);
    ck_assert_uint_eq(offered.dialect_count, 1);
    ck_assert_uint_eq(offered.capabilities, 0);
    ck_assert_mem_eq(offered.client_guid, nobody, sizeof nobody);
}
END_TEST

/* ---------------------------------------------------------------- downgrades */

static void dialect_222(struct smb2_negotiate_reply *reply)
{
    reply->dialect = 0x0222;
}

static void dialect_202(struct smb2_negotiate_reply *reply)
{
    reply->dialect = SMB2_DIALECT_202;
}

static void dialect_210(struct smb2_negotiate_reply *reply)
{
    reply->dialect = SMB2_DIALECT_210;
}

static void dialect_wildcard(struct smb2_negotiate_reply *reply)
{
    reply->dialect = SMB2_DIALECT_WILDCARD;
}

START_TEST(a_dialect_that_was_not_offered_is_refused)
{
    const struct lsmb_policy only_311 = {.size = sizeof only_311, .min_dialect = LSMB_SMB_3_1_1};
    const struct lsmb_policy from_21 = {.size = sizeof from_21, .min_dialect = LSMB_SMB_2_1};

    check_refused(&no_policy, LSMB_E_SECURITY, dialect_222);
    check_refused(&from_21, LSMB_E_SECURITY, dialect_202);
    check_refused(&no_policy, LSMB_E_SECURITY, dialect_wildcard);
    check_refused(&only_311, LSMB_E_SECURITY, dialect_210);
}
END_TEST

static void other_cipher(struct smb2_negotiate_reply *reply)
{
    reply->contexts.cipher =
        (struct smb2_algorithms){.present = true, .count = 1, .id = {SMB2_CIPHER_AES_128_CCM}};
}

static void unknown_cipher(struct smb2_negotiate_reply *reply)
{
    other_cipher(reply);
    reply->contexts.cipher.id[0] = 5;
}

static void two_ciphers(struct smb2_negotiate_reply *reply)
{
    reply->contexts.cipher.count = 2;
    reply->contexts.cipher.id[1] = SMB2_CIPHER_AES_128_CCM;
}

START_TEST(a_cipher_that_was_not_offered_is_refused)
{
    const struct lsmb_policy gcm = {.size = sizeof gcm, .ciphers = {LSMB_AES_256_GCM}};
    const struct lsmb_policy off = {.size = sizeof off, .seal = LSMB_OFF};

    check_refused(&gcm, LSMB_E_SECURITY, other_cipher);
    check_refused(&off, LSMB_E_SECURITY, other_cipher);
    check_refused(&no_policy, LSMB_E_SECURITY, unknown_cipher);
    check_refused(&no_policy, LSMB_E_PROTOCOL, two_ciphers);
}
END_TEST

static void other_signing(struct smb2_negotiate_reply *reply)
{
    reply->contexts.signing =
        (struct smb2_algorithms){.present = true, .count = 1, .id = {SMB2_SIGNING_HMAC_SHA256}};
}

static void unknown_signing(struct smb2_negotiate_reply *reply)
{
    reply->contexts.signing.id[0] = 3;
}

static void two_signings(struct smb2_negotiate_reply *reply)
{
    reply->contexts.signing.count = 2;
}

START_TEST(a_signing_algorithm_that_was_not_offered_is_refused)
{
    const struct lsmb_policy gmac = {.size = sizeof gmac, .signing_algs = {LSMB_AES_GMAC}};

    check_refused(&gmac, LSMB_E_SECURITY, other_signing);
    check_refused(&no_policy, LSMB_E_SECURITY, unknown_signing);
    check_refused(&no_policy, LSMB_E_PROTOCOL, two_signings);
}
END_TEST

static void no_signing(struct smb2_negotiate_reply *reply)
{
    reply->contexts.signing.present = false;
}

START_TEST(without_a_signing_context_cmac_holds_if_it_is_allowed)
{
    const struct lsmb_policy gmac = {.size = sizeof gmac, .signing_algs = {LSMB_AES_GMAC}};
    struct client c;

    ck_assert(negotiate_with(&c, NULL, no_signing));
    ck_assert_uint_eq(c.conn.got.signing_alg, SMB2_SIGNING_AES_CMAC);
    client_free(&c);
    check_refused(&gmac, LSMB_E_POLICY, no_signing);
}
END_TEST

static void no_hash(struct smb2_negotiate_reply *reply)
{
    reply->contexts.hash.present = false;
}

static void other_hash(struct smb2_negotiate_reply *reply)
{
    reply->contexts.hash.id[0] = 2;
}

static void two_hashes(struct smb2_negotiate_reply *reply)
{
    reply->contexts.hash.count = 2;
    reply->contexts.hash.id[1] = 2;
}

START_TEST(the_integrity_hash_is_there_and_the_one_that_was_offered)
{
    check_refused(&no_policy, LSMB_E_SECURITY, no_hash);
    check_refused(&no_policy, LSMB_E_SECURITY, other_hash);
    check_refused(&no_policy, LSMB_E_PROTOCOL, two_hashes);
}
END_TEST

static void compression(struct smb2_negotiate_reply *reply)
{
    reply->contexts.compression =
        (struct smb2_algorithms){.present = true, .count = 1, .id = {SMB2_COMPRESSION_LZ77}};
}

static void no_compression(struct smb2_negotiate_reply *reply)
{
    reply->contexts.compression =
        (struct smb2_algorithms){.present = true, .count = 1, .id = {SMB2_COMPRESSION_NONE}};
}

START_TEST(compression_was_not_offered)
{
    struct client c;

    check_refused(&no_policy, LSMB_E_SECURITY, compression);
    ck_assert(negotiate_with(&c, NULL, no_compression));
    client_free(&c);
}
END_TEST

/* Append a copy of the first context to the reply, as somebody who hopes for the last one to win. */
static void double_context(struct peer_reply *reply)
{
    struct rd r = rd_from((struct span){reply->bytes, reply->len}, SMB2_HEADER_LEN + 60);
    uint32_t offset = rd_u32(&r);

    r = rd_from((struct span){reply->bytes, reply->len}, offset + 2);
    size_t len = 8u + rd_u16(&r);
    reply->len += (8 - reply->len % 8) % 8;
    ck_assert_uint_le(reply->len + len, reply->cap);
    memcpy(reply->bytes + reply->len, reply->bytes + offset, len);
    reply->len += len;
    reply->bytes[SMB2_HEADER_LEN + 6]++; /* NegotiateContextCount */
}

START_TEST(a_context_that_comes_twice_is_refused)
{
    struct client c;

    client_init(&c, NULL, NULL);
    peer_script(&c.peer, &(struct peer_rule){.command = SMB2_NEGOTIATE, .edit = double_context});
    ck_assert(!client_negotiate(&c));
    ck_assert_int_eq(c.err.code, LSMB_E_PROTOCOL);
    client_free(&c);
}
END_TEST

/* ---------------------------------------------------------------- sizes */

static void small_transact(struct smb2_negotiate_reply *reply)
{
    reply->max_transact = 65535;
}

static void small_read(struct smb2_negotiate_reply *reply)
{
    reply->max_read = 0;
}

static void small_write(struct smb2_negotiate_reply *reply)
{
    reply->max_write = 1;
}

static void huge_sizes(struct smb2_negotiate_reply *reply)
{
    reply->max_transact = reply->max_read = reply->max_write = UINT32_MAX;
}

START_TEST(a_server_that_allows_less_than_64_kib_is_refused)
{
    check_refused(&no_policy, LSMB_E_PROTOCOL, small_transact);
    check_refused(&no_policy, LSMB_E_PROTOCOL, small_read);
    check_refused(&no_policy, LSMB_E_PROTOCOL, small_write);
}
END_TEST

START_TEST(more_than_8_mib_is_never_used)
{
    struct client c;

    ck_assert(negotiate_with(&c, NULL, huge_sizes));
    ck_assert_uint_eq(c.conn.got.max_read, 8 << 20);
    ck_assert_uint_eq(c.conn.got.max_write, 8 << 20);
    ck_assert_uint_eq(c.conn.got.max_transact, 8 << 20);
    client_free(&c);
}
END_TEST

START_TEST(over_netbios_there_is_no_large_mtu)
{
    struct client c;

    client_init(&c, NULL, NULL);
    c.conn.netbios = true;
    c.peer.on_request = look;
    client_negotiate_start(&c);
    ck_assert(client_finish(&c));
    ck_assert_uint_eq(offered.capabilities & SMB2_GLOBAL_CAP_LARGE_MTU, 0);
    ck_assert(!c.conn.got.large_mtu);
    ck_assert_uint_eq(c.conn.got.max_read, 65536);
    client_free(&c);
}
END_TEST

/* ---------------------------------------------------------------- the multi-protocol form */

static void set_up_multi(struct client *c, const struct lsmb_policy *policy,
                         const struct peer_config *config)
{
    client_init(c, policy, config);
    c->form = NEGOTIATE_MULTI_PROTOCOL;
}

/* The first frame that goes to the server. */
static bool first_seen;
static struct multi_negotiate_request first;

/* NOLINTNEXTLINE(readability-non-const-parameter): the signature of a hook */
static bool look_at_first(void *arg, uint8_t *frame, size_t len)
{
    (void)arg;
    if (!first_seen) {
        first_seen = true;
        ck_assert(multi_negotiate_request_get(&first, (struct span){frame, len}));
    }
    return true;
}

START_TEST(whoever_is_asked_in_smb1_answers_in_smb2)
{
    static const uint16_t dialects[] = {SMB2_DIALECT_202, SMB2_DIALECT_210, SMB2_DIALECT_300,
                                        SMB2_DIALECT_311};

    for (size_t i = 0; i < sizeof dialects / sizeof *dialects; i++) {
        struct peer_config config = only(dialects[i]);
        struct client c;
        config.no_smb2_negotiate = true; /* before the other one */
        set_up_multi(&c, NULL, &config);
        first_seen = false;
        c.wire.to_server = look_at_first;
        ck_assert_msg(client_negotiate(&c), "%s", c.err.reason);
        ck_assert(first.smb_2_002 && first.smb_2_xxx && first.others == 0);
        ck_assert_uint_eq(c.conn.got.dialect, dialects[i]);
        ck_assert(c.conn.got.by_smb1 == (dialects[i] == SMB2_DIALECT_202));
        ck_assert_uint_eq(peer_count(&c.peer, SMB2_NEGOTIATE), dialects[i] != SMB2_DIALECT_202);
        ck_assert_uint_eq(c.conn.next_message_id, dialects[i] == SMB2_DIALECT_202 ? 1 : 2);
        ck_assert_msg(client_logon(&c) && client_tree(&c), "%s", c.err.reason);
        ck_assert(c.conn.validated == (dialects[i] != SMB2_DIALECT_311));
        ck_assert(client_open(&c, "a.txt"));
        client_free(&c);
    }
}
END_TEST

START_TEST(what_is_asked_for_in_smb1_follows_the_policy)
{
    const struct lsmb_policy only_202 = {.size = sizeof only_202, .max_dialect = LSMB_SMB_2_0_2};
    const struct lsmb_policy from_21 = {.size = sizeof from_21, .min_dialect = LSMB_SMB_2_1};
    struct client c;

    for (int above = 0; above < 2; above++) {
        set_up_multi(&c, above ? &from_21 : &only_202, NULL);
        first_seen = false;
        c.wire.to_server = look_at_first;
        client_negotiate_start(&c);
        script_settle(&c.script);
        (void)wire_to_server(&c.wire);
        ck_assert(first.smb_2_002 == !above);
        ck_assert(first.smb_2_xxx == above);
        op_abort(&c.parent.op);
        client_free(&c);
    }
}
END_TEST

static void check_multi_refused(const struct lsmb_policy *policy, enum lsmb_code code,
                                const struct peer_rule *rule)
{
    struct peer_rule negotiate = *rule;
    struct client c;

    set_up_multi(&c, policy, NULL);
    negotiate.command = SMB2_NEGOTIATE;
    peer_script(&c.peer, &negotiate);
    ck_assert(!client_negotiate(&c));
    ck_assert_msg(c.err.code == code, "%d: %s", (int)c.err.code, c.err.reason);
    ck_assert(conn_dead(&c.conn));
    client_free(&c);
}

START_TEST(an_answer_to_the_smb1_form_is_one_of_two)
{
    const struct lsmb_policy only_202 = {.size = sizeof only_202, .max_dialect = LSMB_SMB_2_0_2};
    const struct lsmb_policy from_21 = {.size = sizeof from_21, .min_dialect = LSMB_SMB_2_1};

    check_multi_refused(&no_policy, LSMB_E_SECURITY, &(struct peer_rule){.negotiate = dialect_210});
    check_multi_refused(&from_21, LSMB_E_SECURITY, &(struct peer_rule){.negotiate = dialect_202});
    check_multi_refused(&only_202, LSMB_E_SECURITY,
                        &(struct peer_rule){.negotiate = dialect_wildcard});
    check_multi_refused(&no_policy, LSMB_E_POLICY,
                        &(struct peer_rule){.status = (uint32_t)STATUS_NOT_SUPPORTED});
    check_multi_refused(&no_policy, LSMB_E_SECURITY, /* a second wildcard */
                        &(struct peer_rule){.skip = 1, .negotiate = dialect_wildcard});
}
END_TEST

START_TEST(a_server_that_knows_smb1_alone_is_named_so)
{
    /* MS-CIFS 2.2.4.52.2: no dialect in common. */
    uint8_t reply[37] = {0xFF, 'S', 'M', 'B', 0x72, [32] = 1, [33] = 0xFF, [34] = 0xFF};
    struct client c;

    set_up_multi(&c, NULL, NULL);
    client_negotiate_start(&c);
    script_settle(&c.script);
    peer_send_raw(c.wire.link, (struct span){reply, sizeof reply});
    (void)wire_to_client(&c.wire);
    ck_assert(!client_finish(&c));
    ck_assert_int_eq(c.err.code, LSMB_E_POLICY);
    ck_assert_ptr_nonnull(strstr(c.err.reason, "SMB1"));
    client_free(&c);
}
END_TEST

/* ---------------------------------------------------------------- policy and errors */

static void no_cipher(struct smb2_negotiate_reply *reply)
{
    reply->contexts.cipher = (struct smb2_algorithms){.present = true, .count = 1, .id = {0}};
}

static void no_cipher_context(struct smb2_negotiate_reply *reply)
{
    reply->contexts.cipher.present = false;
    reply->capabilities |= SMB2_GLOBAL_CAP_ENCRYPTION; /* means nothing in 3.1.1 */
}

/* ---------------------------------------------------------------- what a dialect brings with it */

START_TEST(each_dialect_settles_what_it_settles)
{
    static const struct {
        uint16_t dialect, signing_alg, cipher;
        bool large_mtu;
    } cases[] = {{SMB2_DIALECT_202, SMB2_SIGNING_HMAC_SHA256, 0, false},
                 {SMB2_DIALECT_210, SMB2_SIGNING_HMAC_SHA256, 0, true},
                 {SMB2_DIALECT_300, SMB2_SIGNING_AES_CMAC, SMB2_CIPHER_AES_128_CCM, true},
                 {SMB2_DIALECT_302, SMB2_SIGNING_AES_CMAC, SMB2_CIPHER_AES_128_CCM, true},
                 {SMB2_DIALECT_311, SMB2_SIGNING_AES_GMAC, SMB2_CIPHER_AES_128_GCM, true}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct peer_config config = only(cases[i].dialect);
        struct client c;
        client_init(&c, NULL, &config);
        ck_assert_msg(client_negotiate(&c), "%s", c.err.reason);
        ck_assert_uint_eq(c.conn.got.dialect, cases[i].dialect);
        ck_assert_uint_eq(c.conn.got.signing_alg, cases[i].signing_alg);
        ck_assert_uint_eq(c.conn.got.cipher, cases[i].cipher);
        ck_assert(c.conn.got.large_mtu == cases[i].large_mtu);
        ck_assert_uint_eq(c.conn.got.max_read, cases[i].large_mtu ? 8 << 20 : 65536);
        client_free(&c);
    }
}
END_TEST

static void every_capability(struct smb2_negotiate_reply *reply)
{
    reply->capabilities = 0x7F;
}

static void negotiate_like(struct client *c, uint16_t dialect, const struct lsmb_policy *policy)
{
    struct peer_config config = only(dialect);

    client_init(c, policy, &config);
    peer_script(&c->peer,
                &(struct peer_rule){.command = SMB2_NEGOTIATE, .negotiate = every_capability});
    ck_assert_msg(client_negotiate(c), "%s", c->err.reason);
}

START_TEST(capabilities_that_a_dialect_does_not_have_mean_nothing)
{
    const struct lsmb_policy off = {.size = sizeof off, .seal = LSMB_OFF};
    const struct lsmb_policy gcm = {.size = sizeof gcm, .ciphers = {LSMB_AES_128_GCM}};
    struct client c;

    negotiate_like(&c, SMB2_DIALECT_202, NULL);
    ck_assert(!c.conn.got.large_mtu);
    ck_assert_uint_eq(c.conn.got.cipher, SMB2_CIPHER_NONE);
    client_free(&c);
    negotiate_like(&c, SMB2_DIALECT_210, NULL);
    ck_assert_uint_eq(c.conn.got.cipher, SMB2_CIPHER_NONE);
    client_free(&c);
    negotiate_like(&c, SMB2_DIALECT_300, &off); /* nor do those that were not offered */
    ck_assert_uint_eq(c.conn.got.cipher, SMB2_CIPHER_NONE);
    client_free(&c);
    negotiate_like(&c, SMB2_DIALECT_302, &gcm); /* a cipher that it does not have */
    ck_assert_uint_eq(c.conn.got.cipher, SMB2_CIPHER_NONE);
    client_free(&c);
}
END_TEST

START_TEST(what_a_dialect_cannot_do_is_an_error_of_policy)
{
    const struct lsmb_policy gmac = {.size = sizeof gmac, .signing_algs = {LSMB_AES_GMAC}};
    const struct lsmb_policy seal = {.size = sizeof seal, .seal = LSMB_REQUIRED};
    static const uint16_t dialects[] = {SMB2_DIALECT_202, SMB2_DIALECT_300};
    struct peer_config config;
    struct client c;

    for (size_t i = 0; i < 2; i++) {
        config = only(dialects[i]);
        client_init(&c, &gmac, &config);
        ck_assert(!client_negotiate(&c));
        ck_assert_int_eq(c.err.code, LSMB_E_POLICY);
        ck_assert_ptr_nonnull(strstr(c.err.reason, i ? "AES-CMAC" : "HMAC-SHA256"));
        client_free(&c);
    }
    config = only(SMB2_DIALECT_302);
    config.ciphers[0] = SMB2_CIPHER_AES_128_GCM; /* which 3.0.2 does not have */
    config.ciphers[1] = 0;
    client_init(&c, &seal, &config);
    ck_assert(!client_negotiate(&c));
    ck_assert_int_eq(c.err.code, LSMB_E_POLICY);
    client_free(&c);
}
END_TEST

START_TEST(required_sealing_needs_a_cipher)
{
    const struct lsmb_policy seal = {.size = sizeof seal, .seal = LSMB_REQUIRED};
    struct client c;

    check_refused(&seal, LSMB_E_POLICY, no_cipher);
    check_refused(&seal, LSMB_E_POLICY, no_cipher_context);
    ck_assert(negotiate_with(&c, NULL, no_cipher_context));
    ck_assert_uint_eq(c.conn.got.cipher, SMB2_CIPHER_NONE);
    client_free(&c);
}
END_TEST

START_TEST(a_server_without_a_common_dialect_is_named)
{
    const struct lsmb_policy policy = {.size = sizeof policy, .min_dialect = LSMB_SMB_2_1};
    struct peer_config config = peer_defaults();
    struct client c;

    config.dialects[1] = 0;
    client_init(&c, &policy, &config);
    ck_assert(!client_negotiate(&c));
    ck_assert_int_eq(c.err.code, LSMB_E_POLICY);
    ck_assert_uint_eq(c.err.nt_status, (uint32_t)STATUS_NOT_SUPPORTED);
    ck_assert_ptr_nonnull(strstr(c.err.reason, "2.1 to 3.1.1"));
    client_free(&c);
}
END_TEST

START_TEST(a_refusal_is_told_by_its_name)
{
    static const uint32_t statuses[] = {(uint32_t)STATUS_ACCESS_DENIED, 0xC05D0000};
    static const char *const names[] = {"STATUS_ACCESS_DENIED", "PREAUTH_INTEGRITY"};

    for (size_t i = 0; i < 2; i++) {
        struct client c;
        client_init(&c, NULL, NULL);
        peer_script(&c.peer, &(struct peer_rule){.command = SMB2_NEGOTIATE, .status = statuses[i]});
        ck_assert(!client_negotiate(&c));
        ck_assert_int_eq(c.err.code, LSMB_E_PROTOCOL);
        ck_assert_uint_eq(c.err.nt_status, statuses[i]);
        ck_assert_ptr_nonnull(strstr(c.err.reason, names[i]));
        client_free(&c);
    }
}
END_TEST

static void not_enabled(struct smb2_negotiate_reply *reply)
{
    reply->security_mode = 0;
}

static void required(struct smb2_negotiate_reply *reply)
{
    reply->security_mode = SMB2_NEGOTIATE_SIGNING_REQUIRED;
}

START_TEST(who_clears_signing_enabled_does_not_switch_signing_off)
{
    const struct lsmb_policy sign = {.size = sizeof sign, .sign = LSMB_REQUIRED};
    struct client c;

    ck_assert(negotiate_with(&c, &sign, not_enabled));
    ck_assert(c.conn.got.signing_required);
    client_free(&c);
    ck_assert(negotiate_with(&c, NULL, required));
    ck_assert(c.conn.got.signing_required);
    client_free(&c);
    ck_assert(negotiate_with(&c, NULL, not_enabled));
    ck_assert(!c.conn.got.signing_required);
    client_free(&c);
}
END_TEST

START_TEST(without_randomness_nothing_is_sent)
{
    struct client c;

    client_init(&c, NULL, NULL);
    c.script.random.fails = true;
    ck_assert(!client_negotiate(&c));
    ck_assert_int_eq(c.err.code, LSMB_E_LOCAL);
    ck_assert_uint_eq(c.wire.sent, 0);
    client_free(&c);
}
END_TEST

static void cut_short(struct peer_reply *reply)
{
    reply->len = SMB2_HEADER_LEN + 40;
}

START_TEST(a_malformed_answer_is_refused)
{
    struct client c;

    client_init(&c, NULL, NULL);
    peer_script(&c.peer, &(struct peer_rule){.command = SMB2_NEGOTIATE, .edit = cut_short});
    ck_assert(!client_negotiate(&c));
    ck_assert_int_eq(c.err.code, LSMB_E_PROTOCOL);
    client_free(&c);
}
END_TEST

START_TEST(an_aborted_negotiation_leaves_nothing_behind)
{
    struct client c;

    client_init(&c, NULL, NULL);
    client_negotiate_start(&c);
    script_settle(&c.script);
    op_abort(&c.parent.op);
    wire_run(&c.wire);
    ck_assert_uint_eq(c.conn.in_flight_count, 0);
    client_free(&c);
}
END_TEST

int main(void)
{
    return RUN_TESTS(
        "conn/negotiate", by_default_everything_is_offered_gcm_and_gmac_first,
        what_is_required_is_said, without_sealing_no_cipher_is_offered,
        below_3_0_no_capabilities_are_declared, whoever_speaks_2_0_2_alone_has_no_guid,
        each_dialect_settles_what_it_settles,
        capabilities_that_a_dialect_does_not_have_mean_nothing,
        whoever_is_asked_in_smb1_answers_in_smb2, what_is_asked_for_in_smb1_follows_the_policy,
        an_answer_to_the_smb1_form_is_one_of_two, a_server_that_knows_smb1_alone_is_named_so,
        what_a_dialect_cannot_do_is_an_error_of_policy, a_refusal_is_told_by_its_name,
        a_dialect_that_was_not_offered_is_refused, a_cipher_that_was_not_offered_is_refused,
        a_signing_algorithm_that_was_not_offered_is_refused,
        without_a_signing_context_cmac_holds_if_it_is_allowed,
        the_integrity_hash_is_there_and_the_one_that_was_offered, compression_was_not_offered,
        a_context_that_comes_twice_is_refused, a_server_that_allows_less_than_64_kib_is_refused,
        more_than_8_mib_is_never_used, over_netbios_there_is_no_large_mtu,
        required_sealing_needs_a_cipher, a_server_without_a_common_dialect_is_named,
        who_clears_signing_enabled_does_not_switch_signing_off, without_randomness_nothing_is_sent,
        a_malformed_answer_is_refused, an_aborted_negotiation_leaves_nothing_behind);
}
