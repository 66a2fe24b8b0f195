/*
 * One job on one host:
 *
 *   prepare: the message `prepare`, its answer      run: `run`; rows come as they are asked for
 *
 * Rows are read when somebody wants one; input rows are sent in between, as many as the host has
 * pulled. A job that is stopped is cancelled and drained, so that its host can go on.
 */
#include "engine/host/host_priv.h"

#include "arrow/arrow.h"
#include "base/clock.h"
#include "engine/host/prepare.h"
#include "wire/rows_in.h"

#include <errno.h>
#include <string.h>

struct gbx__job {
    gbx__engine *engine;
    gbx__host *host; /* NULL once it was given back */
    int64_t id;
    gbx__arena arena;
    size_t n_feeds;
    host_feed *feeds;
    struct ArrowSchema schema;
    gbx__rows_in *rows;
    bool is_checked; /* the schema that came is the plan's */
    gbx__cancel *cancel;
    atomic_bool is_cancelled;
    _Atomic double fraction;
    bool has_run;
    bool is_out;         /* the stream is */
    bool has_rows_ended; /* `end` came */
    bool has_ended;      /* `done` or `failed` came, or the host is gone */
    int64_t n_rows;
    gbx__engine_usage usage;
    bool has_failed;
    gbx_error error; /* of the stream */
};

#define MS_NS INT64_C(1000000)

/* ---- what the host says ---------------------------------------------------------------------- */

static gbx_status told_failed(gbx__job *job, const gbx__wire_message *message, gbx_error *err)
{
    const gbx_status status = message->failed.status;
    job->has_ended = true;
    gbx__error_set(err, status, "%s: %.*s", job->engine->row->name,
                   GBX_STR_ARG(message->failed.message));
    return status;
}

static gbx_status told_done(gbx__job *job, const gbx__wire_message *message, gbx_error *err)
{
    if (!job->has_rows_ended || message->done.rows != job->n_rows)
        return gbx__host_break(job->host, "it lost rows of its result", err);
    job->has_ended = true;
    job->usage.cpu_s = message->done.cpu_s;
    job->usage.peak_rss_bytes = message->done.peak_rss_bytes;
    return GBX_OK;
}

static gbx_status told_pull(gbx__job *job, const gbx__wire_message *message, gbx_error *err)
{
    const uint16_t number = message->pull.stream;
    if (!job->has_run || number > job->n_feeds)
        return gbx__host_break(job->host, "it wants rows of an input that it does not have", err);
    host_feed *feed = &job->feeds[number - 1];
    if (feed->wanted < INT32_MAX) feed->wanted += message->pull.n;
    return GBX_OK;
}

static gbx_status take_message(gbx__job *job, const gbx__wire_message *message, gbx_error *err)
{
    const bool is_named = message->job != GBX_WIRE_NO_JOB;
    if (is_named && message->job < job->id) return GBX_OK; /* on its way when that one ended */
    if (is_named && message->job != job->id)
        return gbx__host_break(job->host, "it speaks of another job", err);
    switch (message->type) {
    case GBX_WIRE_HEARTBEAT: return GBX_OK;
    case GBX_WIRE_PREPARED: /* also when nobody waits for it any more */
        if (job->has_run) return gbx__host_break(job->host, "it prepared a job twice", err);
        return GBX_OK;
    case GBX_WIRE_PROGRESS: atomic_store(&job->fraction, message->progress.fraction); return GBX_OK;
    case GBX_WIRE_PULL: return told_pull(job, message, err);
    case GBX_WIRE_DONE: return told_done(job, message, err);
    case GBX_WIRE_FAILED: return told_failed(job, message, err);
    default: return gbx__host_break(job->host, "it said what it may not say now", err);
    }
}

static gbx_status read_message(gbx__job *job, const gbx__frame_in *frame, gbx__wire_message *out,
                               gbx_error *err)
{
    gbx_error why;
    const char *text = frame->payload ? frame->payload : "";
    const gbx_status status = gbx__wire_message_read(text, frame->len, out, &why);
    if (status == GBX_OK) return GBX_OK;
    if (status == GBX_NOMEM) return GBX_FAIL_NOMEM(err);
    return gbx__host_break(job->host, why.message, err);
}

static gbx_status take_rows(gbx__job *job, gbx__frame_in *frame, struct ArrowArray *out,
                            gbx_error *err)
{
    gbx_error why;
    char *payload = frame->payload ? frame->payload : gbx__alloc_dup("", 0);
    frame->payload = NULL;
    if (!payload) return GBX_FAIL_NOMEM(err);
    gbx_status status = gbx__rows_in_take(job->rows, payload, frame->len, out, &why);
    const struct ArrowSchema *schema = gbx__rows_in_schema(job->rows);
    if (status == GBX_OK && schema && !job->is_checked) {
        status = gbx__host_schema_check(&job->schema, schema, &why);
        job->is_checked = true;
    }
    if (status == GBX_NOMEM) return GBX_FAIL_NOMEM(err);
    if (status != GBX_OK) return gbx__host_break(job->host, why.message, err);
    if (out->release) job->n_rows += out->length;
    return GBX_OK;
}

/* `out` stays empty unless the frame had a batch. Takes the payload. */
static gbx_status take_frame(gbx__job *job, gbx__frame_in *frame, struct ArrowArray *out,
                             gbx_error *err)
{
    gbx_status status = GBX_OK;
    gbx__wire_message message;
    if (frame->kind == GBX_FRAME_KIND_CONTROL) {
        status = read_message(job, frame, &message, err);
        if (status == GBX_OK) {
            status = take_message(job, &message, err);
            gbx__wire_message_done(&message);
        }
    } else if (frame->stream != 0 || job->has_rows_ended || !job->has_run) {
        status = gbx__host_break(job->host, "it sent rows that nobody asked for", err);
    } else if (frame->kind == GBX_FRAME_KIND_ROWS) {
        status = take_rows(job, frame, out, err);
    } else {
        job->has_rows_ended = true;
        if (!job->is_checked) status = gbx__host_break(job->host, "it sent no schema", err);
    }
    gbx__alloc_free(frame->payload);
    frame->payload = NULL;
    return status;
}

/* ---- stopping -------------------------------------------------------------------------------- */

/* Cancels what runs and lets its rows go; a host that is late is ended. */
static void job_drain(gbx__job *job)
{
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    if (!job->host || job->has_ended || !gbx__host_is_usable(job->host)) return;
    const int64_t deadline_ns = gbx__mono_ns() + gbx__host_times_of(job->host)->cancel_ms * MS_NS;
    gbx__wire_put_job(&text, "cancel", job->id);
    gbx_status status = gbx__host_send_text(job->host, &text, deadline_ns, NULL);
    while (status == GBX_OK && !job->has_ended) {
        gbx__frame_in frame;
        struct ArrowArray batch = {0};
        status = gbx__host_next(job->host, NULL, NULL, deadline_ns, &frame, NULL);
        if (status != GBX_OK) break;
        status = take_frame(job, &frame, &batch, NULL);
        gbx__arrow_array_done(&batch);
    }
    if (!job->has_ended && gbx__host_is_usable(job->host))
        (void)!gbx__host_break(job->host, "it was late to stop", NULL);
    job->has_ended = true;
}

/* The host is free for others, or gone. */
static void job_leave(gbx__job *job)
{
    job_drain(job);
    if (!job->host) return;
    if (job->usage.peak_rss_bytes == 0)
        job->usage.peak_rss_bytes = gbx__host_peak_rss_bytes(job->host);
    gbx__host_give(job->engine, job->host);
    job->host = NULL;
}

static void job_let_inputs_go(gbx__job *job)
{
    for (size_t i = 0; i < job->n_feeds; i++) gbx__host_feed_done(&job->feeds[i]);
    job->n_feeds = 0;
}

/* ---- prepare --------------------------------------------------------------------------------- */

static gbx_status job_keep_inputs(gbx__job *job, const gbx__fragment *fragment, gbx_error *err)
{
    if (fragment->n_inputs > UINT16_MAX)
        return GBX_FAIL(err, GBX_UNSUPPORTED, "%s can't read %zu inputs", job->engine->row->name,
                        fragment->n_inputs);
    job->feeds = GBX_ARENA_ARRAY(&job->arena, fragment->n_inputs, host_feed);
    if (!job->feeds) return GBX_FAIL_NOMEM(err);
    for (size_t i = 0; i < fragment->n_inputs; i++)
        job->feeds[i].stream = fragment->inputs[i].stream;
    job->n_feeds = fragment->n_inputs;
    return GBX_OK;
}

/* Waits for `prepared`. What else a host may say meanwhile is a heartbeat. */
static gbx_status wait_prepared(gbx__job *job, const gbx__cancel *cancel, gbx_error *err)
{
    for (bool is_prepared = false; !is_prepared;) {
        gbx__frame_in frame;
        gbx__wire_message message;
        GBX_TRY(gbx__host_next(job->host, cancel, NULL, 0, &frame, err));
        gbx_status status = GBX_OK;
        if (frame.kind != GBX_FRAME_KIND_CONTROL)
            status = gbx__host_break(job->host, "it sent rows that nobody asked for", err);
        else
            status = read_message(job, &frame, &message, err);
        gbx__alloc_free(frame.payload);
        if (status != GBX_OK) return status;
        is_prepared = message.type == GBX_WIRE_PREPARED && message.job == job->id;
        if (!is_prepared) status = take_message(job, &message, err);
        gbx__wire_message_done(&message);
        if (status != GBX_OK) return status;
    }
    return GBX_OK;
}

static gbx_status job_fill(gbx__job *job, const gbx__fragment *fragment, gbx_error *err)
{
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__engine *engine = job->engine;
    const gbx__host_caps *caps = &engine->manifest.caps;
    GBX_TRY(gbx__host_prepare_json(caps, job->id, fragment, &text, err));
    GBX_TRY(gbx__host_schema_of(fragment->plan, &job->schema, err));
    job->rows = gbx__rows_in_new();
    if (!job->rows) return GBX_FAIL_NOMEM(err);
    GBX_TRY(gbx__host_take(engine, fragment->cancel, &job->host, err));
    caps = gbx__host_caps_of(job->host); /* it may have changed since it was installed */
    GBX_TRY(gbx__host_caps_can(caps, engine->row->name, fragment->plan, err));
    GBX_TRY(gbx__host_send_text(job->host, &text, 0, err));
    job->has_ended = false;
    GBX_TRY(wait_prepared(job, fragment->cancel, err));
    return job_keep_inputs(job, fragment, err);
}

static int64_t next_id(gbx__engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    const int64_t id = ++engine->last_job;
    pthread_mutex_unlock(&engine->lock);
    return id;
}

gbx_status gbx__host_job_prepare(gbx__engine *engine, const gbx__fragment *fragment, gbx__job **out,
                                 gbx_error *err)
{
    gbx__job *job = gbx__alloc_zero(sizeof(*job));
    if (!job) return GBX_FAIL_NOMEM(err);
    gbx__arena_init(&job->arena);
    job->engine = engine;
    job->id = next_id(engine);
    job->has_ended = true; /* nothing is to be cancelled yet */
    atomic_init(&job->fraction, -1.0);
    const gbx_status status = job_fill(job, fragment, err);
    if (status != GBX_OK) {
        job->n_feeds = 0; /* not taken */
        gbx__host_job_close(job);
        return status;
    }
    *out = job;
    return GBX_OK;
}

void gbx__host_job_close(gbx__job *job)
{
    if (!job) return;
    job_leave(job);
    if (job->has_run) job_let_inputs_go(job);
    gbx__rows_in_free(job->rows);
    gbx__arrow_schema_done(&job->schema);
    gbx__arena_done(&job->arena);
    gbx__alloc_free(job);
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* The input that wants rows and has some; NULL: none. */
static host_feed *feed_that_wants(gbx__job *job)
{
    for (size_t i = 0; i < job->n_feeds; i++)
        if (job->feeds[i].wanted > 0 && !job->feeds[i].has_ended) return &job->feeds[i];
    return NULL;
}

static gbx_status check_asked(gbx__job *job, gbx_error *err)
{
    GBX_TRY(gbx__cancel_check_err(job->cancel, err));
    if (atomic_load(&job->is_cancelled)) return GBX_FAIL(err, GBX_CANCELLED, "cancelled");
    return GBX_OK;
}

/* What has come goes first; rows are sent while nothing comes. */
static gbx_status job_step(gbx__job *job, struct ArrowArray *out, gbx_error *err)
{
    bool has_frame = false;
    bool is_input = false;
    gbx__frame_in frame;
    GBX_TRY(check_asked(job, err));
    GBX_TRY(gbx__host_poll(job->host, &has_frame, err));
    host_feed *feed = has_frame ? NULL : feed_that_wants(job);
    if (feed)
        return gbx__host_feed_send(feed, (uint16_t)(feed - job->feeds + 1), job->host, &is_input,
                                   err);
    GBX_TRY(gbx__host_next(job->host, job->cancel, &job->is_cancelled, 0, &frame, err));
    return take_frame(job, &frame, out, err);
}

static gbx_status job_next(gbx__job *job, struct ArrowArray *out, gbx_error *err)
{
    while (!job->has_ended && !out->release) GBX_TRY(job_step(job, out, err));
    return GBX_OK;
}

/* ---- the stream ------------------------------------------------------------------------------ */

static int errno_of(gbx_status status)
{
    switch (status) {
    case GBX_NOMEM: return ENOMEM;
    case GBX_CANCELLED: return ECANCELED;
    case GBX_TIMEOUT: return ETIMEDOUT;
    case GBX_INVALID:
    case GBX_UNSUPPORTED: return EINVAL;
    default: return EIO;
    }
}

static int stream_failed(gbx__job *job, gbx_status status)
{
    job->has_failed = true;
    job->error.status = status;
    job->error.line = job->error.column = 0;
    job->error.offset = -1;
    job_leave(job);
    return errno_of(status);
}

static int stream_get_schema(struct ArrowArrayStream *self, struct ArrowSchema *out)
{
    gbx__job *job = self->private_data;
    if (job->has_failed) return errno_of(job->error.status);
    const gbx_status status = gbx__arrow_schema_copy(&job->schema, out, &job->error);
    return status == GBX_OK ? 0 : stream_failed(job, status);
}

static int stream_get_next(struct ArrowArrayStream *self, struct ArrowArray *out)
{
    gbx__job *job = self->private_data;
    struct ArrowArray batch = {0};
    if (job->has_failed) return errno_of(job->error.status);
    const gbx_status status = job_next(job, &batch, &job->error);
    if (status != GBX_OK) {
        gbx__arrow_array_done(&batch);
        return stream_failed(job, status);
    }
    if (!batch.release) job_leave(job); /* others may have the host now */
    *out = batch;
    return 0;
}

static const char *stream_get_last_error(struct ArrowArrayStream *self)
{
    const gbx__job *job = self->private_data;
    return job->has_failed ? job->error.message : NULL;
}

static void stream_release(struct ArrowArrayStream *self)
{
    gbx__job *job = self->private_data;
    self->private_data = NULL;
    self->release = NULL;
    job_leave(job);
    job_let_inputs_go(job);
    job->is_out = false;
}

const gbx_error *gbx__host_job_stream_error(const gbx__job *job)
{
    return job->has_failed ? &job->error : NULL;
}

/* ---- run ------------------------------------------------------------------------------------- */

gbx_status gbx__host_job_run(gbx__job *job, gbx__cancel *cancel, struct ArrowArrayStream *out,
                             gbx_error *err)
{
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    if (job->has_run) return GBX_FAIL(err, GBX_MISUSE, "a job runs once");
    job->has_run = true;
    job->cancel = cancel;
    GBX_TRY(check_asked(job, err));
    gbx__wire_put_job(&text, "run", job->id);
    GBX_TRY(gbx__host_send_text(job->host, &text, 0, err));
    job->is_out = true;
    *out = (struct ArrowArrayStream){.get_schema = stream_get_schema,
                                     .get_next = stream_get_next,
                                     .get_last_error = stream_get_last_error,
                                     .release = stream_release,
                                     .private_data = job};
    return GBX_OK;
}

double gbx__host_job_progress(gbx__job *job)
{
    return atomic_load(&job->fraction);
}

void gbx__host_job_cancel(gbx__job *job)
{
    atomic_store(&job->is_cancelled, true);
}

void gbx__host_job_usage(const gbx__job *job, gbx__engine_usage *out)
{
    *out = job->usage;
}
