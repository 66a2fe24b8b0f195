#include "plan/arrow_type.h"

#include "arrow/arrow.h"

#include <stdio.h>

static gbx_status to_schema(const gbx__type *type, gbx__str name, struct ArrowSchema *out,
                            gbx_error *err);

/* ---- formats --------------------------------------------------------------------------------- */

static const char *time_format(const gbx__type *type)
{
    static const char *const timestamps[2][4] = {{"tss:", "tsm:", "tsu:", "tsn:"},
                                                 {"tss:UTC", "tsm:UTC", "tsu:UTC", "tsn:UTC"}};
    if (type->kind == GBX_TYPE_TIME) return type->unit == GBX_UNIT_NS ? "ttn" : "ttu";
    return timestamps[type->has_zone][type->unit];
}

/* As DuckDB chooses the width of an enum's codes. */
static const char *enum_format(const gbx__type *type)
{
    if (type->n_values <= UINT8_MAX) return "C";
    return type->n_values <= UINT16_MAX ? "S" : "I";
}

/* Of kinds without parameters and children; NULL for the others. */
static const char *plain_format(gbx__type_kind kind)
{
    static const char *const formats[GBX_TYPE_KINDS] = {
        [GBX_TYPE_NULL] = "n",       [GBX_TYPE_BOOL] = "b",        [GBX_TYPE_INT8] = "c",
        [GBX_TYPE_INT16] = "s",      [GBX_TYPE_INT32] = "i",       [GBX_TYPE_INT64] = "l",
        [GBX_TYPE_UINT8] = "C",      [GBX_TYPE_UINT16] = "S",      [GBX_TYPE_UINT32] = "I",
        [GBX_TYPE_UINT64] = "L",     [GBX_TYPE_FLOAT32] = "f",     [GBX_TYPE_FLOAT64] = "g",
        [GBX_TYPE_UTF8] = "u",       [GBX_TYPE_BINARY] = "z",      [GBX_TYPE_DATE] = "tdD",
        [GBX_TYPE_INTERVAL] = "tin", [GBX_TYPE_INT128] = "d:38,0", [GBX_TYPE_UINT128] = "w:16",
        [GBX_TYPE_TIMETZ] = "w:8",   [GBX_TYPE_UUID] = "w:16",     [GBX_TYPE_BIT] = "z",
        [GBX_TYPE_BIGNUM] = "z",     [GBX_TYPE_JSON] = "u",        [GBX_TYPE_GEOMETRY] = "z",
    };
    return formats[kind];
}

typedef struct extension {
    gbx__type_kind kind;
    const char *name;
    const char *parameters;
} extension;

#define OPAQUE(name) "{\"type_name\":\"" name "\",\"vendor_name\":\"DuckDB\"}"

static gbx_status to_extension(gbx__type_kind kind, struct ArrowSchema *out, gbx_error *err)
{
    static const extension extensions[] = {
        {GBX_TYPE_UUID, "arrow.uuid", ""},
        {GBX_TYPE_JSON, "arrow.json", ""},
        {GBX_TYPE_VARIANT, "arrow.parquet.variant", ""},
        {GBX_TYPE_GEOMETRY, "geoarrow.wkb", "{}"},
        {GBX_TYPE_UINT128, "arrow.opaque", OPAQUE("uhugeint")},
        {GBX_TYPE_TIMETZ, "arrow.opaque", OPAQUE("time_tz")},
        {GBX_TYPE_BIT, "arrow.opaque", OPAQUE("bit")},
        {GBX_TYPE_BIGNUM, "arrow.opaque", OPAQUE("bignum")},
    };
    for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++)
        if (extensions[i].kind == kind)
            return gbx__arrow_schema_set_extension(out, extensions[i].name,
                                                   extensions[i].parameters, err);
    return GBX_OK;
}

/* ---- what has children ----------------------------------------------------------------------- */

static gbx_status to_children(const gbx__type *type, struct ArrowSchema *out, gbx_error *err)
{
    for (uint32_t i = 0; i < type->n_fields; i++)
        GBX_TRY(to_schema(type->fields[i].type, type->fields[i].name, out->children[i], err));
    return GBX_OK;
}

static gbx_status to_item(const gbx__type *type, const char *format, gbx__str name,
                          struct ArrowSchema *out, gbx_error *err)
{
    GBX_TRY(gbx__arrow_schema_make(out, format, name, 1, err));
    return to_schema(type->fields[0].type, GBX_STR("item"), out->children[0], err);
}

static gbx_status to_array(const gbx__type *type, gbx__str name, struct ArrowSchema *out,
                           gbx_error *err)
{
    char format[32];
    snprintf(format, sizeof(format), "+w:%u", type->array_size);
    return to_item(type, format, name, out, err);
}

/* A row's fields have no names; Arrow wants them told apart. */
static gbx_status to_struct(const gbx__type *type, gbx__str name, struct ArrowSchema *out,
                            gbx_error *err)
{
    GBX_TRY(gbx__arrow_schema_make(out, "+s", name, type->n_fields, err));
    for (uint32_t i = 0; i < type->n_fields; i++) {
        char number[32];
        gbx__str field = type->fields[i].name;
        if (field.len == 0)
            field =
                (gbx__str){number, (size_t)snprintf(number, sizeof(number), "element%u", i + 1)};
        GBX_TRY(to_schema(type->fields[i].type, field, out->children[i], err));
    }
    return GBX_OK;
}

static gbx_status to_union(const gbx__type *type, gbx__str name, struct ArrowSchema *out,
                           gbx_error *err)
{
    GBX_AUTO(gbx__buf_done) gbx__buf format = {0};
    gbx__buf_puts(&format, "+us:");
    for (uint32_t i = 0; i < type->n_fields; i++) gbx__buf_printf(&format, i > 0 ? ",%u" : "%u", i);
    if (format.failed) return GBX_FAIL_NOMEM(err);
    GBX_TRY(gbx__arrow_schema_make(out, format.data, name, type->n_fields, err));
    return to_children(type, out, err);
}

static gbx_status to_map(const gbx__type *type, gbx__str name, struct ArrowSchema *out,
                         gbx_error *err)
{
    GBX_TRY(gbx__arrow_schema_make(out, "+m", name, 1, err));
    struct ArrowSchema *entries = out->children[0];
    GBX_TRY(gbx__arrow_schema_make(entries, "+s", GBX_STR("entries"), 2, err));
    GBX_TRY(to_schema(type->fields[0].type, GBX_STR("key"), entries->children[0], err));
    GBX_TRY(to_schema(type->fields[1].type, GBX_STR("value"), entries->children[1], err));
    entries->flags &= ~ARROW_FLAG_NULLABLE;
    entries->children[0]->flags &= ~ARROW_FLAG_NULLABLE;
    return GBX_OK;
}

static gbx_status to_variant(gbx__str name, struct ArrowSchema *out, gbx_error *err)
{
    GBX_TRY(gbx__arrow_schema_make(out, "+s", name, 2, err));
    GBX_TRY(gbx__arrow_schema_make(out->children[0], "z", GBX_STR("metadata"), 0, err));
    GBX_TRY(gbx__arrow_schema_make(out->children[1], "z", GBX_STR("value"), 0, err));
    return to_extension(GBX_TYPE_VARIANT, out, err);
}

static gbx_status to_enum(const gbx__type *type, gbx__str name, struct ArrowSchema *out,
                          gbx_error *err)
{
    GBX_TRY(gbx__arrow_schema_make(out, enum_format(type), name, 0, err));
    return gbx__arrow_schema_set_dictionary(out, "u", err);
}

static gbx_status to_decimal(const gbx__type *type, gbx__str name, struct ArrowSchema *out,
                             gbx_error *err)
{
    char format[32];
    snprintf(format, sizeof(format), "d:%d,%d", type->precision, type->scale);
    return gbx__arrow_schema_make(out, format, name, 0, err);
}

/* ---- all of it ------------------------------------------------------------------------------- */

static gbx_status to_schema(const gbx__type *type, gbx__str name, struct ArrowSchema *out,
                            gbx_error *err)
{
    switch ((int)type->kind) {
    case GBX_TYPE_DECIMAL: return to_decimal(type, name, out, err);
    case GBX_TYPE_TIME:
    case GBX_TYPE_TIMESTAMP: return gbx__arrow_schema_make(out, time_format(type), name, 0, err);
    case GBX_TYPE_ENUM: return to_enum(type, name, out, err);
    case GBX_TYPE_LIST: return to_item(type, "+l", name, out, err);
    case GBX_TYPE_ARRAY: return to_array(type, name, out, err);
    case GBX_TYPE_STRUCT: return to_struct(type, name, out, err);
    case GBX_TYPE_MAP: return to_map(type, name, out, err);
    case GBX_TYPE_UNION: return to_union(type, name, out, err);
    case GBX_TYPE_VARIANT: return to_variant(name, out, err);
    default: break;
    }
    GBX_TRY(gbx__arrow_schema_make(out, plain_format(type->kind), name, 0, err));
    return to_extension(type->kind, out, err);
}

gbx_status gbx__type_to_arrow(const gbx__type *type, gbx__str name, struct ArrowSchema *out,
                              gbx_error *err)
{
    struct ArrowSchema schema = {0};
    const gbx_status status = to_schema(type, name, &schema, err);
    if (status != GBX_OK) {
        gbx__arrow_schema_done(&schema);
        return status;
    }
    *out = schema;
    return GBX_OK;
}
