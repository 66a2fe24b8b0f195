#include "duck/duck_priv.h"

#include "base/alloc.h"

static const gbx__duck_param *param_find(const gbx__duck_about *about, gbx__str name)
{
    for (size_t i = 0; i < about->n_params; i++) {
        const gbx__str given = about->params[i].name;
        if (given.len != name.len) continue;
        size_t k = 0;
        while (k < name.len && (given.ptr[k] | 32) == (name.ptr[k] | 32)) k++;
        if (k == name.len) return &about->params[i];
    }
    return NULL;
}

static gbx_status value_of(const gbx__duck_conn *conn, const gbx__duck_about *about,
                           const gbx__duck_param *param, duckdb_v2_value_handle *out,
                           gbx_error *err)
{
    if (!param->is_null) {
        const duckdb_v2_str text = gbx__duck_str(param->text.ptr, param->text.len);
        GBX_DUCK_TRY(about, err,
                     gbx__duck_lib.value_create_varchar(conn->factory, &text, out, &info));
        return GBX_OK;
    }
    duckdb_v2_logical_type_handle type = NULL;
    GBX_TRY(gbx__duck_plain_type(conn, DUCKDB_V2_LOGICAL_TYPE_ID_VARCHAR, &type, err));
    gbx__duck_info info = NULL;
    const DUCKDB_V2_ERROR code = gbx__duck_lib.value_create_null(conn->factory, type, out, &info);
    gbx__duck_lib.logical_type_destroy(&type);
    return code == DUCKDB_V2_ERROR_NONE ? GBX_OK : gbx__duck_error(code, &info, about, err);
}

static gbx_status stmt_bind(gbx__duck_stmt *stmt, const gbx__duck_conn *conn,
                            const gbx__duck_about *about, gbx_error *err)
{
    idx_t n = 0;
    GBX_DUCK_TRY(about, err,
                 gbx__duck_lib.sql_statement_get_parameter_count(stmt->handle, &n, &info));
    if (n == 0) return GBX_OK;
    stmt->names = gbx__alloc_zero(n * sizeof(*stmt->names));
    stmt->values = gbx__alloc_zero(n * sizeof(*stmt->values));
    if (!stmt->names || !stmt->values) return GBX_FAIL_NOMEM(err);
    stmt->n_params = n;
    for (idx_t i = 0; i < n; i++) {
        GBX_DUCK_TRY(about, err,
                     gbx__duck_lib.sql_statement_get_parameter_name(stmt->handle, i,
                                                                    &stmt->names[i], &info));
        const gbx__str name = {stmt->names[i].ptr, stmt->names[i].len};
        const gbx__duck_param *param = param_find(about, name);
        if (!param)
            return GBX_FAIL(err, GBX_INVALID, "the query's parameter $%.*s has no value",
                            GBX_STR_ARG(name));
        GBX_TRY(value_of(conn, about, param, &stmt->values[i], err));
    }
    return GBX_OK;
}

/* The one statement of the iterator. */
static gbx_status stmt_take(gbx__duck_stmt *stmt, duckdb_v2_statement_iterator_handle iterator,
                            const gbx__duck_about *about, gbx_error *err)
{
    GBX_DUCK_TRY(about, err, gbx__duck_lib.statement_iterator_next(iterator, &stmt->handle, &info));
    if (!stmt->handle) return GBX_FAIL(err, GBX_PARSE, "the query is empty");
    duckdb_v2_sql_statement_handle second = NULL;
    GBX_DUCK_TRY(about, err, gbx__duck_lib.statement_iterator_next(iterator, &second, &info));
    if (!second) return GBX_OK;
    gbx__duck_lib.sql_statement_destroy(&second);
    return GBX_FAIL(err, GBX_PARSE, "one statement is expected, but there are more");
}

gbx_status gbx__duck_stmt_parse(gbx__duck_stmt *stmt, gbx__duck_conn *conn,
                                const gbx__duck_about *about, gbx_error *err)
{
    duckdb_v2_statement_iterator_handle iterator = NULL;
    GBX_DUCK_TRY(about, err, gbx__duck_lib.parse_sql(conn->handle, about->sql, &iterator, &info));
    const gbx_status status = stmt_take(stmt, iterator, about, err);
    gbx__duck_lib.statement_iterator_destroy(&iterator);
    return status;
}

gbx_status gbx__duck_stmt_init(gbx__duck_stmt *stmt, gbx__duck_conn *conn,
                               const gbx__duck_about *about, gbx_error *err)
{
    GBX_TRY(gbx__duck_stmt_parse(stmt, conn, about, err));
    return stmt_bind(stmt, conn, about, err);
}

void gbx__duck_stmt_done(gbx__duck_stmt *stmt)
{
    for (idx_t i = 0; i < stmt->n_params; i++)
        if (stmt->values[i]) gbx__duck_lib.value_destroy(&stmt->values[i]);
    gbx__alloc_free(stmt->names);
    gbx__alloc_free(stmt->values);
    if (stmt->handle) gbx__duck_lib.sql_statement_destroy(&stmt->handle);
    *stmt = (gbx__duck_stmt){0};
}
