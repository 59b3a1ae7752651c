/* cmd_get.c: copy files from a share. */
#include "tools/connect.h"
#include "tools/copy.h"

void cmd_get(struct run *run)
{
    struct copy copy = {.run = run};

    if (connect_parse(run, 0, true, &copy.from) && connect_parse_local(run, 1, &copy.to)) {
        copy_go(&copy);
    }
    copy_free(&copy);
}
