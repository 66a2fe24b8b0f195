/*
 * JSON: one object for each row, on a line of its own; `json` puts them into one array.
 *
 * Numbers are numbers, of any size (integers to 64 bits and more, decimals with all their digits);
 * NaN and infinities are the strings "NaN", "Infinity", "-Infinity"; dates, times and intervals are
 * text, timestamps ISO 8601 (with Z when they are instants); binary is hexadecimal text; a map is
 * an object whose keys are the text of its keys; the second column "a" is called "a_1". Bytes that
 * are not UTF-8 become U+FFFD.
 */
#include "result/json_node_priv.h"
#include "result/text_priv.h"
#include "result/writer_priv.h"

#include "base/json.h"

typedef struct json_state {
    gbx__column *columns;
    size_t n_columns;
    result_json_node *nodes;
    bool is_array;
    bool escape_control;
} json_state;

/* ---- text ---- */

static void json_put_str(const json_state *json, gbx__str text, gbx__buf *out)
{
    result_json_string(text, json->escape_control, out);
}

/* Valid JSON has line breaks only between its parts, where a space does as well. */
static void json_put_embedded(json_state *json, gbx__str text, gbx__buf *out)
{
    yyjson_doc *doc = NULL;
    if (gbx__json_read(text.ptr, text.len, 0, &doc, NULL) != GBX_OK) {
        json_put_str(json, text, out);
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

static void json_put_value(json_state *json, const result_json_node *node, int64_t row,
                           gbx__buf *out);

static void json_put_list(json_state *json, const result_json_node *node, int64_t row,
                          gbx__buf *out)
{
    int64_t start;
    int64_t length;
    gbx__column_range(node->column, row, &start, &length);
    gbx__buf_putc(out, '[');
    for (int64_t i = 0; i < length && !out->failed; i++) {
        if (i) gbx__buf_putc(out, ',');
        json_put_value(json, &node->children[0], start + i, out);
    }
    gbx__buf_putc(out, ']');
}

/* The text of any key, as a string. */
static void json_put_key(json_state *json, const gbx__column *column, int64_t row, gbx__buf *out)
{
    gbx__buf text;
    gbx__buf_init(&text, 0);
    gbx__column_text(column, row, &text);
    json_put_str(json, gbx__buf_view(&text), out);
    out->failed |= text.failed;
    gbx__buf_done(&text);
    gbx__buf_putc(out, ':');
}

static void json_put_map(json_state *json, const result_json_node *node, int64_t row,
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
        json_put_key(json, entries->children[0].column, start + i, out);
        json_put_value(json, &entries->children[1], start + i, out);
    }
    gbx__buf_putc(out, '}');
}

static void json_put_members(json_state *json, const result_json_node *nodes, size_t n,
                             int64_t row, gbx__buf *out)
{
    if (n == 0) gbx__buf_putc(out, '{');
    for (size_t i = 0; i < n && !out->failed; i++) {
        gbx__buf_str(out, nodes[i].key);
        json_put_value(json, &nodes[i], row, out);
    }
    gbx__buf_putc(out, '}');
}

static void json_put_null(gbx__buf *out)
{
    gbx__buf_append(out, "null", 4);
}

static void json_put_indirect(json_state *json, const result_json_node *node, int64_t row,
                              gbx__buf *out)
{
    const int child = gbx__column_follow(node->column, &row);
    if (child < 0) {
        json_put_null(out);
    } else {
        json_put_value(json, &node->children[child], row, out);
    }
}

static void json_put_value(json_state *json, const result_json_node *node, int64_t row,
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
    case RESULT_JSON_TEXT: json_put_str(json, gbx__column_bytes(column, row), out); return;
    case RESULT_JSON_EMBEDDED: json_put_embedded(json, gbx__column_bytes(column, row), out); return;
    case RESULT_JSON_HEX: json_put_hex(gbx__column_bytes(column, row), out); return;
    case RESULT_JSON_BARE_TEXT: gbx__column_text(column, row, out); return;
    case RESULT_JSON_QUOTED_TEXT:
        gbx__buf_putc(out, '"');
        gbx__column_text(column, row, out);
        gbx__buf_putc(out, '"');
        return;
    case RESULT_JSON_LIST: json_put_list(json, node, row, out); return;
    case RESULT_JSON_MAP: json_put_map(json, node, row, out); return;
    case RESULT_JSON_STRUCT:
        json_put_members(json, node->children, column->n_children, column->offset + row, out);
        return;
    case RESULT_JSON_INDIRECT: json_put_indirect(json, node, row, out); return;
    default: return;
    }
}

/* ---- the writer ---- */

static gbx_status json_begin(result_writer *writer, const struct ArrowSchema *schema,
                             gbx_error *err)
{
    json_state *json = GBX_ARENA_NEW(&writer->arena, json_state);
    if (!json) return GBX_FAIL_NOMEM(err);
    json->is_array = writer->options->format == GBX_FORMAT_JSON;
    json->escape_control = writer->options->escape_control;
    writer->state = json;
    GBX_TRY(gbx__columns_open(&writer->arena, schema, &json->columns, &json->n_columns, err));
    GBX_TRY(result_json_nodes(&writer->arena, json->columns, json->n_columns, json->escape_control,
                              &json->nodes, err));
    if (json->is_array) gbx__buf_putc(&writer->sink.buf, '[');
    return GBX_OK;
}

static gbx_status json_batch(result_writer *writer, const struct ArrowArray *batch, int64_t n_rows,
                             gbx_error *err)
{
    json_state *json = writer->state;
    gbx__buf *out = &writer->sink.buf;
    GBX_TRY(gbx__columns_bind(json->columns, json->n_columns, batch, err));
    for (int64_t i = 0; i < n_rows; i++) {
        if (json->is_array) gbx__buf_puts(out, writer->rows + i ? ",\n" : "\n");
        json_put_members(json, json->nodes, json->n_columns, batch->offset + i, out);
        if (!json->is_array) gbx__buf_putc(out, '\n');
        GBX_TRY(result_sink_spill(&writer->sink, err));
    }
    return GBX_OK;
}

static gbx_status json_end(result_writer *writer, gbx_error *err)
{
    const json_state *json = writer->state;
    (void)err;
    if (json->is_array) gbx__buf_puts(&writer->sink.buf, writer->rows ? "\n]\n" : "]\n");
    return GBX_OK;
}

static void json_done(result_writer *writer)
{
    (void)writer;
}

const result_format result_format_json = {json_begin, json_batch, json_end, json_done};
