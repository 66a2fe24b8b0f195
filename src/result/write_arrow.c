/* Arrow IPC, the stream format. */
#include "result/plain_priv.h"
#include "result/writer_priv.h"

#include "arrow/ipc_write.h"

typedef struct arrow_state {
    gbx__column *columns;
    size_t n_columns;
    result_plain *plain;
    gbx__ipc_writer *ipc;
} arrow_state;

static gbx_status arrow_output(void *ctx, const char *bytes, size_t len, gbx_error *err)
{
    result_sink *sink = ctx;
    gbx__buf_append(&sink->buf, bytes, len);
    return result_sink_spill(sink, err);
}

static gbx_status arrow_begin(result_writer *writer, const struct ArrowSchema *schema,
                              gbx_error *err)
{
    struct ArrowSchema plain;
    arrow_state *arrow = GBX_ARENA_NEW(&writer->arena, arrow_state);
    if (!arrow) return GBX_FAIL_NOMEM(err);
    writer->state = arrow;
    GBX_TRY(gbx__columns_open(&writer->arena, schema, &arrow->columns, &arrow->n_columns, err));
    GBX_TRY(result_plain_open(&writer->arena, arrow->columns, arrow->n_columns, &arrow->plain,
                              err));
    GBX_TRY(result_plain_schema(&writer->arena, schema, &plain, err));
    return gbx__ipc_writer_new(&plain, arrow_output, &writer->sink, &arrow->ipc, err);
}

static gbx_status arrow_batch(result_writer *writer, const struct ArrowArray *batch, int64_t n_rows,
                              gbx_error *err)
{
    arrow_state *arrow = writer->state;
    const struct ArrowArray *plain;
    GBX_TRY(result_plain_batch(arrow->plain, batch, n_rows, &plain, err));
    return gbx__ipc_writer_batch(arrow->ipc, plain, err);
}

static gbx_status arrow_end(result_writer *writer, gbx_error *err)
{
    const arrow_state *arrow = writer->state;
    return gbx__ipc_writer_finish(arrow->ipc, err);
}

static void arrow_done(result_writer *writer)
{
    arrow_state *arrow = writer->state;
    if (!arrow) return;
    gbx__ipc_writer_free(arrow->ipc);
    result_plain_done(arrow->plain);
}

const result_format result_format_arrow = {arrow_begin, arrow_batch, arrow_end, arrow_done};
