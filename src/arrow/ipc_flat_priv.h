/*
 * Flatbuffers from strangers, looked up member by member. Every offset is checked against the bytes
 * before it is followed; what is not there is 0 (nothing can lie at 0).
 */
#ifndef GBX_ARROW_IPC_FLAT_PRIV_H
#define GBX_ARROW_IPC_FLAT_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct flat_bytes {
    const unsigned char *bytes;
    size_t len;
} flat_bytes;

static inline bool flat_has(const flat_bytes *flat, size_t at, size_t n)
{
    return at <= flat->len && n <= flat->len - at;
}

/* A little-endian number of n bytes; 0 where there are none. */
static inline uint64_t flat_number(const flat_bytes *flat, size_t at, size_t n)
{
    uint64_t number = 0;
    if (!flat_has(flat, at, n)) return 0;
    for (size_t i = 0; i < n; i++) number |= (uint64_t)flat->bytes[at + i] << (8 * i);
    return number;
}

/* Where a table's member lies; 0 when it is left out (nothing can lie at 0). */
static inline size_t flat_member(const flat_bytes *flat, size_t table, unsigned index)
{
    if (!flat_has(flat, table, 4)) return 0;
    const int64_t back = (int32_t)flat_number(flat, table, 4);
    const int64_t vtable = (int64_t)table - back;
    if (vtable < 0 || !flat_has(flat, (size_t)vtable, 4)) return 0;
    const size_t vtable_len = (size_t)flat_number(flat, (size_t)vtable, 2);
    const size_t slot = 4 + 2 * (size_t)index;
    if (slot + 2 > vtable_len) return 0;
    const size_t offset = (size_t)flat_number(flat, (size_t)vtable + slot, 2);
    return offset ? table + offset : 0;
}

/* The table that a member points to; 0 for none. */
static inline size_t flat_table(const flat_bytes *flat, size_t table, unsigned index)
{
    const size_t member = flat_member(flat, table, index);
    const size_t offset = member ? (size_t)flat_number(flat, member, 4) : 0;
    return offset && flat_has(flat, member, 4) && flat_has(flat, member + offset, 4)
               ? member + offset
               : 0;
}

/* A vector of pairs of numbers: nodes (length, nulls) and buffers (offset, length). */
typedef struct flat_pairs {
    size_t at;
    uint64_t n;
} flat_pairs;

#define PAIR_LEN 16

/* False when it does not lie in the message. */
static inline bool flat_find_pairs(const flat_bytes *flat, size_t table, unsigned index,
                                   flat_pairs *out)
{
    const size_t vector = flat_table(flat, table, index);
    *out = (flat_pairs){vector + 4, vector ? flat_number(flat, vector, 4) : 0};
    return out->n <= flat->len / PAIR_LEN && flat_has(flat, out->at, (size_t)out->n * PAIR_LEN);
}

static inline void flat_pair(const flat_bytes *flat, const flat_pairs *pairs, uint64_t i,
                             int64_t *a, int64_t *b)
{
    const size_t at = pairs->at + (size_t)i * PAIR_LEN;
    *a = (int64_t)flat_number(flat, at, 8);
    *b = (int64_t)flat_number(flat, at + 8, 8);
}

static inline int64_t flat_i64(const flat_bytes *flat, size_t table, unsigned index)
{
    const size_t member = flat_member(flat, table, index);
    return member ? (int64_t)flat_number(flat, member, 8) : 0;
}

/* A member that is a vector of tables: how many, and where each is; 0 when it is not there. */
static inline uint64_t flat_tables(const flat_bytes *flat, size_t table, unsigned index,
                                   size_t *vector)
{
    *vector = flat_table(flat, table, index);
    return *vector ? flat_number(flat, *vector, 4) : 0;
}

static inline size_t flat_table_at(const flat_bytes *flat, size_t vector, uint64_t i)
{
    const size_t slot = vector + 4 + 4 * (size_t)i;
    const size_t table = slot + (size_t)flat_number(flat, slot, 4);
    return flat_has(flat, slot, 4) && flat_has(flat, table, 4) ? table : 0;
}

#endif
