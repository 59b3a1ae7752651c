#include "tools/entry_json.h"
#include "tools/location.h"

static const char *type_name(uint32_t attributes)
{
    if (attributes & LSMB_ATTR_REPARSE) {
        return "link";
    }
    return attributes & LSMB_ATTR_DIRECTORY ? "directory" : "file";
}

void entry_json(struct json *json, const char *path, const struct lsmb_stat *stat)
{
    json_begin_object(json);
    json_text(json, "path", path);
    json_text(json, "name", location_base(path));
    json_text(json, "type", type_name(stat->attributes));
    json_number(json, "bytes", stat->bytes);
    json_number(json, "allocated_bytes", stat->allocated_bytes);
    json_time(json, "created", stat->created);
    json_time(json, "accessed", stat->accessed);
    json_time(json, "written", stat->written);
    json_time(json, "changed", stat->changed);
    json_number(json, "attributes", stat->attributes);
    json_flag(json, "read_only", (stat->attributes & LSMB_ATTR_READONLY) != 0);
    json_flag(json, "hidden", (stat->attributes & LSMB_ATTR_HIDDEN) != 0);
    json_flag(json, "system", (stat->attributes & LSMB_ATTR_SYSTEM) != 0);
    json_flag(json, "archive", (stat->attributes & LSMB_ATTR_ARCHIVE) != 0);
    json_number(json, "file_id", stat->file_id);
    json_end_object(json);
}
