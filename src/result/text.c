/*
 * A value's text, of any type: as DuckDB 2.0 casts it to VARCHAR.
 *
 * Inside lists, structs and maps a value that could be misread is quoted with ', and ' and \ in it
 * get a \; a struct's names are always quoted. What is nested itself is not.
 */
#include "result/text_priv.h"

static bool text_is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool text_is_null_word(gbx__str s)
{
    return gbx__str_is_nocase(s, "null");
}

/* Whether a piece of nested text must be quoted. */
static bool text_needs_quotes(gbx__str s)
{
    static const char special[] = "\"'(),:=[\\]{}";
    if (s.len == 0 || text_is_space(s.ptr[0]) || text_is_space(s.ptr[s.len - 1])) return true;
    if (text_is_null_word(s)) return true;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] && strchr(special, s.ptr[i])) return true;
    }
    return false;
}

void result_quote_name(gbx__str s, gbx__buf *out)
{
    gbx__buf_putc(out, '\'');
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '\'' || s.ptr[i] == '\\') gbx__buf_putc(out, '\\');
        gbx__buf_putc(out, s.ptr[i]);
    }
    gbx__buf_putc(out, '\'');
}

void result_quote_inner(size_t start, gbx__buf *out)
{
    if (out->failed) return;
    const gbx__str text = {out->data ? out->data + start : "", out->len - start};
    if (!text_needs_quotes(text)) return;
    gbx__buf copy;
    gbx__buf_init(&copy, 0);
    gbx__buf_str(&copy, text);
    out->len = start;
    result_quote_name(gbx__buf_view(&copy), out);
    out->failed |= copy.failed;
    gbx__buf_done(&copy);
}

static bool text_is_nested(const gbx__column *column)
{
    return (column->kind >= GBX_COLUMN_LIST && column->kind <= GBX_COLUMN_UNION) ||
           column->kind == GBX_COLUMN_JSON;
}

/* A value inside another. */
static void text_inner(const gbx__column *column, int64_t row, gbx__buf *out)
{
    const size_t start = out->len;
    const gbx__column *at = column;
    int64_t at_row = row;
    if (column->kind != GBX_COLUMN_UNION && !gbx__column_resolve(&at, &at_row)) {
        gbx__buf_puts(out, "NULL");
        return;
    }
    gbx__column_text(at, at_row, out);
    if (!text_is_nested(at) && column->kind != GBX_COLUMN_UNION) result_quote_inner(start, out);
}

static void text_list(const gbx__column *column, int64_t row, gbx__buf *out)
{
    int64_t start;
    int64_t length;
    gbx__column_range(column, row, &start, &length);
    gbx__buf_putc(out, '[');
    for (int64_t i = 0; i < length && !out->failed; i++) {
        if (i) gbx__buf_puts(out, ", ");
        text_inner(&column->children[0], start + i, out);
    }
    gbx__buf_putc(out, ']');
}

static void text_map(const gbx__column *column, int64_t row, gbx__buf *out)
{
    const gbx__column *entries = &column->children[0];
    int64_t start;
    int64_t length;
    gbx__column_range(column, row, &start, &length);
    gbx__buf_putc(out, '{');
    for (int64_t i = 0; i < length && !out->failed; i++) {
        if (i) gbx__buf_puts(out, ", ");
        text_inner(&entries->children[0], entries->offset + start + i, out);
        gbx__buf_putc(out, '=');
        text_inner(&entries->children[1], entries->offset + start + i, out);
    }
    gbx__buf_putc(out, '}');
}

/* A struct without any name is a row value: (1, x). */
static bool text_is_row(const gbx__column *column)
{
    for (size_t i = 0; i < column->n_children; i++) {
        if (column->children[i].name[0]) return false;
    }
    return column->n_children > 0;
}

static void text_struct(const gbx__column *column, int64_t row, gbx__buf *out)
{
    if (column->is_variant && result_variant_text(column, row, out)) return;
    const bool is_row = text_is_row(column);
    gbx__buf_putc(out, is_row ? '(' : '{');
    for (size_t i = 0; i < column->n_children && !out->failed; i++) {
        const gbx__column *child = &column->children[i];
        if (i) gbx__buf_puts(out, ", ");
        if (!is_row) {
            result_quote_name(gbx__str_of(child->name), out);
            gbx__buf_puts(out, ": ");
        }
        text_inner(child, column->offset + row, out);
    }
    gbx__buf_putc(out, is_row ? ')' : '}');
}

static void text_put(const gbx__column *column, int64_t row, gbx__buf *out)
{
    char *start = gbx__buf_reserve(out, column->put_max);
    if (!start) return;
    out->len += (size_t)(column->put(column, row, start) - start);
    out->data[out->len] = '\0';
}

void gbx__column_text(const gbx__column *column, int64_t row, gbx__buf *out)
{
    if (!gbx__column_resolve(&column, &row)) {
        gbx__buf_puts(out, "NULL");
        return;
    }
    if (column->put) {
        text_put(column, row, out);
        return;
    }
    switch ((int)column->kind) {
    case GBX_COLUMN_UTF8:
    case GBX_COLUMN_JSON: gbx__buf_str(out, gbx__column_bytes(column, row)); return;
    case GBX_COLUMN_BINARY: result_binary_text(gbx__column_bytes(column, row), out); return;
    case GBX_COLUMN_BIT: result_bit_text(gbx__column_bytes(column, row), out); return;
    case GBX_COLUMN_GEOMETRY: result_geometry_text(gbx__column_bytes(column, row), out); return;
    case GBX_COLUMN_BIGNUM: result_bignum_text(gbx__column_bytes(column, row), out); return;
    case GBX_COLUMN_LIST: text_list(column, row, out); return;
    case GBX_COLUMN_MAP: text_map(column, row, out); return;
    case GBX_COLUMN_STRUCT: text_struct(column, row, out); return;
    default: return;
    }
}
