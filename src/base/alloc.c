#include "base/alloc.h"

#include "base/fault.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* malloc(0) may give NULL, which callers would take for a failure. */
static size_t alloc_size(size_t size)
{
    return size ? size : 1;
}

/* No object is larger than PTRDIFF_MAX; to ask for one is an error that sanitizers report. */
static bool alloc_fails(size_t size)
{
    return size > PTRDIFF_MAX || gbx__fault_hit(GBX_FAULT_ALLOC);
}

void *gbx__alloc(size_t size)
{
    return alloc_fails(size) ? NULL : malloc(alloc_size(size));
}

void *gbx__alloc_zero(size_t size)
{
    return alloc_fails(size) ? NULL : calloc(1, alloc_size(size));
}

void *gbx__alloc_resize(void *block, size_t size)
{
    return alloc_fails(size) ? NULL : realloc(block, alloc_size(size));
}

void gbx__alloc_free(void *block)
{
    free(block);
}

char *gbx__alloc_dup(const char *bytes, size_t len)
{
    size_t size;
    if (!gbx__size_add(len, 1, &size)) return NULL;
    char *copy = gbx__alloc(size);
    if (!copy) return NULL;
    if (len) memcpy(copy, bytes, len);
    copy[len] = '\0';
    return copy;
}

bool gbx__size_mul(size_t a, size_t b, size_t *out)
{
    size_t product;
    if (__builtin_mul_overflow(a, b, &product)) return false;
    *out = product;
    return true;
}

bool gbx__size_add(size_t a, size_t b, size_t *out)
{
    size_t sum;
    if (__builtin_add_overflow(a, b, &sum)) return false;
    *out = sum;
    return true;
}
