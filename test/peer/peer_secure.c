/* peer_secure.c: signatures and transforms, the server's side. */
#include <assert.h>
#include <stdlib.h>

#include "proto/transform.h"
#include "test/peer/peer_core.h"

/* ---------------------------------------------------------------- coming in */

bool peer_unseal(struct peer_link *link, uint8_t *frame, size_t len, struct peer_session **by,
                 struct span *inner)
{
    struct smb2_transform transform;
    struct span aad;

    if (!smb2_transform_get(&transform, (struct span){frame, len})) {
        return false;
    }
    *by = peer_session_find(link, transform.session_id);
    if (!*by || !(*by)->from_client) {
        return false;
    }
    aad = (struct span){frame + SMB2_TRANSFORM_AAD_OFFSET, SMB2_TRANSFORM_AAD_LEN};
    *inner = (struct span){frame + SMB2_TRANSFORM_LEN, len - SMB2_TRANSFORM_LEN};
    return sealer_open((*by)->from_client, transform.nonce, aad, frame + SMB2_TRANSFORM_LEN,
                       inner->len, transform.signature);
}

static uint32_t refuse(struct peer_request *q, const char *why)
{
    peer_complain(q->link->peer, "%s %s", smb2_command_name(q->header.command), why);
    return (uint32_t)STATUS_ACCESS_DENIED;
}

/* MS-SMB2 3.3.5.2.4, 3.3.5.2.9, 3.3.5.2.11. */
uint32_t peer_check_protection(struct peer_request *q)
{
    const struct peer_session *session = q->session;
    bool demanded = session && session->encrypt;

    if (q->sealed || !session || !session->signer) {
        return STATUS_SUCCESS;
    }
    if ((q->header.flags & SMB2_FLAGS_SIGNED) && !q->verified) {
        return refuse(q, "has a wrong signature");
    }
    if (!session->established) {
        return STATUS_SUCCESS;
    }
    if (q->header.command == SMB2_SESSION_SETUP) { /* MS-SMB2 3.3.5.5.2 */
        return q->verified ? STATUS_SUCCESS : refuse(q, "of a session that is there is not signed");
    }
    if (q->related && q->chain->connected && !demanded && q->tree->encrypt) {
        return (uint32_t)STATUS_ACCESS_DENIED; /* its client could not know */
    }
    if (demanded || (q->tree && q->tree->encrypt)) {
        return refuse(q, "is not encrypted");
    }
    if (!q->verified && session->signing_required) {
        return refuse(q, "is not signed");
    }
    /* MS-SMB2 3.3.5.7 */
    if (!q->verified && q->header.command == SMB2_TREE_CONNECT &&
        q->link->dialect >= SMB2_DIALECT_311) {
        return refuse(q, "is not signed in dialect 3.1.1");
    }
    return STATUS_SUCCESS;
}

/* ---------------------------------------------------------------- going out */

static struct peer_reply *reply_of(struct list *node)
{
    return CONTAINER_OF(node, struct peer_reply, node);
}

static void put_header(struct peer_reply *reply)
{
    struct wr w = wr_from(reply->bytes, SMB2_HEADER_LEN);

    smb2_header_put(&w, &reply->header);
    assert(wr_ok(&w));
    w.pos = 0;
    wr_u32(&w, reply->protocol_id);
}

static void sign(struct peer_reply *reply)
{
    struct span message = {reply->bytes, reply->len};
    bool ok = signer_compute(reply->session->signer, message, reply->bytes + SMB2_SIGNATURE_OFFSET);

    assert(ok);
    (void)ok;
}

/* Sign one message, or make the mess of it that was asked for. */
static void sign_as_told(struct peer_reply *reply)
{
    uint8_t *signature = reply->bytes + SMB2_SIGNATURE_OFFSET;
    bool signs = reply->sign && (!reply->seal || reply->rule.protection == PEER_SIGNED_ONLY);

    if (!signs || reply->rule.protection == PEER_UNSIGNED || reply->rule.protection == PEER_PLAIN) {
        put_header(reply);
        return;
    }
    reply->header.flags |= SMB2_FLAGS_SIGNED;
    put_header(reply);
    sign(reply);
    switch (reply->rule.protection) {
    case PEER_STRIP_FLAG: reply->bytes[16] &= (uint8_t)~SMB2_FLAGS_SIGNED; break;
    case PEER_WRONG_MAC: signature[15] ^= 1; break;
    case PEER_ZERO_MAC: memset(signature, 0, SMB2_SIGNATURE_LEN); break;
    case PEER_ECHO_MAC: memcpy(signature, reply->request_signature, SMB2_SIGNATURE_LEN); break;
    case PEER_AS_AGREED:
    case PEER_UNSIGNED:
    case PEER_PLAIN:
    case PEER_SIGNED_ONLY: break;
    }
}

static bool seals(const struct peer_reply *reply)
{
    return reply->seal && reply->session && reply->session->to_client &&
           reply->rule.protection != PEER_PLAIN && reply->rule.protection != PEER_SIGNED_ONLY;
}

static void seal(struct peer_session *session, uint8_t *frame, size_t len)
{
    struct smb2_transform transform = {
        .original_message_size = (uint32_t)(len - SMB2_TRANSFORM_LEN), .session_id = session->id};
    struct wr nonce = wr_from(transform.nonce, sizeof transform.nonce);
    struct wr w = wr_from(frame, SMB2_TRANSFORM_LEN);
    struct span aad = {frame + SMB2_TRANSFORM_AAD_OFFSET, SMB2_TRANSFORM_AAD_LEN};

    wr_u64(&nonce, session->next_nonce++);
    smb2_transform_put(&w, &transform);
    bool ok = sealer_seal(session->to_client, transform.nonce, aad, frame + SMB2_TRANSFORM_LEN,
                          len - SMB2_TRANSFORM_LEN, transform.signature);
    assert(ok);
    (void)ok;
    w.pos = 0; /* once more, with the tag */
    smb2_transform_put(&w, &transform);
}

/* Everything but the last gets its NextCommand and is padded to 8.  Returns the bytes of all. */
static size_t chain_up(struct list *replies)
{
    size_t total = 0;

    LIST_EACH(node, replies)
    {
        struct peer_reply *reply = reply_of(node);
        if (reply->rule.edit) {
            reply->rule.edit(reply);
        }
        if (node->next != replies) {
            reply->len += (8 - reply->len % 8) % 8; /* what was left free is zeros */
            reply->header.next_command = (uint32_t)reply->len;
        }
        assert(reply->len <= reply->cap);
        sign_as_told(reply);
        total += reply->len;
    }
    return total;
}

/* MS-SMB2 3.3.4.1: all of a list in one frame. */
static void send_frame(struct peer_link *link, struct list *replies)
{
    const struct peer_reply *first = reply_of(replies->next);
    struct peer_rule rule = first->rule;
    struct peer_session *sealer = seals(first) ? first->session : NULL;
    size_t head = sealer ? SMB2_TRANSFORM_LEN : 0;
    size_t len = head + chain_up(replies), at = head;
    uint8_t *frame = peer_alloc(len);
    struct list *node;

    while ((node = list_pop_front(replies))) {
        struct peer_reply *reply = reply_of(node);
        memcpy(frame + at, reply->bytes, reply->len);
        if (reply->transcript) {
            (void)preauth_add(reply->transcript, (struct span){reply->bytes, reply->len});
        }
        at += reply->len;
        peer_reply_free(reply);
    }
    if (sealer) {
        seal(sealer, frame, len);
    }
    if (rule.tamper) {
        rule.tamper(frame, len);
    }
    peer_send_raw(link, (struct span){frame, len});
    if (rule.fate == PEER_TWICE) {
        peer_send_raw(link, (struct span){frame, len});
    }
    free(frame);
}

static void move_all(struct list *from, struct list *to)
{
    struct list *node;

    while ((node = list_pop_front(from))) {
        list_push_back(to, node);
    }
}

void peer_send_replies(struct peer_link *link, struct list *replies, bool split)
{
    struct list now, one;

    if (list_empty(replies)) {
        return;
    }
    if (reply_of(replies->prev)->rule.fate == PEER_JOIN) {
        move_all(replies, &link->joined);
        return;
    }
    list_init(&now);
    split = split && list_empty(&link->joined);
    move_all(&link->joined, &now);
    move_all(replies, &now);
    while (!list_empty(&now)) {
        list_init(&one);
        if (split) {
            list_push_back(&one, list_pop_front(&now));
        } else {
            move_all(&now, &one);
        }
        send_frame(link, &one);
    }
}
