/*
 * What DuckDB can run: every function of the plan has its bit, and the dialect has words for the
 * rest.
 */
#include "engine/duckdb/duckdb_priv.h"

#include "sql/sql.h"

typedef struct function_search {
    const gbx__function *missing;
    gbx__pos pos;
} function_search;

static bool function_is_known(const gbx__function *function)
{
    return !function || (function->engines & GBX_ENGINE_BIT_DUCKDB) != 0;
}

static bool search_expr(const gbx__expr *expr, void *ctx)
{
    function_search *search = ctx;
    if (function_is_known(expr->fn)) return true;
    search->missing = expr->fn;
    search->pos = expr->pos;
    return false;
}

static bool search_root(const gbx__expr *expr, void *ctx)
{
    return gbx__expr_walk(expr, search_expr, ctx);
}

static bool search_node(const gbx__node *node, void *ctx)
{
    function_search *search = ctx;
    if (node->kind == GBX_NODE_TABLE_FN && !function_is_known(node->table_fn.fn)) {
        search->missing = node->table_fn.fn;
        search->pos = node->pos;
        return false;
    }
    return gbx__node_exprs(node, search_root, ctx);
}

static gbx_status capability_print(const gbx__engine *engine, const gbx_plan *plan, bool pretty,
                                   gbx__buf *out, gbx_error *err)
{
    const gbx__print_options options = {.dialect = GBX_DIALECT_DUCKDB,
                                        .pretty = pretty,
                                        .csv_buffer_bytes = engine->csv_buffer_bytes};
    return gbx__sql_print(plan, &options, out, err);
}

gbx_status gbx__duckdb_can(gbx__engine *engine, const gbx_plan *plan, gbx_error *err)
{
    function_search search = {.pos = GBX_NO_POS};
    gbx__plan_walk(plan->root, search_node, &search);
    if (search.missing) {
        gbx__error_set(err, GBX_UNSUPPORTED, "DuckDB does not give the agreed answer for %s",
                       search.missing->name);
        if (search.pos.offset >= 0)
            gbx__error_locate(err, plan->text.ptr, plan->text.len, (size_t)search.pos.offset);
        return GBX_UNSUPPORTED;
    }
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    return capability_print(engine, plan, false, &text, err);
}

gbx_status gbx__duckdb_show(gbx__engine *engine, const gbx_plan *plan, gbx__buf *out,
                            gbx_error *err)
{
    return capability_print(engine, plan, true, out, err);
}
