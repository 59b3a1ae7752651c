/* cmd_put.c: copy files to a share. */
#include "tools/connect.h"
#include "tools/copy.h"

void cmd_put(struct run *run)
{
    struct copy copy = {.run = run};

    if (connect_parse_local(run, 0, &copy.from) && connect_parse(run, 1, true, &copy.to)) {
        copy_go(&copy);
    }
    copy_free(&copy);
}
