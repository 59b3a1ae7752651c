/* cmd_shares.c: list the shares of a server. */
#include "tools/connect.h"
#include "tools/json.h"
#include "tools/show.h"

#include <unistd.h>

/* MS-SRVS 2.2.2.4. */
enum { TYPE_MASK = 0x0FFFFFFF, TYPE_DISK = 0, TYPE_PRINTER = 1, TYPE_DEVICE = 2, TYPE_IPC = 3 };
#define TYPE_SPECIAL 0x80000000u

struct shares {
    struct json json;
    bool as_json, safe;
};

static const char *type_name(uint32_t type)
{
    switch (type & TYPE_MASK) {
    case TYPE_DISK: return "disk";
    case TYPE_PRINTER: return "printer";
    case TYPE_DEVICE: return "device";
    case TYPE_IPC: return "ipc";
    default: return "other";
    }
}

/* A lsmb_share_fn. */
static bool print_share(void *arg, const struct lsmb_share_entry *entry)
{
    struct shares *s = arg;

    if (s->as_json) {
        json_begin_object(&s->json);
        json_text(&s->json, "name", entry->name);
        json_text(&s->json, "type", type_name(entry->type));
        json_flag(&s->json, "special", (entry->type & TYPE_SPECIAL) != 0);
        json_text(&s->json, "comment", entry->comment);
        json_end_object(&s->json);
        return true;
    }
    show_name(stdout, entry->name, s->safe);
    (void)printf("\t%s\t", type_name(entry->type));
    show_name(stdout, entry->comment, s->safe);
    (void)putchar('\n');
    return true;
}

void cmd_shares(struct run *run)
{
    struct shares s = {.as_json = run->opt->json, .safe = isatty(STDOUT_FILENO) == 1};
    struct location where;
    struct refusal why = {""};
    struct lsmb_share *ipc = NULL;

    if (!connect_parse(run, 0, false, &where)) {
        goto done;
    }
    if (where.share && run->opt->n_args > 0) {
        (void)refuse(&why, "name the server alone: smb://USER@HOST");
        run_refuse(run, &why);
        goto done;
    }
    ipc = connect_share(run, &where);
    if (!ipc) {
        goto done;
    }
    json_begin(&s.json, stdout, s.as_json);
    if (!run_wait(run, lsmb_shares_start(ipc, print_share, &s, run_done, run))) {
        run_fail(run);
    }
    json_end(&s.json);
done:
    location_free(&where);
}
