/* ea.c: extended attributes (FileFullEaInformation, MS-FSCC 2.4.16). */
#include "proto/ea.h"

enum {
    EA_LEN = 8,   /* before the name */
    EA_ALIGN = 4, /* of each entry */
    FILE_NEED_EA = 0x80,
};

bool file_full_ea_information_next(struct walk *list, struct file_full_ea_information *out)
{
    struct span entry;

    if (!walk_next_by(list, EA_LEN, EA_ALIGN, &entry)) {
        return false;
    }
    struct rd r = rd_from(entry, 4);
    out->need_ea = (rd_u8(&r) & FILE_NEED_EA) != 0;
    uint8_t name_len = rd_u8(&r);
    uint16_t value_len = rd_u16(&r);
    out->name = rd_take(&r, name_len);
    rd_require(&r, name_len > 0 && rd_u8(&r) == 0);
    rd_require(&r, rd_ok(&r) && !memchr(out->name.ptr, 0, out->name.len));
    out->value = rd_take(&r, value_len);
    return rd_ok(&r) || walk_refuse(list);
}

void file_full_ea_information_put(struct wr *w, const struct file_full_ea_information *info)
{
    (void)walk_put_by(w, EA_ALIGN);
    wr_u8(w, info->need_ea ? FILE_NEED_EA : 0);
    wr_size8(w, info->name.len);
    wr_size16(w, info->value.len);
    wr_span(w, info->name);
    wr_u8(w, 0);
    wr_span(w, info->value);
}
