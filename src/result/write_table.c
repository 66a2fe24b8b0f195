/*
 * A table for people. Of a long result the first and the last rows are shown: the first are kept as
 * they come, the last in a ring that each batch overwrites, so memory does not grow with the rows.
 *
 *   head: row 0 … n_head-1            kept
 *   tail: the last n_tail rows so far  a ring; of each batch only its last n_tail are made into
 * text
 *
 * When all rows are asked for, widths are those of the first rows (TABLE_SETTLE_ROWS of them), and
 * what follows is written as it comes.
 */
#include "result/table_priv.h"
#include "result/writer_priv.h"

#include "base/alloc.h"
#include "base/vec.h"

#include <string.h>

#define TABLE_DEFAULT_ROWS 40
#define TABLE_SETTLE_ROWS 10000
#define TABLE_SETTLE_BYTES ((size_t)16 << 20)
#define TABLE_MAX_CELL_WIDTH ((size_t)10000)
#define TABLE_MAX_TYPE_WIDTH ((size_t)24) /* a longer type does not widen its column */

typedef struct table_state {
    gbx__column *columns;
    size_t n_columns;
    result_row names;
    result_row types;
    result_cell_rules rules;
    size_t max_head; /* SIZE_MAX: all rows */
    size_t n_tail;
    GBX_VEC(result_row) head;
    size_t head_bytes;
    result_row *tail; /* row r lies at r % n_tail */
    result_layout layout;
    bool is_open; /* the header is drawn, rows follow as they come */
    result_row passing;
} table_state;

/* ---- beginning ---- */

static void table_set_rows(table_state *table, int64_t max_rows)
{
    if (max_rows < 0) {
        table->max_head = SIZE_MAX;
        return;
    }
    const size_t rows = max_rows == 0 ? TABLE_DEFAULT_ROWS : (size_t)max_rows;
    table->n_tail = rows / 2;
    table->max_head = rows - table->n_tail;
}

static bool table_make_header(table_state *table, gbx__arena *arena)
{
    gbx__str *texts = GBX_ARENA_ARRAY(arena, table->n_columns, gbx__str);
    if (!texts) return false;
    for (size_t i = 0; i < table->n_columns; i++) texts[i] = gbx__str_of(table->columns[i].name);
    if (!result_row_texts(&table->names, texts, table->n_columns, &table->rules)) return false;

    gbx__buf type;
    gbx__buf_init(&type, 0);
    for (size_t i = 0; i < table->n_columns; i++) {
        gbx__buf_clear(&type);
        gbx__column_type_text(&table->columns[i], &type);
        texts[i] = gbx__arena_str(arena, gbx__buf_view(&type));
        if (type.failed || !texts[i].ptr) texts[i] = (gbx__str){NULL, 0};
    }
    gbx__buf_done(&type);
    for (size_t i = 0; i < table->n_columns; i++) {
        if (!texts[i].ptr) return false;
    }
    return result_row_texts(&table->types, texts, table->n_columns, &table->rules);
}

static gbx_status table_begin(result_writer *writer, const struct ArrowSchema *schema,
                              gbx_error *err)
{
    const gbx__write_options *options = writer->options;
    table_state *table = GBX_ARENA_NEW(&writer->arena, table_state);
    if (!table) return GBX_FAIL_NOMEM(err);
    writer->state = table;
    GBX_TRY(gbx__columns_open(&writer->arena, schema, &table->columns, &table->n_columns, err));

    const size_t width = options->table_width > 0 ? (size_t)options->table_width : 0;
    table->rules.max_width = width ? width : TABLE_MAX_CELL_WIDTH;
    table->rules.escape_control = options->escape_control;
    table_set_rows(table, options->table_max_rows);
    const size_t n = table->n_columns;
    table->tail = GBX_ARENA_ARRAY(&writer->arena, table->n_tail, result_row);
    table->layout.n_columns = n;
    table->layout.widths = GBX_ARENA_ARRAY(&writer->arena, n, size_t);
    table->layout.is_right = GBX_ARENA_ARRAY(&writer->arena, n, bool);
    if (!table->tail || !table->layout.widths || !table->layout.is_right) {
        return GBX_FAIL_NOMEM(err);
    }
    return table_make_header(table, &writer->arena) ? GBX_OK : GBX_FAIL_NOMEM(err);
}

/* ---- drawing ---- */

static result_drawing table_drawing(result_writer *writer)
{
    table_state *table = writer->state;
    return (result_drawing){&writer->sink.buf, &table->layout, writer->options->color};
}

static void table_widen(table_state *table, const result_row *row, size_t max_width)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        const size_t width = row->cells[i].width < max_width ? row->cells[i].width : max_width;
        if (width > table->layout.widths[i]) table->layout.widths[i] = width;
    }
}

/* Rows of the ring that are shown: all that came behind the head. */
static size_t table_tail_count(const table_state *table, int64_t rows)
{
    const uint64_t behind = (uint64_t)rows - table->head.len;
    return behind < table->n_tail ? (size_t)behind : table->n_tail;
}

static const result_row *table_tail_row(const table_state *table, int64_t row)
{
    return &table->tail[(uint64_t)row % table->n_tail];
}

static void table_lay_out(result_writer *writer)
{
    table_state *table = writer->state;
    const size_t n_tail = table_tail_count(table, writer->rows);
    table_widen(table, &table->names, SIZE_MAX);
    table_widen(table, &table->types, TABLE_MAX_TYPE_WIDTH);
    for (size_t i = 0; i < table->head.len; i++) {
        table_widen(table, &table->head.items[i], SIZE_MAX);
    }
    for (size_t i = 0; i < n_tail; i++) {
        table_widen(table, table_tail_row(table, writer->rows - 1 - (int64_t)i), SIZE_MAX);
    }
    for (size_t i = 0; i < table->n_columns; i++) {
        if (table->layout.widths[i] == 0) table->layout.widths[i] = 1;
        table->layout.is_right[i] = gbx__column_is_number(&table->columns[i]);
    }
    result_layout_fit(&table->layout, writer->options->table_width > 0
                                          ? (size_t)writer->options->table_width
                                          : 0);
}

static gbx_status table_draw_head(result_writer *writer, gbx_error *err)
{
    table_state *table = writer->state;
    const result_drawing drawing = table_drawing(writer);
    result_draw_rule(&drawing, RESULT_RULE_TOP);
    result_draw_row(&drawing, &table->names, RESULT_STYLE_NAMES);
    result_draw_row(&drawing, &table->types, RESULT_STYLE_TYPES);
    result_draw_rule(&drawing, RESULT_RULE_MIDDLE);
    for (size_t i = 0; i < table->head.len; i++) {
        result_draw_row(&drawing, &table->head.items[i], RESULT_STYLE_PLAIN);
        GBX_TRY(result_sink_spill(&writer->sink, err));
    }
    return GBX_OK;
}

static gbx_status table_draw_tail(result_writer *writer, gbx_error *err)
{
    table_state *table = writer->state;
    const result_drawing drawing = table_drawing(writer);
    const size_t n_tail = table_tail_count(table, writer->rows);
    if ((uint64_t)writer->rows > table->head.len + n_tail) {
        result_draw_row(&drawing, NULL, RESULT_STYLE_PLAIN);
    }
    for (size_t i = n_tail; i > 0; i--) {
        result_draw_row(&drawing, table_tail_row(table, writer->rows - (int64_t)i),
                        RESULT_STYLE_PLAIN);
        GBX_TRY(result_sink_spill(&writer->sink, err));
    }
    return GBX_OK;
}

/* ---- rows ---- */

static bool table_keep_row(table_state *table, int64_t row)
{
    result_row kept = {.cells = NULL};
    gbx__buf_init(&kept.text, 0);
    if (result_row_values(&kept, table->columns, table->n_columns, row, &table->rules) &&
        gbx__vec_push(&table->head, kept)) {
        table->head_bytes += kept.text.capacity;
        return true;
    }
    result_row_done(&kept);
    return false;
}

static bool table_is_settled(const table_state *table)
{
    return table->max_head == SIZE_MAX && (table->head.len >= TABLE_SETTLE_ROWS ||
                                           table->head_bytes >= TABLE_SETTLE_BYTES);
}

static gbx_status table_pass_row(result_writer *writer, int64_t row, gbx_error *err)
{
    table_state *table = writer->state;
    const result_drawing drawing = table_drawing(writer);
    if (!result_row_values(&table->passing, table->columns, table->n_columns, row,
                           &table->rules)) {
        return GBX_FAIL_NOMEM(err);
    }
    result_draw_row(&drawing, &table->passing, RESULT_STYLE_PLAIN);
    return result_sink_spill(&writer->sink, err);
}

static gbx_status table_head_row(result_writer *writer, int64_t row, gbx_error *err)
{
    table_state *table = writer->state;
    if (table->is_open) return table_pass_row(writer, row, err);
    if (!table_keep_row(table, row)) return GBX_FAIL_NOMEM(err);
    if (!table_is_settled(table)) return GBX_OK;
    table_lay_out(writer);
    table->is_open = true;
    return table_draw_head(writer, err);
}

/* Of the rows [first, n_rows) of a batch that belong to the tail, those that stay in the ring. */
static gbx_status table_tail_rows(result_writer *writer, const struct ArrowArray *batch,
                                  int64_t first, int64_t n_rows, gbx_error *err)
{
    table_state *table = writer->state;
    const int64_t n_tail = (int64_t)table->n_tail;
    if (n_tail == 0) return GBX_OK;
    if (n_rows - first > n_tail) first = n_rows - n_tail;
    for (int64_t i = first; i < n_rows; i++) {
        result_row *slot = &table->tail[(writer->rows + i) % n_tail];
        if (!result_row_values(slot, table->columns, table->n_columns, batch->offset + i,
                               &table->rules)) {
            return GBX_FAIL_NOMEM(err);
        }
    }
    return GBX_OK;
}

static gbx_status table_batch(result_writer *writer, const struct ArrowArray *batch, int64_t n_rows,
                              gbx_error *err)
{
    table_state *table = writer->state;
    int64_t i = 0;
    GBX_TRY(gbx__columns_bind(table->columns, table->n_columns, batch, err));
    for (; i < n_rows && (table->is_open || table->head.len < table->max_head); i++) {
        GBX_TRY(table_head_row(writer, batch->offset + i, err));
    }
    return table_tail_rows(writer, batch, i, n_rows, err);
}

static gbx_status table_end(result_writer *writer, gbx_error *err)
{
    table_state *table = writer->state;
    const result_drawing drawing = table_drawing(writer);
    if (table->n_columns > 0) {
        if (!table->is_open) {
            table_lay_out(writer);
            GBX_TRY(table_draw_head(writer, err));
            GBX_TRY(table_draw_tail(writer, err));
        }
        result_draw_rule(&drawing, RESULT_RULE_BOTTOM);
    }
    gbx__buf_printf(&writer->sink.buf, "(%lld row%s, %zu column%s)\n", (long long)writer->rows,
                    writer->rows == 1 ? "" : "s", table->n_columns,
                    table->n_columns == 1 ? "" : "s");
    return GBX_OK;
}

static void table_done(result_writer *writer)
{
    table_state *table = writer->state;
    if (!table) return;
    result_row_done(&table->names);
    result_row_done(&table->types);
    result_row_done(&table->passing);
    for (size_t i = 0; i < table->head.len; i++) result_row_done(&table->head.items[i]);
    gbx__vec_done(&table->head);
    for (size_t i = 0; i < table->n_tail && table->tail; i++) result_row_done(&table->tail[i]);
}

const result_format result_format_table = {table_begin, table_batch, table_end, table_done};
