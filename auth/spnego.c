/* spnego.c: choosing a mechanism (RFC 4178, MS-SPNG), client side.
 *
 * Our whole list goes out in order of preference with the first mechanism's token, whatever the
 * unprotected hint in the NEGOTIATE reply says: only so can the mechListMIC show that nobody talked
 * us into a weaker one.  A mechanism that cannot even begin (no ticket) is left out. */
#include "auth/spnego.h"

#include "auth/ntlm_message.h"
#include "auth/spnego_message.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    LEGS_MAX = 16,      /* tokens that we send in one logon */
    MECH_LIST_MAX = 256 /* DER bytes of our MechTypeList */
};

struct spnego {
    struct mech mech; /* first */
    struct env *env;
    struct mech *mechs[SPNEGO_MECHS_MAX]; /* owned */
    size_t count, chosen;
    bool no_hint;      /* the server left it to us how to begin */
    bool raw;          /* NTLM goes without SPNEGO around it */
    bool offered;      /* our NegTokenInit is out */
    bool answered;     /* the server has accepted a mechanism */
    bool mech_done;    /* the chosen mechanism needs nothing more */
    bool mic_required; /* RFC 4178 5: the server must prove that it saw our list */
    bool mic_sent, mic_checked;
    unsigned legs;
    uint8_t list[MECH_LIST_MAX];
    size_t list_len;
    uint8_t *token;          /* owned: what was last sent */
    struct lsmb_error hint;  /* what is wrong with the server's hint, if something is */
    struct lsmb_error first; /* why the mechanism that was wanted most could not begin */
};

static struct spnego *spnego_of(struct mech *mech)
{
    return CONTAINER_OF(mech, struct spnego, mech);
}

static struct mech *chosen_of(const struct spnego *s)
{
    return s->mechs[s->chosen];
}

static struct span list_of(const struct spnego *s)
{
    return (struct span){s->list, s->list_len};
}

/* Our MechTypeList.  Kerberos goes under both its names, the misspelt one first, as in Windows. */
static void write_list(struct spnego *s)
{
    static const struct span kerberos = OID_KERBEROS, ms_kerberos = OID_MS_KERBEROS;
    struct der_wr w = der_to(s->list, sizeof s->list);

    for (size_t i = s->count; i > 0; i--) {
        struct span oid = s->mechs[i - 1]->ops->oid;
        der_put_element(&w, DER_OID, oid);
        if (span_equal(oid, kerberos)) {
            der_put_element(&w, DER_OID, ms_kerberos);
        }
    }
    der_put_header(&w, DER_SEQUENCE, 0);

    struct span list = der_written(&w);
    assert(list.len > 0);
    memmove(s->list, list.ptr, list.len);
    s->list_len = list.len;
}

/* Names of the mechanisms in a list, for people. */
static void name_mechs(char *out, size_t out_len, struct der_rd list)
{
    char room[64];
    size_t at = 0;

    out[0] = '\0';
    while (der_more(&list) && at < out_len) {
        const char *name = oid_name(der_take(&list, DER_OID), room, sizeof room);
        if (strstr(out, name)) {
            continue; /* the second name of Kerberos */
        }
        int n = snprintf(out + at, out_len - at, "%s%s", at > 0 ? ", " : "", name);
        at += n > 0 ? (size_t)n : 0;
    }
}

/* The index of the mechanism that `oid` names, or `count`. */
static size_t find_mech(const struct spnego *s, struct span oid)
{
    size_t i = 0;

    while (i < s->count && !oid_same_mech(s->mechs[i]->ops->oid, oid)) {
        i++;
    }
    return i;
}

/* MS-SPNG 2.2.1: what the server lists in its NegTokenInit2 only tells whether we need try. */
static void read_hint(struct spnego *s, struct span hint)
{
    struct spnego_init init;
    char theirs[256];

    s->no_hint = hint.len == 0;
    if (s->no_hint) {
        return;
    }
    if (!spnego_init_get(&init, hint)) {
        error_set(&s->hint, LSMB_E_PROTOCOL,
                  "the list of logon mechanisms in the server's NEGOTIATE reply is malformed");
        return;
    }
    struct der_rd list = spnego_mech_list(init.mech_types);
    if (!der_more(&list)) {
        return; /* it names none */
    }
    while (der_more(&list)) {
        if (find_mech(s, der_take(&list, DER_OID)) < s->count) {
            return;
        }
    }
    name_mechs(theirs, sizeof theirs, spnego_mech_list(init.mech_types));
    error_set(&s->hint, LSMB_E_POLICY,
              "the server only offers %s to log on with, which is not what was asked for", theirs);
    error_advise(&s->hint, "allow another way to log on (Kerberos, NTLM)");
}

/* Make room for a message around `payload` bytes. */
static bool token_room(struct spnego *s, size_t payload, struct der_wr *w)
{
    size_t room = payload + SPNEGO_FRAME_MAX;

    free(s->token);
    s->token = malloc(room);
    *w = der_to(s->token, s->token ? room : 0);
    return s->token != NULL;
}

/* out->token is what goes out. */
static enum mech_next send_leg(struct spnego *s, struct mech_out *out)
{
    assert(out->token.len > 0);
    if (++s->legs > LEGS_MAX) {
        (void)mech_refuse(out, LSMB_E_PROTOCOL, "the logon does not come to an end");
        return MECH_FAIL;
    }
    return MECH_SEND;
}

static enum mech_next send_token(struct spnego *s, const struct der_wr *w, struct mech_out *out)
{
    out->token = der_written(w);
    return send_leg(s, out);
}

/* ---------------------------------------------------------------- NTLM on its own */

static bool chose_ntlm(const struct spnego *s)
{
    static const struct span ntlm = OID_NTLMSSP;

    return span_equal(chosen_of(s)->ops->oid, ntlm);
}

/* Where nothing is to be negotiated nothing can be talked down either: a server that names no
 * mechanisms gets NTLM as it is if that is all we have, and one that answers our first token
 * without SPNEGO may go on so.  Samba and Windows take both. */
static bool may_go_raw(const struct spnego *s)
{
    return chose_ntlm(s) && !s->answered && s->chosen == 0;
}

static enum mech_next take_raw(struct spnego *s, struct span in, struct mech_out *out)
{
    s->raw = true;
    if (s->mech_done) {
        if (in.len == 0) {
            return MECH_DONE;
        }
        (void)mech_refuse(out, LSMB_E_PROTOCOL, "the server goes on with %s, which has ended",
                          chosen_of(s)->ops->name);
        return MECH_FAIL;
    }
    enum mech_next next = chosen_of(s)->ops->step(chosen_of(s), in, out);
    s->answered = true;
    s->mech_done = next == MECH_DONE;
    return next == MECH_DONE || next == MECH_SEND ? send_leg(s, out) : next;
}

/* ---------------------------------------------------------------- SPNEGO */

/* Begin with the first mechanism that can; the others are dropped. */
static enum mech_next begin_mech(struct spnego *s, struct mech_out *out)
{
    while (s->count > 0) {
        enum mech_next next = chosen_of(s)->ops->step(chosen_of(s), (struct span){0}, out);
        if (next != MECH_FAIL) {
            return next;
        }
        log_line(&s->env->log, LSMB_LOG_INFO, "logon without %s: %s", chosen_of(s)->ops->name,
                 out->err.reason);
        if (s->first.code == LSMB_OK) {
            s->first = out->err;
        }
        mech_free(s->mechs[0]);
        s->count--;
        for (size_t i = 0; i < s->count; i++) {
            s->mechs[i] = s->mechs[i + 1];
        }
    }
    out->err = s->first;
    return MECH_FAIL;
}

/* RFC 4178 4.2.1 */
static enum mech_next send_init(struct spnego *s, struct mech_out *out)
{
    struct der_wr w;

    if (s->hint.code != LSMB_OK) {
        out->err = s->hint;
        return MECH_FAIL;
    }
    enum mech_next next = begin_mech(s, out);
    if (next == MECH_FAIL || next == MECH_BUSY) {
        return next;
    }
    s->mech_done = next == MECH_DONE;
    s->offered = true;
    if (s->no_hint && s->count == 1 && may_go_raw(s)) {
        s->raw = true;
        return send_leg(s, out);
    }
    write_list(s);
    if (!token_room(s, out->token.len + s->list_len, &w)) {
        (void)mech_refuse(out, LSMB_E_NOMEM, "out of memory");
        return MECH_FAIL;
    }
    struct spnego_init init = {.mech_types = list_of(s), .mech_token = out->token};
    spnego_init_put(&w, &init);
    return send_token(s, &w, out);
}

/* What must not be: no sense, or a refusal. */
static bool take_state(struct spnego *s, const struct spnego_resp *got, struct mech_out *out)
{
    if (got->has_state && got->state == SPNEGO_REJECT) {
        (void)mech_refuse(out, LSMB_E_AUTH, "the server refused the logon");
        error_advise(&out->err, "check user name, domain and password");
        return false;
    }
    if (got->has_state && got->state == SPNEGO_REQUEST_MIC) {
        s->mic_required = true;
    }
    return true;
}

/* RFC 4178 4.2.2, 5: the server may take another mechanism than our first one, once, and must then
 * show that it was our list it chose from.  Harmless when repeated after MECH_BUSY. */
static bool take_choice(struct spnego *s, const struct spnego_resp *got, struct mech_out *out)
{
    char room[64];

    if (got->supported_mech.len == 0) {
        return true;
    }
    size_t i = find_mech(s, got->supported_mech);
    if (i == s->count) {
        return mech_refuse(out, LSMB_E_SECURITY,
                           "the server chose %s to log on with, which was not offered",
                           oid_name(got->supported_mech, room, sizeof room));
    }
    if (i == s->chosen) {
        return true;
    }
    if (s->answered || got->response_token.len > 0) {
        return mech_refuse(out, LSMB_E_PROTOCOL,
                           "the server changed the logon mechanism when it no longer could");
    }
    s->chosen = i;
    s->mech_done = false;
    s->mic_required = true;
    return true;
}

/* Hand the server's token on.  `out->token` is then what the mechanism has to say. */
static enum mech_next step_mech(struct spnego *s, const struct spnego_resp *got,
                                struct mech_out *out)
{
    if (!s->mech_done) {
        return chosen_of(s)->ops->step(chosen_of(s), got->response_token, out);
    }
    if (got->response_token.len > 0) {
        (void)mech_refuse(out, LSMB_E_PROTOCOL, "the server goes on with %s, which has ended",
                          chosen_of(s)->ops->name);
        return MECH_FAIL;
    }
    return MECH_DONE;
}

/* RFC 4178 5: a mechListMIC is over the list as we sent it; a wrong one is never ignored. */
static bool take_mic(struct spnego *s, const struct spnego_resp *got, struct mech_out *out)
{
    if (got->mech_list_mic.len == 0) {
        return true;
    }
    if (!s->mech_done ||
        !chosen_of(s)->ops->check_mic(chosen_of(s), list_of(s), got->mech_list_mic)) {
        (void)mech_refuse(out, LSMB_E_SECURITY,
                          "the server's signature over the list of logon mechanisms is wrong");
        error_advise(&out->err, "someone may be tampering with the connection");
        return false;
    }
    s->mic_checked = true;
    return true;
}

/* The server is content; are we? */
static enum mech_next complete(struct spnego *s, struct mech_out *out)
{
    if (!s->mech_done || out->token.len > 0) {
        (void)mech_refuse(out, LSMB_E_PROTOCOL, "the server ended the logon before %s had ended",
                          chosen_of(s)->ops->name);
        return MECH_FAIL;
    }
    if (s->mic_required && !s->mic_checked) {
        (void)mech_refuse(out, LSMB_E_SECURITY,
                          "the server did not sign the list of logon mechanisms");
        error_advise(&out->err, "someone may be weakening the logon; allow only the mechanism that "
                                "is to be used");
        return MECH_FAIL;
    }
    return MECH_DONE;
}

/* RFC 4178 4.2.2; with the mechanism's last token goes our mechListMIC, if it can make one. */
static enum mech_next send_resp(struct spnego *s, struct mech_out *out)
{
    struct spnego_resp resp = {.response_token = out->token};
    uint8_t mic[MECH_MIC_MAX];
    struct der_wr w;

    if (s->mech_done && !s->mic_sent) {
        size_t len = chosen_of(s)->ops->get_mic(chosen_of(s), list_of(s), mic);
        resp.mech_list_mic = (struct span){mic, len};
        s->mic_sent = len > 0;
    }
    if (resp.response_token.len == 0 && resp.mech_list_mic.len == 0) {
        (void)mech_refuse(out, LSMB_E_PROTOCOL, "the server goes on with a logon that has ended");
        return MECH_FAIL;
    }
    if (!token_room(s, resp.response_token.len + resp.mech_list_mic.len, &w)) {
        (void)mech_refuse(out, LSMB_E_NOMEM, "out of memory");
        return MECH_FAIL;
    }
    spnego_resp_put(&w, &resp);
    return send_token(s, &w, out);
}

/* Whether it is our turn: the server said so, or we have something that it must have. */
static bool our_turn(const struct spnego *s, const struct spnego_resp *got,
                     const struct mech_out *out)
{
    if (got->has_state) {
        return got->state != SPNEGO_ACCEPT_COMPLETED;
    }
    return !s->mech_done || out->token.len > 0 || (s->mic_required && !s->mic_sent);
}

static enum mech_next take_resp(struct spnego *s, struct span in, struct mech_out *out)
{
    struct spnego_resp got = {0};

    if (s->raw || (ntlm_is_message(in) && may_go_raw(s))) {
        return take_raw(s, in, out);
    }
    if (in.len == 0) { /* the end without a word: fine if nothing was to be said */
        return complete(s, out);
    }
    if (!spnego_resp_get(&got, in)) {
        (void)mech_refuse(out, LSMB_E_PROTOCOL, "the server's logon message is malformed");
        return MECH_FAIL;
    }
    if (!take_state(s, &got, out) || !take_choice(s, &got, out)) {
        return MECH_FAIL;
    }
    enum mech_next next = step_mech(s, &got, out);
    if (next == MECH_FAIL || next == MECH_BUSY) {
        return next;
    }
    s->answered = true;
    s->mech_done = next == MECH_DONE;
    if (!take_mic(s, &got, out)) {
        return MECH_FAIL;
    }
    return our_turn(s, &got, out) ? send_resp(s, out) : complete(s, out);
}

static enum mech_next spnego_step(struct mech *mech, struct span in, struct mech_out *out)
{
    struct spnego *s = spnego_of(mech);

    *out = (struct mech_out){0};
    return s->offered ? take_resp(s, in, out) : send_init(s, out);
}

static bool spnego_session_key(struct mech *mech, struct secret *out)
{
    struct mech *chosen = chosen_of(spnego_of(mech));

    return chosen->ops->session_key(chosen, out);
}

static size_t spnego_get_mic(struct mech *mech, struct span message,
                             uint8_t mic[static MECH_MIC_MAX])
{
    struct mech *chosen = chosen_of(spnego_of(mech));

    return chosen->ops->get_mic(chosen, message, mic);
}

static bool spnego_check_mic(struct mech *mech, struct span message, struct span mic)
{
    struct mech *chosen = chosen_of(spnego_of(mech));

    return chosen->ops->check_mic(chosen, message, mic);
}

static void spnego_free(struct mech *mech)
{
    struct spnego *s = spnego_of(mech);

    for (size_t i = 0; i < s->count; i++) {
        mech_free(s->mechs[i]);
    }
    free(s->token);
    free(s);
}

static const struct mech_ops spnego_client_ops = {
    .name = "SPNEGO",
    .oid = OID_SPNEGO,
    .step = spnego_step,
    .session_key = spnego_session_key,
    .get_mic = spnego_get_mic,
    .check_mic = spnego_check_mic,
    .free = spnego_free,
};

struct mech *spnego_client_new(struct env *env, struct mech *const mechs[], size_t count,
                               struct span hint)
{
    assert(count >= 1 && count <= SPNEGO_MECHS_MAX);

    struct spnego *s = calloc(1, sizeof *s);
    if (!s) {
        for (size_t i = 0; i < count; i++) {
            mech_free(mechs[i]);
        }
        return NULL;
    }
    s->mech.ops = &spnego_client_ops;
    s->env = env;
    s->count = count;
    for (size_t i = 0; i < count; i++) {
        s->mechs[i] = mechs[i];
    }
    read_hint(s, hint);
    return &s->mech;
}

const struct mech *spnego_chosen(const struct mech *spnego)
{
    assert(spnego->ops == &spnego_client_ops);

    const struct spnego *s = (const struct spnego *)(const void *)spnego; /* its first member */
    return s->count > 0 ? chosen_of(s) : NULL;
}
