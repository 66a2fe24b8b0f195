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
#include "result/writer_priv.h"

typedef struct json_state {
    gbx__column *columns;
    size_t n_columns;
    result_json_node *nodes;
    result_json_rules rules;
    bool is_array;
} json_state;

static gbx_status json_begin(result_writer *writer, const struct ArrowSchema *schema,
                             gbx_error *err)
{
    json_state *json = GBX_ARENA_NEW(&writer->arena, json_state);
    if (!json) return GBX_FAIL_NOMEM(err);
    json->is_array = writer->options->format == GBX_FORMAT_JSON;
    json->rules.escape_control = writer->options->escape_control;
    writer->state = json;
    GBX_TRY(gbx__columns_open(&writer->arena, schema, &json->columns, &json->n_columns, err));
    GBX_TRY(result_json_nodes(&writer->arena, json->columns, json->n_columns, &json->rules,
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
        result_json_members(&json->rules, json->nodes, json->n_columns, batch->offset + i, out);
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
