/*
 * DuckDB's lossless export gives booleans as bytes (arrow.bool8), which few readers know. Each such
 * array is replaced in its parent by one of bits, which keeps the original for its validity and
 * releases it in the end.
 */
#include "duck/duck_priv.h"

#include "base/alloc.h"

#include <string.h>

typedef struct bool_array {
    struct ArrowArray original;
    const void *buffers[2];
    uint8_t bits[];
} bool_array;

static void bool_release(struct ArrowArray *self)
{
    bool_array *array = self->private_data;
    array->original.release(&array->original);
    gbx__alloc_free(array);
    self->release = NULL;
}

/* Eight bytes of 0 or 1 at a time: the multiplication gathers their lowest bits in the highest
 * byte. */
static void bool_pack(const uint8_t *bytes, size_t n, uint8_t *bits)
{
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        uint64_t eight;
        memcpy(&eight, bytes + i, sizeof(eight));
        eight &= UINT64_C(0x0101010101010101); /* the bytes of NULLs may hold anything */
        bits[i / 8] = (uint8_t)((eight * UINT64_C(0x0102040810204080)) >> 56);
    }
    if (i < n) bits[i / 8] = 0;
    for (; i < n; i++) bits[i / 8] |= (uint8_t)((bytes[i] & 1) << (i % 8));
}

static bool bool_replace(struct ArrowArray *array)
{
    const size_t n = (size_t)(array->offset + array->length);
    bool_array *packed = gbx__alloc_zero(sizeof(*packed) + (n + 7) / 8);
    if (!packed) return false;
    if (n > 0) bool_pack(array->buffers[1], n, packed->bits);
    packed->original = *array;
    packed->buffers[0] = array->buffers[0];
    packed->buffers[1] = packed->bits;
    array->buffers = packed->buffers;
    array->private_data = packed;
    array->release = bool_release;
    return true;
}

bool gbx__duck_pack_booleans(const struct ArrowSchema *schema, struct ArrowArray *array)
{
    if (strcmp(schema->format, "b") == 0) return bool_replace(array);
    for (int64_t i = 0; i < schema->n_children; i++)
        if (!gbx__duck_pack_booleans(schema->children[i], array->children[i])) return false;
    return true;
}
