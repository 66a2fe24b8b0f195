/*
 * What a sniff makes of a damaged file: one whose rows differ in length is "one column", or begins
 * behind the lines that do not fit; one with a quote that never ends has "no quotes". Each gives
 * rows, and none of them is what the file says. Where the first lines show it, the file is
 * refused, with the line and the option that reads it all the same.
 */
#include "source/csv_priv.h"

#include <string.h>

#define SUSPECT_HEAD_BYTES ((size_t)256 << 10)

/* Fields of one line, quotes respected. */
static uint32_t suspect_count(gbx__str line, char delimiter)
{
    uint32_t n = 1;
    bool in_quotes = false;
    bool at_start = true;
    for (size_t i = 0; i < line.len; i++) {
        const char c = line.ptr[i];
        if (c == '"' && (at_start || in_quotes)) {
            in_quotes = !in_quotes;
        } else if (c == delimiter && !in_quotes) {
            n++;
            at_start = true;
            continue;
        }
        at_start = false;
    }
    return n;
}

/* Does a field begin with a quote and hold no other? ("Tom" Jones is text, "Tom is damage.) */
static bool suspect_open_quote(gbx__str line, char delimiter)
{
    size_t start = 0;
    while (start <= line.len) {
        const char *end = memchr(line.ptr + start, delimiter, line.len - start);
        const size_t stop = end ? (size_t)(end - line.ptr) : line.len;
        if (stop > start && line.ptr[start] == '"' &&
            memchr(line.ptr + start + 1, '"', stop - start - 1) == NULL)
            return true;
        start = stop + 1;
    }
    return false;
}

/* The next whole line, without its end; false behind the last one. */
static bool suspect_line(gbx__str head, size_t *pos, gbx__str *line)
{
    if (*pos >= head.len) return false;
    const char *end = memchr(head.ptr + *pos, '\n', head.len - *pos);
    const size_t stop = end ? (size_t)(end - head.ptr) : head.len;
    *line = (gbx__str){head.ptr + *pos, stop - *pos};
    if (line->len > 0 && line->ptr[line->len - 1] == '\r') line->len--;
    *pos = stop + 1;
    return true;
}

typedef struct csv_shape {
    uint32_t width; /* fields of the first line */
    uint32_t n_lines;
    uint32_t n_same;   /* lines of that width */
    uint32_t odd_line; /* the first of another width; 0: none */
    uint32_t odd_width;
    uint32_t quoted_line; /* the first with a quote that has no end; 0: none */
} csv_shape;

static csv_shape suspect_shape(gbx__str head, char delimiter, int64_t skip)
{
    csv_shape shape = {0};
    gbx__str line;
    size_t pos = 0;
    uint32_t number = 0;
    while (suspect_line(head, &pos, &line)) {
        if ((int64_t)number++ < skip || line.len == 0) continue;
        const uint32_t width = suspect_count(line, delimiter);
        if (shape.n_lines++ == 0) shape.width = width;
        if (width == shape.width) {
            shape.n_same++;
        } else if (shape.odd_line == 0) {
            shape.odd_line = number;
            shape.odd_width = width;
        }
        if (shape.quoted_line == 0 && suspect_open_quote(line, delimiter))
            shape.quoted_line = number;
    }
    return shape;
}

static gbx_status suspect_ragged(gbx__csv_reader *r, gbx__str path, const csv_shape *shape)
{
    return GBX_FAIL(r->probe->err, GBX_INVALID,
                    "'%.*s' line %u has %u column%s where the first has %u: correct the line, or "
                    "say null_padding := true or ignore_errors := true",
                    GBX_STR_ARG(path), shape->odd_line, shape->odd_width,
                    shape->odd_width == 1 ? "" : "s", shape->width);
}

/* "One column", where most lines agree on several by a common delimiter. */
static gbx_status suspect_one_column(gbx__csv_reader *r, gbx__str path, gbx__str head)
{
    static const char candidates[] = ",;\t|";
    for (const char *c = candidates; *c != '\0'; c++) {
        const csv_shape shape = suspect_shape(head, *c, r->dialect->skip_rows);
        if (shape.width < 2 || shape.odd_line == 0 || shape.n_same * 2 < shape.n_lines) continue;
        return suspect_ragged(r, path, &shape);
    }
    return GBX_OK;
}

/*
 * Lines left out at the start. A title may stand there, also one with a delimiter in it; but
 * where few rows are left behind such lines, or half as many such lines as rows, the lines were
 * rows.
 */
static gbx_status suspect_skipped(gbx__csv_reader *r, gbx__str path, gbx__str head,
                                  const gbx__csv_dialect *found)
{
    gbx__str line;
    size_t pos = 0;
    int64_t number = 0;
    uint32_t n_like_rows = 0;
    while (number < found->skip_rows && suspect_line(head, &pos, &line)) {
        if (number++ < r->dialect->skip_rows) continue;
        if (suspect_count(line, found->delimiter[0]) > 1) n_like_rows++;
    }
    const csv_shape table = suspect_shape(head, found->delimiter[0], found->skip_rows);
    const csv_shape all = suspect_shape(head, found->delimiter[0], r->dialect->skip_rows);
    if (n_like_rows == 0 || all.odd_line == 0) return GBX_OK;
    if (table.n_lines >= 3 && n_like_rows * 2 < table.n_lines) return GBX_OK;
    return suspect_ragged(r, path, &all);
}

gbx_status gbx__csv_suspect(gbx__csv_reader *r, gbx__str path, const gbx__csv_sniffed *sniffed)
{
    const gbx__csv_dialect *found = &sniffed->dialect;
    if (r->dialect->ignore_errors || r->dialect->null_padding || !r->dialect->strict ||
        r->probe->scan->compression.len > 0 || r->dialect->encoding.len > 0)
        return GBX_OK;
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 0);
    GBX_TRY(gbx__fs_read_head(path.ptr, SUSPECT_HEAD_BYTES, &text, r->probe->err));
    gbx__str head = gbx__buf_view(&text);
    if (head.len == SUSPECT_HEAD_BYTES) { /* the last line may be cut */
        while (head.len > 0 && head.ptr[head.len - 1] != '\n') head.len--;
    }
    if (sniffed->n_fields == 1 && !r->has_delimiter) GBX_TRY(suspect_one_column(r, path, head));
    if (found->skip_rows > r->dialect->skip_rows) GBX_TRY(suspect_skipped(r, path, head, found));
    const csv_shape shape = suspect_shape(head, found->delimiter[0], found->skip_rows);
    if (found->quote != '\0' || r->has_quote || shape.quoted_line == 0) return GBX_OK;
    return GBX_FAIL(r->probe->err, GBX_INVALID,
                    "'%.*s' line %u has a quote that does not end its field: correct it, or say "
                    "quote := '' to read quotes as text",
                    GBX_STR_ARG(path), shape.quoted_line);
}
