/*
 * A growing array of one type, on the heap:
 *
 *   GBX_VEC(int) v = {0};
 *   if (!gbx__vec_push(&v, 7)) return GBX_FAIL_NOMEM(err);
 *   for (size_t i = 0; i < v.len; i++) use(v.items[i]);
 *   gbx__vec_done(&v);
 */
#ifndef GBX_BASE_VEC_H
#define GBX_BASE_VEC_H

#include "base/alloc.h"

#include <stdbool.h>
#include <stddef.h>

#define GBX_VEC(type)                                                                              \
    struct {                                                                                       \
        type *items;                                                                               \
        size_t len;                                                                                \
        size_t capacity;                                                                           \
    }

/* Room for one more; false when memory is short. */
bool gbx__vec_grow(void *items_slot, size_t *capacity, size_t len, size_t item_size);

#define gbx__vec_push(vec, value)                                                                  \
    (gbx__vec_grow(&(vec)->items, &(vec)->capacity, (vec)->len, sizeof(*(vec)->items))             \
         ? ((vec)->items[(vec)->len++] = (value), true)                                            \
         : false)
#define gbx__vec_done(vec)                                                                         \
    (gbx__alloc_free((vec)->items), (vec)->items = NULL, (vec)->len = (vec)->capacity = 0)

#endif
