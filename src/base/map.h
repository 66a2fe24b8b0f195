/*
 * Text → pointer, open addressing, insertion order kept for iteration. Keys are copied.
 */
#ifndef GBX_BASE_MAP_H
#define GBX_BASE_MAP_H

#include "base/str.h"

typedef struct gbx__map_entry {
    gbx__str key; /* the map's own copy, NUL-terminated */
    void *value;
} gbx__map_entry;

typedef struct gbx__map {
    gbx__map_entry *entries; /* in order of insertion */
    size_t len;
    size_t capacity;
    uint32_t *slots; /* entry index + 1; 0 is empty */
    size_t n_slots;
} gbx__map;

void gbx__map_init(gbx__map *map);
void gbx__map_done(gbx__map *map);
/* Replaces the value of a key that is there; false when memory is short. */
bool gbx__map_set(gbx__map *map, gbx__str key, void *value);
/* NULL when absent (or when NULL was stored: ask _has). */
void *gbx__map_get(const gbx__map *map, gbx__str key);
bool gbx__map_has(const gbx__map *map, gbx__str key);

#endif
