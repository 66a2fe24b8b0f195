/* Values of a VARIANT (arrow.parquet.variant): a struct of two binaries, `metadata` and `value`. */
#ifndef GBX_RESULT_VARIANT_PRIV_H
#define GBX_RESULT_VARIANT_PRIV_H

#include "result/column.h"

typedef enum result_variant_kind {
    RESULT_VARIANT_NULL,
    RESULT_VARIANT_SCALAR, /* `scalar` holds it, at row 0 */
    RESULT_VARIANT_TEXT,
    RESULT_VARIANT_BINARY,
    RESULT_VARIANT_OBJECT,
    RESULT_VARIANT_ARRAY
} result_variant_kind;

/* One value inside the bytes of a VARIANT. */
typedef struct result_variant {
    gbx__str metadata;
    gbx__str value; /* from its first byte on; what follows may be another's */
    result_variant_kind kind;
    gbx__column scalar;
    gbx__str bytes; /* of TEXT and BINARY */
    uint32_t count; /* members or items */
    int id_size, offset_size;
    const char *ids; /* of an object's names */
    const char *offsets;
    gbx__str items;
} result_variant;

/* False when the bytes are broken. */
bool result_variant_open(gbx__str metadata, gbx__str value, result_variant *out);
bool result_variant_item(const result_variant *variant, uint32_t index, result_variant *out);
/* The name of an object's member. */
bool result_variant_name(const result_variant *variant, uint32_t index, gbx__str *out);

/* The value of a column of VARIANTs; false when it is broken. */
bool result_variant_at(const gbx__column *column, int64_t row, result_variant *out);

/* The walk through a value's parts. Each part has a byte of its own in an honest value; in another
 * one, parts can lie on each other, and a few bytes could hold a world of them. */
typedef struct result_variant_walk {
    int depth;
    size_t parts_left;
} result_variant_walk;

result_variant_walk result_variant_walk_of(const result_variant *variant);
/* Goes into a part; false when that is too deep, or one part too many. */
bool result_variant_enter(result_variant_walk *walk);
void result_variant_leave(result_variant_walk *walk);

#endif
