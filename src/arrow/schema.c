#include "arrow/arrow.h"

#include <nanoarrow/nanoarrow.h>

gbx_status gbx__arrow_schema_copy(const struct ArrowSchema *schema, struct ArrowSchema *out,
                                  gbx_error *err)
{
    struct ArrowSchema copy = {0};
    const ArrowErrorCode code = ArrowSchemaDeepCopy(schema, &copy);
    if (code == ENOMEM) return GBX_FAIL_NOMEM(err);
    if (code != NANOARROW_OK) return GBX_FAIL(err, GBX_INVALID, "the Arrow schema is not valid");
    *out = copy;
    return GBX_OK;
}

int64_t gbx__arrow_schema_leaves(const struct ArrowSchema *schema)
{
    if (schema->n_children == 0) return 1;
    int64_t n = 0;
    for (int64_t i = 0; i < schema->n_children; i++)
        n += gbx__arrow_schema_leaves(schema->children[i]);
    return n;
}

void gbx__arrow_schema_print(gbx__buf *out, const struct ArrowSchema *schema)
{
    const int64_t len = ArrowSchemaToString(schema, NULL, 0, 1);
    char *room = gbx__buf_reserve(out, (size_t)len + 1);
    if (!room) return;
    ArrowSchemaToString(schema, room, len + 1, 1);
    out->len += (size_t)len;
}

static gbx__str schema_metadata(const struct ArrowSchema *schema, const char *key)
{
    struct ArrowStringView value = {0};
    if (!schema->metadata) return GBX_STR("");
    ArrowMetadataGetValue(schema->metadata, ArrowCharView(key), &value);
    return value.data ? (gbx__str){value.data, (size_t)value.size_bytes} : GBX_STR("");
}

gbx__str gbx__arrow_extension(const struct ArrowSchema *schema, gbx__str *out_parameters)
{
    if (out_parameters) *out_parameters = schema_metadata(schema, "ARROW:extension:metadata");
    return schema_metadata(schema, "ARROW:extension:name");
}

gbx_status gbx__arrow_schema_retype(struct ArrowSchema *schema, const char *format, gbx_error *err)
{
    if (ArrowSchemaSetFormat(schema, format) != NANOARROW_OK) return GBX_FAIL_NOMEM(err);
    if (ArrowSchemaSetMetadata(schema, NULL) != NANOARROW_OK) return GBX_FAIL_NOMEM(err);
    return GBX_OK;
}

void gbx__arrow_schema_done(struct ArrowSchema *schema)
{
    if (schema && schema->release) schema->release(schema);
}

void gbx__arrow_schema_move(struct ArrowSchema *from, struct ArrowSchema *to)
{
    ArrowSchemaMove(from, to);
}
