/* multi_negotiate.c: the SMB1 NEGOTIATE that asks for SMB2 (MS-CIFS 2.2.3.1, 2.2.4.52.1). */
#include "proto/multi_negotiate.h"

/* MS-CIFS 2.2.3.1. */
enum {
    SMB_COM_NEGOTIATE = 0x72,
    SMB_FLAGS_CASE_INSENSITIVE = 0x08,
    SMB_FLAGS_CANONICALIZED_PATHS = 0x10,
    SMB_FLAGS2_LONG_NAMES = 0x0001,
    SMB_FLAGS2_EXTENDED_SECURITY = 0x0800, /* MS-SMB 2.2.3.1 */
    SMB_FLAGS2_NT_STATUS = 0x4000,
    SMB_FLAGS2_UNICODE = 0x8000,
    TID_NONE = 0xFFFF,
    BUFFER_FORMAT_DIALECT = 0x02, /* MS-CIFS 2.2.2.5 */
    AFTER_FLAGS2 = 12,            /* PIDHigh, SecurityFeatures, Reserved */
};

/* A dialect ends in a NUL. */
static void dialect_put(struct wr *w, const char *name)
{
    wr_u8(w, BUFFER_FORMAT_DIALECT);
    wr_span(w, span_of(name));
    wr_u8(w, 0);
}

void multi_negotiate_request_put(struct wr *w, const struct multi_negotiate_request *q)
{
    wr_u32(w, SMB1_PROTOCOL_ID);
    wr_u8(w, SMB_COM_NEGOTIATE);
    wr_u32(w, 0); /* Status */
    wr_u8(w, SMB_FLAGS_CASE_INSENSITIVE | SMB_FLAGS_CANONICALIZED_PATHS);
    wr_u16(w, SMB_FLAGS2_LONG_NAMES | SMB_FLAGS2_EXTENDED_SECURITY | SMB_FLAGS2_NT_STATUS |
                  SMB_FLAGS2_UNICODE);
    wr_zero(w, AFTER_FLAGS2);
    wr_u16(w, TID_NONE);
    wr_u16(w, 0); /* PIDLow */
    wr_u16(w, 0); /* UID */
    wr_u16(w, 0); /* MID */
    wr_u8(w, 0);  /* WordCount */
    size_t count = w->pos;
    wr_u16(w, 0); /* ByteCount */
    if (q->smb_2_002) {
        dialect_put(w, "SMB 2.002");
    }
    if (q->smb_2_xxx) {
        dialect_put(w, "SMB 2.???");
    }
    wr_patch(w, count, w->pos - count - 2, 2);
}

/* One dialect without its NUL. */
static void dialect_take(struct multi_negotiate_request *out, struct rd *r)
{
    size_t len = 0;

    rd_require(r, rd_u8(r) == BUFFER_FORMAT_DIALECT);
    struct rd name = *r;
    while (rd_u8(r) != 0) {
        len++;
    }
    struct span dialect = rd_take(&name, len);
    if (!rd_ok(r)) {
        return;
    }
    if (span_equal(dialect, span_of("SMB 2.002"))) {
        out->smb_2_002 = true;
    } else if (span_equal(dialect, span_of("SMB 2.???"))) {
        out->smb_2_xxx = true;
    } else {
        out->others++;
    }
}

bool multi_negotiate_request_get(struct multi_negotiate_request *out, struct span msg)
{
    struct rd r = rd_from(msg, 0);

    *out = (struct multi_negotiate_request){0};
    rd_require(&r, rd_u32(&r) == SMB1_PROTOCOL_ID);
    rd_require(&r, rd_u8(&r) == SMB_COM_NEGOTIATE);
    rd_skip(&r, SMB1_HEADER_LEN - 5);
    rd_require(&r, rd_u8(&r) == 0); /* WordCount */
    uint16_t count = rd_u16(&r);
    rd_require(&r, count == rd_left(&r));
    while (rd_ok(&r) && rd_left(&r) > 0) {
        dialect_take(out, &r);
    }
    return rd_ok(&r);
}
