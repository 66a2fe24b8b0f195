#include "arrow/ipc_shape_priv.h"

#include "arrow/arrow.h"
#include "base/alloc.h"

#include <errno.h>
#include <nanoarrow/nanoarrow_ipc.h>

#define WIDTH_MAX (16 * 1024 * 1024)

struct gbx__ipc_dictionary {
    int64_t id;
    gbx__ipc_parts parts;
};

/* ---- parts of a type ------------------------------------------------------------------------- */

static void add_parts(const struct ArrowSchema *schema, gbx__ipc_parts *out)
{
    struct ArrowSchemaView view;
    struct ArrowLayout layout;
    out->n_nodes++;
    if (ArrowSchemaViewInit(&view, schema, NULL) != NANOARROW_OK) return;
    ArrowLayoutInit(&layout, view.storage_type);
    for (int i = 0; i < NANOARROW_MAX_FIXED_BUFFERS; i++) {
        if (layout.buffer_type[i] == NANOARROW_BUFFER_TYPE_NONE) break;
        out->n_buffers++;
    }
    out->n_unions += view.type == NANOARROW_TYPE_DENSE_UNION ||
                     view.type == NANOARROW_TYPE_SPARSE_UNION;
    for (int64_t i = 0; i < schema->n_children; i++) add_parts(schema->children[i], out);
}

/* ---- the schema ------------------------------------------------------------------------------ */

/* Widths that lengths can be multiplied with. */
static bool is_sane(const struct ArrowSchema *schema)
{
    struct ArrowSchemaView view;
    if (ArrowSchemaViewInit(&view, schema, NULL) != NANOARROW_OK) return true; /* told elsewhere */
    const bool has_width = view.type == NANOARROW_TYPE_FIXED_SIZE_BINARY ||
                           view.type == NANOARROW_TYPE_FIXED_SIZE_LIST;
    if (has_width && (view.fixed_size < 0 || view.fixed_size > WIDTH_MAX)) return false;
    if (schema->dictionary && !is_sane(schema->dictionary)) return false;
    for (int64_t i = 0; i < schema->n_children; i++) {
        if (!is_sane(schema->children[i])) return false;
    }
    return true;
}

static gbx_status take_dictionaries(gbx__ipc_shape *shape,
                                    const struct ArrowIpcDictionaryEncodings *encodings,
                                    gbx_error *err)
{
    const size_t n =
        (size_t)encodings->encodings.size_bytes / sizeof(struct ArrowIpcDictionaryEncoding);
    const struct ArrowIpcDictionaryEncoding *all =
        (const struct ArrowIpcDictionaryEncoding *)(const void *)encodings->encodings.data;
    shape->dictionaries = gbx__alloc_zero(n * sizeof(*shape->dictionaries));
    if (!shape->dictionaries) return GBX_FAIL_NOMEM(err);
    shape->n_dictionaries = n;
    for (size_t i = 0; i < n; i++) {
        shape->dictionaries[i].id = all[i].id;
        if (all[i].schema->dictionary) {
            add_parts(all[i].schema->dictionary, &shape->dictionaries[i].parts);
        }
    }
    return GBX_OK;
}

static gbx_status fail(ArrowErrorCode code, const struct ArrowError *error, gbx_error *err)
{
    if (code == ENOMEM) return GBX_FAIL_NOMEM(err);
    if (code == ENOTSUP) return GBX_FAIL(err, GBX_UNSUPPORTED, "%s", error->message);
    return GBX_FAIL(err, GBX_CORRUPT, "%s", error->message);
}

static gbx_status decode(gbx__ipc_shape *shape, struct ArrowIpcDecoder *decoder,
                         struct ArrowBufferView message, gbx_error *err)
{
    struct ArrowError error = {0};
    struct ArrowSchema schema = {0};
    struct ArrowIpcDictionaryEncodings encodings;
    ArrowErrorCode code = ArrowIpcDecoderVerifyHeader(decoder, message, &error);
    if (code == NANOARROW_OK) code = ArrowIpcDecoderDecodeHeader(decoder, message, &error);
    if (code != NANOARROW_OK) return fail(code, &error, err);
    if (decoder->message_type != NANOARROW_IPC_MESSAGE_TYPE_SCHEMA) {
        return GBX_FAIL(err, GBX_CORRUPT, "there is no schema");
    }
    code = ArrowIpcDecoderDecodeSchemaWithDictionaries(decoder, &schema, &encodings, &error);
    if (code != NANOARROW_OK) return fail(code, &error, err);
    gbx_status status = GBX_OK;
    if (is_sane(&schema)) status = take_dictionaries(shape, &encodings, err);
    else status = GBX_FAIL(err, GBX_UNSUPPORTED, "a column has values of more than 16 MB");
    ArrowIpcDictionaryEncodingsReset(&encodings);
    gbx__arrow_schema_done(&schema);
    return status;
}

gbx_status gbx__ipc_shape_init(gbx__ipc_shape *shape, const void *message, size_t len,
                               gbx_error *err)
{
    struct ArrowIpcDecoder decoder;
    const struct ArrowBufferView view = {.data.data = message, .size_bytes = (int64_t)len};
    if (ArrowIpcDecoderInit(&decoder) != NANOARROW_OK) return GBX_FAIL_NOMEM(err);
    const gbx_status status = decode(shape, &decoder, view, err);
    ArrowIpcDecoderReset(&decoder);
    return status;
}

void gbx__ipc_shape_done(gbx__ipc_shape *shape)
{
    gbx__alloc_free(shape->dictionaries);
    shape->dictionaries = NULL;
}

bool gbx__ipc_shape_find(const gbx__ipc_shape *shape, int64_t id, gbx__ipc_parts *out)
{
    for (size_t i = 0; i < shape->n_dictionaries; i++) {
        if (shape->dictionaries[i].id != id) continue;
        *out = shape->dictionaries[i].parts;
        return true;
    }
    return false;
}
