#include "proto/store/tally.h"

#include <string.h>

enum { ROOM_FIRST = 64, SLOTS_AN_ENTRY = 2 }; /* powers of 2 */

/* FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint64_t hash_name(const char *name)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (const char *at = name; *at; at++)
        hash = (hash ^ (uint8_t)*at) * UINT64_C(1099511628211);
    return hash;
}

/* Where it is, or the free slot where it would be. */
static uint32_t *find_slot(const struct tally *tally, const char *name, uint64_t hash)
{
    size_t mask = tally->room * SLOTS_AN_ENTRY - 1;
    for (size_t at = (size_t)(hash ^ hash >> 32) & mask;; at = (at + 1) & mask) {
        uint32_t *slot = &tally->slots[at];
        if (!*slot)
            return slot;
        const struct tally_entry *entry = &tally->entries[*slot - 1];
        if (entry->hash == hash && strcmp(entry->name, name) == 0)
            return slot;
    }
}

/* What it had until now stays in the arena: less than what it has then. */
static void make_room(struct tally *tally)
{
    const struct tally_entry *before = tally->entries;
    tally->room = tally->room ? tally->room * 2 : ROOM_FIRST;
    tally->entries = arena_array(&tally->arena, tally->room, sizeof *tally->entries);
    tally->slots = arena_array(&tally->arena, tally->room * SLOTS_AN_ENTRY, sizeof *tally->slots);
    for (size_t i = 0; i < tally->count; i++) {
        tally->entries[i] = before[i];
        *find_slot(tally, before[i].name, before[i].hash) = (uint32_t)i + 1;
    }
}

int64_t *tally_sums(struct tally *tally, const char *name)
{
    if (tally->count == tally->room)
        make_room(tally);
    uint64_t hash = hash_name(name);
    uint32_t *slot = find_slot(tally, name, hash);
    if (!*slot) {
        int64_t *sums = arena_array(&tally->arena, tally->width ? tally->width : 1, sizeof *sums);
        const char *copy = arena_text(&tally->arena, name, strlen(name));
        tally->entries[tally->count++] = (struct tally_entry){ copy, hash, sums };
        *slot = (uint32_t)tally->count;
    }
    return tally->entries[*slot - 1].sums;
}

const int64_t *tally_find(const struct tally *tally, const char *name)
{
    uint32_t slot = tally->room ? *find_slot(tally, name, hash_name(name)) : 0;
    return slot ? tally->entries[slot - 1].sums : NULL;
}

void tally_clear(struct tally *tally)
{
    arena_reset(&tally->arena);
    *tally = (struct tally){ .arena = tally->arena, .width = tally->width };
}

void tally_finish(struct tally *tally)
{
    arena_finish(&tally->arena);
    *tally = (struct tally){ 0 };
}
