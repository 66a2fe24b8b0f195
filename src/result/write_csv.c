/*
 * CSV as DuckDB's COPY writes it: a header, commas, \n, NULL as nothing; quoted with " (doubled
 * inside) is what is empty or holds a comma, a quote, a line break or '#'.
 *
 * Numbers, dates and the like never need quotes, and go straight into the buffer; a row's room for
 * all of them is reserved at once.
 */
#include "result/writer_priv.h"

#include <string.h>

typedef struct csv_state {
    gbx__column *columns;
    size_t n_columns;
    size_t row_room; /* of a row's bounded values, commas and line break */
    gbx__buf cell;   /* a value that is made before it is known whether it needs quotes */
    gbx__buf escaped;
} csv_state;

/* 1 for the bytes that ask for quotes. */
static const unsigned char csv_special[256] = {
    ['\n'] = 1, ['\r'] = 1, ['"'] = 1, ['#'] = 1, [','] = 1};

static bool csv_needs_quotes(gbx__str text)
{
    unsigned found = text.len == 0;
    for (size_t i = 0; i < text.len; i++) found |= csv_special[(unsigned char)text.ptr[i]];
    return found;
}

static char *csv_quote(gbx__str text, char *p)
{
    *p++ = '"';
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"') *p++ = '"';
        *p++ = text.ptr[i];
    }
    *p++ = '"';
    return p;
}

/* Writes text at `p`, the end of the sink's buffer, and sees to the room of what follows; NULL when
 * memory is short. */
static char *csv_put_text(result_writer *writer, gbx__str text, char *p)
{
    csv_state *csv = writer->state;
    gbx__buf *out = &writer->sink.buf;
    if (writer->options->escape_control && result_has_control(text, "\n\r\t")) {
        gbx__buf_clear(&csv->escaped);
        result_escape_control(text, "\n\r\t", &csv->escaped);
        if (csv->escaped.failed) return NULL;
        text = gbx__buf_view(&csv->escaped);
    }
    const bool is_quoted = csv_needs_quotes(text);
    out->len = (size_t)(p - out->data);
    p = gbx__buf_reserve(out, csv->row_room + (is_quoted ? 2 * text.len + 2 : text.len));
    if (!p) return NULL;
    if (is_quoted) return csv_quote(text, p);
    memcpy(p, text.ptr, text.len);
    return p + text.len;
}

static char *csv_put_value(result_writer *writer, const gbx__column *column, int64_t row, char *p)
{
    csv_state *csv = writer->state;
    if (column->put) return column->put(column, row, p);
    if (column->kind == GBX_COLUMN_UTF8 || column->kind == GBX_COLUMN_JSON) {
        return csv_put_text(writer, gbx__column_bytes(column, row), p);
    }
    gbx__buf_clear(&csv->cell);
    gbx__column_text(column, row, &csv->cell);
    return csv->cell.failed ? NULL : csv_put_text(writer, gbx__buf_view(&csv->cell), p);
}

static bool csv_put_row(result_writer *writer, int64_t row)
{
    csv_state *csv = writer->state;
    gbx__buf *out = &writer->sink.buf;
    char *p = gbx__buf_reserve(out, csv->row_room);
    for (size_t i = 0; i < csv->n_columns && p; i++) {
        const gbx__column *column = &csv->columns[i];
        if (i) *p++ = ',';
        if (!gbx__column_is_null(column, row)) p = csv_put_value(writer, column, row, p);
    }
    if (!p) return false;
    *p++ = '\n';
    out->len = (size_t)(p - out->data);
    return true;
}

static bool csv_put_header(result_writer *writer)
{
    csv_state *csv = writer->state;
    gbx__buf *out = &writer->sink.buf;
    char *p = gbx__buf_reserve(out, csv->row_room);
    for (size_t i = 0; i < csv->n_columns && p; i++) {
        if (i) *p++ = ',';
        p = csv_put_text(writer, gbx__str_of(csv->columns[i].name), p);
    }
    if (!p) return false;
    *p++ = '\n';
    out->len = (size_t)(p - out->data);
    return true;
}

static gbx_status csv_begin(result_writer *writer, const struct ArrowSchema *schema,
                            gbx_error *err)
{
    csv_state *csv = GBX_ARENA_NEW(&writer->arena, csv_state);
    if (!csv) return GBX_FAIL_NOMEM(err);
    writer->state = csv;
    GBX_TRY(gbx__columns_open(&writer->arena, schema, &csv->columns, &csv->n_columns, err));
    csv->row_room = csv->n_columns + 1;
    for (size_t i = 0; i < csv->n_columns; i++) csv->row_room += csv->columns[i].put_max;
    return csv_put_header(writer) ? GBX_OK : GBX_FAIL_NOMEM(err);
}

static gbx_status csv_batch(result_writer *writer, const struct ArrowArray *batch, int64_t n_rows,
                            gbx_error *err)
{
    csv_state *csv = writer->state;
    GBX_TRY(gbx__columns_bind(csv->columns, csv->n_columns, batch, err));
    for (int64_t i = 0; i < n_rows; i++) {
        if (!csv_put_row(writer, batch->offset + i)) return GBX_FAIL_NOMEM(err);
        GBX_TRY(result_sink_spill(&writer->sink, err));
    }
    return GBX_OK;
}

static gbx_status csv_end(result_writer *writer, gbx_error *err)
{
    (void)writer;
    (void)err;
    return GBX_OK;
}

static void csv_done(result_writer *writer)
{
    csv_state *csv = writer->state;
    if (!csv) return;
    gbx__buf_done(&csv->cell);
    gbx__buf_done(&csv->escaped);
}

const result_format result_format_csv = {csv_begin, csv_batch, csv_end, csv_done};
