#include "wire/rows_in.h"

#include "arrow/arrow.h"
#include "arrow/ipc_message.h"
#include "base/alloc.h"

#include <errno.h>
#include <nanoarrow/nanoarrow_ipc.h>

struct gbx__rows_in {
    gbx__ipc_checker *checker;
    struct ArrowIpcDecoder decoder;
    struct ArrowSchema schema;
    struct ArrowIpcDictionaryEncodings encodings;
    struct ArrowIpcDictionaries dictionaries;
    bool has_dictionaries;
};

gbx__rows_in *gbx__rows_in_new(void)
{
    gbx__rows_in *rows = gbx__alloc_zero(sizeof(*rows));
    if (!rows) return NULL;
    rows->checker = gbx__ipc_checker_new();
    if (rows->checker && ArrowIpcDecoderInit(&rows->decoder) == NANOARROW_OK) return rows;
    gbx__rows_in_free(rows);
    return NULL;
}

void gbx__rows_in_free(gbx__rows_in *rows)
{
    if (!rows) return;
    gbx__ipc_checker_free(rows->checker);
    if (rows->has_dictionaries) ArrowIpcDictionariesReset(&rows->dictionaries);
    if (rows->schema.release) ArrowIpcDictionaryEncodingsReset(&rows->encodings);
    if (rows->decoder.private_data) ArrowIpcDecoderReset(&rows->decoder);
    gbx__arrow_schema_done(&rows->schema);
    gbx__alloc_free(rows);
}

const struct ArrowSchema *gbx__rows_in_schema(const gbx__rows_in *rows)
{
    return rows->schema.release ? &rows->schema : NULL;
}

static gbx_status rows_fail(ArrowErrorCode code, const struct ArrowError *error, gbx_error *err)
{
    if (code == ENOMEM) return GBX_FAIL_NOMEM(err);
    return GBX_FAIL(err, code == ENOTSUP ? GBX_UNSUPPORTED : GBX_CORRUPT, "Arrow: %s",
                    error->message);
}

#define ROWS_TRY(call)                                                                             \
    do {                                                                                           \
        const ArrowErrorCode rows_code_ = (call);                                                  \
        if (rows_code_ != NANOARROW_OK) return rows_fail(rows_code_, &error, err);                 \
    } while (0)

static gbx_status take_schema(gbx__rows_in *rows, gbx_error *err)
{
    struct ArrowError error = {""};
    ROWS_TRY(ArrowIpcDecoderDecodeSchemaWithDictionaries(&rows->decoder, &rows->schema,
                                                         &rows->encodings, &error));
    if (rows->decoder.endianness != NANOARROW_IPC_ENDIANNESS_LITTLE)
        return GBX_FAIL(err, GBX_UNSUPPORTED, "Arrow rows are not little-endian");
    ROWS_TRY(ArrowIpcDecoderSetSchemaWithDictionaries(&rows->decoder, &rows->schema,
                                                      &rows->encodings, &error));
    ROWS_TRY(ArrowIpcDictionariesInit(&rows->dictionaries, &rows->encodings, &error));
    rows->has_dictionaries = true;
    return GBX_OK;
}

/* ---- bodies ---------------------------------------------------------------------------------- */

static void body_free(struct ArrowBufferAllocator *allocator, uint8_t *bytes, int64_t len)
{
    (void)bytes;
    (void)len;
    gbx__alloc_free(allocator->private_data);
}

/* The part of the payload behind its head, as a buffer that others share. Takes the payload unless
 * it fails. */
static gbx_status body_share(char *payload, const gbx__ipc_message *message,
                             struct ArrowBuffer *out, gbx_error *err)
{
    struct ArrowBuffer body = {.data = (uint8_t *)payload + message->head_len,
                               .size_bytes = (int64_t)message->body_len,
                               .capacity_bytes = (int64_t)message->body_len};
    body.allocator = ArrowBufferDeallocator(body_free, payload);
    return ArrowSharedBufferInit(out, &body) == NANOARROW_OK ? GBX_OK : GBX_FAIL_NOMEM(err);
}

/* A count of NULLs without a bitmap of them would send readers to a bitmap that is not there. */
static gbx_status fix_nulls(struct ArrowArray *array, gbx_error *err)
{
    if (array->n_buffers > 0 && !array->buffers[0] && array->null_count != 0 && array->length > 0)
        return GBX_FAIL(err, GBX_CORRUPT, "an Arrow array has NULLs and does not say where");
    for (int64_t i = 0; i < array->n_children; i++) GBX_TRY(fix_nulls(array->children[i], err));
    return array->dictionary ? fix_nulls(array->dictionary, err) : GBX_OK;
}

static gbx_status decode_batch(gbx__rows_in *rows, struct ArrowBuffer *body, struct ArrowArray *out,
                               gbx_error *err)
{
    struct ArrowError error = {""};
    struct ArrowArray array = {0};
    ROWS_TRY(ArrowIpcDecoderDecodeArrayFromSharedWithDictionaries(
        &rows->decoder, body, -1, &rows->dictionaries, &array, NANOARROW_VALIDATION_LEVEL_FULL,
        &error));
    /* It has been seen to say OK and give nothing. */
    if (!array.release) return rows_fail(EINVAL, &error, err);
    gbx__arrow_array_move(&array, out);
    return GBX_OK;
}

static gbx_status take_body(gbx__rows_in *rows, const gbx__ipc_message *message,
                            struct ArrowBuffer *body, struct ArrowArray *out, gbx_error *err)
{
    struct ArrowError error = {""};
    if (message->kind == GBX_IPC_BATCH) return decode_batch(rows, body, out, err);
    if (rows->decoder.dictionary && rows->decoder.dictionary->is_delta)
        return GBX_FAIL(err, GBX_UNSUPPORTED, "a part of an Arrow dictionary comes later");
    ROWS_TRY(ArrowIpcDecoderDecodeDictionaryFromShared(
        &rows->decoder, body, NANOARROW_VALIDATION_LEVEL_FULL, &rows->dictionaries, &error));
    return GBX_OK;
}

static gbx_status take_message(gbx__rows_in *rows, char *payload, size_t len, bool *is_taken,
                               struct ArrowArray *out, gbx_error *err)
{
    struct ArrowError error = {""};
    struct ArrowBuffer body;
    gbx__ipc_message message;
    GBX_TRY(gbx__ipc_checker_look(rows->checker, payload, len, &message, err));
    const struct ArrowBufferView head = {{payload}, (int64_t)message.head_len};
    ROWS_TRY(ArrowIpcDecoderVerifyHeader(&rows->decoder, head, &error));
    ROWS_TRY(ArrowIpcDecoderDecodeHeader(&rows->decoder, head, &error));
    if (message.kind == GBX_IPC_SCHEMA) return take_schema(rows, err);
    GBX_TRY(body_share(payload, &message, &body, err));
    *is_taken = true;
    const gbx_status status = take_body(rows, &message, &body, out, err);
    ArrowBufferReset(&body);
    return status;
}

gbx_status gbx__rows_in_take(gbx__rows_in *rows, char *payload, size_t len, struct ArrowArray *out,
                             gbx_error *err)
{
    bool is_taken = false;
    struct ArrowArray array = {0};
    gbx_status status = take_message(rows, payload, len, &is_taken, &array, err);
    if (!is_taken) gbx__alloc_free(payload);
    if (status == GBX_OK && array.release) status = fix_nulls(&array, err);
    if (status != GBX_OK) {
        gbx__arrow_array_done(&array);
        return status;
    }
    *out = array;
    return GBX_OK;
}
