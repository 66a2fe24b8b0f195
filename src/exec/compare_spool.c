/*
 * A result on its way to a file: its columns get names that nothing can clash with, and each row
 * its number.
 */
#include "arrow/arrow.h"
#include "base/alloc.h"
#include "base/fs.h"
#include "exec/compare_priv.h"
#include "result/result.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define FLOAT_FORMAT "g"
#define FLOAT32_FORMAT "f"

typedef struct numbered {
    struct ArrowArrayStream *rows; /* borrowed */
    int64_t next;
} numbered;

/* ---- the schema ------------------------------------------------------------------------------ */

static gbx_status schema_fill(struct ArrowSchema *from, struct ArrowSchema *to, gbx_error *err)
{
    for (int64_t i = 0; i < from->n_children; i++) {
        char name[32];
        const int len = snprintf(name, sizeof(name), "c%lld", (long long)i);
        GBX_TRY(gbx__arrow_schema_rename(from->children[i], (gbx__str){name, (size_t)len}, err));
        gbx__arrow_schema_move(from->children[i], to->children[i]);
    }
    return gbx__arrow_schema_make(to->children[from->n_children], "l", GBX_STR("o"), 0, err);
}

static gbx_status schema_number(struct ArrowArrayStream *rows, struct ArrowSchema *out,
                                gbx_error *err)
{
    struct ArrowSchema own = {0}, copy = {0}, made = {0};
    GBX_TRY(gbx__arrow_stream_schema(rows, &own, err));
    gbx_status status = gbx__arrow_schema_copy(&own, &copy, err);
    gbx__arrow_schema_done(&own);
    if (status != GBX_OK) return status;
    status = gbx__arrow_schema_make(&made, "+s", GBX_STR(""), copy.n_children + 1, err);
    if (status == GBX_OK) {
        status = schema_fill(&copy, &made, err);
        if (status == GBX_OK) *out = made;
        if (status != GBX_OK) gbx__arrow_schema_done(&made);
    }
    gbx__arrow_schema_done(&copy);
    return status;
}

static int numbered_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
    const numbered *self = stream->private_data;
    const gbx_status status = schema_number(self->rows, out, NULL);
    return status == GBX_OK ? 0 : status == GBX_NOMEM ? ENOMEM : EIO;
}

/* ---- the rows -------------------------------------------------------------------------------- */

typedef struct number_column {
    const void *buffers[2];
    int64_t values[];
} number_column;

static void column_release(struct ArrowArray *array)
{
    gbx__alloc_free(array->private_data);
    array->release = NULL;
}

/* `length` numbers from `next` on, behind `offset` places that nobody looks at. */
static bool column_make(int64_t next, int64_t offset, int64_t length, struct ArrowArray *out)
{
    const size_t n = (size_t)(offset + length);
    number_column *column = gbx__alloc_zero(sizeof(*column) + n * sizeof(int64_t));
    if (!column) return false;
    for (int64_t i = 0; i < length; i++) column->values[offset + i] = next + i;
    column->buffers[1] = column->values;
    *out = (struct ArrowArray){.length = (int64_t)n,
                               .n_buffers = 2,
                               .buffers = column->buffers,
                               .release = column_release,
                               .private_data = column};
    return true;
}

/* A batch that holds another one's columns and one more. */
typedef struct wider_batch {
    struct ArrowArray inner;
    struct ArrowArray number;
    struct ArrowArray *children[];
} wider_batch;

static void batch_release(struct ArrowArray *array)
{
    wider_batch *batch = array->private_data;
    gbx__arrow_array_done(&batch->number);
    gbx__arrow_array_done(&batch->inner);
    gbx__alloc_free(batch);
    array->release = NULL;
}

static bool batch_widen(struct ArrowArray *inner, int64_t next, struct ArrowArray *out)
{
    const size_t n = (size_t)inner->n_children;
    wider_batch *batch = gbx__alloc_zero(sizeof(*batch) + (n + 1) * sizeof(struct ArrowArray *));
    if (!batch) return false;
    if (!column_make(next, inner->offset, inner->length, &batch->number)) {
        gbx__alloc_free(batch);
        return false;
    }
    for (size_t i = 0; i < n; i++) batch->children[i] = inner->children[i];
    batch->children[n] = &batch->number;
    *out = (struct ArrowArray){.length = inner->length,
                               .null_count = inner->null_count,
                               .offset = inner->offset,
                               .n_buffers = inner->n_buffers,
                               .n_children = inner->n_children + 1,
                               .buffers = inner->buffers,
                               .children = batch->children,
                               .release = batch_release,
                               .private_data = batch};
    gbx__arrow_array_move(inner, &batch->inner);
    return true;
}

static int numbered_next(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
    numbered *self = stream->private_data;
    struct ArrowArray inner = {0};
    const int code = self->rows->get_next(self->rows, &inner);
    if (code != 0) return code;
    if (!inner.release) {
        memset(out, 0, sizeof(*out));
        return 0;
    }
    const int64_t length = inner.length;
    if (!batch_widen(&inner, self->next, out)) {
        gbx__arrow_array_done(&inner);
        return ENOMEM;
    }
    self->next += length;
    return 0;
}

static const char *numbered_error(struct ArrowArrayStream *stream)
{
    const numbered *self = stream->private_data;
    return self->rows->get_last_error(self->rows);
}

static void numbered_release(struct ArrowArrayStream *stream)
{
    stream->release = NULL;
}

/* ---- what the columns are -------------------------------------------------------------------- */

static gbx__compared_by compared_by(const struct ArrowSchema *column)
{
    if (strcmp(column->format, FLOAT_FORMAT) == 0) return GBX_COMPARED_AS_FLOAT;
    if (strcmp(column->format, FLOAT32_FORMAT) == 0) return GBX_COMPARED_AS_FLOAT32;
    return strncmp(column->format, "ti", 2) == 0 ? GBX_COMPARED_AS_TEXT : GBX_COMPARED_EXACTLY;
}

/* A list's items and a map's entries have names in Arrow that say nothing: engines' own habits. */
static gbx_status item_names_drop(struct ArrowSchema *schema, gbx_error *err)
{
    const bool is_struct =
        strcmp(schema->format, "+s") == 0 || strncmp(schema->format, "+u", 2) == 0;
    for (int64_t i = 0; i < schema->n_children; i++) {
        struct ArrowSchema *child = schema->children[i];
        if (!is_struct) GBX_TRY(gbx__arrow_schema_rename(child, GBX_STR("item"), err));
        GBX_TRY(item_names_drop(child, err));
    }
    return GBX_OK;
}

static gbx_status columns_read(struct ArrowArrayStream *rows, gbx__arena *arena,
                               gbx__compared_cols *out, gbx_error *err)
{
    struct ArrowSchema own = {0}, schema = {0};
    GBX_TRY(gbx__arrow_stream_schema(rows, &own, err));
    gbx_status status = gbx__arrow_schema_copy(&own, &schema, err);
    gbx__arrow_schema_done(&own);
    if (status != GBX_OK) return status;
    status = item_names_drop(&schema, err);
    if (status != GBX_OK) {
        gbx__arrow_schema_done(&schema);
        return status;
    }
    const size_t n = (size_t)schema.n_children;
    gbx__compared_col *cols = GBX_ARENA_ARRAY(arena, n, gbx__compared_col);
    bool is_short = !cols;
    for (size_t i = 0; i < n && !is_short; i++) {
        const struct ArrowSchema *column = schema.children[i];
        GBX_AUTO(gbx__buf_done) gbx__buf type = {0};
        gbx__arrow_schema_print(&type, column);
        cols[i].label = gbx__arena_str(arena, gbx__str_of(column->name));
        cols[i].type = gbx__arena_str(arena, gbx__buf_view(&type));
        cols[i].by = compared_by(column);
        is_short = type.failed || !cols[i].label.ptr || !cols[i].type.ptr;
    }
    gbx__arrow_schema_done(&schema);
    if (is_short) return GBX_FAIL_NOMEM(err);
    *out = (gbx__compared_cols){n, cols};
    return GBX_OK;
}

/* ---- writing --------------------------------------------------------------------------------- */

gbx_status gbx__compare_spool(struct ArrowArrayStream *rows, const char *path, gbx__cancel *cancel,
                              gbx__arena *arena, gbx__compared_cols *out_cols, int64_t *out_rows,
                              gbx_error *err)
{
    GBX_TRY(columns_read(rows, arena, out_cols, err));
    numbered state = {.rows = rows};
    struct ArrowArrayStream stream = {.get_schema = numbered_schema,
                                      .get_next = numbered_next,
                                      .get_last_error = numbered_error,
                                      .release = numbered_release,
                                      .private_data = &state};
    gbx__fs_out out;
    GBX_TRY(gbx__fs_out_open(&out, path, err));
    const gbx__write_options options = {.format = GBX_FORMAT_ARROW, .row_limit = -1};
    gbx__write_stats stats = {0};
    gbx_status status = gbx__result_write(&stream, out.fd, &options, cancel, &stats, err);
    if (status == GBX_OK) status = gbx__fs_out_commit(&out, err);
    gbx__fs_out_abort(&out);
    *out_rows = state.next;
    return status;
}
