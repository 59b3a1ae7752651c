/* create_context.c: what the contexts of CREATE carry (MS-SMB2 2.2.13.2, 2.2.14.2). */
#include "proto/create_context.h"

enum {
    LEASE_V1_LEN = 32,
    LEASE_V2_LEN = 52,
    APP_INSTANCE_ID_LEN = 20,
    APP_INSTANCE_VERSION_LEN = 24,
};

/* All was there, and nothing else. */
static bool complete(const struct rd *r)
{
    return rd_ok(r) && rd_left(r) == 0;
}

/* ---------------------------------------------------------------- durable handles, version 1 */

void smb2_durable_request_put(struct wr *w)
{
    wr_zero(w, 16); /* DurableRequest: reserved */
}

bool smb2_durable_request_get(struct span data)
{
    return data.len == 16;
}

void smb2_durable_reply_put(struct wr *w)
{
    wr_zero(w, 8); /* Reserved */
}

bool smb2_durable_reply_get(struct span data)
{
    return data.len == 8;
}

void smb2_durable_reconnect_put(struct wr *w, struct smb2_file_id file)
{
    smb2_file_id_put(w, file);
}

bool smb2_durable_reconnect_get(struct smb2_file_id *out, struct span data)
{
    struct rd r = rd_from(data, 0);

    *out = smb2_file_id_get(&r);
    return complete(&r);
}

/* ---------------------------------------------------------------- version 2 */

void smb2_durable_v2_request_put(struct wr *w, const struct smb2_durable_v2_request *q)
{
    wr_u32(w, q->timeout_ms);
    wr_u32(w, q->flags);
    wr_zero(w, 8); /* Reserved */
    wr_bytes(w, q->create_guid, sizeof q->create_guid);
}

bool smb2_durable_v2_request_get(struct smb2_durable_v2_request *out, struct span data)
{
    struct rd r = rd_from(data, 0);

    out->timeout_ms = rd_u32(&r);
    out->flags = rd_u32(&r);
    rd_skip(&r, 8); /* Reserved */
    rd_bytes(&r, out->create_guid, sizeof out->create_guid);
    return complete(&r);
}

void smb2_durable_v2_reply_put(struct wr *w, const struct smb2_durable_v2_reply *a)
{
    wr_u32(w, a->timeout_ms);
    wr_u32(w, a->flags);
}

bool smb2_durable_v2_reply_get(struct smb2_durable_v2_reply *out, struct span data)
{
    struct rd r = rd_from(data, 0);

    out->timeout_ms = rd_u32(&r);
    out->flags = rd_u32(&r);
    return complete(&r);
}

void smb2_durable_v2_reconnect_put(struct wr *w, const struct smb2_durable_v2_reconnect *q)
{
    smb2_file_id_put(w, q->file);
    wr_bytes(w, q->create_guid, sizeof q->create_guid);
    wr_u32(w, q->flags);
}

bool smb2_durable_v2_reconnect_get(struct smb2_durable_v2_reconnect *out, struct span data)
{
    struct rd r = rd_from(data, 0);

    out->file = smb2_file_id_get(&r);
    rd_bytes(&r, out->create_guid, sizeof out->create_guid);
    out->flags = rd_u32(&r);
    return complete(&r);
}

/* ---------------------------------------------------------------- leases */

void smb2_lease_put(struct wr *w, const struct smb2_lease *lease)
{
    wr_bytes(w, lease->key, sizeof lease->key);
    wr_u32(w, lease->state);
    wr_u32(w, lease->flags);
    wr_u64(w, 0); /* LeaseDuration: reserved */
    if (lease->v2) {
        wr_bytes(w, lease->parent_key, sizeof lease->parent_key);
        wr_u16(w, lease->epoch);
        wr_u16(w, 0); /* Reserved */
    }
}

bool smb2_lease_get(struct smb2_lease *out, struct span data)
{
    struct rd r = rd_from(data, 0);

    *out = (struct smb2_lease){.v2 = data.len == LEASE_V2_LEN};
    rd_require(&r, out->v2 || data.len == LEASE_V1_LEN);
    rd_bytes(&r, out->key, sizeof out->key);
    out->state = rd_u32(&r);
    out->flags = rd_u32(&r);
    rd_skip(&r, 8); /* LeaseDuration */
    if (out->v2) {
        rd_bytes(&r, out->parent_key, sizeof out->parent_key);
        out->epoch = rd_u16(&r);
        rd_skip(&r, 2); /* Reserved */
    }
    return complete(&r);
}

/* ---------------------------------------------------------------- the others */

static bool u64_get(uint64_t *out, struct span data)
{
    struct rd r = rd_from(data, 0);

    *out = rd_u64(&r);
    return complete(&r);
}

void smb2_maximal_access_request_put(struct wr *w, uint64_t modified)
{
    if (modified != 0) {
        wr_u64(w, modified); /* Timestamp */
    }
}

bool smb2_maximal_access_request_get(uint64_t *modified, struct span data)
{
    *modified = 0;
    return data.len == 0 || u64_get(modified, data);
}

void smb2_allocation_size_put(struct wr *w, uint64_t bytes)
{
    wr_u64(w, bytes);
}

bool smb2_allocation_size_get(uint64_t *bytes, struct span data)
{
    return u64_get(bytes, data);
}

void smb2_timewarp_put(struct wr *w, uint64_t time)
{
    wr_u64(w, time);
}

bool smb2_timewarp_get(uint64_t *time, struct span data)
{
    return u64_get(time, data);
}

void smb2_app_instance_id_put(struct wr *w, const struct smb2_app_instance_id *q)
{
    wr_u16(w, APP_INSTANCE_ID_LEN); /* StructureSize */
    wr_u16(w, 0);                   /* Reserved */
    wr_bytes(w, q->id, sizeof q->id);
}

bool smb2_app_instance_id_get(struct smb2_app_instance_id *out, struct span data)
{
    struct rd r = rd_from(data, 0);

    rd_structure_size(&r, APP_INSTANCE_ID_LEN);
    rd_skip(&r, 2); /* Reserved */
    rd_bytes(&r, out->id, sizeof out->id);
    return complete(&r);
}

void smb2_app_instance_version_put(struct wr *w, const struct smb2_app_instance_version *q)
{
    wr_u16(w, APP_INSTANCE_VERSION_LEN); /* StructureSize */
    wr_zero(w, 6);                       /* Reserved, Padding */
    wr_u64(w, q->high);
    wr_u64(w, q->low);
}

bool smb2_app_instance_version_get(struct smb2_app_instance_version *out, struct span data)
{
    struct rd r = rd_from(data, 0);

    rd_structure_size(&r, APP_INSTANCE_VERSION_LEN);
    rd_skip(&r, 6); /* Reserved, Padding */
    out->high = rd_u64(&r);
    out->low = rd_u64(&r);
    return complete(&r);
}
