#include "duck/duck_priv.h"

static gbx_status describe_field(const gbx__duck_about *about, duckdb_v2_schema_handle schema,
                                 idx_t index, gbx__duck_column *column, void *ctx, gbx_error *err)
{
    duckdb_v2_identifier_t name = {0};
    duckdb_v2_logical_type_handle type = NULL;
    GBX_DUCK_TRY(about, err, gbx__duck_lib.schema_get_field(schema, index, &name, &type, &info));

    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    idx_t len = 0;
    gbx__duck_info info = NULL;
    DUCKDB_V2_ERROR code = gbx__duck_lib.logical_type_to_text(type, NULL, 0, &len, &info);
    if (code == DUCKDB_V2_ERROR_NONE) {
        char *room = gbx__buf_reserve(&text, len + 1);
        if (room) code = gbx__duck_lib.logical_type_to_text(type, room, len + 1, &len, &info);
        if (room) text.len = len;
    }
    if (code != DUCKDB_V2_ERROR_NONE) return gbx__duck_error(code, &info, about, err);
    if (text.failed) return GBX_FAIL_NOMEM(err);
    return column(ctx, (gbx__str){name.ptr, name.len}, gbx__buf_view(&text), err);
}

static gbx_status describe_schema(const gbx__duck_about *about, duckdb_v2_schema_handle schema,
                                  gbx__duck_column *column, void *ctx, gbx_error *err)
{
    idx_t n = 0;
    GBX_DUCK_TRY(about, err, gbx__duck_lib.schema_get_count(schema, &n, &info));
    for (idx_t i = 0; i < n; i++) GBX_TRY(describe_field(about, schema, i, column, ctx, err));
    return GBX_OK;
}

/* Binding fails without a place; preparing to run, which runs nothing, fails with one. It also
 * fails for want of values, which is not the failure that we are after. */
static gbx_status describe_failed(gbx__duck_conn *conn, const gbx__duck_stmt *stmt,
                                  const gbx__duck_about *about, gbx_status status, gbx_error *err)
{
    gbx_error placed = {0};
    gbx__duck_info info = NULL;
    duckdb_v2_result_handle result = NULL;
    const DUCKDB_V2_ERROR code =
        gbx__duck_lib.statement_execute(conn->handle, stmt->handle, NULL, NULL, 0, &result, &info);
    if (result) gbx__duck_lib.result_destroy(&result);
    if (code == DUCKDB_V2_ERROR_NONE) return status;
    const bool is_same = gbx__duck_error(code, &info, about, &placed) == status;
    if (is_same && placed.line > 0 && err) *err = placed;
    return status;
}

static gbx_status describe_statement(gbx__duck_conn *conn, const gbx__duck_stmt *stmt,
                                     const gbx__duck_about *about, gbx__duck_column *column,
                                     void *ctx, gbx_error *err)
{
    duckdb_v2_schema_handle schema = NULL;
    gbx__duck_info info = NULL;
    const DUCKDB_V2_ERROR code =
        gbx__duck_lib.statement_bind(conn->handle, stmt->handle, &schema, NULL, &info);
    if (code != DUCKDB_V2_ERROR_NONE)
        return describe_failed(conn, stmt, about, gbx__duck_error(code, &info, about, err), err);
    const gbx_status status = describe_schema(about, schema, column, ctx, err);
    gbx__duck_lib.schema_destroy(&schema);
    return status;
}

gbx_status gbx__duck_describe(gbx__duck_conn *conn, const char *sql, gbx__duck_column *column,
                              void *ctx, gbx_error *err)
{
    const gbx__duck_about about = {.duck = conn->duck, .sql = sql};
    gbx__duck_stmt stmt = {0};
    gbx_status status = gbx__duck_stmt_parse(&stmt, conn, &about, err);
    if (status == GBX_OK) status = describe_statement(conn, &stmt, &about, column, ctx, err);
    gbx__duck_stmt_done(&stmt);
    return status;
}
