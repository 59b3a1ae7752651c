#include "xfer/name_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/upcase.h"
#include "proto/utf16.h"

enum { ROOM_FIRST = 16, NAME_UNITS = 512 };

/* ---------------------------------------------------------------- SipHash-2-4 (Aumasson, Bernstein) */

struct sip {
    uint64_t v[4];
};

static uint64_t rotate(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

static void sip_round(struct sip *s)
{
    uint64_t *v = s->v;

    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

static void sip_take(struct sip *s, uint64_t word)
{
    s->v[3] ^= word;
    sip_round(s);
    sip_round(s);
    s->v[0] ^= word;
}

static uint64_t sip_hash(const struct name_key *key, struct span bytes)
{
    struct sip s = {{key->k[0] ^ 0x736f6d6570736575, key->k[1] ^ 0x646f72616e646f6d,
                     key->k[0] ^ 0x6c7967656e657261, key->k[1] ^ 0x7465646279746573}};
    uint64_t word = 0;

    for (size_t i = 0; i < bytes.len; i++) {
        word |= (uint64_t)bytes.ptr[i] << 8 * (i % 8);
        if (i % 8 == 7) {
            sip_take(&s, word);
            word = 0;
        }
    }
    sip_take(&s, word | (uint64_t)bytes.len << 56);
    s.v[2] ^= 0xFF;
    for (unsigned i = 0; i < 4; i++) {
        sip_round(&s);
    }
    return s.v[0] ^ s.v[1] ^ s.v[2] ^ s.v[3];
}

uint64_t name_hash(const struct name_key *key, const char *name, bool fold)
{
    uint8_t room[2 * NAME_UNITS];
    size_t need = 0;

    /* What is no name for a share is not folded: it fails there by itself. */
    if (!fold || !utf16_from_utf8(room, sizeof room, &need, span_of(name))) {
        return sip_hash(key, span_of(name));
    }
    for (size_t i = 0; i + 1 < need; i += 2) {
        uint16_t unit = upcase_utf16((uint16_t)(room[i] | room[i + 1] << 8));
        room[i] = (uint8_t)unit;
        room[i + 1] = (uint8_t)(unit >> 8);
    }
    return sip_hash(key, (struct span){room, need});
}

/* ---------------------------------------------------------------- the set */

/* Where `hash` is, or would be. */
static size_t place_of(const uint64_t *slots, size_t room, uint64_t hash)
{
    size_t at = (size_t)hash & (room - 1);

    while (slots[at] != 0 && slots[at] != hash) {
        at = (at + 1) & (room - 1);
    }
    return at;
}

static bool grow(struct name_set *set)
{
    size_t room = set->room ? set->room * 2 : ROOM_FIRST;
    uint64_t *slots = calloc(room, sizeof *slots);

    if (!slots) {
        return false;
    }
    for (size_t i = 0; i < set->room; i++) {
        if (set->slots[i] != 0) {
            slots[place_of(slots, room, set->slots[i])] = set->slots[i];
        }
    }
    free(set->slots);
    set->slots = slots;
    set->room = room;
    return true;
}

enum name_added name_set_add(struct name_set *set, uint64_t hash)
{
    hash += hash == 0; /* which means free */
    if (set->count + 1 > set->room / 4 * 3 && !grow(set)) {
        return NAME_NO_MEMORY;
    }
    size_t at = place_of(set->slots, set->room, hash);
    if (set->slots[at] == hash) {
        return NAME_THERE;
    }
    set->slots[at] = hash;
    set->count++;
    return NAME_NEW;
}

bool name_set_has(const struct name_set *set, uint64_t hash)
{
    hash += hash == 0;
    return set->room > 0 && set->slots[place_of(set->slots, set->room, hash)] == hash;
}

void name_set_free(struct name_set *set)
{
    free(set->slots);
    *set = (struct name_set){0};
}
