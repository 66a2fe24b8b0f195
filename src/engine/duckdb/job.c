/*
 * A fragment on its way through DuckDB:
 *
 *   prepare: plan → SQL text, a connection      run: streams become tables, then the query
 *
 * The connection exists from prepare to job_close and is never exchanged, so progress and cancel
 * may come from any thread at any time between. Positions of failures are dropped: they would
 * point into a text that nobody wrote.
 */
#include "engine/duckdb/duckdb_priv.h"

#include "base/alloc.h"
#include "sql/sql.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

struct gbx__job {
    gbx__arena arena;
    gbx__duck_conn *conn;
    gbx__buf text;
    size_t n_params;
    gbx__duck_param *params;
    size_t n_inputs;
    gbx__stream_input *inputs;
    struct ArrowArrayStream rows; /* DuckDB's, while ours is out */
    atomic_bool is_cancelled;
    bool has_run;
    bool has_failed;
    gbx_error error; /* of the stream */
};

/* ---- prepare -------------------------------------------------------------------------------- */

static gbx_status job_keep_params(gbx__job *job, const gbx__fragment *fragment, gbx_error *err)
{
    job->params = GBX_ARENA_ARRAY(&job->arena, fragment->n_params + 1, gbx__duck_param);
    if (!job->params) return GBX_FAIL_NOMEM(err);
    for (size_t i = 0; i < fragment->n_params; i++) {
        const gbx__param_value *value = &fragment->params[i];
        gbx__duck_param *param = &job->params[job->n_params++];
        param->is_null = value->is_null;
        param->name = gbx__arena_str(&job->arena, value->name);
        param->text = gbx__arena_str(&job->arena, value->text);
        if (!param->name.ptr || !param->text.ptr) return GBX_FAIL_NOMEM(err);
    }
    return GBX_OK;
}

static gbx_status job_keep_inputs(gbx__job *job, const gbx__fragment *fragment, gbx_error *err)
{
    job->inputs = GBX_ARENA_ARRAY(&job->arena, fragment->n_inputs + 1, gbx__stream_input);
    if (!job->inputs) return GBX_FAIL_NOMEM(err);
    for (size_t i = 0; i < fragment->n_inputs; i++) {
        const gbx__str name = gbx__arena_str(&job->arena, fragment->inputs[i].name);
        if (!name.ptr) return GBX_FAIL_NOMEM(err);
        job->inputs[job->n_inputs++] =
            (gbx__stream_input){.name = name, .stream = fragment->inputs[i].stream};
    }
    return GBX_OK;
}

static gbx_status job_print(gbx__job *job, const gbx__engine *engine, const gbx__fragment *fragment,
                            gbx_error *err)
{
    const gbx__print_options options = {.dialect = GBX_DIALECT_DUCKDB,
                                        .csv_buffer_bytes = engine->csv_buffer_bytes};
    if (fragment->plan) return gbx__sql_print(fragment->plan, &options, &job->text, err);
    gbx__buf_puts(&job->text, fragment->opaque_sql);
    return job->text.failed ? GBX_FAIL_NOMEM(err) : GBX_OK;
}

static gbx_status job_fill(gbx__job *job, gbx__engine *engine, const gbx__fragment *fragment,
                           gbx_error *err)
{
    GBX_TRY(job_print(job, engine, fragment, err));
    GBX_TRY(job_keep_params(job, fragment, err));
    GBX_TRY(job_keep_inputs(job, fragment, err));
    return gbx__duck_connect(engine->duck, &job->conn, err);
}

gbx_status gbx__duckdb_prepare(gbx__engine *engine, const gbx__fragment *fragment, gbx__job **out,
                               gbx_error *err)
{
    gbx__job *job = gbx__alloc_zero(sizeof(*job));
    if (!job) return GBX_FAIL_NOMEM(err);
    gbx__arena_init(&job->arena);
    const gbx_status status = job_fill(job, engine, fragment, err);
    if (status != GBX_OK) {
        gbx__duckdb_job_close(job);
        return status;
    }
    *out = job;
    return GBX_OK;
}

void gbx__duckdb_job_close(gbx__job *job)
{
    if (!job) return;
    gbx__duck_disconnect(job->conn);
    gbx__buf_done(&job->text);
    gbx__arena_done(&job->arena);
    gbx__alloc_free(job);
}

/* ---- the stream ----------------------------------------------------------------------------- */

static void error_unplace(gbx_error *err)
{
    if (!err) return;
    err->line = 0;
    err->column = 0;
    err->offset = -1;
}

static int stream_failed(gbx__job *job, int code)
{
    const gbx_error *error = gbx__duck_stream_error(&job->rows);
    if (!error || job->has_failed) return code;
    job->error = *error;
    error_unplace(&job->error);
    job->has_failed = true;
    return code;
}

static int stream_get_schema(struct ArrowArrayStream *self, struct ArrowSchema *out)
{
    gbx__job *job = self->private_data;
    const int code = job->rows.get_schema(&job->rows, out);
    return code == 0 ? 0 : stream_failed(job, code);
}

static int stream_get_next(struct ArrowArrayStream *self, struct ArrowArray *out)
{
    gbx__job *job = self->private_data;
    const int code = job->rows.get_next(&job->rows, out);
    return code == 0 ? 0 : stream_failed(job, code);
}

static const char *stream_get_last_error(struct ArrowArrayStream *self)
{
    const gbx__job *job = self->private_data;
    return job->has_failed ? job->error.message : NULL;
}

static void stream_release(struct ArrowArrayStream *self)
{
    gbx__job *job = self->private_data;
    job->rows.release(&job->rows);
    self->private_data = NULL;
    self->release = NULL;
}

const gbx_error *gbx__duckdb_stream_error(const gbx__job *job)
{
    return job->has_failed ? &job->error : NULL;
}

/* ---- run ------------------------------------------------------------------------------------ */

static gbx_status job_add_inputs(gbx__job *job, gbx_error *err)
{
    for (size_t i = 0; i < job->n_inputs; i++)
        GBX_TRY(
            gbx__duck_add_stream(job->conn, job->inputs[i].name.ptr, job->inputs[i].stream, err));
    return GBX_OK;
}

/* A cancellation that came before DuckDB had begun has met nobody; it is seen here. */
static gbx_status job_start(gbx__job *job, gbx__cancel *cancel, gbx_error *err)
{
    GBX_TRY(job_add_inputs(job, err));
    GBX_TRY(gbx__duck_query(job->conn, job->text.data, job->n_params, job->params, cancel,
                            &job->rows, err));
    if (!atomic_load(&job->is_cancelled)) return GBX_OK;
    job->rows.release(&job->rows);
    return GBX_FAIL(err, GBX_CANCELLED, "cancelled");
}

gbx_status gbx__duckdb_run(gbx__job *job, gbx__cancel *cancel, struct ArrowArrayStream *out,
                           gbx_error *err)
{
    if (job->has_run) return GBX_FAIL(err, GBX_MISUSE, "a job runs once");
    job->has_run = true;
    const gbx_status status = job_start(job, cancel, err);
    if (status != GBX_OK) {
        error_unplace(err);
        return status;
    }
    *out = (struct ArrowArrayStream){.get_schema = stream_get_schema,
                                     .get_next = stream_get_next,
                                     .get_last_error = stream_get_last_error,
                                     .release = stream_release,
                                     .private_data = job};
    return GBX_OK;
}

double gbx__duckdb_progress(gbx__job *job)
{
    return gbx__duck_progress(job->conn);
}

void gbx__duckdb_cancel(gbx__job *job)
{
    atomic_store(&job->is_cancelled, true);
    gbx__duck_interrupt(job->conn);
}
