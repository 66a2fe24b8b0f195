/* From a stream to a descriptor: pulls batches and hands them to the writer of the format. */
#include "result/writer_priv.h"

#include "arrow/arrow.h"

static gbx_status write_find(gbx__format format, const result_format **out, gbx_error *err)
{
    switch (format) {
    case GBX_FORMAT_TABLE: *out = &result_format_table; return GBX_OK;
    case GBX_FORMAT_CSV: *out = &result_format_csv; return GBX_OK;
    case GBX_FORMAT_JSON:
    case GBX_FORMAT_JSONL: *out = &result_format_json; return GBX_OK;
    case GBX_FORMAT_ARROW: *out = &result_format_arrow; return GBX_OK;
    case GBX_FORMAT_PARQUET:
    default: break;
    }
    return GBX_FAIL(err, GBX_MISUSE, "Parquet goes to a file, not to a descriptor");
}

static int64_t write_rows_of(const result_writer *writer, const struct ArrowArray *batch)
{
    const int64_t limit = writer->options->row_limit;
    if (limit < 0 || batch->length <= limit - writer->rows) return batch->length;
    return limit - writer->rows;
}

static bool write_is_full(const result_writer *writer)
{
    return writer->options->row_limit >= 0 && writer->rows >= writer->options->row_limit;
}

static gbx_status write_batch(result_writer *writer, const struct ArrowArray *batch,
                              gbx_error *err)
{
    const int64_t n_rows = write_rows_of(writer, batch);
    if (n_rows <= 0) return GBX_OK;
    GBX_TRY(writer->format->batch(writer, batch, n_rows, err));
    writer->rows += n_rows;
    return result_sink_spill(&writer->sink, err);
}

static gbx_status write_batches(result_writer *writer, struct ArrowArrayStream *stream,
                                gbx__cancel *cancel, gbx_error *err)
{
    while (!write_is_full(writer)) {
        struct ArrowArray batch = {.release = NULL};
        GBX_TRY(gbx__cancel_check_err(cancel, err));
        GBX_TRY(gbx__arrow_stream_next(stream, &batch, err));
        if (!batch.release) return GBX_OK;
        const gbx_status status = write_batch(writer, &batch, err);
        batch.release(&batch);
        GBX_TRY(status);
    }
    return GBX_OK;
}

static gbx_status write_all(result_writer *writer, struct ArrowArrayStream *stream,
                            const struct ArrowSchema *schema, gbx__cancel *cancel, gbx_error *err)
{
    GBX_TRY(writer->format->begin(writer, schema, err));
    GBX_TRY(write_batches(writer, stream, cancel, err));
    GBX_TRY(writer->format->end(writer, err));
    return result_sink_flush(&writer->sink, err);
}

gbx_status gbx__result_write(struct ArrowArrayStream *stream, int fd,
                             const gbx__write_options *options, gbx__cancel *cancel,
                             gbx__write_stats *out, gbx_error *err)
{
    result_writer writer = {.options = options};
    struct ArrowSchema schema = {.release = NULL};
    GBX_TRY(write_find(options->format, &writer.format, err));
    GBX_TRY(gbx__arrow_stream_schema(stream, &schema, err));

    gbx__arena_init(&writer.arena);
    result_sink_init(&writer.sink, fd);
    const gbx_status status = write_all(&writer, stream, &schema, cancel, err);
    if (status == GBX_OK && out) *out = (gbx__write_stats){writer.rows, writer.sink.bytes};
    writer.format->done(&writer);
    result_sink_done(&writer.sink);
    gbx__arena_done(&writer.arena);
    schema.release(&schema);
    return status;
}
