/*
 * A plan's type as the text that DuckDB's SQL reads: what goes into CAST, CREATE TABLE and
 * read_csv's columns. DuckDB knows zoned timestamps of micro- and nanoseconds only; coarser ones
 * are widened, which loses nothing.
 */
#include "duck/duck.h"
#include "source/source.h"

static const char *const print_names[GBX_TYPE_KINDS] = {
    [GBX_TYPE_NULL] = "\"NULL\"",
    [GBX_TYPE_BOOL] = "BOOLEAN",
    [GBX_TYPE_INT8] = "TINYINT",
    [GBX_TYPE_INT16] = "SMALLINT",
    [GBX_TYPE_INT32] = "INTEGER",
    [GBX_TYPE_INT64] = "BIGINT",
    [GBX_TYPE_INT128] = "HUGEINT",
    [GBX_TYPE_UINT8] = "UTINYINT",
    [GBX_TYPE_UINT16] = "USMALLINT",
    [GBX_TYPE_UINT32] = "UINTEGER",
    [GBX_TYPE_UINT64] = "UBIGINT",
    [GBX_TYPE_UINT128] = "UHUGEINT",
    [GBX_TYPE_FLOAT32] = "FLOAT",
    [GBX_TYPE_FLOAT64] = "DOUBLE",
    [GBX_TYPE_UTF8] = "VARCHAR",
    [GBX_TYPE_BINARY] = "BLOB",
    [GBX_TYPE_DATE] = "DATE",
    [GBX_TYPE_TIMETZ] = "TIME WITH TIME ZONE",
    [GBX_TYPE_INTERVAL] = "INTERVAL",
    [GBX_TYPE_UUID] = "UUID",
    [GBX_TYPE_BIT] = "BIT",
    [GBX_TYPE_BIGNUM] = "BIGNUM",
    [GBX_TYPE_JSON] = "JSON",
    [GBX_TYPE_VARIANT] = "VARIANT",
    [GBX_TYPE_GEOMETRY] = "GEOMETRY",
};

static const char *print_timestamp_name(gbx__unit unit, bool has_zone)
{
    if (has_zone) return unit == GBX_UNIT_NS ? "TIMESTAMPTZ_NS" : "TIMESTAMP WITH TIME ZONE";
    switch (unit) {
    case GBX_UNIT_S: return "TIMESTAMP_S";
    case GBX_UNIT_MS: return "TIMESTAMP_MS";
    case GBX_UNIT_US: return "TIMESTAMP";
    case GBX_UNIT_NS: return "TIMESTAMP_NS";
    }
    return "TIMESTAMP";
}

static void print_fields(gbx__buf *out, const gbx__type *type, bool with_names)
{
    gbx__buf_putc(out, '(');
    for (uint32_t i = 0; i < type->n_fields; i++) {
        if (i > 0) gbx__buf_puts(out, ", ");
        if (with_names) {
            gbx__duck_quote_ident(out, type->fields[i].name);
            gbx__buf_putc(out, ' ');
        }
        gbx__duck_type_print(out, type->fields[i].type);
    }
    gbx__buf_putc(out, ')');
}

static void print_values(gbx__buf *out, const gbx__type *type)
{
    gbx__buf_putc(out, '(');
    for (uint32_t i = 0; i < type->n_values; i++) {
        if (i > 0) gbx__buf_puts(out, ", ");
        gbx__duck_quote_text(out, type->values[i]);
    }
    gbx__buf_putc(out, ')');
}

static void print_item(gbx__buf *out, const gbx__type *type)
{
    gbx__duck_type_print(out, type->fields[0].type);
    if (type->kind == GBX_TYPE_ARRAY) {
        gbx__buf_printf(out, "[%u]", (unsigned)type->array_size);
    } else {
        gbx__buf_puts(out, "[]");
    }
}

static void print_struct(gbx__buf *out, const gbx__type *type)
{
    const bool is_row = type->n_fields > 0 && type->fields[0].name.len == 0;
    gbx__buf_puts(out, is_row ? "TUPLE" : "STRUCT");
    print_fields(out, type, !is_row);
}

void gbx__duck_type_print(gbx__buf *out, const gbx__type *type)
{
    if (print_names[type->kind]) {
        gbx__buf_puts(out, print_names[type->kind]);
    } else if (type->kind == GBX_TYPE_DECIMAL) {
        gbx__buf_printf(out, "DECIMAL(%d,%d)", type->precision, type->scale);
    } else if (type->kind == GBX_TYPE_TIME) {
        gbx__buf_puts(out, type->unit == GBX_UNIT_NS ? "TIME_NS" : "TIME");
    } else if (type->kind == GBX_TYPE_TIMESTAMP) {
        gbx__buf_puts(out, print_timestamp_name(type->unit, type->has_zone));
    } else if (type->kind == GBX_TYPE_LIST || type->kind == GBX_TYPE_ARRAY) {
        print_item(out, type);
    } else if (type->kind == GBX_TYPE_MAP) {
        gbx__buf_puts(out, "MAP");
        print_fields(out, type, false);
    } else if (type->kind == GBX_TYPE_UNION) {
        gbx__buf_puts(out, "UNION");
        print_fields(out, type, true);
    } else if (type->kind == GBX_TYPE_STRUCT) {
        print_struct(out, type);
    } else {
        gbx__buf_puts(out, "ENUM");
        print_values(out, type);
    }
}
