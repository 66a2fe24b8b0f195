/* Values as JSON; what becomes of each type is said at the head of write_json.c. */
#include "result/json_node_priv.h"
#include "result/text_priv.h"
#include "result/variant_priv.h"

#include "base/json.h"

/* ---- text ---- */

/* Valid JSON has line breaks only between its parts, where a space does as well. */
static void json_put_embedded(const result_json_rules *rules, gbx__str text, gbx__buf *out)
{
    yyjson_doc *doc = NULL;
    if (gbx__json_read(text.ptr, text.len, 0, &doc, NULL) != GBX_OK) {
        result_json_string(text, rules, out);
        return;
    }
    gbx__json_free(doc);
    char *p = gbx__buf_reserve(out, text.len);
    if (!p) return;
    for (size_t i = 0; i < text.len; i++) {
        p[i] = text.ptr[i] == '\n' || text.ptr[i] == '\r' ? ' ' : text.ptr[i];
    }
    out->len += text.len;
}

static void json_put_hex(gbx__str bytes, gbx__buf *out)
{
    static const char hex[] = "0123456789abcdef";
    char *p = bytes.len < SIZE_MAX / 4 ? gbx__buf_reserve(out, bytes.len * 2 + 2) : NULL;
    if (!p) {
        out->failed = true;
        return;
    }
    *p++ = '"';
    for (size_t i = 0; i < bytes.len; i++) {
        *p++ = hex[(unsigned char)bytes.ptr[i] >> 4];
        *p++ = hex[(unsigned char)bytes.ptr[i] & 15];
    }
    *p++ = '"';
    out->len += bytes.len * 2 + 2;
}

/* ---- values ---- */

typedef char *json_put_fn(const gbx__column *column, int64_t row, char *out);

static void json_put_bare(const gbx__column *column, json_put_fn *put, int64_t row, gbx__buf *out)
{
    char *p = gbx__buf_reserve(out, column->put_max + 1);
    if (p) out->len += (size_t)(put(column, row, p) - p);
}

static void json_put_quoted(const gbx__column *column, json_put_fn *put, int64_t row,
                            gbx__buf *out)
{
    char *p = gbx__buf_reserve(out, column->put_max + 2);
    if (!p) return;
    p[0] = '"';
    char *end = put(column, row, p + 1);
    *end++ = '"';
    out->len += (size_t)(end - p);
}

static void json_put_float(const gbx__column *column, int64_t row, gbx__buf *out)
{
    char *p = gbx__buf_reserve(out, column->put_max);
    if (!p) return;
    char *end = column->put(column, row, p);
    if (end[-1] == 'n') {
        gbx__buf_puts(out, "\"NaN\"");
    } else if (end[-1] == 'f') {
        gbx__buf_puts(out, p[0] == '-' ? "\"-Infinity\"" : "\"Infinity\"");
    } else {
        out->len += (size_t)(end - p);
    }
}



static void json_put_list(const result_json_rules *rules, const result_json_node *node, int64_t row,
                          gbx__buf *out)
{
    int64_t start;
    int64_t length;
    gbx__column_range(node->column, row, &start, &length);
    gbx__buf_putc(out, '[');
    for (int64_t i = 0; i < length && !out->failed; i++) {
        if (i) gbx__buf_putc(out, ',');
        result_json_value(rules, &node->children[0], start + i, out);
    }
    gbx__buf_putc(out, ']');
}

/* The text of any value, as a string. */
static void json_put_text_of(const result_json_rules *rules, const gbx__column *column, int64_t row,
                             gbx__buf *out)
{
    gbx__buf text;
    gbx__buf_init(&text, 0);
    gbx__column_text(column, row, &text);
    result_json_string(gbx__buf_view(&text), rules, out);
    out->failed |= text.failed;
    gbx__buf_done(&text);
}

static void json_put_map(const result_json_rules *rules, const result_json_node *node, int64_t row,
                         gbx__buf *out)
{
    const result_json_node *entries = &node->children[0];
    int64_t start;
    int64_t length;
    gbx__column_range(node->column, row, &start, &length);
    start += entries->column->offset;
    gbx__buf_putc(out, '{');
    for (int64_t i = 0; i < length && !out->failed; i++) {
        if (i) gbx__buf_putc(out, ',');
        json_put_text_of(rules, entries->children[0].column, start + i, out);
        gbx__buf_putc(out, ':');
        result_json_value(rules, &entries->children[1], start + i, out);
    }
    gbx__buf_putc(out, '}');
}

void result_json_members(const result_json_rules *rules, const result_json_node *nodes, size_t n,
                         int64_t row, gbx__buf *out)
{
    if (n == 0) gbx__buf_putc(out, '{');
    for (size_t i = 0; i < n && !out->failed; i++) {
        gbx__buf_str(out, nodes[i].key);
        result_json_value(rules, &nodes[i], row, out);
    }
    gbx__buf_putc(out, '}');
}

static void json_put_null(gbx__buf *out)
{
    gbx__buf_append(out, "null", 4);
}

static bool json_put_variant(const result_json_rules *rules, const result_variant *variant,
                             result_variant_walk *walk, gbx__buf *out);

static bool json_put_variant_items(const result_json_rules *rules, const result_variant *variant,
                                   result_variant_walk *walk, gbx__buf *out)
{
    const bool is_object = variant->kind == RESULT_VARIANT_OBJECT;
    gbx__buf_putc(out, is_object ? '{' : '[');
    for (uint32_t i = 0; i < variant->count && !out->failed; i++) {
        result_variant item;
        gbx__str name;
        if (i) gbx__buf_putc(out, ',');
        if (is_object) {
            if (!result_variant_name(variant, i, &name)) return false;
            result_json_string(name, rules, out);
            gbx__buf_putc(out, ':');
        }
        if (!result_variant_item(variant, i, &item) || !result_variant_enter(walk)) return false;
        if (!json_put_variant(rules, &item, walk, out)) return false;
        result_variant_leave(walk);
    }
    gbx__buf_putc(out, is_object ? '}' : ']');
    return true;
}

/* False when the bytes are broken. */
static bool json_put_variant(const result_json_rules *rules, const result_variant *variant,
                             result_variant_walk *walk, gbx__buf *out)
{
    const result_json_node scalar = {.column = &variant->scalar,
                                     .form = result_json_form_of(&variant->scalar)};
    switch (variant->kind) {
    case RESULT_VARIANT_NULL: json_put_null(out); return true;
    case RESULT_VARIANT_SCALAR: result_json_value(rules, &scalar, 0, out); return true;
    case RESULT_VARIANT_TEXT: result_json_string(variant->bytes, rules, out); return true;
    case RESULT_VARIANT_BINARY: json_put_hex(variant->bytes, out); return true;
    case RESULT_VARIANT_OBJECT:
    case RESULT_VARIANT_ARRAY:
    default: return json_put_variant_items(rules, variant, walk, out);
    }
}

static void json_put_variant_at(const result_json_rules *rules, const result_json_node *node,
                                int64_t row, gbx__buf *out)
{
    const size_t start = out->len;
    result_variant variant;
    if (result_variant_at(node->column, row, &variant)) {
        result_variant_walk walk = result_variant_walk_of(&variant);
        if (json_put_variant(rules, &variant, &walk, out)) return;
    }
    out->len = start;
    result_json_members(rules, node->children, node->column->n_children, node->column->offset + row,
                     out);
}

static void json_put_indirect(const result_json_rules *rules, const result_json_node *node,
                              int64_t row, gbx__buf *out)
{
    const int child = gbx__column_follow(node->column, &row);
    if (child < 0) {
        json_put_null(out);
    } else {
        result_json_value(rules, &node->children[child], row, out);
    }
}

void result_json_value(const result_json_rules *rules, const result_json_node *node, int64_t row,
                       gbx__buf *out)
{
    const gbx__column *column = node->column;
    if (gbx__column_is_null(column, row)) {
        json_put_null(out);
        return;
    }
    switch (node->form) {
    case RESULT_JSON_BARE: json_put_bare(column, column->put, row, out); return;
    case RESULT_JSON_QUOTED: json_put_quoted(column, column->put, row, out); return;
    case RESULT_JSON_FLOAT: json_put_float(column, row, out); return;
    case RESULT_JSON_DECIMAL: json_put_bare(column, result_decimal_json, row, out); return;
    case RESULT_JSON_TIMESTAMP: json_put_quoted(column, result_timestamp_iso, row, out); return;
    case RESULT_JSON_TEXT: result_json_string(gbx__column_bytes(column, row), rules, out); return;
    case RESULT_JSON_EMBEDDED:
        json_put_embedded(rules, gbx__column_bytes(column, row), out);
        return;
    case RESULT_JSON_HEX: json_put_hex(gbx__column_bytes(column, row), out); return;
    case RESULT_JSON_BARE_TEXT: gbx__column_text(column, row, out); return;
    case RESULT_JSON_QUOTED_TEXT:
        json_put_text_of(rules, column, row, out);
        return;
    case RESULT_JSON_LIST: json_put_list(rules, node, row, out); return;
    case RESULT_JSON_MAP: json_put_map(rules, node, row, out); return;
    case RESULT_JSON_STRUCT:
        result_json_members(rules, node->children, column->n_children, column->offset + row, out);
        return;
    case RESULT_JSON_VARIANT: json_put_variant_at(rules, node, row, out); return;
    case RESULT_JSON_INDIRECT: json_put_indirect(rules, node, row, out); return;
    default: return;
    }
}
