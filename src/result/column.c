/* Access to the values of bound columns. */
#include "result/column_priv.h"
#include "result/text_priv.h"

static bool column_bit(const gbx__column *column, int64_t row)
{
    const uint64_t bit = (uint64_t)(column->offset + row);
    return column->validity[bit / 8] >> bit % 8 & 1;
}

/* The text behind a 16-byte view: up to 12 bytes lie inside, longer ones in a buffer by number. */
static gbx__str column_view(const gbx__column *column, int64_t row)
{
    const char *view = column->offsets + row * 16;
    const int32_t len = GBX_LOAD(int32_t, view, 0);
    if (len <= 12) return (gbx__str){view + 4, len > 0 ? (size_t)len : 0};
    const int32_t buffer = GBX_LOAD(int32_t, view, 2);
    const int32_t offset = GBX_LOAD(int32_t, view, 3);
    if (buffer < 0 || offset < 0 || buffer + 2 >= column->array->n_buffers) {
        return (gbx__str){"", 0};
    }
    const char *bytes = column->array->buffers[buffer + 2];
    return bytes ? (gbx__str){bytes + offset, (size_t)len} : (gbx__str){"", 0};
}

gbx__str gbx__column_bytes(const gbx__column *column, int64_t row)
{
    int64_t start;
    int64_t end;
    switch (column->layout) {
    case GBX_LAYOUT_FIXED:
        return (gbx__str){column->width ? column->data + row * column->width : "",
                          (size_t)column->width};
    case GBX_LAYOUT_OFFSETS32:
        start = GBX_LOAD(int32_t, column->offsets, row);
        end = GBX_LOAD(int32_t, column->offsets, row + 1);
        break;
    case GBX_LAYOUT_OFFSETS64:
        start = GBX_LOAD(int64_t, column->offsets, row);
        end = GBX_LOAD(int64_t, column->offsets, row + 1);
        break;
    case GBX_LAYOUT_VIEW32:
    case GBX_LAYOUT_VIEW64:
    default: return column_view(column, row);
    }
    if (start < 0 || end <= start || !column->data) return (gbx__str){"", 0};
    return (gbx__str){column->data + start, (size_t)(end - start)};
}

static int64_t column_offset_at(const gbx__column *column, const char *offsets, int64_t index)
{
    const bool is_wide =
        column->layout == GBX_LAYOUT_OFFSETS64 || column->layout == GBX_LAYOUT_VIEW64;
    return is_wide ? GBX_LOAD(int64_t, offsets, index) : GBX_LOAD(int32_t, offsets, index);
}

void gbx__column_range(const gbx__column *column, int64_t row, int64_t *start, int64_t *length)
{
    switch (column->layout) {
    case GBX_LAYOUT_FIXED:
        *start = (column->offset + row) * column->width;
        *length = column->width;
        return;
    case GBX_LAYOUT_VIEW32:
    case GBX_LAYOUT_VIEW64:
        *start = column_offset_at(column, column->offsets, row);
        *length = column_offset_at(column, column->data, row);
        break;
    case GBX_LAYOUT_OFFSETS32:
    case GBX_LAYOUT_OFFSETS64:
    default:
        *start = column_offset_at(column, column->offsets, row);
        *length = column_offset_at(column, column->offsets, row + 1) - *start;
        break;
    }
    if (*start < 0 || *length < 0) *start = *length = 0;
}

static int64_t column_index(const gbx__column *column, int64_t row)
{
    const char *data = column->data;
    switch (column->format[0]) {
    case 'c': return GBX_LOAD(int8_t, data, row);
    case 'C': return GBX_LOAD(uint8_t, data, row);
    case 's': return GBX_LOAD(int16_t, data, row);
    case 'S': return GBX_LOAD(uint16_t, data, row);
    case 'i': return GBX_LOAD(int32_t, data, row);
    case 'I': return GBX_LOAD(uint32_t, data, row);
    default: return GBX_LOAD(int64_t, data, row);
    }
}

/* The run that holds a row: the first whose end lies behind it. */
static int64_t column_run(const gbx__column *ends, int64_t row)
{
    int64_t low = 0;
    int64_t high = ends->length;
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (column_index(ends, middle) <= row) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool column_is_indirect(const gbx__column *column)
{
    return column->kind >= GBX_COLUMN_UNION;
}

int gbx__column_follow(const gbx__column *column, int64_t *row)
{
    int child = 0;
    int64_t at;
    if (column->kind == GBX_COLUMN_DICTIONARY) {
        at = column_index(column, *row);
    } else if (column->kind == GBX_COLUMN_RUN_END) {
        child = 1;
        at = column_run(&column->children[0], column->offset + *row);
    } else {
        const signed char id = (signed char)column->data[*row];
        child = id < 0 ? -1 : column->members[id];
        at = column->is_dense ? GBX_LOAD(int32_t, column->offsets, *row) : column->offset + *row;
    }
    if (child < 0 || at < 0 || at >= column->children[child].length) return -1;
    *row = at;
    return child;
}

bool gbx__column_resolve(const gbx__column **column, int64_t *row)
{
    for (;;) {
        if ((*column)->validity && !column_bit(*column, *row)) return false;
        if (!column_is_indirect(*column)) return (*column)->kind != GBX_COLUMN_NULL;
        const int child = gbx__column_follow(*column, row);
        if (child < 0) return false;
        *column = &(*column)->children[child];
    }
}

/* A union is not NULL itself: its text is then "NULL", as DuckDB has it. */
bool gbx__column_is_null(const gbx__column *column, int64_t row)
{
    switch ((int)column->kind) {
    case GBX_COLUMN_NULL: return true;
    case GBX_COLUMN_UNION: return false;
    case GBX_COLUMN_DICTIONARY:
    case GBX_COLUMN_RUN_END: return !gbx__column_resolve(&column, &row);
    default: return column->validity && !column_bit(column, row);
    }
}

bool gbx__column_is_number(const gbx__column *column)
{
    while (column->kind == GBX_COLUMN_DICTIONARY || column->kind == GBX_COLUMN_RUN_END) {
        column = &column->children[column->n_children - 1];
    }
    return column->kind == GBX_COLUMN_BIGNUM ||
           (column->kind >= GBX_COLUMN_INT8 && column->kind <= GBX_COLUMN_DECIMAL);
}
