/* nbns.c: packets of the NetBIOS name service (RFC 1002 4.2). */
#include "proto/nbns.h"

enum {
    CLASS_IN = 1,
    POINTER = 0xC0,        /* the two high bits of a length that is none (RFC 1002 4.1) */
    POINTER_OFFSET = 0x3F, /* and the rest of that byte */
    GROUP = 0x8000,        /* RFC 1002 4.2.13, 4.2.18 */
    ACTIVE = 0x0400,       /* RFC 1002 4.2.18 */
    STATISTICS_LEN = 46,
};

/* ---------------------------------------------------------------- packets */

void nbns_packet_put(struct wr *w, const struct nbns_packet *packet)
{
    wr_u16be(w, packet->id);
    wr_u16be(w, packet->flags);
    wr_u16be(w, packet->has_question);
    wr_u16be(w, packet->section == NBNS_ANSWER);
    wr_u16be(w, 0); /* NSCOUNT */
    wr_u16be(w, packet->section == NBNS_ADDITIONAL);
    if (packet->has_question) {
        nbss_name_put(w, &packet->question.name);
        wr_u16be(w, packet->question.type);
        wr_u16be(w, CLASS_IN);
    }
    if (packet->section == NBNS_NO_RECORD) {
        return;
    }
    if (packet->has_question) {
        wr_u16be(w, POINTER << 8 | NBNS_HEADER_LEN);
    } else {
        nbss_name_put(w, &packet->record.name);
    }
    wr_u16be(w, packet->record.type);
    wr_u16be(w, CLASS_IN);
    wr_u32be(w, packet->record.ttl);
    if (packet->record.data.len > UINT16_MAX) {
        w->bad = true;
    }
    wr_u16be(w, (uint16_t)packet->record.data.len);
    wr_span(w, packet->record.data);
}

/* A name, or a pointer to one that stands before it.  What a pointer leads to is a whole name and no
 * other pointer, so that nobody can send us round in circles. */
static struct nbss_name name_get(struct rd *r)
{
    struct rd pointer = *r;

    uint8_t high = rd_u8(&pointer);
    if ((high & POINTER) != POINTER) {
        return nbss_name_get(r);
    }
    size_t offset = (size_t)(high & POINTER_OFFSET) << 8 | rd_u8(&pointer);
    rd_require(&pointer, offset >= NBNS_HEADER_LEN && offset < r->pos);
    struct rd target = rd_from(pointer.msg, offset);
    struct nbss_name name = nbss_name_get(&target);
    rd_require(&pointer, rd_ok(&target));
    *r = pointer;
    return name;
}

static void record_get(struct rd *r, struct nbns_packet *out)
{
    out->record.name = name_get(r);
    out->record.type = rd_u16be(r);
    rd_require(r, rd_u16be(r) == CLASS_IN);
    out->record.ttl = rd_u32be(r);
    size_t length = rd_u16be(r);
    out->record.data = rd_take(r, length);
}

bool nbns_packet_get(struct nbns_packet *out, struct span msg)
{
    struct rd r = rd_from(msg, 0);

    *out = (struct nbns_packet){.id = rd_u16be(&r)};
    out->flags = rd_u16be(&r);
    uint16_t questions = rd_u16be(&r);
    uint16_t answers = rd_u16be(&r);
    uint16_t servers = rd_u16be(&r);
    uint16_t additional = rd_u16be(&r);
    rd_require(&r, questions <= 1);
    out->has_question = questions == 1;
    if (out->has_question) {
        out->question.name = name_get(&r);
        out->question.type = rd_u16be(&r);
        rd_require(&r, rd_u16be(&r) == CLASS_IN);
    }
    if (answers > 0) {
        out->section = NBNS_ANSWER;
    } else if (servers == 0 && additional > 0) {
        out->section = NBNS_ADDITIONAL;
    }
    if (out->section != NBNS_NO_RECORD) {
        record_get(&r, out);
    }
    return rd_ok(&r);
}

/* ---------------------------------------------------------------- the data of records */

void nbns_address_put(struct wr *w, const struct nbns_address *address)
{
    wr_u16be(w, address->group ? GROUP : 0);
    wr_u32be(w, address->address);
}

bool nbns_address_get(struct rd *r, struct nbns_address *out)
{
    out->group = (rd_u16be(r) & GROUP) != 0;
    out->address = rd_u32be(r);
    return rd_ok(r);
}

void nbns_status_put(struct wr *w, const struct nbns_node_name *names, unsigned count)
{
    wr_size8(w, count);
    for (unsigned i = 0; i < count; i++) {
        nbss_name_raw_put(w, &names[i].name);
        wr_u16be(w, (uint16_t)((names[i].group ? GROUP : 0) | (names[i].active ? ACTIVE : 0)));
    }
    wr_zero(w, STATISTICS_LEN);
}

unsigned nbns_status_count_get(struct rd *r)
{
    return rd_u8(r);
}

struct nbns_node_name nbns_node_name_get(struct rd *r)
{
    struct nbns_node_name node = {.name = nbss_name_raw_get(r)};
    uint16_t flags = rd_u16be(r);

    node.group = (flags & GROUP) != 0;
    node.active = (flags & ACTIVE) != 0;
    return node;
}
