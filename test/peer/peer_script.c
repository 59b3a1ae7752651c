/* peer_script.c: exceptions that a test asked for. */
#include <limits.h>
#include <stdlib.h>

#include "test/peer/peer_core.h"

struct scripted {
    struct list node;
    struct peer_rule rule;
};

static struct scripted *scripted_of(struct list *node)
{
    return CONTAINER_OF(node, struct scripted, node);
}

void peer_script(struct peer *peer, const struct peer_rule *rule)
{
    struct scripted *s = peer_alloc(sizeof *s);

    s->rule = *rule;
    if (s->rule.times == 0) {
        s->rule.times = 1;
    }
    list_push_back(&peer->rules, &s->node);
}

void peer_unscript(struct peer *peer)
{
    struct list *node;

    while ((node = list_pop_front(&peer->rules))) {
        free(scripted_of(node));
    }
}

static bool fits(const struct peer_rule *rule, uint16_t command)
{
    return rule->command == command || rule->command == PEER_ANY_COMMAND;
}

struct peer_rule peer_pick_rule(struct peer *peer, const struct peer_seen *seen,
                                struct span message)
{
    const struct peer_rule *given =
        peer->on_request ? peer->on_request(peer->on_request_arg, seen, message) : NULL;

    if (given) {
        return *given;
    }
    LIST_EACH(node, &peer->rules)
    {
        struct peer_rule *rule = &scripted_of(node)->rule;
        if (!fits(rule, seen->header.command)) {
            continue;
        }
        if (rule->skip > 0) {
            rule->skip--;
            continue;
        }
        struct peer_rule picked = *rule;
        if (rule->times != UINT_MAX && --rule->times == 0) {
            list_remove(node);
            free(scripted_of(node));
        }
        return picked;
    }
    return (struct peer_rule){.command = PEER_ANY_COMMAND};
}
