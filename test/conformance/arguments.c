#include "test/conformance/arguments.h"
#include "tools/units.h"

#include <stdlib.h>
#include <string.h>

const char arguments_usage[] =
    "Usage: conformance [OPTIONS] smb://USER@HOST[:PORT]/SHARE[/FOLDER]\n"
    "Try a server with every dialect, signature, cipher, logon and transport.\n\n"
    "  --logons LIST        of ntlmv2, ntlmv1, guest and anonymous; default ntlmv2\n"
    "  --transports LIST    of tcp and nbt (NetBIOS sessions); default tcp\n"
    "  --nbt-port PORT      where NetBIOS sessions are taken; default 139\n"
    "  --bytes BYTES        of the file that is moved; default 300000\n"
    "  --json FILE          write the results there too\n"
    "  --password-file FILE, --credentials FILE, or LAVA_SMB_PASSWORD: as for lava-smb\n\n"
    "Exit status: 0 something worked and nothing failed, 1 otherwise, 2 usage.\n";

typedef const char *name_fn(unsigned i);

static const char *logon_name(unsigned i)
{
    return i < LOGON_COUNT ? logon_text((enum logon)i) : NULL;
}

static const char *transport_name(unsigned i)
{
    return i < TRANSPORT_COUNT ? transport_text((enum transport)i) : NULL;
}

/* Mark in `out` what a list names, and nothing else. */
static bool choose(const char *list, name_fn *name, bool *out, struct refusal *why)
{
    for (unsigned i = 0; name(i); i++) {
        out[i] = false;
    }
    while (*list) {
        size_t len = strcspn(list, ",");
        unsigned i = 0;
        while (name(i) && (strlen(name(i)) != len || strncmp(name(i), list, len) != 0)) {
            i++;
        }
        if (!name(i)) {
            return refuse(why, "unknown name '%.*s'", (int)(len < 40 ? len : 40), list);
        }
        out[i] = true;
        list += len;
        list += *list == ',';
    }
    return true;
}

static bool take_port(const char *text, uint16_t *port, struct refusal *why)
{
    char *end = NULL;
    unsigned long n = strtoul(text, &end, 10);

    *port = (uint16_t)n;
    return (*end == '\0' && n > 0 && n <= UINT16_MAX) || refuse(why, "'%.20s' is no port", text);
}

static bool take(struct arguments *out, const char *name, const char *value, struct refusal *why)
{
    const struct {
        const char *name, **text;
    } texts[] = {{"json", &out->json_file},
                 {"password-file", &out->password_file},
                 {"credentials", &out->credentials_file}};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (strcmp(texts[i].name, name) == 0) {
            *texts[i].text = value;
            return true;
        }
    }
    if (strcmp(name, "logons") == 0) {
        return choose(value, logon_name, out->logons, why);
    }
    if (strcmp(name, "transports") == 0) {
        return choose(value, transport_name, out->transports, why);
    }
    if (strcmp(name, "nbt-port") == 0) {
        return take_port(value, &out->nbt_port, why);
    }
    if (strcmp(name, "bytes") == 0) {
        return units_bytes(value, &out->bytes, why);
    }
    return refuse(why, "there is no option --%.40s", name);
}

bool arguments_parse(struct arguments *out, char **argv, struct refusal *why)
{
    *out = (struct arguments){.bytes = 300000, .nbt_port = 139};
    out->logons[LOGON_NTLMV2] = true;
    out->transports[TRANSPORT_TCP] = true;
    for (char **word = argv + 1; *word; word++) {
        if (strcmp(*word, "--help") == 0) {
            out->help = true;
            return true;
        }
        if (strncmp(*word, "--", 2) != 0) {
            if (out->url) {
                return refuse(why, "one URL is enough");
            }
            out->url = *word;
            continue;
        }
        if (!word[1]) {
            return refuse(why, "%.40s needs a value", *word);
        }
        if (!take(out, *word + 2, word[1], why)) {
            return false;
        }
        word++;
    }
    return out->url || refuse(why, "a URL is missing");
}
