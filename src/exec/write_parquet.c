/*
 * Rows to a Parquet file: the engine's Arrow stream is a table of a second connection, which copies
 * it. So it works for every engine and for opaque SQL; types arrive as Arrow states them.
 */
#include "exec/run_priv.h"

static gbx_status parquet_copy(gbx__duck_conn *conn, struct ArrowArrayStream *rows,
                               const char *path, gbx_error *err)
{
    GBX_AUTO(gbx__buf_done) gbx__buf sql = {0};
    gbx__buf_puts(&sql, "COPY (FROM gbx_rows) TO ");
    gbx__duck_quote_text(&sql, gbx__str_of(path));
    gbx__buf_puts(&sql, " (FORMAT parquet, USE_TMP_FILE false)");
    const gbx_status status = gbx__duck_add_stream(conn, "gbx_rows", rows, err);
    if (status != GBX_OK) return status;
    if (sql.failed) return GBX_FAIL_NOMEM(err);
    return gbx__duck_exec(conn, sql.data, err);
}

gbx_status gbx__run_write_parquet(gbx__run *run, const char *path, gbx_error *err)
{
    struct ArrowArrayStream rows;
    GBX_TRY(gbx__run_stream(run, &rows, err));
    gbx__duck_conn *conn = NULL;
    gbx_status status = gbx__session_connect(run->frame->session, &conn, err);
    if (status != GBX_OK) {
        rows.release(&rows);
        return status;
    }
    status = parquet_copy(conn, &rows, path, err);
    gbx__duck_disconnect(conn);
    if (status != GBX_OK && run->has_failed) {
        if (err) *err = run->error;
        return run->error.status;
    }
    return status;
}
