/*
 * Memory that dies together: blocks chained newest first, one free for all.
 *
 *   head ─→ [block 3 | used..... free] ─→ [block 2 | full] ─→ [block 1 | full]
 *
 * A plan, a query and a batch each own one. Nothing is freed singly. Memory is zeroed.
 * Thread safety: one thread at a time; what lies in it may be read by many once nobody allocates.
 */
#ifndef GBX_BASE_ARENA_H
#define GBX_BASE_ARENA_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct gbx__arena {
    struct gbx__arena_block *head;
    size_t total_bytes; /* of all blocks */
    bool failed;        /* memory was short once: what lies here may lack a part */
} gbx__arena;

void gbx__arena_init(gbx__arena *arena);
void gbx__arena_done(gbx__arena *arena);

/* Zeroed, aligned for any type; NULL when memory is short. */
void *gbx__arena_alloc(gbx__arena *arena, size_t size);
/* As above for `count` items of `size` bytes; NULL also when the product overflows. */
void *gbx__arena_array(gbx__arena *arena, size_t count, size_t size);
/* Copies with a NUL behind; ptr is NULL when memory is short. */
gbx__str gbx__arena_str(gbx__arena *arena, gbx__str s);
char *gbx__arena_cstr(gbx__arena *arena, const char *s);
char *gbx__arena_printf(gbx__arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#define GBX_ARENA_NEW(arena, type) ((type *)gbx__arena_alloc((arena), sizeof(type)))
#define GBX_ARENA_ARRAY(arena, count, type)                                                        \
    ((type *)gbx__arena_array((arena), (count), sizeof(type)))

#endif
