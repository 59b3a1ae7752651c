#include "aws/credentials.h"

#include <stdlib.h>
#include <string.h>

#include "aws/small_file.h"

bool credentials_copy(struct credentials *credentials, const char *access_key,
                      const char *secret_key, const char *token)
{
    struct credentials new = {.access_key = strdup(access_key),
                              .token = token ? strdup(token) : NULL};
    bool all =
        new.access_key && (new.token || !token) && secret_set(&new.secret_key, span_of(secret_key));

    credentials_move(credentials, &new);
    if (!all) {
        credentials_free(credentials);
    }
    return all;
}

void credentials_move(struct credentials *to, struct credentials *from)
{
    credentials_free(to);
    *to = *from;
    *from = (struct credentials){0};
}

void credentials_free(struct credentials *credentials)
{
    free(credentials->access_key);
    secret_wipe(&credentials->secret_key);
    small_text_free(credentials->token);
    *credentials = (struct credentials){0};
}
