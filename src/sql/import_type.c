/*
 * {"id": "DECIMAL", "type_info": {…}} → type.
 */
#include "sql/import_priv.h"

#include <string.h>

static const struct {
    const char *id;
    gbx__type_kind kind;
} type_names[] = {
    {"NULL", GBX_TYPE_NULL},
    {"SQLNULL", GBX_TYPE_NULL},
    {"BOOLEAN", GBX_TYPE_BOOL},
    {"TINYINT", GBX_TYPE_INT8},
    {"SMALLINT", GBX_TYPE_INT16},
    {"INTEGER", GBX_TYPE_INT32},
    {"BIGINT", GBX_TYPE_INT64},
    {"HUGEINT", GBX_TYPE_INT128},
    {"UTINYINT", GBX_TYPE_UINT8},
    {"USMALLINT", GBX_TYPE_UINT16},
    {"UINTEGER", GBX_TYPE_UINT32},
    {"UBIGINT", GBX_TYPE_UINT64},
    {"UHUGEINT", GBX_TYPE_UINT128},
    {"FLOAT", GBX_TYPE_FLOAT32},
    {"DOUBLE", GBX_TYPE_FLOAT64},
    {"VARCHAR", GBX_TYPE_UTF8},
    {"BLOB", GBX_TYPE_BINARY},
    {"DATE", GBX_TYPE_DATE},
    {"INTERVAL", GBX_TYPE_INTERVAL},
    {"TIME WITH TIME ZONE", GBX_TYPE_TIMETZ},
    {"UUID", GBX_TYPE_UUID},
    {"BIT", GBX_TYPE_BIT},
    {"BIGNUM", GBX_TYPE_BIGNUM},
    {"VARIANT", GBX_TYPE_VARIANT},
    {"GEOMETRY", GBX_TYPE_GEOMETRY},
    /* a literal whose final type is still open: as the binder would settle it alone */
    {"STRING_LITERAL", GBX_TYPE_UTF8},
    {"INTEGER_LITERAL", GBX_TYPE_INT32},
};

static const struct {
    const char *id;
    gbx__unit unit;
    bool has_zone;
} timestamp_names[] = {
    {"TIMESTAMP", GBX_UNIT_US, false},
    {"TIMESTAMP_S", GBX_UNIT_S, false},
    {"TIMESTAMP_MS", GBX_UNIT_MS, false},
    {"TIMESTAMP_NS", GBX_UNIT_NS, false},
    {"TIMESTAMP WITH TIME ZONE", GBX_UNIT_US, true},
    {"TIMESTAMPTZ_NS", GBX_UNIT_NS, true},
};

static const gbx__type *type_simple(gbx__str id)
{
    for (size_t i = 0; i < sizeof(type_names) / sizeof(type_names[0]); i++) {
        if (gbx__str_is(id, type_names[i].id)) return gbx__type_plain(type_names[i].kind);
    }
    for (size_t i = 0; i < sizeof(timestamp_names) / sizeof(timestamp_names[0]); i++) {
        if (gbx__str_is(id, timestamp_names[i].id))
            return gbx__type_timestamp(timestamp_names[i].unit, timestamp_names[i].has_zone);
    }
    if (gbx__str_is(id, "TIME")) return gbx__type_time(GBX_UNIT_US);
    if (gbx__str_is(id, "TIME_NS")) return gbx__type_time(GBX_UNIT_NS);
    return NULL;
}

static const gbx__type *type_check(gbx__importer *im, const gbx__type *type)
{
    if (type == NULL) gbx__plan_fail(im->b, GBX_NOMEM, GBX_NO_POS, "out of memory");
    return type;
}

static const gbx__type *type_decimal(gbx__importer *im, yyjson_val *info)
{
    static const gbx__key keys[] = {{"type", GBX_KEY_NOISE},          {"alias", GBX_KEY_USED},
                                    {"extension_info", GBX_KEY_USED}, {"width", GBX_KEY_USED},
                                    {"scale", GBX_KEY_USED},          {NULL, GBX_KEY_USED}};
    uint64_t width = 0;
    uint64_t scale = 0;
    if (!gbx__import_keys(im, info, keys, "a decimal type") ||
        !gbx__import_index(im, info, "width", &width) ||
        !gbx__import_index(im, info, "scale", &scale))
        return NULL;
    if (width < 1 || width > 38 || scale > width)
        return gbx__import_refuse(im, GBX_NO_POS, "a decimal type of this size");
    return type_check(im, gbx__type_decimal(&im->b->arena, (int)width, (int)scale));
}

static const gbx__type *type_child(gbx__importer *im, yyjson_val *info)
{
    yyjson_val *child = gbx__import_member(im, info, "child_type");
    return child == NULL ? NULL : gbx__import_type(im, child);
}

static const gbx__type *type_list(gbx__importer *im, yyjson_val *info)
{
    static const gbx__key keys[] = {{"type", GBX_KEY_NOISE},
                                    {"alias", GBX_KEY_USED},
                                    {"extension_info", GBX_KEY_USED},
                                    {"child_type", GBX_KEY_USED},
                                    {NULL, GBX_KEY_USED}};
    if (!gbx__import_keys(im, info, keys, "a list type")) return NULL;
    const gbx__type *item = type_child(im, info);
    return item == NULL ? NULL : type_check(im, gbx__type_list(&im->b->arena, item));
}

static const gbx__type *type_array(gbx__importer *im, yyjson_val *info)
{
    static const gbx__key keys[] = {{"type", GBX_KEY_NOISE},          {"alias", GBX_KEY_USED},
                                    {"extension_info", GBX_KEY_USED}, {"child_type", GBX_KEY_USED},
                                    {"size", GBX_KEY_USED},           {NULL, GBX_KEY_USED}};
    uint64_t size = 0;
    if (!gbx__import_keys(im, info, keys, "an array type") ||
        !gbx__import_index(im, info, "size", &size))
        return NULL;
    const gbx__type *item = type_child(im, info);
    if (item == NULL) return NULL;
    if (size > UINT32_MAX) return gbx__import_refuse(im, GBX_NO_POS, "an array type of this size");
    return type_check(im, gbx__type_array(&im->b->arena, item, (uint32_t)size));
}

/* [{"first": name, "second": type}] */
static const gbx__field *type_fields(gbx__importer *im, yyjson_val *info, uint32_t *out_n)
{
    static const gbx__key keys[] = {{"type", GBX_KEY_NOISE},
                                    {"alias", GBX_KEY_USED},
                                    {"extension_info", GBX_KEY_USED},
                                    {"child_types", GBX_KEY_USED},
                                    {NULL, GBX_KEY_USED}};
    static const gbx__key field_keys[] = {
        {"first", GBX_KEY_USED}, {"second", GBX_KEY_USED}, {NULL, GBX_KEY_USED}};
    if (!gbx__import_keys(im, info, keys, "a struct type")) return NULL;
    size_t n = 0;
    yyjson_val *list = gbx__import_array(im, info, "child_types", &n);
    gbx__field *fields = GBX_ARENA_ARRAY(&im->b->arena, n + 1, gbx__field);
    if (list == NULL || type_check(im, (const void *)fields) == NULL) return NULL;
    yyjson_arr_iter iter = yyjson_arr_iter_with(list);
    for (size_t i = 0; i < n; i++) {
        yyjson_val *item = yyjson_arr_iter_next(&iter);
        if (!gbx__import_keys(im, item, field_keys, "a struct's field")) return NULL;
        yyjson_val *second = gbx__import_member(im, item, "second");
        fields[i].name = gbx__arena_str(&im->b->arena, gbx__import_text(im, item, "first"));
        fields[i].type = second == NULL ? NULL : gbx__import_type(im, second);
        if (fields[i].type == NULL) return NULL;
    }
    *out_n = (uint32_t)n;
    return fields;
}

static const gbx__type *type_struct(gbx__importer *im, yyjson_val *info)
{
    uint32_t n = 0;
    const gbx__field *fields = type_fields(im, info, &n);
    if (fields != NULL && n == 0)
        return gbx__import_refuse(im, GBX_NO_POS, "a struct without fields");
    return fields == NULL ? NULL : type_check(im, gbx__type_struct(&im->b->arena, fields, n));
}

/* A map is a list of structs of key and value. */
static const gbx__type *type_map(gbx__importer *im, yyjson_val *info)
{
    const gbx__type *list = type_list(im, info);
    if (list == NULL) return NULL;
    const gbx__type *entry = list->fields[0].type;
    if (entry->kind != GBX_TYPE_STRUCT || entry->n_fields != 2)
        return gbx__import_refuse(im, GBX_NO_POS, "a map type of another shape");
    return type_check(im,
                      gbx__type_map(&im->b->arena, entry->fields[0].type, entry->fields[1].type));
}

/* The first field is the tag, which is not ours to name. */
static const gbx__type *type_union(gbx__importer *im, yyjson_val *info)
{
    uint32_t n = 0;
    const gbx__field *fields = type_fields(im, info, &n);
    if (fields == NULL) return NULL;
    if (n < 2) return gbx__import_refuse(im, GBX_NO_POS, "a union type without members");
    return type_check(im, gbx__type_union(&im->b->arena, fields + 1, n - 1));
}

static const gbx__type *type_enum(gbx__importer *im, yyjson_val *info)
{
    static const gbx__key keys[] = {
        {"type", GBX_KEY_NOISE},  {"alias", GBX_KEY_NOISE},        {"extension_info", GBX_KEY_USED},
        {"values", GBX_KEY_USED}, {"values_count", GBX_KEY_NOISE}, {"dict_type", GBX_KEY_NOISE},
        {NULL, GBX_KEY_USED}};
    size_t n = 0;
    if (!gbx__import_keys(im, info, keys, "an enum type")) return NULL;
    yyjson_val *list = gbx__import_array(im, info, "values", &n);
    gbx__str *values = GBX_ARENA_ARRAY(&im->b->arena, n + 1, gbx__str);
    if (list == NULL || type_check(im, (const void *)values) == NULL) return NULL;
    if (n == 0) return gbx__import_refuse(im, GBX_NO_POS, "an enum without values");
    yyjson_arr_iter iter = yyjson_arr_iter_with(list);
    for (size_t i = 0; i < n; i++) {
        yyjson_val *item = yyjson_arr_iter_next(&iter);
        if (!yyjson_is_str(item)) return gbx__import_refuse(im, GBX_NO_POS, "an enum of no texts");
        values[i] =
            gbx__arena_str(&im->b->arena, gbx__json_str(item));
    }
    return type_check(im, gbx__type_enum(&im->b->arena, values, (uint32_t)n));
}

/* A collation: the binder has written it out already, as lower(…) or a sort key around each
 * comparison, order and group, so what is left is a text. */
static bool type_is_collated(yyjson_val *info)
{
    const char *alias = yyjson_get_str(yyjson_obj_get(info, "alias"));
    return yyjson_equals_str(yyjson_obj_get(info, "type"), "STRING_TYPE_INFO") &&
           (alias == NULL || alias[0] == '\0');
}

/* A type with a name of its own: JSON is one of ours, others have a meaning that we don't know. */
static const gbx__type *type_alias(gbx__importer *im, gbx__str id, yyjson_val *info)
{
    const char *alias = yyjson_get_str(yyjson_obj_get(info, "alias"));
    if (gbx__str_is(id, "VARCHAR") && alias != NULL && strcmp(alias, "JSON") == 0)
        return gbx__type_plain(GBX_TYPE_JSON);
    return gbx__import_refuse(im, GBX_NO_POS, "the type %s",
                              alias != NULL && alias[0] != '\0' ? alias : id.ptr);
}

/* The state of an aggregate is a struct, list or number with a name of its own, which its functions
 * find again when they are bound: here it is what it holds. */
static bool type_is_state(yyjson_val *info)
{
    return yyjson_equals_str(yyjson_obj_get(info, "alias"), "AGGREGATE_STATE");
}

/* Types that say their parts in type_info have no other name, and nothing that extends them. */
static bool type_is_own(yyjson_val *info)
{
    if (type_is_state(info)) return true;
    yyjson_val *alias = yyjson_obj_get(info, "alias");
    yyjson_val *extension = yyjson_obj_get(info, "extension_info");
    return (alias == NULL || yyjson_get_len(alias) == 0 ||
            yyjson_equals_str(yyjson_obj_get(info, "type"), "ENUM_TYPE_INFO")) &&
           (extension == NULL || yyjson_is_null(extension));
}

static const gbx__type *type_read(gbx__importer *im, yyjson_val *json)
{
    static const gbx__key keys[] = {
        {"id", GBX_KEY_USED}, {"type_info", GBX_KEY_USED}, {NULL, GBX_KEY_USED}};
    if (!gbx__import_keys(im, json, keys, "a type")) return NULL;
    const gbx__str id = gbx__import_text(im, json, "id");
    yyjson_val *info = yyjson_obj_get(json, "type_info");
    const bool has_info = yyjson_is_obj(info);
    const gbx__type *simple = type_simple(id);
    if (simple != NULL) {
        if (!has_info) return simple;
        if (gbx__str_is(id, "INTEGER_LITERAL") || gbx__str_is(id, "VARIANT")) return simple;
        if (type_is_collated(info) || type_is_state(info)) return simple;
        return type_alias(im, id, info);
    }
    if (has_info) {
        if (!type_is_own(info)) return type_alias(im, id, info);
        if (gbx__str_is(id, "DECIMAL")) return type_decimal(im, info);
        if (gbx__str_is(id, "LIST")) return type_list(im, info);
        if (gbx__str_is(id, "ARRAY")) return type_array(im, info);
        if (gbx__str_is(id, "STRUCT") || gbx__str_is(id, "TUPLE")) return type_struct(im, info);
        if (gbx__str_is(id, "MAP")) return type_map(im, info);
        if (gbx__str_is(id, "UNION")) return type_union(im, info);
        if (gbx__str_is(id, "ENUM")) return type_enum(im, info);
    }
    return gbx__import_refuse(im, GBX_NO_POS, "the type %.*s", GBX_STR_ARG(id));
}

const gbx__type *gbx__import_type(gbx__importer *im, yyjson_val *json)
{
    if (!gbx__import_enter(im)) return NULL;
    const gbx__type *type = type_read(im, json);
    gbx__import_leave(im);
    return type;
}
