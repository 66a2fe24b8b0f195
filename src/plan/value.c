#include "plan/value.h"

#include <math.h>
#include <string.h>

const gbx__type *gbx__value_item_type(const gbx__type *type, const gbx__value *value,
                                      uint32_t index)
{
    uint32_t field = index;
    switch (type->kind) {
    case GBX_TYPE_LIST:
    case GBX_TYPE_ARRAY: field = 0; break;
    case GBX_TYPE_MAP: field = index % 2; break;
    case GBX_TYPE_UNION: field = value->union_tag; break;
    case GBX_TYPE_STRUCT: break;
    default: return NULL;
    }
    return index < value->n_items && field < type->n_fields ? type->fields[field].type : NULL;
}

static bool value_in_range(const gbx__value *value, int64_t least, int64_t most)
{
    return value->i64 >= least && value->i64 <= most;
}

static int64_t value_day(gbx__unit unit)
{
    return INT64_C(86400000000) * (unit == GBX_UNIT_NS ? 1000 : 1);
}

static bool value_is_label(const gbx__type *type, gbx__str label)
{
    for (uint32_t i = 0; i < type->n_values; i++) {
        if (gbx__str_equal(type->values[i], label)) return true;
    }
    return false;
}

static bool value_count_fits(const gbx__type *type, const gbx__value *value)
{
    switch (type->kind) {
    case GBX_TYPE_ARRAY: return value->n_items == type->array_size;
    case GBX_TYPE_STRUCT: return value->n_items == type->n_fields;
    case GBX_TYPE_MAP: return value->n_items % 2 == 0;
    case GBX_TYPE_UNION: return value->n_items == 1 && value->union_tag < type->n_fields;
    default: return true;
    }
}

static bool value_items_fit(const gbx__type *type, const gbx__value *value)
{
    if (!value_count_fits(type, value)) return false;
    for (uint32_t i = 0; i < value->n_items; i++) {
        const gbx__type *item = gbx__value_item_type(type, value, i);
        if (!item || !gbx__value_fits(item, &value->items[i])) return false;
    }
    return true;
}

bool gbx__value_fits(const gbx__type *type, const gbx__value *value)
{
    if (value->is_null) return true;
    switch (type->kind) {
    case GBX_TYPE_NULL: return false;
    case GBX_TYPE_INT8: return value_in_range(value, INT8_MIN, INT8_MAX);
    case GBX_TYPE_INT16: return value_in_range(value, INT16_MIN, INT16_MAX);
    case GBX_TYPE_INT32:
    case GBX_TYPE_DATE: return value_in_range(value, INT32_MIN, INT32_MAX);
    case GBX_TYPE_UINT8: return value_in_range(value, 0, UINT8_MAX);
    case GBX_TYPE_UINT16: return value_in_range(value, 0, UINT16_MAX);
    case GBX_TYPE_UINT32: return value_in_range(value, 0, UINT32_MAX);
    case GBX_TYPE_TIME: return value_in_range(value, 0, value_day(type->unit));
    case GBX_TYPE_FLOAT32: return isnan(value->f64) || (double)(float)value->f64 == value->f64;
    case GBX_TYPE_DECIMAL: return gbx__decimal_fits(value->i128, type->precision);
    case GBX_TYPE_ENUM: return value_is_label(type, value->text);
    default: return !gbx__type_is_nested(type) || value_items_fit(type, value);
    }
}

static bool value_floats_equal(double a, double b)
{
    if (isnan(a) || isnan(b)) return isnan(a) && isnan(b);
    return memcmp(&a, &b, sizeof(a)) == 0;
}

static bool value_items_equal(const gbx__type *type, const gbx__value *a, const gbx__value *b)
{
    if (a->n_items != b->n_items) return false;
    if (type->kind == GBX_TYPE_UNION && a->union_tag != b->union_tag) return false;
    for (uint32_t i = 0; i < a->n_items; i++) {
        const gbx__type *item = gbx__value_item_type(type, a, i);
        if (!item || !gbx__value_equal(item, &a->items[i], &b->items[i])) return false;
    }
    return true;
}

bool gbx__value_equal(const gbx__type *type, const gbx__value *a, const gbx__value *b)
{
    if (a->is_null || b->is_null) return a->is_null && b->is_null;
    switch (type->kind) {
    case GBX_TYPE_NULL: return true;
    case GBX_TYPE_BOOL: return a->boolean == b->boolean;
    case GBX_TYPE_INT8:
    case GBX_TYPE_INT16:
    case GBX_TYPE_INT32:
    case GBX_TYPE_INT64:
    case GBX_TYPE_UINT8:
    case GBX_TYPE_UINT16:
    case GBX_TYPE_UINT32:
    case GBX_TYPE_DATE:
    case GBX_TYPE_TIME:
    case GBX_TYPE_TIMETZ:
    case GBX_TYPE_TIMESTAMP: return a->i64 == b->i64;
    case GBX_TYPE_UINT64: return a->u64 == b->u64;
    case GBX_TYPE_INT128:
    case GBX_TYPE_UINT128:
    case GBX_TYPE_DECIMAL:
    case GBX_TYPE_UUID: return a->i128.lo == b->i128.lo && a->i128.hi == b->i128.hi;
    case GBX_TYPE_FLOAT32:
    case GBX_TYPE_FLOAT64: return value_floats_equal(a->f64, b->f64);
    case GBX_TYPE_INTERVAL:
        return a->interval.months == b->interval.months && a->interval.days == b->interval.days &&
               a->interval.micros == b->interval.micros;
    case GBX_TYPE_LIST:
    case GBX_TYPE_ARRAY:
    case GBX_TYPE_STRUCT:
    case GBX_TYPE_MAP:
    case GBX_TYPE_UNION: return value_items_equal(type, a, b);
    default: return gbx__str_equal(a->text, b->text);
    }
}

static bool value_has_text(const gbx__type *type)
{
    switch (type->kind) {
    case GBX_TYPE_UTF8:
    case GBX_TYPE_BINARY:
    case GBX_TYPE_BIT:
    case GBX_TYPE_BIGNUM:
    case GBX_TYPE_JSON:
    case GBX_TYPE_ENUM:
    case GBX_TYPE_VARIANT:
    case GBX_TYPE_GEOMETRY: return true;
    default: return false;
    }
}

static gbx_status value_copy_items(gbx__arena *arena, const gbx__type *type, const gbx__value *from,
                                   gbx__value *to, gbx_error *err)
{
    gbx__value *items = GBX_ARENA_ARRAY(arena, from->n_items, gbx__value);
    if (!items) return GBX_FAIL_NOMEM(err);
    for (uint32_t i = 0; i < from->n_items; i++) {
        const gbx__type *item = gbx__value_item_type(type, from, i);
        if (!item) return GBX_FAIL(err, GBX_INTERNAL, "a value does not fit its type");
        GBX_TRY(gbx__value_copy(arena, item, &from->items[i], &items[i], err));
    }
    to->items = items;
    return GBX_OK;
}

gbx_status gbx__value_copy(gbx__arena *arena, const gbx__type *type, const gbx__value *from,
                           gbx__value *to, gbx_error *err)
{
    gbx__value copy = *from;
    if (from->is_null) {
        copy = (gbx__value){.is_null = true};
    } else if (value_has_text(type)) {
        copy.text = gbx__arena_str(arena, from->text);
        if (!copy.text.ptr) return GBX_FAIL_NOMEM(err);
    } else if (gbx__type_is_nested(type)) {
        GBX_TRY(value_copy_items(arena, type, from, &copy, err));
    }
    *to = copy;
    return GBX_OK;
}
