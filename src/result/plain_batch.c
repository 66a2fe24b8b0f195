#include "result/plain_priv.h"
#include "result/text_priv.h"

typedef struct plain_array plain_array;

/* An array in the making; it keeps its memory from batch to batch. */
struct plain_array {
    const gbx__column *column; /* of the type: no dictionary, no run ends */
    const char *top_name;
    gbx__buf validity, offsets, data;
    bool has_wide_offsets;
    size_t n_children;
    plain_array *children;
    struct ArrowArray array;
    const void *buffers[3];
    struct ArrowArray **child_arrays;
};

struct result_plain {
    gbx__column *columns;
    size_t n_columns;
    plain_array *arrays;
    struct ArrowArray batch;
    const void *buffers[1];
    struct ArrowArray **children;
    gbx_error *err; /* of the call that runs */
};

/* ---- making ---- */

static void plain_array_release(struct ArrowArray *array)
{
    array->release = NULL;
}

static const gbx__column *plain_type(const gbx__column *column)
{
    while (column->kind == GBX_COLUMN_DICTIONARY || column->kind == GBX_COLUMN_RUN_END) {
        column = &column->children[column->n_children - 1];
    }
    return column;
}

static bool plain_is_text(const gbx__column *column)
{
    return column->kind >= GBX_COLUMN_UTF8 && column->kind <= GBX_COLUMN_BIGNUM &&
           column->layout != GBX_LAYOUT_FIXED;
}

static bool plain_is_list(const gbx__column *column)
{
    return column->kind == GBX_COLUMN_LIST || column->kind == GBX_COLUMN_MAP;
}

static gbx_status plain_open_array(gbx__arena *arena, const gbx__column *column,
                                   const char *top_name, plain_array *out, gbx_error *err)
{
    column = plain_type(column);
    out->column = column;
    out->top_name = top_name;
    out->has_wide_offsets =
        column->layout == GBX_LAYOUT_OFFSETS64 || column->layout == GBX_LAYOUT_VIEW64;
    out->n_children = column->n_children;
    out->children = GBX_ARENA_ARRAY(arena, column->n_children, plain_array);
    out->child_arrays = GBX_ARENA_ARRAY(arena, column->n_children, struct ArrowArray *);
    if (!out->children || !out->child_arrays) return GBX_FAIL_NOMEM(err);
    for (size_t i = 0; i < column->n_children; i++) {
        out->child_arrays[i] = &out->children[i].array;
        GBX_TRY(plain_open_array(arena, &column->children[i], top_name, &out->children[i], err));
    }
    return GBX_OK;
}

gbx_status result_plain_open(gbx__arena *arena, gbx__column *columns, size_t n_columns,
                             result_plain **out, gbx_error *err)
{
    result_plain *plain = GBX_ARENA_NEW(arena, result_plain);
    if (!plain) return GBX_FAIL_NOMEM(err);
    plain->columns = columns;
    plain->n_columns = n_columns;
    plain->arrays = GBX_ARENA_ARRAY(arena, n_columns, plain_array);
    plain->children = GBX_ARENA_ARRAY(arena, n_columns, struct ArrowArray *);
    if (!plain->arrays || !plain->children) return GBX_FAIL_NOMEM(err);
    for (size_t i = 0; i < n_columns; i++) {
        GBX_TRY(plain_open_array(arena, &columns[i], columns[i].name, &plain->arrays[i], err));
    }
    *out = plain;
    return GBX_OK;
}

static void plain_done_array(plain_array *array)
{
    gbx__buf_done(&array->validity);
    gbx__buf_done(&array->offsets);
    gbx__buf_done(&array->data);
    for (size_t i = 0; i < array->n_children && array->children; i++) {
        plain_done_array(&array->children[i]);
    }
}

void result_plain_done(result_plain *plain)
{
    if (!plain) return;
    for (size_t i = 0; i < plain->n_columns && plain->arrays; i++) {
        plain_done_array(&plain->arrays[i]);
    }
}

/* ---- columns that can be passed on ---- */

/* How long a child must be; -1: as it is. */
static int64_t plain_child_length(const gbx__column *column)
{
    if (column->kind == GBX_COLUMN_STRUCT) return column->length;
    if (column->kind == GBX_COLUMN_UNION && !column->is_dense) return column->length;
    if (column->kind == GBX_COLUMN_LIST && column->layout == GBX_LAYOUT_FIXED) {
        return column->length * column->width;
    }
    return -1;
}

static bool plain_is_borrowable(const gbx__column *column, int64_t length)
{
    const struct ArrowArray *array = column->array;
    if (column->kind == GBX_COLUMN_DICTIONARY || column->kind == GBX_COLUMN_RUN_END) return false;
    if (column->layout == GBX_LAYOUT_VIEW32 || column->layout == GBX_LAYOUT_VIEW64) return false;
    if (array->offset != 0 || array->null_count < 0) return false;
    if (column->kind == GBX_COLUMN_NULL && array->null_count != array->length) return false;
    if (length >= 0 && array->length != length) return false;
    const int64_t child_length = plain_child_length(column);
    for (size_t i = 0; i < column->n_children; i++) {
        if (!plain_is_borrowable(&column->children[i], child_length)) return false;
    }
    return true;
}

/* ---- copying, value by value ---- */

static void plain_clear(plain_array *array)
{
    gbx__buf_clear(&array->validity);
    gbx__buf_clear(&array->offsets);
    gbx__buf_clear(&array->data);
    array->array = (struct ArrowArray){.release = plain_array_release};
    for (size_t i = 0; i < array->n_children; i++) plain_clear(&array->children[i]);
}

static void plain_push_bit(gbx__buf *bits, int64_t index, bool value)
{
    if (index % 8 == 0) gbx__buf_putc(bits, 0);
    if (value && !bits->failed) {
        bits->data[index / 8] = (char)((unsigned char)bits->data[index / 8] | 1u << index % 8);
    }
}

static int64_t plain_items(const plain_array *array)
{
    return plain_is_list(array->column) ? array->children[0].array.length
                                        : (int64_t)array->data.len;
}

/* Where the value that was just appended ends. */
static gbx_status plain_push_offset(plain_array *array, gbx_error *err)
{
    const int64_t end = plain_items(array);
    const int32_t narrow = (int32_t)end;
    if (array->has_wide_offsets) {
        gbx__buf_append(&array->offsets, (const char *)&end, sizeof(end));
        return GBX_OK;
    }
    if (end > INT32_MAX) {
        return GBX_FAIL(err, GBX_UNSUPPORTED,
                        "column \"%s\": more than 2 GB in one batch cannot be written as Arrow",
                        array->top_name);
    }
    gbx__buf_append(&array->offsets, (const char *)&narrow, sizeof(narrow));
    return GBX_OK;
}

static bool plain_has_offsets(const plain_array *array)
{
    return plain_is_text(array->column) ||
           (plain_is_list(array->column) && array->column->layout != GBX_LAYOUT_FIXED);
}

static void plain_push_zeros(gbx__buf *buf, int64_t len)
{
    char *room = gbx__buf_reserve(buf, (size_t)len);
    if (!room) return;
    memset(room, 0, (size_t)len);
    buf->len += (size_t)len;
}

static gbx_status plain_push_null(plain_array *array, gbx_error *err);

static gbx_status plain_push_null_children(plain_array *array, gbx_error *err)
{
    const gbx__column *column = array->column;
    int64_t each = column->kind == GBX_COLUMN_STRUCT ? 1 : 0;
    if (column->kind == GBX_COLUMN_LIST && column->layout == GBX_LAYOUT_FIXED) each = column->width;
    for (size_t i = 0; i < array->n_children; i++) {
        for (int64_t n = 0; n < each; n++) GBX_TRY(plain_push_null(&array->children[i], err));
    }
    return GBX_OK;
}

static gbx_status plain_push_union(plain_array *array, const gbx__column *column, int64_t row,
                                   gbx_error *err);

static gbx_status plain_push_null(plain_array *array, gbx_error *err)
{
    const gbx__column *column = array->column;
    if (column->kind == GBX_COLUMN_UNION) return plain_push_union(array, NULL, 0, err);
    if (column->kind != GBX_COLUMN_NULL) {
        plain_push_bit(&array->validity, array->array.length, false);
    }
    if (column->kind == GBX_COLUMN_BOOL) plain_push_bit(&array->data, array->array.length, false);
    array->array.length++;
    array->array.null_count++;
    if (plain_has_offsets(array)) return plain_push_offset(array, err);
    if (array->n_children > 0) return plain_push_null_children(array, err);
    plain_push_zeros(&array->data, column->width);
    return GBX_OK;
}

static gbx_status plain_push(plain_array *array, const gbx__column *column, int64_t row,
                             gbx_error *err);

/* A NULL in a union's place (column NULL) is a NULL of its first member. */
static gbx_status plain_push_union(plain_array *array, const gbx__column *column, int64_t row,
                                   gbx_error *err)
{
    int64_t child_row = row;
    int child = column ? gbx__column_follow(column, &child_row) : -1;
    const bool is_null = child < 0;
    if (is_null) child = 0;
    signed char id = 0;
    while (array->column->members[id] != child) id++;
    if (array->column->is_dense) {
        const int32_t at = (int32_t)array->children[child].array.length;
        gbx__buf_append(&array->offsets, (const char *)&at, sizeof(at));
    }
    gbx__buf_putc(&array->data, (char)id);
    array->array.length++;
    for (int i = 0; i < (int)array->n_children; i++) {
        plain_array *member = &array->children[i];
        if (i == child && !is_null) {
            GBX_TRY(plain_push(member, &column->children[i], child_row, err));
        } else if (i == child || !array->column->is_dense) {
            GBX_TRY(plain_push_null(member, err));
        }
    }
    return GBX_OK;
}

static gbx_status plain_push_list(plain_array *array, const gbx__column *column, int64_t row,
                                  gbx_error *err)
{
    int64_t start;
    int64_t length;
    gbx__column_range(column, row, &start, &length);
    for (int64_t i = 0; i < length; i++) {
        GBX_TRY(plain_push(&array->children[0], &column->children[0], start + i, err));
    }
    return plain_has_offsets(array) ? plain_push_offset(array, err) : GBX_OK;
}

static gbx_status plain_push_value(plain_array *array, const gbx__column *column, int64_t row,
                                   gbx_error *err)
{
    if (plain_is_list(column)) return plain_push_list(array, column, row, err);
    if (column->kind == GBX_COLUMN_STRUCT) {
        for (size_t i = 0; i < array->n_children; i++) {
            GBX_TRY(plain_push(&array->children[i], &column->children[i], column->offset + row,
                               err));
        }
        return GBX_OK;
    }
    if (plain_is_text(column)) {
        gbx__buf_str(&array->data, gbx__column_bytes(column, row));
        return plain_push_offset(array, err);
    }
    if (column->kind == GBX_COLUMN_BOOL) {
        const uint64_t bit = (uint64_t)(column->offset + row);
        plain_push_bit(&array->data, array->array.length - 1,
                       (unsigned char)column->data[bit / 8] >> bit % 8 & 1);
        return GBX_OK;
    }
    gbx__buf_append(&array->data, column->data + row * column->width, (size_t)column->width);
    return GBX_OK;
}

static gbx_status plain_push(plain_array *array, const gbx__column *column, int64_t row,
                             gbx_error *err)
{
    while (column->kind == GBX_COLUMN_DICTIONARY || column->kind == GBX_COLUMN_RUN_END) {
        if (gbx__column_is_null(column, row)) return plain_push_null(array, err);
        const int child = gbx__column_follow(column, &row);
        column = &column->children[child];
    }
    if (column->kind == GBX_COLUMN_UNION) return plain_push_union(array, column, row, err);
    if (gbx__column_is_null(column, row)) return plain_push_null(array, err);
    plain_push_bit(&array->validity, array->array.length, true);
    array->array.length++;
    return plain_push_value(array, column, row, err);
}

static bool plain_finish(plain_array *array)
{
    const gbx__column *column = array->column;
    bool is_good = !array->validity.failed && !array->offsets.failed && !array->data.failed;
    struct ArrowArray *out = &array->array;
    const bool is_union = column->kind == GBX_COLUMN_UNION;
    int64_t n = 0;
    if (column->kind != GBX_COLUMN_NULL && !is_union) array->buffers[n++] = array->validity.data;
    if (is_union) array->buffers[n++] = array->data.data;
    if (plain_has_offsets(array) || (is_union && column->is_dense)) {
        array->buffers[n++] = array->offsets.data;
    }
    if (plain_is_text(column) || (array->n_children == 0 && n == 1)) {
        if (column->kind != GBX_COLUMN_STRUCT) array->buffers[n++] = array->data.data;
    }
    out->buffers = array->buffers;
    out->n_buffers = n;
    out->children = array->child_arrays;
    out->n_children = (int64_t)array->n_children;
    for (size_t i = 0; i < array->n_children; i++) is_good &= plain_finish(&array->children[i]);
    return is_good;
}

/* The first of an array's offsets is 0. */
static void plain_begin(plain_array *array)
{
    const char zeros[8] = {0};
    if (plain_has_offsets(array)) {
        gbx__buf_append(&array->offsets, zeros, array->has_wide_offsets ? 8 : 4);
    }
    for (size_t i = 0; i < array->n_children; i++) plain_begin(&array->children[i]);
}

static gbx_status plain_copy(plain_array *array, const gbx__column *column, int64_t first,
                             int64_t n_rows, gbx_error *err)
{
    plain_clear(array);
    plain_begin(array);
    for (int64_t i = 0; i < n_rows; i++) GBX_TRY(plain_push(array, column, first + i, err));
    return plain_finish(array) ? GBX_OK : GBX_FAIL_NOMEM(err);
}

gbx_status result_plain_batch(result_plain *plain, const struct ArrowArray *batch, int64_t n_rows,
                              const struct ArrowArray **out, gbx_error *err)
{
    GBX_TRY(gbx__columns_bind(plain->columns, plain->n_columns, batch, err));
    for (size_t i = 0; i < plain->n_columns; i++) {
        const gbx__column *column = &plain->columns[i];
        if (batch->offset == 0 && plain_is_borrowable(column, n_rows)) {
            plain->children[i] = batch->children[i];
            continue;
        }
        GBX_TRY(plain_copy(&plain->arrays[i], column, batch->offset, n_rows, err));
        plain->children[i] = &plain->arrays[i].array;
    }
    plain->batch = (struct ArrowArray){.length = n_rows,
                                       .n_buffers = 1,
                                       .buffers = plain->buffers,
                                       .n_children = (int64_t)plain->n_columns,
                                       .children = plain->children,
                                       .release = plain_array_release};
    *out = &plain->batch;
    return GBX_OK;
}
