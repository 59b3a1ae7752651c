#include "xfer/folder.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct folder *folder_new(int fd, const char *path)
{
    size_t bytes = strlen(path) + 1;
    struct folder *folder = malloc(sizeof *folder + bytes);

    if (!folder) {
        (void)close(fd);
        return NULL;
    }
    *folder = (struct folder){.fd = fd, .held = 1};
    memcpy(folder->path, path, bytes);
    return folder;
}

struct folder *folder_hold(struct folder *folder)
{
    folder->held++;
    return folder;
}

void folder_drop(struct folder *folder)
{
    if (folder && --folder->held == 0) {
        (void)close(folder->fd);
        free(folder);
    }
}
