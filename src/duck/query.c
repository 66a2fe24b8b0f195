/*
 * A result as an Arrow stream. DuckDB runs as the stream is pulled: it keeps a buffer of 4 MB
 * filled (connection.c) and waits.
 *
 * A batch is a copy on our side of DuckDB's memory limit, so it has to stay small: 8,192 rows
 * cost no more time per row than 131,072 (they stay in the processor's cache), and 8,192
 * documents of 10 KB are 80 MB, which is as much as we want to risk. Wide results get fewer rows.
 */
#include "duck/duck_priv.h"

#include "arrow/arrow.h"
#include "base/alloc.h"

#include <errno.h>

#define QUERY_BATCH_ROWS 8192
#define QUERY_BATCH_ROWS_MIN 1024
#define QUERY_BATCH_BYTES 8000000 /* with every value taken as 16 bytes */

typedef struct duck_stream {
    gbx__duck_conn *conn;
    gbx__arena arena; /* of what `about` points to */
    gbx__duck_about about;
    duckdb_v2_arrow_result_handle result;
    struct ArrowSchema schema;
    struct ArrowArray first; /* a batch that had to be pulled before the schema was known */
    gbx__duck_watch watch;
    bool is_done;
    gbx_status failed; /* then `error` says why */
    gbx_error error;
} duck_stream;

/* ---- the stream's functions ---------------------------------------------------------------- */

static int stream_errno(gbx_status status)
{
    switch ((int)status) {
    case GBX_OK: return 0;
    case GBX_NOMEM: return ENOMEM;
    case GBX_CANCELLED: return ECANCELED;
    case GBX_TIMEOUT: return ETIMEDOUT;
    default: return EIO;
    }
}

static int stream_get_schema(struct ArrowArrayStream *self, struct ArrowSchema *out)
{
    duck_stream *stream = self->private_data;
    return stream_errno(gbx__arrow_schema_copy(&stream->schema, out, &stream->error));
}

static gbx_status stream_fetch(duck_stream *stream, struct ArrowArray *out)
{
    GBX_TRY(gbx__cancel_check_err(stream->about.cancel, &stream->error));
    if (stream->first.release) {
        gbx__arrow_array_move(&stream->first, out);
        return GBX_OK;
    }
    GBX_DUCK_TRY(&stream->about, &stream->error,
                 gbx__duck_lib.arrow_result_fetch_array(stream->result, out, &info));
    return GBX_OK;
}

static gbx_status stream_pull(duck_stream *stream, struct ArrowArray *out)
{
    GBX_TRY(stream_fetch(stream, out));
    if (!out->release || gbx__duck_pack_booleans(&stream->schema, out)) return GBX_OK;
    gbx__arrow_array_done(out);
    return GBX_FAIL_NOMEM(&stream->error);
}

static int stream_get_next(struct ArrowArrayStream *self, struct ArrowArray *out)
{
    duck_stream *stream = self->private_data;
    *out = (struct ArrowArray){0};
    if (stream->is_done || stream->failed) return stream_errno(stream->failed);
    stream->failed = stream_pull(stream, out);
    stream->is_done = !out->release;
    if (stream->is_done) gbx__duck_watch_stop(&stream->watch);
    return stream_errno(stream->failed);
}

static const char *stream_get_last_error(struct ArrowArrayStream *self)
{
    const duck_stream *stream = self->private_data;
    return stream->failed ? stream->error.message : NULL;
}

static void stream_free(duck_stream *stream)
{
    gbx__duck_watch_stop(&stream->watch);
    if (stream->result) gbx__duck_lib.arrow_result_destroy(&stream->result);
    gbx__arrow_array_done(&stream->first);
    gbx__arrow_schema_done(&stream->schema);
    gbx__duck_conn_unref(stream->conn);
    gbx__arena_done(&stream->arena);
    gbx__alloc_free(stream);
}

static void stream_release(struct ArrowArrayStream *self)
{
    stream_free(self->private_data);
    self->private_data = NULL;
    self->release = NULL;
}

const gbx_error *gbx__duck_stream_error(const struct ArrowArrayStream *stream)
{
    if (stream->release != stream_release) return NULL;
    const duck_stream *duck = stream->private_data;
    return duck->failed ? &duck->error : NULL;
}

/* ---- starting ------------------------------------------------------------------------------ */

/* The query and its parameters live as long as the stream: later errors are about them too. */
static gbx_status stream_keep(duck_stream *stream, const gbx__duck_about *about, gbx_error *err)
{
    stream->about = *about;
    stream->about.sql = gbx__arena_cstr(&stream->arena, about->sql);
    gbx__duck_param *params = GBX_ARENA_ARRAY(&stream->arena, about->n_params + 1, gbx__duck_param);
    if (!stream->about.sql || !params) return GBX_FAIL_NOMEM(err);
    for (size_t i = 0; i < about->n_params; i++) {
        params[i].name = gbx__arena_str(&stream->arena, about->params[i].name);
        params[i].text = gbx__arena_str(&stream->arena, about->params[i].text);
        params[i].is_null = about->params[i].is_null;
        if (!params[i].name.ptr || !params[i].text.ptr) return GBX_FAIL_NOMEM(err);
    }
    stream->about.params = params;
    return GBX_OK;
}

/* A PIVOT that has to look for its values first knows its columns only once it runs. */
static gbx_status stream_ask_schema(duck_stream *stream, struct ArrowSchema *schema, gbx_error *err)
{
    gbx__duck_info early = NULL;
    const DUCKDB_V2_ERROR code =
        gbx__duck_lib.arrow_result_get_schema(stream->result, schema, &early);
    if (code == DUCKDB_V2_ERROR_NONE) return GBX_OK;
    if (code != DUCKDB_V2_ERROR_INPUT_METADATA_DEFERRED)
        return gbx__duck_error(code, &early, &stream->about, err);
    gbx__duck_lib.error_info_destroy(&early);
    GBX_DUCK_TRY(&stream->about, err,
                 gbx__duck_lib.arrow_result_fetch_array(stream->result, &stream->first, &info));
    GBX_DUCK_TRY(&stream->about, err,
                 gbx__duck_lib.arrow_result_get_schema(stream->result, schema, &info));
    return GBX_OK;
}

static gbx_status stream_learn_schema(duck_stream *stream, gbx_error *err)
{
    struct ArrowSchema schema = {0};
    gbx_status status = stream_ask_schema(stream, &schema, err);
    if (status == GBX_OK) status = gbx__duck_schema_of(&schema, &stream->schema, err);
    gbx__arrow_schema_done(&schema);
    return status;
}

static gbx_status stream_execute(duck_stream *stream, const gbx__duck_stmt *stmt, idx_t batch_rows,
                                 gbx_error *err)
{
    GBX_DUCK_TRY(&stream->about, err,
                 gbx__duck_lib.statement_execute_arrow(stream->conn->handle, stmt->handle,
                                                       stmt->names, stmt->values, stmt->n_params,
                                                       batch_rows, &stream->result, &info));
    return stream_learn_schema(stream, err);
}

static idx_t batch_rows_for(const struct ArrowSchema *schema)
{
    const int64_t n_values = gbx__arrow_schema_leaves(schema) + 1;
    const int64_t rows = QUERY_BATCH_BYTES / (16 * n_values);
    if (rows >= QUERY_BATCH_ROWS) return QUERY_BATCH_ROWS;
    return rows > QUERY_BATCH_ROWS_MIN ? (idx_t)rows : QUERY_BATCH_ROWS_MIN;
}

static gbx_status stream_start(duck_stream *stream, const gbx__duck_stmt *stmt, gbx_error *err)
{
    GBX_TRY(stream_execute(stream, stmt, QUERY_BATCH_ROWS, err));
    const idx_t batch_rows = batch_rows_for(&stream->schema);
    if (batch_rows == QUERY_BATCH_ROWS || stream->first.release) return GBX_OK;
    /* The width is known only now; nothing has run yet. */
    gbx__duck_lib.arrow_result_destroy(&stream->result);
    gbx__arrow_schema_done(&stream->schema);
    return stream_execute(stream, stmt, batch_rows, err);
}

static gbx_status stream_open(duck_stream *stream, const gbx__duck_about *about, gbx_error *err)
{
    GBX_TRY(stream_keep(stream, about, err));
    GBX_TRY(gbx__cancel_check_err(about->cancel, err));
    GBX_TRY(gbx__duck_watch_start(&stream->watch, stream->conn, about->cancel, err));
    gbx__duck_stmt stmt = {0};
    gbx_status status = gbx__duck_stmt_init(&stmt, stream->conn, &stream->about, err);
    if (status == GBX_OK) status = stream_start(stream, &stmt, err);
    gbx__duck_stmt_done(&stmt);
    return status;
}

gbx_status gbx__duck_query(gbx__duck_conn *conn, const char *sql, size_t n_params,
                           const gbx__duck_param *params, gbx__cancel *cancel,
                           struct ArrowArrayStream *out, gbx_error *err)
{
    const gbx__duck_about about = {
        .duck = conn->duck, .sql = sql, .n_params = n_params, .params = params, .cancel = cancel};
    duck_stream *stream = gbx__alloc_zero(sizeof(*stream));
    if (!stream) return GBX_FAIL_NOMEM(err);
    gbx__arena_init(&stream->arena);
    stream->conn = gbx__duck_conn_ref(conn);
    const gbx_status status = stream_open(stream, &about, err);
    if (status != GBX_OK) {
        stream_free(stream);
        return status;
    }
    *out = (struct ArrowArrayStream){.get_schema = stream_get_schema,
                                     .get_next = stream_get_next,
                                     .get_last_error = stream_get_last_error,
                                     .release = stream_release,
                                     .private_data = stream};
    return GBX_OK;
}
