#include "plan/json_reader_priv.h"

static gbx_status value_expected(gbx__pj *r, const gbx__pj_path *path, const char *key,
                                 const gbx__type *type)
{
    gbx__buf text;
    gbx__buf_init(&text, 0);
    gbx__type_print(&text, type);
    gbx_status status = GBX_NOMEM;
    if (text.failed) {
        gbx__error_set(r->err, GBX_NOMEM, "out of memory");
    } else {
        status = gbx__pj_fail(r, GBX_INVALID, path, key, "a value of %.100s expected", text.data);
    }
    gbx__buf_done(&text);
    return status;
}

/* What is written as a text of digits. */
static gbx_status read_digits(gbx__pj *r, const gbx__pj_path *path, const char *key,
                              const gbx__type *type, yyjson_val *val, gbx__value *out)
{
    const gbx__str text = {yyjson_get_str(val), yyjson_get_len(val)};
    bool is_read = false;
    if (!yyjson_is_str(val)) return value_expected(r, path, key, type);
    switch (type->kind) {
    case GBX_TYPE_INT128: is_read = gbx__int128_parse(text, &out->i128); break;
    case GBX_TYPE_UINT128: is_read = gbx__uint128_parse(text, &out->i128); break;
    case GBX_TYPE_UUID: is_read = gbx__uuid_parse(text, &out->i128); break;
    default: is_read = gbx__decimal_parse(text, type->precision, type->scale, &out->i128); break;
    }
    return is_read ? GBX_OK : value_expected(r, path, key, type);
}

static gbx_status read_uint64(gbx__pj *r, const gbx__pj_path *path, const char *key,
                              const gbx__type *type, yyjson_val *val, gbx__value *out)
{
    gbx__int128 wide;
    const gbx__str text = {yyjson_get_str(val), yyjson_get_len(val)};
    if (yyjson_is_uint(val)) {
        out->u64 = yyjson_get_uint(val);
    } else if (yyjson_is_str(val) && gbx__uint128_parse(text, &wide) && wide.hi == 0) {
        out->u64 = wide.lo;
    } else {
        return value_expected(r, path, key, type);
    }
    return GBX_OK;
}

static gbx_status read_interval(gbx__pj *r, const gbx__pj_path *path, const char *key,
                                const gbx__type *type, yyjson_val *val, gbx__interval *out)
{
    int64_t months = 0;
    int64_t days = 0;
    if (!yyjson_is_arr(val) || yyjson_arr_size(val) != 3) return value_expected(r, path, key, type);
    GBX_TRY(gbx__pj_int(r, path, key, yyjson_arr_get(val, 0), INT32_MIN, INT32_MAX, &months));
    GBX_TRY(gbx__pj_int(r, path, key, yyjson_arr_get(val, 1), INT32_MIN, INT32_MAX, &days));
    GBX_TRY(gbx__pj_int(r, path, key, yyjson_arr_get(val, 2), INT64_MIN, INT64_MAX, &out->micros));
    out->months = (int32_t)months;
    out->days = (int32_t)days;
    return GBX_OK;
}

static gbx_status read_items(gbx__pj *r, const gbx__pj_path *path, const char *key,
                             const gbx__type *type, yyjson_val *val, gbx__value *out)
{
    gbx__value *items;
    gbx__pj_path item = {.up = &(gbx__pj_path){.up = path, .key = key}};
    GBX_TRY(gbx__pj_array(r, path, key, val, sizeof(*items), &out->n_items, &items));
    yyjson_arr_iter iter = yyjson_arr_iter_with(val);
    for (; item.index < out->n_items; item.index++) {
        const gbx__type *item_type = gbx__value_item_type(type, out, (uint32_t)item.index);
        if (!item_type) return value_expected(r, path, key, type);
        GBX_TRY(gbx__pj_value(r, &item, NULL, item_type, yyjson_arr_iter_next(&iter),
                              &items[item.index]));
    }
    out->items = items;
    return GBX_OK;
}

static gbx_status read_union(gbx__pj *r, const gbx__pj_path *path, const char *key,
                             const gbx__type *type, yyjson_val *val, gbx__value *out)
{
    static const char *const names[] = {"tag", "value"};
    const gbx__pj_path member = {.up = path, .key = key};
    yyjson_val *members[2];
    if (type->n_fields == 0) return value_expected(r, path, key, type);
    GBX_TRY(gbx__pj_object(r, &member, val, names, 2, members));
    GBX_TRY(gbx__pj_members(r, &member, names, 2, members, 3, 3));
    GBX_TRY(gbx__pj_u32(r, &member, "tag", members[0], 0, type->n_fields - 1, &out->union_tag));
    gbx__value *item = GBX_ARENA_NEW(&r->b.arena, gbx__value);
    if (!item) return GBX_FAIL_NOMEM(r->err);
    out->n_items = 1;
    out->items = item;
    return gbx__pj_value(r, &member, "value", type->fields[out->union_tag].type, members[1], item);
}

static gbx_status read_by_kind(gbx__pj *r, const gbx__pj_path *path, const char *key,
                               const gbx__type *type, yyjson_val *val, gbx__value *out)
{
    switch (type->kind) {
    case GBX_TYPE_NULL: return value_expected(r, path, key, type);
    case GBX_TYPE_BOOL: return gbx__pj_bool(r, path, key, val, &out->boolean);
    case GBX_TYPE_UINT64: return read_uint64(r, path, key, type, val, out);
    case GBX_TYPE_INT128:
    case GBX_TYPE_UINT128:
    case GBX_TYPE_UUID:
    case GBX_TYPE_DECIMAL: return read_digits(r, path, key, type, val, out);
    case GBX_TYPE_FLOAT32:
    case GBX_TYPE_FLOAT64: return gbx__pj_double(r, path, key, val, &out->f64);
    case GBX_TYPE_INTERVAL: return read_interval(r, path, key, type, val, &out->interval);
    case GBX_TYPE_BINARY: return gbx__pj_hex(r, path, key, val, &out->text);
    case GBX_TYPE_UTF8:
    case GBX_TYPE_JSON:
    case GBX_TYPE_ENUM:
    case GBX_TYPE_BIT:
    case GBX_TYPE_BIGNUM:
    case GBX_TYPE_VARIANT:
    case GBX_TYPE_GEOMETRY: return gbx__pj_str(r, path, key, val, &out->text);
    case GBX_TYPE_LIST:
    case GBX_TYPE_ARRAY:
    case GBX_TYPE_STRUCT:
    case GBX_TYPE_MAP: return read_items(r, path, key, type, val, out);
    case GBX_TYPE_UNION: return read_union(r, path, key, type, val, out);
    default: return gbx__pj_int(r, path, key, val, INT64_MIN, INT64_MAX, &out->i64);
    }
}

gbx_status gbx__pj_value(gbx__pj *r, const gbx__pj_path *path, const char *key,
                         const gbx__type *type, yyjson_val *val, gbx__value *out)
{
    gbx__value value = {.is_null = yyjson_is_null(val)};
    if (!value.is_null) {
        GBX_TRY(read_by_kind(r, path, key, type, val, &value));
        if (!gbx__value_fits(type, &value)) return value_expected(r, path, key, type);
    }
    *out = value;
    return GBX_OK;
}
