/* An option's value as DuckDB's SQL: what a reader's call can hold, and nothing else. */
#include "source/source_priv.h"

#include <inttypes.h>
#include <math.h>

static gbx_status print_value(gbx__probe *probe, gbx__buf *sql, gbx__str option,
                              const gbx__type *type, const gbx__value *value);

static gbx_status print_items(gbx__probe *probe, gbx__buf *sql, gbx__str option,
                              const gbx__type *type, const gbx__value *value)
{
    const bool is_struct = type->kind == GBX_TYPE_STRUCT;
    gbx__buf_putc(sql, is_struct ? '{' : '[');
    for (uint32_t i = 0; i < value->n_items; i++) {
        const gbx__field *field = &type->fields[is_struct ? i : 0];
        if (i > 0) gbx__buf_puts(sql, ", ");
        if (is_struct) {
            gbx__duck_quote_text(sql, field->name);
            gbx__buf_puts(sql, ": ");
        }
        GBX_TRY(print_value(probe, sql, option, field->type, &value->items[i]));
    }
    gbx__buf_putc(sql, is_struct ? '}' : ']');
    return GBX_OK;
}

static gbx_status print_double(gbx__probe *probe, gbx__buf *sql, gbx__str option, double number)
{
    if (!isfinite(number)) {
        return GBX_FAIL(probe->err, GBX_INVALID, "the option %.*s is not a number",
                        GBX_STR_ARG(option));
    }
    gbx__buf_printf(sql, "%.17g::DOUBLE", number);
    return GBX_OK;
}

static gbx_status print_value(gbx__probe *probe, gbx__buf *sql, gbx__str option,
                              const gbx__type *type, const gbx__value *value)
{
    if (value->is_null) {
        gbx__buf_puts(sql, "NULL");
        return GBX_OK;
    }
    if (gbx__type_is_integer(type)) {
        if (type->kind == GBX_TYPE_INT128 || type->kind == GBX_TYPE_UINT128) {
            gbx__int128_print(sql, value->i128);
        } else if (type->kind == GBX_TYPE_UINT64) {
            gbx__buf_printf(sql, "%" PRIu64, value->u64);
        } else {
            gbx__buf_printf(sql, "%" PRId64, value->i64);
        }
        return GBX_OK;
    }
    if (gbx__type_is_float(type)) return print_double(probe, sql, option, value->f64);
    if (type->kind == GBX_TYPE_BOOL) {
        gbx__buf_puts(sql, value->boolean ? "true" : "false");
    } else if (type->kind == GBX_TYPE_DECIMAL) {
        gbx__decimal_print(sql, value->i128, type->scale);
    } else if (type->kind == GBX_TYPE_UTF8) {
        gbx__duck_quote_text(sql, value->text);
    } else if (type->kind == GBX_TYPE_LIST || type->kind == GBX_TYPE_ARRAY ||
               type->kind == GBX_TYPE_STRUCT) {
        return print_items(probe, sql, option, type, value);
    } else {
        return GBX_FAIL(probe->err, GBX_UNSUPPORTED,
                        "the option %.*s has a value of a type that readers do not take",
                        GBX_STR_ARG(option));
    }
    return GBX_OK;
}

gbx_status gbx__source_option_print(gbx__probe *probe, gbx__buf *sql,
                                    const gbx__scan_option *option)
{
    gbx__buf_puts(sql, ", ");
    gbx__buf_str(sql, option->name);
    gbx__buf_puts(sql, " := ");
    return print_value(probe, sql, option->name, option->type, &option->value);
}
