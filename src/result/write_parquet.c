/*
 * Parquet, written by DuckDB: COPY (FROM stream) TO file. The file appears whole or not at all; in
 * memory are a batch and the row groups that DuckDB fills.
 *
 *   caller's stream ←─ pulls ── tap (counts, cancels, limits) ←─ DuckDB ─→ .name.tmp ─→ name
 */
#include "result/result.h"

#include "arrow/arrow.h"
#include "base/fs.h"

#include <errno.h>
#include <string.h>

/* What DuckDB holds of the row groups that it writes, beside its limit: 85 MB seen where the disk
 * was slow. */
#define PARQUET_RESERVE_BYTES INT64_C(96000000)

/* A stream over the caller's, which stays the caller's; it ends at the batch that reaches the
 * limit. */
typedef struct parquet_tap {
    struct ArrowArrayStream *stream;
    gbx__cancel *cancel;
    int64_t row_limit;
    int64_t rows;
    gbx_status status; /* the first failure: DuckDB tells of it in its own words */
    gbx_error err;
} parquet_tap;

static int parquet_errno(gbx_status status)
{
    switch ((int)status) {
    case GBX_OK: return 0;
    case GBX_NOMEM: return ENOMEM;
    case GBX_CANCELLED: return ECANCELED;
    case GBX_TIMEOUT: return ETIMEDOUT;
    default: return EIO;
    }
}

static int parquet_tap_schema(struct ArrowArrayStream *self, struct ArrowSchema *out)
{
    parquet_tap *tap = self->private_data;
    tap->status = gbx__arrow_stream_schema(tap->stream, out, &tap->err);
    return parquet_errno(tap->status);
}

static gbx_status parquet_pull(parquet_tap *tap, struct ArrowArray *out, gbx_error *err)
{
    *out = (struct ArrowArray){.release = NULL};
    if (tap->row_limit >= 0 && tap->rows >= tap->row_limit) return GBX_OK;
    GBX_TRY(gbx__cancel_check_err(tap->cancel, err));
    GBX_TRY(gbx__arrow_stream_next(tap->stream, out, err));
    if (!out->release) return GBX_OK;
    tap->rows += out->length;
    return GBX_OK;
}

static int parquet_tap_next(struct ArrowArrayStream *self, struct ArrowArray *out)
{
    parquet_tap *tap = self->private_data;
    if (tap->status == GBX_OK) tap->status = parquet_pull(tap, out, &tap->err);
    return parquet_errno(tap->status);
}

static const char *parquet_tap_error(struct ArrowArrayStream *self)
{
    const parquet_tap *tap = self->private_data;
    return tap->status == GBX_OK ? NULL : tap->err.message;
}

static void parquet_tap_release(struct ArrowArrayStream *self)
{
    self->release = NULL;
}

static gbx_status parquet_copy(gbx__duck_conn *conn, parquet_tap *tap, const char *path,
                               gbx_error *err)
{
    struct ArrowArrayStream stream = {parquet_tap_schema, parquet_tap_next, parquet_tap_error,
                                      parquet_tap_release, tap};
    GBX_TRY(gbx__duck_add_stream(conn, "gearbox_result", &stream, err));
    GBX_AUTO(gbx__buf_done) gbx__buf sql;
    gbx__buf_init(&sql, 0);
    gbx__buf_puts(&sql, "COPY (FROM gearbox_result");
    if (tap->row_limit >= 0) gbx__buf_printf(&sql, " LIMIT %lld", (long long)tap->row_limit);
    gbx__buf_puts(&sql, ") TO ");
    gbx__duck_quote_text(&sql, gbx__str_of(path));
    gbx__buf_puts(&sql, " (FORMAT parquet, USE_TMP_FILE false)");
    if (sql.failed) return GBX_FAIL_NOMEM(err);
    return gbx__duck_exec(conn, sql.data, err);
}

static gbx_status parquet_write(gbx__duck *duck, parquet_tap *tap, const char *path, gbx_error *err)
{
    gbx__duck_conn *conn;
    GBX_TRY(gbx__duck_connect(duck, &conn, err));
    gbx_status status = parquet_copy(conn, tap, path, err);
    gbx__duck_disconnect(conn);
    if (status != GBX_OK && tap->status != GBX_OK) {
        status = tap->status;
        if (err) *err = tap->err;
    }
    return status;
}

static gbx_status parquet_write_file(gbx__duck *duck, parquet_tap *tap, const char *path,
                                     int64_t *bytes, gbx_error *err)
{
    gbx__fs_out out;
    gbx__file_info info;
    GBX_TRY(gbx__fs_out_open(&out, path, err));
    gbx_status status = GBX_OK;
    if (!out.temp_path) {
        status = GBX_FAIL(err, GBX_MISUSE, "Parquet needs a file, and '%s' is none", path);
    }
    if (status == GBX_OK) status = parquet_write(duck, tap, out.temp_path, err);
    if (status == GBX_OK) status = gbx__fs_stat(out.temp_path, &info, err);
    if (status == GBX_OK) status = gbx__fs_out_commit(&out, err);
    if (status == GBX_OK) *bytes = info.size_bytes;
    gbx__fs_out_abort(&out);
    return status;
}

gbx_status gbx__result_write_parquet(gbx__duck *duck, struct ArrowArrayStream *stream,
                                     const char *path, int64_t row_limit, gbx__cancel *cancel,
                                     gbx__write_stats *out, gbx_error *err)
{
    parquet_tap tap = {.stream = stream, .cancel = cancel, .row_limit = row_limit};
    const gbx__duck_options options = {.threads = 1};
    gbx__duck *own = NULL;
    int64_t bytes = 0;
    if (!duck) GBX_TRY(gbx__duck_open(&options, &own, err));
    const int64_t reserved = duck ? gbx__duck_reserve(duck, PARQUET_RESERVE_BYTES) : 0;
    const gbx_status status = parquet_write_file(duck ? duck : own, &tap, path, &bytes, err);
    if (reserved > 0) (void)gbx__duck_reserve(duck, -reserved);
    gbx__duck_close(own);
    const int64_t rows = row_limit >= 0 && tap.rows > row_limit ? row_limit : tap.rows;
    if (status == GBX_OK && out) *out = (gbx__write_stats){rows, bytes};
    return status;
}
