/*
 * What constant expressions are: the binder's optimiser computes them, and its plan is read back.
 */
#include "sql/import_priv.h"

/* More than this is no constant to carry around: range(1000000). */
#define CONSTANTS_JSON_MAX ((size_t)4 << 20)

/* One that the optimiser has not computed would fail, or differs from row to row. */
static bool is_computed(yyjson_val *json)
{
    return gbx__str_is(gbx__json_str(yyjson_obj_get(json, "expression_class")), "BOUND_CONSTANT");
}

static gbx_status constant_copy(gbx__arena *arena, const gbx__expr *from, const gbx__expr **out,
                                gbx_error *err)
{
    gbx__value *value = GBX_ARENA_NEW(arena, gbx__value);
    const gbx__type *type = gbx__type_copy(arena, from->type);
    if (!value || !type) return GBX_FAIL_NOMEM(err);
    GBX_TRY(gbx__value_copy(arena, type, from->value, value, err));
    *out = gbx__expr_const(arena, type, value, GBX_NO_POS);
    return *out ? GBX_OK : GBX_FAIL_NOMEM(err);
}

/* NULL for a type that has no constants in a plan. */
static gbx_status constant_read(gbx__arena *arena, yyjson_val *json, const gbx__expr **out,
                                gbx_error *err)
{
    const gbx__edits no_edits = {0};
    gbx__plan_builder b;
    gbx__plan_builder_init(&b);
    gbx__importer im = {.b = &b, .edits = &no_edits};
    const gbx__expr *expr = gbx__import_expr(&im, json, (gbx__env){0});
    gbx_status status = b.failed == GBX_NOMEM ? GBX_FAIL_NOMEM(err) : GBX_OK;
    if (status == GBX_OK && expr && !b.failed && expr->kind == GBX_EX_CONST)
        status = constant_copy(arena, expr, out, err);
    gbx__plan_builder_done(&b);
    return status;
}

/* {"plans": [{"type": "LOGICAL_PROJECTION", "expressions": […]}]} */
static gbx_status constants_read(gbx__arena *arena, yyjson_val *top, size_t n,
                                 const gbx__expr **out, gbx_error *err)
{
    yyjson_val *plan = yyjson_arr_get_first(yyjson_obj_get(top, "plans"));
    yyjson_val *exprs = yyjson_obj_get(plan, "expressions");
    const gbx__str kind = gbx__json_str(yyjson_obj_get(plan, "type"));
    if (!gbx__str_is(kind, "LOGICAL_PROJECTION") || yyjson_arr_size(exprs) != n) return GBX_OK;
    yyjson_arr_iter iter = yyjson_arr_iter_with(exprs);
    for (size_t i = 0; i < n; i++) {
        yyjson_val *json = yyjson_arr_iter_next(&iter);
        if (is_computed(json)) GBX_TRY(constant_read(arena, json, &out[i], err));
    }
    return GBX_OK;
}

gbx_status gbx__sql_constants(gbx__duck_conn *conn, gbx__arena *arena, size_t n,
                              const gbx__str *texts, const gbx__expr **out, gbx_error *err)
{
    GBX_AUTO(gbx__buf_done) gbx__buf select = {0};
    GBX_AUTO(gbx__buf_done) gbx__buf answer = {0};
    gbx__buf_puts(&select, "SELECT ");
    for (size_t i = 0; i < n; i++) {
        out[i] = NULL;
        if (i > 0) gbx__buf_puts(&select, ", ");
        gbx__buf_str(&select, texts[i]);
    }
    if (n == 0) return GBX_OK;
    if (select.failed) return GBX_FAIL_NOMEM(err);
    const gbx__duck_param param = {GBX_STR("1"), gbx__buf_view(&select), false};
    yyjson_doc *doc = NULL;
    gbx_error unasked = {0}; /* what the engine says of a text that nobody wrote */
    gbx_status status = gbx__duck_text(conn, "SELECT json_serialize_plan($1, optimize := true)", 1,
                                       &param, &answer, NULL, &unasked);
    if (status == GBX_OK && answer.len <= CONSTANTS_JSON_MAX)
        status = gbx__json_read(answer.data, answer.len, GBX_JSON_INF_NAN, &doc, &unasked);
    if (doc) {
        status = constants_read(arena, yyjson_doc_get_root(doc), n, out, err);
        gbx__json_free(doc);
        return status;
    }
    if (status != GBX_NOMEM && status != GBX_CANCELLED) return GBX_OK;
    if (err) *err = unasked;
    return status;
}

/* --- of a plan -------------------------------------------------------------------------------- */

static gbx_status print_each(gbx__sql_exprs *printer, gbx__arena *arena, size_t n,
                             const gbx__expr *const *exprs, gbx__str *texts, gbx_error *err)
{
    for (size_t i = 0; i < n; i++) {
        GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
        const gbx_status status = gbx__sql_exprs_print(printer, exprs[i], &text, err);
        if (status == GBX_UNSUPPORTED)
            gbx__buf_puts(&text, "random()"); /* anything that is no constant */
        else if (status != GBX_OK)
            return status;
        texts[i] = gbx__arena_str(arena, gbx__buf_view(&text));
        if (text.failed || !texts[i].ptr) return GBX_FAIL_NOMEM(err);
    }
    return GBX_OK;
}

/* One statement, so that now() is the same everywhere; its own value comes last. */
gbx_status gbx__sql_compute(gbx__duck_conn *conn, const gbx_plan *plan, gbx__arena *arena, size_t n,
                            const gbx__expr *const *exprs, const gbx__expr **out, int64_t *now_us,
                            gbx_error *err)
{
    gbx__sql_exprs *printer = NULL;
    gbx__str *texts = GBX_ARENA_ARRAY(arena, n + 1, gbx__str);
    const gbx__expr **all = GBX_ARENA_ARRAY(arena, n + 1, const gbx__expr *);
    if (!texts || !all) return GBX_FAIL_NOMEM(err);
    GBX_TRY(gbx__sql_exprs_open(plan, GBX_DIALECT_DUCKDB, &printer, err));
    const gbx_status status = print_each(printer, arena, n, exprs, texts, err);
    gbx__sql_exprs_close(printer);
    if (status != GBX_OK) return status;
    texts[n] = GBX_STR("now()");
    GBX_TRY(gbx__sql_constants(conn, arena, n + 1, texts, all, err));
    for (size_t i = 0; i < n; i++) out[i] = all[i];
    if (all[n]) *now_us = all[n]->value->i64;
    return GBX_OK;
}
