/*
 * The encoding of Parquet's VARIANT. Source: VariantEncoding.md of apache/parquet-format.
 *
 *   metadata  [header | n | offsets 0..n | names]
 *   value     [header | payload]; the header's two low bits: primitive, short text, object, array
 *   object    [header | n | ids | offsets 0..n | values]      array without the ids
 *
 * All bytes are checked against their end: they come from files.
 */
#include "result/variant_priv.h"
#include "result/text_priv.h"

#define VARIANT_MAX_DEPTH 64

static bool variant_uint(gbx__str bytes, size_t at, int size, uint32_t *out)
{
    if (at > bytes.len || bytes.len - at < (size_t)size) return false;
    uint32_t value = 0;
    for (int i = size; i > 0; i--) {
        value = value << 8 | (unsigned char)bytes.ptr[at + (size_t)i - 1];
    }
    *out = value;
    return true;
}

static bool variant_slice(gbx__str bytes, size_t at, size_t len, gbx__str *out)
{
    if (at > bytes.len || bytes.len - at < len) return false;
    *out = (gbx__str){bytes.ptr + at, len};
    return true;
}

/* A primitive is read by the column reader of its type, as a column of one row. */
typedef struct variant_primitive {
    gbx__column_kind kind;
    int32_t width;
    int32_t fraction;
    bool has_zone;
} variant_primitive;

static const variant_primitive variant_primitives[] = {
    [1] = {GBX_COLUMN_BOOL8, 0, 0, false},
    [2] = {GBX_COLUMN_BOOL8, 0, 0, false},
    [3] = {GBX_COLUMN_INT8, 1, 0, false},
    [4] = {GBX_COLUMN_INT16, 2, 0, false},
    [5] = {GBX_COLUMN_INT32, 4, 0, false},
    [6] = {GBX_COLUMN_INT64, 8, 0, false},
    [7] = {GBX_COLUMN_FLOAT64, 8, 0, false},
    [8] = {GBX_COLUMN_DECIMAL, 4, 0, false},
    [9] = {GBX_COLUMN_DECIMAL, 8, 0, false},
    [10] = {GBX_COLUMN_DECIMAL, 16, 0, false},
    [11] = {GBX_COLUMN_DATE, 4, 0, false},
    [12] = {GBX_COLUMN_TIMESTAMP, 8, 6, true},
    [13] = {GBX_COLUMN_TIMESTAMP, 8, 6, false},
    [14] = {GBX_COLUMN_FLOAT32, 4, 0, false},
    [17] = {GBX_COLUMN_TIME, 8, 6, false},
    [18] = {GBX_COLUMN_TIMESTAMP, 8, 9, true},
    [19] = {GBX_COLUMN_TIMESTAMP, 8, 9, false},
    [20] = {GBX_COLUMN_UUID, 16, 0, false},
};

enum { VARIANT_TRUE = 1, VARIANT_BINARY = 15, VARIANT_TEXT = 16 };

static bool variant_open_scalar(unsigned type, result_variant *out)
{
    static const char truth[] = {0, 1};
    if (type >= sizeof(variant_primitives) / sizeof(variant_primitives[0])) return false;
    const variant_primitive *primitive = &variant_primitives[type];
    gbx__column *column = &out->scalar;
    size_t skip = 1;
    if (primitive->kind == GBX_COLUMN_NULL) return false;
    *column = (gbx__column){.kind = primitive->kind,
                            .width = primitive->width,
                            .fraction = primitive->fraction,
                            .has_zone = primitive->has_zone,
                            .precision = 38,
                            .length = 1};
    if (column->kind == GBX_COLUMN_DECIMAL) {
        uint32_t scale;
        if (!variant_uint(out->value, 1, 1, &scale) || scale > 38) return false;
        column->scale = (int32_t)scale;
        skip = 2;
    }
    gbx__str bytes;
    if (!variant_slice(out->value, skip, (size_t)column->width, &bytes)) return false;
    column->data = column->kind == GBX_COLUMN_BOOL8 ? &truth[type == VARIANT_TRUE] : bytes.ptr;
    out->kind = RESULT_VARIANT_SCALAR;
    return result_text_number(column) || result_text_time(column) || result_text_bytes(column);
}

static bool variant_open_primitive(unsigned type, result_variant *out)
{
    uint32_t len;
    if (type == 0) {
        out->kind = RESULT_VARIANT_NULL;
        return true;
    }
    if (type != VARIANT_BINARY && type != VARIANT_TEXT) return variant_open_scalar(type, out);
    out->kind = type == VARIANT_TEXT ? RESULT_VARIANT_TEXT : RESULT_VARIANT_BINARY;
    return variant_uint(out->value, 1, 4, &len) && variant_slice(out->value, 5, len, &out->bytes);
}

/* `header`: the six upper bits. An object has ids before its offsets. */
static bool variant_open_nested(unsigned header, result_variant *out)
{
    const bool is_object = out->kind == RESULT_VARIANT_OBJECT;
    const bool is_large = header >> (is_object ? 4 : 2) & 1;
    const int count_size = is_large ? 4 : 1;
    size_t at = 1;
    gbx__str part;
    out->offset_size = (int)(header & 3) + 1;
    out->id_size = is_object ? (int)(header >> 2 & 3) + 1 : 0;
    if (!variant_uint(out->value, at, count_size, &out->count)) return false;
    at += (size_t)count_size;
    const size_t ids = (size_t)out->count * (size_t)out->id_size;
    if (!variant_slice(out->value, at, ids, &part)) return false;
    out->ids = part.ptr;
    at += ids;
    const size_t offsets = ((size_t)out->count + 1) * (size_t)out->offset_size;
    if (!variant_slice(out->value, at, offsets, &part)) return false;
    out->offsets = part.ptr;
    at += offsets;
    return variant_slice(out->value, at, out->value.len - at, &out->items);
}

bool result_variant_open(gbx__str metadata, gbx__str value, result_variant *out)
{
    *out = (result_variant){.metadata = metadata, .value = value};
    if (value.len == 0) return false;
    const unsigned first = (unsigned char)value.ptr[0];
    switch (first & 3) {
    case 0: return variant_open_primitive(first >> 2, out);
    case 1:
        out->kind = RESULT_VARIANT_TEXT;
        return variant_slice(value, 1, first >> 2, &out->bytes);
    case 2: out->kind = RESULT_VARIANT_OBJECT; break;
    default: out->kind = RESULT_VARIANT_ARRAY; break;
    }
    return variant_open_nested(first >> 2, out);
}

bool result_variant_item(const result_variant *variant, uint32_t index, result_variant *out)
{
    const gbx__str offsets = {variant->offsets, SIZE_MAX};
    uint32_t at;
    gbx__str value;
    if (!variant_uint(offsets, (size_t)index * (size_t)variant->offset_size, variant->offset_size,
                      &at)) {
        return false;
    }
    if (at > variant->items.len) return false;
    variant_slice(variant->items, at, variant->items.len - at, &value);
    return result_variant_open(variant->metadata, value, out);
}

bool result_variant_name(const result_variant *variant, uint32_t index, gbx__str *out)
{
    const gbx__str ids = {variant->ids, SIZE_MAX};
    const gbx__str metadata = variant->metadata;
    uint32_t id;
    uint32_t count;
    uint32_t start;
    uint32_t end;
    if (metadata.len == 0) return false;
    const int size = (int)((unsigned char)metadata.ptr[0] >> 6) + 1;
    const size_t step = (size_t)size;
    if (!variant_uint(ids, (size_t)index * (size_t)variant->id_size, variant->id_size, &id)) {
        return false;
    }
    if (!variant_uint(metadata, 1, size, &count) || id >= count) return false;
    if (!variant_uint(metadata, 1 + step * (1 + (size_t)id), size, &start)) return false;
    if (!variant_uint(metadata, 1 + step * (2 + (size_t)id), size, &end)) return false;
    if (end < start) return false;
    return variant_slice(metadata, 1 + step * (2 + (size_t)count) + start, end - start, out);
}

result_variant_walk result_variant_walk_of(const result_variant *variant)
{
    return (result_variant_walk){0, variant->value.len};
}

bool result_variant_enter(result_variant_walk *walk)
{
    if (walk->depth == VARIANT_MAX_DEPTH || walk->parts_left == 0) return false;
    walk->depth++;
    walk->parts_left--;
    return true;
}

void result_variant_leave(result_variant_walk *walk)
{
    walk->depth--;
}

bool result_variant_at(const gbx__column *column, int64_t row, result_variant *out)
{
    const int64_t at = column->offset + row;
    const gbx__column *metadata = &column->children[0];
    const gbx__column *value = &column->children[1];
    if (gbx__column_is_null(metadata, at) || gbx__column_is_null(value, at)) return false;
    return result_variant_open(gbx__column_bytes(metadata, at), gbx__column_bytes(value, at), out);
}
