#include "arrow/arrow.h"

#include <errno.h>
#include <nanoarrow/nanoarrow.h>

void gbx__arrow_array_done(struct ArrowArray *array)
{
    if (array && array->release) array->release(array);
}

void gbx__arrow_stream_done(struct ArrowArrayStream *stream)
{
    if (stream && stream->release) stream->release(stream);
}

void gbx__arrow_array_move(struct ArrowArray *from, struct ArrowArray *to)
{
    ArrowArrayMove(from, to);
}

void gbx__arrow_stream_move(struct ArrowArrayStream *from, struct ArrowArrayStream *to)
{
    ArrowArrayStreamMove(from, to);
}

gbx_status gbx__arrow_stream_of(struct ArrowSchema *schema, size_t n_batches,
                                struct ArrowArray *batches, struct ArrowArrayStream *out,
                                gbx_error *err)
{
    struct ArrowArrayStream stream = {0};
    if (ArrowBasicArrayStreamInit(&stream, schema, (int64_t)n_batches) != NANOARROW_OK) {
        gbx__arrow_schema_done(schema);
        for (size_t i = 0; i < n_batches; i++) gbx__arrow_array_done(&batches[i]);
        return GBX_FAIL_NOMEM(err);
    }
    for (size_t i = 0; i < n_batches; i++)
        ArrowBasicArrayStreamSetArray(&stream, (int64_t)i, &batches[i]);
    *out = stream;
    return GBX_OK;
}

gbx_status gbx__arrow_stream_empty(struct ArrowSchema *schema, struct ArrowArrayStream *out,
                                   gbx_error *err)
{
    return gbx__arrow_stream_of(schema, 0, NULL, out, err);
}

static gbx_status stream_failed(struct ArrowArrayStream *stream, int code, gbx_error *err)
{
    const char *text = stream->get_last_error(stream);
    if (!text || !*text) text = "the Arrow stream failed and does not say why";
    switch (code) {
    case ENOMEM: return GBX_FAIL(err, GBX_NOMEM, "%s", text);
    case ECANCELED: return GBX_FAIL(err, GBX_CANCELLED, "%s", text);
    case ETIMEDOUT: return GBX_FAIL(err, GBX_TIMEOUT, "%s", text);
    case EINVAL: return GBX_FAIL(err, GBX_INVALID, "%s", text);
    case ENOTSUP: return GBX_FAIL(err, GBX_UNSUPPORTED, "%s", text);
    default: return GBX_FAIL(err, GBX_ENGINE, "%s", text);
    }
}

gbx_status gbx__arrow_stream_next(struct ArrowArrayStream *stream, struct ArrowArray *out,
                                  gbx_error *err)
{
    struct ArrowArray array = {0};
    const int code = stream->get_next(stream, &array);
    if (code != 0) return stream_failed(stream, code, err);
    *out = array;
    return GBX_OK;
}

gbx_status gbx__arrow_stream_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out,
                                    gbx_error *err)
{
    struct ArrowSchema schema = {0};
    const int code = stream->get_schema(stream, &schema);
    if (code != 0) return stream_failed(stream, code, err);
    *out = schema;
    return GBX_OK;
}
