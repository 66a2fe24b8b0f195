/* Names of types, as plans print them. */
#include "result/column_priv.h"

static void type_list(const gbx__column *column, gbx__buf *out)
{
    const bool is_array = column->layout == GBX_LAYOUT_FIXED;
    gbx__buf_puts(out, is_array ? "array<" : "list<");
    gbx__column_type_text(&column->children[0], out);
    if (is_array) gbx__buf_printf(out, ", %d", column->width);
    gbx__buf_putc(out, '>');
}

static void type_map(const gbx__column *column, gbx__buf *out)
{
    const gbx__column *entries = &column->children[0];
    gbx__buf_puts(out, "map<");
    gbx__column_type_text(&entries->children[0], out);
    gbx__buf_puts(out, ", ");
    gbx__column_type_text(&entries->children[1], out);
    gbx__buf_putc(out, '>');
}

static void type_members(const gbx__column *column, const char *name, gbx__buf *out)
{
    gbx__buf_puts(out, name);
    gbx__buf_putc(out, '<');
    for (size_t i = 0; i < column->n_children; i++) {
        const gbx__column *child = &column->children[i];
        if (i) gbx__buf_puts(out, ", ");
        if (child->name[0]) {
            gbx__buf_putc(out, '"');
            for (const char *p = child->name; *p; p++) {
                if (*p == '"') gbx__buf_putc(out, '"');
                gbx__buf_putc(out, *p);
            }
            gbx__buf_puts(out, "\": ");
        }
        gbx__column_type_text(child, out);
    }
    gbx__buf_putc(out, '>');
}

static const char *type_unit(const gbx__column *column)
{
    static const char *const units[] = {"s", "ms", "us", "ns"};
    return units[column->fraction / 3];
}

static void type_time(const gbx__column *column, const char *name, gbx__buf *out)
{
    const bool has_unit = column->fraction != 6;
    gbx__buf_puts(out, name);
    if (!has_unit && !column->has_zone) return;
    gbx__buf_printf(out, "(%s%s%s)", has_unit ? type_unit(column) : "",
                    has_unit && column->has_zone ? ", " : "", column->has_zone ? "zone" : "");
}

static const char *type_word(const gbx__column *column)
{
    if (column->is_variant) return "variant";
    switch (column->kind) {
    case GBX_COLUMN_NULL: return "null";
    case GBX_COLUMN_BOOL:
    case GBX_COLUMN_BOOL8: return "bool";
    case GBX_COLUMN_INT8: return "int8";
    case GBX_COLUMN_INT16: return "int16";
    case GBX_COLUMN_INT32: return "int32";
    case GBX_COLUMN_INT64: return "int64";
    case GBX_COLUMN_INT128: return "int128";
    case GBX_COLUMN_UINT8: return "uint8";
    case GBX_COLUMN_UINT16: return "uint16";
    case GBX_COLUMN_UINT32: return "uint32";
    case GBX_COLUMN_UINT64: return "uint64";
    case GBX_COLUMN_UINT128: return "uint128";
    case GBX_COLUMN_FLOAT16: return "float16";
    case GBX_COLUMN_FLOAT32: return "float32";
    case GBX_COLUMN_FLOAT64: return "float64";
    case GBX_COLUMN_UTF8: return "utf8";
    case GBX_COLUMN_JSON: return "json";
    case GBX_COLUMN_BINARY: return "binary";
    case GBX_COLUMN_BIT: return "bit";
    case GBX_COLUMN_GEOMETRY: return "geometry";
    case GBX_COLUMN_BIGNUM: return "bignum";
    case GBX_COLUMN_UUID: return "uuid";
    case GBX_COLUMN_DATE: return "date";
    case GBX_COLUMN_TIMETZ: return "timetz";
    case GBX_COLUMN_INTERVAL_MONTHS:
    case GBX_COLUMN_INTERVAL_DAYS:
    case GBX_COLUMN_INTERVAL: return "interval";
    case GBX_COLUMN_DECIMAL:
    case GBX_COLUMN_TIME:
    case GBX_COLUMN_TIMESTAMP:
    case GBX_COLUMN_DURATION:
    case GBX_COLUMN_LIST:
    case GBX_COLUMN_MAP:
    case GBX_COLUMN_STRUCT:
    case GBX_COLUMN_UNION:
    case GBX_COLUMN_DICTIONARY:
    case GBX_COLUMN_RUN_END:
    default: return NULL;
    }
}

void gbx__column_type_text(const gbx__column *column, gbx__buf *out)
{
    const char *word = type_word(column);
    if (word) {
        gbx__buf_puts(out, word);
        return;
    }
    switch ((int)column->kind) {
    case GBX_COLUMN_DECIMAL:
        gbx__buf_printf(out, "decimal(%d,%d)", column->precision, column->scale);
        return;
    case GBX_COLUMN_TIME: type_time(column, "time", out); return;
    case GBX_COLUMN_TIMESTAMP: type_time(column, "timestamp", out); return;
    case GBX_COLUMN_DURATION: type_time(column, "duration", out); return;
    case GBX_COLUMN_LIST: type_list(column, out); return;
    case GBX_COLUMN_MAP: type_map(column, out); return;
    case GBX_COLUMN_STRUCT: type_members(column, "struct", out); return;
    case GBX_COLUMN_UNION: type_members(column, "union", out); return;
    case GBX_COLUMN_DICTIONARY: gbx__buf_puts(out, "enum"); return;
    default: gbx__column_type_text(&column->children[1], out); return;
    }
}
