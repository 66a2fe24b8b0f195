#include "base/map.h"

#include "base/alloc.h"
#include "base/hash.h"

#include <stdint.h>
#include <string.h>

/* Slots are a power of two and at most three quarters full, so every probe meets an empty one. */
#define MAP_SLOTS_MIN ((size_t)16)
#define MAP_ENTRIES_MAX ((size_t)UINT32_MAX - 1)

void gbx__map_init(gbx__map *map)
{
    *map = (gbx__map){0};
}

static void map_key_free(gbx__str key)
{
    gbx__alloc_free((char *)(uintptr_t)key.ptr); /* ours: gbx__alloc_dup made it */
}

void gbx__map_done(gbx__map *map)
{
    if (!map) return;
    for (size_t i = 0; i < map->len; i++) map_key_free(map->entries[i].key);
    gbx__alloc_free(map->entries);
    gbx__alloc_free(map->slots);
    gbx__map_init(map);
}

static size_t map_hash(gbx__str key)
{
    return (size_t)gbx__hash_bytes(key.ptr, key.len).lo;
}

/* The slot that holds the key, or the empty one where it would go. */
static size_t map_probe(const gbx__map *map, gbx__str key)
{
    const size_t mask = map->n_slots - 1;
    size_t slot = map_hash(key) & mask;
    while (map->slots[slot] != 0) {
        if (gbx__str_equal(map->entries[map->slots[slot] - 1].key, key)) break;
        slot = (slot + 1) & mask;
    }
    return slot;
}

static gbx__map_entry *map_find(const gbx__map *map, gbx__str key)
{
    if (map->len == 0) return NULL;
    const uint32_t index = map->slots[map_probe(map, key)];
    return index ? &map->entries[index - 1] : NULL;
}

static bool map_grow_slots(gbx__map *map)
{
    if (map->len < map->n_slots / 4 * 3) return true;
    const size_t n_slots = map->n_slots ? map->n_slots * 2 : MAP_SLOTS_MIN;
    size_t size;
    if (!gbx__size_mul(n_slots, sizeof(*map->slots), &size)) return false;
    uint32_t *slots = gbx__alloc_zero(size);
    if (!slots) return false;

    gbx__alloc_free(map->slots);
    map->slots = slots;
    map->n_slots = n_slots;
    for (size_t i = 0; i < map->len; i++) {
        map->slots[map_probe(map, map->entries[i].key)] = (uint32_t)(i + 1);
    }
    return true;
}

static bool map_grow_entries(gbx__map *map)
{
    if (map->len < map->capacity) return true;
    const size_t capacity = map->capacity ? map->capacity * 2 : MAP_SLOTS_MIN;
    size_t size;
    if (!gbx__size_mul(capacity, sizeof(*map->entries), &size)) return false;
    gbx__map_entry *entries = gbx__alloc_resize(map->entries, size);
    if (!entries) return false;
    map->entries = entries;
    map->capacity = capacity;
    return true;
}

bool gbx__map_set(gbx__map *map, gbx__str key, void *value)
{
    gbx__map_entry *entry = map_find(map, key);
    if (entry) {
        entry->value = value;
        return true;
    }
    if (map->len >= MAP_ENTRIES_MAX) return false;
    if (!map_grow_slots(map) || !map_grow_entries(map)) return false;
    char *copy = gbx__alloc_dup(key.ptr, key.len);
    if (!copy) return false;
    map->slots[map_probe(map, key)] = (uint32_t)(map->len + 1);
    map->entries[map->len++] = (gbx__map_entry){{copy, key.len}, value};
    return true;
}

void *gbx__map_get(const gbx__map *map, gbx__str key)
{
    const gbx__map_entry *entry = map_find(map, key);
    return entry ? entry->value : NULL;
}

bool gbx__map_has(const gbx__map *map, gbx__str key)
{
    return map_find(map, key) != NULL;
}
