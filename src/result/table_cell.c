/* Values as cells: one line, valid UTF-8, of bounded width. */
#include "result/table_priv.h"
#include "result/writer_priv.h"

#include "base/alloc.h"

/* Text that is longer than this in bytes for each column of its width holds nothing but combining
 * marks: it is cut there. */
#define CELL_BYTES_A_COLUMN 32

bool result_cut_text(gbx__str text, size_t width, gbx__str *out)
{
    size_t i = 0;
    size_t used = 0;
    size_t fits = 0; /* bytes that leave room for the ellipsis */
    while (i < text.len) {
        const size_t start = i;
        gbx__utf8_next(text.ptr, text.len, &i);
        used += gbx__utf8_width(text.ptr + start, i - start);
        if (used > width) {
            *out = (gbx__str){text.ptr, fits};
            return true;
        }
        if (used < width) fits = i;
    }
    *out = text;
    return false;
}

/* Appends text with bytes that are not UTF-8 replaced. */
static void cell_append_valid(gbx__str text, gbx__buf *out)
{
    size_t i = 0;
    while (i < text.len) {
        const size_t valid = gbx__utf8_valid_prefix(text.ptr + i, text.len - i);
        gbx__buf_append(out, text.ptr + i, valid);
        i += valid;
        if (i < text.len) {
            gbx__buf_puts(out, "\xEF\xBF\xBD");
            i++;
        }
    }
}

/* Line breaks and tabs would tear the table, whoever reads it. */
static void cell_append_line(gbx__str text, const result_cell_rules *rules, gbx__buf *out)
{
    if (rules->escape_control) {
        result_escape_control(text, "", out);
        return;
    }
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];
        if (c == '\n' || c == '\r' || c == '\t') {
            gbx__buf_puts(out, c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t");
        } else {
            gbx__buf_putc(out, c);
        }
    }
}

/* Replaces what lies behind `start` by its form for a cell. */
static void cell_finish(result_row *row, size_t start, const result_cell_rules *rules,
                        result_cell *cell)
{
    gbx__buf *out = &row->text;
    if (out->failed) return;
    const size_t most = rules->max_width * CELL_BYTES_A_COLUMN;
    gbx__str text = {out->data ? out->data + start : "", out->len - start};
    if (text.len > most) text.len = most;

    gbx__buf valid;
    gbx__buf line;
    gbx__buf_init(&valid, 0);
    gbx__buf_init(&line, 0);
    cell_append_valid(text, &valid);
    cell_append_line(gbx__buf_view(&valid), rules, &line);
    out->len = start;
    gbx__str kept;
    const bool is_cut = result_cut_text(gbx__buf_view(&line), rules->max_width, &kept);
    gbx__buf_str(out, kept);
    if (is_cut) gbx__buf_puts(out, RESULT_ELLIPSIS);
    out->failed |= valid.failed || line.failed;
    gbx__buf_done(&valid);
    gbx__buf_done(&line);

    cell->end = out->len;
    cell->width = out->failed ? 0 : gbx__utf8_width(out->data + start, out->len - start);
}

/* Most cells are short ASCII, and done as they are. */
static bool cell_is_plain(gbx__str text, size_t max_width)
{
    if (text.len > max_width) return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < 0x20 || text.ptr[i] == 0x7F) return false;
    }
    return true;
}

static void cell_close(result_row *row, size_t start, const result_cell_rules *rules,
                       result_cell *cell)
{
    const gbx__str text = {row->text.data ? row->text.data + start : "", row->text.len - start};
    if (!row->text.failed && cell_is_plain(text, rules->max_width)) {
        cell->end = row->text.len;
        cell->width = text.len;
    } else {
        cell_finish(row, start, rules, cell);
    }
}

static bool cell_row_start(result_row *row, size_t n_columns)
{
    gbx__buf_clear(&row->text);
    if (!row->cells) row->cells = gbx__alloc_zero((n_columns + 1) * sizeof(*row->cells));
    return row->cells != NULL;
}

bool result_row_values(result_row *out, const gbx__column *columns, size_t n_columns, int64_t row,
                       const result_cell_rules *rules)
{
    if (!cell_row_start(out, n_columns)) return false;
    for (size_t i = 0; i < n_columns; i++) {
        const size_t start = out->text.len;
        out->cells[i].is_null = gbx__column_is_null(&columns[i], row);
        gbx__column_text(&columns[i], row, &out->text);
        cell_close(out, start, rules, &out->cells[i]);
    }
    return !out->text.failed;
}

bool result_row_texts(result_row *out, const gbx__str *texts, size_t n_columns,
                      const result_cell_rules *rules)
{
    if (!cell_row_start(out, n_columns)) return false;
    for (size_t i = 0; i < n_columns; i++) {
        const size_t start = out->text.len;
        gbx__buf_str(&out->text, texts[i]);
        cell_close(out, start, rules, &out->cells[i]);
    }
    return !out->text.failed;
}

void result_row_done(result_row *row)
{
    gbx__buf_done(&row->text);
    gbx__alloc_free(row->cells);
    row->cells = NULL;
}

gbx__str result_row_cell(const result_row *row, size_t column)
{
    const size_t start = column ? row->cells[column - 1].end : 0;
    return (gbx__str){row->text.data ? row->text.data + start : "", row->cells[column].end - start};
}
