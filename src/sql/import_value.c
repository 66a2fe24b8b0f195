/*
 * {"type": …, "is_null": false, "value": …} → constant. The JSON has the physical encoding:
 * unscaled integers, days, microseconds, {upper, lower} for 128 bits. Items of nested values
 * carry no type.
 */
#include "sql/import_priv.h"

#include <string.h>

static bool value_refuse(gbx__importer *im, const gbx__type *type)
{
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 256);
    gbx__type_print(&text, type);
    gbx__import_refuse(im, GBX_NO_POS, "a constant of type %s", text.failed ? "?" : text.data);
    return false;
}

static bool value_int64(yyjson_val *json, int64_t *out)
{
    if (yyjson_is_sint(json)) {
        *out = yyjson_get_sint(json);
        return true;
    }
    if (yyjson_is_uint(json) && yyjson_get_uint(json) <= INT64_MAX) {
        *out = (int64_t)yyjson_get_uint(json);
        return true;
    }
    return false;
}

/* A small integer, or {"upper": …, "lower": …}. */
static bool value_int128(yyjson_val *json, gbx__int128 *out)
{
    if (yyjson_is_uint(json)) {
        *out = (gbx__int128){yyjson_get_uint(json), 0};
        return true;
    }
    if (yyjson_is_sint(json)) {
        *out = (gbx__int128){(uint64_t)yyjson_get_sint(json), -1};
        return true;
    }
    if (!yyjson_is_obj(json) || yyjson_obj_size(json) != 2) return false;
    yyjson_val *upper = yyjson_obj_get(json, "upper");
    yyjson_val *lower = yyjson_obj_get(json, "lower");
    if (!yyjson_is_uint(lower)) return false;
    out->lo = yyjson_get_uint(lower);
    if (yyjson_is_uint(upper))
        out->hi = (int64_t)yyjson_get_uint(upper);
    else if (yyjson_is_sint(upper))
        out->hi = yyjson_get_sint(upper);
    else
        return false;
    return true;
}

static bool value_interval(yyjson_val *json, gbx__interval *out)
{
    int64_t months = 0;
    int64_t days = 0;
    if (!yyjson_is_obj(json) || yyjson_obj_size(json) != 3 ||
        !value_int64(yyjson_obj_get(json, "months"), &months) ||
        !value_int64(yyjson_obj_get(json, "days"), &days) ||
        !value_int64(yyjson_obj_get(json, "micros"), &out->micros))
        return false;
    out->months = (int32_t)months;
    out->days = (int32_t)days;
    return true;
}

static int value_hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

/* Text with \xAB for bytes that are not plain ASCII → bytes. */
static bool value_blob(gbx__importer *im, gbx__str text, gbx__str *out)
{
    char *bytes = gbx__arena_alloc(&im->b->arena, text.len + 1);
    if (bytes == NULL) return false;
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '\\') {
            bytes[n++] = text.ptr[i];
            continue;
        }
        if (i + 3 >= text.len || text.ptr[i + 1] != 'x') return false;
        const int hi = value_hex_digit(text.ptr[i + 2]);
        const int lo = value_hex_digit(text.ptr[i + 3]);
        if (hi < 0 || lo < 0) return false;
        bytes[n++] = (char)(hi * 16 + lo);
        i += 3;
    }
    *out = (gbx__str){bytes, n};
    return true;
}

static bool value_text(gbx__importer *im, yyjson_val *json, gbx__str *out)
{
    if (!yyjson_is_str(json)) return false;
    *out = gbx__arena_str(&im->b->arena, gbx__json_str(json));
    return out->ptr != NULL;
}

/* {"children": […]}; a map's children are structs of key and value. */
static bool value_items(gbx__importer *im, yyjson_val *json, const gbx__type *type, gbx__value *out)
{
    size_t n = 0;
    yyjson_val *list = gbx__import_array(im, json, "children", &n);
    const bool is_map = type->kind == GBX_TYPE_MAP;
    const size_t width = is_map ? 2 : 1;
    gbx__value *items = GBX_ARENA_ARRAY(&im->b->arena, n * width + 1, gbx__value);
    if (list == NULL || items == NULL) return false;
    if (type->kind == GBX_TYPE_STRUCT && n != type->n_fields) return value_refuse(im, type);
    yyjson_arr_iter iter = yyjson_arr_iter_with(list);
    for (size_t i = 0; i < n; i++) {
        yyjson_val *item = yyjson_arr_iter_next(&iter);
        const gbx__type *unused = NULL;
        if (is_map) {
            gbx__value entry;
            const gbx__type *entry_type =
                gbx__type_struct(&im->b->arena, type->fields, type->n_fields);
            if (entry_type == NULL || !gbx__import_value(im, item, entry_type, &unused, &entry) ||
                entry.n_items != 2)
                return false;
            items[2 * i] = entry.items[0];
            items[2 * i + 1] = entry.items[1];
        } else {
            const size_t field = type->kind == GBX_TYPE_STRUCT ? i : 0;
            if (!gbx__import_value(im, item, type->fields[field].type, &unused, &items[i]))
                return false;
        }
    }
    out->items = items;
    out->n_items = (uint32_t)(n * width);
    return true;
}

static bool value_enum(gbx__importer *im, yyjson_val *json, const gbx__type *type, gbx__value *out)
{
    if (yyjson_is_str(json)) return value_text(im, json, &out->text);
    if (!yyjson_is_uint(json) || yyjson_get_uint(json) >= type->n_values) return false;
    out->text = type->values[yyjson_get_uint(json)];
    return true;
}

static bool value_read(gbx__importer *im, yyjson_val *json, const gbx__type *type, gbx__value *out)
{
    switch (type->kind) {
    case GBX_TYPE_BOOL: out->boolean = yyjson_get_bool(json); return yyjson_is_bool(json);
    case GBX_TYPE_INT8:
    case GBX_TYPE_INT16:
    case GBX_TYPE_INT32:
    case GBX_TYPE_INT64:
    case GBX_TYPE_UINT8:
    case GBX_TYPE_UINT16:
    case GBX_TYPE_UINT32:
    case GBX_TYPE_DATE:
    case GBX_TYPE_TIME:
    case GBX_TYPE_TIMESTAMP: return value_int64(json, &out->i64);
    case GBX_TYPE_UINT64: out->u64 = yyjson_get_uint(json); return yyjson_is_uint(json);
    case GBX_TYPE_INT128:
    case GBX_TYPE_UINT128:
    case GBX_TYPE_DECIMAL: return value_int128(json, &out->i128);
    case GBX_TYPE_FLOAT32:
    case GBX_TYPE_FLOAT64: out->f64 = yyjson_get_num(json); return yyjson_is_num(json);
    case GBX_TYPE_UTF8:
    case GBX_TYPE_JSON: return value_text(im, json, &out->text);
    case GBX_TYPE_BINARY:
        return value_text(im, json, &out->text) && value_blob(im, out->text, &out->text);
    case GBX_TYPE_INTERVAL: return value_interval(json, &out->interval);
    case GBX_TYPE_ENUM: return value_enum(im, json, type, out);
    case GBX_TYPE_LIST:
    case GBX_TYPE_ARRAY:
    case GBX_TYPE_STRUCT:
    case GBX_TYPE_MAP: return value_items(im, json, type, out);
    case GBX_TYPE_NULL:
    case GBX_TYPE_TIMETZ:
    case GBX_TYPE_UUID:
    case GBX_TYPE_BIT:
    case GBX_TYPE_BIGNUM:
    case GBX_TYPE_UNION:
    case GBX_TYPE_VARIANT:
    case GBX_TYPE_GEOMETRY:
    case GBX_TYPE_KINDS: break;
    }
    return false;
}

bool gbx__import_value(gbx__importer *im, yyjson_val *json, const gbx__type *type,
                       const gbx__type **out_type, gbx__value *out)
{
    static const gbx__key keys[] = {{"type", GBX_KEY_USED},
                                    {"is_null", GBX_KEY_USED},
                                    {"value", GBX_KEY_USED},
                                    {NULL, GBX_KEY_USED}};
    if (!gbx__import_enter(im)) return false;
    memset(out, 0, sizeof(*out));
    bool is_null = false;
    bool ok = gbx__import_keys(im, json, keys, "a constant") &&
              gbx__import_bool(im, json, "is_null", &is_null);
    yyjson_val *own_type = ok ? yyjson_obj_get(json, "type") : NULL;
    if (own_type != NULL) type = gbx__import_type(im, own_type);
    if (ok && type == NULL && !gbx__import_failed(im))
        gbx__import_refuse(im, GBX_NO_POS, "a constant without a type");
    ok = ok && type != NULL;
    if (ok && is_null) {
        out->is_null = true;
    } else if (ok) {
        ok = value_read(im, yyjson_obj_get(json, "value"), type, out);
        if (!ok && !gbx__import_failed(im)) value_refuse(im, type);
    }
    *out_type = type;
    gbx__import_leave(im);
    return ok;
}
