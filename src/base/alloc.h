/*
 * The one door to the heap. Everything that Gearbox allocates comes through here, so a test can
 * make the n-th allocation fail (base/fault.h) and a leak has one place to be seen.
 *
 * All return NULL when memory is short; sizes are bytes; a size of 0 gives a valid pointer.
 * Thread safety: any thread.
 */
#ifndef GBX_BASE_ALLOC_H
#define GBX_BASE_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

void *gbx__alloc(size_t size);
void *gbx__alloc_zero(size_t size);
/* As realloc: on failure NULL, and the old block is untouched. */
void *gbx__alloc_resize(void *block, size_t size);
void gbx__alloc_free(void *block);
/* A copy of `len` bytes with a NUL behind them. */
char *gbx__alloc_dup(const char *bytes, size_t len);

/* a*b and a+b, false when they would pass SIZE_MAX (out untouched). */
bool gbx__size_mul(size_t a, size_t b, size_t *out);
bool gbx__size_add(size_t a, size_t b, size_t *out);

#endif
