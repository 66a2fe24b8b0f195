#include "support/sql.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SQL_BUFFERS 4

static gbx_status sql_import(duck *d, gbx__sql_request *request, const char *text, gbx_plan **plan,
                             gbx_error *err)
{
    gbx__sql_result result = {0};
    request->text = gbx__str_of(text);
    request->conn = d->conn;
    const gbx_status status = gbx__sql_import(request, &result, err);
    if (status != GBX_OK) return status;
    *plan = result.plan;
    if (!result.plan) *err = result.why_not;
    result.plan = NULL;
    gbx__sql_result_done(&result);
    return *plan ? GBX_OK : GBX_UNSUPPORTED;
}

gbx_status sql_status_of(duck *d, gbx__sql_request *request, const char *text, gbx_error *err)
{
    gbx_plan *plan = NULL;
    const gbx_status status = sql_import(d, request, text, &plan, err);
    gbx__plan_unref(plan);
    return status;
}

gbx_status sql_status(duck *d, const char *text, gbx_error *err)
{
    gbx__sql_request request = {.engine_tables = true};
    return sql_status_of(d, &request, text, err);
}

gbx_plan *sql_plan_of(duck *d, gbx__sql_request *request, const char *text)
{
    gbx_plan *plan = NULL;
    gbx_error err = {0};
    const gbx_status status = sql_import(d, request, text, &plan, &err);
    if (status != GBX_OK) fail_msg("%s: %s", text, err.message);
    return plan;
}

gbx_plan *sql_plan(duck *d, const char *text)
{
    gbx__sql_request request = {.engine_tables = true};
    return sql_plan_of(d, &request, text);
}

static const char *sql_keep(gbx__buf *buf)
{
    static char *texts[SQL_BUFFERS];
    static size_t turn;
    char **slot = &texts[turn++ % SQL_BUFFERS];
    assert_false(buf->failed);
    free(*slot);
    *slot = malloc(buf->len + 1);
    memcpy(*slot, buf->len ? buf->data : "", buf->len);
    (*slot)[buf->len] = '\0';
    gbx__buf_done(buf);
    return *slot;
}

const char *sql_tree(const gbx_plan *plan)
{
    gbx__buf buf = {0};
    gbx__plan_print(&buf, plan);
    return sql_keep(&buf);
}

const char *sql_text(const gbx_plan *plan)
{
    const gbx__print_options options = {.dialect = GBX_DIALECT_DUCKDB};
    gbx__buf buf = {0};
    gbx_error err = {0};
    if (gbx__sql_print(plan, &options, &buf, &err) != GBX_OK) fail_msg("%s", err.message);
    return sql_keep(&buf);
}
