/*
 * Feeds: sources that the embedded DuckDB reads for an engine that does not read them by itself.
 *
 *   x.csv ─→ DuckDB: SELECT what is needed ─→ stream ─→ the engine pulls
 *
 * A failure here is remembered: the engine can only say that its input broke.
 */
#include "engine/duckdb/engine_duckdb.h"
#include "exec/feed.h"
#include "exec/run_priv.h"

#include <errno.h>

/* --- the stream: on whichever thread the engine pulls ----------------------------------------- */

static int feed_fail(gbx__run_feed *feed, const gbx_error *error)
{
    if (!atomic_load(&feed->has_failed)) {
        feed->error = *error;
        atomic_store(&feed->has_failed, true);
    }
    return error->status == GBX_NOMEM ? ENOMEM : EIO;
}

static int feed_duckdb_failed(gbx__run_feed *feed, int rc)
{
    const gbx_error *told = gbx__engine_duckdb.stream_error(feed->job);
    if (told && told->status != GBX_OK) return feed_fail(feed, told);
    gbx_error error;
    const char *text = feed->rows.get_last_error ? feed->rows.get_last_error(&feed->rows) : NULL;
    gbx__error_set(&error, rc == ENOMEM ? GBX_NOMEM : GBX_ENGINE, "%s",
                   text ? text : "reading failed without a reason");
    return feed_fail(feed, &error);
}

static int feed_start(gbx__run_feed *feed)
{
    if (feed->rows.release) return 0;
    if (atomic_load(&feed->has_failed)) return EIO;
    gbx_error error = {.status = GBX_OK, .offset = -1};
    const gbx_status status =
        gbx__engine_duckdb.run(feed->job, &feed->run->slot->token, &feed->rows, &error);
    if (status == GBX_OK) return 0;
    error.status = status;
    return feed_fail(feed, &error);
}

static int feed_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
    gbx__run_feed *feed = stream->private_data;
    int rc = feed_start(feed);
    if (rc != 0) return rc;
    rc = feed->rows.get_schema(&feed->rows, out);
    return rc == 0 ? 0 : feed_duckdb_failed(feed, rc);
}

static int feed_next(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
    gbx__run_feed *feed = stream->private_data;
    int rc = feed_start(feed);
    if (rc != 0) return rc;
    rc = feed->rows.get_next(&feed->rows, out);
    return rc == 0 ? 0 : feed_duckdb_failed(feed, rc);
}

static const char *feed_error(struct ArrowArrayStream *stream)
{
    gbx__run_feed *feed = stream->private_data;
    return atomic_load(&feed->has_failed) ? feed->error.message : NULL;
}

/* The feed itself is the run's. */
static void feed_release(struct ArrowArrayStream *stream)
{
    gbx__run_feed *feed = stream->private_data;
    if (feed->rows.release) feed->rows.release(&feed->rows);
    stream->release = NULL;
}

/* --- for the run ------------------------------------------------------------------------------ */

static gbx_status feed_open(gbx__run_feed *feed, gbx__run *run, const gbx__split_feed *from,
                            gbx_error *err)
{
    feed->run = run;
    GBX_TRY(gbx__feed_names(from->plan, &feed->plan, err));
    GBX_TRY(gbx__run_inputs_open(run, feed->plan, false, &feed->inputs, err));
    const gbx__fragment fragment = {
        .plan = feed->plan,
        .n_params = run->params.len,
        .params = run->params.items,
        .n_inputs = feed->inputs.n,
        .inputs = feed->inputs.items,
    };
    GBX_TRY(gbx__engine_duckdb.prepare(run->frame->session->duckdb, &fragment, &feed->job, err));
    feed->stream =
        (struct ArrowArrayStream){feed_schema, feed_next, feed_error, feed_release, feed};
    return GBX_OK;
}

gbx_status gbx__run_feeds_open(gbx__run *run, gbx_error *err)
{
    const size_t n = run->plan.split.n_feeds;
    run->feeds = GBX_ARENA_ARRAY(&run->arena, n, gbx__run_feed);
    run->inputs.items = GBX_ARENA_ARRAY(&run->arena, n, gbx__stream_input);
    if (!run->feeds || !run->inputs.items) return GBX_FAIL_NOMEM(err);
    for (size_t i = 0; i < n; i++) {
        GBX_TRY(feed_open(&run->feeds[i], run, &run->plan.split.feeds[i], err));
        run->inputs.items[run->inputs.n++] = (gbx__stream_input){
            .name = run->plan.split.feeds[i].name, .stream = &run->feeds[i].stream};
    }
    return GBX_OK;
}

void gbx__run_feeds_cancel(gbx__run *run)
{
    for (size_t i = 0; run->feeds && i < run->plan.split.n_feeds; i++) {
        if (run->feeds[i].job) gbx__engine_duckdb.cancel(run->feeds[i].job);
    }
}

void gbx__run_feeds_done(gbx__run *run)
{
    for (size_t i = 0; run->feeds && i < run->plan.split.n_feeds; i++) {
        gbx__run_feed *feed = &run->feeds[i];
        if (feed->stream.release) feed->stream.release(&feed->stream); /* never taken */
        gbx__engine_duckdb.job_close(feed->job);
        feed->job = NULL;
        gbx__run_inputs_done(&feed->inputs);
        gbx__plan_unref(feed->plan);
        feed->plan = NULL;
    }
}

const gbx_error *gbx__run_feeds_error(const gbx__run *run)
{
    for (size_t i = 0; run->feeds && i < run->plan.split.n_feeds; i++) {
        const gbx__run_feed *feed = &run->feeds[i];
        if (!atomic_load(&feed->has_failed)) continue;
        if (feed->error.status != GBX_CANCELLED) return &feed->error;
    }
    return NULL;
}
