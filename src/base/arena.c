#include "base/arena.h"

#include "base/alloc.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Under AddressSanitizer what is not handed out is poisoned, and a gap follows every piece, so that
 * an overrun inside a block is seen as it would be on the heap. */
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define ARENA_GAP ARENA_ALIGN
#else
#define ASAN_POISON_MEMORY_REGION(ptr, size) ((void)(ptr), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(ptr, size) ((void)(ptr), (void)(size))
#define ARENA_GAP ((size_t)0)
#endif

#define ARENA_ALIGN _Alignof(max_align_t)
#define ARENA_BLOCK_MIN ((size_t)4 * 1024)
#define ARENA_BLOCK_MAX ((size_t)256 * 1024)

typedef struct gbx__arena_block {
    struct gbx__arena_block *next;
    size_t used;
    size_t capacity; /* of data */
    max_align_t data[];
} arena_block;

void gbx__arena_init(gbx__arena *arena)
{
    *arena = (gbx__arena){0};
}

void gbx__arena_done(gbx__arena *arena)
{
    if (!arena) return;
    for (arena_block *block = arena->head; block;) {
        arena_block *next = block->next;
        ASAN_UNPOISON_MEMORY_REGION(block->data, block->capacity);
        gbx__alloc_free(block);
        block = next;
    }
    gbx__arena_init(arena);
}

/* Blocks double with what is there, so that small plans stay small and large ones take few. */
static size_t arena_block_capacity(const gbx__arena *arena, size_t need)
{
    size_t capacity = arena->total_bytes;
    if (capacity < ARENA_BLOCK_MIN) capacity = ARENA_BLOCK_MIN;
    if (capacity > ARENA_BLOCK_MAX) capacity = ARENA_BLOCK_MAX;
    return capacity < need ? need : capacity;
}

static arena_block *arena_block_new(gbx__arena *arena, size_t need)
{
    const size_t capacity = arena_block_capacity(arena, need);
    size_t size;
    if (!gbx__size_add(sizeof(arena_block), capacity, &size)) return NULL;
    arena_block *block = gbx__alloc_zero(size);
    if (!block) return NULL;
    block->capacity = capacity;
    ASAN_POISON_MEMORY_REGION(block->data, capacity);
    arena->total_bytes += size;

    /* A piece too large for any block has one of its own, behind the head: the head's rest stays
     * in use. */
    arena_block *head = arena->head;
    if (head && need > ARENA_BLOCK_MAX) {
        block->next = head->next;
        head->next = block;
    } else {
        block->next = head;
        arena->head = block;
    }
    return block;
}

static void *arena_fail(gbx__arena *arena)
{
    arena->failed = true;
    return NULL;
}

void *gbx__arena_alloc(gbx__arena *arena, size_t size)
{
    if (size > SIZE_MAX - 4 * ARENA_ALIGN) return arena_fail(arena);
    const size_t rounded = (size + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
    const size_t need = (rounded ? rounded : ARENA_ALIGN) + ARENA_GAP;

    arena_block *block = arena->head;
    if (!block || block->capacity - block->used < need) block = arena_block_new(arena, need);
    if (!block) return arena_fail(arena);
    char *piece = (char *)block->data + block->used;
    block->used += need;
    ASAN_UNPOISON_MEMORY_REGION(piece, size);
    return piece;
}

void *gbx__arena_array(gbx__arena *arena, size_t count, size_t size)
{
    size_t total;
    return gbx__size_mul(count, size, &total) ? gbx__arena_alloc(arena, total) : arena_fail(arena);
}

gbx__str gbx__arena_str(gbx__arena *arena, gbx__str s)
{
    size_t size;
    char *copy = gbx__size_add(s.len, 1, &size) ? gbx__arena_alloc(arena, size) : arena_fail(arena);
    if (!copy) return (gbx__str){NULL, 0};
    if (s.len) memcpy(copy, s.ptr, s.len);
    return (gbx__str){copy, s.len};
}

char *gbx__arena_cstr(gbx__arena *arena, const char *s)
{
    const size_t size = strlen(s) + 1;
    char *copy = gbx__arena_alloc(arena, size);
    return copy ? memcpy(copy, s, size) : NULL;
}

char *gbx__arena_printf(gbx__arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    const int len = vsnprintf(NULL, 0, format, args);
    va_end(args);

    char *text = len < 0 ? NULL : gbx__arena_alloc(arena, (size_t)len + 1);
    if (text) vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return text;
}
