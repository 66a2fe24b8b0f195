#include "arrow/build.h"

#include "arrow/arrow.h"
#include "base/alloc.h"

#include <errno.h>
#include <nanoarrow/nanoarrow.h>

struct gbx__arrow_builder {
    struct ArrowSchema schema;
    struct ArrowArray array;
    int64_t bytes_len;
};

/* ---- schema ---------------------------------------------------------------------------------- */

static ArrowErrorCode schema_fill(struct ArrowSchema *schema, const gbx__arrow_column *columns,
                                  size_t n_columns)
{
    NANOARROW_RETURN_NOT_OK(ArrowSchemaSetTypeStruct(schema, (int64_t)n_columns));
    for (size_t i = 0; i < n_columns; i++) {
        struct ArrowSchema *child = schema->children[i];
        NANOARROW_RETURN_NOT_OK(ArrowSchemaSetFormat(child, columns[i].format));
        NANOARROW_RETURN_NOT_OK(ArrowSchemaSetName(child, columns[i].name));
    }
    return NANOARROW_OK;
}

gbx_status gbx__arrow_schema_of(const gbx__arrow_column *columns, size_t n_columns,
                                struct ArrowSchema *out, gbx_error *err)
{
    struct ArrowSchema schema;
    ArrowSchemaInit(&schema);
    if (schema_fill(&schema, columns, n_columns) != NANOARROW_OK) {
        gbx__arrow_schema_done(&schema);
        return GBX_FAIL_NOMEM(err);
    }
    *out = schema;
    return GBX_OK;
}

/* ---- builder --------------------------------------------------------------------------------- */

static gbx_status build_status(ArrowErrorCode code, gbx_error *err)
{
    if (code == NANOARROW_OK) return GBX_OK;
    if (code == ENOMEM) return GBX_FAIL_NOMEM(err);
    return GBX_FAIL(err, GBX_INVALID, "a value does not fit its Arrow column");
}

static gbx_status builder_start(gbx__arrow_builder *builder, gbx_error *err)
{
    builder->bytes_len = 0;
    GBX_TRY(build_status(ArrowArrayInitFromSchema(&builder->array, &builder->schema, NULL), err));
    return build_status(ArrowArrayStartAppending(&builder->array), err);
}

gbx_status gbx__arrow_builder_new(const struct ArrowSchema *schema, gbx__arrow_builder **out,
                                  gbx_error *err)
{
    gbx__arrow_builder *builder = gbx__alloc_zero(sizeof(*builder));
    if (!builder) return GBX_FAIL_NOMEM(err);
    gbx_status status = gbx__arrow_schema_copy(schema, &builder->schema, err);
    if (status == GBX_OK) status = builder_start(builder, err);
    if (status == GBX_OK) *out = builder;
    else gbx__arrow_builder_free(builder);
    return status;
}

void gbx__arrow_builder_free(gbx__arrow_builder *builder)
{
    if (!builder) return;
    gbx__arrow_array_done(&builder->array);
    gbx__arrow_schema_done(&builder->schema);
    gbx__alloc_free(builder);
}

gbx_status gbx__arrow_builder_null(gbx__arrow_builder *builder, size_t column, gbx_error *err)
{
    return build_status(ArrowArrayAppendNull(builder->array.children[column], 1), err);
}

gbx_status gbx__arrow_builder_int(gbx__arrow_builder *builder, size_t column, int64_t value,
                                  gbx_error *err)
{
    return build_status(ArrowArrayAppendInt(builder->array.children[column], value), err);
}

gbx_status gbx__arrow_builder_double(gbx__arrow_builder *builder, size_t column, double value,
                                     gbx_error *err)
{
    return build_status(ArrowArrayAppendDouble(builder->array.children[column], value), err);
}

gbx_status gbx__arrow_builder_bytes(gbx__arrow_builder *builder, size_t column, gbx__str bytes,
                                    gbx_error *err)
{
    const struct ArrowBufferView view = {.data.data = bytes.ptr, .size_bytes = (int64_t)bytes.len};
    builder->bytes_len += (int64_t)bytes.len;
    return build_status(ArrowArrayAppendBytes(builder->array.children[column], view), err);
}

gbx_status gbx__arrow_builder_end_row(gbx__arrow_builder *builder, gbx_error *err)
{
    return build_status(ArrowArrayFinishElement(&builder->array), err);
}

int64_t gbx__arrow_builder_rows(const gbx__arrow_builder *builder)
{
    return builder->array.length;
}

int64_t gbx__arrow_builder_bytes_len(const gbx__arrow_builder *builder)
{
    return builder->bytes_len;
}

gbx_status gbx__arrow_builder_finish(gbx__arrow_builder *builder, struct ArrowArray *out,
                                     gbx_error *err)
{
    GBX_TRY(build_status(ArrowArrayFinishBuildingDefault(&builder->array, NULL), err));
    gbx__arrow_array_move(&builder->array, out);
    const gbx_status status = builder_start(builder, err);
    if (status != GBX_OK) gbx__arrow_array_done(out);
    return status;
}
