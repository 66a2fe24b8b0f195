#include "base/vec.h"

#include <string.h>

bool gbx__vec_grow(void *items_slot, size_t *capacity, size_t len, size_t item_size)
{
    if (len < *capacity) return true;
    size_t wanted;
    size_t size;
    if (!gbx__size_mul(*capacity, 2, &wanted)) return false;
    if (wanted < 8) wanted = 8;
    if (!gbx__size_mul(wanted, item_size, &size)) return false;

    /* The slot is a `type *` of a type unknown here: read and written as bytes, for aliasing. */
    void *items;
    memcpy(&items, items_slot, sizeof(items));
    items = gbx__alloc_resize(items, size);
    if (!items) return false;
    memcpy(items_slot, &items, sizeof(items));
    *capacity = wanted;
    return true;
}
