/* cmd_cp.c: copy files from anywhere to anywhere, as long as one end is on a share. */
#include "tools/connect.h"
#include "tools/copy.h"

void cmd_cp(struct run *run)
{
    struct copy copy = {.run = run};

    if (connect_parse_any(run, 0, &copy.from) && connect_parse_any(run, 1, &copy.to)) {
        copy_go(&copy);
    }
    copy_free(&copy);
}
