#include "base/ntstatus.h"

#include <stdio.h>
#include <stdlib.h>

static const struct nt_status_info table[] = {
#define X(status, name, code, meaning, advice) {status, code, "STATUS_" #name, meaning, advice},
#include "base/ntstatus_table.h"
#undef X
};

static int compare(const void *key, const void *row)
{
    uint32_t want = *(const uint32_t *)key, have = ((const struct nt_status_info *)row)->status;

    return (want > have) - (want < have);
}

const struct nt_status_info *nt_status_find(uint32_t status)
{
    return bsearch(&status, table, sizeof table / sizeof table[0], sizeof table[0], compare);
}

const char *nt_status_name(uint32_t status, char room[static 11])
{
    const struct nt_status_info *info = nt_status_find(status);

    if (info) {
        return info->name;
    }
    return snprintf(room, 11, "0x%08X", status) > 0 ? room : "";
}
