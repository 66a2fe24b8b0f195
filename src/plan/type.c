#include "plan/type.h"

static const gbx__type type_plain[GBX_TYPE_KINDS] = {
#define TYPE_PLAIN(name, text) [GBX_TYPE_##name] = {.kind = GBX_TYPE_##name},
    GBX_TYPE_LIST(TYPE_PLAIN)
#undef TYPE_PLAIN
};

#define TYPE_TIMESTAMP(unit_, has_zone_)                                                           \
    [unit_][has_zone_] = {.kind = GBX_TYPE_TIMESTAMP, .unit = (unit_), .has_zone = (has_zone_)}

static const gbx__type type_timestamps[4][2] = {
    TYPE_TIMESTAMP(GBX_UNIT_S, false),  TYPE_TIMESTAMP(GBX_UNIT_S, true),
    TYPE_TIMESTAMP(GBX_UNIT_MS, false), TYPE_TIMESTAMP(GBX_UNIT_MS, true),
    TYPE_TIMESTAMP(GBX_UNIT_US, false), TYPE_TIMESTAMP(GBX_UNIT_US, true),
    TYPE_TIMESTAMP(GBX_UNIT_NS, false), TYPE_TIMESTAMP(GBX_UNIT_NS, true),
};

static const gbx__type type_times[2] = {
    {.kind = GBX_TYPE_TIME, .unit = GBX_UNIT_US},
    {.kind = GBX_TYPE_TIME, .unit = GBX_UNIT_NS},
};

static bool type_has_parameters(gbx__type_kind kind)
{
    return kind == GBX_TYPE_DECIMAL || kind == GBX_TYPE_ENUM || kind == GBX_TYPE_LIST ||
           kind == GBX_TYPE_ARRAY || kind == GBX_TYPE_STRUCT || kind == GBX_TYPE_MAP ||
           kind == GBX_TYPE_UNION;
}

const gbx__type *gbx__type_plain(gbx__type_kind kind)
{
    if ((unsigned)kind >= GBX_TYPE_KINDS || type_has_parameters(kind)) return NULL;
    if (kind == GBX_TYPE_TIME) return gbx__type_time(GBX_UNIT_US);
    if (kind == GBX_TYPE_TIMESTAMP) return gbx__type_timestamp(GBX_UNIT_US, false);
    return &type_plain[kind];
}

const gbx__type *gbx__type_timestamp(gbx__unit unit, bool has_zone)
{
    return (unsigned)unit <= GBX_UNIT_NS ? &type_timestamps[unit][has_zone] : NULL;
}

const gbx__type *gbx__type_time(gbx__unit unit)
{
    if (unit == GBX_UNIT_US) return &type_times[0];
    if (unit == GBX_UNIT_NS) return &type_times[1];
    return NULL;
}

const gbx__type *gbx__type_decimal(gbx__arena *arena, int precision, int scale)
{
    if (precision < 1 || precision > 38 || scale < 0 || scale > precision) return NULL;
    gbx__type *type = GBX_ARENA_NEW(arena, gbx__type);
    if (!type) return NULL;
    type->kind = GBX_TYPE_DECIMAL;
    type->precision = (uint8_t)precision;
    type->scale = (uint8_t)scale;
    return type;
}

static gbx__type *type_with_fields(gbx__arena *arena, gbx__type_kind kind, const gbx__field *fields,
                                   uint32_t n_fields)
{
    gbx__field *copy = GBX_ARENA_ARRAY(arena, n_fields, gbx__field);
    gbx__type *type = GBX_ARENA_NEW(arena, gbx__type);
    if (!copy || !type) return NULL;
    for (uint32_t i = 0; i < n_fields; i++) {
        if (!fields[i].type) return NULL;
        copy[i] = fields[i];
    }
    type->kind = kind;
    type->n_fields = n_fields;
    type->fields = copy;
    return type;
}

const gbx__type *gbx__type_list(gbx__arena *arena, const gbx__type *item)
{
    const gbx__field field = {.name = GBX_STR("item"), .type = item};
    return type_with_fields(arena, GBX_TYPE_LIST, &field, 1);
}

const gbx__type *gbx__type_array(gbx__arena *arena, const gbx__type *item, uint32_t size)
{
    const gbx__field field = {.name = GBX_STR("item"), .type = item};
    gbx__type *type = type_with_fields(arena, GBX_TYPE_ARRAY, &field, 1);
    if (type) type->array_size = size;
    return type;
}

const gbx__type *gbx__type_struct(gbx__arena *arena, const gbx__field *fields, uint32_t n_fields)
{
    return type_with_fields(arena, GBX_TYPE_STRUCT, fields, n_fields);
}

const gbx__type *gbx__type_map(gbx__arena *arena, const gbx__type *key, const gbx__type *value)
{
    const gbx__field fields[2] = {{.name = GBX_STR("key"), .type = key},
                                  {.name = GBX_STR("value"), .type = value}};
    return type_with_fields(arena, GBX_TYPE_MAP, fields, 2);
}

const gbx__type *gbx__type_union(gbx__arena *arena, const gbx__field *fields, uint32_t n_fields)
{
    return type_with_fields(arena, GBX_TYPE_UNION, fields, n_fields);
}

const gbx__type *gbx__type_enum(gbx__arena *arena, const gbx__str *values, uint32_t n_values)
{
    gbx__str *copy = GBX_ARENA_ARRAY(arena, n_values, gbx__str);
    gbx__type *type = GBX_ARENA_NEW(arena, gbx__type);
    if (!copy || !type) return NULL;
    for (uint32_t i = 0; i < n_values; i++) copy[i] = values[i];
    type->kind = GBX_TYPE_ENUM;
    type->n_values = n_values;
    type->values = copy;
    return type;
}

/* The item of a list has no name of its own, nor have the two fields of a map. */
static bool type_names_count(gbx__type_kind kind)
{
    return kind == GBX_TYPE_STRUCT || kind == GBX_TYPE_UNION;
}

static bool type_children_equal(const gbx__type *a, const gbx__type *b)
{
    if (a->n_fields != b->n_fields || a->n_values != b->n_values) return false;
    for (uint32_t i = 0; i < a->n_fields; i++) {
        if (type_names_count(a->kind) && !gbx__str_equal(a->fields[i].name, b->fields[i].name)) {
            return false;
        }
        if (!gbx__type_equal(a->fields[i].type, b->fields[i].type)) return false;
    }
    for (uint32_t i = 0; i < a->n_values; i++) {
        if (!gbx__str_equal(a->values[i], b->values[i])) return false;
    }
    return true;
}

bool gbx__type_equal(const gbx__type *a, const gbx__type *b)
{
    if (a == b) return true;
    if (!a || !b || a->kind != b->kind) return false;
    switch (a->kind) {
    case GBX_TYPE_DECIMAL: return a->precision == b->precision && a->scale == b->scale;
    case GBX_TYPE_TIME: return a->unit == b->unit;
    case GBX_TYPE_TIMESTAMP: return a->unit == b->unit && a->has_zone == b->has_zone;
    case GBX_TYPE_ARRAY: return a->array_size == b->array_size && type_children_equal(a, b);
    default: return type_children_equal(a, b);
    }
}

static bool type_copy_fields(gbx__arena *arena, const gbx__type *from, gbx__type *to)
{
    gbx__field *fields = GBX_ARENA_ARRAY(arena, from->n_fields, gbx__field);
    if (!fields) return false;
    for (uint32_t i = 0; i < from->n_fields; i++) {
        fields[i].name = gbx__arena_str(arena, from->fields[i].name);
        fields[i].type = gbx__type_copy(arena, from->fields[i].type);
        if (!fields[i].name.ptr || !fields[i].type) return false;
    }
    to->fields = fields;
    return true;
}

static bool type_copy_values(gbx__arena *arena, const gbx__type *from, gbx__type *to)
{
    gbx__str *values = GBX_ARENA_ARRAY(arena, from->n_values, gbx__str);
    if (!values) return false;
    for (uint32_t i = 0; i < from->n_values; i++) {
        values[i] = gbx__arena_str(arena, from->values[i]);
        if (!values[i].ptr) return false;
    }
    to->values = values;
    return true;
}

const gbx__type *gbx__type_copy(gbx__arena *arena, const gbx__type *type)
{
    if (!type) return NULL;
    if (type->kind == GBX_TYPE_TIME) return gbx__type_time(type->unit);
    if (type->kind == GBX_TYPE_TIMESTAMP) return gbx__type_timestamp(type->unit, type->has_zone);
    if (!type_has_parameters(type->kind)) return gbx__type_plain(type->kind);

    gbx__type *copy = GBX_ARENA_NEW(arena, gbx__type);
    if (!copy) return NULL;
    *copy = *type;
    if (!type_copy_fields(arena, type, copy) || !type_copy_values(arena, type, copy)) return NULL;
    return copy;
}

bool gbx__type_is_integer(const gbx__type *type)
{
    return type->kind >= GBX_TYPE_INT8 && type->kind <= GBX_TYPE_UINT128;
}

bool gbx__type_is_float(const gbx__type *type)
{
    return type->kind == GBX_TYPE_FLOAT32 || type->kind == GBX_TYPE_FLOAT64;
}

bool gbx__type_is_nested(const gbx__type *type)
{
    return type->kind == GBX_TYPE_LIST || type->kind == GBX_TYPE_ARRAY ||
           type->kind == GBX_TYPE_STRUCT || type->kind == GBX_TYPE_MAP ||
           type->kind == GBX_TYPE_UNION;
}
