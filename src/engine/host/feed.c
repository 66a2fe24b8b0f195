#include "engine/host/host_priv.h"

#include "arrow/arrow.h"

/* A frame is worth its way, and not so large that both sides wait for it. */
#define FEED_BYTES_MIN (2 * 1024 * 1024)
#define FEED_BYTES_MAX (16 * 1024 * 1024)
#define FEED_BATCHES_MAX 256

/* A frame that is put together: its batches stay until it has gone. */
typedef struct feed_frame {
    struct ArrowArray batches[FEED_BATCHES_MAX];
    size_t n_batches;
    int64_t n_rows;
    gbx__pieces pieces;
} feed_frame;

static gbx_status feed_begin(host_feed *feed, uint16_t number, feed_frame *frame, bool *is_input,
                             gbx_error *err)
{
    struct ArrowSchema schema = {0};
    gbx_status status = gbx__arrow_stream_schema(feed->stream, &schema, err);
    *is_input = status != GBX_OK;
    if (status != GBX_OK) return status;
    status = gbx__rows_out_new(&schema, &feed->rows, err);
    gbx__arrow_schema_done(&schema);
    return status == GBX_OK ? gbx__rows_out_schema(feed->rows, number, &frame->pieces, err)
                            : status;
}

/* The next batch that has rows, unless one has been begun. */
static gbx_status feed_next(host_feed *feed, bool *is_input, gbx_error *err)
{
    while (!feed->has_ended && !feed->batch.release) {
        const gbx_status status = gbx__arrow_stream_next(feed->stream, &feed->batch, err);
        *is_input = status != GBX_OK;
        if (status != GBX_OK) return status;
        feed->at = 0;
        feed->has_ended = !feed->batch.release;
        if (!feed->has_ended && feed->batch.length == 0) gbx__arrow_array_done(&feed->batch);
    }
    return GBX_OK;
}

static void feed_took(host_feed *feed, feed_frame *frame, int64_t n)
{
    feed->at += n;
    frame->n_rows += n;
    if (feed->at == feed->batch.length)
        gbx__arrow_array_move(&feed->batch, &frame->batches[frame->n_batches++]);
}

/* The first rows of a frame: as many of the batch as fit, by what a row of it takes on average. */
static gbx_status feed_first(host_feed *feed, feed_frame *frame, gbx_error *err)
{
    int64_t n = feed->batch.length - feed->at;
    GBX_TRY(gbx__rows_out_add(feed->rows, &feed->batch, feed->at, n, err));
    const int64_t bytes = gbx__rows_out_bytes(feed->rows);
    if (bytes > FEED_BYTES_MAX && n > 1) {
        const double part = (double)FEED_BYTES_MAX / (double)bytes;
        n = (int64_t)((double)n * part);
        if (n < 1) n = 1;
        gbx__rows_out_clear(feed->rows);
        GBX_TRY(gbx__rows_out_add(feed->rows, &feed->batch, feed->at, n, err));
    }
    feed_took(feed, frame, n);
    return GBX_OK;
}

/* Would one more whole batch be too much? */
static bool feed_is_full(const host_feed *feed, const feed_frame *frame)
{
    const int64_t bytes = gbx__rows_out_bytes(feed->rows);
    const double row = (double)bytes / (double)frame->n_rows;
    return bytes >= FEED_BYTES_MIN || frame->n_batches == FEED_BATCHES_MAX ||
           row * (double)feed->batch.length > FEED_BYTES_MAX;
}

static gbx_status feed_fill(host_feed *feed, feed_frame *frame, bool *is_input, gbx_error *err)
{
    GBX_TRY(feed_next(feed, is_input, err));
    if (feed->has_ended) return GBX_OK;
    GBX_TRY(feed_first(feed, frame, err));
    while (gbx__rows_out_may_join(feed->rows) && !feed->batch.release) {
        GBX_TRY(feed_next(feed, is_input, err));
        if (feed->has_ended || feed_is_full(feed, frame)) break;
        const int64_t n = feed->batch.length;
        GBX_TRY(gbx__rows_out_add(feed->rows, &feed->batch, 0, n, err));
        feed_took(feed, frame, n);
    }
    return GBX_OK;
}

static gbx_status feed_make(host_feed *feed, uint16_t number, feed_frame *frame, bool *is_input,
                            gbx_error *err)
{
    if (!feed->rows) GBX_TRY(feed_begin(feed, number, frame, is_input, err));
    GBX_TRY(feed_fill(feed, frame, is_input, err));
    if (frame->n_rows == 0) return GBX_OK;
    return gbx__rows_out_flush(feed->rows, number, &frame->pieces, err);
}

gbx_status gbx__host_feed_send(host_feed *feed, uint16_t number, gbx__host *host, bool *is_input,
                               gbx_error *err)
{
    unsigned char end[GBX_FRAME_HEAD];
    feed_frame *frame = gbx__alloc_zero(sizeof(*frame));
    *is_input = false;
    if (!frame) return GBX_FAIL_NOMEM(err);
    gbx_status status = feed_make(feed, number, frame, is_input, err);
    if (status == GBX_OK && feed->has_ended) {
        const struct iovec piece = {end, sizeof(end)};
        gbx__frame_head(end, GBX_FRAME_KIND_END, number, 0);
        if (!gbx__vec_push(&frame->pieces.list, piece)) status = GBX_NOMEM;
    }
    if (status == GBX_OK) status = gbx__host_send(host, &frame->pieces, 0, err);
    feed->wanted--;
    for (size_t i = 0; i < frame->n_batches; i++) gbx__arrow_array_done(&frame->batches[i]);
    gbx__pieces_done(&frame->pieces);
    gbx__alloc_free(frame);
    return status;
}

void gbx__host_feed_done(host_feed *feed)
{
    gbx__arrow_array_done(&feed->batch);
    gbx__rows_out_free(feed->rows);
    gbx__arrow_stream_done(feed->stream);
    feed->rows = NULL;
}
