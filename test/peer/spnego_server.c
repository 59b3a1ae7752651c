#include "test/peer/spnego_server.h"

#include "auth/ntlm_message.h"
#include "auth/spnego_message.h"

#include <assert.h>
#include <stdlib.h>

struct spnego_server {
    struct mech mech; /* first */
    struct mech *inner;
    struct spnego_server_options opt;
    bool begun, mic_required, raw;
    uint8_t *list; /* owned: the client's MechTypeList */
    size_t list_len;
    uint8_t *token; /* owned */
};

static struct spnego_server *server_of(struct mech *mech)
{
    return CONTAINER_OF(mech, struct spnego_server, mech);
}

static struct span list_of(const struct spnego_server *s)
{
    return (struct span){s->list, s->list_len};
}

static enum mech_next emit(struct spnego_server *s, const struct spnego_resp *resp,
                           enum mech_next next, struct mech_out *out)
{
    size_t room = resp->response_token.len + resp->supported_mech.len + resp->mech_list_mic.len +
                  SPNEGO_FRAME_MAX;

    free(s->token);
    s->token = malloc(room);
    if (!s->token) {
        (void)mech_refuse(out, LSMB_E_NOMEM, "out of memory");
        return MECH_FAIL;
    }
    struct der_wr w = der_to(s->token, room);
    spnego_resp_put(&w, resp);
    out->token = der_written(&w);
    return next;
}

/* Whether `inner` is the client's first choice; false with *listed false: it is no choice at
 * all. */
static bool is_first(const struct spnego_server *s, bool *listed)
{
    struct der_rd list = spnego_mech_list(list_of(s));
    bool first = true;

    *listed = false;
    while (der_more(&list)) {
        if (oid_same_mech(der_take(&list, DER_OID), s->inner->ops->oid)) {
            *listed = true;
            return first;
        }
        first = false;
    }
    return false;
}

static enum mech_next take_init(struct spnego_server *s, struct span in, struct mech_out *out)
{
    struct spnego_resp resp = {.has_state = true, .state = SPNEGO_ACCEPT_INCOMPLETE};
    struct spnego_init init;
    enum mech_next next = MECH_SEND;
    bool listed;

    if (!spnego_init_get(&init, in) || init.mech_types.len == 0) {
        (void)mech_refuse(out, LSMB_E_PROTOCOL, "the client's NegTokenInit is malformed");
        return MECH_FAIL;
    }
    s->list = malloc(init.mech_types.len);
    if (!s->list) {
        (void)mech_refuse(out, LSMB_E_NOMEM, "out of memory");
        return MECH_FAIL;
    }
    memcpy(s->list, init.mech_types.ptr, init.mech_types.len);
    s->list_len = init.mech_types.len;
    s->begun = true;

    bool first = is_first(s, &listed);
    if (!listed) {
        (void)mech_refuse(out, LSMB_E_AUTH, "no mechanism in common");
        return MECH_FAIL;
    }
    if (first) {
        next = s->inner->ops->step(s->inner, init.mech_token, out);
        resp.response_token = out->token;
    }
    s->mic_required = !first || s->opt.request_mic;
    resp.state = s->mic_required ? SPNEGO_REQUEST_MIC : SPNEGO_ACCEPT_INCOMPLETE;
    resp.supported_mech = s->inner->ops->oid;
    s->raw = s->opt.answer_raw;
    if (s->raw) {
        return next;
    }
    return next == MECH_SEND ? emit(s, &resp, MECH_SEND, out) : next;
}

/* The client's MIC, and ours in return. */
static enum mech_next finish(struct spnego_server *s, struct span client_mic, struct mech_out *out)
{
    struct spnego_resp resp = {.has_state = true, .state = SPNEGO_ACCEPT_COMPLETED};
    uint8_t mic[MECH_MIC_MAX];

    if (client_mic.len == 0 ? s->mic_required
                            : !s->inner->ops->check_mic(s->inner, list_of(s), client_mic)) {
        (void)mech_refuse(out, LSMB_E_AUTH, "the client's mechListMIC is missing or wrong");
        return MECH_FAIL;
    }
    if (client_mic.len > 0 && !s->opt.omit_mic) {
        resp.mech_list_mic = (struct span){mic, s->inner->ops->get_mic(s->inner, list_of(s), mic)};
        mic[8] ^= s->opt.wrong_mic;
    }
    if (s->opt.no_last_token) {
        out->token = (struct span){0};
        return MECH_DONE;
    }
    return emit(s, &resp, MECH_DONE, out);
}

static enum mech_next server_step(struct mech *mech, struct span in, struct mech_out *out)
{
    struct spnego_server *s = server_of(mech);
    struct spnego_resp got;

    *out = (struct mech_out){0};
    if (s->raw || (!s->begun && ntlm_is_message(in))) {
        s->raw = s->begun = true;
        return s->inner->ops->step(s->inner, in, out);
    }
    if (!s->begun) {
        return take_init(s, in, out);
    }
    if (!spnego_resp_get(&got, in)) {
        (void)mech_refuse(out, LSMB_E_PROTOCOL, "the client's NegTokenResp is malformed");
        return MECH_FAIL;
    }
    enum mech_next next = s->inner->ops->step(s->inner, got.response_token, out);
    if (next == MECH_DONE) {
        return finish(s, got.mech_list_mic, out);
    }
    struct spnego_resp resp = {
        .has_state = true, .state = SPNEGO_ACCEPT_INCOMPLETE, .response_token = out->token};
    return next == MECH_SEND ? emit(s, &resp, MECH_SEND, out) : next;
}

static bool server_session_key(struct mech *mech, struct secret *out)
{
    struct mech *inner = server_of(mech)->inner;

    return inner->ops->session_key(inner, out);
}

static size_t server_get_mic(struct mech *mech, struct span message,
                             uint8_t mic[static MECH_MIC_MAX])
{
    struct mech *inner = server_of(mech)->inner;

    return inner->ops->get_mic(inner, message, mic);
}

static bool server_check_mic(struct mech *mech, struct span message, struct span mic)
{
    struct mech *inner = server_of(mech)->inner;

    return inner->ops->check_mic(inner, message, mic);
}

static void server_free(struct mech *mech)
{
    struct spnego_server *s = server_of(mech);

    mech_free(s->inner);
    free(s->list);
    free(s->token);
    free(s);
}

static const struct mech_ops spnego_server_ops = {
    .name = "SPNEGO",
    .oid = OID_SPNEGO,
    .step = server_step,
    .session_key = server_session_key,
    .get_mic = server_get_mic,
    .check_mic = server_check_mic,
    .free = server_free,
};

struct mech *spnego_server_new(struct mech *inner, const struct spnego_server_options *opt)
{
    struct spnego_server *s = inner ? calloc(1, sizeof *s) : NULL;

    if (!s) {
        mech_free(inner);
        return NULL;
    }
    s->mech.ops = &spnego_server_ops;
    s->inner = inner;
    if (opt) {
        s->opt = *opt;
    }
    return &s->mech;
}

size_t spnego_server_hint(uint8_t out[static 128], struct span oid)
{
    uint8_t list[64];
    struct der_wr inner = der_to(list, sizeof list), w = der_to(out, 128);

    der_put_element(&inner, DER_OID, oid);
    der_put_header(&inner, DER_SEQUENCE, 0);
    struct spnego_init init = {.mech_types = der_written(&inner)};
    spnego_init_put(&w, &init);
    struct span written = der_written(&w);
    assert(written.len > 0);
    memmove(out, written.ptr, written.len);
    return written.len;
}
