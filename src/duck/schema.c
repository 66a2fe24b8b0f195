/*
 * DuckDB's lossless export gives the types that Arrow lacks as extension types:
 *
 *   UUID arrow.uuid · JSON arrow.json · VARIANT arrow.parquet.variant ·
 *   HUGEINT, UHUGEINT, TIMETZ, BIT, BIGNUM arrow.opaque with the type's name as parameter
 *
 * HUGEINT has a type of Arrow's own with the same bytes, decimal128(38, 0), and gets it. BOOLEAN
 * comes as arrow.bool8, bytes, and becomes bits (boolean.c).
 */
#include "duck/duck_priv.h"

#include "arrow/arrow.h"

#include <string.h>

static bool is_int128(const struct ArrowSchema *schema)
{
    static const char name[] = "\"hugeint\"";
    gbx__str parameters;
    if (!gbx__str_is(gbx__arrow_extension(schema, &parameters), "arrow.opaque")) return false;
    return memmem(parameters.ptr, parameters.len, name, sizeof(name) - 1) != NULL;
}

static gbx_status schema_retype(struct ArrowSchema *schema, gbx_error *err)
{
    if (is_int128(schema)) GBX_TRY(gbx__arrow_schema_retype(schema, "d:38,0", err));
    if (gbx__str_is(gbx__arrow_extension(schema, NULL), "arrow.bool8"))
        GBX_TRY(gbx__arrow_schema_retype(schema, "b", err));
    for (int64_t i = 0; i < schema->n_children; i++)
        GBX_TRY(schema_retype(schema->children[i], err));
    return GBX_OK;
}

gbx_status gbx__duck_schema_of(const struct ArrowSchema *exported, struct ArrowSchema *out,
                               gbx_error *err)
{
    GBX_TRY(gbx__arrow_schema_copy(exported, out, err));
    return schema_retype(out, err);
}
