/* fuzz_names.c: names on their way to a share and back.
 *
 * Target functions: names_to_share, name_from_share, name_hash.
 *
 * The input: a byte that chooses enum lsmb_names, the name.  No seeds are needed. */
#include "xfer/names_map.h"

#include <stdlib.h>
#include <string.h>

#include "xfer/name_set.h"

enum { NAME_BYTES = 512 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_name(const char *name)
{
    return name[0] && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static void must(bool ok)
{
    if (!ok) {
        abort();
    }
}

/* What a server lists becomes a name, or stays none. */
static void check_from(const char *name, enum lsmb_names names)
{
    char here[NAME_BYTES + 1];

    name_from_share(here, name, names);
    must(strlen(here) <= strlen(name));
    must(is_name(here) == is_name(name));
}

/* A name that goes to a share comes back, and one that came from there goes back to where it was. */
static void check_to(const char *name, enum lsmb_names names)
{
    char there[3 * NAME_BYTES + 1], back[3 * NAME_BYTES + 1], again[9 * NAME_BYTES + 1];

    must(names_to_share(there, name, names) == strlen(there));
    name_from_share(back, there, names);
    must(strchr(name, '\xEF') || strcmp(back, name) == 0);
    (void)names_to_share(again, back, names);
    must(strcmp(again, there) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct name_key key = {{1, 2}};
    char name[NAME_BYTES + 1];

    if (size < 2 || size > NAME_BYTES) {
        return 0;
    }
    enum lsmb_names names = (enum lsmb_names)(data[0] % 3);
    memcpy(name, data + 1, size - 1);
    name[size - 1] = '\0';
    check_from(name, names);
    if (is_name(name)) {
        check_to(name, names);
    }
    (void)name_hash(&key, name, true);
    return 0;
}
