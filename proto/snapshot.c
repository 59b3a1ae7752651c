/* snapshot.c: which snapshots of a volume there are (MS-SMB2 2.2.32.2, 2.2.31.1). */
#include "proto/snapshot.h"

void srv_snapshot_array_put(struct wr *w, const struct srv_snapshot_array *array)
{
    wr_u32(w, array->count);
    wr_u32(w, array->returned);
    wr_u32(w, array->array_size);
    wr_span(w, array->names);
}

bool srv_snapshot_array_get(struct srv_snapshot_array *out, struct span output)
{
    struct rd r = rd_from(output, 0);

    out->count = rd_u32(&r);
    out->returned = rd_u32(&r);
    out->array_size = rd_u32(&r);
    rd_require(&r, out->returned <= out->count);
    out->names = rd_take(&r, out->returned > 0 ? out->array_size : 0);
    return rd_ok(&r);
}

bool snapshot_is_name(const char *name)
{
    static const char form[] = "@GMT-####.##.##-##.##.##";

    for (size_t i = 0; i < SNAPSHOT_NAME_LEN; i++) {
        bool digit = name[i] >= '0' && name[i] <= '9';
        if (form[i] == '#' ? !digit : name[i] != form[i]) {
            return false;
        }
    }
    return name[SNAPSHOT_NAME_LEN] == '\0';
}

bool srv_snapshot_next(struct span *names, char name[static SNAPSHOT_NAME_LEN + 1])
{
    struct rd r = rd_from(*names, 0);

    for (size_t i = 0; i <= SNAPSHOT_NAME_LEN; i++) {
        uint16_t unit = rd_u16(&r); /* 0 behind the end, which no name has in it */
        rd_require(&r, unit < 0x80);
        name[i] = (char)(unit & 0x7F);
    }
    if (!rd_ok(&r) || !snapshot_is_name(name)) {
        return false;
    }
    *names = (struct span){names->ptr + r.pos, names->len - r.pos};
    return true;
}
