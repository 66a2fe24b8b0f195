#include "arrow/arrow.h"

#include "base/alloc.h"

#include <nanoarrow/nanoarrow.h>
#include <string.h>

static gbx_status make_code(ArrowErrorCode code, gbx_error *err)
{
    if (code == NANOARROW_OK) return GBX_OK;
    if (code == ENOMEM) return GBX_FAIL_NOMEM(err);
    return GBX_FAIL(err, GBX_INTERNAL, "an Arrow schema cannot be made");
}

static gbx_status make_name(struct ArrowSchema *schema, gbx__str name, gbx_error *err)
{
    char *text = gbx__alloc_dup(name.len > 0 ? name.ptr : "", name.len);
    if (!text) return GBX_FAIL_NOMEM(err);
    const gbx_status status = make_code(ArrowSchemaSetName(schema, text), err);
    gbx__alloc_free(text);
    return status;
}

gbx_status gbx__arrow_schema_rename(struct ArrowSchema *schema, gbx__str name, gbx_error *err)
{
    return make_name(schema, name, err);
}

static gbx_status make_fields(struct ArrowSchema *schema, const char *format, gbx__str name,
                              int64_t n_children, gbx_error *err)
{
    GBX_TRY(make_code(ArrowSchemaSetFormat(schema, format), err));
    GBX_TRY(make_name(schema, name, err));
    return make_code(ArrowSchemaAllocateChildren(schema, n_children), err);
}

gbx_status gbx__arrow_schema_make(struct ArrowSchema *out, const char *format, gbx__str name,
                                  int64_t n_children, gbx_error *err)
{
    ArrowSchemaInit(out);
    const gbx_status status = make_fields(out, format, name, n_children, err);
    if (status != GBX_OK) gbx__arrow_schema_done(out);
    return status;
}

gbx_status gbx__arrow_schema_set_extension(struct ArrowSchema *schema, const char *name,
                                           const char *parameters, gbx_error *err)
{
    struct ArrowBuffer metadata;
    GBX_TRY(make_code(ArrowMetadataBuilderInit(&metadata, NULL), err));
    ArrowErrorCode code = ArrowMetadataBuilderAppend(
        &metadata, ArrowCharView("ARROW:extension:name"), ArrowCharView(name));
    if (code == NANOARROW_OK)
        code = ArrowMetadataBuilderAppend(&metadata, ArrowCharView("ARROW:extension:metadata"),
                                          ArrowCharView(parameters));
    if (code == NANOARROW_OK) code = ArrowSchemaSetMetadata(schema, (const char *)metadata.data);
    ArrowBufferReset(&metadata);
    return make_code(code, err);
}

gbx_status gbx__arrow_schema_set_dictionary(struct ArrowSchema *schema, const char *format,
                                            gbx_error *err)
{
    GBX_TRY(make_code(ArrowSchemaAllocateDictionary(schema), err));
    return gbx__arrow_schema_make(schema->dictionary, format, GBX_STR(""), 0, err);
}
