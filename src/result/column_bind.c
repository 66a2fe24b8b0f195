/* Pointing columns at a batch: which buffer holds what, from which byte on. */
#include "result/column_priv.h"

#include <string.h>

typedef struct bind_place {
    const char *top_name;
    gbx_error *err;
} bind_place;

static gbx_status bind_fail(const bind_place *place, const char *what)
{
    return GBX_FAIL(place->err, GBX_CORRUPT, "column \"%s\": a broken Arrow array: %s",
                    place->top_name, what);
}

static bool bind_is_text(const gbx__column *column)
{
    switch ((int)column->kind) {
    case GBX_COLUMN_UTF8:
    case GBX_COLUMN_JSON:
    case GBX_COLUMN_BINARY:
    case GBX_COLUMN_BIT:
    case GBX_COLUMN_GEOMETRY:
    case GBX_COLUMN_BIGNUM: return column->layout != GBX_LAYOUT_FIXED;
    default: return false;
    }
}

/* Buffers that the layout has, the validity included; for text views the least. */
static int64_t bind_expected_buffers(const gbx__column *column)
{
    switch ((int)column->kind) {
    case GBX_COLUMN_NULL:
    case GBX_COLUMN_RUN_END: return 0;
    case GBX_COLUMN_STRUCT: return 1;
    case GBX_COLUMN_UNION: return column->is_dense ? 2 : 1;
    case GBX_COLUMN_MAP: return 2;
    case GBX_COLUMN_LIST:
        if (column->layout == GBX_LAYOUT_FIXED) return 1;
        return column->layout == GBX_LAYOUT_VIEW32 || column->layout == GBX_LAYOUT_VIEW64 ? 3 : 2;
    default: return bind_is_text(column) ? 3 : 2;
    }
}

/* Bytes of one entry of the offsets. */
static int64_t bind_offset_width(const gbx__column *column)
{
    return column->layout == GBX_LAYOUT_OFFSETS64 || column->layout == GBX_LAYOUT_VIEW64 ? 8 : 4;
}

static const char *bind_buffer(const struct ArrowArray *array, int64_t index, int64_t skip)
{
    const char *buffer = array->buffers[index];
    return buffer ? buffer + skip : NULL;
}

/* Bytes of one entry of a dictionary's index. */
static int64_t bind_data_width(const gbx__column *column)
{
    return column->kind == GBX_COLUMN_BOOL ? 0 : column->width;
}

static void bind_union(gbx__column *column, const struct ArrowArray *array)
{
    column->validity = NULL;
    column->data = bind_buffer(array, 0, array->offset);
    if (column->is_dense) column->offsets = bind_buffer(array, 1, array->offset * 4);
}

static void bind_text(gbx__column *column, const struct ArrowArray *array)
{
    if (column->layout == GBX_LAYOUT_VIEW32) {
        column->offsets = bind_buffer(array, 1, array->offset * 16);
        return;
    }
    column->offsets = bind_buffer(array, 1, array->offset * bind_offset_width(column));
    column->data = bind_buffer(array, 2, 0);
}

static void bind_list(gbx__column *column, const struct ArrowArray *array)
{
    const int64_t width = bind_offset_width(column);
    if (column->layout == GBX_LAYOUT_FIXED) return;
    column->offsets = bind_buffer(array, 1, array->offset * width);
    if (column->layout == GBX_LAYOUT_VIEW32 || column->layout == GBX_LAYOUT_VIEW64) {
        column->data = bind_buffer(array, 2, array->offset * width);
    }
}

static bool bind_has_nulls(const gbx__column *column, const struct ArrowArray *array)
{
    return bind_expected_buffers(column) > 0 && array->null_count != 0;
}

static void bind_buffers(gbx__column *column, const struct ArrowArray *array)
{
    column->data = NULL;
    column->offsets = NULL;
    column->validity = bind_has_nulls(column, array) ? array->buffers[0] : NULL;
    switch ((int)column->kind) {
    case GBX_COLUMN_NULL:
    case GBX_COLUMN_STRUCT:
    case GBX_COLUMN_RUN_END: return;
    case GBX_COLUMN_UNION: bind_union(column, array); return;
    case GBX_COLUMN_LIST:
    case GBX_COLUMN_MAP: bind_list(column, array); return;
    default: break;
    }
    if (bind_is_text(column)) {
        bind_text(column, array);
    } else {
        column->data = bind_buffer(array, 1, array->offset * bind_data_width(column));
    }
}

/* The buffer that no row can do without; a data buffer of text may be absent when all are empty. */
static bool bind_is_complete(const gbx__column *column)
{
    switch ((int)column->kind) {
    case GBX_COLUMN_NULL:
    case GBX_COLUMN_STRUCT:
    case GBX_COLUMN_RUN_END: return true;
    case GBX_COLUMN_UNION: return column->data && (!column->is_dense || column->offsets);
    case GBX_COLUMN_LIST:
    case GBX_COLUMN_MAP: return column->layout == GBX_LAYOUT_FIXED || column->offsets;
    default: break;
    }
    if (bind_is_text(column)) return column->offsets != NULL;
    return column->data || (column->kind == GBX_COLUMN_BINARY && column->width == 0);
}

static gbx_status bind_column(const bind_place *place, gbx__column *column,
                              const struct ArrowArray *array);

/* Rows that a child must have at least, as far as the parent's shape says. */
static int64_t bind_child_rows(const gbx__column *column)
{
    const int64_t rows = column->offset + column->length;
    switch ((int)column->kind) {
    case GBX_COLUMN_STRUCT: return rows;
    case GBX_COLUMN_UNION: return column->is_dense ? 0 : rows;
    case GBX_COLUMN_LIST:
    case GBX_COLUMN_MAP: break;
    default: return 0;
    }
    int64_t start;
    int64_t length;
    if (column->length == 0) return 0;
    if (column->layout == GBX_LAYOUT_VIEW32 || column->layout == GBX_LAYOUT_VIEW64) return 0;
    gbx__column_range(column, column->length - 1, &start, &length);
    return start + length;
}

static gbx_status bind_children(const bind_place *place, gbx__column *column,
                                const struct ArrowArray *array)
{
    if (column->kind == GBX_COLUMN_DICTIONARY) {
        if (!array->dictionary) return bind_fail(place, "no dictionary");
        return bind_column(place, &column->children[0], array->dictionary);
    }
    if (array->n_children != (int64_t)column->n_children) return bind_fail(place, "children");
    const int64_t rows = bind_child_rows(column);
    for (size_t i = 0; i < column->n_children; i++) {
        if (array->children[i]->length < rows) return bind_fail(place, "a child is too short");
        GBX_TRY(bind_column(place, &column->children[i], array->children[i]));
    }
    return GBX_OK;
}

static gbx_status bind_column(const bind_place *place, gbx__column *column,
                              const struct ArrowArray *array)
{
    if (array->length < 0 || array->offset < 0) return bind_fail(place, "a negative length");
    if (array->n_buffers < bind_expected_buffers(column)) return bind_fail(place, "buffers");
    column->array = array;
    column->offset = array->offset;
    column->length = array->length;
    if (array->length > 0) {
        bind_buffers(column, array);
        if (!bind_is_complete(column)) return bind_fail(place, "a missing buffer");
    }
    return bind_children(place, column, array);
}

gbx_status gbx__columns_bind(gbx__column *columns, size_t count, const struct ArrowArray *batch,
                             gbx_error *err)
{
    const bind_place whole = {"", err};
    if (batch->n_children != (int64_t)count || batch->length < 0 || batch->offset < 0) {
        return bind_fail(&whole, "the batch does not have the columns of its stream");
    }
    for (size_t i = 0; i < count; i++) {
        const bind_place place = {columns[i].name, err};
        const struct ArrowArray *child = batch->children[i];
        if (child->length < batch->offset + batch->length) {
            return bind_fail(&place, "it is shorter than its batch");
        }
        GBX_TRY(bind_column(&place, &columns[i], child));
    }
    return GBX_OK;
}
