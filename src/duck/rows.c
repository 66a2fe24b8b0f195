/*
 * Statements whose rows are dropped, or read one by one as text: for metadata and settings. Data
 * goes by query.c.
 */
#include "duck/duck_priv.h"

#include "base/alloc.h"

/* ---- exec ---------------------------------------------------------------------------------- */

static gbx_status exec_statement(gbx__duck_conn *conn, duckdb_v2_sql_statement_handle statement,
                                 const gbx__duck_about *about, gbx_error *err)
{
    duckdb_v2_result_handle result = NULL;
    GBX_DUCK_TRY(
        about, err,
        gbx__duck_lib.statement_execute(conn->handle, statement, NULL, NULL, 0, &result, &info));
    idx_t n_changed = 0;
    gbx__duck_info info = NULL;
    const DUCKDB_V2_ERROR code = gbx__duck_lib.result_drain(result, &n_changed, &info);
    gbx__duck_lib.result_destroy(&result);
    return code == DUCKDB_V2_ERROR_NONE ? GBX_OK : gbx__duck_error(code, &info, about, err);
}

static gbx_status exec_all(gbx__duck_conn *conn, duckdb_v2_statement_iterator_handle iterator,
                           const gbx__duck_about *about, gbx_error *err)
{
    for (;;) {
        duckdb_v2_sql_statement_handle statement = NULL;
        GBX_DUCK_TRY(about, err,
                     gbx__duck_lib.statement_iterator_next(iterator, &statement, &info));
        if (!statement) return GBX_OK;
        const gbx_status status = exec_statement(conn, statement, about, err);
        gbx__duck_lib.sql_statement_destroy(&statement);
        if (status != GBX_OK) return status;
    }
}

gbx_status gbx__duck_exec(gbx__duck_conn *conn, const char *sql, gbx_error *err)
{
    const gbx__duck_about about = {.duck = conn->duck, .sql = sql};
    duckdb_v2_statement_iterator_handle iterator = NULL;
    GBX_DUCK_TRY(&about, err, gbx__duck_lib.parse_sql(conn->handle, sql, &iterator, &info));
    const gbx_status status = exec_all(conn, iterator, &about, err);
    gbx__duck_lib.statement_iterator_destroy(&iterator);
    return status;
}

/* ---- rows ---------------------------------------------------------------------------------- */

/* A row being read. Each column has its own buffer, so that no text moves while the row is used. */
typedef struct row_reader {
    const gbx__duck_conn *conn;
    const gbx__duck_about *about;
    gbx__duck_row *row;
    void *ctx;
    size_t n_cols;
    gbx__str *cols;
    gbx__buf *bytes;
    duckdb_v2_logical_type_handle text_type;
} row_reader;

/* The value itself when it is text already, else what DuckDB's cast to text makes of it. */
static gbx_status value_append(const row_reader *reader, duckdb_v2_value_handle value,
                               gbx__buf *out, gbx_error *err)
{
    duckdb_v2_value_handle text = NULL;
    GBX_DUCK_TRY(
        reader->about, err,
        gbx__duck_lib.value_cast(reader->conn->factory, value, reader->text_type, &text, &info));
    duckdb_v2_str view = {0};
    gbx__duck_info info = NULL;
    const DUCKDB_V2_ERROR code = gbx__duck_lib.value_get_varchar(text, &view, &info);
    if (code == DUCKDB_V2_ERROR_NONE) gbx__buf_append(out, view.ptr, view.len);
    gbx__duck_lib.value_destroy(&text);
    if (code != DUCKDB_V2_ERROR_NONE) return gbx__duck_error(code, &info, reader->about, err);
    return out->failed ? GBX_FAIL_NOMEM(err) : GBX_OK;
}

static gbx_status value_read(const row_reader *reader, duckdb_v2_value_handle value, gbx__buf *out,
                             bool *is_null, gbx_error *err)
{
    GBX_DUCK_TRY(reader->about, err, gbx__duck_lib.value_is_null(value, is_null, &info));
    return *is_null ? GBX_OK : value_append(reader, value, out, err);
}

static gbx_status read_cell(const row_reader *reader, duckdb_v2_data_chunk_handle chunk, size_t col,
                            idx_t row, gbx__buf *out, bool *is_null, gbx_error *err)
{
    duckdb_v2_vector_handle vector = NULL;
    duckdb_v2_value_handle value = NULL;
    GBX_DUCK_TRY(reader->about, err,
                 gbx__duck_lib.data_chunk_get_vector(chunk, col, &vector, &info));
    GBX_DUCK_TRY(reader->about, err, gbx__duck_lib.vector_get_value(vector, row, &value, &info));
    const gbx_status status = value_read(reader, value, out, is_null, err);
    gbx__duck_lib.value_destroy(&value);
    return status;
}

static gbx_status read_row(row_reader *reader, duckdb_v2_data_chunk_handle chunk, idx_t row,
                           gbx_error *err)
{
    for (size_t c = 0; c < reader->n_cols; c++) {
        gbx__buf *bytes = &reader->bytes[c];
        bool is_null = false;
        gbx__buf_clear(bytes);
        GBX_TRY(read_cell(reader, chunk, c, row, bytes, &is_null, err));
        reader->cols[c] = is_null          ? (gbx__str){NULL, 0}
                          : bytes->len > 0 ? gbx__buf_view(bytes)
                                           : GBX_STR("");
    }
    return reader->row(reader->ctx, reader->n_cols, reader->cols, err);
}

static gbx_status reader_make_room(row_reader *reader, duckdb_v2_data_chunk_handle chunk,
                                   gbx_error *err)
{
    idx_t n_cols = 0;
    GBX_DUCK_TRY(reader->about, err,
                 gbx__duck_lib.data_chunk_get_vector_count(chunk, &n_cols, &info));
    if (reader->cols) return GBX_OK;
    reader->cols = gbx__alloc_zero(n_cols * sizeof(*reader->cols));
    reader->bytes = gbx__alloc_zero(n_cols * sizeof(*reader->bytes));
    if (!reader->cols || !reader->bytes) return GBX_FAIL_NOMEM(err);
    reader->n_cols = n_cols;
    return GBX_OK;
}

static gbx_status read_chunk(row_reader *reader, duckdb_v2_data_chunk_handle chunk, gbx_error *err)
{
    idx_t n_rows = 0;
    GBX_TRY(reader_make_room(reader, chunk, err));
    GBX_DUCK_TRY(reader->about, err, gbx__duck_lib.data_chunk_get_size(chunk, &n_rows, &info));
    for (idx_t row = 0; row < n_rows; row++) GBX_TRY(read_row(reader, chunk, row, err));
    return GBX_OK;
}

static gbx_status read_result(row_reader *reader, duckdb_v2_result_handle result, gbx_error *err)
{
    for (;;) {
        duckdb_v2_data_chunk_handle chunk = NULL;
        GBX_DUCK_TRY(reader->about, err, gbx__duck_lib.result_fetch_chunk(result, &chunk, &info));
        if (!chunk) return GBX_OK;
        const gbx_status status = read_chunk(reader, chunk, err);
        gbx__duck_lib.data_chunk_destroy(&chunk);
        if (status != GBX_OK) return status;
    }
}

static gbx_status rows_execute(gbx__duck_conn *conn, gbx__duck_stmt *stmt, row_reader *reader,
                               gbx_error *err)
{
    GBX_TRY(gbx__duck_stmt_init(stmt, conn, reader->about, err));
    GBX_TRY(gbx__duck_plain_type(conn, DUCKDB_V2_LOGICAL_TYPE_ID_VARCHAR, &reader->text_type, err));
    duckdb_v2_result_handle result = NULL;
    GBX_DUCK_TRY(reader->about, err,
                 gbx__duck_lib.statement_execute(conn->handle, stmt->handle, stmt->names,
                                                 stmt->values, stmt->n_params, &result, &info));
    const gbx_status status = read_result(reader, result, err);
    gbx__duck_lib.result_destroy(&result);
    return status;
}

gbx_status gbx__duck_rows(gbx__duck_conn *conn, const char *sql, size_t n_params,
                          const gbx__duck_param *params, gbx__duck_row *row, void *ctx,
                          gbx_error *err)
{
    const gbx__duck_about about = {
        .duck = conn->duck, .sql = sql, .n_params = n_params, .params = params};
    row_reader reader = {.conn = conn, .about = &about, .row = row, .ctx = ctx};
    gbx__duck_stmt stmt = {0};
    const gbx_status status = rows_execute(conn, &stmt, &reader, err);
    if (reader.text_type) gbx__duck_lib.logical_type_destroy(&reader.text_type);
    gbx__duck_stmt_done(&stmt);
    for (size_t c = 0; c < reader.n_cols; c++) gbx__buf_done(&reader.bytes[c]);
    gbx__alloc_free(reader.bytes);
    gbx__alloc_free(reader.cols);
    return status;
}

/* ---- text ---------------------------------------------------------------------------------- */

typedef struct text_reader {
    gbx__buf *out;
    bool is_seen;
    bool is_null;
} text_reader;

static gbx_status text_row(void *ctx, size_t n_cols, const gbx__str *cols, gbx_error *err)
{
    text_reader *reader = ctx;
    if (reader->is_seen || n_cols == 0) return GBX_OK;
    reader->is_seen = true;
    reader->is_null = !cols[0].ptr;
    if (cols[0].ptr) gbx__buf_str(reader->out, cols[0]);
    return reader->out->failed ? GBX_FAIL_NOMEM(err) : GBX_OK;
}

gbx_status gbx__duck_text(gbx__duck_conn *conn, const char *sql, size_t n_params,
                          const gbx__duck_param *params, gbx__buf *out, bool *is_null,
                          gbx_error *err)
{
    text_reader reader = {.out = out, .is_null = true};
    GBX_TRY(gbx__duck_rows(conn, sql, n_params, params, text_row, &reader, err));
    if (is_null) *is_null = reader.is_null;
    return GBX_OK;
}
