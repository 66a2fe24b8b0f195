/* The rows of an SQLite table as Arrow batches, read while they are asked for. */
#include "arrow/arrow.h"
#include "base/alloc.h"
#include "source/sqlite_priv.h"

#include <errno.h>
#include <string.h>

#define BATCH_ROWS 8192
#define BATCH_BYTES (16 * 1024 * 1024)

typedef struct sqlite_stream {
    const gbx__scan *scan;
    sqlite3 *db;
    sqlite3_stmt *stmt;
    struct ArrowSchema schema;
    gbx__arrow_builder *builder;
    int64_t n_rows; /* so far */
    bool is_done;
    gbx_error error;
} sqlite_stream;

static gbx_status append_row(sqlite_stream *s)
{
    const gbx__scan *scan = s->scan;
    s->n_rows++;
    for (uint32_t i = 0; i < scan->n_fields; i++) {
        const gbx_status status = gbx__sqlite_append(s->stmt, (int)i, scan->fields[i].type,
                                                     s->builder, &s->error);
        if (status == GBX_OK) continue;
        if (status == GBX_INVALID) {
            gbx__error_prefix(&s->error, "'%.*s': table '%.*s', column '%.*s', row %lld",
                              GBX_STR_ARG(scan->paths[0]), GBX_STR_ARG(scan->inner_name),
                              GBX_STR_ARG(scan->fields[i].name), (long long)s->n_rows);
        }
        return status;
    }
    return gbx__arrow_builder_end_row(s->builder, &s->error);
}

static gbx_status next_batch(sqlite_stream *s, struct ArrowArray *out)
{
    while (!s->is_done && gbx__arrow_builder_rows(s->builder) < BATCH_ROWS &&
           gbx__arrow_builder_bytes_len(s->builder) < BATCH_BYTES) {
        const int code = sqlite3_step(s->stmt);
        s->is_done = code != SQLITE_ROW;
        if (code == SQLITE_ROW) GBX_TRY(append_row(s));
        else if (code != SQLITE_DONE) {
            return gbx__sqlite_fail(s->db, s->scan->paths[0].ptr, &s->error);
        }
    }
    if (gbx__arrow_builder_rows(s->builder) == 0) return GBX_OK;
    return gbx__arrow_builder_finish(s->builder, out, &s->error);
}

/* ---- the stream ------------------------------------------------------------------------------ */

static int errno_of(gbx_status status)
{
    switch ((int)status) {
    case GBX_OK: return 0;
    case GBX_NOMEM: return ENOMEM;
    case GBX_IO: return EIO;
    default: return EINVAL;
    }
}

static int stream_get_next(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
    sqlite_stream *s = stream->private_data;
    memset(out, 0, sizeof(*out));
    const gbx_status status = next_batch(s, out);
    if (status != GBX_OK) s->is_done = true;
    return errno_of(status);
}

static int stream_get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
    sqlite_stream *s = stream->private_data;
    return errno_of(gbx__arrow_schema_copy(&s->schema, out, &s->error));
}

static const char *stream_get_last_error(struct ArrowArrayStream *stream)
{
    const sqlite_stream *s = stream->private_data;
    return s->error.message[0] ? s->error.message : NULL;
}

static void stream_free(sqlite_stream *s)
{
    gbx__arrow_builder_free(s->builder);
    gbx__arrow_schema_done(&s->schema);
    sqlite3_finalize(s->stmt);
    sqlite3_close(s->db);
    gbx__alloc_free(s);
}

static void stream_release(struct ArrowArrayStream *stream)
{
    stream_free(stream->private_data);
    stream->release = NULL;
}

/* ---- opening --------------------------------------------------------------------------------- */

static gbx_status check_columns(const sqlite_stream *s, gbx_error *err)
{
    const gbx__scan *scan = s->scan;
    bool is_same = sqlite3_column_count(s->stmt) == (int)scan->n_fields;
    for (uint32_t i = 0; i < scan->n_fields && is_same; i++) {
        is_same = gbx__str_is(scan->fields[i].name, sqlite3_column_name(s->stmt, (int)i));
    }
    if (is_same) return GBX_OK;
    return GBX_FAIL(err, GBX_INVALID, "'%.*s': the columns of '%.*s' have changed",
                    GBX_STR_ARG(scan->paths[0]), GBX_STR_ARG(scan->inner_name));
}

static gbx_status make_schema(sqlite_stream *s, gbx_error *err)
{
    const gbx__scan *scan = s->scan;
    gbx__arena arena;
    gbx__arena_init(&arena);
    gbx__arrow_column *columns = GBX_ARENA_ARRAY(&arena, scan->n_fields, gbx__arrow_column);
    for (uint32_t i = 0; i < scan->n_fields && columns; i++) {
        columns[i].name = gbx__arena_str(&arena, scan->fields[i].name).ptr;
        columns[i].format = gbx__sqlite_arrow_format(scan->fields[i].type);
        if (!columns[i].name) columns = NULL;
    }
    gbx_status status = GBX_OK;
    if (!columns) status = GBX_FAIL_NOMEM(err);
    else status = gbx__arrow_schema_of(columns, scan->n_fields, &s->schema, err);
    gbx__arena_done(&arena);
    return status;
}

static gbx_status open_parts(sqlite_stream *s, gbx_error *err)
{
    const gbx__scan *scan = s->scan;
    const char *path = scan->paths[0].ptr;
    GBX_TRY(gbx__sqlite_open(path, &s->db, err));
    GBX_TRY(gbx__sqlite_select(s->db, path, scan->inner_name, &s->stmt, err));
    GBX_TRY(check_columns(s, err));
    GBX_TRY(make_schema(s, err));
    return gbx__arrow_builder_new(&s->schema, &s->builder, err);
}

gbx_status gbx__source_open_sqlite(const gbx__scan *scan, struct ArrowArrayStream *out,
                                   gbx_error *err)
{
    sqlite_stream *s = gbx__alloc_zero(sizeof(*s));
    if (!s) return GBX_FAIL_NOMEM(err);
    s->scan = scan;
    const gbx_status status = open_parts(s, err);
    if (status != GBX_OK) {
        stream_free(s);
        return status;
    }
    *out = (struct ArrowArrayStream){.get_schema = stream_get_schema,
                                     .get_next = stream_get_next,
                                     .get_last_error = stream_get_last_error,
                                     .release = stream_release,
                                     .private_data = s};
    return GBX_OK;
}
